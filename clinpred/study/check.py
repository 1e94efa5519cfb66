"""The story of ``clinpred check``: read and audit, train nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import clinpred
from clinpred.errors import StatisticalRefusal
from clinpred.records.canonical import canonical_table
from clinpred.records.cohort import Cohort, RowFlow
from clinpred.records.findings import Finding, gravest_first
from clinpred.records.read import Export, Source
from clinpred.report.audit_contents import audit_contents
from clinpred.report.audit_page import render_audit
from clinpred.report.tabular import csv_text
from clinpred.settings.study import Study
from clinpred.study.artefacts import check_all_free, write_whole
from clinpred.study.audited import Asked, assembled, read_without_identifiers
from clinpred.study.inputs import files_read


@dataclass(frozen=True)
class Checked:
    """What was read: rows, columns, findings; with a study also the row flow of its cohort."""

    rows: int
    columns: int
    findings: tuple[Finding, ...]
    row_flow: RowFlow | None


def check_export(
    source: Source,
    asked: Asked,
    *,
    table: Path | None = None,
    page: Path | None = None,
    overwrite: bool = False,
    beside: Sequence[Path] = (),
) -> Checked:
    """Read an export and audit it; with a study, assemble its cohort too. A statistical refusal becomes a finding.

    Parameters
    ----------
    source : Path, sequence of Path, or Database
        The record export.
    asked : Asked
        What the analyst decided about how it is read, and the study, if there is one.
    table : Path, optional
        Where to write the table exactly as it was read: UTF-8, comma, ISO dates, empty = missing.
    page : Path, optional
        Where to write the audit as a page of HTML.
    overwrite : bool
        Replace those files.
    beside : sequence of Path
        The files that were read for what is asked, such as the study file: as the export, they are never replaced.

    Raises
    ------
    ClinpredError
        Whatever else is refused; then nothing is written.
    """
    wanted = [path for path in (table, page) if path is not None]
    check_all_free(wanted, overwrite=overwrite, inputs=files_read(source, asked.export, *beside))
    export, of_identity = read_without_identifiers(source, asked)
    cohort, found = _assembled(export, asked.study)
    findings = tuple(gravest_first([*of_identity, *found]))
    if table is not None:
        write_whole(table, csv_text(canonical_table(export)), overwrite=overwrite)
    if page is not None:
        contents = audit_contents(export, findings, version=clinpred.__version__, cohort=cohort, study=asked.study)
        write_whole(page, render_audit(contents), overwrite=overwrite)
    row_flow = cohort.row_flow if cohort is not None else None
    return Checked(len(export.table), len(export.types), findings, row_flow)


def _assembled(export: Export, study: Study | None) -> tuple[Cohort | None, Sequence[Finding]]:
    if study is None:
        return None, export.findings
    try:
        return assembled(export, study)
    except StatisticalRefusal as refusal:
        if study.strict:
            raise
        found = Finding(refusal.code, "serious", refusal.found, refusal.to_fix)
        return None, (found, *export.findings)
