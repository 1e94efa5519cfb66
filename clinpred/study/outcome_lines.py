"""The lines of the proposed outcome: its evidence, other horizons, and other outcomes ready to be uncommented."""

from collections.abc import Sequence
from dataclasses import replace

from clinpred.records.audit.follow_up import MOST_CENSORED, FollowUpTime, Horizon
from clinpred.records.audit.outcome_candidates import TELLING, OutcomeCandidate
from clinpred.settings.cohort import Outcome
from clinpred.study.commented_toml import Line, setting
from clinpred.study.proposed_outcome import ASKED, ProposedOutcome

_MOST_OTHERS = 4
_A_YEAR = 365
_BLANK = Line()


def outcome_lines(outcomes: Sequence[ProposedOutcome]) -> list[Line]:
    """Return the lines of the outcome in use, of its other forms, and of the other outcomes that the export offers.

    Parameters
    ----------
    outcomes : sequence of ProposedOutcome
        The first is in use.
    """
    chosen, *others = outcomes
    lines = [*_chosen_lines(chosen), *_horizon_table(chosen), *_other_form(chosen)]
    for other in others[:_MOST_OTHERS]:
        lines += [_BLANK, Line(comment=f"Instead, {_ticked(other.candidate.column)}: {_evidence(other)}")]
        lines += _offered_lines(other, other.settings)
    if others:
        how = "To use another outcome, uncomment its lines and comment out those above; then correct [set_aside], where"
        lines += [_BLANK, Line(comment=f"{how} the columns of the outcomes that are not in use stand.")]
    return lines


def rate(outcome: ProposedOutcome) -> str:
    """Return how many rows have the event as the outcome stands, in words."""
    if outcome.settings.is_timed:
        return "" if outcome.horizon is None else f"{_share(outcome.horizon.events, outcome.horizon.known)} by then"
    return f"{_share(outcome.candidate.events, outcome.candidate.known)} have the event"


def _chosen_lines(chosen: ProposedOutcome) -> list[Line]:
    settings, candidate = chosen.settings, chosen.candidate
    lines = [Line(setting("event_column" if settings.is_timed else "column", candidate.column), _evidence(chosen))]
    lines.append(_event_line(candidate, settings))
    if settings.no_event:
        lines.append(Line(setting("no_event", settings.no_event), "PROPOSED, NOT KNOWN: what is taken for its absence"))
    if settings.is_timed:
        lines += [
            Line(setting("time_column", settings.time_column or ""), _of_time(chosen.time)),
            Line(setting("horizon_days", settings.horizon_days or 0.0), _of_horizon(chosen)),
            Line(setting("early_censoring", settings.early_censoring), _of_censoring(settings)),
        ]
    keys = [line.setting.partition(" = ")[0] for line in lines]
    return [
        replace(line, comment="as asked") if name in chosen.asked - {"column", "event_column", "time_column"} else line
        for name, line in zip(keys, lines, strict=True)
    ]


def _of_censoring(settings: Outcome) -> str:
    if settings.early_censoring == "exclude":
        return "PROPOSED, NOT KNOWN: those censored before are left out, and risks come out too high"
    return f"above {MOST_CENSORED:.0%} censored before: refuse; or exclude them, and risks come out too high"


def _offered_lines(outcome: ProposedOutcome, settings: Outcome) -> list[Line]:
    """Return the settings of an outcome that is not in use, all commented out."""
    form = "event_column" if settings.is_timed else "column"
    lines = [Line(setting(form, outcome.candidate.column), active=False)]
    lines.append(replace(_event_line(outcome.candidate, settings), active=False))
    if settings.no_event:
        lines.append(Line(setting("no_event", settings.no_event), "what is taken for its absence", active=False))
    if not settings.is_timed:
        return lines
    horizon = next((each for each in outcome.horizons if each.days == settings.horizon_days), None)
    lines.append(Line(setting("time_column", settings.time_column or ""), active=False))
    said = "" if horizon is None else f"{_share(horizon.events, horizon.known)} by then; {_censored(horizon)} before"
    lines.append(Line(setting("horizon_days", settings.horizon_days or 0.0), said, active=False))
    if horizon is not None and horizon.censored_share > MOST_CENSORED:
        lines.append(Line(setting("early_censoring", "exclude"), "risks come out too high", active=False))
    return lines


def _event_line(candidate: OutcomeCandidate, settings: Outcome) -> Line:
    if settings.event is None:
        return Line(comment="event: not named, as every word in the column says yes or no by itself; see W-OUTCOME-MAP")
    return Line(setting("event", settings.event), _of_coding(candidate))


