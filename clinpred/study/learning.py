"""The first half of a run: read, assemble, hold out, prepare, develop. Held-out patients are touched by none of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.models.development import AS_WIDE_AS, Developed, Prepared, develop, prepare
from clinpred.predictors.nonlinear import knot_findings
from clinpred.predictors.preparation_findings import preparation_findings
from clinpred.records.cohort import Cohort
from clinpred.records.findings import Finding
from clinpred.records.partition import Partition, hold_out_patients
from clinpred.records.read import Export, Source
from clinpred.settings.models import Models
from clinpred.settings.recipe import Recipe
from clinpred.settings.study import Study
from clinpred.study.audited import audit, refuse_leaks
from clinpred.study.correlation import Correlated, correlated
from clinpred.study.recipe import recipe_of

Progress = Callable[[str, float], None]
READ_SHARE = 0.05
DEVELOPED_SHARE = 0.35
RESAMPLED_SHARE = 0.75
"""Shares of the progress bar at which reading, developing and resampling end."""
SLOW_MODELS = {"mlp_regularised": 6.0, "mlp_unregularised": 3.0, "logistic_elastic_net": 3.0}


class Stopwatch:
    """Passes progress on, and keeps the seconds that each stage took."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._stage = ""
        self._since = time.monotonic()
        self.seconds: dict[str, float] = {}

    def __call__(self, what: str, share: float) -> None:
        """Note that a stage begins, and with it that the one before has ended; what follows a comma is within it."""
        now, stage = time.monotonic(), what.partition(", ")[0]
        if self._stage != stage:
            if self._stage:
                self.seconds[self._stage] = round(now - self._since, 2)
            self._stage, self._since = stage, now
        self._progress(what, share)


@dataclass(frozen=True)
class Streams:
    """The run's randomness: one seed a purpose, all from the study's.

    Every model is judged with the same draws of patients, so its numbers do not depend on which others were run.
    """

    partition: np.random.SeedSequence
    judgement: np.random.SeedSequence
    explanation: np.random.SeedSequence
    folds: np.random.SeedSequence
    learning_curve: np.random.SeedSequence
    correlation: np.random.SeedSequence
    imputation: np.random.SeedSequence
    development_seed: int

    @classmethod
    def of(cls, seed: int) -> "Streams":
        """Derive the streams of a seed."""
        spawned = np.random.SeedSequence(seed).spawn(8)
        partition, judgement, explanation, development, folds, curve, correlation, imputation = spawned
        development_seed = int(development.generate_state(1)[0] % 2**31)
        return cls(partition, judgement, explanation, folds, curve, correlation, imputation, development_seed)


@dataclass(frozen=True)
class Learnt:
    """What was learnt, and from whom."""

    study: Study
    export: Export
    cohort: Cohort
    findings: tuple[Finding, ...]
    partition: Partition
    recipe: Recipe
    prepared: Prepared
    correlated: Correlated
    developed: dict[str, Developed]
    streams: Streams


def learn(source: Source, study: Study, *, progress: Progress) -> Learnt:
    """Audit the export, hold patients out, and develop every model of the study."""
    progress("reading the export", 0.0)
    streams = Streams.of(study.seed)
    audited = audit(source, study)
    refuse_leaks(audited.findings)
    partition = hold_out_patients(audited.cohort, study.partition.held_out, np.random.default_rng(streams.partition))
    _check_comparators(partition.held_out)
    recipe, bent = recipe_of(study, partition.development)
    prepared = prepare(partition.development, recipe=recipe)
    together = correlated(partition.development, prepared, cut=study.correlation.cut, seed=streams.correlation)
    developed, refused = develop_all(study.models, prepared, seed=streams.development_seed, progress=progress)
    asked = [name for name, said in study.predictors.items() if said.knots is not None]
    bent += knot_findings(prepared.preparation, recipe.knots, asked)
    found = (*audited.findings, *preparation_findings(prepared.preparation), *bent, *refused)
    return Learnt(
        study, audited.export, audited.cohort, found, partition, recipe, prepared, together, developed, streams
    )


def _check_comparators(held_out: Cohort) -> None:
    """Refuse a comparator that nobody could judge, before any model is developed."""
    for column, risk in held_out.comparators.items():
        outcome = held_out.outcome[~np.isnan(risk)]
        rows, events = outcome.size, int(outcome.sum())
        if events in {0, rows}:
            raise StatisticalRefusal(
                "S-ONE-CLASS",
                f"comparator `{column}` has a risk in {rows} held-out rows, {events} of them with the event",
                expected="held-out rows with the event, and rows without it, that have the comparator's risk",
                to_fix="remove the comparator from the study, or complete its risks in the export",
            )


def develop_all(
    models: Models, prepared: Prepared, *, seed: int, progress: Progress
) -> tuple[dict[str, Developed], list[Finding]]:
    """Develop the models one after another, all with the same seed and so the same folds.

    A model that cannot be developed honestly is a finding, and the others go on; without the primary one there is
    nothing to judge.

    Raises
    ------
    StatisticalRefusal
        The primary model cannot be developed.
    """
    order = sorted(models.fit, key=AS_WIDE_AS.__contains__)
    weights = [SLOW_MODELS.get(name, 1.0) for name in order]
    developed: dict[str, Developed] = {}
    refused: list[Finding] = []
    for place, name in enumerate(order):
        done = sum(weights[:place]) / sum(weights)
        progress(f"developing {name}", READ_SHARE + done * (DEVELOPED_SHARE - READ_SHARE))
        try:
            developed[name] = develop(
                name,
                prepared,
                seed=seed,
                tuning=models.tuning,
                rule=models.rule,
                hidden=_widths_of(AS_WIDE_AS.get(name), developed),
            )
        except StatisticalRefusal as refusal:
            if name == models.primary:
                raise
            text = f"{name} was not developed: {refusal.found}"
            refused.append(Finding(refusal.code, "caution", text, refusal.to_fix))
    return {name: developed[name] for name in models.fit if name in developed}, refused


def _widths_of(network: str | None, developed: dict[str, Developed]) -> tuple[int, ...] | None:
    return developed[network].estimator.hidden_ if network in developed else None
