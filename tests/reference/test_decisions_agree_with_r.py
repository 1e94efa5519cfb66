"""Decisions at thresholds, and measures on request, against dcurves, pROC and PRROC, on the inputs that R was given."""

import json
from pathlib import Path

import numpy as np
import pytest

from clinpred import performance

HERE = Path(__file__).parent
INPUT = {"val_pima_p_vs_p2": "val_pima", "val_pima_ties": "val_pima_miscal_ties", "asah_wfns_vs_s100b": "asah"}


def table(name):
    return np.genfromtxt(HERE / "inputs" / f"{name}.csv", delimiter=",", names=True)


def entries(file):
    return {entry["id"]: entry["result"] for entry in json.loads((HERE / f"{file}.json").read_text())["entries"]}


DCURVES = entries("07_dcurves")
COORDS = {name: result["coords_at"] for name, result in entries("06_proc").items()}
PRECISION = {name: result for name, result in entries("14_auprc_hl_brier").items() if "auprc_integral" in result}


def close(value, expected, tolerance=1e-12):
    assert value == pytest.approx(expected, abs=tolerance, rel=0)


@pytest.fixture(
    params=[(name, column) for name in DCURVES for column in ("p", "p2") if column in DCURVES[name]["variable"]]
)
def dcurve(request):
    name, column = request.param
    expected = {key: np.array(values) for key, values in DCURVES[name].items()}
    rows = table(name.removesuffix("_prevalence0.2"))
    prevalence = 0.2 if name.endswith("_prevalence0.2") else None
    return rows["y"], rows[column], expected, expected["variable"] == column, prevalence


def test_the_decision_curve_equals_dcurves_with_and_without_another_prevalence(dcurve):
    outcome, risk, expected, mine, prevalence = dcurve
    curve = performance.decision_curve(outcome, risk, expected["threshold"][mine], prevalence=prevalence)
    close(curve.net_benefit, expected["net_benefit"][mine])
    close(curve.treat_all, expected["net_benefit"][expected["variable"] == "all"])
    close(curve.treat_none, expected["net_benefit"][expected["variable"] == "none"])
    close(curve.standardised_net_benefit, (expected["net_benefit"] / expected["pos_rate"])[mine])


def test_interventions_avoided_equal_dcurves(dcurve):
    outcome, risk, expected, mine, prevalence = dcurve
    if "net_intervention_avoided" not in expected:
        odds = expected["threshold"][mine] / (1 - expected["threshold"][mine])
        everybody = expected["net_benefit"][expected["variable"] == "all"]
        avoided = (expected["net_benefit"][mine] - everybody) / odds
    else:
        avoided = expected["net_intervention_avoided"][mine]
    curve = performance.decision_curve(outcome, risk, expected["threshold"][mine], prevalence=prevalence)
    close(curve.interventions_avoided, 100 * avoided, 1e-10)


def test_the_functions_of_one_threshold_are_points_of_the_curve(dcurve):
    outcome, risk, expected, mine, prevalence = dcurve
    thresholds = expected["threshold"][mine]
    curve = performance.decision_curve(outcome, risk, thresholds, prevalence=prevalence)
    for measure in ("net_benefit", "standardised_net_benefit", "interventions_avoided"):
        function = getattr(performance, measure)
        single = [function(outcome, risk, threshold, prevalence=prevalence) for threshold in thresholds]
        close(getattr(curve, measure), single, 1e-10)


@pytest.mark.parametrize("name", COORDS)
def test_classification_at_stated_thresholds_equals_proc(name):
    rows = table(INPUT.get(name, name))
    risk = rows["wfns"] / 10 if name.startswith("asah") else rows["p"]
    for expected in COORDS[name]:
        # pROC was given the WFNS grades as they are, all of them above these thresholds
        threshold = expected["threshold"] / 10 if name.startswith("asah") else expected["threshold"]
        found = performance.classification(rows["y"], risk, threshold)
        counts = (found.true_positive, found.false_positive, found.true_negative, found.false_negative)
        assert counts == tuple(expected[key] for key in ("tp", "fp", "tn", "fn"))
        close(found.sensitivity.estimate, expected["sensitivity"])
        close(found.specificity.estimate, expected["specificity"])
        close(found.positive_predictive_value.estimate, expected["ppv"])
        close(found.share_positive.estimate, (expected["tp"] + expected["fp"]) / rows.size)
        close(performance.accuracy(rows["y"], risk, threshold), expected["accuracy"])
        if expected["npv"] is None:
            assert found.negative_predictive_value.reason == "not estimable (no risk below the threshold)"
        else:
            close(found.negative_predictive_value.estimate, expected["npv"])


@pytest.mark.parametrize("name", [name for name in COORDS if not name.startswith("asah")])
def test_accuracy_and_its_kin_follow_from_procs_counts(name):
    rows = table(INPUT.get(name, name))
    for expected in COORDS[name]:
        at = (rows["y"], rows["p"], expected["threshold"])
        tp, fp, tn, fn = (expected[key] for key in ("tp", "fp", "tn", "fn"))
        sensitivity, specificity = expected["sensitivity"], expected["specificity"]
        close(performance.sensitivity(*at), sensitivity)
        close(performance.specificity(*at), specificity)
        close(performance.positive_predictive_value(*at), expected["ppv"])
        close(performance.negative_predictive_value(*at), expected["npv"])
        close(performance.balanced_accuracy(*at), (sensitivity + specificity) / 2)
        close(performance.youden_index(*at), sensitivity + specificity - 1)
        precision = expected["ppv"]
        close(performance.f1_score(*at), 2 * precision * sensitivity / (precision + sensitivity))
        indicators = np.repeat([[1, 1], [0, 1], [0, 0], [1, 0]], [tp, fp, tn, fn], axis=0)
        close(performance.matthews_correlation(*at), np.corrcoef(indicators.T)[0, 1])


@pytest.mark.parametrize("name", PRECISION)
def test_areas_under_the_precision_recall_curve_equal_prroc_and_the_step_sum(name):
    rows = table(name)
    close(performance.auprc_interpolated(rows["y"], rows["p"]), PRECISION[name]["auprc_integral"])
    close(performance.average_precision(rows["y"], rows["p"]), PRECISION[name]["average_precision_step"])
