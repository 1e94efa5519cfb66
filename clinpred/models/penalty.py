"""The penalty: what coefficients cost, when a minimum is reached, which strengths to try, other packages' scales."""

from dataclasses import dataclass

import numpy as np

from clinpred.models.likelihood import TIGHT, Problem, null_coefficients
from clinpred.models.risk_model import Array, risk_of

N_STRENGTHS = 60
LOWEST_OF_EMPTYING = 1e-4
# A pure ridge penalty empties no model; its path starts at 100 times the strength that empties the lasso.
LEAST_EMPTYING_SHARE = 0.01
_DECADES_BEYOND = 2.0


@dataclass(frozen=True)
class Penalty:
    """What each coefficient costs, shape (1 + p,), intercept first: l1·|b| + l2/2·b²."""

    l1: Array
    l2: Array

    def cost(self, coefficients: Array) -> float:
        """Return the penalty of the coefficients."""
        return float(self.l1 @ np.abs(coefficients) + self.l2 @ coefficients**2 / 2.0)


def uniform_penalty(strength: float, l1_share: float, n_predictors: int) -> Penalty:
    """Return the same penalty for every predictor and none for the intercept."""
    free_intercept = np.append(0.0, np.ones(n_predictors))
    return Penalty(strength * l1_share * free_intercept, strength * (1.0 - l1_share) * free_intercept)


def emptying_strength(problem: Problem) -> float:
    """Return the smallest lasso strength at which every coefficient is 0: the largest gradient of the empty model."""
    empty = problem.linear_predictor(null_coefficients(problem))
    largest = float(np.abs(problem.gradient(risk_of(empty))[1:]).max())
    # Predictors without any relation to the outcome leave every model empty, whatever the strength.
    return largest if largest > TIGHT else 1.0


def strength_grid(emptying: float, l1_share: float) -> Array:
    """Return 60 strengths, decreasing, from the one that empties the model (ridge: 100 times the lasso's)."""
    highest = emptying / max(l1_share, LEAST_EMPTYING_SHARE)
    return np.geomspace(highest, LOWEST_OF_EMPTYING * emptying, N_STRENGTHS)


def extended_grid(strengths: Array, *, downwards: bool) -> Array:
    """Return the strengths and two decades more, at the same spacing, beyond one end."""
    ratio = strengths[0] / strengths[1]
    beyond = ratio ** np.arange(1, int(np.ceil(_DECADES_BEYOND / np.log10(ratio))) + 1)
    if downwards:
        return np.append(strengths, strengths[-1] / beyond)
    return np.append(strengths[0] * beyond[::-1], strengths)


def optimality_residual(coefficients: Array, gradient: Array, penalty: Penalty) -> float:
    """Return by how much the optimality (KKT) conditions are missed, at the worst coefficient.

    ``gradient`` is that of the mean loss. At a minimum, with s = gradient + l2·b: s = -l1·sign(b) where b is not 0,
    and s lies within -l1 and l1 where it is.
    """
    smooth = gradient + penalty.l2 * coefficients
    return kkt_residual(coefficients, smooth, penalty.l1)


def kkt_residual(coefficients: Array, slope: Array, l1: Array) -> float:
    """Return the worst miss, given the slope of the smooth part and the l1 cost of each coefficient."""
    at_zero = np.maximum(np.abs(slope) - l1, 0.0)
    elsewhere = np.abs(slope + l1 * np.sign(coefficients))
    return float(np.where(coefficients == 0, at_zero, elsewhere).max())


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
