"""Measures against R's reference software: 1e-6 or better, on the inputs that R was given."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clinpred import performance
from clinpred.models import UnpenalisedLogistic
from clinpred.performance.loess import Loess
from clinpred.performance.newton import fit_logistic, inverse_logit
from clinpred.predictors.preparation import Preparation
from clinpred.records.types import PredictorType
from clinpred.settings.recipe import Recipe
from clinpred.splines import restricted_cubic_basis

HERE = Path(__file__).parent
VALIDATIONS = ("val_pima", "val_breast", "val_pima_miscal_ties")


def table(name):
    return np.genfromtxt(HERE / "inputs" / f"{name}.csv", delimiter=",", names=True)


def result(file, entry):
    entries = json.loads((HERE / f"{file}.json").read_text())["entries"]
    return next(found["result"] for found in entries if found["id"] == entry)


@pytest.fixture(params=VALIDATIONS)
def validation(request):
    rows = table(request.param)
    return request.param, rows["y"], rows["p"]


def close(value, expected, tolerance=1e-6):
    assert value == pytest.approx(expected, abs=tolerance, rel=0)


def test_recalibration_equals_glm_and_val_prob(validation):
    name, y, p = validation
    expected = result("04_val_prob", name)
    close(performance.calibration_in_the_large(y, p), expected["calibration_in_the_large"]["intercept"])
    close(performance.calibration_slope(y, p), expected["calibration_slope"]["slope"])
    close(performance.calibration_slope(y, p), expected["val_prob"]["Slope"])
    close(performance.calibration_intercept(y, p), expected["calibration_slope"]["intercept"])
    close(performance.calibration_intercept(y, p), expected["val_prob"]["Intercept"])


def test_in_the_large_interval_equals_glm(validation):
    name, y, p = validation
    found = performance.estimate("calibration_in_the_large", y, p)
    tolerance = 1e-6 if name != "val_breast" else 1e-5
    close((found.lower, found.upper), result("04_val_prob", name)["calibration_in_the_large"]["ci95_wald"], tolerance)


@pytest.mark.parametrize("name", ["val_pima", "val_pima_miscal_ties"])
def test_slope_interval_equals_glm(name):
    rows = table(name)
    found = performance.estimate("calibration_slope", rows["y"], rows["p"])
    close((found.lower, found.upper), result("04_val_prob", name)["calibration_slope"]["slope_ci95_wald"])


@pytest.mark.parametrize(("epsilon", "as_r_does"), [(1e-8, True), (1e-15, False)])
def test_slope_error_differs_from_glm_on_val_breast_only_as_far_as_glm_stops_early(epsilon, as_r_does):
    # glm's standard error comes from the weights one step before its last
    rows = table("val_breast")
    logit = np.log(rows["p"] / (1 - rows["p"]))
    error = glm_slope_error(np.column_stack([np.ones(logit.size), logit]), rows["y"], epsilon)
    found = performance.estimate("calibration_slope", rows["y"], rows["p"])
    expected = result("04_val_prob", "val_breast")["calibration_slope"]["slope_se"]
    close(error, expected if as_r_does else (found.upper - found.lower) / 2 / 1.959963984540054, 1e-8)


def glm_slope_error(design, y, epsilon):
    risk = (y + 0.5) / 2
    eta, deviance = np.log(risk / (1 - risk)), np.inf
    while True:
        weight = risk * (1 - risk)
        gram = design.T @ (design * weight[:, None])
        beta = np.linalg.solve(gram, design.T @ (weight * eta + y - risk))
        eta = design @ beta
        risk = inverse_logit(eta)
        last, deviance = deviance, 2 * np.sum(np.logaddexp(0.0, np.where(y == 1, -eta, eta)))
        if abs(deviance - last) / (abs(deviance) + 0.1) < epsilon:
            return np.sqrt(np.linalg.inv(gram)[1, 1])


def test_observed_expected_and_its_closed_form_interval(validation):
    name, y, p = validation
    expected = result("04_val_prob", name)
    close(performance.observed_expected_ratio(y, p), expected["oe_ratio"], 1e-12)
    found = performance.estimate("observed_expected", y, p, method="closed_form")
    close(np.log(found.upper / found.lower) / 2 / 1.959963984540054, expected["oe_se_log"], 1e-12)


def test_log_loss_and_nagelkerke_equal_val_prob(validation):
    name, y, p = validation
    expected = result("04_val_prob", name)
    close(performance.log_loss(y, p), expected["logloss"], 1e-12)
    close(performance.nagelkerke_r2(y, p), expected["val_prob"]["R2"])
    close(performance.brier_score(y, p), expected["val_prob"]["Brier"], 1e-12)


def test_brier_and_scaled_brier_equal_risk_regression(validation):
    name, y, p = validation
    expected = result("14_auprc_hl_brier", name)
    close(performance.brier_score(y, p), expected["brier"], 1e-12)
    close(performance.scaled_brier_score(y, p), expected["ipa"], 1e-12)
    close(performance.log_loss(y, p), expected["logloss"], 1e-12)


def test_brier_standard_error_equals_risk_regression(validation):
    name, y, p = validation
    expected = result("14_auprc_hl_brier", name)["riskRegression_score"]["brier"][1]
    found = performance.estimate("brier", y, p)
    close(np.log(found.upper / found.lower) / 2 / 1.959963984540054 * found.estimate, expected["se"])


@pytest.mark.parametrize(
    ("entry", "name"),
    [("val_pima_p_vs_p2", "val_pima"), ("val_breast", "val_breast"), ("val_pima_ties", "val_pima_miscal_ties")],
)
def test_auroc_and_delong_interval_equal_proc(entry, name):
    rows, expected = table(name), result("06_proc", entry)
    close(performance.auroc(rows["y"], rows["p"]), expected["auc"], 1e-12)
    found = performance.auroc_interval(rows["y"], rows["p"], scale="plain")
    close((found.lower, found.upper), expected["ci95_delong"], 1e-12)
    found = performance.auroc_interval(rows["y"], rows["p"], scale="plain", level=0.90)
    close((found.lower, found.upper), expected["ci90_delong"], 1e-12)


@pytest.mark.parametrize(
    ("entry", "name", "columns", "unit"),
    [("val_pima_p_vs_p2", "val_pima", ("p", "p2"), 1.0), ("asah_wfns_vs_s100b", "asah", ("wfns", "s100b"), 10.0)],
)
def test_paired_delong_test_equals_proc(entry, name, columns, unit):
    rows, expected = table(name), result("06_proc", entry)
    first, second = (rows[column] / unit for column in columns)
    close(performance.auroc(rows["y"], second), expected["second"]["auc"], 1e-12)
    found = performance.delong_test(rows["y"], first, second)
    paired = expected["second"]["paired_delong"]
    close(found.difference, expected["auc"] - expected["second"]["auc"], 1e-12)
    close((found.lower, found.upper), paired["ci95_diff"], 1e-12)
    assert found.p_value == pytest.approx(paired["p"], rel=1e-9)


def test_logit_interval_is_the_delta_method_of_procs_variance():
    rows, expected = table("val_pima"), result("06_proc", "val_pima_p_vs_p2")
    area = expected["auc"]
    error = np.sqrt(expected["var_delong"]) / (area * (1 - area))
    centre = np.log(area / (1 - area))
    found = performance.auroc_interval(rows["y"], rows["p"])
    close(found.lower, inverse_logit(centre - 1.959963984540054 * error), 1e-12)
    close(found.upper, inverse_logit(centre + 1.959963984540054 * error), 1e-12)


@pytest.mark.parametrize(("name", "columns"), [("val_pima", ("p", "p2")), ("val_breast", ("p",))])
def test_net_benefit_equals_dcurves(name, columns):
    rows, expected = table(name), result("07_dcurves", name)
    variable = np.array(expected["variable"])
    for column in columns:
        mine = variable == column
        at = np.array(expected["threshold"])[mine]
        curve = performance.decision_curve(rows["y"], rows[column], at)
        close(curve.net_benefit, np.array(expected["net_benefit"])[mine], 1e-12)
        close(curve.treat_all, np.array(expected["net_benefit"])[variable == "all"], 1e-12)
        single = [performance.net_benefit(rows["y"], rows[column], threshold) for threshold in at]
        close(curve.net_benefit, single, 1e-14)


@pytest.mark.parametrize(
    ("name", "outcome", "predictors"),
    [
        ("pima_tr", "type", ("npreg", "glu", "bp", "skin", "bmi", "ped", "age")),
        ("birthwt", "low", ("age", "lwt", "race_black", "race_other", "smoke", "ptl", "ht", "ui", "ftv")),
    ],
)
def test_r_squared_of_fitted_models(name, outcome, predictors):
    rows, expected = table(name), result("13_r2_ipa", name)
    y = rows[outcome]
    design = np.column_stack([np.ones(y.size), *(rows[column] for column in predictors)])
    risk = inverse_logit(design @ fit_logistic(design, y, np.ones((1, y.size))).coefficients[0])
    close(performance.cox_snell_r2(y, risk), expected["cox_snell"])
    close(performance.nagelkerke_r2(y, risk), expected["nagelkerke"])
    close(performance.brier_score(y, risk), expected["brier"])
    close(performance.scaled_brier_score(y, risk), expected["ipa_scaled_brier"])
    close(-y.size * performance.log_loss(y, risk), expected["loglik"])


def test_curve_distances_equal_pmcalibrations_restricted_cubic_spline(validation):
    name, y, p = validation
    expected = result("12_ici", name)["pmcalibration"]["rcs"]
    close(performance.integrated_calibration_index(y, p, smoothing="spline"), expected["Eavg"])
    close(performance.e50(y, p, smoothing="spline"), expected["E50"])
    close(performance.e90(y, p, smoothing="spline"), expected["E90"])
    close(performance.emax(y, p, smoothing="spline"), expected["Emax"])


def test_curve_distances_equal_those_of_rs_loess(validation):
    name, y, p = validation
    expected = result("12_ici", name)["R"]["loess_default"]
    close(performance.integrated_calibration_index(y, p), expected["ICI"])
    close(performance.e50(y, p), expected["E50"])
    close(performance.e90(y, p), expected["E90"])
    close(performance.emax(y, p), expected["Emax"])


def test_the_loess_curve_is_rs_on_its_interpolated_surface(validation):
    name, y, p = validation
    expected = result("12_ici", name)
    curve = Loess(p).curves(y, np.ones((1, y.size))).at(np.array(expected["curve_grid"]))[:, 0]
    assert curve == pytest.approx(expected["R"]["loess_default"]["curve"], abs=1e-8)


def test_a_preparation_that_bends_two_numbers_gives_lrms_risks():
    rows, expected = table("pima_tr"), result("15_rcs", "lrm_rcs")
    frame = pd.DataFrame({name: rows[name] for name in ("glu", "age", "bmi")})
    kinds = dict.fromkeys(frame, PredictorType("number"))
    recipe = Recipe(knots={"glu": 4, "age": 4})
    preparation = Preparation.learn(frame, kinds, np.arange(rows.size), recipe=recipe)
    assert preparation.columns == ("glu", "glu'", "glu''", "age", "age'", "age''", "bmi")
    fitted = UnpenalisedLogistic().fit(preparation.apply(frame), rows["type"])
    coefficients = fitted.coef_[0] / np.array(preparation.sd)
    assert coefficients == pytest.approx(list(expected["coef"].values())[1:], rel=1e-6)


def test_fit_on_two_splines_equals_lrm():
    rows, expected = table("pima_tr"), result("15_rcs", "lrm_rcs")
    splines = [restricted_cubic_basis(rows[name], expected["knots"][name]) for name in ("glu", "age")]
    design = np.column_stack([np.ones(rows.size), *splines, rows["bmi"]])
    fits = fit_logistic(design, rows["type"], np.ones((1, rows.size)))
    assert fits.coefficients[0] == pytest.approx(list(expected["coef"].values()), rel=1e-6)
    errors = np.sqrt(np.diag(np.linalg.inv(fits.information[0])))
    assert errors == pytest.approx(list(expected["se"].values()), rel=1e-6)
