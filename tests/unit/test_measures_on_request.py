"""Every measure of the catalogue answers or refuses as it says; those on request are asked for by name alone."""

import inspect

import numpy as np
import pytest

from clinpred import performance
from clinpred.errors import StatisticalRefusal
from clinpred.performance import ALL_MEASURES, ALWAYS_REPORTED, CATALOGUE, DESCRIBED, ON_REQUEST, measure_of
from clinpred.performance.catalogue import families
from clinpred.performance.rows import checked_rows

RNG = np.random.default_rng(6)
LOGIT = RNG.normal(-1, 1.5, 200)
RISK = 1 / (1 + np.exp(-LOGIT))
OUTCOME = (RNG.random(200) < RISK).astype(float)
HALF = np.array([0.0, 1.0] * 20)
SITUATIONS = {
    "usual": (OUTCOME, RISK),
    "nobody has the event": (np.zeros(40), RISK[:40]),
    "everybody has the event": (np.ones(40), RISK[:40]),
    "constant risk": (HALF, np.full(40, 0.3)),
    "constant risk of 0": (HALF, np.zeros(40)),
    "constant risk of 1": (HALF, np.ones(40)),
    "some risks of 0 and 1": (OUTCOME, np.where(RISK < 0.1, 0.0, np.where(RISK > 0.6, 1.0, RISK))),
    "certain and right": (HALF, HALF),
    "certain and wrong": (HALF, 1 - HALF),
    "two patients": (np.array([0.0, 1.0]), np.array([0.2, 0.6])),
    "two patients, tied": (np.array([0.0, 1.0]), np.array([0.2, 0.2])),
    "two patients, ranked wrongly": (np.array([1.0, 0.0]), np.array([0.2, 0.6])),
    "one event": (np.eye(40)[3], RISK[:40]),
    "separated": (np.sort(HALF), np.sort(RISK[:40])),
    "two values": (np.array([0, 1, 0, 1] * 10), np.array([0.2, 0.2, 0.6, 0.6] * 10)),
    "all below the threshold": (OUTCOME, RISK / 10),
    "all above the threshold": (OUTCOME, 0.5 + RISK / 2),
}


def asked(key):
    return f"{key}:0.2" if ALL_MEASURES[key].at_threshold else key


def answer(key, outcome, risk, **options):
    measure = ALL_MEASURES[key]
    threshold = (0.2,) if measure.at_threshold else ()
    return measure.function(outcome, risk, *threshold, **options)


def answer_or_refusal(key, outcome, risk, **options):
    try:
        return answer(key, outcome, risk, **options)
    except StatisticalRefusal as refusal:
        return refusal


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("key", ALL_MEASURES)
def test_every_measure_answers_within_its_range_or_refuses_as_its_catalogue_says(key, situation):
    measure = ALL_MEASURES[key]
    value = answer_or_refusal(key, *SITUATIONS[situation])
    if isinstance(value, StatisticalRefusal):
        assert value.code in measure.not_estimable
        return
    assert np.isfinite(value)
    assert measure.lowest is None or value >= measure.lowest
    assert measure.highest is None or value <= measure.highest + 1e-12


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("key", ALL_MEASURES)
def test_an_estimate_has_the_functions_value_or_says_in_words_why_it_has_none(key, situation):
    outcome, risk = SITUATIONS[situation]
    found = performance.estimate(asked(key), outcome, risk, rng=np.random.default_rng(0))
    value = answer_or_refusal(key, outcome, risk)
    if isinstance(value, StatisticalRefusal):
        assert (found.estimate, found.reason) == (None, f"not estimable ({value.found})")
        return
    assert found.estimate == pytest.approx(value, abs=1e-12)
    assert found.reason is None
    assert found.method
    assert (found.lower is None) == (found.upper is None)
    assert found.lower is not None or "not estimable" in found.method


@pytest.mark.parametrize("key", ALL_MEASURES)
def test_every_refusal_that_the_catalogue_names_happens_and_no_other(key):
    told = [answer_or_refusal(key, *arrays) for arrays in (*SITUATIONS.values(), *rare_situations())]
    if ALL_MEASURES[key].needs_logit:
        told += [
            answer_or_refusal(key, outcome, 1 / (1 + np.exp(-np.clip(logit, -700, 700))), linear_predictor=logit)
            for outcome, logit in extreme_linear_predictors()
        ]
    raised = {one.code for one in told if isinstance(one, StatisticalRefusal)}
    assert raised == set(ALL_MEASURES[key].not_estimable)


