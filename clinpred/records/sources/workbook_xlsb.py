"""Workbooks of the kind .xlsb: the records of its binary parts."""

from collections.abc import Callable, Iterator
from struct import error, unpack_from
from typing import TypeVar

from clinpred.records.sources.workbook_grid import MOST_COLUMNS, Grid, Place, Sheet
from clinpred.records.sources.workbook_kinds import damaged
from clinpred.records.sources.workbook_parts import Parts
from clinpred.records.sources.workbook_records import Cell, Globals, packed_number, put_cells
from clinpred.records.sources.workbook_relations import related, relations

_CELL_STYLES = (617, 618)
_NO_TEXT = 0xFFFFFFFF

_T = TypeVar("_T")


class XlsbWorkbook:
    """An open .xlsb workbook."""

    def __init__(self, parts: Parts) -> None:
        self.file = parts.file
        self._parts = parts
        self._globals = Globals()
        self.sheets = self._checked(self._read_globals)

    def grid(self, sheet: Sheet, *, opening: bool = False) -> Grid:  # noqa: ARG002
        """Return the cells of a sheet."""
        grid = Grid(self.file, sheet.name, self._globals.epoch)
        self._checked(lambda: _SheetReader(grid, self._globals).read(_records(self._parts.read(sheet.path))))
        return grid

    def _checked(self, read: Callable[[], _T]) -> _T:
        try:
            return read()
        except (error, IndexError, UnicodeDecodeError):
            raise damaged(self.file) from None

    def _read_globals(self) -> tuple[Sheet, ...]:
        root = related(self._parts, "", "/officeDocument") or "xl/workbook.bin"
        self._read_strings(related(self._parts, root, "/sharedStrings"))
        self._read_styles(related(self._parts, root, "/styles"))
        targets = relations(self._parts, root)
        sheets = []
        for kind, data in _records(self._parts.read(root)):
            if kind == 153 and unpack_from("<I", data)[0] & 1:
                self._globals.epoch = "1904"
            elif kind == 156:
                relation, at = _text(data, 8)
                type_, path = targets.get(relation, ("", ""))
                if type_.endswith("/worksheet"):
                    sheets.append(Sheet(_text(data, at)[0], path, is_hidden=bool(unpack_from("<I", data)[0])))
        return tuple(sheets)

    def _read_strings(self, path: str | None) -> None:
        if path is not None:
            records = _records(self._parts.read(path))
            self._globals.strings = [_text(data, 1)[0] for kind, data in records if kind == 19]

    def _read_styles(self, path: str | None) -> None:
        if path is None:
            return
        of_cells = False
        for kind, data in _records(self._parts.read(path)):
            if kind == 44:
                self._globals.add_format(unpack_from("<H", data)[0], _text(data, 2)[0])
            elif kind in _CELL_STYLES:
                of_cells = kind == _CELL_STYLES[0]
            elif kind == 47 and of_cells:
                self._globals.styles.append(unpack_from("<H", data, 2)[0])


class _SheetReader:
    """The records of one sheet, as cells."""

    def __init__(self, grid: Grid, of_all: Globals) -> None:
        self._grid = grid
        self._globals = of_all
        self._cells: list[Cell] = []
        self._number = 0
        self._values: dict[int, Callable[[bytes], float | str | bool | None]] = {
            2: lambda data: packed_number(unpack_from("<I", data, 8)[0]),
            3: lambda _data: None,
            4: lambda data: bool(data[8]),
            5: lambda data: float(unpack_from("<d", data, 8)[0]),
            6: lambda data: _text(data, 8)[0],
            7: lambda data: self._globals.strings[unpack_from("<I", data, 8)[0]],
            8: lambda data: _text(data, 8)[0],
            9: lambda data: float(unpack_from("<d", data, 8)[0]),
            10: lambda data: bool(data[8]),
            11: lambda _data: None,
            62: lambda data: _text(data, 9)[0],
        }
        self._others: dict[int, Callable[[bytes], None]] = {
            0: self._row,
            60: self._column,
            176: self._merged,
            163: self._filtered,
        }

    def read(self, records: Iterator[tuple[int, bytes]]) -> None:
        for kind, data in records:
            value_of, handle = self._values.get(kind), self._others.get(kind)
            if value_of is not None:
                column, style = unpack_from("<II", data)
                self._cells.append(Cell(self._number, column, value_of(data), style & 0xFFFFFF))
            elif handle is not None:
                handle(data)
        put_cells(self._grid, self._cells, self._globals)

    def _row(self, data: bytes) -> None:
        self._number = unpack_from("<I", data)[0]
        if data[11] & 0x10:
            self._grid.hidden_rows.add(self._number + 1)

    def _column(self, data: bytes) -> None:
        first, last, _, _, said = unpack_from("<IIIIH", data)
        if said & 1:
            self._grid.hidden_columns.update(range(first, min(last + 1, MOST_COLUMNS)))

    def _merged(self, data: bytes) -> None:
        first, last, left, right = unpack_from("<IIII", data)
        self._grid.merged.append(Place(first + 1, left, last + 1, right))

    def _filtered(self, _data: bytes) -> None:
        self._grid.is_filtered = True


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield kind and data of each record; both its kind and its size are written seven bits a byte."""
    at = 0
    while at < len(content):
        kind = content[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (content[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while True:
            byte = content[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift > 21:
                break
        if at + size > len(content):
            raise IndexError
        yield kind, content[at : at + size]
        at += size


def _text(data: bytes, at: int) -> tuple[str, int]:
    """Return a text and where it ends."""
    length = unpack_from("<I", data, at)[0]
    if length == _NO_TEXT:
        return "", at + 4
    end = at + 4 + 2 * length
    if end > len(data):
        raise IndexError
    return data[at + 4 : end].decode("utf-16-le"), end
