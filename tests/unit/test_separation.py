"""Separation is named by the columns that cause it, and by no others."""

import numpy as np
import pytest
from scipy.optimize import linprog

from clinpred.models.likelihood import standardised_problem
from clinpred.models.maximum_likelihood import maximum_likelihood
from clinpred.models.separation import separation_of


def regular(n=300, p=5, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    return X, (rng.random(n) < 1 / (1 + np.exp(-X[:, 0]))).astype(float)


def named(X, y, **weights):
    separation = separation_of(X, y, **weights)
    return separation.complete, separation.columns.tolist()


def test_regular_data_name_nothing():
    assert named(*regular()) == (False, [])


@pytest.mark.parametrize("event", [0, 1])
def test_a_rare_category_of_one_outcome_is_named_alone(event):
    X, y = regular()
    X[:, 2] = 0
    X[np.flatnonzero(y == event)[:4], 2] = 1
    assert named(X, y) == (False, [2])


def test_a_category_with_one_patient_out_of_line_is_not_named():
    X, y = regular()
    X[:, 2] = 0
    X[np.flatnonzero(y == 1)[:4], 2] = 1
    X[np.flatnonzero(y == 0)[0], 2] = 1
    assert named(X, y) == (False, [])


def test_a_number_that_foretells_everybody_is_named_alone():
    X, y = regular()
    X[:, 3] = np.where(y == 1, -2.0, 5.0) + 0.1 * X[:, 3]
    assert named(X, y) == (True, [3])


def test_a_threshold_at_which_both_outcomes_occur_separates_in_part():
    X, y = regular()
    X[:, 3] = np.where(y == 1, np.abs(X[:, 3]), -np.abs(X[:, 3]))
    X[:150, 3] = 0.0
    assert named(X, y) == (False, [3])


def test_a_pair_that_foretells_everybody_together_is_named_as_a_pair():
    X, _ = regular()
    y = (X[:, 1] - 2 * X[:, 4] > 0.3).astype(float)
    assert named(X, y) == (True, [1, 4])


def test_a_pair_of_categories_whose_patients_all_have_the_event_is_named_with_both():
    # Only those in neither category can be without the event.
    X, y = regular()
    X[:, 1:3] = 0
    ill = np.flatnonzero(y == 1)
    X[ill[:3], 1], X[ill[3:6], 2] = 1, 1
    assert named(X, y) == (False, [1, 2])


def test_rows_of_no_weight_are_left_out():
    X, y = regular()
    X[:, 2] = 0
    X[np.flatnonzero(y == 1)[:4], 2] = 1
    odd = np.flatnonzero(y == 0)[0]
    X[odd, 2] = 1
    weight = np.ones(len(y))
    assert named(X, y, weight=weight) == (False, [])
    weight[odd] = 0
    assert named(X, y, weight=weight) == (False, [2])


def test_copies_constants_and_units_do_no_harm():
    X, y = regular()
    X[:, 2] = 0
    X[np.flatnonzero(y == 1)[:4], 2] = 1
    wide = np.column_stack([X, X[:, 0] + X[:, 1], np.full(len(y), 7.0)]) * np.array([1e-8, 1, 1e9, 1, 1, 1, 1])
    assert named(wide, y) == (False, [2])


def test_more_columns_than_rows_separate_completely():
    rng = np.random.default_rng(1)
    assert separation_of(rng.normal(size=(20, 40)), (np.arange(20) % 2).astype(float)).complete


def any_direction_separates(X, y):
    """Konis' linear programme, all at once."""
    signed = np.column_stack([np.ones(len(y)), X]) * np.where(y == 1, 1, -1)[:, None]
    found = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(y)), bounds=(-1, 1), method="highs")
    return -found.fun > 1e-6


def some_patients(seed):
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(12, 150)), int(rng.integers(1, 8))
    X = np.where(rng.random(p) < 0.4, rng.random((n, p)) < rng.choice([0.03, 0.1, 0.4]), rng.normal(size=(n, p)))
    X[0] += 0.5
    log_odds = X @ rng.normal(size=p) * rng.choice([0.3, 1.0, 5.0])
    y = (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(float)
    y[:2] = 0, 1
    return X, y


def test_naming_fit_and_linear_programme_agree_on_many_tables():
    separated = []
    for seed in range(250):
        X, y = some_patients(seed)
        expected = any_direction_separates(X, y)
        assert (separation_of(X, y).columns.size > 0) == expected, seed
        assert maximum_likelihood(standardised_problem(X, y, np.ones(len(y)))).separated == expected, seed
        separated.append(expected)
    assert 0.2 < np.mean(separated) < 0.8


def test_without_the_named_columns_a_set_of_the_rest_has_a_maximum():
    X, y = regular()
    X[:, 2] = 0
    X[np.flatnonzero(y == 1)[:4], 2] = 1
    others = np.delete(X, separation_of(X, y).columns, axis=1)
    assert not maximum_likelihood(standardised_problem(others, y, np.ones(len(y)))).separated


@pytest.mark.parametrize("orders", [1, 3, 5])
def test_weights_of_many_orders_do_not_change_whether_the_outcome_is_separated(orders):
    for seed in range(120):
        X, y = some_patients(seed)
        weight = 10 ** np.random.default_rng(seed).uniform(-orders, orders, len(y))
        found = maximum_likelihood(standardised_problem(X, y, weight)).separated
        assert found == any_direction_separates(X, y), seed
