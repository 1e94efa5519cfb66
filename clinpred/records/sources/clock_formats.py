"""Numbers that SAS, SPSS and Stata show as dates or times: which they are by their format, and their ISO text."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

Program = Literal["SAS", "SPSS", "Stata"]
ClockKind = Literal["day", "moment", "time", "period", "leap seconds", "none"]

_EPOCHS = {"SAS": datetime(1960, 1, 1), "SPSS": datetime(1582, 10, 14), "Stata": datetime(1960, 1, 1)}
_DAY = 86_400 * 10**6

_NAME = re.compile(r"(?P<name>[A-Z$_][A-Z0-9_]*?)[0-9]*(?:\.[0-9]*)?")
_SAS_DAYS = re.compile(
    r"DATE|(?:MMDDYY|DDMMYY|YYMMDD)[BCDNPSX]?|(?:YYMM|MMYY|YYQ|YYQR|YYQZ)[CDNPSX]?|MONYY|YYMON|YYWEEK[UVW]|WEEK[UVWX]?"
    r"|WEEKDAT[EX]|WORDDAT[EX]|JULIAN|JULDAY|PDJULG|PDJULI|YEAR|QTRR?|MONTH|MONNAME|DAY|DOWNAME|WEEKDAY|NENGO|MINGUO"
    r"|(?:IS8601|E8601|B8601)DA|(?:NL|EUR)D[A-Z]*DATE[A-Z]*|NLDATE[A-Z]*|EURDF[A-Z]+"
)
_SAS_MOMENTS = re.compile(
    r"DATETIME|DATEAMPM|MDYAMPM|DT(?:DATE|MONYY|WKDATX|YEAR|YYQC)|TOD(?:STAMP)?DT|NLDATM[A-Z]*"
    r"|(?:IS8601|E8601|B8601)D[TNZX]"
)
_SAS_TIMES = re.compile(r"TIME|TIMEAMPM|HHMM|HOUR|MMSS|TOD|NLTIM[A-Z]*|(?:IS8601|E8601|B8601)T[MZ]")
_SPSS_KINDS: dict[str, ClockKind] = {
    **dict.fromkeys(("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "QYR", "MOYR", "WKYR"), "day"),
    **dict.fromkeys(("DATETIME", "YMDHMS"), "moment"),
    **dict.fromkeys(("TIME", "DTIME", "MTIME"), "time"),
}
_STATA = re.compile(r"%-?(?P<base>t[cCdwmqhbg]|d)(?P<shown>.*)", re.DOTALL)
_STATA_CLOCK_ONLY = re.compile(r"[HhMSs:._AaPp]+")


def clock_kind(shown_as: str | None, program: Program) -> ClockKind:
    """Return what a number is by the format that the file gives it.

    ``period`` counts weeks, months, quarters, half-years or business days; ``leap seconds`` is Stata's ``%tC``.

    Examples
    --------
    >>> clock_kind("DATE9", "SAS"), clock_kind("E8601DT19.3", "SAS"), clock_kind("BEST12", "SAS")
    ('day', 'moment', 'none')
    >>> clock_kind("%tdDD/NN/CCYY", "Stata"), clock_kind("%tcHH:MM", "Stata"), clock_kind("%tm", "Stata")
    ('day', 'time', 'period')
    """
    if not shown_as:
        return "none"
    if program == "Stata":
        return _stata_kind(shown_as)
    named = _NAME.fullmatch(shown_as.upper())
    if named is None:
        return "none"
    return _SPSS_KINDS.get(named["name"], "none") if program == "SPSS" else _sas_kind(named["name"])


def clock_texts(values: Sequence[float | None], kind: ClockKind, program: Program) -> list[str | None]:
    """Return dates, moments and times of day as ISO text; empty where missing, None where the calendar has no such day.

    Parameters
    ----------
    values : sequence of float or None
        As the file holds them: days (SAS, Stata), seconds (SAS, SPSS) or milliseconds (Stata) since the program's first
        day, 1960-01-01 or, for SPSS, 1582-10-14. Times are seconds (Stata: milliseconds) since midnight.
    kind : {"day", "moment", "time"}
        What they are.
    program : {"SAS", "SPSS", "Stata"}
        Whose numbers they are.

    Examples
    --------
    >>> clock_texts([0.0, None, 23130.0], "day", "SAS"), clock_texts([1e12], "moment", "Stata")
    (['1960-01-01', '', '2023-04-30'], ['1991-09-09T01:46:40'])
    """
    text_of = {value: _text(value, kind, program) for value in set(values) if value is not None}
    return ["" if value is None else text_of[value] for value in values]


def _sas_kind(name: str) -> ClockKind:
    if _SAS_DAYS.fullmatch(name):
        return "day"
    if _SAS_MOMENTS.fullmatch(name):
        return "moment"
    return "time" if _SAS_TIMES.fullmatch(name) else "none"


def _stata_kind(shown_as: str) -> ClockKind:
    found = _STATA.fullmatch(shown_as)
    if found is None:
        return "none"
    if found["base"] == "tC":
        return "leap seconds"
    if found["base"] == "tc":
        return "time" if _STATA_CLOCK_ONLY.fullmatch(found["shown"]) else "moment"
    return "day" if found["base"] in {"td", "d"} else "none" if found["base"] == "tg" else "period"


def _text(value: float, kind: ClockKind, program: Program) -> str | None:
    try:
        since = _microseconds(value, kind, program)
        if kind == "time":
            return _clock(since)
        moment = _EPOCHS[program] + timedelta(microseconds=since)
    except (OverflowError, ValueError):
        return None
    if kind == "day" and since % _DAY == 0:
        return moment.date().isoformat()
    return _without_zeros(moment.isoformat())


def _microseconds(value: float, kind: ClockKind, program: Program) -> int:
    """Return whole microseconds; SPSS counts from 1582 in floats, which hold no more than five decimals of a second."""
    if program == "Stata" and kind != "day":
        return round(value * 1000)
    if program == "SPSS":
        return round(value * 10**5) * 10
    return round(value * (_DAY if kind == "day" else 10**6))


def _clock(since: int) -> str:
    seconds, fraction = divmod(abs(since), 10**6)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return _without_zeros(f"{'-' if since < 0 else ''}{hours:02d}:{minutes:02d}:{seconds:02d}.{fraction:06d}")


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
