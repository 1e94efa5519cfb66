"""The one bootstrap that everything comes from: optimism, .632+, and how much a model depends on who was drawn.

Patients are drawn with replacement, the whole procedure is run again on each draw, and of every model that it gives
one small record is kept: its measures on those it learnt from and on all development patients, and what its risks,
its curves and its coefficients are. Optimism, .632+ and stability are then arithmetic on the records.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from clinpred.models.procedure import Procedure
from clinpred.performance.catalogue import ALWAYS_REPORTED
from clinpred.performance.net_benefit import checked_thresholds, net_benefit_key
from clinpred.performance.patient_bootstrap import CELLS
from clinpred.performance.rows import Smoothing
from clinpred.settings.arguments import check_workers, seed_of, whole_number
from clinpred.validation.replicate_record import Original, Recorder, Redeveloped, Replicate
from clinpred.validation.resampling import PatientDraws, child_of, patient_draws, run_resamples

__all__ = ["MOST_WATCHED", "REPLICATES", "Bootstrap", "Redeveloped", "Replicate", "bootstrap", "watched_rows"]

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

REPLICATES = 200
MOST_WATCHED = 5_000
"""Patients whose risks are kept from every replicate; more would tell the same and fill the memory."""
_DRAWS, _WATCHED = 0, 1


@dataclass(frozen=True)
class Bootstrap:
    """The original and its replicates.

    Attributes
    ----------
    outcome, patients : arrays of shape (n,)
        The development rows.
    models : tuple of str
    measures : tuple of str
        Keys of the catalogue, and the net benefit at each stated threshold.
    watched : int array
        Rows whose risks every replicate carries, ascending: all, or those of 5,000 patients drawn at random.
    linear_predictor : mapping of model to array of shape (n,)
        The original's log odds of every development row.
    calibration_risk : mapping of model to array
        The grid of each model's calibration curves, from the 1st to the 99th percentile of the original's risks;
        models without a curve are absent.
    original : Replicate
        Every patient once; ``training`` and ``test`` are the apparent measures.
    replicates : tuple of Replicate
        In the order of their draws.
    redrawn : mapping of model to mapping of measure to array of shape (replicates,)
        The original's measures on the patients of each draw, each as often as drawn: nothing is developed again.
    """

    outcome: Array
    patients: Ints
    models: tuple[str, ...]
    measures: tuple[str, ...]
    watched: Ints
    linear_predictor: Mapping[str, Array]
    calibration_risk: Mapping[str, Array]
    original: Replicate
    replicates: tuple[Replicate, ...]
    redrawn: Mapping[str, Mapping[str, Array]] = field(default_factory=dict)


def bootstrap(  # noqa: PLR0913  # one run, and all that is asked of it
    procedure: Procedure,
    *,
    replicates: int = REPLICATES,
    thresholds: Sequence[float] = (),
    smoothing: Smoothing | None = None,
    out_of_bag: bool = False,
    seed: int = 0,
    workers: int | None = None,
) -> Bootstrap:
    """Run the procedure on the patients as they are and on draws of them, and measure every model that it gives.

    Parameters
    ----------
    procedure : Procedure
        The whole of the development: what it leaves out is not validated.
    replicates : int, at least 1
        Draws of as many patients as there are, with replacement.
    thresholds : sequence of float
        Risks at which one would act, above 0 and below 1: each has a net benefit among the measures.
    smoothing : {"loess", "spline"}, optional
        Of the flexible calibration curve; the run's one smoother. By default loess up to 5,000 rows.
    out_of_bag : bool
        Measure every replicate on the patients who were not drawn as well: .632+ needs it.
    seed : int
        The original is developed with it; the draws have streams of their own below it.
    workers : int, optional
        Processes; by default as many as there are cores. The numbers do not depend on it.

    Returns
    -------
    Bootstrap

    Raises
    ------
    WrongUsage
        ``E-REPLICATES``: fewer than 1 replicate. ``E-SETTING``: no whole number of them, a seed that is no whole number
        of at least 0, workers below 1.
    InputRefused
        ``E-THRESHOLD``: a threshold not between 0 and 1.

    References
    ----------
    Efron B, Tibshirani RJ. An Introduction to the Bootstrap. Chapman and Hall 1993. Riley RD, Collins GS. Biom J
    2023;65:2200302 (stability).
    """
    check_workers(workers)
    root = np.random.SeedSequence(seed_of("seed", seed))
    count = whole_number("replicates", replicates)
    draws = patient_draws(procedure.patients, replicates=count, seed=child_of(root, _DRAWS))
    measures = (*ALWAYS_REPORTED, *(net_benefit_key(threshold) for threshold in checked_thresholds(thresholds)))
    watched = watched_rows(procedure.patients, child_of(root, _WATCHED))
    recorder = Recorder(procedure.outcome, measures, smoothing, watched)
    everyone = np.ones(procedure.outcome.size, dtype=np.int64)
    original = run_resamples(procedure, [(everyone, seed)], Original(recorder), workers=1)[0]
    recorder = replace(recorder, grids=original.grids, out_of_bag=out_of_bag)
    return Bootstrap(
        procedure.outcome,
        procedure.patients,
        procedure.models,
        measures,
        watched,
        original.linear_predictor,
        original.grids,
        original.replicate,
        tuple(run_resamples(procedure, draws, recorder, workers=workers)),
        {name: _redrawn(recorder, lp, draws) for name, lp in original.linear_predictor.items()},
    )


def _redrawn(recorder: Recorder, linear_predictor: Array, draws: PatientDraws) -> dict[str, Array]:
    rows = recorder.rows(linear_predictor)
    chunk = max(1, CELLS // rows.outcome.size)
    found = [
        recorder.measured(rows, np.array([draws[at][0] for at in range(first, min(first + chunk, len(draws)))]))
        for first in range(0, len(draws), chunk)
    ]
    return {key: np.concatenate([part[key] for part in found]) for key in recorder.measures}


def watched_rows(patients: Ints, seed: np.random.SeedSequence) -> Ints:
    """Return the rows of at most 5,000 patients drawn at random, ascending."""
    names = np.unique(patients)
    if names.size <= MOST_WATCHED:
        return np.arange(patients.size)
    chosen = np.random.default_rng(seed).choice(names, size=MOST_WATCHED, replace=False)
    return np.flatnonzero(np.isin(patients, chosen))
