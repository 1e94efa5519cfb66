"""Types of columns and predictors, and the texts and numbers that stand for each other."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from clinpred.records.values.missing_words import is_missing_word
from clinpred.records.values.numbers import read_number

ColumnType = Literal["number", "category", "date", "empty"]

_DIGITS = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class PredictorType:
    """How a predictor enters the models. ``levels``, lowest first, are those the study declares (else empty)."""

    kind: Literal["number", "category", "ordered"]
    levels: tuple[str, ...] = ()
    unit: str | None = None


def is_plain_number(value: str) -> bool:
    """Whether the text is a decimal number in plain syntax whose whole digits float64 holds.

    Examples
    --------
    >>> [is_plain_number(value) for value in ("-2.5e-3", "5.", "007", "5,5", "12 %")]
    [True, True, False, False, False]
    """
    number = read_number(value)
    return number.kind == "number" and number.digits == value and number.mark in {"none", "point", "either point"}


def is_digits(value: str) -> bool:
    """Whether a column that is declared a number may hold the text: leading zeros and long integers are granted."""
    return is_missing_word(value) or (bool(_DIGITS.fullmatch(value)) and bool(np.isfinite(float(value))))


def to_numbers(values: Sequence[str]) -> NDArray[np.float64]:
    """Return the numbers of texts that ``is_digits`` grants, NaN where missing."""
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


def to_dates(values: Sequence[str]) -> NDArray[np.datetime64]:
    """Return the days of a column of type date, NaT where missing."""
    return np.array([value[:10] or "NaT" for value in values], dtype="datetime64[D]")


def _number(value: str) -> float:
    return np.nan if not value or is_missing_word(value) else float(value)
