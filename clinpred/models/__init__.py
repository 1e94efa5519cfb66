"""Models that predict a risk: scikit-learn estimators, and the plain frozen form that travels."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clinpred.models.boosting import GradientBoosting
    from clinpred.models.firth import FirthLogistic
    from clinpred.models.logistic import ElasticNetLogistic, LassoLogistic, RidgeLogistic
    from clinpred.models.mlp import DropoutMLP, UnregularisedMLP
    from clinpred.models.network_search import tune_mlp
    from clinpred.models.null import Prevalence
    from clinpred.models.penalty_path import penalised_path
    from clinpred.models.unpenalised import UnpenalisedLogistic

_HOMES = {
    "Prevalence": "null",
    "UnpenalisedLogistic": "unpenalised",
    "FirthLogistic": "firth",
    "RidgeLogistic": "logistic",
    "LassoLogistic": "logistic",
    "ElasticNetLogistic": "logistic",
    "DropoutMLP": "mlp",
    "UnregularisedMLP": "mlp",
    "GradientBoosting": "boosting",
    "penalised_path": "penalty_path",
    "tune_mlp": "network_search",
}

__all__ = [
    "DropoutMLP",
    "ElasticNetLogistic",
    "FirthLogistic",
    "GradientBoosting",
    "LassoLogistic",
    "Prevalence",
    "RidgeLogistic",
    "UnpenalisedLogistic",
    "UnregularisedMLP",
    "penalised_path",
    "tune_mlp",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  # imported late: scikit-learn and keras are slow to load
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(f"clinpred.models.{_HOMES[name]}"), name)
    raise AttributeError(f"module `clinpred.models` has no attribute `{name}`")
