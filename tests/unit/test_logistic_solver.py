"""The solver: its stopping criterion holds, limiting cases coincide, other packages' scales convert."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from clinpred.errors import StatisticalRefusal
from clinpred.models import descent
from clinpred.models.likelihood import (
    TIGHT,
    mean_loss,
    null_coefficients,
    standardised_problem,
)
from clinpred.models.logistic import ElasticNetLogistic, LassoLogistic, RidgeLogistic
from clinpred.models.path import minimise, solve_path
from clinpred.models.penalty import (
    emptying_strength,
    extended_grid,
    optimality_residual,
    strength_from_keras_l2,
    strength_from_rms_penalty,
    strength_from_scikit_learn_c,
    strength_grid,
    strength_to_keras_l2,
    strength_to_rms_penalty,
    strength_to_scikit_learn_c,
    uniform_penalty,
)
from clinpred.models.quadratic import minimise_quadratic
from clinpred.models.risk_model import risk_of
from clinpred.models.unpenalised import UnpenalisedLogistic


def simulated(n=300, p=8, seed=1, correlation=0.5):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) + correlation * rng.normal(size=(n, 1))
    X = X * rng.uniform(0.01, 100, size=p) + rng.normal(size=p)
    slopes = np.zeros(p)
    slopes[:4] = (0.8, -0.6, 0.4, 0.3)
    lp = (X - X.mean(axis=0)) / X.std(axis=0) @ slopes - 0.7
    return X, (rng.random(n) < 1 / (1 + np.exp(-lp))).astype(float)


def problem_of(X, y):
    return standardised_problem(X, y, np.ones(len(y)))


def objective(problem, penalty, coefficients):
    lp = problem.linear_predictor(coefficients)
    return mean_loss(problem.outcome, lp, problem.weight) + penalty.cost(coefficients)


SHAPES = {"tall": (300, 8), "wide": (40, 120)}


@pytest.mark.parametrize("l1_share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_optimality_conditions_hold_at_every_strength_of_a_path(shape, l1_share):
    problem = problem_of(*simulated(*SHAPES[shape]))
    strengths = strength_grid(emptying_strength(problem), l1_share)
    for strength, coefficients in zip(strengths, solve_path(problem, strengths, l1_share), strict=True):
        penalty = uniform_penalty(strength, l1_share, problem.n_predictors)
        gradient = problem.gradient(risk_of(problem.linear_predictor(coefficients)))
        assert optimality_residual(coefficients, gradient, penalty) <= 2 * TIGHT


@pytest.mark.parametrize("l1_share", [0.0, 0.5, 1.0])
def test_no_nearby_coefficients_have_a_lower_objective(l1_share):
    problem = problem_of(*simulated())
    penalty = uniform_penalty(0.02, l1_share, problem.n_predictors)
    best = minimise(problem, penalty).coefficients
    rng = np.random.default_rng(3)
    lowest = objective(problem, penalty, best)
    for scale in (1e-1, 1e-3, 1e-5):
        for _ in range(50):
            moved = best + scale * rng.normal(size=best.size)
            assert objective(problem, penalty, moved) > lowest


@pytest.mark.parametrize("l1_share", [0.5, 1.0])
def test_the_path_starts_with_an_empty_model_and_leaves_it_at_once(l1_share):
    problem = problem_of(*simulated())
    strengths = strength_grid(emptying_strength(problem), l1_share)
    first, below = solve_path(problem, np.array([strengths[0], 0.999 * strengths[0]]), l1_share)
    assert not first[1:].any()
    assert np.count_nonzero(below[1:]) == 1


def test_a_path_has_a_hundred_strengths_down_to_a_ten_thousandth_of_the_emptying_one():
    lasso, ridge, net = (strength_grid(0.2, share) for share in (1.0, 0.0, 0.5))
    assert lasso.size == ridge.size == net.size == 100
    np.testing.assert_allclose([lasso[0], ridge[0], net[0]], [0.2, 20.0, 0.4])
    np.testing.assert_allclose([lasso[-1], ridge[-1], net[-1]], 0.2e-4)


@pytest.mark.parametrize("downwards", [True, False])
def test_an_extended_path_reaches_two_decades_further_at_the_same_spacing(downwards):
    strengths = strength_grid(0.2, 0.0)
    extended = extended_grid(strengths, downwards=downwards)
    ratios = extended[:-1] / extended[1:]
    np.testing.assert_allclose(ratios, ratios[0])
    beyond = strengths[-1] / extended[-1] if downwards else extended[0] / strengths[0]
    assert 100 * (1 - 1e-9) <= beyond < 100 * ratios[0]
    assert np.isin(strengths, extended).all()


def test_an_l1_share_of_0_is_ridge_and_of_1_is_lasso():
    X, y = simulated()
    ridge, lasso = RidgeLogistic(0.03).fit(X, y), LassoLogistic(0.03).fit(X, y)
    sd = X.std(axis=0)
    for net, twin in ((ElasticNetLogistic(0.03, 0), ridge), (ElasticNetLogistic(0.03, 1), lasso)):
        np.testing.assert_allclose(net.fit(X, y).coef_ * sd, twin.coef_ * sd, atol=1e-8)
    almost = ElasticNetLogistic(0.03, 1e-9).fit(X, y)
    np.testing.assert_allclose(almost.coef_ * sd, ridge.coef_ * sd, atol=1e-7)


@pytest.mark.parametrize("estimator", [RidgeLogistic, LassoLogistic, lambda s: ElasticNetLogistic(s, 0.4)])
def test_a_vanishing_penalty_gives_maximum_likelihood_and_a_huge_one_the_prevalence(estimator):
    X, y = simulated()
    unpenalised = UnpenalisedLogistic().fit(X, y)
    sd = X.std(axis=0)
    np.testing.assert_allclose(estimator(1e-9).fit(X, y).coef_ * sd, unpenalised.coef_ * sd, atol=1e-6)
    huge = estimator(1e9).fit(X, y)
    np.testing.assert_allclose(huge.coef_ * sd, 0.0, atol=1e-8)
    assert huge.intercept_[0] == pytest.approx(np.log(y.mean() / (1 - y.mean())), abs=1e-6)


@pytest.mark.parametrize(
    ("l1_share", "n", "p"), [(0.0, 200, 6), (1.0, 200, 6), (0.5, 200, 6), (1.0, 40, 90), (0.0, 40, 90)]
)
def test_coefficients_are_those_of_scikit_learn_through_the_conversion(l1_share, n, p):
    X, y = simulated(n, p)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    c = strength_to_scikit_learn_c(0.05, n)
    peer = LogisticRegression(C=c, l1_ratio=l1_share, solver="saga", tol=1e-10, max_iter=100_000, random_state=0)
    ours = ElasticNetLogistic(0.05, l1_share).fit(X, y)
    np.testing.assert_allclose(ours.coef_ * X.std(axis=0), peer.fit(Z, y).coef_, atol=1e-6)


def test_copies_of_a_predictor_share_the_ridge_weight_and_do_not_disturb_the_lasso():
    X, y = simulated()
    doubled = np.column_stack([X, X[:, 0]])
    ridge = RidgeLogistic(0.02).fit(doubled, y)
    assert ridge.coef_[0, 0] == pytest.approx(ridge.coef_[0, -1], rel=1e-7)
    lasso, single = LassoLogistic(0.02).fit(doubled, y), LassoLogistic(0.02).fit(X, y)
    assert lasso.coef_[0, 0] + lasso.coef_[0, -1] == pytest.approx(single.coef_[0, 0], rel=1e-6)


def test_a_constant_predictor_gets_no_weight_and_changes_nothing():
    X, y = simulated()
    padded = np.column_stack([X, np.full(len(y), 0.1), np.full(len(y), 1e12)])
    for estimator in (UnpenalisedLogistic(), RidgeLogistic(0.01), LassoLogistic(0.01)):
        plain = estimator.fit(X, y).coef_[0]
        with_constants = estimator.fit(padded, y).coef_[0]
        np.testing.assert_allclose(with_constants[:-2] * X.std(axis=0), plain * X.std(axis=0), atol=1e-8)
        assert not with_constants[-2:].any()


def test_a_rank_deficient_design_is_fitted_with_minimum_norm():
    X, y = simulated()
    doubled = np.column_stack([X, X[:, 1]])
    fitted, single = UnpenalisedLogistic().fit(doubled, y), UnpenalisedLogistic().fit(X, y)
    np.testing.assert_allclose(fitted.decision_function(doubled), single.decision_function(X), atol=1e-7)
    np.testing.assert_allclose(fitted.coef_[0, [1, -1]], single.coef_[0, 1] / 2, rtol=1e-6)
    assert not fitted.separated_


def test_huge_and_tiny_units_do_not_change_the_risks():
    X, y = simulated()
    rescaled = X * np.array([1e300, 1e-200, 1, 1, 1e9, 1e-9, 1, 1])
    for estimator in (UnpenalisedLogistic(), RidgeLogistic(0.01), LassoLogistic(0.01)):
        risks = estimator.fit(X, y).predict_proba(X)
        np.testing.assert_allclose(estimator.fit(rescaled, y).predict_proba(rescaled), risks, atol=1e-9)


def test_the_quadratic_minimum_is_that_of_plain_coordinate_descent():
    rng = np.random.default_rng(5)
    root = rng.normal(size=(30, 12)) + rng.normal(size=(30, 1))
    quadratic, linear, l1 = root.T @ root, 20 * rng.normal(size=12), np.append(0.0, np.full(11, 9.0))
    x = np.zeros(12)
    for _ in range(20_000):
        for j in range(12):
            aim = quadratic[j, j] * x[j] - linear[j] - quadratic[j] @ x
            x[j] = np.sign(aim) * max(abs(aim) - l1[j], 0) / quadratic[j, j]
    fast = minimise_quadratic(quadratic, linear, l1, start=rng.normal(size=12), tolerance=1e-10)
    assert 0 < np.count_nonzero(x) < 12
    np.testing.assert_allclose(fast, x, atol=1e-9)


def test_a_start_far_away_leads_to_the_same_minimum():
    problem = problem_of(*simulated())
    penalty = uniform_penalty(0.01, 1.0, problem.n_predictors)
    far = np.random.default_rng(2).normal(size=9) * 30
    here = minimise(problem, penalty).coefficients
    np.testing.assert_allclose(minimise(problem, penalty, start=far).coefficients, here, atol=1e-7)


def test_a_fit_that_does_not_converge_is_refused_with_its_residual(monkeypatch):
    problem = problem_of(*simulated())
    monkeypatch.setattr(descent, "_MAX_STEPS", 1)
    with pytest.raises(StatisticalRefusal, match=r"residual is still .*\[S-NOT-CONVERGED\]"):
        minimise(problem, uniform_penalty(1e-4, 0.0, problem.n_predictors))


def test_the_empty_model_is_the_logit_of_the_weighted_prevalence():
    problem = standardised_problem(np.array([[0.0], [1], [2]]), np.array([1.0, 0, 0]), np.array([2.0, 1, 1]))
    np.testing.assert_allclose(null_coefficients(problem), 0.0, atol=1e-15)


def test_standardised_predictors_have_weighted_mean_0_and_population_variance_1():
    X, y = simulated()
    weight = np.random.default_rng(1).uniform(0.5, 3, size=len(y))
    problem = standardised_problem(X, y, weight)
    np.testing.assert_allclose(problem.weight @ problem.design[:, 1:], 0.0, atol=1e-12)
    np.testing.assert_allclose(problem.weight @ problem.design[:, 1:] ** 2, 1.0)


def test_conversions_lead_there_and_back():
    assert strength_to_scikit_learn_c(0.01, 200) == pytest.approx(0.5)
    assert strength_from_scikit_learn_c(0.5, 200) == pytest.approx(0.01)
    assert strength_to_rms_penalty(0.05, 201) == pytest.approx(10)
    assert strength_from_rms_penalty(10, 201) == pytest.approx(0.05)
    assert strength_to_keras_l2(0.02) == pytest.approx(0.01)
    assert strength_from_keras_l2(0.01) == pytest.approx(0.02)


def test_keras_l2_costs_what_the_strength_costs():
    weights = np.array([0.3, -2.0, 0.7])
    strength = 0.08
    cost = uniform_penalty(strength, 0.0, 3).cost(np.append(5.0, weights))
    assert cost == pytest.approx(strength_to_keras_l2(strength) * np.sum(weights**2))
