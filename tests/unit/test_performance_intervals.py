"""Estimates with intervals, by formula and by bootstrap, and the reasons where there are none."""

import numpy as np
import pytest

from clinpred import performance
from clinpred.performance import patient_bootstrap
from clinpred.performance.catalogue import families
from clinpred.performance.loess import Curves, Loess
from clinpred.performance.newton import inverse_logit
from clinpred.performance.patient_bootstrap import bootstrap, drawn_measure, drawn_weights
from clinpred.performance.rows import checked_rows
from clinpred.performance.smoothers import SplineSmoother
from clinpred.report.contents import Performance

BY_FORMULA = {
    "auroc": "DeLong, logit scale",
    "calibration_in_the_large": "Wald",
    "calibration_intercept": "Wald",
    "calibration_slope": "Wald",
    "observed_expected": "robust standard error, log scale",
    "brier": "standard error of the mean loss, log scale",
    "log_loss": "standard error of the mean loss, log scale",
}

CLUSTERED = {
    "auroc": "DeLong, clustered by patient (Obuchowski), logit scale",
    "calibration_in_the_large": "Wald, sandwich by patient",
    "calibration_intercept": "Wald, sandwich by patient",
    "calibration_slope": "Wald, sandwich by patient",
    "observed_expected": "robust standard error, summed within patient, log scale",
    "brier": "standard error of the mean loss, summed within patient, log scale",
    "log_loss": "standard error of the mean loss, summed within patient, log scale",
}


@pytest.fixture(scope="module")
def cohort():
    rng = np.random.default_rng(8)
    patients = np.array([f"patient {number}" for number in np.repeat(np.arange(120), 2)])
    logit = rng.normal(-0.7, 1.3, 240)
    outcome = (rng.random(240) < inverse_logit(logit)).astype(float)
    return outcome, np.round(inverse_logit(0.2 + 1.3 * logit), 2).clip(0.01, 0.99), patients


@pytest.mark.parametrize("repeat", [False, True])
def test_batched_bootstrap_equals_a_plain_loop_over_drawn_patients(cohort, repeat, monkeypatch):
    outcome, risk, patients = cohort
    rows = checked_rows(outcome, risk, patients=patients if repeat else None)
    keys = [key for key in performance.ALWAYS_REPORTED if key not in {"ici", "e50", "e90", "emax"}]
    keys.append("net_benefit:0.3")
    monkeypatch.setattr(patient_bootstrap, "CELLS", 7 * rows.outcome.size)
    weighted = [prepare(rows) for prepare in families(keys)]
    drawn = bootstrap(rows, {"rows": weighted}, rng=np.random.default_rng(5), replicates=20)["rows"]
    weights = np.concatenate(list(drawn_weights(rows, np.random.default_rng(5), 20)))
    for replicate, counts in enumerate(weights.astype(int)):
        y, p = np.repeat(outcome, counts), np.repeat(risk, counts)
        for key in keys:
            expected = plain(key, y, p)
            assert drawn[key][replicate] == pytest.approx(expected, abs=1e-10, rel=1e-10), key


def plain(key, outcome, risk):
    if key.startswith("net_benefit"):
        return performance.net_benefit(outcome, risk, 0.3)
    return performance.CATALOGUE[key].function(outcome, risk)


def test_batched_curve_distances_equal_a_plain_loop_with_the_knots_held(cohort):
    outcome, risk, _ = cohort
    rows = checked_rows(outcome, risk, smoothing="spline")
    design = SplineSmoother(rows).design(rows.log_odds())
    (prepare,) = families(["ici", "e50", "e90", "emax"])
    weights = next(drawn_weights(rows, np.random.default_rng(6), 15))
    found = prepare(rows)(weights)
    for replicate, counts in enumerate(weights.astype(int)):
        x, y, p = (np.repeat(values, counts, axis=0) for values in (design, outcome, risk))
        distance = np.abs(inverse_logit(x @ newton_one_by_one(x, y)) - p)
        expected = [distance.mean(), *np.quantile(distance, [0.5, 0.9]), distance.max()]
        assert [found[key][replicate] for key in ("ici", "e50", "e90", "emax")] == pytest.approx(expected, abs=1e-10)


