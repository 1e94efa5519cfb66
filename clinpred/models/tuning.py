"""The one place where a penalty strength is chosen: left-out patients, folds or AICc, along a path of strengths."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from clinpred.models.folds import (
    fewest_of_a_class,
    fold_deviances,
    neighbouring_fold_deviances,
    patient_codes,
    row_folds,
)
from clinpred.models.left_out import (
    LeftOut,
    PatientRows,
    effective_df,
    filled,
    in_fewest_directions,
    leave_patients_out,
    sparse_places,
)
from clinpred.models.likelihood import TIGHT, Problem, mean_loss
from clinpred.models.path import FOLD_TOLERANCE, solve_path
from clinpred.models.penalty import (
    LEAST_EMPTYING_SHARE,
    Penalty,
    emptying_strength,
    extended_grid,
    strength_grid,
    uniform_penalty,
)
from clinpred.models.penalty_path import EVERY, Confirmation, Method, PenaltyPath, path_of
from clinpred.models.risk_model import Array
from clinpred.models.rows import Ints, Rows

# Criteria closer than this, relatively, differ by rounding; among them the strongest penalty is taken.
_TIE = 1e-9
_NEIGHBOURS = 2
# With an l1 penalty the leave-one-out deviance jumps where predictors come and go, the more the fewer rows there are.
_FEW_ROWS = 1000
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

    def within_one_standard_error(self, best: int) -> int:
        allowed = self.criterion[best] + self.standard_error[best]
        return min(best, int(np.flatnonzero(self.criterion <= allowed)[0]))

    def at_edge(self, place: int) -> bool:
        # Where the path starts with an empty model, nothing lies beyond its start.
        open_start = self.l1_share < LEAST_EMPTYING_SHARE
        return place == self.strengths.size - 1 or (open_start and place == 0)


def strongest_of_the_best(criterion: Array) -> int:
    """Return the first place whose criterion is the smallest but for rounding."""
    lowest = criterion.min()
    return int(np.flatnonzero(criterion <= lowest + _TIE * abs(lowest))[0])


@dataclass(frozen=True)
class _Chosen:
    """What was chosen along the best curve."""

    curve: _Curve
    place: int
    best: int
    share_criteria: tuple[tuple[float, float], ...]
    confirmed: Confirmation | None
    too_few_for_folds: bool


class _Tuning:
    """Rows, and how a strength is chosen on them."""

    def __init__(
        self, rows: Rows, patients: Ints | None, *, how: Method, n_folds: int, rng: np.random.Generator
    ) -> None:
        self.rows, self.patients = rows, patients
        self.how, self.n_folds, self.rng = how, n_folds, rng
        self.problem = rows.problem()

    @cached_property
    def codes(self) -> Ints:
        return patient_codes(self.rows, self.patients)

    @cached_property
    def patient_rows(self) -> PatientRows:
        return PatientRows.of(self.codes)

    @cached_property
    def folds(self) -> Ints:
        return row_folds(self.rows, self.codes, self.n_folds, self.rng)

    def chosen(self, l1_shares: Sequence[float], rule: str) -> _Chosen:
        """Choose among all strengths and shares."""
        emptying = emptying_strength(self.problem)
        curves = [self._extended_once(strength_grid(emptying, share), share) for share in l1_shares]
        lowest = [float(curve.criterion[curve.best]) for curve in curves]
        curve = curves[int(np.argmin(lowest))]
        best, confirmed, too_few = curve.best, None, False
        if self.how == "loo" and curve.l1_share > 0:
            too_few = fewest_of_a_class(self.rows.outcome, self.codes) < 2
            confirmed = None if too_few else self._confirmed(curve)
            best = curve.best if confirmed is None else _strongest_confirmed(confirmed)
        place = best if rule == "minimum" else curve.within_one_standard_error(best)
        return _Chosen(curve, place, best, tuple(zip(l1_shares, lowest, strict=True)), confirmed, too_few)

    def _extended_once(self, strengths: Array, l1_share: float) -> _Curve:
        curve = self._curve(strengths, l1_share)
        if not curve.at_edge(curve.best):
            return curve
        return self._curve(extended_grid(strengths, downwards=curve.best > 0), l1_share)

    def _confirmed(self, curve: _Curve) -> Confirmation:
        first = max(0, min(curve.best - _NEIGHBOURS, curve.strengths.size - 2 * _NEIGHBOURS - 1))
        places = np.arange(first, min(first + 2 * _NEIGHBOURS + 1, curve.strengths.size))
        strengths = curve.strengths[places]
        found = neighbouring_fold_deviances(self.rows, self.folds, strengths, curve.l1_share, problem=self.problem)
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
        smooth, jagged = l1_share == 0.0, l1_share > 0 and self.problem.n_rows <= _FEW_ROWS
        reach, every = 1 if smooth else EVERY, _EVERY_SMOOTH if smooth else 1 if jagged else EVERY
        known: dict[int, LeftOut] = {}
        wanted = sparse_places(strengths.size, every=every)
        while wanted.size:
            known |= zip(wanted.tolist(), self._left_out(strengths, wanted, l1_share), strict=True)
            places = np.array(sorted(known))
            found = [known[place] for place in places.tolist()]
            deviance = filled(places, np.array([one.deviance for one in found]), strengths, smooth=smooth)
            best = strongest_of_the_best(deviance)
            wanted = np.setdiff1d(np.arange(max(best - reach, 0), min(best + reach + 1, strengths.size)), places)
        error = filled(places, np.array([one.standard_error for one in found]), strengths, smooth=smooth)
        freedom = filled(places, np.array([one.effective_df for one in found]), strengths, smooth=smooth)
        return _Curve(strengths, l1_share, deviance, error, freedom)

    def _left_out(self, strengths: Array, places: Ints, l1_share: float) -> list[LeftOut]:
        problem, fits, penalty = self._fits_at(strengths, places, l1_share)
        patients = self.patient_rows
        return [leave_patients_out(problem, fit, penalty.of(k), patients) for k, fit in enumerate(fits)]

    def _aicc_curve(self, strengths: Array, l1_share: float) -> _Curve:
        problem, fits, penalty = self._fits_at(strengths, np.arange(strengths.size), l1_share)
        freedom = np.array([effective_df(problem, fit, penalty.of(k)) for k, fit in enumerate(fits)])
        criterion = np.array([aicc(problem, fit, df) for fit, df in zip(fits, freedom, strict=True)])
        return _Curve(strengths, l1_share, criterion, np.zeros_like(criterion), freedom)

    def _fits_at(self, strengths: Array, places: Ints, l1_share: float) -> tuple[Problem, Array, Penalty]:
        fits = self.solved(strengths, places, l1_share)
        penalty = uniform_penalty(strengths[places], l1_share, self.problem.n_predictors)
        return in_fewest_directions(self.problem, fits, penalty)

    def solved(self, strengths: Array, places: Ints, l1_share: float) -> Array:
        """Return the fits at some places of a path, good enough to choose by."""
        return solve_path(self.problem, strengths[places], l1_share, tolerance=FOLD_TOLERANCE)


class _ReportedTuning(_Tuning):
    """A choice whose whole path is reported, and therefore solved once, tightly."""

    @cached_property
    def paths(self) -> dict[tuple[float, int], Array]:
        return {}

    def solved(self, strengths: Array, places: Ints, l1_share: float) -> Array:
        key = l1_share, strengths.size
        if key not in self.paths:
            self.paths[key] = solve_path(self.problem, strengths, l1_share, tolerance=TIGHT)
        return self.paths[key][places]


def _strongest_confirmed(confirmed: Confirmation) -> int:
    return int(confirmed.places[strongest_of_the_best(confirmed.deviance)])


def aicc(problem: Problem, coefficients: Array, freedom: float) -> float:
    """Return (-2 log likelihood + 2·d·n/(n - d - 1))/n, d the effective degrees of freedom, n the sum of the weights.

    Every row counts as an observation, as it does in the likelihood; where patients have several rows, this is too
    lenient, and leaving patients out is not. It is infinite where d reaches n - 1.

    References
    ----------
    Hurvich CM, Tsai CL. Regression and time series model selection in small samples. Biometrika 1989;76(2):297-307.
    """
    n = problem.total_weight
    deviance = 2.0 * mean_loss(problem.outcome, problem.linear_predictor(coefficients), problem.weight)
    spare = n - freedom - 1.0
    return deviance + 2.0 * freedom / spare if spare > 0 else float("inf")


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
        the five strengths around its minimum; out-of-fold deviance; or AICc on effective degrees of freedom.
    rule : "minimum" or "one_standard_error"
        The smallest criterion, or the strongest penalty within one standard error of it.
    n_folds : int
        Folds, for "kfold" and to confirm; fewer where fewer patients have the event, or are without it.
    rng : numpy.random.Generator
        Draws the folds.

    Notes
    -----
    A path whose best strength lies at its end is extended once, by two decades.

    Raises
    ------
    StatisticalRefusal
        S-FEW-EVENTS, S-NOT-CONVERGED.
    """
    tuning = _ReportedTuning(rows, patients, how=how, n_folds=n_folds, rng=rng)
    chosen = tuning.chosen(l1_shares, rule)
    curve = chosen.curve
    fits = tuning.solved(curve.strengths, np.arange(curve.strengths.size), curve.l1_share)
    return replace(
        path_of(tuning.problem, curve.strengths, curve.l1_share, fits=fits, freedom=curve.effective_df),
        chosen=chosen.place,
        method=how,
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
    tuning = _Tuning(rows, patients, how=how, n_folds=n_folds, rng=rng)
    chosen = tuning.chosen(l1_shares, rule)
    curve = chosen.curve
    strength = curve.strengths[chosen.place]
    fit = solve_path(tuning.problem, np.array([strength]), curve.l1_share, tolerance=TIGHT)
    intercepts, coefficients = tuning.problem.on_original_scale(fit)
    at_edge = curve.at_edge(chosen.best)
    return ChosenFit(float(intercepts[0]), coefficients[0], float(strength), curve.l1_share, at_edge)
