"""The lasso and elastic-net path: glmnet's numbers, working sets, factors, offset, and fits without one fold."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from clinpred.errors import StatisticalRefusal
from clinpred.models import descent
from clinpred.models.folds import solve_folds
from clinpred.models.likelihood import TIGHT, mean_loss, standardised_problem
from clinpred.models.path import minimise, solve_path
from clinpred.models.penalty import (
    empty_model,
    emptying_strength,
    optimality_residual,
    strength_grid,
    uniform_penalty,
)
from clinpred.models.risk_model import risk_of

REFERENCE = Path(__file__).parents[1] / "reference"
GLMNET = {entry["id"]: entry for entry in json.loads((REFERENCE / "02_glmnet.json").read_text())["entries"]}
OUTCOMES = {"pima_tr": "type", "breast_cancer": "malignant"}


def simulated(n=300, p=12, *, seed=1, n_true=4):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) + 0.5 * rng.normal(size=(n, 1))
    lp = X[:, :n_true] @ rng.normal(size=n_true) - 0.7
    return X, (rng.random(n) < risk_of(lp)).astype(float)


def problem_of(X, y, *, weight=None, offset=None):
    return standardised_problem(X, y, np.ones(len(y)) if weight is None else weight, offset=offset)


def residual(problem, coefficients, penalty):
    return optimality_residual(coefficients, problem.gradient(risk_of(problem.linear_predictor(coefficients))), penalty)


def worst_residual(problem, path, penalties):
    return max(residual(problem, coefficients, penalties.of(place)) for place, coefficients in enumerate(path))


def glmnet_case(entry_id):
    """Return the problem, the strengths, the l1 share, the factors, and glmnet's intercepts and raw coefficients."""
    result = GLMNET[entry_id]["result"]
    name = next(name for name in OUTCOMES if entry_id.startswith(name))
    frame = pd.read_csv(REFERENCE / "inputs" / f"{name}.csv")
    X, y = frame[result["features"]].to_numpy(dtype=float), frame[OUTCOMES[name]].to_numpy(dtype=float)
    weight = 1.0 + np.arange(1, len(y) + 1) % 3 if "weighted" in entry_id else np.ones(len(y))
    problem = problem_of(X, y, weight=weight)
    l1_share = float(entry_id.split("_alpha")[1].split("_")[0])
    factors = np.ones(problem.n_predictors)
    if entry_id.endswith("_pf"):
        factors = np.array([0.0, 1, 1, 2, 1, 1, 1])
        factors *= factors.size / factors.sum()
    if entry_id.endswith("_nostd"):
        # Ridge of raw coefficients, β/sd: each standardised one costs 1/sd² of what it would.
        factors = 1.0 / problem.scale**2
    raw = np.array([[row[feature] for feature in result["features"]] for row in result["coef_raw_scale"]])
    return problem, np.array(result["lambda"]), l1_share, factors, np.array(result["a0"]), raw


@pytest.mark.parametrize("entry_id", GLMNET)
def test_coefficients_and_objective_are_those_of_glmnet(entry_id):
    problem, strengths, l1_share, factors, intercepts, raw = glmnet_case(entry_id)
    path = solve_path(problem, strengths, l1_share, factors=factors)
    ours = problem.on_original_scale(path)
    np.testing.assert_allclose(ours[1] * problem.scale, raw * problem.scale, atol=2e-5, rtol=0)
    np.testing.assert_allclose(ours[0], intercepts, atol=1e-4, rtol=0)
    penalties = uniform_penalty(strengths, l1_share, problem.n_predictors, factors=factors)
    theirs = np.column_stack([intercepts + raw @ problem.center, raw * problem.scale])
    for place, (here, there) in enumerate(zip(path, theirs, strict=True)):
        # Ours is the minimum, so glmnet's objective is never lower, and higher by no more than its tolerance.
        excess = objective(problem, there, penalties.of(place)) - objective(problem, here, penalties.of(place))
        assert -1e-14 <= excess <= 1e-10


def objective(problem, coefficients, penalty):
    loss = mean_loss(problem.outcome, problem.linear_predictor(coefficients), problem.weight)
    return loss + penalty.cost(coefficients)


