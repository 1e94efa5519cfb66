"""Who is learnt from and who is held out: always whole patients, always both with and without the event."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import StatisticalRefusal
from clinpred.records.cohort import Cohort
from clinpred.settings.counts import counted

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Partition:
    """Development and held-out patients. ``held_out_rows`` marks the rows, shape (n,), of the whole cohort."""

    development: Cohort
    held_out: Cohort
    held_out_rows: NDArray[np.bool_]
    share: float


def hold_out_patients(cohort: Cohort, share: float, rng: np.random.Generator) -> Partition:
    """Hold out a share of the patients, drawn at random within those who ever have the event and those who never do.

    Of a stratum of m patients, ⌊share · m + ½⌋ are held out: the nearest whole number, halves upwards.

    Parameters
    ----------
    cohort : Cohort
        All patients.
    share : float
        Share of the patients to hold out, in (0, 1).
    rng : numpy.random.Generator
        The same generator state gives the same partition.

    Raises
    ------
    StatisticalRefusal
        S-FEW-EVENTS: a side would have no patient with the event, or none without.
    """
    held_out = np.zeros(cohort.n_patients, dtype=bool)
    for stratum in _strata(cohort.outcome, cohort.patients):
        n_held_out = int(np.floor(share * stratum.size + 0.5))
        if not 0 < n_held_out < stratum.size:
            raise _one_sided(cohort, share)
        held_out[rng.permutation(stratum)[:n_held_out]] = True
    rows = held_out[cohort.patients]
    return Partition(cohort.take(np.flatnonzero(~rows)), cohort.take(np.flatnonzero(rows)), rows, share)


def patient_folds(outcome: NDArray[np.float64] | Ints, patients: Ints, n_folds: int, rng: np.random.Generator) -> Ints:
    """Return the fold of each row: patients stay whole, folds are alike in patients who ever have the event.

    Within each stratum the shuffled patients are dealt out in turn, the second stratum from where the first stopped:
    folds differ by at most one patient in each stratum and in all.

    Parameters
    ----------
    outcome : array of shape (n,)
        0 or 1 a row.
    patients : int array of shape (n,)
        The patient of each row; any whole numbers.
    n_folds : int
        Number of folds, at least 2.
    rng : numpy.random.Generator
        The same generator state gives the same folds.

    Returns
    -------
    int array of shape (n,)
        Fold of each row, 0 to ``n_folds`` - 1.

    Raises
    ------
    StatisticalRefusal
        S-FEW-EVENTS: fewer than ``n_folds`` patients have the event, or fewer are without it.

    Examples
    --------
    >>> patient_folds(np.array([1, 0, 0, 1, 0]), np.array([7, 7, 8, 9, 5]), 2, np.random.default_rng(20))
    array([1, 1, 1, 0, 0])
    """
    _, codes = np.unique(patients, return_inverse=True)
    strata = _strata(outcome, codes)
    fewest = min(stratum.size for stratum in strata)
    if n_folds < 2 or fewest < n_folds:
        raise _too_few_for_folds(strata, n_folds)
    dealt = np.concatenate([rng.permutation(stratum) for stratum in strata])
    fold_of_patient = np.empty(dealt.size, dtype=np.int64)
    fold_of_patient[dealt] = np.arange(dealt.size) % n_folds
    return fold_of_patient[codes]


def _strata(outcome: NDArray[np.float64] | Ints, codes: Ints) -> tuple[Ints, Ints]:
    """Return the patients who ever have the event, and those who never do."""
    ever = np.bincount(codes, weights=np.asarray(outcome) == 1) > 0
    return np.flatnonzero(ever), np.flatnonzero(~ever)


def _one_sided(cohort: Cohort, share: float) -> StatisticalRefusal:
    return StatisticalRefusal(
        "S-FEW-EVENTS",
        f"holding out {share:.4g} of {cohort.n_patients} patients, {cohort.n_events} of them with the event, leaves "
        "development or held-out patients without an event, or with nothing but events",
        expected="patients with and without the event on both sides",
        to_fix="change `held_out` (--held-out), or gather more patients",
    )


def _too_few_for_folds(strata: tuple[Ints, Ints], n_folds: int) -> StatisticalRefusal:
    events, non_events = strata
    return StatisticalRefusal(
        "S-FEW-EVENTS",
        f"{n_folds} folds of {counted(events.size, 'patient')} with the event and {non_events.size} without",
        expected="at least 2 folds, and in each fold a patient with the event and one without",
        to_fix=f"ask for at most {max(2, min(events.size, non_events.size))} folds, or gather more patients",
    )
