"""Known truths come back: coefficients, which predictors matter, and separation where there is one."""

import numpy as np
import pytest

from clinpred.models.logistic import ElasticNetLogistic, LassoLogistic, RidgeLogistic
from clinpred.models.unpenalised import UnpenalisedLogistic

TRUTH = np.array([1.0, -0.7, 0.5, 0.3, 0.0, 0.0, 0.0, 0.0])


def population(n, seed, truth=TRUTH, intercept=-1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, truth.size)) + 0.5 * rng.normal(size=(n, 1))
    return X, (rng.random(n) < 1 / (1 + np.exp(-(X @ truth + intercept)))).astype(int)


@pytest.mark.parametrize(
    "estimator", [UnpenalisedLogistic(), RidgeLogistic(), LassoLogistic(), ElasticNetLogistic(l1_share=0.5)], ids=str
)
def test_known_coefficients_are_found_in_many_patients(estimator):
    X, y = population(20_000, seed=1)
    model = estimator.fit(X, y)
    # The largest standard error here is .022.
    np.testing.assert_allclose(model.coef_[0], TRUTH, atol=0.07)
    assert model.intercept_[0] == pytest.approx(-1.0, abs=0.07)


def test_the_mean_over_samples_of_maximum_likelihood_estimates_is_the_truth():
    estimates = [UnpenalisedLogistic().fit(*population(2_000, seed)).coef_[0] for seed in range(40)]
    error = np.std(estimates, axis=0, ddof=1) / np.sqrt(40)
    assert (np.abs(np.mean(estimates, axis=0) - TRUTH) < 4 * error).all()


def test_the_lasso_keeps_what_matters_and_drops_most_of_the_rest():
    truth = np.append(TRUTH[:4], np.zeros(36))
    X, y = population(1_500, seed=2, truth=truth)
    kept = LassoLogistic(0.02).fit(X, y).coef_[0] != 0
    assert kept[:4].all()
    assert kept[4:].sum() <= 6


def test_in_few_patients_tuned_penalties_predict_new_ones_better_than_none():
    truth = np.append(TRUTH[:4], np.zeros(16))
    new_X, new_y = population(5_000, seed=99, truth=truth)

    def log_loss(model):
        lp = model.decision_function(new_X)
        return np.mean(np.logaddexp(0, lp) - new_y * lp)

    X, y = population(120, seed=3, truth=truth)
    unpenalised = log_loss(UnpenalisedLogistic().fit(X, y))
    for estimator in (RidgeLogistic(), LassoLogistic(), ElasticNetLogistic(l1_share=0.5)):
        assert log_loss(estimator.fit(X, y)) < unpenalised - 0.02


def separated(kind):
    rng = np.random.default_rng(6)
    X = rng.normal(size=(200, 4))
    y = (rng.random(200) < 0.4).astype(int)
    if kind == "complete":
        y = (X[:, 0] + X[:, 1] > 0.3).astype(int)
    elif kind == "quasi, by a rare category":
        X[:, 2] = 0
        X[np.flatnonzero(y == 1)[:5], 2] = 1
    elif kind == "quasi, by a threshold":
        X[:, 0] = np.where(y == 1, np.abs(X[:, 0]), -np.abs(X[:, 0]))
        X[:12, 0] = 0
    elif kind == "more predictors than patients":
        X = rng.normal(size=(200, 260))
    return X, y


SEPARATED = ("complete", "quasi, by a rare category", "quasi, by a threshold", "more predictors than patients")


@pytest.mark.parametrize("kind", SEPARATED)
@pytest.mark.parametrize("units", [1.0, 1e-6, 1e6])
def test_separation_is_flagged_and_its_risks_are_finite(kind, units):
    X, y = separated(kind)
    model = UnpenalisedLogistic().fit(X * units, y)
    assert model.separated_
    risks = model.predict_proba(X * units)
    assert np.isfinite(risks).all()


def test_under_complete_separation_every_patient_gets_a_certain_risk():
    X, y = separated("complete")
    risk = UnpenalisedLogistic().fit(X, y).predict_proba(X)[:, 1]
    assert np.abs(risk - y).max() < 1e-6


def test_a_rare_category_of_events_alone_leaves_the_other_coefficients_as_they_would_be_without_it():
    X, y = separated("quasi, by a rare category")
    model, rest = UnpenalisedLogistic().fit(X, y), X[:, 2] == 0
    without = UnpenalisedLogistic().fit(X[rest][:, [0, 1, 3]], y[rest])
    np.testing.assert_allclose(model.coef_[0, [0, 1, 3]], without.coef_[0], atol=1e-5)


@pytest.mark.parametrize("seed", range(25))
def test_regular_data_are_not_flagged(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(60, 3_000))
    truth = rng.normal(size=5) * rng.uniform(0, 1.5)
    X, y = population(n, seed, truth=truth, intercept=rng.uniform(-3, 0))
    if y.sum() < 20:
        y[:20] = 1
    model = UnpenalisedLogistic().fit(X, y)
    assert not model.separated_
    assert model.residual_ < 1e-10


def test_a_category_with_one_patient_out_of_line_is_not_flagged():
    X, y = separated("quasi, by a rare category")
    X[np.flatnonzero(y == 0)[0], 2] = 1
    assert not UnpenalisedLogistic().fit(X, y).separated_


def test_a_penalty_keeps_the_coefficients_of_separated_data_finite():
    X, y = separated("complete")
    for estimator in (RidgeLogistic(), LassoLogistic(), RidgeLogistic(0.1)):
        assert np.abs(estimator.fit(X, y).coef_).max() < 1e4