def test_far_more_predictors_than_patients_are_solved_in_a_working_set():
    problem = problem_of(*simulated(60, 1500))
    strengths = strength_grid(emptying_strength(problem), 1.0)[:60]
    path = solve_path(problem, strengths, 1.0)
    assert worst_residual(problem, path, uniform_penalty(strengths, 1.0, 1500)) <= 1.01 * TIGHT
    # A lasso in general position has no more coefficients than patients.
    assert np.count_nonzero(path[:, 1:], axis=1).max() <= 60


@pytest.mark.parametrize("l1_share", [0.4, 1.0])
def test_a_path_entered_far_down_is_the_path_walked_down_to_there(l1_share):
    problem = problem_of(*simulated(80, 200))
    strengths = strength_grid(emptying_strength(problem), l1_share)[::8][:8]
    walked = solve_path(problem, strengths, l1_share)
    entered = solve_path(problem, strengths[-1:], l1_share)
    np.testing.assert_allclose(entered[0], walked[-1], atol=1e-7)


def test_a_predictor_without_penalty_is_in_the_model_at_every_strength():
    X, y = simulated()
    problem, factors = problem_of(X, y), np.append(0.0, np.linspace(0.5, 2.0, 11))
    emptying = emptying_strength(problem, factors)
    strengths = strength_grid(emptying, 1.0)
    path = solve_path(problem, strengths, 1.0, factors=factors)
    assert (path[:, 1] != 0).all()
    np.testing.assert_allclose(path[0], empty_model(problem, factors), atol=1e-8)
    above, below = solve_path(problem, np.array([1.0001, 0.999]) * emptying, 1.0, factors=factors)
    assert np.count_nonzero(above[1:]) == 1
    assert np.count_nonzero(below[1:]) == 2
    penalties = uniform_penalty(strengths, 1.0, 12, factors=factors)
    assert worst_residual(problem, path, penalties) <= 1.01 * TIGHT


def test_an_offset_is_a_predictor_whose_coefficient_is_known():
    X, y = simulated()
    problem = problem_of(X, y)
    known = minimise(problem, uniform_penalty(0.02, 1.0, 12)).coefficients
    offset = problem.linear_predictor(np.where(np.arange(13) == 1, known, 0.0))
    beside = problem_of(X[:, 1:], y, offset=offset)
    assert emptying_strength(beside) != pytest.approx(emptying_strength(problem_of(X[:, 1:], y)), rel=0.01)
    fitted = solve_path(beside, np.array([0.02]), 1.0)[0]
    np.testing.assert_allclose(fitted, np.delete(known, 1), atol=1e-8)


def test_a_weight_of_2_is_a_repeated_row():
    X, y = simulated(150, 20)
    counts = np.random.default_rng(4).integers(1, 4, size=150)
    weighted, repeated = (
        problem_of(X, y, weight=counts.astype(float)),
        problem_of(*(np.repeat(a, counts, axis=0) for a in (X, y))),
    )
    strengths = strength_grid(emptying_strength(repeated), 1.0)
    np.testing.assert_allclose(
        solve_path(weighted, strengths, 1.0), solve_path(repeated, strengths, 1.0), atol=1e-6, rtol=0
    )


def test_a_sparse_design_gives_the_path_of_the_dense_one():
    rng = np.random.default_rng(7)
    X = (rng.random((200, 30)) < 0.1).astype(float)
    y = (rng.random(200) < risk_of(X[:, 0] * 2 - X[:, 1] - 0.5)).astype(float)
    dense, thin = problem_of(X, y), problem_of(sparse.csr_array(X), y)
    strengths = strength_grid(emptying_strength(dense), 1.0)[:70]
    np.testing.assert_allclose(solve_path(thin, strengths, 1.0), solve_path(dense, strengths, 1.0), atol=1e-7)
    fold = rng.integers(0, 5, size=200)
    penalties, start = uniform_penalty(strengths[30:33], 1.0, 30), solve_path(dense, strengths[30:33], 1.0)
    without = [solve_folds(p, fold, penalties, start=start, tolerance=TIGHT) for p in (thin, dense)]
    np.testing.assert_allclose(*without, atol=1e-7)


@pytest.mark.parametrize("l1_share", [0.5, 1.0])
def test_a_path_that_does_not_converge_is_refused_with_its_residual(monkeypatch, l1_share):
    problem = problem_of(*simulated())
    strengths = strength_grid(emptying_strength(problem), l1_share)
    monkeypatch.setattr(descent, "_MAX_STEPS", 2)
    with pytest.raises(StatisticalRefusal, match=r"residual is still .*\[S-NOT-CONVERGED\]"):
        solve_path(problem, strengths, l1_share)


