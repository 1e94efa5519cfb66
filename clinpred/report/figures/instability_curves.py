"""Calibration and net benefit of the models of the replicates, around the model's own."""

from typing import TYPE_CHECKING

from clinpred.report.contents import Results
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.palette import INK, MUTED, REFERENCE
from clinpred.report.figures.sheet import Sheet, drawn
from clinpred.report.figures.unsteady import Unsteady, developed_again, unsteady_pair
from clinpred.report.figures.words import shortened
from clinpred.report.numbers import decimal, listed
from clinpred.report.resampling_contents import CalibrationInstability

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEFT, _TOP, _SIDE, _GAP, _BETWEEN, _LOW, _FOOT = 50.0, 24.0, 140.0, 16.0, 46.0, 110.0, 38.0
_HEIGHT = _TOP + _SIDE + _BETWEEN + _LOW + _FOOT
_MOST_POINTS = 400
_LOWEST = -0.05
_TICKS, _TICK_LABELS = (0, 0.5, 1), ("0", "0.5", "1")


def draw_instability_curves(results: Results) -> Figure | None:
    """Draw calibration curves and the band of decision curves of the primary model and its twin."""
    shown = unsteady_pair(results)
    if not shown:
        return None
    return drawn(_wording(shown), height=_HEIGHT, paint=lambda sheet: _paint(sheet, shown))


def _paint(sheet: Sheet, shown: list[Unsteady]) -> None:
    highest = max(max(*one.stability.decision.upper, *one.stability.decision.original) for one in shown)
    for place, one in enumerate(shown):
        left = _LEFT + place * (_SIDE + _GAP)
        axes = sheet.panel(left=left, top=_TOP, width=_SIDE, height=_SIDE)
        _paint_calibration(axes, one)
        below = sheet.panel(left=left, top=_TOP + _SIDE + _BETWEEN, width=_SIDE, height=_LOW)
        _paint_decision(below, one)
        below.set_ylim(_LOWEST, 1.08 * highest)
        if place:
            axes.set_yticklabels([])
            below.set_yticklabels([])
        else:
            axes.set_ylabel("Observed proportion")
            below.set_ylabel("Net benefit")


def _paint_calibration(axes: "Axes", one: Unsteady) -> None:
    found = one.stability.calibration
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle=REFERENCE.dash, linewidth=REFERENCE.width)
    if found is not None:
        for curve in drawn_curves(found):
            axes.plot(found.risk, _gapped(curve), color=one.look.colour, linewidth=0.5, alpha=0.45)
        axes.plot(found.risk, _gapped(found.original), color=INK, linewidth=1.4)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="Predicted risk")
    axes.set_xticks(_TICKS, _TICK_LABELS)
    axes.set_yticks(_TICKS, _TICK_LABELS)
    axes.set_title(shortened(one.model.title, 24), fontsize=11.5, pad=6, color=one.look.colour)
    axes.grid(visible=True)


def _paint_decision(axes: "Axes", one: Unsteady) -> None:
    found = one.stability.decision
    axes.fill_between(found.threshold, found.lower, found.upper, color=one.look.colour, alpha=0.35, linewidth=0)
    axes.plot(found.threshold, found.treat_all, color=MUTED, linestyle=REFERENCE.dash, linewidth=REFERENCE.width)
    axes.plot(found.threshold, found.original, color=INK, linewidth=1.2)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set(xlim=(0, 1), xlabel="Threshold risk")
    axes.set_xticks(_TICKS, _TICK_LABELS)
    axes.locator_params(axis="y", nbins=4)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(visible=True)


def drawn_curves(found: CalibrationInstability) -> list[list[float | None]]:
    """Return the curves that are drawn: as many as keep the drawing small."""
    return found.curves[: max(_MOST_POINTS // len(found.risk), 1)]


def _gapped(curve: list[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in curve]


def _wording(shown: list[Unsteady]) -> Wording:
    widest = [f"{decimal(_widest_band(one), 3)} for {one.model.title}" for one in shown]
    counts = [str(len(drawn_curves(found))) for one in shown if (found := one.stability.calibration) is not None]
    lines = f"{listed(list(dict.fromkeys(counts)))} replicates' models" if counts else "no replicate's model"
    return Wording(
        id="instability_curves",
        title=f"Widest band of net benefit over models developed again: {listed(widest)}",
        caption=(
            f"{shown[0].stability.patients:,} development patients. {developed_again(shown)} Above: calibration curves "
            f"of {lines} on these patients, and the model's own (heavy); dashed: ideal. Below: its net benefit "
            "(heavy) with the central 95 % of the replicates (band: a spread, no confidence interval); dashed: treat "
            f"all; values under {decimal(_LOWEST, 2)} are not shown. All on patients learnt from: the spread is to be "
            "read, not the level."
        ),
        description=" ".join(_described(one) for one in shown),
        table=_table(shown),
    )


def _widest_band(one: Unsteady) -> float:
    found = one.stability.decision
    return max(upper - lower for lower, upper in zip(found.lower, found.upper, strict=True))


def _described(one: Unsteady) -> str:
    said = f"{one.model.title}: the band of net benefit is at most {decimal(_widest_band(one), 3)} wide"
    found = one.stability.calibration
    if found is None:
        return f"{said}; no calibration curve."
    middle = len(found.risk) // 2
    there = sorted(value for curve in found.curves if (value := curve[middle]) is not None)
    if not there:
        return f"{said}."
    return (
        f"{said}; at a risk of {decimal(found.risk[middle], 2)} the replicates' calibration curves lie between "
        f"{decimal(there[0], 2)} and {decimal(there[-1], 2)}."
    )


def _table(shown: list[Unsteady]) -> FigureTable:
    header = ("model", "curve", "risk or threshold", "model's own", "lowest", "highest", "treat all")
    rows: list[tuple[Cell, ...]] = []
    for one in shown:
        if (found := one.stability.calibration) is not None:
            for place, risk in enumerate(found.risk):
                there = [value for curve in found.curves if (value := curve[place]) is not None]
                ends = (min(there), max(there)) if there else (None, None)
                rows.append((one.model.title, "calibration, all curves", risk, found.original[place], *ends, None))
        decision = one.stability.decision
        columns = (decision.threshold, decision.original, decision.lower, decision.upper, decision.treat_all)
        rows += [(one.model.title, "net benefit, 2.5 and 97.5 %", *point) for point in zip(*columns, strict=True)]
    return FigureTable(header, rows)
