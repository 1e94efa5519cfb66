"""Intervals by formula where patients repeat: sums within patient, of AUROC, slope, O:E and losses."""

import numpy as np
import pytest

from clinpred import performance
from clinpred.errors import StatisticalRefusal, WrongUsage
from clinpred.performance.newton import inverse_logit

BY_FORMULA = ["auroc", "calibration_in_the_large", "calibration_slope", "observed_expected", "brier", "log_loss"]
CLUSTERED = "DeLong, clustered by patient (Obuchowski), logit scale"


@pytest.fixture(scope="module")
def visits():
    """Return three visits of 80 patients, some with the event at one and not at another."""
    rng = np.random.default_rng(3)
    patients = np.repeat(np.arange(80), 3)
    logit = rng.normal(-0.5, 1.2, 80)[patients] + rng.normal(0, 0.4, 240)
    outcome = (rng.random(240) < inverse_logit(logit)).astype(float)
    return outcome, np.round(inverse_logit(0.2 + 1.3 * logit), 2).clip(0.01, 0.99), patients


def width(measure, outcome, risk, **how):
    found = performance.estimate(measure, outcome, risk, **how)
    return found.upper - found.lower


@pytest.mark.parametrize("measure", BY_FORMULA)
def test_the_same_rows_three_times_are_no_news(measure, visits):
    outcome, risk, _ = visits
    how = {"method": "sandwich"} if measure.startswith("calibration") else {}
    once = width(measure, outcome, risk, **how)
    thrice = width(measure, *(np.tile(each, 3) for each in (outcome, risk)), patients=np.tile(np.arange(240), 3), **how)
    assert thrice == pytest.approx(once, rel=1e-9)


def test_the_clustered_variance_is_obuchowskis_sum_over_patients(visits):
    outcome, risk, patients = visits
    found = performance.auroc_interval(outcome, risk, patients=patients, scale="plain")
    error = (found.upper - found.lower) / 2 / 1.959963984540054
    assert error**2 == pytest.approx(obuchowski(outcome, risk, patients), rel=1e-12)
    assert performance.estimate("auroc", outcome, risk, patients=patients).method == CLUSTERED


def obuchowski(outcome, risk, patients):
    events, others = risk[outcome == 1], risk[outcome == 0]
    kernel = (events[:, None] > others) + 0.5 * (events[:, None] == others)
    area, of_event, of_other = kernel.mean(), kernel.mean(axis=1), kernel.mean(axis=0)
    x, y = [], []
    for patient in np.unique(patients):
        mine, theirs = of_event[patients[outcome == 1] == patient], of_other[patients[outcome == 0] == patient]
        x.append((len(mine), sum(mine) - len(mine) * area))
        y.append((len(theirs), sum(theirs) - len(theirs) * area))
    (m, x), (n, y) = np.transpose(x), np.transpose(y)
    with_event, without, everybody = np.sum(m > 0), np.sum(n > 0), len(m)
    s10 = with_event / ((with_event - 1) * m.sum()) * np.sum(x**2)
    s01 = without / ((without - 1) * n.sum()) * np.sum(y**2)
    s11 = everybody / (everybody - 1) * np.sum(x * y)
    return s10 / m.sum() + s01 / n.sum() + 2 * s11 / m.sum() / n.sum()


@pytest.mark.parametrize("measure", BY_FORMULA)
def test_clustered_formulas_agree_with_the_bootstrap_of_patients(measure):
    rng = np.random.default_rng(2)
    patients = np.repeat(np.arange(700), 3)
    logit = rng.normal(-1, 1.5, 700)[patients]
    outcome, risk = (rng.random(700)[patients] < inverse_logit(logit)).astype(float), inverse_logit(logit)
    formula = width(measure, outcome, risk, patients=patients)
    drawn = width(measure, outcome, risk, patients=patients, method="bootstrap", rng=rng)
    assert drawn == pytest.approx(formula, rel=0.1)
    assert formula > 1.5 * width(measure, outcome, risk)


@pytest.mark.parametrize(
    ("measure", "method"),
    [("calibration_slope", "wald"), ("calibration_slope", "profile"), ("observed_expected", "closed_form")],
)
def test_formulas_that_do_not_hold_where_patients_repeat_are_refused(measure, method, visits):
    outcome, risk, patients = visits
    with pytest.raises(WrongUsage, match=f"by '{method}' where 240 rows belong to 80 patients"):
        performance.estimate(measure, outcome, risk, patients=patients, method=method)


def test_the_sandwich_of_single_rows_is_near_the_model_based_error_of_a_right_model():
    rng = np.random.default_rng(1)
    logit = rng.normal(-1, 1.5, 20_000)
    outcome, risk = (rng.random(20_000) < inverse_logit(logit)).astype(float), inverse_logit(logit)
    wald, sandwich = (width("calibration_slope", outcome, risk, method=one) for one in ("wald", "sandwich"))
    assert sandwich == pytest.approx(wald, rel=0.03)


@pytest.mark.parametrize("measure", ["calibration_slope", "brier"])
def test_rows_of_one_patient_give_no_interval_but_a_reason(measure):
    found = performance.estimate(measure, [0, 1, 0, 1], [0.2, 0.4, 0.5, 0.7], patients=["a"] * 4)
    assert (found.lower, found.upper) == (None, None)
    assert found.method.endswith("interval not estimable (4 rows of 1 patient)")


def test_an_event_in_a_single_patient_gives_an_auroc_without_an_interval():
    found = performance.estimate("auroc", [1, 1, 0, 0], [0.6, 0.2, 0.5, 0.1], patients=["a", "a", "b", "c"])
    assert found.estimate == 0.75
    assert found.method == f"{CLUSTERED}; interval not estimable (1 of 3 patients with the event, 2 without)"


def test_the_paired_test_by_patient_ignores_repeated_rows(visits):
    outcome, risk, _ = visits
    other = np.roll(risk, 1)
    once = performance.delong_test(outcome, risk, other)
    thrice = performance.delong_test(
        *(np.tile(each, 3) for each in (outcome, risk, other)), patients=np.tile(np.arange(240), 3)
    )
    assert (thrice.lower, thrice.upper, thrice.p_value) == pytest.approx(
        (once.lower, once.upper, once.p_value), rel=1e-9
    )


def test_the_unpaired_test_is_antisymmetric_and_counts_patients(visits):
    outcome, risk, patients = visits
    there = performance.unpaired_delong_test(outcome[:120], risk[:120], outcome[120:], risk[120:])
    back = performance.unpaired_delong_test(outcome[120:], risk[120:], outcome[:120], risk[:120])
    assert (there.difference, there.lower, there.p_value) == pytest.approx(
        (-back.difference, -back.upper, back.p_value)
    )
    clustered = performance.unpaired_delong_test(
        outcome[:120], risk[:120], outcome[120:], risk[120:], patients=patients[:120], other_patients=patients[120:]
    )
    assert clustered.difference == there.difference
    assert clustered.upper - clustered.lower > there.upper - there.lower


def test_the_unpaired_test_of_perfect_aurocs_is_refused():
    with pytest.raises(StatisticalRefusal, match="an AUROC of 1"):
        performance.unpaired_delong_test([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1], [0.1, 0.3, 0.2, 0.4])
