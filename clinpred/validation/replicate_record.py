"""The record of one replicate: of every model that it gave its measures, and what its risks and its curves are.

Each model is measured on all development rows under a few weightings at once: as often as drawn, once, and where they
were not drawn. One smoother gives the flexible curve of all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import StatisticalRefusal
from clinpred.models.procedure import Refit, Refits
from clinpred.models.risk_model import risk_of
from clinpred.performance.catalogue import families
from clinpred.performance.flexible_calibration import distances, prepare_distances
from clinpred.performance.net_benefit import DECISION_THRESHOLDS
from clinpred.performance.rows import Rows, Smoothing, checked_rows
from clinpred.performance.smoothers import Smoother, smoother_of
from clinpred.performance.weighted import Prepare

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Float32 = NDArray[np.float32]

_CENTRAL, _POINTS = (0.01, 0.99), 25


@dataclass(frozen=True)
class Redeveloped:
    """One model of one replicate, measured.

    Attributes
    ----------
    training, test : mapping of measure to float
        On the patients it was developed on, each as often as drawn, and on all development patients once. NaN where
        the measure has no value there.
    out_of_bag : mapping of measure to float, or None
        On the patients who were not drawn; None where it was not asked for, and for the original.
    risk : float32 array of shape (watched rows,)
        Of the rows ``Bootstrap.watched``.
    coefficients, strength, l1_share, separated, knots
        As in ``Refit``.
    calibration : array of shape (points of the model's grid,), or None
        Its flexible calibration curve on all development patients, at the risks ``Bootstrap.calibration_risk``; NaN
        beyond the 1st and the 99th percentile of its own risks. None where there is no curve.
    net_benefit : array of shape (thresholds,)
        On all development patients, at ``DECISION_THRESHOLDS`` of ``clinpred.performance.net_benefit``.
    """

    training: Mapping[str, float]
    test: Mapping[str, float]
    out_of_bag: Mapping[str, float] | None
    risk: Float32
    coefficients: Mapping[str, float] | None
    strength: float | None
    l1_share: float | None
    separated: bool
    calibration: Array | None
    net_benefit: Array
    knots: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Replicate:
    """What one draw of patients gave: its models by name, and the code of the refusal of those that could not be."""

    models: Mapping[str, Redeveloped]
    refused: Mapping[str, str]


@dataclass(frozen=True)
class Recorder:
    """Makes the records of one replicate, where its models were developed."""

    outcome: Array
    measures: tuple[str, ...]
    smoothing: Smoothing | None
    watched: Ints
    grids: Mapping[str, Array] = field(default_factory=dict)
    out_of_bag: bool = False

    def __call__(self, counts: Ints, refits: Refits, /) -> Replicate:
        """Return the record of every model."""
        records = {name: self._record(name, refit, counts) for name, refit in refits.models.items()}
        return Replicate(records, {name: refusal.code for name, refusal in refits.refused.items()})

    def rows(self, linear_predictor: Array) -> Rows:
        """Return all development rows with the risks of one model."""
        risk = risk_of(linear_predictor)
        return checked_rows(self.outcome, risk, linear_predictor=linear_predictor, smoothing=self.smoothing)

    def measured(self, rows: Rows, counts: Ints) -> dict[str, Array]:
        """Return every measure with each row as often as drawn, ``counts`` of shape (draws, n)."""
        return measured(rows, counts.astype(np.float64), self.measures, _smoother(rows))

    def _record(self, name: str, refit: Refit, counts: Ints) -> Redeveloped:
        rows = self.rows(refit.linear_predictor)
        weightings = [counts, np.ones_like(counts), *([counts == 0] if self.out_of_bag else [])]
        smoother = _smoother(rows)
        values = measured(rows, np.asarray(weightings, dtype=np.float64), self.measures, smoother)
        training, test, *others = (
            {key: float(value[at]) for key, value in values.items()} for at in range(len(weightings))
        )
        return Redeveloped(
            training,
            test,
            others[0] if others else None,
            rows.risk[self.watched].astype(np.float32),
            refit.coefficients,
            refit.strength,
            refit.l1_share,
            refit.separated,
            _calibration(smoother, rows.risk, self.grids[name]) if smoother and name in self.grids else None,
            _net_benefit(rows, DECISION_THRESHOLDS),
            refit.knots,
        )


@dataclass(frozen=True)
class Kept:
    """What is kept of the models themselves."""

    linear_predictor: dict[str, Array]
    grids: dict[str, Array]
    replicate: Replicate


@dataclass(frozen=True)
class Original:
    """Makes the records of the models themselves, and with them the grids on which all curves are drawn."""

    recorder: Recorder

    def __call__(self, counts: Ints, refits: Refits, /) -> Kept:
        """Draw the grids, and return them with the records on them."""
        drawn = {name: _grid(self.recorder.rows(refit.linear_predictor)) for name, refit in refits.models.items()}
        grids = {name: grid for name, grid in drawn.items() if grid is not None}
        linear_predictor = {name: refit.linear_predictor for name, refit in refits.models.items()}
        return Kept(linear_predictor, grids, replace(self.recorder, grids=grids)(counts, refits))


def _grid(rows: Rows) -> Array | None:
    """Return 25 equally spaced risks from the 1st to the 99th percentile, None where they do not differ."""
    first, last = np.quantile(rows.risk, _CENTRAL)
    return np.linspace(first, last, _POINTS) if 0.0 < first < last < 1.0 else None


def measured(rows: Rows, weights: Array, measures: Sequence[str], smoother: Smoother | None) -> dict[str, Array]:
    """Return each measure under each of k weightings, shape (k,); ``smoother`` is that of these rows.

    NaN where a measure has no value: the weighted rows are of one class, or it is refused on these risks.
    """
    values = {key: np.full(len(weights), np.nan) for key in measures}
    for prepare, keys in _computations(measures, smoother).items():
        try:
            found = prepare(rows)(weights)
        except StatisticalRefusal:
            continue
        values.update({key: found[key] for key in keys})
    events = weights @ rows.outcome
    one_class = (events == 0.0) | (events == weights.sum(axis=1))
    return {key: np.where(one_class, np.nan, value) for key, value in values.items()}


def _computations(measures: Sequence[str], smoother: Smoother | None) -> dict[Prepare, list[str]]:
    """Return which computation gives which measures; those of the curve are left out where there is no smoother."""
    shared = families(measures)
    of_the_curve = shared.pop(prepare_distances, [])
    if smoother is not None and of_the_curve:
        shared[partial(distances, smoother)] = of_the_curve
    return shared


def _smoother(rows: Rows) -> Smoother | None:
    try:
        return smoother_of(rows)
    except StatisticalRefusal:
        return None


def _calibration(smoother: Smoother, risk: Array, grid: Array) -> Array:
    """Return the flexible calibration curve on a grid, NaN where few of these risks reach."""
    first, last = np.quantile(risk, _CENTRAL)
    reached = (grid >= first) & (grid <= last)
    observed = np.full(grid.size, np.nan)
    observed[reached] = smoother.at(grid[reached])
    return observed


def _net_benefit(rows: Rows, thresholds: Array) -> Array:
    """Return the net benefit at many ascending thresholds: each row is positive up to the last it reaches."""
    reached = np.searchsorted(thresholds, rows.risk, side="right")
    positive = [
        np.cumsum(np.bincount(reached, weights=who, minlength=thresholds.size + 1)[:0:-1])[::-1]
        for who in (rows.outcome, 1.0 - rows.outcome)
    ]
    odds = thresholds / (1.0 - thresholds)
    return np.asarray((positive[0] - positive[1] * odds) / rows.outcome.size)
