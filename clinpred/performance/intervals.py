"""Measures with their intervals: by formula where one is trusted, else by the patient bootstrap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from clinpred.errors import StatisticalRefusal, WrongUsage
from clinpred.performance.accelerated import accelerated, without_each
from clinpred.performance.analytic import Interval, analytic_interval
from clinpred.performance.calibration import is_constant
from clinpred.performance.catalogue import ALWAYS_REPORTED, families
from clinpred.performance.net_benefit import checked_thresholds, net_benefit_key, treat_all
from clinpred.performance.patient_bootstrap import REPLICATES, Drawn, bootstrap, drawn_measure
from clinpred.performance.rows import Array, Rows, Smoothing, Weighted, checked_rows, patients_and_events
from clinpred.performance.weighted import not_converged
from clinpred.performance.without_interval import unless_at_an_end


@dataclass(frozen=True)
class Estimate:
    """A measure with its 95 % interval, and how many patients and events it rests on.

    ``estimate`` is None exactly where ``reason`` says why. Where only the interval is not estimable, ``lower`` and
    ``upper`` are None and ``method`` says why. ``events`` counts patients who ever have the event.
    """

    estimate: float | None
    lower: float | None
    upper: float | None
    method: str | None
    patients: int
    events: int
    reason: str | None = None


@dataclass(frozen=True)
class NetBenefit:
    """Net benefit at one threshold with its 95 % interval, beside treating all (treating none has 0)."""

    threshold: float
    estimate: float
    lower: float | None
    upper: float | None
    treat_all: float


@dataclass(frozen=True)
class Points:
    """Measures of the rows as they are, why others are not estimable, and the computations for a bootstrap."""

    values: dict[str, float]
    reasons: dict[str, str]
    weighted: list[Weighted]


@dataclass(frozen=True)
class Draws:
    """How the bootstrap is drawn, and which interval is made of it."""

    rng: np.random.Generator
    replicates: int
    kind: Literal["percentile", "BCa"] = "percentile"

    def words(self, drawn: Drawn | None = None) -> str:
        """Return the method of an interval in words, and how many replicates it goes without."""
        method = f"patient bootstrap, {self.kind}, {self.replicates:,} replicates"
        if drawn is None or drawn.reason is not None or drawn.lost == 0:
            return method
        return f"{method}, {drawn.lost:,} of them without a value and left out"


_KINDS: dict[str, Literal["percentile", "BCa"]] = {"bootstrap": "percentile", "bca": "BCa"}


def estimate(  # noqa: PLR0913  # three arrays a row, the measure, and how
    measure: str,
    outcome: ArrayLike,
    risk: ArrayLike,
    *,
    patients: ArrayLike | None = None,
    linear_predictor: ArrayLike | None = None,
    method: str | None = None,
    rng: np.random.Generator | None = None,
) -> Estimate:
    """Return one measure with its 95 % interval.

    Parameters
    ----------
    measure : str
        A key of the catalogue, or a net benefit such as ``"net_benefit:0.1"``.
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1.
    patients : array_like, shape (n,), optional
        The patient of each row; without it every row is a patient.
    linear_predictor : array_like, shape (n,), optional
        The float64 log odds of the risks.
    method : str, optional
        Of every measure ``"bootstrap"`` (percentile) or ``"bca"`` (bias-corrected and accelerated, the
        acceleration from the jackknife over patients). By formula ``"delong_logit"``, ``"delong_plain"`` (AUROC;
        clustered by patient, Obuchowski, where patients repeat); ``"wald"``, ``"sandwich"`` (slope, intercept, in
        the large) and ``"profile"`` (profile likelihood, slope); ``"robust"``, ``"closed_form"`` (O:E);
        ``"standard_error"`` (Brier, log loss). By default the first formula of the measure that holds: where
        patients repeat ``"wald"``, ``"profile"`` and ``"closed_form"`` do not, and the others sum within patient.
        A measure without a formula has the percentile bootstrap.
    rng : numpy.random.Generator, optional
        Needed by the bootstrap (1,000 replicates).

    Returns
    -------
    Estimate
        With a ``reason`` in place of the number where the measure is not estimable on these patients.

    Raises
    ------
    InputRefused
        The arrays are faulty.
    WrongUsage
        The measure or the method does not exist, a formula is asked for that does not hold where patients
        repeat, or the bootstrap has no generator.

    References
    ----------
    Obuchowski NA. Biometrics 1997;53:567-578. Liang KY, Zeger SL. Biometrika 1986;73:13-22. Venzon DJ, Moolgavkar
    SH. Appl Stat 1988;37:87-94. Efron B. J Am Stat Assoc 1987;82:171-185.

    Examples
    --------
    >>> estimate("observed_expected", [0, 0, 1, 1], [0.25, 0.25, 0.25, 0.25]).estimate
    2.0
    >>> estimate("log_loss", [0, 1], [0.0, 0.5]).reason
    'not estimable (1 risk of 0 or 1)'
    """
    try:
        rows = checked_rows(outcome, risk, linear_predictor=linear_predictor, patients=patients)
    except StatisticalRefusal as refusal:
        return _without_rows([measure], outcome, patients, refusal)[measure]
    points = estimable(rows, [measure])
    if measure in points.reasons:
        return _without_value(rows, points.reasons[measure])
    kind = _KINDS.get(method or "")
    interval = None if kind is not None else analytic_interval(measure, rows, method)
    if interval is None:
        draws = Draws(_generator(rng), REPLICATES, kind or "percentile")
        interval = _bootstrapped(rows, points, [measure], draws)[measure]
    return _estimate(rows, points.values[measure], interval)


def estimate_all(  # noqa: PLR0913  # four arrays a row, and how
    outcome: ArrayLike,
    risk: ArrayLike,
    *,
    patients: ArrayLike | None = None,
    linear_predictor: ArrayLike | None = None,
    smoothing: Smoothing | None = None,
    rng: np.random.Generator,
    replicates: int = REPLICATES,
) -> dict[str, Estimate]:
    """Return every measure that needs no threshold with its 95 % interval, by one set of bootstrap draws.

    Parameters
    ----------
    outcome, risk, patients, linear_predictor : array_like, shape (n,)
        As for ``estimate``.
    smoothing : {"loess", "spline"}, optional
        Of the calibration curve behind ICI, E50, E90 and Emax; by default as ``calibration_curve``.
    rng : numpy.random.Generator
        Draws the patients.
    replicates : int
        Bootstrap replicates.

    Returns
    -------
    dict of str to Estimate
        Keyed as ``results.json``: ``auroc``, ``calibration_slope``, ``observed_expected``, ``ici``, …
    """
    try:
        rows = checked_rows(outcome, risk, linear_predictor=linear_predictor, patients=patients, smoothing=smoothing)
    except StatisticalRefusal as refusal:
        return _without_rows(ALWAYS_REPORTED, outcome, patients, refusal)
    points = estimable(rows, ALWAYS_REPORTED)
    intervals = {key: analytic_interval(key, rows, None) for key in points.values}
    drawn = [key for key, interval in intervals.items() if interval is None]
    bootstrapped = _bootstrapped(rows, estimable(rows, drawn), drawn, Draws(rng, replicates))
    return {
        key: _without_value(rows, points.reasons[key])
        if key in points.reasons
        else _estimate(rows, points.values[key], intervals[key] or bootstrapped[key])
        for key in ALWAYS_REPORTED
    }


def net_benefit_estimates(
    outcome: ArrayLike,
    risk: ArrayLike,
    thresholds: ArrayLike,
    *,
    patients: ArrayLike | None = None,
    rng: np.random.Generator,
    replicates: int = REPLICATES,
) -> list[NetBenefit]:
    """Return the net benefit at each threshold with its percentile interval over drawn patients.

    Parameters
    ----------
    outcome, risk, patients : array_like, shape (n,)
        As for ``estimate``.
    thresholds : array_like, shape (k,)
        Above 0 and below 1.
    rng : numpy.random.Generator
        Draws the patients.
    replicates : int
        Bootstrap replicates.

    Returns
    -------
    list of NetBenefit
        In the order of the thresholds; empty without thresholds.

    Raises
    ------
    InputRefused, StatisticalRefusal
        The arrays or the thresholds are faulty, or one class is absent.
    """
    rows = checked_rows(outcome, risk, patients=patients)
    at = checked_thresholds(thresholds)
    keys = [net_benefit_key(threshold) for threshold in at]
    points = estimable(rows, keys)
    intervals = _bootstrapped(rows, points, keys, Draws(rng, replicates))
    found = []
    for threshold, key, everybody in zip(at.tolist(), keys, treat_all(rows, at).tolist(), strict=True):
        lower, upper = intervals[key].bounds or (None, None)
        found.append(NetBenefit(threshold, points.values[key], lower, upper, everybody))
    return found


def estimable(rows: Rows, measures: Sequence[str]) -> Points:
    """Return the measures' values on the rows as they are, and the reasons of those that have none."""
    points = Points({}, {}, [])
    once = np.ones((1, rows.outcome.size))
    for prepare, keys in families(measures).items():
        try:
            weighted = prepare(rows)
        except StatisticalRefusal as refusal:
            points.reasons.update(dict.fromkeys(keys, not_estimable(refusal)))
            continue
        points.weighted.append(weighted)
        values = weighted(once)
        for key in keys:
            _note(points, key, values[key])
    return points


