"""What the optimism bootstrap recovers: performance on new patients, known here; and where it falls short."""

import numpy as np
import pytest

from clinpred.models import RidgeLogistic, UnpenalisedLogistic
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.performance import auroc, calibration_slope
from clinpred.validation.bootstrap import bootstrap
from clinpred.validation.optimism import bootstrap_optimism
from clinpred.validation.point_632 import point_632

pytestmark = pytest.mark.slow
STUDIES, REPLICATES = 16, 30
COEFFICIENTS = np.array([1.0, -0.7, 0.5, 0.3, 0.0, 0.0, 0.0, 0.0])
ESTIMATORS = {"logistic": UnpenalisedLogistic(), "ridge": RidgeLogistic(0.05)}
TRUTH = {"auroc": auroc, "calibration_slope": calibration_slope}


def patients(n, rng):
    X = rng.normal(size=(n, COEFFICIENTS.size))
    return X, (rng.random(n) < 1 / (1 + np.exp(-X @ COEFFICIENTS))).astype(float)


@pytest.fixture(scope="module")
def studies():
    """Return apparent, corrected and true performance of each measure and model, one a study of 200 patients."""
    rng = np.random.default_rng(5)
    X_new, y_new = patients(20_000, rng)
    found = {(model, key): [] for model in ESTIMATORS for key in TRUTH}
    for study in range(STUDIES):
        X, y = patients(200, rng)
        drawn = bootstrap(MatrixProcedure(ESTIMATORS, X, y), replicates=REPLICATES, smoothing="spline", seed=study)
        corrected = bootstrap_optimism(drawn)
        for (model, key), values in found.items():
            lp = ESTIMATORS[model].fit(X, y).decision_function(X_new)
            truth = TRUTH[key](y_new, 1 / (1 + np.exp(-lp)), **({} if key == "auroc" else {"linear_predictor": lp}))
            one = corrected[model].measures[key]
            values.append((one.apparent, one.corrected, truth))
    return {which: np.array(kept) for which, kept in found.items()}


@pytest.mark.parametrize("model", ESTIMATORS)
@pytest.mark.parametrize("key", TRUTH)
def test_corrected_performance_is_that_on_new_patients_within_monte_carlo_error(studies, model, key):
    apparent, corrected, truth = studies[model, key].T
    error = (corrected - truth).std(ddof=1) / np.sqrt(STUDIES)
    assert abs(np.mean(corrected - truth)) < 3 * error
    assert abs(np.mean(corrected - truth)) < 0.5 * abs(np.mean(apparent - truth))


def test_on_pure_noise_with_few_events_per_parameter_optimism_and_632_stay_above_one_half():
    rng = np.random.default_rng(8)
    corrected, plain, plus = [], [], []
    for study in range(10):
        X, y = rng.normal(size=(80, 20)), (rng.random(80) < 0.4).astype(float)
        procedure = MatrixProcedure({"ridge": RidgeLogistic(0.02)}, X, y)
        drawn = bootstrap(procedure, replicates=REPLICATES, smoothing="spline", out_of_bag=True, seed=study)
        corrected.append(bootstrap_optimism(drawn)["ridge"].measures["auroc"].corrected)
        estimate = point_632(drawn)["ridge"]["auroc"]
        plain.append(estimate.plain)
        plus.append(estimate.plus)
    error = np.std(corrected, ddof=1) / np.sqrt(len(corrected))
    assert np.mean(corrected) > 0.5 + 2 * error
    assert np.mean(plain) > 0.55
    assert 0.45 < np.mean(plus) < np.mean(plain)
