"""Unpenalised logistic regression as a scikit-learn estimator: the unregularised baseline."""

from typing import Self

from numpy.typing import ArrayLike

from clinpred.models.classifier import LinearRiskClassifier
from clinpred.models.maximum_likelihood import maximum_likelihood
from clinpred.models.rows import checked_rows


class UnpenalisedLogistic(LinearRiskClassifier):
    """Logistic regression by maximum likelihood: the unregularised baseline.

    Where the outcome is separated the likelihood has no maximum; the fit then stops as R's ``glm`` stops and
    ``separated_`` says so. Its risks are what such a baseline gives; its coefficients mean nothing:
    `clinpred.models.separation.separation_of` names the columns, `FirthLogistic` gives them finite coefficients.
    A rank-deficient design is fitted with minimum norm.

    Attributes
    ----------
    coef_ : array of shape (1, p)
        Log odds ratios for a unit of each raw predictor.
    intercept_ : array of shape (1,)
    separated_ : bool
        The predictors separate the classes, wholly or in part.
    residual_ : float
        Largest gradient of the mean log likelihood at the fit, predictors standardised.
    iterations_ : int
        Newton steps until the maximum was close, or the deviance flat.

    Notes
    -----
    Checked against R 4.2.2 ``glm`` (``tests/reference/01_glm.json``, to 1e-9 of the standardised coefficients) and
    ``rms::lrm`` 6.5-0 without a penalty (``tests/reference/03_lrm.json``, 1e-6).

    Examples
    --------
    >>> X = [[0.0], [1.0], [0.0], [1.0], [1.0], [0.0]]
    >>> model = UnpenalisedLogistic().fit(X, ["well", "ill", "ill", "ill", "well", "well"])
    >>> [round(float(risk), 3) for risk in model.predict_proba([[0.0], [1.0]])[:, 0]]
    [0.333, 0.667]
    """

    separated_: bool
    residual_: float
    iterations_: int

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        patients: ArrayLike | None = None,
    ) -> Self:
        """Fit all rows.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Finite predictors.
        y : array-like of shape (n,)
            Two labels; the event is the one that sorts last.
        sample_weight : array-like of shape (n,), optional
            Weights of at least 0; a weight of 2 equals a repeated row.
        patients : array-like of shape (n,), optional
            Taken so that all models are fitted alike; nothing is resampled here.

        Raises
        ------
        InputRefused
            E-NOT-FINITE, E-DESIGN: not two-dimensional finite numbers, or not one label a row, or weights too far
            apart. E-LENGTH, E-MISSING, E-MIXED: not one patient a row, or labels or patients of different kinds.
        StatisticalRefusal
            S-FEW-ROWS, S-ONE-CLASS, S-NOT-BINARY, S-NO-PREDICTOR, S-NOT-CONVERGED.
        """
        self.classes_, rows, _ = checked_rows(self, X, y, sample_weight=sample_weight, patients=patients)
        problem = rows.problem()
        fit = maximum_likelihood(problem)
        self.intercept_, self.coef_ = problem.on_original_scale(fit.coefficients[None])
        self.separated_, self.residual_, self.iterations_ = fit.separated, fit.residual, fit.iterations
        return self
