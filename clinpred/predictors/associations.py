"""How strongly any two predictors go together, whatever their types and under any weighting of the rows.

Numbers and ordered levels become ranks, categories the indicators of their levels; one weighted Gram matrix of all of
them then holds every sum that a correlation, a correlation ratio or a contingency table needs, each over the patients
who have both values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from clinpred.predictors.coded import CategoryColumn, Coded, NumberColumn
from clinpred.predictors.encoding import FEWEST_PATIENTS

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = NDArray[np.int32]

_BLOCK_ROWS = 8192
# Below this share of what it would be on ranks that differ, a spread is rounding.
_FLAT = 1e-12


@dataclass(frozen=True, eq=False)
class _Ranked:
    """A number or ordered predictor: the place of each row's value among the different values, -1 where missing."""

    values: Places
    n_values: int

    def rank_of_value(self, counts: Array) -> Array:
        """Return the mid-rank of each value, rows counted so often, centred and divided by their number.

        A last 0 stands for a missing value, whose place is -1.
        """
        weight = np.bincount(self.values + 1, weights=counts, minlength=self.n_values + 1)[1:]
        rank = (np.cumsum(weight) - 0.5 * weight) / max(weight.sum(), 1.0) - 0.5
        return np.append(rank, 0.0)


@dataclass(frozen=True, eq=False)
class _Levelled:
    """A category: the code of each row's level, -1 where missing; levels that few patients have share one code."""

    codes: Places
    n_levels: int


@dataclass(frozen=True, eq=False)
class Ranks:
    """Predictors as ranks and levels, made once so that associations can be computed under many weightings."""

    names: tuple[str, ...]
    columns: tuple[_Ranked | _Levelled, ...]

    @classmethod
    def of(cls, coded: Coded, names: Sequence[str] | None = None) -> Self:
        """Rank numbers and ordered predictors, all or some; pool the levels that fewer than eight patients have."""
        chosen = coded.names if names is None else tuple(names)
        return cls(chosen, tuple(_ranked_or_levelled(coded.column(name), coded.patients) for name in chosen))

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        first = self.columns[0]
        return (first.values if isinstance(first, _Ranked) else first.codes).size

    def associations(self, counts: Ints | None = None) -> Array:
        """Return the strength of association of any two predictors, 0 to 1, shape (p, p).

        Between numbers or ordered predictors the absolute Spearman correlation, with mid-ranks for ties; between such
        a one and a category the correlation ratio of the ranks, √(sum of squares between levels / total); between
        categories Cramér's V, √(χ²/(N·(min(rows, columns) - 1))). Over the patients who have both values; ranks are
        those among all who have the one.

        Parameters
        ----------
        counts : int array of shape (n,), optional
            How often each row counts.

        Returns
        -------
        ndarray
            Symmetric. NaN where fewer than eight rows have both values, or where one does not vary among them.

        References
        ----------
        Harrell FE. Regression modeling strategies. 2nd ed. Springer; 2015: 4.7. Cramér H. Mathematical methods of
        statistics. Princeton; 1946: 21.9.

        Notes
        -----
        Checked against Hmisc 4.8 ``rcorr(type="spearman")`` and ``varclus`` (09_varclus.json, 1e-12).
        """
        weight = np.ones(self.n_rows) if counts is None else counts.astype(np.float64)
        sums = _Sums.of(self.columns, weight)
        ranked = np.array([isinstance(column, _Ranked) for column in self.columns])
        found = np.empty((ranked.size, ranked.size))
        found[np.ix_(ranked, ranked)] = sums.correlations(np.flatnonzero(ranked))
        for category in np.flatnonzero(~ranked):
            for other in np.flatnonzero(ranked | (np.arange(ranked.size) < category)):
                measure = _correlation_ratio if ranked[other] else _cramers_v
                found[category, other] = found[other, category] = measure(sums.between(int(other), int(category)))
        np.fill_diagonal(found, 1.0)
        return found


