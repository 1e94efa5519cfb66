"""Separation: whether predictors foretell an outcome without error, and which columns do it.

The likelihood has no maximum where some direction d has (2y - 1)·(d₀ + x'd) ≥ 0 for every row and > 0 for one: along d
the risks of the rows that it separates go to 0 and 1, and its coefficients to infinity. Whether there is one is a
linear programme (Konis), and a small one: only the rows that would be broken enter it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.models.risk_model import Array

Ints = NDArray[np.int64]

# Margins are scaled so that their mean is 1; HiGHS keeps its constraints to 1e-7 of that.
_BROKEN = 1e-7
_STRICT = 1e-6
_LARGEST = 1e6
# What rounding leaves of a column that others determine, columns scaled to within -1 and 1.
_DEPENDENT = 1e-8
# A column that is named already costs next to nothing when the next rows are looked at, so that few are named.
_COST_OF_NAMED = 1e-3


@dataclass(frozen=True)
class Separation:
    """Which columns separate the outcome.

    Attributes
    ----------
    complete : bool
        Every row is separated; otherwise some are (quasi-complete separation), or none.
    columns : int array
        Columns, from 0 and in their order, that do it: each that separates rows alone, and a set of columns, none of
        which can be spared, for the rows that only a combination separates. Empty where the outcome is not separated.
    infinite : int array
        Columns whose coefficients have no finite maximum-likelihood estimate: those with a coefficient other than 0 in
        some direction that breaks no row's outcome. All, if the separation is complete. Columns that the intercept and
        earlier columns determine are set aside first, as R's ``glm`` does.
    """

    complete: bool
    columns: Ints
    infinite: Ints


def separation_of(predictors: Array, outcome: Array, *, weight: Array | None = None) -> Separation:
    """Name the columns that separate the outcome.

    Rows that are separated are set aside, and the rest looked at again, until no column nor combination of columns
    separates them. A combination is the one with the smallest sum of absolute coefficients, columns scaled to within
    -1 and 1, and then spared every column that it can do without. What these columns separate leaves others without a
    finite estimate too: every column that the rest of the rows, which are not separated, do not determine.

    Parameters
    ----------
    predictors : array of shape (n, p)
        Finite numbers, on any scale. Aliased and constant columns do no harm.
    outcome : array of shape (n,)
        0 or 1, both present.
    weight : array of shape (n,), optional
        Rows of weight 0 are left out.

    References
    ----------
    Albert A, Anderson JA. On the existence of maximum likelihood estimates in logistic regression models. Biometrika
    1984;71(1):1-10.
    Geyer CJ. Likelihood inference in exponential families and directions of recession. Electron J Stat 2009;3:259-89.
    Konis K. Linear programming algorithms for detecting separated data in binary logistic regression models. DPhil
    thesis, University of Oxford, 2007.

    Examples
    --------
    >>> separation_of(np.array([[0.0, 3.0], [0.0, 1.0], [0.0, 2.0], [1.0, 2.0]]), np.array([0.0, 0.0, 1.0, 1.0]))
    Separation(complete=False, columns=array([0]), infinite=array([0]))
    """
    counted = np.ones(outcome.size, dtype=bool) if weight is None else weight > 0
    columns, event = _within_one(predictors[counted]), outcome[counted] == 1
    named = np.zeros(columns.shape[1], dtype=bool)
    left = np.arange(event.size)
    while _both_classes(event[left]):
        separating, strictly = _separated_rows(columns[left], event[left], named)
        if not strictly.any():
            break
        named |= separating
        left = left[~strictly]
    complete = not _both_classes(event[left])
    return Separation(complete, np.flatnonzero(named), _infinite(columns, left[:0] if complete else left))


def _within_one(predictors: Array) -> Array:
    middle = predictors.min(axis=0) / 2 + predictors.max(axis=0) / 2
    centred = predictors - middle
    largest = np.abs(centred).max(axis=0)
    return np.asarray(centred / np.where(largest > 0, largest, 1.0))


def _infinite(columns: Array, left: Ints) -> Ints:
    """Return the independent columns that the rows left do not determine.

    One direction is strict on all rows that are set aside; a multiple of it, beside any direction that the rows left
    do not see, breaks no row.
    """
    if left.size == len(columns):
        return np.zeros(0, dtype=np.int64)
    kept = _independent(columns)
    design = np.column_stack([np.ones(len(columns)), columns[:, kept]])[left]
    _, size, directions = np.linalg.svd(np.linalg.qr(design, mode="r"))
    rank = int((size > _DEPENDENT * np.sqrt(design.size)).sum())
    unseen = np.abs(directions[rank:, 1:]).max(axis=0, initial=0.0)
    return np.asarray(kept[unseen > _DEPENDENT])


def _independent(columns: Array) -> Ints:
    """Return the columns that are no combination of the intercept and of earlier ones."""
    n_rows = len(columns)
    basis, rank = np.empty((n_rows, min(n_rows, 1 + columns.shape[1]))), 1
    basis[:, 0] = 1.0 / np.sqrt(n_rows)
    kept = []
    for at, column in enumerate(columns.T):
        rest = column - basis[:, :rank] @ (basis[:, :rank].T @ column)
        rest -= basis[:, :rank] @ (basis[:, :rank].T @ rest)
        size = np.linalg.norm(rest)
        if rank < n_rows and size > _DEPENDENT * np.linalg.norm(column):
            basis[:, rank] = rest / size
            rank += 1
            kept.append(at)
    return np.array(kept, dtype=np.int64)


def _both_classes(outcome: NDArray[np.bool_]) -> bool:
    return bool(outcome.any() and not outcome.all())


def _separated_rows(
    columns: Array, outcome: NDArray[np.bool_], named: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return columns that separate these rows, and the rows that they separate.

    Those that are named already come first, then each that separates alone, then a combination.
    """
    if named.any():
        direction = _direction(columns[:, named], outcome, named[named])
        if direction is not None:
            return named, _margins(columns[:, named], outcome, direction) > _STRICT
    alone, strictly = _alone(columns, outcome)
    if alone.any():
        return alone, strictly
    direction = _direction(columns, outcome, named)
    if direction is None:
        return alone, strictly
    chosen, direction = _spared(columns, outcome, direction, named)
    together = np.isin(np.arange(named.size), chosen)
    return together, _margins(columns[:, chosen], outcome, direction) > _STRICT


