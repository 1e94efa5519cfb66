"""Measures at their limits, in identities, and where only a linear predictor makes them finite."""

import numpy as np
import pytest

from clinpred import performance
from clinpred.errors import StatisticalRefusal
from clinpred.performance.loess import Loess
from clinpred.performance.net_benefit import treat_all
from clinpred.performance.newton import fit_logistic, inverse_logit
from clinpred.performance.rows import checked_rows


@pytest.fixture
def cohort():
    rng = np.random.default_rng(4)
    logit = rng.normal(-1.0, 1.4, 400)
    risk = inverse_logit(0.3 + 1.6 * logit)
    return (rng.random(400) < inverse_logit(logit)).astype(float), risk


def test_auroc_is_the_mann_whitney_statistic_with_half_ties(cohort):
    outcome, risk = cohort
    risk = np.round(risk, 1)
    with_event, without = risk[outcome == 1][:, None], risk[outcome == 0]
    pairs = np.mean((with_event > without) + 0.5 * (with_event == without))
    assert performance.auroc(outcome, risk) == pytest.approx(pairs, abs=1e-14)


def test_recalibrated_risks_have_intercept_0_slope_1_and_the_right_total(cohort):
    outcome, risk = cohort
    logit = np.log(risk / (1 - risk))
    intercept, slope = performance.calibration_intercept(outcome, risk), performance.calibration_slope(outcome, risk)
    recalibrated = inverse_logit(intercept + slope * logit)
    assert performance.calibration_slope(outcome, recalibrated) == pytest.approx(1.0, abs=1e-9)
    assert performance.calibration_intercept(outcome, recalibrated) == pytest.approx(0.0, abs=1e-9)
    assert performance.calibration_in_the_large(outcome, recalibrated) == pytest.approx(0.0, abs=1e-9)
    assert performance.observed_expected_ratio(outcome, recalibrated) == pytest.approx(1.0, abs=1e-9)


def test_prevalence_for_everybody_scores_nothing(cohort):
    outcome, _ = cohort
    risk = np.full(outcome.size, outcome.mean())
    assert performance.scaled_brier_score(outcome, risk) == pytest.approx(0.0, abs=1e-12)
    assert performance.cox_snell_r2(outcome, risk) == pytest.approx(0.0, abs=1e-12)
    assert performance.nagelkerke_r2(outcome, risk) == pytest.approx(0.0, abs=1e-12)
    assert performance.calibration_in_the_large(outcome, risk) == pytest.approx(0.0, abs=1e-9)
    assert performance.auroc(outcome, risk) == 0.5


def test_a_risk_above_every_threshold_has_the_net_benefit_of_treating_all(cohort):
    outcome, risk = cohort
    thresholds = np.array([0.05, 0.2, 0.5, 0.9])
    everybody = performance.decision_curve(outcome, np.ones(outcome.size), thresholds)
    assert everybody.net_benefit == pytest.approx(everybody.treat_all, abs=1e-14)
    assert everybody.treat_all == pytest.approx(treat_all(checked_rows(outcome, risk), thresholds), abs=1e-15)
    nobody = performance.decision_curve(outcome, np.zeros(outcome.size), thresholds)
    assert nobody.net_benefit.tolist() == [0.0] * 4


def test_a_risk_equal_to_the_threshold_is_positive():
    assert performance.net_benefit([1, 0], [0.3, 0.1], 0.3) == 0.5


def test_perfect_ranking_has_auroc_1_and_no_interval():
    outcome, risk = [0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4]
    assert performance.auroc(outcome, risk) == 1.0
    for scale in ("logit", "plain"):
        with pytest.raises(StatisticalRefusal, match="S-AUROC-BOUND"):
            performance.auroc_interval(outcome, risk, scale=scale)


def test_delong_of_two_risks_that_rank_alike_finds_no_difference(cohort):
    outcome, risk = cohort
    found = performance.delong_test(outcome, risk, risk**2)
    assert (found.difference, found.lower, found.upper, found.p_value) == (0.0, 0.0, 0.0, 1.0)


def test_delong_of_a_perfect_and_a_perfectly_wrong_risk_is_refused():
    outcome, risk = np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.3, 0.4])
    with pytest.raises(StatisticalRefusal, match="S-AUROC-BOUND"):
        performance.delong_test(outcome, risk, 1 - risk)


def test_a_single_event_has_an_auroc_but_no_variance():
    outcome, risk = [0, 0, 0, 1], [0.1, 0.2, 0.4, 0.3]
    assert performance.auroc(outcome, risk) == pytest.approx(2 / 3)
    with pytest.raises(StatisticalRefusal, match="1 of 4 patients with the event"):
        performance.auroc_interval(outcome, risk)


