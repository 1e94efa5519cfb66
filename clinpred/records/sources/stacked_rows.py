"""Rows of several files as one column each, and where every row stands."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain
from typing import overload

import numpy as np

from clinpred.records.values.texts import CodedTexts, LongTexts, lean_codes, texts_of


def stacked_column(parts: Sequence[Sequence[str]]) -> Sequence[str]:
    """Return the cells of one column, those of the second file after those of the first.

    Examples
    --------
    >>> list(stacked_column([("a", "b"), ("b", "c")]))
    ['a', 'b', 'b', 'c']
    """
    long = [part for part in parts if isinstance(part, LongTexts)]
    if len(long) == len(parts):
        import pyarrow as pa

        return LongTexts(pa.chunked_array(list(chain.from_iterable(part.chunks.chunks for part in long)), pa.string()))
    coded = [texts_of(part).coded() for part in parts]
    index: dict[str, int] = {}
    places = [np.array([index.setdefault(word, len(index)) for word in part.words], dtype=np.int64) for part in coded]
    codes = np.concatenate([place[part.codes] for place, part in zip(places, coded, strict=True)])
    return CodedTexts(list(index), codes.astype(lean_codes(len(index))))


class StackedPlaces(Sequence[int]):
    """The places of several files' rows, one file after the other; each is shown with the name of its file."""

    def __init__(self, parts: Sequence[Sequence[int]], files: Sequence[str]) -> None:
        self._parts, self._files = parts, files
        self._ends = list(accumulate(len(part) for part in parts))

    def __len__(self) -> int:
        return self._ends[-1]

    @overload
    def __getitem__(self, row: int) -> int: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[int]: ...
    def __getitem__(self, row: int | slice) -> int | Sequence[int]:
        if isinstance(row, slice):
            return [self[each] for each in range(*row.indices(len(self)))]
        at = range(len(self))[row]
        file = bisect_right(self._ends, at)
        place = _Place(self._parts[file][at - self._ends[file] + len(self._parts[file])])
        place.file = self._files[file]
        return place


class _Place(int):
    """The number of a line, shown with the name of its file."""

    file: str

    def __str__(self) -> str:
        return f"{int(self)} of {self.file}"

    def __format__(self, _spec: str) -> str:
        return str(self)
