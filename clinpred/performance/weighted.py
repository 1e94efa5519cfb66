"""Measures under row weights: what the families of measures share."""

from collections.abc import Callable

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.performance.rows import Array, Rows, Weighted

Prepare = Callable[[Rows], Weighted]


def weighted_ratio(numerator: Array, denominator: Array) -> Array:
    """Return numerator / denominator, NaN where the denominator is 0."""
    ratio = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=ratio, where=denominator != 0.0)
    return ratio


def single(prepare: Prepare, rows: Rows, key: str) -> float:
    """Return one measure of the rows as they are, every row counting once.

    Raises
    ------
    StatisticalRefusal
        The measure cannot be estimated on these rows.
    """
    return found_or_refused(float(prepare(rows)(np.ones((1, rows.outcome.size)))[key][0]))


def found_or_refused(value: float) -> float:
    """Return a value that was estimable, and refuse one that was not."""
    if np.isfinite(value):
        return value
    raise not_converged()


def not_converged() -> StatisticalRefusal:
    """Return the refusal of a fit whose likelihood has no finite maximum."""
    return StatisticalRefusal(
        "S-NOT-CONVERGED",
        "no finite value, as where the risk separates the outcomes",
        expected="risks of patients with and without the event that overlap",
        to_fix="judge the risks on more patients; look for a predictor that holds the outcome",
    )
