"""Collinearity of design columns: variance inflation of each predictor, condition indices of all together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ConditionIndices:
    """Condition indices in ascending order, shape (p,), and the share of each column's variance on each, (p, p).

    Each column of ``shares`` sums to 1; its rows go with the indices.
    """

    index: Array
    shares: Array


def variance_inflation(design: Array) -> Array:
    """Return the variance inflation factor of each column: 1 / (1 - R²), R² of the column on all others.

    Parameters
    ----------
    design : array of shape (n, p)
        Columns that vary, none a combination of others.

    Returns
    -------
    ndarray, shape (p,)
        At least 1; 1 where a column goes with no other.

    Notes
    -----
    Checked against R's ``car::vif`` 3.1-1 of a linear model (09_collinearity.json, 1e-6 relative).

    References
    ----------
    Belsley DA, Kuh E, Welsch RE. Regression diagnostics. Wiley; 1980.

    Examples
    --------
    >>> variance_inflation(np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])).tolist()
    [1.0, 1.0]
    """
    _, upper = _orthogonal(design)
    inverse = np.linalg.inv(upper)
    return np.asarray(np.sum(inverse**2, axis=1))


def generalised_inflation(design: Array, sources: Sequence[str]) -> dict[str, float]:
    """Return the generalised variance inflation factor of each predictor, brought to that of one column.

    For a predictor of d columns, with R their correlations and S those of the others: (det R · det S / det both)^(1/d).
    Of one column it is the variance inflation factor.

    Parameters
    ----------
    design : array of shape (n, p)
        As for `variance_inflation`.
    sources : sequence of str
        The predictor of each column.

    References
    ----------
    Fox J, Monette G. Generalized collinearity diagnostics. J Am Stat Assoc 1992;87:178-183.
    """
    inverse = np.linalg.inv(_orthogonal(design)[1])
    precision = inverse @ inverse.T
    standardised = _standardised(design)
    found = {}
    for predictor in dict.fromkeys(sources):
        own = np.flatnonzero([source == predictor for source in sources])
        # det of all = det of the others / det of this predictor's block of the inverse
        _, within = np.linalg.slogdet(standardised[:, own].T @ standardised[:, own])
        _, beside = np.linalg.slogdet(precision[np.ix_(own, own)])
        found[predictor] = float(np.exp((within + beside) / own.size))
    return found


def condition_indices(columns: Array) -> ConditionIndices:
    """Return Belsley's scaled condition indices and variance-decomposition proportions.

    Columns are scaled to length 1 and not centred; the index is the largest singular value over each. An index above
    30 with two or more columns that have more than half of their variance on it says that these are collinear.

    Parameters
    ----------
    columns : array of shape (n, p), n at least p
        As they enter the fit, the column of ones included.

    Notes
    -----
    Checked against R 4.2.2 (09_collinearity.json, 1e-6).

    References
    ----------
    Belsley DA, Kuh E, Welsch RE. Regression diagnostics. Wiley; 1980: chapter 3.
    """
    scaled = columns / np.linalg.norm(columns, axis=0)
    _, size, directions = np.linalg.svd(scaled, full_matrices=False)
    parts = (directions / size[:, None]) ** 2
    return ConditionIndices(size[0] / size, parts / parts.sum(axis=0))


def _standardised(design: Array) -> Array:
    centred = design - design.mean(axis=0)
    return np.asarray(centred / np.linalg.norm(centred, axis=0))


def _orthogonal(design: Array) -> tuple[Array, Array]:
    """Return Q and R of the standardised columns."""
    return np.linalg.qr(_standardised(design))