def _alone(columns: Array, outcome: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    with_event, without = columns[outcome], columns[~outcome]
    alone, strictly = np.zeros(columns.shape[1], dtype=bool), np.zeros(outcome.size, dtype=bool)
    varying = np.ptp(columns, axis=0) > 0
    for low, high in ((without, with_event), (with_event, without)):
        highest, lowest = low.max(axis=0), high.min(axis=0)
        separating = varying & (highest <= lowest)
        alone |= separating
        threshold = (highest + lowest)[separating] / 2
        strictly |= ((columns[:, separating] != threshold) | (highest < lowest)[separating]).any(axis=1)
    return alone, strictly


def _spared(
    columns: Array, outcome: NDArray[np.bool_], direction: Array, named: NDArray[np.bool_]
) -> tuple[Ints, Array]:
    """Leave out, the smallest first, every column without which the others still separate."""
    chosen = np.flatnonzero(direction[1:])
    direction = np.append(direction[:1], direction[1:][chosen])
    for column in chosen[np.argsort(np.abs(direction[1:]), kind="stable")]:
        others = chosen[chosen != column]
        shorter = _direction(columns[:, others], outcome, named[others]) if others.size else None
        if shorter is not None:
            kept = np.flatnonzero(shorter[1:])
            chosen, direction = others[kept], np.append(shorter[:1], shorter[1:][kept])
    return chosen, direction


def _margins(columns: Array, outcome: NDArray[np.bool_], direction: Array) -> Array:
    log_odds = direction[0] + columns @ direction[1:]
    return np.asarray(np.where(outcome, log_odds, -log_odds))


def _direction(columns: Array, outcome: NDArray[np.bool_], named: NDArray[np.bool_]) -> Array | None:
    """Return a direction, intercept first, in which no row's margin is below 0 and their mean is 1, if there is one."""
    signed = np.column_stack([np.ones(outcome.size), columns]) * np.where(outcome, 1.0, -1.0)[:, None]
    cost = np.append(0.0, np.where(named, _COST_OF_NAMED, 1.0))
    stride = max(outcome.size // (4 * signed.shape[1]), 1)
    kept = list(range(0, outcome.size, stride))
    while True:
        direction = _cheapest(signed[kept], signed.mean(axis=0), cost)
        if direction is None:
            return None
        broken = _most_broken(signed @ direction, 2 * signed.shape[1])
        if not set(broken) - set(kept):
            return direction
        kept.extend(broken)


def _most_broken(margins: Array, at_most: int) -> list[int]:
    worst = np.argsort(margins, kind="stable")[:at_most]
    return [int(row) for row in worst if margins[row] < -_BROKEN]


def _cheapest(signed: Array, mean: Array, cost: Array) -> Array | None:
    from scipy.optimize import linprog

    found = linprog(
        np.append(cost, cost),
        A_ub=-np.hstack([signed, -signed]),
        b_ub=np.zeros(len(signed)),
        A_eq=np.append(mean, -mean)[None],
        b_eq=[1.0],
        bounds=(0.0, _LARGEST),
        method="highs",
    )
    if found.x is None:
        return None
    ups, downs = found.x[: cost.size], found.x[cost.size :]
    return np.asarray(ups - downs)
