"""The story of ``clinpred init``: look at an export, and propose its study file with the evidence for every line."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from clinpred.errors import ClinpredError
from clinpred.records.audit.identity import find_identifiers, settle_identity
from clinpred.records.audit.outcome_candidates import find_outcomes
from clinpred.records.audit.plausible import Zeros, zeros_for_missing
from clinpred.records.audit.suspect import Suspect
from clinpred.records.columns import require_columns
from clinpred.records.outcome import derive_outcome
from clinpred.records.partition import hold_out_patients
from clinpred.records.read import Export, Source, read_export
from clinpred.records.types import to_code
from clinpred.records.values.missing_words import is_missing_word
from clinpred.records.values.sentinels import numbers_apart, sentinel_counts
from clinpred.settings.export import Reading
from clinpred.settings.privacy import Privacy
from clinpred.settings.study import settings_from, study_from
from clinpred.study.audited import assembled, refuse_leaks
from clinpred.study.proposal_text import Proposed, ProposedMissing, proposal_lines, proposal_text
from clinpred.study.proposed_columns import propose_columns, propose_roles
from clinpred.study.proposed_outcome import propose_outcomes
from clinpred.study.proposed_predictors import predictor_lines


@dataclass(frozen=True)
class Proposal:
    """A study file's text, and what it says in a few lines for the terminal."""

    text: str
    lines: tuple[str, ...]


def propose_study(source: Source, reading: Reading, *, asked: Mapping[str, Any]) -> Proposal:
    """Look at an export and propose its study file.

    Parameters
    ----------
    source : Path, sequence of Path, or Database
        The record export.
    reading : Reading
        What the analyst decided about how it is read.
    asked : mapping
        What was asked of the study: tables of ``study.toml`` (outcome, roles, privacy, set_aside, keep, comparators,
        predictors), its ``name`` and ``seed``. It wins over what would be proposed.

    Raises
    ------
    InputRefused
        E-NO-OUTCOME: no column can be the outcome, and none was asked for. Those of ``read_export``.
    ClinpredError
        What is asked for cannot be.
    """
    dropped = tuple(asked.get("privacy", {}).get("drop", ()))
    as_read = read_export(source, reading, drop=dropped)
    missing = _values_for_missing(as_read, reading)
    reading = _with_missing(reading, missing)
    whole = read_export(source, reading, drop=dropped) if missing else as_read
    suspects, privacy, patient = _identity(whole, asked)
    still_there = tuple(column for column in privacy.drop if column in whole.types)
    export, _ = settle_identity(whole, privacy.model_copy(update={"drop": still_there}), patient=patient)
    require_columns(whole, _spoken_for(asked))
    roles = propose_roles(export, asked.get("roles", {}), other_than=_spoken_for(asked))
    outcomes = propose_outcomes(export, asked.get("outcome", {}), other_than={*roles.columns, *_of_tables(asked)})
    derived = derive_outcome(export, outcomes[0].settings)
    columns = propose_columns(export, outcomes, roles, values=derived.values, asked=asked)
    proposed = Proposed(
        name=_name(whole, asked),
        export=export,
        n_columns=len(whole.types),
        reading=reading,
        missing=tuple(missing),
        suspects=tuple(suspects),
        privacy=privacy,
        roles=roles,
        outcomes=tuple(outcomes),
        columns=columns,
        predictors=tuple(predictor_lines(export, columns.predictors, asked.get("predictors", {}))),
        asked=asked,
    )
    proposed = replace(proposed, refusal=_refusal(export, proposal_text(proposed)))
    return Proposal(proposal_text(proposed), proposal_lines(proposed))


def _of_tables(asked: Mapping[str, Any]) -> list[str]:
    """Return the columns of which the analyst said that they are set aside, or predictors, or comparators."""
    return [column for table in ("set_aside", "keep", "comparators", "predictors") for column in asked.get(table, {})]


