"""What a column is: decided on every row, so that the order of rows can never change it."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ColumnType = Literal["number", "category", "date", "empty"]

_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DIGITS = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_NUMBER_LIKE = re.compile(r"[<>≤≥~]?\s*[+-]?[0-9.,_]*[0-9][0-9.,_]*\s*%?")
_ISO_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
# Numbers up to here have exact whole neighbours in float64: a longer one is compared with what a float makes of it.
_SAFE_DIGITS = 15
_NA_SPELLINGS = {spelling.casefold(): spelling for spelling in ("NA", "N/A", "NaN", "null", "None", ".")}


@dataclass(frozen=True)
class PredictorType:
    """How a predictor enters the models. ``levels``, lowest first, are those the study declares (else empty)."""

    kind: Literal["number", "category", "ordered"]
    levels: tuple[str, ...] = ()
    unit: str | None = None


def decide_type(values: Iterable[str]) -> ColumnType:
    """Return the type that all values of a column share; an empty text is a missing value.

    A number is a plain decimal number that float64 holds: ``007`` and an 18-digit id are codes, ``4_5`` and ``0x1f``
    are text. ``inf`` among numbers counts as a number, so that it is refused and not taken for a word.

    Examples
    --------
    >>> decide_type(["1", "2.5e-3", "NA", ""]), decide_type(["1", "NA", "x"]), decide_type(["007", "12"])
    ('number', 'category', 'category')
    """
    distinct = set(values) - {""}
    if not distinct:
        return "empty"
    numbers = {value for value in distinct if not is_missing_spelling(value)}
    if numbers and all(is_plain_number(value) or _INFINITE.fullmatch(value) for value in numbers):
        return "number"
    return "date" if all(_ISO_DATE.fullmatch(value) for value in distinct) else "category"


def is_plain_number(value: str) -> bool:
    """Whether the text is a decimal number in plain syntax whose whole digits float64 holds."""
    if not _NUMBER.fullmatch(value):
        return False
    return len(value) <= _SAFE_DIGITS or not _INTEGER.fullmatch(value) or _is_exact(value)


def is_digits(value: str) -> bool:
    """Whether a column that is declared a number may hold the text: leading zeros and long integers are granted."""
    return is_missing_spelling(value) or (bool(_DIGITS.fullmatch(value)) and bool(np.isfinite(float(value))))


def is_missing_spelling(value: str) -> bool:
    """Whether the text is a word for "missing"; it counts as one only among numbers."""
    return value.casefold() in _NA_SPELLINGS


def count_missing_spellings(values: Iterable[str]) -> Counter[str]:
    """Return how often each word for "missing" occurs."""
    counts = Counter(values)
    found: Counter[str] = Counter()
    for value, count in counts.items():
        if is_missing_spelling(value):
            found[_NA_SPELLINGS[value.casefold()]] += count
    return found


def share_like_numbers(values: Sequence[str]) -> float:
    """Return the share of the values, missing ones aside, that look like a number written in some other way."""
    present = [value for value in values if value]
    return sum(bool(_NUMBER_LIKE.fullmatch(value)) for value in present) / max(1, len(present))


def to_numbers(values: Sequence[str]) -> NDArray[np.float64]:
    """Return the numbers of a column of type number, NaN where missing; an overflow stays infinite."""
    number = {value: _number(value) for value in set(values)}
    return np.array([number[value] for value in values], dtype=np.float64)


def to_code(number: float) -> str:
    """Return the shortest text of a number, so that ``1``, ``1.0`` and ``1e0`` are one category.

    Examples
    --------
    >>> to_code(1.0), to_code(0.5), to_code(-0.0)
    ('1', '0.5', '0')
    """
    return str(int(number)) if number == int(number) else repr(number)


def is_date(value: str) -> bool:
    """Whether a text in the form of an ISO date is a day that exists."""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def to_dates(values: Sequence[str]) -> NDArray[np.datetime64]:
    """Return the days of a column of type date, NaT where missing."""
    return np.array([value[:10] or "NaT" for value in values], dtype="datetime64[D]")


def _number(value: str) -> float:
    return np.nan if not value or is_missing_spelling(value) else float(value)


def _is_exact(integer: str) -> bool:
    number = float(integer)
    return np.isinf(number) or int(number) == int(integer)
