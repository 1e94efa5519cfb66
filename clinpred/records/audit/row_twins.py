"""Rows with a twin: the row nearest to them by one half of the columns is among the nearest by the other half."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.records.audit.comparable_columns import Comparable

Scores = NDArray[np.float32]
Rows = NDArray[np.int64]

_FEWEST_ROWS, _FEWEST_COLUMNS = 40, 5
# By few columns strangers lie as near as twins do.
_FEWEST_TO_BE_CLOSE = 8
_MOST_LOOKED_AT = 1_000
_MOST_DISTANCES = 2_000_000
# Columns that say the same thing must not testify for each other.
_SAY_THE_SAME = 0.8
_MOST_LEVELS = 20
# Of few rows, several are among the nearest by chance.
_NEAREST, _ROWS_A_NEAREST = 5, 40
_FAR_NEIGHBOUR = 20
_CLOSE, _VERY_CLOSE = 0.4, 0.1
_SAME_SHARE, _SURE = 0.8, 10.0


@dataclass(frozen=True)
class Twins:
    """How many rows have a twin, by how near it lies, and how many would have one by chance.

    Parameters
    ----------
    looked_at : int
        Rows whose nearest rows were sought.
    agreeing : int
        Rows whose nearest row by one half of the columns is among the five nearest by the other half (of less than
        200 rows: among fewer).
    close : int
        Those of them whose twin lies less than 0.4 times as far away as the twentieth nearest row; 0 in a table of
        fewer than eight columns.
    entered_again : int
        Those whose twin lies less than 0.1 times as far away, and rows with exactly the same values as a nearest row in
        four of five columns, where chance would hardly give any such pair.
    control : int
        Rows whose twentieth nearest row by one half is among the five nearest by the other: what alike columns,
        not repeated patients, bring about.
    """

    looked_at: int
    agreeing: int
    close: int
    entered_again: int
    control: int

    @property
    def are_certain(self) -> bool:
        """Whether most rows have a twin, and hardly any a twin twenty rows away."""
        half = self.looked_at / 2
        nearly_all = self.agreeing >= 0.9 * self.looked_at and self.control <= self.agreeing / 50
        return nearly_all or self.entered_again >= half or (self.close >= half and self._apart)

    @property
    def likely(self) -> int:
        """Rows with a twin, where they are more than tables without repeats were ever seen to have; else 0."""
        if self._apart and self.close >= max(15, self.looked_at / 20):
            return self.close
        return self.entered_again if self.entered_again >= max(5, self.looked_at / 200) else 0

    @property
    def _apart(self) -> bool:
        # Where every column is a mixture of the same few causes, the twentieth neighbour agrees as well.
        return self.control <= self.agreeing / 20


@dataclass(frozen=True, eq=False)
class _Values:
    """Codes of shape (n, p), families side by side; what equality in each column proves; where each family starts."""

    codes: NDArray[np.int64]
    proof: NDArray[np.float64]
    starts: NDArray[np.int64]

    def same(self, rows: Rows, others: Rows) -> NDArray[np.bool_]:
        """Whether rows hold the same values in four of five columns, which pairs of strangers hardly ever do.

        Of a family of columns only the rarest equality counts; chance would give e⁻¹⁰ such pairs in the whole table.
        """
        left, right = self.codes[rows], self.codes[others]
        equal = (left == right) & (left >= 0)
        filled = (left >= 0) | (right >= 0)
        proof = np.maximum.reduceat(np.where(equal, self.proof, 0.0), self.starts, axis=1).sum(axis=1)
        enough = proof > 2 * np.log(self.codes.shape[0]) + _SURE
        return np.asarray(enough & (equal.sum(axis=1) >= _SAME_SHARE * filled.sum(axis=1)), dtype=np.bool_)


def find_twins(columns: Sequence[Comparable]) -> Twins | None:
    """Look for rows with a twin; None where there are too few rows or columns to tell.

    Numbers enter as normal scores, categories as indicators of equal weight; missing values lie in the middle. The
    two halves of the columns are chosen so that correlated columns stay together: in a table of unrelated rows, being
    near by one half then says little about the other.
    """
    if len(columns) < _FEWEST_COLUMNS or columns[0].codes.size < _FEWEST_ROWS:
        return None
    scores = [_scores(column) for column in columns]
    families = _families(scores)
    if len(families) < 2:
        return None
    halves = _halves(scores, families)
    values = _values(columns, families)
    n_rows = columns[0].codes.size
    looked_at = np.unique(np.linspace(0, n_rows - 1, min(n_rows, _MOST_LOOKED_AT)).astype(np.int64))
    chunks = np.array_split(looked_at, -(-looked_at.size * n_rows // _MOST_DISTANCES))
    counts = np.sum([_count(halves, values, chunk) for chunk in chunks], axis=0)
    return Twins(looked_at.size, *(int(count) for count in counts))


def _count(halves: tuple[Scores, Scores], values: _Values, looked_at: Rows) -> NDArray[np.int64]:
    one, other = (_distances(half, looked_at) for half in halves)
    at = np.arange(looked_at.size)
    far = min(_FAR_NEIGHBOUR, one.shape[1] // 3)
    by_one = np.argpartition(one, (0, far - 1), axis=1)
    nearest, distant = by_one[:, 0], by_one[:, far - 1]
    among = min(_NEAREST, one.shape[1] // _ROWS_A_NEAREST)
    agreeing = _rank(other, nearest) <= among
    whole = one + other
    reach = np.partition(whole, far - 1, axis=1)[:, far - 1]
    near = agreeing & (values.codes.shape[1] >= _FEWEST_TO_BE_CLOSE)
    close, very_close = (near & (whole[at, nearest] < share**2 * reach) for share in (_CLOSE, _VERY_CLOSE))
    again = very_close | values.same(looked_at, nearest) | values.same(looked_at, other.argmin(axis=1))
    control = _rank(other, distant) <= among
    return np.array([np.sum(rows) for rows in (agreeing, close, again, control)], dtype=np.int64)


def _rank(distances: Scores, chosen: Rows) -> NDArray[np.int64]:
    """Return how many rows are as near as the chosen one, itself included; ties count in full."""
    limit = distances[np.arange(chosen.size), chosen][:, None]
    return np.asarray((distances <= limit * (1 + 1e-5) + 1e-4).sum(axis=1), dtype=np.int64)


def _distances(scores: Scores, looked_at: Rows) -> Scores:
    """Return squared distances, shape (looked at, n); infinite to the row itself."""
    lengths = np.einsum("ij,ij->i", scores, scores)
    squared = lengths[looked_at][:, None] + lengths[None, :] - 2 * (scores[looked_at] @ scores.T)
    squared[np.arange(looked_at.size), looked_at] = np.inf
    return np.asarray(np.maximum(squared, 0), dtype=np.float32)


def _scores(column: Comparable) -> Scores:
    """Return a column's scores, shape (n, k): two rows at random lie 2 apart, squared."""
    from scipy.special import ndtri

    if column.ranks is not None:
        scores = ndtri(column.ranks / (column.present.sum() + 1))
        return np.asarray(np.nan_to_num(scores / np.nanstd(scores))[:, None], dtype=np.float32)
    frequent = np.argsort(-np.bincount(column.codes[column.present]), kind="stable")[:_MOST_LEVELS]
    indicators = (column.codes[:, None] == frequent[None, :]).astype(np.float32)
    shares = indicators.mean(axis=0)
    weight = 1 / np.sqrt(max(float(np.sum(shares * (1 - shares))), 0.1))
    return np.asarray(indicators * weight, dtype=np.float32)


def _families(scores: list[Scores]) -> list[Rows]:
    """Return groups of correlated columns, the largest first."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    first = np.stack([columns[:, 0] for columns in scores], axis=1)
    alike = np.abs(np.corrcoef(first, rowvar=False)) > _SAY_THE_SAME
    _, family = connected_components(csr_matrix(alike), directed=False)
    families = [np.flatnonzero(family == member) for member in np.unique(family)]
    return sorted(families, key=lambda members: (-members.size, int(members[0])))


def _halves(scores: list[Scores], families: list[Rows]) -> tuple[Scores, Scores]:
    one: list[Scores] = []
    other: list[Scores] = []
    for members in families:
        shorter = one if len(one) <= len(other) else other
        shorter.extend(scores[member] for member in members)
    return np.hstack(one), np.hstack(other)


def _values(columns: Sequence[Comparable], families: list[Rows]) -> _Values:
    ordered = [columns[member] for members in families for member in members]
    shares = [np.bincount(column.codes[column.present]) / column.present.sum() for column in ordered]
    return _Values(
        np.stack([column.codes for column in ordered], axis=1),
        np.array([-np.log(np.sum(share**2)) for share in shares]),
        np.cumsum([0, *(members.size for members in families[:-1])]),
    )
