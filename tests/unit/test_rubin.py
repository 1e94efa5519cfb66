"""Rubin's rules at their limits, on the measures' scales, and refused where there is nothing to pool."""

import math

import numpy as np
import pytest

from clinpred.errors import InputRefused, StatisticalRefusal, WrongUsage
from clinpred.performance import ALL_MEASURES, measure_of, pool, pool_measure

NORMAL_975 = 1.959963984540054


def test_data_sets_that_agree_have_the_interval_of_complete_data():
    pooled = pool([0.4] * 5, [0.01] * 5)
    assert (pooled.estimate, pooled.between, pooled.relative_increase, pooled.fraction_missing) == (0.4, 0, 0, 0)
    assert math.isinf(pooled.df)
    assert pooled.upper - pooled.estimate == pytest.approx(NORMAL_975 * 0.1, abs=1e-12)


def test_finite_data_that_agree_keep_barnard_and_rubins_observed_degrees_of_freedom():
    pooled = pool([0.4] * 5, [0.01] * 5, complete_df=17)
    assert pooled.df == pytest.approx(18 / 20 * 17)
    assert pooled.fraction_missing == pytest.approx(2 / (pooled.df + 3))


def test_total_is_within_plus_between_inflated():
    pooled = pool([1.0, 2.0, 6.0], [0.5, 0.7, 0.6])
    assert pooled.within == pytest.approx(0.6)
    assert pooled.between == pytest.approx(7.0)
    assert pooled.total == pytest.approx(0.6 + 4 / 3 * 7.0)
    assert pooled.relative_increase == pytest.approx(4 / 3 * 7.0 / 0.6)


def test_degrees_of_freedom_are_rubins_for_infinitely_many_rows():
    estimates, variances = [1.0, 2.0, 6.0], [0.5, 0.7, 0.6]
    old = 2 * (1 + 1 / pool(estimates, variances).relative_increase) ** 2
    assert pool(estimates, variances).df == pytest.approx(old)
    assert pool(estimates, variances, complete_df=1e9).df == pytest.approx(old, rel=1e-6)
    assert pool(estimates, variances, complete_df=20).df < old


def test_pooling_moves_and_stretches_with_the_quantity():
    estimates, variances = np.array([1.0, 1.4, 1.1]), np.array([0.2, 0.3, 0.25])
    plain, moved = pool(estimates, variances, complete_df=30), pool(5 - 2 * estimates, 4 * variances, complete_df=30)
    assert moved.df == pytest.approx(plain.df)
    assert [moved.lower, moved.upper] == pytest.approx([5 - 2 * plain.upper, 5 - 2 * plain.lower])


def test_the_order_of_the_data_sets_is_of_no_consequence():
    estimates, variances = np.array([1.0, 1.4, 1.1]), np.array([0.2, 0.3, 0.25])
    assert pool(estimates[::-1], variances[::-1]).total == pytest.approx(pool(estimates, variances).total, rel=1e-14)


def test_intervals_of_imputed_means_cover_only_because_what_is_missing_is_counted():
    # 40 of 100 missing, drawn from their posterior predictive distribution
    rng = np.random.default_rng(11)
    n, seen, imputations, repeats = 100, 60, 10, 2000
    pooled_covers = within_covers = 0
    for _ in range(repeats):
        observed = rng.normal(size=seen)
        spread = observed.std(ddof=1) * np.sqrt((seen - 1) / rng.chisquare(seen - 1, size=imputations))
        centre = observed.mean() + spread / math.sqrt(seen) * rng.normal(size=imputations)
        imputed = centre[:, None] + spread[:, None] * rng.normal(size=(imputations, n - seen))
        sets = np.column_stack([np.tile(observed, (imputations, 1)), imputed])
        pooled = pool(sets.mean(axis=1), sets.var(axis=1, ddof=1) / n, complete_df=n - 1)
        pooled_covers += pooled.lower < 0 < pooled.upper
        within_covers += abs(pooled.estimate) < NORMAL_975 * math.sqrt(pooled.within)
    assert 0.93 < pooled_covers / repeats < 0.97
    assert within_covers / repeats < 0.89


def test_a_plain_measure_is_pooled_as_it_is():
    estimates, errors = np.array([0.9, 1.1, 1.05]), np.array([0.1, 0.12, 0.11])
    assert pool_measure("calibration_slope", estimates, errors) == pool(estimates, errors**2)


