"""Mean and weak calibration: whether the risks are right on the whole, and spread as they should be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from clinpred.errors import StatisticalRefusal
from clinpred.performance.newton import LogisticFits, fit_logistic
from clinpred.performance.rows import Array, Rows, Weighted, checked_rows
from clinpred.performance.weighted import found_or_refused, single, weighted_ratio

_CONSTANT = 1e-9


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of a logistic fit and its model-based standard error."""

    value: float
    standard_error: float


def calibration_in_the_large(
    outcome: ArrayLike, risk: ArrayLike, *, linear_predictor: ArrayLike | None = None
) -> float:
    """Return a in logit P(y) = a + lp, with lp = logit(risk) as an offset.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1; strictly between them where ``linear_predictor`` is not given.
    linear_predictor : array_like, shape (n,), optional
        The float64 log odds of the risks.

    Returns
    -------
    float
        0 is ideal; above 0 the risks are too low on the whole, below 0 too high.

    Raises
    ------
    StatisticalRefusal
        ``S-RISK-BOUND``: risks of exactly 0 or 1 without their linear predictor.

    References
    ----------
    Van Calster B et al. J Clin Epidemiol 2016;74:167-176.

    Notes
    -----
    Checked against R 4.2.2 ``glm(y ~ offset(qlogis(p)), binomial)`` (04_val_prob.json, 1e-6).
    """
    return single(
        prepare_in_the_large,
        checked_rows(outcome, risk, linear_predictor=linear_predictor),
        "calibration_in_the_large",
    )


def calibration_intercept(outcome: ArrayLike, risk: ArrayLike, *, linear_predictor: ArrayLike | None = None) -> float:
    """Return a' of the joint fit logit P(y) = a' + b lp: rms's "Intercept", not calibration in the large.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1; strictly between them where ``linear_predictor`` is not given.
    linear_predictor : array_like, shape (n,), optional
        The float64 log odds of the risks.

    Returns
    -------
    float
        0 is ideal, beside a slope of 1.

    Raises
    ------
    StatisticalRefusal
        As ``calibration_slope``.

    References
    ----------
    Cox DR. Biometrika 1958;45:562-565.

    Notes
    -----
    Checked against rms 6.5-0 ``val.prob`` (04_val_prob.json, 1e-6).
    """
    return single(
        prepare_recalibration,
        checked_rows(outcome, risk, linear_predictor=linear_predictor),
        "calibration_intercept",
    )


def calibration_slope(outcome: ArrayLike, risk: ArrayLike, *, linear_predictor: ArrayLike | None = None) -> float:
    """Return b of the joint fit logit P(y) = a' + b lp, by unpenalised maximum likelihood.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1; strictly between them where ``linear_predictor`` is not given.
    linear_predictor : array_like, shape (n,), optional
        The float64 log odds of the risks.

    Returns
    -------
    float
        1 is ideal; below 1 the risks are too extreme, above 1 not extreme enough.

    Raises
    ------
    StatisticalRefusal
        ``S-RISK-BOUND``: risks of exactly 0 or 1 without their linear predictor. ``S-CONSTANT-RISK``: every risk
        is the same. ``S-NOT-CONVERGED``: the risk separates the outcomes, and the slope is infinite.

    References
    ----------
    Cox DR. Biometrika 1958;45:562-565.

    Notes
    -----
    Checked against rms 6.5-0 ``val.prob`` and R 4.2.2 ``glm`` (04_val_prob.json, 1e-6).

    Examples
    --------
    >>> round(calibration_slope([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.7, 0.9]), 4)
    1.1233
    """
    return single(
        prepare_recalibration,
        checked_rows(outcome, risk, linear_predictor=linear_predictor),
        "calibration_slope",
    )


def observed_expected_ratio(outcome: ArrayLike, risk: ArrayLike) -> float:
    """Return Σ outcome / Σ risk: the events that happened for each one that was expected.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1.

    Returns
    -------
    float
        1 is ideal; above 1 the risks are too low on the whole, below 1 too high.

    Raises
    ------
    StatisticalRefusal
        ``S-RISK-BOUND``: every risk is 0.

    References
    ----------
    Debray TPA et al. Stat Methods Med Res 2019;28:2768-2786.

    Notes
    -----
    Checked against R 4.2.2 (04_val_prob.json, 1e-12).

    Examples
    --------
    >>> observed_expected_ratio([0, 0, 1, 1], [0.25, 0.25, 0.25, 0.25])
    2.0
    """
    return single(prepare_observed_expected, checked_rows(outcome, risk), "observed_expected")


