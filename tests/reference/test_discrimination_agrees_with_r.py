"""AUROC tests and the profile interval of the slope against R (pROC 1.18.0, MASS of R 4.2.2)."""

import json
from pathlib import Path

import numpy as np
import pytest

from clinpred import performance

HERE = Path(__file__).parent


def result(file, entry):
    entries = json.loads((HERE / f"{file}.json").read_text())["entries"]
    return next(found["result"] for found in entries if found["id"] == entry)


def table(name):
    return np.genfromtxt(HERE / "inputs" / f"{name}.csv", delimiter=",", names=True)


@pytest.fixture
def pima():
    rows = table("val_pima")
    return rows["y"], rows["p"], rows["p2"], result("06_proc", "val_pima_p_vs_p2")


def test_the_unpaired_test_equals_proc(pima):
    y, p, p2, expected = pima
    found = performance.unpaired_delong_test(y, p, y, p2)
    assert found.p_value == pytest.approx(expected["second"]["unpaired_delong"]["p"], rel=1e-9)
    assert found.difference == pytest.approx(expected["auc"] - expected["second"]["auc"], abs=1e-12)


def test_the_unpaired_interval_has_procs_variances_and_degrees_of_freedom(pima):
    from scipy.stats import t

    y, p, p2, expected = pima
    found = performance.unpaired_delong_test(y, p, y, p2)
    error = np.sqrt(expected["var_delong"] + expected["second"]["var_delong"])
    margin = t.ppf(0.975, expected["second"]["unpaired_delong"]["df"]) * error
    assert (found.upper - found.lower) / 2 == pytest.approx(margin, abs=1e-9)


def test_the_paired_test_clustered_by_patients_of_one_row_equals_proc(pima):
    y, p, p2, expected = pima
    found = performance.delong_test(y, p, p2, patients=np.arange(y.size))
    assert found.p_value == pytest.approx(expected["second"]["paired_delong"]["p"], rel=1e-9)
    assert (found.lower, found.upper) == pytest.approx(
        tuple(expected["second"]["paired_delong"]["ci95_diff"]), abs=1e-9
    )


def test_the_difference_of_two_models_has_procs_interval_by_default(pima):
    y, p, p2, expected = pima
    found = performance.paired_differences(
        y, performance.Predictions(p), performance.Predictions(p2), measures=["auroc"], rng=np.random.default_rng(0)
    )["auroc"]
    assert found.method == "paired DeLong"
    assert (found.lower, found.upper) == pytest.approx(
        tuple(expected["second"]["paired_delong"]["ci95_diff"]), abs=1e-9
    )


# MASS reads its bounds off a spline through a few points of the profile, joined by straight lines: on risks that
# nearly separate (val_breast) it is 1.4e-4 from where the deviance has risen by 3.84, which the next test checks.
@pytest.mark.parametrize(
    ("name", "interpolated"), [("val_pima", 1e-5), ("val_pima_miscal_ties", 5e-6), ("val_breast", 1.5e-4)]
)
def test_the_profile_interval_of_the_slope_equals_confint_as_far_as_that_interpolates(name, interpolated):
    rows = table(name)
    found = performance.estimate("calibration_slope", rows["y"], rows["p"], method="profile")
    expected = result("04_val_prob", name)["calibration_slope"]["slope_ci95_profile"]
    assert (found.lower, found.upper) == pytest.approx(tuple(expected), abs=interpolated)
    assert found.method == "profile likelihood"


@pytest.mark.parametrize("name", ["val_pima", "val_pima_miscal_ties", "val_breast"])
def test_the_deviance_has_risen_by_the_chi_square_quantile_at_both_profile_bounds(name):
    from scipy.optimize import minimize_scalar
    from scipy.stats import chi2

    rows = table(name)
    logit = np.log(rows["p"] / (1 - rows["p"]))

    def deviance(slope):
        def at(intercept):
            eta = intercept + slope * logit
            return 2 * np.sum(np.logaddexp(0, np.where(rows["y"] == 1, -eta, eta)))

        return minimize_scalar(at, bracket=(-1, 1), tol=1e-12).fun

    found = performance.estimate("calibration_slope", rows["y"], rows["p"], method="profile")
    for bound in (found.lower, found.upper):
        assert deviance(bound) - deviance(found.estimate) == pytest.approx(chi2.ppf(0.95, 1), abs=1e-8)
