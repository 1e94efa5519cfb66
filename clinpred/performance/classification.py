"""What a stated threshold does, described: who is above it, and how often that is right."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from clinpred.errors import StatisticalRefusal
from clinpred.performance.confusion import ABOVE, BELOW, confusion_columns, refuse_empty
from clinpred.performance.intervals import Estimate, not_estimable
from clinpred.performance.patient_sums import patient_sums
from clinpred.performance.rows import Array, Rows, checked_rows

_NORMAL_975 = 1.959963984540054


@dataclass(frozen=True)
class Classification:
    """Counts of rows at one threshold, and five shares with 95 % intervals; positive where risk ≥ threshold.

    Each share counts the ``patients`` it is a share of, and those among them who have the event in such a row.
    """

    threshold: float
    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int
    sensitivity: Estimate
    specificity: Estimate
    positive_predictive_value: Estimate
    negative_predictive_value: Estimate
    share_positive: Estimate


def classification(
    outcome: ArrayLike, risk: ArrayLike, threshold: float, *, patients: ArrayLike | None = None
) -> Classification:
    """Return sensitivity, specificity, predictive values and the share at or above a threshold, with their counts.

    A description: none of them says whether acting at the threshold does good. Net benefit does.

    Parameters
    ----------
    outcome, risk, threshold
        As for ``net_benefit``.
    patients : array_like, shape (n,), optional
        The patient of each row; without it every row is a patient.

    Returns
    -------
    Classification
        Intervals are Wilson's score intervals. Where patients repeat, Wilson's of the effective number of rows: the
        number that would give independent rows the variance that the share has between patients, at most the rows
        there are, and the number of patients where the share is 0 or 1. A share of nobody is None, and ``reason``
        says why.

    Raises
    ------
    InputRefused
        ``E-THRESHOLD``, or the arrays are faulty.
    StatisticalRefusal
        ``S-ONE-CLASS``: nobody has the event, or everybody.

    References
    ----------
    Wilson EB. J Am Stat Assoc 1927;22:209-212. Rao JNK, Scott AJ. Biometrics 1992;48:577-585.

    Notes
    -----
    Checked against pROC 1.18.0 ``coords`` (06_proc.json, 1e-12).

    Examples
    --------
    >>> at_half = classification([0, 0, 1, 1], [0.1, 0.6, 0.3, 0.9], 0.5)
    >>> at_half.true_positive, at_half.sensitivity.estimate
    (1, 0.5)
    >>> classification([0, 1], [0.1, 0.2], 0.5).positive_predictive_value.reason
    'not estimable (no risk at or above the threshold)'
    """
    rows = checked_rows(outcome, risk, patients=patients)
    true_positive, false_positive, true_negative, false_negative = confusion_columns(rows, threshold).T
    positive, negative = true_positive + false_positive, true_negative + false_negative
    return Classification(
        threshold=float(threshold),
        true_positive=int(true_positive.sum()),
        false_positive=int(false_positive.sum()),
        true_negative=int(true_negative.sum()),
        false_negative=int(false_negative.sum()),
        sensitivity=_share(rows, true_positive, rows.outcome),
        specificity=_share(rows, true_negative, 1.0 - rows.outcome),
        positive_predictive_value=_share(rows, true_positive, positive, side=ABOVE),
        negative_predictive_value=_share(rows, true_negative, negative, side=BELOW),
        share_positive=_share(rows, positive, np.ones_like(positive)),
    )


def wilson_interval(share: float, rows: float) -> tuple[float, float]:
    """Return Wilson's 95 % score interval of a share of so many rows.

    Parameters
    ----------
    share : float
        0 to 1.
    rows : float
        Above 0; not whole where it is an effective number.

    Returns
    -------
    tuple of float
        Within 0 to 1.

    References
    ----------
    Wilson EB. J Am Stat Assoc 1927;22:209-212.

    Examples
    --------
    >>> [round(bound, 4) for bound in wilson_interval(0.0, 10)]
    [0.0, 0.2775]
    """
    squared = _NORMAL_975**2
    centre = share + squared / (2.0 * rows)
    margin = _NORMAL_975 * math.sqrt(share * (1.0 - share) / rows + squared / (4.0 * rows**2))
    lower, upper = ((centre + sign * margin) / (1.0 + squared / rows) for sign in (-1.0, 1.0))
    # exact at the ends, where rounding would leave 1e-17
    return lower if share > 0.0 else 0.0, upper if share < 1.0 else 1.0


def _share(rows: Rows, of_these: Array, among: Array, *, side: str | None = None) -> Estimate:
    counted = patient_sums(among, rows)
    patients = int(np.count_nonzero(counted))
    events = int(np.count_nonzero(patient_sums(among * rows.outcome, rows)))
    if side is not None:
        try:
            refuse_empty(side, patients)
        except StatisticalRefusal as refusal:
            return Estimate(None, None, None, None, patients, events, not_estimable(refusal))
    total = float(among.sum())
    share = float(of_these.sum()) / total
    effective = total if rows.one_row_a_patient else _effective(patient_sums(of_these, rows), counted)
    words = "Wilson" if rows.one_row_a_patient else "Wilson, effective number of rows by patient"
    return Estimate(share, *wilson_interval(share, effective), words, patients, events)


def _effective(of_these: Array, among: Array) -> float:
    counted = int(np.count_nonzero(among))
    total = float(among.sum())
    share = float(of_these.sum()) / total
    residual = of_these - share * among
    squares = float(residual @ residual)
    if share in (0.0, 1.0) or counted == 1:
        return float(counted)
    variance = squares / total**2 * counted / (counted - 1)
    return min(total, share * (1.0 - share) / variance) if variance > 0.0 else total
