"""The story of ``clinpred init``: propose a study file and write it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clinpred.records.read import Source
from clinpred.settings.export import Reading
from clinpred.settings.study import settings_from
from clinpred.study.artefacts import check_free, write_whole
from clinpred.study.inputs import files_read
from clinpred.study.proposal import propose_study


def write_proposal(source: Source, asked: Mapping[str, Any], *, out: Path, overwrite: bool = False) -> tuple[str, ...]:
    """Look at an export, write the study file that it suggests, and return what to say of it, line by line.

    Parameters
    ----------
    source : Path, sequence of Path, or Database
        The record export.
    asked : mapping
        What was decided beforehand, as the tables of a study file; it wins over what would be proposed.
    out : Path
        The file to write.
    overwrite : bool
        Replace it.

    Raises
    ------
    ClinpredError
        Whatever is refused; then nothing is written.
    """
    reading = settings_from(Reading, asked.get("export", {}), source="command line")
    check_free(out, overwrite=overwrite, inputs=files_read(source, reading))
    proposal = propose_study(source, reading, asked=asked)
    write_whole(out, proposal.text, overwrite=overwrite)
    return proposal.lines
