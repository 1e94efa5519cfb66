"""Discrimination: whether the risk ranks patients with the event above those without."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clinpred.errors import StatisticalRefusal, WrongUsage
from clinpred.performance.rows import Array, Rows, Weighted, checked_rows
from clinpred.performance.weighted import single, weighted_ratio

_ROC_STEPS = 50


@dataclass(frozen=True)
class AurocInterval:
    """An AUROC with its DeLong interval."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True)
class DelongTest:
    """The difference of two AUROCs on the same patients, its 95 % interval and two-sided p value."""

    difference: float
    lower: float
    upper: float
    p_value: float


@dataclass(frozen=True)
class RocCurve:
    """Sensitivity on a fixed grid of false positive rates."""

    false_positive_rate: Array
    sensitivity: Array


def auroc(outcome: ArrayLike, risk: ArrayLike) -> float:
    """Return the area under the ROC curve: P(p₁ > p₀) + ½ P(p₁ = p₀), p₁ with the event and p₀ without.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1.

    Returns
    -------
    float
        0 to 1; .5 is chance.

    Raises
    ------
    InputRefused, StatisticalRefusal
        The arrays are faulty, or one class is absent.

    References
    ----------
    Hanley JA, McNeil BJ. Radiology 1982;143:29-36.

    Notes
    -----
    Checked against pROC 1.18.0 (06_proc.json, 1e-12).

    Examples
    --------
    >>> auroc([0, 1, 0, 1], [0.1, 0.3, 0.3, 0.8])
    0.875
    """
    return single(prepare_auroc, checked_rows(outcome, risk), "auroc")


def auroc_interval(
    outcome: ArrayLike, risk: ArrayLike, *, level: float = 0.95, scale: Literal["logit", "plain"] = "logit"
) -> AurocInterval:
    """Return the AUROC with DeLong's interval, for patients of one row each.

    The variance is S₁₀/n₁ + S₀₁/n₀, S being the sample variance of the placements: for a patient with the event
    the share of patients without it who have a lower risk (ties count half), and the reverse.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1.
    level : float
        Coverage, above 0 and below 1.
    scale : {"logit", "plain"}
        Where the interval is symmetric. On the logit scale it stays within 0 to 1.

    Returns
    -------
    AurocInterval
        ``estimate``, ``lower``, ``upper``.

    Raises
    ------
    StatisticalRefusal
        ``S-AUROC-BOUND``: the AUROC is 0 or 1, whose variance cannot be estimated. ``S-FEW-EVENTS``: fewer than
        2 patients with or without the event.

    References
    ----------
    DeLong ER et al. Biometrics 1988;44:837-845. Sun X, Xu W. IEEE Signal Process Lett 2014;21:1389-1393.

    Notes
    -----
    Checked against pROC 1.18.0 ``ci.auc`` (06_proc.json, plain scale, 1e-12).
    """
    if not 0.0 < level < 1.0 or scale not in {"logit", "plain"}:
        raise WrongUsage(
            "E-METHOD",
            f"level {level:g} on the scale {scale!r}",
            expected="a level above 0 and below 1; the scale 'logit' or 'plain'",
            to_fix="correct the level or the scale",
        )
    return delong_interval(checked_rows(outcome, risk), level=level, scale=scale)


def delong_interval(rows: Rows, *, level: float = 0.95, scale: str = "logit") -> AurocInterval:
    """Return the interval of checked rows."""
    area, error = _area_and_error(rows)
    margin = NormalDist().inv_cdf(0.5 + level / 2.0) * error
    if scale == "plain":
        return AurocInterval(area, area - margin, area + margin)
    odds, margin = area / (1.0 - area), margin / (area * (1.0 - area))
    lower, upper = odds * math.exp(-margin), odds * math.exp(margin)
    return AurocInterval(area, lower / (1.0 + lower), upper / (1.0 + upper))


def delong_test(outcome: ArrayLike, risk: ArrayLike, other_risk: ArrayLike) -> DelongTest:
    """Compare the AUROCs of two risks on the same patients, one row each.

    The difference is AUROC(risk) - AUROC(other_risk); its variance is that of the paired placements.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk, other_risk : array_like, shape (n,)
        0 to 1.

    Returns
    -------
    DelongTest
        ``difference``, ``lower``, ``upper`` (95 %), ``p_value`` (two-sided). Two risks that rank alike differ by
        0 (0 to 0), p = 1.

    Raises
    ------
    StatisticalRefusal
        ``S-FEW-EVENTS``: fewer than 2 patients with or without the event. ``S-AUROC-BOUND``: the AUROCs differ
        without variance (0 or 1 both).

    References
    ----------
    DeLong ER et al. Biometrics 1988;44:837-845.

    Notes
    -----
    Checked against pROC 1.18.0 ``roc.test`` (06_proc.json, 1e-9).
    """
    rows, other = checked_rows(outcome, risk), checked_rows(outcome, other_risk)
    _refuse_lone_patients(rows)
    apart = _placements(rows) - _placements(other)
    event = rows.outcome == 1.0
    difference, error = float(apart[event].mean()), _placement_error(apart, event)
    if error == 0.0:
        if difference != 0.0:
            raise _without_variance(f"a difference of {difference:g}")
        return DelongTest(0.0, 0.0, 0.0, 1.0)
    margin = NormalDist().inv_cdf(0.975) * error
    p_value = math.erfc(abs(difference) / error / math.sqrt(2.0))
    return DelongTest(difference, difference - margin, difference + margin, p_value)


