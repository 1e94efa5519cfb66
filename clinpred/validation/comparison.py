"""Paired differences between models on the same patients: each regularised model beside its unregularised twin."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clinpred.performance.differences import COMPARED, Difference, paired_differences
from clinpred.performance.net_benefit import net_benefit_key
from clinpred.performance.rows import Predictions
from clinpred.settings.models import UNREGULARISED_TWINS
from clinpred.validation.held_out import REPLICATES, Scored


@dataclass(frozen=True)
class PairedComparison:
    """Model minus baseline, measure by measure, on the patients that both have a risk for."""

    model: str
    baseline: str
    differences: dict[str, Difference]


def planned_pairs(fitted: Sequence[str], primary: str, comparators: Sequence[str]) -> list[tuple[str, str]]:
    """Return (model, baseline): regularised models and their twins; the primary model, prevalence and comparators."""
    twins = [(model, twin) for model, twin in UNREGULARISED_TWINS.items() if model in fitted and twin in fitted]
    null = [(primary, "prevalence")] if "prevalence" in fitted and primary != "prevalence" else []
    return twins + null + [(primary, comparator) for comparator in comparators]


def compare(
    pair: tuple[str, str], scored: dict[str, Scored], thresholds: tuple[float, ...], *, rng: np.random.Generator
) -> PairedComparison:
    """Compare two models on the patients that both have a risk for, by a paired patient bootstrap.

    Parameters
    ----------
    pair : (model, baseline)
    scored : mapping of model to Scored
        All with the same rows; a comparator's risk is NaN where the export has none.
    thresholds : tuple of float
        Net benefit is compared at each.
    rng : numpy.random.Generator
    """
    model, baseline = (scored[name] for name in pair)
    both = ~np.isnan(model.risk) & ~np.isnan(baseline.risk)
    model, baseline = model.take(both), baseline.take(both)
    differences = paired_differences(
        model.outcome,
        Predictions(model.risk, model.linear_predictor),
        Predictions(baseline.risk, baseline.linear_predictor),
        patients=model.patients,
        measures=(*COMPARED, *(net_benefit_key(threshold) for threshold in thresholds)),
        rng=rng,
        replicates=REPLICATES,
    )
    return PairedComparison(*pair, differences)
