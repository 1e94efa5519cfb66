"""What one text says as a date: its form, its three parts, its time of day; their order is settled by the column."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Literal

Order = Literal["dmy", "mdy", "ymd"]

PIVOT = 69
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OTHER_MONTHS = {
    **dict.fromkeys(("jän", "jänner", "janv", "janvier", "januar"), 1),
    **dict.fromkeys(("févr", "fevr", "février", "fevrier", "februar"), 2),
    **dict.fromkeys(("mär", "märz", "mrz", "maerz", "mars"), 3),
    **dict.fromkeys(("avr", "avril"), 4),
    **dict.fromkeys(("mai",), 5),
    **dict.fromkeys(("juin", "juni"), 6),
    **dict.fromkeys(("juil", "juillet", "juli"), 7),
    **dict.fromkeys(("août", "aout"), 8),
    **dict.fromkeys(("septembre",), 9),
    **dict.fromkeys(("okt", "oktober", "octobre"), 10),
    **dict.fromkeys(("novembre",), 11),
    **dict.fromkeys(("dez", "dezember", "déc", "décembre", "decembre"), 12),
}
_MONTH = (
    rf"(?:(?P<other>{'|'.join(sorted(_OTHER_MONTHS, key=len, reverse=True))})"
    r"|(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\.?"
)
_TIME = (
    r"(?:[T ,]\s*(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)\s*(?P<half>[ap]\.?m\.?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_ONE_OR_TWO = "[0-9]{1,2}"
_YEAR_FIRST = re.compile(
    rf"(?P<a>[0-9]{{4}})(?P<mark>[-/.])(?P<b>{_ONE_OR_TWO})(?P=mark)(?P<c>{_ONE_OR_TWO}){_TIME}", re.I
)
_YEAR_LAST = re.compile(
    rf"(?P<a>{_ONE_OR_TWO})(?P<mark>[-/.])(?P<b>{_ONE_OR_TWO})(?P=mark)(?P<c>[0-9]{{4}}){_TIME}", re.I
)
# D.M.YY without zeros is how versions and paragraphs are numbered as well; with slashes it is a date.
_SHORT_YEAR = re.compile(
    rf"(?P<a>[0-9]{{2}}|[0-9](?=/))(?P<mark>[-/.])(?P<b>[0-9]{{2}}|[0-9](?=/))(?P=mark)(?P<c>[0-9]{{2}}){_TIME}", re.I
)
# SAS writes a colon between day and time.
_TIME_AFTER_NAME = _TIME.replace("[T ,]", "[T ,:]")
_DAY_MONTH_NAME = re.compile(
    rf"(?P<a>[0-9]{{1,2}})(?:[-/. ]|\. )?{_MONTH}[-/., ]?\s?(?P<c>[0-9]{{4}}|[0-9]{{2}}){_TIME_AFTER_NAME}", re.I
)
_MONTH_NAME_DAY = re.compile(rf"{_MONTH} (?P<a>[0-9]{{1,2}}),? (?P<c>[0-9]{{4}}){_TIME}", re.I)
_ISO_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ZERO = re.compile(r"(?:0000([-/.])00\1(?:00)|00([-/.])00\2(?:0000|00))(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_NUMBERED = ((_YEAR_FIRST, "year first"), (_YEAR_LAST, "year last"), (_SHORT_YEAR, "short year"))


@dataclass(frozen=True)
class DateText:
    """A text in the form of a date.

    Parameters
    ----------
    form : str
        ``year first``, ``year last``, ``short year``, ``named`` (the month has its name) or ``Excel's`` (a day number).
    mark : str
        What stands between the parts.
    parts : tuple of int
        The three parts from left to right; of the last two forms day, month, year.
    short_year : bool
        Whether the year has two digits.
    clock, zone : str
        Time of day as ``HH:MM`` or longer, and its zone as ``Z`` or ``+HH:MM``; empty where there is none.
    """

    form: str
    mark: str
    parts: tuple[int, int, int]
    short_year: bool = False
    clock: str = ""
    zone: str = ""

    @property
    def orders(self) -> tuple[Order, ...]:
        """The orders that the parts can have."""
        if self.form == "year first":
            return ("ymd",)
        if self.form == "short year":
            return ("dmy", "mdy", "ymd")
        return ("dmy", "mdy") if self.form == "year last" else ("dmy",)

    def day(self, order: Order, *, latest_year: int = 2000 + PIVOT - 1) -> date | None:
        """Return the day of the calendar in this order, or None where there is none.

        A two-digit year is the last one up to ``latest_year`` that ends so.
        """
        a, b, c = self.parts
        year, month, day = {"dmy": (c, b, a), "mdy": (c, a, b), "ymd": (a, b, c)}[order]
        if self.short_year:
            year = latest_year - (latest_year - year) % 100
        try:
            if self.clock:
                time.fromisoformat(self.clock)
            return date(year, month, day)
        except ValueError:
            return None

    def moment(self, day: date) -> str:
        """Return day and time of day as ISO text, in UTC where a zone is given."""
        if not self.clock:
            return day.isoformat()
        if not self.zone or self.zone == "Z":
            return f"{day.isoformat()}T{self.clock}{self.zone}"
        sign = -1 if self.zone[0] == "-" else 1
        offset = sign * timedelta(hours=int(self.zone[1:3]), minutes=int(self.zone[-2:]))
        there = datetime.combine(day, time.fromisoformat(self.clock), tzinfo=timezone(offset))
        return there.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def read_date(text: str) -> DateText | None:
    """Return what a text says as a date, None where it is not in the form of one.

    Examples
    --------
    >>> read_date("2023-02-30").parts, read_date("7/5/23 14:30").form, read_date("7 May 2023").parts
    ((2023, 2, 30), 'short year', (7, 5, 2023))
    >>> read_date("6. August 2023").parts, read_date("14 févr. 2022").parts, read_date("06AUG2023:08:30:00").clock
    ((6, 8, 2023), (14, 2, 2022), '08:30:00')
    >>> read_date("1-2"), read_date("24:00"), read_date("1.2.34")
    (None, None, None)
    """
    if not text[:1].isalnum() or len(text) < 6:
        return None
    if _ISO_DAY.fullmatch(text):
        return DateText("year first", "-", (int(text[:4]), int(text[5:7]), int(text[8:])))
    for pattern, form in _NUMBERED:
        found = pattern.fullmatch(text)
        if found:
            parts = (int(found["a"]), int(found["b"]), int(found["c"]))
            return DateText(form, found["mark"], parts, form == "short year", *_time_of(found))
    found = _DAY_MONTH_NAME.fullmatch(text) or _MONTH_NAME_DAY.fullmatch(text)
    if not found:
        return None
    parts = (int(found["a"]), _month_of(found), int(found["c"]))
    return DateText("named", " ", parts, len(found["c"]) == 2, *_time_of(found))


def read_compact_date(text: str) -> DateText | None:
    """Return what eight digits say as year, month and day, None for another text.

    Examples
    --------
    >>> read_compact_date("20230507").parts, read_compact_date("2023-05-07")
    ((2023, 5, 7), None)
    """
    if len(text) != 8 or not (text.isascii() and text.isdecimal()):
        return None
    return DateText("year first", "", (int(text[:4]), int(text[4:6]), int(text[6:])))


def is_zero_date(text: str) -> bool:
    """Whether a text is a date of zeros, which databases write for none.

    Examples
    --------
    >>> is_zero_date("0000-00-00"), is_zero_date("00/00/0000"), is_zero_date("2000-01-01")
    (True, True, False)
    """
    return text.startswith("00") and bool(_ZERO.fullmatch(text))


def _month_of(found: re.Match[str]) -> int:
    if found["other"]:
        return _OTHER_MONTHS[found["other"].casefold()]
    return _MONTHS.index(found["month"].casefold()) + 1


def _time_of(found: re.Match[str]) -> tuple[str, str]:
    """Return the time of day on a 24-hour clock and the zone; what is no time stays as it is, and fails as a date."""
    clock, half, zone = found["clock"], found["half"], (found["zone"] or "").upper()
    if not clock:
        return "", ""
    hour, _, rest = clock.replace(",", ".").partition(":")
    if half:
        hour = str(int(hour) % 12 + 12 * (half[0] in "pP")) if 1 <= int(hour) <= 12 else "99"
    if zone in {"UTC", "GMT", "+00:00", "+0000", "-00:00"}:
        zone = "Z"
    return f"{int(hour):02d}:{rest}", zone
