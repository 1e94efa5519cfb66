"""Coefficients and ranks over the replicates: a dot for the model, a bar for the central 95 % of what came again."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from clinpred.report.contents import Results
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.palette import Look
from clinpred.report.figures.sheet import WIDTH, Sheet, drawn
from clinpred.report.figures.unsteady import Unsteady, developed_again, unsteady_pair
from clinpred.report.figures.words import shortened
from clinpred.report.importance_tables import FIXED_WORDS
from clinpred.report.numbers import decimal, listed, percent
from clinpred.report.resampling_contents import CoefficientSpread, PredictorRank
from clinpred.report.resampling_tables import untold_ranks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 30
_WIDEST = 5.0
_ROW, _TOP, _NAMES, _GAP = 15.0, 24.0, 112.0, 14.0
_LONGEST_NAME = 16
Bar = tuple[float | None, float | None, float | None]
"""Estimate, lower and upper end."""


def draw_coefficient_spread(results: Results) -> Figure | None:
    """Draw each design column's coefficient and its spread, the primary model beside its twin."""
    shown = [one for one in unsteady_pair(results) if one.stability.coefficients]
    if not shown:
        return None
    names = [one.column for one in _largest(shown[0])]
    bars = [_coefficient_bars(one) for one in shown]
    return drawn(
        _coefficient_wording(shown),
        height=_TOP + _ROW * len(names) + 40,
        paint=lambda sheet: _paint(sheet, names, shown, bars, label="Log odds ratio"),
    )


def draw_ranks(results: Results) -> Figure | None:
    """Draw each predictor's rank and its spread, the primary model beside its twin."""
    shown = [one for one in unsteady_pair(results) if one.stability.ranks]
    if not shown:
        return None
    names = [one.predictor for one in _first(shown[0])]
    bars = [_rank_bars(one) for one in shown]
    return drawn(
        _rank_wording(shown),
        height=_TOP + _ROW * len(names) + 40,
        paint=lambda sheet: _paint(sheet, names, shown, bars, label="Rank"),
    )


def _paint(  # one panel a model, the same rows and the same scale in all
    sheet: Sheet,
    names: Sequence[str],
    shown: Sequence[Unsteady],
    bars: Sequence[dict[str, Bar]],
    *,
    label: str,
) -> None:
    scale = _scale(names, bars)
    width = (WIDTH - _NAMES - 14 - _GAP * (len(shown) - 1)) / len(shown)
    for place, (one, found) in enumerate(zip(shown, bars, strict=True)):
        axes = sheet.panel(left=_NAMES + place * (width + _GAP), top=_TOP, width=width, height=_ROW * len(names))
        _paint_bars(axes, [found.get(name, (None, None, None)) for name in names], one.look)
        axes.set(ylim=(len(names) - 0.4, -0.6), xlabel=label, yticks=[])
        axes.set_xlim(scale)
        _mark_beyond(axes, [found.get(name, (None, None, None)) for name in names], one.look)
        axes.set_title(shortened(one.model.title, 22), fontsize=11.5, pad=5, color=one.look.colour)
        if place == 0:
            axes.set_yticks(range(len(names)), [shortened(name, _LONGEST_NAME) for name in names])


def _scale(names: Sequence[str], bars: Sequence[dict[str, Bar]]) -> tuple[float, float]:
    """Return the one scale of all panels: that of every bar, but no wider than a few times the first model's."""
    first, *_ = bars
    own = [end for name in names for end in first.get(name, ()) if end is not None]
    ends = [end for found in bars for name in names for end in found.get(name, ()) if end is not None]
    furthest = _WIDEST * max((abs(end) for end in own or ends), default=1.0)
    low, high = max(min(ends, default=0.0), -furthest), min(max(ends, default=1.0), furthest)
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin


def _mark_beyond(axes: "Axes", rows: Sequence[Bar], look: Look) -> None:
    """Put an arrow where a bar goes on beyond the panel."""
    left, right = axes.get_xlim()
    for row, (_, lower, upper) in enumerate(rows):
        if lower is not None and lower < left:
            axes.plot(left, row, "<", color=look.colour, markersize=5, clip_on=False)
        if upper is not None and upper > right:
            axes.plot(right, row, ">", color=look.colour, markersize=5, clip_on=False)


def _paint_bars(axes: "Axes", rows: Sequence[Bar], look: Look) -> None:
    ends: list[float] = []
    for _, lower, upper in rows:
        ends += [math.nan] * 3 if lower is None or upper is None else [lower, upper, math.nan]
    # one path with gaps and one of markers: a drawing half as large as with one for every row
    axes.plot(ends, [row for row in range(len(rows)) for _ in range(3)], color=look.colour, linewidth=2.6, alpha=0.45)
    dots = [(estimate, row) for row, (estimate, _, _) in enumerate(rows) if estimate is not None]
    axes.plot([at for at, _ in dots], [row for _, row in dots], "o", color=look.colour, markersize=4.5)
    axes.axvline(0, color=axes.spines["left"].get_edgecolor(), linewidth=0.8)
    axes.locator_params(axis="x", nbins=3)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.grid(visible=True, axis="x")
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)


