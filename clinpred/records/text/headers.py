"""Names of the columns: cleaned, told apart, and the columns that are none set aside with a word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.text.blanks import BLANKS
from clinpred.records.text.encoding import is_mojibake
from clinpred.records.text.layout import is_row_number, ragged
from clinpred.records.types import is_plain_number
from clinpred.records.values.texts import LongTexts, rows_of, tally
from clinpred.settings.counts import counted

_INNER_BLANK = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_WITHOUT_WIDTH = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_INDEX_NAME = re.compile(r"|Unnamed: ?[0-9]+|__index_level_[0-9]+__")
_NO_NAME = re.compile(r"[0-9]+|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}")
_DIGITS = re.compile("[0-9]+")
# With fewer, codes that are all different show no scheme.
_FEWEST_CODES = 10
_MOST_LEVELS = 50


@dataclass(frozen=True)
class Named:
    """Columns with their names and their places in the file, from 1."""

    names: list[str]
    columns: list[Sequence[str]]
    places: list[int]
    findings: tuple[Finding, ...] = ()


def clean_name(cell: str) -> str:
    r"""Return a name without outer blanks and signs that no eye sees.

    Examples
    --------
    >>> clean_name(" patient\u00a0id\u200b ")
    'patient id'
    """
    return _WITHOUT_WIDTH.sub("", _INNER_BLANK.sub(" ", cell)).strip(BLANKS)


def refuse_patient_as_header(names: Sequence[str], columns: Sequence[Sequence[str]], source: str) -> None:
    """Refuse a first line that is a patient.

    It holds numbers or dates, or every one of its cells comes again below; or two of them do and at least half of those
    in columns of few words; or one is a code as all others of its column are, each of which stands there once.
    """
    n_values = sum(is_plain_number(name) or bool(_NO_NAME.fullmatch(name)) for name in names)
    if n_values:
        verb = "is" if n_values == 1 else "are"
        raise _no_header(f"{source}: {n_values} of the {len(names)} names in the first line {verb} a number")
    if all(name in column for name, column in zip(names, columns, strict=True)):
        raise _no_header(f"{source}: all names in the first line are values in their columns too")
    n_again = sum(bool(name) and name in column for name, column in zip(names, columns, strict=True))
    if n_again > 1 and 2 * n_again >= sum(map(_has_few_texts, columns)) and not _are_in_one_row(names, columns):
        raise _no_header(f"{source}: {n_again} of the {len(names)} names in the first line are values in their columns")
    n_codes = sum(_is_another_code(name, column) for name, column in zip(names, columns, strict=True))
    if n_codes:
        what = "name in the first line is a code like those in its column"
        what = what if n_codes == 1 else "names in the first line are codes like those in their columns"
        raise _no_header(f"{source}: {n_codes} {what}")


def _are_in_one_row(names: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Whether all names that come again do so in the same rows, as those of a header that is repeated do."""
    rows = [rows_of(column, {name}) for name, column in zip(names, columns, strict=True) if name and name in column]
    return all(each == rows[0] for each in rows)


def _has_few_texts(column: Sequence[str]) -> bool:
    return len(tally(column)) <= _MOST_LEVELS


def _is_another_code(name: str, column: Sequence[str]) -> bool:
    """Whether a name with digits has the letters, and digits at the places, that all values of its column have.

    Examples
    --------
    >>> ids = [f"P{number}" for number in range(1001, 1020)]
    >>> _is_another_code("P1000", ids), _is_another_code("patient", ids), _is_another_code("v1", ["v2", "v2"] * 9)
    (True, False, False)
    """
    if len(column) < _FEWEST_CODES or not any(map(str.isdecimal, name)):
        return False
    shape = _DIGITS.sub("0", name)
    return all(_DIGITS.sub("0", value) == shape for value in column) and len(set(column)) == len(column)


def fit_header(header: list[str], rows: list[list[str]], *, source: str, line: int) -> Named:
    """Return the columns under their names where rows and header differ by one cell that says nothing.

    Raises
    ------
    InputRefused
        E-RAGGED: the cell in excess says something.
    """
    width = len(rows[0]) if rows else len(header)
    columns: list[Sequence[str]] = [tuple(map(itemgetter(at), rows)) for at in range(width)]
    places = list(range(1, width + 1))
    if len(header) == width:
        return Named(header, columns, places)
    if len(header) == width + 1 and not clean_name(header[-1]):
        return Named(header[:-1], columns, places, (_empty_columns(1),))
    if len(header) == width - 1 and not any(cell.strip(BLANKS) for cell in columns[-1]):
        return Named(header, columns[:-1], places[:-1], (_empty_columns(1),))
    if len(header) == width - 1 and is_row_number([cell.strip(BLANKS) for cell in columns[0]]):
        return Named(header, columns[1:], places[1:], (_index_column(),))
    raise ragged(source, line, width, len(header))


