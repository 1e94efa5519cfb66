"""Overall performance: how far the risks are from what happened."""

import numpy as np
from numpy.typing import ArrayLike

from clinpred.performance.rows import Array, Rows, Weighted, checked_rows
from clinpred.performance.weighted import single, weighted_ratio


def log_loss(outcome: ArrayLike, risk: ArrayLike, *, linear_predictor: ArrayLike | None = None) -> float:
    """Return the mean of -log(risk) over patients with the event and -log(1 - risk) over those without.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1; strictly between them where ``linear_predictor`` is not given.
    linear_predictor : array_like, shape (n,), optional
        The float64 log odds of the risks; with them the loss is finite at any risk.

    Returns
    -------
    float
        0 is ideal, log 2 = .693 is a risk of one half for everybody.

    Raises
    ------
    StatisticalRefusal
        ``S-RISK-BOUND``: risks of exactly 0 or 1 without their linear predictor.

    References
    ----------
    Good IJ. J R Stat Soc B 1952;14:107-114.

    Notes
    -----
    Checked against MLmetrics ``LogLoss`` (14_auprc_hl_brier.json, 1e-12).

    Examples
    --------
    >>> round(log_loss([0, 1], [0.5, 0.5]), 6)
    0.693147
    """
    return _logarithmic(outcome, risk, linear_predictor, "log_loss")


def brier_score(outcome: ArrayLike, risk: ArrayLike) -> float:
    """Return the mean of (risk - outcome)².

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    risk : array_like, shape (n,)
        0 to 1.

    Returns
    -------
    float
        0 to 1; 0 is ideal. Its size depends on the prevalence: see ``scaled_brier_score``.

    References
    ----------
    Brier GW. Mon Weather Rev 1950;78:1-3.

    Notes
    -----
    Checked against riskRegression 2022.11.28 (14_auprc_hl_brier.json, 1e-12).

    Examples
    --------
    >>> brier_score([0, 1], [0.5, 0.5])
    0.25
    """
    return single(prepare_brier, checked_rows(outcome, risk), "brier")


def scaled_brier_score(outcome: ArrayLike, risk: ArrayLike) -> float:
    """Return 1 - Brier / (φ(1 - φ)), φ being the prevalence of the same patients: the index of prediction accuracy.

    Parameters
    ----------
    outcome, risk : array_like, shape (n,)
        As for ``brier_score``.

    Returns
    -------
    float
        1 is ideal, 0 is no better than the prevalence for everybody, below 0 is worse.

    References
    ----------
    Kattan MW, Gerds TA. Diagn Progn Res 2018;2:7.

    Notes
    -----
    Checked against riskRegression 2022.11.28 ``Score(summary = "ipa")`` (14_auprc_hl_brier.json, 1e-12).

    Examples
    --------
    >>> scaled_brier_score([0, 1], [0.5, 0.5])
    0.0
    """
    return single(prepare_brier, checked_rows(outcome, risk), "scaled_brier")


def cox_snell_r2(outcome: ArrayLike, risk: ArrayLike, *, linear_predictor: ArrayLike | None = None) -> float:
    """Return 1 - exp(2 (log loss - log loss of the prevalence)), the risks taken as they are.

    Parameters
    ----------
    outcome, risk, linear_predictor
        As for ``log_loss``.

    Returns
    -------
    float
        0 is no better than the prevalence for everybody, below 0 is worse; the maximum is below 1.

    Raises
    ------
    StatisticalRefusal
        ``S-RISK-BOUND``: risks of exactly 0 or 1 without their linear predictor.

    References
    ----------
    Cox DR, Snell EJ. Analysis of Binary Data, 2nd ed. Chapman and Hall 1989.

    Notes
    -----
    Checked against performance ``r2_coxsnell`` (13_r2_ipa.json, 1e-6).
    """
    return _logarithmic(outcome, risk, linear_predictor, "cox_snell_r2")


def nagelkerke_r2(outcome: ArrayLike, risk: ArrayLike, *, linear_predictor: ArrayLike | None = None) -> float:
    """Return the Cox-Snell R² over its maximum 1 - exp(-2 log loss of the prevalence), the risks taken as they are.

    Parameters
    ----------
    outcome, risk, linear_predictor
        As for ``log_loss``.

    Returns
    -------
    float
        1 is ideal, 0 is no better than the prevalence for everybody, below 0 is worse.

    Raises
    ------
    StatisticalRefusal
        ``S-RISK-BOUND``: risks of exactly 0 or 1 without their linear predictor.

    References
    ----------
    Nagelkerke NJD. Biometrika 1991;78:691-692.

    Notes
    -----
    Checked against rms 6.5-0 ``val.prob`` R2 and performance ``r2_nagelkerke`` (04_val_prob.json,
    13_r2_ipa.json, 1e-6).
    """
    return _logarithmic(outcome, risk, linear_predictor, "nagelkerke_r2")


def squared_errors(rows: Rows) -> Array:
    """Return each row's part of the Brier score."""
    return (rows.risk - rows.outcome) ** 2


def log_losses(rows: Rows) -> Array:
    """Return each row's part of the log loss: from the linear predictor where there is one, else from the risk."""
    if rows.linear_predictor is not None:
        return np.logaddexp(0.0, np.where(rows.outcome == 1.0, -rows.linear_predictor, rows.linear_predictor))
    rows.refuse_bounds()
    return np.where(rows.outcome == 1.0, -np.log(rows.risk), -np.log1p(-rows.risk))


def prepare_brier(rows: Rows) -> Weighted:
    """Average the squared errors, and scale them by those of the prevalence."""
    columns = np.column_stack([np.ones(rows.outcome.size), rows.outcome, squared_errors(rows)])

    def under(weights: Array) -> dict[str, Array]:
        total, events, error = (weights @ columns).T
        prevalence, brier = weighted_ratio(events, total), weighted_ratio(error, total)
        return {"brier": brier, "scaled_brier": 1.0 - weighted_ratio(brier, prevalence * (1.0 - prevalence))}

    return under


def prepare_logarithmic(rows: Rows) -> Weighted:
    """Average the log losses, and compare them with those of the prevalence."""
    columns = np.column_stack([np.ones(rows.outcome.size), rows.outcome, log_losses(rows)])

    def under(weights: Array) -> dict[str, Array]:
        total, events, loss = (weights @ columns).T
        log_likelihood = -weighted_ratio(loss, total)
        null = _null_log_likelihood(weighted_ratio(events, total))
        with np.errstate(over="ignore"):
            cox_snell = -np.expm1(2.0 * (null - log_likelihood))
        nagelkerke = weighted_ratio(cox_snell, -np.expm1(2.0 * null))
        return {"log_loss": -log_likelihood, "cox_snell_r2": cox_snell, "nagelkerke_r2": nagelkerke}

    return under


def _logarithmic(outcome: ArrayLike, risk: ArrayLike, linear_predictor: ArrayLike | None, key: str) -> float:
    return single(prepare_logarithmic, checked_rows(outcome, risk, linear_predictor=linear_predictor), key)


def _null_log_likelihood(prevalence: Array) -> Array:
    shares = np.stack([prevalence, 1.0 - prevalence])
    # x log x is 0 at 0: a replicate of one class
    logarithms = np.log(shares, out=np.zeros_like(shares), where=shares > 0.0)
    return np.asarray(np.sum(shares * logarithms, axis=0))
