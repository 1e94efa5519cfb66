"""Exact aliases: predictors and design columns that say again what others already say."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clinpred.records.types import PredictorType

Array = NDArray[np.float64]
SAME = 1e-12
DEPENDENT = 1e-7
"""A column whose part outside the span of the columns before it is shorter than this share of its own length
is their linear combination (R's ``lm`` uses the same limit)."""


@dataclass(frozen=True)
class Alias:
    """A predictor or design column that was dropped, and what it is an exact function of (empty: of several)."""

    name: str
    of: str = ""

    @property
    def sentence(self) -> str:
        """The alias in words."""
        source = f"`{self.of}`" if self.of else "the columns before it"
        return f"`{self.name}` is an exact function of {source}: dropped"


def aliased_categories(
    predictors: pd.DataFrame, kinds: dict[str, PredictorType], *, whole: Collection[str]
) -> list[Alias]:
    """Find categories that are a function of another category, as a disease class is of its group.

    Of two that determine each other the later one is the alias. ``whole`` names the categories whose every level is
    kept: one with pooled levels says less than it seems to, and makes no alias of another.
    """
    categories = [name for name in predictors.columns if kinds[name].kind != "number"]
    aliases: dict[str, Alias] = {}
    for coarse in reversed(categories):
        finer = [name for name in categories if name != coarse and name not in aliases and name in whole]
        source = next((name for name in finer if _is_function(predictors[coarse], predictors[name])), None)
        if source is not None:
            aliases[coarse] = Alias(coarse, source)
    return [aliases[name] for name in categories if name in aliases]


def aliased_columns(design: Array, names: tuple[str, ...]) -> list[Alias]:
    """Find standardised design columns that repeat another one, or are a linear combination of those before them.

    With no more rows than columns every column is such a combination: then only repeats are found.
    """
    repeats = _repeated(design, names)
    if design.shape[0] <= design.shape[1]:
        return repeats
    kept = [place for place, name in enumerate(names) if name not in {alias.name for alias in repeats}]
    own_part = np.abs(np.diag(np.linalg.qr(design[:, kept], mode="r")))
    length = np.linalg.norm(design[:, kept], axis=0)
    combined = [Alias(names[kept[place]]) for place in np.flatnonzero(own_part < DEPENDENT * length)]
    return repeats + combined


def _is_function(coarse: pd.Series, fine: pd.Series) -> bool:
    pairs = pd.DataFrame({"fine": fine.fillna(""), "coarse": coarse.fillna("")}).drop_duplicates()
    return bool(len(pairs) == pairs["fine"].nunique() and pairs["fine"].nunique() < len(fine))


def _repeated(design: Array, names: tuple[str, ...]) -> list[Alias]:
    correlation = design.T @ design / len(design)
    repeats: list[Alias] = []
    for later in range(1, len(names)):
        same = np.flatnonzero(np.abs(correlation[later, :later]) > 1 - SAME)
        if len(same):
            repeats.append(Alias(names[later], names[same[0]]))
    return repeats