def _largest(one: Unsteady) -> list[CoefficientSpread]:
    return sorted(one.stability.coefficients or [], key=lambda found: -abs(found.estimate or 0.0))[:_MOST]


def _first(one: Unsteady) -> list[PredictorRank]:
    return sorted(one.stability.ranks or [], key=lambda found: found.rank)[:_MOST]


def _coefficient_bars(one: Unsteady) -> dict[str, Bar]:
    return {found.column: (found.estimate, found.lower, found.upper) for found in one.stability.coefficients or []}


def _rank_bars(one: Unsteady) -> dict[str, Bar]:
    return {found.predictor: (found.rank, found.lower, found.upper) for found in one.stability.ranks or []}


def _coefficient_wording(shown: Sequence[Unsteady]) -> Wording:
    widths = [
        f"{decimal(width, 2)} for {one.model.title}" for one in shown if (width := _median_width(one)) is not None
    ]
    hidden = len(shown[0].stability.coefficients or []) - _MOST
    rest = f" The {hidden} columns with the smallest coefficients are in the table only." if hidden > 0 else ""
    return Wording(
        id="coefficient_spread",
        title=f"Median width of a coefficient's spread over the replicates, log odds ratio per SD: {listed(widths)}",
        caption=(
            f"{shown[0].stability.patients:,} development patients. {developed_again(shown)} Dot: the model's "
            "coefficient, none where the model is separated; bar: central 95 % of the replicates that have one. A "
            "penalty shrinks: such a bar is a spread, no confidence interval. A column that a replicate's preparation "
            "dropped or recoded counts with a coefficient of 0; “kept” in the table: in the design and not 0. Arrow: "
            f"the bar goes on beyond the panel.{rest}"
        ),
        description=" ".join(
            f"{one.model.title}, {found.column}: {_in_words((found.estimate, found.lower, found.upper), 2)}."
            for one in shown
            for found in _largest(one)[:8]
        ),
        table=_coefficient_table(shown),
    )


def _median_width(one: Unsteady) -> float | None:
    widths = sorted(
        found.upper - found.lower
        for found in one.stability.coefficients or []
        if found.lower is not None and found.upper is not None
    )
    return widths[len(widths) // 2] if widths else None


def _in_words(bar: Bar, digits: int) -> str:
    estimate, lower, upper = ("–" if end is None else decimal(end, digits) for end in bar)
    return f"{estimate} ({lower} to {upper})"


def _coefficient_table(shown: Sequence[Unsteady]) -> FigureTable:
    rows: list[tuple[Cell, ...]] = [
        (one.model.title, found.column, found.estimate, found.lower, found.upper, found.selected, found.same_sign)
        for one in shown
        for found in one.stability.coefficients or []
    ]
    return FigureTable(("model", "design column", "per SD", "2.5 %", "97.5 %", "kept", "same sign"), rows)


def _rank_wording(shown: Sequence[Unsteady]) -> Wording:
    leading = [f"{one.predictor} ({percent(one.top_five)})" for one in _first(shown[0])[:5]]
    hidden = len(shown[0].stability.ranks or []) - _MOST
    rest = f" The {hidden} predictors of the last ranks are in the table only." if hidden > 0 else ""
    return Wording(
        id="ranks",
        title=f"Share of replicates in which a leading predictor of {shown[0].model.title} is among the first five: "
        f"{listed(leading)}",
        caption=(
            f"{shown[0].stability.patients:,} development patients. {developed_again(shown)} Rank of each predictor by "
            "the SD of what it adds to the log odds. Dot: the model's; bar: central 95 % of the replicates, no "
            f"confidence interval. {_untold(shown[0])}{rest} {FIXED_WORDS}"
        ),
        description=" ".join(
            f"{one.model.title}, {found.predictor}: rank {_in_words((found.rank, found.lower, found.upper), 0)}, among "
            f"the first five in {percent(found.top_five)}."
            for one in shown
            for found in _first(one)[:8]
        ),
        table=_rank_table(shown),
    )


def _untold(first: Unsteady) -> str:
    doubt = untold_ranks(first.model.title, _first(first))
    return doubt or "Predictors whose ranks overlap cannot be told apart."


def _rank_table(shown: Sequence[Unsteady]) -> FigureTable:
    rows: list[tuple[Cell, ...]] = [
        (one.model.title, found.predictor, found.contribution, found.rank, found.lower, found.upper, found.top_five)
        for one in shown
        for found in one.stability.ranks or []
    ]
    return FigureTable(
        ("model", "predictor", "SD added to log odds", "rank", "2.5 %", "97.5 %", "among the first five"), rows
    )
