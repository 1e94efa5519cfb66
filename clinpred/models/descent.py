"""Proximal Newton descent: many penalised fits on the same rows at once, one guarded fit where that does not do.

A step replaces the loss by a quadratic around the present fit and minimises the penalised quadratic exactly. Its
curvature, a Gram matrix, is the dear part. Neighbouring fits share one, kept from step to step; what remains to be done
at every step, linear predictors and gradients, is one matrix product for all of them.
"""

from dataclasses import dataclass, replace

import numpy as np

from clinpred.models.design import Ints
from clinpred.models.likelihood import Problem, mean_loss, not_converged, null_coefficients
from clinpred.models.penalty import Penalty, kkt_residual
from clinpred.models.quadratic import minimise_quadratic
from clinpred.models.risk_model import Array, risk_of

_MAX_STEPS = 300
# A step that leaves more than this share of the residual calls for a new curvature.
_STALE = 0.1
_ARMIJO = 1e-4
_LEAST_STEP = 1e-3
# Relative to the largest curvature: makes the quadratic strictly convex where predictors are copies of each other or
# outnumber the patients. It shapes the steps only; the optimality conditions that end them are those of the objective.
_DAMPING = 1e-10


@dataclass(frozen=True)
class Fits:
    """Penalised fits on the same rows, each with its own penalty, and perhaps without some of the rows.

    Attributes
    ----------
    problem : Problem
        The rows.
    penalty : Penalty of shape (m, 1 + p)
        One row a fit.
    fold_of_row, without : int arrays of shapes (n,) and (m,), optional
        Which fold each row is in, and which fold's rows each fit leaves out: the others keep their weights.
    """

    problem: Problem
    penalty: Penalty
    fold_of_row: Ints | None = None
    without: Ints | None = None

    def some(self, chosen: Ints) -> "Fits":
        """Return the chosen fits."""
        without = None if self.without is None else self.without[chosen]
        return replace(self, penalty=self.penalty.of(chosen), without=without)

    def slope(self, chosen: Ints, coefficients: Array) -> Array:
        """Return the gradient of loss and l2 penalty together, shape (m, 1 + p), of the chosen fits."""
        without = None if self.without is None else self.without[chosen]
        gradient = self.problem.gradient_at(coefficients.T, fold_of_row=self.fold_of_row, without=without)
        return self.penalty.l2[chosen] * coefficients + gradient.T

    def curvature(self, fit: int, coefficients: Array) -> Array:
        """Return the Hessian of the mean loss of one fit, made positive definite."""
        risk = risk_of(self.problem.linear_predictor(coefficients))
        if self.without is not None:
            # A risk of 0 adds nothing to the curvature.
            risk[self.fold_of_row == self.without[fit]] = 0.0
        return self._definite(self.problem.curvature(risk))

    def steepest_curvature(self) -> Array:
        """Return what no Hessian of the mean loss exceeds: that of risks of one half."""
        return self._definite(self.problem.curvature(np.full(self.problem.n_rows, 0.5)))

    @staticmethod
    def _definite(curvature: Array) -> Array:
        curvature[np.diag_indices_from(curvature)] += _DAMPING * max(curvature.diagonal().max(), _DAMPING)
        return curvature

    def value(self, fit: int, coefficients: Array) -> float:
        """Return the objective of one fit."""
        weight = self.problem.weight
        if self.without is not None:
            weight = np.where(self.fold_of_row == self.without[fit], 0.0, weight)
        loss = mean_loss(self.problem.outcome, self.problem.linear_predictor(coefficients), weight)
        return loss + self.penalty.of(fit).cost(coefficients)


@dataclass(frozen=True)
class Minima:
    """Where fits ended: coefficients and slopes of the smooth part, both (m, 1 + p), and the curvature last used."""

    coefficients: Array
    slope: Array
    curvature: Array | None


