"""The penalised quadratic: what a Newton step towards a lasso or an elastic net minimises exactly."""

import numpy as np
from scipy.linalg import lapack

from clinpred.models.penalty import kkt_residual
from clinpred.models.risk_model import Array

_MAX_SWEEPS = 1000


def minimise_quadratic(quadratic: Array, linear: Array, l1: Array, *, start: Array, tolerance: float) -> Array:
    """Minimise ½ x'Qx + c'x + Σ l1·|x|, Q positive definite, to a KKT residual of at most ``tolerance``.

    Coordinate descent decides which coefficients are 0 and the signs of the others; between its sweeps the minimum
    for these signs is solved for at once, which spares the many sweeps that correlated predictors would need.
    """
    x = _minimum_for_signs(quadratic, linear, l1, start.copy())
    for _ in range(_MAX_SWEEPS):
        slope = linear + quadratic @ x
        if kkt_residual(x, slope, l1) <= tolerance:
            break
        x = _minimum_for_signs(quadratic, linear, l1, _swept(quadratic, slope, l1, x))
    return x


def _swept(quadratic: Array, slope: Array, l1: Array, x: Array) -> Array:
    """One sweep of coordinate descent over the coefficients that are 0 and should not be, or else over all others.

    At the minimum for their signs the others need no sweep until one joins them, and then are solved for again.
    """
    joining = np.flatnonzero((x == 0) & (np.abs(slope) > l1))
    for j in joining if joining.size else np.flatnonzero(x):
        aim = quadratic[j, j] * x[j] - slope[j]
        moved = np.sign(aim) * max(abs(aim) - l1[j], 0.0) / quadratic[j, j]
        if moved != x[j]:
            slope += (moved - x[j]) * quadratic[j]
            x[j] = moved
    return x


def _minimum_for_signs(quadratic: Array, linear: Array, l1: Array, x: Array) -> Array:
    """Move to the minimum for the present signs; a coefficient whose sign would flip stops at 0 and stays there."""
    while True:
        face = np.flatnonzero((x != 0) | (l1 == 0))
        here, sign = x[face], np.sign(x[face])
        target = _solved(quadratic[face[:, None], face], -linear[face] - l1[face] * sign)
        flips = np.flatnonzero((l1[face] > 0) & (target * sign <= 0))
        if flips.size == 0:
            x[face] = target
            return x
        shares = here[flips] / (here[flips] - target[flips])
        x[face] = here + shares.min() * (target - here)
        x[face[flips[shares.argmin()]]] = 0.0


def _solved(positive: Array, right: Array) -> Array:
    # The transpose of a symmetric matrix is in the order LAPACK works in, so that nothing is copied.
    _, solution, failed = lapack.dposv(positive.T, right, lower=1, overwrite_a=True)
    return np.asarray(np.linalg.lstsq(positive, right)[0] if failed else solution, dtype=np.float64)