def test_auroc_is_pooled_as_log_odds_and_brought_back():
    estimates, errors = np.array([0.80, 0.85, 0.82]), np.array([0.02, 0.03, 0.02])
    by_hand = pool(np.log(estimates / (1 - estimates)), (errors / (estimates * (1 - estimates))) ** 2)
    pooled = pool_measure("auroc", estimates, errors)
    for end in ("estimate", "lower", "upper"):
        assert getattr(pooled, end) == pytest.approx(1 / (1 + math.exp(-getattr(by_hand, end))), abs=1e-14)
    assert (pooled.total, pooled.df, pooled.scale) == (pytest.approx(by_hand.total), pytest.approx(by_hand.df), "logit")


def test_observed_expected_is_pooled_as_a_logarithm_so_that_its_reciprocal_agrees():
    ratio, errors = np.array([1.2, 1.1, 1.4]), np.array([0.1, 0.12, 0.11])
    pooled, turned = (
        pool_measure("observed_expected", ratio, errors),
        pool_measure("observed_expected", 1 / ratio, errors / ratio**2),
    )
    assert [pooled.estimate, pooled.lower, pooled.upper] == pytest.approx(
        [1 / turned.estimate, 1 / turned.upper, 1 / turned.lower]
    )


@pytest.mark.parametrize("key", ALL_MEASURES)
def test_every_measure_that_agrees_over_data_sets_is_returned_with_its_interval_about_it(key):
    asked = f"{key}:0.2" if ALL_MEASURES[key].at_threshold else key
    pooled = pool_measure(asked, [0.3] * 4, [0.001] * 4)
    assert pooled.estimate == pytest.approx(0.3, abs=1e-12)
    assert [pooled.lower, pooled.upper] == pytest.approx([0.3 - NORMAL_975 * 0.001, 0.3 + NORMAL_975 * 0.001], abs=2e-5)


@pytest.mark.parametrize("key", ["auroc", "observed_expected", "nagelkerke_r2", "log_loss", "sensitivity:0.2"])
def test_bounds_stay_where_the_measure_can_be(key):
    pooled = pool_measure(key, [0.9, 0.5, 0.7], [0.3, 0.3, 0.3])
    measure = measure_of(key)
    assert measure.highest is None or pooled.upper <= measure.highest
    assert measure.lowest is None or pooled.lower >= measure.lowest


@pytest.mark.parametrize("number", [0, 1])
def test_fewer_than_two_data_sets_are_refused(number):
    with pytest.raises(StatisticalRefusal, match="S-IMPUTATIONS"):
        pool([0.4] * number, [0.01] * number)


def test_a_variance_of_0_everywhere_is_refused_and_in_one_data_set_is_averaged():
    with pytest.raises(StatisticalRefusal, match="a variance of 0 in each of 2"):
        pool([0.4, 0.5], [0.0, 0.0])
    assert pool([0.4, 0.5], [0.0, 0.02]).within == 0.01


@pytest.mark.parametrize(
    ("estimates", "variances", "complete_df", "code"),
    [
        ([0.4, 0.5], [0.01], None, "E-LENGTH"),
        ([[0.4, 0.5]], [[0.01, 0.01]], None, "E-LENGTH"),
        ([0.4, np.nan], [0.01, 0.01], None, "E-NOT-FINITE"),
        ([0.4, 0.5], [0.01, -0.01], None, "E-VARIANCE"),
        ([0.4, 0.5], [0.01, 0.01], 0, "E-VARIANCE"),
        ([0.4, 0.5], [0.01, 0.01], np.nan, "E-VARIANCE"),
    ],
)
def test_faulty_arrays_are_refused(estimates, variances, complete_df, code):
    with pytest.raises(InputRefused) as refused:
        pool(estimates, variances, complete_df=complete_df)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("measure", "beyond"), [("auroc", 1.0), ("nagelkerke_r2", -0.1), ("log_loss", 0.0), ("sensitivity:0.2", 0.0)]
)
def test_an_estimate_that_its_scale_does_not_hold_is_refused_with_its_count(measure, beyond):
    with pytest.raises(StatisticalRefusal, match=r"1 of 3 estimates not between 0 and .* \[S-SCALE\]"):
        pool_measure(measure, [0.4, beyond, 0.5], [0.1, 0.1, 0.1])


@pytest.mark.parametrize("measure", ["c_statistic", "sensitivity", "auroc:0.2"])
def test_a_measure_that_does_not_exist_is_wrong_usage(measure):
    with pytest.raises(WrongUsage, match="E-MEASURE"):
        pool_measure(measure, [0.4, 0.5], [0.1, 0.1])
