"""The weighted logistic likelihood on standardised predictors, and its maximum."""

from dataclasses import dataclass

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.models.risk_model import Array, risk_of

# The largest gradient of the mean log likelihood that a final fit may leave, predictors standardised.
TIGHT = 1e-10
_ILL_CONDITIONED = 1e-6
_MAX_NEWTON_STEPS = 100
_R_GLM_EPSILON = 1e-8
_SEPARATED_MOVE = 0.1


@dataclass(frozen=True)
class Problem:
    """Rows to learn from. ``design`` has a column of ones, then the predictors, centred and scaled.

    ``weight`` sums to 1; ``total_weight`` is what the given weights summed to, the number of rows where none were
    given. A constant predictor is a column of zeros, so that its coefficient stays 0.
    """

    design: Array
    outcome: Array
    weight: Array
    total_weight: float
    center: Array
    scale: Array

    @property
    def n_predictors(self) -> int:
        """Number of predictors, the intercept not among them."""
        return self.center.size

    def on_original_scale(self, coefficients: Array) -> tuple[Array, Array]:
        """Return intercepts (k,) and coefficients (k, p) for raw predictors, from (k, 1 + p) standardised ones."""
        raw = coefficients[:, 1:] / self.scale
        return coefficients[:, 0] - raw @ self.center, raw

    def linear_predictor(self, coefficients: Array) -> Array:
        """Return the log odds of every row, shape (n,)."""
        return self.design @ coefficients

    def gradient(self, risk: Array) -> Array:
        """Return the gradient of the mean loss in the coefficients, shape (1 + p,)."""
        return self.design.T @ (self.weight * (risk - self.outcome))

    def curvature(self, risk: Array) -> Array:
        """Return the Hessian of the mean loss, the weighted Gram matrix, shape (1 + p, 1 + p)."""
        rows = self.design * np.sqrt(self.weight * risk * (1.0 - risk))[:, None]
        return rows.T @ rows


@dataclass(frozen=True)
class MaximumLikelihood:
    """An unpenalised fit: standardised coefficients, intercept first; its largest gradient; whether it separates."""

    coefficients: Array
    residual: float
    separated: bool


def standardised_problem(predictors: Array, outcome: Array, weight: Array) -> Problem:
    """Centre and scale predictors by their weighted mean and weighted population standard deviation."""
    share = weight / weight.sum()
    design = np.empty((outcome.size, 1 + predictors.shape[1]))
    design[:, 0] = 1.0
    # Relative to the first row a constant is exactly 0, and the mean of a large number keeps its digits.
    np.subtract(predictors, predictors[0], out=design[:, 1:])
    offset = share @ design[:, 1:]
    design[:, 1:] -= offset
    center = predictors[0] + offset
    scale = _spread(design[:, 1:], share)
    # Below this a column differs from a constant by rounding alone.
    varies = scale > 16 * np.finfo(float).eps * np.abs(center) + 1e-290
    scale[~varies] = 1.0
    design[:, 1:] /= scale
    design[:, 1:][:, ~varies] = 0.0
    return Problem(design, outcome, share, float(weight.sum()), center, scale)


def _spread(centred: Array, share: Array) -> Array:
    # Squares of values near 1e300 overflow, so each column is first brought within -1 to 1.
    largest = np.maximum(np.abs(centred).max(axis=0), 1e-300)
    spread: Array = largest * np.sqrt(share @ (centred / largest) ** 2)
    return spread


def mean_loss(outcome: Array, linear_predictor: Array, weight: Array) -> float:
    """Return the weighted sum of -log likelihood; with weights that sum to 1, the mean."""
    return float(weight @ (np.logaddexp(0.0, linear_predictor) - outcome * linear_predictor))


def null_coefficients(problem: Problem) -> Array:
    """Return the intercept-only fit: the logit of the prevalence, then zeros."""
    prevalence = float(problem.weight @ problem.outcome)
    coefficients = np.zeros(1 + problem.n_predictors)
    coefficients[0] = np.log(prevalence) - np.log1p(-prevalence)
    return coefficients


