"""Parquet files: every type exactly, or refused by the column's name."""

import io
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from clinpred.errors import InputRefused, ResourceRefused
from clinpred.records.sources import parquet as source
from clinpred.records.sources.parquet import read_parquet

CANARY = "CANARY7319"


def written(table, **options):
    content = io.BytesIO()
    parquet.write_table(table if isinstance(table, pa.Table) else pa.table(table), content, **options)
    return content.getvalue()


def read(table, **options):
    return read_parquet(written(table, **options), "x.parquet")


def cells(table):
    return dict(zip(table.names, map(list, table.columns), strict=True))


def refusal(content):
    with pytest.raises((InputRefused, ResourceRefused)) as raised:
        read_parquet(content, "x.parquet")
    assert CANARY not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    return raised.value


def only(values, kind=None):
    return list(read({"x": pa.array(values, kind)}).columns[0])


def test_numbers_keep_every_digit():
    assert only([2**63 - 1, -(2**63), None], pa.int64()) == ["9223372036854775807", "-9223372036854775808", ""]
    assert only([2**64 - 1], pa.uint64()) == ["18446744073709551615"]
    assert only([Decimal("12345678901234567890.10"), None], pa.decimal128(30, 2)) == ["12345678901234567890.10", ""]
    assert only([Decimal("0.000000001")], pa.decimal128(10, 9)) == ["0.000000001"]
    assert only([0.1, 3.0, -0.0, 1e300, float("nan"), None]) == ["0.1", "3", "0", "1e+300", "", ""]
    assert only([float("inf")]) == ["inf"]


def test_numbers_of_single_precision_are_their_shortest_texts():
    table = read(
        {"x": pa.array([0.1, 5.35, None], pa.float32()), "y": pa.array(np.array([0.1, 2, 3], dtype="float16"))}
    )
    assert cells(table) == {"x": ["0.1", "5.35", ""], "y": ["0.1", "2", "3"]}
    assert [(found.code, found.level, found.count) for found in table.findings] == [("W-SINGLE-PRECISION", "note", 2)]


def test_texts_lose_outer_blanks_in_each_of_their_forms():
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        assert only([" a ", "", None, "ß\u00a0"], kind) == ["a", "", "", "ß"]
    assert only([True, False, None]) == ["True", "False", ""]
    assert only([None, None], pa.null()) == ["", ""]


def test_dates_and_times_are_iso_text():
    assert only([date(2023, 5, 7), None]) == ["2023-05-07", ""]
    assert only([datetime(2023, 5, 7, 12, 30), None], pa.timestamp("ms")) == ["2023-05-07T12:30:00", ""]
    assert only([1], pa.timestamp("ns")) == ["1970-01-01T00:00:00.000000001"]
    assert only([time(8, 15), None]) == ["08:15:00", ""]


def test_moments_with_a_zone_are_in_utc():
    moment = pa.array([1683462600, None], pa.timestamp("s", "Europe/Berlin"))
    assert list(read({"x": moment}).columns[0]) == ["2023-05-07T12:30:00Z", ""]


def test_categories_keep_their_levels_and_order():
    grade = pd.Categorical(["low", "high", None], categories=["low", "middle", "high"], ordered=True)
    code = pd.Categorical([2, 1, 2], categories=[1, 2])
    table = read(pa.Table.from_pandas(pd.DataFrame({"grade": grade, "code": code})))
    assert cells(table) == {"grade": ["low", "high", ""], "code": ["2", "1", "2"]}
    assert {name: (said.type, said.levels) for name, said in table.described.items()} == {
        "grade": ("category", ("low", "middle", "high")),
        "code": ("category", ()),
    }


def test_numbers_and_dates_are_described_as_such_and_text_is_not():
    table = read({"n": [1.5], "d": [date(2023, 5, 7)], "t": ["000012"], "b": [True]})
    assert {name: said.type for name, said in table.described.items()} == {"n": "number", "d": "date"}


