"""A saved model applied to an export: every row in order, a risk or the reason why there is none."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clinpred.bundle.format import ModelCard, SavedModel
from clinpred.predictors.encoding import unknown_levels
from clinpred.predictors.preparation import Preparation
from clinpred.records.columns import predictor_table, require_columns
from clinpred.records.read import Export

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
    given where a value lies outside the plausible range that the study refuses, or where no predictor is recorded.

    Raises
    ------
    InputRefused
        A predictor is absent (E-MISSING-COLUMN) or is not of the type it had at development.
    """
    preparation = saved.model.preparation
    predictors = predictor_table(export, {name: saved.card.kinds[name] for name in preparation.predictors})
    predictors, implausible = _within_ranges(predictors, saved.card)
    unrecorded = predictors.isna().all(axis=1).to_numpy()
    refusals = implausible | {"no predictor is recorded": unrecorded}
    refused = np.any(list(refusals.values()), axis=0)
    risk = np.where(refused, np.nan, saved.model.risk(predictors))
    remarks = refusals | _unknown_levels(preparation, predictors)
    return Prediction(_patients(saved.card, export), risk, _reasons(remarks, len(predictors)))


def _within_ranges(predictors: pd.DataFrame, card: ModelCard) -> tuple[pd.DataFrame, dict[str, Flags]]:
    """Return values within their plausible range, the others missing, and which rows the study's word refuses."""
    within, refused = predictors.copy(), {}
    for name, plausible in card.ranges.items():
        below = (predictors[name] < plausible.lowest).to_numpy()
        above = (predictors[name] > plausible.highest).to_numpy()
        within.loc[below | above, name] = np.nan
        flags = (below & (plausible.below == "refuse")) | (above & (plausible.above == "refuse"))
        refused[f"{name} outside {plausible.lowest:g} to {plausible.highest:g}"] = flags
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
    require_columns(export, [card.patient_column])
    return [str(patient) for patient in export.text(card.patient_column)]
