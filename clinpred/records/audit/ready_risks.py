"""Risks that the export already holds: another model's predictions, a physician's estimates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.records.audit.column_words import column_words
from clinpred.records.audit.ranks import area
from clinpred.records.read import Export

Array = NDArray[np.float64]

_NAMES = ("risk", "prob", "pred", "prognos", "surv", "prg", "proba", "riesgo", "risiko", "risque")
_FEWEST_VALUES = 10
_FEWEST_OF_A_CLASS = 10
_LEAST_AUROC = 0.6


@dataclass(frozen=True)
class ReadyRisk:
    """A column of probabilities; ``survival`` where the higher ones are of rows without the event.

    ``auroc`` is that of the risk: of the value, or of 1 - value.
    """

    column: str
    survival: bool
    auroc: float


def find_ready_risks(export: Export, outcome: Array, *, columns: Sequence[str]) -> list[ReadyRisk]:
    """Return the columns that are named as a prediction, lie between 0 and 1, and tell the outcome.

    Parameters
    ----------
    export : Export
        The read export.
    outcome : array of shape (n,)
        1 where the event happened, 0 where not, NaN where that is not known.
    columns : sequence of str
        Those to look at.
    """
    found = [_ready_risk(export, column, outcome) for column in columns if _is_named_risk(column)]
    return [risk for risk in found if risk is not None]


def _is_named_risk(column: str) -> bool:
    return any(word.startswith(_NAMES) for word in column_words(column))


def _ready_risk(export: Export, column: str, outcome: Array) -> ReadyRisk | None:
    if export.types[column] != "number":
        return None
    values = export.table[column].to_numpy(dtype=np.float64)
    known = ~np.isnan(values) & ~np.isnan(outcome)
    values, outcome = values[known], outcome[known]
    few = min(outcome.sum(), (1 - outcome).sum()) < _FEWEST_OF_A_CLASS
    if few or np.unique(values).size < _FEWEST_VALUES or values.min() < 0 or values.max() > 1:
        return None
    found = area(outcome, values)
    risk = ReadyRisk(column, found < 0.5, max(found, 1 - found))
    return risk if risk.auroc >= _LEAST_AUROC else None