def test_batched_loess_distances_equal_loess_of_the_drawn_rows_with_the_vertices_held(cohort):
    outcome, risk, _ = cohort
    rows = checked_rows(outcome, risk, smoothing="loess")
    (prepare,) = families(["ici"])
    weights = next(drawn_weights(rows, np.random.default_rng(6), 5))
    found = prepare(rows)(weights)["ici"]
    for replicate, counts in enumerate(weights.astype(int)):
        y, p = np.repeat(outcome, counts), np.repeat(risk, counts)
        heights = [local_quadratic(p, y, vertex) for vertex in Loess(risk).vertices]
        curve = Curves(Loess(risk).vertices, *(np.array(part)[:, None] for part in zip(*heights, strict=True)))
        assert found[replicate] == pytest.approx(np.mean(np.abs(curve.at(p)[:, 0] - p)), abs=1e-9)


def local_quadratic(x, y, at):
    """Return height and slope of the quadratic through the nearest three quarters, tricube-weighted."""
    distance = np.abs(x - at)
    reach = np.sort(distance)[int(x.size * 0.75 + 1e-5) - 1]
    weight = np.maximum(1 - (distance / reach) ** 3, 0) ** 3
    slope = np.polyfit(x - at, y, 2, w=np.sqrt(weight))
    return slope[2], slope[1]


def newton_one_by_one(design, outcome):
    beta = np.zeros(design.shape[1])
    for _ in range(30):
        risk = inverse_logit(design @ beta)
        gram = design.T @ (design * (risk * (1 - risk))[:, None])
        beta = beta + np.linalg.solve(gram, design.T @ (outcome - risk))
    return beta


def test_all_rows_of_a_patient_are_drawn_together(cohort):
    outcome, risk, patients = cohort
    rows = checked_rows(outcome, risk, patients=patients)
    weights = next(drawn_weights(rows, np.random.default_rng(0), 50))
    assert np.array_equal(weights[:, 0::2], weights[:, 1::2])
    assert weights.sum(axis=1).tolist() == [240.0] * 50


def test_the_same_seed_gives_the_same_estimates(cohort):
    outcome, risk, patients = cohort
    one, two = (
        performance.estimate_all(outcome, risk, patients=patients, rng=np.random.default_rng(3), replicates=60)
        for _ in range(2)
    )
    assert one == two


def test_the_order_of_rows_does_not_change_a_bootstrap_interval(cohort):
    outcome, risk, patients = cohort
    order = np.random.default_rng(1).permutation(240)
    one = performance.estimate("brier", outcome, risk, patients=patients, rng=np.random.default_rng(3))
    two = performance.estimate(
        "brier", outcome[order], risk[order], patients=patients[order], rng=np.random.default_rng(3)
    )
    assert (two.lower, two.upper) == pytest.approx((one.lower, one.upper), abs=1e-12)


def test_estimate_all_has_the_keys_of_the_results_and_formulas_for_single_rows(cohort):
    outcome, risk, _ = cohort
    found = performance.estimate_all(outcome, risk, rng=np.random.default_rng(3), replicates=200)
    assert list(found) == [key for key in Performance.model_fields if key != "net_benefit"]
    for key, estimate in found.items():
        assert estimate.method == BY_FORMULA.get(key, "patient bootstrap, percentile, 200 replicates")
        assert (estimate.patients, estimate.events, estimate.reason) == (240, int(outcome.sum()), None)
        assert estimate.estimate == plain(key, outcome, risk)
        assert estimate.lower < estimate.upper


def test_patients_that_repeat_have_clustered_intervals_and_are_counted_once(cohort):
    outcome, risk, patients = cohort
    found = performance.estimate_all(outcome, risk, patients=patients, rng=np.random.default_rng(3), replicates=100)
    for key, estimate in found.items():
        assert estimate.method == CLUSTERED.get(key, "patient bootstrap, percentile, 100 replicates")
        assert estimate.patients == 120
        assert estimate.lower < estimate.upper


def test_patients_named_once_each_are_as_good_as_unnamed(cohort):
    outcome, risk, _ = cohort
    named = performance.estimate("auroc", outcome, risk, patients=np.arange(240))
    assert named == performance.estimate("auroc", outcome, risk)