def maximum_likelihood(problem: Problem) -> MaximumLikelihood:
    """Maximise the likelihood by Newton steps with step-halving; stop as R's ``glm`` does, then polish.

    ``glm`` stops when the deviance changes by less than 1e-8 of itself. A regular fit is then polished until no
    gradient exceeds 1e-10. Under complete or quasi-complete separation the likelihood has no maximum: the deviance
    flattens while every further Newton step still adds about 1 to the log odds of the separated patients, for ever.
    In a regular fit the steps shrink quadratically, and the one after the stop moves nobody by .1. That difference
    tells the two apart, and a separated fit is left where ``glm`` leaves it.

    A rank-deficient design is fitted in its row space: among the many maxima, the one of minimum norm.

    Raises
    ------
    StatisticalRefusal
        S-NOT-CONVERGED: 100 Newton steps were not enough.
    """
    regular, back = _full_rank(problem)
    coefficients = _until_flat(regular, null_coefficients(regular))
    step = _newton_step(regular, coefficients)
    separated = bool(np.abs(regular.design @ step).max() > _SEPARATED_MOVE)
    if not separated:
        coefficients = _polished(regular, coefficients)
    residual = float(np.abs(regular.gradient(risk_of(regular.linear_predictor(coefficients)))).max())
    return MaximumLikelihood(np.append(coefficients[:1], back @ coefficients[1:]), residual, separated)


def row_space(problem: Problem) -> tuple[Problem, Array]:
    """Return the problem in the orthonormal directions that its rows span, and the matrix that leads back.

    Neither the likelihood nor a ridge penalty sees any other direction: the coefficients along them are 0.
    """
    left, size, right = np.linalg.svd(problem.design[:, 1:], full_matrices=False)
    kept = size > size[0] * max(problem.design.shape) * np.finfo(float).eps
    return _rotated(problem, left[:, kept] * size[kept]), right[kept].T


def _full_rank(problem: Problem) -> tuple[Problem, Array]:
    n_predictors = problem.n_predictors
    if n_predictors < problem.outcome.size:
        gram = problem.design[:, 1:].T @ problem.design[:, 1:]
        size = np.linalg.eigvalsh(gram)
        if size[0] > _ILL_CONDITIONED * size[-1]:
            return problem, np.eye(n_predictors)
    spanned, back = row_space(problem)
    spread = np.sqrt(problem.weight @ spanned.design[:, 1:] ** 2)
    return _rotated(problem, spanned.design[:, 1:] / spread), back / spread


def _rotated(problem: Problem, directions: Array) -> Problem:
    design = np.column_stack([problem.design[:, :1], directions])
    rank = directions.shape[1]
    return Problem(design, problem.outcome, problem.weight, problem.total_weight, np.zeros(rank), np.ones(rank))


def _until_flat(problem: Problem, coefficients: Array) -> Array:
    deviance = _deviance(problem, coefficients)
    for _ in range(_MAX_NEWTON_STEPS):
        before = deviance
        coefficients = _halved_step(problem, coefficients)
        deviance = _deviance(problem, coefficients)
        if abs(deviance - before) < _R_GLM_EPSILON * (abs(deviance) + 0.1):
            return coefficients
    raise not_converged(problem.gradient(risk_of(problem.linear_predictor(coefficients))))


def _polished(problem: Problem, coefficients: Array) -> Array:
    for _ in range(_MAX_NEWTON_STEPS):
        gradient = problem.gradient(risk_of(problem.linear_predictor(coefficients)))
        if np.abs(gradient).max() <= TIGHT:
            return coefficients
        coefficients = _halved_step(problem, coefficients)
    raise not_converged(gradient)


def _halved_step(problem: Problem, coefficients: Array) -> Array:
    step = _newton_step(problem, coefficients)
    limit = _deviance(problem, coefficients) * (1.0 + 1e-13)
    while _deviance(problem, coefficients + step) > limit and np.abs(step).max() > 1e-12:
        step = step / 2
    return coefficients + step


def _newton_step(problem: Problem, coefficients: Array) -> Array:
    risk = risk_of(problem.linear_predictor(coefficients))
    return np.asarray(np.linalg.solve(problem.curvature(risk), -problem.gradient(risk)), dtype=np.float64)


def _deviance(problem: Problem, coefficients: Array) -> float:
    loss = mean_loss(problem.outcome, problem.linear_predictor(coefficients), problem.weight)
    return 2.0 * problem.total_weight * loss


def not_converged(residual: Array | float) -> StatisticalRefusal:
    """Return the refusal of a fit that did not reach its tolerance; the residual says how far it is."""
    return StatisticalRefusal(
        "S-NOT-CONVERGED",
        f"the fit did not converge: its largest residual is still {np.abs(residual).max():.3g}",
        expected=f"a residual of the optimality conditions of at most {TIGHT:g}",
        to_fix="look for predictors that are copies of each other or of the outcome, or ask for more penalty",
    )
