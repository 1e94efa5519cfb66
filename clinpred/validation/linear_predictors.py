"""How linear predictors lie among the patients of a validation, and what that tells of a calibration slope."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from clinpred.errors import StatisticalRefusal
from clinpred.performance.newton import inverse_logit
from clinpred.validation.binormal import Spread, normal_spread
from clinpred.validation.size_refusals import check_inside, out_of_range

_WIDEST_LOG_ODDS = 50.0


@dataclass(frozen=True)
class NormalLinearPredictor:
    """The linear predictor (log odds) is normal among all patients: mean within ± 50, sd above 0 and below 50."""

    mean: float
    sd: float


@dataclass(frozen=True)
class BetaRisk:
    """The risk has a beta distribution among all patients, both shapes above 0: a skewed linear predictor."""

    alpha: float
    beta: float


LinearPredictors = NormalLinearPredictor | BetaRisk | ArrayLike
"""A distribution, or an array of log odds, one a patient."""


def slope_information(linear_predictors: LinearPredictors) -> float:
    """Return what one patient tells of the slope of a well-calibrated risk: 1 / (n SE²).

    It is the mean of p (1 - p) over patients, times the variance of the linear predictor weighted by it.

    Raises
    ------
    InputRefused
        ``E-SIZE-RANGE``: a parameter out of its range, or log odds that are not finite.
    StatisticalRefusal
        ``S-CONSTANT-RISK``: all log odds are the same.
    """
    if isinstance(linear_predictors, BetaRisk):
        return _beta_information(linear_predictors)
    if isinstance(linear_predictors, NormalLinearPredictor):
        return spread_information(_normal(linear_predictors))
    return spread_information(_observed(linear_predictors))


def spread_information(spread: Spread) -> float:
    """Return what one patient tells of the slope where the linear predictors lie so.

    Raises
    ------
    InputRefused
        ``E-SIZE-RANGE``: every risk is 0 or 1.
    """
    lp = spread.linear_predictor
    weight = spread.share * inverse_logit(lp) * inverse_logit(-lp)
    total = float(weight.sum())
    information = float(weight @ (lp - float(weight @ lp) / total) ** 2) if total > 0.0 else 0.0
    if information == 0.0:
        raise out_of_range(
            "linear predictors whose risks are 0 or 1",
            expected="risks between 0 and 1",
            to_fix="give the linear predictor as log odds (--lp-mean, --lp-sd)",
        )
    return information


def _normal(distribution: NormalLinearPredictor) -> Spread:
    mean, sd = distribution.mean, distribution.sd
    check_inside("mean linear predictor", mean, "--lp-mean", above=-_WIDEST_LOG_ODDS, below=_WIDEST_LOG_ODDS)
    check_inside("sd of the linear predictor", sd, "--lp-sd", below=_WIDEST_LOG_ODDS)
    return normal_spread(mean, sd)


def _observed(linear_predictors: ArrayLike) -> Spread:
    observed = np.asarray(linear_predictors, dtype=float)
    wrong = int(np.count_nonzero(~np.isfinite(observed)))
    if observed.ndim != 1 or observed.size == 0 or wrong:
        raise out_of_range(
            f"linear predictors of shape {observed.shape}, {wrong} of them not finite",
            expected="one finite log odds a patient",
            to_fix="leave out patients without a risk; a risk of exactly 0 or 1 has no log odds",
        )
    if np.ptp(observed) == 0.0:
        raise StatisticalRefusal(
            "S-CONSTANT-RISK",
            f"{observed.size} linear predictors that are all the same",
            expected="linear predictors that differ between patients",
            to_fix="a slope cannot be estimated for a constant risk",
        )
    return Spread(observed, np.full(observed.size, 1.0 / observed.size))


def _beta_information(risk: BetaRisk) -> float:
    """Return the information in closed form: weighted by p (1 - p), the risk is beta again, both shapes 1 larger."""
    for shape in (risk.alpha, risk.beta):
        check_inside("shape of the risk's distribution", shape, "the shapes of BetaRisk", below=math.inf)
    from scipy.special import polygamma

    total = risk.alpha + risk.beta
    weight = risk.alpha * risk.beta / (total * (total + 1.0))
    return float(weight * (polygamma(1, risk.alpha + 1.0) + polygamma(1, risk.beta + 1.0)))
