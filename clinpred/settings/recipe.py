"""How a preparation is to be learnt from development patients: what was decided before their outcome was looked at."""

from typing import Literal

from pydantic import Field

from clinpred.settings.correlation import Correlation
from clinpred.settings.frozen import Frozen


class Preparing(Frozen):
    """What is decided for all predictors alike.

    ``nonlinear = "auto"`` bends numbers by restricted cubic splines as far as the patients of the rarer outcome class
    allow it; else those numbers bend whose ``knots`` are given. ``imputation`` says what stands for missing values:
    medians and most frequent levels with indicators, or what chained equations expect from the other predictors.
    ``imputations`` is how many times chained equations also draw them, to show what missing values cost.
    """

    nonlinear: Literal["none", "auto"] = "none"
    imputation: Literal["simple", "chained"] = "simple"
    imputations: int = Field(default=10, ge=5, le=1_000)


class Recipe(Frozen):
    """What ``Preparation.learn`` is to do: all predictors kept, straight and simply imputed, unless said otherwise.

    ``knots`` gives numbers 3 to 7 knots each; what is not named there, or has 0, stays a straight line.
    """

    correlation: Correlation = Correlation()
    knots: dict[str, int] = Field(default_factory=dict)
    imputation: Literal["simple", "chained"] = "simple"


PLAIN = Recipe()
