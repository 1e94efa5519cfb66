"""Parquet to cells of text, so that both kinds of export are typed by the same rules."""

import math
from datetime import date, datetime
from decimal import Decimal

from clinpred.errors import InputRefused
from clinpred.records.delimited import TextTable


def read_parquet(content: bytes, name: str) -> TextTable:
    """Read the bytes of a Parquet file of flat columns.

    Raises
    ------
    InputRefused
        E-FORMAT: not a Parquet file, or a column that holds neither numbers, text, dates nor truth values.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError):
        raise InputRefused(
            "E-FORMAT",
            f"{name}: not a readable Parquet file",
            expected="a whole Parquet file",
            to_fix="export again, or give the export as CSV",
        ) from None
    columns = tuple(
        tuple(_as_text(value, name, column) for value in chunks.to_pylist())
        for column, chunks in zip(table.column_names, table.columns, strict=True)
    )
    names = tuple(column.strip() for column in table.column_names)
    return TextTable(names, columns, range(1, table.num_rows + 1), "row")


def _as_text(value: object, name: str, column: str) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | int | float | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise InputRefused(
        "E-FORMAT",
        f"{name}: column `{column}` holds values of the kind {type(value).__name__}",
        expected="numbers, text, dates or truth values",
        to_fix="export one value a cell",
    )
