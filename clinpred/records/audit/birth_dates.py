"""Dates of birth under a name that does not say so: the year falls as the age rises."""

import numpy as np

from clinpred.records.audit.small_groups import age_columns
from clinpred.records.audit.suspect import IDENTIFIER, Suspect
from clinpred.records.read import Export

_FEWEST_ROWS = 20
_FALLS = -0.95


def births_by_age(export: Export) -> list[Suspect]:
    """Return the columns of dates whose years, correlated with an age in years, give -0.95 or less.

    Dates of birth do so where patients were seen within a few years; other dates know nothing of the age.
    """
    return [
        Suspect(column, IDENTIFIER, "date of birth", f"its years fall as `{age}` rises (correlation {found:.2f})")
        for column, kind in export.types.items()
        if kind == "date"
        for age in age_columns(export.types)[:1]
        if (found := _correlation(export, column, age)) <= _FALLS
    ]


def _correlation(export: Export, column: str, age: str) -> float:
    rows = ~(export.missing(column) | export.missing(age))
    days = [text[:10] for text in export.table[column].to_numpy(dtype=object)[rows]]
    years = np.array(days, dtype="datetime64[D]").astype(np.int64) / 365.25
    ages = export.table[age].to_numpy(dtype=np.float64)[rows]
    if years.size < _FEWEST_ROWS or not years.std() or not ages.std():
        return 0.0
    return float(np.corrcoef(years, ages)[0, 1])
