"""A figure as the report shows it: a drawing, its words, and the numbers behind it."""

from dataclasses import dataclass
from typing import NamedTuple

Cell = str | int | float | None


class FigureTable(NamedTuple):
    """The numbers behind a figure, unrounded; a cell is None where there is no number or it is withheld."""

    header: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


@dataclass(frozen=True)
class Wording:
    """All of a figure but its drawing.

    ``id`` is stable, ``title`` states the finding, ``caption`` says on which patients and by which method,
    ``description`` tells the drawing to who cannot see it.
    """

    id: str
    title: str
    caption: str
    description: str
    table: FigureTable


@dataclass(frozen=True)
class Figure:
    """A drawn figure. ``svg`` is a string fit for inlining: see `clinpred.report.figures.svg`."""

    id: str
    title: str
    caption: str
    svg: str
    description: str
    table: FigureTable
