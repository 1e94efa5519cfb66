"""The penalty strength chosen by K-fold: out-of-fold deviance along a path, every patient in one fold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import starmap

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.models.likelihood import Problem, mean_loss
from clinpred.models.path import solve_path
from clinpred.models.penalty import (
    LEAST_EMPTYING_SHARE,
    emptying_strength,
    extended_grid,
    optimality_residual,
    strength_grid,
    uniform_penalty,
)
from clinpred.models.risk_model import Array, risk_of
from clinpred.models.rows import Ints, Rows
from clinpred.records.partition import patient_folds

# Optimality residual of the fits within folds: it moves a deviance by about 1e-7, far less than any standard error.
FOLD_TOLERANCE = 1e-7
# Deviances closer than this differ by rounding; among them the strongest penalty is taken.
_TIE = 1e-9


@dataclass(frozen=True)
class Resampled:
    """The out-of-fold deviance along a path.

    Attributes
    ----------
    deviance : array of shape (k,)
        Weighted mean over all rows of -2 log likelihood, each row predicted by the fit that did not see its patient.
    standard_error : array of shape (k,)
        Spread of the folds' means: √(Σ share·(mean of fold - mean)² / (folds - 1)).
    n_folds : int
        Number of folds: fewer than asked for where there are fewer patients with, or without, the event.
    at_grid_edge : bool
        The best strength lies at the end of the path, even after it was extended once.
    share_deviances : tuple of (l1 share, deviance)
        The best deviance at each l1 share that was tried.
    """

    deviance: Array
    standard_error: Array
    n_folds: int
    at_grid_edge: bool
    share_deviances: tuple[tuple[float, float], ...]


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
        Index of the chosen strength.
    apparent_deviance : array of shape (k,)
        Mean of -2 log likelihood on the rows that were learnt from.
    residuals : array of shape (k,)
        By how much the optimality conditions are missed, predictors standardised.
    n_nonzero : int array of shape (k,)
        Number of coefficients that are not 0.
    standardised_coefficients, coefficients : arrays of shape (k, p)
        For predictors divided by their population standard deviation, and for raw ones.
    intercepts : array of shape (k,)
        Intercepts for raw predictors.
    resampled : Resampled or None
        The out-of-fold deviance; None where the strength was given.
    """

    strengths: Array
    l1_share: float
    chosen: int
    apparent_deviance: Array
    residuals: Array
    n_nonzero: Ints
    standardised_coefficients: Array
    coefficients: Array
    intercepts: Array
    resampled: Resampled | None = None

    @property
    def strength(self) -> float:
        """The chosen penalty strength."""
        return float(self.strengths[self.chosen])


@dataclass(frozen=True)
class _Curve:
    strengths: Array
    l1_share: float
    fold_deviances: Array
    fold_shares: Array

    @property
    def deviance(self) -> Array:
        return self.fold_shares @ self.fold_deviances

    @property
    def chosen(self) -> int:
        deviance = self.deviance
        return int(np.flatnonzero(deviance <= deviance.min() * (1.0 + _TIE))[0])

    @property
    def standard_error(self) -> Array:
        spread = self.fold_shares @ (self.fold_deviances - self.deviance) ** 2
        error: Array = np.sqrt(spread / (self.fold_shares.size - 1))
        return error

    @property
    def at_weak_end(self) -> bool:
        return self.chosen == self.strengths.size - 1

    @property
    def at_edge(self) -> bool:
        # Where the path starts with an empty model, nothing lies beyond its start.
        open_start = self.l1_share < LEAST_EMPTYING_SHARE
        return self.at_weak_end or (open_start and self.chosen == 0)


def row_folds(rows: Rows, patients: Ints | None, n_folds: int, rng: np.random.Generator) -> Ints:
    """Return the fold of each row, shape (n,): patients stay whole, folds are alike in patients with the event.

    Without ``patients``, rows that are exact copies count as one patient: a repeated row then equals a weight of 2,
    and the order of the rows does not matter. There are as many folds as asked for, or as there are patients with the
    event, or without, where these are fewer.

    Raises
    ------
    StatisticalRefusal
        S-FEW-EVENTS: fewer than two patients with the event, or without.
    """
    codes = _distinct_rows(rows) if patients is None else patients
    n_events = np.unique(codes[rows.outcome == 1]).size
    fewest = min(n_events, np.unique(codes).size - n_events)
    if fewest < 2:
        raise StatisticalRefusal(
            "S-FEW-EVENTS",
            f"{n_events} patients with the event and {np.unique(codes).size - n_events} without it",
            expected="at least 2 of each class, so that a penalty strength can be chosen by folds",
            to_fix="give the penalty strength as a number, or gather more patients",
        )
    return patient_folds(rows.outcome, codes, min(n_folds, fewest), rng)


