"""Which models are developed, and which one is the primary model."""

from typing import Literal, Self, get_args

from pydantic import model_validator

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
STANDARD_MODELS = MODEL_NAMES[:-1]
UNREGULARISED_TWINS = {
    "logistic_ridge": "logistic_unpenalised",
    "logistic_lasso": "logistic_unpenalised",
    "logistic_elastic_net": "logistic_unpenalised",
    "mlp_regularised": "mlp_unregularised",
}


class Models(Frozen):
    """The models of a run. The primary one is declared before any result is seen."""

    fit: tuple[ModelName, ...] = STANDARD_MODELS  # type: ignore[assignment]  # a slice of the literal's own names
    primary: ModelName = "logistic_ridge"

    @model_validator(mode="after")
    def _primary_is_fitted(self) -> Self:
        if self.primary not in self.fit:
            raise ValueError(f"the primary model `{self.primary}` is not among `fit`")
        return self
