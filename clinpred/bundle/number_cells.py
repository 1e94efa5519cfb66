"""A predictor that is a number, read cell by cell: one spoilt cell costs its own row the risk, and no other row."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from clinpred.records.findings import Finding
from clinpred.records.read import Export
from clinpred.records.types import is_digits
from clinpred.records.values.cells import Cells, Origin, column_cells, number_cells
from clinpred.records.values.decimal_marks import FileMarks, shown_mark
from clinpred.records.values.numbers import Decimal, NumberText, read_number
from clinpred.records.values.sentinels import sentinel_counts, sentinel_findings
from clinpred.records.values.texts import LongTexts
from clinpred.records.values.typed_columns import decide_type
from clinpred.records.values.units import display_unit, known_unit
from clinpred.settings.export import Reading

NOT_A_NUMBER = "not a number"
CENSORED = "a censored value"
EITHER_WAY = "a number with either a decimal mark or thousands kept apart"
OTHER_UNIT = "in another unit than at development"
NEW_UNIT = "with a unit, which it had not at development"

Numbers = Mapping[str, NumberText]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class NumberCells:
    """The numbers of a column, and what is to be said of its rows.

    Parameters
    ----------
    values : array, shape (n,)
        NaN where missing, and where a cell is no number that the model could use.
    refused : mapping of str to bool array, shape (n,)
        By the reason, the rows whose cell is there and is no such number.
    remarks : mapping of str to bool array, shape (n,)
        What is remarked upon of numbers that are used.
    other_unit : str, optional
        The unit of all numbers of the column, where it is another than at development.
    findings : tuple of Finding
        Numbers that often stand for "missing" (W-SENTINEL).
    """

    values: NDArray[np.float64]
    refused: Mapping[str, Flags]
    remarks: Mapping[str, Flags]
    other_unit: str | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False)
class NumberReader:
    """Reads columns of an export as numbers.

    Parameters
    ----------
    export : Export
        As it was written, or typed: what was typed as a number is that number.
    reading : Reading
        What was decided: the decimal mark, what is called missing, what becomes of censored values.
    names : collection of str
        The columns that are numbers by contract, whatever they hold.
    """

    export: Export
    reading: Reading
    names: Collection[str]

    def column(self, name: str, unit: str | None) -> NumberCells:
        """Return the numbers of a column that had this unit at development.

        A cell is missing where it is empty, a word for "missing", or called missing; all others are read one by one.
        """
        cells = self._cells(name)
        numbers = {text: read_number(text) for text in cells.counts}
        if cells.numbers is not None and not self._are_plain(cells, numbers):
            cells = self._cells_one_by_one(name)
            numbers = {text: read_number(text) for text in cells.counts}
        values, spoilt = self._judged(name, numbers)
        refused, remarks = _units(numbers, values, unit)
        found = _spread(cells, values)
        typed = self._typed(name)
        is_known = np.zeros(len(found), dtype=bool) if typed is None else ~np.isnan(typed)
        return NumberCells(
            np.where(_any_row(cells, refused), np.nan, found if typed is None else typed),
            _by_reason(cells, spoilt, but_not=is_known) | _by_reason(cells, refused),
            _by_reason(cells, remarks),
            _one_other_unit(numbers, values, refused) if unit else None,
            tuple(sentinel_findings(cells, sentinel_counts(found))),
        )

    def _are_plain(self, cells: Cells, numbers: Numbers) -> bool:
        """Whether a column that was read at once needs no look at each of its texts."""
        others = cells.numbers.others if cells.numbers is not None else frozenset()
        has_marked = any(numbers[text].kind in {"number", "censored"} for text in others if text in numbers)
        has_either = any(number.mark.startswith("either") for number in numbers.values())
        return not has_marked and not (has_either and self._decimal(numbers) != "point")

    def _judged(self, name: str, numbers: Numbers) -> tuple[dict[str, float], dict[str, str]]:
        """Return the number that stands for each text, and why none stands for the others, those for missing aside."""
        decimal = self._decimal(numbers)
        values: dict[str, float] = {}
        spoilt: dict[str, str] = {}
        for text, number in numbers.items():
            if number.kind == "code" and is_digits(text):
                values[text] = float(text)
            elif number.kind not in {"number", "censored"}:
                spoilt |= {} if number.kind == "spelling" else {text: NOT_A_NUMBER}
            elif not self._has_one_reading(number, numbers, decimal):
                spoilt[text] = EITHER_WAY
            elif number.kind == "number":
                values[text] = number.value(decimal or "point")
            elif name not in self.reading.censored:
                spoilt[text] = CENSORED
            else:
                values[text] = _uncensored(number, decimal or "point", self.reading.censored[name])
        return values, spoilt

    def _decimal(self, numbers: Numbers) -> Decimal | None:
        """Return the mark of the numbers that can be read either way, None where nothing settles it."""
        marks = {number.mark for number in numbers.values()}
        own = shown_mark(numbers.values())
        if own is not None:
            return None if self.reading.decimal not in {None, own} else "comma" if own == "comma" else "point"
        if {"point", "comma"} <= marks or {"either point", "either comma"} <= marks:
            return self.reading.decimal
        return self._marks.settle() if marks & {"either point", "either comma"} else None

    def _has_one_reading(self, number: NumberText, numbers: Numbers, decimal: Decimal | None) -> bool:
        if number.mark.startswith("either"):
            return decimal is not None
        if number.mark == "comma" and self._marks.contradicts_comma:
            return False
        return not number.grouped or not {"point", "comma"} <= {other.mark for other in numbers.values()}

    @cached_property
    def _marks(self) -> FileMarks:
        """What the export as a whole shows of its decimal mark."""
        dialect = self.export.dialect
        shown = (shown_mark(self._numbers_in(name).values()) for name in self.export.types)
        is_comma_delimited = dialect is None or dialect.delimiter == ","
        return FileMarks(frozenset(mark for mark in shown if mark), is_comma_delimited, self.reading.decimal)

    def _numbers_in(self, name: str) -> Numbers:
        """Return the numbers of a column of the export if it is one of numbers."""
        texts = self.export.texts[name]
        if name not in self.names and isinstance(texts, LongTexts) and texts.numbers is None:
            return {}
        found = self._cells(name).counts
        is_number = name in self.names or self.export.types[name] == "number" or decide_type(list(found)) == "number"
        return {text: read_number(text) for text in found} if is_number else {}

    def _cells(self, name: str) -> Cells:
        texts = self.export.texts[name]
        found = None if name in self.reading.missing or not isinstance(texts, LongTexts) else texts.numbers
        return self._cells_one_by_one(name) if found is None else number_cells(name, texts, found, self._origin(name))

    def _cells_one_by_one(self, name: str) -> Cells:
        missing = self.reading.missing.get(name, ())
        return column_cells(name, self.export.texts[name], self._origin(name), missing=missing)

    def _origin(self, name: str) -> Origin:
        return Origin(self.export.name, range(1, 1 + len(self.export.texts[name])), "row")

    def _typed(self, name: str) -> NDArray[np.float64] | None:
        if self.export.types[name] != "number":
            return None
        return self.export.table[name].to_numpy(dtype=np.float64)


def _uncensored(number: NumberText, decimal: Decimal, chosen: Literal["limit", "half", "missing"]) -> float:
    if chosen == "missing":
        return np.nan
    value = number.value(decimal)
    return value / 2 if chosen == "half" and number.side == "<" else value


def _units(numbers: Numbers, values: Mapping[str, float], unit: str | None) -> tuple[dict[str, str], dict[str, str]]:
    """Return why texts with a unit are no number of the model's, and what is remarked upon of the others."""
    expected = (known_unit(f" {unit}") or unit) if unit else ""
    has_shares = any(numbers[text].unit == "%" for text in values)
    refused, remarks = {}, {}
    for text, value in values.items():
        written = numbers[text].unit
        if not written and has_shares and 0 < abs(value) <= 1:
            refused[text] = OTHER_UNIT
        elif not written or written == expected:
            continue
        elif unit or written == "%" or len(written) == 1:
            refused[text] = OTHER_UNIT
        else:
            remarks[text] = NEW_UNIT
    return refused, remarks


