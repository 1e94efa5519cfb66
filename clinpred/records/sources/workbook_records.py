"""Cells of binary workbooks, old (.xls) and newer (.xlsb): what both kinds of records have in common."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from struct import pack, unpack

from clinpred.records.sources.workbook_formats import GENERAL, Epoch, NumberFormat, number_format, numbered_format
from clinpred.records.sources.workbook_grid import TEXT, TRUTH, Grid, cell_name, damaged_cell


@dataclass(eq=False)
class Globals:
    """What a workbook says for all of its sheets: texts, number formats by style, how days are counted."""

    epoch: Epoch = "1900"
    strings: list[str] = field(default_factory=list)
    codes: dict[int, NumberFormat] = field(default_factory=dict)
    styles: list[int] = field(default_factory=list)

    def add_format(self, number: int, code: str) -> None:
        """Note a format that the file spells out."""
        self.codes[number] = number_format(code)

    def format(self, style: int) -> NumberFormat:
        """Return the number format of a style."""
        if not self.styles and not style:
            return GENERAL
        number = self.styles[style]
        return self.codes.get(number) or numbered_format(number)


@dataclass(frozen=True)
class Cell:
    """A cell before it is text: a number, a text, a truth value, or None for an error."""

    row: int
    column: int
    value: float | str | bool | None
    style: int = 0


def put_cells(grid: Grid, cells: Iterable[Cell], of_all: Globals) -> None:
    """Add cells to a grid, in the sheet's order."""
    for cell in sorted(cells, key=lambda cell: (cell.row, cell.column)):
        row, column, value = cell.row + 1, cell.column, cell.value
        if value is None:
            grid.errors.append(cell_name(row, column))
            grid.put(row, column, "#", TEXT)
        elif isinstance(value, str):
            grid.put_text(row, column, value)
        elif isinstance(value, bool):
            grid.put(row, column, "TRUE" if value else "FALSE", TRUTH)
        else:
            grid.put_number(row, column, repr(value), _format(grid, cell, of_all))


def _format(grid: Grid, cell: Cell, of_all: Globals) -> NumberFormat:
    try:
        return of_all.format(cell.style)
    except IndexError:
        raise damaged_cell(grid.file, cell_name(cell.row + 1, cell.column)) from None


def packed_number(packed: int) -> float:
    """Return a number that is packed into 30 bits and two marks.

    Examples
    --------
    >>> packed_number(51 << 2 | 3), packed_number(0x3FF00000)
    (0.51, 1.0)
    """
    if packed & 2:
        value = float((packed - (1 << 32) if packed & 0x80000000 else packed) >> 2)
    else:
        value = float(unpack("<d", pack("<Q", (packed & 0xFFFFFFFC) << 32))[0])
    return value / 100 if packed & 1 else value
