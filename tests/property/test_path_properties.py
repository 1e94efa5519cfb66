"""Whatever the patients: the path meets its optimality conditions, and what should not matter does not."""

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from clinpred.models.folds import solve_folds
from clinpred.models.likelihood import TIGHT, standardised_problem
from clinpred.models.path import solve_path
from clinpred.models.penalty import emptying_strength, optimality_residual, strength_grid, uniform_penalty
from clinpred.models.risk_model import risk_of

SHARES = st.sampled_from([0.05, 0.5, 0.9, 1.0])
SEEDS = st.integers(0, 2**32 - 1)


def patients(seed, *, widest=60):
    """Draw predictors, some correlated, some copies of others, one perhaps constant; an outcome and weights."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(20, 120)), int(rng.integers(1, widest))
    X = rng.normal(size=(n, p)) + rng.choice([0.0, 0.5, 3.0]) * rng.normal(size=(n, 1))
    copies = rng.random(p) < 0.15
    X[:, copies] = X[:, rng.integers(0, p, size=copies.sum())]
    X[:, rng.random(p) < 0.05] = 7.0
    X *= 10.0 ** rng.uniform(-4, 4, size=p)
    y = np.zeros(n)
    y[rng.permutation(n)[: int(rng.integers(3, n - 3))]] = 1.0
    return X, y, rng.integers(1, 4, size=n).astype(float), rng


def path_of(problem, l1_share, *, factors=None, n_strengths=80):
    strengths = strength_grid(emptying_strength(problem, factors), l1_share)[:n_strengths]
    return strengths, solve_path(problem, strengths, l1_share, factors=factors)


@settings(max_examples=40, deadline=None)
@given(SEEDS, SHARES)
def test_every_predictor_meets_the_optimality_conditions_at_every_strength(seed, l1_share):
    X, y, weight, rng = patients(seed)
    problem = standardised_problem(X, y, weight)
    factors = rng.choice([0.5, 1.0, 2.0], size=X.shape[1])
    strengths, path = path_of(problem, l1_share, factors=factors)
    for strength, coefficients in zip(strengths, path, strict=True):
        penalty = uniform_penalty(float(strength), l1_share, X.shape[1], factors=factors)
        gradient = problem.gradient(risk_of(problem.linear_predictor(coefficients)))
        assert optimality_residual(coefficients, gradient, penalty) <= 1.01 * TIGHT


@settings(max_examples=20, deadline=None)
@given(SEEDS, SHARES)
def test_weights_are_repeats(seed, l1_share):
    X, y, weight, _ = patients(seed, widest=15)
    repeated = standardised_problem(
        *(np.repeat(a, weight.astype(int), axis=0) for a in (X, y)), np.ones(int(weight.sum()))
    )
    problem = standardised_problem(X, y, weight)
    strengths, path = path_of(problem, l1_share, n_strengths=50)
    twin = solve_path(repeated, strengths, l1_share)
    # Copies of a predictor may share a lasso weight in any way: the log odds are what is determined.
    np.testing.assert_allclose(problem.linear_predictor(path.T), problem.linear_predictor(twin.T), atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(SEEDS, SHARES)
def test_the_order_of_predictors_and_of_rows_does_not_matter(seed, l1_share):
    X, y, weight, rng = patients(seed)
    rows, columns = rng.permutation(len(y)), rng.permutation(X.shape[1])
    problem = standardised_problem(X, y, weight)
    shuffled = standardised_problem(X[rows][:, columns], y[rows], weight[rows])
    strengths, path = path_of(problem, l1_share, n_strengths=50)
    other = shuffled.linear_predictor(solve_path(shuffled, strengths, l1_share).T)
    np.testing.assert_allclose(problem.linear_predictor(path.T)[rows], other, atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(SEEDS, SHARES)
def test_the_model_is_empty_from_the_emptying_strength_upwards(seed, l1_share):
    X, y, weight, _ = patients(seed)
    problem = standardised_problem(X, y, weight)
    emptying = emptying_strength(problem) / l1_share
    path = solve_path(problem, np.array([100.0, 1.0 + 1e-8]) * emptying, l1_share)
    assert not path[:, 1:].any()
    np.testing.assert_allclose(risk_of(path[:, 0]), np.average(y, weights=weight), atol=1e-8)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_the_fit_is_continuous_in_the_l1_share_down_to_ridge(seed):
    X, y, weight, _ = patients(seed)
    problem = standardised_problem(X, y, weight)
    strengths = 0.5 * emptying_strength(problem) * np.array([1.0, 0.5, 0.1])
    ridge, almost = (solve_path(problem, strengths, share) for share in (0.0, 1e-7))
    np.testing.assert_allclose(problem.linear_predictor(almost.T), problem.linear_predictor(ridge.T), atol=1e-4)
    net, near = (solve_path(problem, strengths, share) for share in (0.5, 0.5 + 1e-7))
    np.testing.assert_allclose(problem.linear_predictor(near.T), problem.linear_predictor(net.T), atol=1e-4)


@settings(max_examples=20, deadline=None)
@example(63867, 0.9)
@example(23, 1.0)
@given(SEEDS, SHARES)
def test_a_fold_is_blind_to_its_own_rows(seed, l1_share):
    X, y, weight, rng = patients(seed, widest=30)
    fold = rng.permutation(np.arange(len(y)) % 3)
    outcomes = (y, np.where(fold == 1, 1 - y, y))
    # One class alone has no fit without a penalty on the intercept.
    assume(all(np.unique(outcome[fold != f]).size == 2 for outcome in outcomes for f in range(3)))
    problem, changed = (standardised_problem(X, outcome, weight) for outcome in outcomes)
    strengths, start = path_of(problem, l1_share, n_strengths=40)
    penalties = uniform_penalty(strengths[-2:], l1_share, X.shape[1])
    fits = [solve_folds(p, fold, penalties, start=start[-2:], tolerance=TIGHT)[1] for p in (problem, changed)]
    seen = [problem.linear_predictor(fit.T)[fold != 1] for fit in fits]
    np.testing.assert_allclose(*seen, atol=1e-5)