def _spoken_for(asked: Mapping[str, Any]) -> list[str]:
    """Return those, and the columns of the outcome that was asked for."""
    of_outcome = (asked.get("outcome", {}).get(name) for name in ("column", "event_column", "time_column"))
    return [*_of_tables(asked), *(column for column in of_outcome if column is not None)]


def _values_for_missing(export: Export, reading: Reading) -> list[ProposedMissing]:
    """Return the values that seem to stand for "not known", of columns for which the analyst did not settle it."""
    found = [*_numbers_apart(export), *_zeros(export), *_words_among_outcomes(export)]
    return [each for each in found if each.column not in reading.missing]


def _numbers_apart(export: Export) -> list[ProposedMissing]:
    found = []
    for column in (name for name, type_ in export.types.items() if type_ == "number"):
        counts = sentinel_counts(export.table[column].to_numpy(dtype=np.float64))
        apart = numbers_apart(counts)
        if apart:
            why = ", ".join(f"{counts[value]:,} x {to_code(value)}" for value in apart) + " apart from all other values"
            found.append(ProposedMissing(column, tuple(to_code(value) for value in apart), why, active=True))
    return found


def _zeros(export: Export) -> list[ProposedMissing]:
    return [
        ProposedMissing(
            zeros.column,
            ("0",),
            f"{zeros.count:,} x 0 among {zeros.present:,} values of {zeros.quantity}{_of_zeros(zeros)}",
            active=zeros.sure,
        )
        for zeros in zeros_for_missing(export)
    ]


def _of_zeros(zeros: Zeros) -> str:
    if zeros.impossible:
        return ", which cannot be 0"
    return ", in a file that writes 0 for what is not known" if zeros.sure else ": the dying, or not known?"


def _words_among_outcomes(export: Export) -> list[ProposedMissing]:
    found = []
    for candidate in find_outcomes(export):
        words = tuple(value for value in candidate.no_event if is_missing_word(value))
        if words:
            why = "neither the event nor its absence"
            found.append(ProposedMissing(candidate.column, words, why, active=True))
    return found


def _with_missing(reading: Reading, missing: list[ProposedMissing]) -> Reading:
    added: dict[str, tuple[str, ...]] = {}
    for each in missing:
        if each.active:
            added[each.column] = (*added.get(each.column, ()), *each.values)
    return reading.model_copy(update={"missing": {**reading.missing, **added}})


def _identity(export: Export, asked: Mapping[str, Any]) -> tuple[list[Suspect], Privacy, str | None]:
    """Return what identifies patients, what becomes of it, and the patient's id.

    What the analyst did not settle is dropped, and so is an id that is a name or a number of a person.
    """
    settled = settings_from(Privacy, asked.get("privacy", {}), source="command line")
    named = asked.get("roles", {}).get("patient")
    roles = propose_roles(export, asked.get("roles", {}), other_than=_spoken_for(asked))
    patient = roles.settings.get("patient")
    decided = {*settled.drop, *settled.allow, *settled.coarsen}
    suspects = [each for each in find_identifiers(export, patient=patient) if each.column not in decided]
    drop = dict.fromkeys(each.column for each in suspects if each.column != named)
    privacy = settled.model_copy(update={"drop": (*settled.drop, *drop)})
    return suspects, privacy, None if patient in privacy.drop else patient


def _refusal(export: Export, text: str) -> str:
    """Return what a run would be refused for, in one line; nothing where it would not."""
    study = study_from(tomllib.loads(text), source="study.toml")
    try:
        cohort, findings = assembled(export, study)
        refuse_leaks(findings)
        hold_out_patients(cohort, study.partition.held_out, np.random.default_rng(study.seed))
    except ClinpredError as refusal:
        return f"{refusal.found} [{refusal.code}]".replace("\n", "; ")
    return ""


def _name(export: Export, asked: Mapping[str, Any]) -> str:
    stem = export.name.split(".")[0]
    return str(asked.get("name") or re.sub(r"[^A-Za-z0-9 ._-]+", "-", stem).strip(" ._-")[:80] or "study")
