"""Text to records, in time proportional to the text: every cell as written, every record with its line."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

Escape = Literal["doubled", "backslash"]

_BREAK = re.compile(r"\r\n|\r|\n")
_PAIR = re.compile(r"\\(.)", re.DOTALL)
_LONGEST_FIELD = 2**31 - 1


@dataclass(frozen=True)
class Dialect:
    """How the cells of a text export are written; ``decimal`` is left to those who read the values."""

    encoding: str = "utf-8"
    delimiter: str | None = ","
    quote: str | None = None
    escape: Escape = "doubled"
    decimal: Literal["comma", "point"] | None = None


@dataclass(frozen=True)
class Records:
    """The records of a text: cells, first lines, line breaks inside cells, and whether the last line was ended.

    ``breaks`` has the records that span several lines; ``n_blanks`` counts the blanks found around quotes.
    """

    rows: list[list[str]]
    lines: Sequence[int]
    ended: bool
    breaks: Mapping[int, int] = field(default_factory=dict)
    n_blanks: int = 0


class QuoteFault(Exception):
    """A quoted cell that does not end where a cell can end."""

    def __init__(self, line: int, n_breaks: int, *, closed: bool) -> None:
        self.line = line
        self.n_breaks = n_breaks
        self.closed = closed
        super().__init__(line)


def lines_of(text: str) -> list[str]:
    """Return the lines, whichever of the three line ends each has, without an empty one after the last end."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def split_records(lines: list[str], delimiter: str, *, ended: bool) -> Records:
    """Return the records of text without quotes: one a line.

    Examples
    --------
    >>> split_records(["a;b", "1;2"], ";", ended=True).rows
    [['a', 'b'], ['1', '2']]
    """
    return Records([line.split(delimiter) for line in lines], range(1, len(lines) + 1), ended)


def scan_records(text: str, dialect: Dialect) -> Records:
    r"""Return the records of text with quotes; a quote inside a cell that does not start with one is a character.

    Raises
    ------
    QuoteFault
        A quoted cell is never closed, or something other than blanks follows its closing quote.

    Examples
    --------
    >>> scan_records('a,b\n"x, y",5" tall\n', Dialect(quote='"')).rows
    [['a', 'b'], ['x, y', '5" tall']]
    """
    if dialect.escape == "doubled" and f"{dialect.delimiter} " not in text:
        try:
            return _by_the_standard_library(text, dialect)
        except csv.Error:
            pass  # the scanner below finds the same fault, and its line
    return _by_hand(text, dialect)


def ends_with_break(text: str) -> bool:
    """Whether the last line of the text was ended."""
    return text.endswith(("\n", "\r"))


def _by_the_standard_library(text: str, dialect: Dialect) -> Records:
    limit = csv.field_size_limit(_LONGEST_FIELD)
    try:
        reader = csv.reader(
            io.StringIO(text, newline=""), strict=True, delimiter=dialect.delimiter or ",", quotechar=dialect.quote
        )
        rows, last_lines = [], [0]
        for row in reader:
            rows.append(row or [""])
            last_lines.append(reader.line_num)
    finally:
        csv.field_size_limit(limit)
    spans = pairwise(last_lines)
    breaks = {at: last - before - 1 for at, (before, last) in enumerate(spans) if last - before > 1}
    return Records(rows, [line + 1 for line in last_lines[:-1]], ends_with_break(text), breaks)


def _by_hand(text: str, dialect: Dialect) -> Records:
    rows: list[list[str]] = [[]]
    lines = [1]
    breaks: dict[int, int] = {}
    n_blanks = 0
    for cell, n_breaks, blanks, end in _cells(text, dialect):
        rows[-1].append(cell)
        n_blanks += blanks
        if n_breaks:
            breaks[len(rows) - 1] = breaks.get(len(rows) - 1, 0) + n_breaks
        if end:
            lines.append(lines[-1] + 1 + breaks.get(len(rows) - 1, 0))
            rows.append([])
    ended = rows[-1] in ([], [""])
    if ended:
        rows.pop(), lines.pop()
    return Records(rows, lines, ended, breaks, n_blanks)


def _cells(text: str, dialect: Dialect) -> Iterator[tuple[str, int, int, bool]]:
    """Yield each cell, its line breaks, the blanks around its quotes, and whether it ends its record."""
    quoted, plain = _patterns(dialect)
    at, line = 0, 1
    while at <= len(text):
        found = quoted.match(text, at)
        n_breaks = blanks = 0
        if found is None:
            found = plain.match(text, at)
            cell = found.group() if found else ""
            _refuse_open_quote(text, at, line=line, dialect=dialect, cell=cell)
        else:
            cell = _unescaped(found.group(2), dialect)
            n_breaks = len(_BREAK.findall(cell))
            blanks = int(bool(found.group(1) or found.group(3)))
        after = _BREAK.match(text, found.end() if found else at)
        yield cell, n_breaks, blanks, after is not None
        line += n_breaks + (after is not None)
        at = after.end() if after else (found.end() if found else at) + 1


def _patterns(dialect: Dialect) -> tuple[re.Pattern[str], re.Pattern[str]]:
    delimiter, quote = re.escape(dialect.delimiter or ","), dialect.quote or '"'
    blank = "[ ]" if dialect.delimiter == "\t" else "" if dialect.delimiter == " " else r"[ \t]"
    blanks = f"({blank}*+)" if blank else "()"
    if dialect.escape == "backslash":
        inside = rf"[^{quote}\\]*+(?:(?:\\.|{quote}{quote})[^{quote}\\]*+)*+"
    else:
        inside = f"[^{quote}]*+(?:{quote}{quote}[^{quote}]*+)*+"
    quoted = rf"{blanks}{quote}({inside}){quote}{blanks}(?={delimiter}|\r|\n|\Z)"
    return re.compile(quoted, re.DOTALL), re.compile(rf"[^{delimiter}\r\n]*+")


def _unescaped(cell: str, dialect: Dialect) -> str:
    quote = dialect.quote or '"'
    if dialect.escape == "backslash":
        kept = {quote: quote, "\\": "\\"}
        return _PAIR.sub(lambda pair: kept.get(pair[1], pair[0]), cell).replace(quote * 2, quote)
    return cell.replace(quote * 2, quote)


def _refuse_open_quote(text: str, at: int, *, line: int, dialect: Dialect, cell: str) -> None:
    quote = dialect.quote or '"'
    if not cell.lstrip(" \t").startswith(quote):
        return
    start = text.index(quote, at)
    single = re.compile(rf"(?<!{quote}){quote}(?!{quote})")
    close = single.search(text, start + 1)
    n_breaks = len(_BREAK.findall(text, start, close.start() if close else len(text.rstrip("\r\n"))))
    raise QuoteFault(line, n_breaks, closed=close is not None)
