"""The first half of a run: read, assemble, hold out, prepare, develop. Held-out patients are touched by none of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clinpred.models.development import Developed, Prepared, develop, prepare
from clinpred.records.cohort import Cohort, assemble
from clinpred.records.findings import Finding
from clinpred.records.partition import Partition, hold_out_patients
from clinpred.records.read import Export, read_export
from clinpred.settings.study import Study

Progress = Callable[[str, float], None]
READ_SHARE = 0.05
DEVELOPED_SHARE = 0.75
"""Shares of the progress bar at which reading and developing end."""
SLOW_MODELS = {"mlp_regularised": 6.0, "mlp_unregularised": 3.0, "logistic_elastic_net": 3.0}


class Stopwatch:
    """Passes progress on, and keeps the seconds that each stage took."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._stage = ""
        self._since = time.monotonic()
        self.seconds: dict[str, float] = {}

    def __call__(self, what: str, share: float) -> None:
        """Note that a stage begins, and with it that the one before has ended."""
        now = time.monotonic()
        if self._stage:
            self.seconds[self._stage] = round(now - self._since, 2)
        self._stage, self._since = what, now
        self._progress(what, share)


@dataclass(frozen=True)
class Streams:
    """The run's randomness: one seed a purpose, all from the study's.

    Every model is judged with the same draws of patients, so its numbers do not depend on which others were run.
    """

    partition: np.random.SeedSequence
    judgement: np.random.SeedSequence
    explanation: np.random.SeedSequence
    development_seed: int

    @classmethod
    def of(cls, seed: int) -> "Streams":
        """Derive the streams of a seed."""
        partition, judgement, explanation, development = np.random.SeedSequence(seed).spawn(4)
        return cls(partition, judgement, explanation, int(development.generate_state(1)[0] % 2**31))


@dataclass(frozen=True)
class Learnt:
    """What was learnt, and from whom."""

    study: Study
    export: Export
    cohort: Cohort
    findings: tuple[Finding, ...]
    partition: Partition
    prepared: Prepared
    developed: dict[str, Developed]
    streams: Streams


def learn(export_path: Path, study: Study, *, progress: Progress) -> Learnt:
    """Read the export, assemble the cohort, hold patients out, and develop every model of the study."""
    progress("reading the export", 0.0)
    streams = Streams.of(study.seed)
    export = read_export(export_path)
    cohort, findings = assemble(export, study)
    partition = hold_out_patients(cohort, study.partition.held_out, np.random.default_rng(streams.partition))
    prepared = prepare(partition.development)
    developed = develop_all(study.models.fit, prepared, seed=streams.development_seed, progress=progress)
    found = (*findings, *prepared.preparation.findings)
    return Learnt(study, export, cohort, found, partition, prepared, developed, streams)


def develop_all(names: tuple[str, ...], prepared: Prepared, *, seed: int, progress: Progress) -> dict[str, Developed]:
    """Develop the models one after another, all with the same seed and so the same folds."""
    weights = [SLOW_MODELS.get(name, 1.0) for name in names]
    developed = {}
    for place, name in enumerate(names):
        done = sum(weights[:place]) / sum(weights)
        progress(f"developing {name}", READ_SHARE + done * (DEVELOPED_SHARE - READ_SHARE))
        developed[name] = develop(name, prepared, seed=seed)
    return developed
