"""Which models are developed, and which one is the primary model."""

from typing import Any, Literal, Self, get_args

from pydantic import Field, model_validator

from clinpred.settings.frozen import Frozen

ModelName = Literal[
    "prevalence",
    "logistic_unpenalised",
    "logistic_ridge",
    "logistic_lasso",
    "logistic_elastic_net",
    "mlp_unregularised",
    "mlp_regularised",
    "gradient_boosting",
]
MODEL_NAMES: tuple[str, ...] = get_args(ModelName)
STANDARD_MODELS: tuple[ModelName, ...] = get_args(ModelName)[:-1]
UNREGULARISED_TWINS = {
    "logistic_ridge": "logistic_unpenalised",
    "logistic_lasso": "logistic_unpenalised",
    "logistic_elastic_net": "logistic_unpenalised",
    "mlp_regularised": "mlp_unregularised",
}


class Models(Frozen):
    """The models of a run. The primary one is declared before any result is seen.

    Where it is not declared it is ``logistic_ridge``, else the first regularised model of ``fit``, else its first.
    ``tuning`` says by what a penalty strength is chosen: the deviance of patients left out one by one, that of K-fold,
    or AICc; ``rule`` takes the best, or the strongest penalty within one standard error of it.
    """

    fit: tuple[ModelName, ...] = Field(default=STANDARD_MODELS, min_length=1)
    primary: ModelName
    tuning: Literal["loo", "kfold", "aicc"] = "loo"
    rule: Literal["minimum", "one_standard_error"] = "minimum"

    @model_validator(mode="before")
    @classmethod
    def _declare_primary(cls, settings: Any) -> Any:  # noqa: ANN401  # whatever TOML holds
        if not isinstance(settings, dict) or settings.get("primary") is not None:
            return settings
        fit = settings.get("fit", STANDARD_MODELS)
        if not isinstance(fit, list | tuple):
            return settings
        regularised = [name for name in fit if name in UNREGULARISED_TWINS]
        others = [name for name in fit if name != "prevalence"]
        preferred = [*("logistic_ridge" for name in fit if name == "logistic_ridge"), *regularised, *others, *fit]
        return {**settings, "primary": preferred[0]} if preferred else settings

    @model_validator(mode="after")
    def _primary_is_fitted(self) -> Self:
        if self.primary not in self.fit:
            raise ValueError(f"the primary model `{self.primary}` is not among `fit`")
        if len(set(self.fit)) < len(self.fit):
            raise ValueError("`fit` names a model twice")
        return self
