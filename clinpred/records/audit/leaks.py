"""Leaks: columns that know the outcome, because they were filled in after it or from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

import numpy as np
from numpy.typing import NDArray

from clinpred.records.audit.future_values import FutureRows, future_rows
from clinpred.records.audit.ranks import area, chance_of_one_class, crossed_rates, lower_limit
from clinpred.records.audit.telling_names import tells_the_outcome
from clinpred.records.findings import Finding
from clinpred.records.read import Export

Array = NDArray[np.float64]
Rows = NDArray[np.bool_]
Codes = NDArray[np.int64]

LEAK_AREA = 0.95
# A strong honest predictor of few events may pass .95 by chance; it is a leak where even the lower limit is this high.
_LEAK_LIMIT = 0.80
# What a column's name tells needs less proof.
_NAMED_AREA, _NAMED_LIMIT = 0.75, 0.65
_FEWEST_OF_A_CLASS = 10
_FEWEST_FILLED = 10
_CHANCE = 1e-6
# A handful of rows that happen to be of one class say little about the column.
_SHARE_OF_CLASS = 0.1
# Numbers of few values may be codes: their order then means nothing.
_MOST_CODES = 30


@dataclass(frozen=True)
class Leak:
    """A column that knows more than can be known at the moment of prediction.

    Parameters
    ----------
    column : str
        The column's name.
    code : {"S-LEAK", "S-FUTURE"}
        It tells the outcome, or it is dated after the index date.
    why : str
        The evidence in words, names and counts.
    auroc : float, optional
        0.5 to 1: how well the column alone, or whether it is filled in, tells the outcome; in whichever direction.
    """

    column: str
    code: str
    why: str
    auroc: float | None


@dataclass(frozen=True)
class _Evidence:
    why: str
    auroc: float
    limit: float
    one_class: bool = False

    def beyond(self, found: float, limit: float) -> bool:
        return self.one_class or (self.auroc > found and self.limit > limit)


def find_leaks(
    export: Export,
    outcome: Array,
    *,
    columns: Sequence[str],
    index_date: str | None = None,
    patient: str | None = None,
) -> list[Leak]:
    """Return the columns that give the outcome away, one column at a time.

    S-LEAK is said of a column whose AUROC alone is above .95 (or below .05) with a lower 95 % limit above .80, be it
    by its values or by whether they are missing; of one that is filled in, or has one of its few values, (almost)
    only in rows of the rarer class, where chance would do so less than once in a million; and, from an AUROC of .75
    (limit .65) on, of one whose name says that it is known only afterwards. Fewer than ten rows of either class prove
    nothing: then nothing is said. Categories are ordered by their event rate among other rows.

    Parameters
    ----------
    export : Export
        The export.
    outcome : array of shape (n,)
        1 where the event happened, 0 where it did not, NaN where that is unknown.
    columns : sequence of str
        The columns that could become predictors.
    index_date : str, optional
        The column of dates at which the prediction is made; S-FUTURE is said of columns dated later.
    patient : str, optional
        The patient id. Of a patient's rows the last one counts, for they prove one thing once.

    Returns
    -------
    list of Leak
        In the order of ``columns``.
    """
    future = {} if index_date is None else future_rows(export, columns, index_date)
    known = ~np.isnan(outcome) if patient is None else _last_rows(export, outcome, patient)
    leaks: list[Leak] = []
    for column in columns:
        leaks += _outcome_leak(export, column, outcome, known)
        leaks += [Leak(column, "S-FUTURE", _dated(found), None) for found in [future.get(column)] if found]
    return leaks


def leak_findings(leaks: Sequence[Leak], keep: Mapping[str, str]) -> list[Finding]:
    """Return a serious finding for each leak, or a note for columns that the analyst keeps for a reason.

    Parameters
    ----------
    leaks : sequence of Leak
        What ``find_leaks`` found.
    keep : mapping of str to str
        Reasons by column (study.toml: ``[keep]``).
    """
    return [_kept(leak, keep[leak.column]) if leak.column in keep else _serious(leak) for leak in leaks]


def name_findings(columns: Sequence[str], leaks: Sequence[Leak], keep: Mapping[str, str]) -> list[Finding]:
    """Return W-LEAK-NAME for columns whose name alone says that they are known only after the prediction."""
    known = {leak.column for leak in leaks} | set(keep)
    return [
        Finding(
            "W-LEAK-NAME",
            "caution",
            f"column `{column}` has a name of what is known only after the moment of prediction",
            f"if so: --set-aside {quote(f'{column}=known only later')}; if not: --keep {quote(column)} --because WHY",
            column=column,
        )
        for column in columns
        if column not in known and tells_the_outcome(column)
    ]


def _last_rows(export: Export, outcome: Array, patient: str) -> Rows:
    known = np.flatnonzero(~np.isnan(outcome))
    _, from_the_end = np.unique(export.label(patient)[known][::-1].astype(str), return_index=True)
    last = np.zeros(outcome.size, dtype=bool)
    last[known[known.size - 1 - from_the_end]] = True
    return last


def _outcome_leak(export: Export, column: str, outcome: Array, known: Rows) -> list[Leak]:
    evidence = [*_values_tell(export, column, outcome, known), *_missing_tells(export.missing(column), outcome, known)]
    proven = [one for one in evidence if one.beyond(LEAK_AREA, _LEAK_LIMIT)]
    if proven:
        strongest = max(proven, key=lambda one: one.auroc)
        return [Leak(column, "S-LEAK", strongest.why, strongest.auroc)]
    named = [one for one in evidence if tells_the_outcome(column) and one.beyond(_NAMED_AREA, _NAMED_LIMIT)]
    if not named:
        return []
    strongest = max(named, key=lambda one: one.auroc)
    return [Leak(column, "S-LEAK", f"its name says that it is known only later, and {strongest.why}", strongest.auroc)]


def _values_tell(export: Export, column: str, outcome: Array, known: Rows) -> list[_Evidence]:
    rows = known & ~export.missing(column)
    classes = outcome[rows]
    if _too_few(classes):
        return []
    codes, levels = _coded(export, column, rows)
    found = max(_areas(export.types[column], codes, levels=levels, classes=classes))
    why = f"alone it tells events from other rows (AUROC {_three(found)}, {_of_events(classes)})"
    return [_evidence(why, found, classes), *_levels_tell(codes, levels, classes)]


def _coded(export: Export, column: str, rows: Rows) -> tuple[Codes, int]:
    import pandas as pd

    codes, levels = pd.factorize(export.table[column].to_numpy()[rows], sort=export.types[column] != "category")
    return codes.astype(np.int64), len(levels)


def _areas(kind: str, codes: Codes, *, levels: int, classes: Array) -> list[float]:
    areas = [0.5]
    if kind != "category":
        by_order = area(classes, codes.astype(np.float64))
        areas.append(max(by_order, 1 - by_order))
    if kind == "category" or _few(levels, codes):
        areas.append(area(classes, crossed_rates(classes, codes)))
    return areas


def _few(levels: int, codes: Codes) -> bool:
    return levels <= min(_MOST_CODES, codes.size / 10)


def _levels_tell(codes: Codes, levels: int, classes: Array) -> list[_Evidence]:
    """Say where one value stands (almost) only in rows with the event, as a word for "died" does."""
    if not _few(levels, codes):
        return []
    telling = [level for level in range(levels) if _only_events(classes, codes == level)]
    if not telling:
        return []
    rows = np.isin(codes, telling)
    one = "one of its values stands" if len(telling) == 1 else f"{len(telling)} of its values stand"
    events = int(classes[rows].sum())
    why = f"{one} in {int(rows.sum())} rows, {events} of them with the event ({_of_events(classes)} in all)"
    found = area(classes, crossed_rates(classes, codes))
    return [_Evidence(why, max(found, 0.5), 0.0, one_class=True)]


def _missing_tells(missing: Rows, outcome: Array, known: Rows) -> list[_Evidence]:
    gone, classes = missing[known], outcome[known]
    if _too_few(classes) or gone.all() or not gone.any():
        return []
    in_events, in_others = int(gone[classes == 1].sum()), int(gone[classes == 0].sum())
    events, others = int(classes.sum()), int((classes == 0).sum())
    found = 0.5 + abs(in_events / events - in_others / others) / 2
    why = f"it is missing in {in_events} of {events} rows with the event and in {in_others} of {others} without"
    limit = lower_limit(found, events, others)
    return [_Evidence(why, found, limit, one_class=_only_events(classes, ~gone))]


def _only_events(classes: Array, rows: Rows) -> bool:
    """Whether these rows are of the rarer class alone, one in a hundred aside, far beyond chance."""
    events = int(classes.sum())
    of_class = min(events, classes.size - events)
    picked = classes[rows]
    inside = int(picked.sum()) if of_class == events else int((picked == 0).sum())
    if inside < max(_FEWEST_FILLED, _SHARE_OF_CLASS * of_class) or picked.size - inside > picked.size / 100:
        return False
    return chance_of_one_class(inside, of_class=of_class, total=classes.size) < _CHANCE


def _too_few(classes: Array) -> bool:
    events = int(classes.sum())
    return min(events, classes.size - events) < _FEWEST_OF_A_CLASS


def _evidence(why: str, found: float, classes: Array) -> _Evidence:
    events = int(classes.sum())
    return _Evidence(why, found, lower_limit(found, events, classes.size - events))


def _three(found: float) -> str:
    return f"{np.floor(found * 1000) / 1000:.3f}"


def _of_events(classes: Array) -> str:
    return f"{int(classes.sum())} events in {classes.size} rows"


def _dated(found: FutureRows) -> str:
    by = "" if found.date_column is None else f" by `{found.date_column}`"
    return f"it is dated{by} after the index date `{found.index_date}` in {found.later} of {found.dated} rows"


def _serious(leak: Leak) -> Finding:
    return Finding(
        leak.code,
        "serious",
        f"column `{leak.column}` looks like a leak: {leak.why}",
        f"if it is known only after the prediction: --set-aside {quote(f'{leak.column}=known only later')}; if it "
        f"is known before: --keep {quote(leak.column)} --because WHY",
        column=leak.column,
    )


def _kept(leak: Leak, reason: str) -> Finding:
    text = f"column `{leak.column}` stays a predictor although {leak.why} [{leak.code}]; the reason given: {reason}"
    return Finding("W-LEAK-KEPT", "note", text, "judge whether the reason holds", column=leak.column)
