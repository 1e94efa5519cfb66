"""The columns of an audit: what each is to the study, what is missing of it, and how it was read."""

from collections.abc import Mapping, Sequence
from typing import Literal

from clinpred.codes import explain
from clinpred.records.cohort import Cohort
from clinpred.records.findings import Finding
from clinpred.records.read import Export
from clinpred.report.disclosure import redact_parts
from clinpred.report.part import Part
from clinpred.settings.cohort import Predictor
from clinpred.settings.study import Study

ColumnRole = Literal[
    "outcome",
    "patient id",
    "site",
    "date",
    "index date",
    "predictor",
    "comparator",
    "set aside",
    "left out",
    "not settled",
]
_LEAVE_OUT = {"W-CONSTANT", "W-DATE-COLUMN", "W-EMPTY", "W-FREETEXT", "W-ID-COLUMN", "W-TEXT-COLUMN"}

_ORDERS = {
    "dmy": "day, month, year",
    "mdy": "month, day, year",
    "ymd": "year, month, day",
    "zip3": "to the first three signs",
}
_SPOKEN = {
    "decimal": "decimal mark",
    "date_order": "order of dates",
    "two_digit_years": "years of two digits",
    "time_zone": "times in",
    "censored": "values beyond a limit",
    "excel_dates": "Excel's days from",
}


class AuditColumn(Part):
    """One column. ``missing`` is None where 1 to 7 rows lack the value, or have it, as ``few`` says."""

    name: str
    label: str
    type: Literal["number", "category", "ordered", "date", "empty"]
    unit: str | None
    missing: int | None
    missing_share: float | None
    few: Literal["missing", "present"] | None
    distinct: int | None
    role: ColumnRole
    why: str
    decisions: dict[str, str]
    codes: list[str]


def audit_columns(
    export: Export, findings: Sequence[Finding], *, cohort: Cohort | None, study: Study | None
) -> list[AuditColumn]:
    """Return what each column of the export is: its type, its role, what is missing, and how it was read.

    Parameters
    ----------
    export : Export
        As read.
    findings : sequence of Finding
        Everything noticed; those of a column are named beside it.
    cohort : Cohort, optional
        Without one, a column without a declared role has none.
    study : Study, optional
        What is asked of the export.
    """
    roles = _declared_roles(study) if study is not None else {}
    of_column: dict[str | None, list[str]] = {}
    for finding in findings:
        of_column.setdefault(finding.column, []).append(finding.code)
    return [
        _column(export, column, cohort=cohort, study=study, role=roles.get(column), codes=of_column.get(column, []))
        for column in export.types
    ]


def _declared_roles(study: Study) -> dict[str, ColumnRole]:
    roles: dict[str | None, ColumnRole] = {
        **dict.fromkeys(study.set_aside, "set aside"),
        **dict.fromkeys(study.comparators, "comparator"),
        study.roles.patient: "patient id",
        study.roles.site: "site",
        study.roles.date: "date",
        study.roles.index_date: "index date",
        **dict.fromkeys(study.outcome.columns, "outcome"),
    }
    return {column: role for column, role in roles.items() if column is not None}


def _column(
    export: Export,
    column: str,
    *,
    cohort: Cohort | None,
    study: Study | None,
    role: ColumnRole | None,
    codes: Sequence[str],
) -> AuditColumn:
    decisions = dict(export.decisions.get(column, {}))
    declared = study.predictors.get(column, Predictor()) if study is not None else Predictor()
    settled = role or _role_in(cohort, column)
    missing = int(export.missing(column).sum())
    shown, few = _shown_missing(missing, len(export.table))
    is_ordered = cohort is not None and column in cohort.types and cohort.types[column].kind == "ordered"
    return AuditColumn(
        name=column,
        label=export.described[column].label if column in export.described else "",
        type="ordered" if is_ordered else export.types[column],
        unit=declared.unit or decisions.pop("unit", None),
        missing=shown,
        missing_share=None if shown is None else missing / len(export.table),
        few=few,
        distinct=int(export.table[column].nunique()) if export.types[column] == "category" else None,
        role=settled,
        why=study.set_aside[column] if study is not None and settled == "set aside" else _why(settled, codes),
        decisions=_in_words(decisions),
        codes=list(dict.fromkeys(codes)),
    )


def _role_in(cohort: Cohort | None, column: str) -> ColumnRole:
    if cohort is None:
        return "not settled"
    return "predictor" if column in cohort.types else "left out"


def _shown_missing(missing: int, rows: int) -> tuple[int | None, Literal["missing", "present"] | None]:
    """Return the count of missing values, or whether too few lack the value, or have it, for the count to be shown."""
    shown = redact_parts([missing, rows - missing])[0]
    if shown is not None:
        return shown, None
    return None, "missing" if missing <= rows - missing else "present"


def _why(role: ColumnRole, codes: Sequence[str]) -> str:
    reasons = [explain(code).title.lower() for code in dict.fromkeys(codes) if code in _LEAVE_OUT]
    return "; ".join(reasons) if role == "left out" else ""


def _in_words(decisions: Mapping[str, str]) -> dict[str, str]:
    """Return decisions in words; the values that the analyst calls missing are counted, not shown."""
    words = {
        _SPOKEN.get(key, key.replace("_", " ")): _ORDERS.get(value, value)
        for key, value in decisions.items()
        if key != "missing"
    }
    if "missing" in decisions:
        words["named as missing"] = decisions["missing"].rpartition("(")[2].rstrip(")")
    return words
