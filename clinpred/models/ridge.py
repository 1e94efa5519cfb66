"""The ridge path: many penalty strengths for little more than the price of a few.

Around any coefficients b the mean loss is nearly the quadratic ½ x'Hx - c'x, where H is its curvature and c = Hb minus
its gradient. Along the path b changes much, H and c little and smoothly. So they are made at a few strengths only,
spread as Chebyshev's points over the path, and interpolated; at every strength (H + L2) b = c then gives coefficients
that are nearly right. All are corrected together, gradients as one matrix product and Newton steps with the
interpolated curvature, until each meets the optimality conditions; what does not get there so is left to Newton's
method with a line search.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, lapack, solve_triangular

from clinpred.models.design import Ints, row_blocks, weighted_gram
from clinpred.models.likelihood import (
    TIGHT,
    Problem,
    in_directions,
    mean_loss,
    not_converged,
    null_coefficients,
    spanned,
)
from clinpred.models.risk_model import Array, risk_of

_MAX_STEPS = 200
_CLOSE = 1e-5
_STALE = 0.1
_ARMIJO = 1e-4
# Relative to each diagonal: makes the curvature positive definite where predictors are copies of each other or nobody's
# risk is in doubt. It shapes the steps only; the optimality conditions that end them are those of the objective.
_DAMPING = 1e-11
_MOST_DAMPING = 1e6
_N_NODES = 12
_NODE_TOLERANCE = 1e-3
# A pass that leaves more of a residual than this is no longer worth its price.
_SLOW = 0.5
_MAX_PASSES = 15
_SMALL_STACK = 2**22


@dataclass(frozen=True)
class _Fit:
    """A minimum, and the quadratic model of the loss there: ½ x'Hx - c'x, H the curvature and c the linear term."""

    coefficients: Array
    curvature: Array
    linear: Array


@dataclass(frozen=True)
class _Place:
    """Where the descent stands: coefficients, everybody's log odds, the objective."""

    coefficients: Array
    log_odds: Array
    value: float


@dataclass(frozen=True)
class _Models:
    """The quadratic models at all k strengths, as combinations (k, m) of those at m of them."""

    combinations: Array
    curvatures: Array
    linear: Array

    @classmethod
    def through(cls, fits: list[_Fit], combinations: Array) -> "_Models":
        linear = combinations @ np.array([fit.linear for fit in fits])
        return cls(combinations, np.array([fit.curvature for fit in fits]), linear)

    def curvature(self, k: int) -> Array:
        return np.tensordot(self.combinations[k], self.curvatures, axes=1)


def ridge_path(
    problem: Problem,
    strengths: Array,
    *,
    factors: Array | None = None,
    tolerance: float = TIGHT,
    start: Array | None = None,
) -> Array:
    """Fit ridge logistic regression at each of k penalty strengths.

    It minimises -(1/W) Σ wᵢ loglikᵢ + λ/2 · Σ fⱼ βⱼ², predictors standardised, the intercept free.

    Parameters
    ----------
    problem : Problem
        Standardised predictors, dense or sparse, with weights and offset.
    strengths : array of shape (k,)
        Penalty strengths λ > 0, decreasing.
    factors : array of shape (p,), optional
        f ≥ 0, what each predictor's penalty is multiplied by; 0 leaves it unpenalised. 1 if none are given.
    tolerance : float
        The largest residual of the optimality conditions that is left at any strength.
    start : array of shape (1 + p,), optional
        A fit that is near the first; made use of where there are more rows than predictors.

    Returns
    -------
    array of shape (k, 1 + p)
        Standardised coefficients, intercept first.

    Raises
    ------
    StatisticalRefusal
        S-NOT-CONVERGED: at one strength the residual stayed above ``tolerance``.

    Notes
    -----
    Where predictors are not fewer than rows, the fit is made in the directions that the rows span. Checked against R's
    glmnet 4.1-6 (``tests/reference/02_glmnet.json``, 2e-5 of the standardised coefficients).

    References
    ----------
    le Cessie S, van Houwelingen JC. Ridge estimators in logistic regression. J R Stat Soc C 1992;41(1):191-201.
    """
    factors = np.ones(problem.n_predictors) if factors is None else factors
    if problem.n_predictors < problem.n_rows:
        return _path(problem, strengths, factors, tolerance, start=start)
    narrow, narrow_factors, back = _in_row_space(problem, factors)
    inner = _path(narrow, strengths, narrow_factors, tolerance)
    return np.column_stack([inner[:, :1], inner[:, 1:] @ back.T])


