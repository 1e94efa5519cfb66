"""Exact aliases: predictors and design columns that say again what others already say."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.predictors.coded import CategoryColumn, Levels

Array = NDArray[np.float64]
SAME = 1e-12
DEPENDENT = 1e-7
"""A column whose part outside the span of the columns before it is shorter than this share of its own length
is their linear combination (R's ``lm`` uses the same limit)."""
_CLEAR = 1e-8
"""Every column's squared part outside the span of the others is at least the smallest eigenvalue of the correlations.
Above this it is far above ``DEPENDENT`` squared and above rounding, and there is no need to look closer."""


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


def aliased_categories(categories: Sequence[CategoryColumn], *, whole: Collection[str]) -> list[Alias]:
    """Find categories that are a function of another category, as a disease class is of its group.

    Of two that determine each other the later one is the alias. ``whole`` names the categories whose every level is
    kept: one with pooled levels says less than it seems to, and makes no alias of another.
    """
    aliases: dict[str, Alias] = {}
    for coarse in reversed(categories):
        finer = [one for one in categories if one is not coarse and one.name not in aliases and one.name in whole]
        source = next((fine.name for fine in finer if _is_function(coarse.cells, fine.cells)), None)
        if source is not None:
            aliases[coarse.name] = Alias(coarse.name, source)
    return [aliases[one.name] for one in categories if one.name in aliases]


def aliased_columns(design: Array, names: tuple[str, ...]) -> list[Alias]:
    """Find centred design columns that repeat another one, or are a linear combination of those before them.

    With no more rows than columns every column is such a combination: then only repeats are found. A row that counts
    several times is one row, scaled by the root of its count.
    """
    gram = design.T @ design
    length = np.sqrt(np.diag(gram))
    correlation = gram / np.outer(length, length)
    repeats = _repeated(correlation, names)
    if design.shape[0] <= design.shape[1]:
        return repeats
    repeated = {alias.name for alias in repeats}
    kept = [place for place, name in enumerate(names) if name not in repeated]
    if _clearly_independent(correlation[np.ix_(kept, kept)]):
        return repeats
    own_part = np.abs(np.diag(np.linalg.qr(design[:, kept], mode="r")))
    return repeats + [Alias(names[kept[place]]) for place in np.flatnonzero(own_part < DEPENDENT * length[kept])]


def _is_function(coarse: Levels, fine: Levels) -> bool:
    """Whether each level of the finer category, missing among them, goes with one level of the coarser."""
    of_fine = np.empty(len(fine.names) + 1, dtype=np.int64)
    of_fine[fine.codes] = coarse.codes
    if not (of_fine[fine.codes] == coarse.codes).all():
        return False
    return int(np.count_nonzero(np.bincount(fine.codes + 1))) < fine.codes.size


def _repeated(correlation: Array, names: tuple[str, ...]) -> list[Alias]:
    same = np.tril(np.abs(correlation) > 1 - SAME, -1)
    return [Alias(names[later], names[same[later].argmax()]) for later in np.flatnonzero(same.any(axis=1))]


def _clearly_independent(correlation: Array) -> bool:
    try:
        np.linalg.cholesky(correlation - _CLEAR * np.eye(len(correlation)))
    except np.linalg.LinAlgError:
        return False
    return True
