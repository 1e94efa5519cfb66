"""Sums within patient: what a variance is made of where patients repeat."""

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.performance.rows import Array, Rows


def patient_sums(values: Array, rows: Rows) -> Array:
    """Return values of shape (n,) summed within patient; the values themselves where every patient has one row."""
    if rows.patient is None or rows.one_row_a_patient:
        return values
    return np.bincount(rows.patient, weights=values, minlength=rows.patients).astype(np.float64)


def small_sample_factor(rows: Rows) -> float:
    """Return patients / (patients - 1).

    Raises
    ------
    StatisticalRefusal
        ``S-FEW-PATIENTS``: all rows are of one patient.
    """
    if rows.patients < 2:
        raise StatisticalRefusal(
            "S-FEW-PATIENTS",
            f"{rows.outcome.size} rows of {rows.patients} patient",
            expected="2 patients or more, for a variance",
            to_fix="report the measure without an interval",
        )
    return rows.patients / (rows.patients - 1)
