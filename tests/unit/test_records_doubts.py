"""What could be misread in silence is read right, refused or named: blanks, headers, years, shortened ids, codes."""

import pytest

from clinpred.cli.terminal import printable
from clinpred.errors import InputRefused
from clinpred.records.read import read_export
from clinpred.settings.export import Reading

SODIUM = [str(120 + row % 33) for row in range(66)]


def export_of(tmp_path, lines, **reading):
    path = tmp_path / "export.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_export(path, Reading(**reading))


def column_of(tmp_path, cells, name="lab", **reading):
    rows = [f"{row},{cell},{'fm'[row % 2]}" for row, cell in enumerate(cells, start=5)]
    return export_of(tmp_path, [f"row,{name},sex", *rows], **reading)


def findings(export, code):
    return [(one.level, one.count) for one in export.findings if one.code == code]


def refused(tmp_path, lines, **reading):
    with pytest.raises(InputRefused) as refusal:
        export_of(tmp_path, lines, **reading)
    return refusal.value


def test_what_r_writes_by_default_is_parted_by_its_blanks(tmp_path):
    lines = ['"pid" "sex" "age"', *(f'"{row}" "p {row}" "f" {40 + row}' for row in range(1, 21))]
    export = export_of(tmp_path, lines)
    assert list(export.table.columns) == ["pid", "sex", "age"]
    assert export.table["age"].tolist() == [40 + row for row in range(1, 21)]
    assert export.table["pid"].tolist()[0] == "p 1"


def test_a_mark_that_parts_nothing_is_refused_where_another_would(tmp_path):
    lines = ["age,sex", *(f"{40 + row},f" for row in range(20))]
    assert refused(tmp_path, lines, delimiter=";").code == "E-DELIMITER"
    assert list(export_of(tmp_path, ["ward", "B2", "Süd, alt"] + ["C 3"] * 9, delimiter=";").table.columns) == ["ward"]


@pytest.mark.parametrize(("name", "mark"), [("tab", "\t"), ("\\t", "\t"), ("blank", " "), ("Comma", ","), (";", ";")])
def test_a_delimiter_may_be_called_by_its_name(name, mark):
    assert Reading(delimiter=name).delimiter == mark


def test_one_column_of_words_is_one_column(tmp_path):
    export = export_of(tmp_path, ["drug", *("aspirin twice", "none", "heparin") * 5])
    assert export.table.shape == (15, 1)


def test_commas_that_nothing_shows_to_be_thousands_are_a_caution(tmp_path):
    cells = [f'"{1 + row % 9},{100 + row}"' for row in range(20)]
    assert findings(column_of(tmp_path, cells), "W-THOUSANDS") == [("caution", 20)]
    assert findings(column_of(tmp_path, cells, decimal="point"), "W-THOUSANDS") == [("note", 20)]


def test_a_first_line_of_a_patients_words_is_no_header(tmp_path):
    rows = [f"P{1000 + row},{'fm'[row % 2]},{('B2', 'C3')[row % 2]},{('yes', 'no')[row // 2 % 2]}" for row in range(40)]
    assert refused(tmp_path, rows).code == "E-NO-HEADER"
    codes = [f"P{1000 + row},w{row * row}" for row in range(20)]
    assert refused(tmp_path, codes).code == "E-NO-HEADER"


def test_a_column_named_like_one_of_its_values_is_a_header(tmp_path):
    rows = [f"{('smoker', 'non-smoker')[row % 2]},{'fm'[row % 2]},{40 + row % 9}" for row in range(20)]
    assert export_of(tmp_path, ["smoker,sex,age", *rows]).table.shape == (20, 3)


def test_a_year_among_dates_is_no_day_of_excel(tmp_path):
    with pytest.raises(InputRefused, match="a year alone") as refusal:
        column_of(tmp_path, ["2023", *("2022-03-24",) * 20], name="admit_date")
    assert (refusal.value.code, "--excel-dates" in str(refusal.value)) == ("E-DATE", False)
    export = column_of(tmp_path, ["2023", *("2022-03-24",) * 20], name="admit_date", missing={"admit_date": ("2023",)})
    assert export.types["admit_date"] == "date"


