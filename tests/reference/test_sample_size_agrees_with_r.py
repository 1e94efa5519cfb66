"""Sample sizes against pmsampsize and pmvalsampsize: equal where nothing is simulated, else within its error."""

import json
import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from clinpred.validation import sample_size
from clinpred.validation.binormal import implied_cox_snell_r2

ENTRIES = json.loads((Path(__file__).parent / "08_sample_size.json").read_text())["entries"]
DEVELOPMENT = [entry for entry in ENTRIES if entry["id"].startswith("pmsampsize")]
GIVEN_R2 = [entry for entry in DEVELOPMENT if "cstatistic" not in entry["result"]["args"]]
GIVEN_C = [entry for entry in DEVELOPMENT if "cstatistic" in entry["result"]["args"]]
VALIDATION = [entry for entry in ENTRIES if entry["id"].startswith("pmvalsampsize")]
NAMES = {"csrsquared": "cox_snell_r2", "nagrsquared": "nagelkerke_r2", "cstatistic": "c_statistic"}
SIMULATED = 1_000_000
CRITERIA = slice(0, 3)


def named(entries):
    return pytest.mark.parametrize("entry", entries, ids=[entry["id"] for entry in entries])


def development(entry):
    args = dict(entry["result"]["args"])
    prevalence, parameters = args.pop("prevalence"), args.pop("parameters")
    return sample_size.development(prevalence, parameters, **{NAMES[name]: value for name, value in args.items()})


def validation(entry):
    """Return the criteria by name."""
    args = entry["result"]["args"]
    linear_predictor = (
        sample_size.NormalLinearPredictor(*args["lpnormal"])
        if "lpnormal" in args
        else sample_size.BetaRisk(*args["lpbeta"])
    )
    at_threshold = [args[name] for name in ("threshold", "sensitivity", "specificity") if name in args]
    found = sample_size.validation(
        args["prevalence"],
        args["cstatistic"],
        linear_predictor=linear_predictor,
        use=sample_size.UseAtThreshold(*at_threshold) if at_threshold else None,
        widths=sample_size.Widths(observed_expected=args.get("oeciwidth", 0.2)),
    )
    return {one.name: one for one in found.criteria}


def rows(entry):
    """Return the reference's table, one dictionary a criterion, its last row (the overall need) apart."""
    table = entry["result"]["table"]
    read = [dict(zip(table["cols"], values, strict=True)) for values in table["values"]]
    return read[:-1], read[-1]


@named(GIVEN_R2)
def test_three_criteria_of_a_development_equal_pmsampsize(entry):
    found, expected = development(entry), entry["result"]
    criteria, _ = rows(entry)
    assert [one.patients for one in found.criteria[CRITERIA]] == [row["Samp_size"] for row in criteria]
    assert [round(one.shrinkage, 3) for one in found.criteria[CRITERIA]] == [row["Shrinkage"] for row in criteria]
    assert found.cox_snell_r2 == expected["csrsquared_used"]
    assert found.nagelkerke_r2 == pytest.approx(expected["nag_r2"], abs=1e-12)
    largest = max(found.criteria[CRITERIA], key=lambda one: one.patients)
    assert largest.patients == expected["sample_size"]
    assert largest.events == pytest.approx(expected["events"], abs=1e-9)
    assert found.criteria[2].shrinkage == pytest.approx(expected["final_shrinkage"], abs=1e-12)


@named(DEVELOPMENT)
def test_the_maximum_r2_equals_pmsampsize(entry):
    prevalence = entry["result"]["args"]["prevalence"]
    assert sample_size.maximum_cox_snell_r2(prevalence) == pytest.approx(entry["result"]["max_r2a"], abs=1e-12)


@named(GIVEN_C)
def test_the_r2_of_a_c_statistic_lies_within_the_error_of_pmsampsizes_simulation(entry):
    args, expected = entry["result"]["args"], entry["result"]["csrsquared_used"]
    exact = implied_cox_snell_r2(args["prevalence"], args["cstatistic"])
    error, rounding = standard_error_of_simulated_r2(args["prevalence"], args["cstatistic"]), 5e-5
    assert abs(exact - expected) < 2.0 * error + rounding


def standard_error_of_simulated_r2(prevalence, c):
    """Return the error of an R² from a million simulated patients, by the variance of their log likelihood.

    As `pmsampsize` does, so many patients with the event are drawn as the prevalence says, from each class apart.
    """
    distance = math.sqrt(2.0) * NormalDist().inv_cdf(c)
    standard = np.linspace(-9, 9, 20_001)
    share = np.exp(-0.5 * standard**2) / np.exp(-0.5 * standard**2).sum()
    centre = math.log(prevalence / (1.0 - prevalence))
    variance = 0.0
    for proportion, sign in ((prevalence, 1.0), (1.0 - prevalence, -1.0)):
        lp = centre + sign * distance**2 / 2.0 + distance * standard
        log_likelihood = -np.logaddexp(0.0, -sign * lp)
        variance += proportion * float(share @ (log_likelihood - share @ log_likelihood) ** 2)
    return 2.0 * (1.0 - implied_cox_snell_r2(prevalence, c)) * math.sqrt(variance / SIMULATED)


@named(GIVEN_C)
def test_sizes_for_a_c_statistic_lie_within_one_percent_of_pmsampsize(entry):
    criteria, _ = rows(entry)
    for found, row in zip(development(entry).criteria, criteria, strict=False):
        assert found.patients == pytest.approx(row["Samp_size"], rel=0.01)
        assert found.shrinkage == pytest.approx(row["Shrinkage"], abs=1e-3)


@named(VALIDATION)
def test_criteria_of_a_validation_equal_pmvalsampsize_and_the_slope_its_integral(entry):
    found, (criteria, _) = validation(entry), rows(entry)
    assert len(found) == len(criteria)
    for one, row in zip(found.values(), criteria, strict=True):
        assert round(one.estimate, 3) == row["Perf"]
        assert round(one.standard_error, 3) == row["SE"]
        assert round(one.width, 3) == row["CI width"]
        if one.name != "calibration_slope":
            assert one.patients == row["Samp_size"]
    assert found["calibration_slope"].patients == entry["result"]["criterion2_by_integration"]
    assert found["auroc"].standard_error == pytest.approx(entry["result"]["others"]["se_cstat"], abs=1e-12)


@named(VALIDATION)
def test_the_simulated_slope_size_lies_near_the_integral(entry):
    simulated = rows(entry)[0][1]["Samp_size"]
    assert validation(entry)["calibration_slope"].patients == pytest.approx(simulated, rel=0.0025)


def test_the_standardised_net_benefit_equals_pmvalsampsize():
    entry = next(entry for entry in VALIDATION if "threshold" in entry["result"]["args"])
    expected = entry["result"]["others"]
    found = validation(entry)["net_benefit"]
    assert found.estimate == pytest.approx(expected["standardised_nb"], abs=1e-12)
    assert found.patients == expected["sample_size"]
