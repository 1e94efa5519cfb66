"""Folds of whole patients, and the out-of-fold deviance of penalised fits."""

from dataclasses import dataclass

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.models.design import row_blocks
from clinpred.models.likelihood import Problem, mean_loss
from clinpred.models.path import FOLD_TOLERANCE, solve_folds, solve_path
from clinpred.models.penalty import Penalty
from clinpred.models.risk_model import Array
from clinpred.models.rows import Ints, Rows
from clinpred.records.partition import patient_folds


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
        spread = self.shares @ (self.by_fold - self.mean) ** 2
        error: Array = np.sqrt(spread / (self.shares.size - 1))
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
            f"{n_events} patients with the event and {n_patients - n_events} without it",
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


def deviances(rows: Rows, intercepts: Array, coefficients: Array) -> Array:
    """Return the mean of -2 log likelihood of each of k fits for raw predictors, shape (k,)."""
    share = rows.weight / rows.weight.sum()
    fits = zip(intercepts, coefficients, strict=True)
    losses = [mean_loss(rows.outcome, intercept + rows.predictors @ slopes, share) for intercept, slopes in fits]
    return 2.0 * np.array(losses)
