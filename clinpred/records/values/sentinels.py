"""Numbers that often stand for "missing", such as 999 and -9: named, and never taken for missing unasked."""

from collections.abc import Mapping
from itertools import pairwise
from shlex import quote

import numpy as np
from numpy.typing import NDArray

from clinpred.records.findings import Finding
from clinpred.records.types import to_code
from clinpred.records.values.cells import Cells, counted

_HIGH = (99.0, 999.0, 9999.0, 99999.0, 999999.0, 888.0, 8888.0, 88888.0, 777.0, 7777.0, 77777.0)
_LOW = (-9.0, -99.0, -999.0, -9999.0, -8.0, -88.0, -888.0, -7.0, -77.0, -777.0)
_NAMED = (*_HIGH, *_LOW, -1.0, 0.0)
# A handful of values does not show where the others end.
_FEWEST_OTHERS = 10
# No measurement of one column is a hundred times the next smaller one; a digit lost or gained makes it ten times.
_FAR = 100.0
# What many patients have is honest: no cigarettes, no drug, a virus by the million.
_FEW, _MOST_ZEROS = 0.1, 0.25


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
    found = sorted({*numbers_apart(counts), *isolated_numbers(counts)})
    findings = [_finding(cells, value, counts[value]) for value in found if value in _NAMED]
    n_far = sum(counts[value] for value in found if value not in _NAMED)
    return [*findings, _far_finding(cells, n_far)] if n_far else findings


def isolated_numbers(counts: Mapping[float, int]) -> list[float]:
    """Return further numbers that no other of the column comes near, in ascending order.

    They are -1 and 0, where all others lie further up than half as far as they range (-1: than a tenth as far), and
    whole numbers a hundred times as large as the next smaller one; few cells hold 0 or those.

    Parameters
    ----------
    counts : mapping of float to int
        How many cells hold each number.

    Examples
    --------
    >>> sodium = {float(value): 3 for value in range(120, 153)}
    >>> isolated_numbers({**sodium, 0.0: 2, 777123.0: 1}), isolated_numbers({**sodium, 110.0: 1})
    ([0.0, 777123.0], [])
    """
    others = sorted(value for value in counts if value not in _NAMED)
    n_others = sum(counts[value] for value in others)
    far_from = _start_of_far(others)
    others, far = others[:far_from], others[far_from:]
    if len(others) < _FEWEST_OTHERS:
        return []
    lowest, range_ = others[0], others[-1] - others[0]
    low = [-1.0] if -1.0 in counts and 0.0 not in counts and lowest > max(1.0, range_ / 10) else []
    zero = [0.0] if 0 < counts.get(0.0, 0) <= _MOST_ZEROS * n_others and lowest > max(1.0, range_ / 2) else []
    are_codes = sum(counts[value] for value in far) <= _FEW * n_others and all(value.is_integer() for value in far)
    return [*low, *zero, *(far if are_codes else [])]


def _start_of_far(values: list[float]) -> int:
    """Return at which of the ascending values the last hundredfold step is; their number where there is none."""
    steps = [at for at, (below, above) in enumerate(pairwise(values), start=1) if above > _FAR * below >= _FAR]
    return steps[-1] if steps else len(values)


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
    """Return how many values are each of those numbers, and of all others the lowest and the highest.

    Where ``isolated_numbers`` may find some, it is how many values are each number.
    """
    present = values[~np.isnan(values)]
    if _may_be_isolated(present):
        every, n_each = np.unique(present, return_counts=True)
        return dict(zip(every.tolist(), n_each.tolist(), strict=True))
    is_suspect = np.isin(present, (*_HIGH, *_LOW))
    suspects, counts = np.unique(present[is_suspect], return_counts=True)
    found = {float(value): int(count) for value, count in zip(suspects, counts, strict=True)}
    others = present[~is_suspect]
    if len(others):
        found[float(others.min())] = 1
        found[float(others.max())] = len(others) - (len(others) > 1 and others.min() < others.max())
    return found


def _may_be_isolated(present: NDArray[np.float64]) -> bool:
    others = present[~np.isin(present, _NAMED)]
    if len(others) < _FEWEST_OTHERS:
        return False
    if others.min() > 1 and (present.min() == -1 or bool((present == 0).any())):
        return True
    most_others = int((1 - _FEW) * len(others)) - 1
    return bool(others.max() > _FAR * max(1.0, np.partition(others, most_others)[most_others]))


def _is_apart(value: float, lowest: float, highest: float) -> bool:
    return lowest >= 0 if value < 0 else value - highest > max(highest - lowest, highest)


def _far_finding(cells: Cells, count: int) -> Finding:
    """Return the finding of numbers that can be one patient's, which are not quoted."""
    text = f"{counted(count, 'value')} a hundred times as large as all others: a code for missing, or mistyped"
    advice = f"correct them in the export, or read them as missing with --missing {quote(f'{cells.column}=VALUE')}"
    return cells.note("W-SENTINEL", text, advice=advice, count=count, caution=True)


def _finding(cells: Cells, value: float, count: int) -> Finding:
    code = to_code(value)
    text = f"{count} x {code}, apart from all other values, which often stands for missing"
    advice = f"if it does, read it so with --missing {quote(f'{cells.column}={code}')}"
    return cells.note("W-SENTINEL", text, advice=advice, count=count, caution=True)
