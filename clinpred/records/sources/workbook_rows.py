"""The filled part of a sheet as records: what is no row of the table stands out by its width, as in text exports."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from clinpred.records.sources.workbook_grid import BLANK, TEXT, Grid
from clinpred.records.text.layout import empty
from clinpred.records.text.scanner import Records

_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"[0-9]+")
# A column whose texts have more forms than this shows nothing about one more.
_MOST_FORMS = 5


@dataclass(frozen=True, eq=False)
class Rows:
    """The filled part of a sheet, and the kinds of its cells; ``left`` blank columns stand before it."""

    texts: list[list[str]]
    kinds: list[bytearray]
    numbers: list[int]
    left: int

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.texts[0])


def filled_part(grid: Grid) -> Rows:
    """Return the rows and columns of a sheet that hold something.

    Raises
    ------
    InputRefused
        E-EMPTY: none does.
    """
    grid.square()
    if not grid.rows:
        raise empty(grid.file)
    left = next(at for at in range(len(grid.rows[0])) if any(row[at] for row in grid.rows))
    texts = [row[left:] for row in grid.rows] if left else grid.rows
    kinds = [row[left:] for row in grid.kinds] if left else grid.kinds
    return Rows(texts, kinds, grid.numbers, left)


def records_of(rows: Rows) -> Records:
    """Return the rows as records: blank rows between them, and rows of a title or a note as short as they are."""
    texts: list[list[str]] = []
    numbers: list[int] = []
    forms = _Forms(rows)
    head = True
    for at, (cells, number) in enumerate(zip(rows.texts, rows.numbers, strict=True)):
        while numbers and numbers[-1] < number - 1:
            texts.append([""])
            numbers.append(numbers[-1] + 1)
        n_filled = rows.width - rows.kinds[at].count(BLANK)
        head = head and n_filled == 1
        texts.append(_trimmed(cells) if head or forms.is_foreign(at, n_filled) else cells)
        numbers.append(number)
    return Records(texts, numbers, ended=True)


class _Forms:
    """The forms of the texts in each column, to tell a patient's row from a title or a note between the rows."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._forms: dict[int, set[str]] = {}
        self._first_full = next((at for at, kinds in enumerate(rows.kinds) if is_full(kinds)), 0)

    def is_foreign(self, at: int, n_filled: int) -> bool:
        """Whether a row that is at most half filled starts with a text unlike all others of its column.

        Under the header only a single cell is told from a row of units.
        """
        if 2 * n_filled > self._rows.width or not n_filled:
            return False
        column = next(place for place, kind in enumerate(self._rows.kinds[at]) if kind != BLANK)
        if self._rows.kinds[at][column] != TEXT or (n_filled > 1 and (column or at == self._first_full + 1)):
            return False
        forms = self._of(column)
        return len(forms) <= _MOST_FORMS and _form(self._rows.texts[at][column]) not in forms

    def _of(self, column: int) -> set[str]:
        if column not in self._forms:
            rows = self._rows
            full = [cells[column] for cells, kinds in self._each() if kinds[column] == TEXT and is_full(kinds)]
            # the header is no patient, and of another form than what stands under it
            self._forms[column] = set(map(_form, full[1:] if rows.width > 1 else full))
        return self._forms[column]

    def _each(self) -> Iterable[tuple[list[str], bytearray]]:
        return zip(self._rows.texts, self._rows.kinds, strict=True)


def is_full(kinds: bytearray) -> bool:
    """Whether more than half of a row's cells hold something."""
    return 2 * kinds.count(BLANK) < len(kinds)


def _form(text: str) -> str:
    return _DIGITS.sub("9", _LETTERS.sub("a", text))


def _trimmed(cells: list[str]) -> list[str]:
    end = len(cells)
    while not cells[end - 1]:
        end -= 1
    return cells[:end]
