"""Many networks of one shape trained together as one compiled program: Keras on its JAX backend.

All members see the same minibatches; what a member learns from, and what stops it, are its own row weights.
A member's outcome does not depend on who else is in the fleet.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from numbers import Integral
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from clinpred.errors import ResourceRefused, StatisticalRefusal, WrongUsage
from clinpred.models.risk_model import Array, Layer

FIRST_DECAY, SECOND_DECAY, TINY = 0.9, 0.999, 1e-7  # Adam: Kingma & Ba 2015, with Keras's epsilon
DROPOUT_LEVELS = 2**16  # 16 random bits a unit: half the cost of 32, and a rate exact to 1 in 65,536

Network = Any  # keras.Model: Keras ships no types
Float32 = NDArray[np.float32]
Numbers = Any  # made by NumPy, a jax.Array within the program
Arrays = list[Numbers]


@dataclass(frozen=True)
class Member:
    """What tells one network from another: seed (0 to 2**32 - 1), L2 strength (>= 0), dropout rate (0 to below 1)."""

    seed: int
    l2: float = 0.0
    dropout: float = 0.0


@dataclass(frozen=True)
class FleetSettings:
    """What all members share.

    Parameters
    ----------
    hidden : tuple of int
        Units of each hidden layer (ReLU).
    epochs : int
        Passes over the rows, at most.
    batch : int
        Rows in a step of Adam.
    learning_rate : float
        Adam's step size.
    patience : int
        Epochs without improvement of the stopping loss after which a member stops.
    minimum_delta : float
        What counts as improvement, in mean log loss.
    order_seed : int
        Seed of the order of the rows: one order an epoch, for all members.
    """

    hidden: tuple[int, ...] = (64, 32)
    epochs: int = 200
    batch: int = 128
    learning_rate: float = 1e-3
    patience: int = 15
    minimum_delta: float = 1e-4
    order_seed: int = 0


@dataclass(frozen=True)
class TrainedMember:
    """A member's best weights and how it came to them.

    ``learning`` and ``stopping`` are the weighted mean log losses after each epoch up to ``stopped_epoch``, without
    dropout and without the penalty. ``restored_epoch`` (epochs count from 1) is the one whose weights are kept. A
    member without stopping rows has an empty ``stopping`` and the weights of its last epoch.
    """

    layers: tuple[Layer, ...]
    learning: Array
    stopping: Array
    stopped_epoch: int
    restored_epoch: int


class _Rows(NamedTuple):
    """What all members see, padded to whole minibatches with rows of weight 0."""

    design: Numbers
    outcome: Numbers


class _Own(NamedTuple):
    """What each member has to itself; the first axis is the member. Row weights have mean 1."""

    seed: Numbers
    l2: Numbers
    dropout: Numbers
    learning: Numbers
    stopping: Numbers
    watched: Numbers


class _Rules(NamedTuple):
    """Numbers that may change without compiling anew."""

    learning_rate: float
    patience: int
    minimum_delta: float


class _State(NamedTuple):
    """Where training stands; the first axis is the member, except for ``step`` and ``epoch``."""

    weights: Arrays
    first: Arrays
    second: Arrays
    best: Arrays
    best_loss: Numbers
    best_epoch: Numbers
    running: Numbers
    step: Numbers
    epoch: Numbers


def train_fleet(
    design: Array,
    outcome: Array,
    *,
    members: Sequence[Member],
    settings: FleetSettings,
    learning: Array,
    stopping: Array,
) -> tuple[TrainedMember, ...]:
    """Train all members together, each stopped early on its own stopping rows.

    A member minimises, by Adam in float32, the weighted mean of its log loss under dropout plus l2/2 · Σ kernel²
    (biases are free). Its initial weights and its dropout come from its seed alone.

    Parameters
    ----------
    design : array, shape (n, p)
        Predictors, standardised.
    outcome : array of 0 and 1, shape (n,)
    members : sequence of Member, length m
    settings : FleetSettings
    learning, stopping : arrays >= 0, shape (m, n)
        The weight of each row in what a member learns from and in what stops it; rows of weight 0 do not touch it.
        A member whose stopping weights are all 0 learns for all epochs.

    Returns
    -------
    tuple of TrainedMember
        In the order of `members`.

    Raises
    ------
    StatisticalRefusal
        S-DIVERGED: the loss of a network that was still learning is not finite.
    ResourceRefused
        R-BACKEND: Keras uses another backend than JAX in this process.
    WrongUsage
        E-SETTING: a width, rate, strength or count outside its range.
    """
    _check(members, settings)
    program = _program(design.shape[1], settings.hidden, drops=any(member.dropout > 0 for member in members))
    padding = -len(outcome) % settings.batch
    with_one = np.column_stack([design, np.ones(len(outcome))])
    rows = _Rows(_padded(with_one, padding, axis=0), _padded(outcome, padding, axis=0))
    own = _own(members, learning, stopping, padding=padding)
    rules = _Rules(settings.learning_rate, settings.patience, settings.minimum_delta)
    state = _start(members, (design.shape[1], *settings.hidden, 1))
    shuffle = np.random.default_rng(settings.order_seed)
    losses: list[Array] = []
    while len(losses) < settings.epochs and (running := np.asarray(state.running)).any():
        order = shuffle.permutation(np.arange(len(outcome) + padding, dtype=np.int32)).reshape(-1, settings.batch)
        state, loss = program(state, order, own, rows, rules)
        losses.append(_finite(np.asarray(loss, dtype=np.float64), running))
    return _finished(state, np.stack(losses), np.asarray(own.watched), settings.patience)


def _check(members: Sequence[Member], settings: FleetSettings) -> None:
    members_hold = all(0 <= member.dropout < 1 and 0 <= member.l2 < np.inf for member in members)
    counts = (len(members), len(settings.hidden), *settings.hidden, settings.epochs, settings.batch, settings.patience)
    if not (members_hold and all(isinstance(count, Integral) and count >= 1 for count in counts)):
        raise WrongUsage(
            "E-SETTING",
            f"{len(members)} networks of hidden widths {list(settings.hidden)}, {settings.epochs} epochs, "
            f"batch {settings.batch}, patience {settings.patience}, or one of their L2 strengths or dropout rates",
            expected="whole numbers of at least 1; L2 strengths of at least 0; dropout rates from 0 to below 1",
            to_fix="choose, for example, hidden = (64, 32), dropout = 0.3, l2 = 0.001",
        )


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


def _padded(values: Array, padding: int, *, axis: int) -> Float32:
    widths = [(0, padding if a == axis else 0) for a in range(values.ndim)]
    return np.pad(values, widths).astype(np.float32)


# What training starts from is made by NumPy: each small operation by JAX would be a program to compile of its own.
def _own(members: Sequence[Member], learning: Array, stopping: Array, *, padding: int) -> _Own:
    return _Own(
        seed=np.array([member.seed for member in members], dtype=np.uint32),
        l2=np.array([member.l2 for member in members], dtype=np.float32),
        dropout=np.array([member.dropout for member in members], dtype=np.float32),
        learning=_mean_one(_padded(learning, padding, axis=1)),
        stopping=_mean_one(_padded(stopping, padding, axis=1)),
        watched=stopping.any(axis=1),
    )


def _mean_one(weight: Float32) -> Float32:
    mean = weight.mean(axis=1, keepdims=True, dtype=np.float64)
    return (weight / np.where(mean > 0, mean, 1.0)).astype(np.float32)


def _start(members: Sequence[Member], sizes: tuple[int, ...]) -> _State:
    weights = [np.stack(layer) for layer in zip(*(_glorot(member.seed, sizes) for member in members), strict=True)]
    count = len(members)
    return _State(
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


def _glorot(seed: int, sizes: tuple[int, ...]) -> list[Float32]:
    """Return the weights of each layer: Glorot's uniform kernel, and a last row of 0, the biases."""
    rng = np.random.default_rng(seed)
    weights = []
    for inputs, units in pairwise(sizes):
        limit = np.sqrt(6 / (inputs + units))
        kernel = rng.uniform(-limit, limit, (inputs, units))
        weights.append(np.vstack([kernel, np.zeros(units)]).astype(np.float32))
    return weights


