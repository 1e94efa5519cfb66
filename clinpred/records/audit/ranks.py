"""How well one column alone tells rows with the event from rows without it: ranks, their limits and their chance."""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

_FOLDS = 5
# The odd number of Knuth's multiplicative hash: row numbers are scattered without a random generator.
_SCATTER = 2_654_435_761
_Z_95 = 1.959963984540054


def midranks(values: Array) -> Array:
    """Return the ranks 1 to n of values without NaN, shape (n,); ties share their mean rank.

    Examples
    --------
    >>> midranks(np.array([7.0, 3.0, 7.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[at], dtype=np.float64)


def area(outcome: Array, values: Array) -> float:
    """Return the AUROC of values for a 0/1 outcome of both classes, neither with NaN; .5 is chance.

    Examples
    --------
    >>> area(np.array([0.0, 1.0, 0.0, 1.0]), np.array([1.0, 3.0, 3.0, 8.0]))
    0.875
    """
    events = float(outcome.sum())
    others = outcome.size - events
    return float((midranks(values)[outcome == 1].sum() - events * (events + 1) / 2) / (events * others))


def lower_limit(found: float, events: int, others: int) -> float:
    """Return the lower 95 % limit of an AUROC of .5 or more, which holds for few events and for an AUROC of 1.

    It is the lowest true AUROC that is not rejected: that at which the distance to ``found`` is 1.96 standard errors.
    The standard error is Hanley and McNeil's at the true AUROC (Radiology 1982;143:29-36), of its two unequal
    parts the larger going with the larger class; solved for as in Newcombe RG. Stat Med 2006;25:559-573.

    Examples
    --------
    >>> round(lower_limit(1.0, 3, 97), 2), round(lower_limit(1.0, 100, 400), 2)
    (0.66, 0.98)
    """
    low, high = 0.0, found
    while high - low > 1e-9:
        middle = (low + high) / 2
        if found - middle > _Z_95 * _standard_error(middle, events, others):
            low = middle
        else:
            high = middle
    return low


def _standard_error(true: float, events: int, others: int) -> float:
    small, large = sorted((events, others))
    with_small = (small - 1) * (1 - true) / (2 - true)
    with_large = (large - 1) * true / (1 + true)
    return math.sqrt(true * (1 - true) * (1 + with_small + with_large) / (events * others))


def chance_of_area(outcome: Array, values: Array) -> float:
    """Return the two-sided p-value of an AUROC of .5, from the normal limit of the rank sum, corrected for ties."""
    n, events = outcome.size, float(outcome.sum())
    others = n - events
    _, ties = np.unique(values, return_counts=True)
    spread = (n + 1 - float(np.sum(ties.astype(float) ** 3 - ties)) / (n * (n - 1))) / (12 * events * others)
    if spread <= 0:
        return 1.0
    return math.erfc(abs(area(outcome, values) - 0.5) / math.sqrt(2 * spread))


def crossed_rates(outcome: Array, codes: Codes) -> Array:
    """Return for each row the event rate of its category among other rows, shape (n,).

    The rows are dealt into five parts with equal shares of events, always in the same way; a row's rate comes from
    the other four parts and is drawn to the overall rate as if one more row had it. No row's outcome enters its own
    rate, so that many rare categories do not seem to tell the outcome.

    Parameters
    ----------
    outcome : array of shape (n,)
        0 or 1.
    codes : int array of shape (n,)
        The category of each row, 0 or more.
    """
    part = _parts(outcome)
    levels = int(codes.max()) + 1
    rates = np.empty(outcome.size)
    for fold in range(_FOLDS):
        here = part == fold
        rows = np.bincount(codes[~here], minlength=levels)
        events = np.bincount(codes[~here], weights=outcome[~here], minlength=levels)
        rates[here] = ((events + outcome[~here].mean()) / (rows + 1))[codes[here]]
    return rates


def _parts(outcome: Array) -> Codes:
    scattered = np.arange(outcome.size, dtype=np.uint64) * np.uint64(_SCATTER) % np.uint64(2**32)
    order = np.lexsort((scattered, outcome))
    part = np.empty(outcome.size, dtype=np.int64)
    part[order] = np.arange(outcome.size) % _FOLDS
    return part


def chance_of_one_class(rows: int, *, of_class: int, total: int) -> float:
    """Return the probability that ``rows`` rows drawn from ``total`` are all among the ``of_class`` rows of a class.

    Examples
    --------
    >>> round(chance_of_one_class(2, of_class=5, total=10), 4)
    0.2222
    """
    ways = math.lgamma(of_class + 1) - math.lgamma(of_class - rows + 1)
    return math.exp(ways + math.lgamma(total - rows + 1) - math.lgamma(total + 1))
