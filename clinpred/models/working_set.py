"""A working set of predictors, grown until every predictor outside it meets the optimality conditions at 0."""

from dataclasses import replace

import numpy as np

from clinpred.models.descent import Fits, minimise_together
from clinpred.models.design import Ints
from clinpred.models.penalty import Penalty
from clinpred.models.risk_model import Array

# A working set beyond this share of the predictors saves less than its copy costs.
_MOST_WORKING = 0.5


class WorkingSet:
    """The predictors at work for some fits, as a problem of their own.

    Attributes
    ----------
    fits : Fits
        The fits in all predictors.
    places : int array
        The predictors at work, and the intercept, among the 1 + p coefficients.
    curvature : array or None
        The curvature last used, in the predictors at work.
    """

    curvature: Array | None

    def __init__(self, fits: Fits) -> None:
        self.fits = fits
        self.joined = (fits.penalty.l1 == 0).any(axis=0)
        self._set_out()

    def join(self, excess: Array) -> bool:
        """Let predictors outside join whose excess, shape (1 + p,), is above 0; return whether there were any."""
        candidates = np.flatnonzero((excess > 0) & ~self.joined)
        # So that the set's Gram matrix stays within the design's size.
        worst = candidates[np.argsort(-excess[candidates], kind="stable")[: self.fits.problem.n_rows]]
        if worst.size:
            self.joined[worst] = True
            self._set_out()
        return bool(worst.size)

    def _set_out(self) -> None:
        problem = self.fits.problem
        if problem.n_predictors < problem.n_rows and self.joined.mean() > _MOST_WORKING:
            self.joined[:] = True
        self.places, self.curvature = np.flatnonzero(self.joined), None
        self.inside = problem if self.joined.all() else problem.columns(self.places)

    def fits_inside(self, chosen: Ints) -> Fits:
        """Return the chosen fits in the predictors at work."""
        fits = self.fits.some(chosen)
        penalty = Penalty(fits.penalty.l1[:, self.places], fits.penalty.l2[:, self.places])
        return replace(fits, problem=self.inside, penalty=penalty)

    def minimise(self, chosen: Ints, start: Array, tolerance: float) -> tuple[Array, Array]:
        """Return coefficients and slopes, both (m, 1 + p), at which all predictors meet the optimality conditions."""
        coefficients, l1 = start, self.fits.penalty.l1[chosen]
        while True:
            inner = coefficients[:, self.places]
            minima = minimise_together(self.fits_inside(chosen), inner, tolerance=tolerance, curvature=self.curvature)
            self.curvature, coefficients = minima.curvature, np.zeros_like(start)
            coefficients[:, self.places] = minima.coefficients
            slope = minima.slope if self.joined.all() else self.fits.slope(chosen, coefficients)
            if not self.join((np.abs(slope) - l1 - tolerance).max(axis=0)):
                return coefficients, slope
