"""Measures that are computed only when asked for by name, each with what speaks against it."""

import numpy as np
from numpy.typing import ArrayLike

from clinpred.performance.confusion import at_threshold
from clinpred.performance.rows import Array, Rows, Weighted, checked_rows
from clinpred.performance.weighted import single, weighted_ratio


def auprc_interpolated(outcome: ArrayLike, risk: ArrayLike) -> float:
    """Return the area under the precision-recall curve, interpolated along the counts between distinct risks.

    Between two thresholds, false positives grow in proportion to true positives (the continuous Davis-Goadrich curve).

    On request only: it moves with the prevalence, so two cohorts cannot be compared by it; it leaves the patients
    without the event who are below the threshold out of account; and it mixes ranking with the worth of decisions,
    which the AUROC and net benefit tell apart.

    Parameters
    ----------
    outcome, risk : array_like, shape (n,)
        As for ``brier_score``.

    Returns
    -------
    float
        0 to 1; 1 is ideal, the prevalence is what a constant risk has.

    References
    ----------
    Keilwagen J, Grosse I, Grau J. PLoS One 2014;9:e92209. Against it: Van Calster B et al. Lancet Digit Health 2025.

    Notes
    -----
    Checked against PRROC 1.4 ``pr.curve``, ``auc.integral`` (14_auprc_hl_brier.json, 1e-12).

    Examples
    --------
    >>> auprc_interpolated([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4])
    1.0
    """
    return single(prepare_precision_recall, checked_rows(outcome, risk), "auprc_interpolated")


def average_precision(outcome: ArrayLike, risk: ArrayLike) -> float:
    """Return Σ (recall - recall before) × precision over distinct risks, from the highest down: no interpolation.

    On request only: as ``auprc_interpolated``, whose number it is not. Say which of the two is reported.

    Parameters
    ----------
    outcome, risk : array_like, shape (n,)
        As for ``brier_score``.

    Returns
    -------
    float
        0 to 1; 1 is ideal, the prevalence is what a constant risk has.

    References
    ----------
    Buckland M, Gey F. J Am Soc Inf Sci 1994;45:12-19.

    Notes
    -----
    Checked against the step sum in R 4.2.2, which is also scikit-learn's (14_auprc_hl_brier.json, 1e-12).

    Examples
    --------
    >>> average_precision([0, 1, 1], [0.5, 0.5, 0.5]) == 2 / 3
    True
    """
    return single(prepare_precision_recall, checked_rows(outcome, risk), "average_precision")


def accuracy(outcome: ArrayLike, risk: ArrayLike, threshold: float) -> float:
    """Return (TP + TN) / n at a threshold.

    On request only: it weighs a missed event like a false alarm, and where events are rare it is highest for a risk
    that finds none.

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
    Metz CE. Semin Nucl Med 1978;8:283-298.

    Notes
    -----
    Checked against pROC 1.18.0 ``coords`` (06_proc.json, 1e-12).
    """
    return at_threshold("accuracy", outcome, risk, threshold)


def balanced_accuracy(outcome: ArrayLike, risk: ArrayLike, threshold: float) -> float:
    """Return the mean of sensitivity and specificity at a threshold.

    On request only: it weighs errors by the prevalence instead of by their consequences, so it fits one threshold
    alone, the prevalence itself.

    Parameters
    ----------
    outcome, risk, threshold
        As for ``net_benefit``.

    Returns
    -------
    float
        0 to 1; one half is no better than chance.

    References
    ----------
    Brodersen KH et al. Int Conf Pattern Recognit 2010:3121-3124.

    Notes
    -----
    Checked against pROC 1.18.0 ``coords`` through sensitivity and specificity (06_proc.json, 1e-12).
    """
    return at_threshold("balanced_accuracy", outcome, risk, threshold)


