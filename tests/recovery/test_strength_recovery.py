"""The chosen strength is where patients who were truly left out are predicted best."""

import numpy as np
import pytest

from clinpred.models.folds import FOLD_TOLERANCE
from clinpred.models.likelihood import standardised_problem
from clinpred.models.logistic import ElasticNetLogistic, LassoLogistic, RidgeLogistic
from clinpred.models.path import solve_path

N = 300


def simulated(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(N, 12)) + 0.5 * rng.normal(size=(N, 1))
    lp = X @ np.array([0.8, -0.6, 0.4, 0.3, -0.3, 0.2, 0, 0, 0, 0, 0, 0]) - 0.7
    return X, (rng.random(N) < 1 / (1 + np.exp(-lp))).astype(float)


def left_out_exactly(X, y, strengths, l1_share):
    """Return each patient's deviance at each strength, shape (n, k), by a refit without the patient."""
    costs = []
    for patient in range(N):
        rest = np.arange(N) != patient
        problem = standardised_problem(X[rest], y[rest], np.ones(N - 1))
        fits = solve_path(problem, strengths, l1_share, tolerance=FOLD_TOLERANCE)
        intercepts, slopes = problem.on_original_scale(fits)
        lp = intercepts + slopes @ X[patient]
        costs.append(2 * (np.logaddexp(0, lp) - y[patient] * lp))
    return np.array(costs)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", [RidgeLogistic(), LassoLogistic(), ElasticNetLogistic()], ids=str)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_exact_left_out_deviance_at_the_chosen_strength_is_near_its_minimum(estimator, seed):
    X, y = simulated(seed)
    path = estimator.fit(X, y).path_
    around = np.clip(path.chosen + 4 * np.arange(-7, 8), 0, path.strengths.size - 1)
    strengths = path.strengths[np.unique(around)]
    costs = left_out_exactly(X, y, strengths, path.l1_share)
    chosen = int(np.flatnonzero(strengths == path.strength)[0])
    mean = costs.mean(axis=0)
    error = costs[:, chosen].std(ddof=1) / np.sqrt(N)
    assert mean[chosen] - mean.min() < 0.1 * error
