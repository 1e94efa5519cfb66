"""Bytes of a text export to cells: what does not read exactly is refused, with its line and what settles it."""

import gc
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.text.blanks import BLANKS
from clinpred.records.text.container import open_container
from clinpred.records.text.dialect import find_dialect
from clinpred.records.text.encoding import decode, line_at
from clinpred.records.text.headers import (
    Named,
    clean_name,
    fit_header,
    garbled_words,
    refuse_patient_as_header,
    settle_names,
)
from clinpred.records.text.layout import empty, lay_out
from clinpred.records.text.row_shapes import refuse_shifted_rows
from clinpred.records.text.second_row import Header, read_second_row
from clinpred.records.text_table import TextTable
from clinpred.settings.counts import counted
from clinpred.settings.export import Reading

_AS_IT_SHOWS = Reading()
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[,;\t ]*(?:\r\n|\r|\n)', re.IGNORECASE)
_WEB_PAGE = re.compile(r"\s*<(!doctype|html|head|body|\?xml|table|script|!--)", re.IGNORECASE)
_JSON = re.compile(r'\s*(\[\s*[\[{"]|\{\s*("|\}))')
_RARE_BLANKS = "\t\x0b\x0c\x1c\x1d\x1e\x1f"
_LOGIN = re.compile(r"<title>[^<]*?(log ?-?in|sign ?-?in|session)", re.IGNORECASE)


def read_delimited(content: bytes, name: str, reading: Reading = _AS_IT_SHOWS) -> TextTable:
    """Read the bytes of a text export, be it packed (gzip, zip) or not.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        Its name, for messages.
    reading : Reading
        What the analyst decides: encoding, delimiter, names where there is no header, member of a zip archive.

    Raises
    ------
    InputRefused
        The text is no table, or reads in no way or in several (codes ``E-``).
    ResourceRefused
        R-BOMB: a compressed file that expands beyond reason.
    """
    with _without_collection():
        return _read(content, name, reading)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Millions of cells hold no cycles: looking for them again and again takes more time than reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(content: bytes, name: str, reading: Reading) -> TextTable:
    opened = open_container(content, name, member=reading.member)
    decoded = decode(opened.content, name, encoding=reading.encoding)
    _refuse_other_text(decoded.text, name)
    text, separator = _without_separator_line(decoded.text)
    delimiter = reading.delimiter or separator
    _refuse_nul(text, name, delimiter)
    dialect, records = find_dialect(text, name, delimiter=delimiter, n_columns=len(reading.columns))
    body = lay_out(
        records, name, delimiter=dialect.delimiter or ",", columns=reading.columns, n_own=int(separator is not None)
    )
    has_blanks = _may_have_blanks(text, dialect.delimiter) or bool(records.breaks)
    fitted = fit_header(body.header, body.rows, source=name, line=body.lines[0] if body.lines else 1)
    columns, n_stripped = _stripped(fitted.columns) if has_blanks else (fitted.columns, 0)
    table = settled_table(
        replace(fitted, columns=columns),
        body.lines,
        name,
        n_stripped=n_stripped + records.n_blanks,
        has_header=not reading.no_header,
        noticed=body.findings,
    )
    garbled = () if text.isascii() else garbled_words(table.names, table.columns)
    findings = (*opened.findings, *decoded.findings, *table.findings, *garbled)
    return replace(table, findings=findings, dialect=replace(dialect, encoding=decoded.encoding))


