"""Repeated K-fold: whole patients, the same folds for all models, measures within folds, intervals that say so."""

import numpy as np
import pytest

from clinpred.errors import StatisticalRefusal
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.models.null import Prevalence
from clinpred.models.procedure import Refit, Refits
from clinpred.models.unpenalised import UnpenalisedLogistic
from clinpred.performance import auroc, brier_score, calibration_slope, log_loss, net_benefit
from clinpred.performance.catalogue import ALWAYS_REPORTED
from clinpred.performance.rows import checked_rows
from clinpred.validation.out_of_fold import OutOfFold, draw_folds, out_of_fold
from clinpred.validation.repeated_folds import resampled_performance
from clinpred.validation.within_folds import prepare_auroc_within, prepare_slope_within

TWINS = ("logistic_ridge", "logistic_unpenalised")


def _expit(x):
    return 1 / (1 + np.exp(-x))


def _data(n=120, p=3, seed=1, rows_a_patient=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    y = (rng.random(n) < _expit(X[:, 0] - 0.7)).astype(float)
    patients = np.arange(n) // rows_a_patient
    return X, y, patients


def _procedure(*, estimators=None, **of):
    X, y, patients = _data(**of)
    return MatrixProcedure(estimators or {"logistic_unpenalised": UnpenalisedLogistic()}, X, y, patients)


class _Stated:
    """A procedure whose models are functions of (fold left out, row)."""

    def __init__(self, outcome, patients, models):
        self.outcome, self.patients = outcome, patients
        self.functions, self.models = models, tuple(models)

    def refit(self, counts, *, seed):
        refits = {name: function(counts, seed) for name, function in self.functions.items()}
        refused = {name: refit for name, refit in refits.items() if isinstance(refit, StatisticalRefusal)}
        return Refits({name: refit for name, refit in refits.items() if name not in refused}, refused)


def _predicted(linear_predictors, outcome, folds, patients=None):
    patients = np.arange(outcome.size) if patients is None else patients
    return OutOfFold(outcome, patients, folds, linear_predictors, {})


def _out_of_fold(procedure, *, repeats=2, n_folds=5, **how):
    folds = draw_folds(procedure.outcome, procedure.patients, n_folds=n_folds, repeats=repeats, seed=3)
    return out_of_fold(procedure, folds, seed=4, **{"workers": 1} | how)


def test_every_row_is_predicted_by_the_model_that_did_not_see_its_patient():
    procedure = _procedure(rows_a_patient=2)
    predicted = _out_of_fold(procedure)
    for repeat, folds in enumerate(predicted.folds):
        for patient in np.unique(procedure.patients):
            assert np.unique(folds[procedure.patients == patient]).size == 1
        for fold in range(5):
            out = folds == fold
            alone = UnpenalisedLogistic().fit(procedure.design[~out], procedure.outcome[~out])
            expected = alone.decision_function(procedure.design[out])
            found = predicted.linear_predictors["logistic_unpenalised"][repeat, out]
            np.testing.assert_allclose(found, expected, atol=1e-10)


def test_a_fold_for_every_patient_is_leave_one_out():
    procedure = _procedure(n=40)
    predicted = out_of_fold(procedure, np.arange(40)[None, :], seed=1, workers=1)
    exact = []
    for row in range(40):
        others = np.arange(40) != row
        fit = UnpenalisedLogistic().fit(procedure.design[others], procedure.outcome[others])
        exact.append(fit.decision_function(procedure.design[[row]])[0])
    np.testing.assert_allclose(predicted.linear_predictors["logistic_unpenalised"][0], exact, atol=1e-10)
    assert (
        resampled_performance(predicted, (), seed=1, replicates=20)
        .performance["logistic_unpenalised"]
        .measures["auroc"]
        .reason
        == "not estimable (40 folds, none with both outcomes)"
    )


def test_the_folds_of_a_repeat_do_not_depend_on_how_many_follow():
    _, y, patients = _data()
    one, three = (draw_folds(y, patients, repeats=repeats, seed=9) for repeats in (1, 3))
    np.testing.assert_array_equal(one[0], three[0])
    assert not np.array_equal(three[0], three[1])


def test_fewer_events_than_folds_are_refused():
    y = np.zeros(30)
    y[:4] = 1
    with pytest.raises(StatisticalRefusal) as refused:
        draw_folds(y, np.arange(30), n_folds=5, repeats=1, seed=1)
    assert refused.value.code == "S-FEW-EVENTS"


def test_the_number_of_workers_changes_nothing():
    procedure = _procedure(estimators={"logistic_unpenalised": UnpenalisedLogistic(), "prevalence": Prevalence()})
    one, two = (_out_of_fold(procedure, workers=workers) for workers in (1, 2))
    for name in procedure.models:
        np.testing.assert_array_equal(one.linear_predictors[name], two.linear_predictors[name])


def test_the_auroc_is_that_of_the_pairs_of_one_fold():
    rng = np.random.default_rng(5)
    y, risk, folds = (rng.random(60) < 0.4).astype(float), rng.random(60).round(1), rng.integers(4, size=60)
    risk = np.clip(risk, 0.05, 0.95)
    won = pairs = 0.0
    for i in np.flatnonzero(y == 1):
        for j in np.flatnonzero((y == 0) & (folds == folds[i])):
            won += (risk[i] > risk[j]) + 0.5 * (risk[i] == risk[j])
            pairs += 1
    within = prepare_auroc_within(checked_rows(y, risk), folds)
    assert within(np.ones((1, 60)))["auroc"][0] == pytest.approx(won / pairs, abs=1e-14)
    one_fold = prepare_auroc_within(checked_rows(y, risk), np.zeros(60, dtype=int))
    assert one_fold(np.ones((1, 60)))["auroc"][0] == pytest.approx(auroc(y, risk), abs=1e-14)


def test_levels_that_differ_between_folds_move_neither_the_auroc_nor_the_slope():
    rng = np.random.default_rng(6)
    lp, folds = rng.normal(-0.5, 1, 200), np.arange(200) % 5
    y = (rng.random(200) < _expit(lp)).astype(float)
    shifted = lp + np.array([-3, 1, 0, 2, 5])[folds]
    for prepare, key in ((prepare_auroc_within, "auroc"), (prepare_slope_within, "calibration_slope")):
        plain, moved = (
            prepare(checked_rows(y, _expit(one), linear_predictor=one), folds)(np.ones((1, 200)))[key][0]
            for one in (lp, shifted)
        )
        assert plain == pytest.approx(moved, abs=1e-8)
    assert auroc(y, _expit(shifted)) < auroc(y, _expit(lp)) - 0.1


def test_the_slope_has_an_intercept_for_each_fold():
    rng = np.random.default_rng(7)
    lp, folds = rng.normal(-0.5, 1, 300), np.arange(300) % 3
    y = (rng.random(300) < _expit(0.6 * lp + np.array([0.5, 0, -1])[folds])).astype(float)
    slope = prepare_slope_within(checked_rows(y, _expit(lp), linear_predictor=lp), folds)
    design = np.column_stack([folds == 0, folds == 1, folds == 2, lp]).astype(float)
    b = np.zeros(4)
    for _ in range(30):
        p = _expit(design @ b)
        b += np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design, design.T @ (y - p))
    assert slope(np.ones((1, 300)))["calibration_slope"][0] == pytest.approx(b[3], abs=1e-9)
    one_fold = prepare_slope_within(checked_rows(y, _expit(lp), linear_predictor=lp), np.zeros(300, dtype=int))
    pooled = calibration_slope(y, _expit(lp), linear_predictor=lp)
    assert one_fold(np.ones((1, 300)))["calibration_slope"][0] == pytest.approx(pooled, abs=1e-9)


