"""What an analyst should know of the answers of a REDCap export: their labels, the unknown, boxes nobody saw."""

from collections.abc import Callable, Sequence
from shlex import quote

import numpy as np
from numpy.typing import NDArray

from clinpred.records.findings import Finding
from clinpred.records.sources.redcap_columns import Column, absent_columns
from clinpred.records.sources.redcap_dictionary import Choice, Dictionary
from clinpred.records.sources.redcap_export import DescribedExport, listed
from clinpred.records.values.cells import counted
from clinpred.records.values.missing_words import is_missing_word
from clinpred.records.values.texts import tally, texts_of

_UNKNOWN = {
    *("don't know", "do not know", "dont know", "not sure", "unsure", "refused", "refused to answer", "declined"),
    *("declined to answer", "prefer not to answer", "prefer not to say", "no answer", "not asked", "not assessed"),
    *("no information", "not reported", "unknown / not reported", "unknown/not reported", "unknown or not reported"),
}
_UNCHECKED = {"", "Unchecked"}


def choice_findings(read: DescribedExport) -> list[Finding]:
    """Return what was noticed of single answers: W-VALUE-LABELS, W-REDCAP-CHOICES, W-REDCAP-MISSING."""
    findings = []
    recoded = [name for name, answers in read.answers.items() if answers.is_recoded]
    if recoded:
        text = f"codes of {counted(len(recoded), 'column')} replaced by the dictionary's labels: {listed(recoded)}"
        findings.append(Finding("W-VALUE-LABELS", "note", text, "name levels by their labels", len(recoded)))
    unclear = [column.name for column in read.columns if column.kind == "field" and _is_unclear(column, read)]
    if unclear:
        text = f"choices of {counted(len(unclear), 'column')} read in several ways, or share a label: "
        advice = "their values are kept as written; give every choice a label of its own, without bars"
        findings.append(Finding("W-REDCAP-CHOICES", "caution", text + listed(unclear), advice, len(unclear)))
    return [*findings, *_unknown_answers(read)]


def _is_unclear(column: Column, read: DescribedExport) -> bool:
    kept = column.name in read.answers and read.answers[column.name].keeps_codes
    return kept or bool(column.field and column.field.is_unclear)


def _unknown_answers(read: DescribedExport) -> list[Finding]:
    """Return the finding that answers seem to stand for "not known"; what they stand for is the analyst's to say."""
    counts: dict[str, int] = {}
    for column in read.columns:
        if column.kind == "field" and column.name in read.answers and column.field:
            unknown = {word for choice in column.field.choices if _is_unknown(choice) for word in _forms(choice)}
            unknown &= set(read.answers[column.name].levels)
            count = sum(times for cell, times in tally(read.cells[column.name]).items() if cell in unknown)
            counts |= {column.name: count} if count else {}
    if not counts:
        return []
    n_cells = sum(counts.values())
    text = f"{counted(n_cells, 'answer')} of {counted(len(counts), 'column')} may stand for missing, kept as levels: "
    advice = f"where they do, read them so with --missing {quote(f'{next(iter(counts))}=CODE')} (or the choice's label)"
    return [Finding("W-REDCAP-MISSING", "caution", text + listed(list(counts)), advice, n_cells)]


def _is_unknown(choice: Choice) -> bool:
    """Whether a label says that the answer is not known; "None" says that there was none of what was asked for."""
    label = choice.label.casefold().replace("’", "'")
    return label in _UNKNOWN or (label != "none" and is_missing_word(label))


def _forms(choice: Choice) -> tuple[str, str]:
    return choice.code, choice.label


def checkbox_findings(read: DescribedExport, dictionary: Dictionary) -> list[Finding]:
    """Return what was noticed of checkboxes: W-REDCAP-CHECKBOX, W-REDCAP-UNFILLED."""
    findings = []
    other = [column.name for column in read.columns if column.kind == "other checkbox"]
    if other:
        text = f"{counted(len(other), 'checkbox column')} for choices that the dictionary lacks: {listed(other)}"
        advice = "they are of missing data codes or of deleted choices, and are read as in any other export"
        findings.append(Finding("W-REDCAP-CHECKBOX", "note", text, advice, len(other)))
    present = {column.field.name for column in read.columns if column.kind == "checkbox" and column.field}
    absent = [column.name for column in absent_columns(read.columns, dictionary) if column.choice and column.field]
    absent = [name for name in absent if name.partition("___")[0] in present]
    if absent:
        text = f"{counted(len(absent), 'choice')} of checkbox fields without a column: {listed(absent)}"
        advice = "export the whole field: who ticked nothing else may have ticked these"
        findings.append(Finding("W-REDCAP-CHECKBOX", "note", text, advice, len(absent)))
    return [
        *findings,
        *(finding for form in dictionary.forms for finding in _unfilled(read, form, dictionary.record_id)),
    ]


def _unfilled(read: DescribedExport, form: str, record_id: str) -> list[Finding]:
    """Return the finding that checkboxes are unchecked in rows in which nothing of the form was filled."""
    boxes = [read.cells[column.name] for column in read.columns if column.form == form and column.kind == "checkbox"]
    others = [
        read.cells[column.name]
        for column in read.columns
        if column.form == form and column.field and column.kind == "field" and column.field.type != "calc"
        if column.name != record_id
    ]
    if not boxes or not others:
        return []
    is_filled = np.any([_rows_with(cells, _has_something) for cells in others], axis=0)
    is_ticked = np.any([_rows_with(cells, _is_tick) for cells in boxes], axis=0)
    is_exported = np.any([_rows_with(cells, _has_something) for cells in boxes], axis=0)
    count = int((~is_filled & ~is_ticked & is_exported).sum())
    if not count:
        return []
    text = f"form `{form}`: checkboxes are unchecked in {counted(count, 'row')} in which nothing of the form was filled"
    advice = "there, unchecked may mean not asked: have REDCap export blanks for forms without data"
    return [Finding("W-REDCAP-UNFILLED", "caution", text, advice, count)]


def _rows_with(cells: Sequence[str], has: Callable[[str], bool]) -> NDArray[np.bool_]:
    coded = texts_of(cells).coded()
    has_word = np.array([has(word) for word in coded.words], dtype=np.bool_)
    rows: NDArray[np.bool_] = has_word[coded.codes]
    return rows


def _has_something(cell: str) -> bool:
    return cell != ""


def _is_tick(cell: str) -> bool:
    return cell not in _UNCHECKED
