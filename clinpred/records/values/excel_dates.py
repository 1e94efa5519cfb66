"""Dates as the numbers of days that Excel counts: recognised by the column's name or its other cells, and asked."""

from collections.abc import Mapping
from datetime import date, timedelta

from clinpred.records.id_names import looks_like_date
from clinpred.records.values.cells import Cells
from clinpred.records.values.dates import DateText
from clinpred.records.values.missing_words import is_missing_word
from clinpred.records.values.numbers import NumberText

EXCELS = "Excel's"
_FIRST_DAYS = {"1900": date(1899, 12, 30), "1904": date(1904, 1, 1)}
# From 1902 to 2099 in the system of 1900.
_LOWEST, _HIGHEST = 1000, 73050


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
        E-EXCEL-DATE: ``system`` is not said.
    """
    days = {text for text, number in numbers.items() if _is_day_number(number)}
    others = {text for text in cells.counts if text not in days and text not in dates and not is_missing_word(text)}
    if not days or others or not (dates or looks_like_date(cells.column)):
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
