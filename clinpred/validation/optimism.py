"""Optimism: how much a model flatters itself on the patients it was developed on, and what is left without it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clinpred.performance.calibration import is_constant
from clinpred.performance.patient_bootstrap import MOST_LOST
from clinpred.performance.without_interval import is_against_prevalence
from clinpred.validation.bootstrap import Bootstrap, Redeveloped

Array = NDArray[np.float64]

_TAILS = (0.025, 0.975)
# Below it a measure is the same in every draw, but for rounding: it has no distribution to shift.
_NO_SPREAD = 1e-6


@dataclass(frozen=True)
class Corrected:
    """One measure of one model: apparent, by how much it flatters, and what is left, with its 95 % interval.

    ``replicates`` gave a value, ``lost`` gave none: the model could not be developed, or the measure has no value.
    ``corrected`` is None exactly where ``reason`` says why. ``lower`` and ``upper`` are None there, where the measure
    is the same whichever patients are drawn, and where one risk for everybody is compared with the prevalence: no draw
    finds it better than the prevalence, and all of them would lie on one side.
    """

    apparent: float | None
    optimism: float | None
    corrected: float | None
    lower: float | None
    upper: float | None
    replicates: int
    lost: int
    reason: str | None = None


@dataclass(frozen=True)
class ModelOptimism:
    """One model: its measures, and in how many replicates it was developed, refused, or fitted to a separated outcome.

    ``refused`` maps the code of each refusal to its replicates; the separated ones are among those developed.
    """

    measures: Mapping[str, Corrected]
    developed: int
    refused: Mapping[str, int]
    separated: int


def bootstrap_optimism(bootstrap: Bootstrap) -> dict[str, ModelOptimism]:
    """Correct every measure of every model for its optimism.

    The optimism of a measure is the mean over replicates of (the replicate's model on the patients it was developed
    on, each as often as drawn) - (the same model on all development patients); corrected = apparent - optimism. Its
    95 % interval is that of the apparent measure, shifted: the 2.5th and 97.5th percentiles of what the model itself
    reaches on the patients of each draw, both less the optimism.

    Parameters
    ----------
    bootstrap : Bootstrap
        Of the whole procedure.

    Returns
    -------
    dict of model to ModelOptimism
        Models that the original patients refuse are absent. A measure that more than 5 % of the replicates have no
        value of has no corrected value: the mean over the others would be that of the easy draws.

    References
    ----------
    Harrell FE, Lee KL, Mark DB. Stat Med 1996;15:361-387. Efron B, Gong G. Am Stat 1983;37:36-48. Interval: Noma H
    et al. Stat Med 2021;40:5691-5701, whose percentiles are those of the replicates' models on their own patients.
    These models overfit each patient's copies, so that such an interval may lie above the estimate.

    Notes
    -----
    Where events per parameter are few the correction falls short: what is left still flatters, its interval covers
    less than it says, and repeated folds are the better evidence. Checked against a loop over given resamples in R
    4.2.2 (05_validate.json, 1e-6), and rms 6.5-0 ``validate`` and pminternal 0.1.1 (05_validate.json,
    05_pminternal.json, within Monte-Carlo error).
    """
    return {name: _of_model(name, original, bootstrap) for name, original in bootstrap.original.models.items()}


def _of_model(name: str, original: Redeveloped, bootstrap: Bootstrap) -> ModelOptimism:
    developed = [replicate.models[name] for replicate in bootstrap.replicates if name in replicate.models]
    codes = [replicate.refused[name] for replicate in bootstrap.replicates if name in replicate.refused]
    constant = is_constant(bootstrap.linear_predictor[name])
    measures = {
        key: _corrected(
            original.test[key],
            np.array([one.training[key] for one in developed]),
            np.array([one.test[key] for one in developed]),
            bootstrap.redrawn[name][key],
        )
        for key in bootstrap.measures
    }
    for key in filter(is_against_prevalence, measures if constant else ()):
        measures[key] = replace(measures[key], lower=None, upper=None)
    refused = {code: codes.count(code) for code in sorted(set(codes))}
    return ModelOptimism(measures, len(developed), refused, sum(one.separated for one in developed))


def _corrected(apparent: float, training: Array, test: Array, redrawn: Array) -> Corrected:
    replicates = redrawn.size
    found = np.isfinite(training) & np.isfinite(test)
    used, lost = int(found.sum()), replicates - int(found.sum())
    value = float(apparent) if np.isfinite(apparent) else None
    if value is None:
        return Corrected(None, None, None, None, None, used, lost, "not estimable on the development patients")
    if lost > MOST_LOST * replicates:
        reason = f"not estimable (no value in {lost:,} of {replicates:,} replicates)"
        return Corrected(value, None, None, None, None, used, lost, reason)
    optimism = float(np.mean(training[found] - test[found]))
    lower, upper = _shifted(redrawn[np.isfinite(redrawn)], optimism)
    return Corrected(value, optimism, value - optimism, lower, upper, used, lost)


def _shifted(redrawn: Array, optimism: float) -> tuple[float, float] | tuple[None, None]:
    lower, upper = np.quantile(redrawn, _TAILS) - optimism if redrawn.size else (0.0, 0.0)
    return (float(lower), float(upper)) if upper - lower > _NO_SPREAD else (None, None)
