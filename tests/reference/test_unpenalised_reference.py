"""R's numbers of the unpenalised fit: glm and rms::lrm with penalty 0. Each entry of the JSON holds its call."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clinpred.models.likelihood import standardised_problem
from clinpred.models.maximum_likelihood import maximum_likelihood
from clinpred.models.unpenalised import UnpenalisedLogistic

HERE = Path(__file__).parent
OUTCOMES = {"pima_tr": "type", "birthwt": "low", "breast_cancer": "malignant"}


@cache
def entries(name):
    return {entry["id"]: entry["result"] for entry in json.loads((HERE / name).read_text())["entries"]}


def data_of(entry_id, features):
    name = next(name for name in OUTCOMES if entry_id.startswith(name))
    frame = pd.read_csv(HERE / "inputs" / f"{name}.csv")
    return frame[features].to_numpy(dtype=float), frame[OUTCOMES[name]].to_numpy(dtype=float), frame


def weights_of(entry_id, n):
    return 1.0 + np.arange(1, n + 1) % 3 if "weighted" in entry_id else np.ones(n)


@pytest.mark.parametrize("entry_id", ["pima_tr_all", "birthwt_all", "breast_cancer_6", "birthwt_weighted"])
def test_coefficients_deviance_and_risks_are_those_of_glm(entry_id):
    result = entries("01_glm.json")[entry_id]
    features = [name for name in result["coef"] if name != "(Intercept)"]
    X, y, _ = data_of(entry_id, features)
    weight = weights_of(entry_id, len(y))
    model = UnpenalisedLogistic().fit(X, y, sample_weight=weight)
    sd = standardised_problem(X, y, weight).scale
    expected = np.array([result["coef"][name] for name in features])
    assert not model.separated_
    np.testing.assert_allclose(model.coef_[0] * sd, expected * sd, atol=1e-9, rtol=0)
    assert model.intercept_[0] == pytest.approx(result["coef"]["(Intercept)"], abs=1e-8)
    np.testing.assert_allclose(model.decision_function(X[:5]), result["linear_predictor_first5"], atol=1e-9)
    np.testing.assert_allclose(model.predict_proba(X[:5])[:, 1], result["fitted_first5"], atol=1e-9)
    risk = model.predict_proba(X)[:, 1]
    deviance = -2 * weight @ (y * np.log(risk) + (1 - y) * np.log1p(-risk))
    assert deviance == pytest.approx(result["deviance"], rel=1e-11)


def test_a_known_part_of_the_log_odds_enters_as_glm_takes_its_offset():
    result = entries("01_glm.json")["birthwt_offset"]
    X, y, frame = data_of("birthwt", ["lwt", "smoke"])
    problem = standardised_problem(X, y, np.ones(len(y)), offset=0.3 * frame["ht"].to_numpy(dtype=float))
    intercepts, coefficients = problem.on_original_scale(maximum_likelihood(problem).coefficients[None])
    expected = [result["coef"][name] for name in ("(Intercept)", "lwt", "smoke")]
    np.testing.assert_allclose(np.append(intercepts, coefficients), expected, atol=1e-9, rtol=0)


@pytest.mark.parametrize("entry_id", ["pima_tr_penalty0", "birthwt_penalty0"])
def test_without_a_penalty_lrm_gives_the_same_coefficients(entry_id):
    result = entries("03_lrm.json")[entry_id]
    features = [name for name in result["coef"] if name != "Intercept"]
    X, y, _ = data_of(entry_id, features)
    model = UnpenalisedLogistic().fit(X, y)
    expected = np.array([result["coef"][name] for name in features])
    np.testing.assert_allclose(model.coef_[0] * X.std(axis=0), expected * X.std(axis=0), atol=1e-6, rtol=0)
    assert model.intercept_[0] == pytest.approx(result["coef"]["Intercept"], abs=1e-5)
