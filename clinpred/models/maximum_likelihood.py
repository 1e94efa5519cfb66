"""The maximum of the likelihood by Newton steps, and whether there is one."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import cho_solve, lapack

from clinpred.models.likelihood import TIGHT, Problem, not_converged, null_coefficients, row_space
from clinpred.models.risk_model import Array, risk_of
from clinpred.models.separation import separation_of

_MAX_NEWTON_STEPS = 100
_R_GLM_EPSILON = 1e-8
# Below this reciprocal condition number the Gram matrix, whose condition is the square of the design's, is left alone.
_ILL_CONDITIONED = 1e-7
# How far, on the log odds, a Newton step must move somebody wherever the outcome is separated (1, less rounding).
_SEPARATED_MOVE = 0.99
_AGAINST_OUTCOME = 0.1
_ROUNDING = 1e-14
_CLOSE = 0.05
_STALE = 0.1
_SLIGHT = 1e3
# Log odds at which a risk is rounded to 0 or 1, so that the curvature is 0 beside that of other rows.
_SATURATED = 34.0
# By how much one step may move a row's log odds, beside the largest there is.
_FARTHEST = 10.0


@dataclass(frozen=True)
class MaximumLikelihood:
    """An unpenalised fit.

    Attributes
    ----------
    coefficients : array of shape (1 + p,)
        Standardised, intercept first.
    residual : float
        Largest gradient of the mean loss.
    separated : bool
        There is no maximum; the coefficients are where the deviance no longer changed.
    iterations : int
        Newton steps until a maximum was close, or the deviance flat.
    """

    coefficients: Array
    residual: float
    separated: bool
    iterations: int


@dataclass(frozen=True)
class _Top:
    """Where an ascent ended: at a place close to the maximum, or where the deviance became flat and there is none."""

    place: "_Place"
    separated: bool
    iterations: int


@dataclass(frozen=True)
class _Place:
    """Where the ascent stands, with the next Newton step and by how much it moves each row's log odds.

    ``factor`` is the Cholesky factor of the curvature there.
    """

    coefficients: Array
    log_odds: Array
    deviance: float
    factor: Array
    step: Array
    moved: Array

    @property
    def reach(self) -> float:
        """How far the step moves the log odds that it moves most."""
        return float(np.abs(self.moved).max())

    @property
    def margin(self) -> float:
        """The largest log odds of any row."""
        return float(np.abs(self.log_odds).max())


def maximum_likelihood(problem: Problem, *, start: Array | None = None, tolerance: float = TIGHT) -> MaximumLikelihood:
    """Maximise the likelihood by Newton steps with step-halving; where it has no maximum, stop as R's ``glm`` does.

    Under complete or quasi-complete separation there is a direction d with (2y - 1)·x'd ≥ 0 for every row and > 0 for
    one. Since p(1 - p) ≤ |y - p|, the Newton step u has then, wherever it starts, max |x'u| ≥ 1: it moves somebody's
    log odds by 1 or more, for ever. A step that moves nobody so far therefore proves that a maximum exists, and the
    fit goes on to it. The data are taken as separated where the deviance has become flat as ``glm`` measures it (a
    change of less than 1e-8 of itself) and then a step of 1 or more moves nobody against the outcome. Where neither
    is seen before rounding ends all progress, linear programming decides (`separation_of`); if it finds that there is
    a maximum, risks at it are 0 or 1 to rounding, and coefficients say no more than these risks. A separated fit is
    left where ``glm`` leaves it.

    A rank-deficient design is fitted in its row space: among the many maxima, the one of minimum norm.

    Parameters
    ----------
    problem : Problem
        Standardised predictors, with weights and offset.
    start : array of shape (1 + p,), optional
        Standardised coefficients to start from, such as those of the fit to all patients; the intercept-only fit if
        none are given. What is found does not depend on it.
    tolerance : float
        The largest gradient of the mean loss that may be left.

    Raises
    ------
    StatisticalRefusal
        S-NOT-CONVERGED: 100 Newton steps were not enough.

    References
    ----------
    Albert A, Anderson JA. On the existence of maximum likelihood estimates in logistic regression models. Biometrika
    1984;71(1):1-10.
    """
    first = null_coefficients(problem)
    curvature = problem.curvature(risk_of(problem.linear_predictor(first)))
    if _well_conditioned(curvature):
        return _maximised(problem, _place(problem, first, curvature), start, tolerance)
    spanned, back = row_space(problem)
    fit = _maximised(spanned, _place(spanned, null_coefficients(spanned)), None, tolerance)
    coefficients = np.append(fit.coefficients[:1], back @ fit.coefficients[1:])
    return MaximumLikelihood(coefficients, _residual(problem, coefficients), fit.separated, fit.iterations)


def _well_conditioned(curvature: Array) -> bool:
    varying = np.flatnonzero(curvature.diagonal() > 0)
    spread = np.sqrt(curvature.diagonal()[varying])
    correlation = curvature[np.ix_(varying, varying)] / np.outer(spread, spread)
    factor, failed = lapack.dpotrf(correlation)
    if failed:
        return False
    reciprocal, _ = lapack.dpocon(factor, np.abs(correlation).sum(axis=0).max())
    return bool(reciprocal > _ILL_CONDITIONED)


def _maximised(problem: Problem, first: _Place, start: Array | None, tolerance: float) -> MaximumLikelihood:
    top = _ascended(problem, first if start is None else _place(problem, start))
    if top.separated and start is not None:
        # Where a separated fit stops depends on where it began, so that all begin alike.
        top = _ascended(problem, first)
    coefficients = top.place.coefficients if top.separated else _polished(problem, top.place, tolerance)
    return MaximumLikelihood(coefficients, _residual(problem, coefficients), top.separated, top.iterations)


def _ascended(problem: Problem, place: _Place) -> _Top:
    """Step until a maximum is proved to be close, or until the data show that there is none."""
    before, flat = np.inf, None
    for iteration in range(_MAX_NEWTON_STEPS):
        change = abs(place.deviance - before) / (abs(place.deviance) + 0.1)
        if flat is None and change < _R_GLM_EPSILON:
            flat = place, iteration
        if place.reach < _CLOSE and place.margin < _SATURATED:
            return _Top(place, separated=False, iterations=iteration)
        if flat is not None and place.reach >= _SEPARATED_MOVE and _harms_nobody(problem, place.moved):
            return _Top(flat[0], separated=True, iterations=flat[1])
        if place.reach < _CLOSE or change < _ROUNDING:
            break
        before, place = place.deviance, _place(problem, _climbed(problem, place))
    place, iteration = flat or (place, iteration)
    separated = separation_of(problem.design[:, 1:], problem.outcome).columns.size > 0
    return _Top(place, separated, iteration)


def _harms_nobody(problem: Problem, moved: Array) -> bool:
    return bool((_sign(problem) * moved).min() > -_AGAINST_OUTCOME)


def _sign(problem: Problem) -> Array:
    return np.where(problem.outcome == 1, 1.0, -1.0)


def _missed(problem: Problem, log_odds: Array) -> Array:
    """Return the probability of what was not observed, which keeps its digits where a risk would be rounded to 1."""
    return risk_of(-_sign(problem) * log_odds)


def _gradient(problem: Problem, missed: Array) -> Array:
    return replace(problem, outcome=np.zeros(problem.n_rows)).gradient(-_sign(problem) * missed)


def _place(problem: Problem, coefficients: Array, curvature: Array | None = None) -> _Place:
    log_odds = problem.linear_predictor(coefficients)
    missed = _missed(problem, log_odds)
    factor = _factor(problem.curvature(missed) if curvature is None else curvature)
    step = _solved(factor, -_gradient(problem, missed))
    moved = problem.linear_predictor(coefficients + step) - log_odds
    return _Place(coefficients, log_odds, _deviance(problem, log_odds), factor, step, moved)


def _climbed(problem: Problem, place: _Place) -> Array:
    # Where rounding spoils the curvature a step can be without bounds.
    size = min(1.0, (_FARTHEST + place.margin) / place.reach)
    highest = place.deviance * (1.0 + 1e-13)
    while _deviance(problem, place.log_odds + size * place.moved) > highest and size > 1e-12:
        size /= 2
    return place.coefficients + size * place.step


def _polished(problem: Problem, place: _Place, tolerance: float) -> Array:
    """Go on to the maximum, close by; the curvature is made anew only where the gradient no longer falls fast."""
    coefficients, factor, before, moved_before = place.coefficients, place.factor, np.inf, np.inf
    for _ in range(_MAX_NEWTON_STEPS):
        log_odds = problem.linear_predictor(coefficients)
        missed = _missed(problem, log_odds)
        gradient = _gradient(problem, missed)
        residual = float(np.abs(gradient).max())
        if residual > _STALE * before:
            factor = _factor(problem.curvature(missed))
        step = _solved(factor, -gradient)
        moved = float(np.abs(problem.linear_predictor(coefficients + step) - log_odds).max())
        # Where curvature is slight, rounding alone moves the log odds by more, and no longer by less from step to step.
        if residual <= tolerance and (moved <= _SLIGHT * tolerance or moved > moved_before / 2):
            return coefficients + step if moved <= moved_before else coefficients
        coefficients, before, moved_before = coefficients + step, residual, moved
    raise not_converged(gradient)


def _factor(curvature: Array) -> Array:
    """Return the Cholesky factor; far out on separated data rounding can spoil the curvature, which is then damped."""
    diagonal = curvature.diagonal()
    # A constant predictor has no curvature and no gradient: with any diagonal its coefficient stays 0.
    curvature = curvature + np.diag(np.where(diagonal > 0, 0.0, 1.0))
    damping = 0.0
    while True:
        factor, failed = lapack.dpotrf(curvature + damping * np.diag(diagonal), lower=1)
        if not failed:
            return np.asarray(factor)
        damping = max(1e-12, 10 * damping)


def _solved(factor: Array, right: Array) -> Array:
    return np.asarray(cho_solve((factor, True), right))


def _residual(problem: Problem, coefficients: Array) -> float:
    return float(np.abs(_gradient(problem, _missed(problem, problem.linear_predictor(coefficients)))).max())


def _deviance(problem: Problem, log_odds: Array) -> float:
    # A weight of 2 is a repeated row here too; weights that sum to less than a patient count as one, for ever smaller
    # units would end every fit at once.
    losses = np.logaddexp(0.0, -_sign(problem) * log_odds)
    return 2.0 * max(problem.total_weight, 1.0) * float(problem.weight @ losses)
