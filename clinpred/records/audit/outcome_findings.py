"""What an analyst must know of the outcome: whether rows without it differ, and whether its event is the right one."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.records.audit.column_words import column_words
from clinpred.records.audit.ranks import chance_of_area
from clinpred.records.findings import Finding
from clinpred.records.read import Export

Array = NDArray[np.float64]
Rows = NDArray[np.bool_]

_FEW_MISSING = 0.05
_DIFFERS = 0.1
_CHANCE = 0.05
_FEWEST_KNOWN = 20
_FEWEST_ROWS = 10
_MOST_LEVELS = 20
_NAMED = 5
_BAD = re.compile(
    r"death|died|dead|deceased|dth|mortality|hospdead|relapse|recur|recurrence|recurred|infection|infected|sepsis|septic"
    r"|readmission|readmitted|failure|progression|metastasis|metastases|complication|bleeding|bleed|stroke|amputation"
    r"|cancer|disease|diabetes|dementia|impaired|tod|verstorben|gestorben|deces|decede|muerte|fallecido|morte|deceduto"
    r"|overleden|rezidiv|recidive|infektion|infezione|infeccion|rueckfall"
)
_GOOD = re.compile(
    r"alive|survived|survivor|survival|no|none|negative|neg|absent|healthy|false|lebend|uberlebt|nein|vivant|vivo|non|nee"
    r"|control|free|remission|cured|recovered"
)


@dataclass(frozen=True)
class _Difference:
    column: str
    size: float
    chance: float


def missing_outcome_findings(export: Export, missing: Rows, columns: Sequence[str]) -> list[Finding]:
    """Return W-OUTCOME-MISSING-DIFFERS where rows without an outcome differ from those studied.

    Compared are, in columns with at least ten values in either part, means of numbers, shares of categories (the level
    that differs most), and shares of missing values, by the standardised mean difference. A column differs where it is
    above 0.1 and its p-value below .05 / the number of comparisons; that of numbers is the rank sum test's. The rows
    are taken for independent.

    Parameters
    ----------
    export : Export
        The export.
    missing : bool array of shape (n,)
        Rows whose outcome is missing. Nothing is said of 5 % or less.
    columns : sequence of str
        The predictors, or what could become one.
    """
    few = min(int(missing.sum()), int((~missing).sum())) < _FEWEST_ROWS
    if few or float(np.mean(missing)) <= _FEW_MISSING:
        return []
    compared = [one for column in columns for one in _differences(export, column, missing)]
    sure = [one for one in compared if one.size > _DIFFERS and one.chance * len(compared) < _CHANCE]
    if not sure:
        return []
    largest = sorted(sure, key=lambda one: -one.size)
    by_column = list({one.column: one for one in reversed(largest)}.values())[::-1]
    shown = ", ".join(f"`{one.column}` ({one.size:.2f})" for one in by_column[:_NAMED])
    more = f" and {len(by_column) - _NAMED} more" if len(by_column) > _NAMED else ""
    return [
        Finding(
            "W-OUTCOME-MISSING-DIFFERS",
            "caution",
            f"the {int(missing.sum())} rows without an outcome differ from the others in {len(by_column)} of "
            f"{len(columns)} columns: {shown}{more} (standardised differences)",
            "the risks hold for patients like those with an outcome; complete the outcomes where that can be done",
            len(by_column),
        )
    ]


def event_findings(outcome: Array, *, name: str, event: str | None = None) -> list[Finding]:
    """Return W-EVENT-FLIPPED where the event looks like the absence of what the outcome is named for.

    That is where the outcome is named for something bad and more than half of at least 20 rows have it, or where its
    event is called by a good word, such as alive or no.

    Parameters
    ----------
    outcome : array of shape (n,)
        1 where the event happened, 0 where it did not, NaN where that is unknown.
    name : str
        The outcome's column.
    event : str, optional
        The value that is taken for the event.
    """
    known = outcome[~np.isnan(outcome)]
    bad = any(_BAD.fullmatch(word) for word in column_words(name))
    good_event = event is not None and (
        any(_GOOD.fullmatch(word) for word in column_words(event)) or (bad and event.strip() in {"0", "0.0"})
    )
    share = float(np.mean(known)) if known.size else 0.0
    if not good_event and not (bad and share > 0.5 and known.size >= _FEWEST_KNOWN):
        return []
    events = int(known.sum())
    text = f"the event of `{name}` happened in {events} of {known.size} rows ({share:.0%})"
    if good_event:
        text += ", and its word is one for the absence of the event"
    advice = "if the other value is the event, name it with --event (study.toml: outcome.event)"
    return [Finding("W-EVENT-FLIPPED", "caution" if good_event else "note", text, advice, events, name)]


def _differences(export: Export, column: str, missing: Rows) -> list[_Difference]:
    gone = export.missing(column)
    found = [_of_shares(column, gone.astype(np.float64), missing)] if gone.any() and not gone.all() else []
    present = ~gone
    parts = missing[present]
    if min(int(parts.sum()), int((~parts).sum())) < _FEWEST_ROWS:
        return found
    if export.types[column] == "number":
        found += _of_numbers(column, export.table[column].to_numpy(dtype=np.float64)[present], parts)
    elif export.types[column] == "category":
        found += _of_levels(column, export.label(column)[present], parts)
    return found


def _of_numbers(column: str, values: Array, parts: Rows) -> list[_Difference]:
    spread = math.sqrt((float(np.var(values[parts])) + float(np.var(values[~parts]))) / 2)
    size = _standardised(float(values[parts].mean() - values[~parts].mean()), spread)
    return [_Difference(column, size, chance_of_area(parts.astype(np.float64), values))]


def _of_levels(column: str, labels: NDArray[np.object_], parts: Rows) -> list[_Difference]:
    levels, codes = np.unique(labels.astype(str), return_inverse=True)
    if not 2 <= levels.size <= _MOST_LEVELS:
        return []
    shares = [_of_shares(column, (codes == level).astype(np.float64), parts) for level in range(levels.size)]
    return shares[:1] if levels.size == 2 else shares


def _of_shares(column: str, has: Array, parts: Rows) -> _Difference:
    inside, outside = float(has[parts].mean()), float(has[~parts].mean())
    spread = math.sqrt((inside * (1 - inside) + outside * (1 - outside)) / 2)
    return _Difference(column, _standardised(inside - outside, spread), chance_of_area(parts.astype(np.float64), has))


def _standardised(difference: float, spread: float) -> float:
    if spread == 0:
        return math.inf if difference else 0.0
    return abs(difference) / spread
