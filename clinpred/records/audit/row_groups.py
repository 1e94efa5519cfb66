"""Groups of rows with one value in common that agree in much else, as the rows of one patient do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.records.audit.comparable_columns import Comparable

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]

# Patients have few rows each, hours in intensive care among the most; a place or a word has more.
_MOST_ROWS_A_GROUP = 200
_FEWEST_GROUPS, _FEWEST_PAIRS, _FEWEST_BOTH_PRESENT = 10, 20, 10
_MOST_PAIRS = 5_000
_MOST_KEYS = 100
_SAME, _SEX_DIFFERS = 0.98, 0.9
_MOSTLY_ONE_VALUE = 0.9
_ALIKE, _VERY_ALIKE = 0.25, 0.5
_FEWEST_OTHERS = 3


@dataclass(frozen=True)
class RowGroups:
    """Rows that share a value of ``keys`` and agree in the columns ``agreeing``.

    Parameters
    ----------
    keys : tuple of str
        The column whose equal values make a group; several where they do so together.
    groups, rows : int
        Groups of two rows or more, and the rows in them.
    agreeing : tuple of str
        Columns that have one value within (almost) every group, and not among all rows.
    likeness : float
        The median, over the other columns, of the correlation within groups: 0 for strangers, 1 for equal rows.
    may_be_id : bool
        Whether the key's values could be ids.
    """

    keys: tuple[str, ...]
    groups: int
    rows: int
    agreeing: tuple[str, ...]
    likeness: float
    may_be_id: bool


def patient_groups(columns: Sequence[Comparable]) -> RowGroups | None:
    """Return the groups of rows that are patients beyond doubt, made by one column or by what lasts a life; or None.

    Rows with one value in common are a patient's where they also agree in other columns that differ between groups,
    and where most of the rest is alike within groups: a postcode or a price fixes some columns, but neither sex nor
    laboratory values. Likeness is 1 - (mean squared difference within pairs) / (that of two rows at random) in ranks,
    or Cohen's kappa for categories, so that 0 is what chance gives. Where sex, birth or the like differ, nothing is.
    """
    keys = sorted(columns, key=lambda column: (not column.may_be_id, -int(column.codes.max())))[:_MOST_KEYS]
    found = [_judge((key,), key.codes, columns) for key in keys]
    sure = [groups for groups in found if groups is not None]
    if not sure:
        return _by_what_lasts(columns)
    return max(sure, key=lambda groups: (groups.may_be_id, len(groups.agreeing), groups.likeness))


def _by_what_lasts(columns: Sequence[Comparable]) -> RowGroups | None:
    lasting = [column for column in columns if column.lasts is not None]
    if len({column.lasts for column in lasting}) < 2:
        return None
    together = np.stack([column.codes for column in lasting], axis=1)
    _, codes = np.unique(together, axis=0, return_inverse=True)
    codes = np.where((together >= 0).all(axis=1), codes, -1)
    return _judge(tuple(lasting), codes, columns)


def _judge(keys: tuple[Comparable, ...], codes: NDArray[np.int64], columns: Sequence[Comparable]) -> RowGroups | None:
    pairs, groups = _pairs(codes)
    if groups < _FEWEST_GROUPS or pairs[0].size < _FEWEST_PAIRS:
        return None
    agreeing, likeness = [], []
    for column in columns:
        compared = None if column in keys else _compare(column, _thinned(pairs))
        if compared is None:
            continue
        equal, by_chance, alike = compared
        if column.lasts in {"sex", "birth"} and equal < _SEX_DIFFERS:
            return None
        if equal > _SAME and by_chance < _MOSTLY_ONE_VALUE:
            agreeing.append(column)
        else:
            likeness.append(alike)
    if not _of_patients(keys, agreeing, likeness):
        return None
    rows = groups + int(pairs[0].size)
    names = tuple(column.name for column in agreeing)
    alike = float(np.median(likeness)) if likeness else 1.0
    return RowGroups(tuple(key.name for key in keys), groups, rows, names, alike, len(keys) == 1 and keys[0].may_be_id)


def _of_patients(keys: tuple[Comparable, ...], agreeing: list[Comparable], likeness: list[float]) -> bool:
    if len(keys) > 1:
        return len(likeness) >= _FEWEST_OTHERS and float(np.median(likeness)) >= _VERY_ALIKE
    if keys[0].may_be_id and len({column.lasts for column in agreeing} - {None}) > 1:
        return True
    if not likeness:
        return len(agreeing) >= _FEWEST_OTHERS
    median = float(np.median(likeness)) if len(likeness) >= _FEWEST_OTHERS else 0.0
    return (len(agreeing) >= 2 and median >= _ALIKE) or (len(agreeing) == 1 and median >= _VERY_ALIKE)


def _pairs(codes: NDArray[np.int64]) -> tuple[Pairs, int]:
    """Return pairs of neighbouring rows within each group, and the number of groups of two rows or more."""
    present = np.flatnonzero(codes >= 0)
    order = present[np.argsort(codes[present], kind="stable")]
    same = codes[order[1:]] == codes[order[:-1]]
    first, second = order[:-1][same], order[1:][same]
    if present.size > _MOST_ROWS_A_GROUP * (present.size - first.size):
        return (first[:0], second[:0]), 0
    return (first, second), int(np.unique(codes[first]).size)


def _thinned(pairs: Pairs) -> Pairs:
    step = max(1, pairs[0].size // _MOST_PAIRS)
    return pairs[0][::step], pairs[1][::step]


def _compare(column: Comparable, pairs: Pairs) -> tuple[float, float, float] | None:
    """Return how often pairs are equal, how often any two rows are, and the likeness beyond that chance."""
    both = column.present[pairs[0]] & column.present[pairs[1]]
    if both.sum() < _FEWEST_BOTH_PRESENT:
        return None
    first, second = pairs[0][both], pairs[1][both]
    equal = float(np.mean(column.codes[first] == column.codes[second]))
    shares = np.bincount(column.codes[column.present]) / column.present.sum()
    by_chance = float(np.sum(shares**2))
    if column.ranks is None:
        return equal, by_chance, (equal - by_chance) / (1 - by_chance)
    apart = float(np.mean((column.ranks[first] - column.ranks[second]) ** 2))
    return equal, by_chance, 1 - apart / (2 * float(np.nanvar(column.ranks)))
