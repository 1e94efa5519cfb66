"""Unpenalised logistic fits under many weightings of the same rows at once: Newton steps with step-halving.

Batches stand on the first axis. Every product over rows is one matrix product of the weights with columns that
all replicates share, so a thousand bootstrap fits cost little more than their exponentials.
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from clinpred.performance.expansion import Expansion

Array = NDArray[np.float64]

_EVALUATIONS = 30
# A Newton decrement this small leaves the coefficients 1e-8 of their standard error from the maximum, and the
# step that is still taken squares that. Under separation the decrement only falls by e a step: it cannot get here.
_DECREMENT = 1e-16
# Soon after a start near the maximum so small a decrement cannot be separation, and the step still taken squares it.
_NEAR_DECREMENT = 1e-14
_NEAR_EVALUATIONS = 5
# The expansion is worth its columns where this many replicates share it.
_FEWEST_EXPANDED = 8
_SINGULAR = 1e-14
_ROUNDING = 1e-9


@dataclass(frozen=True)
class LogisticFits:
    """Coefficients (replicates, p) and information (replicates, p, p); NaN where a fit did not converge."""

    coefficients: Array
    information: Array

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which replicates reached the maximum of the likelihood."""
        return np.isfinite(self.coefficients[:, 0])


def fit_logistic(
    design: Array,
    outcome: Array,
    weights: Array,
    *,
    offset: Array | None = None,
    start: Array | None = None,
) -> LogisticFits:
    """Maximise the weighted log likelihood of logit P(y) = offset + design @ coefficients in every replicate.

    Parameters
    ----------
    design : ndarray, shape (n, p)
        Of full column rank, its column of ones included.
    outcome : ndarray, shape (n,)
        0 or 1.
    weights : ndarray, shape (replicates, n)
        How often each row counts.
    offset : ndarray, shape (n,), optional
        A part of the linear predictor that is not fitted.
    start : ndarray, shape (p,), optional
        Coefficients to begin with; zeros by default.

    Returns
    -------
    LogisticFits
        NaN where the likelihood has no maximum (separation, too few distinct rows).
    """
    q, r = np.linalg.qr(design)
    scale = np.sqrt(len(design))
    rotated, back = q * scale, r / scale
    search = _Search(_Likelihood(rotated, outcome, offset), weights)
    if start is not None:
        search.begin(back @ start)
    for _ in range(_EVALUATIONS):
        if not search.active.size:
            break
        search.advance()
    coefficients = np.linalg.solve(back, search.solution.T).T
    return LogisticFits(coefficients, back.T @ search.information @ back)


def inverse_logit(linear_predictor: Array) -> Array:
    """Return 1 / (1 + exp(-lp)) without overflow at any size of lp."""
    return np.asarray(np.exp(np.minimum(linear_predictor, 0.0)) / (1.0 + np.exp(-np.abs(linear_predictor))))


class _Likelihood:
    """The weighted log loss, its gradient and its curvature at a batch of coefficients."""

    def __init__(self, design: Array, outcome: Array, offset: Array | None) -> None:
        self.design = design
        self.outcome = outcome
        self.offset = offset
        self.events = design * outcome[:, None]
        self.event_offset = None if offset is None else offset * outcome
        self.products, self.pair = _products(design)

    def expansion(self, start: Array) -> Expansion:
        """Return the expansion about a start, its loss counted as ``at`` counts it."""
        eta = self.design @ start if self.offset is None else self.design @ start + self.offset
        return Expansion(self.design, self.outcome, eta, inverse_logit(eta))

    def at(self, coefficients: Array, weights: Array) -> tuple[Array, Array, Array]:
        eta = coefficients @ self.design.T
        if self.offset is not None:
            eta += self.offset
        # exp(min(eta, 0)) / (1 + exp(-|eta|)): a second exponential costs less than a choice row by row
        risk = np.exp(np.minimum(eta, 0.0))
        positive = np.maximum(eta, 0.0)
        total = np.exp(np.negative(np.abs(eta, out=eta), out=eta), out=eta)
        total += 1.0
        risk /= total
        positive += np.log(total, out=total)
        observed = weights @ self.events
        loss = np.einsum("bn,bn->b", weights, positive) - np.einsum("bp,bp->b", coefficients, observed)
        if self.event_offset is not None:
            loss -= weights @ self.event_offset
        expected = weights * risk
        gradient = observed - expected @ self.design
        expected *= np.subtract(1.0, risk, out=risk)
        return loss, gradient, (expected @ self.products.T)[:, self.pair]


def _products(design: Array) -> tuple[Array, NDArray[np.intp]]:
    """Return the distinct products of two columns as rows, and which of them belongs to each pair of columns."""
    rows, p = design.shape
    products, pair = np.empty((p * (p + 1) // 2, rows)), np.empty((p, p), dtype=np.intp)
    columns = np.ascontiguousarray(design.T)
    for at, (first, second) in enumerate(combinations_with_replacement(range(p), 2)):
        np.multiply(columns[first], columns[second], out=products[at])
        pair[first, second] = pair[second, first] = at
    return products, pair


class _Search:
    """Each replicate's place on the way to its maximum; those that arrived or failed are no longer evaluated."""

    def __init__(self, likelihood: _Likelihood, weights: Array) -> None:
        replicates, p = len(weights), likelihood.design.shape[1]
        self.likelihood = likelihood
        self.weights = weights
        self.active = np.arange(replicates)
        self.place = np.zeros((replicates, p))
        self.step = np.zeros((replicates, p))
        self.loss = np.full(replicates, np.inf)
        self.solution = np.full((replicates, p), np.nan)
        self.information = np.full((replicates, p, p), np.nan)
        self.near = 0

    def begin(self, start: Array) -> None:
        """Begin at a place that all replicates share; where they are many, one step of the expansion ahead of it."""
        self.place[:] = start
        if len(self.weights) >= _FEWEST_EXPANDED:
            self.loss, self.step = self.likelihood.expansion(start).steps(self.weights)
        self.near = _NEAR_EVALUATIONS

    def advance(self) -> None:
        """Evaluate one step ahead: take it where the loss falls, halve it where it does not."""
        active = self.active
        whole = active.size == len(self.weights)
        ahead = self.place[active] + self.step[active]
        loss, gradient, curvature = self.likelihood.at(ahead, self.weights if whole else self.weights[active])
        falls = loss <= self.loss[active] + _ROUNDING * (1.0 + loss)
        following, decrement, singular = _newton_step(curvature, gradient)
        taken = active[falls]
        self.place[taken], self.loss[taken] = ahead[falls], loss[falls]
        self.step[active] = np.where(falls[:, None], following, self.step[active] / 2.0)
        self.near -= 1
        arrived = falls & ~singular & (decrement < (_NEAR_DECREMENT if self.near >= 0 else _DECREMENT))
        done = active[arrived]
        self.solution[done] = self.place[done] + self.step[done]
        self.information[done] = curvature[arrived]
        self.active = active[~arrived & ~(falls & singular)]


def _newton_step(curvature: Array, gradient: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
    scale = np.sqrt(np.einsum("bpp->bp", curvature))
    flat = np.any(scale < _SINGULAR, axis=1)
    scale[flat] = 1.0
    correlation = curvature / (scale[:, :, None] * scale[:, None, :])
    singular = flat | (np.linalg.det(correlation) < _SINGULAR)
    correlation[singular] = np.eye(gradient.shape[1])
    step = np.linalg.solve(correlation, (gradient / scale)[:, :, None])[:, :, 0] / scale
    return step, np.einsum("bp,bp->b", step, gradient), singular
