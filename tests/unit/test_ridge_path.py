"""The ridge path: every strength is solved, however it was reached, and limits and identities hold."""

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from clinpred.errors import StatisticalRefusal
from clinpred.models import ridge
from clinpred.models.likelihood import in_directions, mean_loss, standardised_problem
from clinpred.models.penalty import emptying_strength
from clinpred.models.ridge import ridge_leverages, ridge_path
from clinpred.models.risk_model import risk_of

REFERENCE = Path(__file__).parents[1] / "reference"


def simulated(n=300, p=8, seed=1, strength=1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) + 0.7 * rng.normal(size=(n, 1))
    slopes = np.zeros(p)
    slopes[:4] = strength * np.array([0.8, -0.6, 0.4, 0.3])
    return X, (rng.random(n) < risk_of(X @ slopes - 0.5)).astype(float)


def problem_of(X, y, weight=None, offset=None):
    return standardised_problem(X, y, np.ones(len(y)) if weight is None else weight, offset=offset)


def grid(problem, k=100):
    emptying = emptying_strength(problem)
    return np.geomspace(100 * emptying, 1e-4 * emptying, k)


def residuals(problem, strengths, coefficients, factors=1.0):
    l2 = strengths[:, None] * np.append(0.0, np.broadcast_to(factors, problem.n_predictors))
    slopes = [problem.gradient(risk_of(problem.linear_predictor(fit))) for fit in coefficients]
    return np.abs(np.array(slopes) + l2 * coefficients).max(axis=1)


SHAPES = {"tall": (1000, 8), "strong": (2000, 12), "nearly square": (60, 45), "square": (40, 40), "wide": (40, 120)}


@pytest.mark.parametrize("tolerance", [1e-7, 1e-10])
@pytest.mark.parametrize("shape", SHAPES)
def test_optimality_conditions_hold_at_each_of_a_hundred_strengths(shape, tolerance):
    X, y = simulated(*SHAPES[shape], strength=5.0 if shape == "strong" else 1.0)
    rng = np.random.default_rng(2)
    problem = problem_of(X, y, rng.uniform(0.1, 3, len(y)), rng.normal(size=len(y)))
    factors = rng.uniform(0.1, 2.0, X.shape[1])
    factors[:2] = 0.0
    strengths = grid(problem)
    coefficients = ridge_path(problem, strengths, factors=factors, tolerance=tolerance)
    assert coefficients.shape == (100, 1 + X.shape[1])
    assert residuals(problem, strengths, coefficients, factors).max() <= 1.5 * tolerance


@pytest.mark.parametrize("entry_id", ["pima_tr_alpha0", "breast_cancer_alpha0", "pima_tr_alpha0_nostd"])
def test_coefficients_are_those_of_glmnet(entry_id):
    entries = {entry["id"]: entry for entry in json.loads((REFERENCE / "02_glmnet.json").read_text())["entries"]}
    result = entries[entry_id]["result"]
    name, outcome = ("pima_tr", "type") if "pima" in entry_id else ("breast_cancer", "malignant")
    table = pd.read_csv(REFERENCE / "inputs" / f"{name}.csv")
    X, y = table[result["features"]].to_numpy(float), table[outcome].to_numpy(float)
    problem = in_directions(problem_of(X, y), X) if entry_id.endswith("nostd") else problem_of(X, y)
    coefficients = ridge_path(problem, np.array(result["lambda"]))
    expected = np.array([[row[feature] for feature in result["features"]] for row in result["coef_raw_scale"]])
    intercepts, raw = problem.on_original_scale(coefficients)
    np.testing.assert_allclose(raw * X.std(axis=0), expected * X.std(axis=0), atol=2e-5, rtol=0)
    np.testing.assert_allclose(intercepts, result["a0"], atol=1e-4, rtol=0)


def test_the_last_of_a_path_is_what_scikit_learn_finds():
    X, y = simulated(2000, 10)
    problem = problem_of(X, y)
    strengths = grid(problem)
    peer = LogisticRegression(C=1 / (len(y) * strengths[-1]), tol=1e-12, max_iter=1000, solver="newton-cholesky")
    peer.fit((X - X.mean(axis=0)) / X.std(axis=0), y)
    np.testing.assert_allclose(ridge_path(problem, strengths)[-1, 1:], peer.coef_[0], atol=1e-7)


