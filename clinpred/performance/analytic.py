"""Intervals by formula, for patients of one row each."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from clinpred.errors import StatisticalRefusal, WrongUsage
from clinpred.performance.calibration import Coefficient, in_the_large, recalibration
from clinpred.performance.discrimination import delong_interval
from clinpred.performance.overall import log_losses, squared_errors
from clinpred.performance.rows import Array, Rows

_NORMAL_975 = 1.959963984540054

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Interval:
    """Bounds (None where there are none) and the method in words, or why there are no bounds."""

    bounds: Bounds | None
    method: str


@dataclass(frozen=True)
class _Formula:
    words: str
    bounds: Callable[[Rows], Bounds]


def analytic_interval(measure: str, rows: Rows, method: str | None) -> Interval | None:
    """Return the interval by the asked-for formula (None: the measure's first), or None where there is none.

    Raises
    ------
    WrongUsage
        ``E-METHOD``: the measure has no such formula.
    """
    formulas = _FORMULAS.get(measure, {})
    if method is not None and method not in formulas:
        raise WrongUsage(
            "E-METHOD",
            f"{measure} has no interval by {method!r}",
            expected=f"one of {', '.join([*formulas, 'bootstrap'])}",
            to_fix="leave the method out for the default",
        )
    if not formulas:
        return None
    formula = formulas[method if method is not None else next(iter(formulas))]
    try:
        return Interval(formula.bounds(rows), formula.words)
    except StatisticalRefusal as refusal:
        return Interval(None, f"{formula.words}; interval not estimable ({refusal.found})")


def _delong(rows: Rows, *, scale: str) -> Bounds:
    interval = delong_interval(rows, scale=scale)
    return interval.lower, interval.upper


def _wald(rows: Rows, *, coefficient: Callable[[Rows], Coefficient]) -> Bounds:
    fitted = coefficient(rows)
    margin = _NORMAL_975 * fitted.standard_error
    return fitted.value - margin, fitted.value + margin


def _robust_ratio(rows: Rows) -> Bounds:
    ratio = rows.events / float(rows.risk.sum())
    residual = rows.outcome - ratio * rows.risk
    return _on_log_scale(ratio, math.sqrt(float(residual @ residual)) / rows.events)


def _closed_form_ratio(rows: Rows) -> Bounds:
    prevalence = rows.events / rows.outcome.size
    return _on_log_scale(rows.events / float(rows.risk.sum()), math.sqrt((1.0 - prevalence) / rows.events))


def _mean_on_log_scale(rows: Rows, *, parts: Callable[[Rows], Array]) -> Bounds:
    values = parts(rows)
    mean = float(values.mean())
    if mean == 0.0:
        raise StatisticalRefusal(
            "S-NO-LOSS",
            "a loss of 0",
            expected="a loss above 0, for an interval on the log scale",
            to_fix="report the loss without an interval",
        )
    return _on_log_scale(mean, float(np.std(values, ddof=1)) / math.sqrt(values.size) / mean)


def _on_log_scale(value: float, error: float) -> Bounds:
    return value * math.exp(-_NORMAL_975 * error), value * math.exp(_NORMAL_975 * error)


def _loss(parts: Callable[[Rows], Array]) -> dict[str, _Formula]:
    words = "standard error of the mean loss, log scale"
    return {"standard_error": _Formula(words, partial(_mean_on_log_scale, parts=parts))}


def _coefficient(coefficient: Callable[[Rows], Coefficient]) -> dict[str, _Formula]:
    return {"wald": _Formula("Wald", partial(_wald, coefficient=coefficient))}


_FORMULAS: dict[str, dict[str, _Formula]] = {
    "auroc": {
        "delong_logit": _Formula("DeLong, logit scale", partial(_delong, scale="logit")),
        "delong_plain": _Formula("DeLong, plain scale", partial(_delong, scale="plain")),
    },
    "calibration_in_the_large": _coefficient(in_the_large),
    "calibration_intercept": _coefficient(lambda rows: recalibration(rows)["calibration_intercept"]),
    "calibration_slope": _coefficient(lambda rows: recalibration(rows)["calibration_slope"]),
    "observed_expected": {
        "robust": _Formula("robust standard error, log scale", _robust_ratio),
        "closed_form": _Formula("closed-form standard error, log scale", _closed_form_ratio),
    },
    "brier": _loss(squared_errors),
    "log_loss": _loss(log_losses),
}