def test_roc_curve_rises_from_0_to_1_and_encloses_the_auroc(cohort):
    outcome, risk = cohort
    curve = performance.roc_curve(outcome, risk)
    assert curve.false_positive_rate == pytest.approx(np.linspace(0, 1, 51))
    assert np.all(np.diff(curve.sensitivity) >= 0)
    assert curve.sensitivity[-1] == 1.0
    area = np.trapezoid(curve.sensitivity, curve.false_positive_rate)
    assert area == pytest.approx(performance.auroc(outcome, risk), abs=5e-3)


def test_roc_curve_of_a_constant_risk_is_the_diagonal():
    curve = performance.roc_curve([0, 1, 1], [0.4, 0.4, 0.4])
    assert curve.sensitivity == pytest.approx(curve.false_positive_rate, abs=1e-15)


def test_calibration_curve_recovers_a_straight_recalibration():
    logit = np.repeat(np.linspace(-4, 4, 201), 1000)
    truth = inverse_logit(-0.5 + 0.7 * logit)
    position = np.tile((np.arange(1000) + 0.5) / 1000, 201)
    outcome = (position < truth).astype(float)
    curve = performance.calibration_curve(outcome, inverse_logit(logit))
    expected = inverse_logit(-0.5 + 0.7 * np.log(curve.risk / (1 - curve.risk)))
    assert curve.observed == pytest.approx(expected, abs=5e-4)
    assert np.all((curve.lower < curve.observed) & (curve.observed < curve.upper))


def test_calibration_curve_stays_within_the_1st_and_99th_percentile(cohort):
    outcome, risk = cohort
    for smoothing, method in (("loess", "loess"), ("spline", "5 knots")):
        curve = performance.calibration_curve(outcome, risk, smoothing=smoothing)
        assert curve.risk.size == 50
        assert [curve.risk[0], curve.risk[-1]] == pytest.approx(np.quantile(risk, [0.01, 0.99]).tolist())
        assert method in curve.method


@pytest.mark.parametrize(("rows", "method"), [(5000, "loess"), (5001, "spline")])
def test_up_to_5000_rows_are_smoothed_by_loess_and_more_by_a_spline(rows, method):
    rng = np.random.default_rng(2)
    risk = rng.uniform(0.05, 0.95, rows)
    outcome = (rng.random(rows) < risk).astype(float)
    assert method in performance.calibration_curve(outcome, risk).method
    asked = performance.integrated_calibration_index(outcome, risk, smoothing=method)
    assert performance.integrated_calibration_index(outcome, risk) == asked


def test_loess_needs_no_logit_and_takes_risks_of_0_and_1():
    rng = np.random.default_rng(3)
    risk = np.round(rng.random(400), 2)
    outcome = (rng.random(400) < risk).astype(float)
    assert 0 < performance.integrated_calibration_index(outcome, risk) < 0.1
    assert {0.0, 1.0} <= set(risk)


def test_loess_of_too_few_different_risks_is_refused():
    with pytest.raises(StatisticalRefusal, match="S-TIES"):
        performance.calibration_curve([0, 1] * 20, [0.2, 0.2, 0.4, 0.4] * 10, smoothing="loess")


def test_a_curve_of_the_diagonal_has_no_distance_under_loess():
    risk = np.linspace(0.02, 0.98, 49)
    curves = Loess(risk).curves(risk, np.ones((1, 49)))
    assert curves.at(risk)[:, 0] == pytest.approx(risk, abs=1e-12)


@pytest.mark.parametrize("smoothing", ["loess", "spline"])
def test_curve_band_allows_for_patients_that_repeat(cohort, smoothing):
    outcome, risk = cohort
    once = performance.calibration_curve(outcome, risk, smoothing=smoothing)
    three = [np.tile(values, 3) for values in (outcome, risk, np.arange(outcome.size))]
    naive = performance.calibration_curve(three[0], three[1], smoothing=smoothing)
    robust = performance.calibration_curve(three[0], three[1], patients=three[2], smoothing=smoothing)
    width = [np.mean(curve.upper - curve.lower) for curve in (once, naive, robust)]
    assert width[1] < 0.65 * width[0]
    assert width[2] == pytest.approx(width[0], rel=0.1)


@pytest.mark.parametrize(("values", "method"), [(2, "straight line"), (3, "3 knots; ties"), (200, "(5 knots)")])
def test_ties_take_knots_away_and_the_method_says_so(values, method):
    rng = np.random.default_rng(1)
    risk = np.linspace(0.1, 0.9, values)[rng.integers(values, size=600)]
    outcome = (rng.random(600) < risk).astype(float)
    assert method in performance.calibration_curve(outcome, risk, smoothing="spline").method


def test_two_risks_are_judged_by_the_share_observed_at_each():
    outcome = np.array([0, 0, 0, 1] * 10 + [0, 1, 1, 1] * 10)
    risk = np.repeat([0.2, 0.6], 40)
    assert performance.integrated_calibration_index(outcome, risk) == pytest.approx(0.10, abs=1e-9)
    assert performance.emax(outcome, risk) == pytest.approx(0.15, abs=1e-9)


