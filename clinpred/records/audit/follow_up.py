"""Follow-up times: which column tells how long patients were followed, in which unit, and which horizons it bears."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import ClinpredError
from clinpred.records.audit.column_words import column_words
from clinpred.records.outcome import CENSORED, derive_outcome
from clinpred.records.read import Export
from clinpred.settings.cohort import Outcome

Array = NDArray[np.float64]
TimeUnit = Literal["days", "weeks", "months", "years"]

HORIZONS = (30, 90, 180, 365, 730, 1095, 1826, 3652, 5479, 7305)
"""Round horizons in days: a month to twenty years."""
MOST_CENSORED = 0.05
"""The largest share of rows censored before the horizon that a run accepts."""
FEWEST_OF_EACH = 20
"""So many rows with the event, and without it, at least."""

_ENDINGS = ("time", "zeit", "tiempo", "temps", "tempo", "tijd")
_NAMES = (
    "time tte fu follow followup futime temps tiempo tempo zeit tijd tid suivi seguimiento days survival surv os pfs "
    "dfs rfs efs mfs nachbeobachtung"
)
_OF_SOMETHING_ELSE = (
    "pro prothrombin thrombin thromboplastin bleeding clotting ptt door needle isch ischemia ischaemia operation "
    "operative surgery procedure anaesthesia anesthesia bypass cpb clamp point wait waiting treatment screen stay los "
    "travel hospital icu run reaction part full over"
)
_UNITS: dict[str, TimeUnit] = {
    **dict.fromkeys(("day", "days", "tage", "jours", "dias", "giorni", "dagen"), "days"),
    **dict.fromkeys(("week", "weeks", "wk", "wks", "wochen"), "weeks"),
    **dict.fromkeys(("month", "months", "mo", "mos", "mth", "mths", "monate", "mois", "meses", "mesi"), "months"),
    **dict.fromkeys(("year", "years", "yr", "yrs", "jahre", "ans", "anos", "anni"), "years"),
}
_FILLING = frozenset(
    {"to", "of", "in", "up", "follow", "followup", "fu", "last", "total", "obs", "observation", "cens"}
)
_GENERIC = frozenset({"", "rfs", "os", "pfs", "dfs", "efs", "mfs", "surv", "survival", "event", "end"})
_OF_AN_EVENT = frozenset({"event", "status", "ind", "indicator", "flag", "cens", "censor", "censored", "e", "outcome"})
_FEWEST_TIMES = 20
_LONGER_THAN_MONTHS = 400
_MOST_MISSING = 0.05


@dataclass(frozen=True)
class FollowUpTime:
    """A column of follow-up times; ``unit`` where its name or the export says it."""

    column: str
    unit: TimeUnit | None
    longer_than_months: bool

    @property
    def in_days(self) -> bool:
        """Whether the times are days: said so, or too long for anything else."""
        return self.unit == "days" or (self.unit is None and self.longer_than_months)


@dataclass(frozen=True)
class Horizon:
    """What an event, its time and a horizon make of the rows."""

    days: int
    events: int
    known: int
    censored: int

    @property
    def censored_share(self) -> float:
        """Share of the rows that are censored before the horizon."""
        return self.censored / (self.known + self.censored)

    @property
    def has_enough_of_each(self) -> bool:
        """Whether enough rows have the event by then, and do not."""
        return min(self.events, self.known - self.events) >= FEWEST_OF_EACH

    @property
    def is_borne(self) -> bool:
        """Whether few rows are censored before it, and enough have the event, and do not."""
        return self.has_enough_of_each and self.censored_share <= MOST_CENSORED


def find_follow_up_times(export: Export) -> list[FollowUpTime]:
    """Return the columns of follow-up times: named so, numbers of 0 or more, nearly complete.

    Parameters
    ----------
    export : Export
        The read export.
    """
    return [
        FollowUpTime(column, _unit(export, column), bool(export.table[column].max() > _LONGER_THAN_MONTHS))
        for column in export.types
        if _is_named_time(export, column) and _holds_times(export, column)
    ]


def event_twin(export: Export, column: str) -> str | None:
    """Return the column that is named as a time is but for ``e`` instead of ``t``: ``e.tdm`` for ``t.tdm``."""
    return _twin(export, column, ("t", "e"))


def time_twin(export: Export, column: str) -> str | None:
    """Return the column that is named as an event is but for ``t`` instead of ``e``: ``t.tdm`` for ``e.tdm``."""
    return _twin(export, column, ("e", "t"))


def time_of_event(
    export: Export, event_column: str, happened: Array, *, times: Sequence[FollowUpTime]
) -> FollowUpTime | None:
    """Return the follow-up time that belongs to an event, by the likeness of their names; None where none does.

    Parameters
    ----------
    export : Export
        The read export.
    event_column : str
        The column of the event.
    happened : array of shape (n,)
        1 where the event happened, 0 where not, NaN where that is not known.
    times : sequence of FollowUpTime
        Those of the export.
    """
    likeness = {time.column: _likeness(event_column, time.column) for time in times}
    fitting = [time for time in times if likeness[time.column] > 1 or _lasts_longer_without(export, time, happened)]
    best = max(fitting, key=lambda time: likeness[time.column], default=None)
    return best if best is not None and likeness[best.column] > 0 else None


def horizons(export: Export, timed: Outcome) -> list[Horizon]:
    """Return what each round horizon makes of the rows, shortest first; those that leave one class are left out.

    Parameters
    ----------
    export : Export
        The read export.
    timed : Outcome
        An event and its time, in days; its horizon is of no matter.
    """
    found = [_horizon(export, timed, days) for days in HORIZONS]
    return [horizon for horizon in found if horizon is not None]


def _horizon(export: Export, timed: Outcome, days: int) -> Horizon | None:
    try:
        at = timed.model_copy(update={"horizon_days": days, "early_censoring": "exclude"})
        derived = derive_outcome(export, at)
    except ClinpredError:
        return None
    known = int(np.sum(~np.isnan(derived.values)))
    return Horizon(days, int(np.nansum(derived.values)), known, int(derived.excluded[CENSORED].sum()))


def _twin(export: Export, column: str, letters: tuple[str, str]) -> str | None:
    own, others = letters
    first, *rest = column_words(column) or ("",)
    if first != own or not rest:
        return None
    return next((other for other in export.types if column_words(other) == (others, *rest)), None)


def _is_named_time(export: Export, column: str) -> bool:
    if event_twin(export, column) is not None:
        return True
    words = [word for word in column_words(column) if not word.isdecimal()]
    name = "".join(words)
    ending = next((end for end in _ENDINGS if name.endswith(end)), None)
    if ending is not None:
        return not name.removesuffix(ending).endswith(tuple(_OF_SOMETHING_ELSE.split()))
    telling = [word for word in words if word not in {*_UNITS, *_FILLING}]
    is_time = bool(set(_NAMES.split()) & {*words, name}) and set(telling) <= set(_NAMES.split())
    return is_time or name.startswith(("timeto", "daysto", "monthsto", "yearsto"))


def _holds_times(export: Export, column: str) -> bool:
    if export.types[column] != "number":
        return False
    times = export.table[column]
    present = times.dropna()
    complete = len(present) >= (1 - _MOST_MISSING) * len(times)
    return complete and present.nunique() >= _FEWEST_TIMES and bool((present >= 0).all())


def _unit(export: Export, column: str) -> TimeUnit | None:
    stated = export.decisions.get(column, {}).get("unit", "")
    named = [_UNITS[word] for word in (*column_words(stated), *column_words(column)) if word in _UNITS]
    return named[0] if named else None


def _likeness(event_column: str, time_column: str) -> int:
    event = "".join(word for word in column_words(event_column) if word not in _OF_AN_EVENT)
    time = _what_is_timed(time_column)
    if time and time == event:
        return 3
    if time and event.startswith(time):
        return 2
    return 1 if time in _GENERIC else 0


def _what_is_timed(column: str) -> str:
    words = [word for word in column_words(column) if not word.isdecimal() and word not in {*_UNITS, *_FILLING}]
    if words[:1] == ["t"] and len(words) > 1:
        words = words[1:]
    name = "".join(words)
    ending = next((end for end in _ENDINGS if name.endswith(end)), "")
    bare = name.removesuffix(ending).removeprefix("time")
    return "" if bare in _FILLING else bare


def _lasts_longer_without(export: Export, time: FollowUpTime, happened: Array) -> bool:
    times = export.table[time.column].to_numpy(dtype=np.float64)
    with_event, without = times[happened == 1], times[happened == 0]
    return bool(np.nanmedian(without) > np.nanmedian(with_event)) if with_event.size and without.size else False
