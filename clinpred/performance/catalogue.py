"""Every measure: what it is called, how it is defined, which way is better, and who computes it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from clinpred.errors import WrongUsage
from clinpred.performance.calibration import (
    calibration_in_the_large,
    calibration_intercept,
    calibration_slope,
    observed_expected_ratio,
    prepare_in_the_large,
    prepare_observed_expected,
    prepare_recalibration,
)
from clinpred.performance.discrimination import auroc, prepare_auroc
from clinpred.performance.flexible_calibration import e50, e90, emax, integrated_calibration_index, prepare_distances
from clinpred.performance.net_benefit import net_benefit, net_benefit_key, prepare_net_benefit
from clinpred.performance.overall import (
    brier_score,
    cox_snell_r2,
    log_loss,
    nagelkerke_r2,
    prepare_brier,
    prepare_logarithmic,
    scaled_brier_score,
)
from clinpred.performance.weighted import Prepare

_NET_BENEFIT = "net_benefit"


@dataclass(frozen=True)
class Measure:
    """One measure. ``lowest`` and ``highest`` bound it (None: unbounded); ``ideal`` is what a perfect risk has."""

    key: str
    title: str
    definition: str
    direction: Literal["higher", "lower", "nearer the ideal"]
    ideal: float | None
    lowest: float | None
    highest: float | None
    reference: str
    function: Callable[..., float]
    needs_logit: bool


_DEFINED = (
    Measure(
        "auroc",
        "AUROC",
        "P(risk with the event > risk without) + ½ P(tie)",
        "higher",
        1.0,
        0.0,
        1.0,
        "Hanley and McNeil 1982",
        auroc,
        needs_logit=False,
    ),
    Measure(
        "calibration_in_the_large",
        "Calibration in the large",
        "a in logit P(y) = a + offset(logit risk)",
        "nearer the ideal",
        0.0,
        None,
        None,
        "Van Calster et al. 2016",
        calibration_in_the_large,
        needs_logit=True,
    ),
    Measure(
        "calibration_intercept",
        "Calibration intercept (joint)",
        "a' in logit P(y) = a' + b logit risk",
        "nearer the ideal",
        0.0,
        None,
        None,
        "Cox 1958",
        calibration_intercept,
        needs_logit=True,
    ),
    Measure(
        "calibration_slope",
        "Calibration slope",
        "b in logit P(y) = a' + b logit risk, unpenalised",
        "nearer the ideal",
        1.0,
        None,
        None,
        "Cox 1958",
        calibration_slope,
        needs_logit=True,
    ),
    Measure(
        "observed_expected",
        "Observed : expected",
        "Σ outcome / Σ risk",
        "nearer the ideal",
        1.0,
        0.0,
        None,
        "Debray et al. 2019",
        observed_expected_ratio,
        needs_logit=False,
    ),
    Measure(
        "ici",
        "ICI",
        "mean over patients of |flexible curve - risk|",
        "lower",
        0.0,
        0.0,
        1.0,
        "Austin and Steyerberg 2019",
        integrated_calibration_index,
        needs_logit=True,
    ),
    Measure(
        "e50",
        "E50",
        "median over patients of |flexible curve - risk|",
        "lower",
        0.0,
        0.0,
        1.0,
        "Austin and Steyerberg 2019",
        e50,
        needs_logit=True,
    ),
    Measure(
        "e90",
        "E90",
        "90th percentile over patients of |flexible curve - risk|",
        "lower",
        0.0,
        0.0,
        1.0,
        "Austin and Steyerberg 2019",
        e90,
        needs_logit=True,
    ),
    Measure(
        "emax",
        "Emax",
        "maximum over patients of |flexible curve - risk|",
        "lower",
        0.0,
        0.0,
        1.0,
        "Austin and Steyerberg 2019",
        emax,
        needs_logit=True,
    ),
    Measure(
        "brier",
        "Brier score",
        "mean of (risk - outcome)²",
        "lower",
        0.0,
        0.0,
        1.0,
        "Brier 1950",
        brier_score,
        needs_logit=False,
    ),
    Measure(
        "scaled_brier",
        "Scaled Brier score",
        "1 - Brier / (prevalence (1 - prevalence))",
        "higher",
        1.0,
        None,
        1.0,
        "Kattan and Gerds 2018",
        scaled_brier_score,
        needs_logit=False,
    ),
    Measure(
        "log_loss",
        "Log loss",
        "mean of -log(risk of what happened)",
        "lower",
        0.0,
        0.0,
        None,
        "Good 1952",
        log_loss,
        needs_logit=True,
    ),
    Measure(
        "cox_snell_r2",
        "Cox-Snell R²",
        "1 - exp(2 (log loss - log loss of the prevalence))",
        "higher",
        None,
        None,
        1.0,
        "Cox and Snell 1989",
        cox_snell_r2,
        needs_logit=True,
    ),
    Measure(
        "nagelkerke_r2",
        "Nagelkerke R²",
        "Cox-Snell R² / its maximum",
        "higher",
        1.0,
        None,
        1.0,
        "Nagelkerke 1991",
        nagelkerke_r2,
        needs_logit=True,
    ),
    Measure(
        _NET_BENEFIT,
        "Net benefit",
        "TP/n - FP/n × t/(1 - t), positive where risk ≥ t",
        "higher",
        None,
        None,
        1.0,
        "Vickers and Elkin 2006",
        net_benefit,
        needs_logit=False,
    ),
)
CATALOGUE = {measure.key: measure for measure in _DEFINED}
"""Every measure by its key; the net benefit is asked for by threshold, as ``"net_benefit:0.1"``."""

ALWAYS_REPORTED = tuple(key for key in CATALOGUE if key != _NET_BENEFIT)
"""The measures that need no threshold, in the order of ``results.json``."""

_FAMILIES: dict[str, Prepare] = {
    "auroc": prepare_auroc,
    "calibration_in_the_large": prepare_in_the_large,
    "calibration_intercept": prepare_recalibration,
    "calibration_slope": prepare_recalibration,
    "observed_expected": prepare_observed_expected,
    "ici": prepare_distances,
    "e50": prepare_distances,
    "e90": prepare_distances,
    "emax": prepare_distances,
    "brier": prepare_brier,
    "scaled_brier": prepare_brier,
    "log_loss": prepare_logarithmic,
    "cox_snell_r2": prepare_logarithmic,
    "nagelkerke_r2": prepare_logarithmic,
}


def families(measures: Iterable[str]) -> dict[Prepare, list[str]]:
    """Return which computation gives which of the measures: those that share a fit or a sum share a computation.

    Raises
    ------
    WrongUsage
        ``E-MEASURE``: a measure is unknown.
    """
    shared: dict[Prepare, list[str]] = {}
    thresholds: dict[str, float] = {}
    for key in measures:
        if key.startswith(f"{_NET_BENEFIT}:"):
            thresholds[key] = _threshold(key)
        else:
            shared.setdefault(_family(key), []).append(key)
    if thresholds:
        shared[partial(prepare_net_benefit, thresholds=tuple(thresholds.values()))] = list(thresholds)
    return shared


def _family(key: str) -> Prepare:
    if key not in _FAMILIES:
        raise _unknown(key)
    return _FAMILIES[key]


def _threshold(key: str) -> float:
    try:
        threshold = float(key.removeprefix(f"{_NET_BENEFIT}:"))
    except ValueError:
        raise _unknown(key) from None
    if net_benefit_key(threshold) != key:
        raise _unknown(key)
    return threshold


def _unknown(key: str) -> WrongUsage:
    return WrongUsage(
        "E-MEASURE",
        f"no measure is called {key!r}",
        expected=f"one of {', '.join(ALWAYS_REPORTED)}, or a net benefit such as {net_benefit_key(0.1)}",
        to_fix="correct the name",
    )
