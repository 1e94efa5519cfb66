"""What a fleet of networks is told, and what it gives back."""

from dataclasses import dataclass
from typing import Literal

from clinpred.models.risk_model import Array, Layer

Watched = Literal["stopping", "learning", "nothing"]


@dataclass(frozen=True)
class Member:
    """What tells one network from another.

    Parameters
    ----------
    seed : int from 0 to 2**32 - 1
        Of its initial weights and its dropout.
    l2 : float of at least 0
    dropout : float from 0 to below 1
    hidden : tuple of int
        Units of each hidden layer; as many layers in all members of a fleet.
    split : int
        Place of its split among those of the fleet.
    """

    seed: int
    l2: float = 0.0
    dropout: float = 0.0
    hidden: tuple[int, ...] = (64, 32)
    split: int = 0


@dataclass(frozen=True)
class Split:
    """Who is learnt from and who stops, as row weights of shape (n,); rows of weight 0 in both do not touch a member.

    ``center`` is subtracted from the predictors and ``per_unit`` multiplies them, both of shape (p,). ``order_seed``
    shuffles the learning rows, anew in every epoch.
    """

    learning: Array
    stopping: Array
    center: Array
    per_unit: Array
    order_seed: int = 0


@dataclass(frozen=True)
class FleetSettings:
    """What all members share.

    Parameters
    ----------
    activation : str
        A name of ``clinpred.models.risk_model.ACTIVATIONS``, between the layers.
    epochs : int
        Passes over the learning rows, at most.
    batch : int
        Rows in a step of Adam.
    learning_rate : float
        Adam's step size.
    watched : {"stopping", "learning", "nothing"}
        Whose loss stops a member; with "nothing" it takes all epochs and keeps the weights of the last.
    patience : int
        Epochs without improvement of the watched loss after which a member stops.
    minimum_delta : float
        What counts as improvement, in mean log loss.
    dropout_seed : int
        Of the random bits that all members draw their dropout from.
    """

    activation: str = "relu"
    epochs: int = 200
    batch: int = 128
    learning_rate: float = 1e-3
    watched: Watched = "stopping"
    patience: int = 15
    minimum_delta: float = 1e-4
    dropout_seed: int = 0


@dataclass(frozen=True)
class TrainedMember:
    """A member's best weights and how it came to them.

    ``learning`` and ``stopping`` are the weighted mean log losses after each epoch up to ``stopped_epoch``, without
    dropout and without the penalty; ``stopping`` is empty where there are no stopping rows. ``restored_epoch`` (epochs
    count from 1) is the one whose weights are kept.
    """

    layers: tuple[Layer, ...]
    learning: Array
    stopping: Array
    stopped_epoch: int
    restored_epoch: int
