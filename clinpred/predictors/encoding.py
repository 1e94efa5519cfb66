"""How one predictor becomes design columns: plain rules learnt on development patients, each with an ``encode``.

A rule is learnt under ``copies``, how often each row was drawn. Copies of a row are rows, and count in a median and in
a standard deviation; they are one patient, and count once where patients are counted.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clinpred.predictors.coded import (
    CategoryColumn,
    Ints,
    Levels,
    NumberColumn,
    level_cells,
    n_patients,
    number_cells,
)
from clinpred.splines import harrell_knots, restricted_cubic_basis

FEWEST_PATIENTS = 8
"""A level, a pool of rare levels or an indicator of missing values needs this many development patients."""

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
DesignColumns = list[Array | Flags]
POOL = "other levels"


@dataclass(frozen=True)
class NumberRule:
    """A number: missing values become the development median, with an indicator where enough were missing.

    A median or a knot that fewer than eight patients have is rounded to about a hundredth of the standard deviation:
    the model file holds no value of one patient. With ``knots`` the number bends by a restricted cubic spline.
    """

    predictor: str
    median: float
    indicator: bool
    kind: Literal["number"] = "number"
    knots: tuple[float, ...] = ()

    @classmethod
    def learn(cls, column: NumberColumn, patients: Ints, copies: Ints, *, knots: int = 0) -> Self:
        """Learn the median, whether an indicator is warranted, and where as many knots lie as the values allow."""
        return cls(
            column.name,
            _common_median(column, patients, copies),
            _enough(column.missing, patients),
            knots=_common_knots(column, patients, copies, knots),
        )

    @property
    def value_columns(self) -> tuple[str, ...]:
        """The design columns this rule makes, but that of missing values: x, x', x'', ..."""
        return tuple(self.predictor + "'" * term for term in range(max(len(self.knots) - 1, 1)))

    @property
    def column_names(self) -> tuple[str, ...]:
        """The design columns this rule makes."""
        return (*self.value_columns, *_indicator_name(self.predictor, self.indicator))

    def encode(self, values: pd.Series) -> Array:
        """Return the design columns, shape (n, terms, and 1 for an indicator)."""
        return stacked(self.design_columns(number_cells(values)), len(values))

    def design_columns(self, cells: Array) -> DesignColumns:
        """Return the design columns of coded cells, each of shape (n,)."""
        missing = np.isnan(cells)
        return [*self.bent(np.where(missing, self.median, cells)), *_indicator(missing, self.indicator)]

    def bent(self, values: Array) -> DesignColumns:
        """Return the value columns of a number that is nowhere missing, each of shape (n,)."""
        return list(restricted_cubic_basis(values, self.knots).T) if self.knots else [values]

    @property
    def recorded_columns(self) -> tuple[str, ...]:
        """The columns that ``recorded`` gives."""
        return (self.predictor,)

    def recorded(self, cells: Array) -> list[Array]:
        """Return the number as it was recorded, NaN where missing."""
        return [cells]

    def shaped(self, columns: Sequence[Array]) -> DesignColumns:
        """Return the value columns of what was recorded, once missing values are filled."""
        return self.bent(columns[0])


