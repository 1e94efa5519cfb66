"""Gradient boosting, the optional challenger: scikit-learn's, stopped early on patients used for nothing else."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.ensemble import HistGradientBoostingClassifier

from clinpred.models.classifier import RiskClassifier
from clinpred.models.risk_model import OpaqueForm
from clinpred.models.rows import checked_rows
from clinpred.records.partition import patient_folds

STOPPING_FOLDS = 7
"""One patient in seven stops the boosting."""


class GradientBoosting(RiskClassifier):
    """Histogram gradient boosting whose number of trees is set by patients that are not learnt from.

    Parameters
    ----------
    random_state : int
        Seed of who stops, and of the boosting.

    Attributes
    ----------
    form_ : OpaqueForm
        The boosting's log odds: known as a function only, so it is not saved.
    iterations_ : int
        Number of trees.
    """

    def __init__(self, *, random_state: int = 0) -> None:
        self.random_state = random_state

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None, patients: ArrayLike | None = None
    ) -> Self:
        """Learn from six patients in seven; stop where the others' log loss no longer falls.

        Raises
        ------
        StatisticalRefusal
            S-FEW-EVENTS: fewer than seven patients have the event, or are without it.
        """
        self.classes_, rows, codes = checked_rows(self, X, y, sample_weight=sample_weight, patients=patients)
        patient = np.arange(rows.outcome.size) if codes is None else codes
        folds = patient_folds(rows.outcome, patient, STOPPING_FOLDS, np.random.default_rng(self.random_state))
        learning, stopping = rows.take(folds > 0), rows.take(folds == 0)
        boosting = HistGradientBoostingClassifier(
            learning_rate=0.05, max_iter=500, early_stopping=True, n_iter_no_change=20, random_state=self.random_state
        )
        boosting.fit(
            learning.predictors,
            learning.outcome,
            sample_weight=learning.weight,
            X_val=stopping.predictors,
            y_val=stopping.outcome,
            sample_weight_val=stopping.weight,
        )
        self.form_ = OpaqueForm(boosting.decision_function)
        self.iterations_ = int(boosting.n_iter_)
        return self
