"""Many networks trained together by one compiled program: settings by splits by seeds, each stopped early on its own.

A fleet sails in squadrons of a few members of one split, side by side on the cores; a squadron is done when its last
member has stopped.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from numbers import Integral

import numpy as np

from clinpred.errors import StatisticalRefusal, WrongUsage
from clinpred.models.fleet_settings import FleetSettings, Member, Split, TrainedMember
from clinpred.models.keras_network import keras_on_jax
from clinpred.models.risk_model import ACTIVATIONS, Array
from clinpred.settings.counts import counted

# As many members as a core's cache holds the signals of; another device takes what its memory holds.
_MEMBERS_A_CORE, _MEMBERS_A_DEVICE = 10, 1000


def train_fleet(
    design: Array, outcome: Array, *, members: Sequence[Member], splits: Sequence[Split], settings: FleetSettings
) -> tuple[TrainedMember, ...]:
    """Train all members together, each stopped early on the stopping rows of its split.

    A member minimises, by Adam in float32, the weighted mean of its log loss under dropout plus l2/2 · Σ kernel²
    (biases are free).

    Parameters
    ----------
    design : array, shape (n, p)
        Predictors, of the order of 1: each split standardises them by itself.
    outcome : array of 0 and 1, shape (n,)
    members : sequence of Member, length m
    splits : sequence of Split
    settings : FleetSettings

    Returns
    -------
    tuple of TrainedMember
        In the order of `members`.

    Raises
    ------
    StatisticalRefusal
        S-DIVERGED: the loss of a network that was still learning is not finite. S-ONE-CLASS: the stopping rows of a
        split are all events, or have none.
    ResourceRefused
        R-BACKEND: Keras uses another backend than JAX in this process.
    WrongUsage
        E-SETTING: a width, activation, rate, strength or count outside its range.
    """
    _check(members, settings)
    _refuse_one_class(outcome, splits)
    keras_on_jax()
    from clinpred.models.squadron import Squadron, shared_rows

    shared = shared_rows(design, outcome)
    widths = tuple(max(layer) for layer in zip(*(member.hidden for member in members), strict=True))
    side_by_side, size = _room(len(members))
    places = list(_squadrons(members, size))
    squadrons = [
        Squadron(shared, splits[some[0].split], some, widths=widths, settings=settings)
        for some in ([members[place] for place in squadron] for squadron in places)
    ]
    with ThreadPoolExecutor(side_by_side) as cores:
        trained = [one for squadron in cores.map(Squadron.trained, squadrons) for one in squadron]
    found = dict(zip((place for squadron in places for place in squadron), trained, strict=True))
    return tuple(found[place] for place in range(len(members)))


def _room(n_members: int) -> tuple[int, int]:
    """Return how many squadrons sail side by side, and how many members each has."""
    import jax
    from joblib import effective_n_jobs

    if jax.default_backend() != "cpu":
        return 1, min(n_members, _MEMBERS_A_DEVICE)
    cores = int(effective_n_jobs(-1))
    return cores, min(-(-n_members // cores), _MEMBERS_A_CORE)


def _squadrons(members: Sequence[Member], size: int) -> Iterator[list[int]]:
    """Yield places of members of one split, alike in when they will stop; all squadrons have the same number of them.

    Where a split's members are too few for the last, it is filled up with some that are in another already.
    """
    for split in sorted({member.split for member in members}):
        of_split = [place for place, member in enumerate(members) if member.split == split]
        of_split.sort(key=lambda place: (members[place].l2, members[place].dropout, members[place].hidden))
        for first in range(0, len(of_split), size):
            filled = [*of_split[first : first + size], *np.resize(of_split, size).tolist()]
            yield filled[:size]


def _refuse_one_class(outcome: Array, splits: Sequence[Split]) -> None:
    for split in splits:
        stopping = outcome[split.stopping > 0]
        events = int(stopping.sum())
        if stopping.size and events in {0, stopping.size}:
            raise StatisticalRefusal(
                "S-ONE-CLASS",
                f"{events} of {counted(stopping.size, 'row')} that are to stop a network have the event",
                expected="rows with the event and rows without it, so that their log loss says when to stop",
                to_fix="set more patients aside for stopping, alike in who has the event",
            )


def _check(members: Sequence[Member], settings: FleetSettings) -> None:
    members_hold = all(0 <= member.dropout < 1 and 0 <= member.l2 < np.inf for member in members)
    widths = [width for member in members for width in (len(member.hidden), *member.hidden)]
    counts = (len(members), *widths, settings.epochs, settings.batch, settings.patience)
    counts_hold = all(isinstance(count, Integral) and count >= 1 for count in counts)
    if not (members_hold and counts_hold and settings.activation in ACTIVATIONS):
        shown = sorted({member.hidden for member in members}, key=str)
        raise WrongUsage(
            "E-SETTING",
            f"{len(members)} networks of hidden widths {', '.join(str(list(hidden)) for hidden in shown)}, activation "
            f"`{settings.activation}`, {settings.epochs} epochs, batch {settings.batch}, patience {settings.patience}, "
            "or one of their L2 strengths or dropout rates",
            expected="whole numbers of at least 1; L2 strengths of at least 0; dropout rates from 0 to below 1; one of "
            f"the activations {', '.join(ACTIVATIONS)}",
            to_fix='choose, for example, hidden = (64, 32), activation = "relu", dropout = 0.3, l2 = 0.001',
        )