def settle_names(named: Named, source: str) -> Named:
    """Return the columns that a table has: without empty ones, row numbers and copies, each with a name of its own.

    Raises
    ------
    InputRefused
        E-DUP-HEADER: one name for columns whose values differ.
    """
    kept, findings = _without_idle(named)
    kept, unnamed = _with_names(kept)
    kept, copies = _without_copies(kept)
    _refuse_duplicates(kept, source)
    findings += unnamed + copies + _case_findings(kept.names)
    return Named(kept.names, kept.columns, kept.places, (*named.findings, *findings))


def _chosen(named: Named, keep: Sequence[int]) -> Named:
    return Named(
        [named.names[at] for at in keep], [named.columns[at] for at in keep], [named.places[at] for at in keep]
    )


def _without_idle(named: Named) -> tuple[Named, list[Finding]]:
    empty = [at for at, name in enumerate(named.names) if not name and not any(named.columns[at])]
    if named.columns and len(empty) == len(named.names):
        empty = []
    index = [
        at
        for at, name in enumerate(named.names[:1])
        if _INDEX_NAME.fullmatch(name) and at not in empty and is_row_number(named.columns[at])
    ]
    findings = ([_empty_columns(len(empty))] if empty else []) + ([_index_column()] if index else [])
    return _chosen(named, [at for at in range(len(named.names)) if at not in {*empty, *index}]), findings


def _with_names(named: Named) -> tuple[Named, list[Finding]]:
    given = [f"column_{place}" for name, place in zip(named.names, named.places, strict=True) if not name]
    if not given:
        return named, []
    names = [name or f"column_{place}" for name, place in zip(named.names, named.places, strict=True)]
    text = f"{counted(len(given), 'column')} without a name called {', '.join(f'`{name}`' for name in given[:5])}"
    finding = Finding("W-UNNAMED", "note", text, "name it in the export where it is needed", len(given))
    return Named(names, named.columns, named.places), [finding]


def _without_copies(named: Named) -> tuple[Named, list[Finding]]:
    first: dict[str, int] = {}
    copies = []
    for at, name in enumerate(named.names):
        if name in first and named.columns[at] and list(named.columns[at]) == list(named.columns[first[name]]):
            copies.append(at)
        first.setdefault(name, at)
    findings = [
        Finding("W-DUP-COLUMN", "note", f"column `{named.names[at]}` stands twice, alike: one kept", "none", 1)
        for at in copies
    ]
    return _chosen(named, [at for at in range(len(named.names)) if at not in copies]), findings


def _refuse_duplicates(named: Named, source: str) -> None:
    places: dict[str, list[str]] = {}
    for name, place in zip(named.names, named.places, strict=True):
        places.setdefault(name, []).append(str(place))
    twice = [f"`{name}` (columns {', '.join(at)})" for name, at in places.items() if len(at) > 1]
    if twice:
        raise InputRefused(
            "E-DUP-HEADER",
            f"{source}: {len(twice)} {'name is' if len(twice) == 1 else 'names are'} given to more than one column: "
            + ", ".join(twice),
            expected="a name of its own for every column",
            to_fix="rename or remove the columns in the export",
        )


def _case_findings(names: Sequence[str]) -> list[Finding]:
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(name.casefold(), []).append(name)
    return [
        Finding(
            "W-CASE-HEADER",
            "caution",
            f"names that differ only in capitals: {', '.join(f'`{name}`' for name in group)}",
            "check that they are different columns",
            len(group),
        )
        for group in alike.values()
        if len(group) > 1
    ]


def garbled_words(names: Sequence[str], columns: Sequence[Sequence[str]]) -> list[Finding]:
    """Return a finding for every column with words that were garbled before this export (W-MOJIBAKE)."""
    findings = []
    for name, column in zip(names, columns, strict=True):
        if isinstance(column, LongTexts) and column.is_ascii and name.isascii():
            continue
        garbled = {value: count for value, count in tally(column).items() if not value.isascii() and is_mojibake(value)}
        if garbled or is_mojibake(name):
            n_cells = sum(garbled.values())
            text = f"column `{name}`: {counted(n_cells, 'cell')} with accents garbled before this export"
            advice = "export again from the source, in UTF-8"
            findings.append(Finding("W-MOJIBAKE", "caution", text, advice, n_cells, name))
    return findings


def _empty_columns(count: int) -> Finding:
    text = f"{counted(count, 'column')} without a name and without a value set aside"
    return Finding("W-EMPTY-COL", "note", text, "no action is needed", count)


def _index_column() -> Finding:
    text = "the first column has no name and numbers the rows: set aside"
    return Finding("W-INDEX-COL", "note", text, "export without the row numbers", 1)


def _no_header(found: str) -> InputRefused:
    return InputRefused(
        "E-NO-HEADER",
        found,
        expected="a first line with the names of the columns",
        to_fix="export again with the column names, or give them with --no-header --columns; "
        "a name must not be a number",
    )
