"""The rows a measure is computed on, checked once: outcome, risk, and the linear predictor where there is one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.performance.names import numbered_patients
from clinpred.performance.newton import inverse_logit
from clinpred.settings.counts import counted

Array = NDArray[np.float64]
Weighted = Callable[[Array], dict[str, Array]]
"""Measures under row weights of shape (replicates, n): one value a replicate, NaN where it is not estimable."""

Smoothing = Literal["loess", "spline"]
"""How observed on predicted risk is smoothed; by default loess up to 5,000 rows, else a restricted cubic spline."""

_RISK_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Predictions:
    """Risks, and the float64 linear predictors (log odds) they came from where the model has them."""

    risk: ArrayLike
    linear_predictor: ArrayLike | None = None


@dataclass(frozen=True)
class Rows:
    """Checked rows: both classes present, risks in 0 to 1. ``patient`` numbers the patient of each row.

    ``smoothing`` is what was asked for; None leaves it to the number of rows.
    """

    outcome: Array
    risk: Array
    linear_predictor: Array | None
    patient: NDArray[np.intp] | None
    patients: int
    smoothing: Smoothing | None = None

    @property
    def events(self) -> int:
        """Rows with the event."""
        return int(self.outcome.sum())

    @property
    def patients_with_event(self) -> int:
        """Patients who ever have the event."""
        if self.patient is None:
            return self.events
        return int(np.unique(self.patient[self.outcome == 1]).size)

    @property
    def one_row_a_patient(self) -> bool:
        """Whether no patient has a second row."""
        return self.patients == self.outcome.size

    def log_odds(self) -> Array:
        """Return the linear predictor, or else logit(risk).

        Raises
        ------
        StatisticalRefusal
            ``S-RISK-BOUND``: there is no linear predictor and some risks are exactly 0 or 1.
        """
        if self.linear_predictor is not None:
            return self.linear_predictor
        self.refuse_bounds()
        return np.log(self.risk) - np.log1p(-self.risk)

    def refuse_bounds(self) -> None:
        """Refuse risks of exactly 0 or 1: their logit and their logarithm are infinite."""
        bound = int(np.sum((self.risk == 0.0) | (self.risk == 1.0)))
        if bound:
            raise StatisticalRefusal(
                "S-RISK-BOUND",
                f"{counted(bound, 'risk')} of 0 or 1",
                expected="risks strictly between 0 and 1, where a logit or a logarithm is needed",
                to_fix="hand in the unrounded risks, or the float64 linear predictor",
            )


def checked_rows(
    outcome: ArrayLike,
    risk: ArrayLike,
    *,
    linear_predictor: ArrayLike | None = None,
    patients: ArrayLike | None = None,
    smoothing: Smoothing | None = None,
) -> Rows:
    """Check the arrays of one model on one group of patients.

    Raises
    ------
    InputRefused
        Unequal lengths, values missing or infinite, an outcome other than 0 and 1, risks outside 0 to 1, or a
        linear predictor that is not the log odds of the risk.
    StatisticalRefusal
        ``S-ONE-CLASS``: nobody has the event, or everybody.
    """
    y = checked_outcome(outcome)
    p = _finite("risk", risk, rows=y.size)
    _refuse(p, (p < 0.0) | (p > 1.0), ("E-RISK-RANGE", "risk", "outside 0 to 1"), "a probability of the event")
    logit = None if linear_predictor is None else _log_odds_of(p, linear_predictor)
    codes, count = (None, y.size) if patients is None else numbered_patients(patients, y.size)
    _refuse_one_class(y)
    return Rows(y, p, logit, codes, count, smoothing)


def checked_outcome(outcome: ArrayLike) -> Array:
    """Return the outcome of every row, 0 or 1.

    Raises
    ------
    InputRefused
        ``E-NUMBER``, ``E-LENGTH``, ``E-NOT-FINITE``, ``E-OUTCOME-VALUES``.
    """
    y = _finite("outcome", outcome)
    _refuse(y, (y != 0.0) & (y != 1.0), ("E-OUTCOME-VALUES", "outcome", "neither 0 nor 1"), "0 (no event) or 1 (event)")
    return y


def patients_and_events(outcome: ArrayLike, patients: ArrayLike | None) -> tuple[int, int]:
    """Count the patients, and those who ever have the event, of arrays that were checked but of one class."""
    happened = np.asarray(outcome, dtype=np.float64) == 1
    who = np.arange(happened.size) if patients is None else np.asarray(patients)
    return int(np.unique(who).size), int(np.unique(who[happened]).size)


def as_numbers(name: str, values: ArrayLike) -> Array:
    """Return values as float64, refused by ``E-NUMBER`` where they are no numbers or no table of them."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputRefused(
            "E-NUMBER",
            f"{name}: not every value is a number",
            expected="numbers, none missing",
            to_fix=f"convert {name} to numbers",
        ) from None


def _finite(name: str, values: ArrayLike, *, rows: int | None = None) -> Array:
    array = as_numbers(name, values)
    if array.ndim != 1 or array.size == 0 or (rows is not None and array.size != rows):
        raise InputRefused(
            "E-LENGTH",
            f"{name}: an array of shape {array.shape}",
            expected="one value a row" if rows is None else f"shape ({rows},), one value for each outcome",
            to_fix="hand in one-dimensional arrays of the same length, in the order (outcome, risk)",
        )
    _refuse(array, ~np.isfinite(array), ("E-NOT-FINITE", name, "missing or infinite"), "finite numbers")
    return array


def _refuse(array: Array, faulty: NDArray[np.bool_], fault: tuple[str, str, str], expected: str) -> None:
    code, name, what = fault
    count = int(faulty.sum())
    if count:
        raise InputRefused(
            code,
            f"{name}: {count} of {array.size} values {what}",
            expected=expected,
            to_fix=f"correct the {name}, or leave those rows out and say so; check the order (outcome, risk)",
        )


def _log_odds_of(risk: Array, linear_predictor: ArrayLike) -> Array:
    logit = _finite("linear_predictor", linear_predictor, rows=risk.size)
    apart = np.abs(inverse_logit(logit) - risk) > _RISK_TOLERANCE
    fault = ("E-LINEAR-PREDICTOR", "linear_predictor", f"more than {_RISK_TOLERANCE:g} from the risk, as a risk")
    _refuse(logit, apart, fault, "the log odds of the same risks")
    return logit


def _refuse_one_class(outcome: Array) -> None:
    events = int(outcome.sum())
    if 0 < events < outcome.size:
        return
    raise StatisticalRefusal(
        "S-ONE-CLASS",
        "0 events" if events == 0 else f"{counted(events, 'event')} and nobody without the event",
        expected="rows with and rows without the event",
        to_fix="judge the risks where both happen; check how the event is coded",
    )
