"""Networks grown on patients: standardised by those who are learnt from, trained as a fleet, and put on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from clinpred.models.fleet import train_fleet
from clinpred.models.fleet_settings import FleetSettings, Member, Split, TrainedMember
from clinpred.models.likelihood import mean_loss
from clinpred.models.risk_model import Array, Layer, NetworkForm
from clinpred.models.rows import Ints, Rows, checked_rows

Mask = NDArray[np.bool_]

EPOCHS, PATIENCE = 300, 15
STEPS_AN_EPOCH, SMALLEST_BATCH, LARGEST_BATCH = 32, 16, 256


@dataclass(frozen=True)
class GridPoint:
    """One setting that was tried, and its mean log loss on the choosing patients."""

    l2: float
    dropout: float
    log_loss: float


@dataclass(frozen=True)
class TrainingMember:
    """How one network was trained.

    ``learning`` and ``stopping`` are mean log losses after each epoch, without dropout and penalty; ``stopping`` is
    empty where nothing stopped it. Epochs count from 1; the weights are those of ``restored_epoch``.
    """

    label: str
    l2: float
    dropout: float
    learning: list[float]
    stopping: list[float]
    stopped_epoch: int
    restored_epoch: int
    chosen_by: Literal["search", "final"]


@dataclass(frozen=True)
class Training:
    """How an estimator was trained, field by field as `clinpred.report.contents.Training`; sets counted in patients."""

    hidden: list[int]
    learning_patients: int
    stopping_patients: int
    choosing_patients: int
    grid: list[GridPoint]
    members: list[TrainingMember]


@dataclass(frozen=True)
class Patients:
    """Rows, whose each is, and where each stood in what was given to fit."""

    rows: Rows
    codes: Ints
    place: Ints

    def count(self, chosen: Mask) -> int:
        """Return the number of patients among the chosen rows."""
        return np.unique(self.codes[chosen]).size


@dataclass(frozen=True)
class Grown:
    """A trained network: its member of the fleet, and its layers on raw predictors."""

    member: Member
    trained: TrainedMember
    layers: tuple[Layer, ...]

    def log_loss(self, rows: Rows) -> float:
        """Return the weighted mean log loss."""
        linear_predictor = NetworkForm((self.layers,)).linear_predictor(rows.predictors)
        return mean_loss(rows.outcome, linear_predictor, rows.weight / rows.weight.sum())

    def on_record(self, label: str, chosen_by: Literal["search", "final"]) -> TrainingMember:
        """Return what a report shows of it."""
        return TrainingMember(
            label=label,
            l2=self.member.l2,
            dropout=self.member.dropout,
            learning=self.trained.learning.tolist(),
            stopping=self.trained.stopping.tolist(),
            stopped_epoch=self.trained.stopped_epoch,
            restored_epoch=self.trained.restored_epoch,
            chosen_by=chosen_by,
        )


def checked_patients(
    estimator: BaseEstimator, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None, patients: ArrayLike | None
) -> tuple[NDArray[Any], Patients]:
    """Return the two classes, and the rows of positive weight; without ``patients`` each row is one."""
    classes, rows, codes = checked_rows(estimator, X, y, sample_weight=sample_weight, patients=patients)
    everyone = np.arange(rows.outcome.size)
    place = everyone if sample_weight is None else np.flatnonzero(np.asarray(sample_weight) > 0)
    return classes, Patients(rows, everyone if codes is None else codes, place)


def fleet_settings(n_rows: int, seed: int, *, activation: str) -> FleetSettings:
    """Return the settings for so many rows: some 32 steps an epoch, so that few rows make many steps too."""
    batch = 2 ** int(np.log2(max(n_rows / STEPS_AN_EPOCH, 1)))
    return FleetSettings(
        activation=activation,
        epochs=EPOCHS,
        batch=min(max(batch, SMALLEST_BATCH), LARGEST_BATCH),
        patience=PATIENCE,
        dropout_seed=seed,
    )


def widths_of(hidden: Sequence[int]) -> tuple[int, ...]:
    """Return the units of each hidden layer, as they were given."""
    return tuple(np.atleast_1d(np.asarray(hidden)).tolist())


def grow(
    members: Sequence[Member], settings: FleetSettings, everyone: Patients, *, learning: Mask, stopping: Mask
) -> list[Grown]:
    """Train members on the learning rows, stopped by the stopping rows, standardised by the learning rows alone.

    A predictor that is constant among the learning rows has no say: its weights would be those it started with.
    """
    problem = everyone.rows.take(learning).problem()
    per_unit = problem.design[:, 1:].any(axis=0) / problem.scale
    used = learning | stopping
    rows = everyone.rows.take(used)
    as_they_are = np.zeros(problem.center.size), np.ones(problem.center.size)
    split = Split(rows.weight * learning[used], rows.weight * stopping[used], *as_they_are, settings.dropout_seed)
    design = (rows.predictors - problem.center) * per_unit
    trained = train_fleet(design, rows.outcome, members=members, splits=[split], settings=settings)
    pairs = zip(members, trained, strict=True)
    return [Grown(member, one, _on_raw(one.layers, problem.center, per_unit)) for member, one in pairs]


def _on_raw(layers: tuple[Layer, ...], center: Array, per_unit: Array) -> tuple[Layer, ...]:
    kernel = layers[0].kernel * per_unit[:, None]
    return (Layer(kernel, layers[0].bias - center @ kernel), *layers[1:])


def independent_seeds(random_state: int, count: int) -> list[int]:
    """Return seeds that NumPy's SeedSequence keeps apart."""
    return [int(child.generate_state(1)[0]) for child in np.random.SeedSequence(random_state).spawn(count)]