def _in_row_space(problem: Problem, factors: Array) -> tuple[Problem, Array, Array]:
    """Return the problem in the directions that the rows span, with the factors there, and the matrix that leads back.

    A penalised predictor divided by the root of its factor costs as any other; the unpenalised keep their columns.
    """
    predictors, free = problem.design[:, 1:], factors == 0
    root = np.sqrt(factors[~free])
    directions, turned = spanned(predictors[:, ~free] / root)
    n_free, rank = np.count_nonzero(free), directions.shape[1]
    back = np.zeros((factors.size, n_free + rank))
    back[np.flatnonzero(free), np.arange(n_free)] = 1.0
    back[~free, n_free:] = turned / root[:, None]
    narrow = in_directions(problem, np.column_stack([predictors[:, free], directions]))
    return narrow, np.repeat([0.0, 1.0], [n_free, rank]), back


def _path(problem: Problem, strengths: Array, factors: Array, tolerance: float, *, start: Array | None = None) -> Array:
    l2 = strengths[:, None] * np.append(0.0, factors)
    nodes = _nodes(strengths)
    stack = nodes.size * l2.shape[1] ** 2
    if nodes.size == strengths.size or stack > max(problem.n_rows * l2.shape[1], _SMALL_STACK):
        return np.array([fit.coefficients for fit in _walked(problem, l2, tolerance, start)])
    fits = list(_walked(problem, l2[nodes], max(tolerance, _NODE_TOLERANCE), start))
    return _corrected(problem, l2, _Models.through(fits, _lagrange(np.log(strengths), nodes)), tolerance)


def _nodes(strengths: Array) -> Ints:
    """Return the places of the strengths whose logarithms are closest to Chebyshev's points, the ends among them."""
    log = np.log(strengths)
    points = (1.0 - np.cos(np.linspace(0.0, np.pi, _N_NODES))) / 2.0
    wanted = log[0] + points * (log[-1] - log[0])
    nearest = np.abs(log - wanted[:, None]).argmin(axis=1)
    nodes: Ints = nearest[np.unique(log[nearest], return_index=True)[1][::-1]]
    return nodes


def _lagrange(points: Array, nodes: Ints) -> Array:
    """Return the matrix (k, m) that turns values at m nodes into the values at k points of the polynomial through them.

    Its rows are products of (point - node) / (node - node), one factor for every other node.
    """
    at = points[nodes]
    apart = at[:, None] - at
    np.fill_diagonal(apart, 1.0)
    away = np.repeat((points[:, None] - at)[:, None], nodes.size, axis=1)
    away[:, np.arange(nodes.size), np.arange(nodes.size)] = 1.0
    matrix: Array = (away / apart).prod(axis=2)
    return matrix


def _walked(problem: Problem, l2: Array, tolerance: float, start: Array | None = None) -> Iterator[_Fit]:
    """Fit one penalty after the other, each started where the quadratic model of the last has its minimum."""
    start = null_coefficients(problem) if start is None else start
    for k, penalty in enumerate(l2):
        fit = _minimised(problem, penalty, start=start, tolerance=tolerance)
        yield fit
        if k + 1 < len(l2):
            start = _solved(fit.curvature, l2[k + 1], fit.linear)


def _minimised(problem: Problem, penalty: Array, *, start: Array, tolerance: float) -> _Fit:
    """Minimise by Newton steps; close to the minimum the curvature is kept while the residual falls fast."""
    place = _place(problem, penalty, start)
    curvature, before = None, np.inf
    for _ in range(_MAX_STEPS):
        risk = risk_of(place.log_odds)
        gradient = problem.gradient(risk)
        slope = gradient + penalty * place.coefficients
        residual = float(np.abs(slope).max())
        if curvature is None or residual > min(_CLOSE, _STALE * before):
            curvature = problem.curvature(risk)
        if residual <= tolerance:
            return _Fit(place.coefficients, curvature, curvature @ place.coefficients - gradient)
        step, before = _solved(curvature, penalty, -slope), residual
        place = _searched(problem, penalty, place, step=step, fall=float(slope @ step))
    raise not_converged(residual, tolerance)


