"""A table as typed data, how a cell is shown, and CSV that is safe to open in a spreadsheet."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clinpred.report.numbers import count, decimal, significant

Cell = str | int | float | None
"""None where there is no number; a float is shown with four significant digits and kept whole in the CSV."""
Row = tuple[Cell, ...]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Table:
    """A table: its first column names the row.

    ``grouped`` says that the first column is a heading over rows, ``decimals`` how many decimals its floats are shown
    with (four significant digits without it, and where more would be lost).
    """

    id: str
    title: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    grouped: bool = False
    decimals: int | None = None


def table_csv(table: Table) -> str:
    """Return a table as CSV; text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return rows_csv([table.header, *table.rows])


def rows_csv(rows: Iterable[Sequence[Cell]]) -> str:
    """Return rows as CSV, safe to open in a spreadsheet."""
    return csv_text([inert(cell) for cell in row] for row in rows)


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    r"""Return rows as CSV with lines that end in a line feed.

    Python 3.11 quotes a cell with a carriage return only where its own line end has one.

    Examples
    --------
    >>> csv_text([["a", "b\rc"], ["1", None]])
    'a,"b\rc"\n1,\n'
    """
    lines: list[str] = []
    csv.writer(_Lines(lines), lineterminator="\r\n").writerows(rows)
    return "".join(lines)


class _Lines:
    """A file to write to that ends each line as CSV here ends it."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def write(self, line: str) -> None:
        self._lines.append(line.removesuffix("\r\n") + "\n")


def cell_text(cell: Cell, decimals: int | None = None) -> str:
    """Return a cell as the page shows it."""
    if cell is None:
        return "–"
    if isinstance(cell, float):
        if decimals is None or abs(cell) < 10.0 ** (1 - decimals):
            return significant(cell)
        return decimal(cell, decimals)
    return cell if isinstance(cell, str) else count(cell)


def inert(cell: Cell) -> Cell:
    """Return a cell that a spreadsheet will not take for a formula; numbers, written as text too, stay as they are."""
    is_formula = isinstance(cell, str) and cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell
