"""Models are judged on patients: what is planned, what is compared, and that repeated patients count once."""

import numpy as np
import pandas as pd
import pytest

from clinpred.models.risk_model import LinearForm, RiskModel
from clinpred.performance import auroc, brier_score, holm, log_loss, net_benefit
from clinpred.performance.net_benefit import DECISION_THRESHOLDS
from clinpred.predictors.preparation import Preparation
from clinpred.records.cohort import Cohort, RowFlow
from clinpred.records.types import PredictorType
from clinpred.settings.models import STANDARD_MODELS
from clinpred.study.judgement import comparator_scores
from clinpred.validation.comparison import compare, compare_planned, planned_pairs
from clinpred.validation.held_out import APPARENT_REPLICATES, REPLICATES, RISK_BINS, Scored, evaluate, score


def _expit(x):
    return 1 / (1 + np.exp(-x))


def _scored(n=600, seed=1, slope=1.0, repeats=1):
    """Return patients whose log odds are known; each stands ``repeats`` times, with the same outcome."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(-1, 1.2, n)
    outcome = (rng.random(n) < _expit(truth)).astype(float)
    linear_predictor = slope * truth
    one = Scored(outcome, _expit(linear_predictor), linear_predictor, np.arange(n))
    return one.take(np.repeat(np.arange(n), repeats))


def _rng():
    return np.random.default_rng(7)


def test_every_regularised_model_is_compared_with_its_twin_and_the_primary_with_prevalence():
    assert planned_pairs(STANDARD_MODELS, "logistic_ridge", ["comparator_apache"]) == [
        ("logistic_ridge", "logistic_unpenalised"),
        ("logistic_lasso", "logistic_unpenalised"),
        ("logistic_elastic_net", "logistic_unpenalised"),
        ("mlp_regularised", "mlp_unregularised"),
        ("logistic_ridge", "prevalence"),
        ("logistic_ridge", "comparator_apache"),
    ]


@pytest.mark.parametrize(
    ("fitted", "primary", "comparators", "pairs"),
    [
        (["prevalence"], "prevalence", [], []),
        (["logistic_ridge"], "logistic_ridge", [], []),
        (["logistic_ridge", "mlp_unregularised"], "logistic_ridge", [], []),
        (["prevalence"], "prevalence", ["comparator_x"], [("prevalence", "comparator_x")]),
        (["mlp_regularised", "prevalence"], "mlp_regularised", [], [("mlp_regularised", "prevalence")]),
    ],
)
def test_only_what_was_fitted_is_planned(fitted, primary, comparators, pairs):
    assert planned_pairs(fitted, primary, comparators) == pairs


def test_a_difference_is_the_difference_of_the_measures_on_the_same_patients():
    model, baseline = _scored(), _scored(slope=0.2)
    differences = compare(("a", "b"), {"a": model, "b": baseline}, (0.2, 0.4), rng=_rng()).differences
    both = [(np.asarray(one.outcome), np.asarray(one.risk)) for one in (model, baseline)]
    expected = {
        "auroc": auroc(*both[0]) - auroc(*both[1]),
        "brier": brier_score(*both[0]) - brier_score(*both[1]),
        "log_loss": log_loss(*both[0]) - log_loss(*both[1]),
        "net_benefit:0.2": net_benefit(*both[0], 0.2) - net_benefit(*both[1], 0.2),
        "net_benefit:0.4": net_benefit(*both[0], 0.4) - net_benefit(*both[1], 0.4),
    }
    for measure, difference in expected.items():
        assert differences[measure].difference == pytest.approx(difference, abs=1e-12)
    assert (differences["brier"].patients, differences["brier"].events) == (600, int(model.outcome.sum()))


def test_a_comparator_is_compared_on_the_patients_that_have_its_risk():
    model = _scored()
    known = np.arange(600) % 3 > 0
    comparator = Scored(model.outcome, np.where(known, _scored(slope=0.5).risk, np.nan), None, model.patients)
    whole = compare(("a", "c"), {"a": model, "c": comparator}, (0.3,), rng=_rng())
    part = compare(("a", "c"), {"a": model.take(known), "c": comparator.take(known)}, (0.3,), rng=_rng())
    assert whole == part
    assert {one.patients for one in whole.differences.values()} == {int(known.sum())}
    assert {one.events for one in whole.differences.values()} == {int(model.outcome[known].sum())}
    risks = model.risk[known], comparator.risk[known]
    expected = brier_score(model.outcome[known], risks[0]) - brier_score(model.outcome[known], risks[1])
    assert whole.differences["brier"].difference == pytest.approx(expected, abs=1e-12)


def test_a_comparator_that_knows_one_class_only_gives_no_difference_but_a_reason():
    model = _scored(40)
    known = model.outcome == 0
    comparator = Scored(model.outcome, np.where(known, 0.2, np.nan), None, model.patients)
    compared = compare(("a", "c"), {"a": model, "c": comparator}, (), rng=_rng())
    assert {one.difference for one in compared.differences.values()} == {None}
    assert {one.reason for one in compared.differences.values()} == {"not estimable (0 events)"}


def test_swapping_model_and_baseline_turns_the_sign():
    scored = {"a": _scored(), "b": _scored(slope=0.2)}
    there = compare(("a", "b"), scored, (0.3,), rng=_rng()).differences
    back = compare(("b", "a"), scored, (0.3,), rng=_rng()).differences
    for measure, one in there.items():
        other = back[measure]
        assert one.difference == pytest.approx(-other.difference, abs=1e-12)
        assert (one.lower, one.upper) == pytest.approx((-other.upper, -other.lower), abs=1e-12)


def test_a_model_compared_with_itself_differs_by_exactly_0():
    scored = _scored()
    for one in compare(("a", "b"), {"a": scored, "b": scored}, (0.3,), rng=_rng()).differences.values():
        assert (one.difference, one.lower, one.upper) == (0.0, 0.0, 0.0)


def _four_models():
    names = ("logistic_ridge", "logistic_lasso", "logistic_unpenalised", "prevalence")
    return {name: _scored(slope=slope) for name, slope in zip(names, (1.0, 0.9, 0.3, 0.01), strict=True)}


def test_comparisons_with_the_twins_are_one_family_and_the_others_stand_alone():
    scored = _four_models()
    pairs = planned_pairs(list(scored), "logistic_ridge", [])
    compared = compare_planned(pairs, scored, (0.3,), seed=7)
    assert [one.family for one in compared] == [2, 2, 1]
    ridge, lasso, null = compared
    assert null.adjusted_p_values == {}
    assert null.differences == compare(pairs[2], scored, (0.3,), rng=_rng()).differences
    for measure, difference in ridge.differences.items():
        both = [one.differences[measure].p_value for one in (ridge, lasso)]
        adjusted = [one.adjusted_p_values[measure] for one in (ridge, lasso)]
        assert adjusted == holm(both).tolist()
        assert difference.simultaneous_lower <= difference.lower <= difference.upper <= difference.simultaneous_upper


def test_a_planned_comparison_without_a_p_value_still_counts_in_its_family():
    scored = _four_models()
    flat = Scored(scored["prevalence"].outcome, np.full(600, 0.3), None, np.arange(600))
    compared = compare_planned(
        [("logistic_ridge", "logistic_unpenalised"), ("logistic_lasso", "logistic_unpenalised")],
        scored | {"logistic_lasso": flat},
        (),
        seed=7,
    )
    ridge, lasso = compared
    assert "calibration_slope" not in lasso.adjusted_p_values
    alone = ridge.differences["calibration_slope"].p_value
    assert ridge.adjusted_p_values["calibration_slope"] == pytest.approx(min(1.0, 2 * alone))


def test_the_net_benefits_of_a_role_are_those_of_the_performance_room():
    scored = _scored()
    role = evaluate(scored, (0.1, 0.25, 0.5), rng=_rng())
    assert [one.threshold for one in role.net_benefit] == [0.1, 0.25, 0.5]
    for one in role.net_benefit:
        assert one.estimate == pytest.approx(net_benefit(scored.outcome, scored.risk, one.threshold), abs=1e-15)
        prevalence, odds = scored.outcome.mean(), one.threshold / (1 - one.threshold)
        assert one.treat_all == pytest.approx(prevalence - (1 - prevalence) * odds, abs=1e-15)
        assert one.lower < one.estimate < one.upper


def test_the_curves_of_a_role_agree_with_its_measures():
    scored = _scored()
    role = evaluate(scored, (0.3,), rng=_rng())
    np.testing.assert_array_equal(role.decision.threshold, DECISION_THRESHOLDS)
    at = 15
    one = net_benefit(scored.outcome, scored.risk, DECISION_THRESHOLDS[at])
    assert role.decision.net_benefit[at] == pytest.approx(one, abs=1e-15)
    assert not set(DECISION_THRESHOLDS) & set(RISK_BINS)
    assert role.counts.events.sum() == scored.outcome.sum()
    assert role.counts.non_events.sum() == (1 - scored.outcome).sum()
    assert len(role.counts.edges) == len(role.counts.events) + 1
    assert role.measures["auroc"].estimate == pytest.approx(auroc(scored.outcome, scored.risk), abs=1e-12)


def test_risks_of_0_and_of_1_are_counted():
    scored = Scored(np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.05, 0.05]), None, np.arange(4))
    role = evaluate(scored, (), rng=_rng())
    assert (role.counts.non_events[0], role.counts.non_events[1], role.counts.events[-1]) == (1, 1, 1)
    np.testing.assert_array_equal(RISK_BINS[[0, -1]], [0, 1])
    assert role.net_benefit == []


def test_a_role_without_a_calibration_curve_has_none_and_its_other_measures():
    model = _scored(100)
    flat = Scored(model.outcome, np.full(100, 0.3), np.full(100, np.log(0.3 / 0.7)), model.patients)
    role = evaluate(flat, (), rng=_rng())
    assert role.calibration is None
    assert role.measures["auroc"].estimate == 0.5
    assert role.measures["calibration_slope"].reason.startswith("not estimable (")


def test_repeated_patients_make_intervals_wider_than_as_many_patients_would():
    repeated = _scored(150, repeats=6)
    as_rows = Scored(repeated.outcome, repeated.risk, repeated.linear_predictor, np.arange(900))
    by_patient, by_row = (evaluate(one, (0.3,), rng=_rng()) for one in (repeated, as_rows))
    for measure in ("auroc", "brier", "log_loss", "calibration_slope", "calibration_in_the_large"):
        ours, theirs = by_patient.measures[measure], by_row.measures[measure]
        assert ours.estimate == pytest.approx(theirs.estimate, abs=1e-9)
        assert 1.8 < (ours.upper - ours.lower) / (theirs.upper - theirs.lower) < 3.2  # √6 = 2.45
        assert (ours.patients, theirs.patients) == (150, 900)
        assert "patient" in ours.method
    ours, theirs = by_patient.net_benefit[0], by_row.net_benefit[0]
    assert ours.estimate == pytest.approx(theirs.estimate, abs=1e-12)
    assert ours.upper - ours.lower > 1.8 * (theirs.upper - theirs.lower)


def test_repeated_patients_make_the_intervals_of_differences_wider():
    scored = {"a": _scored(150, repeats=6), "b": _scored(150, slope=0.2, repeats=6)}
    as_rows = {k: Scored(one.outcome, one.risk, one.linear_predictor, np.arange(900)) for k, one in scored.items()}
    ours, theirs = (compare(("a", "b"), one, (), rng=_rng()).differences["brier"] for one in (scored, as_rows))
    assert ours.difference == pytest.approx(theirs.difference, abs=1e-12)
    assert 1.8 < (ours.upper - ours.lower) / (theirs.upper - theirs.lower) < 3.2


def test_apparent_performance_may_be_drawn_less_often_and_says_so():
    scored = _scored(200, repeats=2)
    held_out = evaluate(scored, (), rng=_rng())
    apparent = evaluate(scored, (), rng=_rng(), replicates=APPARENT_REPLICATES)
    assert held_out.measures["scaled_brier"].method == f"patient bootstrap, percentile, {REPLICATES:,} replicates"
    assert (
        apparent.measures["scaled_brier"].method == f"patient bootstrap, percentile, {APPARENT_REPLICATES} replicates"
    )
    assert apparent.measures["scaled_brier"].estimate == held_out.measures["scaled_brier"].estimate
    assert APPARENT_REPLICATES < REPLICATES


def test_the_same_generator_state_gives_the_same_intervals():
    scored = _scored(120, repeats=2)
    once, again = (evaluate(scored, (0.3,), rng=_rng()) for _ in range(2))
    assert once.measures == again.measures
    assert once.net_benefit == again.net_benefit


def _cohort():
    rng = np.random.default_rng(5)
    predictors = pd.DataFrame({"age": rng.normal(60, 12, 80), "ward": rng.choice(["a", "b"], 80)}).astype(
        {"ward": object}
    )
    predictors.loc[::9, "age"] = np.nan
    kinds = {"age": PredictorType("number"), "ward": PredictorType("category")}
    comparators = {"apache": np.where(np.arange(80) % 4 == 0, np.nan, rng.random(80))}
    ids = np.array([f"P{row // 2}" for row in range(80)], dtype=object)
    outcome = (rng.random(80) < 0.4).astype(float)
    return Cohort(predictors, kinds, outcome, np.arange(80) // 2, ids, comparators, RowFlow(80, 80, ()))


def test_scoring_applies_the_preparation_as_it_was_learnt():
    cohort = _cohort()
    development, others = cohort.take(np.arange(40)), cohort.take(np.arange(40, 80))
    preparation = Preparation.learn(development.predictors, development.types, development.patients)
    model = RiskModel("logistic_ridge", preparation, LinearForm(-0.4, np.arange(1.0, len(preparation.columns) + 1)))
    scored = score(model, others)
    design = preparation.apply(others.predictors)
    expected = -0.4 + design @ np.arange(1.0, design.shape[1] + 1)
    np.testing.assert_allclose(scored.linear_predictor, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(scored.risk, _expit(expected), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(scored.outcome, others.outcome)
    np.testing.assert_array_equal(scored.patients, others.patients)


def test_taking_rows_keeps_them_together():
    scored = _scored(50)
    taken = scored.take(scored.risk > 0.3)
    assert np.all(taken.risk > 0.3)
    np.testing.assert_allclose(taken.risk, _expit(taken.linear_predictor), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(taken.outcome, scored.outcome[taken.patients])


def test_a_comparator_is_its_risks_alone():
    cohort = _cohort()
    scored = comparator_scores(cohort)["comparator_apache"]
    assert scored.linear_predictor is None
    np.testing.assert_array_equal(scored.risk, cohort.comparators["apache"])
    assert np.isnan(scored.risk).sum() == 20


def test_where_patients_repeat_the_band_of_the_calibration_curve_is_by_patient():
    scored = _scored()
    columns = (scored.outcome, scored.risk, scored.linear_predictor, scored.patients)
    thrice = Scored(*(np.repeat(column, 3) for column in columns))
    once, repeated = (evaluate(one, (), rng=_rng(), replicates=20).calibration for one in (scored, thrice))
    ratio = np.median((repeated.upper - repeated.lower) / (once.upper - once.lower))
    assert ratio == pytest.approx(1, abs=0.1), "by row it would be 1 / √3"
