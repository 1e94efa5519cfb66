"""Candidate predictors: which columns can be one and of which type; what cannot be one is left out with a finding."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clinpred.records.findings import Finding
from clinpred.records.read import Export
from clinpred.records.types import PredictorType
from clinpred.settings.cohort import Predictor

if TYPE_CHECKING:
    import pandas as pd

_FEWEST_PERCENT_PRESENT = 1
_MANY_LEVELS = 50
_MANY_LEVELS_OF_FEW_ROWS = 10
_FREE_TEXT_LENGTH = 40
_DECLARE = "declare it under [predictors] with a type if it is one"


@dataclass(frozen=True)
class Candidate:
    """A column's type as a predictor, or none where it cannot be one; and what was noticed."""

    type: PredictorType | None
    findings: tuple[Finding, ...] = ()


def judge_column(export: Export, column: str, *, declared: Predictor | None, used: NDArray[np.bool_]) -> Candidate:
    """Decide whether a column can be a predictor, and of which type, from the ``used`` rows.

    Left out are columns (almost) all missing or constant and, unless the study declares a type, dates, free text and
    text of very many levels.
    """
    settings = declared or Predictor()
    present = export.table.loc[used, column].dropna()
    if len(present) == 0 or 100 * len(present) < _FEWEST_PERCENT_PRESENT * used.sum():
        return _left_out("W-EMPTY", column, f"is missing in {used.sum() - len(present)} of {used.sum()} rows")
    if present.nunique() == 1:
        return _left_out("W-CONSTANT", column, "has one value only")
    found = export.types[column]
    if settings.type is None and settings.levels is None:
        if found == "date":
            return _left_out("W-DATE-COLUMN", column, "holds dates", advice="derive a number of days from it")
        if found == "category":
            return _judge_text(column, present, settings)
    inferred = "number" if found == "number" and settings.levels is None else "category"
    return Candidate(_as_type(settings, settings.type or inferred))


def _judge_text(column: str, present: "pd.Series", settings: Predictor) -> Candidate:
    n_rows, n_levels = len(present), int(present.nunique())
    if present.str.len().mean() > _FREE_TEXT_LENGTH and n_levels > n_rows / 2:
        return _left_out("W-FREETEXT", column, "is free text", level="caution")
    nearly_unique = n_levels > _MANY_LEVELS_OF_FEW_ROWS and n_levels > n_rows / 2
    if n_levels > _MANY_LEVELS or nearly_unique:
        what = f"is text with {n_levels} different values in {n_rows} rows"
        return _left_out("W-TEXT-COLUMN", column, what, level="caution", advice=_DECLARE)
    return Candidate(_as_type(settings, "category"))


def _as_type(settings: Predictor, kind: str) -> PredictorType:
    levels = settings.levels or ()
    if kind == "number":
        return PredictorType("number", unit=settings.unit)
    return PredictorType("ordered" if kind == "ordered" else "category", levels, settings.unit)


def _left_out(
    code: str, column: str, what: str, *, level: str = "note", advice: str = "no action is needed"
) -> Candidate:
    text = f"column `{column}` {what}: no predictor"
    return Candidate(None, (Finding(code, "caution" if level == "caution" else "note", text, advice, column=column),))
