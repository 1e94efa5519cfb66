"""Columns of ids and remarks: what can be said of all their texts at once, without a look at each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clinpred.records.values.dates import is_zero_date, read_date
from clinpred.records.values.missing_words import is_missing_word, is_programs_missing_word
from clinpred.records.values.numbers import read_number
from clinpred.records.values.plain_numbers import bytes_of

if TYPE_CHECKING:
    import pyarrow as pa

# Signs of markup, of Excel's guards and errors, and of formulas: texts with them are looked at one by one.
_NEVER, _NOT_FIRST = b"<{#+", b"='+@-"
_N_LOOKED_AT = 1000
_IS_LETTER, _IS_DIGIT, _IS_NEVER, _IS_NOT_FIRST, _MAY_START_MONTH = (
    np.isin(np.arange(256), np.frombuffer(signs, np.uint8))
    for signs in (
        b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        b"0123456789",
        _NEVER,
        _NOT_FIRST,
        b"jfmasondJFMASOND",
    )
)


@dataclass(frozen=True)
class PlainWords:
    """What is certain of a column of text that is no column of numbers or dates.

    Parameters
    ----------
    n_present : int
        Number of cells that hold something.
    n_missing_words : int
        Number of those that hold a word for "missing"; none of them is one that programs write.
    n_words : int
        Number of other cells that can be neither a number nor a date, however these are written.
    n_levels : int
        Number of distinct texts among the first thousand cells.
    """

    n_present: int
    n_missing_words: int
    n_words: int
    n_levels: int

    @property
    def are_mostly_words(self) -> bool:
        """Whether more than half of what is there can be neither a number nor a date."""
        return 2 * self.n_words > self.n_present - self.n_missing_words


def plain_words(texts: "pa.ChunkedArray") -> PlainWords | None:
    """Return what is certain of a column, or None where its texts have to be looked at one by one.

    Examples
    --------
    >>> import pyarrow as pa
    >>> plain_words(pa.chunked_array([["K-17/a", "", "K-18/b"]]))
    PlainWords(n_present=2, n_missing_words=0, n_words=2, n_levels=2)
    >>> plain_words(pa.chunked_array([["K-17/a", "<b>K-18</b>"]]))
    """
    first = set(texts.slice(0, _N_LOOKED_AT).to_pylist())
    if not any(map(_is_neither, first)):
        return None
    n_present = n_missing = n_words = 0
    for chunk in texts.chunks:
        found = _of_chunk(chunk)
        if found is None:
            return None
        n_present, n_missing, n_words = n_present + found[0], n_missing + found[1], n_words + found[2]
    return PlainWords(n_present, n_missing, n_words, len(first - {""}))


def may_have_few_levels(texts: "pa.ChunkedArray", n_levels: int, *, n_cells: int) -> bool:
    """Return False only where no ``n_levels`` distinct texts can fill so many cells.

    Of the distinct texts of a piece, those beyond ``n_levels`` stand for at least one cell each.
    """
    import pyarrow.compute as pc

    n_most = len(texts) - n_cells
    for chunk in texts.chunks:
        n_most -= max(0, pc.count_distinct(chunk).as_py() - n_levels - 1)
        if n_most < 0:
            return False
    return True


def _is_neither(text: str) -> bool:
    """Whether a text shows that its column is one of categories: no number, date, or word for "missing"."""
    if not text or text.isdecimal() or is_missing_word(text) or is_zero_date(text):
        return False
    return read_number(text).kind in {"other", "code"} and read_date(text) is None


def _of_chunk(chunk: "pa.StringArray") -> tuple[int, int, int] | None:
    """Return the numbers of cells present, of words for "missing", and of those that are neither number nor date."""
    import pyarrow as pa

    signs, starts, ends = bytes_of(chunk)
    if signs.size and (int(signs.max()) > 127 or _IS_NEVER[signs].any()):
        return None
    filled = np.flatnonzero(ends > starts)
    first = signs[starts[filled]]
    if _IS_NOT_FIRST[first].any():
        return None
    # No word for "missing" ends with a digit.
    undecided = filled[~_IS_DIGIT[signs[ends[filled] - 1]]]
    missing = [text for text in chunk.take(pa.array(undecided)).to_pylist() if is_missing_word(text)]
    if any(map(is_programs_missing_word, missing)):
        return None
    is_word = _IS_LETTER[first] & ~_MAY_START_MONTH[first]
    return len(filled), len(missing), int(is_word.sum()) - len(missing)
