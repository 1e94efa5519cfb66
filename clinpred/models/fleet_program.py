"""One epoch of several networks as one compiled program: Keras's network under JAX's ``vmap``, steps in a loop.

The networks share rows and minibatches; settings, initial weights and dropout are each one's own. What a network
becomes does not depend on which others are trained beside it.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from clinpred.models.keras_network import Network, fleet_network

FIRST_DECAY, SECOND_DECAY, TINY = 0.9, 0.999, 1e-7  # Adam: Kingma & Ba 2015, with Keras's epsilon
GOLDEN = np.uint32(0x9E3779B9)  # 2**32 over the golden ratio: steps of it are spread as evenly as can be

Numbers = Any  # made by NumPy, a jax.Array within the program
Arrays = list[Numbers]


class Rows(NamedTuple):
    """What is learnt from: the design (rows, inputs), its last column ones, the outcome (rows,), and row weights.

    ``center`` and ``per_unit`` (inputs,) standardise the design. Weights have sum 1 over the rows.
    """

    design: Numbers
    outcome: Numbers
    learning: Numbers
    stopping: Numbers
    center: Numbers
    per_unit: Numbers


class Batches(NamedTuple):
    """Row numbers (steps, batch), and how many of these steps there are to take; what is left over weighs nothing."""

    rows: Numbers
    steps: Numbers


class Own(NamedTuple):
    """What each network has to itself; the first axis is the network. ``scramble`` (2,) makes its dropout its own."""

    l2: Numbers
    dropped: Numbers
    scramble: Numbers


class Rules(NamedTuple):
    """Numbers that may change without compiling anew; ``watched`` is NOTHING, LEARNING or STOPPING."""

    learning_rate: Numbers
    patience: Numbers
    minimum_delta: Numbers
    dropout_seed: Numbers
    watched: Numbers


NOTHING, LEARNING, STOPPING = 0, 1, 2


class State(NamedTuple):
    """Where training stands; the first axis is the network, but for ``step`` and ``epoch``, which all share."""

    weights: Arrays
    first: Arrays
    second: Arrays
    best: Arrays
    best_loss: Numbers
    best_epoch: Numbers
    running: Numbers
    step: Numbers
    epoch: Numbers


class Given(NamedTuple):
    """What does not change from epoch to epoch."""

    stopping: Batches
    own: Own
    rows: Rows
    rules: Rules


Arguments = tuple[State, Batches, Given]
Epoch = Callable[..., tuple[State, jax.Array]]


def compiled_epoch(activation: str, arguments: Arguments, *, drops: bool) -> Epoch:
    """Compile one epoch, once for each shape of its arguments: whoever comes with the same shapes uses it again.

    The program takes the state, batches of learning rows, and what is given for all epochs. It returns the new state
    and the losses after it, (2, networks): the weighted mean log loss of the learning and of the stopping rows, without
    dropout and penalty.
    """
    leaves, structure = jax.tree.flatten(arguments)
    return _compiled(activation, drops, structure, tuple((leaf.shape, leaf.dtype.name) for leaf in leaves))


@lru_cache(maxsize=64)
def _compiled(activation: str, drops: bool, structure: Any, shapes: tuple[Any, ...]) -> Epoch:  # noqa: ANN401, FBT001
    arguments: Arguments = structure.unflatten([jax.ShapeDtypeStruct(*shape) for shape in shapes])
    widths = [kernel.shape[2] for kernel in arguments[0].weights[:-1]]
    inputs = arguments[2].rows.design.shape[1]
    networks = [fleet_network(inputs, widths, activation, drops=dropping) for dropping in (drops, False)]
    compiled: Epoch = jax.jit(partial(_epoch, *networks), donate_argnums=0).lower(*arguments).compile()
    return compiled


def _epoch(learner: Network, whole: Network, state: State, learning: Batches, given: Given) -> tuple[State, jax.Array]:
    own, rows, rules = given.own, given.rows, given.rules
    slopes = jax.vmap(jax.grad(partial(_objective, learner)), in_axes=(0, 0, _Batch(0, None, None, None)))

    def learn(place: jax.Array, now: State) -> State:
        numbers = learning.rows[place]
        words = _random_words(learner, len(numbers), rules.dropout_seed, now.step)
        weight = rows.learning[numbers] * learning.steps
        batch = _Batch(_for_each(own, rows, numbers), rows.outcome[numbers], weight, words)
        return _adam(now, slopes(now.weights, own, batch), rules.learning_rate)

    state = jax.lax.fori_loop(0, learning.steps, learn, state)
    parts = ((learning, rows.learning), (given.stopping, rows.stopping))
    losses = jnp.stack([_mean_log_loss(whole, state.weights, given, *part) for part in parts])
    return _keep_better(state, losses, rules), losses


class _Batch(NamedTuple):
    """Rows of a step: the design for each network, outcome, weight and random words."""

    design: Numbers
    outcome: Numbers
    weight: Numbers
    words: Numbers


def _mean_log_loss(whole: Network, weights: Arrays, given: Given, batches: Batches, weight: Numbers) -> jax.Array:
    log_loss = jax.vmap(partial(_log_loss, whole), in_axes=(0, 0, None, None))

    def add(place: jax.Array, total: jax.Array) -> jax.Array:
        numbers = batches.rows[place]
        design, outcome = _for_each(given.own, given.rows, numbers), given.rows.outcome[numbers]
        total += (weight[numbers] * log_loss(weights, design, outcome, [])).sum(axis=1)
        return total

    total: jax.Array = jax.lax.fori_loop(0, batches.steps, add, jnp.zeros(len(given.own.l2)))
    return total


def _for_each(own: Own, rows: Rows, numbers: jax.Array) -> jax.Array:
    # One product a network: in one wide product the rounding would depend on how many networks there are, and
    # training magnifies it beyond recognition within a hundred epochs.
    standardised = (rows.design[numbers] - rows.center) * rows.per_unit
    return jnp.broadcast_to(standardised, (len(own.l2), *standardised.shape))


def _objective(network: Network, weights: Arrays, own: Own, batch: _Batch) -> jax.Array:
    penalty = jnp.stack([jnp.sum(kernel[:-1] ** 2) for kernel in weights]).sum()
    log_loss = _log_loss(network, weights, batch.design, batch.outcome, _kept(batch.words, own))
    total: jax.Array = jnp.sum(batch.weight * log_loss) + own.l2 / 2 * penalty
    return total


def _log_loss(network: Network, weights: Arrays, design: jax.Array, outcome: jax.Array, kept: Arrays) -> jax.Array:
    logit = network.stateless_call(weights, [], [design, *kept])[0][:, 0]
    loss: jax.Array = jnp.logaddexp(0.0, logit) - outcome * logit
    return loss


def _random_words(network: Network, n_rows: int, seed: Numbers, step: jax.Array) -> Arrays:
    """Draw 32 random bits for every row and hidden unit of a step, the same for all networks.

    A counter is mixed as the generator SplitMix does (Steele, Lea & Flood 2014), from a start that Threefry draws for
    every step: Threefry for every unit would cost as much as all other arithmetic. A unit's bits do not depend on how
    many units there are.
    """
    keys = jax.random.bits(jax.random.fold_in(jax.random.key(seed), step), (len(network.inputs), 2), jnp.uint32)
    widths = [keep.shape[1] for keep in network.inputs[1:]]
    row = jnp.arange(n_rows, dtype=jnp.uint32)[:, None]
    counters = [jnp.arange(width, dtype=jnp.uint32) * jnp.uint32(n_rows) + row for width in widths]
    return [_mixed(counter * GOLDEN + start) ^ last for counter, (start, last) in zip(counters, keys, strict=False)]


def _mixed(word: jax.Array) -> jax.Array:
    word = (word ^ (word >> 16)) * jnp.uint32(0x85EBCA6B)
    word = (word ^ (word >> 13)) * jnp.uint32(0xC2B2AE35)
    mixed: jax.Array = word ^ (word >> 16)
    return mixed


def _kept(words: Arrays, own: Own) -> Arrays:
    """Return what dropout leaves of each hidden signal: 0, or 1 / (1 - rate).

    A network scrambles the common bits by an exclusive or and an odd factor. Both map the 32-bit words one to one onto
    themselves, so that its bits are as random as the common ones.
    """
    share = 1.0 - own.dropped.astype(jnp.float32) / 2.0**32
    scrambled = [(word ^ own.scramble[0]) * own.scramble[1] for word in words]
    return [jnp.where(word >= own.dropped, 1.0 / share, 0.0) for word in scrambled]


def _adam(state: State, gradient: Arrays, learning_rate: Numbers) -> State:
    step = state.step + 1
    size = learning_rate * jnp.sqrt(1 - SECOND_DECAY**step) / (1 - FIRST_DECAY**step)
    first = [FIRST_DECAY * m + (1 - FIRST_DECAY) * g for m, g in zip(state.first, gradient, strict=True)]
    second = [SECOND_DECAY * v + (1 - SECOND_DECAY) * g**2 for v, g in zip(state.second, gradient, strict=True)]
    moved = zip(state.weights, first, second, strict=True)
    weights = [w - size * m / (jnp.sqrt(v) + TINY) for w, m, v in moved]
    return state._replace(weights=weights, first=first, second=second, step=step)


def _keep_better(state: State, losses: jax.Array, rules: Rules) -> State:
    """Keep each network's weights where the loss it watches improved; out of patience, it no longer changes."""
    epoch = state.epoch + 1
    watched = jnp.where(rules.watched == STOPPING, losses[1], losses[0])
    improved = (rules.watched == NOTHING) | (watched < state.best_loss - rules.minimum_delta)
    better = state.running & improved
    best_epoch = jnp.where(better, epoch, state.best_epoch)
    keep = jax.vmap(jnp.where)
    return state._replace(
        best=[keep(better, new, old) for new, old in zip(state.weights, state.best, strict=True)],
        best_loss=jnp.where(better, watched, state.best_loss),
        best_epoch=best_epoch,
        running=state.running & (epoch - best_epoch < rules.patience),
        epoch=epoch,
    )