@dataclass(frozen=True, eq=False)
class _Sums:
    """The weighted Gram matrix of all predictors' columns, and the places of each predictor among them.

    A ranked predictor has three columns: whether it has a value, the rank, its square. A category has one a level.
    """

    gram: Array
    places: Sequence[slice]

    @classmethod
    def of(cls, columns: Sequence[_Ranked | _Levelled], weight: Array) -> Self:
        """Add the sums up block by block."""
        widths = [3 if isinstance(column, _Ranked) else column.n_levels for column in columns]
        ends = np.cumsum(widths)
        places = [slice(int(end) - width, int(end)) for end, width in zip(ends, widths, strict=True)]
        ranks = [column.rank_of_value(weight) if isinstance(column, _Ranked) else None for column in columns]
        gram = np.zeros((int(ends[-1]), int(ends[-1])))
        for start in range(0, weight.size, _BLOCK_ROWS):
            rows = slice(start, start + _BLOCK_ROWS)
            block = np.zeros((weight[rows].size, len(gram)))
            for column, rank, place in zip(columns, ranks, places, strict=True):
                if isinstance(column, _Ranked) and rank is not None:
                    block[:, place.start] = column.values[rows] >= 0
                    block[:, place.start + 1] = rank[column.values[rows]]
                    np.square(block[:, place.start + 1], out=block[:, place.start + 2])
                elif isinstance(column, _Levelled):
                    has = np.flatnonzero(column.codes[rows] >= 0)
                    block[has, place.start + column.codes[rows][has]] = 1.0
            gram += block.T @ (block * weight[rows, None])
        return cls(gram, places)

    def between(self, one: int, other: int) -> Array:
        """Return the products of one predictor's columns with another's."""
        return self.gram[self.places[one], self.places[other]]

    def correlations(self, ranked: Ints) -> Array:
        """Return the absolute correlations of the ranked predictors with each other, NaN where they are not known."""
        has = np.array([self.places[one].start for one in ranked], dtype=np.int64)
        n, rank, square = (self.gram[np.ix_(has + at, has)] for at in range(3))
        with np.errstate(divide="ignore", invalid="ignore"):
            # Of the predictor of each row, over those who have that of each column too.
            spread = square - rank**2 / n
            together = self.gram[np.ix_(has + 1, has + 1)] - rank * rank.T / n
            found = np.minimum(np.abs(together) / np.sqrt(spread * spread.T), 1.0)
        known = (n >= FEWEST_PATIENTS) & (np.minimum(spread, spread.T) > _FLAT * n)
        return np.where(known, found, np.nan)


def _correlation_ratio(cross: Array) -> float:
    """Return the correlation ratio from the products of (has a value, rank, squared rank) with each level."""
    count, total, square = cross[:, cross[0] > 0]
    n = count.sum()
    if n < FEWEST_PATIENTS or count.size < 2:
        return float("nan")
    middle = total.sum() ** 2 / n
    spread = square.sum() - middle
    if spread <= _FLAT * n:
        return float("nan")
    between = float(np.sum(total**2 / count)) - middle
    return float(np.sqrt(min(max(between / spread, 0.0), 1.0)))


def _cramers_v(table: Array) -> float:
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    n = table.sum()
    if n < FEWEST_PATIENTS or min(table.shape) < 2:
        return float("nan")
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    chi_square = float(np.sum((table - expected) ** 2 / expected))
    return float(np.sqrt(min(chi_square / (n * (min(table.shape) - 1)), 1.0)))


def _ranked_or_levelled(column: NumberColumn | CategoryColumn, patients: Ints) -> _Ranked | _Levelled:
    if isinstance(column, NumberColumn):
        return _ranked(column.cells)
    codes, names = column.cells
    if column.declared is not None:
        place = {name: at for at, name in enumerate(column.declared)}
        order = np.array([place.get(name, -1) for name in names] + [-1])
        values = order[codes]
        return _ranked(np.where(values >= 0, values, np.nan))
    return _levelled(codes, len(names), patients)


def _ranked(cells: Array) -> _Ranked:
    present = ~np.isnan(cells)
    different, places = np.unique(cells[present], return_inverse=True)
    values = np.full(cells.size, -1, dtype=np.int32)
    values[present] = places
    return _Ranked(values, different.size)


def _levelled(codes: Ints, n_levels: int, patients: Ints) -> _Levelled:
    present = codes >= 0
    pairs = np.unique(np.column_stack([codes[present], patients[present]]), axis=0)
    enough = np.bincount(pairs[:, 0], minlength=n_levels) >= FEWEST_PATIENTS
    pooled = np.append(np.where(enough, np.cumsum(enough) - 1, enough.sum()), -1)
    return _Levelled(pooled[codes].astype(np.int32), int(enough.sum()) + int(not enough.all()))
