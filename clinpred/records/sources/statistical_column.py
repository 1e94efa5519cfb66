"""One column of a statistical file to cells of text: missing values, value labels, dates and numbers, each in turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.sources.clock_formats import ClockKind, Program, clock_kind, clock_texts
from clinpred.records.sources.number_texts import number_texts
from clinpred.records.sources.user_missing import (
    Code,
    MissingRange,
    is_declared_missing,
    user_missing_finding,
    without_user_missing,
)
from clinpred.records.sources.value_labels import read_labels
from clinpred.records.text_table import Description


@dataclass(frozen=True)
class Variable:
    """A column as a statistical file holds it.

    Parameters
    ----------
    name, label : str
        Its name, and what it is in words.
    shown_as : str, optional
        The format that the program shows it in, such as ``DATE9`` or ``%td``.
    storage : str
        ``string``, ``float`` (single precision), ``double``, ``int8``, ``int16`` or ``int32``.
    values : sequence of float, str or None
        One a row; among numbers, a letter is a kind of missing value.
    labels : mapping of float or str to str
        Its value labels.
    missing_ranges : sequence of MissingRange
        The values that the file declares missing.
    """

    name: str
    label: str
    shown_as: str | None
    storage: str
    values: Sequence[Code | None]
    labels: Mapping[Code, str]
    missing_ranges: Sequence[MissingRange]

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return self.storage == "string"


@dataclass(frozen=True)
class TextColumn:
    """A column as it is handed on: its cells, what the file says of it, and what was noticed."""

    cells: Sequence[str]
    description: Description
    findings: tuple[Finding, ...] = ()


def text_column(variable: Variable, program: Program, *, source: str) -> TextColumn:
    """Return a column's cells as text.

    Raises
    ------
    InputRefused
        E-FORMAT: times that count leap seconds. E-DATE: a date that the calendar does not have.
    """
    values, kinds = without_user_missing(variable.values, variable.missing_ranges, is_text=variable.is_text)
    missing = user_missing_finding(variable.name, kinds)
    if variable.is_text:
        values = [None if value is None else str(value).strip() or None for value in values]
    clock = "none" if variable.is_text else clock_kind(variable.shown_as, program)
    if clock in {"day", "moment", "time", "leap seconds"}:
        read = _clock_column(variable, values, clock, program, source=source)
    else:
        read = _labelled_column(variable, values, clock)
    return TextColumn(read.cells, read.description, (*missing, *read.findings))


def _labelled_column(variable: Variable, values: Sequence[Code | None], clock: ClockKind) -> TextColumn:
    labelled = read_labels(variable.name, values, _labels_of_values(variable))
    if labelled.levels:
        cells = ["" if code is None else labelled.labels[code] for code in values]
        return TextColumn(cells, Description(variable.label, "category", labelled.levels), labelled.findings)
    if variable.is_text:
        return TextColumn([str(value or "") for value in values], Description(variable.label), labelled.findings)
    periods = (_periods(variable.name),) if clock == "period" else ()
    numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    texts = number_texts(numbers.astype(np.float32) if variable.storage == "float" else numbers)
    return TextColumn(texts, Description(variable.label, "number"), (*labelled.findings, *periods))


def _labels_of_values(variable: Variable) -> dict[Code, str]:
    """Return the labels of values proper: neither those of declared missing values nor those of .a to .z."""
    return {
        code.strip() if isinstance(code, str) else code: label
        for code, label in variable.labels.items()
        if isinstance(code, str) == variable.is_text and not is_declared_missing(code, variable.missing_ranges)
    }


def _clock_column(
    variable: Variable, values: Sequence[Code | None], clock: ClockKind, program: Program, *, source: str
) -> TextColumn:
    if clock == "leap seconds":
        raise InputRefused(
            "E-FORMAT",
            f"{source}: column `{variable.name}` holds times that count leap seconds (%tC)",
            expected="times without leap seconds (%tc)",
            to_fix="convert it with Stata's cofC(), or export it as text",
        )
    texts = clock_texts([None if value is None else float(value) for value in values], clock, program)
    beyond = sum(text is None for text in texts)
    if beyond:
        raise InputRefused(
            "E-DATE",
            f"{source}: column `{variable.name}` has {beyond} values that lie outside the years 1 to 9999",
            expected="dates of the calendar",
            to_fix="correct them in the export, or set them missing there",
        )
    described = Description(variable.label, None if clock == "time" else "date")
    return TextColumn([text or "" for text in texts], described)


def _periods(column: str) -> Finding:
    text = f"column `{column}` counts weeks, months, quarters, half-years or business days, kept as numbers"
    return Finding("W-PERIODS", "note", text, "export it as dates where days are meant", column=column)
