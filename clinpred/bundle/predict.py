"""A saved model applied to an export: every row in order, a risk or the reason why there is none."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clinpred.bundle.format import ModelCard, SavedModel
from clinpred.bundle.number_cells import NumberCells, NumberReader
from clinpred.errors import InputRefused
from clinpred.models.risk_model import risk_of
from clinpred.predictors.encoding import unknown_levels
from clinpred.predictors.preparation import Preparation
from clinpred.records.columns import outside_of, range_in_words
from clinpred.records.findings import Finding
from clinpred.records.read import Export
from clinpred.records.types import is_plain_number, to_code
from clinpred.records.values.missing_words import is_missing_word
from clinpred.records.values.units import known_unit
from clinpred.settings.export import Reading

NOT_A_LEVEL = "not among its levels"
MISSING_THROUGHOUT = "missing in every row"
_SEVERAL = 2

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Prediction:
    """Who, the risk (NaN where there is none) and the reason or remark (empty where there is none), one a row.

    ``findings`` are what was noticed of the columns that the model uses; ``predictors`` are its predictors as they were
    read, missing where a value lies outside its plausible range.
    """

    patients: list[str]
    risk: NDArray[np.float64]
    reason: list[str]
    findings: tuple[Finding, ...] = ()
    predictors: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def without_risk(self) -> int:
        """Number of rows without a risk."""
        return int(np.isnan(self.risk).sum())


@dataclass(frozen=True)
class _Column:
    """The values of one predictor, why rows of it get no risk, and what is remarked upon of the others."""

    values: pd.Series
    refusals: Mapping[str, Flags]
    remarks: Mapping[str, Flags]


@dataclass(frozen=True)
class _Read:
    """The predictors of an export, why rows of it get no risk, what is remarked upon of the others, and of columns."""

    predictors: pd.DataFrame
    refusals: dict[str, Flags]
    remarks: dict[str, Flags]
    findings: tuple[Finding, ...]


def predict(saved: SavedModel, export: Export, reading: Reading | None = None) -> Prediction:
    """Predict every row of an export.

    Every predictor is read cell by cell, so that no cell costs another row its risk. A level that too few development
    patients had is handled as the preparation learnt it, and remarked upon, as is a predictor that is missing in every
    one of several rows. No risk is given where a cell is there but no number (or no level) that the model could use,
    where a value lies outside the plausible range that the study refuses, where no predictor is recorded, or where a
    number is too large to compute with.

    Parameters
    ----------
    saved : SavedModel
        The model.
    export : Export
        What ``read_as_written`` returns, or ``read_export``.
    reading : Reading, optional
        How it is read; by default as at development.

    Raises
    ------
    InputRefused
        A predictor or the patient id is absent (E-MISSING-COLUMN), or a predictor as a whole is written with another
        unit than at development (E-UNITS).
    """
    preparation, card = saved.model.preparation, saved.card
    preparation.require(export.types)
    patients = _patients(card, export)
    read = _predictors(export, saved, reading or card.reading)
    predictors, implausible = _within_ranges(read.predictors, card)
    with np.errstate(over="ignore", invalid="ignore"):
        linear_predictor = saved.model.linear_predictor(predictors)
    refusals = read.refusals | implausible
    is_empty = predictors.isna().all(axis=1).to_numpy() & ~_any(read.refusals, len(predictors))
    refusals |= {
        "no predictor is recorded": is_empty,
        "a number is too large to compute with": ~np.isfinite(linear_predictor),
    }
    refused = np.any(list(refusals.values()), axis=0)
    risk = np.where(refused, np.nan, risk_of(np.where(refused, 0.0, linear_predictor)))
    remarks = refusals | _unknown_levels(preparation, predictors) | read.remarks
    return Prediction(patients, risk, _reasons(remarks, len(predictors)), read.findings, predictors)


def _predictors(export: Export, saved: SavedModel, reading: Reading) -> _Read:
    names = saved.model.preparation.predictors
    kinds = {name: saved.card.kinds[name] for name in names}
    numeric = [name for name in names if kinds[name].kind == "number"]
    reader = NumberReader(export, reading, numeric)
    numbers = {name: reader.column(name, saved.card.units.get(name)) for name in numeric}
    _require_units(export, saved.card, {name: numbers[name].other_unit for name in numeric})
    read = {
        name: _of_numbers(numbers[name])
        if name in numbers
        else _of_category(export, name, kinds[name].levels, is_coded=name in saved.card.coded)
        for name in names
    }
    return _Read(
        pd.DataFrame({name: column.values for name, column in read.items()}),
        {f"{name}: {said}": rows for name, column in read.items() for said, rows in column.refusals.items()},
        {f"{name}: {said}": rows for name, column in read.items() for said, rows in column.remarks.items()},
        _findings(export, saved, numbers),
    )


def _of_numbers(cells: NumberCells) -> _Column:
    return _noted(_Column(pd.Series(cells.values), cells.refused, cells.remarks))


def _of_category(export: Export, name: str, levels: tuple[str, ...], *, is_coded: bool) -> _Column:
    values = _category(export, name, is_coded=is_coded)
    undeclared = (values.notna() & ~values.isin(levels)).to_numpy() if levels else np.zeros(len(values), dtype=bool)
    return _noted(_Column(values.mask(undeclared, None), {NOT_A_LEVEL: undeclared}, {}))


def _noted(column: _Column) -> _Column:
    """Remark upon a predictor that none of several rows has; one row alone says nothing of its column."""
    rows = len(column.values)
    if rows < _SEVERAL or not column.values.isna().all() or _any(column.refusals, rows).any():
        return column
    return replace(column, remarks={**column.remarks, MISSING_THROUGHOUT: np.ones(rows, dtype=bool)})


def _any(flags: Mapping[str, Flags], rows: int) -> Flags:
    found = np.zeros(rows, dtype=bool)
    for rows_of_one in flags.values():
        found |= rows_of_one
    return found


def _findings(export: Export, saved: SavedModel, numbers: dict[str, NumberCells]) -> tuple[Finding, ...]:
    """Return what was noticed of the export as a whole, and of the columns that the model uses."""
    needed = {*saved.model.preparation.predictors, saved.card.patient_column, None} - set(numbers)
    of_numbers = [finding for cells in numbers.values() for finding in cells.findings]
    return (*(finding for finding in export.findings if finding.column in needed), *of_numbers)


def _require_units(export: Export, card: ModelCard, other_units: dict[str, str | None]) -> None:
    outside = {name: export.decisions.get(name, {}).get("unit") for name in card.units}
    written = outside | {name: unit for name, unit in other_units.items() if unit is not None}
    other = {
        name: unit for name, unit in written.items() if unit is not None and _plain(unit) != _plain(card.units[name])
    }
    if other:
        raise InputRefused(
            "E-UNITS",
            "\n".join(f"{export.name}: column `{name}` is in {unit}" for name, unit in other.items()),
            expected=", ".join(f"`{name}` in {card.units[name]}" for name in other) + ", as at development",
            to_fix="convert the values in the export",
        )


def _plain(unit: str) -> str:
    return known_unit(f" {unit}") or unit


def _category(export: Export, name: str, *, is_coded: bool) -> pd.Series:
    """Return a category read cell by cell, as in the development export.

    There a column of codes was numbers (1 and 1.0 are one code, NA is missing) or text, and one odd cell, or a single
    row, must not make it the other here.
    """
    read = _code if is_coded else _text
    cells = zip(_written(export, name), export.missing(name), strict=True)
    return pd.Series([read(cell, gone=bool(gone)) for cell, gone in cells], dtype=object)


def _written(export: Export, column: str) -> NDArray[np.object_]:
    """Return the cells as they were written, those of text as the reader repaired them."""
    return export.label(column) if export.types[column] == "category" else export.text(column)


def _text(cell: str, *, gone: bool) -> str | None:
    """Return a cell of text: a word for "missing" is a word, whatever it is among the numbers of this export."""
    return None if not cell or (gone and not is_missing_word(cell)) else cell


def _code(cell: str, *, gone: bool) -> str | None:
    if not cell or gone or is_missing_word(cell):
        return None
    return to_code(float(cell)) if is_plain_number(cell) and math.isfinite(float(cell)) else cell


def _within_ranges(predictors: pd.DataFrame, card: ModelCard) -> tuple[pd.DataFrame, dict[str, Flags]]:
    """Return values within their plausible range, the others missing, and which rows the study's word refuses."""
    within, refused = predictors.copy(), {}
    for name, plausible in card.ranges.items():
        values = predictors[name].to_numpy()
        below, above = outside_of(values, "below", plausible.lowest), outside_of(values, "above", plausible.highest)
        within.loc[below | above, name] = np.nan
        flags = (below & (plausible.below == "refuse")) | (above & (plausible.above == "refuse"))
        refused[f"{name} outside {range_in_words(plausible.lowest, plausible.highest)}"] = flags
    return within, refused


def _unknown_levels(preparation: Preparation, predictors: pd.DataFrame) -> dict[str, Flags]:
    return {
        f"{rule.predictor}: a level that development hardly knew": unknown_levels(rule, predictors[rule.predictor])
        for rule in preparation.rules
    }


def _reasons(remarks: dict[str, Flags], rows: int) -> list[str]:
    reasons = [""] * rows
    for remark, flags in remarks.items():
        for row in np.flatnonzero(flags):
            reasons[row] = f"{reasons[row]}; {remark}" if reasons[row] else remark
    return reasons


def _patients(card: ModelCard, export: Export) -> list[str]:
    if card.patient_column is None:
        return [str(row + 1) for row in range(len(export.table))]
    if card.patient_column not in export.types:
        raise InputRefused(
            "E-MISSING-COLUMN",
            f"{export.name}: there is no column `{card.patient_column}`",
            expected="the patient id, in the column that it had at development",
            to_fix="add the column to the export, or rename it as at development",
        )
    return [str(patient) for patient in _written(export, card.patient_column)]
