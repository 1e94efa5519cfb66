"""Invented exports whose true risk is known: sites, dates, repeated patients, bundles of correlated predictors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

_WITHIN_BUNDLE = 0.85
_WITHIN_PATIENT = 0.7
_SITE_SD = 0.3


@dataclass(frozen=True)
class _Number:
    name: str
    mean: float
    sd: float
    decimals: int
    per_sd: float
    bundle: str


_NUMBERS = (
    _Number("age_years", 66.0, 12.0, 1, 0.6, "age"),
    _Number("height_cm", 171.0, 9.0, 0, 0.0, "height"),
    _Number("systolic_mmhg", 124.0, 17.0, 0, -0.4, "circulation"),
    _Number("heart_rate_min", 91.0, 15.0, 0, 0.3, "heart"),
    _Number("crp_mg_l", 90.0, 20.0, 1, 0.4, "inflammation"),
    _Number("leucocytes_g_l", 11.0, 2.4, 1, 0.0, "inflammation"),
    _Number("procalcitonin_ug_l", 4.0, 0.9, 2, 0.2, "inflammation"),
    _Number("creatinine_umol_l", 110.0, 24.0, 0, 0.5, "kidney"),
    _Number("urea_mmol_l", 9.0, 2.0, 1, 0.0, "kidney"),
    _Number("lactate_mmol_l", 2.6, 0.6, 2, 0.5, "lactate"),
    _Number("albumin_g_l", 36.0, 5.0, 1, -0.3, "albumin"),
)
_MEASURED_WHEN_SICK = ("lactate_mmol_l", "albumin_g_l")
_WARDS = {"medical": 0.0, "surgical": -0.5, "emergency": 0.5}


@dataclass(frozen=True, eq=False)
class SyntheticExport:
    """An export, the true risk of each of its rows, and the log odds that made it.

    The log odds of a row are ``coefficients["intercept"]``, plus coefficient × value for each number (before any value
    was made missing), plus ``coefficients["ward=..."]`` and ``coefficients["site=..."]`` of its ward and site.
    """

    table: "pd.DataFrame"
    true_risk: Array
    coefficients: Mapping[str, float]


def synthetic_export(
    rng: np.random.Generator,
    *,
    patients: int = 1000,
    sites: int = 4,
    max_admissions: int = 1,
    event_share: float = 0.3,
    missing_share: float = 0.15,
) -> SyntheticExport:
    """Invent an export of hospital admissions.

    Parameters
    ----------
    rng : numpy.random.Generator
        The same generator state gives the same export.
    patients : int
        Number of patients.
    sites : int
        Number of hospitals; each shifts the log odds by a draw from N(0, 0.3²).
    max_admissions : int
        Each patient has 1 to this many rows; the rows of a patient resemble each other.
    event_share : float
        Mean true risk, in (0, 1).
    missing_share : float
        Expected share of missing lactate and albumin values, in [0, 1): the lower the risk, the rarer the measurement.

    Returns
    -------
    SyntheticExport
        Columns ``patient_id``, ``site``, ``admitted`` (ISO date), eleven numbers, ``ward`` and ``event``.
    """
    import pandas as pd

    admissions = rng.integers(1, max_admissions + 1, size=patients)
    patient = np.repeat(np.arange(patients), admissions)
    site = rng.integers(0, sites, size=patients)[patient]
    ward = rng.choice(list(_WARDS), size=patient.size)
    numbers = _numbers(rng, patient)
    coefficients = _coefficients(rng, sites)
    log_odds = np.sum([coefficients[name] * values for name, values in numbers.items()], axis=0)
    log_odds += [coefficients[f"ward={name}"] for name in ward]
    log_odds += [coefficients[f"site=hospital {at + 1}"] for at in site]
    intercept = _shift_to(event_share, log_odds)
    risk = _expit(intercept + log_odds)
    event = (rng.random(patient.size) < risk).astype(np.int64)
    if missing_share > 0:
        numbers = _hide_in_the_well(rng, numbers, log_odds=log_odds, missing_share=missing_share)
    table = {
        "patient_id": [f"P{code + 1:06d}" for code in patient],
        "site": [f"hospital {at + 1}" for at in site],
        "admitted": _admission_days(rng, patient).astype(str),
        **numbers,
        "ward": ward.astype(object),
        "event": event,
    }
    return SyntheticExport(pd.DataFrame(table), risk, {"intercept": intercept, **coefficients})


def _numbers(rng: np.random.Generator, patient: NDArray[np.int64]) -> dict[str, Array]:
    lasting = _standard_normals(rng, int(patient[-1]) + 1)
    passing = _standard_normals(rng, patient.size)
    numbers = {}
    for number in _NUMBERS:
        mixed = np.sqrt(_WITHIN_PATIENT) * lasting[number.name][patient]
        mixed = mixed + np.sqrt(1 - _WITHIN_PATIENT) * passing[number.name]
        numbers[number.name] = np.round(number.mean + number.sd * mixed, number.decimals)
    return numbers


def _standard_normals(rng: np.random.Generator, n_rows: int) -> dict[str, Array]:
    """Return one standard normal a number; those of a bundle share a factor and correlate at 0.85."""
    factors = {bundle: rng.standard_normal(n_rows) for bundle in dict.fromkeys(n.bundle for n in _NUMBERS)}
    return {
        number.name: np.sqrt(_WITHIN_BUNDLE) * factors[number.bundle]
        + np.sqrt(1 - _WITHIN_BUNDLE) * rng.standard_normal(n_rows)
        for number in _NUMBERS
    }


def _coefficients(rng: np.random.Generator, sites: int) -> dict[str, float]:
    shifts = _SITE_SD * rng.standard_normal(sites)
    return {
        **{number.name: number.per_sd / number.sd for number in _NUMBERS},
        **{f"ward={ward}": effect for ward, effect in _WARDS.items()},
        **{f"site=hospital {at + 1}": float(shift) for at, shift in enumerate(shifts)},
    }


def _hide_in_the_well(
    rng: np.random.Generator, numbers: Mapping[str, Array], *, log_odds: Array, missing_share: float
) -> dict[str, Array]:
    well = -(log_odds - log_odds.mean())
    chance = _expit(_shift_to(missing_share, well) + well)
    return {
        name: np.where(rng.random(values.size) < chance, np.nan, values) if name in _MEASURED_WHEN_SICK else values
        for name, values in numbers.items()
    }


def _admission_days(rng: np.random.Generator, patient: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Return the days of admission from 2015 on; a patient's rows stand in the order of their days."""
    days = rng.integers(0, 6 * 365, size=patient.size)
    days = days[np.lexsort((days, patient))]
    return np.datetime64("2015-01-01", "D") + days


def _shift_to(share: float, log_odds: Array) -> float:
    """Return the intercept that makes the mean risk ``share``."""
    from scipy.optimize import brentq

    def excess(intercept: float) -> float:
        return float(np.mean(_expit(intercept + log_odds)) - share)

    centre = -float(np.median(log_odds))
    return float(brentq(excess, centre - 50.0, centre + 50.0, xtol=1e-12))


def _expit(log_odds: Array) -> Array:
    return np.exp(-np.logaddexp(0.0, -log_odds))
