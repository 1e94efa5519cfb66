"""CSV text to cells: UTF-8, comma, double quotes, a header. What does not read exactly is refused, with its line."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.types import is_plain_number

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_OTHER_DELIMITER = re.compile(r"[;\t|^~]| {2}")
_BLANK_BEFORE_QUOTE = re.compile(r',[ ]+"')


@dataclass(frozen=True)
class TextTable:
    """Cells as text, stripped of outer blanks. ``places[i]`` is the line (or row) at which row i stands."""

    names: tuple[str, ...]
    columns: tuple[Sequence[str], ...]
    places: Sequence[int]
    place_word: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class _Record:
    line: int
    cells: list[str]
    line_breaks: int


def read_delimited(content: bytes, name: str) -> TextTable:
    """Read the bytes of a CSV file.

    Raises
    ------
    InputRefused
        E-ENCODING, E-NUL, E-EMPTY, E-QUOTE, E-DELIMITER, E-NO-HEADER, E-RAGGED, E-REPEATED-HEADER.
    """
    text = _decode(content, name)
    records = _records(text, name)
    filled = [record for record in records if _is_filled(record)]
    if not filled:
        raise _empty(name)
    names = tuple(cell.strip() for cell in filled[0].cells)
    _check_header(names, name)
    for record in filled[1:]:
        _check_record(record, names, name)
    rows = [[cell.strip() for cell in record.cells] for record in filled[1:]]
    n_stripped = sum(
        before != after
        for record, row in zip(filled[1:], rows, strict=True)
        if record.cells != row
        for before, after in zip(record.cells, row, strict=True)
    )
    findings = _findings(len(records) - len(filled), None if _skipped_blanks(text, records) else n_stripped)
    columns = tuple(zip(*rows, strict=True)) if rows else tuple(() for _ in names)
    return TextTable(names, columns, [record.line for record in filled[1:]], "line", findings)


def _decode(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise InputRefused(
            "E-ENCODING",
            f"{name}: line {line} is not UTF-8 text",
            expected="UTF-8, with or without a byte order mark",
            to_fix="export again as UTF-8 (in Excel: CSV UTF-8)",
        ) from None
    if "\0" in text:
        line = len(_LINE_BREAK.findall(text[: text.index("\0")])) + 1
        raise InputRefused(
            "E-NUL",
            f"{name}: line {line} holds a NUL character",
            expected="text without NUL characters, in UTF-8",
            to_fix="export again as UTF-8; a NUL comes from a damaged file or from UTF-16",
        )
    return text


def _records(text: str, name: str) -> list[_Record]:
    # Only where it matters, for a parser that skips blanks cannot count them.
    skips_blanks = bool(_BLANK_BEFORE_QUOTE.search(text))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=skips_blanks)
    records = []
    line = 1
    try:
        for cells in reader:
            records.append(_Record(line, cells, reader.line_num - line))
            line = reader.line_num + 1
    except csv.Error:
        raise _bad_quote(
            f"{name}: a quoted cell that starts on line {line} does not end where a comma follows"
        ) from None
    return records


def _is_filled(record: _Record) -> bool:
    return len(record.cells) > 1 or bool(record.cells and record.cells[0].strip())


def _check_header(names: tuple[str, ...], name: str) -> None:
    if len(names) == 1 and _OTHER_DELIMITER.search(names[0]):
        raise InputRefused(
            "E-DELIMITER",
            f"{name}: the header has no comma, but a semicolon, a tab or another mark between names",
            expected="cells separated by commas",
            to_fix="export again with commas between the cells",
        )
    n_numbers = sum(is_plain_number(cell) for cell in names)
    if n_numbers:
        raise InputRefused(
            "E-NO-HEADER",
            f"{name}: {n_numbers} of the {len(names)} names in the first line {_are(n_numbers)} a number",
            expected="a first line with the names of the columns",
            to_fix="export again with the column names; a name must not be a number",
        )


def _check_record(record: _Record, names: tuple[str, ...], name: str) -> None:
    width = len(names)
    if record.line_breaks and any(_swallows_lines(cell, width) for cell in record.cells):
        raise _bad_quote(f"{name}: one cell on line {record.line} holds whole lines of the table")
    if len(record.cells) != width:
        raise InputRefused(
            "E-RAGGED",
            f"{name}: line {record.line} has {_counted(len(record.cells), 'cell')}",
            expected=f"{_counted(width, 'cell')}, as in the header",
            to_fix="correct that line, or put double quotes around cells that hold a comma, and export again",
        )
    if tuple(cell.strip() for cell in record.cells) == names:
        raise InputRefused(
            "E-REPEATED-HEADER",
            f"{name}: line {record.line} repeats the header",
            expected="one header, in the first line",
            to_fix="remove that line; several exports may have been joined into one file",
        )


def _swallows_lines(cell: str, width: int) -> bool:
    """Whether a cell with line breaks has just the commas of the rows that a stray pair of quotes would swallow."""
    breaks = len(_LINE_BREAK.findall(cell))
    return breaks > 0 and cell.count(",") == breaks * (width - 1)


def _skipped_blanks(text: str, records: list[_Record]) -> bool:
    """Whether the parser skipped blanks before a quote: it reads something else when it does not skip them."""
    if not _BLANK_BEFORE_QUOTE.search(text):
        return False
    return [record.cells for record in records] != list(csv.reader(io.StringIO(text, newline="")))


def _findings(n_blank: int, n_stripped: int | None) -> tuple[Finding, ...]:
    findings = []
    if n_stripped != 0:
        cells = "cells" if n_stripped is None else _counted(n_stripped, "cell")
        findings.append(Finding("W-STRIP", "note", f"blanks around {cells} removed", "no action is needed", n_stripped))
    if n_blank:
        text = f"{_counted(n_blank, 'blank line')} passed over"
        findings.append(Finding("W-BLANK", "note", text, "no action is needed", n_blank))
    return tuple(findings)


def _empty(name: str) -> InputRefused:
    return InputRefused(
        "E-EMPTY",
        f"{name}: the file has no table",
        expected="a header and at least one row",
        to_fix="export again",
    )


def _bad_quote(found: str) -> InputRefused:
    return InputRefused(
        "E-QUOTE",
        found,
        expected='cells in double quotes, a quote inside a cell doubled ("")',
        to_fix="correct the quotes on that line, or export again",
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
