"""How this study's preparation is learnt: what the study file says, and what its rule for bent numbers comes to."""

from clinpred.errors import InputRefused
from clinpred.models.development import prepare
from clinpred.predictors.coded import Coded
from clinpred.predictors.nonlinear import affordable_knots, rule_finding
from clinpred.records.cohort import Cohort
from clinpred.records.findings import Finding
from clinpred.settings.recipe import Recipe
from clinpred.settings.study import Study


def recipe_of(study: Study, development: Cohort) -> tuple[Recipe, list[Finding]]:
    """Return the recipe, and what ``nonlinear = "auto"`` came to; of outcomes only the number of events has a say.

    Raises
    ------
    InputRefused
        E-MISSING-COLUMN, E-NUMBER: the study says something of a column that is no predictor, or no number.
    """
    _check_clusters(study, development)
    asked: dict[str, int] = {name: said.knots for name, said in study.predictors.items() if said.knots is not None}
    _check_knots(asked, development)
    recipe = Recipe(correlation=study.correlation, knots=asked, imputation=study.preparation.imputation)
    if study.preparation.nonlinear == "none":
        return recipe, []
    rarer = min(development.n_events, development.n_patients - development.n_events)
    straight = prepare(development, recipe=recipe).preparation
    coded = Coded.of(development.predictors, development.types, development.patients)
    knots = affordable_knots(straight, coded, rarer=rarer, asked=asked)
    return recipe.model_copy(update={"knots": knots}), [rule_finding(knots, asked, rarer=rarer)]


def _check_clusters(study: Study, development: Cohort) -> None:
    """Refuse a policy for the cluster of what is no predictor."""
    unknown = [name for name in study.correlation.clusters if name not in development.predictors]
    if unknown:
        raise InputRefused(
            "E-MISSING-COLUMN",
            f"no predictor of the study: {', '.join(f'`{name}`' for name in unknown)}",
            expected="clusters that are named by a predictor in them (study.toml: correlation.clusters)",
            to_fix="name a predictor as the export has it, or leave the policy out",
        )


def _check_knots(asked: dict[str, int], development: Cohort) -> None:
    """Refuse knots of what is no number."""
    wrong = [name for name in asked if name not in development.types or development.types[name].kind != "number"]
    if wrong:
        raise InputRefused(
            "E-NUMBER",
            f"knots are asked for of what is no number: {', '.join(f'`{name}`' for name in wrong)}",
            expected="predictors that are numbers (study.toml: predictors)",
            to_fix="leave their `knots` out, or correct their type",
        )
