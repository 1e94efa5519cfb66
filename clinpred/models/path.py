"""The solver: penalised logistic regression along a path of penalty strengths, each fit started from the last.

The objective is glmnet's. For weights w that sum to W, predictors standardised by their weighted population standard
deviation, a free intercept and a factor φ for each predictor, 1 unless given::

    -(1/W) Σ wᵢ loglikᵢ + λ · Σ φⱼ · ((1 - α)/2 · βⱼ² + α · |βⱼ|)

λ is the penalty strength, α the l1 share. With an l1 penalty and fewer predictors than rows, the curvature of the loss
and its linear term are made at a few strengths and interpolated: they change little along the path, coefficients much.
The penalised quadratic of each strength then gives a fit that is nearly right, and all are corrected together, exact
gradients as one matrix product and Newton steps with the interpolated curvature.

With more predictors, a few neighbouring strengths are solved together, in a working set of predictors: those that the
strong rule keeps. A strength counts as done when all predictors, in the set or not, meet the optimality conditions;
those that do not join the set. No matrix is larger than the rows by the predictors, or than the working set squared.

References
----------
Tibshirani R, Bien J, Friedman J, et al. Strong rules for discarding predictors in lasso-type problems.
J R Stat Soc B 2012;74(2):245-266.

Lee JD, Sun Y, Saunders MA. Proximal Newton-type methods for minimizing composite functions.
SIAM J Optim 2014;24(3):1420-1443.
"""

from dataclasses import dataclass

import numpy as np

from clinpred.models.descent import Fits, minimise_one, minimise_together, newton_target
from clinpred.models.design import Ints
from clinpred.models.likelihood import TIGHT, Problem
from clinpred.models.penalty import Penalty, empty_model, kkt_residual, uniform_penalty
from clinpred.models.quadratic import minimise_quadratic
from clinpred.models.ridge import ridge_path
from clinpred.models.risk_model import Array
from clinpred.models.working_set import WorkingSet

# Strengths solved together: more share a curvature that fits none of them, fewer share too little.
_TOGETHER = 5
# Models of the loss lie at most so far apart in log strength: between them, curvature changes nearly in a line.
_APART = 0.9
# Optimality residual near enough to the minimum for the model made there to be as good as that of the minimum.
_NEAR = 1e-3
_MOST_MODELS = 2**22
# A pass that leaves more of a residual than this is no longer worth its price.
_SLOW = 0.5
_MAX_PASSES = 15


def solve_path(  # where to begin is the seventh
    problem: Problem,
    strengths: Array,
    l1_share: float,
    *,
    factors: Array | None = None,
    tolerance: float = TIGHT,
    start: Array | None = None,
) -> Array:
    """Return standardised coefficients along a path.

    Parameters
    ----------
    problem : Problem
    strengths : array of shape (k,)
        Penalty strengths λ above 0, decreasing.
    l1_share : float in 0 to 1
        0 for ridge, 1 for lasso.
    factors : array of shape (p,), at least 0, optional
        Predictor j is penalised by λ times factor j; 0 leaves it free. Taken as given, never rescaled.
    tolerance : float
        Largest miss of the optimality conditions allowed at any strength.
    start : array of shape (1 + p,), optional
        A fit that is near the first; without it, the empty model.

    Returns
    -------
    coefficients : array of shape (k, 1 + p)
        Intercept first.

    Raises
    ------
    StatisticalRefusal
        S-NOT-CONVERGED: a strength's optimality residual stayed above ``tolerance``.

    Notes
    -----
    Checked against R's glmnet 4.1-6 at a convergence threshold of 1e-14 (``tests/reference/02_glmnet.json``).
    """
    if l1_share == 0.0:
        return ridge_path(problem, strengths, factors=factors, tolerance=tolerance, start=start)
    penalty = uniform_penalty(strengths, l1_share, problem.n_predictors, factors=factors)
    start = empty_model(problem, factors) if start is None else start
    nodes, width = _nodes(np.log(strengths)), 1 + problem.n_predictors
    if width > problem.n_rows or nodes.size * width**2 > max(problem.n_rows * width, _MOST_MODELS):
        return _stepped(problem, penalty, start, tolerance)
    models = _Models.at(nodes, problem, penalty, start, np.log(strengths))
    return _corrected(problem, penalty, models, start, tolerance)


@dataclass(frozen=True)
class Solution:
    """A minimum: standardised coefficients, intercept first, and its optimality residual."""

    coefficients: Array
    residual: float


def minimise(problem: Problem, penalty: Penalty, *, start: Array | None = None, tolerance: float = TIGHT) -> Solution:
    """Minimise the mean loss under any penalty of shape (1 + p,), from ``start`` or the intercept-only fit.

    Raises
    ------
    StatisticalRefusal
        S-NOT-CONVERGED: the optimality residual stayed above ``tolerance``.
    """
    fits = Fits(problem, Penalty(penalty.l1[None], penalty.l2[None]))
    start = empty_model(problem) if start is None else start
    coefficients, slope = minimise_one(fits, 0, start, tolerance=tolerance)
    return Solution(coefficients, float(kkt_residual(coefficients, slope, penalty.l1)))


def _nodes(log_strengths: Array) -> Ints:
    """Return the places of the strengths at which models of the loss are made, about evenly spread, both ends too."""
    first, last = log_strengths[0], log_strengths[-1]
    wanted = np.linspace(first, last, 1 + int(np.ceil((first - last) / _APART)))
    nodes: Ints = np.unique(np.abs(log_strengths - wanted[:, None]).argmin(axis=1))
    return nodes


