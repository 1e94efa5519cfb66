"""Rows whose cells stand one column away from their own: several columns break their kind in one row together."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from clinpred.errors import InputRefused
from clinpred.records.values.missing_words import is_missing_word
from clinpred.records.values.plain_numbers import PlainNumbers
from clinpred.records.values.plain_words import PlainWords, may_have_few_levels
from clinpred.records.values.texts import LongTexts, rows_of, tally

_NUMBER = re.compile(r"[<>≤≥~=]*+\s*+[+\-−(]?\s*+[.,]?[0-9][0-9.,'\u00a0 ]*+([eE][+-]?[0-9]++)?\)?\s*+%?")
_DATE = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}([T ][0-9:.]+(Z|[+-][0-9:]+)?)?")
# Below this many rows a column does not show what its kind is.
_FEWEST_ROWS = 10
_OWN_KIND = 0.9
_MOST_LEVELS = 50
# A value that was the highest of its own column, and moved, is beyond those that stayed.
_SLACK = 0.1


@dataclass(frozen=True)
class _Kind:
    """What the values of a column are like; ``odd`` are values unlike it, ``levels`` those of a column of words."""

    kind: Literal["number", "date", "words"]
    odd: frozenset[str] = frozenset()
    low: float = 0.0
    high: float = 0.0
    levels: frozenset[str] = frozenset()

    def fits(self, value: str) -> bool:
        if self.kind == "number":
            slack = _SLACK * (self.high - self.low)
            return _is_within(value, self.low - slack, self.high + slack)
        return looks_like_date(value) if self.kind == "date" else value in self.levels


def looks_like_number(value: str) -> bool:
    """Whether a text is a number however it is written, be it censored, a percentage or with a decimal comma."""
    return bool(_NUMBER.fullmatch(value)) and not _DATE.fullmatch(value)


def looks_like_date(value: str) -> bool:
    """Whether a text has the form of a date in any order."""
    return bool(_DATE.fullmatch(value)) and (value.count("-") == 2 or value.count("/") == 2 or value.count(".") == 2)


def refuse_shifted_rows(columns: Sequence[Sequence[str]], lines: Sequence[int], source: str) -> None:
    """Refuse a row that lost a cell and kept its width, and a row that is the header of a second table.

    A row is shifted where at least two columns hold another kind of value than in all other rows, and at least three in
    all hold one that fits the column beside them.

    Raises
    ------
    InputRefused
        E-SHIFT, E-TWO-TABLES.
    """
    if len(lines) < _FEWEST_ROWS or len(columns) < 3:
        return
    kinds = [_kind_of(column) for column in columns]
    suspects: Counter[int] = Counter()
    for column, kind in zip(columns, kinds, strict=True):
        if kind is not None and kind.odd:
            suspects.update(rows_of(column, kind.odd))
    for row in sorted(row for row, count in suspects.items() if count > 1):
        cells = [column[row] for column in columns]
        _refuse_second_header(cells, kinds, lines[row], source)
        broken = max(_n_moved(cells, kinds, step) for step in (1, -1))
        if broken:
            raise _shifted(source, lines[row], broken)


def _kind_of(column: Sequence[str]) -> _Kind | None:
    if isinstance(column, LongTexts):
        kind = _kind_of_numbers(column.numbers) if column.numbers else None
        if kind is not None or (column.words and _has_no_kind(column, column.words)):
            return kind
    counts = tally(column)
    try:
        numbers = [float(value) for value in counts if value and not is_missing_word(value)]
    except ValueError:
        return _kind_of_mixed(counts)
    return _Kind("number", low=min(numbers), high=max(numbers)) if numbers else None


def _kind_of_numbers(numbers: PlainNumbers) -> _Kind | None:
    """Return the kind of a column whose numbers were read at once, None where too many of its texts are none."""
    kind = _kind_of_mixed(numbers.counts)
    if kind is None or kind.kind != "number":
        return None
    low, high = numbers.range
    return replace(kind, low=min(kind.low, low), high=max(kind.high, high))


def _has_no_kind(column: LongTexts, words: PlainWords) -> bool:
    """Whether a column is neither of numbers, nor of dates, nor of a few levels."""
    n_known = words.n_present - words.n_missing_words
    if words.n_words <= (1 - _OWN_KIND) * n_known:
        return False
    return not may_have_few_levels(column.chunks, _MOST_LEVELS, n_cells=int(_OWN_KIND * n_known))


def _kind_of_mixed(counts: Mapping[str, int]) -> _Kind | None:
    present = {value: count for value, count in counts.items() if value and not is_missing_word(value)}
    total = sum(present.values())
    dates = {value for value in present if looks_like_date(value)}
    numbers = {value for value in present if looks_like_number(value)}
    if sum(present[value] for value in numbers) >= _OWN_KIND * total > 0:
        plain = [float(value) for value in numbers if _is_plain(value)]
        odd = frozenset(present.keys() - numbers)
        return _Kind("number", odd, min(plain, default=0.0), max(plain, default=0.0))
    if sum(present[value] for value in dates) >= _OWN_KIND * total > 0:
        return _Kind("date", frozenset(present.keys() - dates))
    levels = frozenset(value for value, count in present.items() if count > 1)
    if sum(present[value] for value in levels) >= _OWN_KIND * total > 0 and len(levels) <= _MOST_LEVELS:
        return _Kind("words", frozenset(present.keys() - levels), levels=levels)
    return None


def _n_moved(cells: list[str], kinds: list[_Kind | None], step: int) -> int:
    """Return how many columns hold a value of the column ``step`` further on, 0 where that shows no shift."""
    fitting: list[int] = []
    moved, sure = set(), []
    for at, kind in enumerate(kinds):
        beside = kinds[at + step] if 0 <= at + step < len(kinds) else None
        if kind is None or beside is None or not cells[at] or not beside.fits(cells[at]):
            continue
        fitting.append(at)
        if _is_foreign(cells[at], kind):
            moved.add(at)
            sure += [at] if cells[at] in kind.odd and beside.kind != kind.kind else []
    # Between two cells that moved for sure stands one that fits both columns.
    moved.update(at for at in fitting if sure and sure[0] < at < sure[-1])
    return len(moved) if len(sure) > 1 and len(moved) > 2 else 0


def _is_foreign(value: str, kind: _Kind) -> bool:
    if kind.kind != "number":
        return value in kind.odd
    return value in kind.odd or (_is_plain(value) and float(value) in (kind.low, kind.high))


def _refuse_second_header(cells: list[str], kinds: list[_Kind | None], line: int, source: str) -> None:
    measured = [at for at, kind in enumerate(kinds) if kind is not None and kind.kind != "words"]
    odd = [at for at in measured if cells[at] in (kinds[at] or _Kind("words")).odd]
    if len(odd) == len(measured) > 1 and not any(looks_like_number(cell) or looks_like_date(cell) for cell in cells):
        raise InputRefused(
            "E-TWO-TABLES",
            f"{source}: a second table starts on line {line}",
            expected="one table in a file",
            to_fix="put each table into a file of its own",
        )


def _is_within(value: str, low: float, high: float) -> bool:
    return _is_plain(value) and low <= float(value) <= high


def _is_plain(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _shifted(source: str, line: int, n_columns: int) -> InputRefused:
    return InputRefused(
        "E-SHIFT",
        f"{source}: on line {line}, {n_columns} columns break their type or range together",
        expected="every cell under its own name: a cell may be lost there, and another too many",
        to_fix="correct that line in the export",
    )
