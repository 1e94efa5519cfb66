"""A situation: an export, a study or a call that makes a code appear, beside the nearest one in which it does not."""

import importlib.util
import io
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from clinpred.cli import main
from clinpred.errors import ClinpredError
from clinpred.records.findings import Finding
from clinpred.records.read import read_export
from clinpred.settings.export import Database, Reading
from clinpred.settings.study import study_from
from clinpred.study.audited import Asked, audit
from clinpred.study.check import check_export

_MESSY = Path(__file__).parents[1] / "messy"
_SAID_BY_A_COMMAND = re.compile(r"\[([BEMPRSW]-[A-Z0-9-]+)\]")

Said = Finding | ClinpredError | str
"""What was said: a finding, a refusal, or of a command the code alone."""


@dataclass(frozen=True)
class Place:
    """Where a situation happens: a folder of its own, and what stands in for the system's calls."""

    folder: Path
    patch: pytest.MonkeyPatch

    def file(self, content, name="export.csv"):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


@dataclass(frozen=True)
class Situation:
    """What is done with the fault, and the same without it; each returns all that was said."""

    fault: Callable[[Place], list[Said]]
    clean: Callable[[Place], list[Said]]


def code_of(said):
    return said if isinstance(said, str) else said.code


def heard(call: Callable[[], Iterable[Finding] | object]) -> list[Said]:
    """Return the findings that a call returns, or the refusal that it ends in."""
    try:
        returned = call()
    except ClinpredError as refusal:
        return [refusal]
    return [one for one in returned if isinstance(one, Finding)] if isinstance(returned, Iterable) else []


def called(with_fault: Callable[[], object], without: Callable[[], object]) -> Situation:
    """Return the situation of two calls that need no place."""
    return Situation(lambda _place: heard(with_fault), lambda _place: heard(without))


def read(content, name="export.csv", **reading):
    """Return a way to read a file, which returns what was said."""

    def by(place):
        return heard(lambda: read_export(place.file(content, name), Reading(**reading)).findings)

    return by


def read_database(url, **what):
    return heard(lambda: read_export(Database(url=url, **what)).findings)


def csv_of(columns):
    text = io.StringIO()
    pd.DataFrame(columns).to_csv(text, index=False)
    return text.getvalue()


def checked(columns, **asked):
    """Return a way to check an export without a study."""

    def by(place):
        path = place.file(csv_of(columns))
        return heard(lambda: check_export(path, Asked.model_validate(asked)).findings)

    return by


def audited(columns, **changes):
    """Return a way to audit an export for a study of `died`, and assemble its cohort."""
    study = study_from({"outcome": {"column": "died"}} | changes, source="study.toml")

    def by(place):
        path = place.file(columns if isinstance(columns, str) else csv_of(columns))
        return heard(lambda: audit(path, study).findings)

    return by


def command(*arguments):
    """Return a way to run a command in the place's folder; of what it says, the codes are heard."""

    def by(place):
        place.patch.chdir(place.folder)
        ended = CliRunner().invoke(main, [str(argument) for argument in arguments])
        return _SAID_BY_A_COMMAND.findall(ended.stderr)

    return by


def after(prepare, way):
    """Return a way that prepares the place first."""

    def by(place):
        prepare(place)
        return way(place)

    return by


def patients(n=240, seed=7):
    """Return columns of an honest export: an id, three predictors, and an outcome that they tell a little of."""
    rng = np.random.default_rng(seed)
    age, sodium = rng.normal(60, 9, n).round(1), rng.normal(140, 4, n).round(1)
    ward = rng.choice(np.array(["north", "south", "east"], dtype=object), n)
    died = (rng.random(n) < 1 / (1 + np.exp(1 - 0.06 * (age - 60) + 0.1 * (sodium - 140)))).astype(int)
    return {"pid": np.arange(1001, 1001 + n), "age": age, "sodium": sodium, "ward": ward, "died": died}


BASE = patients()
KNOWN = {"roles": {"patient": "pid"}}


def with_columns(**others):
    return {**BASE, **others}


def without(*names):
    return {name: values for name, values in BASE.items() if name not in names}


def some(column, value, rows=(3,)):
    """Return the column with some of its cells replaced."""
    cells = np.array(BASE[column], dtype=object)
    cells[list(rows)] = value
    return cells


def generator(name):
    """Return a module of tests/messy that makes faulty exports; those of values register with ``values``."""
    known = f"messy_{name}"
    spec = importlib.util.spec_from_file_location(known, _MESSY / f"{name}.py")
    module = sys.modules[known] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
