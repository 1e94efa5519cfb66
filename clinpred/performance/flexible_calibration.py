"""Moderate calibration: the flexible curve of observed against predicted risk, and its distance from the diagonal."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from clinpred.performance.rows import Array, Rows, Smoothing, Weighted, checked_rows
from clinpred.performance.smoothers import Smoother, smoother_of
from clinpred.performance.weighted import single

_GRID = 50


@dataclass(frozen=True)
class CalibrationCurve:
    """Observed risk at predicted risks, its pointwise 95 % band, and how it was smoothed."""

    risk: Array
    observed: Array
    lower: Array
    upper: Array
    method: str


def calibration_curve(
    outcome: ArrayLike,
    risk: ArrayLike,
    *,
    linear_predictor: ArrayLike | None = None,
    patients: ArrayLike | None = None,
    smoothing: Smoothing | None = None,
) -> CalibrationCurve:
    """Return the flexible calibration curve: loess up to 5,000 rows, else a spline.

    Loess is of the outcome on the risk, with span 0.75 and degree 2, as R's; it may leave 0 to 1 at the ends. The
    spline is a logistic fit on a 5-knot restricted cubic spline of logit(risk); where ties make knots coincide, 4 or 3
    knots are used, or else a straight line. ``method`` says which.

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
    smoothing : {"loess", "spline"}, optional
        One of them, whatever the number of rows.

    Returns
    -------
    CalibrationCurve
        At most 50 equally spaced risks from the 1st to the 99th percentile, the observed risk there, a pointwise
        95 % band (of loess from the residuals, of the spline Wald's on the logit scale), and the method.

    Raises
    ------
    StatisticalRefusal
        As ``calibration_slope``.

    References
    ----------
    Harrell FE. Regression Modeling Strategies, 2nd ed. Springer 2015. Van Calster B et al. BMC Med 2019;17:230.

    Notes
    -----
    Checked against R 4.2.2 ``loess`` (12_ici.json, 1e-8), and the spline against pmcalibration 0.2.0
    ``smooth = "rcs"`` through its ICI family (12_ici.json, 1e-6).
    """
    rows = checked_rows(outcome, risk, linear_predictor=linear_predictor, patients=patients, smoothing=smoothing)
    smoother = smoother_of(rows)
    grid = _grid(rows.risk)
    return CalibrationCurve(grid, *smoother.band(grid), smoother.method)


def integrated_calibration_index(
    outcome: ArrayLike,
    risk: ArrayLike,
    *,
    linear_predictor: ArrayLike | None = None,
    smoothing: Smoothing | None = None,
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
    smoothing : {"loess", "spline"}, optional
        One of them, whatever the number of rows.

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
    Checked against R 4.2.2 ``loess`` and pmcalibration 0.2.0 ``smooth = "rcs"`` (12_ici.json, 1e-6).

    A drawn sample adds its own scatter to the distance, so percentile intervals of this family lie high: near
    perfect calibration they can lie wholly above the estimate.
    """
    return _distance(outcome, risk, linear_predictor, "ici", smoothing=smoothing)


def e50(
    outcome: ArrayLike,
    risk: ArrayLike,
    *,
    linear_predictor: ArrayLike | None = None,
    smoothing: Smoothing | None = None,
) -> float:
    """Return the median over patients of |observed(risk) - risk|, observed being the flexible curve.

    Parameters
    ----------
    outcome, risk, linear_predictor, smoothing
        As for ``integrated_calibration_index``.

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
    Checked against R 4.2.2 ``loess`` and pmcalibration 0.2.0 ``smooth = "rcs"`` (12_ici.json, 1e-6).
    """
    return _distance(outcome, risk, linear_predictor, "e50", smoothing=smoothing)


def e90(
    outcome: ArrayLike,
    risk: ArrayLike,
    *,
    linear_predictor: ArrayLike | None = None,
    smoothing: Smoothing | None = None,
) -> float:
    """Return the 90th percentile over patients of |observed(risk) - risk|, observed being the flexible curve.

    Parameters
    ----------
    outcome, risk, linear_predictor, smoothing
        As for ``integrated_calibration_index``.

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
    Checked against R 4.2.2 ``loess`` and pmcalibration 0.2.0 ``smooth = "rcs"`` (12_ici.json, 1e-6).
    """
    return _distance(outcome, risk, linear_predictor, "e90", smoothing=smoothing)


def emax(
    outcome: ArrayLike,
    risk: ArrayLike,
    *,
    linear_predictor: ArrayLike | None = None,
    smoothing: Smoothing | None = None,
) -> float:
    """Return the maximum over patients of |observed(risk) - risk|, observed being the flexible curve.

    Parameters
    ----------
    outcome, risk, linear_predictor, smoothing
        As for ``integrated_calibration_index``.

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
    Checked against R 4.2.2 ``loess`` and pmcalibration 0.2.0 ``smooth = "rcs"`` (12_ici.json, 1e-6).
    """
    return _distance(outcome, risk, linear_predictor, "emax", smoothing=smoothing)


def prepare_distances(rows: Rows) -> Weighted:
    """Fit the smoother that is asked for, and measure its distances as ``distances`` does."""
    return distances(smoother_of(rows), rows)


def distances(smoother: Smoother, rows: Rows) -> Weighted:
    """Draw the curve in every replicate, knots or vertices held, and measure its distance at that replicate's rows."""

    def under(weights: Array) -> dict[str, Array]:
        observed = smoother.observed(weights)
        found = np.isfinite(observed).all(axis=1)
        values = np.full((4, len(weights)), np.nan)
        distance, counts = np.abs(observed[found] - rows.risk), weights[found]
        values[0, found] = np.einsum("bn,bn->b", counts, distance) / counts.sum(axis=1)
        values[1:3, found] = np.array(list(_percentiles(distance, counts))).reshape(-1, 2).T
        values[3, found] = np.max(distance, axis=1, where=counts > 0, initial=0.0)
        return dict(zip(("ici", "e50", "e90", "emax"), values, strict=True))

    return under


def _distance(
    outcome: ArrayLike, risk: ArrayLike, linear_predictor: ArrayLike | None, key: str, *, smoothing: Smoothing | None
) -> float:
    rows = checked_rows(outcome, risk, linear_predictor=linear_predictor, smoothing=smoothing)
    return single(prepare_distances, rows, key)


def _percentiles(distance: Array, counts: Array) -> Iterator[Array]:
    for values, repeats in zip(distance, counts.astype(np.intp), strict=True):
        yield np.quantile(np.repeat(values, repeats), (0.5, 0.9))


def _grid(risk: Array) -> Array:
    # equally spaced, so that no point of the curve is the risk of a patient
    first, last = np.quantile(risk, (0.01, 0.99))
    grid = np.unique(np.linspace(first, last, _GRID))
    return grid[(grid > 0.0) & (grid < 1.0)]
