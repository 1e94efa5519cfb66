"""The penalty: what coefficients cost, when a minimum is reached, which strengths to try, other packages' scales."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.models.likelihood import TIGHT, Problem, mean_loss, not_converged, null_coefficients
from clinpred.models.risk_model import Array, risk_of

N_STRENGTHS = 100
LOWEST_OF_EMPTYING = 1e-4
# A pure ridge penalty empties no model; its path starts at 100 times the strength that empties the lasso.
LEAST_EMPTYING_SHARE = 0.01
_DECADES_BEYOND = 2.0
_MAX_NEWTON_STEPS = 100


@dataclass(frozen=True)
class Penalty:
    """What each coefficient costs, l1·|b| + l2/2·b²: shape (1 + p,), intercept first, or (m, 1 + p) for m fits."""

    l1: Array
    l2: Array

    def cost(self, coefficients: Array) -> float:
        """Return the penalty of the coefficients of one fit."""
        return float(self.l1 @ np.abs(coefficients) + self.l2 @ coefficients**2 / 2.0)

    def of(self, fit: int | NDArray[np.int64]) -> "Penalty":
        """Return the penalty of one of m fits, or of some."""
        return Penalty(self.l1[fit], self.l2[fit])


def uniform_penalty(
    strength: float | Array, l1_share: float, n_predictors: int, *, factors: Array | None = None
) -> Penalty:
    """Return the same penalty for every predictor, or its multiple by a factor each, and none for the intercept.

    Parameters
    ----------
    strength : float, or array of shape (m,)
        One strength, or those of m fits.
    l1_share : float in 0 to 1
    n_predictors : int
    factors : array of shape (p,), at least 0, optional
        Predictor j is penalised by strength times factor j; 0 leaves it free. All are 1 if none are given.
    """
    free_intercept = np.append(0.0, np.ones(n_predictors) if factors is None else factors)
    cost = np.multiply.outer(np.asarray(strength, dtype=np.float64), free_intercept)
    return Penalty(l1_share * cost, (1.0 - l1_share) * cost)


def empty_model(problem: Problem, factors: Array | None = None) -> Array:
    """Return the fit of what is never penalised, the intercept and predictors of factor 0, shape (1 + p,).

    Raises
    ------
    StatisticalRefusal
        S-NOT-CONVERGED: the unpenalised predictors alone have no maximum of the likelihood within 100 Newton steps.
    """
    never = np.zeros(problem.n_predictors, dtype=bool) if factors is None else factors == 0
    free = np.flatnonzero(np.append(True, never))
    coefficients = null_coefficients(problem)
    for _ in range(_MAX_NEWTON_STEPS):
        risk = risk_of(problem.linear_predictor(coefficients))
        slope = problem.gradient(risk)[free]
        if np.abs(slope).max() <= TIGHT:
            return coefficients
        step = np.zeros_like(coefficients)
        step[free] = -np.linalg.lstsq(problem.curvature(risk, free), slope, rcond=None)[0]
        coefficients = _halved(problem, coefficients, step)
    raise not_converged(slope)


def _halved(problem: Problem, coefficients: Array, step: Array) -> Array:
    limit = _loss(problem, coefficients) * (1.0 + 1e-13)
    while _loss(problem, coefficients + step) > limit and np.abs(step).max() > 1e-12:
        step = step / 2
    return coefficients + step


def _loss(problem: Problem, coefficients: Array) -> float:
    return mean_loss(problem.outcome, problem.linear_predictor(coefficients), problem.weight)


def emptying_strength(problem: Problem, factors: Array | None = None) -> float:
    """Return the smallest lasso strength at which every penalised coefficient is 0.

    It is the largest gradient of the empty model, each divided by its predictor's factor.
    """
    empty = empty_model(problem, factors)
    gradient = np.abs(problem.gradient(risk_of(problem.linear_predictor(empty)))[1:])
    factor = np.ones_like(gradient) if factors is None else factors
    penalised = factor > 0
    largest = float((gradient[penalised] / factor[penalised]).max(initial=0.0))
    # Predictors without any relation to the outcome leave every model empty, whatever the strength.
    return largest if largest > TIGHT else 1.0


def strength_grid(emptying: float, l1_share: float) -> Array:
    """Return 100 strengths, decreasing, from the one that empties the model (ridge: 100 times the lasso's)."""
    highest = emptying / max(l1_share, LEAST_EMPTYING_SHARE)
    return np.geomspace(highest, LOWEST_OF_EMPTYING * emptying, N_STRENGTHS)


def extended_grid(strengths: Array, *, downwards: bool) -> Array:
    """Return the strengths and two decades more, at the same spacing, beyond one end."""
    ratio = strengths[0] / strengths[1]
    # Rounded first: two decades may be a whole number of steps but for the last digit.
    steps = int(np.ceil(round(_DECADES_BEYOND / np.log10(ratio), 6)))
    beyond = ratio ** np.arange(1, steps + 1)
    if downwards:
        return np.append(strengths, strengths[-1] / beyond)
    return np.append(strengths[0] * beyond[::-1], strengths)


def optimality_residual(coefficients: Array, gradient: Array, penalty: Penalty) -> float:
    """Return by how much the optimality (KKT) conditions are missed, at the worst coefficient.

    ``gradient`` is that of the mean loss. At a minimum, with s = gradient + l2·b: s = -l1·sign(b) where b is not 0,
    and s lies within -l1 and l1 where it is.
    """
    smooth = gradient + penalty.l2 * coefficients
    return float(kkt_residual(coefficients, smooth, penalty.l1))


def kkt_residual(coefficients: Array, slope: Array, l1: Array) -> Array:
    """Return the worst miss, one a fit, given the slope of the smooth part and the l1 cost of each coefficient."""
    at_zero = np.maximum(np.abs(slope) - l1, 0.0)
    elsewhere = np.abs(slope + l1 * np.sign(coefficients))
    worst: Array = np.where(coefficients == 0, at_zero, elsewhere).max(axis=-1)
    return worst


def strength_to_scikit_learn_c(strength: float, n_rows: float) -> float:
    """Return scikit-learn's C = 1/(n·λ), for predictors standardised by their population standard deviation.

    The l1 share is its ``l1_ratio``. With weights, ``n_rows`` is their sum.

    Examples
    --------
    >>> strength_to_scikit_learn_c(0.01, 200)
    0.5
    """
    return 1.0 / (n_rows * strength)


def strength_from_scikit_learn_c(c: float, n_rows: float) -> float:
    """Return λ = 1/(n·C) of scikit-learn's C."""
    return 1.0 / (n_rows * c)


def strength_to_rms_penalty(strength: float, n_rows: int) -> float:
    """Return the ``penalty`` of R's ``rms::lrm``, λ·(n - 1).

    lrm penalises the whole log likelihood by ½·penalty·Σ(s·b)², s the sample standard deviation (denominator n - 1).

    Examples
    --------
    >>> strength_to_rms_penalty(0.05, 201)
    10.0
    """
    return strength * (n_rows - 1)


def strength_from_rms_penalty(penalty: float, n_rows: int) -> float:
    """Return λ = penalty/(n - 1) of the ``penalty`` of R's ``rms::lrm``."""
    return penalty / (n_rows - 1)


def strength_to_keras_l2(strength: float) -> float:
    """Return Keras's l2 = λ/2: Keras adds l2·Σw² to the mean loss, where λ/2·Σw² is meant."""
    return strength / 2.0


def strength_from_keras_l2(l2: float) -> float:
    """Return λ = 2·l2 of Keras's l2."""
    return 2.0 * l2
