"""Firth's logistic regression as a scikit-learn estimator: finite coefficients where the outcome is separated."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from clinpred.errors import WrongUsage
from clinpred.models.classifier import LinearRiskClassifier
from clinpred.models.jeffreys import JeffreysLikelihood, Place
from clinpred.models.likelihood import Problem, null_coefficients, spanned
from clinpred.models.profile import ProfileInterval, profile_interval
from clinpred.models.risk_model import Array
from clinpred.models.rows import checked_rows
from clinpred.models.separation import separation_of
from clinpred.models.threads import on_one_blas_thread


class FirthLogistic(LinearRiskClassifier):
    """Logistic regression that maximises the log likelihood + ½ log det I, I being Fisher's information.

    The maximum exists whether or not the predictors separate the outcome. Its coefficients are Firth's; its intercept
    is then corrected (FLIC) so that the mean risk is the event rate: Firth's own intercept draws it towards one half.

    Weights count as repeated rows, in the penalty too. A constant predictor gets the coefficient 0; a rank-deficient
    design is fitted in its row space, with minimum norm.

    Attributes
    ----------
    coef_ : array of shape (1, p)
        Log odds ratios for a unit of each raw predictor.
    intercept_ : array of shape (1,)
        FLIC's intercept, by which risks are predicted.
    firth_intercept_ : float
        The intercept of the penalised likelihood.
    penalised_log_likelihood_ : float
        At the maximum, predictors standardised by their weighted population standard deviation. In raw units ½ log det
        I is larger by Σ log(standard deviation).

    Notes
    -----
    Checked against R's logistf 1.26.1 and brglm2 0.9 (``tests/reference/10_firth.json``): coefficients, FLIC's
    intercept, profile intervals, p values and the penalised log likelihood, to 1e-6. With one binary predictor the log
    odds ratio is that of the fourfold table with ½ added to every cell.

    References
    ----------
    Firth D. Bias reduction of maximum likelihood estimates. Biometrika 1993;80:27-38.
    Heinze G, Schemper M. A solution to the problem of separation in logistic regression. Stat Med 2002;21:2409-19.
    Puhr R, Heinze G, Nold M, Lusa L, Geroldinger A. Firth's logistic regression with rare events: accurate effect
    estimates and predictions? Stat Med 2017;36:2302-17.

    Examples
    --------
    >>> X, y = [[0.0], [0.0], [0.0], [1.0], [1.0]], [0, 0, 1, 1, 1]
    >>> round(float(FirthLogistic().fit(X, y).coef_[0, 0]), 6) == round(float(np.log((2.5 / 0.5) / (1.5 / 2.5))), 6)
    True
    """

    firth_intercept_: float
    penalised_log_likelihood_: float
    _likelihood: JeffreysLikelihood
    _best: Place
    _combinations: list[Array | None]

    @on_one_blas_thread
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        patients: ArrayLike | None = None,
    ) -> Self:
        """Fit all rows. The rows stay with the estimator, for `profile_intervals`.

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
            E-NOT-FINITE, E-DESIGN: not two-dimensional finite numbers, or not one label a row.
        StatisticalRefusal
            S-FEW-ROWS, S-ONE-CLASS, S-NOT-BINARY, S-NO-PREDICTOR, S-NOT-CONVERGED.
        """
        self.classes_, rows, _ = checked_rows(self, X, y, sample_weight=sample_weight, patients=patients)
        problem = rows.problem()
        design, back = _full_rank_design(problem)
        self._likelihood = JeffreysLikelihood(design, rows.outcome, rows.weight)
        self._best = self._likelihood.highest(np.zeros(design.shape[1]))
        self._combinations = _combinations(problem, back)
        self.penalised_log_likelihood_ = self._best.value
        coefficients = back @ self._best.coefficients
        intercepts, self.coef_ = problem.on_original_scale(coefficients[None])
        self.firth_intercept_ = float(intercepts[0])
        self.intercept_ = intercepts + _intercept_correction(problem, coefficients)
        return self

    @on_one_blas_thread
    def profile_intervals(
        self, *, level: float = 0.95, columns: Sequence[int] | None = None
    ) -> list[ProfileInterval | None]:
        """Return each predictor's penalised-likelihood interval and p value, for raw units.

        None stands for a predictor that is constant or aliased: its coefficient is a convention. A bound that could
        not be found is None, and the interval's ``reason`` says why.

        Parameters
        ----------
        level : float between 0 and 1
            Confidence level.
        columns : sequence of int, optional
            Predictors asked for, from 0, in the order of the answer; all if none are given.

        Raises
        ------
        WrongUsage
            E-SETTING: a level out of its range.
        """
        check_is_fitted(self)
        if not 0.0 < level < 1.0:
            raise WrongUsage(
                "E-SETTING",
                "`level` is out of its range",
                expected="a number between 0 and 1",
                to_fix="change `level`, such as to 0.95",
            )
        asked = self._combinations if columns is None else [self._combinations[at] for at in columns]
        branches = separation_of(self._likelihood.design[:, 1:], self._likelihood.outcome).complete
        return [
            None
            if combination is None
            else profile_interval(self._likelihood, self._best, combination, level=level, branches=branches)
            for combination in asked
        ]


def _full_rank_design(problem: Problem) -> tuple[Array, Array]:
    """Return a design (n, q) of full rank, intercept first, and the matrix that leads back to 1 + p coefficients."""
    design = problem.linear_predictor(np.eye(1 + problem.n_predictors))
    directions, back = spanned(design[:, 1:])
    if directions.shape[1] == problem.n_predictors:
        return design, np.eye(1 + problem.n_predictors)
    inner = np.zeros((1 + problem.n_predictors, 1 + directions.shape[1]))
    inner[0, 0], inner[1:, 1:] = 1.0, back
    return np.column_stack([design[:, :1], directions]), inner


def _combinations(problem: Problem, back: Array) -> list[Array | None]:
    """Return each raw coefficient as a combination of the fitted ones; None where the rows do not determine it."""
    determined = np.abs((back[1:] ** 2).sum(axis=1) - 1.0) < 1e-8
    rows = zip(back[1:], problem.scale, determined, strict=True)
    return [row / scale if known else None for row, scale, known in rows]


def _intercept_correction(problem: Problem, coefficients: Array) -> float:
    beside = replace(problem, offset=problem.linear_predictor(coefficients))
    return float(null_coefficients(beside)[0])
