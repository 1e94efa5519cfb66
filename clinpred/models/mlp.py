"""Neural networks as scikit-learn estimators: one with dropout, L2 and early stopping, and its unregularised twin."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from clinpred.models.classifier import RiskClassifier
from clinpred.models.fleet_settings import Member
from clinpred.models.network_search import SEARCH_SEEDS, NetworkSearch, Tuned, search
from clinpred.models.risk_model import NetworkForm
from clinpred.models.rows import Ints
from clinpred.models.training import (
    Grown,
    Mask,
    Patients,
    Roles,
    Training,
    checked_patients,
    fleet_settings,
    grow,
    independent_seeds,
    widths_of,
)
from clinpred.settings.arguments import seed_of, whole_number

MOST_EPOCHS, PATIENCE_AT_FLOOR = 3000, 50


class DropoutMLP(RiskClassifier):
    """A network regularised by dropout, L2 and early stopping: the mean log odds of several seeds.

    A search over five folds of the patients chooses what is tuned, and finds for how many epochs to train, as
    `tune_mlp` says. The final networks then learn from all patients with the best setting, for the median of the epochs
    that went best in its rotations; they differ in their seeds. As they learn from more rows, an L2 strength that was
    tuned falls as 1/√n, and an epoch has as many steps, of more rows each. Where nothing is tuned the search finds the
    epochs.

    Parameters
    ----------
    hidden : sequence of int, or "tuned"
        Units of each hidden layer; "tuned" tries (64, 32) and (32, 16).
    dropout : float from 0 to below 1, or "tuned"
        Share of hidden units left out at each step; "tuned" tries .1, .3 and .5.
    l2 : float of at least 0, or "tuned"
        λ of λ/2·Σ kernel² beside the mean log loss, predictors standardised; "tuned" tries .1, .25 and .6 over √n,
        where n counts the rows that a network of the search learns from.
    activation : {"relu", "tanh", "elu", "silu"}
        Between the layers.
    seeds : int
        How many networks of the chosen setting are averaged.
    random_state : int
        Seed of all that is random: the folds, the order of the rows, initial weights, dropout.

    Attributes
    ----------
    form_ : NetworkForm
        The final networks, on X as it was given to fit: the standardisation is folded into their first layers.
    training_ : Training
        Sizes of the folds, the grid, the loss curves of the search and of the final networks.
    hidden_, l2_, dropout_, epochs_ : tuple of int, float, float, int
        What the final networks were trained with.
    fold_of_row_ : int array of shape (n,)
        The fold of each row in the search; -1 for rows of weight 0.

    References
    ----------
    Srivastava N et al. Dropout: a simple way to prevent neural networks from overfitting. J Mach Learn Res
    2014;15:1929-58.
    """

    form_: NetworkForm
    training_: Training
    hidden_: tuple[int, ...]
    l2_: float
    dropout_: float
    epochs_: int
    fold_of_row_: Ints

    def __init__(
        self,
        hidden: Sequence[int] | Tuned = "tuned",
        *,
        dropout: float | Tuned = "tuned",
        l2: float | Tuned = "tuned",
        activation: str = "relu",
        seeds: int = 5,
        random_state: int = 0,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.dropout = dropout
        self.l2 = l2
        self.seeds = seeds
        self.random_state = random_state

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None, patients: ArrayLike | None = None
    ) -> Self:
        """Search, and train the networks of the best setting on all patients.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Finite predictors, on any scale.
        y : array-like of shape (n,)
            Two labels; the event is the one that sorts last.
        sample_weight : array-like of shape (n,), optional
            Weights of at least 0.
        patients : array-like of shape (n,), optional
            Whose row each is; all rows of a patient stay in one fold. Without it each row is a patient.

        Raises
        ------
        InputRefused
            E-DESIGN, E-NOT-FINITE: not two-dimensional finite numbers, or not one label a row.
        StatisticalRefusal
            S-FEW-EVENTS: fewer than 20 patients with the event, or without. S-FEW-ROWS, S-ONE-CLASS, S-NOT-BINARY,
            S-NO-PREDICTOR, S-DIVERGED.
        WrongUsage
            E-SETTING: a width, activation, rate, strength, seed or number of networks outside its range.
        ResourceRefused
            R-BACKEND: Keras uses another backend than JAX in this process.
        """
        seeds = whole_number("seeds", self.seeds, least=1)
        self.classes_, everyone = checked_patients(self, X, y, sample_weight, patients)
        found = search(self, everyone)
        final = self._final_networks(found, everyone, seeds)
        best = found.best
        self.hidden_, self.dropout_, self.epochs_ = tuple(best.hidden), best.dropout, best.epochs
        self.l2_ = final[0].member.l2
        self.fold_of_row_ = found.fold_of_row
        self.form_ = NetworkForm(tuple(one.layers for one in final), self.activation)
        in_fold = found.fold_of_row[everyone.place]
        self.training_ = Training(
            hidden=best.hidden,
            patients=everyone.count(in_fold >= 0),
            fold_patients=[everyone.count(in_fold == fold) for fold in range(int(in_fold.max()) + 1)],
            rotations=found.rotations,
            epochs=best.epochs,
            at_floor=None,
            grid=found.grid,
            members=[*found.members, *(one.as_final(place) for place, one in enumerate(final, start=1))],
        )
        return self

    def _final_networks(self, found: NetworkSearch, everyone: Patients, seeds: int) -> list[Grown]:
        order_seed, *of_networks = independent_seeds(self.random_state, SEARCH_SEEDS + 1 + seeds)[SEARCH_SEEDS:]
        best, more = found.best, everyone.place.size / found.rows_learnt
        settings = replace(
            found.settings,
            epochs=best.epochs,
            batch=round(found.settings.batch * more),
            watched="nothing",
            dropout_seed=order_seed,
        )
        l2 = float(f"{best.l2 / np.sqrt(more):.2g}") if self.l2 == "tuned" else best.l2
        finalists = [Member(seed, l2, best.dropout, tuple(best.hidden)) for seed in of_networks]
        return grow(finalists, settings, everyone, splits=[_all_of(everyone, order_seed)])


class UnregularisedMLP(RiskClassifier):
    """The deep baseline: one network, no dropout, no L2, no early stopping, trained until it knows its patients.

    It learns from all patients until its training loss has not fallen by .0001 for 50 epochs, or for 3,000 epochs.

    Parameters
    ----------
    hidden : sequence of int
        Units of each hidden layer.
    activation : {"relu", "tanh", "elu", "silu"}
        Between the layers.
    random_state : int
        Seed of the order of the rows and of the initial weights.

    Attributes
    ----------
    form_ : NetworkForm
        The network at its lowest training loss, on X as it was given to fit.
    training_ : Training
        Its loss curve, and whether the loss was at its floor: no folds, no grid.
    hidden_ : tuple of int
        As given.
    """

    form_: NetworkForm
    training_: Training
    hidden_: tuple[int, ...]

    def __init__(self, hidden: Sequence[int] = (64, 32), *, activation: str = "relu", random_state: int = 0) -> None:
        self.hidden = hidden
        self.activation = activation
        self.random_state = random_state

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None, patients: ArrayLike | None = None
    ) -> Self:
        """Train on all rows.

        Parameters and refusals are those of `DropoutMLP.fit`, but one event is enough; ``patients`` are only counted.
        """
        self.classes_, everyone = checked_patients(self, X, y, sample_weight, patients)
        order_seed, seed = independent_seeds(seed_of("random_state", self.random_state), 2)
        settings = fleet_settings(everyone.place.size, order_seed, activation=self.activation)
        until_floor = replace(settings, epochs=MOST_EPOCHS, watched="learning", patience=PATIENCE_AT_FLOOR)
        member = Member(seed, hidden=widths_of(self.hidden))
        (network,) = grow([member], until_floor, everyone, splits=[_all_of(everyone, order_seed)])
        self.hidden_ = member.hidden
        self.form_ = NetworkForm((network.layers,), self.activation)
        self.training_ = Training(
            hidden=list(member.hidden),
            patients=np.unique(everyone.codes).size,
            fold_patients=[],
            rotations=0,
            epochs=network.trained.restored_epoch,
            at_floor=network.trained.stopped_epoch < MOST_EPOCHS,
            grid=[],
            members=[network.as_final(1)],
        )
        return self


def _all_of(everyone: Patients, order_seed: int) -> Roles:
    learning: Mask = np.ones(everyone.place.size, dtype=bool)
    return Roles(learning, ~learning, order_seed)