def _horizon_table(chosen: ProposedOutcome) -> list[Line]:
    if not chosen.settings.is_timed or len(chosen.horizons) < 2:
        return []
    rows = [
        f"{each.days:>7} days {_cell(each.events, each.known)} {_cell(each.censored, each.known + each.censored)}"
        + ("  <- in use" if each == chosen.horizon else "")
        for each in chosen.horizons
    ]
    title = f"{'horizon':>12} {'events by then':>18} {'censored before':>18}"
    return [Line(comment=row, active=False) for row in (title, *rows)]


def _cell(count: int, of: int) -> str:
    return f"{count:>10,} ({count / of:>5.1%})"


def _other_form(chosen: ProposedOutcome) -> list[Line]:
    """Return the outcome with its time where it stands alone, or alone where it stands with its time."""
    if not chosen.settings.is_timed:
        return [] if chosen.time is None else [_BLANK, *_left_out_time(chosen, chosen.time)]
    alone = Outcome(column=chosen.candidate.column, event=chosen.settings.event, no_event=chosen.settings.no_event)
    why = "Instead, the event at any time. Patients are followed for unequal times, which hides events;"
    aside = f"put {_ticked(chosen.settings.time_column)} in [set_aside] then."
    return [_BLANK, Line(comment=f"{why} {aside}"), *_offered_lines(chosen, alone)]


def _left_out_time(chosen: ProposedOutcome, time: FollowUpTime) -> list[Line]:
    stands = "As it stands the outcome is the event at any time; times of follow-up are unequal, which hides events."
    borne = [each for each in chosen.horizons if each.is_borne]
    if borne:
        said, days = f"{stands} Instead, within a horizon:", borne[-1].days
    elif time.in_days:
        trouble = f"bears no round horizon: more than {MOST_CENSORED:.0%} are censored before each, or too few have it"
        said = f"CHECK: the follow-up time {_ticked(time.column)} {trouble}. {stands} The horizon that loses fewest:"
        days = min(chosen.horizons, key=lambda each: each.censored_share).days if chosen.horizons else _A_YEAR
    else:
        unit = f"is in {time.unit}" if time.unit else "may be in months or years, as none is longer than 400"
        better = "Better: have days in the export (a month is 30.44, a year 365.25), and use a horizon:"
        said = f"CHECK: the follow-up time {_ticked(time.column)} {unit}; clinpred counts in days. {stands} {better}"
        days = _A_YEAR
    timed = Outcome(
        event_column=chosen.candidate.column,
        event=chosen.settings.event,
        no_event=chosen.settings.no_event,
        time_column=time.column,
        horizon_days=days,
    )
    return [Line(comment=said), *_offered_lines(chosen, timed)]


def _of_coding(candidate: OutcomeCandidate) -> str:
    if candidate.guess:
        return f"PROPOSED, NOT KNOWN: {candidate.guess}; check the direction"
    if candidate.event == "1":
        return "of 0 and 1"
    return "as asked" if candidate.why == ASKED else "by what the words mean: check the direction"


def _of_time(time: FollowUpTime | None) -> str:
    if time is None or not time.in_days:
        return "taken for days from entry to the event or to the end of follow-up: check the unit"
    if time.unit is None:
        return "taken for days of follow-up, as some are above 400: check the unit"
    return "days from entry to the event or to the end of follow-up"


def _of_horizon(chosen: ProposedOutcome) -> str:
    borne = [each for each in chosen.horizons if each.is_borne]
    if borne and borne[-1].days == chosen.settings.horizon_days:
        return f"the longest round horizon before which at most {MOST_CENSORED:.0%} of rows are censored"
    return "the days within which the event counts"


def _censored(horizon: Horizon) -> str:
    return f"{horizon.censored:,} ({horizon.censored_share:.1%}) censored"


def _evidence(outcome: ProposedOutcome) -> str:
    candidate = outcome.candidate
    sometime = " sometime" if outcome.time is not None else ""
    doubt = "" if candidate.why == ASKED or candidate.weight >= TELLING else "PROPOSED, NOT KNOWN: "
    return f"{doubt}{candidate.why}; {_share(candidate.events, candidate.known)} have the event{sometime}"


def _share(events: int, known: int) -> str:
    return f"{events:,} of {known:,} rows ({events / known:.1%})" if known else "no row"


def _ticked(name: str | None) -> str:
    return f"`{name}`"
