"""Lines that add the patients up: after the last of them, or among them."""

import re
from collections import Counter
from collections.abc import Sequence

from clinpred.records.text.blanks import BLANKS

_TOTAL = re.compile(
    r"((grand|sub)[ -]?)?(totals?|sums?|mean|average|count|summe|gesamt|insgesamt)( \(?n)?[ :=]*[\d.,]*\)?"
    r"|n( \(?n)?([ :=]+[\d.,]*)?\)?",  # N12 is a patient
    re.IGNORECASE,
)
# Words that say so wherever they stand, where all other cells of the column have digits, as ids and dates do.
_SUM = re.compile(r"((grand|sub)[ -]?)?(totals?|sums?|summe|gesamt|insgesamt)[ :=]*[\d.,]*", re.IGNORECASE)
STARTS_OF_SUMS = frozenset({"to", "su", "gr", "ge", "in"})
_DIGIT = re.compile(r"\d")
_FEWEST_OTHERS = 3


def says_total(row: Sequence[str]) -> bool:
    """Whether the first filled cell of a row, of which some are empty, is a word for a total.

    Examples
    --------
    >>> says_total(["", "Total", "61"]), says_total(["Total", "61", "140"]), says_total(["17", "", "140"])
    (True, False, False)
    >>> says_total(["n = 61", "", "140"]), says_total(["n", "", "140"]), says_total(["N61", "", "140"])
    (True, True, False)
    """
    cells = [cell.strip(BLANKS) for cell in row]
    word = next(filter(None, cells), "")
    return len(cells) > 1 and bool(_TOTAL.fullmatch(word)) and (len(cells) == 2 or not all(cells))


def may_be_sum(cell: str) -> bool:
    """Whether a cell is a word for a sum, which tells of a line that is no patient where it stands among ids.

    Examples
    --------
    >>> [may_be_sum(cell) for cell in ("Total", " subtotal 12", "Sum:", "total hip", "n")]
    [True, True, True, False, False]
    """
    return bool(_SUM.fullmatch(cell.strip(BLANKS)))


def end_without_totals(rows: Sequence[Sequence[str]]) -> int:
    """Return how many rows there are before the last ones that add the others up.

    The first filled cell of such a row says so, and stands in no other row.
    """
    end = len(rows)
    cells_above: dict[int, Counter[str]] = {}
    while end and says_total(rows[end - 1]):
        column, word = _first_filled(rows[end - 1])
        if column not in cells_above:
            cells_above[column] = Counter(row[column].strip(BLANKS) for row in rows[:end] if column < len(row))
        if cells_above[column][word] > 1:
            break
        end -= 1
        for at, counts in cells_above.items():
            counts[rows[end][at].strip(BLANKS)] -= 1
    return end


def sums_among(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return which rows are sums although they are full or stand among patients: a word for it stands among ids.

    Examples
    --------
    >>> sums_among([["P1", "61"], ["P2", "70"], ["Subtotal", "131"], ["P3", "58"], ["P4", "63"]])
    [2]
    """
    found: dict[int, list[int]] = {}
    for at, row in enumerate(rows):
        cell = row[0]
        if not cell or cell[:2].lower() in STARTS_OF_SUMS or cell[0].isspace():
            column, word = _first_filled(row)
            if may_be_sum(word):
                found.setdefault(column, []).append(at)
    return sorted(at for column, places in found.items() if _is_of_ids(rows, column, set(places)) for at in places)


def _is_of_ids(rows: Sequence[Sequence[str]], column: int, but: set[int]) -> bool:
    others = [row[column] for at, row in enumerate(rows) if at not in but and row[column].strip(BLANKS)]
    return len(others) >= _FEWEST_OTHERS and all(map(_DIGIT.search, others))


def _first_filled(row: Sequence[str]) -> tuple[int, str]:
    return next(((place, cell.strip(BLANKS)) for place, cell in enumerate(row) if cell.strip(BLANKS)), (0, ""))
