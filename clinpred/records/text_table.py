"""A table as every source hands it over: cells of text, and what the source itself says of its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from clinpred.records.findings import Finding
from clinpred.records.text.scanner import Dialect


@dataclass(frozen=True)
class Description:
    """What a data dictionary, or the file itself, says of a column; None and empty where it says nothing.

    Parameters
    ----------
    label : str
        The column in words.
    type : {"number", "category", "date"}, optional
        The type that the source states; a category is then never typed as numbers.
    levels : tuple of str
        The categories in the source's order, as the cells hold them.
    range : tuple of (lowest, highest), optional
        The plausible range; either end may be None.
    identifier : bool
        Whether the source marks the column as identifying.
    """

    label: str = ""
    type: Literal["number", "category", "date"] | None = None
    levels: tuple[str, ...] = ()
    range: tuple[float | None, float | None] | None = None
    identifier: bool = False


@dataclass(frozen=True)
class TextTable:
    """Cells as text, stripped of outer blanks. ``places[i]`` is the line (or row) at which row i stands.

    ``units`` has those that the source gives outside the cells, by column; ``dialect`` says how a text was written;
    ``described`` has what the source says of its columns.
    """

    names: tuple[str, ...]
    columns: tuple[Sequence[str], ...]
    places: Sequence[int]
    place_word: str
    findings: tuple[Finding, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    dialect: Dialect = Dialect()  # noqa: RUF009
    described: Mapping[str, Description] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceTable:
    """A table, the name that messages call its source by, and the SHA-256 of what was read."""

    table: TextTable
    name: str
    sha256: str
