"""What all estimators share: a form that gives log odds, and from it risks and classes."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from clinpred.models.risk_model import Array, Form, LinearForm, risk_of
from clinpred.models.rows import checked_predictors


class RiskClassifier(ClassifierMixin, BaseEstimator):
    """A scikit-learn classifier of two classes whose ``fit`` leaves ``classes_`` and ``form_``.

    Attributes
    ----------
    classes_ : array of shape (2,)
        The labels; the second is the event.
    form_ : Form
        What gives the log odds of the event for predictors as they were given to ``fit``.
    """

    classes_: NDArray[Any]
    form_: Form

    def decision_function(self, X: ArrayLike) -> Array:
        """Return the linear predictor, the log odds of the second class, shape (n,)."""
        check_is_fitted(self)
        return self.form_.linear_predictor(checked_predictors(self, X))

    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the risks of the first and of the second class, shape (n, 2)."""
        linear_predictor = self.decision_function(X)
        return np.column_stack([risk_of(-linear_predictor), risk_of(linear_predictor)])

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the class whose risk is above one half, shape (n,)."""
        above_half = self.decision_function(X) > 0
        predicted: NDArray[Any] = self.classes_[above_half.astype(int)]
        return predicted

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401  # scikit-learn ships no types
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


class LinearRiskClassifier(RiskClassifier):
    """A risk classifier with coefficients, on the scale of the predictors given."""

    coef_: Array
    intercept_: Array

    @property
    def form_(self) -> LinearForm:  # type: ignore[override]  # here it follows from the coefficients
        """Intercept and coefficients as a form."""
        return LinearForm(float(self.intercept_[0]), self.coef_[0])