def _note(points: Points, key: str, value: Array) -> None:
    if np.isfinite(value[0]):
        points.values[key] = float(value[0])
    else:
        points.reasons[key] = not_estimable(not_converged())


def _bootstrapped(rows: Rows, points: Points, measures: Sequence[str], draws: Draws) -> dict[str, Interval]:
    values = bootstrap(rows, {"rows": points.weighted}, rng=draws.rng, replicates=draws.replicates)["rows"]
    found = {key: drawn_measure(values[key]) for key in measures}
    if draws.kind == "BCa" and found:
        left_out = without_each(rows, points.weighted)
        found = {key: accelerated(drawn, points.values[key], left_out[key]) for key, drawn in found.items()}
    constant = is_constant(rows.risk)
    return {
        key: _interval(unless_at_an_end(drawn, key, points.values[key], constant=constant), draws)
        for key, drawn in found.items()
    }


def _interval(drawn: Drawn, draws: Draws) -> Interval:
    words = [draws.words(drawn), *([drawn.reason] if drawn.reason else [])]
    return Interval(drawn.bounds(), "; ".join(words))


def _generator(rng: np.random.Generator | None) -> np.random.Generator:
    if rng is None:
        raise WrongUsage(
            "E-RNG",
            "an interval by bootstrap without a random generator",
            expected="rng, a numpy Generator",
            to_fix="hand in rng=numpy.random.default_rng(seed)",
        )
    return rng


def _estimate(rows: Rows, value: float, interval: Interval) -> Estimate:
    lower, upper = interval.bounds or (None, None)
    return Estimate(value, lower, upper, interval.method, rows.patients, rows.patients_with_event)


def _without_value(rows: Rows, reason: str) -> Estimate:
    return Estimate(None, None, None, None, rows.patients, rows.patients_with_event, reason)


def _without_rows(
    measures: Sequence[str], outcome: ArrayLike, patients: ArrayLike | None, refusal: StatisticalRefusal
) -> dict[str, Estimate]:
    families(measures)
    counts = patients_and_events(outcome, patients)
    return dict.fromkeys(measures, Estimate(None, None, None, None, *counts, not_estimable(refusal)))


def not_estimable(refusal: StatisticalRefusal) -> str:
    """Return why a measure has no value, in words."""
    return f"not estimable ({refusal.found})"