def _keras() -> Any:  # noqa: ANN401
    """Import Keras on JAX; on another backend its networks could not be compiled into one program."""
    chosen = os.environ.get("KERAS_BACKEND") or "jax"
    if chosen == "jax":
        os.environ["KERAS_BACKEND"] = "jax"
        import keras

        chosen = keras.backend.backend()
        if chosen == "jax":
            return keras
    raise ResourceRefused(
        "R-BACKEND",
        f"Keras uses its `{chosen}` backend in this process",
        expected="its `jax` backend",
        to_fix="start a new process with the environment variable KERAS_BACKEND=jax",
    )


@lru_cache(maxsize=16)
def _program(inputs: int, hidden: tuple[int, ...], *, drops: bool) -> Callable[..., tuple[_State, jax.Array]]:
    """Compile one epoch of a fleet, once for each shape: later fleets of the same shape use it again."""
    networks = (_network(inputs, hidden, drops=drops), _network(inputs, hidden, drops=False))
    return jax.jit(partial(_epoch, networks), donate_argnums=0)


def _network(inputs: int, hidden: tuple[int, ...], *, drops: bool) -> Network:
    """Return the Keras model; with dropout, its further inputs are what is kept of each hidden signal.

    A bias is the weight of a last input that is always 1. Its slope is then a product like the others: a sum over the
    rows would be rounded differently for a different number of members.
    """
    keras = _keras()
    design, kept = keras.Input((inputs + 1,)), []
    one, signal = design[:, -1:], design
    for width in hidden:
        signal = keras.layers.Dense(width, activation="relu", use_bias=False)(signal)
        if drops:
            kept.append(keras.Input((width,)))
            signal = keras.layers.Multiply()([signal, kept[-1]])
        signal = keras.layers.Concatenate()([signal, one])
    return keras.Model([design, *kept], keras.layers.Dense(1, use_bias=False)(signal))


