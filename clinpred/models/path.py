"""The solver: penalised logistic regression along a path of penalty strengths, each fit started from the last.

The objective is glmnet's. For weights w that sum to W, predictors standardised by their weighted population standard
deviation and a free intercept::

    -(1/W) Σ wᵢ loglikᵢ + λ · ((1 - α)/2 · ‖β‖² + α · ‖β‖₁)

λ is the penalty strength, α the l1 share. A proximal Newton method minimises it: the loss is replaced by a quadratic
around the current fit, the penalised quadratic is minimised exactly, and a line search on the objective itself guards
the step. The quadratic's curvature, a p by p Gram matrix, is the only dear part; it is kept from step to step and from
strength to strength, and made anew only where the optimality residual no longer falls fast.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.models.likelihood import TIGHT, Problem, mean_loss, not_converged, null_coefficients, row_space
from clinpred.models.penalty import Penalty, kkt_residual, optimality_residual, uniform_penalty
from clinpred.models.risk_model import Array, risk_of

_MAX_STEPS = 300
_MAX_SWEEPS = 1000
_STALE = 0.1
_ARMIJO = 1e-4
# Relative to the largest curvature: makes the quadratic strictly convex where predictors are copies of each other or
# outnumber the patients. It shapes the steps only; the optimality conditions that end them are those of the objective.
_DAMPING = 1e-10


@dataclass(frozen=True)
class Solution:
    """A minimum: standardised coefficients, intercept first; its optimality residual; the curvature last used."""

    coefficients: Array
    residual: float
    curvature: Array | None = None


@dataclass(frozen=True)
class _Place:
    """Where the descent stands."""

    coefficients: Array
    linear_predictor: Array
    value: float
    risk: Array
    gradient: Array


def solve_path(problem: Problem, strengths: Array, l1_share: float, *, tolerance: float = TIGHT) -> Array:
    """Return standardised coefficients, intercept first, shape (k, 1 + p), at each of k decreasing strengths.

    Raises
    ------
    StatisticalRefusal
        S-NOT-CONVERGED: a strength's optimality residual stayed above ``tolerance``.
    """
    wide = problem.n_predictors >= problem.outcome.size
    if wide and l1_share == 0.0:
        spanned, back = row_space(problem)
        inner = np.array(list(_warm_started(spanned, strengths, l1_share, tolerance)))
        return np.column_stack([inner[:, :1], inner[:, 1:] @ back.T])
    return np.array(list(_warm_started(problem, strengths, l1_share, tolerance)))


def _warm_started(problem: Problem, strengths: Array, l1_share: float, tolerance: float) -> Iterator[Array]:
    solve = minimise_wide if problem.n_predictors >= problem.outcome.size and l1_share > 0 else minimise
    solution = Solution(null_coefficients(problem), np.inf)
    for strength in strengths:
        penalty = uniform_penalty(float(strength), l1_share, problem.n_predictors)
        solution = solve(problem, penalty, start=solution, tolerance=tolerance)
        yield solution.coefficients


def minimise(
    problem: Problem, penalty: Penalty, *, start: Solution | None = None, tolerance: float = TIGHT
) -> Solution:
    """Minimise the penalised mean loss by proximal Newton steps from ``start`` (the empty model if none is given).

    Raises
    ------
    StatisticalRefusal
        S-NOT-CONVERGED: the optimality residual stayed above ``tolerance``.
    """
    start = start or Solution(null_coefficients(problem), np.inf)
    curvature = start.curvature
    place = _place(problem, penalty, start.coefficients, problem.linear_predictor(start.coefficients))
    residual = before = np.inf
    for _ in range(_MAX_STEPS):
        residual, before = optimality_residual(place.coefficients, place.gradient, penalty), residual
        if residual <= tolerance:
            return Solution(place.coefficients, residual, curvature)
        if curvature is None or residual > _STALE * before:
            curvature = _damped(problem.curvature(place.risk))
        target = _newton_target(place, penalty, curvature, residual)
        place = _searched(problem, penalty, place, target - place.coefficients)
    raise not_converged(residual)


def minimise_wide(problem: Problem, penalty: Penalty, *, start: Solution, tolerance: float = TIGHT) -> Solution:
    """Minimise with an l1 penalty where predictors outnumber patients, in a growing working set of predictors.

    Only those in the set enter a Gram matrix; every predictor outside it that breaks the optimality conditions joins,
    until none does.

    Raises
    ------
    StatisticalRefusal
        S-NOT-CONVERGED: the optimality residual stayed above ``tolerance``.
    """
    coefficients = start.coefficients.copy()
    working = (coefficients != 0) | (penalty.l1 == 0)
    for _ in range(_MAX_STEPS):
        gradient = problem.gradient(risk_of(problem.linear_predictor(coefficients)))
        residual = optimality_residual(coefficients, gradient, penalty)
        if residual <= tolerance:
            return Solution(coefficients, residual)
        working |= np.abs(gradient) > penalty.l1 + tolerance
        inner = minimise(
            _columns(problem, working),
            Penalty(penalty.l1[working], penalty.l2[working]),
            start=Solution(coefficients[working], np.inf),
            tolerance=tolerance / 2,
        )
        coefficients[working] = inner.coefficients
    raise not_converged(residual)


def _columns(problem: Problem, working: NDArray[np.bool_]) -> Problem:
    return Problem(
        problem.design[:, working],
        problem.outcome,
        problem.weight,
        problem.total_weight,
        problem.center[working[1:]],
        problem.scale[working[1:]],
    )


def _place(problem: Problem, penalty: Penalty, coefficients: Array, linear_predictor: Array) -> _Place:
    risk = risk_of(linear_predictor)
    loss = mean_loss(problem.outcome, linear_predictor, problem.weight)
    value = loss + penalty.cost(coefficients)
    return _Place(coefficients, linear_predictor, value, risk, problem.gradient(risk))


def _damped(curvature: Array) -> Array:
    curvature[np.diag_indices_from(curvature)] += _DAMPING * curvature.diagonal().max()
    return curvature


def _newton_target(place: _Place, penalty: Penalty, curvature: Array, residual: float) -> Array:
    quadratic = curvature + np.diag(penalty.l2)
    linear = place.gradient - curvature @ place.coefficients
    return minimise_quadratic(quadratic, linear, penalty.l1, start=place.coefficients, tolerance=1e-3 * residual)


def _searched(problem: Problem, penalty: Penalty, place: _Place, step: Array) -> _Place:
    change = problem.design @ step
    whole = place.coefficients + step
    slope = place.gradient @ step + penalty.cost(whole) - penalty.cost(place.coefficients)
    rounding = 1e-14 * (1.0 + abs(place.value))
    size = 1.0
    while size > 1e-10:
        moved = whole if size == 1.0 else place.coefficients + size * step
        there = _place(problem, penalty, moved, place.linear_predictor + size * change)
        if there.value <= place.value + _ARMIJO * size * slope + rounding:
            return there
        size /= 2
    return place


def minimise_quadratic(quadratic: Array, linear: Array, l1: Array, *, start: Array, tolerance: float) -> Array:
    """Minimise ½ x'Qx + c'x + Σ l1·|x|, Q positive definite, to a KKT residual of at most ``tolerance``.

    Coordinate descent decides which coefficients are 0 and the signs of the others; between its sweeps the minimum
    for these signs is solved for at once, which spares the many sweeps that correlated predictors would need.
    """
    x = _minimum_for_signs(quadratic, linear, l1, start.copy())
    for _ in range(_MAX_SWEEPS):
        slope = linear + quadratic @ x
        if kkt_residual(x, slope, l1) <= tolerance:
            break
        x = _minimum_for_signs(quadratic, linear, l1, _swept(quadratic, slope, l1, x))
    return x


def _swept(quadratic: Array, slope: Array, l1: Array, x: Array) -> Array:
    """One sweep of coordinate descent over the coefficients that are not 0 or should not be."""
    for j in np.flatnonzero((x != 0) | (np.abs(slope) > l1)):
        aim = quadratic[j, j] * x[j] - slope[j]
        moved = np.sign(aim) * max(abs(aim) - l1[j], 0.0) / quadratic[j, j]
        if moved != x[j]:
            slope += (moved - x[j]) * quadratic[j]
            x[j] = moved
    return x


def _minimum_for_signs(quadratic: Array, linear: Array, l1: Array, x: Array) -> Array:
    """Move to the minimum for the present signs; a coefficient whose sign would flip stops at 0 and stays there."""
    while True:
        face = np.flatnonzero((x != 0) | (l1 == 0))
        here, sign = x[face], np.sign(x[face])
        target = np.linalg.solve(quadratic[np.ix_(face, face)], -linear[face] - l1[face] * sign)
        flips = np.flatnonzero((l1[face] > 0) & (target * sign <= 0))
        if flips.size == 0:
            x[face] = target
            return x
        shares = here[flips] / (here[flips] - target[flips])
        x[face] = here + shares.min() * (target - here)
        x[face[flips[shares.argmin()]]] = 0.0
