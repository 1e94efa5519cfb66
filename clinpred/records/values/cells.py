"""The cells of one column before they are typed: their distinct texts, repaired and counted, and where each stands."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.values.plain_numbers import PlainNumbers
from clinpred.records.values.texts import Texts, texts_of

_FORMULA_GUARD = re.compile(r'="([^"]*)"')
_APOSTROPHE_GUARD = re.compile(r"'(?=[^']*[0-9])([^'\s]+)")
_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>|[$#]\{|\{\{|\A[=+@-].*[(|!]", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of one column.

    Parameters
    ----------
    source, column : str
        Names of the file and the column, for messages.
    texts : Texts
        The cells as they were written, outer blanks removed, one a row.
    places : sequence of int
        The line or row (``place_word``) at which each stands.
    repaired : mapping of str to str
        Each distinct text without Excel's guards, in Unicode's composed form; empty where it is missing.
    counts : mapping of str to int
        How many cells hold each repaired text, the empty one aside.
    findings : tuple of Finding
        What the repairs were.
    decisions : mapping of str to str
        What the analyst decided on missing values.
    numbers : PlainNumbers, optional
        The numbers of a column that was read at once; ``repaired`` and ``counts`` then have examples of them only.
    """

    source: str
    column: str
    texts: Texts
    places: Sequence[int]
    place_word: str
    repaired: Mapping[str, str]
    counts: Mapping[str, int]
    findings: tuple[Finding, ...] = ()
    decisions: Mapping[str, str] = field(default_factory=dict)
    numbers: PlainNumbers | None = None

    @property
    def n_present(self) -> int:
        """Number of cells that hold something."""
        return sum(self.counts.values())

    def total(self, values: Collection[str]) -> int:
        """Return how many cells hold one of these repaired texts."""
        return sum(self.counts[value] for value in values)

    def note(self, code: str, text: str, *, advice: str, count: int | None = None, caution: bool = False) -> Finding:
        """Return a finding on this column; the text follows the column's name."""
        return Finding(
            code, "caution" if caution else "note", f"column `{self.column}`: {text}", advice, count, self.column
        )

    def refuse(self, code: str, values: Collection[str], that: str, *, expected: str, to_fix: str) -> InputRefused:
        """Return the refusal of these repaired texts, with their number and the place of the first."""
        wrong = set(values)
        count = self.total(wrong)
        first = self.texts.rows({text for text, repaired in self.repaired.items() if repaired in wrong})[0]
        where = f"the first on {self.place_word} {self.places[first]}"
        what = f"{count} values that are" if count > 1 else "1 value that is"
        found = f"{self.source}: column `{self.column}` has {what} {that}, {where}"
        return InputRefused(code, found, expected=expected, to_fix=to_fix)


@dataclass(frozen=True)
class Origin:
    """Where a column's cells come from."""

    source: str
    places: Sequence[int]
    place_word: str


def column_cells(column: str, cells: Sequence[str], origin: Origin, *, missing: Collection[str] = ()) -> Cells:
    """Return a column's cells, repaired and counted; those that the analyst calls missing are empty."""
    texts = texts_of(cells).coded()
    return _counted(column, texts, texts.counts(), origin, missing=missing)


def number_cells(column: str, texts: Texts, numbers: PlainNumbers, origin: Origin) -> Cells:
    """Return the cells of a column whose numbers were read at once."""
    return replace(_counted(column, texts, numbers.counts, origin), numbers=numbers)


def _counted(
    column: str, texts: Texts, written: Mapping[str, int], origin: Origin, *, missing: Collection[str] = ()
) -> Cells:
    repaired = {text: _repair(text) for text in written}
    called_missing = (
        {text for text, value in repaired.items() if value and _is_one_of(value, missing)} if missing else set()
    )
    n_missing = sum(written[text] for text in called_missing)
    repaired.update(dict.fromkeys(called_missing, ""))
    counts: Counter[str] = Counter()
    for text, count in written.items():
        if repaired[text]:
            counts[repaired[text]] += count
    decisions = {"missing": f"{', '.join(missing)} ({counted(n_missing, 'cell')})"} if missing else {}
    cells = Cells(origin.source, column, texts, origin.places, origin.place_word, repaired, counts, decisions=decisions)
    return replace(cells, findings=tuple(_repairs(cells, written)))


def counted(count: int, noun: str) -> str:
    """Return a count and what it counts.

    Examples
    --------
    >>> counted(1, "value"), counted(2, "value")
    ('1 value', '2 values')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def has_markup(text: str) -> bool:
    """Whether a text holds what a browser or a spreadsheet would run.

    Examples
    --------
    >>> [has_markup(text) for text in ("<script>x", "=SUM(1)", "${7*7}", "<LOD", "+ve", "-2")]
    [True, True, True, False, False, False]
    """
    return bool(_MARKUP.search(text))


def _is_one_of(value: str, missing: Collection[str]) -> bool:
    """Whether the text is one that is called missing: as it is written, or as a number (``999`` is ``999.0``)."""
    return value in missing or any(_number(value) == _number(word) is not None for word in missing)


def _number(text: str) -> float | None:
    try:
        return float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        return None


def _repair(text: str) -> str:
    if text.isascii():
        return _without_guard(text) if text[:1] in {"=", "'"} else text
    return unicodedata.normalize("NFC", _without_guard(text))


def _without_guard(text: str) -> str:
    guarded = _FORMULA_GUARD.fullmatch(text) or _APOSTROPHE_GUARD.fullmatch(text)
    return guarded[1].strip() if guarded else text


def _repairs(cells: Cells, written: Mapping[str, int]) -> list[Finding]:
    findings = []
    guarded = sum(count for text, count in written.items() if text[:1] in {"=", "'"} and _without_guard(text) != text)
    if guarded:
        what = f"Excel's guard against its own typing removed from {counted(guarded, 'cell')}"
        findings.append(cells.note("W-EXCEL-GUARD", what, advice="no action is needed", count=guarded))
    merged = {text for text in written if cells.repaired[text] and not unicodedata.is_normalized("NFC", text)}
    if merged:
        n_cells = sum(written[text] for text in merged)
        what = f"letters with accents made of two characters joined in {counted(n_cells, 'cell')}"
        findings.append(cells.note("W-NFC", what, advice="no action is needed", count=n_cells))
    hostile = sum(count for value, count in cells.counts.items() if not value.isalnum() and has_markup(value))
    if hostile:
        what = f"{counted(hostile, 'cell')} with HTML, a formula or a template, kept as text"
        findings.append(cells.note("W-MARKUP", what, advice="find out how it got there", count=hostile))
    return findings
