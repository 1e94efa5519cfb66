"""Folds of whole patients, and the out-of-fold deviance of penalised fits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import StatisticalRefusal
from clinpred.models.descent import Fits
from clinpred.models.design import row_blocks
from clinpred.models.likelihood import Problem, mean_loss, standardised_problem
from clinpred.models.path import minimise, solve_path
from clinpred.models.penalty import Penalty
from clinpred.models.risk_model import Array
from clinpred.models.rows import Ints, Rows
from clinpred.models.working_set import WorkingSet
from clinpred.records.partition import patient_folds
from clinpred.settings.counts import both_classes

# Optimality residual of the fits within folds: it moves a deviance by about 1e-7, far less than any standard error.
FOLD_TOLERANCE = 1e-7
# A predictor enters the fits within folds where its slope in the fit of all rows is this close to its l1 cost.
_NEARLY_IN = 0.8
# Below this share of the mean square a variance has lost its digits to the mean.
_CANCELLED = 1e-6
# A predictor whose standard deviation without the fold is a smaller share than this of that of all rows, as where the
# fold holds a gross outlier: steps and residuals on the scale of all rows say nothing of it.
_FAR_NARROWER = 1e-3
# An l1 cost that keeps a predictor out: more than any slope, which Cauchy and Schwarz keep within 1.
_PROHIBITIVE = 2.0


@dataclass(frozen=True)
class FoldDeviances:
    """The deviance of each fold's rows, shape (folds, k), under fits without them, and each fold's share of weight."""

    by_fold: Array
    shares: Array

    @property
    def mean(self) -> Array:
        """Weighted mean over all rows of -2 log likelihood, shape (k,)."""
        return self.shares @ self.by_fold

    @property
    def standard_error(self) -> Array:
        """Spread of the folds' means, shape (k,): √(Σ share·(mean of fold - mean)² / (folds - 1))."""
        apart = self.by_fold - self.mean
        # Deviances of the size of the largest number have squares beyond it.
        size = np.maximum(np.abs(apart).max(axis=0), np.finfo(float).tiny)
        error: Array = size * np.sqrt(self.shares @ (apart / size) ** 2 / (self.shares.size - 1))
        return error


def patient_codes(rows: Rows, patients: Ints | None) -> Ints:
    """Return whose row each is, shape (n,): without ``patients``, rows that are exact copies count as one patient.

    A repeated row then equals a weight of 2, and the order of the rows does not matter.
    """
    return _copies(rows) if patients is None else np.unique(patients, return_inverse=True)[1]


def _copies(rows: Rows) -> Ints:
    # Copies have the same product with any vector, added up in the same order; what else has it is told apart below.
    count, width = rows.outcome.size, 1 + rows.predictors.shape[1]
    factor, mark = np.sqrt(2.0 + np.arange(width)), np.empty(count)
    with np.errstate(over="ignore", invalid="ignore"):
        for block in row_blocks(count, width):
            mark[block] = np.cumsum(_table(rows, block) * factor, axis=1)[:, -1]
    _, first, codes = np.unique(mark, return_index=True, return_inverse=True)
    repeated = np.flatnonzero(first[codes] != np.arange(count))
    blocks = [repeated[block] for block in row_blocks(repeated.size, width)]
    if all(np.array_equal(_table(rows, block), _table(rows, first[codes[block]])) for block in blocks):
        return codes
    return np.unique(_table(rows, slice(None)), axis=0, return_inverse=True)[1].ravel()


def _table(rows: Rows, chosen: slice | Ints) -> Array:
    """Return predictors and outcome of some rows, dense."""
    predictors = rows.predictors[chosen]
    dense = predictors if isinstance(predictors, np.ndarray) else predictors.toarray()
    return np.column_stack([dense, rows.outcome[chosen]])


def fewest_of_a_class(outcome: Array, codes: Ints) -> int:
    """Return the number of patients with the event, or without it, whichever is smaller."""
    n_events = int(np.unique(codes[outcome == 1]).size)
    return min(n_events, int(np.unique(codes).size) - n_events)


def row_folds(rows: Rows, patients: Ints | None, n_folds: int, rng: np.random.Generator) -> Ints:
    """Return the fold of each row, shape (n,): patients stay whole, folds are alike in patients with the event.

    There are as many folds as asked for, or as there are patients with the event, or without, where these are fewer.

    Raises
    ------
    StatisticalRefusal
        S-FEW-EVENTS: fewer than two patients with the event, or without.
    """
    codes = patient_codes(rows, patients)
    fewest = fewest_of_a_class(rows.outcome, codes)
    if fewest < 2:
        n_patients, n_events = np.unique(codes).size, np.unique(codes[rows.outcome == 1]).size
        raise StatisticalRefusal(
            "S-FEW-EVENTS",
            both_classes(n_events, n_patients - n_events),
            expected="at least 2 of each class, so that a penalty strength can be chosen by folds",
            to_fix='choose it by strength="loo", give it as a number, or gather more patients',
        )
    return patient_folds(rows.outcome, codes, min(n_folds, fewest), rng)


def fold_deviances(rows: Rows, folds: Ints, strengths: Array, l1_share: float) -> FoldDeviances:
    """Return the out-of-fold deviances at decreasing strengths, predictors standardised anew within every fold."""
    by_fold = []
    for fold in range(folds.max() + 1):
        problem = rows.take(folds != fold).problem()
        coefficients = solve_path(problem, strengths, l1_share, tolerance=FOLD_TOLERANCE)
        by_fold.append(deviances(rows.take(folds == fold), *problem.on_original_scale(coefficients)))
    return FoldDeviances(np.array(by_fold), np.bincount(folds, weights=rows.weight) / rows.weight.sum())


def neighbouring_fold_deviances(
    rows: Rows, folds: Ints, penalties: Penalty, *, problem: Problem, start: Array
) -> FoldDeviances:
    """Return what `fold_deviances` does, all folds solved together: quicker for a few strengths beside each other.

    ``problem`` is that of all rows, ``start`` (k, 1 + p) its fits under the ``penalties``.
    """
    fits = solve_folds(problem, folds, penalties, start=start, tolerance=FOLD_TOLERANCE)
    by_fold = [
        deviances(rows.take(folds == fold), *problem.on_original_scale(coefficients))
        for fold, coefficients in enumerate(fits)
    ]
    return FoldDeviances(np.array(by_fold), np.bincount(folds, weights=rows.weight) / rows.weight.sum())


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
    flat, without = (-1, start.shape[1]), np.repeat(np.arange(seen.size), len(start))
    fits = Fits(problem, Penalty(l1.reshape(flat), l2.reshape(flat)), fold_of_row, without)
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


def deviances(rows: Rows, intercepts: Array, coefficients: Array) -> Array:
    """Return the mean of -2 log likelihood of each of k fits for raw predictors, shape (k,)."""
    share = rows.weight / rows.weight.sum()
    fits = zip(intercepts, coefficients, strict=True)
    losses = [mean_loss(rows.outcome, intercept + rows.predictors @ slopes, share) for intercept, slopes in fits]
    return 2.0 * np.array(losses)
