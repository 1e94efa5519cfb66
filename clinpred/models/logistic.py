"""Penalised logistic regression as scikit-learn estimators: ridge, lasso, elastic net."""

from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from clinpred.models.classifier import LinearRiskClassifier
from clinpred.models.path import solve_path
from clinpred.models.penalty_path import Method, PenaltyPath, path_of
from clinpred.models.rows import Ints, Rows, checked_rows
from clinpred.models.threads import on_one_blas_thread
from clinpred.models.tuning import chosen_fit, tuned_path
from clinpred.settings.arguments import is_number, is_number_between, refuse_unless, seed_of, whole_number

Rule = Literal["minimum", "one_standard_error"]

# What an elastic net tries where its l1 share is tuned.
L1_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
_METHODS = ("loo", "kfold", "aicc")
_RULES = ("minimum", "one_standard_error")


class _Penalised(LinearRiskClassifier):
    """A penalised fit, its strength given or chosen."""

    path_: PenaltyPath
    strength_: float
    l1_share_: float
    residual_: float
    at_grid_edge_: bool
    _l1_shares: Sequence[float]

    def __init__(
        self,
        strength: float | Method = "loo",
        *,
        rule: Rule = "minimum",
        n_folds: int = 10,
        random_state: int = 0,
    ) -> None:
        self.strength = strength
        self.rule = rule
        self.n_folds = n_folds
        self.random_state = random_state

    @on_one_blas_thread
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
        X : array-like or scipy.sparse of shape (n, p)
            Finite predictors, on any scale; they are standardised here, and anew within every fold.
        y : array-like of shape (n,)
            Two labels; the event is the one that sorts last.
        sample_weight : array-like of shape (n,), optional
            Weights of at least 0; a weight of 2 equals a repeated row.
        patients : array-like of shape (n,), optional
            Whose row each is. All rows of a patient leave together and share a fold. Without it, rows that are exact
            copies count as one patient's: where rows of different patients may agree in everything, name the patients.

        Raises
        ------
        InputRefused
            E-NOT-FINITE, E-DESIGN: not two-dimensional finite numbers, or not one label a row, or weights too far
            apart. E-LENGTH, E-MISSING, E-MIXED: not one patient a row, or labels or patients of different kinds.
        StatisticalRefusal
            S-FEW-ROWS, S-ONE-CLASS, S-NOT-BINARY, S-NO-PREDICTOR, S-FEW-EVENTS, S-NOT-CONVERGED.
        WrongUsage
            E-SETTING: a setting out of its range, such as a seed that is no whole number of at least 0, or a rule that
            the criterion does not know.
        """
        rows, patients_of_rows = self._learnt_from(X, y, sample_weight, patients)
        self._keep(self._fitted_path(rows, patients_of_rows))
        return self

    @on_one_blas_thread
    def refit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        patients: ArrayLike | None = None,
    ) -> Self:
        """Choose and fit as ``fit`` does, which see, but describe no path: quicker for replicates.

        Neither ``path_`` nor ``residual_`` is left by it where the strength is chosen.
        """
        if not isinstance(self.strength, str):
            return self.fit(X, y, sample_weight, patients)
        rows, patients_of_rows = self._learnt_from(X, y, sample_weight, patients)
        chosen = chosen_fit(rows, patients_of_rows, how=self.strength, **self._protocol())
        self.strength_, self.l1_share_, self.at_grid_edge_ = chosen.strength, chosen.l1_share, chosen.at_grid_edge
        self.coef_, self.intercept_ = chosen.coefficients[None], np.array([chosen.intercept])
        return self

    def _learnt_from(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None, patients: ArrayLike | None
    ) -> tuple[Rows, Ints | None]:
        self._refuse_wrong_settings()
        self.classes_, rows, codes = checked_rows(self, X, y, sample_weight=sample_weight, patients=patients)
        return rows, codes

    def _fitted_path(self, rows: Rows, patients: Ints | None) -> PenaltyPath:
        if isinstance(self.strength, str):
            return tuned_path(rows, patients, how=self.strength, **self._protocol())
        problem, strengths, l1_share = rows.problem(), np.array([float(self.strength)]), self._shares()[0]
        return path_of(problem, strengths, l1_share, fits=solve_path(problem, strengths, l1_share))

    def _protocol(self) -> dict[str, Any]:
        return {
            "l1_shares": self._shares(),
            "rule": self.rule,
            "n_folds": int(self.n_folds),
            "rng": np.random.default_rng(int(self.random_state)),
        }

    def _keep(self, path: PenaltyPath) -> None:
        self.path_ = path
        self.strength_, self.l1_share_ = path.strength, path.l1_share
        self.residual_ = float(path.residuals[path.chosen])
        self.at_grid_edge_ = path.at_grid_edge
        self.coef_ = path.coefficients[path.chosen][None]
        self.intercept_ = path.intercepts[path.chosen][None]

    def _shares(self) -> Sequence[float]:
        return self._l1_shares

    def _refuse_wrong_settings(self) -> None:
        tuned = isinstance(self.strength, str) and self.strength in _METHODS
        refuse_unless(
            "strength",
            'a number above 0, or "loo", "kfold" or "aicc"',
            right=tuned or is_number_between(self.strength, 0.0, np.inf),
        )
        known = isinstance(self.rule, str) and self.rule in _RULES
        refuse_unless("rule", '"minimum" or "one_standard_error"', right=known)
        refuse_unless(
            "rule",
            '"minimum" where the strength is given, or chosen by AICc, which has no standard error',
            right=self.rule == "minimum" or self.strength in {"loo", "kfold"},
        )
        whole_number("n_folds", self.n_folds, least=2)
        seed_of("random_state", self.random_state)

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401  # scikit-learn ships no types
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class RidgeLogistic(_Penalised):
    """Logistic regression with an l2 penalty, λ/2·‖β‖² on the mean log likelihood, predictors standardised.

    Parameters
    ----------
    strength : float above 0, or "loo", "kfold" or "aicc"
        λ. "loo" chooses it by the deviance of patients left out one by one, in closed form; for an l1 penalty folds
        confirm it among the five strengths around its minimum. "kfold" chooses it by the out-of-fold deviance of
        patient-wise folds, "aicc" by Akaike's corrected criterion on effective degrees of freedom.
    rule : "minimum" or "one_standard_error"
        The smallest deviance, or the strongest penalty within one standard error of it.
    n_folds : int, at least 2
        Fewer are used where fewer patients have the event, or are without it. With "loo" and an l1 penalty, where not
        even 2 are, the leave-one-out choice stands and ``path_.too_few_for_folds`` says so.
    random_state : int, at least 0
        Seed of the folds.

    Attributes
    ----------
    coef_, intercept_ : arrays of shape (1, p) and (1,)
        For raw predictors.
    strength_, l1_share_ : float
        What was chosen, or given.
    path_ : PenaltyPath
        The fits along the strengths, their apparent deviances, and the criterion of the choice.
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
    l1_share : float in 0 to 1, or "tuned"
        α; "tuned" chooses among .1, .25, .5, .75 and .9 by the same criterion as the strength.
    """

    def __init__(
        self,
        strength: float | Method = "loo",
        l1_share: float | Literal["tuned"] = "tuned",
        *,
        rule: Rule = "minimum",
        n_folds: int = 10,
        random_state: int = 0,
    ) -> None:
        super().__init__(strength, rule=rule, n_folds=n_folds, random_state=random_state)
        self.l1_share = l1_share

    def _shares(self) -> Sequence[float]:
        return L1_SHARES if isinstance(self.l1_share, str) else (float(self.l1_share),)

    def _refuse_wrong_settings(self) -> None:
        super()._refuse_wrong_settings()
        tuned = isinstance(self.l1_share, str) and self.l1_share == "tuned" and isinstance(self.strength, str)
        given = is_number(self.l1_share) and (self.l1_share in {0, 1} or is_number_between(self.l1_share, 0.0, 1.0))
        expected = 'a number from 0 to 1, or "tuned" where the strength is chosen too'
        refuse_unless("l1_share", expected, right=tuned or given)