@dataclass(frozen=True)
class _Models:
    """Quadratic models of the loss, ½ x'Hx + c'x, at m strengths of a path, and shares (k, m) of them at all k."""

    shares: Array
    curvatures: Array
    linear: Array

    @classmethod
    def at(cls, nodes: Ints, problem: Problem, penalty: Penalty, start: Array, log_strengths: Array) -> "_Models":
        """Go from node to node, each from where the model of the last has its minimum, about as far as the next."""
        fits = Fits(problem, penalty)
        curvatures: list[Array] = []
        linear: list[Array] = []
        for node in nodes.tolist():
            here, curvature = start, None
            if linear:
                curvature = curvatures[-1]
                here = _minimum(curvature, linear[-1], penalty.of(node), start=start, tolerance=_NEAR**2)
            near = minimise_together(fits.some(np.array([node])), here[None], tolerance=_NEAR, curvature=curvature)
            start = near.coefficients[0]
            curvatures.append(fits.curvature(node, start))
            linear.append(near.slope[0] - penalty.l2[node] * start - curvatures[-1] @ start)
        at = -log_strengths
        shares = np.column_stack([np.interp(at, at[nodes], unit) for unit in np.eye(nodes.size)])
        return cls(shares, np.array(curvatures), np.array(linear))

    def curvature(self, k: int) -> Array:
        """Return the curvature at one strength: a mean of two, so that it is positive definite as they are."""
        return np.tensordot(self.shares[k], self.curvatures, axes=1)


def _minimum(curvature: Array, linear: Array, penalty: Penalty, *, start: Array, tolerance: float) -> Array:
    quadratic = curvature + np.diag(penalty.l2)
    return minimise_quadratic(quadratic, linear, penalty.l1, start=start, tolerance=tolerance)


def _corrected(problem: Problem, penalty: Penalty, models: _Models, start: Array, tolerance: float) -> Array:
    """Correct what the models say of all strengths together; those that stop getting better are stepped through."""
    fits, coefficients, here = Fits(problem, penalty), np.empty_like(penalty.l1), start
    for k in range(len(coefficients)):
        linear = models.shares[k] @ models.linear
        here = _minimum(models.curvature(k), linear, penalty.of(k), start=here, tolerance=tolerance)
        coefficients[k] = here
    moving, before = np.arange(len(coefficients)), np.full(len(coefficients), np.inf)
    solved = np.zeros(len(coefficients), dtype=bool)
    for _ in range(_MAX_PASSES):
        slope = fits.slope(moving, coefficients[moving])
        residual = kkt_residual(coefficients[moving], slope, penalty.l1[moving])
        solved[moving[residual <= tolerance]] = True
        further = (residual > tolerance) & (residual <= _SLOW * before)
        moving, before = moving[further], residual[further]
        for k, row, miss in zip(moving.tolist(), slope[further], before, strict=True):
            coefficients[k] = newton_target(penalty.of(k), models.curvature(k), coefficients[k], row, miss)
        if moving.size == 0:
            break
    rest = np.flatnonzero(~solved)
    if rest.size:
        start = start if solved[: rest[0]].size == 0 else coefficients[rest[0] - 1]
        coefficients[rest] = _stepped(problem, penalty.of(rest), start, tolerance)
    return coefficients


def _stepped(problem: Problem, penalty: Penalty, start: Array, tolerance: float) -> Array:
    """Solve a few neighbouring strengths after the other, from ``start`` on."""
    path, count = _Path(problem, penalty, start), len(penalty.l1)
    for first in range(0, count, _TOGETHER):
        path.solve(np.arange(first, min(first + _TOGETHER, count)), tolerance)
    return path.coefficients


class _Path:
    """A path under way: the fits so far, and where the last of them stands."""

    def __init__(self, problem: Problem, penalty: Penalty, start: Array) -> None:
        self.working = WorkingSet(Fits(problem, penalty))
        self.coefficients = np.tile(start, (len(penalty.l1), 1))
        self.here, self.gradient = start, problem.gradient_at(start[:, None])[:, 0]
        first = penalty.l1[0]
        emptying = (np.abs(self.gradient[first > 0]) / first[first > 0]).max(initial=1.0)
        self.reached = emptying * first
        self.working.join(np.where(start != 0, np.inf, -np.inf))

    def solve(self, block: Ints, tolerance: float) -> None:
        """Solve the next strengths of the path together."""
        penalty = self.working.fits.penalty
        self.working.join(np.abs(self.gradient) - (2.0 * penalty.l1[block[-1]] - self.reached))
        found, slope = self.working.minimise(block, self._predicted(block, tolerance), tolerance)
        self.coefficients[block], self.here = found, found[-1]
        self.gradient = slope[-1] - penalty.l2[block[-1]] * self.here
        self.reached = penalty.l1[block[-1]]

    def _predicted(self, block: Ints, tolerance: float) -> Array:
        """Return the path that the quadratic around the last fit would take."""
        places, fits = self.working.places, self.working.fits_inside(block)
        inner, curvature = self.here[places], self.working.curvature
        if curvature is None:
            curvature = self.working.curvature = fits.curvature(0, inner)
        linear = self.gradient[places] - curvature @ inner
        predicted = np.zeros((block.size, self.here.size))
        for row, l1, l2 in zip(predicted, fits.penalty.l1, fits.penalty.l2, strict=True):
            quadratic = curvature + np.diag(l2)
            row[places] = inner = minimise_quadratic(quadratic, linear, l1, start=inner, tolerance=tolerance)
        return predicted
