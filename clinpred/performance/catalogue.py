"""Every measure: what it is called, how it is defined, which way is better, and who computes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from clinpred.errors import WrongUsage
from clinpred.performance.calibration import prepare_in_the_large, prepare_observed_expected, prepare_recalibration
from clinpred.performance.confusion import CONFUSION_MEASURES, prepare_confusion
from clinpred.performance.discrimination import prepare_auroc
from clinpred.performance.flexible_calibration import prepare_distances
from clinpred.performance.measure import Measure
from clinpred.performance.net_benefit import BENEFITS, net_benefit_key, prepare_net_benefit, threshold_key
from clinpred.performance.on_request import prepare_precision_recall
from clinpred.performance.overall import prepare_brier, prepare_logarithmic
from clinpred.performance.reported_measures import CALIBRATION, DECISIONS, OVERALL, RANKING
from clinpred.performance.requested_measures import DESCRIPTIONS, REQUESTED
from clinpred.performance.weighted import Prepare

__all__ = ["ALL_MEASURES", "ALWAYS_REPORTED", "CATALOGUE", "DESCRIBED", "ON_REQUEST", "Measure", "families"]

CATALOGUE = {measure.key: measure for measure in (*RANKING, *CALIBRATION, *OVERALL, *DECISIONS)}
"""The measures of every report by key; the net benefit is asked for by threshold, as ``"net_benefit:0.1"``."""

DESCRIBED = {measure.key: measure for measure in DESCRIPTIONS}
"""What a stated threshold does, as ``"sensitivity:0.1"``."""

ON_REQUEST = {measure.key: measure for measure in REQUESTED}
"""Measures that no report gives by itself; most are asked for by threshold, as ``"accuracy:0.1"``."""

ALL_MEASURES = CATALOGUE | DESCRIBED | ON_REQUEST
"""Every measure by its key."""

ALWAYS_REPORTED = tuple(key for key, measure in CATALOGUE.items() if not measure.at_threshold)
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
    "auprc_interpolated": prepare_precision_recall,
    "average_precision": prepare_precision_recall,
}
_ELSEWHERE = "prevalence="


@dataclass(frozen=True)
class _AtThreshold:
    measure: str
    threshold: float
    prevalence: float | None


def families(measures: Iterable[str]) -> dict[Prepare, list[str]]:
    """Return which computation gives which of the measures: those that share a fit or a sum share a computation.

    Raises
    ------
    WrongUsage
        ``E-MEASURE``: a measure is unknown.
    """
    shared: dict[Prepare, list[str]] = {}
    curves: dict[float | None, dict[str, float]] = {}
    for key in measures:
        asked = _at_threshold(key) if ":" in key else None
        if asked is None:
            shared.setdefault(_family(key), []).append(key)
        elif asked.measure in BENEFITS:
            curves.setdefault(asked.prevalence, {})[key] = asked.threshold
        else:
            shared[partial(prepare_confusion, measure=asked.measure, threshold=asked.threshold)] = [key]
    for prevalence, keys in curves.items():
        thresholds = tuple(dict.fromkeys(keys.values()))
        shared[partial(prepare_net_benefit, thresholds=thresholds, prevalence=prevalence)] = list(keys)
    return shared


def measure_of(key: str) -> Measure:
    """Return the measure that a key asks for, its threshold left out.

    Raises
    ------
    WrongUsage
        ``E-MEASURE``: there is none.
    """
    families([key])
    return ALL_MEASURES[key.partition(":")[0]]


def _family(key: str) -> Prepare:
    if key not in _FAMILIES:
        raise _unknown(key)
    return _FAMILIES[key]


def _at_threshold(key: str) -> _AtThreshold:
    measure, *numbers = key.split(":")
    try:
        asked = _AtThreshold(measure, float(numbers[0]), _prevalence(numbers[1:]))
    except ValueError:
        raise _unknown(key) from None
    known = measure in BENEFITS or (measure in CONFUSION_MEASURES and asked.prevalence is None)
    if not known or threshold_key(measure, asked.threshold, prevalence=asked.prevalence) != key:
        raise _unknown(key)
    return asked


def _prevalence(numbers: list[str]) -> float | None:
    return float(numbers[0].removeprefix(_ELSEWHERE)) if numbers else None


def _unknown(key: str) -> WrongUsage:
    at_threshold = ", ".join(key for key, measure in ALL_MEASURES.items() if measure.at_threshold)
    return WrongUsage(
        "E-MEASURE",
        f"no measure is called {key!r}",
        expected=f"one of {', '.join(_FAMILIES)}, or at a threshold, such as {net_benefit_key(0.1)}, {at_threshold}",
        to_fix="correct the name",
    )
