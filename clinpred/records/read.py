"""An export to a typed table: it equals the file exactly, or the file is refused."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import InputRefused, ResourceRefused
from clinpred.records.delimited import TextTable, read_delimited
from clinpred.records.findings import Finding
from clinpred.records.parquet import read_parquet
from clinpred.records.types import ColumnType, count_missing_spellings, decide_type, is_date, to_numbers

if TYPE_CHECKING:
    import pandas as pd

_READERS = {".csv": read_delimited, ".parquet": read_parquet}
_PANDAS_INDEX = re.compile(r"__index_level_[0-9]+__")


@dataclass(frozen=True)
class _Fault:
    code: str
    values_that: str
    expected: str
    to_fix: str


_NOT_FINITE = _Fault(
    "E-NOT-FINITE",
    "not a finite number",
    "numbers within ±1.8e308",
    "correct them in the export, or leave them empty where they are missing",
)
_NOT_A_DAY = _Fault(
    "E-DATE",
    "no day of the calendar",
    "dates as year-month-day that exist",
    "correct them in the export, or leave them empty where they are missing",
)


@dataclass(frozen=True, eq=False)
class Export:
    """A read export.

    Parameters
    ----------
    name : str
        The file's name, without its folder.
    sha256 : str
        Of the file's bytes.
    table : pandas.DataFrame
        Numbers as float64 with NaN where missing; all else as text with None where missing.
    types : mapping of str to {"number", "category", "date", "empty"}
        One a column, decided on every row.
    findings : tuple of Finding
        What was noticed while reading.
    texts : mapping of str to array
        The cells as they were written, outer blanks removed: see ``text``.
    """

    name: str
    sha256: str
    table: "pd.DataFrame"
    types: Mapping[str, ColumnType]
    findings: tuple[Finding, ...]
    texts: Mapping[str, NDArray[np.object_]]

    def text(self, column: str) -> NDArray[np.object_]:
        """Return the cells of a column as they were written, shape (n,); an empty text where nothing was."""
        return self.texts[column]

    def missing(self, column: str) -> NDArray[np.bool_]:
        """Return whether the column's cell is missing, shape (n,)."""
        return self.table[column].isna().to_numpy(dtype=bool)


def read_export(path: Path) -> Export:
    """Read a CSV (UTF-8, comma, double quotes, header) or Parquet export.

    A column is a number where every value is a plain decimal number; words for "missing" (NA, null, ...) count as
    missing among numbers only. ISO dates make a date, all else is a category.

    Raises
    ------
    InputRefused
        The file is missing, empty, of another format or does not read exactly (codes ``E-``).
    ResourceRefused
        R-PATH: the file cannot be opened.
    """
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise _unknown_format(path)
    content = _content(path)
    return _typed(reader(content, path.name), path.name, hashlib.sha256(content).hexdigest())


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputRefused(
            "E-NOT-FOUND",
            f"{path.name}: there is no such file",
            expected="an export, as CSV or Parquet",
            to_fix="check the path",
        ) from None
    except OSError as fault:
        raise ResourceRefused(
            "R-PATH",
            f"{path.name}: cannot be opened ({fault.strerror})",
            expected="a file that may be read",
            to_fix="check the path and its permissions",
        ) from None
    if not content.strip():
        raise InputRefused(
            "E-EMPTY",
            f"{path.name}: the file has no table",
            expected="a header and at least one row",
            to_fix="export again",
        )
    return content


def _typed(cells: TextTable, name: str, sha256: str) -> Export:
    import pandas as pd

    _check_shape(cells, name)
    named = [at for at, column in enumerate(cells.names) if not _is_unnamed(column)]
    types = {cells.names[at]: decide_type(cells.columns[at]) for at in named}
    table = {cells.names[at]: _values(cells, at, column_type=types[cells.names[at]], source=name) for at in named}
    findings = [*cells.findings, *_unnamed(len(cells.names) - len(named))]
    findings += [
        finding
        for at in named
        if types[cells.names[at]] == "number"
        for finding in _missing_spellings(cells.names[at], cells.columns[at])
    ]
    texts = {cells.names[at]: np.array(cells.columns[at], dtype=object) for at in named}
    return Export(name, sha256, pd.DataFrame(table), types, tuple(findings), texts)


def _values(cells: TextTable, at: int, *, column_type: ColumnType, source: str) -> "pd.Series":
    import pandas as pd

    values = cells.columns[at]
    if column_type == "number":
        numbers = to_numbers(values)
        _refuse_where(np.isinf(numbers), _NOT_FINITE, cells=cells, at=at, source=source)
        return pd.Series(numbers)
    if column_type == "empty":
        return pd.Series(np.full(len(values), np.nan))
    if column_type == "date":
        impossible = np.array([bool(value) and not is_date(value) for value in values])
        _refuse_where(impossible, _NOT_A_DAY, cells=cells, at=at, source=source)
    return pd.Series([value or None for value in values], dtype=object)


def _refuse_where(wrong: NDArray[np.bool_], fault: _Fault, *, cells: TextTable, at: int, source: str) -> None:
    count = int(wrong.sum())
    if count == 0:
        return
    first = f"{cells.place_word} {cells.places[int(np.argmax(wrong))]}"
    what = f"{count} values that are" if count > 1 else "1 value that is"
    raise InputRefused(
        fault.code,
        f"{source}: column `{cells.names[at]}` has {what} {fault.values_that}, the first on {first}",
        expected=fault.expected,
        to_fix=fault.to_fix,
    )


def _check_shape(cells: TextTable, source: str) -> None:
    places: dict[str, list[str]] = {}
    for position, column in enumerate(cells.names, start=1):
        if not _is_unnamed(column):
            places.setdefault(column, []).append(str(position))
    twice = [f"`{column}` (columns {', '.join(at)})" for column, at in places.items() if len(at) > 1]
    if twice:
        raise InputRefused(
            "E-DUP-HEADER",
            f"{source}: {len(twice)} {'name is' if len(twice) == 1 else 'names are'} given to more than one column: "
            + ", ".join(twice),
            expected="a name of its own for every column",
            to_fix="rename or remove the columns in the export",
        )
    if not cells.places:
        raise InputRefused(
            "E-NO-ROWS",
            f"{source}: the header is followed by no row",
            expected="at least one row",
            to_fix="export again, and check the query's conditions",
        )


def _is_unnamed(column: str) -> bool:
    return not column or bool(_PANDAS_INDEX.fullmatch(column))


def _unnamed(count: int) -> list[Finding]:
    if not count:
        return []
    text = f"{count} {'column' if count == 1 else 'columns'} without a name set aside"
    return [Finding("W-UNNAMED", "note", text, "name it in the export where it is needed", count)]


def _missing_spellings(column: str, values: Sequence[str]) -> list[Finding]:
    counts = count_missing_spellings(values)
    if not counts:
        return []
    spelled = ", ".join(f"{spelling} {count}" for spelling, count in sorted(counts.items()))
    text = f"column `{column}`: words among its numbers are read as missing ({spelled})"
    advice = "leave missing values empty in the export"
    return [Finding("W-NA-SPELLING", "note", text, advice, sum(counts.values()), column)]


def _unknown_format(path: Path) -> InputRefused:
    return InputRefused(
        "E-FORMAT",
        f"{path.name}: not a name that ends in .csv or .parquet",
        expected="an export as CSV (UTF-8, comma) or Parquet",
        to_fix="export as CSV or Parquet",
    )
