"""Columns made comparable from row to row: equal or not, and how far apart among all rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.records.audit.column_words import column_words
from clinpred.records.audit.ranks import midranks
from clinpred.records.read import Export

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Rows = NDArray[np.bool_]

_MOST_COLUMNS = 200
_BLOCKS = 100
_LASTING = {
    "sex": r"sex|gender|geschlecht|sexe|sexo|sesso|geslacht|kjonn|kon",
    "birth": r"birth|birthdate|birthyear|dob|yob|born|geburt|geburtsdatum|geburtsjahr|naissance|nacimiento|nascita",
    "origin": r"race|ethnicity|ethnic|ethnie|raza",
    "body": r"height|groesse|grosse|taille|estatura|statura|ht",
    "blood": r"bloodgroup|bloodtype|blutgruppe",
}
_LASTING_WORD = {kind: re.compile(words) for kind, words in _LASTING.items()}


@dataclass(frozen=True, eq=False)
class Comparable:
    """One column of n rows.

    Parameters
    ----------
    name : str
        The column's name.
    codes : int array of shape (n,)
        Equal where the values are equal; -1 where missing.
    ranks : array of shape (n,), optional
        Of numbers and dates: their ranks, ties sharing their mean rank; NaN where missing.
    may_be_id : bool
        Whether the values are text or whole numbers, as ids are.
    """

    name: str
    codes: Codes
    ranks: Array | None
    may_be_id: bool

    @property
    def present(self) -> Rows:
        """Rows with a value."""
        return self.codes >= 0

    @property
    def lasts(self) -> str | None:
        """What of a patient the column holds that never changes, by its name: sex, birth, origin, body or blood."""
        words = column_words(self.name)
        kinds = [kind for kind, known in _LASTING_WORD.items() if any(known.fullmatch(word) for word in words)]
        return kinds[0] if kinds else None


def comparable_columns(export: Export, columns: Sequence[str], rows: NDArray[np.int64]) -> list[Comparable]:
    """Return the columns that can tell rows apart: not constant, not text that differs in every row.

    Of more than 200 columns, 200 spread evenly are taken.
    """
    step = max(1, -(-len(columns) // _MOST_COLUMNS))
    made = [_comparable(export, column, rows) for column in list(columns)[::step]]
    return [column for column in made if column is not None]


def rows_to_compare(n_rows: int, most: int) -> NDArray[np.int64]:
    """Return all rows, or ``most`` of them in a hundred runs of neighbours spread evenly over the export.

    Examples
    --------
    >>> rows_to_compare(3, 100).tolist(), rows_to_compare(1000, 200)[:4].tolist()
    ([0, 1, 2], [0, 1, 10, 11])
    """
    if n_rows <= most:
        return np.arange(n_rows)
    starts = np.arange(_BLOCKS) * n_rows // _BLOCKS
    return np.asarray((starts[:, None] + np.arange(most // _BLOCKS)[None, :]).ravel(), dtype=np.int64)


def _comparable(export: Export, column: str, rows: NDArray[np.int64]) -> Comparable | None:
    import pandas as pd

    values = export.table[column].iloc[rows]
    codes, levels = pd.factorize(values, sort=export.types[column] == "date")
    present = codes >= 0
    if len(levels) < 2 or (export.types[column] == "category" and len(levels) == present.sum()):
        return None
    ranks = None
    if export.types[column] in {"number", "date"}:
        ordered = values.to_numpy(dtype=np.float64) if export.types[column] == "number" else codes.astype(np.float64)
        ranks = np.full(codes.size, np.nan)
        ranks[present] = midranks(ordered[present])
    whole = export.types[column] == "number" and bool(np.all(np.mod(np.asarray(levels, dtype=np.float64), 1) == 0))
    return Comparable(column, codes.astype(np.int64), ranks, whole or export.types[column] == "category")