def test_the_line_under_the_names_of_a_markdown_table_is_no_patient(tmp_path):
    rows = [f"| {row} | {'fm'[row % 2]} |" for row in range(20)]
    export = export_of(tmp_path, ["| age | sex |", "|---:|:---|", *rows])
    assert (export.table.shape, export.types["age"]) == ((20, 2), "number")
    assert findings(export, "W-PREAMBLE") == [("note", 1)]


@pytest.mark.parametrize(
    ("name", "cell", "fires"), [("mrn", "4.5{}E+11", 1), ("mrn", "4{}E03", 0), ("rate", "2.{}E+11", 0)]
)
def test_ids_that_excel_shortened_are_serious(tmp_path, name, cell, fires):
    export = column_of(tmp_path, [cell.format(row) for row in range(10, 30)], name=name)
    assert findings(export, "W-ID-DIGITS") == [("serious", 20)] * fires


@pytest.mark.parametrize("cell", ["${}.5", "{}-", "{}y", "{} Zq", "2023-08-{} 02:30:00 CET"])
def test_numbers_with_one_text_beside_them_are_named(tmp_path, cell):
    export = column_of(tmp_path, [cell.format(row) for row in range(10, 30)])
    assert findings(export, "W-TEXT-COLUMN") == [("caution", None)]


@pytest.mark.parametrize("cell", ["A{}", "{}.1.2b", "00{}-A", "5-{}.0"])
def test_codes_with_letters_are_not_taken_for_numbers_with_a_text(tmp_path, cell):
    assert findings(column_of(tmp_path, [cell.format(row) for row in range(10, 30)]), "W-TEXT-COLUMN") == []


def test_the_date_times_of_sas_are_dates(tmp_path):
    export = column_of(tmp_path, ["06AUG2023:08:30:00", "07APR2022:00:00:00"] * 9)
    assert export.table["lab"].tolist()[:2] == ["2023-08-06T08:30:00", "2022-04-07T00:00:00"]


def test_a_unit_on_some_values_only_is_a_caution_that_counts_the_others(tmp_path):
    export = column_of(tmp_path, [f"{row} mg/dL" if row % 3 else f"{row}" for row in range(30)])
    (found,) = [one for one in export.findings if one.code == "W-UNIT-TEXT"]
    assert (found.level, found.count, "10 values without a unit" in found.text) == ("caution", 20, True)


def test_a_laboratorys_flags_are_no_units(tmp_path):
    with pytest.raises(InputRefused, match="flag") as refusal:
        column_of(tmp_path, ["147 H", "129 L", *SODIUM])
    assert "into a column of their own" in str(refusal.value)


@pytest.mark.parametrize("code", ["-1", "0", "777123"])
def test_a_number_far_from_all_others_may_stand_for_missing(tmp_path, code):
    export = column_of(tmp_path, [code, code, *SODIUM])
    assert findings(export, "W-SENTINEL") == [("caution", 2)]
    assert "777123" not in "".join(one.text + one.advice for one in export.findings)


@pytest.mark.parametrize("cells", [[str(row % 12) for row in range(60)], [str(row % 2) for row in range(60)]])
def test_zeros_of_counts_and_of_answers_are_honest(tmp_path, cells):
    assert findings(column_of(tmp_path, cells), "W-SENTINEL") == []


def test_what_sas_and_excel_write_for_missing_is_missing(tmp_path):
    of_sas = column_of(tmp_path, [".", ".A", "._", ".z", *SODIUM])
    assert (of_sas.types["lab"], findings(of_sas, "W-NA-SPELLING")) == ("number", [("note", 4)])
    of_excel = column_of(tmp_path, ["#N/A", "#DIV/0!", "#REF!", *SODIUM])
    assert (of_excel.types["lab"], findings(of_excel, "W-NA-SPELLING")) == ("number", [("caution", 3)])


def test_cells_too_narrow_for_their_value_are_refused(tmp_path):
    with pytest.raises(InputRefused, match="widen the column") as refusal:
        column_of(tmp_path, ["########", *SODIUM])
    assert refusal.value.code == "E-NUMBER"
    assert column_of(tmp_path, ["########", *("well", "ill") * 9]).types["lab"] == "category"


def test_a_line_break_in_a_name_is_shown_and_not_made():
    assert printable("column `a\nb` is odd\nto fix: `c`") == "column `a\\nb` is odd\nto fix: `c`"
