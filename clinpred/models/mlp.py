"""Neural networks as scikit-learn estimators: one with dropout, L2 and early stopping, and its unregularised twin."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from numbers import Integral, Real
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from clinpred.errors import StatisticalRefusal, WrongUsage
from clinpred.models.classifier import RiskClassifier
from clinpred.models.fleet_settings import Member
from clinpred.models.risk_model import NetworkForm
from clinpred.models.rows import Ints
from clinpred.models.training import (
    GridPoint,
    Grown,
    Mask,
    Patients,
    Training,
    checked_patients,
    fleet_settings,
    grow,
    independent_seeds,
    widths_of,
)
from clinpred.records.partition import patient_folds

Tuned = Literal["tuned"]

# Noise in a mean log loss over n rows falls as 1/√n, and so does the L2 strength that holds it at bay.
L2_TIMES_ROOT_N = (0.9, 0.4, 0.15)
DROPOUT_RATES = (0.5, 0.3, 0.1)
FOLDS, STOPPING_FOLDS, CHOOSING_FOLDS = 20, 3, 3  # 15 % of the patients stop, 15 % choose, 70 % are learnt from


class _Network(RiskClassifier):
    """What both estimators share: networks, and a record of their training."""

    activation: str
    form_: NetworkForm
    training_: Training
    learning_rows_: Ints
    stopping_rows_: Ints
    choosing_rows_: Ints

    def _keep(
        self,
        everyone: Patients,
        final: list[Grown],
        *,
        sets: tuple[Mask, Mask, Mask],
        tried: Sequence[Grown] = (),
        grid: Sequence[GridPoint] = (),
    ) -> None:
        """Keep the final networks, who was in which set, and how all networks were trained."""
        self.learning_rows_, self.stopping_rows_, self.choosing_rows_ = (everyone.place[chosen] for chosen in sets)
        self.form_ = NetworkForm(tuple(one.layers for one in final), self.activation)
        learning, stopping, choosing = (everyone.count(chosen) for chosen in sets)
        self.training_ = Training(
            hidden=[layer.bias.size for layer in final[0].layers[:-1]],
            learning_patients=learning,
            stopping_patients=stopping,
            choosing_patients=choosing,
            grid=list(grid),
            members=[
                *(one.on_record(f"L2 {one.member.l2:g}, dropout {one.member.dropout:g}", "search") for one in tried),
                *(one.on_record(f"final network {place}", "final") for place, one in enumerate(final, start=1)),
            ],
        )


class DropoutMLP(_Network):
    """A network regularised by dropout, L2 and early stopping: the mean log odds of several seeds.

    The patients are split into three disjoint sets, alike in who ever has the event: learning (70 %), stopping (15 %)
    and choosing (15 %). Each setting of a grid of L2 strength by dropout rate learns from the first, is stopped by the
    second and judged by its log loss on the third. The networks of the best setting then learn from the learning and
    the choosing patients together. The stopping patients stop, and do nothing else. Where both settings are given
    as numbers there is nothing to choose, and 85 % of the patients are learnt from.

    Parameters
    ----------
    hidden : sequence of int
        Units of each hidden layer.
    dropout : float from 0 to below 1, or "tuned"
        Share of hidden units left out at each step; "tuned" tries .1, .3 and .5.
    l2 : float of at least 0, or "tuned"
        λ of λ/2·Σ kernel² beside the mean log loss, predictors standardised; "tuned" tries .15, .4 and .9 over √n,
        where n counts the learning rows.
    activation : {"relu", "tanh", "elu", "silu"}
        Between the layers.
    seeds : int
        How many networks of the chosen setting are averaged.
    random_state : int
        Seed of all that is random: the sets, the order of the rows, initial weights, dropout.

    Attributes
    ----------
    form_ : NetworkForm
        The final networks, on X as it was given to fit: the standardisation is folded into their first layers.
    training_ : Training
        Sizes of the sets, the grid, the loss curves of the search and of the final networks.
    l2_, dropout_ : float
        What was chosen, or given.
    learning_rows_, stopping_rows_, choosing_rows_ : int arrays
        Rows of X in each set.

    References
    ----------
    Srivastava N et al. Dropout: a simple way to prevent neural networks from overfitting. J Mach Learn Res
    2014;15:1929-58.
    """

    l2_: float
    dropout_: float

    def __init__(
        self,
        hidden: Sequence[int] = (64, 32),
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
        """Choose the setting where it is tuned, and train the networks of the chosen one.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Finite predictors, on any scale.
        y : array-like of shape (n,)
            Two labels; the event is the one that sorts last.
        sample_weight : array-like of shape (n,), optional
            Weights of at least 0.
        patients : array-like of shape (n,), optional
            Whose row each is; all rows of a patient stay in one set. Without it each row is a patient.

        Raises
        ------
        InputRefused
            E-DESIGN, E-NOT-FINITE: not two-dimensional finite numbers, or not one label a row.
        StatisticalRefusal
            S-FEW-EVENTS: fewer than 20 patients with the event, or without. S-FEW-ROWS, S-ONE-CLASS, S-NOT-BINARY,
            S-NO-PREDICTOR, S-DIVERGED.
        WrongUsage
            E-SETTING: a width, activation, rate, strength or number of networks outside its range.
        ResourceRefused
            R-BACKEND: Keras uses another backend than JAX in this process.
        """
        _refuse_unless(_is_number(self.seeds, Integral) and self.seeds >= 1, "seeds", "a whole number of at least 1")
        self.classes_, everyone = checked_patients(self, X, y, sample_weight, patients)
        set_seed, order_seed, search_seed, *final_seeds = independent_seeds(self.random_state, 3 + self.seeds)
        sets = learning, stopping, choosing = self._sets(everyone, np.random.default_rng(set_seed))
        n_learning = int(learning.sum())
        settings = fleet_settings(n_learning, order_seed, activation=self.activation)
        hidden = widths_of(self.hidden)
        members = [Member(search_seed, l2, dropout, hidden) for l2, dropout in self._settings_to_try(n_learning)]
        tried = grow(members, settings, everyone, learning=learning, stopping=stopping) if choosing.any() else []
        judges = everyone.rows.take(choosing)
        grid = [GridPoint(one.member.l2, one.member.dropout, one.log_loss(judges)) for one in tried]
        best = members[int(np.argmin([point.log_loss for point in grid]))] if grid else members[0]
        finalists = [replace(best, seed=seed) for seed in final_seeds]
        final = grow(finalists, settings, everyone, learning=learning | choosing, stopping=stopping)
        self.l2_, self.dropout_ = best.l2, best.dropout
        self._keep(everyone, final, sets=sets, tried=tried, grid=grid)
        return self

    def _settings_to_try(self, n_learning: int) -> list[tuple[float, float]]:
        """Return each pair of L2 strength and dropout rate, the most regularised first."""
        strengths = [float(f"{factor / np.sqrt(n_learning):.2g}") for factor in L2_TIMES_ROOT_N]
        return list(
            product(
                strengths if self.l2 == "tuned" else [_given("l2", self.l2, below=np.inf)],
                DROPOUT_RATES if self.dropout == "tuned" else [_given("dropout", self.dropout, below=1.0)],
            )
        )

    def _sets(self, everyone: Patients, rng: np.random.Generator) -> tuple[Mask, Mask, Mask]:
        """Return which rows learn, stop and choose; none choose where there is nothing to choose."""
        _refuse_few_events(everyone)
        fold = patient_folds(everyone.rows.outcome, everyone.codes, FOLDS, rng)
        stopping = fold < STOPPING_FOLDS
        choosing = (fold >= FOLDS - CHOOSING_FOLDS) & ("tuned" in (self.l2, self.dropout))
        return ~(stopping | choosing), stopping, choosing


class UnregularisedMLP(_Network):
    """The deep baseline: one network, no dropout, no L2, no early stopping, trained until it knows its patients.

    It learns from all patients for 300 epochs, which bring the training loss to its floor.

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
        The network, on X as it was given to fit.
    training_ : Training
        Its loss curve; no grid, no stopping and no choosing patients.
    learning_rows_, stopping_rows_, choosing_rows_ : int arrays
        All rows of positive weight; none; none.
    """

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
        order_seed, seed = independent_seeds(self.random_state, 2)
        all_of_them = np.ones(everyone.place.size, dtype=bool)
        settings = fleet_settings(everyone.place.size, order_seed, activation=self.activation)
        final = grow(
            [Member(seed, hidden=widths_of(self.hidden))],
            settings,
            everyone,
            learning=all_of_them,
            stopping=~all_of_them,
        )
        self._keep(everyone, final, sets=(all_of_them, ~all_of_them, ~all_of_them))
        return self


def _refuse_few_events(everyone: Patients) -> None:
    with_event = everyone.count(everyone.rows.outcome == 1)
    without = everyone.count(everyone.rows.outcome >= 0) - with_event
    if min(with_event, without) < FOLDS:
        raise StatisticalRefusal(
            "S-FEW-EVENTS",
            f"{with_event} patients with the event and {without} without it",
            expected=f"at least {FOLDS} of each, so that some can be set aside for early stopping and for choosing",
            to_fix="gather more patients, or use a penalised logistic regression",
        )


def _given(name: str, setting: Any, *, below: float) -> float:  # noqa: ANN401  # what a user gave
    _refuse_unless(
        _is_number(setting, Real) and 0 <= setting < below, name, f'"tuned", or a number from 0 to below {below:g}'
    )
    return float(setting)


def _is_number(setting: object, kind: type) -> bool:
    return isinstance(setting, kind) and not isinstance(setting, bool)


def _refuse_unless(right: bool, name: str, expected: str) -> None:  # noqa: FBT001  # reads as a sentence
    if not right:
        raise WrongUsage("E-SETTING", f"`{name}` is out of its range", expected=expected, to_fix=f"change `{name}`")
