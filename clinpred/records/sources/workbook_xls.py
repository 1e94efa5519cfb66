"""Workbooks of the kind .xls (Excel 97 to 2003): the records of its stream."""

from collections.abc import Callable, Iterator
from struct import error, unpack_from
from typing import TypeVar

from clinpred.errors import InputRefused
from clinpred.records.sources.workbook_compound import stream
from clinpred.records.sources.workbook_grid import Grid, Place, Sheet, cell_name
from clinpred.records.sources.workbook_kinds import damaged, encrypted
from clinpred.records.sources.workbook_records import Cell, Globals, packed_number, put_cells

_BOF, _EOF, _CONTINUE, _STRING, _FORMULA = 0x809, 0x0A, 0x3C, 0x207, 0x06
_EXCEL_97 = 0x0600
_NO_NUMBER = 0xFFFF

_T = TypeVar("_T")


class XlsWorkbook:
    """An open .xls workbook."""

    def __init__(self, content: bytes, file: str) -> None:
        self.file = file
        self._stream = stream(content, ("Workbook", "Book"), file)
        self._globals = Globals()
        self.sheets = self._checked(self._read_globals)

    def grid(self, sheet: Sheet, *, opening: bool = False) -> Grid:  # noqa: ARG002
        """Return the cells of a sheet; all of them at all times, for they are at most 65,536 rows."""
        grid = Grid(self.file, sheet.name, self._globals.epoch)

        def fill() -> None:
            reader = _SheetReader(grid, self._globals)
            reader.read(_records(self._stream, int(sheet.path)))

        self._checked(fill)
        return grid

    def _checked(self, read: Callable[[], _T]) -> _T:
        try:
            return read()
        except (error, IndexError, UnicodeDecodeError):
            raise damaged(self.file) from None

    def _read_globals(self) -> tuple[Sheet, ...]:
        if unpack_from("<HHH", self._stream)[::2] != (_BOF, _EXCEL_97):
            raise InputRefused(
                "E-FORMAT",
                f"{self.file}: this is a workbook of Excel 95 or older",
                expected="a workbook of Excel 97 or later",
                to_fix="open it in a spreadsheet program, save it as .xlsx, and read that",
            )
        sheets = []
        strings: list[bytes] = []
        last = 0
        for kind, data in _records(self._stream, 0):
            if kind == 0x2F:
                raise encrypted(self.file)
            if kind == 0xFC or (kind == _CONTINUE and last == 0xFC):
                strings.append(data)
            elif kind == 0x85 and data[5] == 0:
                offset = unpack_from("<I", data)[0]
                sheets.append(Sheet(_short_text(data, 6), str(offset), is_hidden=bool(data[4] & 3)))
            else:
                self._note(kind, data)
            last = last if kind == _CONTINUE else kind
        self._globals.strings = _Strings(strings).read() if strings else []
        return tuple(sheets)

    def _note(self, kind: int, data: bytes) -> None:
        if kind == 0x22 and unpack_from("<H", data)[0]:
            self._globals.epoch = "1904"
        elif kind == 0x41E:
            self._globals.add_format(unpack_from("<H", data)[0], _long_text(data, 2))
        elif kind == 0xE0:
            self._globals.styles.append(unpack_from("<H", data, 2)[0])


