"""The whole procedure over a cohort, ready to be run again on resampled patients: preparation, tuning and fit."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.models.development import AS_WIDE_AS, Rule, Tuning, new_estimator
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.models.procedure import Array, Ints, Refit, Refits
from clinpred.predictors.coded import Coded
from clinpred.predictors.encoding import CategoryRule, NumberRule, learn_rule
from clinpred.predictors.preparation import Preparation
from clinpred.settings.recipe import PLAIN, Recipe

if TYPE_CHECKING:
    from clinpred.records.cohort import Cohort


class CohortProcedure:
    """Development of a cohort's models from the predictors as they were recorded, as a ``Procedure``.

    Every resample learns the preparation anew (imputation, levels, dropped columns, scaling), then chooses each
    penalty strength anew. Rows that were not drawn teach nothing; they are predicted.

    Parameters
    ----------
    development : Cohort
        The development patients.
    models : tuple of str
        Names of ``clinpred.settings.models.MODEL_NAMES``.
    tuning : {"loo", "kfold", "aicc"}
        By what penalty strengths are chosen.
    rule : {"minimum", "one_standard_error"}
        The best strength, or the strongest within one standard error of it.
    recipe : Recipe, optional
        How the preparation is learnt.

    Attributes
    ----------
    outcome : array of shape (n,)
        0 or 1 a development row.
    patients : int array of shape (n,)
        The patient of each row.
    """

    def __init__(
        self,
        development: "Cohort",
        models: tuple[str, ...],
        *,
        tuning: Tuning = "loo",
        rule: Rule = "minimum",
        recipe: Recipe = PLAIN,
    ) -> None:
        self.models = models
        self.outcome: Array = development.outcome
        self.patients: Ints = development.patients
        self.tuning: Tuning = tuning
        self.rule: Rule = rule
        self.recipe = recipe
        self.coded = Coded.of(development.predictors, development.types, development.patients)
        self.references = references(self.coded)

    def refit(self, counts: Ints, *, seed: int) -> Refits:
        """Learn the preparation on the rows drawn, and develop every model on them.

        A preparation that is refused refuses every model.

        Parameters
        ----------
        counts : int array of shape (n,)
            How often each row was drawn; all rows of a patient alike.
        seed : int
            Seed of folds, of early-stopping patients and of initial weights.
        """
        try:
            preparation = Preparation.learn_coded(self.coded, counts=counts, recipe=self.recipe)
        except StatisticalRefusal as refusal:
            return Refits({}, dict.fromkeys(self.models, refusal))
        estimators = {name: new_estimator(name, seed=seed, tuning=self.tuning, rule=self.rule) for name in self.models}
        design = preparation.apply_coded(self.coded)
        prepared = MatrixProcedure(
            estimators, design, self.outcome, self.patients, columns=preparation.columns, as_wide_as=AS_WIDE_AS
        )
        refits = prepared.refit(counts, seed=seed)
        models = {name: self._as_developed(refit, preparation) for name, refit in refits.models.items()}
        return replace(refits, models=models)

    def _as_developed(self, refit: Refit, preparation: Preparation) -> Refit:
        """Return a refit with knots, its coefficients for a unit of each column, against development's references."""
        if refit.coefficients is None:
            return refit
        per_sd = np.array([refit.coefficients[column] for column in preparation.columns])
        per_unit = dict(zip(preparation.columns, (per_sd / np.array(preparation.sd)).tolist(), strict=True))
        for rule in preparation.rules:
            if isinstance(rule, CategoryRule) and rule.levels[:1] != (self.references[rule.predictor],):
                per_unit = against_reference(per_unit, rule, self.references[rule.predictor])
        knots = {
            rule.predictor: rule.knots for rule in preparation.rules if isinstance(rule, NumberRule) and rule.knots
        }
        return replace(refit, coefficients=per_unit, knots=knots)


def references(coded: Coded) -> dict[str, str | None]:
    """Return the reference level of every category: the most frequent one, None where no level is frequent enough."""
    copies = np.ones(coded.n_rows, dtype=np.int64)
    rules = [learn_rule(column, coded.patients, copies) for column in coded.categories.values()]
    return {rule.predictor: next(iter(rule.levels), None) for rule in rules if isinstance(rule, CategoryRule)}


def against_reference(coefficients: Mapping[str, float], rule: CategoryRule, reference: str | None) -> dict[str, float]:
    """Return the coefficients of a category's columns against another reference level than the rule's own.

    The same model: what the new reference had moves to the intercept, and from every other column of the category. As
    they are where the new reference has no column, for then nothing is known of it.

    Examples
    --------
    >>> rule = CategoryRule("ward", ("b", "a", "c"), pool=False, indicator=False)
    >>> against_reference({"age": 0.5, "ward = a": 0.25, "ward = c": 1.0}, rule, "a")
    {'age': 0.5, 'ward = b': -0.25, 'ward = c': 0.75}
    """
    column = f"{rule.predictor} = {reference}"
    if column not in coefficients:
        return dict(coefficients)
    moved, shift = set(rule.column_names), coefficients[column]
    found = {name: value - shift if name in moved else value for name, value in coefficients.items()}
    own = f"{rule.predictor} = {rule.levels[0]}"
    return {(own if name == column else name): (-shift if name == column else value) for name, value in found.items()}
