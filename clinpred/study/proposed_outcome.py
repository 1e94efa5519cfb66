"""What is proposed as the outcome: the likeliest column, its event, and the longest horizon its follow-up bears."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import InputRefused
from clinpred.records.audit.follow_up import (
    MOST_CENSORED,
    FollowUpTime,
    Horizon,
    find_follow_up_times,
    horizons,
    time_of_event,
)
from clinpred.records.audit.outcome_candidates import (
    OutcomeCandidate,
    binary_columns,
    find_outcomes,
    outcome_candidate,
)
from clinpred.records.columns import require_columns
from clinpred.records.event import event_of
from clinpred.records.outcome import derive_outcome
from clinpred.records.read import Export
from clinpred.settings.cohort import Outcome
from clinpred.settings.study import settings_from

Array = NDArray[np.float64]
ASKED = "asked for"
_MOST_NAMED = 12


@dataclass(frozen=True)
class ProposedOutcome:
    """An outcome as it would stand in the study file, with its evidence.

    Parameters
    ----------
    settings : Outcome
        What a run is to use.
    candidate : OutcomeCandidate
        The evidence on its column.
    time : FollowUpTime, optional
        The follow-up time that belongs to it.
    horizons : tuple of Horizon
        What round horizons make of the rows, where the time is in days.
    asked : frozenset of str
        The settings that the analyst asked for.
    """

    settings: Outcome
    candidate: OutcomeCandidate
    time: FollowUpTime | None = None
    horizons: tuple[Horizon, ...] = ()
    asked: frozenset[str] = frozenset()

    @property
    def horizon(self) -> Horizon | None:
        """The horizon in use, where it is a round one."""
        return next((each for each in self.horizons if each.days == self.settings.horizon_days), None)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that define the outcome, whether its time is in use or not."""
        time = () if self.time is None else (self.time.column,)
        return tuple(dict.fromkeys((*self.settings.columns, *time)))


def propose_outcomes(export: Export, asked: Mapping[str, Any], *, other_than: Collection[str]) -> list[ProposedOutcome]:
    """Return the outcome to use and, after it, the others that the export offers.

    Parameters
    ----------
    export : Export
        The read export.
    asked : mapping
        What the analyst asked of the outcome: keys of ``[outcome]``; they win.
    other_than : collection of str
        Columns that have another role.

    Raises
    ------
    InputRefused
        E-NO-OUTCOME: no column can be one, and none was asked for. E-MISSING-COLUMN, and the codes of
        ``derive_outcome``, of an outcome that was asked for.
    """
    times = find_follow_up_times(export)
    taken = {*other_than, *(time.column for time in times)}
    others = [
        _with_time(export, each, _own_time(export, each, times)) for each in find_outcomes(export, other_than=taken)
    ]
    named = _named(asked)
    if named is None and not others:
        raise _no_outcome(export)
    if not asked:
        return others
    first = _as_asked(export, asked, str(named or others[0].candidate.column), times=times)
    return [first, *(other for other in others if other.candidate.column != first.candidate.column)]


def _named(asked: Mapping[str, Any]) -> str | None:
    return asked.get("column") or asked.get("event_column")


def _own_time(export: Export, candidate: OutcomeCandidate, times: Sequence[FollowUpTime]) -> FollowUpTime | None:
    happened = event_of(export, _standing(candidate)).happened
    return time_of_event(export, candidate.column, happened, times=times)


def _standing(candidate: OutcomeCandidate) -> Outcome:
    return Outcome(column=candidate.column, event=candidate.event, no_event=candidate.no_event)


def _with_time(export: Export, candidate: OutcomeCandidate, time: FollowUpTime | None) -> ProposedOutcome:
    standing = _standing(candidate)
    if time is None or not time.in_days:
        return ProposedOutcome(standing, candidate, time)
    timed = _timed(candidate, time, 1.0)
    found = tuple(horizons(export, timed))
    borne = [horizon for horizon in found if horizon.is_borne]
    if not borne:
        return ProposedOutcome(standing, candidate, time, found)
    return ProposedOutcome(_timed(candidate, time, borne[-1].days), candidate, time, found)


