"""Columns of a query's result to cells of text, by the types that the database gives them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.sources.number_texts import number_text
from clinpred.records.text_table import Description
from clinpred.records.values.cells import counted

Kind = Literal["number", "text", "boolean", "day", "moment", "time", "category", "as stored", "other"]

# PostgreSQL's numbers of its own types, which do not change between versions.
KIND_OF_OID: Mapping[int, Kind] = {
    **dict.fromkeys((20, 21, 23, 26, 700, 701, 1700), "number"),
    **dict.fromkeys((18, 19, 25, 650, 705, 774, 829, 869, 1042, 1043, 2950), "text"),
    16: "boolean",
    1082: "day",
    **dict.fromkeys((1114, 1184), "moment"),
    1083: "time",
}
_BOOLEANS = {"t": "true", "f": "false"}
_MOMENT = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?: (?P<clock>[0-9:.]+))?(?P<utc>\+00)?")


@dataclass(frozen=True)
class ResultColumn:
    """A column of a result: its name, its type, and the levels of an enumeration."""

    name: str
    kind: Kind
    levels: tuple[str, ...] = ()

    @property
    def description(self) -> Description:
        """What the database says of it; text may hold anything, and says nothing."""
        if self.kind == "number":
            return Description(type="number")
        if self.kind in {"day", "moment"}:
            return Description(type="date")
        return Description(type="category", levels=self.levels) if self.kind == "category" else Description()


@dataclass(frozen=True)
class ResultCells:
    """The cells of a column, and what was noticed."""

    cells: list[str]
    findings: tuple[Finding, ...] = ()


def refuse_kinds(columns: Sequence[ResultColumn], source: str) -> None:
    """Refuse columns of types that hold no single number, text, date or truth value (E-FORMAT)."""
    others = [f"`{column.name}`" for column in columns if column.kind == "other"]
    if others:
        raise _other_kind(others, source)


def as_cells(column: ResultColumn, values: Sequence[object], source: str) -> ResultCells:
    """Return a column's values as text: NULL and NaN empty, dates as ISO text, times with a zone in UTC.

    Parameters
    ----------
    column : ResultColumn
        The column.
    values : sequence of object
        As PostgreSQL writes them, or as SQLite holds them; None for NULL.
    source : str
        What messages call the result.

    Raises
    ------
    InputRefused
        E-FORMAT: bytes. E-DATE: an infinite date, or one outside the years 1 to 9999.

    Examples
    --------
    >>> as_cells(ResultColumn("x", "boolean"), ["t", None], "table visits").cells
    ['true', '']
    >>> as_cells(ResultColumn("x", "moment"), ["2023-05-07 12:30:00+00"], "table visits").cells
    ['2023-05-07T12:30:00Z']
    """
    if column.kind == "as stored":
        return ResultCells([_as_stored(column, value, source) for value in values])
    distinct = {value: _text(column, str(value), source) for value in set(values) - {None}}
    cells = ["" if value is None else distinct[value] for value in values]
    return ResultCells(cells, tuple(_findings(column, values)))


def _as_stored(column: ResultColumn, value: object, source: str) -> str:
    """Return what SQLite holds, where any cell may be of any type."""
    if isinstance(value, bytes):
        raise _other_kind([f"`{column.name}`"], source)
    return "" if value is None else number_text(value) if isinstance(value, float) else str(value).strip()


def _text(column: ResultColumn, value: str, source: str) -> str:
    if column.kind == "number":
        return "" if value == "NaN" else value
    if column.kind == "boolean":
        return _BOOLEANS[value]
    return _moment(column, value, source) if column.kind in {"day", "moment"} else value.strip()


def _moment(column: ResultColumn, text: str, source: str) -> str:
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise InputRefused(
            "E-DATE",
            f"{source}: column `{column.name}` has a date that is infinite, or outside the years 1 to 9999",
            expected="dates of the calendar",
            to_fix="correct it, or let the query turn it into NULL",
        )
    return found["day"] + (f"T{found['clock']}{'Z' if found['utc'] else ''}" if found["clock"] else "")


def _findings(column: ResultColumn, values: Sequence[object]) -> list[Finding]:
    count = sum(value == "NaN" for value in values) if column.kind == "number" else 0
    if not count:
        return []
    text = f"column `{column.name}`: {counted(count, 'value')} NaN read as missing"
    return [Finding("W-NA-SPELLING", "note", text, "store NULL where a value is missing", count, column.name)]


def _other_kind(columns: Sequence[str], source: str) -> InputRefused:
    return InputRefused(
        "E-FORMAT",
        f"{source}: {'column' if len(columns) == 1 else 'columns'} {', '.join(columns)} of a type that is not read "
        "(arrays, JSON, bytes, intervals, money ...)",
        expected="numbers, text, dates, times or truth values",
        to_fix="leave them out, or turn them into one value a cell, with --query",
    )
