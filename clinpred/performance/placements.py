"""Placements, the parts an AUROC is the mean of, and the variance of their mean: by row, or by patient."""

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import StatisticalRefusal
from clinpred.performance.patient_sums import patient_sums, small_sample_factor
from clinpred.performance.rows import Array, Rows


def placements(rows: Rows) -> Array:
    """Return for a row with the event the share of rows without it that have a lower risk, and the reverse.

    Ties count half. The mean over the rows of either class is the AUROC.
    """
    order = np.argsort(rows.risk)
    ordered, event = rows.risk[order], rows.outcome[order]
    new = np.append(True, ordered[1:] != ordered[:-1])
    first = np.flatnonzero(new)
    tie = np.cumsum(new) - 1
    after = np.append(first[1:], ordered.size)
    events, others = (np.append(0.0, np.cumsum(column)) for column in (event, 1.0 - event))
    others_below = ((others[first] + others[after]) / 2.0)[tie] / others[-1]
    events_above = 1.0 - ((events[first] + events[after]) / 2.0)[tie] / events[-1]
    found = np.empty(ordered.size)
    found[order] = np.where(event == 1.0, others_below, events_above)
    return found


def variance_of_mean(parts: Array, rows: Rows) -> float:
    """Return the variance of an AUROC, or of a difference of two, whose placements (or their differences) these are.

    By row it is DeLong's. Where patients repeat, deviations are summed within patient, and a patient who has rows of
    both classes adds their covariance (Obuchowski NA. Biometrics 1997;53:567-578).

    Raises
    ------
    StatisticalRefusal
        ``S-FEW-EVENTS``: fewer than 2 patients with, or without, the event.
    """
    refuse_lone_patients(rows)
    classes = [(_summed(parts, rows, of_class), _patients_of(rows, of_class)) for of_class in _classes(rows)]
    alone = sum(count / (count - 1) * float(part @ part) for part, count in classes)
    if rows.one_row_a_patient:
        return alone
    (with_event, _), (without, _) = classes
    return alone + 2.0 * small_sample_factor(rows) * float(with_event @ without)


def refuse_lone_patients(rows: Rows) -> None:
    """Refuse fewer than 2 patients with, or fewer than 2 without, the event: they have no variance."""
    with_event, without = (_patients_of(rows, of_class) for of_class in _classes(rows))
    if min(with_event, without) < 2:
        raise StatisticalRefusal(
            "S-FEW-EVENTS",
            f"{with_event} of {rows.patients} patients with the event, {without} without",
            expected="2 patients or more with and without the event, for a variance",
            to_fix="report the AUROC without an interval",
        )


def _classes(rows: Rows) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    event = rows.outcome == 1.0
    return event, ~event


def _summed(parts: Array, rows: Rows, of_class: NDArray[np.bool_]) -> Array:
    deviations = np.where(of_class, parts - parts[of_class].mean(), 0.0)
    return patient_sums(deviations, rows) / int(of_class.sum())


def _patients_of(rows: Rows, of_class: NDArray[np.bool_]) -> int:
    if rows.patient is None or rows.one_row_a_patient:
        return int(of_class.sum())
    return int(np.count_nonzero(np.bincount(rows.patient[of_class], minlength=rows.patients)))
