"""Shapley and Owen values by walks: predictors change one after the other from one patient's to another's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.models.risk_model import ACTIVATIONS, Form, Layer, NetworkForm

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

_NUMBERS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Players:
    """Who takes part: predictors, each with all its design columns, and which of them walk together.

    Attributes
    ----------
    names : tuple of str
    columns : tuple of int arrays
        The design columns of each.
    union : int array, shape (players,)
        Members of one union enter one right after the other (Owen); of unions of one, the values are Shapley's.
    """

    names: tuple[str, ...]
    columns: tuple[Ints, ...]
    union: Ints

    @classmethod
    def of(cls, sources: Sequence[str], clusters: Sequence[tuple[str, ...]] = ()) -> "Players":
        """Return the predictors of design columns, those of a cluster as one union."""
        names = tuple(dict.fromkeys(sources))
        together = {name: f"{place}" for place, members in enumerate(clusters) for name in members}
        unions = [together.get(name, f"alone {name}") for name in names]
        columns = tuple(np.array([at for at, source in enumerate(sources) if source == name]) for name in names)
        return cls(names, columns, np.unique(unions, return_inverse=True)[1])

    def orders(self, count: int, rng: np.random.Generator) -> Ints:
        """Draw orders in which unions stay together, shape (count, players)."""
        of_union = rng.random((count, int(self.union.max()) + 1)).argsort(axis=1).argsort(axis=1)
        return (of_union[:, self.union] + rng.random((count, self.union.size))).argsort(axis=1)


def walked_values(
    form: Form,
    explained: Array,
    background: Array,
    players: Players,
    *,
    rng: np.random.Generator,
    walks: int = 1,
) -> Array:
    """Return what each player adds to each row's log odds, beyond the mean of the background.

    From every background row to every explained one so many walks are taken, each there and back: in a random order the
    players turn from the background's values to the row's, and each is credited with what the log odds change by at
    its turn. A row's values add up to its log odds less the background's mean, exactly.

    Parameters
    ----------
    form : Form
    explained, background : arrays, shapes (n, p) and (m, p)
        Standardised designs.
    players : Players
    rng : numpy.random.Generator
    walks : int
        From each background row to each explained one.

    Returns
    -------
    array, shape (n, players)

    References
    ----------
    Owen G. Values of games with a priori unions. In: Essays in Mathematical Economics and Game Theory. Springer 1977.
    Strumbelj E, Kononenko I. Knowl Inf Syst 2014;41:647-665.

    Notes
    -----
    Checked against the definition (all coalitions of a small game), and shap's permutation and exact explainers.
    """
    many = np.repeat(background, walks, axis=0)
    turns = _of_network(form, many, players) if isinstance(form, NetworkForm) else _of_any(form, many, players)
    values = np.empty((len(explained), len(players.names)))
    at_once = max(1, _NUMBERS_AT_ONCE // (many.size * len(players.names)))
    for first in range(0, len(explained), at_once):
        rows = slice(first, first + at_once)
        orders = players.orders(len(explained[rows]) * len(many), rng).reshape(-1, len(many), len(players.names))
        there, back = turns(explained[rows], orders)
        values[rows] = (_credited(there, orders) + _credited(back, orders[..., ::-1])) / 2
    return values


Turns = Callable[[Array, Ints], tuple[Array, Array]]
"""Of explained rows (r, p) and orders (r, m, players): log odds before the first turn and after each, of shape
(r, m, 1 + players), in these orders and in their reverses."""


def _of_any(form: Form, background: Array, players: Players) -> Turns:
    """Return the turns of a form that is known by its function: every state is a row of its own."""
    player_of = np.empty(background.shape[1], dtype=np.int64)
    for player, columns in enumerate(players.columns):
        player_of[columns] = player

    def one_way(explained: Array, orders: Ints) -> Array:
        turn = orders.argsort(axis=-1)[..., player_of]
        changed = np.arange(1 + len(players.names))[:, None] > turn[:, :, None, :]
        rows = np.where(changed, explained[:, None, None, :], background[None, :, None, :])
        return form.linear_predictor(rows.reshape(-1, rows.shape[-1])).reshape(rows.shape[:3])

    return lambda explained, orders: (one_way(explained, orders), one_way(explained, orders[..., ::-1]))


def _of_network(form: NetworkForm, background: Array, players: Players) -> Turns:
    """Return the turns of networks: a player's turn moves the first layer by what its own columns add to it.

    Who has not turned yet on the way there has turned on the way back: the two states add up to both ends.
    """
    starts = [background @ first.kernel + first.bias for first, *_ in form.members]
    leaving = [_by_player(background, first.kernel, players) for first, *_ in form.members]

    def turns(explained: Array, orders: Ints) -> tuple[Array, Array]:
        each, beside = np.arange(orders.shape[0])[:, None, None], np.arange(orders.shape[1])[:, None]
        found = np.zeros((2, *orders.shape[:2], 1 + orders.shape[2]))
        for (first, *others), start, left in zip(form.members, starts, leaving, strict=True):
            signal = np.empty((*found.shape[1:], first.kernel.shape[1]))
            signal[:, :, 0] = start
            signal[:, :, 1:] = _by_player(explained, first.kernel, players)[each, orders]
            signal[:, :, 1:] -= left[beside, orders]
            np.cumsum(signal, axis=2, out=signal)
            found[0] += _onwards(signal, others, form)
            found[1] += _onwards(signal[:, :, :1] + signal[:, :, -1:] - signal[:, :, ::-1], others, form)
        there, back = found / len(form.members)
        return there, back

    return turns


def _by_player(rows: Array, kernel: Array, players: Players) -> Array:
    """Return what each player's own columns add to each unit, shape (rows, players, units)."""
    return np.stack([rows[:, columns] @ kernel[columns] for columns in players.columns], axis=1)


def _onwards(signal: Array, layers: Sequence[Layer], form: NetworkForm) -> Array:
    """Return the log odds of what the first layer gives, through the layers after it."""
    for layer in layers:
        signal = ACTIVATIONS[form.activation](signal) @ layer.kernel + layer.bias
    return signal[..., 0]


def _credited(log_odds: Array, orders: Ints) -> Array:
    """Return what each player is credited with, shape (r, players): the mean over background rows."""
    credited = np.empty(orders.shape)
    np.put_along_axis(credited, orders, np.diff(log_odds, axis=-1), axis=-1)
    mean: Array = credited.mean(axis=1)
    return mean
