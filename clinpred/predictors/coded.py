"""The predictors of a cohort as numbers: made once, so that a preparation can be learnt from them again and again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clinpred.records.types import PredictorType

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


class Levels(NamedTuple):
    """The cells of a category: ``codes`` of shape (n,) are places among ``names``, -1 where missing."""

    codes: Ints
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class NumberColumn:
    """A number: its cells, NaN where missing, and ``order``, the rows that have one, by increasing value."""

    name: str
    cells: Array
    order: Ints

    @classmethod
    def of(cls, values: pd.Series) -> Self:
        """Sort the values, once for all resamples."""
        cells = number_cells(values)
        return cls(str(values.name), cells, np.argsort(cells, kind="stable")[: np.count_nonzero(~np.isnan(cells))])

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows have no value."""
        return np.isnan(self.cells)

    @property
    def varies(self) -> bool:
        """Whether there are two different values."""
        return self.order.size > 0 and bool(self.cells[self.order[0]] != self.cells[self.order[-1]])

    def take(self, rows: Ints, place: Ints) -> "NumberColumn":
        """Return the column of these rows; ``place`` of shape (n,) says where each row goes, -1 where nowhere."""
        order = place[self.order]
        return NumberColumn(self.name, self.cells[rows], order[order >= 0])


@dataclass(frozen=True, eq=False)
class CategoryColumn:
    """A category, or an ordered one: its cells as codes of levels, and the order that was declared of them."""

    name: str
    cells: Levels
    declared: tuple[str, ...] | None

    @classmethod
    def of(cls, values: pd.Series, kind: PredictorType) -> Self:
        """Code the levels."""
        return cls(str(values.name), level_cells(values), kind.levels if kind.kind == "ordered" else None)

    @property
    def varies(self) -> bool:
        """Whether there are two different levels."""
        codes = self.cells.codes
        present = codes[codes >= 0]
        return present.size > 0 and bool((present != present[0]).any())

    def take(self, rows: Ints) -> "CategoryColumn":
        """Return the column of these rows."""
        return CategoryColumn(self.name, Levels(self.cells.codes[rows], self.cells.names), self.declared)


@dataclass(frozen=True, eq=False)
class Coded:
    """All predictors of some rows, ``names`` in order; ``patients`` of shape (n,) counts the row's patient from 0."""

    names: tuple[str, ...]
    numbers: Mapping[str, NumberColumn]
    categories: Mapping[str, CategoryColumn]
    patients: Ints

    @classmethod
    def of(cls, predictors: pd.DataFrame, kinds: Mapping[str, PredictorType], patients: Ints) -> Self:
        """Code the predictors: numbers are sorted, levels become codes.

        Parameters
        ----------
        predictors : DataFrame, n rows
            Numbers as float64 with NaN where missing, categories as text with None.
        kinds : mapping of predictor to its type
        patients : int array, shape (n,)
            The patient of each row.
        """
        names = tuple(str(name) for name in predictors.columns)
        numbers = [name for name in names if kinds[name].kind == "number"]
        return cls(
            names,
            {name: NumberColumn.of(predictors[name]) for name in numbers},
            {name: CategoryColumn.of(predictors[name], kinds[name]) for name in names if name not in numbers},
            np.unique(patients, return_inverse=True)[1],
        )

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.patients.size

    def column(self, name: str) -> NumberColumn | CategoryColumn:
        """Return one predictor."""
        return self.numbers[name] if name in self.numbers else self.categories[name]

    def take(self, rows: Ints) -> "Coded":
        """Return the predictors of these rows, positions in increasing order; nothing is sorted again."""
        place = np.full(self.n_rows, -1)
        place[rows] = np.arange(rows.size)
        return Coded(
            self.names,
            {name: column.take(rows, place) for name, column in self.numbers.items()},
            {name: column.take(rows) for name, column in self.categories.items()},
            self.patients[rows],
        )


def number_cells(values: pd.Series) -> Array:
    """Return numbers, NaN where missing."""
    return values.to_numpy(dtype=np.float64)


def level_cells(values: pd.Series) -> Levels:
    """Return the codes of levels and their names, in order of first appearance.

    Examples
    --------
    >>> level_cells(pd.Series(["b", None, "a", "b"], dtype=object))
    Levels(codes=array([ 0, -1,  1,  0]), names=('b', 'a'))
    """
    codes, names = pd.factorize(values)
    return Levels(codes.astype(np.int64), tuple(str(name) for name in names))


def n_patients(patients: Ints) -> int:
    """Return how many different patients these rows have.

    Examples
    --------
    >>> n_patients(np.array([4, 0, 4]))
    2
    """
    return int(np.count_nonzero(np.bincount(patients)))
