"""REDCap exports as their data dictionary describes them: types, labels, levels, limits and identifiers."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Literal

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.sources.redcap_choices import (
    Answers,
    checkbox_words,
    choices_of,
    find_coding,
    read_answers,
)
from clinpred.records.sources.redcap_columns import Column, known_columns
from clinpred.records.sources.redcap_dictionary import Dictionary, Field, read_dictionary
from clinpred.records.sources.redcap_export import DescribedExport, listed
from clinpred.records.sources.redcap_findings import redcap_findings
from clinpred.records.sources.redcap_limits import plausible_range
from clinpred.records.text_table import Description, TextTable
from clinpred.records.values.cells import Origin, counted
from clinpred.records.values.texts import tally, texts_of

__all__ = ["Dictionary", "described_by", "read_dictionary"]

_NOT_COMPLETED = "[not completed]"
_NOTHING: Mapping[str, Collection[str]] = MappingProxyType({})
_IDENTIFYING = ("email", "phone", "ssn", "mrn", "vmrn")
_DECIMAL_COMMA = re.compile(r"([+-]?[0-9]*),([0-9]+)")
_ARM = re.compile(r"_arm_[0-9]+$| \(Arm [0-9]+:.*\)$")


def described_by(
    table: TextTable, dictionary: Dictionary, name: str, *, missing: Mapping[str, Collection[str]] = _NOTHING
) -> TextTable:
    """Return an export, of raw data or of labels, as the project's dictionary describes it.

    Codes of choices become the labels, so that both exports give the same table; checkboxes are Unchecked or Checked.
    Columns headed by labels get the names of their fields.

    Parameters
    ----------
    table : TextTable
        The export's cells.
    dictionary : Dictionary
        The project's data dictionary.
    name : str
        The export's name, for messages.
    missing : mapping of str to collection of str
        What the analyst calls missing, by column: codes or labels of choices, or words that are neither.

    Raises
    ------
    InputRefused
        E-DICTIONARY: no column is a field of the dictionary. E-REDCAP-REPEAT: rows of several events or instances.
        E-REDCAP-CHOICE: a value that is no choice of its field.
    """
    columns = known_columns(table.names, dictionary)
    _refuse_other_project(columns, dictionary, name)
    _refuse_repeats(columns, table, name)
    written = [_as_written(column, cells) for column, cells in zip(columns, table.columns, strict=True)]
    texts = checkbox_words(columns, [cells for cells, _ in written])
    answers = _answers(columns, texts, Origin(name, table.places, table.place_word), missing)
    texts = [
        answers[column.name].texts if column.name in answers else cells
        for column, cells in zip(columns, texts, strict=True)
    ]
    described = {
        column.name: _description(column, answers.get(column.name), dictionary)
        for column in columns
        if column.kind not in {"other", "other checkbox"}
    }
    export = DescribedExport(table.names, columns, texts, answers, described, missing)
    renamed = {was: column.name for was, column in zip(table.names, columns, strict=True)}
    return replace(
        table,
        names=tuple(column.name for column in columns),
        columns=tuple(texts),
        units={renamed[column]: unit for column, unit in table.units.items()},
        described=described,
        findings=(*table.findings, *redcap_findings(export, dictionary), *_rewritten(columns, written)),
    )


def _answers(
    columns: Sequence[Column],
    texts: Sequence[Sequence[str]],
    origin: Origin,
    missing: Mapping[str, Collection[str]],
) -> dict[str, Answers]:
    """Return the answers of the columns of choices, by the column's name."""
    coding = find_coding(columns, texts)
    return {
        column.name: read_answers(column, cells, origin, coding=coding, missing=missing.get(column.name, ()))
        for column, cells in zip(columns, texts, strict=True)
        if choices_of(column)
    }


def _refuse_other_project(columns: Sequence[Column], dictionary: Dictionary, name: str) -> None:
    if any(column.kind in {"field", "checkbox"} for column in columns):
        return
    raise InputRefused(
        "E-DICTIONARY",
        f"{name}: none of its {len(columns)} columns is a field of {dictionary.name}",
        expected="the export of the project that the dictionary describes, one row a record",
        to_fix="give the dictionary of the same project, or export as CSV (raw data)",
    )


