"""Numbers as the shortest text that gives them back."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

_EXACT_WHOLE = 2.0**53


def number_text(value: float) -> str:
    """Return the shortest decimal text that gives the number back; empty where it is NaN.

    Examples
    --------
    >>> [number_text(value) for value in (12.0, 0.1, -0.0, 1e300, float("nan"))]
    ['12', '0.1', '0', '1e+300', '']
    """
    if value.is_integer() and abs(value) < _EXACT_WHOLE:
        return str(int(value))
    return "" if math.isnan(value) else repr(value)


def number_texts(values: NDArray[np.floating[Any]]) -> list[str]:
    """Return the text of each number, shape (n,): the shortest that gives it back in the precision of the array.

    Examples
    --------
    >>> number_texts(np.array([0.1, 3, np.nan])), number_texts(np.array([0.1], dtype=np.float32))
    (['0.1', '3', ''], ['0.1'])
    """
    distinct, which = np.unique(values, return_inverse=True)
    texts = [number_text(value) for value in _in_double_precision(distinct)]
    return np.array(texts, dtype=object)[which].tolist() if texts else []


def _in_double_precision(values: NDArray[np.floating[Any]]) -> list[float]:
    """Return whole numbers as they are, and of others the float of the shortest text in their own precision."""
    if values.dtype == np.float64:
        return [float(value) for value in values]
    exact = values.astype(np.float64)
    whole = (exact == np.floor(exact)) & (np.abs(exact) < _EXACT_WHOLE)
    return [float(value) if same else float(str(value)) for value, same in zip(values, whole, strict=True)]
