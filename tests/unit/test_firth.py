"""Firth's fit: closed forms, limits, separation, weights, aliases, and scikit-learn's rules for estimators."""

import numpy as np
import pytest
from scipy.special import chdtri
from sklearn.utils.estimator_checks import check_estimator

from clinpred.errors import StatisticalRefusal, WrongUsage
from clinpred.models import profile
from clinpred.models.firth import FirthLogistic
from clinpred.models.jeffreys import JeffreysLikelihood
from clinpred.models.likelihood import not_converged
from clinpred.models.profile import _Profile
from clinpred.models.unpenalised import UnpenalisedLogistic

FOURFOLD = [(7, 3, 4, 6), (10, 0, 5, 5), (0, 10, 10, 0), (1, 40, 0, 3)]


def fourfold(a, b, c, d):
    """Exposed with and without the event, then unexposed with and without it."""
    X = np.repeat([1.0, 1.0, 0.0, 0.0], [a, b, c, d])[:, None]
    return X, np.repeat([1, 0, 1, 0], [a, b, c, d])


def patients(n, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, (rng.random(n) < 1 / (1 + np.exp(1 - X @ [1.0, -0.5, 0.0]))).astype(int)


def separated():
    X, y = patients(60)
    X[:, 2] = 0
    X[np.flatnonzero(y == 1)[:4], 2] = 1
    return X, y


@pytest.mark.parametrize("cells", FOURFOLD)
def test_a_fourfold_table_gives_the_log_odds_ratio_with_half_added_to_every_cell(cells):
    a, b, c, d = (count + 0.5 for count in cells)
    model = FirthLogistic().fit(*fourfold(*cells))
    assert model.coef_[0, 0] == pytest.approx(np.log(a * d / (b * c)), abs=1e-9)
    assert model.firth_intercept_ == pytest.approx(np.log(c / d), abs=1e-9)


@pytest.mark.parametrize("cells", FOURFOLD)
def test_flics_intercept_makes_the_mean_risk_the_event_rate(cells):
    X, y = fourfold(*cells)
    assert FirthLogistic().fit(X, y).predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), abs=1e-12)


def test_data_symmetric_in_both_outcomes_have_an_intercept_of_zero():
    X = np.array([[1.0], [2.0], [3.0], [0.5]])
    model = FirthLogistic().fit(np.vstack([X, -X]), [1, 1, 1, 0, 0, 0, 0, 1])
    assert model.firth_intercept_ == pytest.approx(0, abs=1e-9)
    assert model.intercept_[0] == pytest.approx(0, abs=1e-9)


def test_with_ten_times_the_patients_it_is_ten_times_closer_to_maximum_likelihood():
    X, y = patients(200)
    gaps = []
    for times in (10, 100, 1_000):
        weight = np.full(200, float(times))
        firth = FirthLogistic().fit(X, y, sample_weight=weight)
        gaps.append(np.abs(firth.coef_ - UnpenalisedLogistic().fit(X, y, sample_weight=weight).coef_).max())
    assert gaps[0] / gaps[1] == pytest.approx(10, rel=0.05)
    assert gaps[1] / gaps[2] == pytest.approx(10, rel=0.05)


def test_a_weight_equals_repeated_rows():
    X, y = patients(80)
    counts = np.random.default_rng(1).integers(0, 4, 80)
    weighted = FirthLogistic().fit(X, y, sample_weight=counts)
    repeated = FirthLogistic().fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, atol=1e-8)
    ours, theirs = weighted.profile_intervals()[0], repeated.profile_intervals()[0]
    assert (ours.lower, ours.upper) == pytest.approx((theirs.lower, theirs.upper), abs=1e-7)


@pytest.mark.parametrize("units", [1e-6, 1.0, 1e6])
def test_units_do_not_change_risks_intervals_nor_p_values(units):
    X, y = separated()
    plain, scaled = FirthLogistic().fit(X, y), FirthLogistic().fit(X * units, y)
    np.testing.assert_allclose(scaled.predict_proba(X * units), plain.predict_proba(X), atol=1e-9)
    for ours, theirs in zip(scaled.profile_intervals(), plain.profile_intervals(), strict=True):
        assert ours.lower * units == pytest.approx(theirs.lower, abs=1e-6)
        assert ours.p_value == pytest.approx(theirs.p_value, abs=1e-8)


def test_a_separating_category_gets_a_finite_coefficient_and_an_interval_around_it():
    X, y = separated()
    model = FirthLogistic().fit(X, y)
    interval = model.profile_intervals()[2]
    assert interval.estimate == pytest.approx(model.coef_[0, 2], rel=1e-12)
    assert interval.lower < interval.estimate < interval.upper < 50
    # The profile of a separated coefficient is skewed: it falls more slowly towards infinity.
    assert interval.upper - interval.estimate > interval.estimate - interval.lower


@pytest.mark.parametrize("n_predictors", [1, 5, 30])
@pytest.mark.parametrize("seed", range(5))
def test_completely_separated_outcomes_always_have_a_fit(n_predictors, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(60, n_predictors))
    log_odds = X @ rng.normal(size=n_predictors)
    model = FirthLogistic().fit(X, log_odds > np.quantile(log_odds, 0.7))
    assert np.abs(model.coef_).max() < 100


def test_a_wider_level_gives_a_wider_interval_and_the_p_value_is_where_it_touches_zero():
    X, y = patients(100)
    model = FirthLogistic().fit(X, y)
    narrow, wide = model.profile_intervals(level=0.8)[0], model.profile_intervals(level=0.99)[0]
    assert wide.lower < narrow.lower < narrow.upper < wide.upper
    touching = model.profile_intervals(level=1 - narrow.p_value)[0]
    assert touching.lower == pytest.approx(0, abs=1e-6)


