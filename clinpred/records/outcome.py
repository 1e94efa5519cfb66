"""The outcome: 1 where the event happened, 0 where it is known not to have, and a reason for every other row."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.records.event import event_of
from clinpred.records.findings import Finding
from clinpred.records.read import Export
from clinpred.settings.cohort import Outcome

Array = NDArray[np.float64]
Rows = NDArray[np.bool_]

_FEW_MISSING = 0.05
_FEW_CENSORED = 0.05
MISSING = "outcome missing"
CENSORED = "censored before the horizon"


@dataclass(frozen=True, eq=False)
class DerivedOutcome:
    """The outcome of every row of the export, shape (n,), NaN in the rows that ``excluded`` gives a reason for.

    ``event`` is the value that is the event, as the study names it or as the export's coding was understood.
    """

    values: Array
    event: str
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
        The codes of ``event_of``.
        E-NUMBER, E-RANGE: times that are not numbers, or below 0.
    StatisticalRefusal
        S-ONE-CLASS: no event, or nothing else. S-CENSORED: too many patients censored before the horizon.
    """
    derived = _timed(export, outcome) if outcome.is_timed else _as_it_stands(export, outcome)
    _refuse_one_class(export, outcome, derived.values)
    return derived


def _as_it_stands(export: Export, outcome: Outcome) -> DerivedOutcome:
    event = event_of(export, outcome)
    missing = np.isnan(event.happened)
    findings = (*event.findings, *_many_missing(missing))
    return DerivedOutcome(event.happened, event.words, {MISSING: missing}, findings)


def _timed(export: Export, outcome: Outcome) -> DerivedOutcome:
    event = event_of(export, outcome)
    time = _times(export, str(outcome.time_column))
    horizon = float(outcome.horizon_days or 0.0)
    missing = np.isnan(event.happened) | np.isnan(time)
    happened = event.happened == 1
    values = np.where(happened & (time <= horizon), 1.0, 0.0)
    censored = ~missing & ~happened & (time < horizon)
    values[missing | censored] = np.nan
    censoring = _censored(export, outcome, censored=censored, known=~missing)
    findings = (*event.findings, *_many_missing(missing), *censoring)
    return DerivedOutcome(values, event.words, {MISSING: missing, CENSORED: censored}, findings)


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
