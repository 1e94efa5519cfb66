"""Who a row belongs to: a declared id, or the proof that none is needed."""

from shlex import quote

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.records.findings import Finding
from clinpred.records.id_names import looks_like_id
from clinpred.records.read import Export

_FEW_MISSING = 0.05
MISSING = "patient id missing"


def declared_ids(export: Export, column: str) -> NDArray[np.object_]:
    """Return the id of each row, as the export writes it; empty where it is missing, which at most 5 % of rows may be.

    Raises
    ------
    InputRefused
        E-ID-MISSING: more rows without an id.
    """
    count, total = int(export.missing(column).sum()), len(export.table)
    if count > _FEW_MISSING * total:
        raise InputRefused(
            "E-ID-MISSING",
            f"{export.name}: patient id `{column}` is missing in {count} of {total} rows ({count / total:.1%})",
            expected=f"an id in every row; up to {_FEW_MISSING:.0%} without one are excluded and counted",
            to_fix="complete the ids, or remove those rows from the export",
        )
    return export.label(column)


def undeclared_ids(export: Export, columns: list[str]) -> tuple[NDArray[np.object_], list[Finding]]:
    """Return row numbers as ids, after making sure that no column without a role betrays repeated patients.

    Raises
    ------
    StatisticalRefusal
        S-GROUP: a column that looks like a patient id repeats.
    """
    for column in columns:
        _refuse_repeats(export, column)
    text = "no patient id is declared: each row is taken for a patient of its own"
    advice = "name the id with --patient-id (study.toml: roles.patient) where patients may repeat"
    finding = Finding("W-NO-PATIENT-ID", "caution", text, advice)
    return np.array([str(row) for row in range(1, len(export.table) + 1)], dtype=object), [finding]


def set_aside_ids(columns: list[str]) -> list[Finding]:
    """Return the findings that say which columns are no predictors because they look like an id."""
    return [
        Finding(
            "W-ID-COLUMN",
            "note",
            f"column `{column}` looks like an id and is no predictor",
            "declare it under [predictors] if it measures something",
            column=column,
        )
        for column in columns
    ]


def _refuse_repeats(export: Export, column: str) -> None:
    ids = export.label(column)[~export.missing(column)]
    n_distinct = len(set(ids))
    if not looks_like_id(column) or n_distinct in {0, 1, len(ids)}:
        return
    raise StatisticalRefusal(
        "S-GROUP",
        f"{export.name}: column `{column}` looks like a patient id and repeats: {len(ids)} rows, {n_distinct} ids",
        expected="one row a patient, or the patient id declared",
        to_fix=f"declare it with --patient-id {quote(column)}, or put it aside with --set-aside {quote(column)}",
    )
