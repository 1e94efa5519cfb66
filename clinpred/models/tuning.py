"""The one place where a penalty strength is chosen: left-out patients, folds or AICc, along a path of strengths."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.models.folds import (
    FOLD_TOLERANCE,
    fewest_of_a_class,
    fold_deviances,
    neighbouring_fold_deviances,
    patient_codes,
    row_folds,
)
from clinpred.models.left_out import (
    LeftOut,
    PatientRows,
    aicc,
    effective_df,
    filled,
    in_fewest_directions,
    leave_patients_out,
    sparse_places,
)
from clinpred.models.likelihood import TIGHT, Problem, mean_loss
from clinpred.models.path import solve_path
from clinpred.models.penalty import (
    LEAST_EMPTYING_SHARE,
    Penalty,
    empty_model,
    emptying_strength,
    extended_grid,
    strength_grid,
    uniform_penalty,
)
from clinpred.models.penalty_path import Confirmation, Method, PenaltyPath, path_of
from clinpred.models.risk_model import Array
from clinpred.models.rows import Ints, Rows

# Criteria closer than this, relatively, differ by rounding; among them the strongest penalty is taken.
_TIE = 1e-9
_NEIGHBOURS = (-2, -1, 0, 1, 2)
# The closed form and folds differ by less in what they say of the same fits, unless the closed form fails.
_STANDARD_ERRORS = 2.0
_NEXT_TO_NOTHING = 0.1
# With an l1 penalty the leave-one-out deviance jumps where predictors come and go, the more the fewer rows there are.
_FEW_ROWS = 1000
# Otherwise the search begins at so few strengths, goes on to the fifth from the best of them, then to its neighbours.
_EVERY_ROUGH, _CLOSER = 10, (-5, 5)
# A ridge's deviance is so smooth in log λ that it needs fewer still.
_EVERY_SMOOTH = 8


@dataclass(frozen=True)
class _Curve:
    """A criterion along one path, and the fits where they were made."""

    strengths: Array
    l1_share: float
    criterion: Array
    standard_error: Array
    effective_df: Array | None = None
    n_folds: int | None = None

    @property
    def best(self) -> int:
        return strongest_of_the_best(self.criterion)

    @property
    def lowest(self) -> float:
        return float(self.criterion[self.best])

    def within_one_standard_error(self, best: int) -> int:
        allowed = self.criterion[best] + self.standard_error[best]
        return min(best, int(np.flatnonzero(self.criterion <= allowed)[0]))

    def at_edge(self, place: int) -> bool:
        # Where the path starts with an empty model, nothing lies beyond its start.
        open_start = self.l1_share < LEAST_EMPTYING_SHARE
        return place == self.strengths.size - 1 or (open_start and place == 0)


def _best(curve: _Curve) -> int:
    return curve.best


def strongest_of_the_best(criterion: Array) -> int:
    """Return the first place whose criterion is the smallest but for rounding."""
    lowest = criterion.min()
    return int(np.flatnonzero(criterion <= lowest + _TIE * abs(lowest))[0])


@dataclass(frozen=True)
class _Chosen:
    """What was chosen along the best curve, and by what."""

    how: Method
    curve: _Curve
    place: int
    best: int
    share_criteria: tuple[tuple[float, float], ...]
    confirmed: Confirmation | None
    too_few_for_folds: bool


class _Tuning:
    """Rows, how a strength is chosen on them, and the fits made for it, to this tolerance: none is made twice."""

    def __init__(  # those of tuned_path
        self,
        rows: Rows,
        patients: Ints | None,
        *,
        how: Method,
        n_folds: int,
        rng: np.random.Generator,
        tolerance: float,
    ) -> None:
        self.rows, self.patients = rows, patients
        self.how, self.n_folds, self.rng = how, n_folds, rng
        self.tolerance = tolerance
        self.problem = rows.problem()
        self.fits: dict[tuple[float, float], Array] = {}
        self.left_out: dict[tuple[float, float], LeftOut] = {}

    @cached_property
    def codes(self) -> Ints:
        return patient_codes(self.rows, self.patients)

    @cached_property
    def patient_rows(self) -> PatientRows:
        return PatientRows.of(self.codes)

    @cached_property
    def folds(self) -> Ints:
        return row_folds(self.rows, self.codes, self.n_folds, self.rng)

    def chosen(self, l1_shares: Sequence[float], rule: str, *, describing: bool = False) -> _Chosen:
        """Choose among all strengths and shares; who describes the curve wants both rules' places found."""
        if self.how == "loo" and self.codes.max() == 0:
            raise _one_patient()
        curve, lowest = self._best_curve(l1_shares)
        best, confirmed, too_few = curve.best, None, False
        if self.how == "loo" and curve.l1_share > 0:
            too_few = fewest_of_a_class(self.rows.outcome, self.codes) < 2
            confirmed = None if too_few else self._confirmed(curve)
            if confirmed is not None and _contradicted(curve, confirmed):
                self.how = "kfold"  # where predictors nearly separate the outcome, one step is no refit
                return replace(self.chosen(l1_shares, rule), confirmed=confirmed)
            best = curve.best if confirmed is None else _strongest_confirmed(confirmed)
        if self.how == "loo" and (describing or rule != "minimum"):
            curve = self._known_around(curve, lambda found: found.within_one_standard_error(best), (-1, 0, 1))
        place = best if rule == "minimum" else curve.within_one_standard_error(best)
        shares = tuple(zip(l1_shares, lowest, strict=True))
        return _Chosen(self.how, curve, place, best, shares, confirmed, too_few)

    def _best_curve(self, l1_shares: Sequence[float]) -> tuple[_Curve, list[float]]:
        """Return the curve of the best share, and the smallest criterion of each."""
        emptying = emptying_strength(self.problem)
        grids = [strength_grid(emptying, share) for share in l1_shares]
        if self.how != "loo" or len(l1_shares) == 1 or self.problem.n_rows <= _FEW_ROWS:
            curves = [self._extended_once(grid, share) for grid, share in zip(grids, l1_shares, strict=True)]
            lowest = [curve.lowest for curve in curves]
            return curves[int(np.argmin(lowest))], lowest
        curves = [self._rough_curve(grid, share) for grid, share in zip(grids, l1_shares, strict=True)]
        searched: set[int] = set()
        while (best := int(np.argmin([curve.lowest for curve in curves]))) not in searched:
            curves[best] = self._extended_once(grids[best], l1_shares[best])
            searched.add(best)
        return curves[best], [curve.lowest for curve in curves]

    def _extended_once(self, strengths: Array, l1_share: float) -> _Curve:
        curve = self._curve(strengths, l1_share)
        if not curve.at_edge(curve.best) or self._tells_all(strengths[curve.best], l1_share):
            return curve
        return self._curve(extended_grid(strengths, downwards=curve.best > 0), l1_share)

    def _tells_all(self, strength: float, l1_share: float) -> bool:
        """Whether an l1 fit chosen by leaving patients out has next to no deviance left to explain."""
        if self.how != "loo" or l1_share == 0.0:
            return False
        fit, problem = self.solved(np.array([strength]), l1_share)[0], self.problem
        losses = [
            mean_loss(problem.outcome, problem.linear_predictor(one), problem.weight)
            for one in (fit, empty_model(problem))
        ]
        return losses[0] < _NEXT_TO_NOTHING * losses[1]

    def _confirmed(self, curve: _Curve) -> Confirmation:
        first = max(0, min(curve.best + _NEIGHBOURS[0], curve.strengths.size - len(_NEIGHBOURS)))
        places = np.arange(first, min(first + len(_NEIGHBOURS), curve.strengths.size))
        strengths = curve.strengths[places]
        start = self.solved(strengths, curve.l1_share)
        penalty = uniform_penalty(strengths, curve.l1_share, self.problem.n_predictors)
        found = neighbouring_fold_deviances(self.rows, self.folds, penalty, problem=self.problem, start=start)
        return Confirmation(places, found.mean, found.shares.size)

    def _curve(self, strengths: Array, l1_share: float) -> _Curve:
        if self.how == "kfold":
            found = fold_deviances(self.rows, self.folds, strengths, l1_share)
            return _Curve(strengths, l1_share, found.mean, found.standard_error, n_folds=found.shares.size)
        if self.how == "aicc":
            return self._aicc_curve(strengths, l1_share)
        return self._left_out_curve(strengths, l1_share)

    def _left_out_curve(self, strengths: Array, l1_share: float) -> _Curve:
        """Search for the minimum from every few strengths; with an l1 penalty more widely, for the curve is jagged."""
        if l1_share > 0.0 and self.problem.n_rows <= _FEW_ROWS:
            return self._curve_through(strengths, np.arange(strengths.size), l1_share)
        if l1_share == 0.0:
            curve = self._curve_through(strengths, sparse_places(strengths.size, every=_EVERY_SMOOTH), l1_share)
            return self._known_around(curve, _best, (-1, 0, 1))
        curve = self._known_around(self._rough_curve(strengths, l1_share), _best, _CLOSER)
        return self._known_around(curve, _best, _NEIGHBOURS)

    def _known_around(self, curve: _Curve, place: Callable[[_Curve], int], offsets: Sequence[int]) -> _Curve:
        """Leave patients out at strengths beside a place of the curve, until that place stays where it is."""
        while True:
            beside = np.unique(np.clip(place(curve) + np.array(offsets), 0, curve.strengths.size - 1))
            unknown = [k for k in beside if (curve.l1_share, float(curve.strengths[k])) not in self.left_out]
            if not unknown:
                return curve
            curve = self._curve_through(curve.strengths, np.array(unknown), curve.l1_share)

    def _rough_curve(self, strengths: Array, l1_share: float) -> _Curve:
        """Return the leave-one-out curve as far as it serves to compare shares."""
        return self._curve_through(strengths, sparse_places(strengths.size, every=_EVERY_ROUGH), l1_share)

    def _curve_through(self, strengths: Array, wanted: Ints, l1_share: float) -> _Curve:
        """Return the leave-one-out curve through those places where it is known, and those wanted."""
        self._leave_out(strengths[wanted], l1_share)
        keys = [(l1_share, float(strength)) for strength in strengths]
        places = np.array([place for place, key in enumerate(keys) if key in self.left_out])
        found = [self.left_out[keys[place]] for place in places]
        columns = np.array([(one.deviance, one.standard_error, one.effective_df) for one in found]).T
        smooth = l1_share == 0.0
        deviance, error, freedom = (filled(places, column, strengths, smooth=smooth) for column in columns)
        return _Curve(strengths, l1_share, deviance, error, freedom)

    def _leave_out(self, strengths: Array, l1_share: float) -> None:
        unknown = np.array([one for one in strengths.tolist() if (l1_share, one) not in self.left_out])
        if unknown.size:
            problem, fits, penalty = self._turned_fits(unknown, l1_share)
            for k, strength in enumerate(unknown.tolist()):
                found = leave_patients_out(problem, fits[k], penalty.of(k), self.patient_rows)
                self.left_out[l1_share, strength] = found

    def _aicc_curve(self, strengths: Array, l1_share: float) -> _Curve:
        problem, fits, penalty = self._turned_fits(strengths, l1_share)
        freedom = np.array([effective_df(problem, fit, penalty.of(k)) for k, fit in enumerate(fits)])
        criterion = np.array([aicc(problem, fit, df) for fit, df in zip(fits, freedom, strict=True)])
        return _Curve(strengths, l1_share, criterion, np.zeros_like(criterion), freedom)

    def _turned_fits(self, strengths: Array, l1_share: float) -> tuple[Problem, Array, Penalty]:
        penalty = uniform_penalty(strengths, l1_share, self.problem.n_predictors)
        return in_fewest_directions(self.problem, self.solved(strengths, l1_share), penalty)

    def solved(self, strengths: Array, l1_share: float) -> Array:
        """Return the fits at decreasing strengths; those not made yet start from a stronger one that was."""
        keys = [(l1_share, strength) for strength in strengths.tolist()]
        unknown = np.array([strength for share, strength in keys if (share, strength) not in self.fits])
        if unknown.size:
            start = self._stronger(float(unknown[0]), l1_share)
            found = solve_path(self.problem, unknown, l1_share, tolerance=self.tolerance, start=start)
            self.fits |= zip([(l1_share, strength) for strength in unknown.tolist()], found, strict=True)
        return np.array([self.fits[key] for key in keys])

    def _stronger(self, strength: float, l1_share: float) -> Array | None:
        """Return the fit at the next stronger penalty that there is one at."""
        above = [known for share, known in self.fits if share == l1_share and known >= strength]
        return self.fits[l1_share, min(above)] if above else None


