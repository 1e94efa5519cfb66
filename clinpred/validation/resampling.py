"""Running the whole procedure again and again: patients drawn with replacement, and many resamples at once.

Every resample has a random stream of its own, derived from the seed and its number alone. Its result therefore does not
depend on how many workers there are, nor on which of them takes it when.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clinpred.errors import ClinpredError, ResourceRefused, StatisticalRefusal, WrongUsage
from clinpred.models.procedure import Procedure, Refits

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Job = tuple[Ints, int]
"""How often each row was drawn, shape (n,), and the seed of whatever the models draw."""

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")

Tell = Callable[[int, int], None]
"""Is told how many resamples are done, and of how many."""

_TELL: ContextVar[Tell] = ContextVar("tell", default=lambda _done, _asked: None)
# Tasks a worker gets on average: enough that none waits long for the last, few enough to send the procedure seldom.
_TASKS_A_WORKER = 20
# Bytes from which an array is shared. Joblib's own 1 MiB would send every column of 100,000 rows anew with each task.
_SHARED_FROM = 2**16


class Jobs(Protocol):
    """Resamples by number: a list of them, or ``PatientDraws``, which makes each when it is asked for."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, number: int, /) -> Job:
        """Return one resample."""
        ...


class Summary(Protocol[T_co]):
    """What is kept of a resample. It runs where the models were developed, so that little travels back."""

    def __call__(self, counts: Ints, refits: Refits, /) -> T_co:
        """Return what is kept."""
        ...


@dataclass(frozen=True)
class PatientDraws:
    """Bootstrap draws of patients, made as ``patient_draws`` says."""

    patient: NDArray[np.intp]
    patients: int
    replicates: int
    seed: np.random.SeedSequence

    def __len__(self) -> int:
        return self.replicates

    def __getitem__(self, number: int, /) -> Job:
        """Draw the patients of one replicate: as many as there are, with replacement."""
        if not 0 <= number < self.replicates:
            raise IndexError(number)
        draws, models = child_of(self.seed, number, 0), child_of(self.seed, number, 1)
        drawn = np.random.default_rng(draws).integers(self.patients, size=self.patients)
        counts = np.bincount(drawn, minlength=self.patients)[self.patient]
        return counts.astype(np.int64), int(models.generate_state(1)[0] % 2**31)


def patient_draws(patients: ArrayLike, *, replicates: int, seed: int | np.random.SeedSequence) -> PatientDraws:
    """Return draws of patients with replacement, as many patients as there are; all rows of a patient go together.

    Parameters
    ----------
    patients : array_like, shape (n,)
        The patient of each row.
    replicates : int, at least 1
    seed : int or numpy.random.SeedSequence
        Replicate b is the same whatever the number of replicates.

    Returns
    -------
    PatientDraws
        A sequence of (counts, seed): how often each row counts, int64 of shape (n,), and a seed for the models.

    Raises
    ------
    WrongUsage
        ``E-REPLICATES``: fewer than 1 replicate.

    Examples
    --------
    >>> counts, _ = patient_draws([7, 7, 3, 5], replicates=2, seed=1)[0]
    >>> bool(counts[0] == counts[1]), int(counts[1:].sum())
    (True, 3)
    """
    if replicates < 1:
        raise WrongUsage(
            "E-REPLICATES",
            f"{replicates} bootstrap replicates",
            expected="1 or more; 200 for optimism, 1,000 for an interval",
            to_fix="ask for more replicates",
        )
    names, patient = np.unique(np.asarray(patients), return_inverse=True)
    root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    return PatientDraws(patient, names.size, replicates, root)


def child_of(seed: np.random.SeedSequence, *numbers: int) -> np.random.SeedSequence:
    """Return the stream of these numbers below a seed, always the same (``spawn`` counts how often it was called)."""
    return np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, *numbers))


@contextmanager
def counting_resamples(tell: Tell) -> Iterator[None]:
    """Tell how many resamples are done, of how many, whenever some are within this block; the numbers do not change.

    Examples
    --------
    >>> class Coin:
    ...     outcome, patients, models = np.array([0.0, 1.0]), np.array([0, 1]), ()
    ...     def refit(self, counts, *, seed):
    ...         return Refits({})
    >>> with counting_resamples(lambda done, asked: print(done, "of", asked)):
    ...     kept = run_resamples(Coin(), [(np.ones(2, dtype=int), 0)] * 2, lambda _, refits: refits, workers=1)
    1 of 2
    2 of 2
    """
    before = _TELL.set(tell)
    try:
        yield
    finally:
        _TELL.reset(before)


