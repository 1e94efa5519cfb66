"""A predictor that is a number, read cell by cell: one spoilt cell costs its own row the risk, and no other row."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clinpred.records.findings import Finding
from clinpred.records.read import Export
from clinpred.records.types import is_digits
from clinpred.records.values.cells import Cells, Origin, column_cells, number_cells
from clinpred.records.values.decimal_marks import FileMarks, shown_mark
from clinpred.records.values.missing_words import is_missing_word
from clinpred.records.values.numbers import Decimal, NumberText, read_number
from clinpred.records.values.sentinels import sentinel_counts, sentinel_findings
from clinpred.records.values.texts import LongTexts
from clinpred.records.values.typed_columns import decide_type
from clinpred.records.values.units import display_unit, known_unit
from clinpred.settings.export import Reading

Flags = NDArray[np.bool_]
Numbers = Mapping[str, NumberText]

NOT_A_NUMBER = "not a number"
CENSORED = "a censored value"
EITHER_WAY = "a number with either a decimal mark or thousands kept apart"
OTHER_UNIT = "in another unit than at development"
NEW_UNIT = "with a unit, which it had not at development"


@dataclass(frozen=True, eq=False)
class NumberCells:
    """The numbers of a column, and what is to be said of its rows.

    Parameters
    ----------
    values : array, shape (n,)
        NaN where missing, or where there is no number that the model could use.
    refused : mapping of str to bool array, shape (n,)
        Why rows have a cell that is there but no number, by the reason.
    remarks : mapping of str to bool array, shape (n,)
        What is remarked upon of numbers that are used.
    findings : tuple of Finding
        Numbers that often stand for "missing" (W-SENTINEL).
    """

    values: NDArray[np.float64]
    refused: Mapping[str, Flags]
    remarks: Mapping[str, Flags]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False)
class NumberReader:
    """Reads the cells of an export's columns as numbers.

    Parameters
    ----------
    export : Export
        The export, typed or as it was written.
    reading : Reading
        The decimal mark, and what becomes of censored values, where that was decided.
    """

    export: Export
    reading: Reading

    def column(self, name: str, unit: str | None) -> NumberCells:
        """Return the numbers of a column, in its unit at development.

        A cell that is empty, holds a word for "missing" or what the reading calls missing, is missing. What the export
        has read as a number is one. Any other cell is read by itself.
        """
        cells = _cells(self.export, name)
        numbers = {text: read_number(text) for text in cells.counts}
        mark = self._mark(numbers)
        values: dict[str, float] = {}
        said: dict[str, str] = {}
        for text, number in numbers.items():
            reason = self._judge(name, text, number, mark=mark)
            if reason:
                said[text] = reason
            elif number.kind != "spelling":
                values[text] = self._value(name, text, number, mark=mark)
        said |= _units(numbers, values, unit)
        return self._of_rows(name, cells, values, said)
