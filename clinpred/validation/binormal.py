"""What a C-statistic implies: linear predictors normal among patients with the event, and among those without."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from clinpred.performance.newton import inverse_logit
from clinpred.performance.rows import Array

_FARTHEST = 9.0
_FEWEST_NODES = 2001
_WIDEST_STEP = 0.25


@dataclass(frozen=True)
class Spread:
    """Linear predictors with the share of patients that each stands for; the shares sum to 1."""

    linear_predictor: Array
    share: Array


def normal_spread(mean: float, sd: float) -> Spread:
    """Return a normal distribution as nodes that integrate smooth functions to the last digits.

    Equidistant nodes to nine standard deviations, no farther apart than the logistic function bends, converge
    faster than any power of their number; Gauss-Hermite nodes do not where the standard deviation is large.

    Parameters
    ----------
    mean, sd : float
        Of the linear predictor (log odds).
    """
    nodes = max(_FEWEST_NODES, math.ceil(2.0 * _FARTHEST * sd / _WIDEST_STEP))
    standard = np.linspace(-_FARTHEST, _FARTHEST, nodes)
    density = np.exp(-0.5 * standard**2)
    return Spread(mean + sd * standard, density / density.sum())


def implied_spread(prevalence: float, c_statistic: float) -> Spread:
    """Return the linear predictors of all patients that a prevalence and a C-statistic imply.

    With and without the event they are normal with the same sd δ = √2 Φ⁻¹(C) and with means logit(prevalence)
    ± δ²/2: then the C-statistic is C, and the risks 1/(1 + exp(-lp)) are perfectly calibrated.

    Parameters
    ----------
    prevalence : float
        0 to 1.
    c_statistic : float
        .5 to 1.
    """
    with_event, without = _classes(prevalence, c_statistic)
    return Spread(
        np.concatenate([with_event.linear_predictor, without.linear_predictor]),
        np.concatenate([prevalence * with_event.share, (1.0 - prevalence) * without.share]),
    )


def implied_cox_snell_r2(prevalence: float, c_statistic: float) -> float:
    """Return the Cox-Snell R² of a calibrated logistic model of this C-statistic: 1 - exp(-2 (l₁ - l₀)).

    l₁ and l₀ are the expected log likelihood per patient of the model and of the prevalence alone, by numerical
    integration over the two normal distributions of `implied_spread`.

    Parameters
    ----------
    prevalence : float
        0 to 1.
    c_statistic : float
        .5 to 1.

    References
    ----------
    Riley RD, Van Calster B, Collins GS. Stat Med 2021;40:859-864.

    Notes
    -----
    Checked against pmsampsize 1.1.3, which simulates 1,000,000 patients (08_sample_size.json, within the error of
    that simulation).

    Examples
    --------
    >>> round(implied_cox_snell_r2(0.05, 0.81), 4)
    0.0673
    """
    with_event, without = _classes(prevalence, c_statistic)
    gained = prevalence * float(with_event.share @ np.log(inverse_logit(with_event.linear_predictor)))
    gained += (1.0 - prevalence) * float(without.share @ np.log(inverse_logit(-without.linear_predictor)))
    return -math.expm1(-2.0 * (gained - null_log_likelihood(prevalence)))


def null_log_likelihood(prevalence: float) -> float:
    """Return the expected log likelihood per patient of a risk that is the prevalence for everyone."""
    return prevalence * math.log(prevalence) + (1.0 - prevalence) * math.log1p(-prevalence)


def _classes(prevalence: float, c_statistic: float) -> tuple[Spread, Spread]:
    distance = math.sqrt(2.0) * NormalDist().inv_cdf(c_statistic)
    centre, half = math.log(prevalence) - math.log1p(-prevalence), 0.5 * distance**2
    return normal_spread(centre + half, distance), normal_spread(centre - half, distance)
