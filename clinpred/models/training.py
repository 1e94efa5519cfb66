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

EPOCHS, PATIENCE = 300, 25
STEPS_AN_EPOCH, SMALLEST_BATCH, LARGEST_BATCH = 32, 16, 256
# Digits of a loss on record; Adam in float32 has no more.
_DIGITS = 6


@dataclass(frozen=True)
class GridPoint:
    """One setting that was tried.

    ``log_loss`` is the mean over the choosing patients of all rotations, ``epochs`` the median over the rotations of
    the epoch that went best on the stopping patients.
    """

    hidden: list[int]
    l2: float
    dropout: float
    log_loss: float
    epochs: int


@dataclass(frozen=True)
class TrainingMember:
    """How one network was trained.

    ``learning`` and ``stopping`` are mean log losses, without dropout and penalty, after each epoch, or after each of
    ``every`` epochs where there were more than 300; ``stopping`` is empty where nobody stopped it. Epochs count from 1;
    the weights are those of ``restored_epoch``, ``kept_loss`` is their mean log loss on the learning patients, and
    ``choosing`` that on the choosing patients of its ``rotation``, which counts from 1. Final networks have neither of
    the last two.
    """

    label: str
    hidden: list[int]
    l2: float
    dropout: float
    rotation: int | None
    learning: list[float]
    stopping: list[float]
    stopped_epoch: int
    restored_epoch: int
    every: int
    kept_loss: float
    choosing: float | None
    chosen_by: Literal["search", "final"]


@dataclass(frozen=True)
class Training:
    """How an estimator was trained, field by field as `clinpred.report.contents.Training`.

    ``patients`` are all that the final networks learnt from, for ``epochs`` epochs; ``fold_patients`` are the folds
    that the search rotated through ``rotations`` times, none where nothing was searched. ``at_floor`` says of a network
    that was to learn its patients by heart whether its loss had stopped falling.
    """

    hidden: list[int]
    patients: int
    fold_patients: list[int]
    rotations: int
    epochs: int
    at_floor: bool | None
    grid: list[GridPoint]
    members: list[TrainingMember]


@dataclass(frozen=True)
class Patients:
    """Rows of positive weight, whose each is, and where each stood among the ``n_given`` rows given to fit."""

    rows: Rows
    codes: Ints
    place: Ints
    n_given: int

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

    def in_search(self, choosing: float) -> TrainingMember:
        """Return what a report shows of a network of the search: the split's place is the rotation's."""
        member = self.member
        label = f"hidden {'-'.join(map(str, member.hidden))}, L2 {member.l2:g}, dropout {member.dropout:g}"
        return self._on_record(label, rotation=member.split + 1, choosing=choosing)

    def as_final(self, number: int) -> TrainingMember:
        """Return what a report shows of a final network."""
        return self._on_record(f"final network {number}", rotation=None, choosing=None)

    def _on_record(self, label: str, *, rotation: int | None, choosing: float | None) -> TrainingMember:
        trained = self.trained
        every = -(-trained.stopped_epoch // EPOCHS)
        return TrainingMember(
            label=label,
            hidden=list(self.member.hidden),
            l2=self.member.l2,
            dropout=self.member.dropout,
            rotation=rotation,
            learning=trained.learning[every - 1 :: every].round(_DIGITS).tolist(),
            stopping=trained.stopping[every - 1 :: every].round(_DIGITS).tolist(),
            stopped_epoch=trained.stopped_epoch,
            restored_epoch=trained.restored_epoch,
            every=every,
            kept_loss=round(float(trained.learning[trained.restored_epoch - 1]), _DIGITS),
            choosing=choosing,
            chosen_by="final" if rotation is None else "search",
        )


def checked_patients(
    estimator: BaseEstimator, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None, patients: ArrayLike | None
) -> tuple[NDArray[Any], Patients]:
    """Return the two classes, and the rows of positive weight; without ``patients`` each row is one."""
    classes, rows, codes = checked_rows(estimator, X, y, sample_weight=sample_weight, patients=patients)
    each = np.arange(rows.outcome.size)
    weight = np.ones(each.size) if sample_weight is None else np.asarray(sample_weight)
    return classes, Patients(rows, each if codes is None else codes, np.flatnonzero(weight > 0), weight.size)


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


def widths_of(hidden: Sequence[int] | str) -> tuple[int, ...]:
    """Return the units of each hidden layer, as they were given."""
    return tuple(np.atleast_1d(np.asarray(hidden)).tolist())


@dataclass(frozen=True)
class Roles:
    """Which rows are learnt from, and which stop, in one split; ``order_seed`` shuffles the former."""

    learning: Mask
    stopping: Mask
    order_seed: int


def grow(
    members: Sequence[Member], settings: FleetSettings, everyone: Patients, *, splits: Sequence[Roles]
) -> list[Grown]:
    """Train members on the learning rows of their split, stopped by its stopping rows.

    Each split standardises the predictors by its learning rows alone. A predictor that is constant among them has no
    say: its weights would be those it started with.
    """
    rows, common = everyone.rows, everyone.rows.problem()
    design = (rows.predictors - common.center) / common.scale
    standards = [_standards(everyone, roles.learning) for roles in splits]
    fleet_splits = [
        Split(
            rows.weight * roles.learning,
            rows.weight * roles.stopping,
            center=(center - common.center) / common.scale,
            per_unit=per_unit * common.scale,
            order_seed=roles.order_seed,
        )
        for roles, (center, per_unit) in zip(splits, standards, strict=True)
    ]
    trained = train_fleet(design, rows.outcome, members=members, splits=fleet_splits, settings=settings)
    pairs = zip(members, trained, strict=True)
    return [Grown(member, one, _on_raw(one.layers, *standards[member.split])) for member, one in pairs]


def _standards(everyone: Patients, learning: Mask) -> tuple[Array, Array]:
    """Return the mean of each predictor in some rows, and by what to multiply what is left: 0 if that is nothing."""
    problem = everyone.rows.take(learning).problem()
    return problem.center, problem.design[:, 1:].any(axis=0) / problem.scale


def _on_raw(layers: tuple[Layer, ...], center: Array, per_unit: Array) -> tuple[Layer, ...]:
    kernel = layers[0].kernel * per_unit[:, None]
    return (Layer(kernel, layers[0].bias - center @ kernel), *layers[1:])


def independent_seeds(random_state: int, count: int) -> list[int]:
    """Return seeds that NumPy's SeedSequence keeps apart."""
    return [int(child.generate_state(1)[0]) for child in np.random.SeedSequence(random_state).spawn(count)]
