"""The smooth curve of observed on predicted risk: loess of few patients, a restricted cubic spline of many."""

from typing import Protocol

import numpy as np

from clinpred.performance.calibration import converged_start, refuse_constant, varying_log_odds
from clinpred.performance.loess import Loess
from clinpred.performance.newton import fit_logistic, inverse_logit
from clinpred.performance.patient_sums import small_sample_factor
from clinpred.performance.rows import Array, Rows, Smoothing
from clinpred.splines import harrell_knots, restricted_cubic_basis

MOST_ROWS_OF_LOESS = 5_000
_FEWEST_OF_LOESS = 10
_NORMAL_975 = 1.959963984540054


class Smoother(Protocol):
    """A curve of observed on predicted risk, fitted to rows."""

    method: str

    def observed(self, weights: Array) -> Array:
        """Return the curve at each row's risk under row weights, both of shape (k, n); NaN where not estimable."""

    def at(self, risk: Array) -> Array:
        """Return the curve at risks between the lowest and the highest of the rows, every row counting once."""

    def band(self, risk: Array) -> tuple[Array, Array, Array]:
        """Return the curve at these risks with its pointwise 95 % band: centre, lower, upper."""


def smoothing_of(risk: Array) -> Smoothing:
    """Return how risks are smoothed where nothing is asked for: by loess up to 5,000 of them, else by a spline.

    Risks of fewer than ten different values are left to the spline, which becomes a straight line for the fewest.
    """
    return "loess" if risk.size <= MOST_ROWS_OF_LOESS and np.unique(risk).size >= _FEWEST_OF_LOESS else "spline"


def smoother_of(rows: Rows) -> Smoother:
    """Return the smoother that is asked for, by default as ``smoothing_of`` says.

    Raises
    ------
    StatisticalRefusal
        S-CONSTANT-RISK, S-TIES, S-NOT-CONVERGED: no curve can be drawn; S-RISK-BOUND: the spline needs logits.
    """
    smoothing = rows.smoothing or smoothing_of(rows.risk)
    return LoessSmoother(rows) if smoothing == "loess" else SplineSmoother(rows)


class LoessSmoother:
    """Loess of the outcome on the risk."""

    method = "loess of the outcome on the risk (span 0.75, degree 2)"

    def __init__(self, rows: Rows) -> None:
        refuse_constant(rows.risk)
        self._rows = rows
        self._loess = Loess(rows.risk)

    def observed(self, weights: Array) -> Array:
        """Return the curve at each row's risk under row weights."""
        return self._loess.curves(self._rows.outcome, weights).at(self._rows.risk).T

    def at(self, risk: Array) -> Array:
        """Return the curve at these risks."""
        once = np.ones((1, self._rows.outcome.size))
        return self._loess.curves(self._rows.outcome, once).at(risk)[:, 0]

    def band(self, risk: Array) -> tuple[Array, Array, Array]:
        """Return the curve and a band from the residuals, summed within patient."""
        rows, operator = self._rows, self._loess.operator()
        pull = operator.at(risk)
        residual = rows.outcome - self.at(rows.risk)
        margin = _NORMAL_975 * np.sqrt(
            np.sum(_by_patient(pull * residual, rows) ** 2, axis=1) * small_sample_factor(rows)
        )
        centre = pull @ rows.outcome
        return centre, centre - margin, centre + margin


class SplineSmoother:
    """A logistic fit on a restricted cubic spline of the linear predictor, or on it alone where ties leave no room."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        log_odds = varying_log_odds(rows)
        self.knots, self.method, self._design = _knots(log_odds)
        self._start = converged_start(self._design, rows)

    def design(self, log_odds: Array) -> Array:
        """Return the columns of the logistic fit, ones first."""
        return _design(log_odds, self.knots)

    def observed(self, weights: Array) -> Array:
        """Return the curve at each row's risk under row weights, the knots held."""
        fits = fit_logistic(self._design, self._rows.outcome, weights, start=self._start)
        observed = np.full(weights.shape, np.nan)
        observed[fits.converged] = inverse_logit(fits.coefficients[fits.converged] @ self._design.T)
        return observed

    def at(self, risk: Array) -> Array:
        """Return the curve at these risks."""
        return inverse_logit(self.design(_logit(risk)) @ self._start)

    def band(self, risk: Array) -> tuple[Array, Array, Array]:
        """Return the curve and a Wald band made on the logit scale; where patients repeat, a sandwich by patient."""
        at = self.design(_logit(risk))
        ones = np.ones((1, self._rows.outcome.size))
        fits = fit_logistic(self._design, self._rows.outcome, ones, start=self._start)
        centre = at @ fits.coefficients[0]
        covariance = self._covariance(fits.coefficients[0], fits.information[0])
        margin = _NORMAL_975 * np.sqrt(np.einsum("gp,pq,gq->g", at, covariance, at))
        observed, lower, upper = (inverse_logit(centre + shift) for shift in (0.0, -margin, margin))
        return observed, lower, upper

    def _covariance(self, coefficients: Array, information: Array) -> Array:
        inverse = np.asarray(np.linalg.inv(information), dtype=np.float64)
        if self._rows.patient is None or self._rows.one_row_a_patient:
            return inverse
        residual = self._rows.outcome - inverse_logit(self._design @ coefficients)
        score = _by_patient(self._design.T * residual, self._rows)
        return np.asarray(inverse @ (score @ score.T) @ inverse * small_sample_factor(self._rows))


def _by_patient(values: Array, rows: Rows) -> Array:
    """Return values of shape (k, n) summed within patient, shape (k, patients)."""
    if rows.patient is None or rows.one_row_a_patient:
        return values
    sums = np.zeros((rows.patients, len(values)))
    np.add.at(sums, rows.patient, values.T)
    return sums.T


def _logit(risk: Array) -> Array:
    return np.asarray(np.log(risk) - np.log1p(-risk))


def _knots(log_odds: Array) -> tuple[Array | None, str, Array]:
    """Return 5 knots, or as many as these linear predictors' ties leave room for, the method in words, the design."""
    for count in (5, 4, 3) if log_odds.size >= 6 else ():
        knots = harrell_knots(log_odds, count)
        if np.all(np.diff(knots) > 0) and _full_rank(design := _design(log_odds, knots)):
            fewer = "" if count == 5 else "; ties leave no room for 5"
            spline = f"logistic fit, restricted cubic spline of the linear predictor ({count} knots{fewer})"
            return knots, spline, design
    straight = "logistic fit, straight line in the linear predictor (ties leave no room for 3 knots)"
    return None, straight, _design(log_odds, None)


def _design(log_odds: Array, knots: Array | None) -> Array:
    terms = log_odds[:, None] if knots is None else restricted_cubic_basis(log_odds, knots)
    return np.column_stack([np.ones(log_odds.size), terms])


def _full_rank(design: Array) -> bool:
    # below the column of ones the triangle is that of the centred columns, with their lengths and singular values
    centred = np.asarray(np.linalg.qr(design, mode="r"), dtype=np.float64)[1:, 1:]
    rank = int(np.linalg.matrix_rank(centred / np.linalg.norm(centred, axis=0), tol=1e-6))
    return bool(rank == design.shape[1] - 1)
