"""Repeated patients where no id is named: rows that are too much alike to be different patients."""

import re
from collections.abc import Sequence
from shlex import quote

from clinpred.errors import StatisticalRefusal
from clinpred.records.audit.comparable_columns import comparable_columns, rows_to_compare
from clinpred.records.audit.row_groups import RowGroups, patient_groups
from clinpred.records.audit.row_twins import Twins, find_twins
from clinpred.records.audit.telling_names import tells_the_outcome
from clinpred.records.findings import Finding
from clinpred.records.read import Export

_MOST_ROWS_GROUPED = 100_000
_MOST_ROWS_PAIRED = 20_000
_NAMED = 4
_ALIKE = 0.25
# Whole numbers that a patient keeps and that are no id.
_MEASURE = re.compile(r"age|alter|edad|eta|year|jahr|annee|height|time|days?|date", re.IGNORECASE)


def hidden_repeats(export: Export, columns: Sequence[str]) -> list[Finding]:
    """Search an export without a declared patient id for rows of the same patient.

    First, groups of rows with one value in common (an id under another name, an exact age, or sex, birth and height
    together) that agree in much else. Then near-identical rows. Larger exports are searched in part: 100,000 and
    20,000 rows, in a hundred runs spread evenly over the file.

    Parameters
    ----------
    export : Export
        The export.
    columns : sequence of str
        The columns without a role.

    Returns
    -------
    list of Finding
        W-NEAR-DUPLICATES where some rows have a near-identical twin, which may be chance; else empty.

    Raises
    ------
    StatisticalRefusal
        S-GROUP: patients repeat beyond doubt.
    """
    grouped = rows_to_compare(len(export.table), _MOST_ROWS_GROUPED)
    groups = patient_groups(comparable_columns(export, columns, grouped))
    if groups is not None:
        raise _refusal(export, groups)
    paired = rows_to_compare(len(export.table), _MOST_ROWS_PAIRED)
    twins = find_twins(comparable_columns(export, columns, paired))
    if twins is None:
        return []
    if twins.are_certain:
        raise _twin_refusal(export, twins)
    return [_near_duplicates(twins)] if twins.likely else []


def _refusal(export: Export, groups: RowGroups) -> StatisticalRefusal:
    agree = [f"agree in {_names(groups.agreeing)}"] if groups.agreeing else []
    if groups.likeness > _ALIKE:
        agree.append(f"resemble each other in the rest (median correlation {groups.likeness:.2f})")
    found = f"{groups.rows} rows in {groups.groups} groups of equal {_names(groups.keys)} {' and '.join(agree)}"
    key = groups.keys[0]
    named = groups.may_be_id and not tells_the_outcome(key) and not _MEASURE.search(key)
    return _repeats(
        export, found, f"declare `{key}` with --patient-id {quote(key)} if it is the patient id; else " * named
    )


def _twin_refusal(export: Export, twins: Twins) -> StatisticalRefusal:
    count = max(twins.agreeing, twins.entered_again)
    looked = f"of {twins.looked_at} rows looked at, {count} have a near-identical twin"
    return _repeats(export, f"{looked} ({twins.control} would by chance)")


def _repeats(export: Export, found: str, first: str = "") -> StatisticalRefusal:
    return StatisticalRefusal(
        "S-GROUP",
        f"{export.name}: patients repeat, but no id is declared: {found}",
        expected="one row a patient, or the patient id declared",
        to_fix=f"{first}export the patient id and name it with --patient-id, or keep one row a patient (were all rows "
        "different patients, a column that numbers them would be the id)",
    )


def _near_duplicates(twins: Twins) -> Finding:
    return Finding(
        "W-NEAR-DUPLICATES",
        "caution",
        f"of {twins.looked_at} rows looked at, {twins.likely} have a near-identical twin",
        "where they are one patient's, name the patient id with --patient-id, or keep one row a patient",
        twins.likely,
    )


def _names(columns: Sequence[str]) -> str:
    shown = ", ".join(f"`{column}`" for column in columns[:_NAMED])
    return shown if len(columns) <= _NAMED else f"{shown} and {len(columns) - _NAMED} more"
