"""Answers of fields with choices: codes become the dictionary's labels, and what is neither is refused."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Literal

from clinpred.errors import InputRefused
from clinpred.records.sources.redcap_columns import Column
from clinpred.records.sources.redcap_dictionary import STATUS, Choice, plain_text
from clinpred.records.values.cells import Cells, Origin, column_cells
from clinpred.records.values.texts import tally, texts_of

Coding = Literal["codes", "labels"]

CHECKED = (Choice("0", "Unchecked"), Choice("1", "Checked"))
_WHOLE = re.compile(r"([+-]?)0*([0-9]+)(?:\.0*)?")


@dataclass(frozen=True)
class Answers:
    """The cells of a column of choices, the levels they can hold, and what was done.

    ``is_recoded``: codes became labels; ``keeps_codes``: they could not, since two have one label or one has none.
    """

    texts: Sequence[str]
    levels: tuple[str, ...]
    is_recoded: bool = False
    keeps_codes: bool = False


def choices_of(column: Column) -> tuple[Choice, ...]:
    """Return the choices of a column; none where it is not of choices, or the dictionary is not clear about them."""
    if column.kind == "status":
        return STATUS
    if column.kind == "checkbox":
        return CHECKED
    return column.field.choices if column.kind == "field" and column.field else ()


def checkbox_words(columns: Sequence[Column], texts: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Return the cells, those of checkboxes that hold the choice's label or nothing as Checked and Unchecked.

    REDCap's API writes checkboxes so where it is asked for their labels; it does it for all choices of a field alike.
    """
    wording: dict[str, list[bool]] = {}
    for column, cells in zip(columns, texts, strict=True):
        if column.kind == "checkbox" and column.field and set(tally(cells)) != {""}:
            wording.setdefault(column.field.name, []).append(_holds_label(column, cells))
    worded = {name for name, each in wording.items() if all(each)}
    return [
        texts_of(cells).coded().changed(lambda cell: "Checked" if cell else "Unchecked")[0]
        if column.kind == "checkbox" and column.field and column.field.name in worded
        else cells
        for column, cells in zip(columns, texts, strict=True)
    ]


def find_coding(columns: Sequence[Column], texts: Sequence[Sequence[str]]) -> Coding | None:
    """Return whether the export holds codes or labels, as those of its columns show that can hold one only."""
    shown: set[Coding] = set()
    for column, cells in zip(columns, texts, strict=True):
        if choices := choices_of(column):
            fitting = _fitting(choices, {_as_label(cell) for cell in tally(cells) if cell})
            shown |= fitting if len(fitting) == 1 else set()
    return shown.pop() if len(shown) == 1 else None


def read_answers(
    column: Column, texts: Sequence[str], origin: Origin, *, coding: Coding | None, missing: Collection[str]
) -> Answers:
    """Return a column's answers as the labels of its choices.

    Parameters
    ----------
    column : Column
        A column of choices.
    texts : sequence of str
        Its cells: codes or labels.
    origin : Origin
        The file's name and the place of each row.
    coding : {"codes", "labels"}, optional
        What the file as a whole holds.
    missing : collection of str
        Codes or labels that the analyst calls missing, and other words for it; the cells keep the word.

    Raises
    ------
    InputRefused
        E-REDCAP-CHOICE: a value is no choice, or can be the code of one choice and the label of another.
    """
    choices = choices_of(column)
    cells = column_cells(column.name, texts, origin)
    present = {text for text in cells.counts if _named(text, missing) is None}
    fitting = _fitting(choices, {_as_label(text) for text in present})
    if not fitting:
        raise _refused(cells, choices, present, coding)
    labels = [choice.label for choice in choices]
    if not all(labels) or len(set(labels)) < len(labels):
        levels = [choice.code for choice in choices] if "codes" in fitting else labels
        return Answers(texts, tuple(dict.fromkeys(levels)), keeps_codes="codes" in fitting)
    held = _held(cells, choices, present, fitting=fitting, coding=coding)
    words = _words(choices, held, present) | {text: text for text in set(cells.counts) - present}
    named = {choice.label: word for choice in choices if (word := _named_choice(choice, missing)) is not None}
    by_text = {text: named.get(words.get(value, ""), words.get(value, "")) for text, value in cells.repaired.items()}
    levels = [label for label in labels if label not in named]
    return Answers(cells.texts.coded().changed(by_text.__getitem__)[0], tuple(levels), is_recoded=held == "codes")


