"""A saved model applied to an export: every row in order, a risk or the reason why there is none."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clinpred.bundle.format import ModelCard, SavedModel
from clinpred.errors import InputRefused
from clinpred.models.risk_model import risk_of
from clinpred.predictors.encoding import unknown_levels
from clinpred.predictors.preparation import Preparation
from clinpred.records.columns import outside_of, predictor_table, range_in_words
from clinpred.records.read import Export
from clinpred.records.types import is_plain_number, to_code
from clinpred.records.values.missing_words import is_missing_word

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Prediction:
    """Who, the risk (NaN where there is none) and the reason or remark (empty where there is none), one a row."""

    patients: list[str]
    risk: NDArray[np.float64]
    reason: list[str]

    @property
    def without_risk(self) -> int:
        """Number of rows without a risk."""
        return int(np.isnan(self.risk).sum())


def predict(saved: SavedModel, export: Export) -> Prediction:
    """Predict every row of an export.

    A level that too few development patients had is handled as the preparation learnt it, and remarked upon. No risk is
    given where a value lies outside the plausible range that the study refuses, where no predictor is recorded, or
    where a number is too large to compute with. What is said of a row depends on that row alone.

    Raises
    ------
    InputRefused
        A predictor or the patient id is absent (E-MISSING-COLUMN), or a predictor is not of the type it had at
        development (E-NUMBER, E-LEVELS), or is written with another unit (E-UNITS).
    """
    preparation = saved.model.preparation
    preparation.require(export.types)
    _require_units(export, saved.card)
    patients = _patients(saved.card, export)
    kinds = {name: saved.card.kinds[name] for name in preparation.predictors}
    predictors = predictor_table(_read_as_at_development(export, saved.card), kinds)
    predictors, implausible = _within_ranges(predictors, saved.card)
    with np.errstate(over="ignore", invalid="ignore"):
        linear_predictor = saved.model.linear_predictor(predictors)
    refusals = implausible | {
        "no predictor is recorded": predictors.isna().all(axis=1).to_numpy(),
        "a number is too large to compute with": ~np.isfinite(linear_predictor),
    }
    refused = np.any(list(refusals.values()), axis=0)
    risk = np.where(refused, np.nan, risk_of(np.where(refused, 0.0, linear_predictor)))
    remarks = refusals | _unknown_levels(preparation, predictors)
    return Prediction(patients, risk, _reasons(remarks, len(predictors)))


def _require_units(export: Export, card: ModelCard) -> None:
    written = {name: export.decisions.get(name, {}).get("unit") for name in card.units}
    other = [name for name, unit in written.items() if unit is not None and unit != card.units[name]]
    if other:
        raise InputRefused(
            "E-UNITS",
            "\n".join(f"{export.name}: column `{name}` is in {written[name]}" for name in other),
            expected=", ".join(f"`{name}` in {card.units[name]}" for name in other) + ", as at development",
            to_fix="convert the values in the export",
        )


def _read_as_at_development(export: Export, card: ModelCard) -> Export:
    """Return the export with its categories read cell by cell, as in the development export.

    There a column of codes was numbers (1 and 1.0 are one code, NA is missing) or text, and one odd cell, or a single
    row, must not make it the other here.
    """
    table, types = export.table.copy(), dict(export.types)
    for column in (name for name, kind in card.kinds.items() if kind.kind != "number"):
        read = _code if column in card.coded else _text
        cells = zip(_written(export, column), export.missing(column), strict=True)
        table[column] = pd.Series([read(cell, gone=bool(gone)) for cell, gone in cells], dtype=object)
        types[column] = "category"
    return replace(export, table=table, types=types)


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
