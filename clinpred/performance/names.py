"""Names of patients and of classes: one for every row, none missing, all of one kind."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clinpred.errors import InputRefused

Names = NDArray[np.generic]


def as_names(names: ArrayLike) -> Names:
    """Return names as an array in which text is still text, a number a number, and what is missing missing.

    A list of both would come out of NumPy as text alone, and what is missing as a name like others.
    """
    given = np.asarray(names)
    return np.asarray(names, dtype=object) if given.dtype.kind in "US" and not hasattr(names, "dtype") else given


def missing_names(names: Names) -> int:
    """Count what is no name: None, NaN, NaT and pandas's NA."""
    if names.dtype == object:
        return sum(name is None or not _equals_itself(name) for name in names.tolist())
    return int(np.count_nonzero(names != names))  # noqa: PLR0124  # what is missing differs from itself


def _equals_itself(name: object) -> bool:
    try:
        return bool(name == name)  # noqa: PLR0124  # what is missing differs from itself
    except TypeError:
        return False


def numbered(names: Names, of: str) -> tuple[Names, NDArray[np.intp]]:
    """Return the different names, sorted, and the number of each row's.

    Raises
    ------
    InputRefused
        ``E-MIXED``: names of different kinds, which cannot be told apart for certain.
    """
    try:
        distinct, numbers = np.unique(names, return_inverse=True)
    except TypeError:
        raise InputRefused(
            "E-MIXED",
            f"{of}: names of different kinds",
            expected="all numbers, or all text",
            to_fix=f"read the {of} as text",
        ) from None
    return distinct, numbers


def numbered_patients(patients: ArrayLike, rows: int) -> tuple[NDArray[np.intp], int]:
    """Return the number of each row's patient, and how many patients there are.

    Raises
    ------
    InputRefused
        ``E-LENGTH``: not one patient a row. ``E-MISSING``: rows that name no patient. ``E-MIXED``: names of different
        kinds.

    Examples
    --------
    >>> numbered_patients(["b", "a", "b"], 3)
    (array([1, 0, 1]), 2)
    """
    names = _one_a_row(patients, rows)
    missing = missing_names(names)
    if missing:
        raise InputRefused(
            "E-MISSING",
            f"patients: {missing} of {rows} rows name no patient",
            expected="the patient of every row",
            to_fix="complete the patient column, or leave those rows out and say so",
        )
    distinct, numbers = numbered(names, "patients")
    return numbers, int(distinct.size)


def _one_a_row(patients: ArrayLike, rows: int) -> Names:
    try:
        names = as_names(patients)
        found = f"an array of shape {names.shape}"
    except ValueError:
        names, found = np.empty(0), "rows of unequal length"
    if names.shape != (rows,):
        raise InputRefused(
            "E-LENGTH",
            f"patients: {found}",
            expected=f"shape ({rows},), one patient a row",
            to_fix="hand in the patient of every row",
        )
    return names
