"""Net benefit: whether acting on the risk would do more good than treating everybody, or nobody."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from clinpred.errors import InputRefused
from clinpred.performance.rows import Array, Rows, Weighted, checked_rows
from clinpred.performance.weighted import single, weighted_ratio
from clinpred.settings.counts import counted

BENEFITS = ("net_benefit", "standardised_net_benefit", "interventions_avoided")
"""The measures of one decision curve, by key."""

DECISION_THRESHOLDS = np.round(np.arange(0.012, 0.99, 0.02), 3)
"""The fixed grid of a report's decision curves, which so never follow single patients."""

_PER = 100.0


@dataclass(frozen=True)
class DecisionCurve:
    """Net benefit over thresholds, beside treating all (treating none has 0)."""

    threshold: Array
    net_benefit: Array
    treat_all: Array

    @property
    def treat_none(self) -> Array:
        """Net benefit of treating nobody: 0."""
        return np.zeros_like(self.treat_all)

    @property
    def interventions_avoided(self) -> Array:
        """Interventions that acting on the risk avoids net, per 100 patients, against treating all.

        Below 0, treating all does more good.
        """
        return _PER * (self.net_benefit - self.treat_all) * (1.0 - self.threshold) / self.threshold

    @property
    def standardised_net_benefit(self) -> Array:
        """Net benefit as a share of the prevalence, which is the most that there can be: 1 is ideal."""
        # treating all has φ - (1 - φ) t/(1 - t), and so tells the prevalence φ
        return self.net_benefit / (self.treat_all * (1.0 - self.threshold) + self.threshold)


def net_benefit(outcome: ArrayLike, risk: ArrayLike, threshold: float, *, prevalence: float | None = None) -> float:
    """Return TP/n - FP/n · t/(1 - t), a patient being positive where risk ≥ t.

    Parameters
    ----------
    outcome, risk : array_like, shape (n,)
        As for ``brier_score``.
    threshold : float
        The risk t at which a clinician would act, above 0 and below 1.
    prevalence : float, optional
        Of the patients to whom the risk will be applied, above 0 and below 1, where it is not that of these patients,
        as in a case-control sample: φ · sensitivity - (1 - φ) · (1 - specificity) · t/(1 - t).

    Returns
    -------
    float
        True positives a patient, less the false positives weighed by the threshold's odds. At most the prevalence;
        treating none has 0.

    Raises
    ------
    InputRefused
        ``E-THRESHOLD``, ``E-PREVALENCE``: a threshold or a prevalence outside 0 to 1, or one of them.

    References
    ----------
    Vickers AJ, Elkin EB. Med Decis Making 2006;26:565-574.

    Notes
    -----
    Checked against dcurves 0.5.1, with and without ``prevalence`` (07_dcurves.json, 1e-12).

    Examples
    --------
    >>> net_benefit([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.9], 0.5)
    0.25
    """
    return _benefit("net_benefit", outcome, risk, threshold, prevalence)


def standardised_net_benefit(
    outcome: ArrayLike, risk: ArrayLike, threshold: float, *, prevalence: float | None = None
) -> float:
    """Return the net benefit as a share of the prevalence: of the most that any risk could have.

    Parameters
    ----------
    outcome, risk, threshold, prevalence
        As for ``net_benefit``.

    Returns
    -------
    float
        1 is ideal, 0 is treating none; below 0 the risk does harm at this threshold.

    Raises
    ------
    InputRefused
        As ``net_benefit``.

    References
    ----------
    Kerr KF et al. J Clin Oncol 2016;34:2534-2540.

    Notes
    -----
    Checked against dcurves 0.5.1 ``net_benefit / pos_rate`` (07_dcurves.json, 1e-12).

    Examples
    --------
    >>> standardised_net_benefit([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.9], 0.5)
    0.5
    """
    return _benefit("standardised_net_benefit", outcome, risk, threshold, prevalence)


def interventions_avoided(
    outcome: ArrayLike, risk: ArrayLike, threshold: float, *, prevalence: float | None = None
) -> float:
    """Return 100 · (net benefit - that of treating all) · (1 - t)/t: the net reduction of interventions.

    Parameters
    ----------
    outcome, risk, threshold, prevalence
        As for ``net_benefit``.

    Returns
    -------
    float
        Per 100 patients, against treating all; below 0, treating all does more good.

    Raises
    ------
    InputRefused
        As ``net_benefit``.

    References
    ----------
    Vickers AJ, Elkin EB. Med Decis Making 2006;26:565-574.

    Notes
    -----
    Checked against dcurves 0.5.1 ``net_intervention_avoided`` (07_dcurves.json, 1e-10).

    Examples
    --------
    >>> interventions_avoided([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.9], 0.5)
    25.0
    """
    return _benefit("interventions_avoided", outcome, risk, threshold, prevalence)