def _epoch(
    networks: tuple[Network, Network], state: _State, order: jax.Array, own: _Own, rows: _Rows, rules: _Rules
) -> tuple[_State, jax.Array]:
    """All steps of one epoch, the losses after it (learning, stopping), and early stopping as a mask."""
    learner, whole = networks
    slopes = jax.vmap(jax.grad(partial(_objective, learner)), in_axes=(0, 0, 0, None, None))

    def learn(now: _State, batch: jax.Array) -> tuple[_State, None]:
        mine = own._replace(learning=own.learning[:, batch])
        gradient = slopes(now.weights, mine, _for_each(own, rows.design[batch]), rows.outcome[batch], now.step)
        return _adam(now, gradient, rules.learning_rate), None

    def judge(_: None, batch: jax.Array) -> tuple[None, jax.Array]:
        design, outcome = _for_each(own, rows.design[batch]), rows.outcome[batch]
        loss = jax.vmap(partial(_log_loss, whole), in_axes=(0, 0, None, None))(state.weights, design, outcome, [])
        return None, jnp.stack([(weight[:, batch] * loss).mean(axis=1) for weight in (own.learning, own.stopping)])

    state, _ = jax.lax.scan(learn, state, order)
    losses = jax.lax.scan(judge, None, order)[1].mean(axis=0)
    return _keep_better(state, losses[1], own.watched, rules), losses


