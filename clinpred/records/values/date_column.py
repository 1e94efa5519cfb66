"""A column of dates: the order of day and month is settled by any of its rows, else asked, never guessed."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.id_names import looks_like_birth
from clinpred.records.values.cells import Cells, counted
from clinpred.records.values.dates import PIVOT, DateText, Order, is_zero_date
from clinpred.records.values.missing_words import is_missing_word, missing_advice, spelled

_PLACEHOLDERS = {
    *("0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01"),
    *("2099-12-31", "2999-12-31", "3000-01-01", "9999-12-31"),
}
_IN_WORDS = {"dmy": "day-month-year", "mdy": "month-day-year", "ymd": "year-month-day"}
_FIX = "correct them in the export, or leave them empty where they are missing"

Dates = Mapping[str, DateText]


@dataclass(frozen=True, eq=False)
class DateColumn:
    """The dates of a column as ISO text, None where missing, with what was noticed and decided."""

    values: NDArray[np.object_]
    findings: tuple[Finding, ...]
    decisions: Mapping[str, str]


def is_date_column(cells: Cells, dates: Dates) -> bool:
    """Whether all that is there is a date in form or a word for "missing", and half of it or more can be a day."""
    if not dates or any(
        text not in dates and not is_zero_date(text) and not is_missing_word(text) for text in cells.counts
    ):
        return False
    possible = cells.total({text for text, found in dates.items() if _is_possible(found)})
    return 2 * possible >= cells.total(dates)


def date_column(cells: Cells, dates: Dates, *, asked: Order | None, latest_year: int | None) -> DateColumn:
    """Return the column's dates.

    Parameters
    ----------
    cells, dates : Cells, mapping of str to DateText
        The column, and what each of its distinct dates says.
    asked : {"dmy", "mdy", "ymd"}, optional
        The order that the analyst decided on.
    latest_year : int, optional
        The latest year among the export's other dates: no one is born after it.

    Raises
    ------
    InputRefused
        E-DATE: no day of the calendar. E-DATE-AMBIGUOUS: nothing settles the order, the century or the time zone.
    """
    orders = _orders(cells, dates, asked)
    latest = _latest_year(cells, dates, latest_year)
    days = {text: found.day(orders[_group(found)], latest_year=latest) for text, found in dates.items()}
    impossible = {text for text, day in days.items() if day is None}
    if impossible:
        raise _no_day(cells, impossible)
    findings, decisions = _said(cells, dates, orders, latest=latest)
    timed = _with_times(cells, dates)
    iso = {
        text: (dates[text].moment(day) if timed else day.isoformat()) for text, day in days.items() if day is not None
    }
    findings += _placeholders(cells, iso)
    values = cells.texts.coded().spread({text: iso.get(repaired) for text, repaired in cells.repaired.items()})
    return DateColumn(values, tuple(findings), {**cells.decisions, **decisions})


def _group(found: DateText) -> tuple[str, str]:
    return found.form, found.mark


def _is_possible(found: DateText) -> bool:
    return any(found.day(order) for order in found.orders)


def _orders(cells: Cells, dates: Dates, asked: Order | None) -> dict[tuple[str, str], Order]:
    """Return the order of each form of date that the column holds; the forms must not contradict each other."""
    groups: dict[tuple[str, str], dict[str, DateText]] = defaultdict(dict)
    for text, found in dates.items():
        groups[_group(found)][text] = found
    orders = {group: _order(cells, members, asked) for group, members in groups.items()}
    numbered = {order for (form, _), order in orders.items() if form in {"year last", "short year"}}
    if len(numbered) > 1:
        raise _ambiguous(cells, set(dates), "written with the day first in some rows and otherwise in others")
    return orders


def _order(cells: Cells, members: Dates, asked: Order | None) -> Order:
    orders = next(iter(members.values())).orders
    if len(orders) == 1:
        return orders[0]
    if asked in orders:
        return asked
    impossible = {text for text, found in members.items() if not _is_possible(found)}
    if impossible:
        raise _no_day(cells, impossible)
    fitting = [order for order in orders if all(found.day(order) for found in members.values())]
    if "ymd" in fitting and len(fitting) > 1 and _varies_most_first(members):
        fitting.remove("ymd")
    if not fitting:
        raise _ambiguous(cells, set(members), "written with the day first in some rows and the month first in others")
    if len({tuple(found.day(order) for found in members.values()) for order in fitting}) > 1:
        raise _ambiguous(cells, set(members), "a date whose day and month could be exchanged")
    return fitting[0]


def _varies_most_first(members: Dates) -> bool:
    """Whether the first part takes more values than the last, as days do beside years."""
    return len({found.parts[0] for found in members.values()}) > len({found.parts[2] for found in members.values()})


def _latest_year(cells: Cells, dates: Dates, latest_year: int | None) -> int:
    short = {text for text, found in dates.items() if found.short_year}
    if not short or not looks_like_birth(cells.column):
        return 2000 + PIVOT - 1
    if latest_year is None:
        raise _ambiguous(cells, short, "a date of birth without a century, and no other date tells it")
    return latest_year


def _with_times(cells: Cells, dates: Dates) -> bool:
    """Whether times of day are kept: not where all are midnight, as in dates that a database wrote with its clock."""
    clocks = {found.clock for found in dates.values()}
    zoned = {text for text, found in dates.items() if found.zone}
    unzoned = {text for text, found in dates.items() if found.clock and not found.zone}
    if zoned and unzoned:
        raise _ambiguous(cells, unzoned, "a time without a zone among times with one")
    return bool(zoned) or any(set(clock) - set("0:.") for clock in clocks)


def _said(
    cells: Cells, dates: Dates, orders: Mapping[tuple[str, str], Order], *, latest: int
) -> tuple[list[Finding], dict[str, str]]:
    findings = _missing_words(cells)
    decisions: dict[str, str] = {}
    settled = {order for (form, _), order in orders.items() if form in {"year last", "short year"}}
    if settled:
        decisions["date_order"] = next(iter(settled))
    if len(orders) > 1:
        what = f"dates are written in {len(orders)} forms, each read by its own"
        findings.append(cells.note("W-DATE-MIXED", what, advice="write one form of date", caution=True))
    short = cells.total({text for text, found in dates.items() if found.short_year})
    if short:
        order, century = _IN_WORDS[next(iter(settled), "dmy")], f"{latest - 99} to {latest}"
        decisions["two_digit_years"] = century
        what = f"{counted(short, 'year')} of two digits read as {century}, in the order {order}"
        advice = "write years with four digits"
        findings.append(cells.note("W-DATE-2DIGIT", what, advice=advice, count=short, caution=True))
    zoned = cells.total({text for text, found in dates.items() if found.zone not in {"", "Z"}})
    if zoned:
        decisions["time_zone"] = "UTC"
        what = f"{counted(zoned, 'time')} of other zones turned into UTC"
        findings.append(cells.note("W-TZ", what, advice="check that the day is the one meant", count=zoned))
    return findings, decisions


def _missing_words(cells: Cells) -> list[Finding]:
    words = {text: count for text, count in cells.counts.items() if is_missing_word(text)}
    if not words:
        return []
    what = f"words among its dates are read as missing ({spelled(words)})"
    advice, is_caution = missing_advice(words)
    return [cells.note("W-NA-SPELLING", what, advice=advice, count=sum(words.values()), caution=is_caution)]


def _placeholders(cells: Cells, iso: Mapping[str, str]) -> list[Finding]:
    zeros = cells.total({text for text in cells.counts if is_zero_date(text)})
    stand_ins = cells.total({text for text, moment in iso.items() if moment[:10] in _PLACEHOLDERS})
    if not zeros and not stand_ins:
        return []
    parts = [f"{counted(zeros, 'date')} of zeros read as missing"] if zeros else []
    parts += [f"{counted(stand_ins, 'date')} that may well stand for none, kept as written"] if stand_ins else []
    advice = f"where they stand for none, read them so with --missing {quote(f'{cells.column}=DATE')}"
    return [cells.note("W-DATE-PLACEHOLDER", "; ".join(parts), advice=advice, count=zeros + stand_ins, caution=True)]


def _no_day(cells: Cells, values: set[str]) -> InputRefused:
    expected = "dates that exist, such as year-month-day"
    return cells.refuse("E-DATE", values, "no day of the calendar", expected=expected, to_fix=_FIX)


def _ambiguous(cells: Cells, values: set[str], that: str) -> InputRefused:
    expected = "dates that can be read one way only, such as year-month-day"
    to_fix = "name the order with --date-order dmy or --date-order mdy, or export the dates as year-month-day"
    return cells.refuse("E-DATE-AMBIGUOUS", values, that, expected=expected, to_fix=to_fix)