def settled_table(
    fitted: Named,
    lines: Sequence[int],
    name: str,
    *,
    n_stripped: int,
    has_header: bool,
    noticed: Sequence[Finding] = (),
) -> TextTable:
    """Return the table of columns whose cells stand apart: with names of their own, without rows that are no patients.

    Parameters
    ----------
    fitted : Named
        The columns, outer blanks removed, under their names as written.
    lines : sequence of int
        The line of each row.
    name : str
        The file's name, for messages.
    n_stripped : int
        Number of cells whose outer blanks were removed.
    has_header : bool
        Whether the names come from the file.
    noticed : sequence of Finding
        What was noticed of the lines.

    Raises
    ------
    InputRefused
        E-NO-HEADER, E-TWO-HEADERS, E-DUP-HEADER, E-SHIFT, E-TWO-TABLES.
    """
    names = [clean_name(cell) for cell in fitted.names]
    n_stripped += sum(cell != cleaned for cell, cleaned in zip(fitted.names, names, strict=True))
    header = Header(names, fitted.columns, lines, {})
    if has_header:
        refuse_patient_as_header(names, fitted.columns, name)
        header = read_second_row(header, name)
    named = settle_names(Named(header.names, header.columns, fitted.places, fitted.findings), name)
    refuse_shifted_rows(named.columns, header.lines, name)
    findings = (*_blanks_removed(n_stripped), *noticed, *header.findings, *named.findings)
    return TextTable(tuple(named.names), tuple(named.columns), header.lines, "line", findings, header.units)


def is_other_text(start: str) -> bool:
    """Whether a text that starts so is a web page or JSON, or names its delimiter in Excel's way."""
    return any(pattern.match(start) for pattern in (_WEB_PAGE, _JSON, _SEPARATOR_LINE))


def _may_have_blanks(text: str, delimiter: str | None) -> bool:
    """Whether a cell may have a blank at its edge; it spares most exports a look at every cell."""
    if (
        not text.isascii()
        or delimiter in (None, " ")
        or any(sign in text for sign in _RARE_BLANKS.replace(delimiter, ""))
    ):
        return True
    edges = (delimiter, "\n", "\r", '"', "'")
    return text[:1] == " " or text[-1:] == " " or any(f"{edge} " in text or f" {edge}" in text for edge in edges)


def _stripped(columns: Sequence[Sequence[str]]) -> tuple[list[Sequence[str]], int]:
    stripped: list[Sequence[str]] = []
    count = 0
    for column in columns:
        cleaned = tuple([cell.strip(BLANKS) for cell in column])
        if cleaned != column:
            count += sum(before != after for before, after in zip(column, cleaned, strict=True))
        stripped.append(cleaned)
    return stripped, count


def _blanks_removed(count: int) -> tuple[Finding, ...]:
    if not count:
        return ()
    text = f"blanks around {counted(count, 'cell')} removed"
    return (Finding("W-STRIP", "note", text, "no action is needed", count),)


def _without_separator_line(text: str) -> tuple[str, str | None]:
    """Return the text with Excel's first line ``sep=;`` emptied, and the delimiter that it names."""
    found = _SEPARATOR_LINE.match(text)
    if found is None:
        return text, None
    return "\n" + text[found.end() :], found[1]


def _refuse_nul(text: str, name: str, delimiter: str | None) -> None:
    at = text.find("\0")
    if at < 0:
        return
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    marks = [delimiter] if delimiter else sorted(",;\t|^~", key=text.count)
    column = text.count(marks[-1], start, at) + 1
    raise InputRefused(
        "E-NUL",
        f"{name}: line {line_at(text, at)} holds a NUL character, in column {column}",
        expected="text without NUL characters",
        to_fix="export again as UTF-8; a NUL comes from a damaged file or from UTF-16 (--encoding utf-16)",
    )


def _refuse_other_text(text: str, name: str) -> None:
    if not text.strip(BLANKS):
        raise empty(name)
    start = text[:4096]
    if _WEB_PAGE.match(start):
        login = " (Login)" if _LOGIN.search(start) else ""
        raise _no_table(f"{name}: this is a web page{login}, not an export", "sign in and export again")
    if _JSON.match(start):
        raise _no_table(f"{name}: this is JSON, not a table", "export again as CSV")


def _no_table(found: str, to_fix: str) -> InputRefused:
    return InputRefused("E-NOT-TABLE", found, expected="a table as text (CSV)", to_fix=to_fix)
