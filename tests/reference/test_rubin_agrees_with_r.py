"""Rubin's rules against mice: models fitted here to the data sets that mice completed, and pooled."""

import json
from pathlib import Path

import numpy as np
import pytest

from clinpred.performance import pool
from clinpred.performance.newton import fit_logistic

HERE = Path(__file__).parent
RESULTS = {entry["id"]: entry["result"] for entry in json.loads((HERE / "11_mice_rubin.json").read_text())["entries"]}
PREDICTORS = {
    "nhanes": ("age", "bmi"),
    "pima_indians2": ("pregnant", "glucose", "pressure", "triceps", "insulin", "mass", "pedigree", "age"),
}
OUTCOME = {"nhanes": "chl", "pima_indians2": "diabetes"}


def completed(name):
    """Yield the design and the outcome of every completed data set."""
    rows = np.genfromtxt(HERE / "inputs" / f"mice_{name}_completed.csv", delimiter=",", names=True)
    for imputation in np.unique(rows["imp"]):
        mine = rows[rows["imp"] == imputation]
        design = np.column_stack([np.ones(mine.size), *(mine[column] for column in PREDICTORS[name])])
        yield design, mine[OUTCOME[name]]


def least_squares(design, outcome):
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ outcome
    residual = outcome - design @ coefficients
    return coefficients, np.diag(inverse) * (residual @ residual) / (outcome.size - design.shape[1])


def logistic(design, outcome):
    # columns of one size: the normal equations of these predictors as they are lose digits
    size = np.abs(design).max(axis=0)
    fits = fit_logistic(design / size, outcome, np.ones((1, outcome.size)))
    return fits.coefficients[0] / size, np.diag(np.linalg.inv(fits.information[0])) / size**2


FIT = {"nhanes": least_squares, "pima_indians2": logistic}


def equal(found, expected):
    assert found.estimate == pytest.approx(expected["estimate"], rel=1e-8)
    assert found.within == pytest.approx(expected["ubar"], rel=1e-7)
    assert found.between == pytest.approx(expected["b"], rel=1e-7)
    assert found.total == pytest.approx(expected["t"], rel=1e-7)
    assert found.df == pytest.approx(expected["df"], rel=1e-7)
    assert found.relative_increase == pytest.approx(expected["riv"], rel=1e-7)
    assert found.fraction_missing == pytest.approx(expected["fmi"], rel=1e-7)


@pytest.mark.parametrize("name", ["nhanes", "pima_indians2"])
def test_pooling_what_mice_fitted_equals_mice(name):
    fits = RESULTS[name]["per_imputation"]
    for expected, summary in zip(RESULTS[name]["pooled"], RESULTS[name]["summary"], strict=True):
        estimates = np.array([fit["coef"][expected["term"]] for fit in fits])
        errors = np.array([fit["se"][expected["term"]] for fit in fits])
        found = pool(estimates, errors**2, complete_df=expected["dfcom"])
        equal(found, expected)
        assert found.standard_error == pytest.approx(summary["std.error"], rel=1e-9)
        assert found.lower == pytest.approx(summary["2.5 %"], rel=1e-8)
        assert found.upper == pytest.approx(summary["97.5 %"], rel=1e-8)


@pytest.mark.parametrize("name", ["nhanes", "pima_indians2"])
def test_fitting_the_completed_data_and_pooling_equals_mice(name):
    fits = [FIT[name](design, outcome) for design, outcome in completed(name)]
    for term, (expected, summary) in enumerate(zip(RESULTS[name]["pooled"], RESULTS[name]["summary"], strict=True)):
        estimates, variances = (np.array([fit[part][term] for fit in fits]) for part in (0, 1))
        found = pool(estimates, variances, complete_df=expected["dfcom"])
        assert found.estimate == pytest.approx(expected["estimate"], rel=1e-6)
        assert found.total == pytest.approx(expected["t"], rel=1e-6)
        assert found.df == pytest.approx(expected["df"], rel=1e-6)
        bounds = [found.lower, found.upper]
        assert bounds == pytest.approx([summary["2.5 %"], summary["97.5 %"]], rel=1e-6)


def test_pooling_a_scalar_equals_pool_scalar():
    expected = RESULTS["pool_scalar"]
    found = pool([0.70, 0.72, 0.75, 0.69, 0.74], np.array([0.02, 0.021, 0.019, 0.0205, 0.0202]) ** 2, complete_df=199)
    equal(found, {"estimate": expected["qbar"], "riv": expected["r"], **expected})
