"""The whole procedure from development patients to a risk model: preparation, tuning and fit together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinpred.models.risk_model import Form, LinearForm, OpaqueForm, RiskModel
from clinpred.predictors.preparation import Preparation
from clinpred.records.cohort import Cohort
from clinpred.records.partition import patient_folds

Array = NDArray[np.float64]
Settings = dict[str, float | int | str | bool | list[int]]
STOPPING_FOLDS = 7
"""One patient in seven of the development patients decides when boosting stops."""


@dataclass(frozen=True)
class Prepared:
    """Development patients ready to be learnt from: the preparation and what it makes of them."""

    preparation: Preparation
    design: Array
    outcome: Array
    patients: NDArray[np.int64]


@dataclass(frozen=True)
class Developed:
    """A developed model: the plain form that travels, the estimator it came from, and the settings chosen."""

    model: RiskModel
    estimator: Any
    settings: Settings


def prepare(development: Cohort) -> Prepared:
    """Learn the preparation on development patients and apply it to them."""
    preparation = Preparation.learn(development.predictors, development.types, development.patients)
    design = preparation.apply(development.predictors)
    return Prepared(preparation, design, development.outcome, development.patients)


def develop(name: str, prepared: Prepared, *, seed: int) -> Developed:
    """Develop one model of the catalogue.

    Parameters
    ----------
    name : str
        A name of ``clinpred.settings.models.MODEL_NAMES``.
    prepared : Prepared
        Development patients.
    seed : int
        Seed of folds, of early-stopping patients and of initial weights.
    """
    estimator = _ESTIMATORS[name](seed)
    estimator.fit(prepared.design, prepared.outcome, patients=prepared.patients)
    form, settings = _form_and_settings(estimator)
    return Developed(RiskModel(name, prepared.preparation, form), estimator, settings)


class Prevalence:
    """The null model: every patient's risk is the development event rate."""

    def fit(self, design: Array, outcome: Array, *, patients: NDArray[np.int64]) -> "Prevalence":  # noqa: ARG002
        """Learn the event rate."""
        rate = float(np.mean(outcome))
        self.form_ = LinearForm(float(np.log(rate / (1 - rate))), np.zeros(design.shape[1]))
        return self


class StoppedBoosting:
    """scikit-learn's histogram gradient boosting, stopped early on patients that are used for nothing else."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def fit(self, design: Array, outcome: Array, *, patients: NDArray[np.int64]) -> "StoppedBoosting":
        """Learn on six patients in seven; stop when the others' log loss no longer falls."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        folds = patient_folds(outcome, patients, STOPPING_FOLDS, np.random.default_rng(self.seed))
        learning, stopping = folds > 0, folds == 0
        boosting = HistGradientBoostingClassifier(
            learning_rate=0.05, max_iter=500, early_stopping=True, n_iter_no_change=20, random_state=self.seed
        )
        boosting.fit(design[learning], outcome[learning], X_val=design[stopping], y_val=outcome[stopping])
        self.form_ = OpaqueForm(boosting.decision_function)
        self.iterations_ = int(boosting.n_iter_)
        return self


def _logistic(kind: str) -> Callable[[int], Any]:
    def make(seed: int) -> Any:  # noqa: ANN401  # a scikit-learn estimator
        from clinpred.models import logistic

        estimator = getattr(logistic, kind)
        return estimator() if kind == "UnpenalisedLogistic" else estimator(random_state=seed)

    return make


def _mlp(kind: str) -> Callable[[int], Any]:
    def make(seed: int) -> Any:  # noqa: ANN401  # a scikit-learn estimator
        from clinpred.models import mlp

        return getattr(mlp, kind)(random_state=seed)

    return make


_ESTIMATORS: dict[str, Callable[[int], Any]] = {
    "prevalence": lambda _seed: Prevalence(),
    "logistic_unpenalised": _logistic("UnpenalisedLogistic"),
    "logistic_ridge": _logistic("RidgeLogistic"),
    "logistic_lasso": _logistic("LassoLogistic"),
    "logistic_elastic_net": _logistic("ElasticNetLogistic"),
    "mlp_unregularised": _mlp("UnregularisedMLP"),
    "mlp_regularised": _mlp("DropoutMLP"),
    "gradient_boosting": StoppedBoosting,
}


def _form_and_settings(estimator: Any) -> tuple[Form, Settings]:  # noqa: ANN401  # a scikit-learn estimator
    if hasattr(estimator, "coef_"):
        return LinearForm(float(estimator.intercept_[0]), estimator.coef_[0].copy()), _logistic_settings(estimator)
    if hasattr(estimator, "training_"):
        return estimator.form_, _mlp_settings(estimator)
    iterations = getattr(estimator, "iterations_", None)
    return estimator.form_, {} if iterations is None else {"iterations": iterations}


def _logistic_settings(estimator: Any) -> Settings:  # noqa: ANN401
    if not hasattr(estimator, "strength_"):
        return {"separated": bool(estimator.separated_)}
    return {
        "penalty_strength": float(estimator.strength_),
        "l1_share": float(estimator.path_.l1_share),
        "at_grid_edge": bool(estimator.at_grid_edge_),
    }


def _mlp_settings(estimator: Any) -> Settings:  # noqa: ANN401
    final = estimator.training_.members[-1]
    return {
        "hidden": list(estimator.training_.hidden),
        "l2": float(final.l2),
        "dropout": float(final.dropout),
        "networks": len(estimator.form_.members),
    }