def prepare_in_the_large(rows: Rows) -> Weighted:
    """Fit the intercept beside the linear predictor as an offset."""
    log_odds, ones = rows.log_odds(), np.ones((rows.outcome.size, 1))
    start = converged_start(ones, rows, offset=log_odds)

    def under(weights: Array) -> dict[str, Array]:
        fits = fit_logistic(ones, rows.outcome, weights, offset=log_odds, start=start)
        return {"calibration_in_the_large": fits.coefficients[:, 0]}

    return under


def prepare_recalibration(rows: Rows) -> Weighted:
    """Fit intercept and slope together; every weighting starts from the fit of the rows themselves."""
    design = np.column_stack([np.ones(rows.outcome.size), varying_log_odds(rows)])
    start = converged_start(design, rows)

    def under(weights: Array) -> dict[str, Array]:
        intercept, slope = fit_logistic(design, rows.outcome, weights, start=start).coefficients.T
        return {"calibration_intercept": intercept, "calibration_slope": slope}

    return under


def prepare_observed_expected(rows: Rows) -> Weighted:
    """Divide the weighted events by the weighted risks, which may not all be 0."""
    if not rows.risk.any():
        rows.refuse_bounds()
    columns = np.column_stack([rows.outcome, rows.risk])

    def under(weights: Array) -> dict[str, Array]:
        observed, expected = (weights @ columns).T
        return {"observed_expected": weighted_ratio(observed, expected)}

    return under


def recalibration(rows: Rows) -> dict[str, Coefficient]:
    """Return the three coefficients of recalibration with their model-based standard errors.

    Calibration in the large stands for itself; intercept and slope come from the joint fit.
    """
    both = np.column_stack([np.ones(rows.outcome.size), varying_log_odds(rows)])
    return dict(zip(("calibration_intercept", "calibration_slope"), _coefficients(_fit(both, rows)), strict=True))


def in_the_large(rows: Rows) -> Coefficient:
    """Return calibration in the large with its model-based standard error."""
    return _coefficients(_fit(np.ones((rows.outcome.size, 1)), rows, offset=rows.log_odds()))[0]


def varying_log_odds(rows: Rows) -> Array:
    """Return the linear predictor, and refuse one that is the same in every row."""
    log_odds = rows.log_odds()
    refuse_constant(log_odds)
    return log_odds


def is_constant(values: Array) -> bool:
    """Whether risks, or their linear predictors, are the same in every row."""
    return bool(np.ptp(values) <= _CONSTANT * max(1.0, float(np.abs(values).max())))


def refuse_constant(values: Array) -> None:
    """Refuse risks, or their linear predictors, that are the same in every row."""
    if is_constant(values):
        raise StatisticalRefusal(
            "S-CONSTANT-RISK",
            "the same risk in every row",
            expected="risks that differ between patients",
            to_fix="judge a constant risk by calibration in the large and O:E",
        )


def converged_start(design: Array, rows: Rows, *, offset: Array | None = None) -> Array:
    """Return the coefficients of the rows as they are, or refuse where they have no maximum."""
    coefficients: Array = _fit(design, rows, offset=offset).coefficients[0]
    found_or_refused(float(coefficients[0]))
    return coefficients


def _fit(design: Array, rows: Rows, *, offset: Array | None = None) -> LogisticFits:
    return fit_logistic(design, rows.outcome, np.ones((1, rows.outcome.size)), offset=offset)


def _coefficients(fits: LogisticFits) -> list[Coefficient]:
    found_or_refused(float(fits.coefficients[0, 0]))
    errors = np.sqrt(np.diag(np.linalg.inv(fits.information[0])))
    return [Coefficient(float(value), float(error)) for value, error in zip(fits.coefficients[0], errors, strict=True)]
