"""Penalised fits along decreasing penalty strengths: what a path is, and a path that nothing is chosen from."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from clinpred.errors import InputRefused
from clinpred.models.design import row_blocks
from clinpred.models.folds import deviances
from clinpred.models.left_out import effective_df, filled, in_fewest_directions, sparse_places
from clinpred.models.likelihood import Problem, losses, standardised_problem
from clinpred.models.path import solve_path
from clinpred.models.penalty import Penalty, emptying_strength, kkt_residual, strength_grid, uniform_penalty
from clinpred.models.risk_model import Array, risk_of
from clinpred.models.rows import Ints, Rows, checked_rows
from clinpred.models.threads import on_one_blas_thread
from clinpred.settings.arguments import refuse_unless

Method = Literal["loo", "kfold", "aicc"]
# Effective degrees of freedom change slowly along a path: computed at every fifth strength, interpolated in between.
_EVERY = 5


@dataclass(frozen=True)
class Confirmation:
    """The out-of-fold deviances among which the leave-one-out choice of an l1 penalty was confirmed.

    Attributes
    ----------
    places : int array of shape (m,)
        Indices of the neighbouring strengths, five where the path is long enough.
    deviance : array of shape (m,)
        Mean of -2 log likelihood of patients outside the fold that was learnt from.
    n_folds : int
        Number of folds: fewer than asked for where fewer patients have the event, or are without it.
    """

    places: Ints
    deviance: Array
    n_folds: int


@dataclass(frozen=True)
class PenaltyPath:
    """Fits along decreasing penalty strengths, and the one that was chosen.

    Attributes
    ----------
    strengths : array of shape (k,)
        Penalty strengths λ, decreasing.
    l1_share : float
        0 for ridge, 1 for lasso.
    chosen : int
        Index of the chosen strength; 0 where none was chosen.
    apparent_deviance : array of shape (k,)
        Mean of -2 log likelihood on the rows that were learnt from.
    effective_df : array of shape (k,)
        Effective degrees of freedom, the intercept's 1 among them: the trace of (X'WX + L2)⁻¹X'WX over the
        coefficients that are not 0, W the weights times risk·(1 - risk). Of more than 20 strengths it is computed at
        every fifth, and interpolated in between ("loo": where the criterion is; "aicc": at every one).
    residuals : array of shape (k,)
        By how much the optimality conditions are missed, predictors standardised.
    n_nonzero : int array of shape (k,)
        Number of coefficients that are not 0.
    standardised_coefficients, coefficients : arrays of shape (k, p)
        For predictors divided by their population standard deviation, and for raw ones.
    intercepts : array of shape (k,)
        Intercepts for raw predictors.
    method : "loo", "kfold", "aicc" or None
        What ``criterion`` is: the deviance of patients left out one by one, that of patients in folds, the AICc per
        row; None where the strengths were given, and with it every attribute below is None or False.
    criterion, standard_error : arrays of shape (k,), or None
        What was made small, and its standard error over patients ("loo") or folds ("kfold"); 0 for AICc, which has
        none. AICc is infinite, and stays so here, where the degrees of freedom reach the number of rows less 1. The
        leave-one-out deviance, and the degrees of freedom with it, are computed at every eighth strength and at those
        around the best, and interpolated in between by a cubic spline in log λ; with an l1 penalty at every fifth, by
        straight lines, and up to 1,000 rows at every strength.
    one_standard_error : int or None
        Index of the strongest penalty whose criterion is within one standard error of the smallest.
    at_grid_edge : bool
        The best strength lies at the end of the path, even after it was extended once.
    n_folds : int or None
        Number of folds, for "kfold".
    share_criteria : tuple of (l1 share, criterion)
        The best criterion at each l1 share that was tried.
    confirmed : Confirmation or None
        For "loo" with an l1 penalty: the folds' deviances at the neighbours of the smallest criterion.
    too_few_for_folds : bool
        There were fewer than two patients with the event, or without it, so that nothing was confirmed.
    """

    strengths: Array
    l1_share: float
    chosen: int
    apparent_deviance: Array
    effective_df: Array
    residuals: Array
    n_nonzero: Ints
    standardised_coefficients: Array
    coefficients: Array
    intercepts: Array
    method: Method | None = None
    criterion: Array | None = None
    standard_error: Array | None = None
    one_standard_error: int | None = None
    at_grid_edge: bool = False
    n_folds: int | None = None
    share_criteria: tuple[tuple[float, float], ...] = ()
    confirmed: Confirmation | None = None
    too_few_for_folds: bool = False

    @property
    def strength(self) -> float:
        """The chosen penalty strength."""
        return float(self.strengths[self.chosen])


def path_of(
    problem: Problem,
    strengths: Array,
    l1_share: float,
    *,
    fits: Array,
    factors: Array | None = None,
    freedom: Array | None = None,
) -> PenaltyPath:
    """Describe fits, standardised coefficients of shape (k, 1 + p), and their degrees of freedom if already known.

    None of them is chosen.
    """
    penalty = uniform_penalty(strengths, l1_share, problem.n_predictors, factors=factors)
    apparent, residuals = _described(problem, fits, penalty)
    intercepts, coefficients = problem.on_original_scale(fits)
    return PenaltyPath(
        strengths=strengths,
        l1_share=l1_share,
        chosen=0,
        apparent_deviance=apparent,
        effective_df=_freedom(problem, strengths, fits, penalty) if freedom is None else freedom,
        residuals=residuals,
        n_nonzero=np.count_nonzero(fits[:, 1:], axis=1),
        standardised_coefficients=fits[:, 1:],
        coefficients=coefficients,
        intercepts=intercepts,
    )


def _described(problem: Problem, fits: Array, penalty: Penalty) -> tuple[Array, Array]:
    """Return the apparent deviance and the residual of each fit."""
    deviance, slope = np.zeros(len(fits)), penalty.l2 * fits
    for some in row_blocks(problem.n_rows, sum(fits.shape)):
        rows = problem.rows(some)
        log_odds = rows.linear_predictor(fits.T)
        deviance += 2.0 * rows.weight @ losses(rows.outcome[:, None], log_odds)
        slope += rows.gradient(risk_of(log_odds)).T
    return deviance, kkt_residual(fits, slope, penalty.l1)


def _freedom(problem: Problem, strengths: Array, fits: Array, penalty: Penalty) -> Array:
    places = sparse_places(len(fits), every=_EVERY)
    problem, fits, penalty = in_fewest_directions(problem, fits, penalty)
    freedom = [effective_df(problem, fits[place], penalty.of(place)) for place in places]
    return filled(places, np.array(freedom), strengths, smooth=not penalty.l1.any())


@on_one_blas_thread
def penalised_path(  # noqa: PLR0913  # what a likelihood may be given
    X: ArrayLike,
    y: ArrayLike,
    *,
    strengths: ArrayLike | None = None,
    l1_share: float = 0.0,
    sample_weight: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    penalty_factors: ArrayLike | None = None,
) -> PenaltyPath:
    """Fit all rows at each of several penalty strengths, and choose none.

    It minimises -(1/W) Σ wᵢ loglikᵢ + λ Σ fⱼ·((1 - α)/2·βⱼ² + α·|βⱼ|), the intercept free.

    Parameters
    ----------
    X : array-like or scipy.sparse of shape (n, p)
        Finite predictors, on any scale; they are standardised by their population standard deviation.
    y : array-like of shape (n,)
        Two labels; the event is the one that sorts last.
    strengths : array-like of shape (k,), optional
        λ above 0, in any order; without them, 100 from the one that empties the model (ridge: 100 times the lasso's)
        down to 1e-4 of it.
    l1_share : float in 0 to 1
        α: 0 for ridge, 1 for lasso.
    sample_weight : array-like of shape (n,), optional
        Weights of at least 0; a weight of 2 equals a repeated row.
    offset : array-like of shape (n,), optional
        A part of the log odds that is known. The path's intercepts and coefficients are to be added to it.
    penalty_factors : array-like of shape (p,), optional
        f, at least 0, what each predictor's penalty is multiplied by; 0 leaves it unpenalised. Used as given: they are
        not scaled to sum to p.

    Returns
    -------
    PenaltyPath
        Its strengths decrease; ``method`` is None and ``chosen`` 0.

    Raises
    ------
    InputRefused
        E-NOT-FINITE, E-DESIGN: not two-dimensional finite numbers, or not one label, weight and offset a row.
    StatisticalRefusal
        S-FEW-ROWS, S-ONE-CLASS, S-NOT-BINARY, S-NO-PREDICTOR, S-NOT-CONVERGED.
    WrongUsage
        E-SETTING: a strength, l1 share or penalty factor out of its range, or not one factor a predictor.

    Notes
    -----
    Checked against R's glmnet 4.1-6 (``tests/reference/02_glmnet.json``, 2e-5 of the standardised coefficients).

    Examples
    --------
    >>> X = [[0.0], [1.0], [0.0], [1.0], [1.0], [0.0]]
    >>> path = penalised_path(X, [0, 1, 1, 1, 0, 0], strengths=[0.1, 0.01], penalty_factors=[0.0])
    >>> path.coefficients.round(4).ravel().tolist()
    [1.3863, 1.3863]
    """
    _, rows, _ = checked_rows(BaseEstimator(), X, y, sample_weight=sample_weight)
    seen = np.ones(len(np.asarray(y))) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    known = None if offset is None else _per_row(offset, seen > 0)
    factors = None if penalty_factors is None else _factors(penalty_factors, rows.predictors.shape[1])
    refuse_unless("l1_share", "a number from 0 to 1", right=0.0 <= l1_share <= 1.0)
    problem = standardised_problem(rows.predictors, rows.outcome, rows.weight, offset=known)
    if strengths is None:
        grid = strength_grid(emptying_strength(problem, factors), l1_share)
    else:
        grid = np.sort(np.asarray(strengths, dtype=np.float64).ravel())[::-1]
    positive = grid.size > 0 and bool((grid > 0).all() and np.isfinite(grid).all())
    refuse_unless("strengths", "numbers above 0", right=positive)
    fits = solve_path(problem, grid, l1_share, factors=factors)
    return path_of(problem, grid, l1_share, fits=fits, factors=factors)


def _per_row(offset: ArrayLike, counted: NDArray[np.bool_]) -> Array:
    known = np.asarray(offset, dtype=np.float64)
    if known.shape != counted.shape or not np.isfinite(known).all():
        raise InputRefused(
            "E-DESIGN",
            f"an offset of shape {known.shape} for {counted.size} rows, or one that is not finite",
            expected="one finite number a row",
            to_fix="give the known part of the log odds of every row",
        )
    return known[counted]


def _factors(factors: ArrayLike, n_predictors: int) -> Array:
    given = np.asarray(factors, dtype=np.float64)
    right = given.shape == (n_predictors,) and bool((given >= 0).all() and np.isfinite(given).all())
    refuse_unless("penalty_factors", f"{n_predictors} numbers of at least 0, one a predictor", right=right)
    return given


def path_deviance(path: PenaltyPath, predictors: Array, outcome: Array, *, weight: Array | None = None) -> Array:
    """Return the mean of -2 log likelihood at each strength of a path, shape (k,), on other patients.

    Parameters
    ----------
    path : PenaltyPath
        A fitted estimator's ``path_``.
    predictors : array of shape (n, p)
        Raw predictors, in the order that was learnt from.
    outcome : array of shape (n,)
        0 or 1.
    weight : array of shape (n,), optional
        Positive weights; equal if none are given.
    """
    weight = np.ones(len(outcome)) if weight is None else weight
    return deviances(Rows(predictors, outcome, weight), path.intercepts, path.coefficients)
