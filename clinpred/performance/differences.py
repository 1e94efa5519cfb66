"""Paired differences: two risks judged on the same drawn patients."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from clinpred.errors import StatisticalRefusal
from clinpred.performance.intervals import Points, bootstrap_method, estimable, not_estimable
from clinpred.performance.patient_bootstrap import REPLICATES, bootstrap, percentile_interval
from clinpred.performance.rows import Array, Predictions, Rows, checked_rows, patients_and_events

COMPARED = ("auroc", "calibration_slope", "log_loss", "brier", "scaled_brier")


@dataclass(frozen=True)
class Difference:
    """A measure of one risk minus that of another on the same patients, with its 95 % interval.

    ``reason`` says why the difference, or its interval alone, is None. ``events`` counts patients
    who ever have the event.
    """

    difference: float | None
    lower: float | None
    upper: float | None
    method: str
    patients: int
    events: int
    reason: str | None = None


def paired_differences(  # noqa: PLR0913  # two predictions of the same rows, what of them, and the draws
    outcome: ArrayLike,
    predictions: Predictions,
    other_predictions: Predictions,
    *,
    patients: ArrayLike | None = None,
    measures: Sequence[str] = COMPARED,
    rng: np.random.Generator,
    replicates: int = REPLICATES,
) -> dict[str, Difference]:
    """Return the differences (predictions - other_predictions), by the paired percentile patient bootstrap.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1.
    predictions, other_predictions : Predictions
        Two models' risks of the same rows, with their linear predictors where they have them.
    patients : array_like, shape (n,), optional
        The patient of each row; without it every row is a patient.
    measures : sequence of str
        Keys of the catalogue, and net benefits such as ``"net_benefit:0.1"`` (``net_benefit_key``).
    rng : numpy.random.Generator
        Draws the patients.
    replicates : int
        Bootstrap replicates; every measure of both models sees the same draws.

    Returns
    -------
    dict of str to Difference
        In the order of the measures.

    Raises
    ------
    InputRefused
        The arrays are faulty.
    WrongUsage
        A measure does not exist.
    """
    method = f"paired {bootstrap_method(replicates)}"
    try:
        first, second = (
            checked_rows(outcome, risks.risk, linear_predictor=risks.linear_predictor, patients=patients)
            for risks in (predictions, other_predictions)
        )
    except StatisticalRefusal as refusal:
        counts = patients_and_events(outcome, patients)
        return dict.fromkeys(measures, Difference(None, None, None, method, *counts, not_estimable(refusal)))
    points = {"first": estimable(first, measures), "second": estimable(second, measures)}
    weighted = {name: found.weighted for name, found in points.items()}
    drawn = bootstrap(first, weighted, rng=rng, replicates=replicates)
    return {key: _difference(key, first, points, drawn, method) for key in measures}


def _difference(
    key: str, rows: Rows, points: dict[str, Points], drawn: dict[str, dict[str, Array]], method: str
) -> Difference:
    reason = points["first"].reasons.get(key) or _of_other(points["second"].reasons.get(key))
    if reason is not None:
        return Difference(None, None, None, method, rows.patients, rows.patients_with_event, reason)
    found = percentile_interval(drawn["first"][key] - drawn["second"][key])
    lower, upper = found.bounds or (None, None)
    difference = points["first"].values[key] - points["second"].values[key]
    return Difference(difference, lower, upper, method, rows.patients, rows.patients_with_event, found.reason)


def _of_other(reason: str | None) -> str | None:
    return None if reason is None else f"the other risk: {reason}"