def _one_patient() -> StatisticalRefusal:
    return StatisticalRefusal(
        "S-FEW-PATIENTS",
        "all rows are of one patient",
        expected="two patients or more, so that each can be left out",
        to_fix="check the column of patients, or give the penalty strength as a number",
    )


def _contradicted(curve: _Curve, confirmed: Confirmation) -> bool:
    """Whether the folds find patients left out much worse off than the closed form does."""
    allowed = curve.criterion[curve.best] + _STANDARD_ERRORS * curve.standard_error[curve.best]
    return bool(confirmed.deviance.min() > allowed)


def _strongest_confirmed(confirmed: Confirmation) -> int:
    return int(confirmed.places[strongest_of_the_best(confirmed.deviance)])


def tuned_path(  # noqa: PLR0913  # each is one of the protocol's choices
    rows: Rows,
    patients: Ints | None,
    *,
    l1_shares: Sequence[float],
    how: Method,
    rule: str,
    n_folds: int,
    rng: np.random.Generator,
) -> PenaltyPath:
    """Choose the penalty strength, and the l1 share where several are given, and describe the whole path.

    Parameters
    ----------
    rows : Rows
    patients : int array of shape (n,), or None
        Whose row each is. Without it, rows that are exact copies are one patient's.
    l1_shares : sequence of float
        Those to choose from, by the same criterion.
    how : "loo", "kfold" or "aicc"
        Leave-one-patient-out deviance in closed form, which for an l1 penalty is confirmed by ``n_folds`` folds at
        the five strengths around its minimum; out-of-fold deviance; or AICc on effective degrees of freedom. Where the
        folds find patients left out worse off than the closed form does, by more than two standard errors, folds
        choose along every path, and the path's method is "kfold": predictors that nearly separate the outcome leave
        so little curvature that one step is no refit.
    rule : "minimum" or "one_standard_error"
        The smallest criterion, or the strongest penalty within one standard error of it.
    n_folds : int
        Folds, for "kfold" and to confirm; fewer where fewer patients have the event, or are without it.
    rng : numpy.random.Generator
        Draws the folds.

    Notes
    -----
    A path whose best strength lies at its end is extended once, by two decades. With "loo" and more than 1,000 rows,
    several l1 shares are compared at every tenth strength, and only the best is searched further.

    Raises
    ------
    StatisticalRefusal
        S-FEW-EVENTS, S-NOT-CONVERGED.
    """
    tuning = _Tuning(rows, patients, how=how, n_folds=n_folds, rng=rng, tolerance=TIGHT)
    if len(l1_shares) == 1:
        # All of it is described in the end, and neighbours cost less together than one by one.
        tuning.solved(strength_grid(emptying_strength(tuning.problem), l1_shares[0]), l1_shares[0])
    chosen = tuning.chosen(l1_shares, rule, describing=True)
    curve = chosen.curve
    fits = tuning.solved(curve.strengths, curve.l1_share)
    return replace(
        path_of(tuning.problem, curve.strengths, curve.l1_share, fits=fits, freedom=curve.effective_df),
        chosen=chosen.place,
        method=chosen.how,
        criterion=curve.criterion,
        standard_error=curve.standard_error,
        one_standard_error=curve.within_one_standard_error(chosen.best),
        at_grid_edge=curve.at_edge(chosen.best),
        n_folds=curve.n_folds,
        share_criteria=chosen.share_criteria,
        confirmed=chosen.confirmed,
        too_few_for_folds=chosen.too_few_for_folds,
    )


