"""Repeated folds of patients: the whole procedure is developed without each in turn, and asked about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.models.procedure import Procedure, Refits
from clinpred.models.risk_model import risk_of
from clinpred.performance.names import numbered_patients
from clinpred.performance.rows import Array, checked_outcome
from clinpred.records.partition import Ints, patient_folds
from clinpred.settings.arguments import Seed, check_workers, seed_sequence, whole_number
from clinpred.validation.fold_numbers import checked_folds
from clinpred.validation.held_out import Scored
from clinpred.validation.resampling import Job, child_of, run_resamples

FOLDS = 5


@dataclass(frozen=True)
class OutOfFold:
    """What every model says of patients it did not learn from.

    Attributes
    ----------
    outcome, patients : arrays of shape (n,)
        The development rows.
    folds : int array of shape (repeats, n)
        The fold of each row, the same for all models.
    linear_predictors : mapping of model to array of shape (repeats, n)
        Of each row the log odds by the model developed without its fold.
    refused : mapping of model to StatisticalRefusal
        Models that could not be developed without some fold, and the first refusal.
    networks : mapping of model to array of shape (repeats, k, n)
        Of a mean of k networks, the log odds by each.
    searched : mapping of model to array of shape (repeats, folds, settings, rotations)
        Of a network, how each setting of its search did in each rotation, in log loss.
    """

    outcome: Array
    patients: Ints
    folds: Ints
    linear_predictors: Mapping[str, Array]
    refused: Mapping[str, StatisticalRefusal]
    networks: Mapping[str, Array] = field(default_factory=dict)
    searched: Mapping[str, Array] = field(default_factory=dict)

    def beside(self, other: "OutOfFold") -> "OutOfFold":
        """Return what the models of both say; the folds are the same."""
        return replace(
            self,
            linear_predictors={**self.linear_predictors, **other.linear_predictors},
            refused={**self.refused, **other.refused},
            networks={**self.networks, **other.networks},
            searched={**self.searched, **other.searched},
        )

    def scored(self, model: str, repeat: int) -> Scored:
        """Return the patients of one repeat and what a model says of them."""
        linear_predictor = self.linear_predictors[model][repeat]
        return Scored(self.outcome, risk_of(linear_predictor), linear_predictor, self.patients)


def draw_folds(outcome: Array, patients: Ints, *, n_folds: int = FOLDS, repeats: int, seed: Seed) -> Ints:
    """Return the fold of each row in each repeat, shape (repeats, n), as ``patient_folds`` draws them.

    Repeat r is the same whatever the number of repeats.

    Raises
    ------
    InputRefused
        The codes of ``checked_outcome`` and ``numbered_patients``: not an outcome of 0 or 1 and a patient a row.
    StatisticalRefusal
        ``S-FEW-EVENTS``: fewer patients than folds have the event, or are without it.
    WrongUsage
        ``E-SETTING``: fewer than 2 folds or 1 repeat, or no whole number of them; a seed that is none.
    """
    whole_number("n_folds", n_folds, least=2)
    events = checked_outcome(outcome)
    numbers, _ = numbered_patients(patients, events.size)
    root = seed_sequence("seed", seed)
    return np.array(
        [
            patient_folds(events, numbers, n_folds, np.random.default_rng(child_of(root, repeat)))
            for repeat in range(whole_number("repeats", repeats, least=1))
        ]
    )


def out_of_fold(procedure: Procedure, folds: Ints, *, seed: Seed, workers: int | None = None) -> OutOfFold:
    """Develop every model without each fold in turn, and keep what it says of that fold.

    Parameters
    ----------
    procedure : Procedure
        The whole procedure; each model of it is developed repeats · folds times.
    folds : int array, shape (repeats, n)
        As from ``draw_folds``: 0, 1, … in every repeat, patients whole.
    seed : int or numpy.random.SeedSequence
        Of what the models draw; every repeat and fold has a stream of its own.
    workers : int, optional
        Processes, as ``run_resamples``.

    Raises
    ------
    ClinpredError
        The codes of ``checked_folds``. ``E-SETTING``: a seed that is none, or workers below 1.

    References
    ----------
    Steyerberg EW. Clinical Prediction Models, 2nd ed. Springer 2019, chapter 17. Varma S, Simon R. BMC
    Bioinformatics 2006;7:91 (the choice of strength belongs inside the fold).
    """
    check_workers(workers)
    folds = checked_folds(folds, procedure.patients)
    jobs = _LeftOut(folds, seed_sequence("seed", seed))
    kept = run_resamples(procedure, jobs, _keep_left_out, workers=workers)
    refused = {name: refusal for one in reversed(kept) for name, refusal in one.refused.items()}
    developed = [name for name in procedure.models if name not in refused]
    networks = [name for name in developed if name in kept[0].networks]
    return OutOfFold(
        procedure.outcome,
        procedure.patients,
        folds,
        {name: _put_back(jobs, [one.linear_predictors[name] for one in kept]) for name in developed},
        {name: refused[name] for name in procedure.models if name in refused},
        {name: _put_back(jobs, [one.networks[name] for one in kept]) for name in networks},
        {name: _by_fold(jobs, [one.searched[name] for one in kept]) for name in networks},
    )


def _put_back(jobs: "_LeftOut", left_out: list[Array]) -> Array:
    """Return, by repeat, what was said of the rows of each fold, each row in its place."""
    whole = np.empty((len(jobs.folds), *left_out[0].shape[:-1], jobs.folds.shape[1]))
    for (repeat, fold), one in zip(jobs.places, left_out, strict=True):
        whole[repeat][..., jobs.folds[repeat] == fold] = one
    return whole


def _by_fold(jobs: "_LeftOut", searched: list[Array]) -> Array:
    """Return how the settings did, by repeat and fold; rotations that some folds did without are left out."""
    rotations = min(one.shape[1] for one in searched)
    together = np.array([one[:, :rotations] for one in searched])
    return together.reshape(len(jobs.folds), -1, *together.shape[1:])


@dataclass(frozen=True)
class _LeftOut:
    """The resamples of repeated K-fold: each leaves one fold out."""

    folds: Ints
    seed: np.random.SeedSequence

    @property
    def places(self) -> list[tuple[int, int]]:
        """Repeat and fold of every resample."""
        return list(product(range(len(self.folds)), range(int(self.folds.max()) + 1)))

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, number: int) -> Job:
        repeat, fold = self.places[number]
        seed = int(child_of(self.seed, repeat, fold).generate_state(1)[0] % 2**31)
        return (self.folds[repeat] != fold).astype(np.int64), seed


@dataclass(frozen=True)
class _Fold:
    """By model the log odds of the rows left out, by all networks and by each, and why other models have none."""

    linear_predictors: dict[str, Array]
    networks: dict[str, Array]
    searched: dict[str, Array]
    refused: Mapping[str, StatisticalRefusal]


def _keep_left_out(counts: Ints, refits: Refits) -> _Fold:
    models, left_out = refits.models.items(), counts == 0
    return _Fold(
        {name: refit.linear_predictor[left_out] for name, refit in models},
        {name: refit.networks[:, left_out] for name, refit in models if refit.networks is not None},
        {name: refit.searched for name, refit in models if refit.searched is not None},
        refits.refused,
    )
