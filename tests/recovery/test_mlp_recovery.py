"""What the networks are for: the unregularised one is spot on with its patients and wrong about new ones."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from clinpred.models import DropoutMLP, RidgeLogistic, UnpenalisedLogistic, UnregularisedMLP

SAMPLE_DATA = Path(__file__).parents[2] / "sample_data"


def simulated(n, seed, p=30):
    """Log odds of a few strong and many absent effects; events in half of the patients."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    lp = X[:, :5] @ np.array([1.0, -0.8, 0.6, 0.4, -0.4])
    return X, (rng.random(n) < 1 / (1 + np.exp(-lp))).astype(int)


def calibration_slope(model, X, y):
    lp = model.decision_function(X)[:, None]
    return UnpenalisedLogistic().fit(lp, y).coef_[0, 0]


def test_with_200_patients_dropout_l2_and_early_stopping_keep_the_slope_that_the_plain_network_loses():
    X, y = simulated(20_000, seed=0)
    slopes = {DropoutMLP: [], UnregularisedMLP: []}
    for draw in range(1, 6):
        for kind, found in slopes.items():
            found.append(calibration_slope(kind(random_state=draw).fit(*simulated(200, seed=draw)), X, y))
    assert max(slopes[UnregularisedMLP]) < 0.5
    assert 0.7 < np.mean(slopes[DropoutMLP]) < 1.6


def test_a_network_finds_the_interaction_that_a_linear_model_cannot():
    def crossed(n, seed):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(n, 4))
        return X, (rng.random(n) < 1 / (1 + np.exp(-3 * X[:, 0] * X[:, 1]))).astype(int)

    X, y = crossed(20_000, seed=0)
    best = roc_auc_score(y, X[:, 0] * X[:, 1])
    model = DropoutMLP(seeds=2).fit(*crossed(2_000, seed=1))
    assert roc_auc_score(y, model.decision_function(X)) == pytest.approx(best, abs=0.03)


def support2():
    """SUPPORT2: numbers and dummies with missing indicators, death within 180 days; 6,828 patients to learn from."""
    settings = tomllib.loads((SAMPLE_DATA / "support2.toml").read_text(encoding="utf-8"))
    export = pd.read_csv(SAMPLE_DATA / "support2.csv", low_memory=False)
    outcome = ((export["death"] == 1) & (export["d.time"] <= 180)).to_numpy().astype(int)
    late = ["sno", "death", "d.time", *settings["set_aside"], *settings["comparators"]]
    predictors = export.drop(columns=late)
    numbers = predictors.select_dtypes("number")
    absent = numbers.isna().loc[:, numbers.isna().any()].add_suffix(" missing")
    dummies = pd.get_dummies(predictors.drop(columns=numbers.columns), drop_first=True, dummy_na=True)
    design = pd.concat([numbers.fillna(numbers.median()), absent, dummies], axis=1).to_numpy(dtype=float)
    order = np.random.default_rng(20).permutation(len(outcome))
    development, held_out = order[:6828], order[6828:]
    return design[development], outcome[development], design[held_out], outcome[held_out]


@pytest.mark.slow
def test_on_support2_the_regularised_network_keeps_up_with_ridge_and_the_plain_one_knows_its_patients_by_heart():
    X, y, X_new, y_new = support2()
    regularised, ridge, plain = DropoutMLP().fit(X, y), RidgeLogistic().fit(X, y), UnregularisedMLP().fit(X, y)

    def auroc(model):
        return roc_auc_score(y_new, model.decision_function(X_new))

    def loss(model):
        lp = model.decision_function(X_new)
        return np.mean(np.logaddexp(0, lp) - y_new * lp)

    assert auroc(regularised) == pytest.approx(auroc(ridge), abs=0.01)
    assert loss(regularised) < loss(ridge) + 0.005
    assert calibration_slope(regularised, X_new, y_new) == pytest.approx(1, abs=0.15)
    assert roc_auc_score(y, plain.decision_function(X)) > 0.99
    assert auroc(plain) < auroc(regularised) - 0.04
    assert calibration_slope(plain, X_new, y_new) < 0.3


@pytest.mark.slow
def test_from_200_patients_of_support2_the_plain_network_is_far_too_sure_and_the_regularised_one_is_not():
    X, y, X_new, y_new = support2()
    slopes = {DropoutMLP: [], UnregularisedMLP: []}
    for draw in range(5):
        learnt = np.random.default_rng(draw).choice(len(y), 200, replace=False)
        varies = X[learnt].std(axis=0) > 0
        for kind, found in slopes.items():
            model = kind(random_state=draw).fit(X[np.ix_(learnt, varies)], y[learnt])
            found.append(calibration_slope(model, X_new[:, varies], y_new))
    assert np.mean(slopes[UnregularisedMLP]) < 0.5
    assert 0.7 < np.mean(slopes[DropoutMLP]) < 1.4
