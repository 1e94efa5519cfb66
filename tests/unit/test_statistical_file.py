"""Files of SAS, SPSS and Stata: values, labels, formats and missing values as they hold them, or a refusal."""

import ctypes
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from clinpred.errors import InputRefused, ResourceRefused
from clinpred.records.read import read_export
from clinpred.records.sources import statistical_file
from clinpred.records.sources.clock_formats import clock_kind, clock_texts
from clinpred.records.sources.statistical_file import read_statistical_file

CANARY = "CANARY7319"


def table(n=30):
    """Return n patients, one number missing."""
    rng = np.random.default_rng(3)
    found = pd.DataFrame(
        {
            "AGE": rng.normal(60, 10, n),
            "SEX": rng.integers(1, 3, n).astype(float),
            "SITE": [f"clinic {row % 7} {CANARY}" for row in range(n)],
            "LAB": [0.1 * row for row in range(n)],
        }
    )
    found.loc[3, "AGE"] = np.nan
    return found


def sas7bdat(variables, rows):
    """Return a .sas7bdat file, through functions that pyreadstat's library has and pyreadstat does not offer.

    ``variables``: name, width (0 for numbers), format and label of each. A text among numbers is the letter of a kind
    of missing value.
    """
    library = ctypes.CDLL(str(next(Path(pyreadstat.__file__).parent.glob("_readstat_writer*.so"))))
    content = bytearray()
    to_content = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)(
        lambda data, size, _: content.extend(ctypes.string_at(data, size)) or size
    )
    library.readstat_writer_init.restype = library.readstat_add_variable.restype = ctypes.c_void_p
    writer = ctypes.c_void_p(library.readstat_writer_init())
    library.readstat_set_data_writer(writer, to_content)
    columns = []
    for name, width, shown_as, label in variables:
        kind, size = ctypes.c_int(0 if width else 5), ctypes.c_size_t(width or 8)
        column = ctypes.c_void_p(library.readstat_add_variable(writer, name.encode(), kind, size))
        library.readstat_variable_set_format(column, shown_as.encode())
        library.readstat_variable_set_label(column, label.encode())
        columns.append((column, width))
    faults = [library.readstat_begin_writing_sas7bdat(writer, None, ctypes.c_long(len(rows)))]
    for row in rows:
        faults.append(library.readstat_begin_row(writer))
        for (column, width), value in zip(columns, row, strict=True):
            if value is None:
                faults.append(library.readstat_insert_missing_value(writer, column))
            elif width:
                faults.append(library.readstat_insert_string_value(writer, column, value.encode()))
            elif isinstance(value, str):
                letter = ctypes.c_char(value.encode())
                faults.append(library.readstat_insert_tagged_missing_value(writer, column, letter))
            else:
                faults.append(library.readstat_insert_double_value(writer, column, ctypes.c_double(value)))
        faults.append(library.readstat_end_row(writer))
    faults.append(library.readstat_end_writing(writer))
    library.readstat_writer_free(writer)
    assert not any(faults)
    return bytes(content)


def as_sas7bdat(frame):
    variables = [(name, 0 if frame[name].dtype.kind == "f" else 30, "", "") for name in frame]
    return sas7bdat(variables, frame.astype(object).where(frame.notna(), None).values.tolist())


def written(write, tmp_path, frame, **options):
    path = tmp_path / "written"
    write(frame, path, **options)
    return path.read_bytes()


LABELS = {"variable_value_labels": {"SEX": {1.0: "male", 2.0: "female"}}}
WRITERS = {
    "v5.xpt": (pyreadstat.write_xport, {"file_format_version": 5}),
    "v8.xpt": (pyreadstat.write_xport, {"file_format_version": 8}),
    "plain.sav": (pyreadstat.write_sav, LABELS),
    "rows.sav": (pyreadstat.write_sav, LABELS | {"row_compress": True}),
    "whole.zsav": (pyreadstat.write_sav, LABELS | {"compress": True}),
    "portable.por": (pyreadstat.write_por, {}),
    "stata8.dta": (pyreadstat.write_dta, LABELS | {"version": 8}),
    "stata12.dta": (pyreadstat.write_dta, LABELS | {"version": 12}),
    "stata13.dta": (pyreadstat.write_dta, LABELS | {"version": 13}),
    "stata15.dta": (pyreadstat.write_dta, LABELS | {"version": 15}),
}
KINDS = [*WRITERS, "sas.sas7bdat"]


