"""The likelihood times Jeffreys' prior: Firth's penalised likelihood, and its maximum in all directions or in some."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, lapack, solve_triangular

from clinpred.errors import StatisticalRefusal
from clinpred.models.design import row_blocks
from clinpred.models.likelihood import not_converged
from clinpred.models.risk_model import Array, risk_of

_MAX_STEPS = 1000
# By how much one step may move a patient's log odds, beside half of the largest.
_FARTHEST = 5.0
# What a step may promise to add to the log likelihood and still be rounding, once steps no longer shorten.
_SLIGHT = 1e-10
_TOLERANCE = 1e-10
# Rows a coefficient above which the penalty's own curvature costs more than it saves: it takes a term a pair of rows.
_MANY_ROWS = 50


@dataclass(frozen=True)
class Place:
    """Where the ascent stands.

    Attributes
    ----------
    coefficients : array of shape (q,)
    value : float
        The penalised log likelihood.
    score : array of shape (q,)
        Its gradient.
    information : array of shape (q, q)
        Fisher's information of the coefficients.
    leverage : array of shape (n,)
        Of each row, of sum q.
    whitened : array of shape (q, n)
        The design's rows, weighted by the root of their part in the information, with its Cholesky factor taken out:
        the products of its columns are the hat matrix.
    """

    coefficients: Array
    value: float
    score: Array
    information: Array
    leverage: Array
    whitened: Array


@dataclass(frozen=True)
class JeffreysLikelihood:
    """The log likelihood + ½ log det I, I being Fisher's information of all coefficients.

    Attributes
    ----------
    design : array of shape (n, q)
        Of full rank; one column is that of the intercept.
    outcome, weight : arrays of shape (n,)
        A weight of 2 equals a repeated row.
    """

    design: Array
    outcome: Array
    weight: Array

    def at(self, coefficients: Array) -> Place | None:
        """Return the penalised likelihood and its slope; None where the information is 0 to rounding."""
        log_odds = self.design @ coefficients
        risk = risk_of(log_odds)
        rooted = self.design * np.sqrt(self.weight * risk * (1.0 - risk))[:, None]
        information = rooted.T @ rooted
        factor, failed = lapack.dpotrf(information, lower=1)
        if failed:
            return None
        whitened = solve_triangular(factor, rooted.T, lower=True, check_finite=False)
        leverage = np.square(whitened).sum(axis=0)
        score = self.design.T @ (self.weight * (self.outcome - risk) + leverage * (0.5 - risk))
        likelihood = self.weight @ (self.outcome * log_odds - np.logaddexp(0.0, log_odds))
        value = float(likelihood + np.log(factor.diagonal()).sum())
        return Place(coefficients, value, score, information, leverage, whitened)

    def curvature(self, place: Place) -> Array:
        """Return the negative Hessian of the penalised log likelihood at a place, shape (q, q)."""
        risk = risk_of(self.design @ place.coefficients)
        spread, skew = risk * (1.0 - risk), 1.0 - 2.0 * risk
        skewed = self.design * skew[:, None]
        bent = np.zeros_like(place.information)
        for rows in row_blocks(*[len(risk)] * 2):
            hat = place.whitened[:, rows].T @ place.whitened
            bent += skewed[rows].T @ (np.square(hat, out=hat) @ skewed)
        direct = self.design.T @ (self.design * (place.leverage * (skew**2 - 2.0 * spread))[:, None])
        return np.asarray(place.information - (direct - bent) / 2.0)

    def highest(self, start: Array, *, directions: Array | None = None, enough: float = 0.0) -> Place:
        """Return the maximum by Newton steps with step-halving, until a step moves no log odds above 1e-10.

        Where rounding keeps steps longer than that, the fit ends when they no longer shorten and promise no gain.

        Parameters
        ----------
        start : array of shape (q,)
            Where the information is not 0.
        directions : array of shape (q, k), optional
            Orthonormal; the maximum is sought in ``start`` + their span. All directions if none are given.
        enough : float
            The fit may end where a step promises to add less than this to the log likelihood.

        Raises
        ------
        StatisticalRefusal
            S-NOT-CONVERGED: 1,000 steps were not enough.
        """
        place = self.at(start)
        if place is None:
            raise _nowhere_to_start()
        before = np.inf
        for _ in range(_MAX_STEPS):
            step = self._step(place, directions)
            reach = float(np.abs(self.design @ step).max())
            promised = place.score @ step
            rounding = promised <= _SLIGHT and reach > 0.99 * before
            if reach <= _TOLERANCE or promised <= enough or rounding:
                return place
            farthest = _FARTHEST + float(np.abs(self.design @ place.coefficients).max()) / 2
            place, before = self._climbed(place, step * min(1.0, farthest / reach)), reach
        raise not_converged(place.score)

    def newton_pays(self) -> bool:
        """Tell whether rows are few enough for the penalty's own curvature to save more than it costs."""
        return bool(len(self.outcome) <= _MANY_ROWS * self.design.shape[1])

    def _step(self, place: Place, directions: Array | None) -> Array:
        """Return Newton's step, or that of Fisher scoring where the summit is not yet in sight or rows are many."""
        if self.newton_pays():
            step = _ascent(self.curvature(place), place.score, directions)
            if step is not None:
                return step
        step = _ascent(place.information, place.score, directions)
        if step is None:
            raise not_converged(place.score)
        return step

    def _climbed(self, place: Place, step: Array) -> Place:
        lowest = place.value - 1e-13 * (1.0 + abs(place.value))
        for _ in range(60):
            there = self.at(place.coefficients + step)
            # A step that lands well beyond the summit would be followed by its mirror image, for ever.
            if there is not None and there.value >= lowest and there.score @ step >= -place.score @ step / 2:
                return there
            step = step / 2
        raise not_converged(place.score)


def _ascent(curvature: Array, score: Array, directions: Array | None) -> Array | None:
    if directions is not None:
        curvature, score = directions.T @ curvature @ directions, directions.T @ score
    factor, failed = lapack.dpotrf(curvature, lower=1)
    if failed:
        return None
    step = np.asarray(cho_solve((factor, True), score))
    return step if directions is None else directions @ step


def _nowhere_to_start() -> StatisticalRefusal:
    return StatisticalRefusal(
        "S-NOT-CONVERGED",
        "the fit could not start: at its first coefficients the information is 0 to rounding",
        expected="rows whose risks are not all 0 or 1 to rounding, and predictors that are not copies of each other",
        to_fix="look for predictors of extreme size, or that are copies of each other or of the outcome",
    )
