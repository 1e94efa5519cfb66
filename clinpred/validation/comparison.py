"""Paired differences between models on the same patients: each regularised model beside its unregularised twin.

The comparisons with the twins are one planned family, measure by measure: their p values are adjusted by Holm, and
beside each difference's own interval stands one at level 1 - .05 / comparisons, so that all hold at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from clinpred.performance.differences import COMPARED, Difference, paired_differences
from clinpred.performance.multiplicity import holm
from clinpred.performance.net_benefit import net_benefit_key
from clinpred.performance.rows import Predictions
from clinpred.settings.models import UNREGULARISED_TWINS
from clinpred.validation.held_out import REPLICATES, Scored


@dataclass(frozen=True)
class PairedComparison:
    """Model minus baseline, measure by measure, on the patients that both have a risk for.

    ``family`` is how many comparisons were planned together with this one, itself included; ``adjusted_p_values``
    are Holm's over them, of the measures that have a p value.
    """

    model: str
    baseline: str
    differences: dict[str, Difference]
    family: int = 1
    adjusted_p_values: dict[str, float] = field(default_factory=dict)


def planned_pairs(fitted: Sequence[str], primary: str, comparators: Sequence[str]) -> list[tuple[str, str]]:
    """Return (model, baseline): regularised models and their twins; the primary model, prevalence and comparators."""
    twins = [(model, twin) for model, twin in UNREGULARISED_TWINS.items() if model in fitted and twin in fitted]
    null = [(primary, "prevalence")] if "prevalence" in fitted and primary != "prevalence" else []
    return twins + null + [(primary, comparator) for comparator in comparators]


def compare_planned(
    pairs: Sequence[tuple[str, str]],
    scored: Mapping[str, Scored],
    thresholds: tuple[float, ...],
    *,
    seed: int | np.random.SeedSequence,
) -> list[PairedComparison]:
    """Compare every pair; those of a model and its twin as one family.

    Parameters
    ----------
    pairs : sequence of (model, baseline)
        As ``planned_pairs`` gives them.
    scored : mapping of model to Scored
        All with the same rows; a comparator's risk is NaN where the export has none.
    thresholds : tuple of float
        Net benefit is compared at each.
    seed : int or numpy.random.SeedSequence
        Every pair sees the same drawn patients.

    Returns
    -------
    list of PairedComparison
        In the order of the pairs.

    References
    ----------
    Holm S. Scand J Stat 1979;6:65-70. Dunn OJ. J Am Stat Assoc 1961;56:52-64.
    """
    twins = sum(pair in UNREGULARISED_TWINS.items() for pair in pairs)
    compared = [
        compare(
            pair,
            scored,
            thresholds,
            family=twins if pair in UNREGULARISED_TWINS.items() else 1,
            rng=np.random.default_rng(seed),
        )
        for pair in pairs
    ]
    return adjusted(compared)


def compare(
    pair: tuple[str, str],
    scored: Mapping[str, Scored],
    thresholds: tuple[float, ...],
    *,
    family: int = 1,
    rng: np.random.Generator,
) -> PairedComparison:
    """Compare two models on the patients that both have a risk for: the AUROC by DeLong, the rest by bootstrap.

    Parameters
    ----------
    pair : (model, baseline)
    scored : mapping of model to Scored
        All with the same rows; a comparator's risk is NaN where the export has none.
    thresholds : tuple of float
        Net benefit is compared at each.
    family : int
        How many comparisons are planned together, for simultaneous intervals.
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
        family=family,
        rng=rng,
        replicates=REPLICATES,
    )
    return PairedComparison(*pair, differences, family)


def adjusted(compared: list[PairedComparison]) -> list[PairedComparison]:
    """Return the comparisons with Holm's p values of their family.

    A planned comparison without a p value counts as one that rejects nothing (p = 1): the family is as planned.
    """
    family = [one for one in compared if one.family > 1]
    measures = family[0].differences if family else {}
    adjusted = {
        measure: holm([_one_if_none(one.differences[measure].p_value) for one in family]) for measure in measures
    }
    place = {(one.model, one.baseline): number for number, one in enumerate(family)}
    return [
        one
        if one.family == 1
        else _with_p_values(one, {m: float(p[place[one.model, one.baseline]]) for m, p in adjusted.items()})
        for one in compared
    ]


def _with_p_values(comparison: PairedComparison, adjusted: dict[str, float]) -> PairedComparison:
    known = {measure: p for measure, p in adjusted.items() if comparison.differences[measure].p_value is not None}
    return replace(comparison, adjusted_p_values=known)


def _one_if_none(p_value: float | None) -> float:
    return 1.0 if p_value is None else p_value
