"""Columns that say who, where and when, by their names and by how their values repeat."""

import re
from dataclasses import dataclass

import numpy as np

from clinpred.records.audit.column_words import column_words
from clinpred.records.id_names import looks_like_birth, looks_like_id
from clinpred.records.read import Export

_PATIENT = re.compile(r"patient|patnr|subject|subj|participant|person|paciente|paziente|pasient|potilas|pacjent")
_OF_A_STAY = re.compile(r"hadm|stay|encounter|visit|episode|admission|aufenthalt|fall|sejour|ingreso")
_ID_ENDING = frozenset({"id", "nr", "no", "num", "number", "nummer", "code", "key", "identifier", "numero"})
_ROW_NUMBER = re.compile(r"x|v1|rownames?|row|rowid|rownumber|rownum|unnamed0|index|idx|obs|observation|nr|n|lfdnr|seq")
_SITE = re.compile(
    r"(site|cent(er|re|rum|ro)|zentrum|hospital|hosp|clinic|klinik|krankenhaus|facility|institution|inst|practice"
    r"|hopital|etablissement|hospitalet|ospedale|ziekenhuis|sykehus|sjukhus|szpital|ward|department|trust)"
    r"(id|code|nr|no|num|number|name)?"
)
_INDEX_DATE = re.compile(
    r"admi|index|baseline|enrol|inclusion|entry|recruit|randomi|aufnahme|ingreso|ricovero|opname|entree|surgery|start"
    r"|diagnos|first|visit"
)
_FEWEST_SITES, _FEWEST_ROWS_A_SITE = 2, 5


@dataclass(frozen=True)
class PatientId:
    """A column that may say which patient a row is of."""

    column: str
    ids: int
    rows: int
    missing: int

    @property
    def repeats(self) -> bool:
        """Whether patients have several rows."""
        return self.ids < self.rows - self.missing


@dataclass(frozen=True)
class SiteColumn:
    """A column that may say where a patient was treated."""

    column: str
    sites: int
    missing: int


@dataclass(frozen=True)
class DateColumn:
    """A column of dates; ``is_index`` where its name says that it is the moment of prediction."""

    column: str
    missing: int
    is_index: bool


def find_patient_ids(export: Export) -> list[PatientId]:
    """Return the columns that may be the patient's id, the likeliest first.

    Names of a patient come before other ids, and those before ids of a stay, which one patient may have several of.
    Of equals the one with fewer different ids comes first: it is the one that joins rows.

    Parameters
    ----------
    export : Export
        The read export.
    """
    named = [column for column in export.types if _is_id(column) and export.types[column] in {"number", "category"}]
    found = [_patient_id(export, column) for column in named]
    likely = [each for each in found if each.ids > each.rows / 50 and each.ids > 2]
    return sorted(likely, key=lambda each: (_rank(each.column), each.missing > 0, each.ids))


def find_sites(export: Export) -> list[SiteColumn]:
    """Return the columns named like a centre, a hospital or a clinic that have several rows a site on average."""
    found = []
    for column in export.types:
        if not _SITE.fullmatch(_last_words(column)) or export.types[column] not in {"number", "category"}:
            continue
        sites = int(export.table[column].nunique())
        if _FEWEST_SITES <= sites <= len(export.table) / _FEWEST_ROWS_A_SITE:
            found.append(SiteColumn(column, sites, int(export.missing(column).sum())))
    return sorted(found, key=lambda each: (each.missing > 0, -each.sites))


def find_dates(export: Export) -> list[DateColumn]:
    """Return the columns of dates: those that may be the moment of prediction first, the most complete before."""
    found = [_date(export, column) for column, type_ in export.types.items() if type_ == "date"]
    return sorted(found, key=lambda each: (not each.is_index, each.missing))


def find_row_numbers(export: Export) -> list[str]:
    """Return the columns that count the rows, from 0 or 1, and are not named as an id."""
    return [column for column in export.types if _counts_rows(export, column) and not _is_id(column)]


def _is_id(column: str) -> bool:
    words = column_words(column)
    joined = "".join(words)
    by_words = bool(_PATIENT.search(joined)) and words[-1] in _ID_ENDING
    return by_words or looks_like_id(column) or joined in {"patnr", "patientennummer", "fallnummer"}


def _rank(column: str) -> int:
    joined = "".join(column_words(column))
    if _PATIENT.search(joined) or joined in {"pid", "mrn", "sno", "seqn", "empi", "usubjid", "recordid"}:
        return 0
    return 2 if _OF_A_STAY.search(joined) else 1


def _patient_id(export: Export, column: str) -> PatientId:
    missing = export.missing(column)
    return PatientId(column, len(set(export.label(column)[~missing])), missing.size, int(missing.sum()))


def _last_words(column: str) -> str:
    words = column_words(column)
    return "".join(words[-2:] if words and words[-1] in _ID_ENDING | {"name"} else words[-1:])


def _date(export: Export, column: str) -> DateColumn:
    name = "".join(column_words(column))
    is_index = bool(_INDEX_DATE.search(name)) and not looks_like_birth(column)
    return DateColumn(column, int(export.missing(column).sum()), is_index)


def _counts_rows(export: Export, column: str) -> bool:
    if export.types[column] != "number" or len(export.table) < 3:
        return False
    values = export.table[column].to_numpy(dtype=np.float64)
    steps = bool(np.all(np.diff(values) == 1)) and values[0] in {0.0, 1.0}
    return steps and (bool(_ROW_NUMBER.fullmatch("".join(column_words(column)))) or values.size >= 20)
