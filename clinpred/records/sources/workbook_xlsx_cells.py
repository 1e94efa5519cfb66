"""The XML of one sheet of an .xlsx workbook to cells."""

import re
from collections.abc import Callable, Mapping

from clinpred.records.sources.workbook_formats import NumberFormat
from clinpred.records.sources.workbook_grid import (
    DATE,
    MOST_COLUMNS,
    MOST_ROWS,
    TEXT,
    TRUTH,
    Grid,
    Place,
    cell_name,
    damaged_cell,
)
from clinpred.records.sources.workbook_parts import enough

_ESCAPE = re.compile(r"(?:_x[0-9A-Fa-f]{4}_)+")
_REFERENCE = re.compile(r"\$?([A-Z]+)\$?([0-9]+)")
TRUE = {"1", "true"}


class SheetReader:
    """The handlers that turn the elements of a sheet into cells."""

    def __init__(self, grid: Grid, strings: list[str], formats: list[NumberFormat], *, n_rows: int) -> None:
        self._grid = grid
        self._strings = strings
        self._formats = formats
        self._n_rows = n_rows
        self._columns: dict[str, int] = {}
        self._row = 0
        self._column = -1
        self._said: Mapping[str, str] = {}
        self._pieces: list[str] = []
        self._is_collecting = False
        self._in_phonetic = False
        self._has_formula = False
        self._has_value = False
        self._opens: dict[str, Callable[[Mapping[str, str]], None]] = {
            "row": self._open_row,
            "c": self._open_cell,
            "v": self._open_value,
            "t": self._open_text,
            "rPh": self._open_phonetic,
            "f": self._open_formula,
            "col": self._column_said,
            "mergeCell": self._merged_said,
            "filterColumn": self._filter_said,
        }
        self._closes: dict[str, Callable[[], None]] = {
            "v": self._close_text,
            "t": self._close_text,
            "c": self._close_cell,
            "rPh": self._close_phonetic,
        }

    def start(self, tag: str, said: Mapping[str, str]) -> None:
        """Handle the start of an element."""
        open_it = self._opens.get(tag)
        if open_it is not None:
            open_it(said)
        elif tag.endswith(":worksheet"):
            self._expect_prefix(tag[: -len("worksheet")])

    def end(self, tag: str) -> None:
        """Handle the end of an element."""
        close_it = self._closes.get(tag)
        if close_it is not None:
            close_it()

    def text(self, text: str) -> None:
        """Handle the text inside an element."""
        if self._is_collecting:
            self._pieces.append(text)

    def _expect_prefix(self, prefix: str) -> None:
        self._opens = {prefix + tag: open_it for tag, open_it in self._opens.items()}
        self._closes = {prefix + tag: close_it for tag, close_it in self._closes.items()}

    def _open_row(self, said: Mapping[str, str]) -> None:
        self._row = self._number(said["r"]) if "r" in said else self._row + 1
        self._column = -1
        if self._row > MOST_ROWS or self._row < 1:
            raise damaged_cell(self._grid.file, f"of row {self._row}")
        if said.get("hidden", "") in TRUE:
            self._grid.hidden_rows.add(self._row)
        if len(self._grid.rows) >= self._n_rows:
            enough()

    def _open_cell(self, said: Mapping[str, str]) -> None:
        letters = said.get("r", "").rstrip("0123456789")
        self._column = self._column_at(letters) if letters else self._column + 1
        self._said = said
        self._pieces = []
        self._has_formula = self._has_value = False

    def _column_at(self, letters: str) -> int:
        column = self._columns.get(letters)
        if column is None:
            column = _column_number(letters)
            if not 0 <= column < MOST_COLUMNS:
                raise damaged_cell(self._grid.file, f"in row {self._row}")
            self._columns[letters] = column
        return column

    def _open_value(self, _said: Mapping[str, str]) -> None:
        self._is_collecting = self._has_value = True

    def _open_text(self, _said: Mapping[str, str]) -> None:
        self._is_collecting = not self._in_phonetic

    def _open_phonetic(self, _said: Mapping[str, str]) -> None:
        self._in_phonetic = True

    def _close_phonetic(self) -> None:
        self._in_phonetic = False

    def _open_formula(self, _said: Mapping[str, str]) -> None:
        self._has_formula = True

    def _close_text(self) -> None:
        self._is_collecting = False

    def _close_cell(self) -> None:
        pieces = self._pieces
        written = pieces[0] if len(pieces) == 1 else "".join(pieces)
        kind = self._said.get("t", "n")
        if self._has_formula and self._is_left_open(written, kind):
            return
        if kind in {"n", "d"}:
            written = written.strip()
        if not written:
            return
        if kind == "n":
            style = self._said.get("s")
            shown_as = self._format(style) if style else self._formats[0]
            self._grid.put_number(self._row, self._column, written, shown_as)
        elif kind == "s":
            self._grid.put_text(self._row, self._column, self._shared(written))
        else:
            self._put_other(written, kind)

    def _put_other(self, written: str, kind: str) -> None:
        if kind == "e":
            self._grid.errors.append(cell_name(self._row, self._column))
            self._grid.put(self._row, self._column, written, TEXT)
        elif kind == "b":
            text = "TRUE" if written.strip() in TRUE else "FALSE"
            self._grid.put(self._row, self._column, text, TRUTH)
        elif kind == "d":
            self._grid.put(self._row, self._column, written, DATE)
        else:
            self._grid.put_text(self._row, self._column, unescaped(written))

    def _is_left_open(self, written: str, kind: str) -> bool:
        """Whether the cell's formula was never calculated; where it was, it is counted."""
        if written.strip() or (kind == "str" and self._has_value):
            self._grid.n_formulas += 1
            if kind == "n" and written.strip() == "0":
                self._grid.zero_formulas.append(cell_name(self._row, self._column))
            return False
        self._grid.uncalculated.append(cell_name(self._row, self._column))
        return True

    def _format(self, style: str) -> NumberFormat:
        try:
            return self._formats[int(style)]
        except (ValueError, IndexError):
            raise damaged_cell(self._grid.file, cell_name(self._row, self._column)) from None

    def _shared(self, written: str) -> str:
        try:
            return self._strings[int(written)]
        except (ValueError, IndexError):
            raise damaged_cell(self._grid.file, cell_name(self._row, self._column)) from None

    def _number(self, written: str) -> int:
        if not (written.isdecimal() and written.isascii()):
            raise damaged_cell(self._grid.file, f"after row {self._row}")
        return int(written)

    def _column_said(self, said: Mapping[str, str]) -> None:
        if said.get("hidden", "") in TRUE:
            first, last = self._number(said.get("min", "1")), self._number(said.get("max", "1"))
            self._grid.hidden_columns.update(range(first - 1, min(last, MOST_COLUMNS)))

    def _merged_said(self, said: Mapping[str, str]) -> None:
        corners = _REFERENCE.findall(said.get("ref", ""))
        if len(corners) == 2:
            (left, top), (right, bottom) = corners
            place = Place(int(top), _column_number(left), int(bottom), _column_number(right))
            self._grid.merged.append(place)

    def _filter_said(self, _said: Mapping[str, str]) -> None:
        self._grid.is_filtered = True


def unescaped(text: str) -> str:
    r"""Return a text with the characters that the file writes as their numbers.

    Examples
    --------
    >>> unescaped("a_x000A_b"), unescaped("_x005F_x000A_")
    ('a\nb', '_x000A_')
    """
    if "_x" not in text:
        return text
    return _ESCAPE.sub(_characters, text)


def _characters(found: re.Match[str]) -> str:
    codes = found[0][2:-1].split("__x")
    try:
        return b"".join(int(code, 16).to_bytes(2, "big") for code in codes).decode("utf-16-be")
    except UnicodeDecodeError:
        return found[0]


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1
