"""The second half of a run: the held-out patients are opened once, and every model is judged on them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.explanation.importance import Explained, PermutationImportance, permutation_importance
from clinpred.explanation.shapley import ShapleySummary, shapley_importance
from clinpred.models.risk_model import NetworkForm
from clinpred.records.cohort import Cohort
from clinpred.study.imputation import imputed_again
from clinpred.study.learning import RESAMPLED_SHARE, Learnt, Progress
from clinpred.study.resampling import smoothing_of_run
from clinpred.validation.comparison import PairedComparison, compare_planned, planned_pairs
from clinpred.validation.held_out import (
    APPARENT_REPLICATES,
    REPLICATES,
    RolePerformance,
    Scored,
    evaluate,
    score,
)
from clinpred.validation.imputations import OverImputations
from clinpred.validation.variance_split import Restarts, restarts

Array = NDArray[np.float64]
COMPARATOR = "comparator_"
EXPLAINED_MODELS = ("logistic_ridge", "mlp_regularised")


@dataclass(frozen=True)
class ModelImportance:
    """What one model leans on: predictor by predictor, cluster by cluster."""

    permutation: list[PermutationImportance]
    clusters: list[PermutationImportance]
    shapley: ShapleySummary


@dataclass(frozen=True)
class Judged:
    """What the held-out patients say: by model and role, pair by pair, and what the models lean on."""

    scored: dict[str, Scored]
    performance: dict[str, dict[str, RolePerformance]]
    comparisons: list[PairedComparison]
    importance: dict[str, ModelImportance]
    restarts: dict[str, Restarts]
    imputed: dict[str, OverImputations]


def judge(learnt: Learnt, *, progress: Progress) -> Judged:
    """Judge every model on development (apparent) and held-out patients; compare; explain."""
    progress("judging on held-out patients", RESAMPLED_SHARE)
    apparent = {name: score(one.model, learnt.partition.development) for name, one in learnt.developed.items()}
    held_out = {name: score(one.model, learnt.partition.held_out) for name, one in learnt.developed.items()}
    held_out |= comparator_scores(learnt.partition.held_out)
    performance = _performance(learnt, apparent, held_out)
    progress("comparing", 0.85)
    comparisons = _comparisons(learnt, held_out)
    imputed = imputed_again(learnt)
    progress("explaining", 0.88)
    return Judged(held_out, performance, comparisons, _importance(learnt), _restarts(learnt), imputed)


def comparator_scores(cohort: Cohort) -> dict[str, Scored]:
    """Return the comparators' risks for a cohort, NaN where the export has none."""
    return {
        f"{COMPARATOR}{column}": Scored(cohort.outcome, risk, None, cohort.patients)
        for column, risk in cohort.comparators.items()
    }


def _performance(
    learnt: Learnt, apparent: dict[str, Scored], held_out: dict[str, Scored]
) -> dict[str, dict[str, RolePerformance]]:
    performance: dict[str, dict[str, RolePerformance]] = {}
    for name, scored in held_out.items():
        with_risk = scored.take(~np.isnan(scored.risk))
        performance[name] = {"held_out": _evaluate(with_risk, learnt)}
        if name in apparent:
            performance[name]["apparent"] = _evaluate(apparent[name], learnt, replicates=APPARENT_REPLICATES)
    return performance


def _evaluate(scored: Scored, learnt: Learnt, *, replicates: int = REPLICATES) -> RolePerformance:
    rng = np.random.default_rng(learnt.streams.judgement)
    thresholds = learnt.study.report.thresholds
    return evaluate(scored, thresholds, smoothing=smoothing_of_run(learnt), rng=rng, replicates=replicates)


def _comparisons(learnt: Learnt, held_out: dict[str, Scored]) -> list[PairedComparison]:
    comparators = [name for name in held_out if name.startswith(COMPARATOR)]
    pairs = planned_pairs(list(learnt.developed), learnt.study.models.primary, comparators)
    thresholds = learnt.study.report.thresholds
    return compare_planned(pairs, held_out, thresholds, seed=learnt.streams.judgement)


def _restarts(learnt: Learnt) -> dict[str, Restarts]:
    """Return how far the networks that a model averages lie apart on held-out patients."""
    held_out = learnt.partition.held_out
    design = learnt.prepared.preparation.apply(held_out.predictors)
    found = {}
    for name, developed in learnt.developed.items():
        form = developed.model.form
        if isinstance(form, NetworkForm) and len(form.members) > 1:
            found[name] = restarts(held_out.outcome, form.linear_predictors(design))
    return found


def _importance(learnt: Learnt) -> dict[str, ModelImportance]:
    explained_models = dict.fromkeys((learnt.study.models.primary, *EXPLAINED_MODELS))
    return {name: _explain(learnt, name) for name in explained_models if name in learnt.developed}


def _explain(learnt: Learnt, name: str) -> ModelImportance:
    model, held_out = learnt.developed[name].model, learnt.partition.held_out
    rng = np.random.default_rng(learnt.streams.explanation)
    sources = learnt.prepared.preparation.sources
    design = learnt.prepared.preparation.apply(held_out.predictors)
    explained = Explained(held_out.outcome, design, sources, held_out.patients)
    clusters = learnt.correlated.clusters_among(explained.predictors)
    # Clusters are shuffled as their members were: what they cost can be compared.
    again = np.random.default_rng(learnt.streams.explanation)
    return ModelImportance(
        permutation_importance(model.form, explained, rng=rng),
        permutation_importance(model.form, explained, rng=again, groups=clusters),
        shapley_importance(model.form, learnt.prepared.design, design, sources, rng=rng, clusters=clusters),
    )
