"""Net benefit: whether acting on the risk would do more good than treating everybody, or nobody."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from clinpred.errors import InputRefused
from clinpred.performance.rows import Array, Rows, Weighted, checked_rows
from clinpred.performance.weighted import single


@dataclass(frozen=True)
class DecisionCurve:
    """Net benefit over thresholds, beside treating all (treating none has 0)."""

    threshold: Array
    net_benefit: Array
    treat_all: Array


def net_benefit(outcome: ArrayLike, risk: ArrayLike, threshold: float) -> float:
    """Return TP/n - FP/n · t/(1 - t), a patient being positive where risk ≥ t.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1.
    threshold : float
        The risk t at which a clinician would act, above 0 and below 1.

    Returns
    -------
    float
        True positives a patient, less the false positives weighed by the threshold's odds. At most the prevalence;
        treating none has 0.

    Raises
    ------
    InputRefused
        ``E-THRESHOLD``: a threshold outside 0 to 1, or one of them.

    References
    ----------
    Vickers AJ, Elkin EB. Med Decis Making 2006;26:565-574.

    Notes
    -----
    Checked against dcurves 0.5.1 (07_dcurves.json, 1e-12).

    Examples
    --------
    >>> net_benefit([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.9], 0.5)
    0.25
    """
    key = net_benefit_key(threshold)
    return single(lambda rows: prepare_net_benefit(rows, (threshold,)), checked_rows(outcome, risk), key)


def decision_curve(outcome: ArrayLike, risk: ArrayLike, thresholds: ArrayLike) -> DecisionCurve:
    """Return the net benefit of the risk and of treating all, at each threshold.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1.
    thresholds : array_like, shape (k,)
        Above 0 and below 1.

    Returns
    -------
    DecisionCurve
        ``threshold``, ``net_benefit`` and ``treat_all``, all of shape (k,).

    Raises
    ------
    InputRefused
        ``E-THRESHOLD``: a threshold outside 0 to 1, or one of them.

    Notes
    -----
    Checked against dcurves 0.5.1 (07_dcurves.json, 1e-12).
    """
    rows = checked_rows(outcome, risk)
    at = checked_thresholds(thresholds)
    benefit = _contributions(rows, at).mean(axis=0)
    return DecisionCurve(at, benefit, treat_all(rows, at))


def treat_all(rows: Rows, thresholds: Array) -> Array:
    """Return the net benefit of treating everybody: φ - (1 - φ) t/(1 - t)."""
    prevalence = rows.events / rows.outcome.size
    return np.asarray(prevalence - (1.0 - prevalence) * thresholds / (1.0 - thresholds))


def net_benefit_key(threshold: float) -> str:
    """Return the name of the net benefit at one threshold among the measures, such as ``"net_benefit:0.1"``."""
    return f"net_benefit:{float(threshold)!r}"


def prepare_net_benefit(rows: Rows, thresholds: Sequence[float]) -> Weighted:
    """Average each row's contribution at each threshold."""
    at = checked_thresholds(thresholds)
    contributions = _contributions(rows, at)

    def under(weights: Array) -> dict[str, Array]:
        benefit = (weights @ contributions) / weights.sum(axis=1)[:, None]
        return dict(zip(map(net_benefit_key, at), benefit.T, strict=True))

    return under


def checked_thresholds(thresholds: ArrayLike) -> Array:
    """Return the thresholds, each above 0 and below 1."""
    at = np.atleast_1d(np.asarray(thresholds, dtype=np.float64))
    outside = int(np.sum(~((at > 0.0) & (at < 1.0))))
    if outside or at.ndim != 1:
        raise InputRefused(
            "E-THRESHOLD",
            f"{outside} of {at.size} thresholds not between 0 and 1",
            expected="risks above 0 and below 1 at which a clinician would act",
            to_fix="correct the thresholds",
        )
    return at


def _contributions(rows: Rows, thresholds: Array) -> Array:
    positive = rows.risk[:, None] >= thresholds
    harm = thresholds / (1.0 - thresholds)
    return np.where(positive, np.where(rows.outcome[:, None] == 1.0, 1.0, -harm), 0.0)
