"""Partial effects: how log odds move with the predictors that matter most, one panel each, and where patients are."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from clinpred.report.contents import ModelResults, Results
from clinpred.report.effect_contents import AccumulatedEffect, PartialEffects
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.pairs import NETWORK
from clinpred.report.figures.palette import MUTED, Look, model_looks
from clinpred.report.figures.sheet import WIDTH, Sheet, drawn, key_above
from clinpred.report.figures.words import shortened
from clinpred.report.numbers import decimal, listed, significant

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEFT, _TOP, _PANEL, _RUG, _BETWEEN, _FOOT, _GAP = 44.0, 54.0, 84.0, 13.0, 40.0, 26.0, 18.0
_WIDTH = (WIDTH - _LEFT - 10 - _GAP) / 2
_LONGEST_NAME, _LONGEST_LEVEL, _LONGEST_TITLE = 20, 11, 40
_BESIDE = (NETWORK, "logistic_ridge")
_MOST_MODELS = 2
_WIDEST, _BAR = 3.0, 0.12


@dataclass(frozen=True)
class _Shown:
    """A model with its curves, and how it is drawn."""

    model: ModelResults
    effects: PartialEffects
    look: Look

    def curve(self, predictor: str) -> AccumulatedEffect:
        return next(one for one in self.effects.curves if one.predictor == predictor)


def draw_partial_effects(results: Results) -> Figure | None:
    """Draw the curves of the primary model and, in the same panels, of the regularised network (or ridge)."""
    shown = _shown(results)
    if not shown or not shown[0].effects.curves:
        return None
    units = {one.name: one.unit for one in results.predictors}
    developed = results.partition.development.patients
    rows = (len(shown[0].effects.curves) + 1) // 2
    height = _TOP + rows * (_PANEL + _RUG + _BETWEEN) - _BETWEEN + _FOOT
    return drawn(_wording(shown, units, developed), height=height, paint=lambda sheet: _paint(sheet, shown, units))


def _shown(results: Results) -> list[_Shown]:
    looks = model_looks(results)
    names = dict.fromkeys((results.primary, *_BESIDE))
    found = [
        _Shown(model, model.effects, looks[name])
        for name in names
        if (model := results.models.get(name)) is not None and model.effects is not None
    ]
    return found[:_MOST_MODELS]


def _paint(sheet: Sheet, shown: list[_Shown], units: dict[str, str | None]) -> None:
    key_above(sheet, [(shortened(one.model.title, _LONGEST_TITLE), one.look) for one in shown])
    scale = _scale(shown)
    for place, curve in enumerate(shown[0].effects.curves):
        left = _LEFT + place % 2 * (_WIDTH + _GAP)
        top = _TOP + place // 2 * (_PANEL + _RUG + _BETWEEN)
        axes = sheet.panel(left=left, top=top, width=_WIDTH, height=_PANEL)
        for one in reversed(shown):
            _paint_curve(axes, one.curve(curve.predictor), one.look)
        axes.axhline(0, color=MUTED, linewidth=0.8)
        axes.set(xlim=_ends(curve), ylim=scale, xticks=[])
        axes.set_title(shortened(_named(curve.predictor, units), _LONGEST_NAME), loc="left", fontsize=11.5, pad=3)
        axes.locator_params(axis="y", nbins=4)
        axes.yaxis.set_major_formatter("{x:g}")
        axes.grid(visible=True, axis="y")
        if place % 2:
            axes.set_yticklabels([])
        elif place == 0:
            axes.set_ylabel("Log odds")
        _paint_rug(sheet.panel(left=left, top=top + _PANEL, width=_WIDTH, height=_RUG), curve)


def _scale(shown: list[_Shown]) -> tuple[float, float]:
    """Return the one scale of all panels: that of every curve and band, but no wider than a few times the curves'."""
    curves = [curve for one in shown for curve in one.effects.curves]
    values = [value for curve in curves for value in curve.effect]
    furthest = _WIDEST * max(abs(value) for value in values)
    values += [end for curve in curves if curve.band is not None for end in (*curve.band.lower, *curve.band.upper)]
    low, high = max(min(values), -furthest), min(max(values), furthest)
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin


def _ends(curve: AccumulatedEffect) -> tuple[float, float]:
    """Return where the axis of a panel ends: at the first and the last edge, a little beyond those of levels."""
    beyond = 0.0 if curve.levels is None else _BAR * (curve.values[-1] - curve.values[0])
    return curve.values[0] - beyond, curve.values[-1] + beyond


def _paint_curve(axes: "Axes", curve: AccumulatedEffect, look: Look) -> None:
    if curve.band is not None:
        axes.fill_between(curve.values, curve.band.lower, curve.band.upper, color=look.colour, alpha=0.2, linewidth=0)
    marker = None if curve.levels is None else "o"
    axes.plot(
        curve.values, curve.effect, color=look.colour, linestyle=look.dash, linewidth=look.width,
        marker=marker, markersize=4, clip_on=False,
    )  # fmt: skip