def test_row_groups_follow_each_other():
    numbers = np.random.default_rng(4).normal(size=1000)
    table = read(
        {"x": numbers, "y": pa.array([f"p{row % 9}" for row in range(1000)]).dictionary_encode()}, row_group_size=64
    )
    assert [float(cell) for cell in cells(table)["x"]] == numbers.tolist()
    assert cells(table)["y"] == [f"p{row % 9}" for row in range(1000)]
    assert table.described["y"].levels == tuple(f"p{level}" for level in range(9))
    assert table.places == range(1, 1001)


def test_an_index_with_a_name_is_a_column_and_one_without_keeps_the_name_that_sets_it_aside():
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index(["007", "008"], name="patient"))
    assert cells(read(pa.Table.from_pandas(frame))) == {"x": ["1", "2"], "patient": ["007", "008"]}
    frame.index = [5, 6]
    assert read(pa.Table.from_pandas(frame)).names == ("x", "__index_level_0__")


def test_two_columns_of_one_name_are_both_handed_on():
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["x", "x"])
    assert (read(table).names, read(table).columns) == (("x", "x"), (["1"], ["2"]))


def test_a_table_without_rows_has_its_columns():
    table = read({"x": pa.array([], pa.int64()), "y": pa.array([], pa.string())})
    assert (table.names, [list(column) for column in table.columns], len(table.places)) == (("x", "y"), [[], []], 0)


@pytest.mark.parametrize(
    "values",
    [
        pa.array([[1, 2]]),
        pa.array([{"a": 1}]),
        pa.array([b"x"]),
        pa.array([timedelta(days=1)]),
        pa.array([[1.5]], pa.list_(pa.float64(), 1)),
        pa.array([b"xy"], pa.binary(2)),
    ],
    ids=["list", "struct", "bytes", "duration", "fixed list", "fixed bytes"],
)
def test_columns_of_other_types_are_refused_by_name(values):
    fault = refusal(written({"fine": [1], "odd": values}))
    assert fault.code == "E-FORMAT"
    assert "1 column of a type that is not read" in fault.found
    assert "`odd`" in fault.found
    assert "`fine`" not in fault.found


def test_a_date_beyond_the_calendar_is_refused_by_column():
    fault = refusal(written({"died": pa.array([1, 2932897], pa.date32())}))
    assert fault.code == "E-DATE"
    assert "column `died`" in fault.found


def test_a_cut_file_is_refused_wherever_it_is_cut():
    content = written({"x": [CANARY] * 50, "y": list(range(50))})
    for end in range(4, len(content)):
        assert refusal(content[:end]).code == "E-TRUNCATED"
    assert refusal(content[:3]).code == "E-FORMAT"


def test_damage_that_a_checksum_tells_is_refused():
    content = written({"x": [f"{CANARY}{row}" for row in range(500)]}, compression="none", write_page_checksum=True)
    at = content.index(b"CANARY7319250")
    fault = refusal(content[:at] + b"X" + content[at + 1 :])
    assert (fault.code, fault.found) == ("E-FORMAT", "x.parquet: not a readable Parquet file")


def test_a_file_of_another_kind_is_refused():
    assert refusal(b"a,b\n1,2\n").code == "E-FORMAT"


def test_an_encrypted_file_is_refused_as_one():
    content = written({"x": [1]})
    assert refusal(b"PARE" + content[4:-4] + b"PARE").found == "x.parquet: the file is encrypted"


def test_a_file_that_expands_beyond_reason_is_refused_before_it_is_read(monkeypatch):
    content = written({"x": [CANARY * 50] * 2000}, use_dictionary=False, compression="zstd")
    assert read_parquet(content, "x.parquet").names == ("x",)
    monkeypatch.setattr(source, "_LARGEST", 2**10)
    assert refusal(content).code == "R-BOMB"
