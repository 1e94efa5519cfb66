"""The outcome: 1 where the event happened, 0 where it is known not to have, and a reason for every other row."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.records.findings import Finding
from clinpred.records.read import Export
from clinpred.records.types import is_plain_number
from clinpred.settings.cohort import Outcome

Array = NDArray[np.float64]
Rows = NDArray[np.bool_]

# event first; compared without regard to case
_KNOWN_PAIRS = (
    ("yes", "no"),
    ("y", "n"),
    ("true", "false"),
    ("dead", "alive"),
    ("died", "survived"),
    ("died", "alive"),
    ("dead", "survived"),
    ("deceased", "alive"),
)
_FEW_MISSING = 0.05
_FEW_CENSORED = 0.05
MISSING = "outcome missing"
CENSORED = "censored before the horizon"


@dataclass(frozen=True, eq=False)
class DerivedOutcome:
    """The outcome of every row of the export, shape (n,), NaN in the rows that ``excluded`` gives a reason for."""

    values: Array
    excluded: Mapping[str, Rows] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def derive_outcome(export: Export, outcome: Outcome) -> DerivedOutcome:
    """Derive the outcome as the study defines it.

    With a horizon, the outcome is 1 where the event happened at a time ≤ horizon, 0 where it happened later or where
    follow-up without it lasted to the horizon or beyond. The other rows are censored before the horizon: excluded
    and counted, and refused above 5 % unless ``early_censoring`` is ``"exclude"``.

    Raises
    ------
    InputRefused
        E-OUTCOME-VALUES: more than two values. E-OUTCOME-CODING: which value is the event is not said.
        E-NUMBER, E-RANGE: times that are not numbers, or below 0.
    StatisticalRefusal
        S-ONE-CLASS: no event, or nothing else. S-CENSORED: too many patients censored before the horizon.
    """
    derived = _timed(export, outcome) if outcome.is_timed else _as_it_stands(export, outcome)
    _refuse_one_class(export, outcome, derived.values)
    return derived


def event_value(export: Export, outcome: Outcome) -> str:
    """Return the value that is the event: as the study names it, or as the export's coding was understood."""
    if outcome.event is not None:
        return outcome.event
    column = str(outcome.column or outcome.event_column)
    return _known_event(export, column, set(_coded(export, column)[~export.missing(column)]))[0]


def _as_it_stands(export: Export, outcome: Outcome) -> DerivedOutcome:
    event, findings = _event(export, str(outcome.column), outcome.event)
    missing = np.isnan(event)
    return DerivedOutcome(event, {MISSING: missing}, (*findings, *_many_missing(missing)))


def _timed(export: Export, outcome: Outcome) -> DerivedOutcome:
    event, findings = _event(export, str(outcome.event_column), outcome.event)
    time = _times(export, str(outcome.time_column))
    horizon = float(outcome.horizon_days or 0.0)
    missing = np.isnan(event) | np.isnan(time)
    happened = event == 1
    values = np.where(happened & (time <= horizon), 1.0, 0.0)
    censored = ~missing & ~happened & (time < horizon)
    values[missing | censored] = np.nan
    findings = (*findings, *_many_missing(missing), *_censored(export, outcome, censored=censored, known=~missing))
    return DerivedOutcome(values, {MISSING: missing, CENSORED: censored}, findings)


def _event(export: Export, column: str, event: str | None) -> tuple[Array, tuple[Finding, ...]]:
    """Return 1 where the column holds the event, 0 where it holds something else, NaN where it is missing."""
    coded = _coded(export, column)
    missing = export.missing(column)
    distinct = set(coded[~missing])
    if len(distinct) > 2:
        raise InputRefused(
            "E-OUTCOME-VALUES",
            f"{export.name}: outcome column `{column}` has {len(distinct)} distinct values",
            expected="two values: the event, and its absence",
            to_fix="make the outcome binary in the export, or choose another column (--outcome)",
        )
    findings: tuple[Finding, ...] = ()
    if event is None:
        event, findings = _known_event(export, column, distinct)
    happened = coded == (_number_or_text(event) if export.types[column] == "number" else event)
    return np.where(missing, np.nan, happened), findings


