"""Whether several files write numbers and dates alike: what one file shows must not settle what another leaves open."""

from collections.abc import Iterable, Sequence
from itertools import islice

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.text_table import SourceTable, TextTable
from clinpred.records.values.dates import DateText, Order, read_date
from clinpred.records.values.decimal_marks import shown_mark
from clinpred.records.values.numbers import NumberText, read_number
from clinpred.records.values.texts import LongTexts, tally

_OPEN_FORMS = {"year last", "short year"}
_LOOKED_AT = 20


def refuse_other_marks(files: Sequence[SourceTable]) -> None:
    """Refuse decimal commas in one file and points in another: ``1,234`` of the first would be read as thousands."""
    if not any(_has_comma(column) for file in files for column in file.table.columns):
        return
    shown = {file.name: marks for file in files if (marks := _marks(file.table))}
    if all(marks == next(iter(shown.values())) for marks in shown.values()):
        return
    commas = [name for name, marks in shown.items() if "comma" in marks]
    points = [name for name, marks in shown.items() if "point" in marks]
    raise InputRefused(
        "E-DECIMAL-MIXED",
        f"numbers have decimal commas in {', '.join(commas)} and decimal points in {', '.join(points)}",
        expected="one decimal mark in all files",
        to_fix="export the files with the same decimal mark",
    )


def _has_comma(column: Sequence[str]) -> bool:
    if isinstance(column, LongTexts):
        import pyarrow.compute as pc

        return any(pc.any(pc.match_substring(chunk, ",")).as_py() for chunk in column.chunks.chunks)
    return any("," in text for text in tally(column))


def _marks(table: TextTable) -> set[str]:
    """Return the decimal marks that columns of numbers show in one file."""
    marks = {shown_mark(_numbers(column)) for column in table.columns}
    return {mark for mark in marks if mark}


def _numbers(column: Sequence[str]) -> list[NumberText]:
    """Return what the texts of a column of numbers say; nothing of another column."""
    numbers = []
    for text in _distinct(column):
        number = read_number(text)
        if text and number.kind not in {"number", "censored", "spelling"}:
            return []
        numbers.append(number)
    return numbers


def _distinct(column: Sequence[str]) -> Iterable[str]:
    """Return every distinct text, or examples of all ways in which plain numbers are written."""
    if isinstance(column, LongTexts):
        return column.numbers.counts if column.numbers else column
    return tally(column)


def open_date_orders(files: Sequence[SourceTable]) -> list[Finding]:
    """Return a finding for every column whose dates show the order of day and month in some of the files only."""
    findings = []
    for name in files[0].table.names:
        orders = {file.name: _orders(_column(file.table, name)) for file in files}
        open_in = [file for file, fitting in orders.items() if len(fitting) > 1]
        if open_in and any(len(fitting) == 1 for fitting in orders.values()):
            text = f"column `{name}`: the order of day and month in {', '.join(open_in)} is that of the other files"
            advice = "check that all files write dates alike, and name the order with --date-order"
            findings.append(Finding("W-DATE-FILES", "caution", text, advice, len(open_in), name))
    return findings


def _column(table: TextTable, name: str) -> Sequence[str]:
    return table.columns[table.names.index(name)]


def _orders(column: Sequence[str]) -> set[Order]:
    """Return the orders in which all dates of a column are days; none where they need no order, or are no dates."""
    first = [text for text in islice(column, _LOOKED_AT) if text]
    if not any(_needs_order(text) for text in first):
        return set()
    dates = [date for text in tally(column) if (date := read_date(text)) and date.form in _OPEN_FORMS]
    fitting: set[Order] = {"dmy", "mdy"}
    return {order for order in fitting if all(date.day(order) for date in dates)} if _differ(dates) else set()


def _needs_order(text: str) -> bool:
    date = read_date(text)
    return date is not None and date.form in _OPEN_FORMS


def _differ(dates: Sequence[DateText]) -> bool:
    return any(date.day("dmy") != date.day("mdy") for date in dates)
