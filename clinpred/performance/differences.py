"""Paired differences: two risks judged on the same patients, alone or as one of a planned family."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from clinpred.errors import StatisticalRefusal, WrongUsage
from clinpred.performance.accelerated import accelerated, without_each
from clinpred.performance.auroc_tests import paired_aurocs
from clinpred.performance.intervals import Draws, Points, estimable, not_estimable
from clinpred.performance.patient_bootstrap import REPLICATES, bootstrap, drawn_measure
from clinpred.performance.rows import Predictions, Rows, checked_rows, patients_and_events

COMPARED = ("auroc", "calibration_slope", "log_loss", "brier", "scaled_brier")


@dataclass(frozen=True)
class Difference:
    """A measure of one risk minus that of another on the same patients, with its 95 % interval.

    ``reason`` says why the difference, or its interval alone, is None. ``events`` counts patients
    who ever have the event. ``p_value`` is two-sided, the level at which the interval would end at 0. Of a family
    of more than one comparison, ``simultaneous_lower`` and ``simultaneous_upper`` hold for all of it at once.
    """

    difference: float | None
    lower: float | None
    upper: float | None
    method: str
    patients: int
    events: int
    reason: str | None = None
    p_value: float | None = None
    simultaneous_lower: float | None = None
    simultaneous_upper: float | None = None


def paired_differences(  # noqa: PLR0913  # two predictions of the same rows, what of them, and the draws
    outcome: ArrayLike,
    predictions: Predictions,
    other_predictions: Predictions,
    *,
    patients: ArrayLike | None = None,
    measures: Sequence[str] = COMPARED,
    method: Literal["bootstrap", "bca"] | None = None,
    family: int = 1,
    rng: np.random.Generator,
    replicates: int = REPLICATES,
) -> dict[str, Difference]:
    """Return the differences (predictions - other_predictions), the AUROC's by DeLong, others by paired bootstrap.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    predictions, other_predictions : Predictions
        Two models' risks of the same rows, with their linear predictors where they have them.
    patients : array_like, shape (n,), optional
        The patient of each row; without it every row is a patient.
    measures : sequence of str
        Keys of the catalogue, and net benefits such as ``"net_benefit:0.1"`` (``net_benefit_key``).
    method : {"bootstrap", "bca"}, optional
        Of every measure the percentile or the BCa interval over drawn patients. By default the AUROC has DeLong's
        (clustered by patient where patients repeat), the others the percentile interval.
    family : int
        How many comparisons are planned together; the simultaneous intervals are at level 1 - .05 / family
        (Bonferroni), and go with Holm's p values of the family (``holm``).
    rng : numpy.random.Generator
        Draws the patients.
    replicates : int
        Bootstrap replicates; every measure of both models sees the same draws.

    Returns
    -------
    dict of str to Difference
        In the order of the measures.

    Raises
    ------
    InputRefused
        The arrays are faulty.
    WrongUsage
        A measure or a method does not exist, or the family is empty.

    References
    ----------
    DeLong ER et al. Biometrics 1988;44:837-845. Obuchowski NA. Biometrics 1997;53:567-578. Efron B. J Am Stat Assoc
    1987;82:171-185. Dunn OJ. J Am Stat Assoc 1961;56:52-64.
    """
    _refuse_unknown(method, family)
    draws = Draws(rng, replicates, "BCa" if method == "bca" else "percentile")
    try:
        first, second = (
            checked_rows(outcome, risks.risk, linear_predictor=risks.linear_predictor, patients=patients)
            for risks in (predictions, other_predictions)
        )
    except StatisticalRefusal as refusal:
        nothing = Evidence(None, draws.words(), not_estimable(refusal))
        return dict.fromkeys(measures, _stated(None, nothing, patients_and_events(outcome, patients), family))
    pair = _Pair(first, second, estimable(first, measures), estimable(second, measures))
    evidence = {"auroc": _delong(pair)} if method is None and "auroc" in measures else {}
    evidence |= _drawn(pair, [key for key in measures if key not in evidence], draws)
    counts = first.patients, first.patients_with_event
    return {key: _stated(pair.difference(key), evidence[key], counts, family) for key in measures}


class Distribution(Protocol):
    """What the intervals and the p value of a difference are read from."""

    def bounds(self, level: float = 0.95) -> tuple[float, float] | None:
        """Return the interval at this level, or None where there is none."""

    def p_value(self) -> float | None:
        """Return the two-sided p value of no difference, or None where there is none."""


@dataclass(frozen=True)
class Evidence:
    """The distribution of a difference and its method in words, or the reason why there is none."""

    distribution: Distribution | None
    method: str
    reason: str | None = None


@dataclass(frozen=True)
class _Pair:
    first: Rows
    second: Rows
    points: Points
    other_points: Points

    def reason(self, key: str) -> str | None:
        of_other = self.other_points.reasons.get(key)
        return self.points.reasons.get(key) or (None if of_other is None else f"the other risk: {of_other}")

    def difference(self, key: str) -> float | None:
        return None if self.reason(key) else self.points.values[key] - self.other_points.values[key]


def _delong(pair: _Pair) -> Evidence:
    words = "DeLong" if pair.first.one_row_a_patient else "DeLong, clustered by patient (Obuchowski)"
    try:
        return Evidence(paired_aurocs(pair.first, pair.second), words)
    except StatisticalRefusal as refusal:
        return Evidence(None, words, f"interval not estimable ({refusal.found})")


def _drawn(pair: _Pair, measures: Sequence[str], draws: Draws) -> dict[str, Evidence]:
    reasons = {key: Evidence(None, draws.words(), reason) for key in measures if (reason := pair.reason(key))}
    left = [key for key in measures if key not in reasons]
    if not left:
        return reasons
    weighted = {name: estimable(rows, left).weighted for name, rows in (("first", pair.first), ("second", pair.second))}
    drawn = bootstrap(pair.first, weighted, rng=draws.rng, replicates=draws.replicates)
    found = {key: drawn_measure(drawn["first"][key] - drawn["second"][key]) for key in left}
    if draws.kind == "BCa":
        one, other = (without_each(pair.first, families) for families in weighted.values())
        values = {key: pair.points.values[key] - pair.other_points.values[key] for key in left}
        found = {key: accelerated(found[key], values[key], one[key] - other[key]) for key in left}
    return reasons | {key: Evidence(found[key], draws.words(found[key]), found[key].reason) for key in left}


def _stated(value: float | None, evidence: Evidence, counts: tuple[int, int], family: int) -> Difference:
    if evidence.distribution is None or value is None:
        return Difference(value, None, None, f"paired {evidence.method}", *counts, evidence.reason)
    lower, upper = evidence.distribution.bounds() or (None, None)
    together = evidence.distribution.bounds(1.0 - 0.05 / family) if family > 1 else None
    return Difference(
        value,
        lower,
        upper,
        f"paired {evidence.method}",
        *counts,
        evidence.reason,
        evidence.distribution.p_value(),
        *(together or (None, None)),
    )


def _refuse_unknown(method: str | None, family: int) -> None:
    if method not in {None, "bootstrap", "bca"} or family < 1:
        raise WrongUsage(
            "E-METHOD",
            f"the method {method!r} for differences in a family of {family}",
            expected="'bootstrap', 'bca' or none, and a family of 1 comparison or more",
            to_fix="leave the method out for the default",
        )