def _timed(candidate: OutcomeCandidate, time: FollowUpTime, days: float) -> Outcome:
    return Outcome(
        event_column=candidate.column,
        event=candidate.event,
        no_event=candidate.no_event,
        time_column=time.column,
        horizon_days=days,
    )


def _as_asked(
    export: Export, asked: Mapping[str, Any], column: str, *, times: Sequence[FollowUpTime]
) -> ProposedOutcome:
    """Return the outcome with everything that was asked, and what it left open filled in."""
    require_columns(export, [column, *([asked["time_column"]] if asked.get("time_column") else [])])
    likely = {each.column: each for each in find_outcomes(export)}.get(column)
    weight, why = (likely.weight, likely.why) if likely and not _named(asked) else (0, ASKED)
    candidate = outcome_candidate(export, column, event=asked.get("event"), weight=weight, why=why)
    candidate = candidate or _unjudged(export, asked, column)
    time = _asked_time(asked, times) or _own_time(export, candidate, times)
    proposed = _with_time(export, candidate, time)
    own = proposed.settings.model_dump(exclude_none=True, exclude_defaults=True)
    if asked.get("column") is not None:
        own = {name: value for name, value in own.items() if name in {"event", "no_event"}}
    elif {"time_column", "horizon_days"} & set(asked) and not proposed.settings.is_timed:
        own = {"event_column": own.pop("column"), **own, **_nearest_horizon(proposed)}
    settings = settings_from(Outcome, {**own, **asked}, source="command line")
    derive_outcome(export, settings)
    return ProposedOutcome(settings, candidate, proposed.time, proposed.horizons, frozenset(asked))


def _asked_time(asked: Mapping[str, Any], times: Sequence[FollowUpTime]) -> FollowUpTime | None:
    """Return the time that was asked for; one that is not named as a time is taken for days, as a run takes it."""
    named = asked.get("time_column")
    if named is None:
        return None
    taken_for_days = FollowUpTime(str(named), None, longer_than_months=True)
    return next((time for time in times if time.column == named), taken_for_days)


def _nearest_horizon(proposed: ProposedOutcome) -> dict[str, Any]:
    """Return the time and, of horizons with enough events, the one that loses fewest rows, which are left out."""
    time = {} if proposed.time is None else {"time_column": proposed.time.column}
    enough = [each for each in proposed.horizons if each.has_enough_of_each]
    nearest = min(enough or proposed.horizons, key=lambda each: each.censored_share, default=None)
    if nearest is None:
        return time
    early = "exclude" if nearest.censored_share > MOST_CENSORED else "refuse"
    return {**time, "horizon_days": float(nearest.days), "early_censoring": early}


def _unjudged(export: Export, asked: Mapping[str, Any], column: str) -> OutcomeCandidate:
    parts = {name: asked[name] for name in ("event", "no_event") if asked.get(name)}
    event = event_of(export, settings_from(Outcome, {"column": column, **parts}, source="command line"))
    known = ~np.isnan(event.happened)
    others = tuple(parts.get("no_event", ()))
    return OutcomeCandidate(column, event.words, others, int(np.nansum(event.happened)), int(known.sum()), "", ASKED, 0)


def _no_outcome(export: Export) -> InputRefused:
    binary = binary_columns(export)
    listed = ", ".join(f"`{column}`" for column in binary[:_MOST_NAMED]) + (
        ", ..." if len(binary) > _MOST_NAMED else ""
    )
    what = f"of two values: {listed}" if binary else "no column has two values"
    return InputRefused(
        "E-NO-OUTCOME",
        f"{export.name}: no column is named as an outcome ({what})",
        expected="a column whose name or values say that it is the outcome, such as died, readmitted or event",
        to_fix=f"name it: clinpred init {export.name} --outcome COLUMN",
    )