def _for_each(own: _Own, design: jax.Array) -> jax.Array:
    # One product a member: in one wide product the rounding would depend on how many members there are, and
    # training magnifies it beyond recognition within a hundred epochs.
    return jnp.broadcast_to(design, (len(own.l2), *design.shape))


def _objective(
    network: Network, weights: Arrays, own: _Own, design: jax.Array, outcome: jax.Array, step: jax.Array
) -> jax.Array:
    kept = _kept(network, own.dropout, jax.random.fold_in(jax.random.key(own.seed), step), len(outcome))
    penalty = jnp.stack([jnp.sum(weight[:-1] ** 2) for weight in weights]).sum()
    loss = jnp.mean(own.learning * _log_loss(network, weights, design, outcome, kept))
    total: jax.Array = loss + own.l2 / 2 * penalty
    return total


def _log_loss(network: Network, weights: Arrays, design: jax.Array, outcome: jax.Array, kept: Arrays) -> jax.Array:
    logit = network.stateless_call(weights, [], [design, *kept])[0][:, 0]
    loss: jax.Array = jnp.logaddexp(0.0, logit) - outcome * logit
    return loss


def _kept(network: Network, rate: jax.Array, key: jax.Array, rows: int) -> Arrays:
    """Draw what dropout leaves of each hidden signal: 0, or 1 / (1 - rate)."""
    threshold = jnp.round(rate * DROPOUT_LEVELS).astype(jnp.uint32)
    widths = [keep.shape[1] for keep in network.inputs[1:]]
    bits = [jax.random.bits(jax.random.fold_in(key, i), (rows, w), jnp.uint16) for i, w in enumerate(widths)]
    return [jnp.where(drawn >= threshold, 1 / (1 - rate), 0.0) for drawn in bits]


def _adam(state: _State, gradient: Arrays, learning_rate: float) -> _State:
    step = state.step + 1
    size = learning_rate * jnp.sqrt(1 - SECOND_DECAY**step) / (1 - FIRST_DECAY**step)
    first = [FIRST_DECAY * m + (1 - FIRST_DECAY) * g for m, g in zip(state.first, gradient, strict=True)]
    second = [SECOND_DECAY * v + (1 - SECOND_DECAY) * g**2 for v, g in zip(state.second, gradient, strict=True)]
    moved = zip(state.weights, first, second, strict=True)
    weights = [w - size * m / (jnp.sqrt(v) + TINY) for w, m, v in moved]
    return state._replace(weights=weights, first=first, second=second, step=step)


def _keep_better(state: _State, stopping_loss: jax.Array, watched: jax.Array, rules: _Rules) -> _State:
    """Keep each member's weights where its stopping loss improved; a member out of patience no longer changes."""
    epoch = state.epoch + 1
    improved = ~watched | (stopping_loss < state.best_loss - rules.minimum_delta)
    better = state.running & improved
    best_epoch = jnp.where(better, epoch, state.best_epoch)
    keep = jax.vmap(jnp.where)
    return state._replace(
        best=[keep(better, new, old) for new, old in zip(state.weights, state.best, strict=True)],
        best_loss=jnp.where(better, stopping_loss, state.best_loss),
        best_epoch=best_epoch,
        running=state.running & (epoch - best_epoch < rules.patience),
        epoch=epoch,
    )


def _finished(state: _State, losses: Array, watched: NDArray[np.bool_], patience: int) -> tuple[TrainedMember, ...]:
    best = [np.asarray(w, dtype=np.float64) for w in state.best]
    restored = np.asarray(state.best_epoch)
    stopped = np.minimum(restored + patience, len(losses))
    return tuple(
        TrainedMember(
            layers=tuple(Layer(weight[m, :-1], weight[m, -1]) for weight in best),
            learning=losses[: stopped[m], 0, m],
            stopping=losses[: stopped[m] if watched[m] else 0, 1, m],
            stopped_epoch=int(stopped[m]),
            restored_epoch=int(restored[m]),
        )
        for m in range(len(watched))
    )
