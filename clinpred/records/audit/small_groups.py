"""Patients who stand out: great ages, and groups so small that age, sex and place together point at somebody."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from clinpred.records.audit.column_words import column_words
from clinpred.records.findings import Finding
from clinpred.records.types import ColumnType

if TYPE_CHECKING:
    import pandas as pd

_OLDEST_SHOWN = 89
_MOST_COLUMNS = 5
_AGE = {"age", "alter", "edad", "eta", "idade", "leeftijd", "alder", "ages", "patientenalter"}
_NOT_IN_YEARS = {
    "gestational", "gestation", "months", "month", "mo", "days", "day", "weeks", "week", "hours", "bone", "vascular",
    "monate", "tage", "wochen", "mois", "jours", "meses", "dias", "group", "grp", "band", "z", "score", "of",
}  # fmt: skip
# the most telling first: only so many enter
_QUASI_IDENTIFIERS = (
    _AGE,
    {"sex", "gender", "geschlecht", "sexe", "sexo", "sesso"},
    {"ethnicity", "ethnic", "race", "ethnie", "etnia", "raza", "hautfarbe", "nationality", "birthplace"},
    {
        "postcode",
        "postal",
        "zip",
        "zipcode",
        "plz",
        "postleitzahl",
        "region",
        "state",
        "province",
        "county",
        "lsoa",
        "msoa",
    },
    {"birth", "dob", "geburtsdatum", "geburtsjahr", "naissance", "nacimiento", "yob"},
    {"date", "datum", "fecha", "admission", "admit", "year", "jahr"},
    {"marital", "familienstand", "religion", "occupation", "beruf", "profession", "education"},
)


def old_ages(table: "pd.DataFrame", types: Mapping[str, ColumnType]) -> list[Finding]:
    """Return, for each column of ages in years, how many are above 89 (W-AGE-90)."""
    findings = []
    for column in age_columns(types):
        count = int(np.sum(table[column].to_numpy(dtype=np.float64) >= _OLDEST_SHOWN + 1))
        if count:
            findings.append(_old(column, count))
    return findings


def age_columns(types: Mapping[str, ColumnType]) -> list[str]:
    """Return the columns that are ages in years by their name and type."""
    words = {column: set(column_words(column)) for column, kind in types.items() if kind == "number"}
    return [column for column, said in words.items() if said & _AGE and not said & _NOT_IN_YEARS]


def small_groups(table: "pd.DataFrame", types: Mapping[str, ColumnType], *, smallest: int = 8) -> list[Finding]:
    """Return how many rows share their age, sex, place and the like with fewer than ``smallest`` rows (W-K-ANON).

    Columns are known by their names, at most five of them; ages count by the year, dates by theirs, and missing values
    as a value of their own. Fewer than two such columns make no group.

    Parameters
    ----------
    table : pandas.DataFrame
        The export's table, a row a patient.
    types : mapping of str to {"number", "category", "date", "empty"}
        One a column.
    smallest : int
        Patients that a group must have.
    """
    columns = _quasi_identifiers(types)
    if len(columns) < 2 or not len(table):
        return []
    sizes = table.groupby([_coarse(table[column], types[column]) for column in columns], dropna=False).transform("size")
    count = int(np.sum(sizes.to_numpy() < smallest))
    if not count:
        return []
    names = ", ".join(f"`{column}`" for column in columns)
    text = f"{count} of {len(table)} rows stand in groups of fewer than {smallest} that are alike in {names}"
    advice = "share the table only with whoever may see single patients; the report shows no group as small"
    return [Finding("W-K-ANON", "note", text, advice, count)]


def _quasi_identifiers(types: Mapping[str, ColumnType]) -> list[str]:
    chosen: list[str] = []
    for words in _QUASI_IDENTIFIERS:
        named = [
            column
            for column, kind in types.items()
            if kind != "empty"
            and column not in chosen
            and words.intersection(column_words(column))
            and _fits(words, column, kind)
        ]
        chosen += named[:1]
    return chosen[:_MOST_COLUMNS]


def _fits(words: set[str], column: str, kind: ColumnType) -> bool:
    if words is _AGE:
        return not _NOT_IN_YEARS.intersection(column_words(column))
    return kind == "date" or "date" not in words or "year" in column_words(column)


def _coarse(values: "pd.Series", kind: ColumnType) -> "pd.Series":
    if kind == "date":
        return values.str[:4]
    return values // 1 if kind == "number" else values


def _old(column: str, count: int) -> Finding:
    text = f"column `{column}`: {count} {'age is' if count == 1 else 'ages are'} above {_OLDEST_SHOWN}"
    advice = "the report never shows an age above 89 as such; the model may use it"
    return Finding("W-AGE-90", "note", text, advice, count, column)
