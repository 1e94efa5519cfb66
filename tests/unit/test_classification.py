"""What a threshold does, described: counts, Wilson's intervals, repeated patients, and shares of nobody."""

import numpy as np
import pytest

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.performance import classification, estimate, wilson_interval

SHARES = (
    "sensitivity",
    "specificity",
    "positive_predictive_value",
    "negative_predictive_value",
    "share_positive",
)


@pytest.fixture
def cohort():
    rng = np.random.default_rng(12)
    risk = rng.beta(1.2, 3.0, 300)
    return (rng.random(300) < risk).astype(float), risk


def test_counts_and_shares_are_those_of_the_table():
    outcome = [1] * 8 + [0] * 12
    risk = [0.9] * 6 + [0.1] * 2 + [0.9] * 3 + [0.1] * 9
    found = classification(outcome, risk, 0.5)
    counts = (found.true_positive, found.false_positive, found.true_negative, found.false_negative)
    assert counts == (6, 3, 9, 2)
    shares = [getattr(found, share).estimate for share in SHARES]
    assert shares == pytest.approx([6 / 8, 9 / 12, 6 / 9, 9 / 11, 9 / 20])
    assert [getattr(found, share).patients for share in SHARES] == [8, 12, 9, 11, 20]
    assert [getattr(found, share).events for share in SHARES] == [8, 0, 6, 2, 8]


def test_a_risk_equal_to_the_threshold_is_positive():
    assert classification([0, 1], [0.3, 0.3], 0.3).true_positive == 1


@pytest.mark.parametrize(
    ("events", "rows", "lower", "upper"),
    # Newcombe, Stat Med 1998;17:857-872, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_the_published_one(events, rows, lower, upper):
    assert wilson_interval(events / rows, rows) == pytest.approx((lower, upper), abs=5e-5)


def test_wilsons_interval_is_symmetric_and_solves_the_score_equation():
    lower, upper = wilson_interval(0.2, 50)
    assert wilson_interval(0.8, 50) == pytest.approx((1 - upper, 1 - lower))
    for bound in (lower, upper):
        assert abs(0.2 - bound) / np.sqrt(bound * (1 - bound) / 50) == pytest.approx(1.959963984540054)


@pytest.mark.parametrize(
    ("threshold", "share", "reason"),
    [
        (0.99, "positive_predictive_value", "not estimable (no risk at or above the threshold)"),
        (0.01, "negative_predictive_value", "not estimable (no risk below the threshold)"),
    ],
)
def test_a_share_of_nobody_is_none_and_says_why(threshold, share, reason):
    found = getattr(classification([0, 1, 0, 1], [0.2, 0.7, 0.4, 0.3], threshold), share)
    assert (found.estimate, found.lower, found.upper, found.patients) == (None, None, None, 0)
    assert found.reason == reason


def test_every_share_answers_or_says_why_it_does_not(cohort):
    for threshold in (1e-9, 0.2, 1 - 1e-9):
        for share in SHARES:
            found = getattr(classification(*cohort, threshold), share)
            assert (found.estimate is None) == (found.reason is not None)
            assert found.estimate is None or 0 <= found.lower <= found.estimate <= found.upper <= 1


def test_patients_of_one_row_each_have_wilsons_interval_whatever_they_are_called(cohort):
    outcome, risk = cohort
    named = classification(outcome, risk, 0.3, patients=[f"p{i}" for i in range(300)])
    assert named == classification(outcome, risk, 0.3)


@pytest.mark.parametrize("share", SHARES)
def test_rows_repeated_within_patients_do_not_narrow_the_interval(cohort, share):
    outcome, risk = cohort
    once = getattr(classification(outcome, risk, 0.3), share)
    tripled = [np.tile(values, 3) for values in (outcome, risk, np.arange(300))]
    naive = getattr(classification(tripled[0], tripled[1], 0.3), share)
    clustered = getattr(classification(tripled[0], tripled[1], 0.3, patients=tripled[2]), share)
    assert naive.upper - naive.lower < 0.65 * (once.upper - once.lower)
    assert clustered.upper - clustered.lower == pytest.approx(once.upper - once.lower, rel=0.01)
    assert (clustered.estimate, clustered.patients) == (pytest.approx(once.estimate), once.patients)


@pytest.mark.parametrize("share", SHARES)
def test_the_clustered_interval_is_near_that_of_drawn_patients(cohort, share):
    _, risk = cohort
    rng = np.random.default_rng(5)
    patients = np.repeat(np.arange(100), 3)
    near = 0.9 * np.repeat(risk[::3], 3) + 0.1 * risk
    happened = (rng.random(300) < near).astype(float)
    found = getattr(classification(happened, near, 0.3, patients=patients), share)
    drawn = estimate(f"{share}:0.3", happened, near, patients=patients, rng=rng)
    assert found.estimate == pytest.approx(drawn.estimate)
    assert [found.lower, found.upper] == pytest.approx([drawn.lower, drawn.upper], abs=0.03)


def test_a_share_of_1_over_repeated_patients_counts_patients():
    outcome, risk, patients = [1, 1, 1, 1, 0, 0], [0.9] * 4 + [0.1] * 2, [1, 1, 2, 2, 3, 3]
    found = classification(outcome, risk, 0.5, patients=patients)
    assert (found.sensitivity.lower, found.sensitivity.upper) == wilson_interval(1.0, 2)
    assert (found.specificity.lower, found.specificity.upper) == wilson_interval(1.0, 1)


def test_patients_that_each_hold_the_share_leave_at_most_their_rows():
    outcome, risk, patients = [1, 1, 1, 1, 0, 0], [0.9, 0.1, 0.9, 0.1, 0.1, 0.2], [1, 1, 2, 2, 3, 3]
    sensitivity = classification(outcome, risk, 0.5, patients=patients).sensitivity
    assert (sensitivity.lower, sensitivity.upper) == wilson_interval(0.5, 4)


def test_one_class_and_thresholds_that_are_no_risk_are_refused():
    with pytest.raises(StatisticalRefusal, match="S-ONE-CLASS"):
        classification([0, 0], [0.1, 0.2], 0.5)
    with pytest.raises(InputRefused, match="E-THRESHOLD"):
        classification([0, 1], [0.1, 0.2], 1.0)
