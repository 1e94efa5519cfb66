"""Where the table stands among the lines: preamble, header, rows, footer. Every line set aside is counted."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.text.blanks import BLANKS
from clinpred.records.text.dialect import bad_quote
from clinpred.records.text.scanner import Records
from clinpred.records.text.totals import end_without_totals, sums_among
from clinpred.settings.counts import counted

_FOOTER = re.compile(
    r"\(?\d+ ?(rows?|records?|lines?|patients?)\b.*|.*\b\d+ (rows?|records?|patients?)\b.*"
    r"|\(?\d+ (zeilen?|datensätze?|lignes?|enregistrements?|filas?|registros?|righe|rijen|rader)\b.*|eof"
    r"|(rows?|records?|lines?|patients?)\b.*\d.*"
    r"|(end of|total|source|note|notes|page|generated|exported|printed|created|confidential|footnote|©|\*|--).*",
    re.IGNORECASE | re.DOTALL,
)
_BREAK = re.compile(r"\r\n|\r|\n")
_LINES_NAMED = 5
_LONGEST_FOOTER = 300
# With fewer, one empty cell at the end is no sign that the file was cut there.
_FEWEST_ROWS = 10


@dataclass(frozen=True)
class Body:
    """The header's cells as written, the rows under it and their lines."""

    header: list[str]
    rows: list[list[str]]
    lines: Sequence[int]
    findings: tuple[Finding, ...] = ()


class _Line(NamedTuple):
    """A record with something on it; ``after_blank`` says whether a blank line stands before it."""

    cells: list[str]
    line: int
    after_blank: bool

    @property
    def n_filled(self) -> int:
        return sum(bool(cell.strip(BLANKS)) for cell in self.cells)

    @property
    def text(self) -> str:
        return " ".join(cell.strip(BLANKS) for cell in self.cells if cell.strip(BLANKS))

    @property
    def stripped(self) -> tuple[str, ...]:
        return tuple(cell.strip(BLANKS) for cell in self.cells)


@dataclass(frozen=True)
class _Lines:
    """Records and their lines side by side, so that a million rows make no million objects."""

    rows: list[list[str]]
    numbers: Sequence[int]
    after_blank: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, place: int) -> _Line:
        number = self.numbers[place]
        return _Line(self.rows[place], number, number in self.after_blank)

    def each(self) -> Iterator[_Line]:
        return map(self.at, range(len(self.rows)))

    def between(self, start: int, end: int) -> "_Lines":
        return _Lines(self.rows[start:end], self.numbers[start:end], self.after_blank)

    def without(self, places: Collection[int]) -> "_Lines":
        if not places:
            return self
        kept = [place for place in range(len(self.rows)) if place not in places]
        return _Lines([self.rows[place] for place in kept], [self.numbers[place] for place in kept], self.after_blank)


def lay_out(records: Records, name: str, *, delimiter: str, columns: Sequence[str] = (), n_own: int = 0) -> Body:
    """Return the table's header and rows; ``columns`` are the names of a table that has no header of its own.

    ``n_own`` blank lines are the reader's own and not counted.

    Raises
    ------
    InputRefused
        E-EMPTY, E-QUOTE, E-RAGGED, E-TRUNCATED, E-TWO-TABLES.
    """
    lines, n_blank = _filled(records)
    findings = _blank_lines(n_blank - n_own)
    if not lines:
        raise empty(name)
    width = Counter(map(len, lines.rows)).most_common(1)[0][0]
    _refuse_swallowed_lines(records, name, delimiter=delimiter, width=width)
    start = -1 if columns else _header_at(lines, width)
    header = list(columns) if columns else lines.rows[start]
    head, body = lines.between(0, start + 1), lines.between(start + 1, len(lines))
    findings += _preamble(head, name, width=width)
    repeated = _repeats(body, head)
    body = body.without({place for place, _ in repeated})
    end = _end_of_rows(body, name, width=width, ended=records.ended)
    table, footer = body.between(0, end), body.between(end, len(body))
    _refuse_ragged(table, name, width=width, header_width=len(header))
    sums = sums_among(table.rows)
    findings += _repeated([line for _, line in repeated]) + _sums([table.at(at) for at in sums])
    findings += _footers(list(footer.each()))
    table = table.without(set(sums))
    return Body(header, table.rows, table.numbers, tuple(findings))


def empty(name: str) -> InputRefused:
    """Return the refusal of a file without a table."""
    return InputRefused(
        "E-EMPTY",
        f"{name}: the file has no table",
        expected="a header and at least one row",
        to_fix="export again",
    )


