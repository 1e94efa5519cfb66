"""The row under the header: a patient, the units of the columns, or a second header."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.text.row_shapes import looks_like_date, looks_like_number
from clinpred.records.values.missing_words import is_missing_word
from clinpred.records.values.texts import tally
from clinpred.settings.counts import counted

_UNIT = re.compile(
    r"[\[(]?\s*(%|‰|°?[cf]|years?|yrs?|y|months?|weeks?|wks?|days?|d|hours?|hrs?|h|min(utes)?|s|sec(onds)?|ms"
    r"|[mµμukcdnpf]?(g|l|mol|m|iu|u|eq|osm|pa|cal|hz|v|bq|kat)|kg|mmhg|cmh2o|torr|bpm|beats|breaths|cells|copies|ratio|score"
    r"|points?|units?|index|count|n|kcal|kj|lbs?|inch(es)?|in|ft|stone|(k|m)?[1i]?u|mm ?hg|cm ?h2o|fl|pg|x?\s?10\S*|1"
    r"|[^\s,;]{1,12}(/|·| per )[^,;]{1,24}|[^\s]{1,6}[²³23]|[^\s]{1,6}\^-?\d|[^\s]{1,12}-1)\s*[\])]?",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"[-–—.]+|n/?a|none|text|string|code|codes|date|category|categorical|id|no unit|unitless"
    r"|[dmy]{2,4}[-/.][dmy]{2,4}[-/.][dmy]{2,4}|0/1|\[\]|\(\)",
    re.IGNORECASE,
)
_RULE = re.compile(r":?-{2,}:?|:-+:?|-+:|={2,}")
_IDENTIFIER = re.compile(r"[^\W\d][\w.]*")
# With fewer rows, words above numbers are no sign of a second header.
_FEWEST_ROWS = 10
_BRACKETS = " \t[](){}"


@dataclass(frozen=True)
class Header:
    """The names of the columns, their values, and what the row under the names said."""

    names: list[str]
    columns: list[Sequence[str]]
    lines: Sequence[int]
    units: dict[str, str]
    findings: tuple[Finding, ...] = ()


def read_second_row(header: Header, source: str) -> Header:
    """Return the header with a row of units, or a second row of names, taken out of the patients' rows.

    Raises
    ------
    InputRefused
        E-TWO-HEADERS: the second row is neither a patient nor units, and which row has the names is not clear.
    """
    if len(header.lines) < 2:
        return header
    cells = [column[0] for column in header.columns]
    if _is_rule(header.names, cells):
        return _without_rule(header)
    return _without_words(header, cells, source)


def _without_words(header: Header, cells: list[str], source: str) -> Header:
    if any(looks_like_number(cell) or looks_like_date(cell) for cell in cells if cell):
        return header
    measured = [at for at, column in enumerate(header.columns) if cells[at] and _is_measured(column[1:])]
    if all(is_missing_word(cells[at]) for at in measured):
        return header
    if _are_units(cells, measured):
        return _with_units(header, cells)
    n_measured = sum(_is_measured(column[1:]) for column in header.columns)
    if len(header.lines) < _FEWEST_ROWS or len(measured) < max(2.0, n_measured / 2):
        return header
    return _with_second_names(header, cells, source)


def _is_rule(names: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether a line is drawn under the names, as in Markdown and in what query tools print: ``|---|:--|``."""
    filled = [bool(cell) for cell in cells]
    return sum(filled) > 1 and filled == list(map(bool, names)) and all(_RULE.fullmatch(cell) for cell in cells if cell)


def _without_rule(header: Header) -> Header:
    finding = Finding("W-PREAMBLE", "note", "1 line of dashes under the header set aside", "no action is needed", 1)
    return replace(_without_first_row(header), findings=(*header.findings, finding))


def _is_measured(values: Sequence[str]) -> bool:
    """Whether a column's values, those in other rows, are all numbers or all dates."""
    present = {value for value in tally(values) if value and not is_missing_word(value)}
    return bool(present) and (all(map(looks_like_number, present)) or all(map(looks_like_date, present)))


def _are_units(cells: list[str], measured: list[int]) -> bool:
    filled = [at for at, cell in enumerate(cells) if cell]
    if all(_UNIT.fullmatch(cells[at]) or _PLACEHOLDER.fullmatch(cells[at]) for at in filled):
        return any(_UNIT.fullmatch(cells[at]) for at in measured)
    return filled == measured and len(filled) < len(cells) and any(_UNIT.fullmatch(cells[at]) for at in filled)


def _with_units(header: Header, cells: list[str]) -> Header:
    units = {
        name: cell.strip(_BRACKETS)
        for name, cell in zip(header.names, cells, strict=True)
        if name and cell.strip(_BRACKETS) and not _PLACEHOLDER.fullmatch(cell)
    }
    text = f"line {header.lines[0]} holds the units of {counted(len(units), 'column')}: set aside"
    finding = Finding("W-UNIT-ROW", "note", text, "check the units", 1)
    return replace(_without_first_row(header), units=units, findings=(*header.findings, finding))


def _with_second_names(header: Header, cells: list[str], source: str) -> Header:
    above, below = _are_names(header.names), _are_names(cells)
    if above == below or not all(cells):
        raise InputRefused(
            "E-TWO-HEADERS",
            f"{source}: line {header.lines[0]}, under the header, holds words where the other rows hold numbers",
            expected="one line with the names of the columns",
            to_fix="remove the line that is not meant from the export, or give the names with --no-header --columns",
        )
    what = "group names above the names of the columns" if below else "labels under the names of the columns"
    finding = Finding(
        "W-PREAMBLE", "note", f"1 line with {what} set aside", "check that the header is the right line", 1
    )
    rest = replace(_without_first_row(header), findings=(*header.findings, finding))
    return replace(rest, names=cells) if below else rest


def _are_names(cells: list[str]) -> bool:
    """Whether the cells are what programs call columns: all there, all different, without blanks inside."""
    return all(map(_IDENTIFIER.fullmatch, cells)) and len(set(cells)) == len(cells)


def _without_first_row(header: Header) -> Header:
    return replace(header, columns=[column[1:] for column in header.columns], lines=header.lines[1:])
