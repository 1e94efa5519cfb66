"""Leave-one-patient-out deviance in closed form, beside refits without each patient."""

import numpy as np
import pytest

from clinpred.models import left_out
from clinpred.models.left_out import PatientRows, effective_df, in_fewest_directions, leave_patients_out
from clinpred.models.likelihood import standardised_problem
from clinpred.models.path import solve_path
from clinpred.models.penalty import emptying_strength, uniform_penalty


def simulated(n, p, seed, signal=0.7):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) + 0.5 * rng.normal(size=(n, 1))
    lp = signal * (X[:, 0] - X[:, 1] + 0.5 * X[:, 2]) - 0.5
    return X, (rng.random(n) < 1 / (1 + np.exp(-lp))).astype(float)


def fit_of(X, y, weight, strength, l1_share):
    problem = standardised_problem(X, y, weight)
    return problem, solve_path(problem, np.array([strength]), l1_share)[0]


def closed_form(X, y, strength, l1_share, *, patients=None, weight=None):
    weight = np.ones(len(y)) if weight is None else weight
    patients = np.arange(len(y)) if patients is None else patients
    problem, fit = fit_of(X, y, weight, strength, l1_share)
    penalty = uniform_penalty(np.array([strength]), l1_share, X.shape[1])
    problem, fits, penalty = in_fewest_directions(problem, fit[None], penalty)
    return leave_patients_out(problem, fits[0], penalty.of(0), PatientRows.of(patients))


def by_refits(X, y, strength, l1_share, *, patients=None, weight=None):
    """Return the deviance and its standard error from one refit a patient, standardised anew."""
    weight = np.ones(len(y)) if weight is None else weight
    patients = np.arange(len(y)) if patients is None else patients
    total, size = [], []
    for patient in np.unique(patients):
        out = patients == patient
        problem, fit = fit_of(X[~out], y[~out], weight[~out], strength, l1_share)
        intercepts, slopes = problem.on_original_scale(fit[None])
        lp = intercepts[0] + X[out] @ slopes[0]
        total.append(2 * weight[out] @ (np.logaddexp(0, lp) - y[out] * lp) / weight.sum())
        size.append(weight[out].sum() / weight.sum())
    total, size = np.array(total), np.array(size)
    mean = total.sum()
    return mean, np.sqrt(len(total) / (len(total) - 1) * np.sum((total - size * mean) ** 2))


@pytest.mark.parametrize(("n", "p", "share"), [(60, 4, 0.1), (120, 10, 0.05), (300, 12, 0.01)])
@pytest.mark.parametrize("relative", [1.0, 0.1, 0.01])
def test_ridge_agrees_with_refits_to_a_small_share_of_the_standard_error(n, p, share, relative):
    X, y = simulated(n, p, seed=n)
    strength = relative * emptying_strength(standardised_problem(X, y, np.ones(n)))
    ours, (deviance, error) = closed_form(X, y, strength, 0.0), by_refits(X, y, strength, 0.0)
    assert abs(ours.deviance - deviance) < share * error
    assert ours.standard_error == pytest.approx(error, rel=share)


@pytest.mark.parametrize("l1_share", [1.0, 0.5])
@pytest.mark.parametrize("relative", [0.5, 0.1, 0.02])
def test_an_l1_penalty_agrees_with_refits_approximately(l1_share, relative):
    X, y = simulated(120, 10, seed=3)
    strength = relative * emptying_strength(standardised_problem(X, y, np.ones(120))) / l1_share
    ours, (deviance, error) = closed_form(X, y, strength, l1_share), by_refits(X, y, strength, l1_share)
    assert abs(ours.deviance - deviance) < 0.15 * error


@pytest.mark.parametrize("l1_share", [0.0, 1.0])
def test_all_rows_of_a_patient_leave_together(l1_share):
    rng = np.random.default_rng(1)
    sizes = rng.integers(1, 5, size=70)
    patients = rng.permutation(np.repeat(np.arange(70), sizes))
    own = rng.normal(size=(70, 5))
    X, y = own[patients] + 0.5 * rng.normal(size=(patients.size, 5)), (rng.random(70) < 0.4).astype(float)[patients]
    weight = rng.uniform(0.5, 2.0, size=patients.size)
    strength = 0.1 * emptying_strength(standardised_problem(X, y, weight))
    more = {"patients": patients, "weight": weight}
    ours, (deviance, error) = closed_form(X, y, strength, l1_share, **more), by_refits(X, y, strength, l1_share, **more)
    by_row, _ = by_refits(X, y, strength, l1_share, weight=weight)
    assert abs(ours.deviance - deviance) < 0.4 * error
    assert abs(ours.deviance - deviance) < 0.3 * abs(by_row - deviance)


