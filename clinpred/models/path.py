"""The solver: penalised logistic regression along a path of penalty strengths, each fit started from the last.

The objective is glmnet's. For weights w that sum to W, predictors standardised by their weighted population standard
deviation, a free intercept and a factor φ for each predictor, 1 unless given::

    -(1/W) Σ wᵢ loglikᵢ + λ · Σ φⱼ · ((1 - α)/2 · βⱼ² + α · |βⱼ|)

λ is the penalty strength, α the l1 share. With an l1 penalty, a few neighbouring strengths are solved together, in a
working set of predictors: those that the strong rule keeps. A strength counts as done when all predictors, in the set
or not, meet the optimality conditions; those that do not join the set. No matrix is larger than the rows by the
predictors, or than the working set squared.

References
----------
Tibshirani R, Bien J, Friedman J, et al. Strong rules for discarding predictors in lasso-type problems.
J R Stat Soc B 2012;74(2):245-266.

Lee JD, Sun Y, Saunders MA. Proximal Newton-type methods for minimizing composite functions.
SIAM J Optim 2014;24(3):1420-1443.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import StatisticalRefusal
from clinpred.models.descent import Fits, minimise_one
from clinpred.models.design import Ints, row_blocks
from clinpred.models.likelihood import TIGHT, Problem, standardised_problem
from clinpred.models.penalty import Penalty, empty_model, kkt_residual, uniform_penalty
from clinpred.models.quadratic import minimise_quadratic
from clinpred.models.ridge import ridge_path
from clinpred.models.risk_model import Array
from clinpred.models.working_set import WorkingSet

# Optimality residual of the fits within folds: it moves a deviance by about 1e-7, far less than any standard error.
FOLD_TOLERANCE = 1e-7
# Strengths solved together: more share a curvature that fits none of them, fewer share too little.
_TOGETHER = 5
# A predictor enters the fits within folds where its slope in the fit of all rows is this close to its l1 cost.
_NEARLY_IN = 0.8
# Below this share of the mean square a variance has lost its digits to the mean.
_CANCELLED = 1e-6
# A predictor whose standard deviation without the fold is a smaller share than this of that of all rows, as where the
# fold holds a gross outlier: steps and residuals on the scale of all rows say nothing of it.
_FAR_NARROWER = 1e-3
# An l1 cost that keeps a predictor out: more than any slope, which Cauchy and Schwarz keep within 1.
_PROHIBITIVE = 2.0


def solve_path(  # where to begin is the seventh
    problem: Problem,
    strengths: Array,
    l1_share: float,
    *,
    factors: Array | None = None,
    tolerance: float = TIGHT,
    start: Array | None = None,
) -> Array:
    """Return standardised coefficients along a path.

    Parameters
    ----------
    problem : Problem
    strengths : array of shape (k,)
        Penalty strengths λ above 0, decreasing.
    l1_share : float in 0 to 1
        0 for ridge, 1 for lasso.
    factors : array of shape (p,), at least 0, optional
        Predictor j is penalised by λ times factor j; 0 leaves it free. Taken as given, never rescaled.
    tolerance : float
        Largest miss of the optimality conditions allowed at any strength.
    start : array of shape (1 + p,), optional
        A fit that is near the first; without it, the empty model.

    Returns
    -------
    coefficients : array of shape (k, 1 + p)
        Intercept first.

    Raises
    ------
    StatisticalRefusal
        S-NOT-CONVERGED: a strength's optimality residual stayed above ``tolerance``.

    Notes
    -----
    Checked against R's glmnet 4.1-6 at a convergence threshold of 1e-14 (``tests/reference/02_glmnet.json``).
    """
    if l1_share == 0.0:
        return ridge_path(problem, strengths, factors=factors, tolerance=tolerance, start=start)
    penalty = uniform_penalty(strengths, l1_share, problem.n_predictors, factors=factors)
    path = _Path(problem, penalty, empty_model(problem, factors) if start is None else start)
    for first in range(0, strengths.size, _TOGETHER):
        path.solve(np.arange(first, min(first + _TOGETHER, strengths.size)), tolerance)
    return path.coefficients


@dataclass(frozen=True)
class Solution:
    """A minimum: standardised coefficients, intercept first, and its optimality residual."""

    coefficients: Array
    residual: float


def minimise(problem: Problem, penalty: Penalty, *, start: Array | None = None, tolerance: float = TIGHT) -> Solution:
    """Minimise the mean loss under any penalty of shape (1 + p,), from ``start`` or the intercept-only fit.

    Raises
    ------
    StatisticalRefusal
        S-NOT-CONVERGED: the optimality residual stayed above ``tolerance``.
    """
    fits = Fits(problem, Penalty(penalty.l1[None], penalty.l2[None]))
    start = empty_model(problem) if start is None else start
    coefficients, slope = minimise_one(fits, 0, start, tolerance=tolerance)
    return Solution(coefficients, float(kkt_residual(coefficients, slope, penalty.l1)))


class _Path:
    """A path under way: the fits so far, and where the last of them stands."""

    def __init__(self, problem: Problem, penalty: Penalty, start: Array) -> None:
        self.working = WorkingSet(Fits(problem, penalty))
        self.coefficients = np.tile(start, (len(penalty.l1), 1))
        self.here, self.gradient = start, problem.gradient_at(start[:, None])[:, 0]
        first = penalty.l1[0]
        emptying = (np.abs(self.gradient[first > 0]) / first[first > 0]).max(initial=1.0)
        self.reached = emptying * first
        self.working.join(np.where(start != 0, np.inf, -np.inf))

    def solve(self, block: Ints, tolerance: float) -> None:
        """Solve the next strengths of the path together."""
        penalty = self.working.fits.penalty
        self.working.join(np.abs(self.gradient) - (2.0 * penalty.l1[block[-1]] - self.reached))
        found, slope = self.working.minimise(block, self._predicted(block, tolerance), tolerance)
        self.coefficients[block], self.here = found, found[-1]
        self.gradient = slope[-1] - penalty.l2[block[-1]] * self.here
        self.reached = penalty.l1[block[-1]]

    def _predicted(self, block: Ints, tolerance: float) -> Array:
        """Return the path that the quadratic around the last fit would take."""
        places, fits = self.working.places, self.working.fits_inside(block)
        inner, curvature = self.here[places], self.working.curvature
        if curvature is None:
            curvature = self.working.curvature = fits.curvature(0, inner)
        linear = self.gradient[places] - curvature @ inner
        predicted = np.zeros((block.size, self.here.size))
        for row, l1, l2 in zip(predicted, fits.penalty.l1, fits.penalty.l2, strict=True):
            quadratic = curvature + np.diag(l2)
            row[places] = inner = minimise_quadratic(quadratic, linear, l1, start=inner, tolerance=tolerance)
        return predicted


def solve_folds(
    problem: Problem, fold_of_row: Ints, penalties: Penalty, *, start: Array, tolerance: float = FOLD_TOLERANCE
) -> Array:
    """Fit all rows but those of one fold, for each fold and each of k penalties, all fits together.

    Predictors are penalised as if standardised anew without the fold; coefficients are for predictors as the problem
    has them.

    Parameters
    ----------
    problem : Problem
        All rows.
    fold_of_row : int array of shape (n,)
        0 to the number of folds less 1.
    penalties : Penalty of shape (k, 1 + p)
    start : array of shape (k, 1 + p)
        The fits of all rows under these penalties, or what is close to them.
    tolerance : float
        Largest miss of the optimality conditions allowed.

    Returns
    -------
    coefficients : array of shape (folds, k, 1 + p)

    Raises
    ------
    StatisticalRefusal
        S-ONE-CLASS: without a fold, all rows are of one class. S-NOT-CONVERGED: the optimality residual of a fit
        stayed above ``tolerance``.
    """
    _refuse_one_class(problem, fold_of_row)
    seen, spread = _without_folds(problem, fold_of_row)
    fits, initial = _fold_fits(problem, fold_of_row, penalties, start=start, seen=seen, spread=spread)
    working = WorkingSet(fits)
    near = np.abs(problem.gradient_at(start.T).T) - _NEARLY_IN * penalties.l1
    working.join(np.where(start != 0, np.inf, near).max(axis=0))
    found, _ = working.minimise(np.arange(len(initial)), initial, tolerance * float(seen.min()))
    coefficients = found.reshape(seen.size, *start.shape)
    for fold in np.flatnonzero(((spread > 0) & (spread < _FAR_NARROWER)).any(axis=1)):
        coefficients[fold] = _standardised_anew(problem, fold_of_row != fold, penalties, tolerance)
    return coefficients


def _refuse_one_class(problem: Problem, fold_of_row: Ints) -> None:
    of_fold = np.array([np.bincount(fold_of_row, weights=problem.outcome == label) for label in (0.0, 1.0)])
    alone = int(np.sum((of_fold == of_fold.sum(axis=1, keepdims=True)).any(axis=0)))
    if alone:
        raise StatisticalRefusal(
            "S-ONE-CLASS",
            f"{alone} of {of_fold.shape[1]} folds, without each of which all rows are of one class",
            expected="rows of two classes, with and without the event, outside every fold",
            to_fix="use folds that are alike in events, or fewer of them",
        )


def _fold_fits(
    problem: Problem, fold_of_row: Ints, penalties: Penalty, *, start: Array, seen: Array, spread: Array
) -> tuple[Fits, Array]:
    """Return the fits of every fold and penalty, folds first, and where they start.

    A predictor divided by its standard deviation without the fold has a coefficient multiplied by it, and so a penalty;
    the loss of the rows seen is a sum with the weights they have among all, so their share multiplies the penalty.
    """
    shape = (spread.shape[0], *start.shape)
    shut_out = np.broadcast_to((spread < _FAR_NARROWER)[:, None], shape)
    l1 = np.where(shut_out, _PROHIBITIVE, seen[:, None, None] * spread[:, None] * penalties.l1)
    l2 = seen[:, None, None] * spread[:, None] ** 2 * penalties.l2
    parts = [problem.rows(fold_of_row == fold) for fold in range(seen.size)]
    flat = (-1, start.shape[1])
    fits = Fits(
        problem, Penalty(l1.reshape(flat), l2.reshape(flat)), parts, np.repeat(np.arange(seen.size), len(start))
    )
    return fits, np.where(shut_out, 0.0, start).reshape(flat)


def _without_folds(problem: Problem, fold_of_row: Ints) -> tuple[Array, Array]:
    """Return the weight of the rows outside each fold, (folds,), and each column's standard deviation there.

    The latter has shape (folds, 1 + p); the intercept's counts as 1, and a constant predictor's is exactly 0.
    """
    weight = np.where(fold_of_row == np.arange(fold_of_row.max() + 1)[:, None], 0.0, problem.weight)
    seen = weight.sum(axis=1)
    weight /= seen[:, None]
    mean = np.zeros((seen.size, 1 + problem.n_predictors))
    square = np.zeros_like(mean)
    for rows in row_blocks(problem.n_rows, mean.shape[1]):
        block = problem.design[rows]
        mean += weight[:, rows] @ block
        square += weight[:, rows] @ block**2
    variance = square - mean**2
    variance[:, 0] = 1.0
    for fold, place in zip(*np.nonzero(variance < _CANCELLED * square), strict=True):
        column = problem.columns(np.array([place])).design[:, 1:][fold_of_row != fold, 0]
        variance[fold, place] = _variance(column, weight[fold, fold_of_row != fold])
    return seen, np.sqrt(variance)


def _variance(column: Array, share: Array) -> float:
    # Relative to its first value a constant is exactly 0.
    distance = column - column[0]
    return float(share @ (distance - share @ distance) ** 2)


def _standardised_anew(problem: Problem, seen: NDArray[np.bool_], penalties: Penalty, tolerance: float) -> Array:
    """Fit the rows seen, standardised by themselves; return coefficients for predictors as the problem has them."""
    offset = None if problem.offset is None else problem.offset[seen]
    predictors = problem.design[:, 1:][seen]
    anew = standardised_problem(predictors, problem.outcome[seen], problem.weight[seen], offset=offset)
    fits = [minimise(anew, penalties.of(fit), tolerance=tolerance) for fit in range(len(penalties.l1))]
    return np.column_stack(anew.on_original_scale(np.array([fit.coefficients for fit in fits])))