def _paint_rug(axes: "Axes", curve: AccumulatedEffect) -> None:
    """Show where patients are: shares per unit of the axis, as steps; of levels a bar each."""
    if curve.levels is None:
        widths = [upper - lower for lower, upper in pairwise(curve.values)]
        heights = [share / width for share, width in zip(curve.shares, widths, strict=True)]
        axes.stairs(heights, curve.values, fill=True, color=MUTED, alpha=0.5, linewidth=0)
        axes.locator_params(axis="x", nbins=4)
        axes.xaxis.set_major_formatter("{x:g}")
    else:
        width = _BAR * (curve.values[-1] - curve.values[0])
        axes.bar(curve.values, curve.shares, width=width, color=MUTED, alpha=0.5, linewidth=0)
        axes.set_xticks([])
        for at, level, side in ((0, curve.levels[0], "left"), (1, curve.levels[-1], "right")):
            axes.text(at, -0.2, shortened(level, _LONGEST_LEVEL), ha=side, va="top", transform=axes.transAxes)
    axes.set(xlim=_ends(curve), yticks=[], ylim=(0, None))
    axes.invert_yaxis()
    axes.spines["left"].set_visible(False)


def _named(predictor: str, units: dict[str, str | None]) -> str:
    unit = units.get(predictor)
    return predictor if unit is None else f"{predictor}, {unit}"


def _wording(shown: list[_Shown], units: dict[str, str | None], developed: int) -> Wording:
    first, curves = shown[0], shown[0].effects.curves
    reaches = [f"{decimal(max(curve.effect) - min(curve.effect), 2)} with {curve.predictor}" for curve in curves[:3]]
    return Wording(
        id="partial_effects",
        title=f"Where patients are dense, the log odds of {first.model.title} move by {listed(reaches)}",
        caption=(
            f"{_patients(first.effects, developed)}, in each panel those who have the value. Accumulated "
            "local effects: the mean change of the log odds when patients are moved across the interval they are in, "
            "other predictors as they are, added up; 0 is the mean over patients. Drawn only where data are dense: a "
            "number from its 2.5 to its 97.5 % quantile, in up to 20 intervals with rounded edges, and levels in their "
            "order; 8 patients or more in every interval and at either end. Grey: where these patients are. "
            f"{' '.join(_bands(one) for one in shown)}{_left_out(first.effects)} "
            "Describes the model, not a cause; correlated predictors share it."
        ),
        description=" ".join(_described(one.model, curve) for one in shown for curve in one.effects.curves),
        table=_table(shown, units),
    )


def _patients(effects: PartialEffects, developed: int) -> str:
    drawn_of = f" of {developed:,}" if effects.patients < developed else ""
    return f"{effects.patients:,}{drawn_of} development patients{', drawn at random' if drawn_of else ''}"


def _bands(one: _Shown) -> str:
    """Return what the band of a model is: who was drawn, or how its networks began, never both."""
    band = next((curve.band for curve in one.effects.curves if curve.band is not None), None)
    if band is None:
        return f"{one.model.title}: no band, for no bootstrap samples tell of its curves."
    if band.kind == "networks":
        return (
            f"{one.model.title}: the band goes from the lowest to the highest of the {band.of:,} networks that it "
            "averages, which differ in their seed alone: it does not tell what other patients would have changed."
        )
    return (
        f"{one.model.title}: the band is the central 95 % of {band.of:,} bootstrap samples developed on, at each "
        "value: a spread, no confidence interval where a penalty shrinks."
    )


def _left_out(effects: PartialEffects) -> str:
    """Return which predictors would have been drawn if more patients had other values."""
    if not effects.not_drawn:
        return ""
    return (
        f" No curve, for no two values have so many patients each side and between them: {listed(effects.not_drawn)}."
    )


def _described(model: ModelResults, curve: AccumulatedEffect) -> str:
    names = curve.levels or [significant(value) for value in curve.values]
    ends = [f"{decimal(curve.effect[at], 2)} at {names[at]}" for at in (0, -1)]
    lowest, highest = decimal(min(curve.effect), 2), decimal(max(curve.effect), 2)
    return f"{model.title}, {curve.predictor}: {ends[0]}, {ends[1]}; lowest {lowest}, highest {highest}."


def _table(shown: list[_Shown], units: dict[str, str | None]) -> FigureTable:
    rows: list[tuple[Cell, ...]] = []
    for one in shown:
        for curve in one.effects.curves:
            named = _named(curve.predictor, units)
            values: list[Cell] = list(curve.values if curve.levels is None else curve.levels)
            lower, upper = (
                ([None] * len(values), [None] * len(values))
                if curve.band is None
                else (curve.band.lower, curve.band.upper)
            )
            shares = [*curve.shares, None][: len(values)]
            rows += [
                (one.model.title, named, *point)
                for point in zip(values, curve.effect, lower, upper, shares, strict=True)
            ]
    return FigureTable(
        ("model", "predictor", "value", "log odds", "band from", "to", "share of patients from here to the next"), rows
    )
