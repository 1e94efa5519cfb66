"""R's optimism: a loop over given resamples, rms::validate, pminternal. Each entry of the JSON holds its call."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clinpred.models import RidgeLogistic, UnpenalisedLogistic
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.models.penalty import strength_from_rms_penalty
from clinpred.validation import bootstrap as bootstrap_module
from clinpred.validation.bootstrap import bootstrap
from clinpred.validation.optimism import bootstrap_optimism
from clinpred.validation.point_632 import point_632

HERE = Path(__file__).parent
MEASURES = {
    "C": "auroc",
    "Brier": "brier",
    "Intercept": "calibration_intercept",
    "Slope": "calibration_slope",
    "CITL": "calibration_in_the_large",
    "logloss": "log_loss",
}
TOLERANCE = 1e-6


@cache
def entry(name, entry_id):
    entries = json.loads((HERE / name).read_text())["entries"]
    return next(one["result"] for one in entries if one["id"] == entry_id)


def procedure():
    frame = pd.read_csv(HERE / "inputs" / "pima_tr.csv")
    estimators = {
        "logistic": UnpenalisedLogistic(),
        "penalty4": RidgeLogistic(strength_from_rms_penalty(4.0, len(frame))),
    }
    return MatrixProcedure(estimators, frame.drop(columns="type"), frame["type"])


class GivenDraws:
    """The resamples of R's loop: rows by number, from 1."""

    def __init__(self):
        rows = np.loadtxt(HERE / "inputs" / "boot_idx_pima_tr.csv", delimiter=",", dtype=int) - 1
        self.counts = [np.bincount(drawn, minlength=rows.shape[1]) for drawn in rows]

    def __len__(self):
        return len(self.counts)

    def __getitem__(self, number):
        return self.counts[number], 0


@pytest.fixture(scope="module")
def given():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap_module, "patient_draws", lambda patients, *, replicates, seed: GivenDraws())
        return bootstrap(procedure(), out_of_bag=True, workers=1)


@pytest.fixture(scope="module")
def drawn():
    return bootstrap(procedure(), replicates=400, seed=1)


@pytest.mark.parametrize("stat", MEASURES)
def test_every_number_of_the_given_resamples_is_that_of_r(given, stat):
    expected, key = entry("05_validate.json", "pima_tr_given_indices"), MEASURES[stat]
    found = bootstrap_optimism(given)["logistic"].measures[key]
    records = [replicate.models["logistic"] for replicate in given.replicates]
    assert found.apparent == pytest.approx(expected["apparent"][stat], abs=TOLERANCE)
    assert found.optimism == pytest.approx(expected["optimism"][stat], abs=TOLERANCE)
    assert found.corrected == pytest.approx(expected["corrected"][stat], abs=TOLERANCE)
    assert (found.replicates, found.lost) == (200, 0)
    for part, mean, first in [("training", "mean_train", "train_first3"), ("test", "mean_test", "test_first3")]:
        values = np.array([getattr(one, part)[key] for one in records])
        column = np.array(expected[first]["values"])[:, expected[first]["cols"].index(stat)]
        assert values.mean() == pytest.approx(expected[mean][stat], abs=TOLERANCE)
        assert values[:3] == pytest.approx(column, abs=TOLERANCE)


@pytest.mark.parametrize("stat", ["C", "Brier"])
def test_632_of_the_given_resamples_is_that_of_r(given, stat):
    expected = entry("05_validate.json", "pima_tr_given_indices")
    found = point_632(given)["logistic"][MEASURES[stat]]
    assert found.out_of_bag == pytest.approx(expected["oob_mean"][stat], abs=TOLERANCE)
    assert found.plain == pytest.approx(expected["boot632"][stat], abs=TOLERANCE)


def differences(bootstrap, model, key):
    records = [replicate.models[model] for replicate in bootstrap.replicates]
    return np.array([one.training[key] - one.test[key] for one in records])


def within_monte_carlo_error(bootstrap, model, key, expected, replicates):
    """Return whether two independent means over so many replicates differ by less than 4 standard errors."""
    values = differences(bootstrap, model, key)
    error = values.std(ddof=1) * np.sqrt(1 / values.size + 1 / replicates)
    return abs(values.mean() - expected) < 4 * error


# R2 and Dxy are not compared: rms recalibrates first for the one, and bins the risks for the other
@pytest.mark.parametrize(("stat", "key"), [("B", "brier"), ("Slope", "calibration_slope")])
def test_the_optimism_of_our_draws_is_that_of_rms_validate(drawn, stat, key):
    result = entry("05_validate.json", "pima_tr_boot")
    table = result["B4000_seed1"]
    row = dict(zip(table["cols"], table["values"][table["rows"].index(stat)], strict=True))
    assert within_monte_carlo_error(drawn, "logistic", key, row["optimism"], 4000)
    seeds = result["optimism_over_10_seeds_B200"]
    lowest, highest = (seeds[end][seeds["stats"].index(stat)] for end in ("min", "max"))
    assert lowest < bootstrap_optimism(drawn)["logistic"].measures[key].optimism < highest


def test_the_brier_optimism_of_a_fixed_penalty_is_that_of_rms_validate(drawn):
    table = entry("05_validate.json", "pima_tr_penalty4_boot")["table"]
    row = dict(zip(table["cols"], table["values"][table["rows"].index("B")], strict=True))
    found = bootstrap_optimism(drawn)["penalty4"].measures["brier"]
    assert found.apparent == pytest.approx(row["index.orig"], abs=TOLERANCE)
    assert within_monte_carlo_error(drawn, "penalty4", "brier", row["optimism"], 200)


PMINTERNAL = {
    "C": "auroc",
    "Brier": "brier",
    "Intercept": "calibration_intercept",
    "Slope": "calibration_slope",
}


# its Eavg, E50, E90 and Emax come from another smoother
@pytest.mark.parametrize("stat", PMINTERNAL)
def test_the_optimism_of_our_draws_is_that_of_pminternal(drawn, stat):
    by_seed = entry("05_pminternal.json", "pima_tr_boot_optimism")["by_seed"]
    key = PMINTERNAL[stat]
    found = bootstrap_optimism(drawn)["logistic"].measures[key]
    assert found.apparent == pytest.approx(by_seed[0]["apparent"][stat], abs=TOLERANCE)
    mean = float(np.mean([seed["optimism"][stat] for seed in by_seed]))
    assert within_monte_carlo_error(drawn, "logistic", key, mean, 200 * len(by_seed))
