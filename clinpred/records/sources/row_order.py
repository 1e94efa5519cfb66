"""The order of a query's rows: the one it states, else one that the cells alone decide."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

_NO_WORDS = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_INNERMOST = re.compile(r"\([^()]*\)")
_ORDERED = re.compile(r"\border\s+by\b", re.IGNORECASE)


def states_an_order(query: str) -> bool:
    """Whether a query orders its rows; an ORDER BY in brackets, as of a window or an inner query, does not.

    Examples
    --------
    >>> states_an_order("SELECT * FROM t ORDER BY x"), states_an_order("SELECT rank() OVER (ORDER BY x) FROM t")
    (True, False)
    """
    outside, n_brackets = _NO_WORDS.sub(" ", query), 1
    while n_brackets:
        outside, n_brackets = _INNERMOST.subn(" ", outside)
    return bool(_ORDERED.search(outside))


def sorted_rows(columns: Sequence[Sequence[str]]) -> list[int]:
    """Return the rows in the order of their cells: of the first column, then among equals of the second, and so on.

    Examples
    --------
    >>> sorted_rows([["b", "a", "a"], ["1", "3", "2"]])
    [2, 1, 0]
    """
    rows = list(range(len(columns[0])))
    ties = [(0, len(rows))]
    for cells in columns:
        left: list[tuple[int, int]] = []
        for start, stop in ties:
            rows[start:stop] = sorted(rows[start:stop], key=cells.__getitem__)
            left += _runs([cells[row] for row in rows[start:stop]], start)
        ties = left
    return rows


def _runs(cells: Sequence[str], start: int) -> Iterator[tuple[int, int]]:
    for _, run in groupby(cells):
        stop = start + sum(1 for _ in run)
        if stop - start > 1:
            yield start, stop
        start = stop