def _distinct_rows(rows: Rows) -> Ints:
    table = np.column_stack([rows.predictors, rows.outcome])
    return np.unique(table, axis=0, return_inverse=True)[1].ravel()


def resampled_curves(rows: Rows, folds: Ints, grids: Sequence[tuple[float, Array]]) -> list[_Curve]:
    """Return the out-of-fold deviances along each (l1 share, strengths), standardised anew within every fold."""
    found: list[list[Array]] = [[] for _ in grids]
    for fold in range(folds.max() + 1):
        problem, held_out = rows.take(folds != fold).problem(), rows.take(folds == fold)
        for (l1_share, strengths), deviances in zip(grids, found, strict=True):
            coefficients = solve_path(problem, strengths, l1_share, tolerance=FOLD_TOLERANCE)
            deviances.append(_deviances(held_out, *problem.on_original_scale(coefficients)))
    shares = np.bincount(folds, weights=rows.weight) / rows.weight.sum()
    return [
        _Curve(strengths, l1_share, np.array(deviances), shares)
        for (l1_share, strengths), deviances in zip(grids, found, strict=True)
    ]


def tuned_path(rows: Rows, folds: Ints, l1_shares: Sequence[float]) -> PenaltyPath:
    """Choose the penalty strength, and the l1 share where several are given, by the smallest out-of-fold deviance.

    A path whose best strength lies at its end is extended once, by two decades.
    """
    problem = rows.problem()
    emptying = emptying_strength(problem)
    curves = resampled_curves(rows, folds, [(share, strength_grid(emptying, share)) for share in l1_shares])
    curves = [_extended(rows, folds, curve) if curve.at_edge else curve for curve in curves]
    lowest = [float(curve.deviance[curve.chosen]) for curve in curves]
    best = curves[int(np.argmin(lowest))]
    resampled = Resampled(
        best.deviance,
        best.standard_error,
        best.fold_shares.size,
        best.at_edge,
        tuple(zip(l1_shares, lowest, strict=True)),
    )
    return replace(fitted_path(rows, best.strengths, best.l1_share), chosen=best.chosen, resampled=resampled)


def _extended(rows: Rows, folds: Ints, curve: _Curve) -> _Curve:
    strengths = extended_grid(curve.strengths, downwards=curve.at_weak_end)
    return resampled_curves(rows, folds, [(curve.l1_share, strengths)])[0]


def fitted_path(rows: Rows, strengths: Array, l1_share: float) -> PenaltyPath:
    """Fit all rows at each of the decreasing strengths; the first counts as chosen."""
    problem = rows.problem()
    standardised = solve_path(problem, strengths, l1_share)
    intercepts, coefficients = problem.on_original_scale(standardised)
    fits = zip(strengths, standardised, strict=True)
    return PenaltyPath(
        strengths=strengths,
        l1_share=l1_share,
        chosen=0,
        apparent_deviance=_deviances(rows, intercepts, coefficients),
        residuals=np.array([_residual(problem, coefs, float(s), l1_share) for s, coefs in fits]),
        n_nonzero=np.count_nonzero(standardised[:, 1:], axis=1),
        standardised_coefficients=standardised[:, 1:],
        coefficients=coefficients,
        intercepts=intercepts,
    )


def _residual(problem: Problem, coefficients: Array, strength: float, l1_share: float) -> float:
    gradient = problem.gradient(risk_of(problem.linear_predictor(coefficients)))
    penalty = uniform_penalty(strength, l1_share, problem.n_predictors)
    return optimality_residual(coefficients, gradient, penalty)


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
    return _deviances(Rows(predictors, outcome, weight), path.intercepts, path.coefficients)


def _deviances(rows: Rows, intercepts: Array, coefficients: Array) -> Array:
    share = rows.weight / rows.weight.sum()
    fits = zip(intercepts, coefficients, strict=True)

    def deviance(intercept: float, slopes: Array) -> float:
        return 2.0 * mean_loss(rows.outcome, intercept + rows.predictors @ slopes, share)

    return np.array(list(starmap(deviance, fits)))
