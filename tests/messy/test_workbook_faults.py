"""Catalogue X, and of B what a sheet can have: the table exactly as it was before the fault, or the refusal."""

import importlib.util
import io
from pathlib import Path

import pytest
import python_calamine

from clinpred.errors import ClinpredError
from clinpred.records.read import read_export
from clinpred.records.sources.workbook import read_workbook
from clinpred.settings.export import Reading

_SPEC = importlib.util.spec_from_file_location("workbooks", Path(__file__).with_name("workbooks.py"))
workbooks = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(workbooks)

SEEDS = (3, 1789)
CASES = [pytest.param(name, seed, id=f"{name}-{seed}") for name in workbooks.FAULTS for seed in SEEDS]


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_a_workbook_is_read_exactly_or_refused_by_its_code(name, seed, tmp_path):
    fault = workbooks.FAULTS[name](workbooks.clean_table(seed))
    reading = Reading(**fault.reading)
    if fault.refused:
        path = tmp_path / fault.file_name
        path.write_bytes(fault.content)
        with pytest.raises(ClinpredError) as refusal:
            read_export(path, reading)
        assert (refusal.value.code, refusal.value.exit_code) == (fault.refused, fault.exit_code), str(refusal.value)
        assert fault.said in str(refusal.value)
        return
    table = read_workbook(fault.content, fault.file_name, reading)
    assert list(table.names) == fault.names
    assert [list(row) for row in zip(*table.columns, strict=True)] == fault.rows
    assert (len(table.places), table.places[0]) == (len(fault.rows), fault.first_place)
    assert table.place_word == "row"
    assert dict(table.units) == fault.units
    assert {finding.code for finding in table.findings} == set(fault.codes)


def test_every_row_of_the_catalogue_of_workbooks_has_a_fault():
    assert {f"x{row:02d}" for row in range(1, 12)} <= {name[:3] for name in workbooks.FAULTS}


@pytest.mark.parametrize("kind", ["xlsx", "xls", "xlsb", "ods"])
def test_no_cell_of_a_refused_workbook_is_told(kind, tmp_path):
    table = workbooks.clean_table(11)
    rows = table.replaced("ward", lambda row, value: "seen elsewhere" if row == 9 else value)
    rows[20] = ["canary note about one patient"]
    content = getattr(workbooks, kind)(rows)
    with pytest.raises(ClinpredError) as refusal:
        read_workbook(content, f"export.{kind}")
    assert refusal.value.code == "E-RAGGED"
    assert "row 22" in str(refusal.value)
    assert "canary" not in str(refusal.value)


@pytest.mark.parametrize("seed", SEEDS)
def test_another_reader_finds_the_same_in_the_binary_workbook_made_here(seed):
    table = workbooks.clean_table(seed)
    content = workbooks.xlsb(table.rows)
    by_calamine = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert by_calamine == [workbooks.NAMES, *table.rows]


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_calamine_finds_the_same_values(kind):
    table = workbooks.clean_table(5)
    content = getattr(workbooks, kind)(table.rows)
    by_calamine = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert by_calamine == [workbooks.NAMES, *table.rows]
    read = read_workbook(content, f"export.{kind}")
    assert [list(row) for row in zip(*read.columns, strict=True)] == table.texts


def test_binary_workbooks_count_from_1904_where_they_say_so():
    table = workbooks.clean_table(5)
    read = read_workbook(workbooks.xlsb(table.rows, epoch_1904=True), "export.xlsb")
    assert [list(row) for row in zip(*read.columns, strict=True)] == table.texts


@pytest.mark.parametrize("name", ["x06_hidden_rows_and_columns", "x06_filter"])
def test_what_is_hidden_is_counted(name):
    table = workbooks.clean_table(5)
    fault = workbooks.FAULTS[name](table)
    (finding,) = read_workbook(fault.content, fault.file_name).findings
    hidden = sum(row[2] != "f" for row in table.rows) if name == "x06_filter" else 4
    assert finding.count == hidden
    assert ("a filter is active" in finding.text) == (name == "x06_filter")
