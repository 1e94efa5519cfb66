"""One chain of imputations: every predictor's missing values drawn from a Bayesian model on all the others, in turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular

from clinpred.predictors.chained import Array, Flags, Ints, Variable, leading_one, shares

_RIDGE = 1e-5
"""Of a line: added to its normal equations, as a share of their diagonal, so that aliases do no harm."""
_PRIOR_PRECISION = 1 / 2.5**2
"""Of a logistic model: a normal prior of sd 2.5 for a standard deviation, so that separation does no harm."""
_MOST_STEPS, _CLOSE = 25, 1e-8
_SURE = 30.0
"""Log odds beyond which a probability is 0 or 1 to within 1e-13."""


@dataclass(frozen=True)
class Fitted:
    """One predictor's model in one sweep, on standardised columns behind a one.

    ``estimate`` and ``drawn`` of shape (rows of coefficients, 1 + columns) are the fit and a draw from what is
    believed after it; ``noise`` is the drawn residual standard deviation of a line.
    """

    estimate: Array
    drawn: Array
    noise: float = 0.0


class Chain:
    """A chain over rows that count so often; each ``sweep`` draws every missing value once.

    Parameters
    ----------
    opened : array, shape (n, columns)
        NaN where missing; the columns of the variables, in their order.
    variables : sequence of Variable
    copies : int array, shape (n,)
        How often each row counts. Copies of a row are drawn alike.
    rng : numpy.random.Generator

    Attributes
    ----------
    mean, sd : arrays, shape (columns,)
        Of the observed values.
    order : tuple of Variable
        Those with the fewest missing values first; complete ones last.
    """

    def __init__(self, opened: Array, variables: Sequence[Variable], copies: Ints, rng: np.random.Generator) -> None:
        self._opened, self._missing = opened, np.isnan(opened)
        self._weight = copies.astype(np.float64)
        self._rng = rng
        self.mean, self.sd = _moments(opened, self._missing, self._weight)
        self._rows = leading_one(np.where(self._missing, 0.0, (opened - self.mean) / self.sd))
        starts = np.cumsum([0, *(len(one.columns) for one in variables)])
        self._places = {
            one.predictor: np.arange(start, start + len(one.columns))
            for one, start in zip(variables, starts, strict=False)
        }
        self._lacks = {one.predictor: self._missing[:, self._places[one.predictor][0]] for one in variables}
        share = {name: float(self._weight[lacks].sum()) for name, lacks in self._lacks.items()}
        complete = [one for one in variables if not share[one.predictor]]
        incomplete = sorted((one for one in variables if share[one.predictor]), key=lambda one: share[one.predictor])
        self.order = (*incomplete, *complete)
        self._incomplete, self._complete = incomplete, complete
        self._gram = self._rows.T @ (self._rows * self._weight[:, None])

    def sweep(self) -> dict[str, Fitted]:
        """Fit and draw every predictor that has missing values; return the fits."""
        return {one.predictor: self._fit_and_draw(one) for one in self._incomplete}

    def fit_the_complete(self) -> dict[str, Fitted]:
        """Fit the predictors that every one of these rows has: a new patient may lack them."""
        return {one.predictor: self._fit(one) for one in self._complete}

    def completed(self) -> Array:
        """Return the columns as the last sweep completed them, shape (n, columns), not standardised."""
        return np.where(self._missing, self._rows[:, 1:] * self.sd + self.mean, self._opened)

    def complete(self, opened: Array, fits: Mapping[str, Fitted], *, sweeps: int) -> Array:
        """Draw the missing values of other rows by models that were drawn here; nothing is learnt from them.

        Parameters
        ----------
        opened : array, shape (m, columns)
            NaN where missing.
        fits : mapping of predictor to Fitted
            Of all variables: those of a sweep, and of the complete ones.
        sweeps : int
        """
        missing = np.isnan(opened)
        rows = leading_one(np.where(missing, 0.0, (opened - self.mean) / self.sd))
        for _ in range(sweeps):
            for one in self.order:
                here = np.flatnonzero(missing[:, self._places[one.predictor][0]])
                self._draw(one, fits[one.predictor], rows, here)
        return np.where(missing, rows[:, 1:] * self.sd + self.mean, opened)

    def _draw(self, one: Variable, fitted: Fitted, rows: Array, here: Ints) -> None:
        """Draw a predictor's values anew in the rows ``here``, in place."""
        places = self._places[one.predictor]
        drawn = draw_values(one, fitted, rows[here], self._rng)
        rows[here[:, None], 1 + places] = drawn if one.kind == "line" else (drawn - self.mean[places]) / self.sd[places]

    def _fit_and_draw(self, one: Variable) -> Fitted:
        fitted, places = self._fit(one), 1 + self._places[one.predictor]
        self._draw(one, fitted, self._rows, np.flatnonzero(self._lacks[one.predictor]))
        changed = self._rows.T @ (self._rows[:, places] * self._weight[:, None])
        self._gram[:, places] = changed
        self._gram[places] = changed.T
        return fitted

    def _fit(self, one: Variable) -> Fitted:
        places = 1 + self._places[one.predictor]
        others = np.setdiff1d(np.arange(self._rows.shape[1]), places)
        if one.kind == "line":
            return self._line(one, others, int(places[0]))
        return self._levels(one, others, places)

    def _line(self, one: Variable, others: Ints, own: int) -> Fitted:
        """Fit by normal equations of the rows that have the value: those of all rows less those of the others."""
        lacks = self._lacks[one.predictor]
        rows, weight = self._rows[lacks], self._weight[lacks]
        gram = self._gram - rows.T @ (rows * weight[:, None])
        normal = gram[np.ix_(others, others)]
        normal[np.diag_indices_from(normal)] *= 1.0 + _RIDGE
        factor = cholesky(normal, lower=True)
        estimate = cho_solve((factor, True), gram[others, own])
        count = float(self._weight.sum() - weight.sum())
        residual = gram[own, own] - 2 * estimate @ gram[others, own]
        residual += estimate @ gram[np.ix_(others, others)] @ estimate
        df = max(count - len(others), 1.0)
        noise = float(np.sqrt(max(float(residual), 0.0) / self._rng.chisquare(df)))
        apart = solve_triangular(factor, self._rng.standard_normal(len(others)), lower=True, trans="T")
        return Fitted(self._spread_out(estimate, others), self._spread_out(estimate + noise * apart, others), noise)

    def _levels(self, one: Variable, others: Ints, places: Ints) -> Fitted:
        """Tell the levels apart one after the other, each among the rows that have it or one that is left."""
        has = ~self._lacks[one.predictor]
        rows, weight = self._rows[has][:, others], self._weight[has]
        own = self._rows[has][:, places] * self.sd[places - 1] + self.mean[places - 1] > 1 / 2
        level = np.where(own.any(axis=1), 1 + own.argmax(axis=1), 0)
        estimates, draws = [], []
        for step in range(len(places)):
            left = level >= step
            estimate, factor = bayesian_logistic(rows[left], level[left] == step, weight[left])
            apart = solve_triangular(factor, self._rng.standard_normal(len(others)), lower=True, trans="T")
            estimates.append(self._spread_out(estimate, others)[0])
            draws.append(self._spread_out(estimate + apart, others)[0])
        return Fitted(np.array(estimates), np.array(draws))

    def _spread_out(self, coefficients: Array, others: Ints) -> Array:
        whole = np.zeros((1, self._rows.shape[1]))
        whole[0, others] = coefficients
        return whole


