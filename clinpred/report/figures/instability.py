"""Prediction instability: what risks a patient gets when the model is developed again on other patients."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clinpred.report.contents import Results
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.palette import INK, REFERENCE
from clinpred.report.figures.sheet import Sheet, drawn
from clinpred.report.figures.unsteady import Unsteady, developed_again, unsteady_pair
from clinpred.report.figures.words import shortened
from clinpred.report.limits import LARGEST_MAPE
from clinpred.report.numbers import decimal, interval, listed
from clinpred.report.resampling_contents import RiskInstability

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEFT, _TOP, _SIDE, _GAP, _LOW, _FOOT = 50.0, 24.0, 140.0, 16.0, 78.0, 40.0
_HEIGHT = _TOP + _SIDE + _GAP + _LOW + _FOOT
_TICKS = (0, 0.5, 1)
_TICK_LABELS = ("0", "0.5", "1")


def draw_instability(results: Results) -> Figure | None:
    """Draw the replicates' risks, and their mean distance, against the risks of the primary model and its twin."""
    shown = unsteady_pair(results)
    if not shown:
        return None
    return drawn(_wording(shown), height=_HEIGHT, paint=lambda sheet: _paint(sheet, shown))


def _paint(sheet: Sheet, shown: Sequence[Unsteady]) -> None:
    furthest = max(max(one.stability.risk.mean_absolute) for one in shown)
    for place, one in enumerate(shown):
        left = _LEFT + place * (_SIDE + _GAP)
        axes = sheet.panel(left=left, top=_TOP, width=_SIDE, height=_SIDE)
        _paint_risks(axes, one)
        below = sheet.panel(left=left, top=_TOP + _SIDE + _GAP, width=_SIDE, height=_LOW)
        _paint_distance(below, one)
        below.set_ylim(0, 1.1 * max(furthest, LARGEST_MAPE))
        if place:
            axes.set_yticklabels([])
            below.set_yticklabels([])
        else:
            axes.set_ylabel("Risk, developed again")
            below.set_ylabel("Mean |difference|")


def _paint_risks(axes: "Axes", one: Unsteady) -> None:
    edges, risk = [*one.stability.risk.lower_edge, one.stability.risk.upper_edge[-1]], one.stability.risk
    axes.stairs(risk.q975, edges, baseline=risk.q025, fill=True, color=one.look.colour, alpha=0.22, linewidth=0)
    axes.stairs(risk.q75, edges, baseline=risk.q25, fill=True, color=one.look.colour, alpha=0.4, linewidth=0)
    axes.stairs(risk.q50, edges, baseline=None, color=one.look.colour, linewidth=1.2)
    axes.plot([0, 1], [0, 1], color=INK, linestyle=REFERENCE.dash, linewidth=REFERENCE.width)
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=_TICKS, xticklabels=[])
    axes.set_yticks(_TICKS, _TICK_LABELS)
    axes.set_title(shortened(one.model.title, 24), fontsize=11.5, pad=6, color=one.look.colour)
    axes.grid(visible=True)


def _paint_distance(axes: "Axes", one: Unsteady) -> None:
    risk = one.stability.risk
    edges = [*risk.lower_edge, risk.upper_edge[-1]]
    axes.stairs(risk.mean_absolute, edges, fill=True, color=one.look.colour, alpha=0.4, linewidth=0)
    axes.axhline(one.stability.mean_absolute, color=one.look.colour, linewidth=1.4)
    axes.axhline(LARGEST_MAPE, color=INK, linestyle=REFERENCE.dash, linewidth=REFERENCE.width)
    axes.set(xlim=(0, 1), xlabel="Risk of the model")
    axes.set_xticks(_TICKS, _TICK_LABELS)
    axes.locator_params(axis="y", nbins=3)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(visible=True)


def _wording(shown: Sequence[Unsteady]) -> Wording:
    mean = [f"{decimal(one.stability.mean_absolute, 3)} for {one.model.title}" for one in shown]
    patients = shown[0].stability.patients
    return Wording(
        id="instability",
        title=f"Developed again on other patients, risks differ on average by {listed(mean)}",
        caption=(
            f"{patients:,} development patients, in bins of the model's risk. {developed_again(shown)} Above: central "
            "95 % and 50 % of the replicates' risks of a bin's patients, and their median, against the model's own "
            "risk; dashed: no difference. Below: mean absolute difference from the model's risk (MAPE) by bin; line: "
            f"over all patients; dashed: {LARGEST_MAPE:g}, above which the verdict says “unstable”, a convention. "
            "These are spreads over replicates, no confidence intervals."
        ),
        description=" ".join(_described(one) for one in shown),
        table=_table(shown),
    )


def _described(one: Unsteady) -> str:
    risk = one.stability.risk
    at = [
        f"where the model says {interval(risk.lower_edge[place], risk.upper_edge[place], 2)}, 95 % of the replicates' "
        f"risks are {interval(risk.q025[place], risk.q975[place], 2)}"
        for place in _quarters(risk)
    ]
    return (
        f"{one.model.title}: mean absolute difference {decimal(one.stability.mean_absolute, 3)}, its 90th percentile "
        f"over patients {decimal(one.stability.mean_absolute_90, 3)}; {'; '.join(at)}."
    )


def _quarters(risk: RiskInstability) -> list[int]:
    bins = len(risk.patients)
    return sorted({bins // 4, bins // 2, 3 * bins // 4})


def _table(shown: Sequence[Unsteady]) -> FigureTable:
    header = (
        "model",
        "risk from",
        "risk to",
        "patients",
        "mean |difference|",
        "2.5 %",
        "25 %",
        "50 %",
        "75 %",
        "97.5 %",
    )
    rows: list[tuple[Cell, ...]] = []
    for one in shown:
        risk = one.stability.risk
        columns = zip(
            risk.lower_edge, risk.upper_edge, risk.patients, risk.mean_absolute,
            risk.q025, risk.q25, risk.q50, risk.q75, risk.q975, strict=True,
        )  # fmt: skip
        rows += [(one.model.title, *point) for point in columns]
    return FigureTable(header, rows)
