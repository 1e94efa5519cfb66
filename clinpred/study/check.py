"""The story of ``clinpred check``: read and audit, train nothing."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from clinpred.records.canonical import canonical_table
from clinpred.records.cohort import RowFlow, assemble
from clinpred.records.findings import Finding
from clinpred.records.read import read_export
from clinpred.settings.export import Reading
from clinpred.settings.study import Study
from clinpred.study.artefacts import write_whole


@dataclass(frozen=True)
class Checked:
    """What was read: rows, columns, findings; with a study also the row flow of its cohort."""

    rows: int
    columns: int
    findings: tuple[Finding, ...]
    row_flow: RowFlow | None


def check_export(
    path: Path, reading: Reading, *, study: Study | None = None, table: Path | None = None, overwrite: bool = False
) -> Checked:
    """Read an export and audit it; with a study, assemble its cohort too.

    Parameters
    ----------
    path : Path
        The record export.
    reading : Reading
        What the analyst decided about how it is read.
    study : Study, optional
        What is asked of it.
    table : Path, optional
        Where to write the table exactly as it was read: UTF-8, comma, ISO dates, empty = missing.
    overwrite : bool
        Replace that file.

    Raises
    ------
    ClinpredError
        Whatever is refused; then no table is written.
    """
    export = read_export(path, reading)
    cohort, findings = assemble(export, study) if study is not None else (None, list(export.findings))
    if table is not None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(canonical_table(export))
        write_whole(table, text.getvalue(), overwrite=overwrite)
    row_flow = cohort.row_flow if cohort is not None else None
    return Checked(len(export.table), len(export.types), tuple(findings), row_flow)