@dataclass(frozen=True)
class ChosenFit:
    """A fit at the strength that was chosen for it: for raw predictors, without the path."""

    intercept: float
    coefficients: Array
    strength: float
    l1_share: float
    at_grid_edge: bool


def chosen_fit(  # noqa: PLR0913  # those of tuned_path
    rows: Rows,
    patients: Ints | None,
    *,
    l1_shares: Sequence[float],
    how: Method,
    rule: str,
    n_folds: int,
    rng: np.random.Generator,
) -> ChosenFit:
    """Make the choice of `tuned_path`, and fit at that strength alone: for replicates, which report no path."""
    tuning = _Tuning(rows, patients, how=how, n_folds=n_folds, rng=rng, tolerance=FOLD_TOLERANCE)
    chosen = tuning.chosen(l1_shares, rule)
    curve = chosen.curve
    strength = curve.strengths[chosen.place]
    start = tuning.fits.get((curve.l1_share, float(strength)))
    fit = solve_path(tuning.problem, np.array([strength]), curve.l1_share, tolerance=TIGHT, start=start)
    intercepts, coefficients = tuning.problem.on_original_scale(fit)
    at_edge = curve.at_edge(chosen.best)
    return ChosenFit(float(intercepts[0]), coefficients[0], float(strength), curve.l1_share, at_edge)
