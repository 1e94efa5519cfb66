"""A few networks of one split, trained epoch by epoch: rows and weights made ready, and what became of each network."""

from collections.abc import Sequence
from itertools import pairwise

import jax
import numpy as np
from numpy.typing import NDArray

from clinpred.errors import StatisticalRefusal
from clinpred.models.fleet_program import (
    LEARNING,
    NOTHING,
    STOPPING,
    Batches,
    Given,
    Own,
    Rows,
    Rules,
    State,
    compiled_epoch,
)
from clinpred.models.fleet_settings import FleetSettings, Member, Split, TrainedMember
from clinpred.models.risk_model import Array, Layer

Float32 = NDArray[np.float32]
Ints = NDArray[np.int32]
Shared = tuple[Float32, Float32]

_WATCHED = {"nothing": NOTHING, "learning": LEARNING, "stopping": STOPPING}
# Columns are filled up with zeros to a multiple of this, rows to four sizes an octave: a fold with a level or a patient
# more or less then needs no program of its own.
_COLUMNS, _SIZES_AN_OCTAVE = 8, 4


def shared_rows(design: Array, outcome: Array) -> Shared:
    """Return the design and the outcome in float32, filled up with rows of zeros; the last column is 1 everywhere."""
    n_rows, n_predictors = design.shape
    size, inputs = _roomy(n_rows + 1), -(-(n_predictors + 1) // _COLUMNS) * _COLUMNS
    filled = _filled_up(design, (size, inputs))
    filled[:, -1] = 1.0
    return filled, _filled_up(outcome, (size,))


# What training starts from is made by NumPy: each small operation by JAX would be a program to compile of its own.
class Squadron:
    """Networks that share rows, minibatches and a program; the last of them may be a copy that only fills it up.

    Parameters
    ----------
    shared : arrays (rows, inputs) and (rows,)
        As ``shared_rows`` makes them.
    split : Split
    members : sequence of Member
    widths : tuple of int
        Units of each hidden layer of the widest member of the fleet; narrower ones are filled up with zeros, which
        stay zeros.
    settings : FleetSettings
    """

    def __init__(
        self, shared: Shared, split: Split, members: Sequence[Member], *, widths: Sequence[int], settings: FleetSettings
    ) -> None:
        self.members, self.settings, self.n_predictors = members, settings, split.center.size
        self.learnt = np.flatnonzero(split.learning).astype(np.int32)
        self.shuffle = np.random.default_rng(split.order_seed)
        self.empty = len(split.learning)
        self.state = _start(members, self.n_predictors, (shared[0].shape[1] - 1, *widths, 1))
        stopping = self._batches(np.flatnonzero(split.stopping).astype(np.int32))
        self.given = Given(stopping, _own(members), _rows(shared, split), _rules(settings, stops=bool(stopping.steps)))
        drops = any(member.dropout > 0 for member in members)
        arguments = (self.state, self._batches(self.learnt), self.given)
        self.epoch = compiled_epoch(settings.activation, arguments, drops=drops)

    def trained(self) -> list[TrainedMember]:
        """Train until every network has stopped, and return the best of each."""
        history: list[Array] = []
        given = jax.device_put(self.given)
        while len(history) < self.settings.epochs and (running := np.asarray(self.state.running)).any():
            self.state, losses = self.epoch(self.state, self._batches(self.learnt, self.shuffle), given)
            history.append(_finite(np.asarray(losses, dtype=np.float64), running))
        return self._finished(np.stack(history))

    def _batches(self, rows: Ints, shuffle: np.random.Generator | None = None) -> Batches:
        """Return row numbers by batch; places that are left over hold the row that weighs nothing."""
        batch = self.settings.batch
        steps = -(-rows.size // batch)
        places = np.full(steps * batch, self.empty, dtype=np.int32)
        places[: rows.size] = rows
        order = np.full((_roomy(max(steps, 1)), batch), self.empty, dtype=np.int32)
        order[:steps] = (places if shuffle is None else shuffle.permutation(places)).reshape(steps, batch)
        return Batches(order, np.int32(steps))

    def _finished(self, history: Array) -> list[TrainedMember]:
        best = [np.asarray(weight, dtype=np.float64) for weight in self.state.best]
        restored = np.asarray(self.state.best_epoch)
        last = np.minimum(restored + self.settings.patience, len(history))
        seen = int(self.given.stopping.steps > 0)
        return [
            TrainedMember(
                layers=_cut([weight[m] for weight in best], (self.n_predictors, *member.hidden, 1)),
                learning=history[: last[m], 0, m],
                stopping=history[: last[m] * seen, 1, m],
                stopped_epoch=int(last[m]),
                restored_epoch=int(restored[m]),
            )
            for m, member in enumerate(self.members)
        ]


def _finite(losses: Array, running: NDArray[np.bool_]) -> Array:
    lost = int(np.sum(~np.isfinite(losses) & running, axis=0).astype(bool).sum())
    if lost:
        raise StatisticalRefusal(
            "S-DIVERGED",
            f"the loss of {lost} of {len(running)} networks is not a number any more",
            expected="a finite log loss after every epoch",
            to_fix="look for extreme values among the predictors, or lower the learning rate",
        )
    return losses


def _rules(settings: FleetSettings, *, stops: bool) -> Rules:
    """Return the rules; where a split has no stopping rows, none of them can stop a network."""
    watched = settings.watched if stops or settings.watched != "stopping" else "nothing"
    return Rules(
        np.float32(settings.learning_rate),
        np.int32(settings.patience),
        np.float32(settings.minimum_delta),
        np.uint32(settings.dropout_seed),
        np.int32(_WATCHED[watched]),
    )


def _rows(shared: Shared, split: Split) -> Rows:
    design, outcome = shared
    per_unit = _filled_up(split.per_unit, design.shape[1:])
    per_unit[-1] = 1.0
    return Rows(
        design,
        outcome,
        learning=_filled_up(_of_sum_one(split.learning), outcome.shape),
        stopping=_filled_up(_of_sum_one(split.stopping), outcome.shape),
        center=_filled_up(split.center, design.shape[1:]),
        per_unit=per_unit,
    )


def _of_sum_one(weight: Array) -> Array:
    total = weight.sum()
    return weight / total if total > 0 else weight


def _roomy(size: int) -> int:
    """Return a number not below this, of which there are few in an octave."""
    if size <= _SIZES_AN_OCTAVE:
        return size
    step = 1 << (int(np.log2(size - 1)) - int(np.log2(_SIZES_AN_OCTAVE)))
    return -(-size // step) * step


def _filled_up(values: Array, shape: tuple[int, ...]) -> Float32:
    filled = np.zeros(shape, dtype=np.float32)
    filled[tuple(slice(extent) for extent in values.shape)] = values
    return filled


def _own(members: Sequence[Member]) -> Own:
    scramble = np.array([np.random.SeedSequence(member.seed).generate_state(2) for member in members], dtype=np.uint32)
    scramble[:, 1] |= 1
    return Own(
        l2=np.array([member.l2 for member in members], dtype=np.float32),
        dropped=np.array([round(member.dropout * 2**32) for member in members], dtype=np.uint32),
        scramble=scramble,
    )


def _start(members: Sequence[Member], n_predictors: int, sizes: tuple[int, ...]) -> State:
    count = len(members)
    weights = [np.zeros((count, inputs + 1, units), dtype=np.float32) for inputs, units in pairwise(sizes)]
    for place, member in enumerate(members):
        for weight, kernel in zip(weights, glorot(member.seed, (n_predictors, *member.hidden, 1)), strict=True):
            weight[place, : kernel.shape[0], : kernel.shape[1]] = kernel
    return State(
        weights=weights,
        first=[np.zeros_like(w) for w in weights],
        second=[np.zeros_like(w) for w in weights],
        best=[np.zeros_like(w) for w in weights],
        best_loss=np.full(count, np.inf, dtype=np.float32),
        best_epoch=np.zeros(count, dtype=np.int32),
        running=np.ones(count, dtype=bool),
        step=np.int32(0),
        epoch=np.int32(0),
    )


def glorot(seed: int, sizes: tuple[int, ...]) -> list[Float32]:
    """Return the kernel that each layer starts with, drawn as Glorot and Bengio (2010) say; biases start at 0."""
    rng = np.random.default_rng(seed)
    limits = [(np.sqrt(6 / (inputs + units)), (inputs, units)) for inputs, units in pairwise(sizes)]
    return [rng.uniform(-limit, limit, shape).astype(np.float32) for limit, shape in limits]


def _cut(weights: Sequence[Array], sizes: tuple[int, ...]) -> tuple[Layer, ...]:
    """Return the layers without what they were filled up with."""
    shapes = pairwise(sizes)
    return tuple(
        Layer(weight[:inputs, :units], weight[-1, :units])
        for weight, (inputs, units) in zip(weights, shapes, strict=True)
    )
