"""How one predictor becomes design columns: plain rules learnt on development patients, each with an ``encode``."""

import math
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clinpred.records.types import PredictorType

FEWEST_PATIENTS = 8
"""A level, a pool of rare levels or an indicator of missing values needs this many development patients."""

Array = NDArray[np.float64]
POOL = "other levels"


@dataclass(frozen=True)
class NumberRule:
    """A number: missing values become the development median, with an indicator where enough were missing.

    A median that fewer than eight patients have is rounded to about a hundredth of the standard deviation: the model
    file holds no value of one patient.
    """

    predictor: str
    median: float
    indicator: bool
    kind: Literal["number"] = "number"

    @classmethod
    def learn(cls, values: pd.Series, patients: NDArray[np.int64]) -> Self:
        """Learn the median and whether an indicator is warranted."""
        missing = values.isna().to_numpy()
        return cls(str(values.name), _common_median(values, patients), _enough(missing, patients))

    @property
    def column_names(self) -> tuple[str, ...]:
        """The design columns this rule makes."""
        return (self.predictor, *_indicator_name(self.predictor, self.indicator))

    def missing(self, values: pd.Series) -> NDArray[np.bool_]:
        """Return which rows are handled as missing."""
        return values.isna().to_numpy()

    def encode(self, values: pd.Series) -> Array:
        """Return the design columns, shape (n, 1 or 2)."""
        missing = self.missing(values)
        filled = np.where(missing, self.median, values.to_numpy(dtype=np.float64))
        return _with_indicator(filled[:, None], missing, indicator=self.indicator)


@dataclass(frozen=True)
class OrderedRule:
    """An ordered category: its place among ``levels`` (0, 1, 2, ...), missing values the median place."""

    predictor: str
    levels: tuple[str, ...]
    median: float
    indicator: bool
    kind: Literal["ordered"] = "ordered"

    @classmethod
    def learn(cls, values: pd.Series, levels: tuple[str, ...], patients: NDArray[np.int64]) -> Self:
        """Learn the median place and whether an indicator is warranted."""
        places = _places(values, levels)
        return cls(str(values.name), levels, float(np.nanmedian(places)), _enough(np.isnan(places), patients))

    @property
    def column_names(self) -> tuple[str, ...]:
        """The design columns this rule makes."""
        return (self.predictor, *_indicator_name(self.predictor, self.indicator))

    def missing(self, values: pd.Series) -> NDArray[np.bool_]:
        """Return which rows are handled as missing: empty, or a level that is not among ``levels``."""
        return np.isnan(_places(values, self.levels))

    def encode(self, values: pd.Series) -> Array:
        """Return the design columns, shape (n, 1 or 2)."""
        places = _places(values, self.levels)
        missing = np.isnan(places)
        return _with_indicator(np.where(missing, self.median, places)[:, None], missing, indicator=self.indicator)


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
    def learn(cls, values: pd.Series, patients: NDArray[np.int64]) -> Self:
        """Learn the levels, the pool and whether an indicator is warranted."""
        levels = _frequent_levels(values, patients)
        rare = values.notna().to_numpy() & ~values.isin(levels).to_numpy()
        pool = _enough(rare, patients)
        missing = values.isna().to_numpy() | (rare & (not pool))
        unpooled = bool(rare.any()) and not pool
        return cls(str(values.name), levels, pool, _enough(missing, patients), unpooled=unpooled)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The design columns this rule makes."""
        dummies = [f"{self.predictor} = {level}" for level in self.levels[1:]]
        pooled = [f"{self.predictor} = {POOL}"] if self.pool else []
        return (*dummies, *pooled, *_indicator_name(self.predictor, self.indicator))

    def missing(self, values: pd.Series) -> NDArray[np.bool_]:
        """Return which rows are handled as missing: empty, or an unknown level where there is no pool."""
        unknown = ~values.isin(self.levels).to_numpy()
        return values.isna().to_numpy() if self.pool else unknown

    def encode(self, values: pd.Series) -> Array:
        """Return the design columns, shape (n, number of levels - 1 + pool + indicator)."""
        missing = self.missing(values)
        dummies = [(values == level).to_numpy(dtype=np.float64) for level in self.levels[1:]]
        if self.pool:
            dummies.append((~missing & ~values.isin(self.levels).to_numpy()).astype(np.float64))
        stacked: Array = np.column_stack(dummies) if dummies else np.empty((len(values), 0))
        return _with_indicator(stacked, missing, indicator=self.indicator)


Rule = NumberRule | OrderedRule | CategoryRule


def learn_rule(values: pd.Series, kind: PredictorType, patients: NDArray[np.int64]) -> Rule:
    """Learn the rule of one predictor from its development values."""
    if kind.kind == "number":
        return NumberRule.learn(values, patients)
    if kind.kind == "ordered":
        return OrderedRule.learn(values, kind.levels, patients)
    return CategoryRule.learn(values, patients)


def unknown_levels(rule: Rule, values: pd.Series) -> NDArray[np.bool_]:
    """Return which rows hold a level that the development patients did not show often enough to be kept."""
    if rule.kind == "number":
        return np.zeros(len(values), dtype=bool)
    return (values.notna() & ~values.isin(rule.levels)).to_numpy()


def _enough(rows: NDArray[np.bool_], patients: NDArray[np.int64]) -> bool:
    return len(np.unique(patients[rows])) >= FEWEST_PATIENTS


def _frequent_levels(values: pd.Series, patients: NDArray[np.int64]) -> tuple[str, ...]:
    seen = pd.DataFrame({"level": values.to_numpy(), "patient": patients}).dropna().drop_duplicates()
    counts = seen["level"].value_counts()
    frequent = [(-int(count), str(level)) for level, count in counts.items() if count >= FEWEST_PATIENTS]
    return tuple(level for _, level in sorted(frequent))


def _places(values: pd.Series, levels: tuple[str, ...]) -> Array:
    places = {level: float(place) for place, level in enumerate(levels)}
    return np.asarray(values.map(places), dtype=np.float64)


def _indicator_name(predictor: str, indicator: bool) -> tuple[str, ...]:  # noqa: FBT001  # reads as a sentence
    return (f"{predictor} missing",) if indicator else ()


def _common_median(values: pd.Series, patients: NDArray[np.int64]) -> float:
    """Return the median, rounded where it is the value of few patients.

    Examples
    --------
    >>> few, many = pd.Series([41.7310023, 52.4, 63.9]), pd.Series([52.4] * 8 + [60.1] * 7)
    >>> _common_median(few, np.arange(3)), _common_median(many, np.arange(15))
    (52.4, 52.4)
    >>> _common_median(pd.Series([41.7, 52.4310023, 63.9]), np.arange(3))
    52.4
    """
    median, spread = float(values.median()), float(values.std())
    have_it = np.unique(patients[(values == median).to_numpy()]).size
    if not 0 < have_it < FEWEST_PATIENTS or not spread > 0:
        return median
    return round(median, 2 - math.floor(math.log10(spread)))


def _with_indicator(columns: Array, missing: NDArray[np.bool_], *, indicator: bool) -> Array:
    with_indicator: Array = np.column_stack([columns, missing.astype(np.float64)])
    return with_indicator if indicator else columns
