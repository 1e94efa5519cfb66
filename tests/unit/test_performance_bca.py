"""BCa intervals, p values of drawn differences, and families of comparisons."""

import numpy as np
import pytest
from scipy import stats

from clinpred import performance
from clinpred.errors import InputRefused, WrongUsage
from clinpred.performance import accelerated as bca
from clinpred.performance.catalogue import families
from clinpred.performance.newton import inverse_logit
from clinpred.performance.patient_bootstrap import Drawn
from clinpred.performance.rows import checked_rows


@pytest.fixture(scope="module")
def cohort():
    rng = np.random.default_rng(8)
    logit = rng.normal(-0.7, 1.3, 150)
    outcome = (rng.random(150) < inverse_logit(logit)).astype(float)
    return outcome, inverse_logit(0.2 + 1.3 * logit), inverse_logit(0.5 * logit + rng.normal(0, 1, 150))


def test_the_jackknife_by_weights_is_leaving_each_patient_out(cohort):
    outcome, risk, _ = cohort
    patients = np.repeat(np.arange(50), 3)
    rows = checked_rows(outcome, risk, patients=patients)
    keys = ["auroc", "calibration_slope", "calibration_in_the_large", "nagelkerke_r2", "scaled_brier"]
    found = bca.without_each(rows, [prepare(rows) for prepare in families(keys)])
    for patient in (0, 17, 49):
        kept = patients != patient
        for key in keys:
            expected = performance.CATALOGUE[key].function(outcome[kept], risk[kept])
            assert found[key][patient] == pytest.approx(expected, abs=1e-10), key


def test_bca_of_a_mean_equals_scipys_on_the_same_replicates():
    rng = np.random.default_rng(0)
    values = rng.exponential(size=40)
    replicates = rng.choice(values, (2000, 40)).mean(axis=1)
    left_out = (values.sum() - values) / 39
    found = bca.accelerated(Drawn(replicates, 0), values.mean(), left_out).bounds()
    expected = stats.bootstrap(
        (values,), np.mean, n_resamples=0, bootstrap_result=_Result(replicates), method="BCa", vectorized=True
    ).confidence_interval
    assert found == pytest.approx((expected.low, expected.high), abs=2e-3)
    plain = Drawn(replicates, 0).bounds()
    assert found[0] > plain[0]
    assert found[1] > plain[1]


class _Result:
    def __init__(self, replicates):
        self.bootstrap_distribution = replicates


def test_groups_of_patients_have_nearly_the_acceleration_of_patients(monkeypatch):
    rng = np.random.default_rng(4)
    outcome = (rng.random(1500) < 0.1).astype(float)
    rows = checked_rows(outcome, np.full(1500, 0.1) + rng.random(1500) / 10)
    (prepare,) = families(["observed_expected"])
    alone = bca.without_each(rows, [prepare(rows)])["observed_expected"]
    monkeypatch.setattr(bca, "MOST_GROUPS", 500)
    grouped = bca.without_each(rows, [prepare(rows)])["observed_expected"]
    assert (alone.size, grouped.size) == (1500, 500)
    constants = [bca.accelerated(Drawn(np.array([-1.0, 1.0]), 0), 0.0, part).acceleration for part in (alone, grouped)]
    assert constants[0] > 0.005
    assert constants[1] == pytest.approx(constants[0], abs=3e-3)


@pytest.mark.parametrize("measure", ["auroc", "calibration_slope", "brier", "ici", "net_benefit:0.3"])
def test_every_measure_has_a_bca_interval(measure, cohort):
    outcome, risk, _ = cohort
    found = performance.estimate(measure, outcome, risk, method="bca", rng=np.random.default_rng(0))
    assert found.method.startswith("patient bootstrap, BCa, 1,000 replicates")
    assert found.lower < found.estimate < found.upper


def test_replicates_all_on_one_side_give_no_bca_interval_but_a_reason():
    found = bca.accelerated(Drawn(np.arange(1.0, 9.0), 0), 0.5, np.arange(5.0))
    assert found.bounds() is None
    assert found.p_value() is None
    assert found.reason == "interval not estimable (all replicates on one side of the estimate)"


def test_a_measure_that_one_patient_makes_estimable_has_no_bca_interval():
    found = bca.accelerated(Drawn(np.arange(9.0), 0), 4.0, np.array([1.0, np.nan, 2.0]))
    assert found.reason == "interval not estimable (no value without 1 of 3 patients or groups of them)"


