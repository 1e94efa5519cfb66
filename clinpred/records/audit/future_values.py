"""Values dated after the index date: what was not yet known when the prediction is made."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.records.audit.column_words import column_words
from clinpred.records.audit.date_names import stem_words
from clinpred.records.read import Export
from clinpred.records.types import to_dates


@dataclass(frozen=True)
class FutureRows:
    """How many of a column's dated rows are later than the index date, and the column that dates it if not itself."""

    index_date: str
    date_column: str | None
    later: int
    dated: int


def future_rows(export: Export, columns: Sequence[str], index_date: str) -> dict[str, FutureRows]:
    """Return the columns with rows dated after the index date.

    A column of dates is dated by itself. A value is dated by the column of dates with its own name: ``crp`` or
    ``crp_mg_l`` by ``crp_date``. Days are compared, so that the index day itself is not later.
    """
    if export.types[index_date] != "date":
        return {}
    index = days(export, index_date)
    dates = {column: days(export, column) for column, kind in export.types.items() if kind == "date"}
    found = {}
    for column in columns:
        by = column if column in dates else _dating_column(column, [name for name in dates if name != index_date])
        if by is None or by == index_date:
            continue
        both = ~np.isnat(dates[by]) & ~np.isnat(index) & ~export.missing(column)
        later = int(np.sum(dates[by][both] > index[both]))
        if later:
            found[column] = FutureRows(index_date, None if by == column else by, later, int(both.sum()))
    return found


def days(export: Export, column: str) -> NDArray[np.datetime64]:
    """Return the days of a column of dates, shape (n,), NaT where missing."""
    return to_dates(list(export.label(column)))


def _dating_column(column: str, dates: Sequence[str]) -> str | None:
    """Return the column of dates whose name is the beginning of this column's, the longest one."""
    words = column_words(column)
    stems = {name: stem_words(name) for name in dates}
    fitting = [name for name, stem in stems.items() if stem and words[: len(stem)] == stem]
    return max(fitting, key=lambda name: len(stems[name]), default=None)