@dataclass(frozen=True)
class OrderedRule:
    """An ordered category: its place among ``levels`` (0, 1, 2, ...), missing values the median place."""

    predictor: str
    levels: tuple[str, ...]
    median: float
    indicator: bool
    kind: Literal["ordered"] = "ordered"

    @classmethod
    def learn(cls, column: CategoryColumn, patients: Ints, copies: Ints) -> Self:
        """Learn the median place and whether an indicator is warranted."""
        levels = column.declared or ()
        places = _places(column.cells, levels)
        missing = np.isnan(places)
        rows = np.bincount(places[~missing].astype(np.int64), weights=copies[~missing], minlength=len(levels))
        median = _weighted_median(np.arange(len(levels), dtype=np.float64), rows.astype(np.int64))
        return cls(column.name, levels, median, _enough(missing, patients))

    @property
    def value_columns(self) -> tuple[str, ...]:
        """The design columns this rule makes, but that of missing values."""
        return (self.predictor,)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The design columns this rule makes."""
        return (*self.value_columns, *_indicator_name(self.predictor, self.indicator))

    def encode(self, values: pd.Series) -> Array:
        """Return the design columns, shape (n, 1 or 2); a level that is not among ``levels`` counts as missing."""
        return stacked(self.design_columns(level_cells(values)), len(values))

    def design_columns(self, cells: Levels) -> DesignColumns:
        """Return the design columns of coded cells, each of shape (n,)."""
        places = _places(cells, self.levels)
        missing = np.isnan(places)
        return [np.where(missing, self.median, places), *_indicator(missing, self.indicator)]

    @property
    def recorded_columns(self) -> tuple[str, ...]:
        """The columns that ``recorded`` gives."""
        return (self.predictor,)

    def recorded(self, cells: Levels) -> list[Array]:
        """Return the places, NaN where missing."""
        return [_places(cells, self.levels)]

    def shaped(self, columns: Sequence[Array]) -> DesignColumns:
        """Return the value columns of what was recorded, once missing values are filled."""
        return list(columns)


@dataclass(frozen=True)
class CategoryRule:
    """A category: one column a level but the most frequent (the reference), rare levels pooled.

    ``levels`` are those that at least eight development patients have, most frequent first. Any other level goes to
    the pool where there is one, else it is handled as missing; missing values become the reference level, with
    an indicator where enough were missing. Names of rare levels are not kept: they could identify a patient.
    """

    predictor: str
    levels: tuple[str, ...]
    pool: bool
    indicator: bool
    kind: Literal["category"] = "category"
    unpooled: bool = False
    """Whether development rows have rare levels that are too few for a pool, and are handled as missing."""

    @classmethod
    def learn(cls, column: CategoryColumn, patients: Ints) -> Self:
        """Learn the levels, the pool and whether an indicator is warranted."""
        levels = _frequent_levels(column.cells, patients)
        missing, rare = column.cells.codes < 0, unknown_cells(column.cells, levels)
        pool = _enough(rare, patients)
        unpooled = bool(rare.any()) and not pool
        indicator = _enough(missing | rare if unpooled else missing, patients)
        return cls(column.name, levels, pool, indicator, unpooled=unpooled)

    @property
    def value_columns(self) -> tuple[str, ...]:
        """The design columns this rule makes, but that of missing values."""
        dummies = [f"{self.predictor} = {level}" for level in self.levels[1:]]
        return (*dummies, *([f"{self.predictor} = {POOL}"] if self.pool else []))

    @property
    def column_names(self) -> tuple[str, ...]:
        """The design columns this rule makes."""
        return (*self.value_columns, *_indicator_name(self.predictor, self.indicator))

    def encode(self, values: pd.Series) -> Array:
        """Return the design columns, shape (n, number of levels - 1 + pool + indicator)."""
        return stacked(self.design_columns(level_cells(values)), len(values))

    def design_columns(self, cells: Levels) -> DesignColumns:
        """Return the design columns of coded cells, each of shape (n,)."""
        code = {name: place for place, name in enumerate(cells.names)}
        dummies: DesignColumns = [cells.codes == code.get(level, len(code)) for level in self.levels[1:]]
        missing, unknown = cells.codes < 0, unknown_cells(cells, self.levels)
        pooled = [unknown] if self.pool else []
        return [*dummies, *pooled, *_indicator(missing if self.pool else missing | unknown, self.indicator)]

    @property
    def recorded_columns(self) -> tuple[str, ...]:
        """The columns that ``recorded`` gives."""
        return self.value_columns

    def recorded(self, cells: Levels) -> list[Array]:
        """Return 1 for the level and 0 for others in each value column, NaN where missing."""
        absent = cells.codes < 0
        if not self.pool:
            absent = absent | unknown_cells(cells, self.levels)
        columns = self.design_columns(cells)[: len(self.value_columns)]
        return [np.where(absent, np.nan, column.astype(np.float64)) for column in columns]

    def shaped(self, columns: Sequence[Array]) -> DesignColumns:
        """Return the value columns of what was recorded, once missing values are filled."""
        return list(columns)


Rule = NumberRule | OrderedRule | CategoryRule


def learn_rule(column: NumberColumn | CategoryColumn, patients: Ints, copies: Ints, *, knots: int = 0) -> Rule:
    """Learn the rule of one predictor.

    Parameters
    ----------
    column : NumberColumn or CategoryColumn
        The predictor of the development rows.
    patients : int array, shape (n,)
        The patient of each row, counted from 0.
    copies : int array, shape (n,)
        How often each row counts, at least once.
    knots : int
        Of a number, 3 to 7 for a restricted cubic spline.
    """
    if isinstance(column, NumberColumn):
        return NumberRule.learn(column, patients, copies, knots=knots)
    if column.declared is None:
        return CategoryRule.learn(column, patients)
    return OrderedRule.learn(column, patients, copies)


def straight(rule: Rule) -> Rule:
    """Return the rule of a predictor that does not bend."""
    return replace(rule, knots=()) if rule.kind == "number" else rule


def unknown_levels(rule: Rule, values: pd.Series) -> Flags:
    """Return which rows hold a level that the development patients did not show often enough to be kept."""
    if rule.kind == "number":
        return np.zeros(len(values), dtype=bool)
    return unknown_cells(level_cells(values), rule.levels)


def unknown_cells(cells: Levels, levels: tuple[str, ...]) -> Flags:
    """Return which cells hold a level that is not among these."""
    known = set(levels)
    unknown = np.array([*(name not in known for name in cells.names), False])
    flags: Flags = unknown[cells.codes]
    return flags


def stacked(columns: Sequence[Array | Flags], n_rows: int) -> Array:
    """Return columns of shape (n,) as one matrix of shape (n, number of columns)."""
    matrix = np.empty((n_rows, len(columns)))
    for place, column in enumerate(columns):
        matrix[:, place] = column
    return matrix


def _enough(rows: Flags, patients: Ints) -> bool:
    return n_patients(patients[rows]) >= FEWEST_PATIENTS


def _frequent_levels(cells: Levels, patients: Ints) -> tuple[str, ...]:
    """Return the levels that enough patients have, most frequent first; of equally frequent ones by name."""
    known = cells.codes >= 0
    n_names = len(cells.names)
    pairs = np.sort(patients[known] * n_names + cells.codes[known])
    once = pairs[np.diff(pairs, prepend=-1) > 0]
    counts = np.bincount(once % max(n_names, 1), minlength=n_names)
    frequent = [
        (-int(count), name) for count, name in zip(counts, cells.names, strict=True) if count >= FEWEST_PATIENTS
    ]
    return tuple(name for _, name in sorted(frequent))


def _places(cells: Levels, levels: tuple[str, ...]) -> Array:
    place = {level: float(place) for place, level in enumerate(levels)}
    of_code = np.array([*(place.get(name, np.nan) for name in cells.names), np.nan])
    places: Array = of_code[cells.codes]
    return places


def _indicator_name(predictor: str, indicator: bool) -> tuple[str, ...]:  # noqa: FBT001  # reads as a sentence
    return (f"{predictor} missing",) if indicator else ()


def _indicator(missing: Flags, warranted: bool) -> DesignColumns:  # noqa: FBT001  # reads as a sentence
    return [missing] if warranted else []


def _common_median(column: NumberColumn, patients: Ints, copies: Ints) -> float:
    """Return the median, rounded where it is the value of few patients.

    Examples
    --------
    >>> def median(cells):
    ...     return _common_median(NumberColumn.of(pd.Series(cells)), np.arange(len(cells)), np.ones(len(cells), int))
    >>> median([41.7310023, 52.4, 63.9]), median([52.4] * 8 + [60.1] * 7), median([41.7, 52.4310023, 63.9])
    (52.4, 52.4, 52.4)
    """
    median = _weighted_median(column.cells[column.order], copies[column.order])
    return _common(median, column, patients, copies)


def _common_knots(column: NumberColumn, patients: Ints, copies: Ints, count: int) -> tuple[float, ...]:
    """Return so many knots, or as many as are different, rounded where few patients have the value; or none."""
    values = np.repeat(column.cells[column.order], copies[column.order])
    different = 1 + int(np.count_nonzero(np.diff(values)))
    for fewer in range(min(count, different) if values.size >= FEWEST_PATIENTS else 0, 2, -1):
        knots = [_common(float(knot), column, patients, copies) for knot in harrell_knots(values, fewer)]
        if all(here < there for here, there in pairwise(knots)):
            return tuple(knots)
    return ()


def _common(value: float, column: NumberColumn, patients: Ints, copies: Ints) -> float:
    """Return a value, rounded to about a hundredth of the standard deviation where it is the value of few patients."""
    values, weight = column.cells[column.order], copies[column.order]
    same = slice(np.searchsorted(values, value, side="left"), np.searchsorted(values, value, side="right"))
    if not 0 < n_patients(patients[column.order[same]]) < FEWEST_PATIENTS:
        return value
    spread = _sample_sd(values, weight)
    return round(value, 2 - math.floor(math.log10(spread))) if 0 < spread < np.inf else value


def _weighted_median(values: Array, copies: Ints) -> float:
    """Return the median of increasing values, each repeated as often as its copies say.

    Examples
    --------
    >>> _weighted_median(np.array([1.0, 2.0, 4.0]), np.array([1, 1, 2]))
    3.0
    """
    up_to = np.cumsum(copies)
    if not up_to.size or not up_to[-1]:
        return float("nan")
    lower, upper = values[np.searchsorted(up_to, [(up_to[-1] - 1) // 2, up_to[-1] // 2], side="right")]
    return float(lower if lower == upper else (lower + upper) / 2)


def _sample_sd(values: Array, copies: Ints) -> float:
    mean = (copies @ values) / copies.sum()
    return float(np.sqrt(copies @ (values - mean) ** 2 / (copies.sum() - 1)))
