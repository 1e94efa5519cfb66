"""Every row of the catalogue of values: the right column, or the right refusal; never something else in silence."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from clinpred.errors import InputRefused
from clinpred.records.canonical import canonical_table
from clinpred.records.read import read_export
from clinpred.settings.export import Reading


def _generator(name):
    """Return a generator's module; the other two register their faults with the first."""
    spec = importlib.util.spec_from_file_location(f"messy_{name}", Path(__file__).parent / f"{name}.py")
    module = sys.modules[f"messy_{name}"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


values, _, date_values = (_generator(name) for name in ("values", "number_values", "date_values"))

SEEDS = (1, 2, 3)


def column_of(table, name):
    at = table[0].index(name)
    return [row[at] for row in table[1:]]


def alike(found, expected, kind):
    """Return whether the texts are the same; numbers may be written in a shorter way."""
    if kind == "number":
        return [cell and float(cell) for cell in found] == [cell and float(cell) for cell in expected]
    return found == expected


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", list(values.FAULTS))
def test_a_fault_gives_the_right_column_or_the_right_refusal(name, seed, tmp_path):
    rng = np.random.default_rng(seed)
    made = values.FAULTS[name](rng)
    path = values.write_export(made, tmp_path, rng)
    if made.expected is None:
        with pytest.raises(InputRefused) as refusal:
            read_export(path)
        assert refusal.value.code == made.code
        assert f"column `{made.column}`" in refusal.value.found
        return
    export = read_export(path)
    assert export.types[made.column] == made.type
    assert alike(column_of(canonical_table(export), made.column), made.expected, made.type)
    assert export.text(made.column).tolist() == made.cells
    assert made.decisions.items() <= export.decisions.get(made.column, {}).items()
    codes = {finding.code for finding in export.findings if finding.column == made.column}
    # thousands kept apart by points come with a decimal comma
    assert codes - {"W-DECIMAL"} == {made.code} - {"", "W-DECIMAL"}
    assert made.code in {"", *codes}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "name", [name for name, make in values.FAULTS.items() if make(np.random.default_rng(1)).settled]
)
def test_the_option_that_a_refusal_names_settles_it(name, seed, tmp_path):
    rng = np.random.default_rng(seed)
    made = values.FAULTS[name](rng)
    options, expected = made.settled
    export = read_export(values.write_export(made, tmp_path, rng), Reading(**options))
    assert alike(column_of(canonical_table(export), made.column), expected, export.types[made.column])
    assert made.column in export.decisions


def test_every_row_of_the_catalogue_of_values_has_its_fault():
    rows = {name.split()[0] for name in values.FAULTS}
    # constant columns and free text are left to the cohort, the order of dates to the audit
    assert rows == {f"C{row}" for row in range(1, 24)} | {f"D{row}" for row in range(1, 9)}


def test_clean_columns_raise_no_finding(tmp_path):
    rng = np.random.default_rng(4)
    for cells in (
        values.one_decimal(rng),
        date_values.iso(date_values.days(rng)),
        ["I10", "E11.9", "N18.3"] * 20,
        ["<=20", "20-50", ">50"] * 20,
        [str(n) for n in range(60)],
        ["1.0", "1.5", "2.0"] * 20,
    ):
        export = read_export(values.write_export(values.Fault(cells, ""), tmp_path, rng))
        assert export.findings == ()
        assert export.decisions == {} or "date" in export.types.values()


def test_births_are_never_later_than_the_export_s_other_dates(tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text("dob;seen\n23.05.45;2023-05-07\n01.02.07;2022-05-07\n", encoding="utf-8")
    export = read_export(path)
    assert export.table["dob"].tolist() == ["1945-05-23", "2007-02-01"]
    assert export.decisions["dob"]["two_digit_years"] == "1924 to 2023"


def test_the_file_s_other_numbers_settle_a_mark_that_can_be_read_either_way(tmp_path):
    path = tmp_path / "visits.csv"
    for shown, expected in (("5,5", 1234.0), ("5.5", 1.234)):
        path.write_text(f"other;lab\n{shown};1.234\n{shown};2.345\n", encoding="utf-8")
        assert read_export(path).table["lab"].iloc[0] == expected


def test_a_decimal_comma_beside_decimal_points_and_commas_between_cells_is_asked(tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text('other,lab\n5.5,"1,2"\n6.5,"2,1"\n', encoding="utf-8")
    with pytest.raises(InputRefused) as refusal:
        read_export(path)
    assert refusal.value.code == "E-DECIMAL-AMBIGUOUS"
    assert read_export(path, Reading(decimal="comma")).table["lab"].tolist() == [1.2, 2.1]


def test_an_answer_beside_no_and_yes_is_no_missing_value(tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text("died,lab\n" + "0,1\n1,2\n" * 300 + "unknown,unknown\n0,3\n", encoding="utf-8")
    export = read_export(path)
    assert export.types == {"died": "category", "lab": "number"}


def test_an_option_for_a_column_that_is_not_there_is_refused(tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text("sodium,x\n1,2\n", encoding="utf-8")
    with pytest.raises(InputRefused) as refusal:
        read_export(path, Reading(missing={"sodum": ("9",)}))
    assert refusal.value.code == "E-MISSING-COLUMN"
    assert "nearest: `sodium`" in refusal.value.found
