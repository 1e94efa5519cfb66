"""Two copies of a strong predictor, r = .95: who shares the weight, who flips a sign, who drops one by chance."""

import numpy as np
import pytest

from clinpred.models import LassoLogistic, RidgeLogistic, UnpenalisedLogistic
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.validation.bootstrap import bootstrap

SAMPLES, PATIENTS = 40, 300


def two_copies(seed):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=PATIENTS)
    copies = [np.sqrt(0.95) * common + np.sqrt(0.05) * rng.normal(size=PATIENTS) for _ in range(2)]
    X = np.column_stack([*copies, rng.normal(size=(PATIENTS, 3))])
    return X, (rng.random(PATIENTS) < 1 / (1 + np.exp(-common))).astype(float)


def copies_of(estimator):
    return np.array([estimator().fit(*two_copies(seed)).coef_[0, :2] for seed in range(SAMPLES)])


def test_ridge_shares_the_weight_within_a_fifth_in_most_samples_and_the_baseline_does_not():
    ridge, unpenalised = copies_of(RidgeLogistic), copies_of(UnpenalisedLogistic)
    near = [np.mean(np.abs(one[:, 0] / one.sum(axis=1) - 0.5) <= 0.1) for one in (ridge, unpenalised)]
    assert near[0] > 0.65
    assert near[1] < 0.35
    assert ridge[:, 0].mean() / ridge[:, 1].mean() == pytest.approx(1.0, abs=0.2)


def test_the_bootstrap_shows_sign_flips_of_the_baseline_and_a_lasso_that_drops_either():
    procedure = MatrixProcedure(
        {"unpenalised": UnpenalisedLogistic(), "ridge": RidgeLogistic(), "lasso": LassoLogistic()}, *two_copies(1)
    )
    found = bootstrap(procedure, replicates=100, seed=1, workers=1)
    copies = {
        name: np.array([[one.models[name].coefficients[column] for column in ("x1", "x2")] for one in found.replicates])
        for name in procedure.models
    }
    assert (copies["unpenalised"] < 0).mean(axis=0).min() >= 0.03
    assert not (copies["ridge"] < 0).any()
    dropped = (copies["lasso"] == 0).mean(axis=0)
    assert dropped.min() >= 0.08
    assert not (copies["lasso"] == 0).all(axis=1).any()
    assert (copies["ridge"].std(axis=0) < copies["unpenalised"].std(axis=0) / 3).all()
    sums = [one.sum(axis=1).std() for one in copies.values()]
    assert max(sums) < 1.2 * min(sums)