def youden_index(outcome: ArrayLike, risk: ArrayLike, threshold: float) -> float:
    """Return sensitivity + specificity - 1 at a threshold.

    On request only: as ``balanced_accuracy``. The threshold that makes it largest is not looked for: a threshold is
    chosen by what a missed event and a false alarm cost, not by the sample.

    Parameters
    ----------
    outcome, risk, threshold
        As for ``net_benefit``.

    Returns
    -------
    float
        -1 to 1; 0 is no better than chance.

    References
    ----------
    Youden WJ. Cancer 1950;3:32-35.

    Notes
    -----
    Checked against pROC 1.18.0 ``coords`` through sensitivity and specificity (06_proc.json, 1e-12).
    """
    return at_threshold("youden", outcome, risk, threshold)


def f1_score(outcome: ArrayLike, risk: ArrayLike, threshold: float) -> float:
    """Return 2 TP / (2 TP + FP + FN) at a threshold.

    On request only: it leaves the true negatives out of account, moves with the prevalence, and weighs errors by no
    consequence that a clinician would name.

    Parameters
    ----------
    outcome, risk, threshold
        As for ``net_benefit``.

    Returns
    -------
    float
        0 to 1; 0 where nobody with the event is at or above the threshold.

    References
    ----------
    Van Rijsbergen CJ. Information Retrieval, 2nd ed. Butterworths 1979.

    Notes
    -----
    Checked against pROC 1.18.0 ``coords`` through its counts (06_proc.json, 1e-12).
    """
    return at_threshold("f1", outcome, risk, threshold)


def matthews_correlation(outcome: ArrayLike, risk: ArrayLike, threshold: float) -> float:
    """Return the correlation of outcome and positivity at a threshold (MCC, φ).

    On request only: it moves with the prevalence, and weighs errors by no consequence that a clinician would name.

    Parameters
    ----------
    outcome, risk, threshold
        As for ``net_benefit``.

    Returns
    -------
    float
        -1 to 1; 0 is no better than chance.

    Raises
    ------
    StatisticalRefusal
        ``S-ONE-SIDE``: every risk is on one side of the threshold.

    References
    ----------
    Matthews BW. Biochim Biophys Acta 1975;405:442-451.

    Notes
    -----
    Checked against pROC 1.18.0 ``coords`` through its counts (06_proc.json, 1e-12).
    """
    return at_threshold("mcc", outcome, risk, threshold)


def prepare_precision_recall(rows: Rows) -> Weighted:
    """Count true and false positives from the highest risk down, ties together, and measure both areas."""
    order = np.argsort(-rows.risk, kind="stable")
    outcome, risk = rows.outcome[order], rows.risk[order]
    last_of_ties = np.append(np.flatnonzero(np.diff(risk)), risk.size - 1)

    def under(weights: Array) -> dict[str, Array]:
        ordered = weights[:, order]
        true, false = (np.cumsum(ordered * happened, axis=1)[:, last_of_ties] for happened in (outcome, 1.0 - outcome))
        gained, added = np.diff(true, prepend=0.0), np.diff(false, prepend=0.0)
        events = true[:, -1]
        steps = gained * weighted_ratio(true, true + false)
        return {
            "average_precision": weighted_ratio(np.nansum(steps, axis=1), events),
            "auprc_interpolated": weighted_ratio(_interpolated(true, false, gained, added), events),
        }

    return under


def _interpolated(true: Array, false: Array, gained: Array, added: Array) -> Array:
    # from one threshold to the next, precision at x true positives is x / (slope x + intercept)
    rising = gained > 0.0
    slope = 1.0 + weighted_ratio(added, gained)
    intercept = (false - added) - (slope - 1.0) * (true - gained)
    positives, before = true + false, true + false - gained - added
    bent = rising & (before > 0.0)
    logarithm = np.log(np.divide(positives, before, out=np.ones_like(true), where=bent))
    area = gained / slope - intercept / slope**2 * logarithm
    return np.asarray(np.sum(np.where(rising, area, 0.0), axis=1))
