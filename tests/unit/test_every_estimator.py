"""Every model of the catalogue is a scikit-learn estimator with the same narrow interface."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from clinpred import models
from clinpred.errors import ClinpredError
from clinpred.models.boosting import GradientBoosting
from clinpred.models.null import Prevalence

ESTIMATORS = {
    "Prevalence": {},
    "UnpenalisedLogistic": {},
    "FirthLogistic": {},
    "RidgeLogistic": {},
    "LassoLogistic": {},
    "ElasticNetLogistic": {"n_folds": 3, "l1_share": 0.5},
    "UnregularisedMLP": {"hidden": (4,)},
    "DropoutMLP": {"hidden": (4,), "seeds": 1},
    "GradientBoosting": {},
}


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(6)
    X = rng.normal(size=(300, 3))
    y = np.where(rng.random(300) < 1 / (1 + np.exp(-X[:, 0])), "died", "alive")
    return X, y


@pytest.mark.parametrize("name", ESTIMATORS)
def test_it_fits_any_two_labels_and_its_risks_follow_from_its_form(name, rows):
    X, y = rows
    model = clone(getattr(models, name)(**ESTIMATORS[name])).fit(X, y, patients=np.arange(300) // 2)
    assert list(model.classes_) == ["alive", "died"]
    risk = model.predict_proba(X)
    np.testing.assert_allclose(risk.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(risk[:, 1], 1 / (1 + np.exp(-model.form_.linear_predictor(X))), atol=1e-12)
    assert set(model.predict(X)) <= {"alive", "died"}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_one_class_is_refused_in_house_form_which_is_a_value_error_too(name, rows):
    X, _ = rows
    with pytest.raises(ClinpredError, match="S-ONE-CLASS") as refusal:
        getattr(models, name)(**ESTIMATORS[name]).fit(X, np.zeros(300))
    assert isinstance(refusal.value, ValueError)


def test_the_prevalence_is_the_weighted_event_rate():
    model = Prevalence().fit([[1.0], [2.0], [3.0], [4.0]], [0, 0, 1, 1], sample_weight=[1, 1, 1, 5])
    assert model.predict_proba([[9.0]])[0, 1] == pytest.approx(6 / 8, abs=1e-15)


def test_boosting_learns_what_a_linear_model_cannot():
    rng = np.random.default_rng(2)
    X = rng.uniform(-1, 1, size=(3000, 2))
    y = (rng.random(3000) < np.where(X[:, 0] * X[:, 1] > 0, 0.9, 0.1)).astype(int)
    model = GradientBoosting(random_state=1).fit(X, y)
    assert np.mean(model.predict(X) == y) > 0.85
    assert 1 < model.iterations_ < 500


def test_the_null_model_is_a_scikit_learn_estimator():
    check_estimator(
        Prevalence(),
        on_skip=None,
        expected_failed_checks={"check_classifiers_train": "it predicts the commoner class by definition"},
    )
