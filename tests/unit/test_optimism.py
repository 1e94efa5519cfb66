"""Optimism, .632 and .632+: arithmetic on the records of the replicates."""

from dataclasses import replace

import numpy as np
import pytest

from clinpred.errors import WrongUsage
from clinpred.models import LassoLogistic, RidgeLogistic, UnpenalisedLogistic
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.performance import (
    ALWAYS_REPORTED,
    auroc,
    brier_score,
    log_loss,
    nagelkerke_r2,
    net_benefit,
    scaled_brier_score,
)
from clinpred.validation.bootstrap import bootstrap
from clinpred.validation.optimism import bootstrap_optimism
from clinpred.validation.point_632 import plus_632, point_632, without_information
from clinpred.validation.resampling import child_of, patient_draws

SEED = 1


def data(n=150, p=3, *, seed=0, strength=1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    return X, (rng.random(n) < 1 / (1 + np.exp(0.5 - strength * X[:, 0]))).astype(float)


@pytest.fixture(scope="module")
def found():
    procedure = MatrixProcedure({"logistic": UnpenalisedLogistic(), "ridge": RidgeLogistic(0.1)}, *data())
    return bootstrap(procedure, replicates=60, thresholds=(0.2, 0.4), out_of_bag=True, seed=SEED, workers=1)


def values(found, model, part, key):
    return np.array([getattr(replicate.models[model], part)[key] for replicate in found.replicates])


def test_every_measure_of_the_catalogue_is_corrected(found):
    for model in ("logistic", "ridge"):
        measures = bootstrap_optimism(found)[model].measures
        assert list(measures) == [*ALWAYS_REPORTED, "net_benefit:0.2", "net_benefit:0.4"]
        assert all(one.reason is None and one.replicates == 60 and one.lost == 0 for one in measures.values())


def test_corrected_is_apparent_less_the_mean_of_training_minus_test(found):
    for key, one in bootstrap_optimism(found)["ridge"].measures.items():
        difference = values(found, "ridge", "training", key) - values(found, "ridge", "test", key)
        assert one.optimism == pytest.approx(difference.mean(), abs=1e-12)
        assert one.corrected == one.apparent - one.optimism


def test_the_interval_is_that_of_the_apparent_measure_shifted_by_the_optimism(found):
    for key in ("auroc", "calibration_slope", "log_loss"):
        one = bootstrap_optimism(found)["ridge"].measures[key]
        expected = np.quantile(found.redrawn["ridge"][key], (0.025, 0.975)) - one.optimism
        assert (one.lower, one.upper) == pytest.approx(tuple(expected), abs=1e-12)
        assert one.lower < one.corrected < one.upper


def test_redrawn_measures_are_those_of_the_model_itself_on_the_patients_drawn(found):
    draws = patient_draws(
        found.patients, replicates=len(found.replicates), seed=child_of(np.random.SeedSequence(SEED), 0)
    )
    risk = 1 / (1 + np.exp(-found.linear_predictor["ridge"]))
    for at in (0, len(found.replicates) - 1):
        rows = np.repeat(np.arange(risk.size), draws[at][0])
        assert found.redrawn["ridge"]["auroc"][at] == pytest.approx(auroc(found.outcome[rows], risk[rows]), abs=1e-12)


def test_a_measure_that_is_the_same_whoever_is_drawn_has_no_interval(found):
    same = {name: {key: np.full(values.size, 0.7) for key, values in of.items()} for name, of in found.redrawn.items()}
    one = bootstrap_optimism(replace(found, redrawn=same))["ridge"].measures["auroc"]
    assert one.corrected is not None
    assert (one.lower, one.upper) == (None, None)


def with_lost(found, lost):
    """Return the same records, the first so many of them without a slope."""
    replicates = []
    for number, one in enumerate(found.replicates):
        record = one.models["ridge"]
        if number < lost:
            record = replace(record, training={**record.training, "calibration_slope": float("nan")})
        replicates.append(replace(one, models={**one.models, "ridge": record}))
    return replace(found, replicates=tuple(replicates))


def test_a_replicate_without_a_value_is_left_out_and_counted():
    procedure = MatrixProcedure({"ridge": RidgeLogistic(0.1)}, *data())
    all_of_them = bootstrap(procedure, replicates=60, seed=1, workers=1)
    slope = bootstrap_optimism(with_lost(all_of_them, 3))["ridge"].measures["calibration_slope"]
    difference = [
        one.models["ridge"].training["calibration_slope"] - one.models["ridge"].test["calibration_slope"]
        for one in all_of_them.replicates[3:]
    ]
    assert (slope.replicates, slope.lost) == (57, 3)
    assert slope.optimism == pytest.approx(np.mean(difference), abs=1e-12)


def test_more_than_5_percent_without_a_value_leave_no_correction(found):
    measures = bootstrap_optimism(with_lost(found, 4))["ridge"].measures
    slope = measures["calibration_slope"]
    assert slope.apparent is not None
    assert slope.corrected is None
    assert slope.reason == "not estimable (no value in 4 of 60 replicates)"
    assert measures["auroc"].corrected is not None


def test_refused_replicates_count_as_lost_and_are_shown_by_code(found):
    refused = replace(found.replicates[0], models={}, refused={"logistic": "S-ONE-CLASS", "ridge": "S-ONE-CLASS"})
    one = bootstrap_optimism(replace(found, replicates=(refused, *found.replicates[1:])))["ridge"]
    assert (one.developed, one.refused) == (59, {"S-ONE-CLASS": 1})
    assert (one.measures["auroc"].replicates, one.measures["auroc"].lost) == (59, 1)


def test_separated_replicates_are_counted_and_their_collapse_is_seen():
    X, y = data(60, 30, seed=4)
    procedure = MatrixProcedure({"logistic": UnpenalisedLogistic(), "ridge": RidgeLogistic(0.1)}, X, y)
    corrected = bootstrap_optimism(bootstrap(procedure, replicates=30, seed=1, workers=1))
    assert corrected["logistic"].separated > 25
    assert corrected["ridge"].separated == 0
    collapsed, kept = (corrected[model].measures for model in ("logistic", "ridge"))
    assert collapsed["auroc"].optimism > 0.1
    assert collapsed["calibration_slope"].corrected is None
    assert kept["calibration_slope"].corrected is not None


def test_an_empty_lasso_has_no_slope_and_an_auroc_of_one_half():
    procedure = MatrixProcedure({"lasso": LassoLogistic(10.0)}, *data())
    measures = bootstrap_optimism(bootstrap(procedure, replicates=20, seed=1, workers=1))["lasso"].measures
    assert measures["auroc"].corrected == 0.5
    assert measures["calibration_slope"].reason == "not estimable on the development patients"
    assert measures["calibration_slope"].apparent is None


def test_without_information_is_the_mean_over_all_pairs():
    rng = np.random.default_rng(2)
    outcome = (rng.random(30) < 0.3).astype(float)
    lp = rng.normal(-1, 1, 30)
    risk = 1 / (1 + np.exp(-lp))
    pairs = np.repeat(outcome, 30), np.tile(risk, 30)
    expected = {
        "brier": brier_score(*pairs),
        "scaled_brier": scaled_brier_score(*pairs),
        "log_loss": log_loss(*pairs),
        "nagelkerke_r2": nagelkerke_r2(*pairs),
        "net_benefit:0.3": net_benefit(*pairs, 0.3),
        "auroc": 0.5,
    }
    assert without_information(outcome, lp, list(expected)) == pytest.approx(expected, abs=1e-12)


def test_632_weighs_apparent_and_out_of_bag(found):
    for key, one in point_632(found)["ridge"].items():
        out_of_bag = values(found, "ridge", "out_of_bag", key).mean()
        assert one.out_of_bag == pytest.approx(out_of_bag, abs=1e-12)
        assert one.plain == pytest.approx(0.368 * one.apparent + 0.632 * out_of_bag, abs=1e-12)


def test_632_plus_lies_between_632_and_out_of_bag_and_measures_of_calibration_have_none(found):
    estimates = point_632(found)["logistic"]
    for key in ("auroc", "brier", "scaled_brier", "log_loss", "net_benefit:0.2"):
        one = estimates[key]
        low, high = sorted((one.plain, one.out_of_bag))
        assert low <= one.plus <= high
    assert estimates["calibration_slope"].plus is None
    assert estimates["ici"].plus is None


def test_632_plus_is_632_without_overfitting_and_no_information_with_nothing_else():
    assert plus_632(0.2, 0.2, 0.5) == pytest.approx(0.2)
    assert plus_632(0.3, 0.2, 0.5) == pytest.approx(0.368 * 0.3 + 0.632 * 0.2)
    assert plus_632(0.0, 0.5, 0.5) == pytest.approx(0.5)
    assert plus_632(0.1, 0.7, 0.5) == pytest.approx(0.5)
    overfitting = (0.3 - 0.1) / (0.5 - 0.1)
    weight = 0.632 / (1 - 0.368 * overfitting)
    assert plus_632(0.1, 0.3, 0.5) == pytest.approx((1 - weight) * 0.1 + weight * 0.3)


def test_632_needs_the_patients_who_were_not_drawn():
    procedure = MatrixProcedure({"ridge": RidgeLogistic(0.1)}, *data())
    with pytest.raises(WrongUsage) as refusal:
        point_632(bootstrap(procedure, replicates=2, workers=1))
    assert refusal.value.code == "E-OUT-OF-BAG"
