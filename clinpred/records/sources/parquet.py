"""Parquet to cells of text, so that every kind of export is typed by the same rules."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from clinpred.errors import InputRefused, ResourceRefused
from clinpred.records.findings import Finding
from clinpred.records.sources.number_texts import number_texts
from clinpred.records.text_table import Description, TextTable
from clinpred.records.values.cells import counted

if TYPE_CHECKING:
    import pyarrow as pa

_MARK, _MARK_OF_ENCRYPTED = b"PAR1", b"PARE"
_LARGEST = 256 * 2**20
_LARGEST_RATIO = 100


def read_parquet(content: bytes, name: str) -> TextTable:
    """Read the bytes of a Parquet file of flat columns.

    Whole numbers and decimals keep every digit; floats are the shortest text that gives them back in their own
    precision; moments with a zone are in UTC. Dictionary columns and categories of pandas are categories.

    Raises
    ------
    InputRefused
        E-TRUNCATED: the file is cut. E-FORMAT: not a Parquet file, a damaged or an encrypted one, or a column that
        holds neither numbers, text, dates, times nor truth values. E-DATE: a date outside the years 1 to 9999.
    ResourceRefused
        R-BOMB: the file expands beyond reason.
    """
    table = _table(content, name)
    _refuse_other_types(table, name)
    columns = [_cells(table.column(at), name, column) for at, column in enumerate(table.column_names)]
    names = tuple(column.strip() for column in table.column_names)
    of_pandas = _categories_of_pandas(table)
    described = {each: _description(table.column(at), is_category=each in of_pandas) for at, each in enumerate(names)}
    return TextTable(
        names,
        tuple(columns),
        range(1, table.num_rows + 1),
        "row",
        tuple(_single_precision(table)),
        described={each: said for each, said in described.items() if said != Description()},
    )


def _table(content: bytes, name: str) -> "pa.Table":
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    if content.endswith(_MARK_OF_ENCRYPTED):
        raise _encrypted(name)
    if content.startswith(_MARK) and not content[len(_MARK) :].endswith(_MARK):
        raise _cut(name)
    with _own_refusals(name):
        file = ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
    _refuse_bomb(file.metadata, len(content), name)
    with _own_refusals(name):
        table = file.read()
        table.validate(full=True)
    return table


@contextmanager
def _own_refusals(name: str) -> Iterator[None]:
    """Refuse what the library refuses; its message may hold values, and only whether it asks for a key is used."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as fault:
        raise (_encrypted(name) if "crypt" in str(fault) else _not_readable(name)) from None


def _cells(column: "pa.ChunkedArray", name: str, title: str) -> list[str]:
    """Return a column's cells: each distinct value of a chunk is written once, and taken wherever it stands."""
    cells: list[str] = []
    for chunk in column.chunks:
        encoded = chunk if hasattr(chunk, "dictionary") else chunk.dictionary_encode()
        try:
            texts = [*_texts(encoded.dictionary), ""]
        except (OverflowError, ValueError):
            raise _no_day(name, title) from None
        which = encoded.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False)
        cells += np.array(texts, dtype=object)[which].tolist()
    return cells


def _texts(values: "pa.Array") -> list[str]:
    from pyarrow import timestamp, types

    if types.is_floating(values.type):
        return number_texts(values.to_numpy(zero_copy_only=False))
    if types.is_timestamp(values.type) and values.type.tz is not None:
        return [f"{_text(value)}Z" for value in values.cast(timestamp(values.type.unit)).to_pylist()]
    return [_text(value) for value in values.to_pylist()]


def _text(value: Any) -> str:  # noqa: ANN401
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return str(value) if isinstance(value, bool | int) else format(value, "f")


def _categories_of_pandas(table: "pa.Table") -> set[str]:
    """Return the columns that were categories in pandas, of whose numbers Parquet itself keeps no levels."""
    try:
        columns = (table.schema.pandas_metadata or {}).get("columns", ())
        return {str(column["name"]).strip() for column in columns if column["pandas_type"] == "categorical"}
    except (ValueError, KeyError, TypeError, AttributeError):
        return set()


def _description(column: "pa.ChunkedArray", *, is_category: bool) -> Description:
    from pyarrow import types

    if types.is_dictionary(column.type):
        levels = (text for chunk in column.chunks for text in _texts(chunk.dictionary) if text)
        return Description(type="category", levels=tuple(dict.fromkeys(levels)))
    if is_category:
        return Description(type="category")
    if types.is_date(column.type) or types.is_timestamp(column.type):
        return Description(type="date")
    is_number = types.is_integer(column.type) or types.is_floating(column.type) or types.is_decimal(column.type)
    return Description(type="number") if is_number else Description()


def _refuse_other_types(table: "pa.Table", name: str) -> None:
    from pyarrow import types

    read = (
        *(types.is_integer, types.is_floating, types.is_decimal, types.is_boolean, types.is_null),
        *(types.is_string, types.is_large_string, types.is_string_view),
        *(types.is_date, types.is_timestamp, types.is_time),
    )
    others = [
        field.name
        for field in table.schema
        if not any(fits(field.type.value_type if types.is_dictionary(field.type) else field.type) for fits in read)
    ]
    if others:
        raise InputRefused(
            "E-FORMAT",
            f"{name}: {counted(len(others), 'column')} of a type that is not read (lists, bytes, durations ...): "
            + ", ".join(f"`{column}`" for column in others),
            expected="numbers, text, dates, times or truth values",
            to_fix="leave them out of the export, or write one value a cell",
        )


def _refuse_bomb(metadata: Any, size: int, name: str) -> None:  # noqa: ANN401
    expanded = sum(metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups))
    if expanded > max(_LARGEST, _LARGEST_RATIO * size):
        raise ResourceRefused(
            "R-BOMB",
            f"{name}: expands to more than 256 MiB and more than {_LARGEST_RATIO} times its size",
            expected="an export that compresses as records do",
            to_fix="check where the file is from, or export it without compression",
        )


def _single_precision(table: "pa.Table") -> list[Finding]:
    from pyarrow import types

    count = sum(types.is_float32(field.type) or types.is_float16(field.type) for field in table.schema)
    if not count:
        return []
    text = f"{counted(count, 'column')} of single precision, read as the shortest decimals that give the singles back"
    return [Finding("W-SINGLE-PRECISION", "note", text, "no action is needed", count)]


def _cut(name: str) -> InputRefused:
    return InputRefused(
        "E-TRUNCATED",
        f"{name}: ends before its list of columns",
        expected="a whole Parquet file",
        to_fix="copy or export it again",
    )


def _encrypted(name: str) -> InputRefused:
    return InputRefused(
        "E-FORMAT",
        f"{name}: the file is encrypted",
        expected="a Parquet file that can be read without a key",
        to_fix="decrypt it where its key is kept, and export it again",
    )


def _not_readable(name: str) -> InputRefused:
    return InputRefused(
        "E-FORMAT",
        f"{name}: not a readable Parquet file",
        expected="a whole Parquet file",
        to_fix="export again, or give the export as CSV",
    )


def _no_day(name: str, column: str) -> InputRefused:
    return InputRefused(
        "E-DATE",
        f"{name}: column `{column}` has a date outside the years 1 to 9999",
        expected="dates of the calendar",
        to_fix="correct it in the export, or set it missing there",
    )
