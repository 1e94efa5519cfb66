"""The flow of patients: from the rows of the export to those learnt from and those held out."""

from typing import TYPE_CHECKING

from clinpred.report.contents import Results
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.palette import INK, MODEL_1, MUTED
from clinpred.report.figures.sheet import WIDTH, Sheet, drawn
from clinpred.report.figures.words import shortened
from clinpred.report.numbers import listed, threshold_percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE, _BOX, _GAP = 16.0, 44.0, 26.0
_MIDDLE = 88.0
_LONGEST_REASON = 30
_HELD_OUT_BY = {"patient": "drawn at random", "period": "those of the last period", "site": "those of whole sites"}


def draw_flow(results: Results) -> Figure:
    """Draw how the export's rows became development and held-out patients."""
    height = 2 + _BOX + _between(results) + _BOX + 2 * _GAP + _BOX + 2
    return drawn(_wording(results), height=height, paint=lambda sheet: _paint(sheet, results))


def _between(results: Results) -> float:
    """Return the room between the first two boxes, which the exclusions beside them take."""
    return max(_GAP, _LINE * (len(results.cohort.excluded) + 1) + 24)


def _paint(sheet: Sheet, results: Results) -> None:
    axes = sheet.panel(left=0, top=0, width=WIDTH, height=sheet.height)
    axes.set(xlim=(0, WIDTH), ylim=(sheet.height, 0))
    axes.axis("off")
    cohort, partition = results.cohort, results.partition
    second = 2 + _BOX + _between(results)
    third = second + _BOX + 2 * _GAP
    _box(axes, (2, 2, 2 * _MIDDLE - 4), ("Rows in the export", f"{cohort.rows_in_export:,}"), INK)
    _box(axes, (2, second, 2 * _MIDDLE - 4), (f"{cohort.patients:,} patients", _rows_and_events(results)), INK)
    _arrow(axes, (_MIDDLE, 2 + _BOX), (_MIDDLE, second))
    if cohort.excluded:
        _paint_excluded(axes, results)
    branch = second + _BOX + _GAP
    sides = ((_MIDDLE, "Development", partition.development, INK), (264.0, "Held-out", partition.held_out, MODEL_1))
    axes.plot([_MIDDLE, _MIDDLE, 264], [second + _BOX, branch, branch], color=MUTED, linewidth=1)
    for centre, title, counts, colour in sides:
        words = (f"{title}: {counts.patients:,}", f"{counts.events:,} events")
        _box(axes, (centre - _MIDDLE + 2, third, 2 * _MIDDLE - 4), words, colour)
        _arrow(axes, (centre, branch), (centre, third))


def _rows_and_events(results: Results) -> str:
    cohort = results.cohort
    rows = f"{cohort.rows:,} rows, " if cohort.rows != cohort.patients else ""
    return f"{rows}{cohort.events:,} events"


def _paint_excluded(axes: "Axes", results: Results) -> None:
    excluded = results.cohort.excluded
    top = 2 + _BOX + 10
    lines = [f"Excluded: {sum(one.rows for one in excluded):,} rows"]
    lines += [f"{one.rows:,} {shortened(one.reason, _LONGEST_REASON)}" for one in excluded]
    left, height = _MIDDLE + 26, _LINE * len(lines) + 6
    axes.plot([_MIDDLE, left], [top + height / 2] * 2, color=MUTED, linewidth=1)
    _frame(axes, (left, top, WIDTH - left - 2, height), MUTED)
    for place, line in enumerate(lines):
        axes.text(left + 8, top + _LINE * (place + 1) - 2, line, color=MUTED if place else INK)


def _box(axes: "Axes", place: tuple[float, float, float], words: tuple[str, str], colour: str) -> None:
    left, top, width = place
    _frame(axes, (left, top, width, _BOX), colour)
    axes.text(left + width / 2, top + 18, words[0], ha="center", weight="bold", color=colour)
    axes.text(left + width / 2, top + 35, words[1], ha="center")


def _frame(axes: "Axes", place: tuple[float, float, float, float], colour: str) -> None:
    left, top, width, height = place
    corners = ([left, left + width, left + width, left, left], [top, top, top + height, top + height, top])
    axes.plot(*corners, color=colour, linewidth=1)


def _arrow(axes: "Axes", start: tuple[float, float], end: tuple[float, float]) -> None:
    (x, top), (_, bottom) = start, end
    axes.plot([x, x], [top, bottom - 5], color=MUTED, linewidth=1)
    axes.fill([x - 3.5, x + 3.5, x], [bottom - 7, bottom - 7, bottom - 1], color=MUTED, linewidth=0)


def _wording(results: Results) -> Wording:
    cohort, development, held_out = results.cohort, results.partition.development, results.partition.held_out
    excluded = [f"{one.rows:,} rows: {one.reason}" for one in cohort.excluded]
    return Wording(
        id="flow",
        title=(
            f"{cohort.rows_in_export:,} rows became {cohort.patients:,} patients: {development.patients:,} to develop "
            f"on ({development.events:,} events) and {held_out.patients:,} held out ({held_out.events:,} events)"
        ),
        caption=(
            "Every row of the export. Held out before anything was learnt: "
            f"{threshold_percent(results.partition.share)} of the patients, {_HELD_OUT_BY[results.partition.by]}. "
            "Counts, without intervals."
        ),
        description=f"Excluded: {listed(excluded) if excluded else 'nobody'}.",
        table=_table(results),
    )


def _table(results: Results) -> FigureTable:
    cohort, partition = results.cohort, results.partition
    rows: list[tuple[Cell, ...]] = [
        ("rows in the export", cohort.rows_in_export, None, None),
        *((f"excluded: {one.reason}", one.rows, None, None) for one in cohort.excluded),
        ("analysed", cohort.rows, cohort.patients, cohort.events),
        ("development", None, partition.development.patients, partition.development.events),
        ("held-out", None, partition.held_out.patients, partition.held_out.events),
    ]
    return FigureTable(("step", "rows", "patients", "events"), rows)
