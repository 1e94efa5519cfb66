"""Chained equations: what the other predictors expect of each, as plain data that travels with the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

_MOST_SWEEPS = 200
_SETTLED = 1e-10
"""A row is settled where no expected value moves by more than this, in standard deviations."""


@dataclass(frozen=True)
class Equation:
    """What all other predictors expect of one: a line, or for a category one logistic model a level but the last.

    Attributes
    ----------
    predictor : str
    columns : tuple of str
        Its own columns, one for a number; for a category one a level but its reference.
    kind : {"line", "levels"}
        Levels are told apart one after the other: the reference from all others, then the first column's level from
        those that are left, and so on.
    coefficients : tuple of tuples of float
        Intercept and one coefficient a column of all, 0 for its own, on standardised columns: one row for a line, for
        levels one a step.
    """

    predictor: str
    columns: tuple[str, ...]
    kind: Literal["line", "levels"]
    coefficients: tuple[tuple[float, ...], ...]

    def expected(self, rows: Array, coefficients: Array) -> Array:
        """Return what is expected of rows, standardised columns with a leading one: shape (n, own columns).

        A line's values are standardised, those of levels probabilities.
        """
        found = rows @ coefficients.T
        return found if self.kind == "line" else shares(found)


def shares(log_odds: Array) -> Array:
    """Return the probabilities of all levels but the reference, of the log odds of each step, shape (n, steps).

    Examples
    --------
    >>> shares(np.array([[0.0, 0.0]])).tolist()
    [[0.25, 0.25]]
    """
    here = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -700.0, 700.0)))
    left = np.cumprod(1.0 - here, axis=1)
    return np.column_stack([left[:, :-1] * here[:, 1:], left[:, -1]])


@dataclass(frozen=True)
class Chained:
    """The equations of all predictors, and the standardisation of their columns.

    ``order`` of the equations is the order in which they are asked. ``mean`` and ``sd`` are those of the observed
    values of development patients; missing values start from the mean.
    """

    columns: tuple[str, ...]
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    equations: tuple[Equation, ...]

    def completed(self, opened: Array) -> Array:
        """Fill missing values with what the equations expect of them, given each other.

        Parameters
        ----------
        opened : array, shape (n, columns)
            NaN where missing. Rows do not see one another.

        Returns
        -------
        array, shape (n, columns)
            As given where observed; of a category that is missing, the probabilities of its levels.
        """
        missing = np.isnan(opened)
        lacking = np.flatnonzero(missing.any(axis=1))
        filled = opened.copy()
        if lacking.size:
            filled[lacking] = self._settled(opened[lacking], missing[lacking])
        return filled

    def _settled(self, opened: Array, missing: Flags) -> Array:
        mean, sd = np.array(self.mean), np.array(self.sd)
        rows = leading_one(np.where(missing, 0.0, (opened - mean) / sd))
        asked = [(one, self.places(one), np.array(one.coefficients)) for one in self.equations]
        lacks = {one.predictor: missing[:, places[0]] for one, places, _ in asked}
        moving = np.arange(len(rows))
        for _ in range(_MOST_SWEEPS):
            before = rows[moving]
            for one, places, coefficients in asked:
                here = moving[lacks[one.predictor][moving]]
                if here.size:
                    expected = one.expected(rows[here], coefficients)
                    value = expected if one.kind == "line" else (expected - mean[places]) / sd[places]
                    rows[here[:, None], 1 + places] = value
            moving = moving[np.abs(rows[moving] - before).max(axis=1) > _SETTLED]
            if not moving.size:
                break
        return np.where(missing, rows[:, 1:] * sd + mean, opened)

    def places(self, equation: Equation) -> Ints:
        """Return where the columns of an equation's own predictor stand."""
        return np.array([self.columns.index(name) for name in equation.columns])

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Build what ``dataclasses.asdict`` described."""
        equations = tuple(
            Equation(
                predictor=one["predictor"],
                columns=tuple(one["columns"]),
                kind=one["kind"],
                coefficients=tuple(tuple(row) for row in one["coefficients"]),
            )
            for one in plain["equations"]
        )
        return cls(tuple(plain["columns"]), tuple(plain["mean"]), tuple(plain["sd"]), equations)


def leading_one(columns: Array) -> Array:
    """Return columns of shape (n, q) behind one of ones, for the intercept."""
    return np.column_stack([np.ones(len(columns)), columns])


@dataclass(frozen=True)
class Variable:
    """A predictor of a chain: its name, its columns, and whether they are one number or the levels of a category."""

    predictor: str
    columns: tuple[str, ...]
    kind: Literal["line", "levels"]


def learn_chained(
    opened: Array, variables: Sequence[Variable], copies: Ints, *, burn_in: int = 5, kept: int = 10
) -> Chained:
    """Learn the equations from rows that count so often; the outcome has no say.

    A chain draws the missing values again and again, each predictor's from a Bayesian line or logistic model on all
    others fitted where it is observed. The equations are the means of those fits over the sweeps that are kept. The
    draws are the same for the same rows, so that the preparation is a function of its patients.

    Parameters
    ----------
    opened : array, shape (n, columns)
        NaN where missing; the columns of the variables, in their order. Each column varies.
    variables : sequence of Variable
    copies : int array, shape (n,)
        How often each row counts.
    burn_in, kept : int
        Sweeps before the first that is kept, and those that are.

    References
    ----------
    van Buuren S, Groothuis-Oudshoorn K. J Stat Softw 2011;45(3). Sisk R et al. Stat Methods Med Res 2023;32:1461-1477
    (one equation for development and use).
    """
    from clinpred.predictors.chain import Chain

    chain = Chain(opened, variables, copies, np.random.default_rng(0))
    for _ in range(burn_in):
        chain.sweep()
    fits = [chain.sweep() for _ in range(kept)]
    fits[-1].update(chain.fit_the_complete())
    equations = []
    for one in chain.order:
        means = np.mean([sweep[one.predictor].estimate for sweep in fits if one.predictor in sweep], axis=0)
        equations.append(Equation(one.predictor, one.columns, one.kind, tuple(map(tuple, means.tolist()))))
    columns = tuple(name for one in variables for name in one.columns)
    return Chained(columns, tuple(chain.mean.tolist()), tuple(chain.sd.tolist()), tuple(equations))
