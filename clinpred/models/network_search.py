"""The search for a network's settings: each tried on rotating folds of patients, who learn, stop and choose in turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone

from clinpred.errors import StatisticalRefusal
from clinpred.models.fleet_settings import FleetSettings, Member
from clinpred.models.risk_model import Array
from clinpred.models.rows import Ints
from clinpred.models.training import (
    GridPoint,
    Grown,
    Patients,
    Roles,
    TrainingMember,
    checked_patients,
    fleet_settings,
    grow,
    independent_seeds,
    widths_of,
)
from clinpred.records.partition import patient_folds
from clinpred.settings.arguments import is_number, is_number_between, refuse_unless, seed_of
from clinpred.settings.counts import both_classes

if TYPE_CHECKING:
    from clinpred.models.mlp import DropoutMLP

Tuned = Literal["tuned"]

WIDTHS = ((64, 32), (32, 16))
# Noise in a mean log loss over n rows falls as 1/√n, and so does the L2 strength that holds it at bay. With 200
# patients stronger ones than these let some networks collapse to one risk for everybody.
L2_TIMES_ROOT_N = (0.6, 0.25, 0.1)
DROPOUT_RATES = (0.5, 0.3, 0.1)
FOLDS = 5
FEWEST_EVENTS = 20
SEARCH_SEEDS = 1 + 2 * FOLDS
"""How many of an estimator's seeds the search takes: of the folds, and of order and weights in each rotation."""
# Where the rarer class has so many patients, three folds of choosing patients tell the settings apart.
_MANY_EVENTS, _FEWER_ROTATIONS = 500, 3


@dataclass(frozen=True)
class NetworkSearch:
    """What a search found.

    Attributes
    ----------
    grid : list of GridPoint
        Every setting that was tried, the most regularised first.
    best : GridPoint
        The setting with the lowest log loss on the choosing patients.
    fold_of_row : int array of shape (n,)
        The fold of each row; -1 for rows of weight 0, which have no part. In rotation r fold r stops, fold r + 1
        chooses, and the other three are learnt from.
    rotations : int
    rows_learnt : int
        Mean number of rows that a network learnt from.
    members : list of TrainingMember
        Every network: each setting in each rotation.
    settings : FleetSettings
        What all networks shared.
    """

    grid: list[GridPoint]
    best: GridPoint
    fold_of_row: Ints
    rotations: int
    rows_learnt: int
    members: list[TrainingMember]
    settings: FleetSettings


def tune_mlp(
    estimator: "DropoutMLP",
    X: ArrayLike,
    y: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    patients: ArrayLike | None = None,
) -> NetworkSearch:
    """Search for what a `DropoutMLP` leaves open, and for how many epochs to train it.

    The patients are split into five folds, alike in who ever has the event. In each rotation a network of every setting
    learns from three folds, a fourth stops it early, and the fifth judges it by its log loss; all networks are trained
    together. Five rotations let everyone choose once; where at least 500 patients have the event, and 500 have not,
    three do.

    Parameters
    ----------
    estimator : DropoutMLP
        Its ``hidden``, ``l2`` and ``dropout`` are tried as they are, or tuned; not changed by the search.
    X, y, sample_weight, patients
        As for `DropoutMLP.fit`, which makes the same search.

    Returns
    -------
    NetworkSearch

    Raises
    ------
    ClinpredError
        The codes of `DropoutMLP.fit`.
    """
    _, everyone = checked_patients(clone(estimator), X, y, sample_weight, patients)
    return search(estimator, everyone)


def search(estimator: "DropoutMLP", everyone: Patients) -> NetworkSearch:
    """Return what the search among checked patients found, the same for the same `random_state`."""
    _refuse_few_events(everyone)
    fold_seed, *seeds = independent_seeds(seed_of("random_state", estimator.random_state), SEARCH_SEEDS)
    fold = patient_folds(everyone.rows.outcome, everyone.codes, FOLDS, np.random.default_rng(fold_seed))
    rotations = _FEWER_ROTATIONS if min(_with_and_without(everyone)) >= _MANY_EVENTS else FOLDS
    splits = [_rotation(fold, turn, seeds[turn]) for turn in range(rotations)]
    learnt = int(np.mean([roles.learning.sum() for roles in splits]))
    members = [
        Member(seeds[FOLDS + turn], l2, dropout, hidden, split=turn)
        for hidden, l2, dropout in _to_try(estimator, learnt)
        for turn in range(rotations)
    ]
    settings = fleet_settings(learnt, seeds[0], activation=estimator.activation)
    grown = grow(members, settings, everyone, splits=splits)
    choosing = [everyone.rows.take(fold == (turn + 1) % FOLDS) for turn in range(rotations)]
    losses = np.array([one.log_loss(choosing[one.member.split]) for one in grown])
    shares = np.array([rows.weight.sum() for rows in choosing])
    grid = [
        _tried(grown[first : first + rotations], losses[first : first + rotations], shares)
        for first in range(0, len(grown), rotations)
    ]
    fold_of_row = np.full(everyone.n_given, -1)
    fold_of_row[everyone.place] = fold
    on_record = [one.in_search(float(loss)) for one, loss in zip(grown, losses, strict=True)]
    best = min(grid, key=lambda tried: tried.log_loss)
    return NetworkSearch(grid, best, fold_of_row, rotations, learnt, on_record, settings)


def _rotation(fold: Ints, turn: int, order_seed: int) -> Roles:
    stopping, choosing = fold == turn, fold == (turn + 1) % FOLDS
    return Roles(~(stopping | choosing), stopping, order_seed)


def _to_try(estimator: "DropoutMLP", learnt: int) -> list[tuple[tuple[int, ...], float, float]]:
    """Return each setting of widths, L2 strength and dropout rate, the most regularised first."""
    strengths = [float(f"{factor / np.sqrt(learnt):.2g}") for factor in L2_TIMES_ROOT_N]
    tuned = isinstance(estimator.hidden, str) and estimator.hidden == "tuned"
    return list(
        product(
            WIDTHS if tuned else (widths_of(estimator.hidden),),
            strengths if estimator.l2 == "tuned" else [_given("l2", estimator.l2, below=np.inf)],
            DROPOUT_RATES if estimator.dropout == "tuned" else [_given("dropout", estimator.dropout, below=1.0)],
        )
    )


def _tried(of_setting: Sequence[Grown], losses: Array, shares: Array) -> GridPoint:
    member = of_setting[0].member
    epochs = int(np.median([one.trained.restored_epoch for one in of_setting]))
    log_loss = float(losses @ shares / shares.sum())
    return GridPoint(list(member.hidden), member.l2, member.dropout, log_loss, epochs)


def _with_and_without(everyone: Patients) -> tuple[int, int]:
    """Return how many patients ever have the event, and how many never."""
    with_event = everyone.count(everyone.rows.outcome == 1)
    return with_event, everyone.count(everyone.rows.outcome >= 0) - with_event


def _refuse_few_events(everyone: Patients) -> None:
    events, others = _with_and_without(everyone)
    if min(events, others) < FEWEST_EVENTS:
        raise StatisticalRefusal(
            "S-FEW-EVENTS",
            both_classes(events, others),
            expected=f"at least {FEWEST_EVENTS} of each, so that some can stop a network early and some can choose",
            to_fix="gather more patients, or use a penalised logistic regression",
        )


def _given(name: str, setting: float | str, *, below: float) -> float:
    right = is_number(setting) and (setting == 0.0 or is_number_between(setting, 0.0, below))
    refuse_unless(name, f'"tuned", or a number from 0 to below {below:g}', right=right)
    return float(setting)
