"""Every code of the catalogue appears where its fault is, and not in the nearest export or call without the fault."""

import html
import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from clinpred.cli import main
from clinpred.codes import codes
from clinpred.errors import ClinpredError
from clinpred.records.findings import Finding

ROOMS = (
    "reading",
    "cells",
    "sources",
    "projects",
    "identity",
    "cohort",
    "commands",
    "measures",
    "models",
    "runs",
    "bundles",
    "resources",
)


def _module(name):
    spec = importlib.util.spec_from_file_location(f"codes_{name}", Path(__file__).with_name(f"{name}.py"))
    module = sys.modules[f"codes_{name}"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


situations = _module("situations")
NAMED = [(code, one) for room in map(_module, ROOMS) for code, one in room.FIRES.items()]
FIRES = dict(NAMED)
NOTICED = ("W-BLANK", "W-ID-COLUMN", "W-NA-SPELLING", "W-SENTINEL", "W-STRIP")
CATALOGUE = {one.code: one for one in codes()}


@pytest.fixture
def said(tmp_path, monkeypatch):
    """Return a function that makes a situation happen, and returns all that was said."""

    def of(way, name):
        folder = tmp_path / name
        folder.mkdir()
        with monkeypatch.context() as patch:
            return way(situations.Place(folder, patch))

    return of


@pytest.mark.parametrize("code", list(FIRES))
def test_a_code_fires_where_its_fault_is_and_not_without_it(code, said):
    with_fault = said(FIRES[code].fault, "fault")
    without = said(FIRES[code].clean, "clean")
    assert code in set(map(situations.code_of, with_fault))
    assert code not in set(map(situations.code_of, without))
    assert [one for one in without if isinstance(one, ClinpredError)] == []
    for one in [*with_fault, *without]:
        _keeps_the_contract(one)


def test_every_code_of_the_catalogue_has_its_situation():
    assert set(FIRES) == set(CATALOGUE)
    assert len(NAMED) == len(FIRES)


def _keeps_the_contract(one):
    assert situations.code_of(one) in CATALOGUE
    if isinstance(one, Finding):
        assert one.level in {"note", "caution", "serious"}
        assert all(part and part == part.strip() for part in (one.text, one.advice))
        assert one.column is None or f"`{one.column}`" in one.text
        assert one.count is None or one.count > 0
    if isinstance(one, ClinpredError):
        assert one.exit_code in CATALOGUE[one.code].exits
        assert all(part and part == part.strip() for part in (one.found, one.expected, one.to_fix))


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """Return a run, and what `check` says, of an export of which several things are noticed."""
    folder = tmp_path_factory.mktemp("several")
    columns = situations.patients(400)
    lines = situations.csv_of(
        columns
        | {
            "sodium": ["999" if row % 40 == 0 else f"{value}" for row, value in enumerate(columns["sodium"])],
            "crp": ["n/a" if row % 50 == 0 else f" {row % 17 + 0.5}" for row in range(400)],
            "case_id": range(1, 401),
        }
    ).splitlines()
    export = folder / "export.csv"
    export.write_text("\n".join([*lines[:9], "", *lines[9:], ""]), encoding="utf-8")
    asked = ("--outcome", "died", "--patient-id", "pid")
    checked = CliRunner().invoke(main, ["check", str(export), *asked])
    fast = ("--models", "prevalence,logistic_ridge", "--out", str(folder / "run"))
    ran = CliRunner().invoke(main, ["run", str(export), *asked, *fast])
    return folder / "run", checked, ran


def _record(folder, name):
    return json.loads((folder / name).read_text(encoding="utf-8"))["findings"]


def test_a_run_writes_the_same_findings_to_its_record_its_results_and_its_report(several):
    folder, _, ran = several
    assert ran.exit_code == 0, ran.stderr
    findings = _record(folder, "results.json")
    assert findings == _record(folder, "run.json")
    assert set(NOTICED) <= {finding["code"] for finding in findings}
    assert {"code", "level", "text", "advice", "count", "column"} == set.intersection(*map(set, findings))
    page = html.unescape((folder / "report.html").read_text(encoding="utf-8"))
    words = " ".join(re.sub(r"<[^>]*>", "", page).split()).casefold()
    for finding in findings:
        assert finding["code"].casefold() in words
        assert finding["text"].replace("`", "").casefold() in words
        assert finding["advice"].replace("`", "").casefold() in words.replace("`", "")


def test_check_says_each_finding_about_the_export_on_stderr_with_its_code(several):
    folder, checked, _ = several
    assert (checked.exit_code, checked.stdout) == (0, "")
    said = checked.stderr.splitlines()
    of_the_export = [finding for finding in _record(folder, "results.json") if finding["code"] in NOTICED]
    assert len(of_the_export) >= len(NOTICED)
    for finding in of_the_export:
        assert f"{finding['level']}: {finding['text']} [{finding['code']}]" in said


def test_a_run_says_the_cautions_and_counts_the_notes(several):
    folder, _, ran = several
    findings = _record(folder, "results.json")
    for finding in findings:
        line = f"{finding['level']}: {finding['text']} [{finding['code']}]"
        assert (line in ran.stderr.splitlines()) == (finding["level"] != "note")
    notes = sum(finding["level"] == "note" for finding in findings)
    assert f"{notes} notes in the report" in ran.stderr
