"""Harrell's restricted cubic splines: cubic between the knots, a straight line beyond the outer ones."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clinpred.errors import StatisticalRefusal

Array = NDArray[np.float64]

_OUTER_SHARE = {3: 0.10, 4: 0.05, 5: 0.05, 6: 0.05, 7: 0.025}


def harrell_knots(values: ArrayLike, count: int) -> Array:
    """Return Harrell's knots: equally spaced quantiles between two outer ones.

    The outer knots lie at the quantiles .10 and .90 (3 knots), .05 and .95 (4 to 6) or .025 and .975 (7); with
    fewer than 100 values they are the fifth smallest and the fifth largest value. Tied values can make knots
    coincide: whoever builds a basis on them asks first.

    Parameters
    ----------
    values : array_like, shape (n,)
        At least 6 numbers.
    count : int
        3 to 7.

    Returns
    -------
    ndarray, shape (count,)
        The knots, not decreasing.

    Raises
    ------
    StatisticalRefusal
        ``S-KNOTS``: fewer than 6 values, or a count outside 3 to 7.

    References
    ----------
    Harrell FE. Regression Modeling Strategies, 2nd ed. Springer 2015, section 2.4.5.

    Notes
    -----
    Checked against Hmisc 4.8 ``rcspline.eval`` (15_rcs.json, 1e-6). Hmisc's additional rule for a first or last
    value that is tied in 5 % of the values or more is not applied.

    Examples
    --------
    >>> harrell_knots(range(101), 3)
    array([10., 50., 90.])
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if count not in _OUTER_SHARE or ordered.size < 6:
        raise StatisticalRefusal(
            "S-KNOTS",
            f"{count} knots asked for on {ordered.size} values",
            expected="3 to 7 knots on 6 values or more",
            to_fix="ask for another number of knots, or keep the predictor linear",
        )
    outer = _OUTER_SHARE[count]
    knots = np.quantile(ordered, np.linspace(outer, 1.0 - outer, count))
    if ordered.size < 100:
        knots[0], knots[-1] = ordered[4], ordered[-5]
    return np.asarray(knots)


def restricted_cubic_basis(values: ArrayLike, knots: ArrayLike) -> Array:
    """Return the basis: the value itself, and one restricted cubic term for each knot but the last two.

    With knots t₁ < … < t_k, term j is [(x-t_j)₊³ - (x-t_{k-1})₊³(t_k-t_j)/(t_k-t_{k-1})
    + (x-t_k)₊³(t_{k-1}-t_j)/(t_k-t_{k-1})] / (t_k-t₁)².

    Parameters
    ----------
    values : array_like, shape (n,)
        In the unit of the knots.
    knots : array_like, shape (k,)
        3 knots or more, strictly increasing.

    Returns
    -------
    ndarray, shape (n, k - 1)
        Without a column of ones.

    Raises
    ------
    StatisticalRefusal
        ``S-KNOTS``: fewer than 3 knots, or knots that coincide.

    Notes
    -----
    Checked against Hmisc 4.8 ``rcspline.eval(norm=2)`` (15_rcs.json, 1e-6).

    Examples
    --------
    >>> restricted_cubic_basis([0.0, 2.0, 4.0], [1.0, 2.0, 3.0]).tolist()
    [[0.0, 0.0], [2.0, 0.25], [4.0, 3.0]]
    """
    x = np.asarray(values, dtype=np.float64)
    t = np.asarray(knots, dtype=np.float64)
    distinct = np.unique(t).size
    if distinct < 3 or np.any(np.diff(t) <= 0):
        raise StatisticalRefusal(
            "S-KNOTS",
            f"{distinct} distinct knots among {t.size}",
            expected="3 knots or more, strictly increasing",
            to_fix="use fewer knots, or keep the predictor linear",
        )
    # Beyond the last knot the cubes cancel to a line: drawn as one, it is exact however far away x is.
    cubes = np.maximum(np.minimum(x, t[-1])[:, None] - t[:-1], 0.0) ** 3
    restrained = cubes[:, :-1] - cubes[:, -1:] * (t[-1] - t[:-2]) / (t[-1] - t[-2])
    slopes = 3.0 * (t[-1] - t[:-2]) * (t[-2] - t[:-2])
    restrained += np.maximum(x - t[-1], 0.0)[:, None] * slopes
    return np.column_stack([x, restrained / (t[-1] - t[0]) ** 2])
