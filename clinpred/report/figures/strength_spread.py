"""How much the choice of the penalty strength depends on who was learnt from."""

import math
from typing import TYPE_CHECKING

from clinpred.report.contents import ModelResults, Results
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.palette import INK, MODEL_1
from clinpred.report.figures.sheet import WIDTH, Sheet, drawn
from clinpred.report.numbers import listed, significant
from clinpred.report.resampling_contents import StrengthSpread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TOP, _ROW, _GAP = 38.0, 62.0, 60.0
_STEPS = (1.0, 2.0, 5.0)
_FEWEST_DECADES, _MOST_TICKS = 3, 6
Chosen = list[tuple[ModelResults, StrengthSpread]]


def draw_strength_spread(results: Results) -> Figure | None:
    """Draw the strengths that the replicates chose, one panel a model."""
    chosen = [
        (model, model.stability.strength)
        for model in results.models.values()
        if model.stability is not None and model.stability.strength is not None
    ]
    if not chosen:
        return None
    height = _TOP + (_ROW + _GAP) * len(chosen) - 12
    return drawn(_wording(chosen), height=height, paint=lambda sheet: _paint(sheet, chosen))


def _paint(sheet: Sheet, chosen: Chosen) -> None:
    for row, (model, spread) in enumerate(chosen):
        axes = sheet.panel(left=52, top=_TOP + row * (_ROW + _GAP), width=WIDTH - 72, height=_ROW)
        _paint_spread(axes, spread)
        axes.set_title(f"{model.title}\n{_in_words(spread)}", loc="left", fontsize=11.5, pad=4)
        axes.set_ylabel("Replicates")
    axes.set_xlabel("Penalty strength λ, logarithmic (stronger to the right)")


def _paint_spread(axes: "Axes", spread: StrengthSpread) -> None:
    axes.stairs(spread.counts, spread.edges, fill=True, color=MODEL_1, alpha=0.6, linewidth=0)
    axes.axvline(spread.chosen, color=INK, linewidth=1.2)
    axes.set_xscale("log")
    axes.set_ylim(0, 1.3 * max(*spread.counts, 1))
    axes.annotate(
        f"chosen: {significant(spread.chosen)}",
        (spread.chosen, 1),
        (4, -11),
        color=INK,
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
    )
    ticks = strength_ticks(spread.edges[0], spread.edges[-1])
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.locator_params(axis="y", nbins=3)
    axes.grid(visible=True, axis="y")
    axes.set_axisbelow(True)


def strength_ticks(lower: float, upper: float) -> list[float]:
    """Return the ticks between two strengths: decades, or 1, 2 and 5 of each where decades are few.

    Examples
    --------
    >>> strength_ticks(0.003, 0.0178), strength_ticks(0.0005, 2.0)
    ([0.005, 0.01], [0.001, 0.01, 0.1, 1.0])
    """
    exponents = range(math.floor(math.log10(lower)), math.ceil(math.log10(upper)) + 1)
    decades = [float(f"1e{exponent}") for exponent in exponents]
    inside = [tick for tick in decades if lower <= tick <= upper]
    if len(inside) < _FEWEST_DECADES:
        inside = [tick for decade in decades for step in _STEPS if lower <= (tick := step * decade) <= upper]
    return inside[:: math.ceil(len(inside) / _MOST_TICKS) or 1]


def _in_words(spread: StrengthSpread) -> str:
    low, high = f"{spread.q025:.2g}", f"{spread.q975:.2g}"
    return f"median {spread.median:.2g}, central 95 % {low} to {high}"


def _wording(chosen: Chosen) -> Wording:
    first, spread = chosen[0]
    patients = max(model.stability.patients for model, _ in chosen if model.stability is not None)
    return Wording(
        id="strength_spread",
        title=f"Chosen again on bootstrap samples, the penalty strength of {first.title} spreads over a factor of "
        f"{significant(round(spread.q975 / spread.q025, 1))}",
        caption=(
            f"Bootstrap samples of {patients:,} development patients; the strength is chosen again in each. Bars: "
            "replicates by strength; in words: their median and central 95 % (a spread, no confidence interval; the "
            "title: its upper over its lower end); line: the strength chosen on all patients. A bootstrap sample holds "
            f"about 63 % of the patients, so it asks for somewhat more penalty than all of them.{_shares(chosen)}"
        ),
        description=" ".join(_described(model, one) for model, one in chosen),
        table=_table(chosen),
    )


def _shares(chosen: Chosen) -> str:
    return "".join(
        f" {model.title}: "
        + listed([f"an L1 share of {share} in {times:,} replicates" for share, times in one.l1_shares.items()])
        + "."
        for model, one in chosen
        if one.l1_shares
    )


def _described(model: ModelResults, one: StrengthSpread) -> str:
    return (
        f"{model.title}: chosen {significant(one.chosen)}; over the replicates median {significant(one.median)}, "
        f"central 95 % {significant(one.q025)} to {significant(one.q975)}."
    )


def _table(chosen: Chosen) -> FigureTable:
    rows: list[tuple[Cell, ...]] = [
        (model.title, *bar) for model, one in chosen for bar in zip(one.edges, one.edges[1:], one.counts, strict=False)
    ]
    return FigureTable(("model", "strength from", "strength to", "replicates"), rows)
