"""Where the values of one predictor lie dense: edges of intervals, each with enough patients to speak of."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import StatisticalRefusal
from clinpred.predictors.encoding import FEWEST_PATIENTS, NumberRule, OrderedRule
from clinpred.predictors.imputation import cells_of
from clinpred.settings.arguments import refuse_unless

if TYPE_CHECKING:
    import pandas as pd

    from clinpred.predictors.preparation import Preparation

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_INTERVALS = 20
CENTRAL = (0.025, 0.975)


@dataclass(frozen=True, eq=False)
class Dense:
    """The dense part of one predictor.

    Between ``edges``, ascending, of shape (k,), every interval holds 8 patients or more, its ends included. Of a number
    the first and the last edge lie at its 2.5 and 97.5 % quantiles, further in where fewer than 8 patients are at the
    edge or beyond it; those between are quantiles of equal shares. Edges are rounded to about a hundredth of the
    spread, so that none is the value of one patient. Of an ordered category the edges are the places of the levels that
    8 patients or more have.

    ``rows`` are the rows whose value lies between the edges, and ``values``, of the same shape (n,), what they have
    there. Rows with a missing value are not among them.
    """

    rule: NumberRule | OrderedRule
    rows: Ints
    values: Array
    edges: Array

    @classmethod
    def of(cls, preparation: "Preparation", predictors: "pd.DataFrame", predictor: str, patients: Ints) -> Self:
        """Find the dense part among rows.

        Parameters
        ----------
        preparation : Preparation
        predictors : DataFrame of n rows
        predictor : str
            A number or an ordered category of the preparation.
        patients : int array of shape (n,)

        Raises
        ------
        WrongUsage
            ``E-SETTING``: no such predictor.
        StatisticalRefusal
            ``S-NOT-DENSE``: fewer than two edges.
        """
        usable = {rule.predictor: rule for rule in preparation.rules if rule.kind != "category"}
        expected = "a number or an ordered category that the model uses"
        refuse_unless("predictor", expected, right=predictor in usable)
        preparation.require(predictors.columns)
        rule = usable[predictor]
        (recorded,) = rule.recorded(cells_of(predictors, [rule])[predictor])
        known = np.flatnonzero(~np.isnan(recorded))
        edges = _edges(rule, recorded[known], patients[known])
        within = known[(recorded[known] >= edges[0]) & (recorded[known] <= edges[-1])]
        return cls(rule, within, recorded[within], edges)

    @property
    def levels(self) -> tuple[str, ...] | None:
        """The level at each edge; None of a number."""
        rule = self.rule
        return None if rule.kind == "number" else tuple(rule.levels[int(place)] for place in self.edges)

    @property
    def shares(self) -> Array:
        """Of the rows between the edges, the share in each interval, shape (k - 1,); at each level, shape (k,)."""
        if self.rule.kind == "ordered":
            return np.array([np.mean(self.values == place) for place in self.edges])
        return np.bincount(self._place, minlength=self.edges.size - 1) / self.values.size

    def members(self) -> list[Ints]:
        """Return the rows of each interval, as places among ``rows``; who is at an edge belongs to both sides of it."""
        return [
            np.flatnonzero((self.values >= lower) & (self.values <= upper)) for lower, upper in pairwise(self.edges)
        ]

    def centred(self, curves: Array) -> Array:
        """Move curves over the edges, shape (..., k), so that their mean over the rows is 0, straight between edges."""
        place, size = self._place, self.edges.size
        within = (self.values - self.edges[place]) / np.diff(self.edges)[place]
        weight = np.bincount(place, 1.0 - within, size) + np.bincount(place + 1, within, size)
        centred: Array = curves - (curves @ weight / self.values.size)[..., None]
        return centred

    @property
    def _place(self) -> Ints:
        return np.minimum(np.searchsorted(self.edges, self.values, side="right") - 1, self.edges.size - 2)


def _edges(rule: NumberRule | OrderedRule, values: Array, patients: Ints) -> Array:
    candidates = _of_number(values) if rule.kind == "number" else np.unique(values)
    edges = _carried(candidates, values, patients, each=rule.kind == "ordered")
    if edges.size < 2:
        raise StatisticalRefusal(
            "S-NOT-DENSE",
            f"`{rule.predictor}` has no two values with {FEWEST_PATIENTS} patients each side and between them",
            expected="a predictor that differs among enough of the patients",
            to_fix="gather more patients, or ask for another predictor",
        )
    return edges


def _of_number(values: Array) -> Array:
    """Return where the intervals of a number could end: quantiles, rounded to about a hundredth of the spread."""
    if not values.size:
        return values
    quantiles = np.quantile(values, np.linspace(*CENTRAL, MOST_INTERVALS + 1), method="inverted_cdf")
    spread = (quantiles[-1] - quantiles[0]) / 4
    if spread == 0.0:
        return quantiles[:1]
    digits = 2 - math.floor(math.log10(spread))
    return np.unique([round(value, digits) for value in quantiles.tolist()])


def _carried(candidates: Array, values: Array, patients: Ints, *, each: bool) -> Array:
    """Return the edges that enough patients carry: at either end and in every interval, or ``each`` by its own."""
    if each:
        return candidates[[_enough(values == edge, patients) for edge in candidates]]
    inner = [edge for edge in candidates if _enough(values <= edge, patients) and _enough(values >= edge, patients)]
    edges = inner[:1]
    for edge in inner[1:]:
        if _enough((values >= edges[-1]) & (values <= edge), patients):
            edges.append(edge)
    if len(edges) > 1:
        edges[-1] = inner[-1]
    return np.array(edges)


def _enough(rows: NDArray[np.bool_], patients: Ints) -> bool:
    return np.unique(patients[rows]).size >= FEWEST_PATIENTS
