"""What resampling the development patients shows: optimism, stability, resampled performance, the learning curve.

The whole procedure runs again in every resample, and held-out patients are looked at in none.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TypeVar

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.models.cohort_procedure import CohortProcedure
from clinpred.performance.rows import Smoothing
from clinpred.performance.smoothers import MOST_ROWS_OF_LOESS
from clinpred.records.findings import Finding
from clinpred.study.correlation import summed_columns
from clinpred.study.learning import DEVELOPED_SHARE, RESAMPLED_SHARE, Learnt, Progress
from clinpred.validation.bootstrap import Bootstrap, bootstrap
from clinpred.validation.comparison import planned_pairs
from clinpred.validation.learning_curve import LearningCurve, learning_curve
from clinpred.validation.optimism import ModelOptimism, bootstrap_optimism
from clinpred.validation.out_of_fold import OutOfFold, draw_folds, out_of_fold
from clinpred.validation.point_632 import Point632, point_632
from clinpred.validation.ranks import DesignColumns
from clinpred.validation.repeated_folds import ResampledPerformance, resampled_performance
from clinpred.validation.resampling import child_of, counting_resamples
from clinpred.validation.stability import Stability, stability
from clinpred.validation.variance_split import VarianceSplit, variance_split

Result = TypeVar("Result")
NETWORKS = ("mlp_unregularised", "mlp_regularised")
LOGISTIC = "logistic_"
_DRAWN, _DEVELOPED = 0, 1


@dataclass(frozen=True)
class Resampled:
    """What the resamples showed, by model; None where it was not asked for, or refused, as a finding says."""

    optimism: dict[str, ModelOptimism] = field(default_factory=dict)
    point_632: dict[str, dict[str, Point632]] = field(default_factory=dict)
    stability: dict[str, Stability] = field(default_factory=dict)
    folds: ResampledPerformance | None = None
    variance_split: dict[str, VarianceSplit] = field(default_factory=dict)
    learning_curve: LearningCurve | None = None
    bootstrap: Bootstrap | None = None
    findings: tuple[Finding, ...] = ()


def resample(learnt: Learnt, *, progress: Progress) -> Resampled:
    """Run the development again on drawn patients, on folds, and on fewer patients, as far as the study asks for it."""
    asked, refused = learnt.study.resampling, list[Finding]()
    shares = np.linspace(DEVELOPED_SHARE, RESAMPLED_SHARE, 4).tolist()
    drawn = predicted = folds = curve = None
    if asked.bootstraps and bootstrapped(learnt):
        with _counted(progress, "developing again on drawn patients", shares[0], shares[1]):
            drawn = _unless_refused(lambda: _bootstrap(learnt), "the bootstrap", refused)
    if asked.repeats and cross_validated(learnt):
        with _counted(progress, "developing again without each fold", shares[1], shares[2]):
            predicted = _unless_refused(lambda: _out_of_fold(learnt), "the repeated folds", refused)
    if predicted:
        folds = _unless_refused(lambda: _resampled_performance(predicted, learnt), "the repeated folds", refused)
    if asked.learning_curve and curved(learnt):
        with _counted(progress, "developing again on fewer patients", shares[2], shares[3]):
            curve = _unless_refused(lambda: _learning_curve(learnt), "the learning curve", refused)
    return Resampled(
        optimism=bootstrap_optimism(drawn) if drawn else {},
        point_632=point_632(drawn) if drawn and asked.plus_632 else {},
        stability=_stability(drawn, learnt) if drawn else {},
        folds=folds,
        variance_split=_variance_split(predicted) if predicted else {},
        learning_curve=curve,
        bootstrap=drawn,
        findings=tuple(refused),
    )


def bootstrapped(learnt: Learnt) -> tuple[str, ...]:
    """Return the models that the bootstrap develops again: the logistic ones."""
    return tuple(name for name in learnt.developed if name.startswith(LOGISTIC))


def cross_validated(learnt: Learnt) -> tuple[str, ...]:
    """Return the models that the folds develop again: all, the networks only where the study asks for it."""
    return tuple(name for name in learnt.developed if learnt.study.resampling.networks or name not in NETWORKS)


def curved(learnt: Learnt) -> tuple[str, ...]:
    """Return the models of the learning curve: the logistic ones, and the networks where the study asks for them."""
    networks = [name for name in learnt.developed if learnt.study.resampling.networks and name in NETWORKS]
    return (*bootstrapped(learnt), *networks)


def _procedure(learnt: Learnt, models: tuple[str, ...]) -> CohortProcedure:
    settings = learnt.study.models
    return CohortProcedure(
        learnt.partition.development, models, tuning=settings.tuning, rule=settings.rule, recipe=learnt.recipe
    )


def _bootstrap(learnt: Learnt) -> Bootstrap:
    # With the seed of the run's own development the original is the run's own model.
    return bootstrap(
        _procedure(learnt, bootstrapped(learnt)),
        replicates=learnt.study.resampling.bootstraps,
        thresholds=learnt.study.report.thresholds,
        smoothing=smoothing_of_run(learnt),
        out_of_bag=learnt.study.resampling.plus_632,
        seed=learnt.streams.development_seed,
    )


def _out_of_fold(learnt: Learnt) -> OutOfFold:
    asked, streams, development = learnt.study.resampling, learnt.streams, learnt.partition.development
    folds = draw_folds(
        development.outcome,
        development.patients,
        n_folds=asked.folds,
        repeats=asked.repeats,
        seed=child_of(streams.folds, _DRAWN),
    )
    parts = [
        out_of_fold(_procedure(learnt, models), folds, seed=child_of(streams.folds, _DEVELOPED), workers=workers)
        for models, workers in _side_by_side(cross_validated(learnt))
    ]
    return reduce(OutOfFold.beside, parts)


def _side_by_side(models: tuple[str, ...]) -> list[tuple[tuple[str, ...], int | None]]:
    """Return the models in groups, and on how many processes each is developed.

    A fleet of networks fills the cores by itself, and what was compiled for it serves every resample of one process.
    """
    groups = ([name for name in models if name not in NETWORKS], None), ([n for n in models if n in NETWORKS], 1)
    return [(tuple(group), workers) for group, workers in groups if group]


def _resampled_performance(predicted: OutOfFold, learnt: Learnt) -> ResampledPerformance:
    return resampled_performance(
        predicted,
        learnt.study.report.thresholds,
        pairs=planned_pairs(list(cross_validated(learnt)), learnt.study.models.primary, []),
        smoothing=smoothing_of_run(learnt),
        seed=learnt.streams.judgement,
    )


def _variance_split(predicted: OutOfFold) -> dict[str, VarianceSplit]:
    found = {name: variance_split(predicted, name) for name in predicted.networks}
    return {name: one for name, one in found.items() if one is not None}


def _learning_curve(learnt: Learnt) -> LearningCurve:
    parts = [
        learning_curve(_procedure(learnt, models), seed=learnt.streams.learning_curve, workers=workers)
        for models, workers in _side_by_side(curved(learnt))
    ]
    return replace(parts[0], models={name: points for part in parts for name, points in part.models.items()})


def _stability(drawn: Bootstrap, learnt: Learnt) -> dict[str, Stability]:
    design = _design_columns(learnt)
    thresholds = learnt.study.report.thresholds
    found = {
        name: stability(drawn, name, thresholds, design=design, seed=learnt.streams.development_seed)
        for name in drawn.models
    }
    return {name: one for name, one in found.items() if one is not None}


def _design_columns(learnt: Learnt) -> DesignColumns:
    preparation, design = learnt.prepared.preparation, learnt.prepared.design
    sums = tuple(summed_columns(cluster.members, learnt.prepared) for cluster in learnt.correlated.map.clusters)
    covariance = design.T @ design / len(design) * np.outer(preparation.sd, preparation.sd)
    return DesignColumns(preparation.columns, preparation.sources, covariance, sums)


def smoothing_of_run(learnt: Learnt) -> Smoothing | None:
    """Return the one smoother of the run: a spline for all roles where one of them is too large for loess."""
    largest = max(learnt.partition.development.n_rows, learnt.partition.held_out.n_rows)
    return "spline" if largest > MOST_ROWS_OF_LOESS else None


@contextmanager
def _counted(progress: Progress, what: str, first: float, last: float) -> Iterator[None]:
    """Show a stage from its first share of the bar to its last, and how many of its resamples are done."""
    progress(what, first)
    with counting_resamples(
        lambda done, asked: progress(f"{what}, {done} of {asked}", first + (last - first) * done / asked)
    ):
        yield


def _unless_refused(work: Callable[[], Result], what: str, refused: list[Finding]) -> Result | None:
    try:
        return work()
    except StatisticalRefusal as refusal:
        text = f"{what} could not be run: {refusal.found}"
        refused.append(Finding("W-NOT-RESAMPLED", "caution", text, refusal.to_fix))
        return None