def draw_values(one: Variable, fitted: Fitted, rows: Array, rng: np.random.Generator) -> Array:
    """Draw a predictor's values for rows behind a one, shape (n, own columns): standardised, or the level drawn."""
    found = rows @ fitted.drawn.T
    if one.kind == "line":
        noisy: Array = found + fitted.noise * rng.standard_normal(found.shape)
        return noisy
    probabilities = shares(found)
    reached = np.cumsum(np.column_stack([1.0 - probabilities.sum(axis=1), probabilities]), axis=1)
    level = (rng.random(len(rows))[:, None] > reached[:, :-1]).sum(axis=1)
    chosen: Array = (level[:, None] == 1 + np.arange(probabilities.shape[1])).astype(np.float64)
    return chosen


def bayesian_logistic(rows: Array, event: Flags, weight: Array) -> tuple[Array, Array]:
    """Return the posterior mode of a logistic model, and the Cholesky factor of the curvature there.

    Parameters
    ----------
    rows : array, shape (n, q)
        The first column is one: the intercept has no prior, but a weak one that keeps it finite.
    event : bool array, shape (n,)
    weight : array, shape (n,)
    """
    prior = np.full(rows.shape[1], _PRIOR_PRECISION)
    prior[0] = _PRIOR_PRECISION / 100
    sign = np.where(event, 1.0, -1.0)

    def cost(coefficients: Array) -> float:
        return float(weight @ np.logaddexp(0.0, -sign * (rows @ coefficients)) + prior @ coefficients**2 / 2)

    coefficients = np.zeros(rows.shape[1])
    for _ in range(_MOST_STEPS):
        probability = 1.0 / (1.0 + np.exp(-np.clip(rows @ coefficients, -_SURE, _SURE)))
        gradient = rows.T @ (weight * (event - probability)) - prior * coefficients
        curvature = (rows * (weight * probability * (1.0 - probability))[:, None]).T @ rows + np.diag(prior)
        factor = cholesky(curvature, lower=True)
        step = cho_solve((factor, True), gradient)
        while np.abs(step).max() >= _CLOSE and cost(coefficients + step) > cost(coefficients):
            step /= 2.0
        coefficients = coefficients + step
        if np.abs(step).max() < _CLOSE:
            break
    return coefficients, factor


def _moments(opened: Array, missing: Flags, weight: Array) -> tuple[Array, Array]:
    """Return the weighted mean and population sd of what is observed in each column."""
    counted = np.where(missing, 0.0, weight[:, None])
    total = counted.sum(axis=0)
    mean = np.einsum("ij,ij->j", counted, np.where(missing, 0.0, opened)) / total
    apart = np.where(missing, 0.0, opened - mean)
    return mean, np.sqrt(np.einsum("ij,ij->j", counted, apart**2) / total)
