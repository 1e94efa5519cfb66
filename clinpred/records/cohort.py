"""The checked cohort: who is studied, what is predicted, and from what; every row counted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import ClinpredError, InputRefused, StatisticalRefusal
from clinpred.records.audit.cohort_findings import cohort_findings
from clinpred.records.candidates import judge_column
from clinpred.records.columns import (
    comparator_risks,
    dictionary_range_findings,
    predictor_table,
    require_columns,
    within_ranges,
)
from clinpred.records.findings import Finding
from clinpred.records.id_names import looks_like_id
from clinpred.records.outcome import derive_outcome
from clinpred.records.patients import MISSING as MISSING_ID
from clinpred.records.patients import declared_ids, set_aside_ids, undeclared_ids
from clinpred.records.read import Export
from clinpred.records.types import PredictorType, to_dates
from clinpred.settings.study import Study

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ExcludedRows:
    """Rows left out for one reason; 0 where the reason was looked for and not found."""

    reason: str
    rows: int


@dataclass(frozen=True)
class RowFlow:
    """Rows in the export = rows used + the rows excluded, by reason."""

    rows_in_export: int
    rows: int
    excluded: tuple[ExcludedRows, ...]

    def __post_init__(self) -> None:
        accounted = self.rows + sum(part.rows for part in self.excluded)
        if accounted != self.rows_in_export:
            raise ClinpredError(
                "B-ROW-FLOW",
                f"{self.rows_in_export} rows were read and {accounted} are accounted for",
                expected="every row used or excluded for one reason",
                to_fix="this is a fault of clinpred: please report it",
            )


@dataclass(frozen=True, eq=False)
class Cohort:
    """Patients whose outcome is known, one row or more a patient.

    Parameters
    ----------
    predictors : pandas.DataFrame
        n rows in the order of ``types``: numbers as float64 with NaN, categories as text with None where missing.
    types : mapping of str to PredictorType
        One a predictor, in the order of the columns.
    outcome : array of shape (n,)
        1.0 where the event happened, else 0.0.
    patients : int array of shape (n,)
        The patient of each row: 0, 1, 2 ... in order of first appearance.
    patient_ids : array of str, shape (n,)
        The ids as the export writes them; the row's number in the export where no id is declared.
    comparators : mapping of str to array of shape (n,)
        Risks that the export already holds, in [0, 1], NaN where a row has none.
    row_flow : RowFlow
        How the rows of the export became those of the whole cohort; a part of the cohort keeps it.
    site : array of str, shape (n,), optional
        Empty text where missing.
    date : array of datetime64[D], shape (n,), optional
        NaT where missing.
    event : str
        The value of the outcome's column that is the event.
    """

    predictors: "pd.DataFrame"
    types: Mapping[str, PredictorType]
    outcome: Array
    patients: NDArray[np.int64]
    patient_ids: NDArray[np.object_]
    comparators: Mapping[str, Array]
    row_flow: RowFlow
    site: NDArray[np.object_] | None = None
    date: NDArray[np.datetime64] | None = None
    event: str = "1"

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.outcome)

    @property
    def n_patients(self) -> int:
        """Number of patients."""
        return np.unique(self.patients).size

    @property
    def n_events(self) -> int:
        """Number of patients who ever have the event."""
        return np.unique(self.patients[self.outcome == 1]).size

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "Cohort":
        """Return the cohort of these rows (positions, or a mask); its patients are numbered anew from 0."""
        at = np.arange(self.n_rows)[rows]
        return replace(
            self,
            predictors=self.predictors.iloc[at].reset_index(drop=True),
            outcome=self.outcome[at],
            patients=codes_in_order(self.patients[at]),
            patient_ids=self.patient_ids[at],
            comparators={column: risk[at] for column, risk in self.comparators.items()},
            site=None if self.site is None else self.site[at],
            date=None if self.date is None else self.date[at],
        )


def assemble(export: Export, study: Study) -> tuple[Cohort, list[Finding]]:
    """Turn an export into the cohort that the study describes, with everything noticed on the way.

    Raises
    ------
    InputRefused
        A column is missing or does not hold what the study says (codes ``E-``).
    StatisticalRefusal
        Patients repeat undeclared, the outcome has one class, too many are censored, or no predictor is left.
    """
    require_columns(export, _named_columns(study))
    candidates = _columns_without_role(export, study)
    ids, id_findings = _patient_ids(export, study, candidates)
    derived = derive_outcome(export, study.outcome)
    excluded = _once_each({**_without_id(ids), **derived.excluded})
    used = ~np.any(list(excluded.values()), axis=0)
    types, type_findings = _predictor_types(export, study, candidates=candidates, used=used)
    predictors, range_findings = within_ranges(
        predictor_table(export, types, used), study.predictors, source=export.name
    )
    cohort = Cohort(
        predictors=predictors,
        types=types,
        outcome=derived.values[used],
        patients=codes_in_order(ids[used]),
        patient_ids=ids[used],
        comparators=comparator_risks(export, study.comparators, used),
        row_flow=_row_flow(used, excluded),
        site=_site(export, study.roles.site, used),
        date=_date(export, study.roles.date, used),
        event=derived.event,
    )
    of_dictionary = dictionary_range_findings(export, [name for name in types if name not in study.predictors], used)
    noticed = cohort_findings(export, study, derived, predictors=list(types))
    return cohort, [
        *export.findings,
        *derived.findings,
        *id_findings,
        *type_findings,
        *range_findings,
        *of_dictionary,
        *noticed,
    ]


def _named_columns(study: Study) -> tuple[str, ...]:
    return (
        *study.outcome.columns,
        *study.roles.columns,
        *study.set_aside,
        *study.keep,
        *study.comparators,
        *study.predictors,
    )


def _columns_without_role(export: Export, study: Study) -> list[str]:
    taken = {*study.outcome.columns, *study.roles.columns, *study.set_aside, *study.comparators}
    return [column for column in export.types if column not in taken]


def _patient_ids(export: Export, study: Study, candidates: list[str]) -> tuple[NDArray[np.object_], list[Finding]]:
    suspects = [column for column in candidates if looks_like_id(column) and column not in study.predictors]
    if study.roles.patient is not None:
        return declared_ids(export, study.roles.patient), set_aside_ids(suspects)
    ids, findings = undeclared_ids(export, suspects)
    return ids, [*findings, *set_aside_ids(suspects)]


def _predictor_types(
    export: Export, study: Study, *, candidates: list[str], used: NDArray[np.bool_]
) -> tuple[dict[str, PredictorType], list[Finding]]:
    types: dict[str, PredictorType] = {}
    findings: list[Finding] = []
    for column in candidates:
        declared = study.predictors.get(column)
        if declared is None and looks_like_id(column):
            continue
        candidate = judge_column(export, column, declared=declared, used=used)
        findings += candidate.findings
        if candidate.type is not None:
            types[column] = candidate.type
    if not types:
        raise _no_predictor(export)
    return types, findings


def _without_id(ids: NDArray[np.object_]) -> dict[str, NDArray[np.bool_]]:
    missing = ids == ""
    return {MISSING_ID: missing} if missing.any() else {}


def _once_each(reasons: Mapping[str, NDArray[np.bool_]]) -> dict[str, NDArray[np.bool_]]:
    """Return the rows excluded for each reason, a row with several counted for the first alone."""
    counted = np.zeros_like(next(iter(reasons.values())))
    first = {}
    for reason, rows in reasons.items():
        first[reason] = rows & ~counted
        counted |= rows
    return first


def _row_flow(used: NDArray[np.bool_], excluded: Mapping[str, NDArray[np.bool_]]) -> RowFlow:
    by_reason = tuple(ExcludedRows(reason, int(rows.sum())) for reason, rows in excluded.items())
    return RowFlow(used.size, int(used.sum()), by_reason)


def _site(export: Export, column: str | None, used: NDArray[np.bool_]) -> NDArray[np.object_] | None:
    return None if column is None else export.label(column)[used]


def _date(export: Export, column: str | None, used: NDArray[np.bool_]) -> NDArray[np.datetime64] | None:
    if column is None:
        return None
    if export.types[column] not in {"date", "empty"}:
        raise InputRefused(
            "E-DATE",
            f"{export.name}: date column `{column}` holds values that are not dates",
            expected="dates, such as year-month-day",
            to_fix="export the dates as year-month-day, or choose another column (--date)",
        )
    return to_dates(list(export.label(column)[used]))


def _no_predictor(export: Export) -> StatisticalRefusal:
    return StatisticalRefusal(
        "S-NO-PREDICTORS",
        f"{export.name}: no column is left that can be a predictor",
        expected="at least one predictor",
        to_fix="check which columns are set aside, and the findings of the others",
    )


def codes_in_order(labels: NDArray[np.int64] | NDArray[np.object_]) -> NDArray[np.int64]:
    """Return 0 for the label that appears first, 1 for the next new one, and so on.

    Examples
    --------
    >>> codes_in_order(np.array([7, 3, 7, 5]))
    array([0, 1, 0, 2])
    """
    import pandas as pd

    codes, _ = pd.factorize(labels)
    return codes.astype(np.int64)