def test_a_path_is_the_fits_at_its_strengths_one_by_one():
    problem = problem_of(*simulated())
    strengths = grid(problem, 40)
    alone = [ridge_path(problem, strengths[[k]], tolerance=1e-13)[0] for k in range(40)]
    np.testing.assert_allclose(ridge_path(problem, strengths, tolerance=1e-13), alone, atol=1e-10)


@pytest.mark.parametrize("setting", [("_MAX_PASSES", 0), ("_MAX_PASSES", 1), ("_N_NODES", 2), ("_SMALL_STACK", 0)])
def test_a_path_does_not_depend_on_how_it_was_reached(monkeypatch, setting):
    problem = problem_of(*simulated(100, 30, strength=4.0))
    strengths = grid(problem, 50)
    usual = ridge_path(problem, strengths, tolerance=1e-12)
    monkeypatch.setattr(ridge, *setting)
    np.testing.assert_allclose(ridge_path(problem, strengths, tolerance=1e-12), usual, atol=1e-8)


@pytest.mark.parametrize(
    "strengths",
    [
        np.array([0.1]),
        np.array([3.0, 2.9, 1e-8]),
        np.full(30, 0.2),
        np.linspace(5.0, 1e-5, 40),
        np.geomspace(1e9, 1e-9),
    ],
    ids=["one", "three", "the same", "evenly spaced", "eighteen decades"],
)
def test_any_decreasing_strengths_are_solved(strengths):
    problem = problem_of(*simulated())
    assert residuals(problem, strengths, ridge_path(problem, strengths)).max() <= 1e-10


@pytest.mark.parametrize("shape", ["tall", "wide"])
def test_a_factor_is_a_change_of_units(shape):
    X, y = simulated(*SHAPES[shape])
    problem = problem_of(X, y)
    factors = np.random.default_rng(3).uniform(0.2, 5.0, X.shape[1])
    rescaled = in_directions(problem, problem.design[:, 1:] / np.sqrt(factors))
    strengths = grid(problem, 30)
    with_factors = ridge_path(problem, strengths, factors=factors)
    np.testing.assert_allclose(
        ridge_path(rescaled, strengths)[:, 1:] / np.sqrt(factors), with_factors[:, 1:], atol=1e-7
    )


@pytest.mark.parametrize("shape", ["tall", "wide"])
def test_an_offset_takes_the_place_of_a_predictor_without_penalty(shape):
    X, y = simulated(*SHAPES[shape])
    problem = problem_of(X, y)
    factors = np.append(0.0, np.ones(X.shape[1] - 1))
    free = ridge_path(problem, np.array([0.05]), factors=factors)[0]
    beside = problem_of(X[:, 1:], y, offset=problem.design[:, 1] * free[1])
    np.testing.assert_allclose(ridge_path(beside, np.array([0.05]))[0], np.delete(free, 1), atol=1e-8)


def test_a_weight_is_a_number_of_copies():
    X, y = simulated()
    counts = np.random.default_rng(4).integers(1, 5, len(y))
    weighted, copied = (
        problem_of(X, y, counts.astype(float)),
        problem_of(np.repeat(X, counts, axis=0), y.repeat(counts)),
    )
    strengths = grid(weighted)
    np.testing.assert_allclose(ridge_path(weighted, strengths), ridge_path(copied, strengths), atol=1e-7)


@pytest.mark.parametrize("n", [30, 400])
def test_a_sparse_design_gives_the_path_of_the_dense_one(n):
    rng = np.random.default_rng(5)
    X = np.column_stack([np.eye(30)[rng.integers(0, 30, n)], 1000 + rng.normal(size=(n, 3))])
    y = np.append((rng.random(n - 2) < 0.4).astype(float), [0.0, 1.0])
    dense, thin = problem_of(X, y), problem_of(sparse.csr_array(X), y)
    strengths = grid(dense, 40)
    expected = ridge_path(dense, strengths, tolerance=1e-13)
    np.testing.assert_allclose(ridge_path(thin, strengths, tolerance=1e-13), expected, atol=1e-10)


