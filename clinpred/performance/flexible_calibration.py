"""Moderate calibration: the flexible curve of observed against predicted risk, and its distance from the diagonal."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from clinpred.performance.calibration import converged_start, varying_log_odds
from clinpred.performance.newton import fit_logistic, inverse_logit
from clinpred.performance.rows import Array, Rows, Weighted, checked_rows
from clinpred.performance.weighted import single
from clinpred.splines import harrell_knots, restricted_cubic_basis

_GRID = 50
_NORMAL_975 = 1.959963984540054


@dataclass(frozen=True)
class CalibrationCurve:
    """Observed risk at predicted risks, its pointwise 95 % band, and how it was smoothed."""

    risk: Array
    observed: Array
    lower: Array
    upper: Array
    method: str


@dataclass(frozen=True)
class Smoother:
    """A restricted cubic spline of the linear predictor, or a straight line where ties leave no room for one."""

    knots: Array | None
    method: str

    def design(self, log_odds: Array) -> Array:
        """Return the columns of the logistic fit, ones first."""
        terms = log_odds[:, None] if self.knots is None else restricted_cubic_basis(log_odds, self.knots)
        return np.column_stack([np.ones(log_odds.size), terms])


def calibration_curve(
    outcome: ArrayLike,
    risk: ArrayLike,
    *,
    linear_predictor: ArrayLike | None = None,
    patients: ArrayLike | None = None,
) -> CalibrationCurve:
    """Return the flexible calibration curve: a logistic fit on a 5-knot restricted cubic spline of logit(risk).

    Where ties make knots coincide, 4 or 3 knots are used, or else a straight line; ``method`` says so.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1; strictly between them where ``linear_predictor`` is not given.
    linear_predictor : array_like, shape (n,), optional
        The float64 log odds of the risks.
    patients : array_like, shape (n,), optional
        The patient of each row. Where patients repeat, the band is robust to it (sandwich by patient).

    Returns
    -------
    CalibrationCurve
        At most 50 equally spaced risks from the 1st to the 99th percentile, the observed risk there, a pointwise
        95 % Wald band (made on the logit scale), and the method.

    Raises
    ------
    StatisticalRefusal
        As ``calibration_slope``.

    References
    ----------
    Harrell FE. Regression Modeling Strategies, 2nd ed. Springer 2015. Van Calster B et al. BMC Med 2019;17:230.

    Notes
    -----
    Checked against pmcalibration 0.2.0 ``smooth = "rcs"`` through its ICI family (12_ici.json, 1e-6).
    """
    rows = checked_rows(outcome, risk, linear_predictor=linear_predictor, patients=patients)
    smoother = choose_smoother(varying_log_odds(rows))
    design = smoother.design(rows.log_odds())
    fits = fit_logistic(design, rows.outcome, np.ones((1, rows.outcome.size)), start=converged_start(design, rows))
    grid = _grid(rows.risk)
    at_grid = smoother.design(np.log(grid) - np.log1p(-grid))
    centre = at_grid @ fits.coefficients[0]
    covariance = _covariance(rows, design, fits.coefficients[0], fits.information[0])
    margin = _NORMAL_975 * np.sqrt(np.einsum("gp,pq,gq->g", at_grid, covariance, at_grid))
    observed, lower, upper = (inverse_logit(centre + shift) for shift in (0.0, -margin, margin))
    return CalibrationCurve(grid, observed, lower, upper, smoother.method)


def integrated_calibration_index(
    outcome: ArrayLike, risk: ArrayLike, *, linear_predictor: ArrayLike | None = None
) -> float:
    """Return the mean over patients of |observed(risk) - risk|, observed being the flexible curve.

    It hides the direction of the error, and is above 0 even for perfect risks: it goes with the curve.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1; strictly between them where ``linear_predictor`` is not given.
    linear_predictor : array_like, shape (n,), optional
        The float64 log odds of the risks.

    Returns
    -------
    float
        0 to 1; 0 is ideal.

    Raises
    ------
    StatisticalRefusal
        As ``calibration_slope``.

    References
    ----------
    Austin PC, Steyerberg EW. Stat Med 2019;38:4051-4065.

    Notes
    -----
    Checked against pmcalibration 0.2.0 ``smooth = "rcs"`` (12_ici.json, 1e-6).

    A drawn sample adds its own scatter to the distance, so percentile intervals of this family lie high: near
    perfect calibration they can lie wholly above the estimate.
    """
    return _distance(outcome, risk, linear_predictor, "ici")


def e50(outcome: ArrayLike, risk: ArrayLike, *, linear_predictor: ArrayLike | None = None) -> float:
    """Return the median over patients of |observed(risk) - risk|, observed being the flexible curve.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1; strictly between them where ``linear_predictor`` is not given.
    linear_predictor : array_like, shape (n,), optional
        The float64 log odds of the risks.

    Returns
    -------
    float
        0 to 1; 0 is ideal. The distance that half of the patients exceed.

    Raises
    ------
    StatisticalRefusal
        As ``calibration_slope``.

    References
    ----------
    Austin PC, Steyerberg EW. Stat Med 2019;38:4051-4065.

    Notes
    -----
    Checked against pmcalibration 0.2.0 ``smooth = "rcs"`` (12_ici.json, 1e-6).
    """
    return _distance(outcome, risk, linear_predictor, "e50")


def e90(outcome: ArrayLike, risk: ArrayLike, *, linear_predictor: ArrayLike | None = None) -> float:
    """Return the 90th percentile over patients of |observed(risk) - risk|, observed being the flexible curve.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1; strictly between them where ``linear_predictor`` is not given.
    linear_predictor : array_like, shape (n,), optional
        The float64 log odds of the risks.

    Returns
    -------
    float
        0 to 1; 0 is ideal. The distance that a tenth of the patients exceed.

    Raises
    ------
    StatisticalRefusal
        As ``calibration_slope``.

    References
    ----------
    Austin PC, Steyerberg EW. Stat Med 2019;38:4051-4065.

    Notes
    -----
    Checked against pmcalibration 0.2.0 ``smooth = "rcs"`` (12_ici.json, 1e-6).
    """
    return _distance(outcome, risk, linear_predictor, "e90")


def emax(outcome: ArrayLike, risk: ArrayLike, *, linear_predictor: ArrayLike | None = None) -> float:
    """Return the maximum over patients of |observed(risk) - risk|, observed being the flexible curve.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1; strictly between them where ``linear_predictor`` is not given.
    linear_predictor : array_like, shape (n,), optional
        The float64 log odds of the risks.

    Returns
    -------
    float
        0 to 1; 0 is ideal. The largest distance; it rests on the fewest patients.

    Raises
    ------
    StatisticalRefusal
        As ``calibration_slope``.

    References
    ----------
    Austin PC, Steyerberg EW. Stat Med 2019;38:4051-4065.

    Notes
    -----
    Checked against pmcalibration 0.2.0 ``smooth = "rcs"`` (12_ici.json, 1e-6).
    """
    return _distance(outcome, risk, linear_predictor, "emax")


def choose_smoother(log_odds: Array) -> Smoother:
    """Return the spline with 5 knots, or as many as the ties of these linear predictors leave room for."""
    for count in (5, 4, 3) if log_odds.size >= 6 else ():
        knots = harrell_knots(log_odds, count)
        smoother = Smoother(knots, _method(count))
        if np.all(np.diff(knots) > 0) and _full_rank(smoother.design(log_odds)):
            return smoother
    return Smoother(None, "logistic fit, straight line in the linear predictor (ties leave no room for 3 knots)")


def prepare_distances(rows: Rows) -> Weighted:
    """Fit the curve in every replicate, the knots held, and measure its distance at that replicate's patients."""
    log_odds = varying_log_odds(rows)
    design = choose_smoother(log_odds).design(log_odds)
    start = converged_start(design, rows)

    def under(weights: Array) -> dict[str, Array]:
        fits = fit_logistic(design, rows.outcome, weights, start=start)
        values = np.full((4, len(weights)), np.nan)
        fitted, counts = fits.coefficients[fits.converged], weights[fits.converged]
        distance = np.abs(inverse_logit(fitted @ design.T) - rows.risk)
        values[0, fits.converged] = np.einsum("bn,bn->b", counts, distance) / counts.sum(axis=1)
        values[1:3, fits.converged] = np.array(list(_percentiles(distance, counts))).reshape(-1, 2).T
        values[3, fits.converged] = np.max(distance, axis=1, where=counts > 0, initial=0.0)
        return dict(zip(("ici", "e50", "e90", "emax"), values, strict=True))

    return under


