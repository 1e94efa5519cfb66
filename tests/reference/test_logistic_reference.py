"""R's numbers: glm, glmnet, cv.glmnet and rms::lrm. Each entry of the JSON holds its call, package and version."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clinpred.models.folds import fold_deviances
from clinpred.models.likelihood import Problem, mean_loss, standardised_problem
from clinpred.models.logistic import (
    ElasticNetLogistic,
    LassoLogistic,
    RidgeLogistic,
)
from clinpred.models.path import minimise
from clinpred.models.penalty import Penalty, strength_from_rms_penalty, uniform_penalty
from clinpred.models.penalty_path import penalised_path
from clinpred.models.rows import Rows
from clinpred.models.unpenalised import UnpenalisedLogistic

HERE = Path(__file__).parent
OUTCOMES = {"pima_tr": "type", "birthwt": "low", "breast_cancer": "malignant"}


@cache
def entries(name):
    return {entry["id"]: entry for entry in json.loads((HERE / name).read_text())["entries"]}


@cache
def table(entry_id):
    name = next(name for name in OUTCOMES if entry_id.startswith(name))
    return pd.read_csv(HERE / "inputs" / f"{name}.csv"), OUTCOMES[name]


def data_of(entry_id, features):
    frame, outcome = table(entry_id)
    return frame[features].to_numpy(dtype=float), frame[outcome].to_numpy(dtype=float)


def weights_of(entry_id, n):
    return 1.0 + np.arange(1, n + 1) % 3 if "weighted" in entry_id else np.ones(n)


def standard_deviations(X, weight):
    center = np.average(X, axis=0, weights=weight)
    return np.sqrt(np.average((X - center) ** 2, axis=0, weights=weight))


GLM = ("pima_tr_all", "birthwt_all", "breast_cancer_6", "birthwt_weighted")


@pytest.mark.parametrize("entry_id", GLM)
def test_unpenalised_coefficients_are_those_of_glm(entry_id):
    result = entries("01_glm.json")[entry_id]["result"]
    features = [name for name in result["coef"] if name != "(Intercept)"]
    X, y = data_of(entry_id, features)
    weight = weights_of(entry_id, len(y))
    model = UnpenalisedLogistic().fit(X, y, sample_weight=weight)
    sd = standard_deviations(X, weight)
    expected = np.array([result["coef"][name] for name in features])
    assert not model.separated_
    np.testing.assert_allclose(model.coef_[0] * sd, expected * sd, atol=1e-6, rtol=0)
    assert model.intercept_[0] == pytest.approx(result["coef"]["(Intercept)"], abs=1e-6)
    np.testing.assert_allclose(model.decision_function(X[:5]), result["linear_predictor_first5"], atol=1e-6)


def glmnet_problem(entry_id, X, y):
    problem = standardised_problem(X, y, weights_of(entry_id, len(y)))
    if not entry_id.endswith("_nostd"):
        return problem
    raw = problem.design * np.append(1.0, problem.scale)
    unscaled = np.ones_like(problem.scale)
    return Problem(raw, y, problem.weight, problem.total_weight, problem.center, unscaled)


def glmnet_penalty(entry_id, strength, l1_share, n_predictors):
    penalty = uniform_penalty(strength, l1_share, n_predictors)
    if not entry_id.endswith("_pf"):
        return penalty
    factor = np.array([0.0, 1, 1, 2, 1, 1, 1])
    factor = np.append(0.0, factor * n_predictors / factor.sum())
    return Penalty(penalty.l1 * factor, penalty.l2 * factor)


def share_of(entry_id):
    return float(entry_id.split("alpha")[1].split("_")[0])


@pytest.mark.parametrize("entry_id", entries("02_glmnet.json"))
def test_penalised_coefficients_are_those_of_glmnet_and_their_objective_is_no_higher(entry_id):
    result = entries("02_glmnet.json")[entry_id]["result"]
    X, y = data_of(entry_id, result["features"])
    problem = glmnet_problem(entry_id, X, y)
    sd = standard_deviations(X, weights_of(entry_id, len(y)))
    for k, strength in enumerate(result["lambda"]):
        penalty = glmnet_penalty(entry_id, strength, share_of(entry_id), X.shape[1])
        solution = minimise(problem, penalty)
        intercept, raw = problem.on_original_scale(solution.coefficients[None])
        expected = np.array([result["coef_raw_scale"][k][name] for name in result["features"]])
        np.testing.assert_allclose(raw[0] * sd, expected * sd, atol=2e-5, rtol=0)
        assert intercept[0] == pytest.approx(result["a0"][k], abs=1e-4)
        assert np.count_nonzero(raw) == result["df_nonzero"][k]
        loss = mean_loss(y, problem.linear_predictor(solution.coefficients), problem.weight)
        assert loss + penalty.cost(solution.coefficients) <= result["objective"][k] + 1e-12


@pytest.mark.parametrize(
    ("entry_id", "estimator"),
    [
        ("breast_cancer_alpha0", RidgeLogistic),
        ("breast_cancer_alpha1", LassoLogistic),
        ("pima_tr_alpha1_weighted", LassoLogistic),
        ("breast_cancer_alpha0.5", lambda strength: ElasticNetLogistic(strength, 0.5)),
    ],
)
def test_estimators_give_the_coefficients_of_glmnet_on_the_original_scale(entry_id, estimator):
    result = entries("02_glmnet.json")[entry_id]["result"]
    X, y = data_of(entry_id, result["features"])
    weight = weights_of(entry_id, len(y))
    sd = standard_deviations(X, weight)
    for k, strength in enumerate(result["lambda"]):
        model = estimator(strength).fit(X, y, sample_weight=weight)
        expected = np.array([result["coef_raw_scale"][k][name] for name in result["features"]])
        np.testing.assert_allclose(model.coef_[0] * sd, expected * sd, atol=2e-5, rtol=0)
        assert model.intercept_[0] == pytest.approx(result["a0"][k], abs=1e-4)


DEVIANCE_CURVES = [name for name in entries("02_cv_glmnet.json") if name.endswith("_deviance")]


@pytest.mark.parametrize("entry_id", DEVIANCE_CURVES)
def test_out_of_fold_deviances_are_those_of_cv_glmnet_on_its_folds(entry_id):
    result = entries("02_cv_glmnet.json")[entry_id]["result"]
    features = [name for name in table(entry_id)[0].columns if name != table(entry_id)[1]]
    X, y = data_of(entry_id, features)
    rows = Rows(X, y, np.ones(len(y)))
    strengths = np.array(result["lambda"])
    curve = fold_deviances(rows, np.arange(len(y)) % 10, strengths, share_of(entry_id))
    chosen = int(curve.mean.argmin())
    assert strengths[chosen] == pytest.approx(result["lambda_min"])
    # cv.glmnet lets every fold choose its own strengths, then interpolates the coefficients at these: in between, its
    # curve is .0006 off, and at the last strength, where its folds' paths end elsewhere, .0001.
    k = min(chosen, strengths.size - 2)
    assert curve.mean[k] == pytest.approx(result["cvm"][k], abs=2e-5)
    assert curve.standard_error[k] == pytest.approx(result["cvsd"][k], abs=1e-5)


LRM = [name for name in entries("03_lrm.json") if name.rpartition("_penalty")[2].isdigit()]


@pytest.mark.parametrize("entry_id", LRM)
def test_penalised_maximum_likelihood_is_that_of_lrm_through_the_conversion(entry_id):
    result = entries("03_lrm.json")[entry_id]["result"]
    features = [name for name in result["coef"] if name != "Intercept"]
    X, y = data_of(entry_id, features)
    penalty = float(entry_id.rpartition("_penalty")[2])
    strength = strength_from_rms_penalty(penalty, len(y))
    model = RidgeLogistic(strength).fit(X, y) if strength > 0 else UnpenalisedLogistic().fit(X, y)
    expected = np.array([result["coef"][name] for name in features]) * X.std(axis=0)
    np.testing.assert_allclose(model.coef_[0] * X.std(axis=0), expected, atol=1e-6, rtol=0)
    assert model.intercept_[0] == pytest.approx(result["coef"]["Intercept"], abs=1e-5)


def test_apparent_deviance_along_a_path_is_that_of_glmnet():
    result = entries("02_glmnet.json")["pima_tr_alpha1"]["result"]
    X, y = data_of("pima_tr", result["features"])
    path = penalised_path(X, y, strengths=result["lambda"], l1_share=1.0)
    expected = (1 - np.array(result["dev_ratio"])) * result["null_deviance"] / len(y)
    np.testing.assert_allclose(path.apparent_deviance, expected, atol=1e-8)