def ragged(name: str, line: int, n_cells: int, width: int) -> InputRefused:
    """Return the refusal of a row with too few or too many cells."""
    return InputRefused(
        "E-RAGGED",
        f"{name}: line {line} has {counted(n_cells, 'cell')}",
        expected=f"{counted(width, 'cell')}, as in the header",
        to_fix="correct that line, or put double quotes around cells that hold a comma, and export again",
    )


def two_tables(name: str, line: int) -> InputRefused:
    """Return the refusal of a second table in the file."""
    return InputRefused(
        "E-TWO-TABLES",
        f"{name}: a second table starts on line {line}",
        expected="one table in a file",
        to_fix="put each table into a file of its own",
    )


def _filled(records: Records) -> tuple[_Lines, int]:
    """Return the records without blank lines, and the number of these.

    A line of delimiters only is a row without a value, but a blank line before the first filled row and after the last.
    """
    unfilled = [at for at, row in enumerate(records.rows) if not row[0].strip(BLANKS) and not any(map(_is_filled, row))]
    if not unfilled:
        return _Lines(records.rows, records.lines), 0
    known = set(unfilled)
    first = next((at for at in range(len(records.rows)) if at not in known), len(records.rows))
    last = next((at for at in range(len(records.rows) - 1, -1, -1) if at not in known), -1)
    blank = {at for at in unfilled if not first < at < last or len(records.rows[at]) == 1}
    after = frozenset(records.lines[at + 1] for at in blank if at + 1 < len(records.lines))
    return _Lines(records.rows, records.lines, after).without(blank), len(blank)


def _is_filled(cell: str) -> bool:
    return bool(cell.strip(BLANKS))


def _header_at(lines: _Lines, width: int) -> int:
    """Return which line is the header: the first that is as wide as the table and at least half filled.

    One cell less will do where every row has an empty cell, or the row's number, in excess.
    """
    for at, line in enumerate(lines.each()):
        if len(line.cells) == width and 2 * line.n_filled >= width:
            return at
        if 1 < len(line.cells) == width - 1 == line.n_filled and _has_excess(lines.rows[at + 1 :], width):
            return at
        if len(line.cells) == width + 1 and not _is_filled(line.cells[-1]) and line.n_filled == width:
            return at
    return 0


def _has_excess(rows: list[list[str]], width: int) -> bool:
    rows = [row for row in rows if len(row) == width]
    return not any(_is_filled(row[-1]) for row in rows) or is_row_number([row[0].strip(BLANKS) for row in rows])


def is_row_number(values: Sequence[str]) -> bool:
    """Whether the values count the rows, from 0 or from 1."""
    if not values or values[0] not in ("0", "1"):
        return False
    return all(value == str(row) for row, value in enumerate(values, start=int(values[0])))


def _preamble(head: _Lines, name: str, *, width: int) -> list[Finding]:
    if len(head) < 2:
        return []
    *lines, header = head.each()
    if sum(line.n_filled > 2 for line in lines) > 1:
        raise two_tables(name, header.line)
    for line in lines:
        if line.n_filled >= max(2, width - 1):
            raise ragged(name, header.line, len(header.cells), len(line.cells))
    text = f"{counted(len(lines), 'line')} before the header set aside"
    return [Finding("W-PREAMBLE", "note", text, "check that the header is the right line", len(lines))]


def _repeats(body: _Lines, head: _Lines) -> list[tuple[int, _Line]]:
    """Return the rows that repeat the header or what stands before it, with their places."""
    first = {line.stripped for line in head.each()}
    openings = {cells[0] for cells in first}
    places = [at for at, row in enumerate(body.rows) if row[0].strip(BLANKS) in openings] if openings else []
    return [(at, body.at(at)) for at in places if body.at(at).stripped in first]


def _end_of_rows(body: _Lines, name: str, *, width: int, ended: bool) -> int:
    """Return where the rows of the table end: lines of another width, and sums, may follow."""
    end = len(body)
    while end and len(body.rows[end - 1]) != width:
        end -= 1
    tail = list(body.between(end, len(body)).each())
    if tail and not ended and len(tail[-1].cells) < width and not _FOOTER.fullmatch(tail[-1].text[:_LONGEST_FOOTER]):
        raise _truncated(name, len(tail[-1].cells), width)
    for at, line in enumerate(tail):
        if not _FOOTER.fullmatch(line.text[:_LONGEST_FOOTER]):
            _refuse_second_table(tail[at : at + 2], name)
        if not _is_footer(line, width, after_footer=at > 0):
            raise ragged(name, line.line, len(line.cells), width)
    if not ended and not tail and _lost_its_last_cell(body.rows):
        raise _truncated(name, width - 1, width)
    return _end_without_footers(body.rows[:end])


def _lost_its_last_cell(rows: list[list[str]]) -> bool:
    """Whether the last cell of all is empty, and no other of its column is."""
    return len(rows) >= _FEWEST_ROWS and not _is_filled(rows[-1][-1]) and all(_is_filled(row[-1]) for row in rows[:-1])


