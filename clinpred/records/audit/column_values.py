"""The distinct values of a column, ready to be searched for what identifies a patient."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clinpred.records.read import Export
from clinpred.records.values.missing_words import is_missing_word

_SHORTEST_NUMBER = 1e7
_FEWEST_BLANKS = 2
_LONGEST = 200
_LOOKED_AT = 200


@dataclass(frozen=True, eq=False)
class ColumnValues:
    """A column as the search for identifiers sees it: every distinct value once, in one text of a line a value.

    Parameters
    ----------
    export : Export
        The export as it was read.
    column : str
        The column's name.
    n_patients : int
        Patients of the export where a patient id tells them apart, else its rows.
    is_id : bool
        Whether it is the patient id, or has a name that ids of patients and records go by.
    """

    export: Export
    column: str
    n_patients: int
    is_id: bool = False

    @property
    def type(self) -> str:
        """The column's type: "number", "category", "date" or "empty"."""
        return self.export.types[self.column]

    @cached_property
    def distinct(self) -> tuple[str, ...]:
        """The distinct values as written, each on one line, missing ones left out, whatever the order of rows."""
        if self.type in {"number", "empty"}:
            written = {text.removesuffix(".0") for text in self.export.texts[self.column].counts()}
            return tuple(sorted(text for text in written if text and not is_missing_word(text)))
        texts = {" ".join(text.split()) for text in self.export.table[self.column].dropna().unique()}
        return tuple(sorted(texts - {""}))

    @cached_property
    def lines(self) -> str:
        """The distinct values, one a line."""
        return "\n".join(self.distinct)

    @cached_property
    def prose(self) -> str:
        """The distinct values of at least three words, one a line."""
        return "\n".join(text for text in self.distinct if text.count(" ") >= _FEWEST_BLANKS)

    @cached_property
    def lower(self) -> str:
        """The distinct values in lower case, one a line."""
        return self.lines.casefold()

    @cached_property
    def may_hold_numbers_of_people(self) -> bool:
        """Whether its values are texts, or whole numbers long enough for a phone or a health service."""
        return self.type == "category" or (self.are_whole_numbers and float(np.max(self.numbers)) >= _SHORTEST_NUMBER)

    @cached_property
    def are_whole_numbers(self) -> bool:
        """Whether the column is one of whole numbers."""
        return self.type == "number" and bool(np.all(self.numbers == np.floor(self.numbers)))

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The numbers of a column of type number, missing ones left out."""
        return self.export.table[self.column].dropna().to_numpy(dtype=np.float64)

    @property
    def is_unlike_patients(self) -> bool:
        """Whether there are far fewer values than patients, as among sites, devices and codes."""
        return len(self.distinct) < self.n_patients / 2

    def count(self, pattern: re.Pattern[str]) -> int:
        """Return how many distinct values match as a whole; long ones are prose and do not."""
        return sum(len(text) <= _LONGEST and pattern.fullmatch(text) is not None for text in self.distinct)

    def mostly(self, pattern: re.Pattern[str], *, share: float = 0.5, fewest: int = 1) -> bool:
        """Whether at least this share of the distinct values, and this many, match as a whole."""
        n_values = len(self.distinct)
        looked_at = self.distinct[:: max(1, n_values // _LOOKED_AT)]
        among = sum(len(text) <= _LONGEST and pattern.fullmatch(text) is not None for text in looked_at)
        # far fewer than the share among some evenly taken values: all of them need not be looked at
        if n_values < fewest or among < 0.5 * share * len(looked_at):
            return False
        return self.count(pattern) >= max(fewest, share * n_values)
