"""Profile-likelihood intervals of a penalised fit: where the best likelihood given a coefficient has fallen too far."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from clinpred.errors import StatisticalRefusal
from clinpred.models.jeffreys import JeffreysLikelihood, Place
from clinpred.models.risk_model import Array

# Of log likelihood: far below what moves an interval's end.
_ENOUGH = 1e-11
_DOUBLINGS = 30


@dataclass(frozen=True)
class ProfileInterval:
    """A coefficient's interval and test by the penalised likelihood.

    Attributes
    ----------
    estimate : float
    lower, upper : float or None
        None where the profile does not fall far enough on that side, or could not be followed there.
    p_value : float or None
        Of the penalised likelihood ratio against 0, chi-squared with 1 degree of freedom.
    reason : str or None
        Why a number is missing.
    """

    estimate: float
    lower: float | None
    upper: float | None
    p_value: float | None
    reason: str | None = None


def profile_interval(
    likelihood: JeffreysLikelihood, best: Place, combination: Array, *, level: float = 0.95
) -> ProfileInterval:
    """Return the interval of a linear combination of the coefficients.

    It holds the values b at which twice the fall of the penalised log likelihood, from its maximum to its maximum among
    coefficients with ``combination`` @ coefficients = b, is at most the ``level`` quantile of chi-squared with 1
    degree of freedom.

    Parameters
    ----------
    likelihood : JeffreysLikelihood
        What was maximised.
    best : Place
        Its maximum.
    combination : array of shape (q,)
        Weights of the coefficients.
    level : float between 0 and 1
        Confidence level.

    References
    ----------
    Heinze G, Schemper M. A solution to the problem of separation in logistic regression. Stat Med 2002;21:2409-19.
    """
    profile = _Profile(likelihood, best, combination)
    goal, reasons = float(np.sqrt(chdtri(1, 1.0 - level))), []

    def bound(name: str, side: float) -> float | None:
        try:
            found = profile.crossing(goal, side)
        except StatisticalRefusal as refusal:
            reasons.append(f"{name}: {refusal.found}")
            return None
        if found is None:
            reasons.append(f"{name}: the profile does not fall far enough")
        return found

    lower, upper = bound("lower bound", -1.0), bound("upper bound", 1.0)
    try:
        p_value = profile.p_value()
    except StatisticalRefusal as refusal:
        p_value = None
        reasons.append(f"p value: {refusal.found}")
    return ProfileInterval(profile.estimate, lower, upper, p_value, "; ".join(reasons) or None)


class _Profile:
    """The best penalised likelihood at given values of the combination, each fit started from the one before."""

    def __init__(self, likelihood: JeffreysLikelihood, best: Place, combination: Array) -> None:
        self.likelihood = likelihood
        self.best = best
        self.combination = combination
        self.estimate = float(combination @ best.coefficients)
        self.others = null_space(combination[None])
        # Along this line the likelihood's quadratic approximation is highest at every value of the combination.
        ridge = np.linalg.solve(best.information, combination)
        self.variance = float(combination @ ridge)
        self.line = ridge / self.variance
        self.last = best.coefficients

    def root_of_fall(self, value: float) -> float:
        """Return the root of twice the fall: close to a straight line, which a search for a crossing likes."""
        start = self._towards(value, self.last)
        if self.likelihood.at(start) is None:
            start = self._towards(value, self.best.coefficients)
        place = self.likelihood.highest(start, directions=self.others, enough=_ENOUGH)
        self.last = place.coefficients
        return float(np.sqrt(2.0 * max(self.best.value - place.value, 0.0)))

    def p_value(self) -> float:
        """Return the p value of the penalised likelihood ratio against 0."""
        self.last = self.best.coefficients
        return float(chdtrc(1, self.root_of_fall(0.0) ** 2))

    def _towards(self, value: float, origin: Array) -> Array:
        return np.asarray(origin + self.line * (value - self.combination @ origin))

    def crossing(self, goal: float, side: float) -> float | None:
        """Return the value on one side at which the root of the fall is the goal."""
        self.last = self.best.coefficients
        near, reach = self.estimate, goal * np.sqrt(self.variance)
        # The ends are not fitted anew: under complete separation the profile can have branches, and another start
        # could find another.
        found = {near: 0.0}
        for _ in range(_DOUBLINGS):
            far = near + side * reach
            found[far] = self.root_of_fall(far)
            if found[far] >= goal:
                return self._between(near, far, goal, found)
            near, reach = far, 2.0 * reach
        return None

    def _between(self, near: float, far: float, goal: float, found: dict[float, float]) -> float:
        def surplus(value: float) -> float:
            return (found[value] if value in found else self.root_of_fall(value)) - goal

        return float(brentq(surplus, near, far, xtol=1e-9 * np.sqrt(self.variance)))
