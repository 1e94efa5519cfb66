"""R's numbers of Firth's fit: logistf 1.26.1 and brglm2 0.9. Each entry of the JSON holds its call."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from clinpred.models.firth import FirthLogistic
from clinpred.models.likelihood import standardised_problem

HERE = Path(__file__).parent
RESULTS = {entry["id"]: entry["result"] for entry in json.loads((HERE / "10_firth.json").read_text())["entries"]}
OUTCOMES = {"sex2": "case", "birthwt": "low"}


@cache
def fitted(name):
    frame = pd.read_csv(HERE / "inputs" / f"{name}.csv")
    X = frame[predictors(name)].to_numpy(dtype=float)
    y = frame[OUTCOMES[name]].to_numpy(dtype=float)
    return FirthLogistic().fit(X, y), X, y


def predictors(name):
    return [predictor for predictor in RESULTS[name]["coef"] if predictor != "(Intercept)"]


def in_order(name, numbers):
    return np.array([numbers[predictor] for predictor in predictors(name)])


@pytest.mark.parametrize("package", ["coef", "brglm2_coef", "flic_coef"])
@pytest.mark.parametrize("name", OUTCOMES)
def test_coefficients_are_those_of_logistf_and_brglm2(name, package):
    model, X, _ = fitted(name)
    sd = X.std(axis=0)
    np.testing.assert_allclose(model.coef_[0] * sd, in_order(name, RESULTS[name][package]) * sd, atol=1e-8, rtol=0)
    intercept = model.intercept_[0] if package == "flic_coef" else model.firth_intercept_
    assert intercept == pytest.approx(RESULTS[name][package]["(Intercept)"], abs=1e-6)


@pytest.mark.parametrize("name", OUTCOMES)
def test_risks_with_firths_own_intercept_are_those_of_logistf(name):
    model, X, _ = fitted(name)
    risk = expit(model.firth_intercept_ + X[:5] @ model.coef_[0])
    np.testing.assert_allclose(risk, RESULTS[name]["predict_first5"], atol=1e-8)


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_penalised_log_likelihood_in_raw_units_is_that_of_logistf(name):
    model, X, y = fitted(name)
    scale = standardised_problem(X, y, np.ones(len(y))).scale
    raw = model.penalised_log_likelihood_ + np.log(scale).sum()
    assert raw == pytest.approx(RESULTS[name]["penalised_loglik"][0], abs=1e-8)


@pytest.mark.parametrize("name", OUTCOMES)
def test_profile_intervals_and_p_values_are_those_of_logistf(name):
    model, X, _ = fitted(name)
    intervals, sd = model.profile_intervals(), X.std(axis=0)
    for side in ("lower", "upper"):
        found = np.array([getattr(interval, side) for interval in intervals])
        expected = in_order(name, RESULTS[name]["profile_ci95"][side])
        np.testing.assert_allclose(found * sd, expected * sd, atol=1e-6, rtol=0)
    p_values = [interval.p_value for interval in intervals]
    np.testing.assert_allclose(p_values, in_order(name, RESULTS[name]["p_penalised_lr"]), atol=1e-9)
