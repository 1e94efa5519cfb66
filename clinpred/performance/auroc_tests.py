"""Tests of two AUROCs: of two risks on the same patients, and of risks on different patients."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from numpy.typing import ArrayLike

from clinpred.errors import StatisticalRefusal
from clinpred.performance.discrimination import area_and_variance
from clinpred.performance.placements import placements, variance_of_mean
from clinpred.performance.rows import Rows, checked_rows


@dataclass(frozen=True)
class DelongTest:
    """The difference of two AUROCs, its 95 % interval and two-sided p value."""

    difference: float
    lower: float
    upper: float
    p_value: float


@dataclass(frozen=True)
class PairedAurocs:
    """The difference of two AUROCs on the same patients, and its standard error."""

    difference: float
    error: float

    def bounds(self, level: float = 0.95) -> tuple[float, float]:
        """Return the interval, symmetric about the difference."""
        margin = NormalDist().inv_cdf(0.5 + level / 2.0) * self.error
        return self.difference - margin, self.difference + margin

    def p_value(self) -> float:
        """Return the two-sided p value; 1 for a difference of 0."""
        return math.erfc(abs(self.difference) / self.error / math.sqrt(2.0)) if self.difference else 1.0


def delong_test(
    outcome: ArrayLike, risk: ArrayLike, other_risk: ArrayLike, *, patients: ArrayLike | None = None
) -> DelongTest:
    """Compare the AUROCs of two risks on the same patients.

    The difference is AUROC(risk) - AUROC(other_risk); its variance is that of the paired placements, summed within
    patient where patients repeat (Obuchowski).

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk, other_risk : array_like, shape (n,)
        0 to 1.
    patients : array_like, shape (n,), optional
        The patient of each row; without it every row is a patient.

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
    DeLong ER et al. Biometrics 1988;44:837-845. Obuchowski NA. Biometrics 1997;53:567-578.

    Notes
    -----
    Checked against pROC 1.18.0 ``roc.test`` (06_proc.json, 1e-9).
    """
    rows, other = (checked_rows(outcome, one, patients=patients) for one in (risk, other_risk))
    found = paired_aurocs(rows, other)
    return DelongTest(found.difference, *found.bounds(), found.p_value())


def unpaired_delong_test(
    outcome: ArrayLike,
    risk: ArrayLike,
    other_outcome: ArrayLike,
    other_risk: ArrayLike,
    *,
    patients: ArrayLike | None = None,
    other_patients: ArrayLike | None = None,
) -> DelongTest:
    """Compare AUROCs on different patients, as of one model at two sites.

    The variance is the sum of both, and the reference distribution Student's t with Welch's degrees of freedom,
    counting patients.

    Parameters
    ----------
    outcome, risk : array_like, shape (n,)
        0 or 1, and 0 to 1.
    other_outcome, other_risk : array_like, shape (m,)
        Of the other patients.
    patients, other_patients : array_like, shape (n,) and (m,), optional
        The patient of each row, where patients repeat within a group. Nobody may be in both groups: whether names
        mean the same patient is not known here.

    Returns
    -------
    DelongTest
        ``difference`` (AUROC of the first group minus that of the other), ``lower``, ``upper`` (95 %), ``p_value``.

    Raises
    ------
    StatisticalRefusal
        ``S-FEW-EVENTS``, ``S-AUROC-BOUND``: the variance of an AUROC cannot be estimated.

    References
    ----------
    DeLong ER et al. Biometrics 1988;44:837-845. Welch BL. Biometrika 1947;34:28-35.

    Notes
    -----
    Checked against pROC 1.18.0 ``roc.test(paired = FALSE)`` (06_proc.json, 1e-9).
    """
    from scipy.special import stdtr, stdtrit

    groups = (
        checked_rows(outcome, risk, patients=patients),
        checked_rows(other_outcome, other_risk, patients=other_patients),
    )
    (area, variance), (other_area, other_variance) = map(area_and_variance, groups)
    total = variance + other_variance
    if total == 0.0:
        raise _without_variance(area - other_area)
    freedom = total**2 / sum(
        v**2 / (rows.patients - 1) for v, rows in zip((variance, other_variance), groups, strict=True)
    )
    difference, error = area - other_area, math.sqrt(total)
    margin = float(stdtrit(freedom, 0.975)) * error
    p_value = 2.0 * float(stdtr(freedom, -abs(difference) / error))
    return DelongTest(difference, difference - margin, difference + margin, p_value)


def paired_aurocs(rows: Rows, other: Rows) -> PairedAurocs:
    """Return the difference of two AUROCs on the same rows with its standard error (0 where they rank alike)."""
    apart = placements(rows) - placements(other)
    variance = variance_of_mean(apart, rows)
    difference = float(apart[rows.outcome == 1.0].mean())
    if variance < 0.0 or (variance == 0.0 and difference != 0.0):
        raise _without_variance(difference)
    return PairedAurocs(difference, math.sqrt(variance))


def _without_variance(difference: float) -> StatisticalRefusal:
    return StatisticalRefusal(
        "S-AUROC-BOUND",
        f"a difference of {difference:g} without variance",
        expected="some patients with the event ranked below others without it",
        to_fix="report it without an interval, and look for a predictor that holds the outcome",
    )
