"""The whole procedure from development patients to a risk model: preparation, tuning and fit together."""

from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from clinpred.models.risk_model import RiskModel
from clinpred.predictors.preparation import Preparation
from clinpred.records.cohort import Cohort
from clinpred.settings.recipe import PLAIN, Recipe

Array = NDArray[np.float64]
Settings = dict[str, float | int | str | bool | list[int]]
Tuning = Literal["loo", "kfold", "aicc"]
Rule = Literal["minimum", "one_standard_error"]


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


def prepare(development: Cohort, *, recipe: Recipe = PLAIN) -> Prepared:
    """Learn the preparation on development patients and apply it to them.

    Parameters
    ----------
    development : Cohort
        The development patients.
    recipe : Recipe, optional
        What becomes of missing values, of bent numbers and of predictors that go together; without it predictors are
        imputed simply, straight and kept.
    """
    preparation = Preparation.learn(development.predictors, development.types, development.patients, recipe=recipe)
    design = preparation.apply(development.predictors)
    return Prepared(preparation, design, development.outcome, development.patients)


def develop(
    name: str,
    prepared: Prepared,
    *,
    seed: int,
    tuning: Tuning = "loo",
    rule: Rule = "minimum",
    hidden: tuple[int, ...] | None = None,
) -> Developed:
    """Develop one model of the catalogue.

    Parameters
    ----------
    name : str
        A name of ``clinpred.settings.models.MODEL_NAMES``.
    prepared : Prepared
        Development patients.
    seed : int
        Seed of folds, of early-stopping patients and of initial weights.
    tuning : {"loo", "kfold", "aicc"}
        By what a penalty strength is chosen: the deviance of patients left out one by one, that of K-fold, or AICc.
    rule : {"minimum", "one_standard_error"}
        The best strength, or the strongest within one standard error of it.
    hidden : tuple of int, optional
        Units of each hidden layer of a network; by default what its estimator has by default.
    """
    estimator = new_estimator(name, seed=seed, tuning=tuning, rule=rule)
    if hidden is not None:
        estimator.set_params(hidden=hidden)
    estimator.fit(prepared.design, prepared.outcome, patients=prepared.patients)
    return Developed(RiskModel(name, prepared.preparation, estimator.form_), estimator, _settings(estimator))


AS_WIDE_AS = {"mlp_unregularised": "mlp_regularised"}
"""Networks that take the widths that another chose, so that they differ in nothing but their regularisation."""

_ESTIMATORS = {
    "prevalence": ("null", "Prevalence"),
    "logistic_unpenalised": ("unpenalised", "UnpenalisedLogistic"),
    "logistic_ridge": ("logistic", "RidgeLogistic"),
    "logistic_lasso": ("logistic", "LassoLogistic"),
    "logistic_elastic_net": ("logistic", "ElasticNetLogistic"),
    "mlp_unregularised": ("mlp", "UnregularisedMLP"),
    "mlp_regularised": ("mlp", "DropoutMLP"),
    "gradient_boosting": ("boosting", "GradientBoosting"),
}


def new_estimator(name: str, *, seed: int, tuning: Tuning, rule: Rule) -> Any:  # noqa: ANN401  # of scikit-learn's kind
    """Make a model's estimator with those settings that it has; its module is imported late: keras is slow to load."""
    module, kind = _ESTIMATORS[name]
    estimator = getattr(import_module(f"clinpred.models.{module}"), kind)
    settings = {"strength": tuning, "rule": rule, "random_state": seed}
    return estimator(**{key: settings[key] for key in settings if key in signature(estimator).parameters})


def _settings(estimator: Any) -> Settings:  # noqa: ANN401
    """Return what the fit was told and what it chose, as far as the model has it."""
    if hasattr(estimator, "training_"):
        return _network_settings(estimator)
    told_and_chosen = {
        "penalty_strength": "strength_",
        "l1_share": "l1_share_",
        "at_grid_edge": "at_grid_edge_",
        "tuning": "strength",
        "separated": "separated_",
        "iterations": "iterations_",
    }
    return {key: getattr(estimator, name) for key, name in told_and_chosen.items() if hasattr(estimator, name)}


def _network_settings(estimator: Any) -> Settings:  # noqa: ANN401
    final = estimator.training_.members[-1]
    return {
        "hidden": list(estimator.training_.hidden),
        "l2": float(final.l2),
        "dropout": float(final.dropout),
        "epochs": int(estimator.training_.epochs),
        "networks": len(estimator.form_.members),
    }
