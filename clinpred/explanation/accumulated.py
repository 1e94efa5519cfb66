"""Accumulated local effects: how a model's log odds move with one predictor, where patients are, others as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from clinpred.explanation.dense import CENTRAL, Dense
from clinpred.models.risk_model import Form, NetworkForm, RiskModel
from clinpred.predictors.encoding import stacked
from clinpred.settings.arguments import refuse_unless

if TYPE_CHECKING:
    import pandas as pd

    from clinpred.predictors.preparation import Preparation

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Contribution = tuple[Mapping[str, float], Mapping[str, tuple[float, ...]]]
"""Coefficients per unit of each design column, and the knots of the numbers that bend."""


@dataclass(frozen=True)
class Band:
    """How far curves lie apart, at each value; ``of`` so many ``kind``.

    Of replicates their 2.5 and 97.5 % quantiles, of networks the lowest and the highest.
    """

    lower: Array
    upper: Array
    kind: Literal["replicates", "networks"]
    of: int


@dataclass(frozen=True)
class AccumulatedEffect:
    """The accumulated local effect of one predictor on the log odds.

    Attributes
    ----------
    predictor : str
    values : array of shape (k,)
        Edges of the intervals, ascending: of an ordered category the places of its levels.
    effect : array of shape (k,)
        Log odds at each edge, their mean over the patients between the edges 0.
    shares : array of shape (k - 1,), or (k,) of an ordered category
        Of those patients, the share in each interval, or at each level.
    levels : tuple of str, or None
        Of an ordered category, the level at each edge.
    band : Band or None
        How far the networks lie apart that the model averages, or the models of bootstrap replicates.
    """

    predictor: str
    values: Array
    effect: Array
    shares: Array
    levels: tuple[str, ...] | None
    band: Band | None = None


@dataclass(frozen=True, eq=False)
class LocalChanges:
    """Patients moved to both ends of the interval that they are in, everything else as it is.

    ``interval`` has shape (m,); ``lower`` and ``upper``, of shape (m, p), are standardised designs.
    """

    dense: Dense
    interval: Ints
    lower: Array
    upper: Array

    @classmethod
    def of(cls, preparation: "Preparation", predictors: "pd.DataFrame", dense: Dense) -> "LocalChanges":
        """Move the patients of every interval; what other values are filled with stays as it is too."""
        members = dense.members()
        interval = np.repeat(np.arange(len(members)), [one.size for one in members])
        rows = dense.rows[np.concatenate(members)]
        made = {name: column[rows] for name, column in preparation.made(predictors).items()}
        ends = []
        for edges in (dense.edges[:-1], dense.edges[1:]):
            moved = zip(dense.rule.value_columns, dense.rule.shaped([edges[interval]]), strict=True)
            ends.append(preparation.design_of(made | dict(moved), rows.size))
        return cls(dense, interval, *ends)

    def effect(self, form: Form) -> AccumulatedEffect:
        """Add up the mean change of each interval; with a band where a model is the mean of several networks."""
        changes = _log_odds(form, self.upper) - _log_odds(form, self.lower)
        patients = np.bincount(self.interval)
        means = np.array([np.bincount(self.interval, one) / patients for one in changes])
        curves = self.dense.centred(np.pad(np.cumsum(means, axis=1), ((0, 0), (1, 0))))
        dense = self.dense
        band = Band(curves.min(axis=0), curves.max(axis=0), "networks", len(curves)) if len(curves) > 1 else None
        return AccumulatedEffect(
            dense.rule.predictor, dense.edges, curves.mean(axis=0), dense.shares, dense.levels, band
        )


def accumulated_local_effects(
    model: RiskModel, predictors: "pd.DataFrame", predictor: str, *, patients: Ints | None = None
) -> AccumulatedEffect:
    """Return how a model's log odds move with one predictor, drawn only where patients are.

    Every patient is moved from one end to the other of the interval that their own value lies in, and the mean changes
    of the intervals are added up. Unlike a partial dependence it never asks the model about patients that do not exist,
    such as the old with the laboratory values of the young; what goes together with the predictor is not counted to it.

    Parameters
    ----------
    model : RiskModel
    predictors : DataFrame of n rows
        The predictors as recorded: numbers as float64 with NaN, categories as text with None where missing. Rows in
        which ``predictor`` is missing have no place on its axis and are left out.
    predictor : str
        A number, or a category with an order. Levels without an order have no neighbours to be moved to.
    patients : int array of shape (n,), optional
        The patient of each row; by default a row is a patient.

    Returns
    -------
    AccumulatedEffect

    Raises
    ------
    WrongUsage
        ``E-SETTING``: a predictor that the model does not use, or a category without an order; patients that are not
        as many as rows.
    StatisticalRefusal
        ``S-NOT-DENSE``: nowhere two values with 8 patients at or beyond each.
    InputRefused
        ``E-MISSING-COLUMN``: a predictor that the model needs is absent.

    References
    ----------
    Apley DW, Zhu J. Visualizing the effects of predictor variables in black box supervised learning models. J R Stat
    Soc B 2020;82:1059-1086.

    Examples
    --------
    A coefficient of .05 for a unit makes a straight line, 0 at the mean of the patients in range:

    >>> import pandas as pd
    >>> from clinpred.models.risk_model import LinearForm
    >>> from clinpred.predictors.preparation import Preparation
    >>> from clinpred.records.types import PredictorType
    >>> table = pd.DataFrame({"age": np.repeat([40.0, 60.0, 80.0], 10)})
    >>> preparation = Preparation.learn(table, {"age": PredictorType("number")}, np.arange(30))
    >>> model = RiskModel("by hand", preparation, LinearForm(-1.0, 0.05 * np.array(preparation.sd)))
    >>> found = accumulated_local_effects(model, table, "age")
    >>> found.values.tolist(), np.round(found.effect, 6).tolist()
    ([40.0, 60.0, 80.0], [-1.0, 0.0, 1.0])
    """
    who = np.arange(len(predictors)) if patients is None else np.asarray(patients)
    refuse_unless("patients", "as many as there are rows", right=who.shape == (len(predictors),))
    dense = Dense.of(model.preparation, predictors, predictor, who)
    return LocalChanges.of(model.preparation, predictors, dense).effect(model.form)


def replicated_band(dense: Dense, replicates: Sequence[Contribution]) -> Band:
    """Return the band of models that add up, each with its own coefficients and knots, on the same patients.

    What a predictor adds to their log odds is its accumulated local effect. A column that a replicate has no
    coefficient for adds nothing.

    Parameters
    ----------
    dense : Dense
    replicates : sequence of (coefficients, knots), at least one
    """
    rule, curves = dense.rule, []
    for coefficients, knots in replicates:
        own = replace(rule, knots=knots.get(rule.predictor, ())) if rule.kind == "number" else rule
        columns = stacked(own.shaped([dense.edges]), dense.edges.size)
        curves.append(columns @ np.array([coefficients.get(name, 0.0) for name in own.value_columns]))
    lower, upper = np.quantile(dense.centred(np.array(curves)), CENTRAL, axis=0)
    return Band(lower, upper, "replicates", len(curves))


def _log_odds(form: Form, design: Array) -> Array:
    """Return the log odds of a model, shape (1, n), or of each network that it averages, shape (networks, n)."""
    if isinstance(form, NetworkForm):
        return form.linear_predictors(design)
    return form.linear_predictor(design)[None]
