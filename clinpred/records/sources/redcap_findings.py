"""What an analyst should know of a REDCap export beside its cells: what the dictionary says, and what it does not."""

from shlex import quote
from typing import Literal

from clinpred.records.findings import Finding
from clinpred.records.sources.redcap_answers import checkbox_findings, choice_findings
from clinpred.records.sources.redcap_columns import absent_columns
from clinpred.records.sources.redcap_dictionary import Dictionary
from clinpred.records.sources.redcap_export import DescribedExport, listed
from clinpred.records.sources.redcap_limits import unused_limits
from clinpred.records.values.cells import counted
from clinpred.records.values.dates import read_date
from clinpred.records.values.numbers import read_number
from clinpred.records.values.texts import tally

_OF_THE_ENTRY = {"status", "timestamp", "survey", "event", "repeat"}


def redcap_findings(read: DescribedExport, dictionary: Dictionary) -> list[Finding]:
    """Return what was noticed of an export and its dictionary, in the order in which an analyst would ask."""
    return [
        *_whole(read, dictionary),
        *_names(read),
        *_double_entry(read, dictionary),
        *choice_findings(read),
        *checkbox_findings(read, dictionary),
        *_other_types(read),
        *_of_the_entry(read),
        *_conditions(read),
        *_limits(read),
    ]


def _whole(read: DescribedExport, dictionary: Dictionary) -> list[Finding]:
    known = [column for column in read.columns if column.name in read.described]
    text = f"{len(known)} of {counted(len(read.columns), 'column')} described by {dictionary.name}"
    advice = f"its record id is `{dictionary.record_id}`: name it as the patient's id if a record is a patient"
    findings = [Finding("W-DICTIONARY", "note", text, advice, len(known))]
    unknown = [column.name for column in read.columns if column.kind == "other"]
    if unknown:
        text = f"{counted(len(unknown), 'column')} not in the data dictionary: {listed(unknown)}"
        advice = "they are read as in any other export; a newer dictionary may have them"
        level: Literal["caution", "note"] = "caution" if 2 * len(unknown) > len(read.columns) else "note"
        findings.append(Finding("W-REDCAP-FIELD", level, text, advice, len(unknown)))
    absent = {column.field.name for column in absent_columns(read.columns, dictionary) if column.field}
    present = {column.field.name for column in read.columns if column.field}
    if absent - present:
        text = f"{counted(len(absent - present), 'field')} of the data dictionary not in the export"
        findings.append(Finding("W-REDCAP-ABSENT", "note", text, "no action is needed", len(absent - present)))
    return findings


def _names(read: DescribedExport) -> list[Finding]:
    named = [column.name for column, was in zip(read.columns, read.header, strict=True) if column.name != was]
    if not named:
        return []
    text = f"{counted(len(named), 'column')} called by the field's name instead of its label: {listed(named)}"
    return [Finding("W-REDCAP-NAMES", "note", text, "use the fields' names in the study", len(named))]


def _double_entry(read: DescribedExport, dictionary: Dictionary) -> list[Finding]:
    """Return the finding that records of double data entry stand there beside the merged ones, or instead of them."""
    ids = read.cells.get(dictionary.record_id, ())
    count = sum(each.endswith(("--1", "--2")) for each in ids)
    if not count:
        return []
    text = f"{counted(count, 'record')} of double data entry (ids that end in --1 and --2)"
    advice = "merge the entries in REDCap and export the merged records alone: a patient stands there several times"
    return [Finding("W-REDCAP-DOUBLE", "serious", text, advice, count)]


def _other_types(read: DescribedExport) -> list[Finding]:
    """Return the finding that numbers and dates of the dictionary hold something else, such as a missing data code."""
    counts: dict[str, int] = {}
    stated = {name: said.type for name, said in read.described.items() if said.type in {"number", "date"}}
    for name, kind in stated.items():
        present = {cell: times for cell, times in tally(read.cells[name]).items() if cell}
        left_out = read.missing.get(name, ())
        odd = [cell for cell in present if cell not in left_out and not _is_of_type(cell, kind)]
        counts |= {name: sum(present[cell] for cell in odd)} if odd else {}
    if not counts:
        return []
    n_cells = sum(counts.values())
    text = f"{counted(n_cells, 'value')} not of the dictionary's type, number or date, in {listed(list(counts))}"
    advice = f"where they are missing data codes, read them so with --missing {quote(f'{next(iter(counts))}=CODE')}"
    return [Finding("W-REDCAP-TYPE", "caution", text, advice, n_cells)]


def _is_of_type(cell: str, kind: str | None) -> bool:
    if kind == "number":
        return read_number(cell).kind in {"number", "censored", "spelling"}
    return kind != "date" or read_date(cell) is not None


def _of_the_entry(read: DescribedExport) -> list[Finding]:
    names = [column.name for column in read.columns if column.kind in _OF_THE_ENTRY]
    if not names:
        return []
    text = f"{counted(len(names), 'column')} about the entry of the data, not the patient: {listed(names)}"
    advice = "set them aside: how complete a form is may tell what became of the patient"
    return [Finding("W-REDCAP-ENTRY", "note", text, advice, len(names))]


def _conditions(read: DescribedExport) -> list[Finding]:
    names = [column.name for column in read.columns if column.field and column.field.is_conditional]
    if not names:
        return []
    text = f"{counted(len(names), 'column')} shown under a condition only: {listed(names)}"
    advice = "an empty cell there may mean that the question did not apply"
    return [Finding("W-REDCAP-BRANCHING", "note", text, advice, len(names))]


def _limits(read: DescribedExport) -> list[Finding]:
    unused = [
        column.name
        for column in read.columns
        if column.kind == "field" and column.field and unused_limits(column.field)
    ]
    if not unused:
        return []
    text = f"limits of {counted(len(unused), 'column')} not checked, being of dates or no numbers: {listed(unused)}"
    return [Finding("W-REDCAP-RANGE", "note", text, "check them where they matter", len(unused))]
