"""Positives and negatives at one threshold, and the shares that describe them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from clinpred.errors import StatisticalRefusal
from clinpred.performance.net_benefit import checked_thresholds, threshold_key
from clinpred.performance.rows import Array, Rows, Weighted, checked_rows
from clinpred.performance.weighted import single, weighted_ratio


@dataclass(frozen=True)
class Confusion:
    """Weights of the rows by what was said and what happened; positive where risk ≥ threshold."""

    true_positive: Array
    false_positive: Array
    true_negative: Array
    false_negative: Array

    @property
    def events(self) -> Array:
        """Those with the event."""
        return self.true_positive + self.false_negative

    @property
    def non_events(self) -> Array:
        """Those without."""
        return self.true_negative + self.false_positive

    @property
    def positives(self) -> Array:
        """Those at or above the threshold."""
        return self.true_positive + self.false_positive

    @property
    def negatives(self) -> Array:
        """Those below it."""
        return self.true_negative + self.false_negative


def sensitivity(outcome: ArrayLike, risk: ArrayLike, threshold: float) -> float:
    """Return TP / (TP + FN): of the patients with the event, the share at or above the threshold.

    It describes a threshold; it does not say whether acting at it does good, as net benefit does.

    Parameters
    ----------
    outcome, risk, threshold
        As for ``net_benefit``.

    Returns
    -------
    float
        0 to 1.

    References
    ----------
    Altman DG, Bland JM. BMJ 1994;308:1552.

    Notes
    -----
    Checked against pROC 1.18.0 ``coords`` (06_proc.json, 1e-12).

    Examples
    --------
    >>> sensitivity([0, 0, 1, 1], [0.1, 0.6, 0.3, 0.9], 0.5)
    0.5
    """
    return at_threshold("sensitivity", outcome, risk, threshold)


def specificity(outcome: ArrayLike, risk: ArrayLike, threshold: float) -> float:
    """Return TN / (TN + FP): of the patients without the event, the share below the threshold.

    Parameters
    ----------
    outcome, risk, threshold
        As for ``net_benefit``.

    Returns
    -------
    float
        0 to 1.

    References
    ----------
    Altman DG, Bland JM. BMJ 1994;308:1552.

    Notes
    -----
    Checked against pROC 1.18.0 ``coords`` (06_proc.json, 1e-12).
    """
    return at_threshold("specificity", outcome, risk, threshold)


def positive_predictive_value(outcome: ArrayLike, risk: ArrayLike, threshold: float) -> float:
    """Return TP / (TP + FP): of the patients at or above the threshold, the share with the event.

    It moves with the prevalence, and holds only where that is the same.

    Parameters
    ----------
    outcome, risk, threshold
        As for ``net_benefit``.

    Returns
    -------
    float
        0 to 1.

    Raises
    ------
    StatisticalRefusal
        ``S-ONE-SIDE``: no risk at or above the threshold.

    References
    ----------
    Altman DG, Bland JM. BMJ 1994;309:102.

    Notes
    -----
    Checked against pROC 1.18.0 ``coords`` (06_proc.json, 1e-12).
    """
    return at_threshold("positive_predictive_value", outcome, risk, threshold)


def negative_predictive_value(outcome: ArrayLike, risk: ArrayLike, threshold: float) -> float:
    """Return TN / (TN + FN): of the patients below the threshold, the share without the event.

    It moves with the prevalence, and holds only where that is the same.

    Parameters
    ----------
    outcome, risk, threshold
        As for ``net_benefit``.

    Returns
    -------
    float
        0 to 1.

    Raises
    ------
    StatisticalRefusal
        ``S-ONE-SIDE``: no risk below the threshold.

    References
    ----------
    Altman DG, Bland JM. BMJ 1994;309:102.

    Notes
    -----
    Checked against pROC 1.18.0 ``coords`` (06_proc.json, 1e-12).
    """
    return at_threshold("negative_predictive_value", outcome, risk, threshold)


def share_positive(outcome: ArrayLike, risk: ArrayLike, threshold: float) -> float:
    """Return (TP + FP) / n: the share of the patients at or above the threshold, on whom one would act.

    Parameters
    ----------
    outcome, risk, threshold
        As for ``net_benefit``.

    Returns
    -------
    float
        0 to 1; neither end is better.

    References
    ----------
    Pepe MS et al. Am J Epidemiol 2008;167:362-368.

    Notes
    -----
    Checked against pROC 1.18.0 ``coords`` through its counts (06_proc.json, 1e-12).
    """
    return at_threshold("share_positive", outcome, risk, threshold)


def at_threshold(measure: str, outcome: ArrayLike, risk: ArrayLike, threshold: float) -> float:
    """Return a measure of the positives and negatives at one threshold."""
    rows = checked_rows(outcome, risk)
    return single(lambda rows: prepare_confusion(rows, measure, threshold), rows, threshold_key(measure, threshold))


def prepare_confusion(rows: Rows, measure: str, threshold: float) -> Weighted:
    """Count the positives and negatives, and take the measure of them.

    Raises
    ------
    StatisticalRefusal
        ``S-ONE-SIDE``: the measure divides by the positives or the negatives, and there are none.
    """
    columns = confusion_columns(rows, threshold)
    formula, sides = CONFUSION_MEASURES[measure]
    for side in sides:
        refuse_empty(side, int(columns[:, _COLUMNS_OF[side]].sum()))
    key = threshold_key(measure, threshold)
    return lambda weights: {key: formula(Confusion(*(weights @ columns).T))}


def confusion_columns(rows: Rows, threshold: float) -> Array:
    """Return the four indicators of every row, in the order of ``Confusion``, shape (n, 4)."""
    positive = rows.risk >= checked_thresholds(threshold)[0]
    happened = rows.outcome == 1.0
    four = (positive & happened, positive & ~happened, ~positive & ~happened, ~positive & happened)
    return np.column_stack(four).astype(np.float64)


def refuse_empty(side: str, rows: int) -> None:
    """Refuse to divide by the rows on one side of the threshold where there are none."""
    if rows == 0:
        raise StatisticalRefusal(
            "S-ONE-SIDE",
            f"no risk {side} the threshold",
            expected="risks on the side of the threshold that the measure is a share of",
            to_fix="state a threshold within the range of the risks",
        )


ABOVE, BELOW = "at or above", "below"
_COLUMNS_OF = {ABOVE: [0, 1], BELOW: [2, 3]}


def _sensitivity(c: Confusion) -> Array:
    return weighted_ratio(c.true_positive, c.events)


def _specificity(c: Confusion) -> Array:
    return weighted_ratio(c.true_negative, c.non_events)


def _accuracy(c: Confusion) -> Array:
    return weighted_ratio(c.true_positive + c.true_negative, c.events + c.non_events)


def _correlation(c: Confusion) -> Array:
    covariance = c.true_positive * c.true_negative - c.false_positive * c.false_negative
    return weighted_ratio(covariance, np.sqrt(c.events * c.non_events * c.positives * c.negatives))


CONFUSION_MEASURES: dict[str, tuple[Callable[[Confusion], Array], tuple[str, ...]]] = {
    "sensitivity": (_sensitivity, ()),
    "specificity": (_specificity, ()),
    "positive_predictive_value": (lambda c: weighted_ratio(c.true_positive, c.positives), (ABOVE,)),
    "negative_predictive_value": (lambda c: weighted_ratio(c.true_negative, c.negatives), (BELOW,)),
    "share_positive": (lambda c: weighted_ratio(c.positives, c.events + c.non_events), ()),
    "accuracy": (_accuracy, ()),
    "balanced_accuracy": (lambda c: (_sensitivity(c) + _specificity(c)) / 2.0, ()),
    "youden": (lambda c: _sensitivity(c) + _specificity(c) - 1.0, ()),
    "f1": (lambda c: weighted_ratio(2.0 * c.true_positive, c.positives + c.events), ()),
    "mcc": (_correlation, (ABOVE, BELOW)),
}
"""Each measure of a threshold: its formula, and the sides of the threshold that it divides by."""
