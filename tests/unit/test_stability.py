"""Stability from the replicates of the bootstrap: definitions, limits, sums, and that no bin shows few patients."""

import numpy as np
import pytest

from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.models.null import Prevalence
from clinpred.models.unpenalised import UnpenalisedLogistic
from clinpred.performance import decision_curve
from clinpred.performance.net_benefit import DECISION_THRESHOLDS
from clinpred.validation.bootstrap import Bootstrap, Redeveloped, Replicate, bootstrap
from clinpred.validation.held_out import RISK_BINS
from clinpred.validation.ranks import DesignColumns
from clinpred.validation.stability import RISK_EDGES, stability

COLUMNS = ("a1", "a2", "b", "c")
PREDICTORS = ("a", "a", "b", "c")


def _expit(x):
    return 1 / (1 + np.exp(-x))


def _data(n=200, p=4, seed=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * [1, 2, 0.5, 1][:p]
    return X, (rng.random(n) < _expit(0.8 * X[:, 0] - 0.7)).astype(float)


def _record(risk, **of):
    """Return what is kept of one model with these risks."""
    stated = {"coefficients": None, "strength": None, "l1_share": None, "separated": False, "calibration": None}
    benefit = np.zeros(DECISION_THRESHOLDS.size)
    kept = {"training": {}, "test": {}, "out_of_bag": None, "net_benefit": benefit} | stated | of
    return Redeveloped(risk=np.asarray(risk, dtype=np.float32), **kept)


def _bootstrap(own, replicates, *, patients=None, outcome=None, calibration_risk=None):
    n = own.risk.size
    return Bootstrap(
        outcome=np.arange(n) % 2.0 if outcome is None else outcome,
        patients=np.arange(n) if patients is None else patients,
        models=("m",),
        measures=(),
        watched=np.arange(n),
        linear_predictor={"m": np.zeros(n)},
        calibration_risk=calibration_risk or {},
        original=Replicate({"m": own}, {}),
        replicates=tuple(
            Replicate({}, {"m": "S-NOT-CONVERGED"}) if one is None else Replicate({"m": one}, {}) for one in replicates
        ),
    )


def _risks(n=100, replicates=40, seed=3):
    rng = np.random.default_rng(seed)
    lp = rng.normal(-1, 1, n)
    return _expit(lp), _expit(lp + rng.normal(0, 0.5, (replicates, n)))


def _of(risk, risks, **how):
    return stability(_bootstrap(_record(risk), [_record(one) for one in risks]), "m", **how)


def test_the_mean_absolute_difference_is_per_patient_then_over_patients():
    risk, risks = (np.float32(one) for one in _risks())
    found = _of(risk, risks)
    apart = [np.mean([abs(float(one[i]) - float(risk[i])) for one in risks]) for i in range(risk.size)]
    assert found.mean_absolute == pytest.approx(np.mean(apart), abs=1e-7)
    assert found.mean_absolute_90 == pytest.approx(np.quantile(apart, 0.9), abs=1e-7)
    weighted = found.risk.patients @ found.risk.mean_absolute / found.risk.patients.sum()
    assert weighted == pytest.approx(found.mean_absolute, abs=1e-12)


def test_replicates_that_agree_with_the_model_show_no_instability():
    risk, _ = _risks()
    found = _of(risk, [risk] * 20, thresholds=(0.2,))
    assert (found.mean_absolute, found.mean_absolute_90) == (0.0, 0.0)
    assert not found.risk.mean_absolute.any()
    (at,) = found.classification
    assert (at.mean, at.unstable, at.crossing) == (0.0, 0.0, 0.0)


def test_every_patient_drawn_once_is_the_model_itself():
    X, y = _data()
    procedure = MatrixProcedure({"m": UnpenalisedLogistic()}, X, y, columns=COLUMNS)
    drawn = bootstrap(procedure, replicates=1, seed=1, workers=1)
    itself = Bootstrap(**{**drawn.__dict__, "replicates": (drawn.original,)})
    found = stability(itself, "m", (0.3,), design=DesignColumns(COLUMNS, PREDICTORS, np.cov(X.T, bias=True)))
    assert found.mean_absolute == 0.0
    np.testing.assert_array_equal(found.calibration.original, found.calibration.curves[0])
    np.testing.assert_array_equal(found.decision.original, found.decision.lower)
    for one in found.coefficients:
        assert one.estimate == one.lower == one.upper
        assert (one.selected, one.same_sign) == (1.0, 1.0)
    for one in found.ranks:
        assert one.rank == one.lower == one.upper


def test_bins_hold_every_patient_once_and_none_holds_fewer_than_eight():
    risk, risks = _risks(n=61)
    found = _of(risk, risks).risk
    assert found.patients.sum() == 61
    assert found.patients.min() >= 8
    np.testing.assert_array_equal(found.lower_edge[1:], found.upper_edge[:-1])
    for lower, upper, patients in zip(found.lower_edge, found.upper_edge, found.patients, strict=True):
        assert np.sum((np.float32(risk) >= lower) & (np.float32(risk) < upper)) == patients
    for low, high in (("q025", "q25"), ("q25", "q50"), ("q50", "q75"), ("q75", "q975")):
        assert np.all(getattr(found, low) <= getattr(found, high))


@pytest.mark.parametrize("seed", range(20))
def test_a_bin_counts_patients_not_rows(seed):
    risk, risks = _risks(n=90, seed=seed)
    patients = np.arange(90) // 6
    found = stability(_bootstrap(_record(risk), [_record(one) for one in risks], patients=patients), "m")
    assert found.patients == 15
    assert found.risk.patients.min() >= 8


def test_edges_of_bins_lie_apart_from_those_of_the_histograms():
    assert set(RISK_EDGES) & set(RISK_BINS) == {0.0, 1.0}
    assert not set(RISK_EDGES) & set(DECISION_THRESHOLDS)


def test_fewer_than_eight_patients_show_nothing():
    risk, risks = _risks(n=7)
    assert _of(risk, risks) is None


def test_a_model_without_replicates_has_no_stability_and_refused_ones_are_counted():
    risk, risks = _risks()
    assert stability(_bootstrap(_record(risk), [None, None]), "m") is None
    found = stability(_bootstrap(_record(risk), [None, _record(risks[0]), None]), "m")
    assert (found.replicates, found.refused) == (1, 2)


def test_classes_change_where_a_replicate_is_across_the_threshold():
    risk = np.array([0.25, 0.5, 0.75, 0.1] * 5)
    other = np.array([0.25, 0.3, 0.75, 0.9] * 5)
    found = _of(risk, [risk, risk, risk, other], thresholds=(0.5,)).classification[0]
    # of every four patients two change their class in one replicate of four, which is more than a fifth
    assert (found.mean, found.unstable) == (0.125, 0.5)
    assert found.crossing == 0.5
    assert _of(risk, [risk] * 9 + [other], thresholds=(0.5,)).classification[0].unstable == 0.0


def test_a_risk_at_the_threshold_is_positive_in_whatever_precision():
    for threshold in (0.1, 0.3, 0.7, 0.05):
        found = _of(np.full(10, threshold), [np.full(10, threshold + 0.1)], thresholds=(threshold,))
        assert found.classification[0].mean == 0.0


def test_net_benefit_spreads_as_the_replicates_do():
    X, y = _data()
    found = bootstrap(MatrixProcedure({"m": UnpenalisedLogistic()}, X, y), replicates=20, seed=1, workers=1)
    decision = stability(found, "m").decision
    curve = decision_curve(y, _expit(found.linear_predictor["m"]), DECISION_THRESHOLDS)
    np.testing.assert_allclose(decision.original, curve.net_benefit, atol=1e-12)
    np.testing.assert_allclose(decision.treat_all, curve.treat_all, atol=1e-12)
    curves = np.array([one.models["m"].net_benefit for one in found.replicates])
    np.testing.assert_allclose(decision.lower, np.quantile(curves, 0.025, axis=0), atol=1e-12)


def test_at_most_twenty_calibration_curves_are_kept_and_the_same_each_time():
    risk, risks = _risks(replicates=70)
    grid = np.linspace(0.1, 0.9, 5)
    own = _record(risk, calibration=grid)
    replicates = [_record(one, calibration=grid + number) for number, one in enumerate(risks)]
    replicates[0] = _record(risks[0])
    made = _bootstrap(own, replicates, calibration_risk={"m": grid})
    first, again = (stability(made, "m", seed=4).calibration for _ in range(2))
    assert first.curves.shape == (20, 5)
    assert len(np.unique(first.curves[:, 0])) == 20
    np.testing.assert_array_equal(first.curves, again.curves)


def test_the_histogram_of_strengths_holds_every_replicate():
    risk, risks = _risks(replicates=30)
    strengths = 10.0 ** np.random.default_rng(1).uniform(-3, 1, 30)
    replicates = [_record(one, strength=s, l1_share=0.0) for one, s in zip(risks, strengths, strict=True)]
    found = stability(_bootstrap(_record(risk, strength=100.0, l1_share=0.0), replicates), "m").strength
    assert found.counts.sum() == 30
    assert found.edges.size == found.counts.size + 1
    np.testing.assert_allclose(np.diff(np.log10(found.edges)), 0.25, atol=1e-12)
    assert found.edges[0] <= strengths.min()
    assert found.edges[-1] > 100.0
    assert (found.chosen, found.median) == (100.0, np.median(strengths))
    assert found.l1_shares is None


@pytest.mark.parametrize("strength", [1.0, 0.1, 3.7, 1e-5])
def test_one_strength_in_every_replicate_is_one_bar(strength):
    risk, risks = _risks(replicates=4)
    own, *others = (_record(one, strength=strength, l1_share=0.5) for one in (risk, *risks))
    found = stability(_bootstrap(own, others), "m").strength
    assert found.counts.tolist() == [4]
    assert found.edges[0] <= strength * (1 + 1e-12)
    assert strength < found.edges[1]
    assert found.l1_shares == {"0.5": 4}


def _with_coefficients(own, replicates, **of):
    risk, risks = _risks(replicates=len(replicates))
    records = [_record(one, coefficients=c, separated=c is None) for one, c in zip(risks, replicates, strict=True)]
    design = DesignColumns(COLUMNS, PREDICTORS, np.array(of.get("covariance", np.diag([1.0, 4.0, 9.0, 1.0]))))
    made = _bootstrap(_record(risk, coefficients=own, separated=own is None), records)
    return stability(made, "m", design=design)


def test_coefficients_are_per_standard_deviation_and_an_absent_column_is_not_selected():
    own = {"a1": 1.0, "a2": -0.5, "b": 0.0, "c": 2.0}
    found = _with_coefficients(own, [own, {"a1": -1.0, "a2": -1.0}, {"a1": 3.0, "a2": 0.0, "b": 1.0, "c": 1.0}, None])
    a1, a2, b, c = found.coefficients
    assert (found.replicates, found.separated) == (4, 1)
    assert [one.estimate for one in (a1, a2, b, c)] == [1.0, -1.0, 0.0, 2.0]
    assert [one.selected for one in (a1, a2, b, c)] == pytest.approx([1.0, 2 / 3, 1 / 3, 2 / 3])
    assert [one.same_sign for one in (a1, a2, b, c)] == pytest.approx([2 / 3, 1.0, None, 1.0])
    assert (a2.lower, a2.upper) == pytest.approx(tuple(np.quantile([-1.0, -2.0, 0.0], (0.025, 0.975))))
    assert [one.predictor for one in (a1, a2, b, c)] == list(PREDICTORS)


def test_a_separated_model_has_no_estimates_and_no_ranks_and_separated_replicates_leave_nothing():
    own = {"a1": 1.0, "a2": -0.5, "b": 0.0, "c": 2.0}
    found = _with_coefficients(None, [own, own])
    assert [one.estimate for one in found.coefficients] == [None] * 4
    assert [one.same_sign for one in found.coefficients] == [None] * 4
    assert found.ranks is None
    nothing = _with_coefficients(own, [None, None])
    assert (nothing.coefficients, nothing.ranks, nothing.separated) == (None, None, 2)


def test_ranks_go_by_what_a_predictor_adds_to_the_log_odds():
    X, _ = _data()
    covariance = np.cov(X.T, bias=True)
    own = {"a1": 1.0, "a2": -0.5, "b": 0.3, "c": 0.9}
    found = _with_coefficients(own, [own] * 3 + [{"a1": 0.1}], covariance=covariance)
    expected = {"a": np.std(X[:, :2] @ [1.0, -0.5]), "b": np.std(0.3 * X[:, 2]), "c": np.std(0.9 * X[:, 3])}
    order = sorted(expected, key=expected.get, reverse=True)
    assert [one.predictor for one in found.ranks] == order
    assert [one.rank for one in found.ranks] == [1.0, 2.0, 3.0]
    for one in found.ranks:
        assert one.contribution == pytest.approx(expected[one.predictor], abs=1e-12)
        # in the fourth replicate only a is selected: the other two share the ranks 2 and 3
        assert one.top_five == (1.0 if one.predictor == "a" else 0.75)
    c = next(one for one in found.ranks if one.predictor == "c")
    assert c.upper == 2.5


def test_a_constant_model_is_stable_as_far_as_its_level_is():
    X, y = _data()
    found = bootstrap(MatrixProcedure({"m": Prevalence()}, X, y), replicates=30, seed=1, workers=1)
    shown = stability(found, "m", (0.3,))
    level, levels = y.mean(), [one.models["m"].risk[0] for one in found.replicates]
    assert shown.mean_absolute == pytest.approx(np.mean(np.abs(np.array(levels) - level)), abs=1e-6)
    assert shown.mean_absolute_90 == pytest.approx(shown.mean_absolute, abs=1e-12)
    assert shown.risk.patients.tolist() == [200]
    assert (shown.calibration, shown.strength, shown.coefficients) == (None, None, None)


def test_more_patients_make_a_model_more_stable():
    shown = {}
    for n in (100, 1600):
        X, y = _data(n=n)
        found = bootstrap(MatrixProcedure({"m": UnpenalisedLogistic()}, X, y), replicates=40, seed=1, workers=1)
        shown[n] = stability(found, "m").mean_absolute
    # the spread of a risk goes with 1/sqrt(n), a quarter here
    assert shown[1600] == pytest.approx(shown[100] / 4, rel=0.25)


def test_thresholds_outside_the_risks_are_refused():
    risk, risks = _risks()
    with pytest.raises(ValueError, match="E-THRESHOLD"):
        _of(risk, risks, thresholds=(1.0,))


def test_neighbours_in_rank_are_told_apart_by_the_share_of_replicates_in_which_one_comes_first():
    own = {"a1": 3.0, "b": 2.0, "c": 1.0}
    other = {"a1": 3.0, "b": 0.0, "c": 1.0}
    level = {"a1": 3.0, "b": 1.0, "c": 1.0}
    a, b, c = _with_coefficients(own, [own, own, other, level], covariance=np.eye(4)).ranks
    assert (a.before_next, b.before_next, c.before_next) == (1.0, (2 + 0.5) / 4, None)


def test_replicates_that_lack_a_column_are_counted():
    replicates = [{"a1": 1.0, "b": 0.5, "c": 9.0}, {"a1": 10.0, "b": 2.0, "c": 9.0}, {"b": 0.25, "c": 9.0}]
    found = _with_coefficients({"a1": 1.0, "b": 0.5, "c": 9.0}, replicates)
    absent = {one.column: one.absent for one in found.coefficients}
    assert absent == pytest.approx({"a1": 1 / 3, "a2": 1.0, "b": 0.0, "c": 0.0})