def _refuse_repeats(columns: Sequence[Column], table: TextTable, name: str) -> None:
    """Refuse rows that are not one a record; an event or instance that all rows share is none of them."""
    events: list[set[str]] = []
    repeats: list[set[str]] = []
    for column, cells in zip(columns, table.columns, strict=True):
        if column.kind == "event":
            events.append({_ARM.sub("", cell) for cell in tally(cells)})
        elif column.kind == "repeat":
            repeats.append(set(tally(cells)))
    if any(len(values) > 1 for values in repeats):
        n_rows = sum(any(row) for row in zip(*_of_kind(columns, table, "repeat"), strict=True))
        raise _repeated(name, f"{n_rows} of its {len(table.places)} rows are instances of a repeating form or event")
    n_events = max((len(values) for values in events), default=1)
    if n_events > 1:
        raise _repeated(name, f"its rows are of {n_events} events (`redcap_event_name`)")


def _of_kind(columns: Sequence[Column], table: TextTable, kind: str) -> list[Sequence[str]]:
    return [cells for column, cells in zip(columns, table.columns, strict=True) if column.kind == kind]


def _repeated(name: str, what: str) -> InputRefused:
    return InputRefused(
        "E-REDCAP-REPEAT",
        f"{name}: {what}",
        expected="one row a record: one event, and no repeating form, or one instance of it",
        to_fix="export a report of one event, or of one instrument filtered to one instance, such as "
        "[redcap_repeat_instance] = 1: that of the moment of prediction; add the outcome of a later event as a "
        "calculated field of this one, or join it to the export by record id",
    )


def _as_written(column: Column, cells: Sequence[str]) -> tuple[Sequence[str], int]:
    """Return the cells, numbers and times that others would misread written plainly, and how many these are."""
    if column.kind == "timestamp":
        return texts_of(cells).coded().changed(lambda cell: "" if cell == _NOT_COMPLETED else cell)
    if column.kind == "field" and column.field and _has_decimal_commas(column.field, cells):
        return texts_of(cells).coded().changed(_with_point)
    return cells, 0


def _has_decimal_commas(field: Field, cells: Sequence[str]) -> bool:
    """Whether a comma in a number is its decimal mark.

    REDCap parts no thousands: where it calculated the number, or the field asks for a decimal comma, a comma is one
    whatever else the column holds; elsewhere unless points beside it say that someone has parted them since.
    """
    if field.type == "calc" or "comma_decimal" in field.validation:
        return True
    return field.validation.startswith("number") and not any("." in cell for cell in tally(cells))


def _rewritten(columns: Sequence[Column], written: Sequence[tuple[Sequence[str], int]]) -> list[Finding]:
    """Return what ``_as_written`` did."""
    counts = {column: count for column, (_, count) in zip(columns, written, strict=True) if count}
    numbers = {column.name: count for column, count in counts.items() if column.kind == "field"}
    times = {column.name: count for column, count in counts.items() if column.kind == "timestamp"}
    findings = []
    if numbers:
        text = f"decimal commas read as such in {counted(sum(numbers.values()), 'value')} of {listed(numbers)}"
        findings.append(Finding("W-DECIMAL", "note", text, "no action is needed", sum(numbers.values())))
    if times:
        text = f"no time read from {counted(sum(times.values()), 'survey')} not completed, in {listed(times)}"
        findings.append(Finding("W-REDCAP-TIMESTAMP", "note", text, "no action is needed", sum(times.values())))
    return findings


def _with_point(cell: str) -> str:
    """Return a number with a decimal point; of three decimals with a zero more, so that they are not thousands."""
    found = _DECIMAL_COMMA.fullmatch(cell)
    if not found:
        return cell
    return f"{found[1] or '0'}.{found[2]}{'0' if len(found[2]) == 3 else ''}"


def _description(column: Column, answers: Answers | None, dictionary: Dictionary) -> Description:
    levels = answers.levels if answers else ()
    field = column.field
    if field is None:
        kind: Literal["category", "date"] = "date" if column.kind == "timestamp" else "category"
        label = f"{column.form}: {column.kind}" if column.form else ""
        return Description(label, kind, levels, identifier=column.kind == "survey")
    if column.choice:
        return Description(f"{field.label}: {column.choice.label}", "category", levels, identifier=field.is_identifier)
    identifier = field.is_identifier or field.validation.startswith(_IDENTIFYING)
    kind_of_field = "category" if field.name == dictionary.record_id else _type(field)
    return Description(field.label, kind_of_field, levels, plausible_range(field), identifier)


def _type(field: Field) -> Literal["number", "category", "date"] | None:
    """Return the type of a field; a text without validation can be anything."""
    if field.type in {"calc", "slider"}:
        return "number"
    if field.type != "text":
        return "category"
    if field.validation.startswith(("integer", "number")):
        return "number"
    if field.validation.startswith("date"):
        return "date"
    return "category" if field.validation else None
