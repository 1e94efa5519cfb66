"""Cells as text to typed columns: every type is decided on every row, so that the order of rows can never change it."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import InputRefused
from clinpred.records.cells import Cells, Origin, column_cells, has_markup
from clinpred.records.date_column import date_column, is_date_column
from clinpred.records.dates import PIVOT, DateText, is_zero_date, read_compact_date, read_date
from clinpred.records.decimal_marks import FileMarks, shown_mark
from clinpred.records.excel_dates import EXCELS, excel_days
from clinpred.records.findings import Finding
from clinpred.records.id_names import looks_like_birth, looks_like_date, looks_like_id
from clinpred.records.number_column import is_number_column, number_column
from clinpred.records.numbers import NumberText, read_number
from clinpred.records.text_column import missing_ids, text_findings
from clinpred.records.types import ColumnType, to_code
from clinpred.settings.export import Reading

_NO_YEAR_OF_A_PATIENT = 2099


@dataclass(frozen=True, eq=False)
class TypedColumn:
    """A column as it is typed: float64 with NaN, or text (dates as ISO text) with None where missing."""

    type: ColumnType
    values: NDArray[np.float64] | list[str | None]
    findings: tuple[Finding, ...]
    decisions: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class _Draft:
    """A column and the type it will have, before the file as a whole has settled what its values are."""

    cells: Cells
    type: ColumnType
    numbers: Mapping[str, NumberText] = field(default_factory=dict)
    dates: Mapping[str, DateText] = field(default_factory=dict)


def typed_columns(
    columns: Mapping[str, Sequence[str]],
    origin: Origin,
    reading: Reading,
    *,
    comma_delimited: bool,
    units: Mapping[str, str],
) -> dict[str, TypedColumn]:
    """Type the named columns of an export.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        The cells, outer blanks removed.
    origin : Origin
        The file's name and the place of each row.
    reading : Reading
        What the analyst decided.
    comma_delimited : bool
        Whether commas stand between the cells.
    units : mapping of str to str
        The units that the export gives outside the cells.

    Raises
    ------
    InputRefused
        The codes of ``number_column``, ``date_column`` and ``excel_days``; E-MISSING-COLUMN: ``reading`` names a column
        that is not there.
    """
    _require(columns, [*reading.missing, *reading.censored], origin.source)
    drafts = [
        _draft(column_cells(name, texts, origin, missing=reading.missing.get(name, ())), reading)
        for name, texts in columns.items()
    ]
    marks = (shown_mark(draft.numbers.values()) for draft in drafts if draft.type == "number")
    file = FileMarks(frozenset(mark for mark in marks if mark), comma_delimited, reading.decimal)
    latest_year = _latest_year(drafts)
    typed = {}
    for draft in drafts:
        name = draft.cells.column
        if draft.type == "number":
            typed[name] = _number(draft, file, reading, unit=units.get(name))
        elif draft.type == "date":
            typed[name] = _date(draft, reading, latest_year)
        else:
            typed[name] = _text(draft)
    return typed


def decide_type(values: Sequence[str]) -> ColumnType:
    """Return the type of a column's values by themselves; an empty text is a missing value.

    Examples
    --------
    >>> decide_type(["1", "2.5e-3", "NA", ""]), decide_type(["1", "NA", "x"]), decide_type(["007", "12"])
    ('number', 'category', 'category')
    """
    return _draft(column_cells("", values, Origin("", range(len(values)), "row")), Reading()).type


def _draft(cells: Cells, reading: Reading) -> _Draft:
    if not cells.counts:
        return _Draft(cells, "empty")
    if looks_like_id(cells.column) and not _all_counts(cells):
        return _Draft(cells, "category")
    numbers = {text: read_number(text) for text in cells.counts}
    dates = {
        text: found
        for text, number in numbers.items()
        if number.kind != "number" and not is_zero_date(text) and (found := read_date(text)) is not None
    }
    if looks_like_date(cells.column):
        dates.update({text: found for text in numbers if (found := read_compact_date(text)) is not None})
    dates.update(excel_days(cells, numbers, dates, system=reading.excel_dates))
    if is_date_column(cells, dates):
        return _Draft(cells, "date", numbers, dates)
    return _Draft(cells, "number" if is_number_column(cells, numbers) else "category", numbers, dates)


def _all_counts(cells: Cells) -> bool:
    """Whether all texts are whole numbers that a float gives back as they are written."""
    return all(text.isdecimal() and text.isascii() and to_code(float(text)) == text for text in cells.counts)


def _number(draft: _Draft, file: FileMarks, reading: Reading, *, unit: str | None) -> TypedColumn:
    cells = draft.cells
    chosen = reading.censored.get(cells.column)
    column = number_column(cells, draft.numbers, file=file, censored=chosen, unit=unit)
    ids = missing_ids(cells) if looks_like_id(cells.column) else []
    return TypedColumn("number", column.values, (*_noticed(cells), *column.findings, *ids), column.decisions)


def _date(draft: _Draft, reading: Reading, latest_year: int | None) -> TypedColumn:
    column = date_column(draft.cells, draft.dates, asked=reading.date_order, latest_year=latest_year)
    decisions = dict(column.decisions)
    if reading.excel_dates and any(found.form == EXCELS for found in draft.dates.values()):
        decisions["excel_dates"] = reading.excel_dates
    return TypedColumn("date", column.values, (*_noticed(draft.cells), *column.findings), decisions)


def _text(draft: _Draft) -> TypedColumn:
    cells = draft.cells
    if draft.type == "empty":
        return TypedColumn("empty", np.full(len(cells.texts), np.nan), _noticed(cells), cells.decisions)
    values = [cells.repaired[text] or None for text in cells.texts]
    findings = (*_noticed(cells), *text_findings(cells, draft.numbers, draft.dates))
    return TypedColumn("category", values, findings, cells.decisions)


def _noticed(cells: Cells) -> tuple[Finding, ...]:
    if not has_markup(cells.column):
        return cells.findings
    what = "its name holds HTML, a formula or a template"
    return (*cells.findings, cells.note("W-MARKUP", what, advice="rename the column in the export"))


def _latest_year(drafts: Sequence[_Draft]) -> int | None:
    """Return the latest year among the dates that are not of birth, those that stand for none aside."""
    years = {
        _year(found)
        for draft in drafts
        if draft.type == "date" and not looks_like_birth(draft.cells.column)
        for found in draft.dates.values()
    }
    return max((year for year in years if year < _NO_YEAR_OF_A_PATIENT), default=None)


def _year(found: DateText) -> int:
    year = found.parts[0] if found.form == "year first" else found.parts[2]
    return year + (2000 if year < PIVOT else 1900) if found.short_year else year


def _require(columns: Mapping[str, Sequence[str]], named: Sequence[str], source: str) -> None:
    absent = [name for name in dict.fromkeys(named) if name not in columns]
    if not absent:
        return
    nearest = [name for each in absent for name in difflib.get_close_matches(each, list(columns), n=3, cutoff=0.5)]
    near = f" (nearest: {', '.join(f'`{name}`' for name in nearest)})" if nearest else ""
    raise InputRefused(
        "E-MISSING-COLUMN",
        f"{source}: there is no column {', '.join(f'`{name}`' for name in absent)}{near}",
        expected=f"columns of the export in --missing and --censored, which has {len(columns)}",
        to_fix="correct the name, or export the column",
    )