@pytest.mark.parametrize("measure", ["auroc", "calibration_slope", "observed_expected", "brier", "log_loss"])
def test_bootstrap_and_formula_agree_on_many_patients(measure):
    rng = np.random.default_rng(12)
    logit = rng.normal(-1, 1.5, 4000)
    outcome, risk = (rng.random(4000) < inverse_logit(logit)).astype(float), inverse_logit(logit)
    formula = performance.estimate(measure, outcome, risk)
    drawn = performance.estimate(measure, outcome, risk, method="bootstrap", rng=rng)
    assert drawn.upper - drawn.lower == pytest.approx(formula.upper - formula.lower, rel=0.12)


def test_an_auroc_of_1_is_given_without_an_interval():
    found = performance.estimate("auroc", [0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4])
    assert (found.estimate, found.lower, found.upper, found.reason) == (1.0, None, None, None)
    assert found.method == "DeLong, logit scale; interval not estimable (an AUROC of 1)"


def test_a_brier_score_of_0_is_given_without_an_interval():
    found = performance.estimate("brier", [0, 1], [0.0, 1.0])
    assert (found.estimate, found.lower, found.upper) == (0.0, None, None)
    assert found.method.endswith("interval not estimable (a loss of 0)")


@pytest.mark.parametrize(("outcome", "reason"), [([0] * 3, "0 events"), ([1] * 3, "3 events and nobody without")])
def test_one_class_is_a_reason_in_every_estimate(outcome, reason):
    rng = np.random.default_rng(0)
    found = performance.estimate_all(outcome, [0.1, 0.2, 0.3], patients=["a", "a", "b"], rng=rng)
    for estimate in found.values():
        assert estimate.estimate is None
        assert estimate.reason.startswith(f"not estimable ({reason}")
        assert (estimate.patients, estimate.events) == (2, 2 * max(outcome))
    assert performance.estimate("brier", outcome, [0.1, 0.2, 0.3]).reason == found["brier"].reason


def test_risks_of_0_and_1_are_a_reason_where_a_logit_is_needed(cohort):
    outcome, risk, _ = cohort
    risk = np.where(risk > 0.8, 1.0, risk)
    found = performance.estimate_all(outcome, risk, rng=np.random.default_rng(0), replicates=50)
    for key, estimate in found.items():
        if performance.CATALOGUE[key].needs_logit:
            assert estimate.reason == f"not estimable ({(risk == 1).sum()} risks of 0 or 1)"
            assert estimate.estimate is None
        else:
            assert estimate.reason is None


def test_a_linear_predictor_makes_every_measure_of_extreme_risks_estimable():
    rng = np.random.default_rng(5)
    logit = np.concatenate([rng.normal(0, 2, 300), [60.0, -60.0]])
    risk = inverse_logit(logit)
    outcome = (rng.random(302) < inverse_logit(0.3 * logit)).astype(float)
    found = performance.estimate_all(outcome, risk, linear_predictor=logit, rng=rng, replicates=50)
    assert [key for key, estimate in found.items() if estimate.reason] == []


def test_the_null_model_has_what_can_be_estimated(cohort):
    outcome, _, _ = cohort
    found = performance.estimate_all(outcome, np.full(240, 0.4), rng=np.random.default_rng(0), replicates=50)
    constant = {"calibration_intercept", "calibration_slope", "ici", "e50", "e90", "emax"}
    for key, estimate in found.items():
        reason = "not estimable (the same risk in every row)" if key in constant else None
        assert estimate.reason == reason, key
    assert (found["auroc"].estimate, found["auroc"].lower, found["auroc"].upper) == (0.5, 0.5, 0.5)


def test_separation_is_a_reason():
    found = performance.estimate("calibration_slope", [0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4])
    assert found.reason == "not estimable (no finite value, as where the risk separates the outcomes)"


def test_lost_replicates_above_5_percent_leave_no_interval():
    values = np.arange(1000.0)
    values[:50] = np.nan
    assert drawn_measure(values).bounds() == pytest.approx((73.725, 975.275))
    values[50] = np.nan
    assert drawn_measure(values).bounds() is None
    assert drawn_measure(values).reason == "interval not estimable (no value in 51 of 1,000 replicates)"


def test_an_estimate_whose_replicates_are_lost_keeps_its_value_and_counts_them():
    outcome = [0, 0, 0, 1, 0, 0, 0, 0]
    found = performance.estimate(
        "calibration_slope", outcome, np.arange(1, 9) / 10, method="bootstrap", rng=np.random.default_rng(0)
    )
    assert found.estimate == pytest.approx(performance.calibration_slope(outcome, np.arange(1, 9) / 10))
    assert (found.lower, found.upper, found.reason) == (None, None, None)
    assert "interval not estimable (no value in " in found.method


