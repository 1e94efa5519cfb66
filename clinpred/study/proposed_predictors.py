"""What is proposed for the predictors: a line each with its type, what is missing, its unit and its plausible range."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinpred.records.audit.column_words import column_words
from clinpred.records.audit.ordered_levels import in_order
from clinpred.records.audit.outcome_candidates import FEWEST_ROWS_OF_A_NAMED_VALUE
from clinpred.records.audit.plausible import Recognised, recognise, stated_unit
from clinpred.records.columns import outside_of, range_in_words
from clinpred.records.read import Export
from clinpred.study.commented_toml import Line, Value, setting

Array = NDArray[np.float64]


_NAMES_OF_CODES = (
    "marital race ethnicity ethnic religion occupation job state region country birthplace nationality language "
    "insurance payer genotype bloodgroup bloodtype zivilstand"
)
_SMALLEST_SHARE = 0.0005
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_FEWEST_CODES, _MOST_CODES = 3, 10
_MOST_CATEGORIES = 50


def predictor_lines(export: Export, columns: Iterable[str], asked: Mapping[str, Any]) -> list[Line]:
    """Return a line for each predictor, and a second one where something of it is left to be decided.

    What only repeats what would be inferred is not active.

    Parameters
    ----------
    export : Export
        The read export.
    columns : iterable of str
        The predictors.
    asked : mapping
        The table ``predictors`` of what was asked; it wins.
    """
    return [line for column in columns for line in _lines(export, column, asked.get(column))]


def counted_missing(export: Export, column: str) -> str:
    """Return how many of a column's cells are missing, in words."""
    missing = export.missing(column)
    if not missing.any():
        return "none missing"
    share = f" ({missing.mean():.1%})" if missing.mean() >= _SMALLEST_SHARE else ""
    return f"{missing.sum():,} missing{share}"


def holds_years(export: Export, column: str) -> bool:
    """Whether a column holds calendar years, several of them."""
    if export.types[column] != "number":
        return False
    present = _present(export, column)
    if not present.size or present.min() < _FIRST_YEAR or present.max() > _LAST_YEAR:
        return False
    return bool(np.all(present % 1 == 0)) and present.min() < present.max()


def _present(export: Export, column: str) -> Array:
    values: Array = export.table[column].to_numpy(dtype=np.float64)
    return values[~np.isnan(values)]


def _lines(export: Export, column: str, asked: Mapping[str, Value] | None) -> list[Line]:
    if asked is not None:
        return [Line(setting(column, asked), f"asked for; {_read_as(export, column)}")]
    if export.types[column] == "category":
        return [_category(export, column)]
    described = export.described.get(column)
    if described is not None and described.range is not None:
        return [_within_dictionary(export, column, described.range)]
    recognised = recognise(export, column)
    if recognised is not None:
        return _known_quantity(export, column, recognised)
    return [_number(export, column)]


def _within_dictionary(export: Export, column: str, said: tuple[float | None, float | None]) -> Line:
    lowest, highest = said
    values = _present(export, column) if export.types[column] == "number" else np.zeros(0)
    fits = all(not outside_of(values, side, bound).any() for side, bound in (("below", lowest), ("above", highest)))
    words = f"{_read_as(export, column)}; the data dictionary says {range_in_words(lowest, highest)}"
    if lowest is None or highest is None:
        return Line(setting(column, {"type": "number"}), words, active=False)
    beyond = "" if fits else ": some values lie outside"
    return Line(setting(column, {"range": [lowest, highest]}), f"{words}{beyond}", active=fits)


def _known_quantity(export: Export, column: str, found: Recognised) -> list[Line]:
    unit: dict[str, Value] = {"unit": found.scale.unit} if found.scale.unit else {}
    within: dict[str, Value] = {"range": list(found.range)}
    what = f"{_read_as(export, column)}{_taken_for(export, column, found)}"
    if not found.below and not found.above:
        return [Line(setting(column, {**unit, **within}), what)]
    sides: dict[str, Value] = {
        f"{side}_range": "missing" for side, count in (("below", found.below), ("above", found.above)) if count
    }
    outside = " and ".join(
        f"{count:,} {side}" for side, count in (("below", found.below), ("above", found.above)) if count
    )
    left_open = Line(setting(column, {**unit, **within, **sides}), f"{outside}: slips, or the sickest?", active=False)
    inferred: dict[str, Value] = unit or {"type": "number"}
    return [Line(setting(column, inferred), what), left_open]


def _taken_for(export: Export, column: str, found: Recognised) -> str:
    """Return what the column is taken for, as far as its name does not say so itself."""
    name = found.quantity.name
    words = [] if "".join(column_words(name)) == "".join(column_words(column)) else [name]
    if stated_unit(export, column) is None and len(found.quantity.scales) > 1:
        words.append(f"in {found.scale.unit}?")
    return f"; {' '.join(words)}" if words else ""


def _number(export: Export, column: str) -> Line:
    if holds_years(export, column):
        return Line(
            setting(column, {"type": "number"}), f"calendar year, {counted_missing(export, column)}", active=False
        )
    unit = stated_unit(export, column)
    distinct = _distinct_whole(export, column)
    are_codes = _FEWEST_CODES <= distinct <= _MOST_CATEGORIES
    if are_codes and _named_as_codes(column):
        what = f"{distinct} whole numbers that are codes, by the name; {counted_missing(export, column)}"
        return Line(setting(column, {"type": "category"}), what)
    said = _read_as(export, column)
    if unit is not None:
        return Line(setting(column, {"unit": unit}), said)
    if are_codes and distinct <= _MOST_CODES:
        return Line(setting(column, {"type": "category"}), f"{said}; {distinct} whole numbers: codes?", active=False)
    return Line(setting(column, {"type": "number"}), said, active=False)


def _distinct_whole(export: Export, column: str) -> int:
    """Return how many different numbers there are where all are whole, else 0."""
    present = _present(export, column)
    return np.unique(present).size if np.all(present % 1 == 0) else 0


def _category(export: Export, column: str) -> Line:
    counts = Counter(export.table[column].dropna())
    said = _read_as(export, column)
    nameable = min(counts.values(), default=0) >= FEWEST_ROWS_OF_A_NAMED_VALUE
    levels = _described_levels(export, column, counts) or (in_order(sorted(counts)) if nameable else None)
    if levels is None or not nameable:
        return Line(setting(column, {"type": "category"}), said, active=False)
    ordered: dict[str, Value] = {"type": "ordered", "levels": list(levels)}
    return Line(setting(column, ordered), f"{said}; in this order?", active=False)


def _described_levels(export: Export, column: str, counts: Mapping[str, int]) -> tuple[str, ...] | None:
    described = export.described.get(column)
    if described is None or len(described.levels) < _FEWEST_CODES or not set(counts) <= set(described.levels):
        return None
    return described.levels


def _read_as(export: Export, column: str) -> str:
    distinct = export.table[column].nunique()
    if export.types[column] == "category":
        kind = f"category of {distinct} levels"
    else:
        kind = "number of 2 values" if distinct == 2 else "number"
    described = export.described.get(column)
    label = f"; {described.label}" if described is not None and described.label else ""
    return f"{kind}, {counted_missing(export, column)}{label}"


def _named_as_codes(column: str) -> bool:
    words = column_words(column)
    return not {*words, "".join(words)}.isdisjoint(_NAMES_OF_CODES.split())
