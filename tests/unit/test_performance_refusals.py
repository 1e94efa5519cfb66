"""Bad input is refused in the house form: which array, and how many values."""

import numpy as np
import pytest

from clinpred import performance
from clinpred.errors import ClinpredError, InputRefused, StatisticalRefusal, WrongUsage

OUTCOME, RISK = [0, 1, 0, 1], [0.1, 0.7, 0.4, 0.3]
FUNCTIONS = {
    **{key: measure.function for key, measure in performance.CATALOGUE.items() if key != "net_benefit"},
    "net_benefit": lambda outcome, risk: performance.net_benefit(outcome, risk, 0.2),
    "decision_curve": lambda outcome, risk: performance.decision_curve(outcome, risk, [0.2]),
    "auroc_interval": performance.auroc_interval,
    "roc_curve": performance.roc_curve,
    "calibration_curve": performance.calibration_curve,
    "delong_test": lambda outcome, risk: performance.delong_test(outcome, RISK, risk),
    "estimate": lambda outcome, risk: performance.estimate("brier", outcome, risk),
}
FAULTS = {
    "length": (OUTCOME, RISK[:3], InputRefused, "E-LENGTH", "risk: an array of shape (3,)"),
    "matrix": (OUTCOME, [RISK], InputRefused, "E-LENGTH", "risk: an array of shape (1, 4)"),
    "empty": ([], [], InputRefused, "E-LENGTH", "outcome: an array of shape (0,)"),
    "text": (OUTCOME, ["a", "b", "c", "d"], InputRefused, "E-NUMBER", "risk: not every value is a number"),
    "nan": (OUTCOME, [0.1, np.nan, np.inf, 0.2], InputRefused, "E-NOT-FINITE", "risk: 2 of 4 values missing"),
    "nan outcome": ([0, 1, np.nan, 1], RISK, InputRefused, "E-NOT-FINITE", "outcome: 1 of 4 values missing"),
    "range": (OUTCOME, [0.1, 1.2, -0.1, 0.2], InputRefused, "E-RISK-RANGE", "risk: 2 of 4 values outside 0 to 1"),
    "coding": ([1, 2, 1, 2], RISK, InputRefused, "E-OUTCOME-VALUES", "outcome: 2 of 4 values neither 0 nor 1"),
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_every_function_says_which_array_is_at_fault_and_how_many(function, fault):
    outcome, risk, kind, code, found = fault
    with pytest.raises(kind) as refused:
        function(outcome, risk)
    assert refused.value.code == code
    assert found in refused.value.found


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "estimate"])
@pytest.mark.parametrize(("outcome", "found"), [([0] * 4, "0 events"), ([1] * 4, "4 events and nobody without")])
def test_one_class_is_refused_by_every_function(name, outcome, found):
    with pytest.raises(StatisticalRefusal, match="S-ONE-CLASS") as refused:
        FUNCTIONS[name](outcome, RISK)
    assert found in refused.value.found


def test_arrays_in_the_wrong_order_are_refused():
    with pytest.raises(InputRefused, match=r"outcome: 4 of 4 values neither 0 nor 1"):
        performance.auroc(RISK, OUTCOME)


def test_a_linear_predictor_of_other_risks_is_refused():
    with pytest.raises(InputRefused, match=r"linear_predictor: 3 of 4 values more than 1e-06 from the risk"):
        performance.log_loss(OUTCOME, [0.5, 0.7, 0.4, 0.3], linear_predictor=[0.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("patients", "code", "found"),
    [
        (["a", "b", "a"], "E-LENGTH", "patients: an array of shape (3,)"),
        (["a", None, "b", None], "E-MISSING", "patients: 2 of 4 rows name no patient"),
        ([1.0, 2.0, np.nan, 2.0], "E-MISSING", "patients: 1 of 4 rows name no patient"),
        (np.array(["a", 1, "b", 2], dtype=object), "E-MIXED", "patients: names of different kinds"),
    ],
)
def test_patients_that_cannot_be_told_apart_are_refused(patients, code, found):
    with pytest.raises(InputRefused) as refused:
        performance.estimate("brier", OUTCOME, RISK, patients=patients, rng=np.random.default_rng(0))
    assert refused.value.code == code
    assert found in refused.value.found


@pytest.mark.parametrize("threshold", [0.0, 1.0, -0.2, np.nan])
def test_thresholds_that_are_no_risk_to_act_at_are_refused(threshold):
    with pytest.raises(InputRefused, match=r"1 of 2 thresholds"):
        performance.decision_curve(OUTCOME, RISK, [0.2, threshold])


@pytest.mark.parametrize("measure", ["accuracy", "net_benefit", "net_benefit:x", "net_benefit:0.10"])
def test_unknown_measures_are_wrong_usage(measure):
    with pytest.raises(WrongUsage, match="E-MEASURE"):
        performance.estimate(measure, OUTCOME, RISK)


@pytest.mark.parametrize(("measure", "method"), [("auroc", "wald"), ("ici", "wald"), ("brier", "profile")])
def test_a_method_that_the_measure_does_not_have_is_wrong_usage(measure, method):
    rng = np.random.default_rng(0)
    logit = rng.normal(size=200)
    outcome = (rng.random(200) < 1 / (1 + np.exp(-logit))).astype(int)
    with pytest.raises(WrongUsage, match="E-METHOD"):
        performance.estimate(measure, outcome, 1 / (1 + np.exp(-logit)), method=method)


def test_a_formula_for_patients_that_repeat_is_wrong_usage():
    with pytest.raises(WrongUsage, match="4 rows belong to 2 patients"):
        performance.estimate("observed_expected", OUTCOME, RISK, patients=[1, 1, 2, 2], method="closed_form")


def test_a_bootstrap_without_a_generator_is_wrong_usage():
    with pytest.raises(WrongUsage, match="E-RNG"):
        performance.estimate("scaled_brier", OUTCOME, RISK)


def test_a_bootstrap_without_replicates_is_wrong_usage():
    with pytest.raises(WrongUsage, match="E-REPLICATES"):
        performance.estimate_all(OUTCOME, RISK, rng=np.random.default_rng(0), replicates=0)


@pytest.mark.parametrize("options", [{"level": 1.0}, {"level": 0.0}, {"scale": "probit"}])
def test_an_interval_that_does_not_exist_is_wrong_usage(options):
    with pytest.raises(WrongUsage, match="E-METHOD"):
        performance.auroc_interval(OUTCOME, RISK, **options)


def test_refusals_name_no_value_of_a_patient():
    with pytest.raises(ClinpredError) as refused:
        performance.brier_score(OUTCOME, [0.1, 7.3915, 0.4, 0.3])
    assert "7.39" not in str(refused.value)
