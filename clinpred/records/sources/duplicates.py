"""Rows that are equal in every cell: a record exported twice, or patients whom coarse columns cannot tell apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

from clinpred.records.findings import Finding
from clinpred.records.id_names import looks_like_id
from clinpred.records.text_table import TextTable
from clinpred.records.values.cells import counted
from clinpred.records.values.texts import CodedTexts, LongTexts

Codes = NDArray[np.int64]

# Columns are seldom independent, and patients are then alike more often than they would be if they were: the limit is
# far below one pair.
_MOST_PAIRS_BY_CHANCE = 0.01


@dataclass(frozen=True, eq=False)
class EqualRows:
    """Rows that have an equal in the table, in order, and for each the group of rows that it is equal to."""

    rows: Codes
    groups: Codes

    @property
    def n_repeats(self) -> int:
        """Number of rows that are equal to an earlier one."""
        return self.rows.size - np.unique(self.groups).size


def duplicate_rows(table: TextTable) -> list[Finding]:
    """Return the finding that rows are equal to an earlier one in every cell (W-DUP-ROWS).

    Of few and coarse columns, patients are alike by chance. The finding is serious only where a column of ids tells all
    other rows apart, or where the columns, taken as independent, would give less than 0.01 pairs of equal rows; else it
    is a note.
    """
    count = equal_rows(table).n_repeats
    if not count:
        return []
    text = f"{counted(count, 'row')} equal to an earlier row in every cell"
    to_fix = "remove them from the export where they are the same record"
    return [duplicates(table, text, n_repeats=count, count=count, to_fix=to_fix)]


def duplicates(table: TextTable, text: str, *, n_repeats: int, count: int, to_fix: str) -> Finding:
    """Return the finding W-DUP-ROWS: serious where chance does not make rows alike, else a note.

    Parameters
    ----------
    table : TextTable
        The rows, with those that are equal to an earlier one.
    text : str
        What was found.
    n_repeats, count : int
        How many rows of the table are equal to an earlier one, and how many of them the finding is about.
    to_fix : str
        What the analyst can do about it.
    """
    n = len(table.places)
    shares = [np.bincount(_codes(column, np.arange(n))) / n for column in table.columns]
    has_id = any(
        looks_like_id(name) and np.count_nonzero(share) == n - n_repeats
        for name, share in zip(table.names, shares, strict=True)
    )
    if has_id or comb(n, 2) * prod(float(share @ share) for share in shares) < _MOST_PAIRS_BY_CHANCE:
        advice = f"a patient counted twice makes every interval too narrow: {to_fix}"
        return Finding("W-DUP-ROWS", "serious", text, advice, count)
    advice = f"the columns are so coarse that patients may be alike by chance; else {to_fix}"
    return Finding("W-DUP-ROWS", "note", text, advice, count)


def equal_rows(table: TextTable) -> EqualRows:
    """Return the rows that are equal to another one in every cell.

    Column by column, only the rows are kept that have an equal so far: ids and measurements come first, and soon none
    is left.
    """
    rows = np.arange(len(table.places))
    groups = np.zeros(rows.size, dtype=np.int64)
    for column in sorted(table.columns, key=lambda column: not isinstance(column, LongTexts)):
        codes = _codes(column, rows)
        both = groups * (codes.max(initial=0) + 1) + codes
        _, groups, counts = np.unique(both, return_inverse=True, return_counts=True)
        has_equal = counts[groups] > 1
        rows, groups = rows[has_equal], groups[has_equal]
        if not rows.size:
            break
    return EqualRows(rows, groups)


def _codes(column: Sequence[str], rows: Codes) -> Codes:
    """Return a number for the text in each of these rows, the same for the same text."""
    if isinstance(column, LongTexts):
        chunks = column.chunks if rows.size == len(column) else column.chunks.take(rows)
        encoded = chunks.dictionary_encode().unify_dictionaries().chunks
        return np.concatenate(
            [np.zeros(0, np.int64), *(chunk.indices.to_numpy().astype(np.int64) for chunk in encoded)]
        )
    if isinstance(column, CodedTexts):
        return column.codes[rows].astype(np.int64)
    return CodedTexts.of([column[row] for row in rows.tolist()]).codes.astype(np.int64)
