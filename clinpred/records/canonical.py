"""The table as it was read, as text: what the analyst sees is what the models see."""

import numpy as np

from clinpred.records.read import Export
from clinpred.records.types import to_code

# Longer whole numbers are shorter with an exponent.
_MOST_WHOLE = 1e16


def canonical_table(export: Export) -> list[list[str]]:
    r"""Return the header and the rows of an export as text.

    Columns and rows keep their order. Numbers are the shortest decimal text that gives the float back, dates ISO
    text, all else the text itself; what is missing is empty. Units and ``%`` are off, and nothing is divided by 100.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from pathlib import Path
    >>> from clinpred.records.read import read_export
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "visits.csv"
    ...     _ = path.write_text("code,sodium\n007,140.0\n012,NA\n")
    ...     canonical_table(read_export(path))
    [['code', 'sodium'], ['007', '140'], ['012', '']]
    """
    columns = [_texts(export, column) for column in export.types]
    return [list(export.types), *(list(row) for row in zip(*columns, strict=True))]


def _texts(export: Export, column: str) -> list[str]:
    values = export.table[column]
    if export.types[column] in {"number", "empty"}:
        return [_number(float(value)) for value in values]
    return [value or "" for value in values]


def _number(value: float) -> str:
    if np.isnan(value):
        return ""
    return to_code(value) if abs(value) < _MOST_WHOLE else repr(value)