def test_copies_constants_huge_units_and_uneven_weights_are_solved():
    X, y = simulated()
    weight = 10.0 ** np.random.default_rng(6).uniform(-8, 8, len(y))
    columns = np.column_stack([X, X[:, 0], np.full(len(y), 7.0), X[:, 1] * 1e300, X[:, 2] * 1e-200])
    problem = problem_of(columns, y, weight)
    factors = np.append(np.zeros(10), np.ones(2))
    for given in (np.ones(12), factors):
        strengths = grid(problem)
        fits = ridge_path(problem, strengths, factors=given)
        assert residuals(problem, strengths, fits, given).max() <= 1e-10
        assert not fits[:, 10].any()
    penalised = ridge_path(problem, strengths)
    np.testing.assert_allclose(penalised[:, 1], penalised[:, 9], atol=1e-6)


def test_separated_patients_are_fitted_at_every_strength_above_0():
    X, _ = simulated()
    y = (X[:, 0] > 0).astype(float)
    problem = problem_of(X, y)
    strengths = np.geomspace(1.0, 1e-9, 100)
    fits = ridge_path(problem, strengths)
    assert residuals(problem, strengths, fits).max() <= 1e-10
    losses = [mean_loss(y, problem.linear_predictor(fit), problem.weight) for fit in fits]
    assert (np.diff(losses) < 0).all()
    assert losses[-1] < 1e-4


def test_what_does_not_converge_is_refused_with_its_residual(monkeypatch):
    problem = problem_of(*simulated())
    monkeypatch.setattr(ridge, "_MAX_STEPS", 1)
    with pytest.raises(StatisticalRefusal, match=r"residual is still \d.*\[S-NOT-CONVERGED\]"):
        ridge_path(problem, np.array([1e-3]))


@pytest.mark.parametrize("k", [1, 100])
def test_a_path_needs_far_less_memory_than_its_design(k):
    problem = problem_of(*simulated(50_000, 20))
    tracemalloc.start()
    ridge_path(problem, grid(problem)[-k:])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.6 * problem.design.nbytes


def test_standardising_makes_one_copy_of_the_predictors():
    X, y = simulated(100_000, 20)
    tracemalloc.start()
    problem = problem_of(X, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.3 * problem.design.nbytes


@pytest.mark.parametrize("form", [np.array, sparse.csr_array])
def test_leverages_are_the_diagonal_of_the_hat_matrix_and_sum_to_the_degrees_of_freedom(form):
    X, y = simulated()
    problem = problem_of(form(X), y, np.random.default_rng(7).uniform(0.5, 2.0, len(y)))
    fit, l2 = ridge_path(problem, np.array([0.03]))[0], np.append(0.0, np.full(8, 0.03))
    risk = risk_of(problem.linear_predictor(fit))
    weight = problem.weight * risk * (1 - risk)
    rooted = problem.design[:] * np.sqrt(weight)[:, None]
    gram = rooted.T @ rooted
    hat = rooted @ np.linalg.solve(gram + np.diag(l2), rooted.T)
    leverages = ridge_leverages(problem, fit, l2, weight)
    np.testing.assert_allclose(leverages, np.diag(hat), atol=1e-12)
    assert leverages.sum() == pytest.approx(np.trace(np.linalg.solve(gram + np.diag(l2), gram)), rel=1e-10)


def test_degrees_of_freedom_go_from_those_of_maximum_likelihood_to_the_intercept_alone():
    X, y = simulated()
    problem = problem_of(X, y)
    weight = problem.weight * 0.2
    for strength, expected in ((1e-14, 9.0), (1e14, 1.0)):
        l2 = np.append(0.0, np.full(8, strength))
        assert ridge_leverages(problem, np.ones(9), l2, weight).sum() == pytest.approx(expected, rel=1e-9)


def test_a_predictor_that_is_not_in_the_model_has_no_part_in_the_leverages():
    X, y = simulated()
    problem, some = problem_of(X, y), problem_of(X[:, [1, 5]], y)
    fit, weight = np.zeros(9), np.random.default_rng(8).uniform(0.1, 0.2, len(y)) / len(y)
    fit[[0, 2, 6]] = 1.0
    expected = ridge_leverages(some, np.ones(3), np.array([0, 0.1, 0.1]), weight)
    np.testing.assert_allclose(ridge_leverages(problem, fit, np.append(0, np.full(8, 0.1)), weight), expected)
