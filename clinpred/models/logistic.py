"""Penalised logistic regression as scikit-learn estimators: ridge, lasso, elastic net."""

from collections.abc import Sequence
from numbers import Real
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from clinpred.errors import WrongUsage
from clinpred.models.classifier import LinearRiskClassifier
from clinpred.models.folds import PenaltyPath, fitted_path, row_folds, tuned_path
from clinpred.models.rows import Ints, Rows, checked_rows

Tuned = Literal["kfold"]

# What an elastic net tries where its l1 share is tuned.
L1_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)


class _Penalised(LinearRiskClassifier):
    """A penalised fit, its strength given or chosen by patient-wise folds."""

    path_: PenaltyPath
    strength_: float
    l1_share_: float
    residual_: float
    at_grid_edge_: bool
    _l1_shares: Sequence[float]

    def __init__(self, strength: float | Tuned = "kfold", *, n_folds: int = 10, random_state: int = 0) -> None:
        self.strength = strength
        self.n_folds = n_folds
        self.random_state = random_state

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        patients: ArrayLike | None = None,
    ) -> Self:
        """Choose the penalty strength, if it is not given, and fit all rows.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Finite predictors, on any scale; they are standardised here, and anew within every fold.
        y : array-like of shape (n,)
            Two labels; the event is the one that sorts last.
        sample_weight : array-like of shape (n,), optional
            Weights of at least 0; a weight of 2 equals a repeated row.
        patients : array-like of shape (n,), optional
            Whose row each is. All rows of a patient share a fold. Without it, rows that are exact copies do.

        Raises
        ------
        InputRefused
            E-NOT-FINITE, E-DESIGN: not two-dimensional finite numbers, or not one label a row.
        StatisticalRefusal
            S-FEW-ROWS, S-ONE-CLASS, S-NOT-BINARY, S-NO-PREDICTOR, S-FEW-EVENTS, S-NOT-CONVERGED.
        WrongUsage
            E-SETTING: a strength, l1 share or number of folds out of its range.
        """
        self._refuse_wrong_settings()
        self.classes_, rows, codes = checked_rows(self, X, y, sample_weight=sample_weight, patients=patients)
        self._keep(self._fitted_path(rows, codes))
        return self

    def _fitted_path(self, rows: Rows, patients: Ints | None) -> PenaltyPath:
        if self.strength != "kfold":
            return fitted_path(rows, np.array([float(self.strength)]), self._shares()[0])
        folds = row_folds(rows, patients, self.n_folds, np.random.default_rng(self.random_state))
        return tuned_path(rows, folds, self._shares())

    def _keep(self, path: PenaltyPath) -> None:
        self.path_ = path
        self.strength_, self.l1_share_ = path.strength, path.l1_share
        self.residual_ = float(path.residuals[path.chosen])
        self.at_grid_edge_ = path.resampled is not None and path.resampled.at_grid_edge
        self.coef_ = path.coefficients[path.chosen][None]
        self.intercept_ = path.intercepts[path.chosen][None]

    def _shares(self) -> Sequence[float]:
        return self._l1_shares

    def _refuse_wrong_settings(self) -> None:
        _refuse_unless(
            self.strength == "kfold" or _is_number_in(self.strength, 0.0, np.inf),
            "`strength`",
            'a number above 0, or "kfold"',
        )
        _refuse_unless(
            _is_number_in(self.n_folds, 1.0, np.inf) and self.n_folds == int(self.n_folds),
            "`n_folds`",
            "a whole number of at least 2",
        )


class RidgeLogistic(_Penalised):
    """Logistic regression with an l2 penalty, λ/2·‖β‖² on the mean log likelihood, predictors standardised.

    Parameters
    ----------
    strength : float above 0, or "kfold"
        λ; "kfold" chooses it by the out-of-fold deviance of ``n_folds`` patient-wise folds.
    n_folds : int, at least 2
        Fewer are used where fewer patients have the event, or are without it.
    random_state : int
        Seed of the folds.

    Attributes
    ----------
    coef_, intercept_ : arrays of shape (1, p) and (1,)
        For raw predictors.
    strength_, l1_share_ : float
        What was chosen, or given.
    path_ : PenaltyPath
        The fits along the strengths, their apparent and out-of-fold deviances.
    at_grid_edge_ : bool
        The best strength lies at the end of the path, even after it was extended once.
    residual_ : float
        By how much the optimality conditions are missed, predictors standardised.

    Notes
    -----
    Checked against R's glmnet 4.1-6 (``tests/reference/02_glmnet.json``, 1e-4 of the standardised coefficients) and
    ``rms::lrm`` 6.5-0 (``tests/reference/03_lrm.json``, 1e-4).

    References
    ----------
    Friedman J, Hastie T, Tibshirani R. Regularization paths for generalized linear models via coordinate descent.
    J Stat Softw 2010;33(1):1-22.

    Examples
    --------
    >>> X = [[0.0], [1.0], [0.0], [1.0], [1.0], [0.0]]
    >>> model = RidgeLogistic(strength=0.1).fit(X, ["well", "ill", "ill", "ill", "well", "well"])
    >>> [round(float(risk), 3) for risk in model.predict_proba([[0.0], [1.0]])[:, 0]]
    [0.382, 0.618]
    """

    _l1_shares = (0.0,)


class LassoLogistic(_Penalised):
    """Logistic regression with an l1 penalty, λ·‖β‖₁ on the mean log likelihood, predictors standardised.

    Parameters, attributes, checks and reference are those of `RidgeLogistic`.
    """

    _l1_shares = (1.0,)


class ElasticNetLogistic(_Penalised):
    """Logistic regression with the penalty λ·((1 - α)/2·‖β‖² + α·‖β‖₁), predictors standardised.

    Parameters, attributes, checks and reference are those of `RidgeLogistic`, and:

    Parameters
    ----------
    strength : float above 0, or "kfold"
        λ.
    l1_share : float in 0 to 1, or "kfold"
        α; "kfold" tries .1, .25, .5, .75 and .9 in the same folds as the strengths.
    n_folds, random_state : int
        As in `RidgeLogistic`.
    """

    def __init__(
        self,
        strength: float | Tuned = "kfold",
        l1_share: float | Tuned = "kfold",
        *,
        n_folds: int = 10,
        random_state: int = 0,
    ) -> None:
        super().__init__(strength, n_folds=n_folds, random_state=random_state)
        self.l1_share = l1_share

    def _shares(self) -> Sequence[float]:
        return L1_SHARES if self.l1_share == "kfold" else (float(self.l1_share),)

    def _refuse_wrong_settings(self) -> None:
        super()._refuse_wrong_settings()
        tuned = self.l1_share == "kfold" and self.strength == "kfold"
        given = self.l1_share in {0, 1} or _is_number_in(self.l1_share, 0.0, 1.0)
        _refuse_unless(tuned or given, "`l1_share`", 'a number from 0 to 1, or "kfold" together with strength="kfold"')


def _is_number_in(setting: object, above: float, below: float) -> bool:
    return isinstance(setting, Real) and not isinstance(setting, bool) and above < float(setting) < below


def _refuse_unless(right: bool, setting: str, expected: str) -> None:  # noqa: FBT001  # reads as a sentence
    if not right:
        raise WrongUsage("E-SETTING", f"{setting} is out of its range", expected=expected, to_fix=f"change {setting}")
