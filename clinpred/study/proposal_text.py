"""The study file that ``clinpred init`` writes: every setting with its evidence, to be read and corrected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import clinpred
from clinpred.records.audit.outcome_candidates import TELLING
from clinpred.records.audit.suspect import Suspect
from clinpred.records.read import Export
from clinpred.settings.export import Reading
from clinpred.settings.privacy import Privacy
from clinpred.study.commented_toml import Line, section, seen, setting
from clinpred.study.outcome_lines import outcome_lines, rate
from clinpred.study.proposed_columns import LEAK, ProposedColumns, ProposedRoles
from clinpred.study.proposed_outcome import ASKED, ProposedOutcome
from clinpred.study.proposed_predictors import counted_missing

SEED = 20
_MOST_NAMED = 12
_BLANK = Line()


@dataclass(frozen=True)
class ProposedMissing:
    """Values of a column that seem to stand for "not known"; those that are not active are only offered."""

    column: str
    values: tuple[str, ...]
    why: str
    active: bool


@dataclass(frozen=True, eq=False)
class Proposed:
    """All that is proposed. ``export`` is without what identifies patients; ``refusal`` is what a run would say."""

    name: str
    export: Export
    n_columns: int
    reading: Reading
    missing: tuple[ProposedMissing, ...]
    suspects: tuple[Suspect, ...]
    privacy: Privacy
    roles: ProposedRoles
    outcomes: tuple[ProposedOutcome, ...]
    columns: ProposedColumns
    predictors: tuple[Line, ...]
    asked: Mapping[str, Any]
    refusal: str = ""


def proposal_text(proposed: Proposed) -> str:
    """Return the study file as TOML. It is the same for the same export, and holds no value of a patient."""
    parts = [
        _head(proposed),
        _export(proposed),
        _outcome(proposed),
        _roles(proposed),
        _privacy(proposed),
        _set_aside(proposed),
        _keep(proposed),
        _comparators(proposed),
        _predictors(proposed),
        _rest(proposed),
    ]
    return "\n".join(part for part in parts if part)


def proposal_lines(proposed: Proposed) -> tuple[str, ...]:
    """Return what is proposed in a few lines, for the terminal."""
    chosen, *others = proposed.outcomes
    columns = proposed.columns
    patient = proposed.roles.patient
    lines = [
        f"outcome: {chosen.settings.rule}, event {chosen.settings.event or 'as its words say'}: {rate(chosen)}",
        *([f"  or: {_listed(other.candidate.column for other in others)}"] if others else []),
        f"patient: {patient.column}, {patient.ids:,} ids in {patient.rows:,} rows"
        if patient
        else "patient: no id found",
        *(
            f"{role.replace('_', ' ')}: {column}"
            for role, column in proposed.roles.settings.items()
            if role != "patient"
        ),
        *([f"dropped, identifying: {_listed(proposed.privacy.drop)}"] if proposed.privacy.drop else []),
        *([f"read as missing: {_read_as_missing(proposed)}"] if any(each.active for each in proposed.missing) else []),
        *([f"set aside: {_listed(columns.set_aside)}"] if columns.set_aside else []),
        *([f"comparators: {_listed(risk.column for risk in columns.comparators)}"] if columns.comparators else []),
        f"predictors: {len(columns.predictors)}",
        *(f"to check first: {doubt}" for doubt in _doubts(chosen)),
        *([f"a run would be refused as it stands: {proposed.refusal}"] if proposed.refusal else []),
    ]
    return tuple(seen(line) for line in lines)


def _doubts(chosen: ProposedOutcome) -> list[str]:
    candidate = chosen.candidate
    weak = [f"the outcome is only {candidate.why}"] if candidate.why != ASKED and candidate.weight < TELLING else []
    return [*weak, *([candidate.guess] if candidate.guess else [])]


def _head(proposed: Proposed) -> str:
    export = proposed.export
    lines = [
        Line(comment=f"Study file for {export.name}: {len(export.table):,} rows, {proposed.n_columns} columns,"),
        Line(comment=f"sha256 {export.sha256},"),
        Line(comment=f"proposed by clinpred {clinpred.__version__} from the columns' names and from counts."),
        Line(comment="Every line is a proposal: read it, correct it, and only then look at any result."),
        Line(comment="What stands commented out is either what clinpred does anyway, or yours to decide."),
    ]
    if proposed.refusal:
        lines += [_BLANK, Line(comment=f"AS IT STANDS A RUN IS REFUSED: {proposed.refusal}")]
    settings = [Line(setting("name", proposed.name)), Line(setting("seed", int(proposed.asked.get("seed", SEED))))]
    return section("", lines) + "\n" + section("", settings)


def _export(proposed: Proposed) -> str:
    reading = proposed.reading.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    missing = reading.pop("missing", {})
    parts = []
    if reading:
        parts.append(section("export", [Line(setting(name, value), "as asked") for name, value in reading.items()]))
    lines = _missing_lines(proposed, missing)
    if lines:
        parts.append(
            section("export.missing", lines, said='column = values that stand for "not known" and are read as missing')
        )
    return "\n".join(parts)


def _missing_lines(proposed: Proposed, missing: Mapping[str, list[str]]) -> list[Line]:
    why: dict[str, str] = {}
    for each in proposed.missing:
        why[each.column] = f"{why[each.column]}; {each.why}" if each.column in why else each.why
    lines = [Line(setting(column, values), why.get(column, "as asked")) for column, values in missing.items()]
    left = [each for each in proposed.missing if not each.active and each.column not in missing]
    return [
        *lines,
        *(Line(setting(each.column, each.values), each.why, active=False) for each in left),
    ]


def _outcome(proposed: Proposed) -> str:
    lines = outcome_lines(proposed.outcomes)
    patient = proposed.roles.patient
    if patient is not None and patient.repeats and proposed.outcomes[0].settings.is_timed:
        said = "CHECK: patients have several rows; the time of each row must count from that row's own moment."
        lines = [Line(comment=said), *lines]
    return section("outcome", lines)


def _roles(proposed: Proposed) -> str:
    roles, export = proposed.roles, proposed.export
    said = {
        each.column: f"{each.sites:,} sites, {_none_or(each.missing)}: where patients were treated?"
        for each in roles.sites
    }
    said |= {each.column: f"dates, {_none_or(each.missing)}" for each in roles.dates}
    if roles.patient is not None:
        said[roles.patient.column] = _of_patient(proposed)
    lines = [
        Line(setting(role, column), said.get(column, _asked_role(export, column)))
        for role, column in roles.settings.items()
    ]
    if "patient" not in roles.settings:
        lines.insert(0, Line(setting("patient", "COLUMN"), _no_patient(proposed), active=False))
    if "index_date" in roles.settings:
        lines.append(Line(comment="index_date is the moment of prediction: what is dated later cannot be a predictor"))
    elif "date" not in roles.settings and roles.dates:
        first = roles.dates[0].column
        lines.append(Line(setting("date", first), f"{said[first]}; then take it out of [set_aside]", active=False))
    return section("roles", lines, said="who, where and when: never predictors")


def _of_patient(proposed: Proposed) -> str:
    patient = proposed.roles.patient
    if patient is None:
        return ""
    if patient.repeats:
        return f"{patient.ids:,} ids in {patient.rows:,} rows: patients repeat, so that whole patients are held out"
    return f"{patient.ids:,} ids in {patient.rows:,} rows: one row a patient"


def _no_patient(proposed: Proposed) -> str:
    incomplete = [each for each in proposed.roles.ids if each.missing]
    if incomplete:
        return f"`{incomplete[0].column}` is an id by its name, but missing in {incomplete[0].missing:,} rows"
    return "no column is named as an id: each row is taken for a patient of its own"


def _asked_role(export: Export, column: str) -> str:
    return f"as asked; {counted_missing(export, column)}" if column in export.types else "as asked"


def _none_or(count: int) -> str:
    return f"{count:,} missing" if count else "none missing"


def _privacy(proposed: Proposed) -> str:
    privacy = proposed.privacy
    kinds: dict[str, str] = {}
    for each in proposed.suspects:
        kinds.setdefault(each.column, f"{each.kind}: {each.evidence} [{each.code}]")
    if not (privacy.drop or privacy.allow or privacy.coarsen):
        return ""
    lines = [Line(setting("drop", privacy.drop), "removed as soon as the export is read")] if privacy.drop else []
    lines += [Line(comment=f"`{column}`: {kinds.get(column, 'as asked')}") for column in privacy.drop]
    lines += [Line(setting(table, dict(chosen)), "as asked") for table, chosen in _chosen(privacy) if chosen]
    postcodes = {each.column: "zip3" for each in proposed.suspects if each.kind == "postcode"}
    if postcodes and not privacy.coarsen:
        instead = "instead of dropping: keep the first three signs"
        lines.append(Line(setting("coarsen", postcodes), instead, active=False))
    return section("privacy", lines, said="columns that identify patients")


def _chosen(privacy: Privacy) -> Iterable[tuple[str, Mapping[str, str]]]:
    return (("allow", privacy.allow), ("coarsen", privacy.coarsen))


def _set_aside(proposed: Proposed) -> str:
    columns = proposed.columns
    lines = [Line(setting(column, why)) for column, why in columns.set_aside.items()]
    lines += [Line(setting(column, why), active=False) for column, why in columns.doubtful.items()]
    if any(why.startswith(LEAK) for why in columns.set_aside.values()):
        lines.append(Line(comment="A leak that is none, for it is known in time: move its line to a table [keep]."))
    return section("set_aside", lines, said="column = why it may not be learnt from") if lines else ""


def _keep(proposed: Proposed) -> str:
    kept = proposed.asked.get("keep", {})
    lines = [Line(setting(column, why)) for column, why in kept.items()]
    return section("keep", lines, said="predictors although they look like a leak, and why") if lines else ""


def _comparators(proposed: Proposed) -> str:
    asked = proposed.asked.get("comparators", {})
    lines = [Line(setting(column, dict(settings)), "as asked") for column, settings in asked.items()]
    for risk in proposed.columns.comparators:
        if risk.column not in asked:
            settings = {"survival": True} if risk.survival else {}
            direction = "higher without the event" if risk.survival else "higher with the event"
            said = f"0 to 1, {direction}: AUROC {risk.auroc:.2f}; the same horizon?"
            lines.append(Line(setting(risk.column, settings), said))
    return (
        section("comparators", lines, said="risks that the export already holds: judged beside the models")
        if lines
        else ""
    )


def _predictors(proposed: Proposed) -> str:
    said = "optional; commented out: what is inferred, or a question"
    return section("predictors", proposed.predictors, said=said) if proposed.predictors else ""


def _rest(proposed: Proposed) -> str:
    asked = proposed.asked
    tables = [
        ("partition", [Line(setting("by", "patient")), Line(setting("held_out", 0.25), "share of patients held out")]),
        (
            "models",
            [
                Line(
                    setting("primary", "logistic_ridge"),
                    "declared now, never chosen on held-out patients",
                    active=False,
                )
            ],
        ),
        (
            "report",
            [Line(setting("thresholds", [0.1, 0.2]), "risks at which one would act: ask those who act", active=False)],
        ),
    ]
    return "\n".join(
        section(title, [Line(setting(name, value), "as asked") for name, value in asked[title].items()])
        if title in asked
        else section(title, lines)
        for title, lines in tables
    )


def _read_as_missing(proposed: Proposed) -> str:
    return _listed(f"{each.column} ({' and '.join(each.values)})" for each in proposed.missing if each.active)


def _listed(names: Iterable[str]) -> str:
    every = [seen(name) for name in names]
    more = f" and {len(every) - _MOST_NAMED} more" if len(every) > _MOST_NAMED else ""
    return ", ".join(every[:_MOST_NAMED]) + more
