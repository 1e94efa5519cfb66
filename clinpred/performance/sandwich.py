"""Standard errors of recalibration that hold where patients repeat: the sandwich, its scores summed within patient."""

import math

import numpy as np

from clinpred.performance.calibration import Coefficient, in_the_large, recalibration, varying_log_odds
from clinpred.performance.newton import inverse_logit
from clinpred.performance.patient_sums import patient_sums, small_sample_factor
from clinpred.performance.rows import Array, Rows


def robust_recalibration(rows: Rows) -> dict[str, Coefficient]:
    """Return intercept and slope of the joint fit with standard errors that are robust to repeated patients.

    Raises
    ------
    StatisticalRefusal
        As ``calibration_slope``; ``S-FEW-PATIENTS``: all rows are of one patient.

    References
    ----------
    Liang KY, Zeger SL. Biometrika 1986;73:13-22.
    """
    fitted = recalibration(rows)
    log_odds = varying_log_odds(rows)
    design = np.column_stack([np.ones(log_odds.size), log_odds])
    values = [one.value for one in fitted.values()]
    errors = _errors(design, design @ values, rows)
    return {key: Coefficient(one.value, error) for (key, one), error in zip(fitted.items(), errors, strict=True)}


def robust_in_the_large(rows: Rows) -> Coefficient:
    """Return calibration in the large with a standard error that is robust to repeated patients."""
    value = in_the_large(rows).value
    ones = np.ones((rows.outcome.size, 1))
    return Coefficient(value, _errors(ones, value + rows.log_odds(), rows)[0])


def _errors(design: Array, linear_predictor: Array, rows: Rows) -> list[float]:
    risk = inverse_logit(linear_predictor)
    bread = np.linalg.inv(design.T @ (design * (risk * (1.0 - risk))[:, None]))
    scores = np.column_stack([patient_sums(column * (rows.outcome - risk), rows) for column in design.T])
    covariance = bread @ (scores.T @ scores) @ bread * small_sample_factor(rows)
    return [math.sqrt(variance) for variance in np.diag(covariance).tolist()]
