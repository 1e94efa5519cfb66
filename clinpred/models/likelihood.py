"""The weighted logistic likelihood on standardised predictors."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from clinpred.errors import StatisticalRefusal
from clinpred.models.design import (
    Design,
    Ints,
    Predictors,
    row_blocks,
    some_columns,
    some_rows,
    standardised,
    weighted_gram,
)
from clinpred.models.risk_model import Array, risk_of

# The largest gradient of the mean log likelihood that a final fit may leave, predictors standardised.
TIGHT = 1e-11


@dataclass(frozen=True)
class Problem:
    """Rows to learn from.

    Attributes
    ----------
    design : array of shape (n, 1 + p) or SparseDesign
        A column of ones, then the predictors, centred and scaled. A constant predictor is a column of zeros, so that
        its coefficient stays 0.
    outcome, weight : arrays of shape (n,)
        The weights sum to 1.
    total_weight : float
        What the given weights summed to, the number of rows where none were given.
    center, scale : arrays of shape (p,)
        What was subtracted from each predictor, and what it was then divided by.
    offset : array of shape (n,), optional
        A part of the log odds that is known.
    """

    design: Design
    outcome: Array
    weight: Array
    total_weight: float
    center: Array
    scale: Array
    offset: Array | None = None

    @property
    def n_predictors(self) -> int:
        """Number of predictors, the intercept not among them."""
        return self.center.size

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.outcome.size

    def on_original_scale(self, coefficients: Array) -> tuple[Array, Array]:
        """Return intercepts (k,) and coefficients (k, p) for raw predictors, from (k, 1 + p) standardised ones."""
        raw = coefficients[:, 1:] / self.scale
        return coefficients[:, 0] - raw @ self.center, raw

    def linear_predictor(self, coefficients: Array) -> Array:
        """Return the log odds of every row, (n,) for coefficients (1 + p,), (n, k) for (1 + p, k); offset added."""
        return self._with_offset(self.design @ coefficients, slice(None))

    def gradient(self, risk: Array) -> Array:
        """Return the gradient of the mean loss, (1 + p,) for risks (n,), (1 + p, k) for risks (n, k)."""
        return ((self.weight * (risk.T - self.outcome)) @ self.design).T

    def gradient_at(
        self, coefficients: Array, *, fold_of_row: Ints | None = None, without: Ints | None = None
    ) -> Array:
        """Return the gradient of the mean loss at coefficients (1 + p, k), shape (1 + p, k), by blocks of rows.

        With the fold of each row, (n,), rows of the fold ``without``, (k,), add nothing to a gradient.
        """
        gradient = np.zeros((coefficients.shape[1], coefficients.shape[0]))
        for rows in row_blocks(self.n_rows, sum(coefficients.shape)):
            block = some_rows(self.design, rows)
            surplus = _risk_in_place(self._with_offset(block @ coefficients, rows))
            surplus -= self.outcome[rows, None]
            surplus *= self.weight[rows, None]
            if fold_of_row is not None:
                surplus *= fold_of_row[rows, None] != without
            gradient += surplus.T @ block
        return gradient.T

    def curvature(self, risk: Array, working: Ints | None = None) -> Array:
        """Return the Hessian of the mean loss at risks (n,), the weighted Gram matrix.

        ``working`` holds places among the 1 + p coefficients, 0 the intercept; without it, all are meant.
        """
        return weighted_gram(self.design, self.weight * risk * (1.0 - risk), working)

    def columns(self, working: Ints) -> "Problem":
        """Return the problem of some predictors, given by their places 1 to p; the intercept stays, named or not."""
        kept = working[working > 0] - 1
        design = some_columns(self.design, kept)
        return replace(self, design=design, center=self.center[kept], scale=self.scale[kept])

    def rows(self, chosen: slice | Ints | NDArray[np.bool_]) -> "Problem":
        """Return some of the rows, with the weights and the standardisation that they have among all."""
        return replace(
            self,
            design=some_rows(self.design, chosen),
            outcome=self.outcome[chosen],
            weight=self.weight[chosen],
            offset=None if self.offset is None else self.offset[chosen],
        )

    def _with_offset(self, log_odds: Array, rows: slice) -> Array:
        if self.offset is not None:
            log_odds += self.offset[rows] if log_odds.ndim == 1 else self.offset[rows, None]
        return log_odds


def _risk_in_place(log_odds: Array) -> Array:
    # exp overflows to infinity where the risk is 0, as it should be.
    with np.errstate(over="ignore"):
        np.exp(np.negative(log_odds, out=log_odds), out=log_odds)
    log_odds += 1.0
    return np.reciprocal(log_odds, out=log_odds)


def standardised_problem(
    predictors: Predictors, outcome: Array, weight: Array, *, offset: Array | None = None
) -> Problem:
    """Centre and scale predictors, dense or sparse, by their weighted mean and population standard deviation."""
    share = weight / weight.sum()
    design, center, scale = standardised(predictors, share)
    return Problem(design, outcome, share, float(weight.sum()), center, scale, offset)


def losses(outcome: Array, linear_predictor: Array) -> Array:
    """Return -log likelihood of each row: log(1 + exp(lp)) - outcome·lp, without overflow."""
    loss = np.log1p(np.exp(-np.abs(linear_predictor)))
    loss += np.maximum(linear_predictor, 0.0)
    loss -= outcome * linear_predictor
    return np.asarray(loss)


def mean_loss(outcome: Array, linear_predictor: Array, weight: Array) -> float:
    """Return the weighted sum of -log likelihood; with weights that sum to 1, the mean."""
    return float(weight @ losses(outcome, linear_predictor))


def null_coefficients(problem: Problem) -> Array:
    """Return the intercept-only fit: the logit of the prevalence, or what the offset makes of it, then zeros."""
    prevalence = float(problem.weight @ problem.outcome)
    coefficients = np.zeros(1 + problem.n_predictors)
    coefficients[0] = np.log(prevalence) - np.log1p(-prevalence)
    if problem.offset is not None:
        coefficients[0] = _intercept_beside(problem.offset, problem.weight, prevalence)
    return coefficients


def _intercept_beside(offset: Array, weight: Array, prevalence: float) -> float:
    """Return the intercept at which the mean risk is the prevalence; it lies between the extremes of the offset."""
    logit = np.log(prevalence) - np.log1p(-prevalence)

    def surplus(intercept: float) -> float:
        return float(weight @ risk_of(intercept + offset)) - prevalence

    return float(brentq(surplus, logit - offset.max() - 1.0, logit - offset.min() + 1.0, xtol=1e-14))


def row_space(problem: Problem) -> tuple[Problem, Array]:
    """Return the problem in the orthonormal directions that its rows span, and the matrix that leads back.

    Neither the likelihood nor a ridge penalty sees any other direction: the coefficients along them are 0.
    """
    directions, back = spanned(problem.design[:, 1:])
    return in_directions(problem, directions), back


def spanned(predictors: Array) -> tuple[Array, Array]:
    """Return coordinates (n, r) in the orthonormal directions that the rows span, and these directions (p, r)."""
    left, size, right = np.linalg.svd(predictors, full_matrices=False)
    kept = size > size[:1] * max(predictors.shape) * np.finfo(float).eps
    return left[:, kept] * size[kept], right[kept].T


def in_directions(problem: Problem, directions: Array) -> Problem:
    """Return the problem with other predictors (n, r), used as they are."""
    design = np.column_stack([np.ones(problem.n_rows), directions])
    rank = directions.shape[1]
    return replace(problem, design=design, center=np.zeros(rank), scale=np.ones(rank))


def not_converged(residual: Array | float, tolerance: float = TIGHT) -> StatisticalRefusal:
    """Return the refusal of a fit that did not reach its tolerance; the residual says how far it is."""
    size = float(np.abs(residual).max())
    return StatisticalRefusal(
        "S-NOT-CONVERGED",
        "the fit did not converge: "
        + (f"its largest residual is still {size:.3g}" if np.isfinite(size) else "its residual is no finite number"),
        expected=f"a residual of the optimality conditions of at most {tolerance:g}",
        to_fix="look for predictors that are copies of each other or of the outcome, or for weights that differ very "
        "much, or ask for more penalty",
    )