def test_a_fold_that_lost_its_events_in_a_draw_is_left_out_of_the_slope_and_of_the_auroc():
    rng = np.random.default_rng(8)
    lp, folds = rng.normal(-0.5, 1, 150), np.arange(150) % 3
    y = (rng.random(150) < _expit(lp)).astype(float)
    lost = (folds == 1) & (y == 1)
    weights = np.array([np.where(lost, 0.0, 1.0), np.where(folds == 1, 0.0, 1.0)])
    rows = checked_rows(y, _expit(lp), linear_predictor=lp)
    for prepare, key in ((prepare_auroc_within, "auroc"), (prepare_slope_within, "calibration_slope")):
        values = prepare(rows, folds)(weights)[key]
        assert np.isfinite(values[0])
        assert values[0] == pytest.approx(values[1], abs=1e-10)


def test_a_measure_is_the_mean_over_the_repeats_and_pooled_within_each():
    procedure = _procedure()
    predicted = _out_of_fold(procedure, repeats=3)
    found = resampled_performance(predicted, (0.2,), seed=5, replicates=50).performance["logistic_unpenalised"]
    lps = predicted.linear_predictors["logistic_unpenalised"]
    y = procedure.outcome
    assert set(found.measures) == set(ALWAYS_REPORTED)
    expected = {
        "brier": np.mean([brier_score(y, _expit(lp)) for lp in lps]),
        "log_loss": np.mean([log_loss(y, _expit(lp), linear_predictor=lp) for lp in lps]),
        "calibration_slope": np.mean(
            [
                prepare_slope_within(checked_rows(y, _expit(lp), linear_predictor=lp), folds)(np.ones((1, y.size)))[
                    "calibration_slope"
                ][0]
                for lp, folds in zip(lps, predicted.folds, strict=True)
            ]
        ),
    }
    for key, value in expected.items():
        assert found.measures[key].estimate == pytest.approx(value, abs=1e-12)
    benefit = np.mean([net_benefit(y, _expit(lp), 0.2) for lp in lps])
    assert found.net_benefit[0].estimate == pytest.approx(benefit, abs=1e-12)


