"""The sizes that are asked for give what they promise: shrinkage of unpenalised fits, widths of intervals."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from clinpred import performance
from clinpred.performance.newton import fit_logistic, inverse_logit
from clinpred.validation import sample_size

PREVALENCE, PARAMETERS = 0.2, 20
FITS = 300


def distance(c_statistic):
    """Return how far apart the classes' linear predictors lie, in standard deviations."""
    return math.sqrt(2.0) * NormalDist().inv_cdf(c_statistic)


def fit(n, apart, rng):
    """Return the slopes of an unpenalised fit to n patients whose classes are normal, and χ² of the fit."""
    outcome = (rng.random(n) < PREVALENCE).astype(float)
    predictors = rng.normal(size=(n, PARAMETERS)) + np.outer(outcome, apart)
    design = np.column_stack([np.ones(n), predictors])
    coefficients = fit_logistic(design, outcome, np.ones((1, n))).coefficients[0]
    log_odds = math.log(outcome.mean() / (1.0 - outcome.mean()))
    gained = log_likelihood(design @ coefficients, outcome) - log_likelihood(np.full(n, log_odds), outcome)
    return coefficients[1:], 2.0 * gained


def log_likelihood(linear_predictor, outcome):
    return float(outcome @ linear_predictor - np.logaddexp(0.0, linear_predictor).sum())


def mean_shrinkage(n, c_statistic):
    """Return the mean over fits of the heuristic shrinkage, (χ² - P) / χ², and of the slope among all new patients.

    A linear predictor that is normal with the same variance in both classes has the calibration slope distance over
    variance: no new patients need be drawn.
    """
    apart = np.full(PARAMETERS, distance(c_statistic) / math.sqrt(PARAMETERS))
    rng = np.random.default_rng(31)
    fits = [fit(n, apart, rng) for _ in range(FITS)]
    heuristic = np.mean([1.0 - PARAMETERS / gained for _, gained in fits])
    slope = np.mean([apart @ slopes / (slopes @ slopes) for slopes, _ in fits])
    return heuristic, slope


@pytest.mark.parametrize("c_statistic", [0.65, 0.7, 0.8])
def test_unpenalised_fits_of_the_asked_for_size_have_the_asked_for_heuristic_shrinkage(c_statistic):
    size = sample_size.development(PREVALENCE, PARAMETERS, c_statistic=c_statistic)
    heuristic, _ = mean_shrinkage(size.criteria[0].patients, c_statistic)
    assert heuristic == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize(("c_statistic", "expected"), [(0.65, 0.9), (0.7, 0.89), (0.8, 0.86)])
def test_their_slope_on_new_patients_is_as_asked_for_unless_the_c_statistic_is_high(c_statistic, expected):
    size = sample_size.development(PREVALENCE, PARAMETERS, c_statistic=c_statistic)
    _, slope = mean_shrinkage(size.criteria[0].patients, c_statistic)
    assert slope == pytest.approx(expected, abs=0.015)


@pytest.mark.parametrize("fraction", [0.5, 2.0])
def test_the_expected_shrinkage_is_that_of_fits_of_another_size(fraction):
    size = sample_size.development(PREVALENCE, PARAMETERS, c_statistic=0.7)
    n = round(fraction * size.criteria[0].patients)
    expected = sample_size.expected_shrinkage(n, PARAMETERS, size.cox_snell_r2)
    assert mean_shrinkage(n, 0.7)[0] == pytest.approx(expected, abs=0.01)


@pytest.fixture(scope="module")
def widths():
    """Return the mean widths of 95 % intervals over validations of a calibrated risk, by the asked-for criterion."""
    targets = sample_size.Widths(observed_expected=0.3, slope=0.4, c_statistic=0.1)
    size = sample_size.validation(PREVALENCE, 0.8, widths=targets)
    methods = {"observed_expected": "closed_form", "calibration_slope": "wald", "auroc": "delong_plain"}
    rng = np.random.default_rng(33)
    return {
        one.name: np.mean([width(one.name, methods[one.name], one.patients, rng) for _ in range(300)])
        for one in size.criteria
    }


def width(measure, method, n, rng):
    outcome = (rng.random(n) < PREVALENCE).astype(float)
    apart = distance(0.8)
    centre = math.log(PREVALENCE / (1.0 - PREVALENCE)) - apart**2 / 2.0
    risk = inverse_logit(centre + apart**2 * outcome + apart * rng.normal(size=n))
    found = performance.estimate(measure, outcome, risk, method=method)
    return found.upper - found.lower


@pytest.mark.parametrize(
    ("criterion", "target"), [("observed_expected", 0.3), ("calibration_slope", 0.4), ("auroc", 0.1)]
)
def test_intervals_of_the_asked_for_size_are_as_wide_as_asked_for(widths, criterion, target):
    assert widths[criterion] == pytest.approx(target, rel=0.03)
