"""A run's results: what was learnt and judged, brought into the typed contents of the report."""

from dataclasses import asdict
from typing import Any, Literal

import numpy as np

import clinpred
from clinpred.models.development import Developed
from clinpred.models.penalty_path import PenaltyPath as FittedPath
from clinpred.models.penalty_path import path_deviance
from clinpred.models.risk_model import LinearForm
from clinpred.records.cohort import Cohort
from clinpred.records.findings import Finding, gravest_first
from clinpred.report import contents
from clinpred.report.training_contents import Restarts, Training
from clinpred.report.verdict import judge_results
from clinpred.settings.models import UNREGULARISED_TWINS
from clinpred.study.correlation import correlation_contents
from clinpred.study.importance_contents import importance_contents
from clinpred.study.imputation import imputation_contents
from clinpred.study.judgement import COMPARATOR, Judged
from clinpred.study.learning import Learnt
from clinpred.study.missing_by_site import missing_by_site
from clinpred.study.partial_effects import partial_effects
from clinpred.study.performance_contents import comparisons_in, curves_of, performance_of
from clinpred.study.predictor_contents import predictor_summaries
from clinpred.study.resampling import Resampled
from clinpred.study.resampling_contents import (
    learning_contents,
    resampled_comparisons,
    resampled_parts,
    resampled_role,
    resampling_card,
)
from clinpred.study.run_findings import run_findings
from clinpred.study.separated import separation_contents
from clinpred.study.size import needs_of, sample_size_contents

Kind = Literal["null", "logistic", "mlp", "boosting", "comparator"]
TITLES = {
    "prevalence": "Prevalence only",
    "logistic_unpenalised": "Logistic, unpenalised",
    "logistic_ridge": "Logistic, ridge (L2)",
    "logistic_lasso": "Logistic, lasso (L1)",
    "logistic_elastic_net": "Logistic, elastic net",
    "mlp_unregularised": "MLP, unregularised",
    "mlp_regularised": "MLP, dropout + L2 + early stopping",
    "gradient_boosting": "Gradient boosting",
}


def results_of(learnt: Learnt, judged: Judged, resampled: Resampled) -> contents.Results:
    """Return the results of a run, verdict included."""
    models = {name: _model(name, learnt, judged, resampled) for name in judged.performance}
    effects = partial_effects(learnt, judged, resampled)
    models |= {name: models[name].model_copy(update={"effects": found}) for name, found in effects.items()}
    comparisons = [*comparisons_in("held_out", judged.comparisons), *resampled_comparisons(resampled)]
    needs = needs_of(learnt, judged)
    findings = _ranked([*learnt.findings, *resampled.findings, *run_findings(learnt, needs, models)])
    primary = learnt.study.models.primary
    return contents.Results(
        study=_study_card(learnt),
        cohort=_cohort_counts(learnt),
        partition=_partition_counts(learnt),
        predictors=predictor_summaries(learnt.partition.development, learnt.prepared.preparation),
        missing_by_site=missing_by_site(learnt.partition.development, learnt.prepared.preparation),
        correlation=correlation_contents(learnt.correlated, learnt.prepared),
        imputation=imputation_contents(learnt, judged.imputed),
        primary=primary,
        models=models,
        comparisons=comparisons,
        sample_size=sample_size_contents(needs, models[primary].performance["held_out"]),
        resampling=resampling_card(learnt, resampled),
        learning_curve=learning_contents(resampled),
        verdict=judge_results(
            models, primary, comparisons, thresholds=learnt.study.report.thresholds, findings=findings
        ),
        findings=findings,
    )


def kind_of(name: str) -> Kind:
    """Return the kind of a model by its name."""
    if name.startswith(COMPARATOR):
        return "comparator"
    kinds: dict[str, Kind] = {"prevalence": "null", "logistic": "logistic", "mlp": "mlp", "gradient": "boosting"}
    return kinds[name.partition("_")[0]]


def _study_card(learnt: Learnt) -> contents.StudyCard:
    study = learnt.study
    return contents.StudyCard(
        name=study.name,
        outcome=study.outcome.rule,
        event=learnt.cohort.event,
        horizon_days=study.outcome.horizon_days,
        seed=study.seed,
        export=learnt.export.name,
        export_sha256=learnt.export.sha256,
        version=clinpred.__version__,
        thresholds=list(study.report.thresholds),
        set_aside=study.set_aside,
    )


