"""BCa intervals: percentiles of the bootstrap, shifted for its bias and for how its spread changes with the value."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from clinpred.performance.patient_bootstrap import CELLS, Drawn
from clinpred.performance.rows import Array, Rows, Weighted

_NORMAL = NormalDist()
MOST_GROUPS = 2000
"""Up to this many patients are left out one at a time; more in this many groups, whose sums are as skewed in all."""


@dataclass(frozen=True)
class AcceleratedDrawn(Drawn):
    """Replicates of a measure with the two constants that correct their percentiles."""

    bias: float = 0.0
    acceleration: float = 0.0

    def _level(self, level: float) -> float:
        shifted = self.bias + _NORMAL.inv_cdf(level)
        return _NORMAL.cdf(self.bias + shifted / (1.0 - self.acceleration * shifted))

    def _share(self, share: float) -> float:
        apart = _NORMAL.inv_cdf(share) - self.bias
        return _NORMAL.cdf(apart / (1.0 + self.acceleration * apart) - self.bias)


def accelerated(drawn: Drawn, value: float, left_out: Array) -> Drawn:
    """Return the replicates with the BCa constants, or with the reason why there are none.

    Parameters
    ----------
    drawn : Drawn
        The replicates.
    value : float
        The measure of the rows as they are.
    left_out : ndarray, shape (groups,)
        The measure without each patient, or without each group of patients (``without_each``).

    References
    ----------
    Efron B. J Am Stat Assoc 1987;82:171-185. For groups: Shao J, Wu CFJ. Ann Stat 1989;17:1176-1197.
    """
    if drawn.reason is not None:
        return drawn
    lost = int(np.sum(~np.isfinite(left_out)))
    if lost:
        reason = f"interval not estimable (no value without {lost:,} of {left_out.size:,} patients or groups of them)"
        return replace(drawn, reason=reason)
    below = float(np.mean(drawn.found < value) + np.mean(drawn.found == value) / 2.0)
    if not 0.0 < below < 1.0:
        return replace(drawn, reason="interval not estimable (all replicates on one side of the estimate)")
    return AcceleratedDrawn(drawn.found, drawn.lost, None, _NORMAL.inv_cdf(below), _acceleration(left_out))


def without_each(rows: Rows, weighted: Sequence[Weighted]) -> dict[str, Array]:
    """Return every measure without each patient; of more than 2,000 patients, without each of 2,000 groups of them.

    Fits start from that of all rows, and one patient moves it little: about one Newton step, and it is checked.
    """
    parts = [
        {key: found for family in weighted for key, found in family(weights).items()} for weights in _weights(rows)
    ]
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _weights(rows: Rows) -> Iterator[Array]:
    patient = np.arange(rows.patients) if rows.patient is None else rows.patient
    group = patient % MOST_GROUPS
    groups = min(rows.patients, MOST_GROUPS)
    chunk = max(1, CELLS // rows.outcome.size)
    for first in range(0, groups, chunk):
        dropped = np.arange(first, min(first + chunk, groups))
        yield (group != dropped[:, None]).astype(np.float64)


def _acceleration(left_out: Array) -> float:
    apart = left_out.mean() - left_out
    spread = float(apart @ apart)
    return float(np.sum(apart**3)) / (6.0 * spread * math.sqrt(spread)) if spread > 0.0 else 0.0
