"""Rubin's rules: one estimate and one interval from those of several imputed data sets."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.performance.catalogue import measure_of
from clinpred.performance.intervals import Estimate
from clinpred.performance.measure import Scale
from clinpred.performance.rows import Array

_NORMAL_975 = 1.959963984540054


@dataclass(frozen=True)
class Pooled:
    """A pooled estimate with its 95 % interval.

    ``within``, ``between`` and ``total`` are variances on ``scale``; ``estimate``, ``lower`` and ``upper`` are on the
    measure's own. ``relative_increase`` is the variance that missing values add, relative to ``within``, and
    ``fraction_missing`` the fraction of information that they cost.
    """

    estimate: float
    lower: float
    upper: float
    within: float
    between: float
    total: float
    df: float
    relative_increase: float
    fraction_missing: float
    imputations: int
    scale: Scale = "plain"

    @property
    def standard_error(self) -> float:
        """The standard error on ``scale``."""
        return math.sqrt(self.total)


def pool(estimates: ArrayLike, variances: ArrayLike, *, complete_df: float | None = None) -> Pooled:
    """Pool one quantity over imputed data sets by Rubin's rules, with Barnard and Rubin's degrees of freedom.

    Parameters
    ----------
    estimates : array_like, shape (m,)
        Of the quantity, one from each of m ≥ 2 imputed data sets.
    variances : array_like, shape (m,)
        Their squared standard errors, 0 or above.
    complete_df : float, optional
        The degrees of freedom that the quantity would have without missing values, such as n - p; without it they are
        taken as infinite.

    Returns
    -------
    Pooled
        The mean, and its interval by Student's t. Where the estimates do not differ, nothing was lost to missing
        values: the interval is that of complete data.

    Raises
    ------
    InputRefused
        ``E-LENGTH``, ``E-NOT-FINITE``: the arrays are faulty. ``E-VARIANCE``: a variance is negative, or
        the degrees of freedom are not above 0.
    StatisticalRefusal
        ``S-IMPUTATIONS``: fewer than two imputed data sets. ``S-NO-VARIANCE``: every variance is 0.

    References
    ----------
    Rubin DB. Multiple Imputation for Nonresponse in Surveys. Wiley 1987. Barnard J, Rubin DB. Biometrika
    1999;86:948-955.

    Notes
    -----
    Checked against mice 3.15.0 ``pool``, ``pool.scalar`` (11_mice_rubin.json, 1e-9).

    Examples
    --------
    >>> pooled = pool([0.9, 1.1], [0.04, 0.04])
    >>> round(pooled.estimate, 6), round(pooled.total, 6)
    (1.0, 0.07)
    """
    found, squared = _checked(estimates, variances, complete_df)
    return _pooled(found, squared, math.inf if complete_df is None else complete_df, "plain")


def pool_measure(
    measure: str, estimates: ArrayLike, standard_errors: ArrayLike, *, complete_df: float | None = None
) -> Pooled:
    """Pool a measure over imputed data sets, on the scale on which it is nearest to normal.

    The scale is the catalogue's: log odds for shares and the AUROC, the logarithm for O:E and losses, artanh of the
    square root for R², else the measure as it is. Standard errors are brought there by the delta method, and the
    estimate and its bounds back.

    Parameters
    ----------
    measure : str
        A key of the catalogue, or one at a threshold, such as ``"sensitivity:0.1"``.
    estimates : array_like, shape (m,)
        Of the measure as it is, one from each of m ≥ 2 imputed data sets.
    standard_errors : array_like, shape (m,)
        Of the measure as it is.
    complete_df : float, optional
        As for ``pool``.

    Returns
    -------
    Pooled
        ``estimate``, ``lower`` and ``upper`` of the measure as it is; variances and ``df`` on ``scale``.

    Raises
    ------
    InputRefused
        As ``pool``. ``E-VARIANCE``: a standard error is negative.
    StatisticalRefusal
        As ``pool``. ``S-SCALE``: estimates that the scale does not hold, such as an AUROC of 1 or an R² below 0.
    WrongUsage
        ``E-MEASURE``: no measure is called so.

    References
    ----------
    Marshall A et al. BMC Med Res Methodol 2009;9:57. Harel O. J Appl Stat 2009;36:1109-1118 (R²).

    Notes
    -----
    Checked by its identities: on the plain scale it is ``pool``, and transforming by hand gives the same.

    Examples
    --------
    >>> round(pool_measure("auroc", [0.80, 0.82, 0.81], [0.02, 0.02, 0.02]).estimate, 4)
    0.8101
    """
    scale = measure_of(measure).scale
    found, errors = _checked(estimates, standard_errors, complete_df)
    there, back, slope = _SCALES[scale]
    _refuse_beyond(found, scale)
    df = math.inf if complete_df is None else complete_df
    pooled = _pooled(there(found), (slope(found) * errors) ** 2, df, scale)
    estimate, lower, upper = back(np.array([pooled.estimate, pooled.lower, pooled.upper])).tolist()
    return replace(pooled, estimate=estimate, lower=lower, upper=upper)


def pool_intervals(measure: str, intervals: Sequence[Estimate]) -> Pooled:
    """Pool a measure over imputed data sets from its estimates with intervals, as ``estimate`` returns them.

    Their standard errors are half the intervals' width on the scale of ``pool_measure``, over 1.96.

    Parameters
    ----------
    measure : str
        A key of the catalogue.
    intervals : sequence of Estimate
        One from each of m ≥ 2 imputed data sets, by a formula that is symmetric on that scale: the default of the
        AUROC, of O:E and of calibration's slope and intercept.

    Raises
    ------
    InputRefused
        As ``pool``.
    StatisticalRefusal
        As ``pool_measure``; ``S-NO-VARIANCE`` too where an estimate or its interval could not be had.
    """
    there, back, _ = _SCALES[measure_of(measure).scale]
    lacking = [one for one in intervals if one.estimate is None or one.lower is None]
    if lacking:
        raise StatisticalRefusal(
            "S-NO-VARIANCE",
            f"{len(lacking)} of {len(intervals)} imputed data sets without an estimate and its interval",
            expected="an estimate with its interval from every imputed data set",
            to_fix="report why it could not be had; do not leave the data set out",
        )
    estimates, lower, upper = np.array([[one.estimate, one.lower, one.upper] for one in intervals]).T
    _refuse_beyond(estimates, measure_of(measure).scale)
    errors = (there(upper) - there(lower)) / (2.0 * _NORMAL_975)
    pooled = _pooled(*_checked(there(estimates), errors**2, None), math.inf, measure_of(measure).scale)
    estimate, low, high = back(np.array([pooled.estimate, pooled.lower, pooled.upper])).tolist()
    return replace(pooled, estimate=estimate, lower=low, upper=high)


_SCALES: dict[Scale, tuple[Callable[[Array], Array], Callable[[Array], Array], Callable[[Array], Array]]] = {
    "plain": (lambda x: x, lambda z: z, np.ones_like),
    "logit": (
        lambda x: np.log(x) - np.log1p(-x),
        lambda z: np.exp(-np.logaddexp(0.0, -z)),
        lambda x: 1.0 / (x * (1.0 - x)),
    ),
    "log": (np.log, np.exp, lambda x: 1.0 / x),
    "fisher": (
        lambda x: np.arctanh(np.sqrt(x)),
        lambda z: np.sign(z) * np.tanh(z) ** 2,
        lambda x: 1.0 / (2.0 * np.sqrt(x) * (1.0 - x)),
    ),
}
_WITHIN: dict[Scale, tuple[float, float]] = {
    "plain": (-math.inf, math.inf),
    "logit": (0.0, 1.0),
    "log": (0.0, math.inf),
    "fisher": (0.0, 1.0),
}


def _pooled(estimates: Array, variances: Array, complete_df: float, scale: Scale) -> Pooled:
    m = estimates.size
    within, between = float(variances.mean()), float(np.var(estimates, ddof=1))
    if within == 0.0:
        raise StatisticalRefusal(
            "S-NO-VARIANCE",
            f"a variance of 0 in each of {m} imputed data sets",
            expected="estimates with a variance in every imputed data set",
            to_fix="hand in the squared standard errors; report the estimates without a pooled interval",
        )
    added = (1.0 + 1.0 / m) * between
    total = within + added
    df = _barnard_rubin(m, added / total, complete_df)
    increase = added / within
    missing = (increase + 2.0 / (df + 3.0)) / (increase + 1.0)
    estimate, margin = float(estimates.mean()), _t_975(df) * math.sqrt(total)
    return Pooled(
        estimate, estimate - margin, estimate + margin, within, between, total, df, increase, missing, m, scale
    )


def _barnard_rubin(imputations: int, share_missing: float, complete_df: float) -> float:
    squared = share_missing**2
    of_imputations = (imputations - 1) / squared if squared > 0.0 else math.inf
    if math.isinf(complete_df):
        return of_imputations
    observed = (complete_df + 1.0) / (complete_df + 3.0) * complete_df * (1.0 - share_missing)
    return 1.0 / (1.0 / of_imputations + 1.0 / observed)


def _t_975(df: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.975))


def _checked(estimates: ArrayLike, spreads: ArrayLike, complete_df: float | None) -> tuple[Array, Array]:
    found, spread = _numbers(estimates), _numbers(spreads)
    if found.shape != spread.shape or found.ndim != 1:
        raise InputRefused(
            "E-LENGTH",
            f"estimates of shape {found.shape}, variances or standard errors of shape {spread.shape}",
            expected="one of each from every imputed data set",
            to_fix="hand in one-dimensional arrays of the same length",
        )
    _refuse_negative(spread, complete_df)
    if found.size < 2:
        raise StatisticalRefusal(
            "S-IMPUTATIONS",
            f"{found.size} imputed data set{'' if found.size == 1 else 's'}",
            expected="two or more: one does not tell what missing values cost",
            to_fix="impute more often, or report the one data set without pooling",
        )
    return found, spread


def _refuse_negative(spread: Array, complete_df: float | None) -> None:
    negative = int(np.sum(spread < 0.0))
    if negative:
        raise InputRefused(
            "E-VARIANCE",
            f"{negative} of {spread.size} variances or standard errors below 0",
            expected="variances of 0 or above",
            to_fix="correct them; check the order (estimates, variances)",
        )
    if complete_df is not None and not complete_df > 0.0:
        raise InputRefused(
            "E-VARIANCE",
            f"{complete_df:g} degrees of freedom of the complete data",
            expected="more than 0, such as patients less parameters",
            to_fix="correct complete_df, or leave it out for a large sample",
        )


def _numbers(values: ArrayLike) -> Array:
    array = np.asarray(values, dtype=np.float64)
    missing = int(np.sum(~np.isfinite(array)))
    if missing:
        raise InputRefused(
            "E-NOT-FINITE",
            f"{missing} of {array.size} estimates, variances or standard errors missing or infinite",
            expected="finite numbers from every imputed data set",
            to_fix="find out why an imputed data set has none; do not leave it out",
        )
    return array


def _refuse_beyond(estimates: Array, scale: Scale) -> None:
    lowest, highest = _WITHIN[scale]
    beyond = int(np.sum((estimates <= lowest) | (estimates >= highest)))
    if beyond:
        raise StatisticalRefusal(
            "S-SCALE",
            f"{beyond} of {estimates.size} estimates not between {lowest:g} and {highest:g}",
            expected=f"estimates that the {scale} scale holds, on which the measure is pooled",
            to_fix="pool them as they are by `pool`, with their variances, and say so",
        )
