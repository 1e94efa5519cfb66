"""The cells of one sheet as they are met, with what the sheet says beside them; only filled cells take room."""

from collections import Counter
from dataclasses import dataclass, field

from clinpred.errors import InputRefused, ResourceRefused
from clinpred.records.sources.workbook_formats import (
    Epoch,
    NumberFormat,
    id_text,
    moment_text,
    number_text,
)
from clinpred.records.text.blanks import BLANKS

BLANK, TEXT, NUMBER, DATE, ID, TRUTH = range(6)
MOST_ROWS, MOST_COLUMNS = 2**20, 2**14
_MOST_PADDING = 5_000_000
_MOST_DIGITS = 15


@dataclass(frozen=True)
class Place:
    """Rows and columns of a merged cell, from 1 and 0 (as rows are named and columns counted), the last included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True)
class Sheet:
    """A sheet's name, where its cells are in the file, and whether a reader of the workbook does not see it."""

    name: str
    path: str
    is_hidden: bool


@dataclass(eq=False)
class Grid:
    """A sheet: rows of texts, each up to its last filled cell, and the kind of each cell.

    Parameters
    ----------
    file, sheet : str
        Names of the workbook and the sheet, for messages.
    epoch : {"1900", "1904"}
        The year from which the workbook counts days.
    numbers : list of int
        The sheet's number of each row, from 1.
    id_formats, long_numbers : Counter
        By column: cells whose leading zeros are only shown, and whole numbers of more than 15 digits.
    uncalculated, errors : list of str
        Cells with a formula but no value, and cells with an error, by name.
    zero_formulas, n_formulas : list of str, int
        Cells whose formula has the value 0, and all cells with a formula and a value.
    """

    file: str
    sheet: str
    epoch: Epoch = "1900"
    rows: list[list[str]] = field(default_factory=list)
    kinds: list[bytearray] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    is_filtered: bool = False
    merged: list[Place] = field(default_factory=list)
    id_formats: Counter[int] = field(default_factory=Counter)
    long_numbers: Counter[int] = field(default_factory=Counter)
    n_stripped: int = 0
    uncalculated: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    zero_formulas: list[str] = field(default_factory=list)
    n_formulas: int = 0
    _padding: int = 0
    _filled: int = 0

    def put(self, row: int, column: int, text: str, kind: int) -> None:
        """Add a cell; they come in the sheet's order, row by row from the left."""
        if not self.numbers or row != self.numbers[-1]:
            self._open_row(row)
        cells, kinds = self.rows[-1], self.kinds[-1]
        gap = column - len(cells)
        if gap:
            self._pad(gap)
        self._filled += 1
        cells.append(text)
        kinds.append(kind)

    def put_text(self, row: int, column: int, text: str) -> None:
        """Add a cell of text, without its outer blanks."""
        stripped = text.strip(BLANKS)
        if stripped != text:
            self.n_stripped += 1
        if "\0" in stripped:
            raise InputRefused(
                "E-NUL",
                f"{self.file}: cell {cell_name(row, column)} holds a NUL character",
                expected="text without NUL characters",
                to_fix="remove it from that cell, and save the workbook again",
            )
        if stripped:
            self.put(row, column, stripped, TEXT)

    def put_number(self, row: int, column: int, written: str, shown_as: NumberFormat) -> None:
        """Add a cell of a number, as its format means it."""
        text = self._number(row, column, written)
        if len(text) > _MOST_DIGITS and text.lstrip("-").isdecimal() and len(text.lstrip("-")) > _MOST_DIGITS:
            self.long_numbers[column] += 1
        if shown_as.kind == "number":
            self.put(row, column, text, NUMBER)
        elif shown_as.kind == "id":
            self._put_id(row, column, text, id_text(float(written), shown_as.pattern))
        else:
            moment = moment_text(float(written), shown_as.kind, self.epoch)
            if moment is None:
                raise _no_day(self.file, cell_name(row, column))
            self.put(row, column, moment, DATE if shown_as.kind in {"date", "date-time"} else TEXT)

    def _put_id(self, row: int, column: int, text: str, shown: str | None) -> None:
        if shown in {None, text}:
            self.put(row, column, text, NUMBER)
        elif shown is not None:
            self.id_formats[column] += 1
            self.put(row, column, shown, ID)

    def _number(self, row: int, column: int, written: str) -> str:
        try:
            return number_text(written)
        except (ValueError, IndexError):
            raise damaged_cell(self.file, cell_name(row, column)) from None

    def _open_row(self, row: int) -> None:
        if not (self.numbers[-1] if self.numbers else 0) < row <= MOST_ROWS:
            raise damaged_cell(self.file, f"of row {row}")
        self.rows.append([])
        self.kinds.append(bytearray())
        self.numbers.append(row)

    def _pad(self, gap: int) -> None:
        if gap < 0 or len(self.rows[-1]) + gap >= MOST_COLUMNS:
            raise damaged_cell(self.file, cell_name(self.numbers[-1], len(self.rows[-1]) + gap))
        self._padding += gap
        if self._padding > _MOST_PADDING and self._padding > 100 * self._filled:
            raise mostly_blank(self.file)
        self.rows[-1].extend([""] * gap)
        self.kinds[-1].extend(bytes(gap))

    def is_table(self) -> bool:
        """Whether the sheet looks like a table, and not like a few notes."""
        filled = [n_filled for row in self.rows if (n_filled := sum(map(bool, row))) > 1]
        widest = max(filled, default=0)
        return len(filled) > 5 or (len(filled) > 1 and widest > 2)

    def square(self) -> None:
        """Give every row the same number of cells."""
        width = max(map(len, self.rows), default=0)
        if width * len(self.rows) > max(_MOST_PADDING, 100 * self._filled):
            raise mostly_blank(self.file)
        for cells, kinds in zip(self.rows, self.kinds, strict=True):
            missing = width - len(cells)
            if missing:
                cells.extend([""] * missing)
                kinds.extend(bytes(missing))


def column_letters(column: int) -> str:
    """Return the letters by which a sheet names a column, counted from 0.

    Examples
    --------
    >>> [column_letters(column) for column in (0, 25, 26, 16383)]
    ['A', 'Z', 'AA', 'XFD']
    """
    letters = ""
    column += 1
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(65 + place) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """Return a cell's name, row from 1 and column from 0.

    Examples
    --------
    >>> cell_name(5, 2)
    'C5'
    """
    return f"{column_letters(column)}{row}"


def mostly_blank(file: str) -> ResourceRefused:
    """Return the refusal of a sheet whose few cells lie too far apart."""
    return ResourceRefused(
        "R-BOMB",
        f"{file}: the sheet spans millions of blank cells around a few filled ones",
        expected="a table whose cells stand together",
        to_fix="delete what stands far outside of the table, and save the workbook again",
    )


def damaged_cell(file: str, cell: str) -> InputRefused:
    """Return the refusal of a cell that no spreadsheet program writes."""
    return InputRefused(
        "E-FORMAT",
        f"{file}: the cell {cell} is damaged, or out of its order",
        expected="a workbook as a spreadsheet program saves it",
        to_fix="open it in a spreadsheet program, save it as .xlsx, and read that",
    )


def _no_day(file: str, cell: str) -> InputRefused:
    return InputRefused(
        "E-DATE",
        f"{file}: cell {cell} is shown as a date, but its number is no day of the calendar",
        expected="days from 1900-01-01 (not 29 February 1900) to 9999-12-31",
        to_fix="correct that cell, or leave it empty where the date is missing",
    )