def minimise_together(fits: Fits, start: Array, *, tolerance: float, curvature: Array | None = None) -> Minima:
    """Minimise all fits from ``start``, shape (m, 1 + p), by Newton steps that share one curvature.

    The curvature is that of the fit in the middle of those not yet done, made anew when one of them no longer comes
    nearer fast; a fit that comes no nearer at all begins again alone, guarded.

    Raises
    ------
    StatisticalRefusal
        S-NOT-CONVERGED: the optimality residual of a fit stayed above ``tolerance``.
    """
    coefficients, slope = start.copy(), np.empty_like(start)
    pending, before = np.arange(len(start)), np.full(len(start), np.inf)
    for _ in range(_MAX_STEPS):
        slope[pending] = fits.slope(pending, coefficients[pending])
        residual = kkt_residual(coefficients[pending], slope[pending], fits.penalty.l1[pending])
        for fit in pending[(residual > tolerance) & (residual >= before)]:
            coefficients[fit], slope[fit] = minimise_one(fits, int(fit), start[fit], tolerance=tolerance)
        left = (residual > tolerance) & (residual < before)
        pending, residual, before = pending[left], residual[left], before[left]
        if pending.size == 0:
            return Minima(coefficients, slope, curvature)
        if curvature is None or (residual > _STALE * before).any():
            middle = int(pending[pending.size // 2])
            curvature = fits.curvature(middle, coefficients[middle])
        before = residual
        for fit, miss in zip(pending.tolist(), residual, strict=True):
            coefficients[fit] = newton_target(fits.penalty.of(fit), curvature, coefficients[fit], slope[fit], miss)
    raise not_converged(residual, tolerance)


def newton_target(penalty: Penalty, curvature: Array, here: Array, slope: Array, residual: float) -> Array:
    """Return the minimum of the penalised quadratic around ``here``, far nearer than the residual there."""
    quadratic = curvature + np.diag(penalty.l2)
    linear = slope - quadratic @ here
    return minimise_quadratic(quadratic, linear, penalty.l1, start=here, tolerance=1e-3 * residual)


def minimise_one(fits: Fits, fit: int, start: Array, *, tolerance: float) -> tuple[Array, Array]:
    """Minimise one fit by Newton steps of fresh curvature, none of which may raise the objective.

    Far out, where risks are near 0 or 1 and the curvature says nothing, a quadratic that lies nowhere below the loss
    replaces it.

    Returns
    -------
    coefficients, slope : arrays of shape (1 + p,)

    Raises
    ------
    StatisticalRefusal
        S-NOT-CONVERGED: the optimality residual stayed above ``tolerance``.
    """
    penalty, alone, nothing = fits.penalty.of(fit), np.array([fit]), null_coefficients(fits.problem)
    # A start that is worse than no predictor at all lies too far out to lead anywhere.
    here = start if fits.value(fit, start) < fits.value(fit, nothing) else nothing
    for _ in range(_MAX_STEPS):
        slope = fits.slope(alone, here[None])[0]
        residual = float(kkt_residual(here, slope, penalty.l1))
        if residual <= tolerance:
            return here, slope
        target = newton_target(penalty, fits.curvature(fit, here), here, slope, residual)
        moved = _searched(fits, fit, here, target=target, slope=slope)
        if moved is here:
            moved = newton_target(penalty, fits.steepest_curvature(), here, slope, residual)
        here = moved
    raise not_converged(residual, tolerance)


def _searched(fits: Fits, fit: int, here: Array, *, target: Array, slope: Array) -> Array:
    """Go as far from ``here`` towards the target, by halves, as lowers the objective enough (Armijo)."""
    penalty, step, value = fits.penalty.of(fit), target - here, fits.value(fit, here)
    loss_slope = slope - penalty.l2 * here
    promised = loss_slope @ step + penalty.cost(target) - penalty.cost(here)
    rounding = 1e-14 * (1.0 + abs(value))
    size, moved = 1.0, target
    while fits.value(fit, moved) > value + _ARMIJO * size * promised + rounding:
        size /= 2.0
        if size < _LEAST_STEP:
            return here
        moved = here + size * step
    return moved