def _cohort_counts(learnt: Learnt) -> contents.CohortCounts:
    cohort, preparation = learnt.cohort, learnt.prepared.preparation
    return contents.CohortCounts(
        rows_in_export=cohort.row_flow.rows_in_export,
        patients=cohort.n_patients,
        rows=cohort.n_rows,
        events=cohort.n_events,
        excluded=[contents.Excluded(reason=part.reason, rows=part.rows) for part in cohort.row_flow.excluded],
        predictors=len(preparation.predictors),
        design_columns=len(preparation.columns),
    )


def _partition_counts(learnt: Learnt) -> contents.PartitionCounts:
    return contents.PartitionCounts(
        development=_role_counts(learnt.partition.development),
        held_out=_role_counts(learnt.partition.held_out),
        by=learnt.study.partition.by,
        share=learnt.study.partition.held_out,
    )


def _role_counts(cohort: Cohort) -> contents.RoleCounts:
    return contents.RoleCounts(patients=cohort.n_patients, events=cohort.n_events)


def _model(name: str, learnt: Learnt, judged: Judged, resampled: Resampled) -> contents.ModelResults:
    developed = learnt.developed.get(name)
    roles = judged.performance[name]
    parts: dict[str, Any] = _fitted_parts(developed, learnt) if developed is not None else {}
    performance, curves = resampled_role(name, resampled)
    return contents.ModelResults(
        title=TITLES.get(name, name.removeprefix(COMPARATOR)),
        kind=kind_of(name),
        regularised=name in UNREGULARISED_TWINS,
        settings=developed.settings if developed is not None else {},
        performance={role: performance_of(roles[role]) for role in roles} | performance,
        curves={role: curves_of(roles[role]) for role in roles} | curves,
        importance=importance_contents(judged.importance[name]) if name in judged.importance else None,
        restarts=Restarts.model_validate(asdict(judged.restarts[name])) if name in judged.restarts else None,
        **parts,
        **resampled_parts(name, resampled),
    )


def _fitted_parts(developed: Developed, learnt: Learnt) -> dict[str, Any]:
    """Return what only a fitted model has: its tuning, its training, its coefficients."""
    estimator = developed.estimator
    training = getattr(estimator, "training_", None)
    path = getattr(estimator, "path_", None)
    return {
        "tuning": _tuning(path, learnt) if path is not None else None,
        "training": Training.model_validate(asdict(training)) if training is not None else None,
        "separation": separation_contents(developed, learnt),
        **_coefficients(developed),
    }


def _tuning(path: FittedPath, learnt: Learnt) -> contents.Tuning | None:
    if path.method is None:
        return None
    held_out = learnt.partition.held_out
    design = learnt.prepared.preparation.apply(held_out.predictors)
    return contents.Tuning(
        path=contents.PenaltyPath(
            strength=_numbers(path.strengths),
            apparent=_numbers(path.apparent_deviance),
            resampled=_finite(path.criterion),
            standard_error=_finite(path.standard_error),
            held_out=_numbers(path_deviance(path, design, held_out.outcome)),
            nonzero=[int(count) for count in path.n_nonzero],
            chosen=path.chosen,
            effective_df=_numbers(path.effective_df),
            one_standard_error=path.one_standard_error,
            l1_share=path.l1_share,
            method=path.method,
            folds=path.n_folds,
        ),
        shares=contents.ShareSearch(
            l1_share=[share for share, _ in path.share_criteria], resampled=[best for _, best in path.share_criteria]
        )
        if len(path.share_criteria) > 1
        else None,
    )


def _coefficients(developed: Developed) -> dict[str, Any]:
    """Return intercept and coefficients; withheld where the likelihood has no maximum, for they mean nothing."""
    form, preparation = developed.model.form, developed.model.preparation
    if not isinstance(form, LinearForm) or developed.settings.get("separated") or not np.any(form.coefficients):
        return {}
    columns = zip(preparation.columns, preparation.sources, form.coefficients, preparation.sd, strict=True)
    coefficients = [
        contents.Coefficient(column=column, predictor=source, per_sd=float(per_sd), original=float(per_sd) / sd)
        for column, source, per_sd, sd in columns
    ]
    shift = sum(one.original * mean for one, mean in zip(coefficients, preparation.mean, strict=True))
    return {"intercept": form.intercept - shift, "coefficients": coefficients}


def _ranked(findings: list[Finding]) -> list[contents.FindingItem]:
    return [contents.FindingItem(**asdict(finding)) for finding in gravest_first(findings)]


def _numbers(values: Any) -> list[float]:  # noqa: ANN401  # any array of numbers
    return [float(value) for value in values]


def _finite(values: Any) -> list[float | None]:  # noqa: ANN401
    """Return numbers, None where they are infinite: AICc of a fit with as many degrees of freedom as patients."""
    return [float(value) if np.isfinite(value) else None for value in values]