def decision_curve(
    outcome: ArrayLike, risk: ArrayLike, thresholds: ArrayLike, *, prevalence: float | None = None
) -> DecisionCurve:
    """Return the net benefit of the risk and of treating all, at each threshold.

    Parameters
    ----------
    outcome, risk, prevalence
        As for ``net_benefit``.
    thresholds : array_like, shape (k,)
        Above 0 and below 1.

    Returns
    -------
    DecisionCurve
        ``threshold``, ``net_benefit``, ``treat_all``, ``treat_none``, ``interventions_avoided`` (per 100) and
        ``standardised_net_benefit``, all of shape (k,).

    Raises
    ------
    InputRefused
        As ``net_benefit``.

    Notes
    -----
    Checked against dcurves 0.5.1 (07_dcurves.json, 1e-12).
    """
    rows = checked_rows(outcome, risk)
    at = checked_thresholds(thresholds)
    curves = _Curves(rows, at, prevalence).under(np.ones((1, rows.outcome.size)))
    return DecisionCurve(at, curves.net_benefit[0], curves.treat_all[0])


def treat_all(rows: Rows, thresholds: Array) -> Array:
    """Return the net benefit of treating everybody: φ - (1 - φ) t/(1 - t)."""
    return _treat_all(np.array(rows.events / rows.outcome.size), thresholds)


def net_benefit_key(threshold: float, *, prevalence: float | None = None) -> str:
    """Return the name of the net benefit at one threshold among the measures, such as ``"net_benefit:0.1"``."""
    return threshold_key("net_benefit", threshold, prevalence=prevalence)


def threshold_key(measure: str, threshold: float, *, prevalence: float | None = None) -> str:
    """Return the name of a measure at one threshold, such as ``"sensitivity:0.1"``.

    With another prevalence it is such as ``"net_benefit:0.1:prevalence=0.05"``.
    """
    elsewhere = "" if prevalence is None else f":prevalence={float(prevalence)!r}"
    return f"{measure}:{float(threshold)!r}{elsewhere}"


def prepare_net_benefit(rows: Rows, thresholds: Sequence[float], prevalence: float | None = None) -> Weighted:
    """Draw the decision curve at these thresholds, and read the three benefits off it."""
    at = checked_thresholds(thresholds)
    curves = _Curves(rows, at, prevalence)

    def under(weights: Array) -> dict[str, Array]:
        curve = curves.under(weights)
        return {
            threshold_key(measure, threshold, prevalence=prevalence): value
            for measure in BENEFITS
            for threshold, value in zip(at.tolist(), getattr(curve, measure).T, strict=True)
        }

    return under


def checked_thresholds(thresholds: ArrayLike) -> Array:
    """Return the thresholds, each above 0 and below 1."""
    try:
        at = np.atleast_1d(np.asarray(thresholds, dtype=np.float64))
    except (TypeError, ValueError):
        raise _no_thresholds("thresholds that are no numbers") from None
    outside = int(np.sum(~((at > 0.0) & (at < 1.0))))
    if outside:
        raise _no_thresholds(f"{outside} of {counted(at.size, 'threshold')} not between 0 and 1")
    if at.ndim != 1:
        raise _no_thresholds(f"thresholds of shape {at.shape}")
    return at


def _no_thresholds(found: str) -> InputRefused:
    return InputRefused(
        "E-THRESHOLD",
        found,
        expected="risks above 0 and below 1 at which a clinician would act",
        to_fix="correct the thresholds",
    )


class _Curves:
    """Decision curves of the same rows under many weightings."""

    def __init__(self, rows: Rows, thresholds: Array, prevalence: float | None) -> None:
        _check_prevalence(prevalence)
        positive = rows.risk[:, None] >= thresholds
        happened = rows.outcome[:, None] == 1.0
        self._thresholds, self._prevalence = thresholds, prevalence
        self._outcome = rows.outcome
        self._true, self._false = (np.asarray(positive & who, dtype=np.float64) for who in (happened, ~happened))

    def under(self, weights: Array) -> DecisionCurve:
        """Return the curve of every weighting, of shape (replicates, k)."""
        events, total = (weights @ self._outcome)[:, None], weights.sum(axis=1)[:, None]
        sensitivity = weighted_ratio(weights @ self._true, events)
        false_positive_rate = weighted_ratio(weights @ self._false, total - events)
        share = weighted_ratio(events, total)
        prevalence = share if self._prevalence is None else np.full_like(total, self._prevalence)
        odds = self._thresholds / (1.0 - self._thresholds)
        benefit = prevalence * sensitivity - (1.0 - prevalence) * false_positive_rate * odds
        return DecisionCurve(self._thresholds, benefit, _treat_all(prevalence, self._thresholds))


def _benefit(measure: str, outcome: ArrayLike, risk: ArrayLike, threshold: float, prevalence: float | None) -> float:
    key = threshold_key(measure, threshold, prevalence=prevalence)
    return single(lambda rows: prepare_net_benefit(rows, (threshold,), prevalence), checked_rows(outcome, risk), key)


def _treat_all(prevalence: Array, thresholds: Array) -> Array:
    return np.asarray(prevalence - (1.0 - prevalence) * thresholds / (1.0 - thresholds))


def _check_prevalence(prevalence: float | None) -> None:
    if prevalence is not None and not 0.0 < prevalence < 1.0:
        raise InputRefused(
            "E-PREVALENCE",
            f"a prevalence of {prevalence:g}",
            expected="a share of patients with the event, above 0 and below 1",
            to_fix="correct the prevalence: 0.05 stands for 5 %",
        )
