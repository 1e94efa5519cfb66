"""When predictors are taken to go together."""

from pydantic import Field

from clinpred.settings.frozen import Frozen


class Correlation(Frozen):
    """Predictors are one cluster where any two of them have an association of at least ``cut``."""

    cut: float = Field(default=0.7, gt=0, lt=1)