def run_resamples(procedure: Procedure, jobs: Jobs, summarise: Summary[T], *, workers: int | None = None) -> list[T]:
    """Run the procedure on every resample and return what is kept of each, in the order of the resamples.

    Parameters
    ----------
    procedure : Procedure
        Its arrays, and those of the jobs and of the summary, are shared with the workers through a memory map.
    jobs : sequence of (counts, seed)
        Resamples, such as ``patient_draws`` or a list.
    summarise : callable (counts, refits) -> kept
        Runs in the worker; with more than one worker it can be pickled, and so can what it returns.
    workers : int, optional
        Processes; by default as many as there are cores. 1 runs in this process. The results are the same.

    Returns
    -------
    list
        One element a resample. A resample whose patients are all of one class is not developed: its ``Refits`` refuse
        every model by ``S-ONE-CLASS``.

    Raises
    ------
    ClinpredError
        As the procedure raised it, where it did not hand the refusal back.
    ResourceRefused
        ``R-WORKER``: no worker could be started or given its work, or one was ended from outside.
    """
    from joblib import effective_n_jobs

    available = int(effective_n_jobs(-1 if workers is None else workers))
    if len(jobs) == 1:
        return _run(procedure, jobs, range(1), summarise)
    parts = _parts(len(jobs), available)
    done = (
        (_run(procedure, jobs, part, summarise) for part in parts)
        if available == 1
        else _shared(procedure, jobs, parts, summarise, workers=min(available, len(parts)))
    )
    kept = list[T]()
    for part in done:
        kept += part
        _TELL.get()(len(kept), len(jobs))
    return kept


def _shared(
    procedure: Procedure, jobs: Jobs, parts: Sequence[range], summarise: Summary[T], *, workers: int
) -> Iterator[list[T]]:
    """Run the parts in other processes, and give back what each keeps, in their order."""
    from joblib import Parallel, delayed

    # mmap_mode "r": what workers share, none of them may write to
    parallel = Parallel(n_jobs=workers, return_as="generator", mmap_mode="r", max_nbytes=_SHARED_FROM)
    with _in_house_words():
        yield from parallel(delayed(_run)(procedure, jobs, part, summarise) for part in parts)


@contextmanager
def _in_house_words() -> Iterator[None]:
    """Turn what may befall workers into refusals; what the procedure raised passes as it is."""
    try:
        yield
    except ClinpredError:
        raise
    except BrokenExecutor as fault:
        raise _worker_refusal(
            "a process that developed models was ended from outside",
            expected="processes that run to their end; a system that is short of memory ends them",
            to_fix="make memory free, or set LOKY_MAX_CPU_COUNT to fewer processes (1: none beside this one)",
        ) from fault
    except Exception as fault:
        if not (isinstance(fault, OSError) or type(fault).__name__ == "PicklingError"):
            raise
        raise _worker_refusal(
            "other processes could not be started, or not be given the data",
            expected="a temporary folder that may be written to, with room for the data",
            to_fix="set JOBLIB_TEMP_FOLDER to such a folder, or LOKY_MAX_CPU_COUNT=1 to do without other processes",
        ) from fault


def _worker_refusal(found: str, *, expected: str, to_fix: str) -> ResourceRefused:
    return ResourceRefused("R-WORKER", found, expected=expected, to_fix=to_fix)


def _run(procedure: Procedure, jobs: Jobs, numbers: Iterable[int], summarise: Summary[T]) -> list[T]:
    """Run some resamples. One BLAS thread: more would oversubscribe the cores, and round differently."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        resamples = (jobs[number] for number in numbers)
        return [summarise(counts, _refits(procedure, counts, seed)) for counts, seed in resamples]


def _refits(procedure: Procedure, counts: Ints, seed: int) -> Refits:
    events, rows = int(counts @ (procedure.outcome == 1.0)), int(counts.sum())
    if 0 < events < rows:
        return procedure.refit(counts, seed=seed)
    refusal = StatisticalRefusal(
        "S-ONE-CLASS",
        f"{events} events in a resample of {rows} rows",
        expected="resampled patients with and without the event",
        to_fix="gather more patients with the event",
    )
    return Refits({}, dict.fromkeys(procedure.models, refusal))


def _parts(jobs: int, workers: int) -> list[range]:
    size = max(1, jobs // (_TASKS_A_WORKER * workers))
    return [range(first, min(first + size, jobs)) for first in range(0, jobs, size)]
