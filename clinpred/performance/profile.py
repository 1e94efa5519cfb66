"""The profile-likelihood interval of the calibration slope."""

import math
from dataclasses import dataclass

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.performance.calibration import recalibration, varying_log_odds
from clinpred.performance.newton import fit_logistic, inverse_logit
from clinpred.performance.rows import Array, Rows

_CHI_SQUARE_95 = 3.841458820694124
_NORMAL_975 = 1.959963984540054
_STEPS = 60
_NEAR = 1e-10


def profile_bounds(rows: Rows) -> tuple[float, float]:
    """Return the slopes at which twice the log likelihood, maximised over the intercept, is 3.84 below its maximum.

    Each bound is found by Newton's method from Wald's: the deviance is convex in the slope and, by the envelope
    theorem, its derivative is minus twice the score of the slope.

    Raises
    ------
    StatisticalRefusal
        As ``calibration_slope``.

    References
    ----------
    Venzon DJ, Moolgavkar SH. Appl Stat 1988;37:87-94.
    """
    log_odds = varying_log_odds(rows)
    slope = recalibration(rows)["calibration_slope"]
    profile = _Profile(rows.outcome, log_odds)
    least, _ = profile.deviance(slope.value)
    margin = _NORMAL_975 * slope.standard_error
    lower, upper = (profile.crossing(slope.value + side * margin, least + _CHI_SQUARE_95) for side in (-1.0, 1.0))
    return lower, upper


@dataclass(frozen=True)
class _Profile:
    outcome: Array
    log_odds: Array

    def deviance(self, slope: float) -> tuple[float, float]:
        """Return the deviance at a slope, the intercept fitted, and its derivative."""
        offset = slope * self.log_odds
        ones = np.ones((self.outcome.size, 1))
        intercept = fit_logistic(ones, self.outcome, ones.T, offset=offset).coefficients[0, 0]
        eta = intercept + offset
        loss = np.logaddexp(0.0, np.where(self.outcome == 1.0, -eta, eta))
        score = (self.outcome - inverse_logit(eta)) @ self.log_odds
        return 2.0 * math.fsum(loss), -2.0 * float(score)

    def crossing(self, slope: float, level: float) -> float:
        """Return the slope, on this one's side of the maximum, where the deviance reaches a level."""
        for _ in range(_STEPS):
            deviance, derivative = self.deviance(slope)
            step = (level - deviance) / derivative
            slope += step
            if abs(step) <= _NEAR * max(1.0, abs(slope)):
                return slope
        raise StatisticalRefusal(
            "S-NOT-CONVERGED",
            "no finite bound of the profile likelihood",
            expected="risks of patients with and without the event that overlap",
            to_fix="judge the risks on more patients, or ask for method='wald'",
        )