class _SheetReader:
    """The records of one sheet, as cells."""

    def __init__(self, grid: Grid, of_all: Globals) -> None:
        self._grid = grid
        self._globals = of_all
        self._cells: list[Cell] = []
        self._empty_formulas: list[str] = []
        self._waiting: tuple[int, int, int] | None = None
        self._handlers: dict[int, Callable[[bytes], None]] = {
            0x203: self._number,
            0x27E: self._packed,
            0xBD: self._several_packed,
            0xFD: self._shared_text,
            0x204: self._text,
            0xD6: self._text,
            0x205: self._truth_or_error,
            _FORMULA: self._formula,
            _STRING: self._formula_text,
            0x208: self._row,
            0x7D: self._column,
            0xE5: self._merged,
            0x9B: self._filtered,
        }

    def read(self, records: Iterator[tuple[int, bytes]]) -> None:
        for kind, data in records:
            handle = self._handlers.get(kind)
            if handle is not None:
                handle(data)
        if self._empty_formulas and not self._grid.n_formulas:
            # an empty text is what some programs write for every formula and leave the calculation to Excel
            self._grid.uncalculated += self._empty_formulas
        put_cells(self._grid, self._cells, self._globals)

    def _add(self, data: bytes, value: float | str | bool | None) -> None:  # noqa: FBT001
        row, column, style = unpack_from("<HHH", data)
        self._cells.append(Cell(row, column, value, style))

    def _number(self, data: bytes) -> None:
        self._add(data, unpack_from("<d", data, 6)[0])

    def _packed(self, data: bytes) -> None:
        self._add(data, packed_number(unpack_from("<I", data, 6)[0]))

    def _several_packed(self, data: bytes) -> None:
        row, first = unpack_from("<HH", data)
        for place in range((len(data) - 6) // 6):
            style, packed = unpack_from("<HI", data, 4 + 6 * place)
            self._cells.append(Cell(row, first + place, packed_number(packed), style))

    def _shared_text(self, data: bytes) -> None:
        self._add(data, self._globals.strings[unpack_from("<I", data, 6)[0]])

    def _text(self, data: bytes) -> None:
        self._add(data, _long_text(data, 6))

    def _truth_or_error(self, data: bytes) -> None:
        self._add(data, None if data[7] else bool(data[6]))

    def _formula(self, data: bytes) -> None:
        row, column, style = unpack_from("<HHH", data)
        kind = data[6] if unpack_from("<H", data, 12)[0] == _NO_NUMBER else -1
        if kind == 3:
            self._empty_formulas.append(cell_name(row + 1, column))
            return
        self._grid.n_formulas += 1
        if kind == 0:
            self._waiting = (row, column, style)
        elif kind == -1:
            self._add(data, unpack_from("<d", data, 6)[0])
        else:
            self._add(data, bool(data[8]) if kind == 1 else None)

    def _formula_text(self, data: bytes) -> None:
        if self._waiting is not None:
            row, column, style = self._waiting
            self._cells.append(Cell(row, column, _long_text(data, 0), style))
            self._waiting = None

    def _row(self, data: bytes) -> None:
        if unpack_from("<H", data, 12)[0] & 0x20:
            self._grid.hidden_rows.add(unpack_from("<H", data)[0] + 1)

    def _column(self, data: bytes) -> None:
        first, last, _, _, said = unpack_from("<HHHHH", data)
        if said & 1:
            self._grid.hidden_columns.update(range(first, last + 1))

    def _merged(self, data: bytes) -> None:
        for place in range(unpack_from("<H", data)[0]):
            first, last, left, right = unpack_from("<HHHH", data, 2 + 8 * place)
            self._grid.merged.append(Place(first + 1, left, last + 1, right))

    def _filtered(self, _data: bytes) -> None:
        self._grid.is_filtered = True


class _Strings:
    """The table of shared texts, which runs over several records; a text can be cut between two of them."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self._piece = 0
        self._at = 8
        self._count = unpack_from("<I", pieces[0], 4)[0]

    def read(self) -> list[str]:
        return [self._text() for _ in range(self._count)]

    def _text(self) -> str:
        length, said = unpack_from("<HB", self._bytes(3))
        n_runs = unpack_from("<H", self._bytes(2))[0] if said & 8 else 0
        n_more = unpack_from("<I", self._bytes(4))[0] if said & 4 else 0
        text = self._characters(length, wide=bool(said & 1))
        self._bytes(4 * n_runs + n_more)
        return text

    def _characters(self, count: int, *, wide: bool) -> str:
        raw = b""
        while count:
            if self._at >= len(self._pieces[self._piece]):
                self._next_piece()
                wide = bool(self._pieces[self._piece][0] & 1)
                self._at = 1
            here = min(count, (len(self._pieces[self._piece]) - self._at) // (2 if wide else 1))
            if not here:
                raise IndexError
            piece = self._bytes(here * (2 if wide else 1))
            raw += piece if wide else piece.decode("latin-1").encode("utf-16-le")
            count -= here
        return raw.decode("utf-16-le")

    def _bytes(self, count: int) -> bytes:
        taken = b""
        while len(taken) < count:
            if self._at >= len(self._pieces[self._piece]):
                self._next_piece()
            piece = self._pieces[self._piece][self._at : self._at + count - len(taken)]
            self._at += len(piece)
            taken += piece
        return taken

    def _next_piece(self) -> None:
        self._piece += 1
        self._at = 0


def _records(content: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield kind and data of each record from a place on, up to the end of its part; parts inside are passed over."""
    depth = 0
    while True:
        kind, size = unpack_from("<HH", content, at)
        data = content[at + 4 : at + 4 + size]
        if len(data) < size:
            raise IndexError
        at += 4 + size
        depth += (kind == _BOF) - (kind == _EOF)
        if not depth:
            return
        if depth == 1:
            yield kind, data


def _short_text(data: bytes, at: int) -> str:
    return _decoded(data, at + 2, data[at], wide=data[at + 1] & 1)


def _long_text(data: bytes, at: int) -> str:
    return _decoded(data, at + 3, unpack_from("<H", data, at)[0], wide=data[at + 2] & 1)


def _decoded(data: bytes, at: int, length: int, *, wide: int) -> str:
    raw = data[at : at + length * (2 if wide else 1)]
    if len(raw) < length:
        raise IndexError
    return raw.decode("utf-16-le" if wide else "latin-1")
