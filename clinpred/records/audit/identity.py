"""Whether an export identifies its patients: what does is dropped, made coarse, allowed with a reason, or refused."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from clinpred.errors import InputRefused, WrongUsage
from clinpred.records.audit.birth_dates import births_by_age
from clinpred.records.audit.column_values import ColumnValues
from clinpred.records.audit.identifying_values import suspicious_forms, suspicious_prose
from clinpred.records.audit.identity_refusal import refusal_of
from clinpred.records.audit.named_identifiers import is_half_of_coordinates, suspicious_name
from clinpred.records.audit.national_numbers import national_numbers
from clinpred.records.audit.small_groups import old_ages
from clinpred.records.audit.suspect import IDENTIFIER, Suspect
from clinpred.records.findings import Finding
from clinpred.records.id_names import looks_like_id
from clinpred.records.read import Export
from clinpred.records.values.texts import CodedTexts
from clinpred.settings.privacy import Privacy

__all__ = ["Suspect", "find_identifiers", "settle_identity"]

# what tells patients apart by a person's own words or whereabouts can never be their id
_NEVER_AN_ID = {"name", "e-mail address", "phone number", "street address", "date of birth"}
_POSTCODE_SIGNS = re.compile(r"[0-9A-Za-z][0-9A-Za-z -]*")
_SIGNS_KEPT = 3

Value = TypeVar("Value")


def find_identifiers(export: Export, *, patient: str | None = None) -> list[Suspect]:
    """Return the columns that may identify patients, in the order of the export, each kind of each column once.

    A column is suspected for its name, where its values bear it out, or for its values alone: their form, their check
    digits, or what is written into prose. Ids of a study are none.

    Parameters
    ----------
    export : Export
        The export as it was read.
    patient : str, optional
        The declared patient id. It may be any number or code; names, addresses, phone numbers and dates of birth
        are refused even there.
    """
    patient = patient if patient in export.types else None
    n_patients = len(export.table) if patient is None else len(set(export.label(patient)))
    has_coordinates = sum(map(is_half_of_coordinates, export.types)) > 1
    births = {suspect.column: suspect for suspect in births_by_age(export)}
    suspects: list[Suspect] = []
    for column in export.types:
        values = ColumnValues(export, column, n_patients, is_id=column == patient or looks_like_id(column))
        found = _suspects(values, has_coordinates=has_coordinates)
        if column in births and not found:
            found = [births[column]]
        suspects += [each for each in found if column != patient or each.kind in _NEVER_AN_ID]
    return suspects


def settle_identity(export: Export, privacy: Privacy, *, patient: str | None = None) -> tuple[Export, list[Finding]]:
    """Return the export without what the analyst drops, with postcodes as coarse as asked; refuse what else identifies.

    Parameters
    ----------
    export : Export
        The export as it was read.
    privacy : Privacy
        Columns to drop, to allow with a reason, and to make coarse.
    patient : str, optional
        The declared patient id.

    Returns
    -------
    Export
        What may be studied.
    list of Finding
        W-DROPPED, W-COARSENED, W-IDENTIFIER-ALLOWED and W-AGE-90.

    Raises
    ------
    PrivacyRefused
        P-IDENTIFIER: columns identify patients. P-GEO: columns only say where they live.
    InputRefused
        E-MISSING-COLUMN: a column named is not there. E-COARSEN: a column to be cut holds no postcodes.
    WrongUsage
        E-PRIVACY: the patient id is to be dropped, a column both dropped and kept, or allowed without a reason.

    Notes
    -----
    The kinds are those of the HIPAA Privacy Rule's safe harbor, 45 CFR 164.514(b)(2), that a table can hold.
    """
    _require(export, (*privacy.drop, *privacy.allow, *privacy.coarsen))
    refuse_contradictions(privacy, patient)
    kept = _without(export, privacy.drop)
    for column in privacy.coarsen:
        kept = _coarse(kept, column)
    remaining = [each for each in find_identifiers(kept, patient=patient) if each.column not in privacy.allow]
    if remaining:
        raise refusal_of(export.name, remaining, patient)
    return kept, [*_decisions(privacy), *old_ages(kept.table, kept.types)]


def _suspects(values: ColumnValues, *, has_coordinates: bool) -> list[Suspect]:
    found: dict[str, Suspect] = {}
    described = values.export.described.get(values.column)
    if described is not None and described.identifier:
        source = "marked so by the export or its data dictionary"
        found["identifier"] = Suspect(values.column, IDENTIFIER, "identifier", source)
    by_name = suspicious_name(values, has_coordinates=has_coordinates)
    by_values = [by_name] if by_name is not None else _by_values(values)
    for each in by_values:
        found.setdefault(each.kind, each)
    return list(found.values())


def _by_values(values: ColumnValues) -> list[Suspect]:
    if not values.may_hold_numbers_of_people:
        return []
    numbers = national_numbers(values)
    return [*(numbers or suspicious_forms(values)), *suspicious_prose(values)]


def _require(export: Export, named: Iterable[str]) -> None:
    absent = [column for column in dict.fromkeys(named) if column not in export.types]
    if not absent:
        return
    lines = [f"{export.name}: there is no column `{column}`{_nearest(column, list(export.types))}" for column in absent]
    raise InputRefused(
        "E-MISSING-COLUMN",
        "\n".join(lines),
        expected=f"the columns that the study names, among the {len(export.types)} of the export",
        to_fix="correct the name under [privacy] in study.toml, or at --drop, --allow-identifier or --coarsen",
    )


def _nearest(column: str, known: list[str]) -> str:
    nearest = difflib.get_close_matches(column, known, n=3, cutoff=0.5)
    return f" (nearest: {', '.join(f'`{name}`' for name in nearest)})" if nearest else ""


def refuse_contradictions(privacy: Privacy, patient: str | None) -> None:
    """Refuse what cannot be decided together.

    Raises
    ------
    WrongUsage
        E-PRIVACY: the patient id is to be dropped, a column both dropped and kept, or allowed without a reason.
    """
    both = sorted({*privacy.drop} & {*privacy.allow, *privacy.coarsen})
    unexplained = sorted(column for column, reason in privacy.allow.items() if not reason.strip())
    if patient in privacy.drop:
        found = f"the patient id `{patient}` is to be dropped"
        to_fix = "keep it: it tells patients apart and is never a predictor; or name another column with --patient-id"
    elif both:
        found = f"both dropped and kept: {_named(both)}"
        to_fix = "name each column once, with --drop, --allow-identifier or --coarsen"
    elif unexplained:
        found = f"allowed without a reason: {_named(unexplained)}"
        to_fix = 'say why with --because "...", or in study.toml: [privacy.allow]'
    else:
        return
    raise WrongUsage("E-PRIVACY", found, expected="one decision a column, with its reason", to_fix=to_fix)


def _named(columns: Iterable[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)


def _without(export: Export, dropped: Sequence[str]) -> Export:
    if not dropped:
        return export

    return replace(
        export,
        table=export.table.drop(columns=list(dropped)),
        types=_but(export.types, dropped),
        texts=_but(export.texts, dropped),
        decisions=_but(export.decisions, dropped),
        described=_but(export.described, dropped),
    )


def _but(of_columns: Mapping[str, Value], dropped: Sequence[str]) -> dict[str, Value]:
    return {column: value for column, value in of_columns.items() if column not in dropped}


def _coarse(export: Export, column: str) -> Export:
    """Return the export with the column's postcodes cut to their first three signs."""
    texts = [str(text).removesuffix(".0") for text in export.label(column)]
    distinct = set(texts) - {""}
    lengths = {
        len(text.split("-")[0].split()[0]) for text in distinct if text[:1].isdecimal() and text[-1:].isdecimal()
    }
    if not all(_POSTCODE_SIGNS.fullmatch(text) and any(sign.isdigit() for sign in text) for text in distinct):
        raise _not_to_be_cut(export.name, column, "holds values that are no postcodes", "drop it with --drop")
    if len(lengths) > 1:
        what = f"holds codes of {len(lengths)} lengths: zeros at their beginning may be lost"
        raise _not_to_be_cut(export.name, column, what, "export the column as text, or drop it with --drop")
    cut = [text[:_SIGNS_KEPT].strip(" -") for text in texts]
    table = export.table.assign(**{column: np.array([text or None for text in cut], dtype=object)})
    return replace(
        export,
        table=table,
        types={**export.types, column: "category"},
        texts={**export.texts, column: CodedTexts.of(cut)},
        decisions={**export.decisions, column: {**export.decisions.get(column, {}), "coarsened": "zip3"}},
    )


def _not_to_be_cut(source: str, column: str, what: str, otherwise: str) -> InputRefused:
    return InputRefused(
        "E-COARSEN",
        f"{source}: column `{column}` {what}",
        expected=f"postcodes, whose first {_SIGNS_KEPT} signs name a wider area",
        to_fix=otherwise,
    )


def _decisions(privacy: Privacy) -> list[Finding]:
    dropped = [
        Finding("W-DROPPED", "note", f"column `{column}` was dropped as asked", "no action is needed", column=column)
        for column in privacy.drop
    ]
    coarsened = [
        Finding(
            "W-COARSENED",
            "note",
            f"column `{column}` was cut to its first {_SIGNS_KEPT} signs",
            "areas of fewer than 20,000 people can still identify: join those",
            column=column,
        )
        for column in privacy.coarsen
    ]
    allowed = [
        Finding(
            "W-IDENTIFIER-ALLOWED",
            "caution",
            f"column `{column}` may identify patients and stays: {reason.strip()}",
            "drop it before anything is shared",
            column=column,
        )
        for column, reason in privacy.allow.items()
    ]
    return [*dropped, *coarsened, *allowed]
