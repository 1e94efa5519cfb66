"""The unpenalised baseline: a maximum where there is one, and a visible collapse where there is none."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from clinpred.errors import InputRefused
from clinpred.models.firth import FirthLogistic
from clinpred.models.likelihood import TIGHT, standardised_problem
from clinpred.models.maximum_likelihood import maximum_likelihood
from clinpred.models.unpenalised import UnpenalisedLogistic


def patients(n, p, seed=0, strength=0.3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    y = rng.random(n) < 1 / (1 + np.exp(1 - X @ (strength * rng.normal(size=p))))
    return X, y.astype(float)


def fit(X, y, weight=None, **settings):
    return maximum_likelihood(standardised_problem(X, y, np.ones(len(y)) if weight is None else weight), **settings)


def test_at_the_maximum_mean_risk_and_means_of_predictors_are_those_of_the_events():
    X, y = patients(400, 8)
    model = UnpenalisedLogistic().fit(X, y)
    surplus = model.predict_proba(X)[:, 1] - y
    np.testing.assert_allclose(np.column_stack([np.ones(400), X]).T @ surplus / 400, 0, atol=1e-10)
    assert model.residual_ <= TIGHT
    assert 0 < model.iterations_ < 10


@pytest.mark.parametrize("scatter", [0.0, 0.1, 3.0, 30.0])
def test_the_start_does_not_change_what_is_found(scatter):
    X, y = patients(300, 6)
    start = scatter * np.random.default_rng(1).normal(size=7)
    np.testing.assert_allclose(fit(X, y, start=start).coefficients, fit(X, y).coefficients, atol=1e-9)


def test_the_start_does_not_change_where_a_separated_fit_stops():
    X, y = patients(200, 4)
    X[:, 2] = 0
    X[np.flatnonzero(y == 1)[:5], 2] = 1
    warm = fit(X, y, start=np.array([0.1, 0.2, 9.0, 0.0, 0.1]))
    assert warm.separated
    np.testing.assert_array_equal(warm.coefficients, fit(X, y).coefficients)


def test_counts_as_weights_give_the_fit_of_the_repeated_rows():
    X, y = patients(300, 6)
    drawn = np.random.default_rng(2).integers(0, 300, 300)
    counts = np.bincount(drawn, minlength=300)
    repeated = UnpenalisedLogistic().fit(X[drawn], y[drawn])
    weighted = UnpenalisedLogistic().fit(X, y, sample_weight=counts)
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, atol=1e-9)
    np.testing.assert_allclose(weighted.intercept_, repeated.intercept_, atol=1e-9)


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_the_unit_of_the_weights_changes_neither_the_fit_nor_the_finding(unit):
    X, y = patients(200, 6)
    np.testing.assert_allclose(fit(X, y, np.full(200, unit)).coefficients, fit(X, y).coefficients, atol=1e-9)
    X[:, 0] = np.where(y == 1, 1, -1)
    assert fit(X, y, np.full(200, unit)).separated


def test_an_offset_of_the_fit_itself_leaves_nothing_to_find():
    X, y = patients(300, 5)
    log_odds = UnpenalisedLogistic().fit(X, y).decision_function(X)
    beside = maximum_likelihood(standardised_problem(X, y, np.ones(300), offset=log_odds))
    np.testing.assert_allclose(beside.coefficients, 0, atol=1e-9)


def test_a_maximum_far_out_but_finite_is_found():
    # One event among 100,000 in the category: log odds of -11.5, a risk that no patient of the others has.
    category = np.repeat([0.0, 0.0, 1.0, 1.0], [1, 1, 1, 1])[:, None]
    y, counts = np.array([0.0, 1.0, 0.0, 1.0]), np.array([60.0, 40.0, 99_999.0, 1.0])
    model = UnpenalisedLogistic().fit(category, y, sample_weight=counts)
    assert not model.separated_
    assert model.decision_function([[1.0]])[0] == pytest.approx(-np.log(99_999), abs=1e-7)


def test_with_60_predictors_200_patients_collapse_visibly_and_their_risks_remain_usable():
    new_X, new_y = patients(5_000, 60, seed=9, strength=0.5)
    separated = []
    for seed in range(10):
        rows = np.random.default_rng(seed).choice(5_000, 200, replace=False)
        rest = np.setdiff1d(np.arange(5_000), rows)
        model = UnpenalisedLogistic().fit(new_X[rows], new_y[rows])
        separated.append(model.separated_)
        risk = model.predict_proba(new_X[rest])[:, 1]
        assert np.isfinite(model.decision_function(new_X[rest])).all()
        # They still rank patients, but far too boldly: the log loss is worse than that of the event rate alone.
        assert risk[new_y[rest] == 1].mean() > risk[new_y[rest] == 0].mean()
        log_odds = model.decision_function(new_X[rest])
        rate = new_y[rest].mean()
        without = -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
        assert np.mean(np.logaddexp(0, log_odds) - new_y[rest] * log_odds) > without
    assert np.mean(separated) >= 0.5


@pytest.mark.parametrize("seed", range(6))
def test_a_separated_fit_stops_at_the_same_place_for_weights_and_for_repeated_rows(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(60, 12))
    y, counts = (X[:, 0] + X[:, 1] > 0).astype(float), rng.integers(1, 5, 60)
    weighted = UnpenalisedLogistic().fit(X, y, sample_weight=counts)
    repeated = UnpenalisedLogistic().fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    assert weighted.separated_
    assert weighted.iterations_ == repeated.iterations_
    np.testing.assert_allclose(weighted.decision_function(X), repeated.decision_function(X), atol=1e-6)


@pytest.mark.parametrize("unit", [1e-300, 1e15, 1e300])
def test_weights_in_any_unit_leave_a_separated_fit_finite(unit):
    X, _ = patients(200, 6)
    model = UnpenalisedLogistic().fit(X, X[:, 0] > 0.2, sample_weight=np.full(200, unit))
    assert model.separated_
    assert np.isfinite(model.decision_function(X)).all()


def test_sparse_predictors_are_refused_in_house_form():
    X, y = patients(50, 3)
    for estimator in (UnpenalisedLogistic(), FirthLogistic()):
        with pytest.raises(InputRefused, match="E-DESIGN"):
            estimator.fit(csr_array(X), y)