def separate_fits(X, y, weight, fold, strengths, l1_share):
    """Return intercepts and raw coefficients of fits without each fold, standardised anew within it."""
    for left_out in range(fold.max() + 1):
        rows = fold != left_out
        problem = problem_of(X[rows], y[rows], weight=weight[rows])
        penalties = uniform_penalty(strengths, l1_share, X.shape[1])
        fits = [minimise(problem, penalties.of(place)).coefficients for place in range(strengths.size)]
        yield problem.on_original_scale(np.array(fits))


def assert_folds_are_separate_fits(X, y, fold, *, l1_share, places, weight=None):
    weight = np.ones(len(y)) if weight is None else weight
    problem = problem_of(X, y, weight=weight)
    strengths = strength_grid(emptying_strength(problem), l1_share)[places]
    start = solve_path(problem, strengths, l1_share)
    penalties = uniform_penalty(strengths, l1_share, problem.n_predictors)
    without = solve_folds(problem, fold, penalties, start=start, tolerance=TIGHT)
    assert without.shape == (fold.max() + 1, strengths.size, 1 + problem.n_predictors)
    for ours, theirs in zip(without, separate_fits(X, y, weight, fold, strengths, l1_share), strict=True):
        intercepts, coefficients = problem.on_original_scale(ours)
        log_odds = intercepts[:, None] + coefficients @ X.T
        np.testing.assert_allclose(log_odds, theirs[0][:, None] + theirs[1] @ X.T, atol=1e-6, rtol=1e-8)


@pytest.mark.parametrize("l1_share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("n", "p"), [(300, 12), (150, 60), (60, 100)])
def test_folds_solved_together_are_separate_fits_standardised_anew(n, p, l1_share):
    X, y = simulated(n, p)
    fold = np.random.default_rng(2).integers(0, 10, size=n)
    weight = np.random.default_rng(3).integers(1, 4, size=n).astype(float)
    assert_folds_are_separate_fits(X, y, fold, l1_share=l1_share, places=slice(38, 43), weight=weight)


@pytest.mark.parametrize("l1_share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("outlier", [1.0, 1e9], ids=["constant without its fold", "nearly so beside an outlier"])
def test_a_predictor_that_one_fold_holds_is_left_to_that_fold(l1_share, outlier):
    X, y = simulated()
    fold = np.arange(300) % 10
    X[:, 5] = 0.0 if outlier == 1.0 else X[:, 5]
    X[3, 5] = outlier
    assert_folds_are_separate_fits(X, y, fold, l1_share=l1_share, places=slice(45, 48))


def test_folds_without_one_of_which_a_class_is_missing_are_refused():
    X, _ = simulated(n=60, p=4)
    outcome = (np.arange(60) < 20).astype(float)
    problem, penalties = problem_of(X, outcome), uniform_penalty(np.array([0.05]), 1.0, 4)
    with pytest.raises(StatisticalRefusal, match="S-ONE-CLASS"):
        solve_folds(problem, np.where(outcome == 1, 0, 1 + np.arange(60) % 2), penalties, start=np.zeros((1, 5)))


def test_a_refusal_to_converge_names_the_tolerance_that_applied(monkeypatch):
    X, y = simulated(n=60, p=4)
    monkeypatch.setattr(descent, "_MAX_STEPS", 1)
    penalty = uniform_penalty(0.01, 1.0, 4)
    with pytest.raises(StatisticalRefusal, match="at most 1e-07"):
        minimise(problem_of(X, y), penalty, tolerance=1e-7)


@pytest.mark.parametrize("l1_share", [0.0, 0.5, 1.0])
def test_a_path_from_a_fit_near_its_first_is_the_path_from_the_empty_model(l1_share):
    problem = problem_of(*simulated())
    strengths = strength_grid(emptying_strength(problem), l1_share)[30:60:5]
    from_nothing = solve_path(problem, strengths, l1_share)
    near = solve_path(problem, strengths[:1] * 1.5, l1_share)[0]
    for start in (near, from_nothing[-1]):
        started = solve_path(problem, strengths, l1_share, start=start)
        np.testing.assert_allclose(started, from_nothing, rtol=0, atol=1e-8)
