"""Cells as text to typed columns: every type is decided on every row, so that the order of rows can never change it."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.id_names import looks_like_birth, looks_like_date, looks_like_id
from clinpred.records.types import ColumnType, to_code
from clinpred.records.values.cells import Cells, Origin, column_cells, has_markup, number_cells
from clinpred.records.values.date_column import date_column, is_date_column
from clinpred.records.values.dates import PIVOT, DateText, is_zero_date, read_compact_date, read_date
from clinpred.records.values.decimal_marks import FileMarks, shown_mark
from clinpred.records.values.excel_dates import EXCELS, excel_days
from clinpred.records.values.number_column import is_number_column, number_column
from clinpred.records.values.numbers import NumberText, read_number
from clinpred.records.values.overflow import refuse_overflow
from clinpred.records.values.plain_words import PlainWords
from clinpred.records.values.shortened_ids import shortened_ids
from clinpred.records.values.text_column import MOST_LEVELS, missing_ids, text_findings
from clinpred.records.values.texts import LongTexts, Texts, texts_of
from clinpred.settings.export import Reading

_NO_YEAR_OF_A_PATIENT = 2099


@dataclass(frozen=True, eq=False)
class TypedColumn:
    """A column as it is typed: float64 with NaN, or text (dates as ISO text) with None where missing."""

    type: ColumnType
    values: NDArray[np.float64] | NDArray[np.object_]
    findings: tuple[Finding, ...]
    decisions: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class _Draft:
    """A column and the type it will have, before the file as a whole has settled what its values are."""

    cells: Cells
    type: ColumnType
    numbers: Mapping[str, NumberText] = field(default_factory=dict)
    dates: Mapping[str, DateText] = field(default_factory=dict)
    words: PlainWords | None = None


def typed_columns(
    columns: Mapping[str, Sequence[str]],
    origin: Origin,
    reading: Reading,
    *,
    comma_delimited: bool,
    units: Mapping[str, str],
    categories: frozenset[str] = frozenset(),
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
    categories : frozenset of str
        The columns that the source itself calls categories, whatever their cells look like.

    Raises
    ------
    InputRefused
        The codes of ``number_column``, ``date_column``, ``excel_days`` and ``refuse_overflow``; E-MISSING-COLUMN:
        ``reading`` names a column that is not there.
    """
    _require(columns, [*reading.missing, *reading.censored], origin.source)
    drafts = [
        _drafted(name, texts_of(texts), origin, reading, is_text=name in categories) for name, texts in columns.items()
    ]
    marks = (shown_mark(draft.numbers.values()) for draft in drafts if draft.type == "number")
    file = FileMarks(frozenset(mark for mark in marks if mark), comma_delimited, reading.decimal)
    latest_year = _latest_year(drafts)
    typed = {}
    for draft in drafts:
        name = draft.cells.column
        if draft.words is not None:
            typed[name] = _words(draft.cells, draft.words)
        elif draft.type == "number":
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


def _drafted(name: str, texts: Texts, origin: Origin, reading: Reading, *, is_text: bool) -> _Draft:
    """Return a column's type: of one with many different texts at once where that is safe, else from each text."""
    missing = reading.missing.get(name, ())
    if isinstance(texts, LongTexts) and not missing and not looks_like_date(name):
        at_once = None if is_text else _numbers_at_once(name, texts, origin)
        at_once = at_once or _words_at_once(name, texts, origin)
        if at_once is not None:
            return at_once
    return _draft(column_cells(name, texts, origin, missing=missing), reading, is_text=is_text)


def _numbers_at_once(name: str, texts: LongTexts, origin: Origin) -> _Draft | None:
    """Return the draft of a column of plain numbers; None where it is another one, or its texts have to be asked."""
    found = texts.numbers
    if found is None or (looks_like_id(name) and bool(np.signbit(found.values).any())):
        return None
    cells = number_cells(name, texts, found, origin)
    draft = _draft(cells, Reading())
    if draft.type != "number" or draft.dates:
        return None
    others = {cells.repaired[text] for text in found.others} - {""}
    return draft if all(draft.numbers[text].kind in {"spelling", "word"} for text in others) else None


def _words_at_once(name: str, texts: LongTexts, origin: Origin) -> _Draft | None:
    """Return the draft of a column of ids or remarks; None where its texts have to be asked."""
    found = texts.words
    if found is None or not (looks_like_id(name) or (found.are_mostly_words and found.n_levels > MOST_LEVELS)):
        return None
    return _Draft(Cells(origin.source, name, texts, origin.places, origin.place_word, {}, {}), "category", words=found)


def _words(cells: Cells, words: PlainWords) -> TypedColumn:
    values = cells.texts.array()
    values[values == ""] = None
    ids = missing_ids(len(values) - words.n_present, cells) if looks_like_id(cells.column) else []
    return TypedColumn("category", values, (*_noticed(cells), *ids), {})


def _draft(cells: Cells, reading: Reading, *, is_text: bool = False) -> _Draft:
    if not cells.counts:
        return _Draft(cells, "empty")
    if is_text or (looks_like_id(cells.column) and not _all_counts(cells)):
        refuse_overflow(cells, {}, {})
        return _Draft(cells, "category")
    numbers = {text: read_number(text) for text in cells.counts}
    dates = {
        text: found
        for text, number in numbers.items()
        if number.kind != "number" and not is_zero_date(text) and (found := read_date(text)) is not None
    }
    refuse_overflow(cells, numbers, dates)
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
    try:
        column = number_column(cells, draft.numbers, file=file, censored=chosen, unit=unit)
    except InputRefused:
        if cells.numbers is None:
            raise
        return _number(_from_each_text(draft, reading), file, reading, unit=unit)
    if cells.numbers is not None and column.decisions.get("decimal", "point") != "point":
        return _number(_from_each_text(draft, reading), file, reading, unit=unit)
    ids = missing_ids(len(cells.texts) - cells.n_present, cells) if looks_like_id(cells.column) else []
    findings = (*_noticed(cells), *column.findings, *ids, *shortened_ids(cells))
    return TypedColumn("number", column.values, findings, column.decisions)


def _from_each_text(draft: _Draft, reading: Reading) -> _Draft:
    cells = draft.cells
    origin = Origin(cells.source, cells.places, cells.place_word)
    return _draft(column_cells(cells.column, cells.texts, origin), reading)


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
    values = cells.texts.coded().spread({text: repaired or None for text, repaired in cells.repaired.items()})
    findings = (*_noticed(cells), *text_findings(cells, draft.numbers, draft.dates), *shortened_ids(cells))
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
