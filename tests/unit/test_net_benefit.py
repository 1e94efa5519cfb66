"""Decision curves: identities, another prevalence, and the same numbers as estimates with intervals."""

import numpy as np
import pytest

from clinpred import performance
from clinpred.errors import InputRefused, StatisticalRefusal, WrongUsage
from clinpred.performance import net_benefit_key, threshold_key

THRESHOLDS = np.array([0.05, 0.1, 0.3, 0.6])
BENEFITS = ("net_benefit", "standardised_net_benefit", "interventions_avoided")


@pytest.fixture
def cohort():
    rng = np.random.default_rng(8)
    risk = rng.beta(1.2, 3.0, 500)
    return (rng.random(500) < risk).astype(float), risk


def test_treating_all_avoids_no_intervention_and_treating_none_avoids_those_it_should_less_the_missed(cohort):
    outcome, _ = cohort
    everybody = performance.decision_curve(outcome, np.ones(500), THRESHOLDS)
    assert everybody.interventions_avoided == pytest.approx(np.zeros(4), abs=1e-12)
    nobody = performance.decision_curve(outcome, np.zeros(500), THRESHOLDS)
    without, having = 1 - outcome.mean(), outcome.mean()
    assert nobody.interventions_avoided == pytest.approx(100 * (without - having * (1 - THRESHOLDS) / THRESHOLDS))
    assert nobody.net_benefit.tolist() == nobody.treat_none.tolist() == [0.0] * 4


def test_a_perfect_risk_has_the_whole_benefit_and_avoids_every_needless_intervention(cohort):
    outcome, _ = cohort
    curve = performance.decision_curve(outcome, outcome, THRESHOLDS)
    assert curve.net_benefit == pytest.approx([outcome.mean()] * 4, abs=1e-14)
    assert curve.standardised_net_benefit == pytest.approx([1.0] * 4, abs=1e-12)
    assert curve.interventions_avoided == pytest.approx([100 * (1 - outcome.mean())] * 4, abs=1e-10)


def test_net_benefit_is_what_the_definition_counts(cohort):
    outcome, risk = cohort
    positive = risk >= 0.3
    true, false = np.mean(positive & (outcome == 1)), np.mean(positive & (outcome == 0))
    assert performance.net_benefit(outcome, risk, 0.3) == pytest.approx(true - false * 0.3 / 0.7, abs=1e-14)


@pytest.mark.parametrize("measure", BENEFITS)
def test_the_patients_own_prevalence_changes_nothing(cohort, measure):
    outcome, risk = cohort
    function = getattr(performance, measure)
    own = function(outcome, risk, 0.2, prevalence=outcome.mean())
    assert own == pytest.approx(function(outcome, risk, 0.2), abs=1e-12)


@pytest.mark.parametrize("measure", BENEFITS)
def test_a_case_control_sample_at_its_prevalence_has_the_benefit_of_the_cohort(cohort, measure):
    outcome, risk = cohort
    repeats = np.where(outcome == 1, 3, 1)
    sample = np.repeat(outcome, repeats), np.repeat(risk, repeats)
    function = getattr(performance, measure)
    corrected = function(*sample, 0.2, prevalence=outcome.mean())
    assert corrected == pytest.approx(function(outcome, risk, 0.2), abs=1e-12)
    assert function(*sample, 0.2) != pytest.approx(corrected, abs=1e-2)


@pytest.mark.parametrize("prevalence", [None, 0.1])
@pytest.mark.parametrize("measure", BENEFITS)
def test_every_benefit_has_an_interval_about_the_functions_value(cohort, measure, prevalence):
    outcome, risk = cohort
    key = threshold_key(measure, 0.2, prevalence=prevalence)
    found = performance.estimate(key, outcome, risk, rng=np.random.default_rng(1))
    function = getattr(performance, measure)
    assert found.estimate == pytest.approx(function(outcome, risk, 0.2, prevalence=prevalence), abs=1e-12)
    assert found.lower < found.estimate < found.upper


def test_the_interval_is_the_same_whether_asked_alone_or_among_thresholds(cohort):
    outcome, risk = cohort
    alone = performance.estimate(net_benefit_key(0.3), outcome, risk, rng=np.random.default_rng(1))
    among = performance.net_benefit_estimates(outcome, risk, [0.1, 0.3], rng=np.random.default_rng(1))[1]
    assert (alone.lower, alone.upper) == pytest.approx((among.lower, among.upper), abs=1e-14)
    assert among.treat_all == pytest.approx(performance.decision_curve(outcome, risk, [0.3]).treat_all[0])


def test_the_paired_difference_is_that_of_the_two_benefits_in_every_unit(cohort):
    outcome, risk = cohort
    worse = np.clip(0.5 * risk + 0.1, 0, 1)
    keys = [threshold_key(measure, 0.2, prevalence=0.1) for measure in BENEFITS]
    found = performance.paired_differences(
        outcome,
        performance.Predictions(risk),
        performance.Predictions(worse),
        measures=keys,
        rng=np.random.default_rng(1),
    )
    benefit, standardised, avoided = (found[key] for key in keys)
    assert standardised.difference == pytest.approx(benefit.difference / 0.1)
    assert avoided.difference == pytest.approx(100 * benefit.difference * 4)
    assert avoided.upper == pytest.approx(100 * benefit.upper * 4)


@pytest.mark.parametrize("prevalence", [0.0, 1.0, -0.1, np.nan])
def test_a_prevalence_at_which_there_is_nothing_to_decide_is_refused(cohort, prevalence):
    with pytest.raises(InputRefused, match="E-PREVALENCE"):
        performance.net_benefit(*cohort, 0.2, prevalence=prevalence)


@pytest.mark.parametrize("prevalence", [None, 0.2])
def test_one_class_has_no_benefit_even_at_another_prevalence(prevalence):
    with pytest.raises(StatisticalRefusal, match="S-ONE-CLASS"):
        performance.decision_curve([1, 1], [0.2, 0.7], [0.3], prevalence=prevalence)


@pytest.mark.parametrize(
    "key",
    [
        "net_benefit:0.2:prevalence=0.10",
        "net_benefit:0.2:0.1",
        "net_benefit:0.2:prevalence=0.1:again",
        "net_benefit:",
        "sensitivity:0.2:prevalence=0.1",
        "brier:0.2",
    ],
)
def test_a_key_that_is_not_written_as_the_keys_are_is_wrong_usage(cohort, key):
    with pytest.raises(WrongUsage, match="E-MEASURE"):
        performance.estimate(key, *cohort, rng=np.random.default_rng(1))