def file_of(kind, tmp_path, frame):
    if kind == "sas.sas7bdat":
        return as_sas7bdat(frame)
    write, options = WRITERS[kind]
    return written(write, tmp_path, frame, **options)


def cells(read):
    return dict(zip(read.names, map(list, read.columns), strict=True))


def codes(read):
    return [(found.code, found.level) for found in read.findings]


def refusal(content, name):
    with pytest.raises(InputRefused) as raised:
        read_statistical_file(content, name)
    assert CANARY not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    return raised.value


def outcome(content, name):
    """Return the cells and what is said of them as one text, or the code of the refusal."""
    try:
        read = read_statistical_file(content, name)
    except InputRefused as fault:
        return "shows a value" if CANARY in str(fault) else fault.code
    return repr((cells(read), read.described))


@pytest.mark.parametrize("kind", KINDS)
def test_rows_columns_and_numbers_are_those_of_the_file(tmp_path, kind):
    frame = table()
    read = read_statistical_file(file_of(kind, tmp_path, frame), kind)
    found = cells(read)
    assert list(found) == list(frame)
    for name in ("AGE", "LAB"):
        np.testing.assert_array_equal([float(cell or "nan") for cell in found[name]], frame[name])
        assert all(cell == "" or repr(float(cell)).removesuffix(".0") == cell for cell in found[name])
    assert found["SITE"] == frame["SITE"].tolist()
    assert (read.places, read.place_word) == (range(1, 31), "row")
    labelled = kind.endswith(("sav", "dta"))
    sexes = ["male", "female"] if labelled else ["1", "2"]
    assert found["SEX"] == [sexes[int(code) - 1] for code in frame["SEX"]]
    assert codes(read) == ([("W-VALUE-LABELS", "note")] if labelled else [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_anywhere_is_refused_and_never_read_in_part(tmp_path, kind):
    content = file_of(kind, tmp_path, table(12))
    whole = outcome(content, kind)
    for end in [*range(0, len(content), max(1, len(content) // 150)), len(content) - 1]:
        assert outcome(content[:end], kind) in {whole, "E-TRUNCATED", "E-FORMAT"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "rows.sav"])
def test_a_file_without_its_last_bytes_is_called_cut(tmp_path, kind):
    content = file_of(kind, tmp_path, table())
    assert refusal(content[: len(content) * 3 // 4], kind).code == "E-TRUNCATED"


def test_a_compressed_file_whose_rows_end_early_is_called_damaged_or_cut(tmp_path):
    content = file_of("rows.sav", tmp_path, table())
    fault = refusal(content[: len(content) * 3 // 4], "rows.sav")
    assert fault.code == "E-FORMAT"
    assert "damaged or cut" in fault.found


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_another_kind_is_refused_whatever_its_name_says(kind):
    for content in (b"age,sex\n61,1\n", b"\x00" * 5000, b"PK\x03\x04" + b"x" * 900):
        assert refusal(content, kind).code in {"E-FORMAT", "E-TRUNCATED"}


def test_a_refusal_says_what_to_do_and_nothing_of_the_library(tmp_path):
    content = file_of("plain.sav", tmp_path, table())
    assert str(refusal(content[:-9], "cut.sav")) == (
        "cut.sav: ends before all of its rows and labels are there [E-TRUNCATED]\n"
        "expected: a whole file\n"
        "to fix: copy or export it again"
    )
    assert refusal(content, "renamed.dta").found == "renamed.dta: not a file of Stata, whatever its name says"


def test_the_extra_that_is_missing_is_named(tmp_path, monkeypatch):
    content = file_of("plain.sav", tmp_path, table())
    monkeypatch.setitem(sys.modules, "pyreadstat._readstat_parser", None)
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    fault = refusal(content, "x.sav")
    assert (fault.code, fault.to_fix) == ("E-EXTRA", "pip install 'clinpred[statfiles]'")


def test_the_way_of_every_export_ends_in_the_same_types(tmp_path):
    path = tmp_path / "patients.sav"
    pyreadstat.write_sav(table(), path, variable_value_labels={"SEX": {1.0: "01", 2.0: "02"}})
    export = read_export(path)
    assert dict(export.types) == {"AGE": "number", "SEX": "category", "SITE": "category", "LAB": "number"}
    assert export.described["SEX"].levels == ("01", "02")
    assert export.table["AGE"].isna().sum() == 1


def test_a_file_without_rows_is_refused_as_such(tmp_path):
    path = tmp_path / "none.sav"
    pyreadstat.write_sav(table(1).iloc[:0], path)
    with pytest.raises(InputRefused) as raised:
        read_export(path)
    assert raised.value.code == "E-NO-ROWS"


def test_labels_of_columns_go_into_their_descriptions(tmp_path):
    content = written(pyreadstat.write_dta, tmp_path, table(), column_labels={"AGE": "Age at admission, years"})
    assert read_statistical_file(content, "x.dta").described["AGE"].label == "Age at admission, years"


def test_texts_lose_their_padding_and_empty_ones_are_missing(tmp_path):
    long = "word " * 900
    frame = pd.DataFrame({"x": ["  a", "b  ", "", "Zürich ", long]})
    for write, name in ((pyreadstat.write_sav, "x.sav"), (pyreadstat.write_dta, "x.dta")):
        read = read_statistical_file(written(write, tmp_path, frame), name)
        assert cells(read)["x"] == ["a", "b", "", "Zürich", long.strip()]


def test_numbers_of_single_precision_are_their_shortest_texts(tmp_path):
    frame = pd.DataFrame({"x": np.array([0.1, 5.35, 16777216, np.nan, 1e-10, -0.0], dtype="float32")})
    frame.to_stata(tmp_path / "x.dta", write_index=False)
    read = read_statistical_file((tmp_path / "x.dta").read_bytes(), "x.dta")
    assert cells(read)["x"] == ["0.1", "5.35", "16777216", "", "1e-10", "0"]
    assert codes(read) == [("W-SINGLE-PRECISION", "note")]


def test_whole_numbers_have_no_decimals_and_large_ones_keep_their_digits(tmp_path):
    frame = pd.DataFrame({"x": [1.0, -2.0, 9007199254740991.0, 1e22]})
    read = read_statistical_file(written(pyreadstat.write_sav, tmp_path, frame), "x.sav")
    assert cells(read)["x"] == ["1", "-2", "9007199254740991", "1e+22"]


def labelled(tmp_path, values, labels, **options):
    content = written(
        pyreadstat.write_sav, tmp_path, pd.DataFrame({"x": values}), variable_value_labels={"x": labels}, **options
    )
    return read_statistical_file(content, "x.sav")


def test_codes_that_all_have_labels_become_a_category_in_the_order_of_the_codes(tmp_path):
    read = labelled(tmp_path, [2.0, 1.0, np.nan, 2.0], {3.0: "other", 2.0: "male ", 1.0: "female"})
    assert cells(read)["x"] == ["male", "female", "", "male"]
    assert read.described["x"].type == "category"
    assert read.described["x"].levels == ("female", "male", "other")
    assert codes(read) == [("W-VALUE-LABELS", "note")]
    assert "`x`: codes read as their 3 labels" in read.findings[0].text


def test_texts_that_all_have_labels_become_a_category_too(tmp_path):
    read = labelled(tmp_path, ["m", "f", ""], {"m": "male", "f": "female"})
    assert cells(read)["x"] == ["male", "female", ""]
    assert read.described["x"].levels == ("female", "male")


def test_labels_on_some_values_leave_the_numbers(tmp_path):
    read = labelled(tmp_path, [1.0, 2.0, 5.0], {1.0: "never", 5.0: "always"})
    assert cells(read)["x"] == ["1", "2", "5"]
    assert (read.described["x"].type, read.described["x"].levels) == ("number", ())
    assert codes(read) == [("W-VALUE-LABELS", "note")]


def test_a_label_that_says_missing_decides_nothing_and_is_reported(tmp_path):
    read = labelled(tmp_path, [140.5, 999.0, 138.2, 999.0], {999.0: "Not done"})
    assert cells(read)["x"] == ["140.5", "999", "138.2", "999"]
    assert codes(read) == [("W-VALUE-LABELS", "caution")]
    assert "in 2 cells" in read.findings[0].text
    assert "--missing x=" in read.findings[0].advice


def test_two_codes_with_one_label_are_never_merged(tmp_path):
    read = labelled(tmp_path, [1.0, 2.0, 3.0], {1.0: "yes", 2.0: "no", 3.0: "yes "})
    assert cells(read)["x"] == ["1", "2", "3"]
    assert codes(read) == [("W-VALUE-LABELS", "caution")]
    unused = labelled(tmp_path, [1.0, 2.0], {1.0: "yes", 2.0: "no", 8.0: "unknown", 9.0: "unknown"})
    assert unused.described["x"].levels == ("yes", "no", "unknown")


def test_labels_that_only_repeat_their_codes_leave_the_numbers(tmp_path):
    read = labelled(tmp_path, [0.0, 2.0, 1.0], {0.0: "0", 1.0: "1", 2.0: "2", 3.0: "worst pain"})
    assert cells(read)["x"] == ["0", "2", "1"]
    assert (read.described["x"].type, codes(read)) == ("number", [])


def test_labels_that_the_file_names_and_does_not_hold_are_reported(tmp_path):
    content = written(pyreadstat.write_dta, tmp_path, table(5), **LABELS, version=12)
    cut = (
        content[: content.rindex(b"SEX") - 4] if b"labels" not in content else content[: content.rindex(b"labels") - 4]
    )
    read = read_statistical_file(cut, "x.dta")
    assert codes(read) == [("W-VALUE-LABELS", "caution")]
    assert "not in the file" in read.findings[0].text


def test_ranges_that_spss_declares_missing_are_missing_and_counted(tmp_path):
    read = labelled(
        tmp_path,
        [1.0, 2.0, 97.0, 99.0, -1.0, np.nan],
        {1.0: "no", 2.0: "yes", 97.0: "refused", -1.0: "skipped"},
        missing_ranges={"x": [{"lo": 90.0, "hi": 99.0}, -1.0]},
    )
    assert cells(read)["x"] == ["no", "yes", "", "", "", ""]
    assert read.described["x"].levels == ("no", "yes")
    assert codes(read) == [("W-USER-MISSING", "note"), ("W-VALUE-LABELS", "note")]
    assert "(-1: 1, 90 to 99: 2)" in read.findings[0].text
    assert read.findings[0].count == 3


def test_texts_that_spss_declares_missing_are_missing(tmp_path):
    content = written(
        pyreadstat.write_sav, tmp_path, pd.DataFrame({"x": ["a", "none", "b"]}), missing_ranges={"x": ["none"]}
    )
    read = read_statistical_file(content, "x.sav")
    assert cells(read)["x"] == ["a", "", "b"]
    assert codes(read) == [("W-USER-MISSING", "note")]


def test_lettered_missing_values_of_stata_and_sas_are_missing_and_counted(tmp_path):
    stata = written(
        pyreadstat.write_dta,
        tmp_path,
        pd.DataFrame({"x": [1.5, "a", np.nan, "z", "a"]}),
        missing_user_values={"x": ["a", "z"]},
        variable_value_labels={"x": {"a": "refused"}},
    )
    read = read_statistical_file(stata, "x.dta")
    assert cells(read)["x"] == ["1.5", "", "", "", ""]
    assert [found.code for found in read.findings] == ["W-USER-MISSING"]
    assert "(.a: 2, .z: 1)" in read.findings[0].text
    transport = written(pyreadstat.write_xport, tmp_path, pd.DataFrame({"X": [1.5, 2.5, np.nan]}))
    at = transport.index(b"OBSV8") + 60
    marked = read_statistical_file(transport[:at] + b"_" + bytes(7) + transport[at + 8 :], "x.xpt")
    assert cells(marked)["X"] == ["", "2.5", ""]
    assert "(._: 1)" in marked.findings[0].text
    own = read_statistical_file(sas7bdat([("x", 0, "", "Sodium")], [(1.5,), ("A",), (None,), ("_",)]), "x.sas7bdat")
    assert cells(own)["x"] == ["1.5", "", "", ""]
    assert own.described["x"].label == "Sodium"
    assert "(.A: 1, ._: 1)" in own.findings[0].text


DAY = "2023-05-07"
MOMENT = "2023-05-07T14:30:05"


def days_since(epoch):
    return (pd.Timestamp(DAY) - pd.Timestamp(epoch)).days


def seconds_since_1582():
    return (pd.Timestamp(DAY).to_julian_date() - 2299159.5) * 86400


def test_dates_and_times_of_spss_are_read_by_their_formats(tmp_path):
    day = seconds_since_1582()
    frame = pd.DataFrame(
        {"d": [day, np.nan], "m": [day, 0.0], "t": [day + 52205, 0.5], "c": [52205.0, 97200.5], "n": [11.0, 1.0]}
    )
    shown = {"d": "DATE11", "m": "MOYR8", "t": "DATETIME20", "c": "TIME8", "n": "MONTH"}
    read = read_statistical_file(written(pyreadstat.write_sav, tmp_path, frame, variable_format=shown), "x.sav")
    assert cells(read) == {
        "d": [DAY, ""],
        "m": [DAY, "1582-10-14"],
        "t": [MOMENT, "1582-10-14T00:00:00.5"],
        "c": ["14:30:05", "27:00:00.5"],
        "n": ["11", "1"],
    }
    assert [read.described[name].type for name in "dmtcn"] == ["date", "date", "date", None, "number"]


def test_dates_and_times_of_stata_are_read_by_their_formats(tmp_path):
    day = days_since("1960-01-01")
    frame = pd.DataFrame(
        {
            "d": [day, -1.0],
            "own": [day, np.nan],
            "t": [(day * 86400 + 52205) * 1000.0, 250.0],
            "c": [52205000.0, 0.0],
            "m": [760.0, 1.0],
        }
    )
    shown = {"d": "%td", "own": "%tdDD/NN/CCYY", "t": "%tc", "c": "%tcHH:MM:SS", "m": "%tm"}
    read = read_statistical_file(written(pyreadstat.write_dta, tmp_path, frame, variable_format=shown), "x.dta")
    assert cells(read) == {
        "d": [DAY, "1959-12-31"],
        "own": [DAY, ""],
        "t": [MOMENT, "1960-01-01T00:00:00.25"],
        "c": ["14:30:05", "00:00:00"],
        "m": ["760", "1"],
    }
    assert [(found.code, found.column) for found in read.findings] == [("W-PERIODS", "m")]


@pytest.mark.parametrize("kind", ["x.xpt", "x.sas7bdat"])
def test_dates_and_times_of_sas_are_read_by_their_formats(tmp_path, kind):
    day = days_since("1960-01-01")
    rows = [(day, day, day * 86400 + 52205.0, 52205.0, 1.0), (None, -1.0, 0.25, 0.0, 2.0)]
    shown = {"D": "DATE9", "Y": "YYMMDD10", "T": "DATETIME20", "C": "TIME8", "N": "BEST12"}
    if kind == "x.xpt":
        frame = pd.DataFrame(rows, columns=list(shown), dtype=float)
        content = written(pyreadstat.write_xport, tmp_path, frame, variable_format=shown)
    else:
        content = sas7bdat([(name, 0, each, "") for name, each in shown.items()], rows)
    assert cells(read_statistical_file(content, kind)) == {
        "D": [DAY, ""],
        "Y": [DAY, "1959-12-31"],
        "T": [MOMENT, "1960-01-01T00:00:00.25"],
        "C": ["14:30:05", "00:00:00"],
        "N": ["1", "2"],
    }


@pytest.mark.parametrize(
    ("shown_as", "program", "kind"),
    [
        ("E8601DA", "SAS", "day"),
        ("DTDATE9", "SAS", "moment"),
        ("MONYY7", "SAS", "day"),
        ("TOD8", "SAS", "time"),
        ("$CHAR8", "SAS", "none"),
        ("DATASET", "SAS", "none"),
        ("JDATE8", "SPSS", "day"),
        ("DTIME12.2", "SPSS", "time"),
        ("F8.2", "SPSS", "none"),
        ("WKDAY9", "SPSS", "none"),
        ("%d", "Stata", "day"),
        ("%-tdDD_Mon_CCYY", "Stata", "day"),
        ("%9.0g", "Stata", "none"),
        ("%tcDD/NN/CCYY_HH:MM", "Stata", "moment"),
        ("%tC", "Stata", "leap seconds"),
        ("%tq", "Stata", "period"),
        (None, "Stata", "none"),
    ],
)
def test_a_format_says_what_its_numbers_are(shown_as, program, kind):
    assert clock_kind(shown_as, program) == kind


def test_part_of_a_day_under_a_date_is_not_lost():
    assert clock_texts([0.5], "day", "SAS") == ["1960-01-01T12:00:00"]
    assert clock_texts([86400.0 + 1], "day", "SPSS") == ["1582-10-15T00:00:01"]


def test_a_date_beyond_the_calendar_is_refused_by_column_and_count(tmp_path):
    frame = pd.DataFrame({"died": [1.0, 9e6, -9e6]})
    content = written(pyreadstat.write_dta, tmp_path, frame, variable_format={"died": "%td"})
    fault = refusal(content, "x.dta")
    assert fault.code == "E-DATE"
    assert "column `died` has 2 values" in fault.found


def test_times_with_leap_seconds_are_refused(tmp_path):
    content = written(pyreadstat.write_dta, tmp_path, pd.DataFrame({"t": [1e12]}), variable_format={"t": "%tC"})
    fault = refusal(content, "x.dta")
    assert fault.code == "E-FORMAT"
    assert "leap seconds" in fault.found


def test_a_transport_file_of_two_tables_is_refused(tmp_path):
    content = written(pyreadstat.write_xport, tmp_path, table(5))
    members = content[content.index(b"HEADER RECORD*******MEMBV8") :]
    assert re.search("holds 2 tables", refusal(content + members, "x.xpt").found)


def test_a_transport_file_of_fewer_rows_than_it_states_is_refused(tmp_path):
    content = written(pyreadstat.write_xport, tmp_path, pd.DataFrame({"X": np.arange(40.0)}))
    assert refusal(content[:-80], "x.xpt").code == "E-TRUNCATED"


def test_text_of_a_transport_file_that_is_not_utf_8_is_read_as_windows_1252_and_said_so(tmp_path):
    content = written(pyreadstat.write_xport, tmp_path, pd.DataFrame({"S": ["Zürich", "Orléans", "Bern"]}))
    read = read_statistical_file(content.replace("ü".encode(), b"\xfc ").replace("é".encode(), b"\xe9 "), "x.xpt")
    assert [cell.replace(" ", "") for cell in cells(read)["S"]] == ["Zürich", "Orléans", "Bern"]
    assert codes(read) == [("W-ENC-GUESS", "caution")]


def test_two_columns_of_one_name_are_refused(tmp_path):
    content = written(pyreadstat.write_xport, tmp_path, table(5), file_format_version=5)
    assert refusal(content.replace(b"LAB     ", b"AGE     "), "x.xpt").code == "E-DUP-HEADER"


def test_a_file_that_states_more_rows_than_it_can_hold_is_refused_before_memory_is_taken(tmp_path):
    content = written(pyreadstat.write_sav, tmp_path, table())
    assert content[80:84] == (30).to_bytes(4, "little")
    with pytest.raises(ResourceRefused) as raised:
        read_statistical_file(content[:80] + (10**8).to_bytes(4, "little") + content[84:], "x.sav")
    assert raised.value.code == "R-BOMB"


def test_an_spss_file_whose_lists_do_not_hang_together_is_refused(tmp_path):
    content = written(pyreadstat.write_sav, tmp_path, table(), **LABELS)
    width, named = content.index(b"AGE") - 20, content.index(b"\x04\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00") + 8
    for at, wrong in ((width, 2), (width + 18, 1), (width, 20), (width + 1, 1), (named, 200), (named, 0)):
        assert refusal(content[:at] + bytes([wrong]) + content[at + 1 :], "x.sav").code == "E-FORMAT"
    assert refusal(content.replace(b"AGE ", b"    ").replace(b"AGE=AGE", b"XGE=AGE"), "x.sav").code == "E-FORMAT"


def test_a_stata_file_from_before_version_8_is_refused():
    assert "before version 8" in refusal(bytes([110]) + bytes(5000), "x.dta").found


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_files_that_pandas_writes_for_stata_read_as_they_were(tmp_path, version):
    frame = pd.DataFrame(
        {
            "small": np.array([1, -2, 3], dtype="int8"),
            "day": pd.to_datetime(["2023-05-07", None, "1950-01-01"]),
            "grade": pd.Categorical(["low", "high", "low"], categories=["low", "high"], ordered=True),
            "text": ["a", "", "ß"],
        }
    )
    frame.to_stata(tmp_path / "x.dta", write_index=False, version=version, convert_dates={"day": "td"})
    read = read_statistical_file((tmp_path / "x.dta").read_bytes(), "x.dta")
    assert cells(read) == {
        "small": ["1", "-2", "3"],
        "day": ["2023-05-07", "", "1950-01-01"],
        "grade": ["low", "high", "low"],
        "text": ["a", "", "ß"],
    }
    assert read.described["grade"].levels == ("low", "high")


def test_nothing_is_written_while_a_file_is_read(tmp_path, monkeypatch):
    content = file_of("plain.sav", tmp_path, table())
    monkeypatch.setattr(Path, "open", None)
    monkeypatch.setattr("builtins.open", None)
    assert statistical_file.read_statistical_file(content, "x.sav").names == tuple(table())
