"""Whether a text can be read in one way only: looked at byte by byte, a block of whole lines at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import hashlib

LONGEST_LINE = 2**20
_MARKS = b",;\t|^~"
_LINE_FEED, _RETURN, _BLANK, _QUOTE, _APOSTROPHE, _BACKSLASH, _NUL, _CTRL_Z = b"\n\r \"'\\\x00\x1a"
_RARE_BLANKS = b"\t\x0b\x0c\x1c\x1d\x1e\x1f"


class NotPlainError(Exception):
    """The text, or what it holds, may be read in more than one way: the careful reader has to look at it."""


@dataclass
class Plainness:
    """What the blocks looked at so far show.

    Parameters
    ----------
    delimiter : int
        The byte that parts the cells.
    n_lines : int
        Number of lines.
    marks : mapping of byte to int
        How often each other mark that could part cells occurs.
    has_quotes, has_apostrophes : bool
        Whether any occurs.
    is_ascii : bool
        Whether no sign is beyond ASCII.
    may_have_blanks : bool
        Whether blanks may stand at the edge of a cell.
    """

    delimiter: int
    n_lines: int = 0
    marks: dict[int, int] = field(default_factory=dict)
    has_quotes: bool = False
    has_apostrophes: bool = False
    is_ascii: bool = True
    may_have_blanks: bool = False

    def __post_init__(self) -> None:
        self.marks = dict.fromkeys(_MARKS.replace(bytes([self.delimiter]), b""), 0)

    def look_at(self, block: bytes) -> None:
        """Look at whole lines, every one of which ends with a line feed.

        Raises
        ------
        NotPlainError
            Where they can be read in more than one way, or are no UTF-8.
        """
        signs = np.frombuffer(block, np.uint8)
        if not block.isascii():
            _require_utf8(block)
            self.is_ascii, self.may_have_blanks = False, True
        low = np.flatnonzero(signs <= _BLANK)
        self._look_at_lines(signs, low, signs[low])
        for mark in self.marks:
            if mark in block:
                self.marks[mark] += int(np.count_nonzero(signs == mark))
        if _QUOTE in block:
            self._look_at_quotes(signs, low[signs[low] == _LINE_FEED])
        if _APOSTROPHE in block:
            self._look_at_apostrophes(signs)

    def add(self, other: "Plainness") -> None:
        """Add what the next block shows."""
        self.n_lines += other.n_lines
        for mark, count in other.marks.items():
            self.marks[mark] += count
        self.has_quotes = self.has_quotes or other.has_quotes
        self.has_apostrophes = self.has_apostrophes or other.has_apostrophes
        self.is_ascii = self.is_ascii and other.is_ascii
        self.may_have_blanks = self.may_have_blanks or other.may_have_blanks

    def has_one_reading(self, first_line: bytes) -> bool:
        """Whether no other mark than the delimiter can part the lines, given the line of the names."""
        share = 0.05 if self.has_quotes or self.has_apostrophes else 0.5
        others = [mark for mark in self.marks if mark in first_line]
        return all(self.marks[mark] < max(1.0, share * self.n_lines) for mark in others)

    def _look_at_lines(self, signs: NDArray[np.uint8], low: NDArray[np.intp], found: NDArray[np.uint8]) -> None:
        tally = np.bincount(found, minlength=_BLANK + 1)
        ends = low[found == _LINE_FEED]
        returns = low[found == _RETURN]
        if tally[_NUL] or tally[_CTRL_Z] or not (signs[returns + 1] == _LINE_FEED).all():
            raise NotPlainError
        lengths = np.diff(ends, prepend=-1) - 1
        is_blank = (lengths == 0) | ((lengths == 1) & (signs[np.maximum(ends - 1, 0)] == _RETURN))
        if is_blank.any() or lengths.max() > LONGEST_LINE:
            raise NotPlainError
        self.n_lines += len(ends)
        blanks = low[found == _BLANK]
        edges = np.zeros(256, dtype=bool)
        edges[[self.delimiter, _LINE_FEED, _RETURN, _QUOTE, _APOSTROPHE]] = True
        rare = sum(int(tally[sign]) for sign in _RARE_BLANKS if sign != self.delimiter)
        # Before the first sign of a block stands a line feed: the last sign of the block before it.
        at_edge = edges[signs[blanks - 1]] | edges[signs[blanks + 1]]
        self.may_have_blanks = self.may_have_blanks or rare > 0 or bool(at_edge.any())

    def _look_at_quotes(self, signs: NDArray[np.uint8], ends: NDArray[np.intp]) -> None:
        """Require that quotes open where a cell starts and close where it ends, on one line, and are doubled inside."""
        quotes = np.flatnonzero(signs == _QUOTE)
        self.has_quotes = True
        if len(quotes) % 2 or (np.searchsorted(quotes, ends) % 2).any():
            raise NotPlainError
        opening, closing = quotes[::2], quotes[1::2]
        is_edge = np.zeros(256, dtype=bool)
        is_edge[[self.delimiter, _LINE_FEED, _QUOTE]] = True
        opens = is_edge[signs[opening - 1]]
        is_edge[_RETURN] = True
        closes = is_edge[signs[closing + 1]]
        if not (opens.all() and closes.all()) or (signs[quotes - 1] == _BACKSLASH).any():
            raise NotPlainError

    def _look_at_apostrophes(self, signs: NDArray[np.uint8]) -> None:
        """Require that no cell starts with an apostrophe."""
        found = np.flatnonzero(signs == _APOSTROPHE)
        self.has_apostrophes = True
        before, twice_before = signs[found - 1], signs[found - 2]
        starts = (before == self.delimiter) | (before == _LINE_FEED)
        if (starts | ((before == _BLANK) & (twice_before == self.delimiter))).any():
            raise NotPlainError


def blocks_of(file: BinaryIO, digest: "hashlib._Hash", *, size: int) -> Iterator[bytes]:
    """Yield the rest of a file in blocks of whole lines, digested; the last line gets the end that it may lack.

    Raises
    ------
    NotPlainError
        A line is longer than 1 MiB, or the last one ends with a delimiter and not with its line.
    """
    while block := file.read(size):
        rest = file.readline(LONGEST_LINE)
        if len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            raise NotPlainError
        block += rest
        if block[-1:] in _MARKS:
            raise NotPlainError
        digest.update(block)
        yield block if block.endswith(b"\n") else block + b"\n"


def _require_utf8(block: bytes) -> None:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        raise NotPlainError from None
