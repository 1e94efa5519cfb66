"""What is proposed for the columns: who has a role, who identifies, who is set aside and why, who is a predictor."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinpred.records.audit.later_columns import find_later_columns
from clinpred.records.audit.leaks import find_leaks
from clinpred.records.audit.ready_risks import ReadyRisk, find_ready_risks
from clinpred.records.audit.roles import (
    DateColumn,
    PatientId,
    SiteColumn,
    find_dates,
    find_patient_ids,
    find_row_numbers,
    find_sites,
)
from clinpred.records.audit.telling_names import tells_the_outcome
from clinpred.records.candidates import judge_column
from clinpred.records.event import event_of
from clinpred.records.read import Export
from clinpred.study.proposed_outcome import ProposedOutcome
from clinpred.study.proposed_predictors import holds_years

Array = NDArray[np.float64]

LEAK = "looks like a leak"
_OF_JUDGEMENT = {
    "W-EMPTY": "missing in nearly every row",
    "W-CONSTANT": "one value only",
    "W-DATE-COLUMN": "dates: derive a number of days from them if they matter",
    "W-FREETEXT": "free text",
    "W-TEXT-COLUMN": "text with too many different values to be a category",
}


@dataclass(frozen=True)
class ProposedRoles:
    """The columns that say who, where and when: those in use by role, and what was found of each kind."""

    settings: Mapping[str, str]
    ids: tuple[PatientId, ...]
    sites: tuple[SiteColumn, ...]
    dates: tuple[DateColumn, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that have a role."""
        return tuple(self.settings.values())

    @property
    def patient(self) -> PatientId | None:
        """The patient's id in use."""
        return next((each for each in self.ids if each.column == self.settings.get("patient")), None)


@dataclass(frozen=True)
class ProposedColumns:
    """Columns set aside, those that perhaps should be, ready-made risks, and predictors; each column once."""

    set_aside: Mapping[str, str]
    doubtful: Mapping[str, str]
    comparators: tuple[ReadyRisk, ...]
    predictors: tuple[str, ...]


def propose_roles(export: Export, asked: Mapping[str, str], *, other_than: Collection[str] = ()) -> ProposedRoles:
    """Return who has a role: as asked, else the likeliest column that can have it.

    A patient id that is missing somewhere cannot be one, and is not proposed. Of dates, one that is named as the moment
    of prediction is the index date.

    Parameters
    ----------
    export : Export
        The read export, without what identifies patients.
    asked : mapping of str to str
        The columns asked for, by role; they win.
    other_than : collection of str
        Columns of which the analyst asked something else.
    """
    ids, sites, dates = find_patient_ids(export), find_sites(export), find_dates(export)
    taken = {*other_than, *asked.values()}
    proposed = {
        "patient": next((each.column for each in ids if not each.missing and each.column not in taken), None),
        "site": next((each.column for each in sites if each.column not in taken), None),
        "index_date": next((each.column for each in dates if each.is_index and each.column not in taken), None),
    }
    order = ("patient", "site", "date", "index_date")
    settings = {role: found for role in order if (found := asked.get(role) or proposed.get(role))}
    return ProposedRoles(settings, tuple(ids), tuple(sites), tuple(dates))


def propose_columns(
    export: Export,
    outcomes: Sequence[ProposedOutcome],
    roles: ProposedRoles,
    *,
    values: Array,
    asked: Mapping[str, Any],
) -> ProposedColumns:
    """Sort the columns that have no role yet.

    Parameters
    ----------
    export : Export
        The read export, without what identifies patients.
    outcomes : sequence of ProposedOutcome
        The first is in use.
    roles : ProposedRoles
        Those in use.
    values : array of shape (n,)
        The outcome: 1, 0, or NaN where it is not known.
    asked : mapping
        The tables ``set_aside``, ``keep``, ``comparators`` and ``predictors`` of what was asked; they win.
    """
    taken = {*outcomes[0].settings.columns, *roles.columns, *asked.get("comparators", {})}
    wanted = {*asked.get("keep", {}), *asked.get("predictors", {})}
    free = [column for column in export.types if column not in taken]
    risks = [risk for risk in find_ready_risks(export, values, columns=free) if risk.column not in wanted]
    reasons = _reasons(export, outcomes, roles, values=values, columns=free)
    aside = {column: why for column, why in reasons.items() if column not in wanted}
    aside = {**aside, **asked.get("set_aside", {})}
    comparators = tuple(risk for risk in risks if risk.column not in asked.get("set_aside", {}))
    for risk in comparators:
        aside.pop(risk.column, None)
    left = [column for column in free if column not in {*aside, *(risk.column for risk in comparators)}]
    doubtful = {column: _OF_A_YEAR for column in left if holds_years(export, column)}
    in_order = {column: aside[column] for column in export.types if column in aside}
    return ProposedColumns(in_order, doubtful, comparators, tuple(left))


_OF_A_YEAR = "a calendar year says when, not who: a new patient's was never seen before"


def _reasons(
    export: Export,
    outcomes: Sequence[ProposedOutcome],
    roles: ProposedRoles,
    *,
    values: Array,
    columns: Sequence[str],
) -> dict[str, str]:
    """Return why columns cannot, or should not, be predictors; the first reason that applies."""
    index_date = roles.settings.get("index_date")
    used = ~np.isnan(values)
    # Seen beside the event at any time too: what only the dead have is hidden where many die after the horizon.
    sometime = event_of(export, outcomes[0].settings).happened
    leaks = [
        leak
        for outcome in ((sometime, values) if outcomes[0].settings.is_timed else (values,))
        for leak in find_leaks(export, outcome, columns=columns, index_date=index_date)
    ]
    sources: list[dict[str, str]] = [
        dict.fromkeys(find_row_numbers(export), "counts the rows"),
        {each.column: "another id" for each in roles.ids},
        {each.column: "another column that says where" for each in roles.sites},
        _of_outcomes(outcomes),
        {leak.column: f"{LEAK}: {leak.why}" for leak in leaks},
        dict.fromkeys(filter(tells_the_outcome, columns), "named as what is known only later: check"),
        {column: f"{why}: check" for column, why in find_later_columns(list(export.types)).items()},
        _unfit(export, columns, used),
    ]
    found: dict[str, str] = {}
    for source in sources:
        found.update({column: why for column, why in source.items() if column in columns and column not in found})
    return found


def _of_outcomes(outcomes: Sequence[ProposedOutcome]) -> dict[str, str]:
    chosen, *others = outcomes
    reasons = {}
    for other in others:
        reasons[other.candidate.column] = "another outcome, or another form of this one: known only later"
        if other.time is not None:
            reasons[other.time.column] = f"the follow-up time of `{other.candidate.column}`: known only later"
    if chosen.time is not None:
        reasons[chosen.time.column] = "the follow-up time of the outcome: known only later"
    return reasons


def _unfit(export: Export, columns: Sequence[str], used: NDArray[np.bool_]) -> dict[str, str]:
    judged = {column: judge_column(export, column, declared=None, used=used) for column in columns}
    return {
        column: _OF_JUDGEMENT.get(candidate.findings[0].code, candidate.findings[0].text)
        for column, candidate in judged.items()
        if candidate.type is None
    }
