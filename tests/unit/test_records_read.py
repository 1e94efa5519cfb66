"""What the reader reads exactly, and what it notices; what it refuses stands in tests/messages."""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from clinpred.errors import InputRefused, WrongUsage
from clinpred.records.read import read_export

SUPPORT2 = Path(__file__).parents[2] / "sample_data" / "support2.csv"


def written(tmp_path, content, name="visits.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def codes(export):
    return [finding.code for finding in export.findings]


def column_type(tmp_path, *values):
    return read_export(written(tmp_path, "\n".join(["x,y", *(f"{value},1" for value in values)]))).types["x"]


def test_numbers_are_floats_and_text_is_text_with_none_where_missing(tmp_path):
    export = read_export(written(tmp_path, "age,sex\n61.5,male\n,\n-3e2,female\n"))
    np.testing.assert_array_equal(export.table["age"].to_numpy(), [61.5, np.nan, -300.0])
    assert export.table["age"].dtype == np.float64
    assert export.table["sex"].tolist() == ["male", None, "female"]
    assert dict(export.types) == {"age": "number", "sex": "category"}
    assert codes(export) == []


def test_the_name_has_no_folder_and_the_hash_is_of_the_bytes(tmp_path):
    content = b"a,b\n1,2\n"
    export = read_export(written(tmp_path, content))
    assert export.name == "visits.csv"
    assert export.sha256 == hashlib.sha256(content).hexdigest()


def test_support2_reads_as_pandas_reads_it():
    export = read_export(SUPPORT2)
    pd.testing.assert_frame_equal(
        export.table,
        pd.read_csv(SUPPORT2, skipinitialspace=True).astype(export.table.dtypes),
        check_exact=True,
    )
    assert export.table.shape == (9105, 48)
    assert codes(export) == ["W-STRIP"]
    assert export.sha256 in (SUPPORT2.parent / "README.md").read_text(encoding="utf-8")


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    assert list(read_export(written(tmp_path, b"\xef\xbb\xbfid,x\n1,2\n")).types) == ["id", "x"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read_with_or_without_a_last_one(tmp_path, newline):
    for end in ("", newline):
        content = newline.join(["a,b", "1,x", "2,y"]) + end
        assert read_export(written(tmp_path, content)).table["b"].tolist() == ["x", "y"]


def test_quoted_cells_keep_commas_quotes_and_line_breaks(tmp_path):
    export = read_export(written(tmp_path, 'a,b,c\n1,"x, ""y""",p\n2,"one\ntwo",q\n'))
    assert export.table["b"].tolist() == ['x, "y"', "one\ntwo"]
    assert codes(export) == []


def test_an_inch_mark_inside_a_cell_is_a_character(tmp_path):
    assert read_export(written(tmp_path, 'a,b\n1,5"\n2,6" tall\n')).table["b"].tolist() == ['5"', '6" tall']


def test_blanks_before_a_quoted_cell_do_not_break_it_in_two(tmp_path):
    export = read_export(written(tmp_path, 'a, b\n1, "x, y"\n2, """z"""\n3, ""\n'))
    assert export.table["b"].tolist() == ["x, y", '"z"', None]
    assert codes(export) == ["W-STRIP"]


def test_outer_blanks_are_removed_from_names_and_cells_and_counted(tmp_path):
    export = read_export(written(tmp_path, "a , b\n 1,x \n2,  \n"))
    assert list(export.types) == ["a", "b"]
    assert export.table["b"].tolist() == ["x", None]
    assert [(finding.code, finding.count) for finding in export.findings] == [("W-STRIP", 5)]


def test_blank_lines_are_passed_over_and_counted(tmp_path):
    export = read_export(written(tmp_path, "a,b\n\n1,2\n   \n3,4\n\n"))
    assert len(export.table) == 2
    assert [(finding.code, finding.count) for finding in export.findings] == [("W-BLANK", 3)]


def test_a_first_column_without_a_name_that_numbers_the_rows_is_set_aside_and_counted(tmp_path):
    export = read_export(written(tmp_path, ",a,b\n0,1,2\n1,3,4\n"))
    assert list(export.types) == ["a", "b"]
    assert [(finding.code, finding.count) for finding in export.findings] == [("W-INDEX-COL", 1)]


def test_words_for_missing_are_missing_among_numbers_and_words_among_words(tmp_path):
    rows = ["1,NA", "NA,x", "n/a,NA", "null,", "None,y", ".,x", "nan,x", "2,x"]
    export = read_export(written(tmp_path, "\n".join(["sodium,code", *rows])))
    assert export.table["sodium"].isna().sum() == 6
    assert export.table["code"].tolist() == ["NA", "x", "NA", None, "y", "x", "x", "x"]
    finding = export.findings[0]
    assert (finding.code, finding.column, finding.count) == ("W-NA-SPELLING", "sodium", 6)
    assert finding.text.endswith("(. 1, N/A 1, NA 1, NaN 1, None 1, null 1)")
    assert [(kept.code, kept.column) for kept in export.findings[1:]] == [("W-NA-CATEGORY", "code")]


def test_the_text_of_a_column_stays_as_it_was_written(tmp_path):
    export = read_export(written(tmp_path, "lab,x\n1.50,1\n1e+03,2\nNA,3\n"))
    assert export.types["lab"] == "number"
    assert export.text("lab").tolist() == ["1.50", "1e+03", "NA"]
    assert export.label("lab").tolist() == ["1.50", "1e+03", ""]
    assert export.missing("lab").tolist() == [False, False, True]


@pytest.mark.parametrize("value", ["0", "-1", "+2.5", ".5", "5.", "1e-3", "2.500000e-01", "1E+05", "123456789012345"])
def test_plain_decimal_numbers_are_numbers(tmp_path, value):
    assert column_type(tmp_path, value, "1") == "number"


@pytest.mark.parametrize("value", ["1,5", "٣", "−5", "1 000", "80 mmHg"])
def test_numbers_written_otherwise_are_numbers(tmp_path, value):
    assert column_type(tmp_path, f'"{value}"', "1") == "number"


@pytest.mark.parametrize(("value", "code"), [("4_5", "E-NUMBER"), ("--1", "E-NUMBER"), ("<4.0", "E-CENSORED")])
def test_what_may_be_a_number_is_refused_among_numbers(tmp_path, value, code):
    with pytest.raises(InputRefused) as refusal:
        column_type(tmp_path, value, "1")
    assert refusal.value.code == code


@pytest.mark.parametrize("value", ["007", "0x1f", "12E03", "1.2.3", "1e", "9007199254740993"])
def test_what_is_no_plain_number_makes_its_column_a_category(tmp_path, value):
    assert column_type(tmp_path, f'"{value}"', "1") == "category"


def test_words_in_the_last_rows_are_missing_up_to_one_in_a_hundred_and_make_a_category_above(tmp_path):
    assert column_type(tmp_path, *range(99), "haemolysed") == "number"
    assert column_type(tmp_path, *range(98), "haemolysed") == "category"


def test_iso_dates_and_others_are_dates_and_parts_of_dates_are_text(tmp_path):
    assert column_type(tmp_path, "2023-02-28", "", "2024-02-29") == "date"
    assert column_type(tmp_path, "2023-02-28T10:30:00Z", "2023-02-28T10:30:00+01:00") == "date"
    assert column_type(tmp_path, "2023-02-28", "2023-02-28 10:30") == "date"
    assert column_type(tmp_path, "28/02/2023", "") == "date"
    assert column_type(tmp_path, "2023-02-28", "unknown") == "date"
    assert column_type(tmp_path, "2023-02-28", "2023-02") == "category"


def test_a_column_without_any_value_is_empty(tmp_path):
    export = read_export(written(tmp_path, "a,b\n,1\n,2\n"))
    assert export.types["a"] == "empty"
    assert export.table["a"].isna().all()


def test_parquet_and_csv_of_one_table_read_alike(tmp_path):
    table = pd.DataFrame(
        {
            "id": ["001", "002", "003"],
            "age": [61.25, np.nan, 1e-7],
            "n": [1, 2, 3],
            "sex": ["m", None, "f"],
            "admitted": ["2023-01-02", "2023-01-03", "2023-01-04"],
        }
    )
    table.to_csv(tmp_path / "a.csv", index=False)
    table.to_parquet(tmp_path / "a.parquet")
    from_csv, from_parquet = read_export(tmp_path / "a.csv"), read_export(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(from_csv.table, from_parquet.table, check_exact=True)
    assert from_csv.types == from_parquet.types


def test_parquet_types_are_read_exactly(tmp_path):
    path = tmp_path / "a.parquet"
    table = {
        "big": pa.array([9007199254740993, 1]),
        "whole": pa.array([3, None]),
        "fixed": pa.array([Decimal("1.50"), None]),
        "yes": pa.array([True, False]),
        "day": pa.array([date(2023, 1, 2), None]),
        "time": pa.array([datetime(2023, 1, 2, 3, 4, 5), None]),
        "level": pa.array(["a", "b"]).dictionary_encode(),
        "__index_level_0__": pa.array([7, 8]),
    }
    parquet.write_table(pa.table(table), path)
    export = read_export(path)
    assert dict(export.types) == {
        "big": "category",
        "whole": "number",
        "fixed": "number",
        "yes": "category",
        "day": "date",
        "time": "date",
        "level": "category",
    }
    assert export.text("big").tolist() == ["9007199254740993", "1"]
    assert export.table["whole"].iloc[0] == 3.0
    assert codes(export) == ["W-UNNAMED", "W-TEXT-COLUMN"]


def test_nested_and_cut_parquet_is_refused(tmp_path):
    nested = tmp_path / "nested.parquet"
    parquet.write_table(pa.table({"a": [[1, 2], [3]]}), nested)
    cut = written(tmp_path, b"PAR1 and nothing more", "cut.parquet")
    for path, code in ((nested, "E-FORMAT"), (cut, "E-TRUNCATED")):
        with pytest.raises(InputRefused) as refusal:
            read_export(path)
        assert refusal.value.code == code


def test_a_folder_is_no_export(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(WrongUsage) as refusal:
        read_export(tmp_path / "folder.csv")
    assert refusal.value.code == "E-NOT-FILE"


def test_an_ending_in_capitals_is_the_same_ending(tmp_path):
    assert len(read_export(written(tmp_path, "a,b\n1,2\n", "VISITS.CSV")).table) == 1


def test_two_line_breaks_in_a_note_are_no_swallowed_lines(tmp_path):
    export = read_export(written(tmp_path, 'a,note,b\n1,"first\nsecond, third\nfourth",2\n'))
    assert export.table["note"].tolist() == ["first\nsecond, third\nfourth"]