def test_an_aliased_predictor_changes_no_risk_and_has_no_interval():
    X, y = patients(100)
    model, padded = FirthLogistic().fit(X, y), np.column_stack([X, X[:, 0], np.ones(100)])
    aliased = FirthLogistic().fit(padded, y)
    np.testing.assert_allclose(aliased.predict_proba(padded), model.predict_proba(X), atol=1e-9)
    intervals = aliased.profile_intervals()
    assert [interval is None for interval in intervals] == [True, False, False, True, True]
    assert intervals[1].upper == pytest.approx(model.profile_intervals()[1].upper, abs=1e-6)


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_a_level_out_of_its_range_is_refused(level):
    with pytest.raises(WrongUsage, match="E-SETTING"):
        FirthLogistic().fit(*patients(50)).profile_intervals(level=level)


def test_only_the_columns_asked_for_are_profiled_in_their_order():
    model = FirthLogistic().fit(*patients(60))
    every = model.profile_intervals()
    assert model.profile_intervals(columns=[2, 0]) == [every[2], every[0]]


def test_a_bound_that_cannot_be_followed_is_missing_with_its_reason_and_the_others_stay(monkeypatch):
    model = FirthLogistic().fit(*patients(60))
    expected, end = model.profile_intervals()[0], _Profile.end

    def upper_fails(self, side):
        if side > 0:
            raise not_converged(1.0)
        return end(self, side)

    monkeypatch.setattr(_Profile, "end", upper_fails)
    interval = model.profile_intervals()[0]
    assert interval.upper is None
    assert interval.reason.startswith("upper bound: the fit did not converge")
    assert (interval.lower, interval.p_value) == (expected.lower, expected.p_value)


@pytest.mark.parametrize("data", [patients(60), separated()])
def test_newton_steps_and_the_search_along_the_profile_end_alike(data, monkeypatch):
    model = FirthLogistic().fit(*data)
    by_newton = model.profile_intervals()
    monkeypatch.setattr(_Profile, "_edge", lambda self, side: None)
    for ours, theirs in zip(by_newton, model.profile_intervals(), strict=True):
        assert (ours.lower, ours.upper) == pytest.approx((theirs.lower, theirs.upper), abs=1e-7)


def completely_separated(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(int(rng.integers(20, 40)), 3))
    log_odds = X @ rng.normal(size=3)
    return X, (log_odds > np.quantile(log_odds, 0.6)).astype(int)


def value_given(model, column, value, origin):
    """The highest penalised likelihood that is reached from a start where a coefficient has a value."""
    rest = [0, *(1 + other for other in range(3) if other != column)]
    scaled = value / model._combinations[column][1 + column]
    start = np.array(origin)
    start[1 + column] = scaled
    return model._likelihood.highest(start, directions=np.eye(4)[:, rest]).value


@pytest.mark.parametrize("seed", range(6))
def test_where_all_are_separated_no_other_start_finds_a_coefficient_beyond_an_end_within_the_interval(seed):
    model = FirthLogistic().fit(*completely_separated(seed))
    rng, best = np.random.default_rng(100 + seed), model._best
    floor = best.value - chdtri(1, 0.05) / 2
    spread = np.linalg.cholesky(np.linalg.inv(best.information))
    origins = [best.coefficients + size * spread @ rng.normal(size=4) for size in (0.5, 1, 2, 3) for _ in range(4)]
    for column, interval in enumerate(model.profile_intervals()):
        for end in (interval.lower, interval.upper):
            beyond = end + 0.01 * (end - interval.estimate)
            assert max(value_given(model, column, beyond, origin) for origin in origins) < floor


def test_a_branch_that_reaches_farther_than_the_one_of_the_estimate_is_found(monkeypatch):
    widened = 0
    for seed in range(6):
        model = FirthLogistic().fit(*completely_separated(seed))
        whole = model.profile_intervals()
        with monkeypatch.context() as patch:
            patch.setattr(profile, "_far_out", lambda best: [])
            for ours, one_branch in zip(whole, model.profile_intervals(), strict=True):
                assert ours.lower <= one_branch.lower + 1e-9
                assert ours.upper >= one_branch.upper - 1e-9
                widened += ours.upper - ours.lower > one_branch.upper - one_branch.lower + 1e-3
    assert widened > 0


def test_a_fit_without_information_at_its_start_is_refused_in_words_and_not_with_an_infinite_residual():
    X, y = patients(40)
    likelihood = JeffreysLikelihood(np.column_stack([np.ones(40), X]), y.astype(float), np.ones(40))
    with pytest.raises(StatisticalRefusal, match="information is 0 to rounding") as refusal:
        likelihood.highest(np.array([0.0, 1e6, 0.0, 0.0]))
    assert "inf " not in str(refusal.value)


def test_the_curvature_is_the_derivative_of_the_score():
    X, y = patients(40)
    design = np.column_stack([np.ones(40), X])
    likelihood = JeffreysLikelihood(design, y.astype(float), np.arange(40) % 3 + 1.0)
    here, step = np.array([0.2, -0.5, 0.3, 1.0]), 1e-5
    moves = step * np.eye(4)
    slopes = [(likelihood.at(here - m).score - likelihood.at(here + m).score) / (2 * step) for m in moves]
    np.testing.assert_allclose(likelihood.curvature(likelihood.at(here)), slopes, atol=1e-8)


def test_it_is_a_scikit_learn_estimator():
    check_estimator(FirthLogistic(), on_skip=None)