def _fitting(choices: Sequence[Choice], present: Collection[str]) -> set[Coding]:
    """Return what all the texts can be: codes, labels, or both."""
    if not choices or not present:
        return {"codes", "labels"}
    codes, labels = _by_code(choices), {choice.label for choice in choices}
    fitting: set[Coding] = set()
    if all(_code(text) in codes for text in present):
        fitting.add("codes")
    if labels.issuperset(present):
        fitting.add("labels")
    return fitting


def _held(
    cells: Cells, choices: Sequence[Choice], present: set[str], *, fitting: set[Coding], coding: Coding | None
) -> Coding:
    if len(fitting) == 1:
        return next(iter(fitting))
    codes = _by_code(choices)
    differing = {text for text in present if codes[_code(text)].label != _as_label(text)}
    if not differing:
        return "labels"
    if coding is None:
        raise cells.refuse(
            "E-REDCAP-CHOICE",
            differing,
            "the code of one choice and the label of another",
            expected="an export whose other columns show whether it holds codes or labels",
            to_fix="export all columns as raw data",
        )
    return coding


def _words(choices: Sequence[Choice], held: Coding, present: set[str]) -> dict[str, str]:
    codes = _by_code(choices)
    return {text: codes[_code(text)].label if held == "codes" else _as_label(text) for text in present}


def _refused(cells: Cells, choices: Sequence[Choice], present: set[str], coding: Coding | None) -> InputRefused:
    codes, labels = _by_code(choices), {choice.label for choice in choices}
    no_code = {text for text in present if _code(text) not in codes}
    no_label = {text for text in present if _as_label(text) not in labels}
    wrong = {"codes": no_code, "labels": no_label}[coding] if coding else min(no_code, no_label, key=cells.total)
    return cells.refuse(
        "E-REDCAP-CHOICE",
        wrong,
        "no choice of the data dictionary",
        expected=f"the codes, or the labels, of the field's {len(choices)} choices",
        to_fix="download dictionary and export at the same time, raw data rather than labels; where it is one of the "
        f"project's missing data codes, read it so with --missing {quote(f'{cells.column}=CODE')}",
    )


def _holds_label(column: Column, cells: Sequence[str]) -> bool:
    label = column.choice.label if column.choice else ""
    return label not in {"0", "1"} and {_as_label(cell) for cell in tally(cells) if cell} == {label}


def _by_code(choices: Iterable[Choice]) -> Mapping[str, Choice]:
    """Return the choices by code; 1.0 and 01 are the code 1, unless the dictionary tells them apart."""
    choices = tuple(choices)
    alike = [_code(choice.code) for choice in choices]
    if len(set(alike)) < len(alike):
        return {choice.code: choice for choice in choices}
    return dict(zip(alike, choices, strict=True))


def _code(text: str) -> str:
    whole = _WHOLE.fullmatch(text)
    return whole[1].replace("+", "") + whole[2] if whole else text


def _as_label(text: str) -> str:
    return text if text.isalnum() else plain_text(text)


def _named_choice(choice: Choice, missing: Collection[str]) -> str | None:
    word = _named(choice.code, missing)
    return _named(choice.label, missing) if word is None else word


def _named(text: str, missing: Collection[str]) -> str | None:
    """Return the word of the analyst that a text is, None where it is none."""
    return next((word for word in missing if text == word or _code(text) == _code(word)), None)