def test_a_linear_predictor_of_60_is_finite_and_exact():
    logit = np.array([-60.0, -40.0, 60.0, 40.0, -60.0, 60.0])
    outcome = np.array([0.0, 1.0, 1.0, 0.0, 0.0, 1.0])
    risk = inverse_logit(logit)
    with pytest.raises(StatisticalRefusal, match=r"3 risks of 0 or 1 \[S-RISK-BOUND\]"):
        performance.log_loss(outcome, risk)
    loss = performance.log_loss(outcome, risk, linear_predictor=logit)
    assert loss == pytest.approx(80.0 / 6, abs=1e-12)
    assert np.isfinite(performance.calibration_slope(outcome, risk, linear_predictor=logit))
    assert performance.nagelkerke_r2(outcome, risk, linear_predictor=logit) < -1e9


def test_the_linear_predictor_of_interior_risks_changes_nothing(cohort):
    outcome, risk = cohort
    logit = np.log(risk) - np.log1p(-risk)
    for key, measure in performance.CATALOGUE.items():
        if measure.needs_logit:
            with_logit = measure.function(outcome, risk, linear_predictor=logit)
            assert with_logit == pytest.approx(measure.function(outcome, risk), abs=1e-12), key


@pytest.mark.parametrize("key", [key for key, measure in performance.CATALOGUE.items() if measure.needs_logit])
def test_risks_of_0_and_1_are_counted_and_refused_where_a_logit_is_needed(key):
    outcome, risk = [0, 1, 0, 1, 1, 0], [0.0, 1.0, 0.4, 0.3, 0.6, 0.2]
    with pytest.raises(StatisticalRefusal, match=r"2 risks of 0 or 1 \[S-RISK-BOUND\]"):
        performance.CATALOGUE[key].function(outcome, risk)


def test_measures_without_logarithm_take_risks_of_0_and_1():
    outcome, risk = [0, 1, 0, 1], [0.0, 1.0, 1.0, 0.0]
    assert performance.brier_score(outcome, risk) == 0.5
    assert performance.auroc(outcome, risk) == 0.5
    assert performance.observed_expected_ratio(outcome, risk) == 1.0
    assert performance.net_benefit(outcome, risk, 0.5) == 0.0


def test_nobody_expected_leaves_no_ratio():
    with pytest.raises(StatisticalRefusal, match="2 risks of 0 or 1"):
        performance.observed_expected_ratio([0, 1], [0.0, 0.0])


@pytest.mark.parametrize("key", ["calibration_slope", "calibration_intercept", "ici", "e50", "e90", "emax"])
def test_a_constant_risk_has_no_slope_and_no_curve(key):
    with pytest.raises(StatisticalRefusal, match="S-CONSTANT-RISK"):
        performance.CATALOGUE[key].function([0, 1, 0, 1], [0.3] * 4)


@pytest.mark.parametrize(
    ("outcome", "risk"),
    [([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4]), ([0, 0, 1, 1], [0.1, 0.2, 0.2, 0.4]), ([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4])],
)
def test_separated_outcomes_have_no_slope(outcome, risk):
    with pytest.raises(StatisticalRefusal, match="S-NOT-CONVERGED"):
        performance.calibration_slope(outcome * 25, risk * 25)


@pytest.mark.parametrize("start", [[0.0, 2.0], [3.0, 1.0], [0.0, -1.0], [1.0, 2.5]])
def test_newton_halves_its_step_where_the_whole_step_diverges(start):
    rng = np.random.default_rng(2)
    logit = rng.normal(0, 4, 500)
    outcome = (rng.random(500) < inverse_logit(logit)).astype(float)
    design = np.column_stack([np.ones(500), logit])
    near = fit_logistic(design, outcome, np.ones((1, 500)))
    far = fit_logistic(design, outcome, np.ones((1, 500)), start=np.array(start))
    assert deviance_after_whole_steps(design, outcome, start) > deviance(design, outcome, start)
    assert far.coefficients == pytest.approx(near.coefficients, abs=1e-10)
    gradient = design.T @ (outcome - inverse_logit(design @ near.coefficients[0]))
    assert gradient == pytest.approx([0.0, 0.0], abs=1e-9)


def deviance_after_whole_steps(design, outcome, coefficients):
    for _ in range(2):
        risk = inverse_logit(design @ coefficients)
        gram = design.T @ (design * (risk * (1 - risk))[:, None])
        coefficients = coefficients + np.linalg.solve(gram, design.T @ (outcome - risk))
    return deviance(design, outcome, coefficients)


def deviance(design, outcome, coefficients):
    eta = design @ coefficients
    return 2 * np.sum(np.logaddexp(0.0, np.where(outcome == 1, -eta, eta)))
