"""Intervals cover the truth as often as they say."""

import numpy as np
import pytest

from clinpred import performance
from clinpred.performance.newton import inverse_logit

REPEATS = 2000
PATIENTS = 500
# mean and spread of the log odds: prevalence .2, AUROC .75, .85 and .93
SETTINGS = [(-1.58, 1.0), (-1.98, 1.7), (-2.93, 3.0)]


@pytest.fixture(scope="module", params=SETTINGS, ids=["auroc .75", "auroc .85", "auroc .93"])
def truth(request):
    return *request.param, *population(*request.param)


def population(mean, spread):
    rng = np.random.default_rng(99)
    logit = rng.normal(mean, spread, 2_000_000)
    risk = inverse_logit(0.3 + 1.5 * logit)
    happened = inverse_logit(logit)
    outcome = (rng.random(logit.size) < happened).astype(float)
    brier = np.mean(happened * (1 - risk) ** 2 + (1 - happened) * risk**2)
    return performance.auroc(outcome, risk), happened.sum() / risk.sum(), brier


@pytest.mark.slow
def test_formula_intervals_of_an_overconfident_risk_cover_93_to_97_percent(truth):
    mean, spread, area, ratio, brier = truth
    targets = {"auroc": area, "calibration_slope": 1 / 1.5, "observed_expected": ratio, "brier": brier}
    covered = dict.fromkeys(targets, 0)
    rng = np.random.default_rng(2024)
    for _ in range(REPEATS):
        logit = rng.normal(mean, spread, PATIENTS)
        outcome = (rng.random(PATIENTS) < inverse_logit(logit)).astype(float)
        risk = inverse_logit(0.3 + 1.5 * logit)
        for key, target in targets.items():
            found = performance.estimate(key, outcome, risk)
            covered[key] += found.lower <= target <= found.upper
    assert {key: 0.93 <= count / REPEATS <= 0.97 for key, count in covered.items()} == dict.fromkeys(targets, True)


@pytest.mark.slow
def test_with_rows_repeated_only_the_bootstrap_by_patient_covers():
    covered = {"by patient": 0, "by row": 0}
    rng = np.random.default_rng(7)
    target = population(*SETTINGS[1])[2]
    for _ in range(300):
        logit = rng.normal(*SETTINGS[1], PATIENTS)
        outcome = (rng.random(PATIENTS) < inverse_logit(logit)).astype(float)
        rows = [np.tile(values, 3) for values in (outcome, inverse_logit(0.3 + 1.5 * logit), np.arange(PATIENTS))]
        by_patient = performance.estimate("brier", rows[0], rows[1], patients=rows[2], rng=rng)
        by_row = performance.estimate("brier", rows[0], rows[1])
        covered["by patient"] += by_patient.lower <= target <= by_patient.upper
        covered["by row"] += by_row.lower <= target <= by_row.upper
    assert covered["by patient"] / 300 > 0.92
    assert covered["by row"] / 300 < 0.80