def test_intervals_say_that_they_are_conditional_on_the_folds_and_count_each_patient_once():
    procedure = _procedure(rows_a_patient=2)
    found = resampled_performance(_out_of_fold(procedure), (0.2,), seed=5, replicates=50)
    for one in found.performance["logistic_unpenalised"].measures.values():
        assert one.method == "patient bootstrap, percentile, 50 replicates, conditional on the folds"
        assert one.patients == 60
        assert one.events == np.unique(procedure.patients[procedure.outcome == 1]).size
        assert one.lower < one.upper


def test_repeats_that_agree_are_as_one_and_more_repeats_do_not_make_patients():
    X, y, patients = _data(n=200)
    folds = draw_folds(y, patients, repeats=1, seed=1)
    lp = X[:, 0][None, :]
    one = resampled_performance(_predicted({"a": lp}, y, folds), (), seed=2, replicates=100)
    four = resampled_performance(
        _predicted({"a": np.repeat(lp, 4, axis=0)}, y, np.repeat(folds, 4, axis=0)), (), seed=2, replicates=100
    )
    for key in ("auroc", "brier", "calibration_slope"):
        first, second = (found.performance["a"].measures[key] for found in (one, four))
        assert (first.estimate, first.lower, first.upper) == pytest.approx(
            (second.estimate, second.lower, second.upper), abs=1e-12
        )


def test_rows_that_stand_twice_for_a_patient_leave_the_interval_as_it_is():
    X, y, patients = _data(n=200)
    folds = draw_folds(y, patients, repeats=1, seed=1)
    twice = np.repeat(np.arange(200), 2)
    one = resampled_performance(_predicted({"a": X[None, :, 0]}, y, folds), (), seed=2, replicates=100)
    double = resampled_performance(
        _predicted({"a": X[None, twice, 0]}, y[twice], folds[:, twice], patients[twice]), (), seed=2, replicates=100
    )
    for key in ("auroc", "brier", "calibration_slope"):
        first, second = (found.performance["a"].measures[key] for found in (one, double))
        assert (first.lower, first.upper) == pytest.approx((second.lower, second.upper), abs=1e-9)
        assert (first.patients, first.events) == (second.patients, second.events)


def test_a_constant_model_has_an_auroc_of_one_half_and_no_slope():
    procedure = _procedure(estimators={"prevalence": Prevalence()})
    found = resampled_performance(_out_of_fold(procedure), (), seed=5, replicates=50).performance["prevalence"]
    assert found.measures["auroc"].estimate == 0.5
    for key in ("calibration_slope", "calibration_intercept", "ici", "emax"):
        assert found.measures[key].reason == "not estimable (the same risk in every row)"
    assert found.calibration is None


def test_pooled_folds_would_put_a_constant_model_below_one_half():
    procedure = _procedure(n=118, estimators={"prevalence": Prevalence()})
    lp = _out_of_fold(procedure, repeats=1).linear_predictors["prevalence"][0]
    assert auroc(procedure.outcome, _expit(lp)) < 0.49