def _end_without_footers(rows: list[list[str]]) -> int:
    """Return how many rows there are before the last ones, which add the others up or hold a remark and empty cells."""
    end = end_without_totals(rows)
    while end > 1 and _is_padded_footer(rows[end - 1]) and not _FOOTER.fullmatch(rows[0][0].strip(BLANKS)):
        end = end_without_totals(rows[: end - 1])
    return end


def _is_padded_footer(row: list[str]) -> bool:
    filled = [cell.strip(BLANKS) for cell in row if _is_filled(cell)]
    return len(row) > 2 and len(filled) == 1 and _is_filled(row[0]) and _is_remark(filled[0])


def _is_remark(text: str) -> bool:
    return len(text) <= _LONGEST_FOOTER and bool(_FOOTER.fullmatch(text))


def _is_footer(line: _Line, width: int, *, after_footer: bool) -> bool:
    if len(line.cells) >= width or 2 * line.n_filled > max(2, width) or len(line.text) > _LONGEST_FOOTER:
        return False
    sentence = bool(re.search(r"[^\W\d_]{2,}\W+\w", line.text))
    return bool(_FOOTER.fullmatch(line.text)) or ((line.after_blank or after_footer) and sentence)


def _refuse_second_table(pair: list[_Line], name: str) -> None:
    """Refuse two lines in a row that have one width of their own: they are rows of another table."""
    widths = {len(line.cells) for line in pair}
    if len(pair) > 1 and len(widths) == 1 and widths != {1}:
        raise two_tables(name, pair[0].line)


def _refuse_ragged(table: _Lines, name: str, *, width: int, header_width: int) -> None:
    odd = next((at for at, row in enumerate(table.rows) if len(row) != width), None)
    if odd is not None:
        line = table.at(odd)
        if line.after_blank:
            _refuse_second_table([line, table.at(odd + 1)], name)
        raise ragged(name, line.line, len(line.cells), width)
    if len(table) and abs(header_width - width) > 1:
        raise ragged(name, table.numbers[0], width, header_width)


def _refuse_swallowed_lines(records: Records, name: str, *, delimiter: str, width: int) -> None:
    for at, n_breaks in records.breaks.items():
        if any(_swallows_lines(cell, delimiter, width) for cell in records.rows[at]):
            line, breaks = records.lines[at], counted(n_breaks, "line break")
            raise bad_quote(f"{name}: one cell on line {line} holds {breaks}, and whole lines of the table")


def _swallows_lines(cell: str, delimiter: str, width: int) -> bool:
    """Whether a cell with line breaks has just the delimiters of the rows that a stray pair of quotes would swallow."""
    lines = _BREAK.split(cell)
    if len(lines) < 2:
        return False
    counts = [line.count(delimiter) for line in lines]
    inner = counts[1:-1]
    whole = bool(inner) and width > 3 and all(count == width - 1 for count in inner)
    return whole or sum(counts) == (len(lines) - 1) * (width - 1)


def _truncated(name: str, n_cells: int, width: int) -> InputRefused:
    return InputRefused(
        "E-TRUNCATED",
        f"{name}: the last line has {n_cells} of {width} cells and no newline",
        expected="a whole file",
        to_fix="copy or export the file again",
    )


def _blank_lines(count: int) -> list[Finding]:
    if not count:
        return []
    text = f"{counted(count, 'blank line')} passed over"
    return [Finding("W-BLANK", "note", text, "no action is needed", count)]


def _repeated(lines: list[_Line]) -> list[Finding]:
    if not lines:
        return []
    text = f"the header is repeated on {_placed(lines)}: set aside"
    return [Finding("W-REPEATED-HEADER", "caution", text, "check that the exports joined are different", len(lines))]


def _footers(lines: list[_Line]) -> list[Finding]:
    if not lines:
        return []
    text = f"{counted(len(lines), 'line')} after the table set aside ({_placed(lines)})"
    return [Finding("W-FOOTER", "caution", text, "check that no patient is among them", len(lines))]


def _sums(lines: list[_Line]) -> list[Finding]:
    if not lines:
        return []
    text = f"{counted(len(lines), 'line')} with sums set aside ({_placed(lines)})"
    return [Finding("W-FOOTER", "caution", text, "check that no patient is among them", len(lines))]


def _placed(lines: list[_Line]) -> str:
    named = ", ".join(str(line.line) for line in lines[:_LINES_NAMED])
    more = f" and {len(lines) - _LINES_NAMED} more" if len(lines) > _LINES_NAMED else ""
    return f"{'line' if len(lines) == 1 else 'lines'} {named}{more}"
