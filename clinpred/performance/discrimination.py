"""Discrimination: whether the risk ranks patients with the event above those without."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from clinpred.errors import StatisticalRefusal, WrongUsage
from clinpred.performance.placements import placements, refuse_lone_patients, variance_of_mean
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
    outcome: ArrayLike,
    risk: ArrayLike,
    *,
    patients: ArrayLike | None = None,
    level: float = 0.95,
    scale: Literal["logit", "plain"] = "logit",
) -> AurocInterval:
    """Return the AUROC with DeLong's interval, clustered by patient (Obuchowski) where patients repeat.

    The variance is S₁₀/n₁ + S₀₁/n₀, S being the sample variance of the placements: for a patient with the event
    the share of patients without it who have a lower risk (ties count half), and the reverse. Clustered, the
    deviations of placements are summed within patient first.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1.
    patients : array_like, shape (n,), optional
        The patient of each row; without it every row is a patient.
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
    Obuchowski NA. Biometrics 1997;53:567-578.

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
    return delong_interval(checked_rows(outcome, risk, patients=patients), level=level, scale=scale)


def delong_interval(rows: Rows, *, level: float = 0.95, scale: str = "logit") -> AurocInterval:
    """Return the interval of checked rows."""
    area, variance = area_and_variance(rows)
    margin = NormalDist().inv_cdf(0.5 + level / 2.0) * math.sqrt(variance)
    if scale == "plain":
        return AurocInterval(area, area - margin, area + margin)
    odds, margin = area / (1.0 - area), margin / (area * (1.0 - area))
    lower, upper = odds * math.exp(-margin), odds * math.exp(margin)
    return AurocInterval(area, lower / (1.0 + lower), upper / (1.0 + upper))


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
    """Sort the patients once; then each weighting needs one cumulative sum of those without the event."""
    ordered = np.argsort(rows.risk)
    happened = rows.outcome[ordered] == 1.0
    event, others = ordered[happened], ordered[~happened]
    below = np.searchsorted(rows.risk[others], rows.risk[event], side="left")
    up_to = np.searchsorted(rows.risk[others], rows.risk[event], side="right")

    def under(weights: Array) -> dict[str, Array]:
        passed = np.zeros((len(weights), others.size + 1))
        np.cumsum(weights[:, others], axis=1, out=passed[:, 1:])
        of_event = weights[:, event]
        won = np.einsum("bn,bn->b", of_event, passed[:, below] + passed[:, up_to]) / 2.0
        return {"auroc": weighted_ratio(won, of_event.sum(axis=1) * passed[:, -1])}

    return under


def area_and_variance(rows: Rows) -> tuple[float, float]:
    """Return the AUROC of checked rows and its variance, clustered by patient where patients repeat.

    Raises
    ------
    StatisticalRefusal
        ``S-FEW-EVENTS``, or ``S-AUROC-BOUND`` where the AUROC is 0 or 1 or its variance is not above 0.
    """
    refuse_lone_patients(rows)
    parts = placements(rows)
    area = float(parts[rows.outcome == 1.0].mean())
    if area in {0.0, 1.0}:
        raise _without_variance(f"an AUROC of {area:g}")
    variance = variance_of_mean(parts, rows)
    if variance < 0.0:
        raise _without_variance("a variance below 0")
    return area, variance


def _without_variance(found: str) -> StatisticalRefusal:
    return StatisticalRefusal(
        "S-AUROC-BOUND",
        found,
        expected="some patients with the event ranked below others without it",
        to_fix="report it without an interval, and look for a predictor that holds the outcome",
    )
