"""What a spreadsheet's number format makes of a number: a day, a time, an id with leading zeros, or just the number."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

Epoch = Literal["1900", "1904"]
FormatKind = Literal["number", "date", "date-time", "time", "duration", "id"]

# The formats that a file names by number only (ECMA-376 part 1, 18.8.30; 27 to 36 and 50 to 58 are of East Asia).
_DATES = {14, 15, 16, 17, *range(27, 32), 36, *range(50, 55), 57, 58}
_TIMES = {18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56}
_TOKEN = re.compile(r'"([^"]*)"?|\\(.)|[_*].|\[([^\]]*)\]|(.)', re.DOTALL)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_HALF_DAYS = re.compile(r"am/pm|a/p", re.IGNORECASE)
_LAST_DAY = date(9999, 12, 31).toordinal()
_FIRST_DAYS: dict[Epoch, date] = {"1900": date(1899, 12, 30), "1904": date(1904, 1, 1)}
_DAY_MS = 86_400_000
_LONGEST_PLAIN = 10.0**21
ZERO_DAY = "0000-00-00"


@dataclass(frozen=True)
class NumberFormat:
    """What a number format shows; ``pattern`` has an id's digits as zeros, with the signs between them."""

    kind: FormatKind = "number"
    pattern: str = ""


GENERAL = NumberFormat()


def numbered_format(number: int) -> NumberFormat:
    """Return a format that the file names by its number only."""
    if number in _DATES:
        return NumberFormat("date")
    if number == 22:
        return NumberFormat("date-time")
    if number == 46:
        return NumberFormat("duration")
    return NumberFormat("time") if number in _TIMES else GENERAL


def number_format(code: str) -> NumberFormat:
    r"""Return what a format code shows of a positive number.

    Examples
    --------
    >>> [number_format(code).kind for code in ("yyyy-mm-dd", "d/m/yy h:mm", "[h]:mm", "mm:ss.0", '0.0" mmol/d"')]
    ['date', 'date-time', 'duration', 'time', 'number']
    >>> number_format('000\\-000'), number_format("0.00E+00").kind, number_format("[Red]General").kind
    (NumberFormat(kind='id', pattern='000-000'), 'number', 'number')
    """
    pattern, signs, elapsed = "", "", False
    for quoted, escaped, bracket, sign in _TOKEN.findall(code):
        if sign == ";":
            break
        elapsed |= bool(_ELAPSED.fullmatch(bracket))
        pattern += quoted or escaped or sign
        signs += sign
    if elapsed:
        return NumberFormat("duration")
    signs = _HALF_DAYS.sub("h", signs.lower())
    if "general" in signs:
        return GENERAL
    moment = _moment(set(signs))
    if moment:
        return NumberFormat(moment)
    if not set(signs) - set("0- ()/") and signs.count("0") > 1 and pattern.count("0") == signs.count("0"):
        return NumberFormat("id", pattern)
    return GENERAL


def _moment(signs: set[str]) -> FormatKind | None:
    with_time = bool(signs & set("hs"))
    with_day = bool(signs & set("yd")) or ("m" in signs and not with_time)
    if with_day:
        return "date-time" if with_time else "date"
    return "time" if with_time else None


def number_text(written: str) -> str:
    """Return the shortest text that gives the same float back; whole numbers as the file has them.

    Examples
    --------
    >>> [number_text(text) for text in ("12", "5.0999999999999996", "1E-3", "7.0", "1.5E+17", "123456789012345678")]
    ['12', '5.1', '0.001', '7', '150000000000000000', '123456789012345678']
    """
    if written.isdecimal() and written.isascii() and (written[0] != "0" or written == "0"):
        return written
    text = repr(float(written))
    return text if text == written and text[-2:] != ".0" and "e" not in text else float_text(float(text))


def float_text(value: float) -> str:
    """Return the shortest text that gives the float back; large numbers without an exponent, up to 21 digits."""
    text = repr(value)
    if text.endswith(".0"):
        text = text[:-2]
    if "e" in text and 1 <= abs(value) < _LONGEST_PLAIN:
        text = format(Decimal(text), "f")
    return "0" if text == "-0" else text


def id_text(value: float, pattern: str) -> str | None:
    """Return a number as its format shows it, None where it is negative or not whole.

    Examples
    --------
    >>> id_text(12.0, "000000"), id_text(1234567.0, "000-000"), id_text(1.5, "000")
    ('000012', '1234-567', None)
    """
    if value < 0 or value != int(value):
        return None
    digits = str(int(value)).zfill(pattern.count("0"))
    n_more = len(digits) - pattern.count("0")
    shown = iter(digits[n_more:])
    first = pattern.index("0")
    rest = "".join(next(shown) if sign == "0" else sign for sign in pattern[first:])
    return pattern[:first] + digits[:n_more] + rest


def moment_text(serial: float, kind: FormatKind, epoch: Epoch) -> str | None:
    """Return a number of days as a day, a day with its time, or a time; None where there is no such day.

    In the system of 1900 the days before 1 March are counted as Excel shows them; its 29 February 1900 was none. Day 0
    is the one that stands for no date.

    Examples
    --------
    >>> moment_text(44970.0, "date", "1900"), moment_text(44970.0, "date", "1904"), moment_text(59.0, "date", "1900")
    ('2023-02-13', '2027-02-14', '1900-02-28')
    >>> moment_text(44970.25, "date-time", "1900"), moment_text(0.5, "time", "1900")
    ('2023-02-13T06:00:00', '12:00:00')
    >>> moment_text(1.5, "duration", "1900")
    '36:00:00'
    """
    if not 0 <= serial < _LAST_DAY:
        return None
    total = round(serial * _DAY_MS)
    days, clock = divmod(total, _DAY_MS)
    if kind == "duration":
        return _clock(total)
    if kind == "time" and days == 0:
        return _clock(clock)
    if days == 0 and epoch == "1900":
        return ZERO_DAY if not clock else None
    day = _day(days, epoch)
    if day is None or (not clock and kind == "date"):
        return day
    return f"{day}T{_clock(clock)}"


def _day(days: int, epoch: Epoch) -> str | None:
    first = _FIRST_DAYS[epoch]
    if epoch == "1900" and days <= 60:
        if days == 60:
            return None
        first += timedelta(days=1)
    return (first + timedelta(days=days)).isoformat() if first.toordinal() + days <= _LAST_DAY else None


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}" + (f".{rest:03d}" if rest else "")
