"""Which estimates are infinite, against two linear programmes a column; and what the named columns do by themselves."""

from functools import cache

import numpy as np
import pytest
from scipy.optimize import linprog

from clinpred.models.separation import separation_of

KINDS = ("none", "quasi", "complete")


def signed(X, y):
    low, high = X.min(axis=0), X.max(axis=0)
    scaled = (2 * X - low - high) / np.where(high > low, high - low, 1)
    return np.column_stack([np.ones(len(y)), scaled]) * np.where(y == 1, 1, -1)[:, None]


def leading(X):
    """Columns that raise the rank of the intercept and the columns before them."""
    rows = signed(X, np.ones(len(X)))
    ranks = [np.linalg.matrix_rank(rows[:, :count], tol=1e-8 * len(X)) for count in range(1, 2 + X.shape[1])]
    return np.flatnonzero(np.diff(ranks))


def largest(rows, cost):
    """The largest of a linear form over the directions, cut by a box, that break no row."""
    found = linprog(-cost, A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1), method="highs")
    assert found.status == 0
    return -found.fun


def separated_rows(X, y):
    rows = signed(X, y)
    return np.array([largest(rows, row) > 1e-6 for row in rows])


def infinite_estimates(X, y):
    kept = leading(X)
    rows = signed(X[:, kept], y)
    axes = np.eye(1 + kept.size)[1:]
    return [
        int(at) for at, axis in zip(kept, axes, strict=True) if max(largest(rows, axis), largest(rows, -axis)) > 1e-6
    ]


def some_columns(rng, n, p):
    choices = np.stack(
        [rng.random((n, p)) < rng.choice([0.08, 0.2, 0.5]), rng.normal(size=(n, p)), rng.integers(0, 4, (n, p))]
    )
    return np.take_along_axis(choices, rng.integers(0, 3, (1, 1, p)), axis=0)[0].astype(float)


def beside(rng, X):
    """Copies, constants, combinations and a patient's own indicator, in any order."""
    n = len(X)
    more = [
        X[:, :1] * -2.5 + 1,
        np.full((n, 1), 3.0),
        X[:, :1] + 2 * X[:, -1:],
        (np.arange(n) == rng.integers(n))[:, None],
    ]
    wide = np.hstack([X, *(column for column in more if rng.random() < 0.25)])
    return wide[:, rng.permutation(wide.shape[1])]


@cache
def patients(seed):
    """Columns, outcome and weights; by chance the outcome follows the columns loosely, closely or to the letter."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(8, 36)), int(rng.integers(1, 6))
    X = some_columns(rng, n, p)
    log_odds = X @ rng.normal(size=p) * rng.choice([0.0, 0.5, 1.0, 5.0, 500.0])
    y = (rng.logistic(size=n) < log_odds - np.median(log_odds)).astype(float)
    y[:2] = 0, 1
    if rng.random() < 0.3:
        X[:, 0] = 0
        X[np.flatnonzero(y == rng.integers(2))[:2], 0] = 1
    weight = rng.integers(0, 3, n).astype(float) if rng.random() < 0.3 else np.ones(n)
    weight[:2] = 1
    return beside(rng, X), y, weight


def counted(seed):
    X, y, weight = patients(seed)
    return X[weight > 0], y[weight > 0]


@pytest.mark.parametrize("first", range(0, 120, 30))
def test_infinite_estimates_are_those_that_two_linear_programmes_find(first):
    for seed in range(first, first + 30):
        X, y, weight = patients(seed)
        assert separation_of(X, y, weight=weight).infinite.tolist() == infinite_estimates(*counted(seed)), seed


def test_the_named_columns_separate_by_themselves_every_row_that_all_columns_separate():
    kinds = []
    for seed in range(25):
        X, y = counted(seed)
        found, expected = separation_of(X, y), separated_rows(X, y)
        assert found.complete == expected.all(), seed
        np.testing.assert_array_equal(separated_rows(X[:, found.columns], y), expected, err_msg=str(seed))
        kinds.append(KINDS[int(expected.any()) + int(expected.all())])
    assert all(kinds.count(kind) >= 4 for kind in KINDS)
