"""Words that stand for "missing" among numbers and dates; among words they are words."""

from collections import Counter
from collections.abc import Mapping

# Written by programs: nobody means anything else by them among numbers, however few the numbers are.
_BY_PROGRAMS = ("NA", "N/A", "NaN", "null", "None", ".")
_BY_PEOPLE = (
    *("#N/A", "<NA>", "(null)", "\\N", "n.a.", "n.d.", "nd", "nk", "-", "--", "---", "?", "??", "unk", "unknown"),
    *("#N/D", "#NV", "n/d", "n/k", "k.A.", "keine Angabe", "unbekannt", "inconnu", "desconocido", "[null]", "NaT"),
    *("missing", "not done", "not available", "not known", "not recorded", "not applicable", "not measured"),
)
_PROGRAMS = {word.casefold(): word for word in _BY_PROGRAMS}
_ALL = {word.casefold(): word for word in (*_BY_PEOPLE, *_BY_PROGRAMS)}


def is_missing_word(value: str) -> bool:
    """Whether the text is a word for "missing".

    Examples
    --------
    >>> [is_missing_word(value) for value in ("n/a", "#N/A", "Unknown", "0", "low")]
    [True, True, True, False, False]
    """
    return value.casefold() in _ALL


def is_programs_missing_word(value: str) -> bool:
    """Whether the text is a word for "missing" that programs write (NA, NaN, null, ...)."""
    return value.casefold() in _PROGRAMS


def spelled(counts: Mapping[str, int]) -> str:
    """Return how often each word for "missing" occurs, in alphabetical order.

    Examples
    --------
    >>> spelled({"NA": 2, "na": 1, "?": 3})
    '? 3, NA 3'
    """
    known: Counter[str] = Counter()
    for value, count in counts.items():
        known[_ALL[value.casefold()]] += count
    return ", ".join(f"{word} {count}" for word, count in sorted(known.items()))