def test_a_weight_of_two_is_two_copies_that_leave_together():
    X, y = simulated(80, 5, seed=9)
    counts = np.random.default_rng(0).integers(1, 4, size=80)
    for l1_share in (0.0, 1.0):
        weighted = closed_form(X, y, 0.01, l1_share, weight=counts.astype(float))
        copied = closed_form(
            X.repeat(counts, axis=0), y.repeat(counts), 0.01, l1_share, patients=np.arange(80).repeat(counts)
        )
        assert weighted.deviance == pytest.approx(copied.deviance, abs=1e-9)
        assert weighted.standard_error == pytest.approx(copied.standard_error, abs=1e-9)
        assert weighted.effective_df == pytest.approx(copied.effective_df, abs=1e-7)


def test_the_order_of_the_rows_does_not_matter():
    X, y = simulated(80, 5, seed=9)
    patients = np.arange(80) // 3
    order = np.random.default_rng(2).permutation(80)
    here = closed_form(X, y, 0.01, 0.0, patients=patients)
    there = closed_form(X[order], y[order], 0.01, 0.0, patients=patients[order])
    assert here.deviance == pytest.approx(there.deviance, abs=1e-12)


def test_a_patient_of_more_rows_than_predictors_leaves_as_well():
    X, y = simulated(90, 3, seed=5)
    patients = np.minimum(np.arange(90) // 2, 30)
    ours, (deviance, error) = (
        closed_form(X, y, 0.02, 0.0, patients=patients),
        by_refits(X, y, 0.02, 0.0, patients=patients),
    )
    assert abs(ours.deviance - deviance) < 0.25 * error


@pytest.mark.parametrize("l1_share", [0.0, 0.5, 1.0])
def test_a_patient_who_alone_determines_a_coefficient_is_predicted_without_it(l1_share):
    X, y = simulated(100, 4, seed=7)
    X = np.column_stack([X, np.zeros(100)])
    carrier = int(np.flatnonzero(y == 1)[0])
    X[carrier, 4] = 1.0
    strength = 0.003
    ours = closed_form(X, y, strength, l1_share)
    # Without the carrier the column is constant, and its coefficient 0.
    deviance, error = by_refits(X, y, strength, l1_share)
    assert np.isfinite(ours.deviance)
    assert abs(ours.deviance - deviance) < 0.3 * error


def test_effective_degrees_of_freedom_run_from_the_intercept_alone_to_all_coefficients():
    X, y = simulated(200, 6, seed=8)
    problem = standardised_problem(X, y, np.ones(200))
    for strength, expected in ((1e8, 1.0), (1e-10, 7.0)):
        fit = solve_path(problem, np.array([strength]), 0.0)[0]
        assert effective_df(problem, fit, uniform_penalty(strength, 0.0, 6)) == pytest.approx(expected, abs=1e-6)
    lasso = solve_path(problem, np.array([0.05]), 1.0)[0]
    found = effective_df(problem, lasso, uniform_penalty(0.05, 1.0, 6))
    assert found == pytest.approx(1 + np.count_nonzero(lasso[1:]), abs=1e-9)


def test_effective_degrees_of_freedom_are_the_trace_by_hand():
    X, y = simulated(100, 5, seed=6)
    problem, fit = fit_of(X, y, np.ones(100), 0.05, 0.0)
    Z = np.column_stack([np.ones(100), (X - X.mean(axis=0)) / X.std(axis=0)])
    risk = 1 / (1 + np.exp(-Z @ fit))
    gram = Z.T @ (Z * (risk * (1 - risk))[:, None]) / 100
    by_hand = np.trace(np.linalg.solve(gram + np.diag([0] + 5 * [0.05]), gram))
    assert effective_df(problem, fit, uniform_penalty(0.05, 0.0, 5)) == pytest.approx(by_hand, abs=1e-10)


def test_where_predictors_outnumber_patients_ridge_leaves_out_in_their_row_space():
    X, y = simulated(60, 90, seed=2)
    ours, (deviance, error) = closed_form(X, y, 1.0, 0.0), by_refits(X, y, 1.0, 0.0)
    assert abs(ours.deviance - deviance) < 0.15 * error
    problem, fit = fit_of(X, y, np.ones(60), 1.0, 0.0)
    plain = leave_patients_out(problem, fit, uniform_penalty(1.0, 0.0, 90), PatientRows.of(np.arange(60)))
    assert plain.deviance == pytest.approx(ours.deviance, abs=1e-9)


def test_many_rows_and_few_rows_of_a_patient_are_solved_for_alike(monkeypatch):
    X, y = simulated(90, 3, seed=5)
    patients = np.minimum(np.arange(90) // 3, 25)
    for l1_share in (0.0, 1.0):
        by_rows_or_directions = closed_form(X, y, 0.02, l1_share, patients=patients)
        with monkeypatch.context() as patched:
            patched.setattr(left_out, "_row_by_row", left_out._direction_by_direction)
            by_directions = closed_form(X, y, 0.02, l1_share, patients=patients)
        with monkeypatch.context() as patched:
            patched.setattr(left_out, "_direction_by_direction", left_out._row_by_row)
            by_rows = closed_form(X, y, 0.02, l1_share, patients=patients)
        assert by_directions.deviance == pytest.approx(by_rows.deviance, abs=1e-9)
        assert by_rows_or_directions.deviance == pytest.approx(by_rows.deviance, abs=1e-9)