def _place(problem: Problem, penalty: Array, coefficients: Array) -> _Place:
    log_odds = problem.linear_predictor(coefficients)
    loss = mean_loss(problem.outcome, log_odds, problem.weight)
    return _Place(coefficients, log_odds, loss + float(penalty @ coefficients**2) / 2.0)


def _searched(problem: Problem, penalty: Array, place: _Place, *, step: Array, fall: float) -> _Place:
    """Go along the step, half of it, a quarter, until the objective falls as it should."""
    rounding = 1e-14 * (1.0 + abs(place.value))
    size = 1.0
    while size > 1e-10:
        there = _place(problem, penalty, place.coefficients + size * step)
        if there.value <= place.value + _ARMIJO * size * fall + rounding:
            return there
        size /= 2
    return place


def _corrected(problem: Problem, l2: Array, models: _Models, tolerance: float) -> Array:
    """Correct the fits at all strengths together; those that stop getting better are walked through one by one."""
    everywhere = range(len(l2))
    coefficients = np.array([_solved(models.curvature(k), l2[k], models.linear[k]) for k in everywhere])
    moving, before = np.arange(len(l2)), np.full(len(l2), np.inf)
    solved = np.zeros(len(l2), dtype=bool)
    for _ in range(_MAX_PASSES):
        slope = problem.gradient_at(coefficients[moving].T).T + l2[moving] * coefficients[moving]
        residual = np.abs(slope).max(axis=1)
        solved[moving[residual <= tolerance]] = True
        further = (residual > tolerance) & (residual <= _SLOW * before)
        moving, before, slope = moving[further], residual[further], slope[further]
        if moving.size == 0:
            break
        coefficients[moving] -= [_solved(models.curvature(k), l2[k], row) for k, row in zip(moving, slope, strict=True)]
    for k, fit in zip(np.flatnonzero(~solved), _walked(problem, l2[~solved], tolerance), strict=True):
        coefficients[k] = fit.coefficients
    return coefficients


def _solved(curvature: Array, penalty: Array, right: Array) -> Array:
    """Solve (H + L2) x = right."""
    return np.asarray(cho_solve((_factor(curvature, penalty), True), right))


def _factor(curvature: Array, penalty: Array) -> Array:
    """Return the lower Cholesky factor of H + L2; no damping makes one of a curvature that overflowed."""
    diagonal = curvature.diagonal() + penalty
    # A constant predictor has no curvature and no gradient: with any diagonal its coefficient stays 0.
    diagonal = np.where(diagonal > 0, diagonal, 1.0)
    positive, damping = curvature.copy(), _DAMPING
    while True:
        np.fill_diagonal(positive, diagonal * (1.0 + damping))
        factor, failed = lapack.dpotrf(positive, lower=1)
        if not failed:
            return np.asarray(factor)
        damping *= 100.0
        if damping > _MOST_DAMPING:
            raise not_converged(np.inf)


def ridge_leverages(problem: Problem, coefficients: Array, l2: Array, working_weight: Array) -> Array:
    """Return how much each row pulls its own fit: the diagonal of √W X (X'WX + L2)⁻¹ X' √W.

    Their sum, the trace of (X'WX + L2)⁻¹ X'WX, is the effective degrees of freedom, the intercept's 1 among them.

    Parameters
    ----------
    problem : Problem
        Standardised predictors.
    coefficients : array of shape (1 + p,)
        The fit. A predictor whose coefficient is 0 is not in the model: with an l1 penalty, X is the others.
    l2 : array of shape (1 + p,)
        The l2 penalty of each coefficient, 0 for the intercept.
    working_weight : array of shape (n,)
        W: weight · risk · (1 - risk).

    Returns
    -------
    array of shape (n,)
        Between 0 and 1.

    References
    ----------
    Pregibon D. Logistic regression diagnostics. Ann Stat 1981;9(4):705-724.
    """
    inside = np.union1d(0, np.flatnonzero(coefficients))
    part = problem if inside.size == coefficients.size else problem.columns(inside)
    factor = _factor(weighted_gram(part.design, working_weight), l2[inside])
    # The Gram matrix's inverse is this root times its transpose: a product by it is quicker than solving for each row.
    root = solve_triangular(factor, np.eye(inside.size), lower=True).T
    leverages = np.empty(problem.n_rows)
    for rows in row_blocks(*part.design.shape):
        turned = part.design[rows] @ root
        leverages[rows] = np.einsum("ij,ij->i", turned, turned)
    return leverages * working_weight