def test_curves_and_counts_are_of_the_first_repeat():
    procedure = _procedure()
    predicted = _out_of_fold(procedure)
    found = resampled_performance(predicted, (), seed=5, replicates=20).performance["logistic_unpenalised"]
    first = _expit(predicted.linear_predictors["logistic_unpenalised"][0])
    assert found.counts.events.sum() + found.counts.non_events.sum() == procedure.outcome.size
    at = found.decision.threshold[10]
    assert found.decision.net_benefit[10] == pytest.approx(net_benefit(procedure.outcome, first, at), abs=1e-12)


def test_a_difference_is_that_of_the_two_performances_under_the_same_draws():
    X, y, patients = _data(n=200)
    folds = draw_folds(y, patients, repeats=2, seed=1)
    lps = {TWINS[0]: np.tile(0.8 * X[:, 0], (2, 1)), TWINS[1]: np.tile(X[:, 0] + X[:, 1], (2, 1))}
    found = resampled_performance(_predicted(lps, y, folds), (0.3,), pairs=[TWINS], seed=2, replicates=200)
    (comparison,) = found.comparisons
    assert set(comparison.differences) == {
        "auroc",
        "calibration_slope",
        "log_loss",
        "brier",
        "scaled_brier",
        "net_benefit:0.3",
    }
    for key in ("auroc", "log_loss", "brier", "calibration_slope"):
        model, baseline = (found.performance[name].measures[key].estimate for name in TWINS)
        one = comparison.differences[key]
        assert one.difference == pytest.approx(model - baseline, abs=1e-12)
        assert one.lower < one.difference < one.upper
        assert one.method == "paired patient bootstrap, percentile, 200 replicates, conditional on the folds"


def test_two_models_that_agree_do_not_differ_and_a_family_has_simultaneous_intervals():
    X, y, patients = _data(n=200)
    folds = draw_folds(y, patients, repeats=1, seed=1)
    lps = dict.fromkeys(TWINS, X[None, :, 0]) | {"logistic_lasso": X[None, :, 0] + X[None, :, 1]}
    pairs = [TWINS, ("logistic_lasso", "logistic_unpenalised"), ("logistic_ridge", "comparator_x")]
    first, second = resampled_performance(
        _predicted(lps, y, folds), (), pairs=pairs, seed=2, replicates=200
    ).comparisons
    same = first.differences["auroc"]
    assert (same.difference, same.lower, same.upper, same.p_value) == (0.0, 0.0, 0.0, 1.0)
    other = second.differences["brier"]
    assert second.family == 2
    assert other.simultaneous_lower <= other.lower
    assert other.simultaneous_upper >= other.upper
    assert second.adjusted_p_values["brier"] >= other.p_value


def test_a_model_refused_in_one_fold_has_no_resampled_performance_and_says_why():
    X, y, patients = _data()
    refusal = StatisticalRefusal("S-NOT-CONVERGED", "no maximum", expected="one", to_fix="look")

    def sometimes(counts, _seed):
        return refusal if counts[0] == 0 else Refit(X[:, 0])

    procedure = _Stated(y, patients, {TWINS[0]: sometimes, TWINS[1]: lambda _counts, _seed: Refit(X[:, 0])})
    predicted = _out_of_fold(procedure)
    assert list(predicted.linear_predictors) == [TWINS[1]]
    assert (predicted.refused[TWINS[0]].code, predicted.refused[TWINS[0]].found) == ("S-NOT-CONVERGED", "no maximum")
    found = resampled_performance(predicted, (0.2,), pairs=[TWINS], seed=1, replicates=20)
    assert list(found.performance) == [TWINS[1]]
    one = found.comparisons[0].differences["net_benefit:0.2"]
    assert (one.difference, one.reason) == (None, "logistic_ridge could not be developed in every fold (no maximum)")


def test_no_model_at_all_is_no_performance():
    _, y, patients = _data()
    refusal = StatisticalRefusal("S-NOT-CONVERGED", "no maximum", expected="one", to_fix="look")
    predicted = _out_of_fold(_Stated(y, patients, {"a": lambda _counts, _seed: refusal}))
    assert resampled_performance(predicted, (), seed=1).performance == {}


def test_each_fold_of_each_repeat_has_a_seed_of_its_own():
    X, y, patients = _data()
    seeds = []

    def noted(_counts, seed):
        seeds.append(seed)
        return Refit(X[:, 0])

    _out_of_fold(_Stated(y, patients, {"a": noted}), repeats=3)
    assert len(set(seeds)) == 15
