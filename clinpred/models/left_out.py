"""Leave-one-patient-out deviance in closed form: what each patient's outcome costs a fit that did not see it.

A patient leaves with all rows and all copies of them. From the fit b of all patients, one Newton step on the objective
without patient P, at the same penalty strength λ, leads to the approximate fit without P. With A the curvature of the
penalised mean loss, W the weights (their sum is 1), v = risk·(1 - risk), r = outcome - risk, u the weight of P and
X the standardised rows of P, the log odds of P move by::

    -(I - M·diag(W·v))⁻¹ · (M·W·r - u·X·A⁻¹·s)        M = X·A⁻¹·X'

s is the slope of the penalty at b: λ multiplies the mean loss of those who stay, whose weight is 1 - u. With one row
M·W·v is its leverage h, and the inverse 1/(1 - h). With an l1 penalty everything is restricted to the coefficients that
are not 0, whose signs are taken to stay. Predictors are not standardised anew without the patient.

Where a patient's leverage nearly reaches 1, that patient alone determines a coefficient; without an l2 penalty no
Newton step says what becomes of it. The true fit shrinks it to 0, and so does the step once the l1 penalty l1·|b| is
replaced by the parabola l1·b²/(2·|b|) that touches it: patients above .9 are left out with its curvature. A last 1e-10
is added to the diagonal of I - M·diag(W·v), so that rounding never divides by 0.

References
----------
Rad KR, Maleki A. A scalable estimate of the out-of-sample prediction error via approximate leave-one-out
cross-validation. J R Stat Soc B 2020;82(4):965-996.

Meijer RJ, Goeman JJ. Efficient approximate k-fold and leave-one-out cross-validation for ridge regression.
Biom J 2013;55(2):141-155.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.linalg import lapack

from clinpred.models.design import row_blocks
from clinpred.models.likelihood import Problem, losses, mean_loss, row_space
from clinpred.models.penalty import Penalty
from clinpred.models.risk_model import Array, risk_of

Ints = NDArray[np.int64]

# Leverage from which on a patient counts as the only one to determine a coefficient.
_ALONE = 0.9
_ROUNDING = 1e-10
_ILL_CONDITIONED = 1e-12
# Fewer coefficients than this share of all are worth a copy of their columns.
_WORTH_A_COPY = 0.5
_SHORT = 20


@dataclass(frozen=True)
class PatientRows:
    """Which rows leave together: the patient of each row, counted from 0, and the patients by their number of rows.

    ``batches`` holds arrays of row numbers, shape (patients, rows of each).
    """

    codes: Ints
    batches: tuple[Ints, ...]

    @classmethod
    def of(cls, patients: Ints) -> "PatientRows":
        """Group rows by their patient, given as any whole numbers."""
        codes = np.unique(patients, return_inverse=True)[1]
        order, sizes = np.argsort(codes, kind="stable"), np.bincount(codes)
        start = np.cumsum(sizes) - sizes
        batches = [order[start[sizes == size][:, None] + np.arange(size)] for size in np.unique(sizes)]
        return cls(codes, tuple(batches))

    def few_of_several_rows(self, n_columns: int) -> Iterator[Ints]:
        """Cut the batches of patients with more than one row into such as keep tables of their rows small."""
        for batch in self.batches:
            if batch.shape[1] > 1:
                yield from (batch[some] for some in row_blocks(len(batch), batch.shape[1] * n_columns))

    def sums(self, values: Array) -> Array:
        """Return the sum over the rows of each patient."""
        return np.asarray(np.bincount(self.codes, weights=values), dtype=np.float64)


@dataclass(frozen=True)
class LeftOut:
    """Patients predicted by fits that did not see them.

    Attributes
    ----------
    deviance : float
        Mean of -2 log likelihood, rows weighted: Σ d, where patient P adds d = 2·Σ w·loss over the rows of P.
    standard_error : float
        Over N patients of weight u: √(N/(N - 1) · Σ (d - u·deviance)²). For patients of one row and equal weights this
        is the standard deviation of their deviances divided by √N.
    effective_df : float
        Effective degrees of freedom, the intercept among them: trace of A⁻¹·X'WvX over the coefficients that are not 0.
    """

    deviance: float
    standard_error: float
    effective_df: float


@dataclass(frozen=True)
class _Fit:
    """A fit restricted to its coefficients that are not 0, at these places among all of the problem."""

    problem: Problem
    places: Ints
    log_odds: Array
    risk: Array
    curvature: Array
    penalty: Penalty
    coefficients: Array

    def turned(self, rows: slice | Ints, root: Array) -> Array:
        """Return some standardised rows times a matrix that has a row for each coefficient."""
        whole = np.zeros((1 + self.problem.n_predictors, root.shape[1]))
        whole[self.places] = root
        return self.problem.rows(rows).linear_predictor(whole)

    @property
    def leverage_weight(self) -> Array:
        return self.problem.weight * self.risk * (1.0 - self.risk)

    @cached_property
    def root(self) -> Array:
        return _inverse_root(self.curvature + np.diag(self.penalty.l2))

    @property
    def effective_df(self) -> float:
        return float(np.sum(self.root * (self.curvature @ self.root)))


def leave_patients_out(problem: Problem, coefficients: Array, penalty: Penalty, patients: PatientRows) -> LeftOut:
    """Return the leave-one-patient-out deviance of a fit, shape (1 + p,), of a problem without offset.

    Notes
    -----
    Checked against refits without each patient (``tests/unit/test_left_out.py``): n of 60 to 300, with one row a
    patient and with several, with weights, for ridge and for lasso.
    """
    fit = _restricted(problem, coefficients, penalty)
    log_odds = fit.log_odds + _moved(fit, patients)
    loss = losses(problem.outcome, log_odds)
    cost, weight = 2.0 * patients.sums(problem.weight * loss), patients.sums(problem.weight)
    deviance, count = float(cost.sum()), cost.size
    spread = float(np.sum((cost - weight * deviance) ** 2))
    return LeftOut(deviance, float(np.sqrt(count / (count - 1) * spread)), fit.effective_df)


def effective_df(problem: Problem, coefficients: Array, penalty: Penalty) -> float:
    """Return the effective degrees of freedom of a fit, shape (1 + p,), the intercept among them.

    References
    ----------
    Hastie T, Tibshirani R, Friedman J. The elements of statistical learning. 2nd ed. Springer; 2009: 3.4.1 and 7.6.
    """
    return _restricted(problem, coefficients, penalty).effective_df


def aicc(problem: Problem, coefficients: Array, freedom: float) -> float:
    """Return (-2 log likelihood + 2·d·n/(n - d - 1))/n, d the effective degrees of freedom, n the sum of the weights.

    Every row counts as an observation, as it does in the likelihood; where patients have several rows, this is too
    lenient, and leaving patients out is not. It is infinite where d reaches n - 1.

    References
    ----------
    Hurvich CM, Tsai CL. Regression and time series model selection in small samples. Biometrika 1989;76(2):297-307.
    """
    n = problem.total_weight
    deviance = 2.0 * mean_loss(problem.outcome, problem.linear_predictor(coefficients), problem.weight)
    spare = n - freedom - 1.0
    return deviance + 2.0 * freedom / spare if spare > 0 else float("inf")


def in_fewest_directions(problem: Problem, fits: Array, penalty: Penalty) -> tuple[Problem, Array, Penalty]:
    """Return ridge fits (k, 1 + p) as they are in the directions that the rows span, where predictors are not fewer.

    Leverages are the same there. Fits with an l1 penalty, or with penalties that differ, stay as they are.
    """
    alike = not penalty.l1.any() and bool((penalty.l2[:, 1:] == penalty.l2[:, 1:2]).all())
    if problem.n_predictors < problem.n_rows or not alike:
        return problem, fits, penalty
    narrow, back = row_space(problem)
    width = 1 + narrow.n_predictors
    turned = np.column_stack([fits[:, :1], fits[:, 1:] @ back])
    return narrow, turned, Penalty(penalty.l1[:, :width], penalty.l2[:, :width])


def sparse_places(count: int, *, every: int) -> Ints:
    """Return every few places of a path, and its last; all places of a path of at most 20."""
    return np.unique(np.append(np.arange(0, count, every if count > _SHORT else 1), count - 1))


def filled(places: Ints, values: Array, strengths: Array, *, smooth: bool) -> Array:
    """Interpolate in log strength, by a cubic spline where the values are smooth, else by straight lines."""
    if places.size == strengths.size:
        return values
    at = -np.log(strengths)
    if smooth:
        whole: Array = CubicSpline(at[places], values)(at)
        whole[places] = values
        return whole
    return np.interp(at, at[places], values)


def _restricted(problem: Problem, coefficients: Array, penalty: Penalty) -> _Fit:
    kept = np.flatnonzero((coefficients != 0) | (np.arange(coefficients.size) == 0))
    inner, penalty = coefficients[kept], Penalty(penalty.l1[kept], penalty.l2[kept])
    if kept.size < _WORTH_A_COPY * coefficients.size:
        problem, coefficients, kept = problem.columns(kept), inner, np.arange(kept.size)
    log_odds = problem.linear_predictor(coefficients)
    risk = risk_of(log_odds)
    curvature = problem.curvature(risk)[np.ix_(kept, kept)]
    return _Fit(problem, kept, log_odds, risk, curvature, penalty, inner)


def _moved(fit: _Fit, patients: PatientRows) -> Array:
    """Return by how much the log odds of each row move when its patient leaves."""
    moved, leverage = _newton_step(fit, fit.root, patients)
    if not (fit.penalty.l1.any() and (leverage > _ALONE).any()):
        return moved
    touching = fit.penalty.l1 / np.where(fit.penalty.l1 > 0, np.abs(fit.coefficients), 1.0)
    shrunk, _ = _newton_step(fit, _inverse_root(fit.curvature + np.diag(fit.penalty.l2 + touching)), patients)
    return np.where(leverage > _ALONE, shrunk, moved)


def _newton_step(fit: _Fit, root: Array, patients: PatientRows) -> tuple[Array, Array]:
    """Return the moves of the log odds, and for each row the largest leverage that its patient has together.

    ``root`` times its transpose is the inverse of the penalised curvature.
    """
    bend, weight = fit.leverage_weight, fit.problem.weight
    slope = root.T @ (fit.penalty.l2 * fit.coefficients + fit.penalty.l1 * np.sign(fit.coefficients))
    pull = weight * (fit.problem.outcome - fit.risk)
    reach, drift = np.empty(weight.size), np.empty(weight.size)
    for some in row_blocks(weight.size, 1 + fit.problem.n_predictors):
        turned = fit.turned(some, root)
        reach[some], drift[some] = np.einsum("iq,iq->i", turned, turned), turned @ slope
    leverage = reach * bend
    # Right for patients of one row; the others are solved for together below.
    moved = (weight * drift - reach * pull) / (1.0 + _ROUNDING - leverage)
    for batch in patients.few_of_several_rows(root.shape[0]):
        share = weight[batch].sum(axis=1, keepdims=True)
        turned = fit.turned(batch.ravel(), root).reshape(*batch.shape, -1)
        solve = _row_by_row if batch.shape[1] <= root.shape[1] else _direction_by_direction
        moved[batch], largest = solve(turned, bend[batch], pull[batch], share * slope)
        leverage[batch] = largest[:, None]
    return moved, leverage


def _row_by_row(rows: Array, bend: Array, pull: Array, slope: Array) -> tuple[Array, Array]:
    """Solve for patients with few rows each: rows (g, m, q), bend and pull (g, m), slope (g, q)."""
    reach = rows @ rows.transpose(0, 2, 1)
    aim = np.einsum("gmq,gq->gm", rows, slope) - np.einsum("gij,gj->gi", reach, pull)
    left = (1.0 + _ROUNDING) * np.eye(rows.shape[1]) - reach * bend[:, None, :]
    root = np.sqrt(bend)
    return np.linalg.solve(left, aim[..., None])[..., 0], _largest(reach * root[:, None, :] * root[:, :, None])


def _direction_by_direction(rows: Array, bend: Array, pull: Array, slope: Array) -> tuple[Array, Array]:
    """Solve for patients with more rows than coefficients, by (I - ZZ'D)⁻¹Z = Z(I - Z'DZ)⁻¹, Z their rows."""
    across = rows.transpose(0, 2, 1)
    gram = across @ (rows * bend[..., None])
    aim = slope - np.einsum("gmq,gm->gq", rows, pull)
    left = (1.0 + _ROUNDING) * np.eye(rows.shape[2]) - gram
    return (rows @ np.linalg.solve(left, aim[..., None]))[..., 0], _largest(gram)


def _largest(leverages: Array) -> Array:
    """Return the largest eigenvalue of each matrix, or its trace where that is small already, shape (g,)."""
    bound: Array = np.einsum("gii->g", leverages).copy()
    large = bound > _ALONE
    bound[large] = np.linalg.eigvalsh(leverages[large])[:, -1]
    return bound


def _inverse_root(curvature: Array) -> Array:
    """Return R with R·R' the inverse of a positive definite matrix, or its pseudo-inverse where that is singular."""
    factor, failed = lapack.dpotrf(curvature, lower=1)
    pivots = factor.diagonal()
    if not failed and pivots.min() ** 2 > _ILL_CONDITIONED * pivots.max() ** 2:
        root: Array = np.tril(lapack.dtrtri(factor, lower=1)[0]).T
        return root
    size, directions = np.linalg.eigh(curvature)
    kept = size > _ILL_CONDITIONED * size[-1]
    return np.asarray(directions[:, kept] / np.sqrt(size[kept]))
