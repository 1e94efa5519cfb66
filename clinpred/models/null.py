"""The null model: every patient's risk is the event rate of the patients learnt from."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from clinpred.models.classifier import RiskClassifier
from clinpred.models.risk_model import LinearForm
from clinpred.models.rows import checked_rows


class Prevalence(RiskClassifier):
    """The event rate as everybody's risk: what a model must beat.

    Attributes
    ----------
    form_ : LinearForm
        The logit of the weighted event rate, and a coefficient of 0 for every predictor.
    """

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None, patients: ArrayLike | None = None
    ) -> Self:
        """Learn the event rate; ``patients`` are checked and change nothing."""
        self.classes_, rows, _ = checked_rows(self, X, y, sample_weight=sample_weight, patients=patients)
        rate = float(np.average(rows.outcome, weights=rows.weight))
        self.form_ = LinearForm(float(np.log(rate / (1.0 - rate))), np.zeros(rows.predictors.shape[1]))
        return self
