"""Catalogue A and B, row by row: the table exactly as it was before the fault, or the refusal that names it."""

import importlib.util
from pathlib import Path

import pytest

from clinpred.errors import ClinpredError
from clinpred.records.read import read_export
from clinpred.records.text.delimited import read_delimited
from clinpred.settings.export import Reading

_SPEC = importlib.util.spec_from_file_location("faults", Path(__file__).with_name("faults.py"))
faults = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(faults)

SEEDS = (3, 1789)
CASES = [pytest.param(name, seed, id=f"{name}-{seed}") for name in faults.FAULTS for seed in SEEDS]


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_a_fault_is_read_exactly_or_refused_by_its_code(name, seed, tmp_path):
    fault = faults.FAULTS[name](faults.clean_table(seed))
    reading = Reading(**fault.reading)
    if fault.refused:
        path = tmp_path / fault.file_name
        path.write_bytes(fault.content)
        with pytest.raises(ClinpredError) as refusal:
            read_export(path, reading)
        assert (refusal.value.code, refusal.value.exit_code) == (fault.refused, fault.exit_code)
        assert fault.said in str(refusal.value)
        return
    table = read_delimited(fault.content, fault.file_name, reading)
    assert list(table.names) == fault.names
    assert [list(row) for row in zip(*table.columns, strict=True)] == fault.rows
    assert len(table.places) == len(fault.rows)
    assert dict(table.units) == fault.units
    assert {finding.code for finding in table.findings} >= set(fault.codes)
    if not fault.codes:
        assert table.findings == ()


def test_every_row_of_the_catalogue_has_a_fault():
    rows = {*(f"a{row:02d}" for row in range(1, 16)), *(f"b{row:02d}" for row in range(1, 28))}
    assert rows - {name[:3] for name in faults.FAULTS} == {"b26"}, "the same file given twice needs two files"


@pytest.mark.parametrize("fault", ["b14_preamble", "b15_rows_affected", "b16_repeated_header", "b27_blank_lines"])
def test_every_row_keeps_the_line_it_stood_on(fault):
    made = faults.FAULTS[fault](faults.clean_table(5))
    lines = made.content.decode().split("\n")
    table = read_delimited(made.content, "export.csv")
    assert [lines[line - 1] for line in table.places] == [",".join(row) for row in made.rows]


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n" + b"1," * 5_000_000,
        b"a,b\n1," + b'"' * 999_999 + b"x" * 9_000_000,
        b"a,b\n" + b'1,"x\n' * 300_000,
        b"a,b\n1,2\n\n" + b"x" * 1_000_000 + b"\n",
        b"a,b\n1,<" + b" " * 900_000 + b"x\n2\n",
    ],
    ids=["one long line", "a million quotes", "many open quotes", "a long word", "many blanks"],
)
def test_hostile_text_is_answered_in_linear_time(content):
    with pytest.raises(ClinpredError) as refusal:
        read_delimited(content, "export.csv")
    assert refusal.value.exit_code == 3