def _one_other_unit(numbers: Numbers, values: Mapping[str, float], refused: Collection[str]) -> str | None:
    written = {numbers[text].unit for text in values}
    return display_unit(next(iter(written))) if len(written) == 1 and len(refused) == len(values) > 0 else None


def _spread(cells: Cells, values: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the number of each row."""
    if cells.numbers is not None:
        return cells.numbers.values
    return cells.texts.coded().spread_numbers(
        {text: values.get(repaired, np.nan) for text, repaired in cells.repaired.items()}
    )


def _by_reason(cells: Cells, said: Mapping[str, str], *, but_not: Flags | None = None) -> dict[str, Flags]:
    """Return the rows of which each thing is said."""
    reasons = {reason: {text for text in said if said[text] == reason} for reason in said.values()}
    rows = {reason: _rows(cells, texts) for reason, texts in reasons.items()}
    return rows if but_not is None else {reason: found & ~but_not for reason, found in rows.items()}


def _any_row(cells: Cells, said: Mapping[str, str]) -> Flags:
    return _rows(cells, set(said))


def _rows(cells: Cells, repaired: Collection[str]) -> Flags:
    flags = np.zeros(len(cells.texts), dtype=bool)
    flags[cells.texts.rows({text for text, after in cells.repaired.items() if after in repaired})] = True
    return flags