def _coded(export: Export, column: str) -> NDArray[np.object_]:
    """Return the column's numbers as numbers (``1`` is ``1.0``), and all else as text."""
    if export.types[column] == "number":
        return export.table[column].to_numpy(dtype=object)
    return export.label(column)


def _number_or_text(event: str) -> float | str:
    return float(event) if is_plain_number(event) else event


def _known_event(export: Export, column: str, distinct: set[float | str]) -> tuple[str, tuple[Finding, ...]]:
    if distinct <= {0.0, 1.0}:
        return "1", ()
    words = {str(value).casefold(): str(value) for value in distinct}
    for event, other in _KNOWN_PAIRS:
        if len(distinct) == 2 and set(words) == {event, other}:
            text = f"outcome `{column}`: `{event}` is taken for the event, `{other}` for its absence"
            advice = "check the direction; name the event with --event (study.toml: outcome.event)"
            return words[event], (Finding("W-OUTCOME-MAP", "caution", text, advice, column=column),)
    if len(distinct) < 2:
        raise _one_class(export, f"outcome column `{column}` has fewer than two values")
    raise InputRefused(
        "E-OUTCOME-CODING",
        f"{export.name}: outcome column `{column}` has two values, and which is the event is not said",
        expected="0 and 1, or the event named",
        to_fix="name the event with --event (study.toml: outcome.event)",
    )


def _times(export: Export, column: str) -> Array:
    if export.types[column] not in {"number", "empty"}:
        raise InputRefused(
            "E-NUMBER",
            f"{export.name}: time column `{column}` holds values that are not numbers",
            expected="days from entry to the event or to the end of follow-up",
            to_fix="correct the export, or choose another column (--time)",
        )
    time = export.table[column].to_numpy(dtype=np.float64)
    negative = int(np.sum(time < 0))
    if negative:
        raise InputRefused(
            "E-RANGE",
            f"{export.name}: time column `{column}` has {negative} {'value' if negative == 1 else 'values'} below 0",
            expected="days from entry to the event or to the end of follow-up, 0 or more",
            to_fix="correct the export",
        )
    return time


def _many_missing(missing: Rows) -> tuple[Finding, ...]:
    share = float(np.mean(missing))
    if share <= _FEW_MISSING:
        return ()
    text = f"the outcome is missing in {missing.sum()} of {missing.size} rows ({share:.1%}), which are excluded"
    advice = "find out why: patients without an outcome may differ from those studied"
    return (Finding("W-OUTCOME-MISSING", "caution", text, advice, int(missing.sum())),)


def _censored(export: Export, outcome: Outcome, *, censored: Rows, known: Rows) -> tuple[Finding, ...]:
    count, total = int(censored.sum()), int(known.sum())
    if count == 0:
        return ()
    found = f"{count} of {total} rows ({count / total:.1%}) are censored before {outcome.horizon_days:g} days"
    if outcome.early_censoring == "refuse" and count > _FEW_CENSORED * total:
        raise StatisticalRefusal(
            "S-CENSORED",
            f"{export.name}: {found}",
            expected=f"at most {_FEW_CENSORED:.0%}: leaving such patients out makes every risk too high",
            to_fix='choose a shorter horizon (--horizon), or accept the bias with early_censoring = "exclude"',
        )
    advice = "risks are somewhat too high, for those left out had no event while they were followed"
    return (Finding("W-CENSORED", "caution", f"{found} and excluded", advice, count),)


def _refuse_one_class(export: Export, outcome: Outcome, values: Array) -> None:
    events, known = int(np.nansum(values)), int(np.sum(~np.isnan(values)))
    if events in {0, known}:
        share = "none" if events == 0 else "every one"
        raise _one_class(export, f"of {known} rows with a known outcome ({outcome.rule}), {share} has the event")


def _one_class(export: Export, found: str) -> StatisticalRefusal:
    return StatisticalRefusal(
        "S-ONE-CLASS",
        f"{export.name}: {found}",
        expected="rows with the event and rows without it",
        to_fix="check the outcome's column and its event (--outcome, --event)",
    )