def rare_situations():
    """Yield what loess alone refuses, and what a spline alone does."""
    few = np.concatenate([np.full(90, 0.2), np.linspace(0.3, 0.9, 10)])
    yield np.array([0.0, 1.0] * 50), few
    many = np.linspace(0.01, 0.99, 6000)
    yield (many > 0.5).astype(float), many


def extreme_linear_predictors():
    """Yield linear predictors that are certain and wrong."""
    yield HALF, np.where(HALF == 1, -1.0, 1.0) * np.linspace(1e3, 1e5, 40)
    yield HALF, np.where(HALF == 1, -1e5, 1e5)


def test_ideal_risks_have_the_ideal_value():
    for key, measure in ALL_MEASURES.items():
        if measure.ideal is not None and not measure.needs_logit and "S-TIES" not in measure.not_estimable:
            assert answer(key, HALF, HALF) == pytest.approx(measure.ideal), key


def test_a_better_risk_is_better_in_every_measure_that_has_a_direction():
    worse = RNG.permutation(RISK)
    for key, measure in ALL_MEASURES.items():
        if measure.direction in {"higher", "lower"}:
            gain = answer(key, OUTCOME, RISK) - answer(key, OUTCOME, worse)
            assert gain > 0 if measure.direction == "higher" else gain < 0, key


def test_nothing_on_request_is_reported_by_itself():
    assert not set(ON_REQUEST) & set(ALWAYS_REPORTED)
    assert not set(ON_REQUEST) & set(CATALOGUE)
    assert set(CATALOGUE) | set(DESCRIBED) | set(ON_REQUEST) == set(ALL_MEASURES)
    estimates = performance.estimate_all(OUTCOME, RISK, rng=np.random.default_rng(0), replicates=20)
    assert set(estimates) == set(ALWAYS_REPORTED)


@pytest.mark.parametrize("key", ON_REQUEST)
def test_each_on_request_says_what_speaks_against_it_and_has_no_default_threshold(key):
    function = ON_REQUEST[key].function
    assert "On request only:" in inspect.getdoc(function)
    parameters = inspect.signature(function).parameters.values()
    assert all(parameter.default is inspect.Parameter.empty for parameter in parameters)


@pytest.mark.parametrize("key", ["youden", "mcc", "f1", "accuracy", "balanced_accuracy"])
def test_measures_of_a_threshold_are_asked_for_by_it(key):
    assert measure_of(f"{key}:0.2").key == key
    found = performance.estimate(f"{key}:0.2", OUTCOME, RISK, rng=np.random.default_rng(0))
    assert found.lower < found.estimate < found.upper


def test_a_constant_risk_has_the_prevalence_as_precision_at_every_recall():
    assert performance.auprc_interpolated(HALF, np.full(40, 0.3)) == pytest.approx(0.5, abs=1e-14)
    assert performance.average_precision(HALF, np.full(40, 0.3)) == pytest.approx(0.5, abs=1e-14)


def test_average_precision_is_the_mean_precision_at_the_events_where_no_risks_tie():
    ordered = OUTCOME[np.argsort(-RISK)]
    precision = np.cumsum(ordered) / np.arange(1, 201)
    assert performance.average_precision(OUTCOME, RISK) == pytest.approx(precision[ordered == 1].mean(), abs=1e-14)


def test_the_interpolated_area_is_the_limit_of_drawing_the_curve_between_thresholds():
    risk = np.round(RISK, 1)
    levels = np.unique(risk)[::-1]
    true = np.concatenate([[0], [np.sum(OUTCOME[risk >= level]) for level in levels]])
    false = np.concatenate([[0], [np.sum(1 - OUTCOME[risk >= level]) for level in levels]])
    at = (np.arange(200_000) + 0.5) / 200_000 * true[-1]
    drawn = np.mean(at / (at + np.interp(at, true, false)))
    assert performance.auprc_interpolated(OUTCOME, risk) == pytest.approx(drawn, abs=1e-6)


def test_weights_count_rows_as_often_as_repeating_them_does():
    weights = RNG.integers(0, 4, 200)
    repeated = np.repeat(OUTCOME, weights), np.repeat(RISK, weights)
    for key in ("auprc_interpolated", "average_precision", "mcc", "f1", "positive_predictive_value"):
        (prepare,) = families([asked(key)])
        weighted = prepare(checked_rows(OUTCOME, RISK))(weights[None].astype(float))[asked(key)][0]
        assert weighted == pytest.approx(answer(key, *repeated), abs=1e-12), key