def roc_curve(outcome: ArrayLike, risk: ArrayLike) -> RocCurve:
    """Return the ROC curve on the false positive rates 0, .02, …, 1, interpolated linearly between thresholds.

    Where the curve rises at one false positive rate, the highest sensitivity is given. No point of it shows the
    risk of a patient.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1.

    Returns
    -------
    RocCurve
        ``false_positive_rate`` and ``sensitivity``, both of shape (51,).

    References
    ----------
    Fawcett T. Pattern Recognit Lett 2006;27:861-874.

    Examples
    --------
    >>> roc_curve([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.9]).sensitivity[[0, 25, 50]].tolist()
    [0.5, 1.0, 1.0]
    """
    rows = checked_rows(outcome, risk)
    order = np.argsort(-rows.risk, kind="stable")
    last_of_tie = np.append(np.flatnonzero(np.diff(rows.risk[order])), rows.risk.size - 1)
    event = rows.outcome[order]
    sensitivity = np.append(0.0, np.cumsum(event)[last_of_tie] / rows.events)
    false_positive = np.append(0.0, np.cumsum(1.0 - event)[last_of_tie] / (event.size - rows.events))
    grid = np.arange(_ROC_STEPS + 1) / _ROC_STEPS
    return RocCurve(grid, np.interp(grid, false_positive, sensitivity))


def prepare_auroc(rows: Rows) -> Weighted:
    """Sort the patients without the event once; then each weighting needs one cumulative sum."""
    event = np.flatnonzero(rows.outcome == 1.0)
    others = np.flatnonzero(rows.outcome == 0.0)
    others = others[np.argsort(rows.risk[others], kind="stable")]
    below = np.searchsorted(rows.risk[others], rows.risk[event], side="left")
    up_to = np.searchsorted(rows.risk[others], rows.risk[event], side="right")

    def under(weights: Array) -> dict[str, Array]:
        passed = np.zeros((len(weights), others.size + 1))
        np.cumsum(weights[:, others], axis=1, out=passed[:, 1:])
        of_event = weights[:, event]
        won = np.einsum("bn,bn->b", of_event, passed[:, below] + passed[:, up_to]) / 2.0
        return {"auroc": weighted_ratio(won, of_event.sum(axis=1) * passed[:, -1])}

    return under


def _area_and_error(rows: Rows) -> tuple[float, float]:
    _refuse_lone_patients(rows)
    placements, event = _placements(rows), rows.outcome == 1.0
    area = float(placements[event].mean())
    if area in {0.0, 1.0}:
        raise _without_variance(f"an AUROC of {area:g}")
    return area, _placement_error(placements, event)


def _placements(rows: Rows) -> Array:
    order = np.argsort(rows.risk)
    ordered, event = rows.risk[order], rows.outcome[order]
    new = np.append(True, ordered[1:] != ordered[:-1])
    first = np.flatnonzero(new)
    tie = np.cumsum(new) - 1
    after = np.append(first[1:], ordered.size)
    events, others = (np.append(0.0, np.cumsum(column)) for column in (event, 1.0 - event))
    others_below = ((others[first] + others[after]) / 2.0)[tie] / others[-1]
    events_above = 1.0 - ((events[first] + events[after]) / 2.0)[tie] / events[-1]
    placements = np.empty(ordered.size)
    placements[order] = np.where(event == 1.0, others_below, events_above)
    return placements


def _placement_error(placements: Array, event: NDArray[np.bool_]) -> float:
    classes = (placements[event], placements[~event])
    return math.sqrt(sum(float(part.var(ddof=1)) / part.size for part in classes))


def _refuse_lone_patients(rows: Rows) -> None:
    fewer = min(rows.events, rows.outcome.size - rows.events)
    if fewer < 2:
        raise StatisticalRefusal(
            "S-FEW-EVENTS",
            f"{rows.events} of {rows.outcome.size} patients with the event",
            expected="2 patients or more with and without the event, for a variance",
            to_fix="report the AUROC without an interval",
        )


def _without_variance(found: str) -> StatisticalRefusal:
    return StatisticalRefusal(
        "S-AUROC-BOUND",
        found,
        expected="some patients with the event ranked below others without it",
        to_fix="report it without an interval, and look for a predictor that holds the outcome",
    )
