"""Intervals by formula, of single rows or summed within patient where patients repeat."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from clinpred.errors import StatisticalRefusal, WrongUsage
from clinpred.performance.calibration import Coefficient, in_the_large, recalibration
from clinpred.performance.discrimination import delong_interval
from clinpred.performance.overall import log_losses, squared_errors
from clinpred.performance.patient_sums import patient_sums, small_sample_factor
from clinpred.performance.profile import profile_bounds
from clinpred.performance.rows import Array, Rows
from clinpred.performance.sandwich import robust_in_the_large, robust_recalibration

_NORMAL_975 = 1.959963984540054

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Interval:
    """Bounds (None where there are none) and the method in words, or why there are no bounds."""

    bounds: Bounds | None
    method: str


@dataclass(frozen=True)
class _Formula:
    """``words`` where every patient has one row; ``clustered`` where patients repeat, None where it does not hold."""

    words: str
    bounds: Callable[[Rows], Bounds]
    clustered: str | None = None


def analytic_interval(measure: str, rows: Rows, method: str | None) -> Interval | None:
    """Return the interval by the asked-for formula, or None where the measure has none.

    Without a method it is the first formula of the measure that holds for these rows.

    Raises
    ------
    WrongUsage
        ``E-METHOD``: the measure has no such formula, or it does not hold where patients repeat.
    """
    formulas = _FORMULAS.get(measure, {})
    holding = {name: words for name, formula in formulas.items() if (words := _words(formula, rows)) is not None}
    if method is None and not holding:
        return None
    chosen = method if method is not None else next(iter(holding))
    if chosen not in holding:
        raise _no_formula(measure, chosen, list(holding), rows)
    try:
        return Interval(formulas[chosen].bounds(rows), holding[chosen])
    except StatisticalRefusal as refusal:
        return Interval(None, f"{holding[chosen]}; interval not estimable ({refusal.found})")


def _words(formula: _Formula, rows: Rows) -> str | None:
    return formula.words if rows.one_row_a_patient else formula.clustered


def _no_formula(measure: str, method: str, holding: list[str], rows: Rows) -> WrongUsage:
    repeat = "" if rows.one_row_a_patient else f" where {rows.outcome.size} rows belong to {rows.patients} patients"
    return WrongUsage(
        "E-METHOD",
        f"{measure} has no interval by {method!r}{repeat}",
        expected=f"one of {', '.join([*holding, 'bootstrap', 'bca'])}",
        to_fix="leave the method out for the default",
    )


def _delong(rows: Rows, *, scale: str) -> Bounds:
    interval = delong_interval(rows, scale=scale)
    return interval.lower, interval.upper


def _wald(rows: Rows, *, coefficient: Callable[[Rows], Coefficient]) -> Bounds:
    fitted = coefficient(rows)
    margin = _NORMAL_975 * fitted.standard_error
    return fitted.value - margin, fitted.value + margin


def _robust_ratio(rows: Rows) -> Bounds:
    ratio = rows.events / float(rows.risk.sum())
    residual = patient_sums(rows.outcome - ratio * rows.risk, rows)
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
    apart = patient_sums(values - mean, rows)
    error = math.sqrt(small_sample_factor(rows) * float(apart @ apart)) / values.size
    return _on_log_scale(mean, error / mean)


def _on_log_scale(value: float, error: float) -> Bounds:
    return value * math.exp(-_NORMAL_975 * error), value * math.exp(_NORMAL_975 * error)


def _loss(parts: Callable[[Rows], Array]) -> dict[str, _Formula]:
    words = "standard error of the mean loss{}, log scale"
    bounds = partial(_mean_on_log_scale, parts=parts)
    return {"standard_error": _Formula(words.format(""), bounds, words.format(", summed within patient"))}


def _coefficient(
    coefficient: Callable[[Rows], Coefficient], robust: Callable[[Rows], Coefficient]
) -> dict[str, _Formula]:
    return {
        "wald": _Formula("Wald", partial(_wald, coefficient=coefficient)),
        "sandwich": _Formula("Wald, sandwich", partial(_wald, coefficient=robust), "Wald, sandwich by patient"),
    }


def _of_joint_fit(key: str) -> dict[str, _Formula]:
    return _coefficient(lambda rows: recalibration(rows)[key], lambda rows: robust_recalibration(rows)[key])


def _area(scale: str) -> _Formula:
    clustered = f"DeLong, clustered by patient (Obuchowski), {scale} scale"
    return _Formula(f"DeLong, {scale} scale", partial(_delong, scale=scale), clustered)


_FORMULAS: dict[str, dict[str, _Formula]] = {
    "auroc": {"delong_logit": _area("logit"), "delong_plain": _area("plain")},
    "calibration_in_the_large": _coefficient(in_the_large, robust_in_the_large),
    "calibration_intercept": _of_joint_fit("calibration_intercept"),
    "calibration_slope": {
        **_of_joint_fit("calibration_slope"),
        "profile": _Formula("profile likelihood", profile_bounds),
    },
    "observed_expected": {
        "robust": _Formula(
            "robust standard error, log scale",
            _robust_ratio,
            "robust standard error, summed within patient, log scale",
        ),
        "closed_form": _Formula("closed-form standard error, log scale", _closed_form_ratio),
    },
    "brier": _loss(squared_errors),
    "log_loss": _loss(log_losses),
}
