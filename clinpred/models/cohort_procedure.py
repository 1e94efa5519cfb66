"""The whole procedure over a cohort, ready to be run again on resampled patients: preparation, tuning and fit."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.models.development import Rule, Tuning, new_estimator
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.models.procedure import Array, Ints, Refit, Refits
from clinpred.predictors.coded import Coded
from clinpred.predictors.preparation import Preparation

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

    Attributes
    ----------
    outcome : array of shape (n,)
        0 or 1 a development row.
    patients : int array of shape (n,)
        The patient of each row.
    """

    def __init__(
        self, development: "Cohort", models: tuple[str, ...], *, tuning: Tuning = "loo", rule: Rule = "minimum"
    ) -> None:
        self.models = models
        self.outcome: Array = development.outcome
        self.patients: Ints = development.patients
        self.tuning: Tuning = tuning
        self.rule: Rule = rule
        self.coded = Coded.of(development.predictors, development.types, development.patients)

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
            preparation = Preparation.learn_coded(self.coded, counts=counts)
        except StatisticalRefusal as refusal:
            return Refits({}, dict.fromkeys(self.models, refusal))
        estimators = {name: new_estimator(name, seed=seed, tuning=self.tuning, rule=self.rule) for name in self.models}
        design = preparation.apply_coded(self.coded)
        prepared = MatrixProcedure(estimators, design, self.outcome, self.patients, columns=preparation.columns)
        refits = prepared.refit(counts, seed=seed)
        return replace(refits, models={name: _per_unit(refit, preparation) for name, refit in refits.models.items()})


def _per_unit(refit: Refit, preparation: Preparation) -> Refit:
    """Return a refit whose coefficients are for a unit of each column, no longer for a standard deviation."""
    if refit.coefficients is None:
        return refit
    per_sd = np.array([refit.coefficients[column] for column in preparation.columns])
    per_unit = per_sd / np.array(preparation.sd)
    return replace(refit, coefficients=dict(zip(preparation.columns, per_unit.tolist(), strict=True)))