def test_net_benefit_estimates_follow_the_thresholds(cohort):
    outcome, risk, patients = cohort
    found = performance.net_benefit_estimates(
        outcome, risk, [0.5, 0.1], patients=patients, rng=np.random.default_rng(2), replicates=300
    )
    curve = performance.decision_curve(outcome, risk, [0.5, 0.1])
    assert [row.threshold for row in found] == [0.5, 0.1]
    assert [row.estimate for row in found] == pytest.approx(curve.net_benefit.tolist(), abs=1e-15)
    assert [row.treat_all for row in found] == curve.treat_all.tolist()
    assert all(row.lower < row.estimate < row.upper for row in found)


def test_no_thresholds_no_net_benefit(cohort):
    outcome, risk, _ = cohort
    assert performance.net_benefit_estimates(outcome, risk, [], rng=np.random.default_rng(2)) == []


def test_paired_differences_are_first_minus_second_and_narrower_than_unpaired(cohort):
    outcome, risk, patients = cohort
    rng = np.random.default_rng(4)
    other = np.clip(np.round(inverse_logit(np.log(risk / (1 - risk)) + rng.normal(0, 0.3, 240)), 2), 0.01, 0.99)
    key = performance.net_benefit_key(0.2)
    measures = (*performance.COMPARED, key)
    found = performance.paired_differences(
        outcome,
        performance.Predictions(risk),
        performance.Predictions(other),
        patients=patients,
        measures=measures,
        rng=rng,
        replicates=400,
    )
    assert tuple(found) == measures
    for name in performance.COMPARED:
        function = performance.CATALOGUE[name].function
        assert found[name].difference == pytest.approx(function(outcome, risk) - function(outcome, other))
        assert found[name].lower < found[name].upper
    alone = performance.estimate("auroc", outcome, risk, patients=patients, rng=rng)
    assert found["auroc"].upper - found["auroc"].lower < 0.8 * (alone.upper - alone.lower)
    assert found[key].method == "paired patient bootstrap, percentile, 400 replicates"
    with_event = np.unique(np.asarray(patients)[np.asarray(outcome) == 1]).size
    assert (found[key].patients, found[key].events) == (120, with_event)


def test_a_risk_does_not_differ_from_itself(cohort):
    outcome, risk, _ = cohort
    same = performance.Predictions(risk)
    found = performance.paired_differences(outcome, same, same, rng=np.random.default_rng(0), replicates=50)
    assert {(row.difference, row.lower, row.upper) for row in found.values()} == {(0.0, 0.0, 0.0)}


def test_a_difference_from_a_risk_that_is_not_estimable_says_which(cohort):
    outcome, risk, _ = cohort
    whole, constant = performance.Predictions(risk), performance.Predictions(np.full(240, 0.4))
    rng = np.random.default_rng(0)
    found = performance.paired_differences(outcome, whole, constant, rng=rng, replicates=50)
    slope = found["calibration_slope"]
    assert (slope.difference, slope.lower) == (None, None)
    assert slope.reason == "the other risk: not estimable (the same risk in every row)"
    assert found["brier"].reason is None
    found = performance.paired_differences(outcome, constant, whole, rng=rng, replicates=50)
    assert found["calibration_slope"].reason == "not estimable (the same risk in every row)"


def test_differences_of_one_class_have_a_reason():
    risks = performance.Predictions([0.1, 0.2])
    found = performance.paired_differences([0, 0], risks, risks, rng=np.random.default_rng(0))
    assert {row.reason for row in found.values()} == {"not estimable (0 events)"}


def test_the_catalogue_is_complete_and_its_ideals_lie_in_its_ranges():
    assert set(performance.CATALOGUE) == {*performance.ALWAYS_REPORTED, "net_benefit"}
    assert set(performance.CATALOGUE) == set(Performance.model_fields)
    for key, measure in performance.CATALOGUE.items():
        assert measure.key == key
        if measure.ideal is not None:
            assert (measure.lowest is None) or measure.lowest <= measure.ideal
            assert (measure.highest is None) or measure.ideal <= measure.highest
