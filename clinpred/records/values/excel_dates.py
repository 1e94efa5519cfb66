"""Dates as the numbers of days that Excel counts: recognised by the column's name or its other cells, and asked."""

from collections.abc import Mapping
from datetime import date, timedelta
from shlex import quote

from clinpred.records.id_names import looks_like_date
from clinpred.records.values.cells import Cells
from clinpred.records.values.dates import DateText
from clinpred.records.values.missing_words import is_missing_word
from clinpred.records.values.numbers import NumberText

EXCELS = "Excel's"
_FIRST_DAYS = {"1900": date(1899, 12, 30), "1904": date(1904, 1, 1)}
# From 1902 to 2099 in the system of 1900.
_LOWEST, _HIGHEST = 1000, 73050
# As days these would lie from 1905 on, before any record: years, beside dates that are written out.
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def excel_days(
    cells: Cells, numbers: Mapping[str, NumberText], dates: Mapping[str, DateText], *, system: str | None
) -> dict[str, DateText]:
    """Return the dates that Excel's day numbers stand for; none where the column is not one of dates.

    Parameters
    ----------
    cells, numbers, dates
        The column, and what each of its distinct texts says as a number or a date.
    system : {"1900", "1904"}, optional
        The year from which Excel counted, where the analyst said so.

    Raises
    ------
    InputRefused
        E-EXCEL-DATE: ``system`` is not said. E-DATE: years alone stand among dates.
    """
    days = {text for text, number in numbers.items() if _is_day_number(number)}
    others = {text for text in cells.counts if text not in days and text not in dates and not is_missing_word(text)}
    if not days or others or not (dates or looks_like_date(cells.column)):
        return {}
    years = {text for text in days if _FIRST_YEAR <= int(text) <= _LAST_YEAR}
    if years and dates:
        raise cells.refuse(
            "E-DATE",
            years,
            "a year alone, among whole dates",
            expected="whole dates, such as year-month-day",
            to_fix=f"export whole dates, or read each year as missing with --missing {quote(f'{cells.column}=YEAR')}",
        )
    if years == days:
        return {}
    if system is None:
        raise cells.refuse(
            "E-EXCEL-DATE",
            days,
            "a number of days as Excel counts, where dates are expected",
            expected="dates as year-month-day, or the year named from which Excel counts",
            to_fix="say --excel-dates 1900 (Windows) or --excel-dates 1904 (old Mac workbooks)",
        )
    return {text: _day(int(text), _FIRST_DAYS[system]) for text in days}


def _is_day_number(number: NumberText) -> bool:
    if number.kind != "number" or not number.digits.isdecimal():
        return False
    return _LOWEST <= int(number.digits) <= _HIGHEST


def _day(count: int, first: date) -> DateText:
    day = first + timedelta(days=count)
    return DateText(EXCELS, "", (day.day, day.month, day.year))
