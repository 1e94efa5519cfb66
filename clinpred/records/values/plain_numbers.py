"""Columns of plain decimal numbers with many digits, read at once: vouched for on every byte, or left to the texts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

MOST_OTHER_TEXTS = 1000
_EXAMPLES = 3
# Whole numbers of more digits may be ids: their texts are looked at one by one.
_TOO_LONG = 1e15
_ZERO, _NINE, _POINT, _MINUS, _SLASH = b"09.-/"
_OF_NUMBERS = np.zeros(256, dtype=bool)
_OF_NUMBERS[list(b"0123456789.-")] = True


@dataclass(frozen=True, eq=False)
class PlainNumbers:
    """A column whose cells are plain decimals, and a few other texts.

    Parameters
    ----------
    values : array, shape (n,)
        The numbers, NaN where another text or none stands.
    counts : mapping of str to int
        How many cells hold each other text, and of the numbers a few examples of each way in which they are written
        (whole, with a point, with a point that could hold thousands apart), which stand for all of that way.
    others : frozenset of str
        The texts of ``counts`` that are no plain decimals; the empty one is among them.
    """

    values: NDArray[np.float64]
    counts: Mapping[str, int]
    others: frozenset[str]

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest number."""
        return float(np.nanmin(self.values)), float(np.nanmax(self.values))


class _NotPlainError(Exception):
    """A cell that only its text can tell about."""


@dataclass
class _Tally:
    """What the chunks looked at so far hold."""

    ways: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)


def plain_numbers(texts: "pa.ChunkedArray") -> PlainNumbers | None:
    """Return a column's numbers, correctly rounded, or None where its texts have to be looked at one by one.

    That is where a number has leading zeros, an exponent, a plus, a comma, 16 digits before its point, or where many
    texts are no numbers.

    Examples
    --------
    >>> import pyarrow as pa
    >>> found = plain_numbers(pa.chunked_array([["61.5", "-3", "NA", "", "0.25"]]))
    >>> found.values.tolist(), sorted(found.others)
    ([61.5, -3.0, nan, nan, 0.25], ['', 'NA'])
    >>> plain_numbers(pa.chunked_array([["61.5", "007"]]))
    """
    tally = _Tally()
    values = np.empty(len(texts), dtype=np.float64)
    at = 0
    try:
        for chunk in texts.chunks:
            values[at : at + len(chunk)] = _read(chunk, tally)
            at += len(chunk)
    except _NotPlainError:
        return None
    counts = dict(tally.others)
    for way, examples in tally.examples.items():
        counts |= dict.fromkeys(examples, 1)
        counts[examples[0]] = tally.ways[way] - len(examples) + 1
    if sum(map(len, tally.examples.values())) < _EXAMPLES:
        return None
    return PlainNumbers(values, counts, frozenset(tally.others))


def _read(chunk: "pa.StringArray", tally: _Tally) -> NDArray[np.float64]:
    import pyarrow as pa

    signs, starts, ends = bytes_of(chunk)
    is_other = _others(signs, starts, ends)
    plain = np.flatnonzero(~is_other)
    if 2 * len(plain) < len(chunk):
        raise _NotPlainError
    tally.others.update(chunk.filter(pa.array(is_other)).to_pylist())
    if len(tally.others) > MOST_OTHER_TEXTS:
        raise _NotPlainError
    numbers = chunk if len(plain) == len(chunk) else chunk.take(pa.array(plain))
    try:
        found = numbers.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        raise _NotPlainError from None
    _tell_ways(numbers, found, tally)
    if len(plain) == len(chunk):
        return np.asarray(found)
    values = np.full(len(chunk), np.nan)
    values[plain] = found
    return values


def bytes_of(texts: "pa.StringArray") -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]:
    """Return the bytes of the texts, and where each text starts and ends in them."""
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    signs = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
    return signs[bounds[0] : bounds[-1]], bounds[:-1] - bounds[0], bounds[1:] - bounds[0]


def _others(signs: NDArray[np.uint8], starts: NDArray[Any], ends: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which texts hold another sign than digits, point and minus, or nothing, or a single sign but no digit."""
    is_other: NDArray[np.bool_] = ends == starts
    if not _all_of_numbers(signs):
        foreign = np.flatnonzero(~_OF_NUMBERS[signs])
        is_other[np.searchsorted(starts, foreign, side="right") - 1] = True
    single = np.flatnonzero(ends - starts == 1)
    is_other[single[signs[starts[single]] < _ZERO]] = True
    return is_other


def _all_of_numbers(signs: NDArray[np.uint8]) -> bool:
    """Whether all signs are digits, points and minuses: of the signs from minus to 9 all but the slash."""
    return bool(((signs - _MINUS) <= _NINE - _MINUS).all()) and not bool((signs == _SLASH).any())


def _tell_ways(numbers: "pa.StringArray", values: NDArray[np.float64], tally: _Tally) -> None:
    """Count in which ways the numbers are written; raise where one may be a code."""
    signs, starts, ends = bytes_of(numbers)
    firsts = starts + (signs[starts] == _MINUS)
    seconds = signs[np.minimum(firsts + 1, ends - 1)]
    led = (signs[firsts] == _ZERO) & (ends - firsts > 1) & (seconds >= _ZERO) & (seconds <= _NINE)
    size = np.abs(values)
    if led.any() or not (size < _TOO_LONG).all():
        raise _NotPlainError
    has_point = _with_point(signs, starts)
    has_three_decimals = (ends - firsts > 4) & (signs[np.maximum(ends - 4, 0)] == _POINT)
    is_either = has_three_decimals & (size >= 1) & (size < 1000)
    for way, found in (("whole", ~has_point), ("either", is_either), ("point", has_point & ~is_either)):
        tally.ways[way] += int(np.count_nonzero(found))
        examples = tally.examples.get(way, [])
        if len(examples) < _EXAMPLES and found.any():
            more = numbers.take(np.flatnonzero(found)[: 20 * _EXAMPLES]).to_pylist()
            tally.examples[way] = list(dict.fromkeys([*examples, *more]))[:_EXAMPLES]


def _with_point(signs: NDArray[np.uint8], starts: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which numbers have a point; none has two."""
    is_point = signs == _POINT
    n_points = int(np.count_nonzero(is_point))
    if n_points in (0, len(starts)):
        return np.full(len(starts), n_points > 0)
    has_point = np.zeros(len(starts), dtype=bool)
    has_point[np.searchsorted(starts, np.flatnonzero(is_point), side="right") - 1] = True
    return has_point
