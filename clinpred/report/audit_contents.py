"""The contents of the audit page: how an export was read, what was noticed, and what each column is to the study.

Whatever stands here may be shown to a reviewer: names, types and counts, never a cell. Counts of rows that say
something of 1 to 7 patients are None.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

import numpy as np

from clinpred.records.cohort import Cohort
from clinpred.records.findings import Finding, gravest_first
from clinpred.records.read import Export
from clinpred.report.audit_columns import AuditColumn, audit_columns
from clinpred.report.contents import Excluded, FindingItem
from clinpred.report.disclosure import redact_parts
from clinpred.report.part import Part
from clinpred.settings.study import Study

Usable = Literal["yes", "with care", "not yet"]
FEWEST_PER_COEFFICIENT = 10


class AuditSource(Part):
    """What was read. ``encoding``, ``delimiter`` and ``quote`` are those of a text; None where there is none."""

    name: str
    sha256: str
    rows: int
    columns: int
    is_text: bool
    encoding: str | None
    delimiter: str | None
    quote: str | None
    settled: dict[str, str]


class AuditRows(Part):
    """The row flow: ``rows_in_export`` = ``rows`` + the sum over ``excluded``."""

    rows_in_export: int
    rows: int
    excluded: list[Excluded]


class AuditSize(Part):
    """Patients, events and what they are to carry.

    ``coefficients`` counts a number and an ordered category once and any other category once less than its levels.
    ``events`` and ``non_events`` are None where either is 1 to 7.
    """

    patients: int
    events: int | None
    non_events: int | None
    predictors: int
    coefficients: int
    rarer: Literal["events", "non-events"]
    per_coefficient: float | None


class AuditOutcome(Part):
    """The outcome as the study has it; ``event`` is None where it is neither named nor understood."""

    rule: str
    event: str | None
    horizon_days: float | None


class AuditContents(Part):
    """Everything that the audit page says."""

    version: str
    study: str | None
    usable: Usable
    source: AuditSource
    outcome: AuditOutcome | None
    rows: AuditRows | None
    size: AuditSize | None
    missing_share: float
    columns: list[AuditColumn]
    dropped: list[str]
    findings: list[FindingItem]


def audit_contents(
    export: Export,
    findings: Sequence[Finding],
    *,
    version: str,
    cohort: Cohort | None = None,
    study: Study | None = None,
) -> AuditContents:
    """Return what the audit page says of an export.

    Parameters
    ----------
    export : Export
        As read, without the columns that were dropped for privacy.
    findings : sequence of Finding
        Everything noticed; refusals are serious findings.
    version : str
        That of clinpred.
    cohort : Cohort, optional
        What the study asks for; None where there is no study, or where it was refused.
    study : Study, optional
        What is asked of the export.
    """
    missing = [export.missing(column).mean() for column in export.types]
    size = _size(cohort) if cohort is not None else None
    return AuditContents(
        version=version,
        study=study.name if study is not None else None,
        usable=_usable(findings, size),
        source=_source(export, study),
        outcome=_outcome(study, cohort),
        rows=_rows(cohort),
        size=size,
        missing_share=float(np.mean(missing)) if missing else 0.0,
        columns=audit_columns(export, findings, cohort=cohort, study=study),
        dropped=[one.column for one in findings if one.code == "W-DROPPED" and one.column is not None],
        findings=[FindingItem(**asdict(finding)) for finding in gravest_first(findings)],
    )


def is_small(size: AuditSize) -> bool:
    """Whether the rarer of events and non-events are few for the coefficients that the predictors ask for."""
    return size.per_coefficient is None or size.per_coefficient < FEWEST_PER_COEFFICIENT


def _usable(findings: Sequence[Finding], size: AuditSize | None) -> Usable:
    levels = {finding.level for finding in findings}
    if "serious" in levels:
        return "not yet"
    return "with care" if "caution" in levels or (size is not None and is_small(size)) else "yes"


def _source(export: Export, study: Study | None) -> AuditSource:
    dialect = export.dialect
    return AuditSource(
        name=export.name,
        sha256=export.sha256,
        rows=len(export.table),
        columns=len(export.types),
        is_text=dialect is not None,
        encoding=dialect.encoding if dialect is not None else None,
        delimiter=dialect.delimiter if dialect is not None else None,
        quote=dialect.quote if dialect is not None else None,
        settled=_settled(study) if study is not None else {},
    )


def _settled(study: Study) -> dict[str, str]:
    """Return what the analyst settled for the export as a whole, in the words of study.toml."""
    named = ("encoding", "delimiter", "decimal", "date_order", "excel_dates", "member", "sheet")
    given = {key: getattr(study.export, key) for key in named}
    return {key: str(value) for key, value in given.items() if value is not None}


def _outcome(study: Study | None, cohort: Cohort | None) -> AuditOutcome | None:
    if study is None:
        return None
    event = study.outcome.event if cohort is None else cohort.event
    return AuditOutcome(rule=study.outcome.rule, event=event, horizon_days=study.outcome.horizon_days)


def _rows(cohort: Cohort | None) -> AuditRows | None:
    if cohort is None:
        return None
    flow = cohort.row_flow
    excluded = [Excluded(reason=part.reason, rows=part.rows) for part in flow.excluded]
    return AuditRows(rows_in_export=flow.rows_in_export, rows=flow.rows, excluded=excluded)


def _size(cohort: Cohort) -> AuditSize:
    patients, events = cohort.n_patients, cohort.n_events
    shown = redact_parts([events, patients - events])
    coefficients = sum(_coefficients(cohort, column) for column in cohort.types)
    fewest = min(events, patients - events)
    return AuditSize(
        patients=patients,
        events=shown[0],
        non_events=shown[1],
        predictors=len(cohort.types),
        coefficients=coefficients,
        rarer="events" if events <= patients - events else "non-events",
        per_coefficient=None if None in shown else fewest / coefficients,
    )


def _coefficients(cohort: Cohort, column: str) -> int:
    if cohort.types[column].kind != "category":
        return 1
    return max(1, int(cohort.predictors[column].nunique()) - 1)
