"""Columns of invented identifiers are refused, whatever they are called; what only looks like one is not."""

import csv
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from clinpred.errors import PrivacyRefused
from clinpred.records.audit.identity import find_identifiers, settle_identity
from clinpred.records.read import read_export
from clinpred.settings.export import Reading
from clinpred.settings.privacy import Privacy

_SPEC = importlib.util.spec_from_file_location("messy_identifiers", Path(__file__).parent / "identifiers.py")
identifiers = sys.modules["messy_identifiers"] = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(identifiers)

N_ROWS = 48
SEEDS = (1, 2, 3)
READING = Reading(date_order="dmy")


def export_of(columns, folder):
    path = folder / "visits.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([list(columns), *zip(*columns.values(), strict=True)])
    return read_export(path, READING)


def drawn(kind, seed):
    rng = np.random.default_rng(seed)
    return [identifiers.MARKED[kind].draw(rng) for _ in range(N_ROWS)]


def codes_of(column, values, folder):
    lactate = [f"{1 + row / 7:.1f}" for row in range(N_ROWS)]
    found = find_identifiers(export_of({"lactate": lactate, column: values}, folder))
    assert {suspect.column for suspect in found} <= {column}
    return {suspect.code for suspect in found}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", list(identifiers.MARKED))
def test_an_identifier_is_found_under_each_of_its_names(kind, seed, tmp_path):
    marked = identifiers.MARKED[kind]
    for name in marked.names:
        assert marked.code in codes_of(name, drawn(kind, seed), tmp_path), name


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", [kind for kind, marked in identifiers.MARKED.items() if marked.by_values])
def test_an_identifier_is_found_in_a_column_whose_name_says_nothing(kind, seed, tmp_path):
    assert identifiers.MARKED[kind].code in codes_of("item_7", drawn(kind, seed), tmp_path)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", list(identifiers.LOOK_ALIKES))
def test_what_only_looks_like_an_identifier_is_none(name, seed, tmp_path):
    rng = np.random.default_rng(seed)
    values = [identifiers.LOOK_ALIKES[name](rng, row) for row in range(N_ROWS)]
    assert codes_of(name, values, tmp_path) == set()


@pytest.mark.parametrize("kind", list(identifiers.MARKED))
def test_a_refusal_holds_no_value(kind, tmp_path):
    marked, values = identifiers.MARKED[kind], drawn(kind, 4)
    export = export_of({"ward": ["a", "b"] * (N_ROWS // 2), marked.names[0]: values}, tmp_path)
    with pytest.raises(PrivacyRefused) as refused:
        settle_identity(export, Privacy())
    said = str(refused.value)
    assert refused.value.exit_code == 6
    assert [value for value in values if len(value) > 3 and value in said] == []
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("kind", list(identifiers.MARKED))
def test_what_is_dropped_or_allowed_is_refused_no_more(kind, tmp_path):
    name = identifiers.MARKED[kind].names[0]
    export = export_of({"ward": ["a", "b"] * (N_ROWS // 2), name: drawn(kind, 5)}, tmp_path)
    dropped, _ = settle_identity(export, Privacy(drop=(name,)))
    allowed, _ = settle_identity(export, Privacy(allow={name: "the ethics board agreed"}))
    assert list(dropped.types) == list(dropped.table) == list(dropped.texts) == ["ward"]
    assert list(allowed.types) == ["ward", name]


def test_the_order_of_rows_changes_nothing(tmp_path):
    columns = {kind: drawn(kind, 6) for kind in ("whole_name", "nhs_number", "email_in_notes", "postcode_british")}
    turned = {kind: values[::-1] for kind, values in columns.items()}
    assert find_identifiers(export_of(columns, tmp_path)) == find_identifiers(export_of(turned, tmp_path))
