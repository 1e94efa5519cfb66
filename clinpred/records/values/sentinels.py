"""Numbers that often stand for "missing", such as 999 and -9: named, and never taken for missing unasked."""

from collections.abc import Mapping
from shlex import quote

import numpy as np
from numpy.typing import NDArray

from clinpred.records.findings import Finding
from clinpred.records.types import to_code
from clinpred.records.values.cells import Cells

_HIGH = (99.0, 999.0, 9999.0, 99999.0, 999999.0, 888.0, 8888.0, 88888.0, 777.0, 7777.0, 77777.0)
_LOW = (-9.0, -99.0, -999.0, -9999.0, -8.0, -88.0, -888.0, -7.0, -77.0, -777.0)
# A handful of values does not show where the others end.
_FEWEST_OTHERS = 10


def sentinel_findings(cells: Cells, counts: Mapping[float, int]) -> list[Finding]:
    """Return a finding for each number that stands apart from all others and is one of those used for "missing".

    A high one lies further above the next value than all others lie apart; a low one stands among no negative values.

    Parameters
    ----------
    cells : Cells
        The column.
    counts : mapping of float to int
        How many cells hold each number.
    """
    return [_finding(cells, value, counts[value]) for value in numbers_apart(counts)]


def numbers_apart(counts: Mapping[float, int]) -> list[float]:
    """Return the numbers that often stand for "missing" and stand apart from all others, in ascending order.

    Parameters
    ----------
    counts : mapping of float to int
        How many cells hold each number, or what ``sentinel_counts`` returns.
    """
    suspects = [value for value in counts if value in _HIGH or value in _LOW]
    others = [value for value in counts if value not in suspects]
    if not suspects or sum(counts[value] for value in others) < _FEWEST_OTHERS:
        return []
    return sorted(value for value in suspects if _is_apart(value, min(others), max(others)))


def sentinel_counts(values: NDArray[np.float64]) -> dict[float, int]:
    """Return how many values are each of those numbers, and of all others the lowest and the highest."""
    present = values[~np.isnan(values)]
    is_suspect = np.isin(present, (*_HIGH, *_LOW))
    suspects, counts = np.unique(present[is_suspect], return_counts=True)
    found = {float(value): int(count) for value, count in zip(suspects, counts, strict=True)}
    others = present[~is_suspect]
    if len(others):
        found[float(others.min())] = 1
        found[float(others.max())] = len(others) - (len(others) > 1 and others.min() < others.max())
    return found


def _is_apart(value: float, lowest: float, highest: float) -> bool:
    return lowest >= 0 if value < 0 else value - highest > max(highest - lowest, highest)


def _finding(cells: Cells, value: float, count: int) -> Finding:
    code = to_code(value)
    text = f"{count} x {code}, apart from all other values, which often stands for missing"
    advice = f"if it does, read it so with --missing {quote(f'{cells.column}={code}')}"
    return cells.note("W-SENTINEL", text, advice=advice, count=count, caution=True)