def test_lost_replicates_are_counted_in_the_method():
    outcome = np.array([0.0] * 14 + [1.0, 0.0, 0.0] + [1.0] * 3)
    risk = np.linspace(0.1, 0.8, 20)
    found = performance.estimate("auroc", outcome, risk, method="bootstrap", rng=np.random.default_rng(1))
    assert "1,000 replicates, " in found.method
    assert found.method.endswith(" of them without a value and left out")
    assert found.lower < found.upper


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_a_p_value_is_the_level_at_which_the_interval_ends_at_0(level):
    rng = np.random.default_rng(6)
    replicates = rng.gamma(4, 1, 4001)
    for drawn in (Drawn(replicates, 0), bca.accelerated(Drawn(replicates, 0), 4.2, rng.gamma(2, 1, 300))):
        end = drawn.bounds(level)[0]
        shifted = type(drawn)(drawn.found - end, 0, None, *_constants(drawn))
        assert shifted.p_value() == pytest.approx(1 - level, abs=2e-3)


def _constants(drawn):
    return (drawn.bias, drawn.acceleration) if isinstance(drawn, bca.AcceleratedDrawn) else ()


@pytest.mark.parametrize("method", ["bootstrap", "bca"])
def test_an_auroc_of_1_has_no_drawn_interval_either(method):
    found = performance.estimate(
        "auroc", [0, 0, 0, 1, 1, 1], np.arange(1, 7) / 10, method=method, rng=np.random.default_rng(0)
    )
    assert (found.estimate, found.lower, found.upper) == (1.0, None, None)
    assert "interval not estimable (" in found.method


def differences(cohort, **how):
    outcome, risk, other = cohort
    pair = performance.Predictions(risk), performance.Predictions(other)
    return performance.paired_differences(outcome, *pair, rng=np.random.default_rng(0), **how)


def test_the_auroc_differs_by_delong_and_the_rest_by_drawn_patients(cohort):
    found = differences(cohort)
    test = performance.delong_test(*cohort)
    one = found["auroc"]
    assert (one.difference, one.lower, one.upper) == pytest.approx((test.difference, test.lower, test.upper), abs=1e-12)
    assert (one.method, one.p_value) == ("paired DeLong", pytest.approx(test.p_value))
    for key in set(found) - {"auroc"}:
        assert found[key].method.startswith("paired patient bootstrap, percentile, 1,000 replicates"), key


@pytest.mark.parametrize("method", ["bootstrap", "bca"])
def test_a_method_that_is_asked_for_is_that_of_every_difference(method, cohort):
    for key, one in differences(cohort, method=method).items():
        assert one.method.startswith("paired patient bootstrap, "), key
        assert one.lower < one.difference < one.upper
        assert (one.p_value < 0.05) == (one.lower > 0 or one.upper < 0)


def test_intervals_of_a_family_are_those_at_a_higher_level_and_the_rest_is_as_alone(cohort):
    alone, family = differences(cohort), differences(cohort, family=4)
    for key, one in family.items():
        assert one.simultaneous_lower < one.lower < one.upper < one.simultaneous_upper
        assert (one.lower, one.upper, one.p_value) == (alone[key].lower, alone[key].upper, alone[key].p_value)
        assert alone[key].simultaneous_lower is None
    auroc = family["auroc"]
    ratio = (auroc.simultaneous_upper - auroc.simultaneous_lower) / (auroc.upper - auroc.lower)
    assert ratio == pytest.approx(stats.norm.ppf(1 - 0.025 / 4) / stats.norm.ppf(0.975))


@pytest.mark.parametrize("how", [{"method": "jackknife"}, {"family": 0}])
def test_unknown_methods_and_empty_families_are_refused(how, cohort):
    with pytest.raises(WrongUsage, match="E-METHOD"):
        differences(cohort, **how)


def test_holm_steps_down():
    assert performance.holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert performance.holm([0.9, 0.8]).tolist() == [1.0, 1.0]
    assert performance.holm([]).size == 0


def test_holm_never_keeps_what_bonferroni_rejects():
    p = np.random.default_rng(0).random(50) ** 3
    assert np.all(performance.holm(p) <= np.minimum(1, 50 * p) + 1e-15)
    assert np.all(performance.holm(p) >= p)


@pytest.mark.parametrize("faulty", [[0.5, np.nan], [1.2], [[0.1]]])
def test_holm_refuses_what_is_no_p_value(faulty):
    with pytest.raises(InputRefused, match="E-P-VALUES"):
        performance.holm(faulty)
