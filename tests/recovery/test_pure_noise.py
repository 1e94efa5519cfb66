"""On predictors that know nothing of the outcome repeated 5-fold finds an AUROC of one half: nothing leaks into a fold.

Within a fold the model has seen neither the patients nor how many of them have the event, so that the AUROC's
expectation is exactly .5, whatever the model. Seeds are independent data sets: their mean has a standard error.
"""

import numpy as np
import pytest

from clinpred.models.logistic import RidgeLogistic
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.models.unpenalised import UnpenalisedLogistic
from clinpred.performance import auroc
from clinpred.validation.out_of_fold import draw_folds, out_of_fold
from clinpred.validation.repeated_folds import resampled_performance

pytestmark = pytest.mark.slow
SEEDS = 40
MODELS = ("unpenalised", "ridge")


def _noise(seed):
    rng = np.random.default_rng(1000 + seed)
    return rng.normal(size=(150, 20)), np.arange(150) % 3 == 0


def _found(seed):
    """Return (repeated 5-fold, apparent) AUROC of each model on one data set: 50 events, 20 predictors of nothing."""
    X, y = _noise(seed)
    estimators = {"unpenalised": UnpenalisedLogistic(), "ridge": RidgeLogistic()}
    procedure = MatrixProcedure(estimators, X, y)
    folds = draw_folds(procedure.outcome, procedure.patients, repeats=1, seed=seed)
    predicted = out_of_fold(procedure, folds, seed=seed, workers=1)
    measured = resampled_performance(predicted, (), seed=seed, replicates=1).performance
    everybody = procedure.refit(np.ones(150, dtype=np.int64), seed=seed).models
    apparent = [auroc(y, 1 / (1 + np.exp(-everybody[name].linear_predictor))) for name in MODELS]
    return [measured[name].measures["auroc"].estimate for name in MODELS], apparent


@pytest.fixture(scope="module")
def found():
    """Return an array (seed, folds or apparent, model)."""
    return np.array([_found(seed) for seed in range(SEEDS)])


@pytest.mark.parametrize("model", range(len(MODELS)), ids=MODELS)
def test_repeated_five_fold_finds_an_auroc_of_one_half_on_noise(found, model):
    values = found[:, 0, model]
    error = values.std(ddof=1) / np.sqrt(SEEDS)
    assert error < 0.016
    assert abs(values.mean() - 0.5) < 2.6 * error


def test_the_apparent_auroc_on_the_same_noise_is_far_above_it(found):
    assert found[:, 1, MODELS.index("unpenalised")].mean() > 0.7
    gap = found[:, 1] - found[:, 0]
    assert np.all(gap.mean(axis=0) > 0.1)
