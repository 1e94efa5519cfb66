"""Folds as they are handed in: in every repeat the same numbers from 0, all rows of a patient under one."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clinpred.errors import InputRefused
from clinpred.settings.arguments import refuse_unless

Ints = NDArray[np.int64]


def checked_folds(folds: ArrayLike, patients: Ints) -> Ints:
    """Return the fold of each row in each repeat, shape (repeats, n).

    Raises
    ------
    InputRefused
        ``E-LENGTH``: another shape.
    WrongUsage
        ``E-SETTING``: no whole numbers from 0 to the same last one in every repeat, fewer than 2 folds, or a patient
        whose rows lie in two: what is left out would then have been learnt from.
    """
    numbers = np.asarray(folds)
    if numbers.ndim != 2 or len(numbers) == 0 or numbers.shape[1] != patients.size:
        raise InputRefused(
            "E-LENGTH",
            f"folds: an array of shape {numbers.shape}",
            expected=f"shape (repeats, {patients.size}), in each repeat the fold of every row",
            to_fix="hand in the folds as draw_folds returns them",
        )
    refuse_unless(
        "folds",
        "0, 1, … in every repeat, at least 2 folds, all rows of a patient in one",
        right=numbers.dtype.kind in "iu" and _numbered_from_0(numbers) and _whole_patients(numbers, patients),
    )
    return numbers.astype(np.int64)


def _numbered_from_0(folds: NDArray[np.integer]) -> bool:
    last = int(folds.max(initial=0))
    return last > 0 and all(np.array_equal(np.unique(of_repeat), np.arange(last + 1)) for of_repeat in folds)


def _whole_patients(folds: NDArray[np.integer], patients: Ints) -> bool:
    _, first, patient = np.unique(patients, return_index=True, return_inverse=True)
    return bool((folds == folds[:, first][:, patient]).all())
