"""Words that stand for "missing" among numbers and dates; among words they are words."""

from collections import Counter
from collections.abc import Collection, Mapping
from string import ascii_uppercase

# Excel's signs of a formula that failed, in English, German and French.
_ERRORS = (
    *("#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!"),
    *("#NV", "#N/D", "#WERT!", "#BEZUG!", "#ZAHL!", "#VALEUR!", "#NOMBRE!", "#NOM?"),
)
# SAS tells kinds of missing values apart by a letter.
_OF_SAS = (".", "._", *(f".{letter}" for letter in ascii_uppercase))
# Written by programs: nobody means anything else by them among numbers, however few the numbers are.
_BY_PROGRAMS = ("NA", "N/A", "NaN", "null", "None", *_OF_SAS)
_BY_PEOPLE = (
    *("<NA>", "(null)", "\\N", "n.a.", "n.d.", "nd", "nk", "-", "--", "---", "?", "??", "unk", "unknown"),
    *("n/d", "n/k", "k.A.", "keine Angabe", "unbekannt", "inconnu", "desconocido", "[null]", "NaT"),
    *("missing", "not done", "not available", "not known", "not recorded", "not applicable", "not measured"),
)
_PROGRAMS = {word.casefold(): word for word in _BY_PROGRAMS}
_FAILED = {word.casefold() for word in _ERRORS}
_ALL = {word.casefold(): word for word in (*_BY_PEOPLE, *_ERRORS, *_BY_PROGRAMS)}


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


def is_excel_error(value: str) -> bool:
    """Whether the text is what Excel shows, and exports, for a formula that failed.

    Examples
    --------
    >>> [is_excel_error(value) for value in ("#DIV/0!", "#N/A", "NA")]
    [True, True, False]
    """
    return value.casefold() in _FAILED


def missing_advice(words: Collection[str]) -> tuple[str, bool]:
    """Return what to do about these words for "missing", and whether it is more than tidiness."""
    if any(map(is_excel_error, words)):
        return "find out why Excel's formulas failed there, and leave missing values empty in the export", True
    return "leave missing values empty in the export", False


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