def _distance(outcome: ArrayLike, risk: ArrayLike, linear_predictor: ArrayLike | None, key: str) -> float:
    return single(prepare_distances, checked_rows(outcome, risk, linear_predictor=linear_predictor), key)


def _percentiles(distance: Array, counts: Array) -> Iterator[Array]:
    for values, repeats in zip(distance, counts.astype(np.intp), strict=True):
        yield np.quantile(np.repeat(values, repeats), (0.5, 0.9))


def _method(count: int) -> str:
    fewer = "" if count == 5 else "; ties leave no room for 5"
    return f"logistic fit, restricted cubic spline of the linear predictor ({count} knots{fewer})"


def _full_rank(design: Array) -> bool:
    standardised = (design[:, 1:] - design[:, 1:].mean(axis=0)) / design[:, 1:].std(axis=0)
    rank = int(np.linalg.matrix_rank(standardised, tol=1e-6 * np.sqrt(len(design))))
    return bool(rank == design.shape[1] - 1)


def _grid(risk: Array) -> Array:
    # equally spaced, so that no point of the curve is the risk of a patient
    first, last = np.quantile(risk, (0.01, 0.99))
    grid = np.unique(np.linspace(first, last, _GRID))
    return grid[(grid > 0.0) & (grid < 1.0)]


def _covariance(rows: Rows, design: Array, coefficients: Array, information: Array) -> Array:
    inverse = np.asarray(np.linalg.inv(information), dtype=np.float64)
    if rows.patient is None or rows.one_row_a_patient:
        return inverse
    score = np.zeros((rows.patients, design.shape[1]))
    np.add.at(score, rows.patient, design * (rows.outcome - inverse_logit(design @ coefficients))[:, None])
    correction = rows.patients / (rows.patients - 1)
    return np.asarray(inverse @ (score.T @ score) @ inverse * correction)
