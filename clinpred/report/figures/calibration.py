"""Calibration: the observed proportion against the predicted risk, above the patients who stand behind it."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from clinpred.report.contents import CalibrationCurve, Estimate, ModelResults, Results, RiskHistogram
from clinpred.report.figures.figure import Figure, FigureTable, Wording
from clinpred.report.figures.histogram import WITHHELD_NOTE, bars, tallest
from clinpred.report.figures.pairs import HELD_OUT, network_pair, primary_pair
from clinpred.report.figures.palette import MUTED, REFERENCE, Look, model_looks
from clinpred.report.figures.sheet import WIDTH, Corner, Sheet, drawn, key
from clinpred.report.figures.words import patients_of
from clinpred.report.numbers import decimal, interval, listed, with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEFT, _TOP, _STRIP, _FOOT = 72.0, 8.0, 52.0, 36.0
_SIDE = WIDTH - _LEFT - 12.0
_HEIGHT = _TOP + _SIDE + 10 + _STRIP + _FOOT
_TICKS = (0, 0.2, 0.4, 0.6, 0.8, 1)
_TICK_LABELS = [f"{tick:g}" for tick in _TICKS]


def draw_calibration(results: Results) -> Figure | None:
    """Draw the primary model and its unregularised twin on held-out patients."""
    return _draw("calibration", primary_pair(results), results)


def draw_network_calibration(results: Results) -> Figure | None:
    """Draw the regularised network and its unregularised twin, where they are not the primary pair."""
    return _draw("calibration_mlp", network_pair(results), results)


def _draw(identity: str, names: Sequence[str], results: Results) -> Figure | None:
    looks = model_looks(results)
    shown = [(results.models[name], looks[name]) for name in names if _curve(results.models[name]) is not None]
    if not shown:
        return None
    return drawn(_wording(identity, [model for model, _ in shown]), height=_HEIGHT, paint=lambda on: _paint(on, shown))


def _curve(model: ModelResults) -> CalibrationCurve | None:
    return model.curves[HELD_OUT].calibration if HELD_OUT in model.curves else None


def _paint(sheet: Sheet, shown: Sequence[tuple[ModelResults, Look]]) -> None:
    axes = sheet.panel(left=_LEFT, top=_TOP, width=_SIDE, height=_SIDE)
    axes.plot([0, 1], [0, 1], color=REFERENCE.colour, linestyle=REFERENCE.dash, linewidth=REFERENCE.width)
    curves = [(curve, look) for model, look in shown if (curve := _curve(model)) is not None]
    for curve, look in curves:
        axes.fill_between(curve.risk, curve.lower, curve.upper, color=look.colour, alpha=0.15, linewidth=0)
    for curve, look in reversed(curves):
        axes.plot(curve.risk, curve.observed, color=look.colour, linestyle=look.dash)
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=_TICKS, xticklabels=[], ylabel="Observed proportion")
    axes.set_yticks(_TICKS, _TICK_LABELS)
    axes.grid(visible=True)
    key(axes, [*((model.title, look) for model, look in shown), ("ideal", REFERENCE)], corner=_free_corner(curves))
    model, look = shown[0]
    if (histogram := model.curves[HELD_OUT].histogram) is not None:
        _paint_strip(sheet.panel(left=_LEFT, top=_TOP + _SIDE + 10, width=_SIDE, height=_STRIP), histogram, look)


def _paint_strip(axes: "Axes", histogram: RiskHistogram, look: Look) -> None:
    bars(axes, histogram.edges, histogram.events, look.colour)
    bars(axes, histogram.edges, histogram.non_events, MUTED, upwards=False)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    highest = tallest(histogram)
    axes.set(xlim=(0, 1), ylim=(-highest, highest), xlabel="Predicted risk")
    axes.set_xticks(_TICKS, _TICK_LABELS)
    axes.set_yticks([highest / 2, -highest / 2], ["events", "non-events"])
    axes.spines[["left", "bottom"]].set_visible(False)


def _free_corner(curves: Sequence[tuple[CalibrationCurve, Look]]) -> Corner:
    """Return the corner of the panel that fewer bands reach into."""
    points = [
        point for curve, _ in curves for point in zip(curve.risk, curve.lower, curve.upper, strict=True)
    ]  # fmt: skip
    above = sum(upper > 0.78 for risk, _, upper in points if risk < 0.65)
    below = sum(lower < 0.22 for risk, lower, _ in points if risk > 0.35)
    return "upper left" if above <= below else "lower right"


def _wording(identity: str, models: Sequence[ModelResults]) -> Wording:
    slopes = [f"{model.title} {_slope_in_words(model.performance[HELD_OUT].calibration_slope)}" for model in models]
    first = models[0].performance[HELD_OUT]
    curve = _curve(models[0])
    return Wording(
        id=identity,
        title=f"Calibration slope on held-out patients: {'; '.join(slopes)}",
        caption=(
            f"{patients_of(models[0])}. Curve: {curve.method if curve else ''}, drawn from the 1st to the 99th "
            f"percentile of the risks, with its pointwise 95 % band. Slope: 95 % interval "
            f"({first.calibration_slope.method or 'not estimable'}). Dashed: ideal. Below: {models[0].title}, "
            f"patients per bin of predicted risk, events up, non-events down. {WITHHELD_NOTE}"
        ),
        description=" ".join(_described(model) for model in models),
        table=_table(models),
    )


def _slope_in_words(slope: Estimate) -> str:
    words = with_interval(slope, "calibration_slope")
    if slope.lower is None or slope.upper is None:
        return words
    if slope.upper < 1:
        return f"{words}, risks too extreme"
    return f"{words}, {'risks not extreme enough' if slope.lower > 1 else 'compatible with 1'}"


def _described(model: ModelResults) -> str:
    performance, curve = model.performance[HELD_OUT], _curve(model)
    summary = (
        f"{model.title}: calibration slope {with_interval(performance.calibration_slope, 'calibration_slope')}, "
        f"O:E ratio {with_interval(performance.observed_expected, 'observed_expected')}."
    )
    return f"{summary} {_against_diagonal(curve)}" if curve is not None else summary


def _against_diagonal(curve: CalibrationCurve) -> str:
    ends = "; ".join(
        f"at a predicted risk of {decimal(curve.risk[at], 2)} the observed proportion is "
        f"{decimal(curve.observed[at], 2)} ({interval(curve.lower[at], curve.upper[at], 2)})"
        for at in (0, len(curve.risk) // 2, -1)
    )
    stretches = [f"{side} it from {interval(start, end, 2)}" for side, start, end in _stretches(curve)]
    away = f"the whole band lies {listed(stretches)}" if stretches else "the band holds it throughout"
    return f"The curve: {ends}. Against the diagonal: {away}."


def _stretches(curve: CalibrationCurve) -> Iterator[tuple[str, float, float]]:
    """Yield the stretches of risk where the whole band lies on one side of the diagonal."""
    points = list(zip(curve.risk, curve.lower, curve.upper, strict=True))
    for side, run in groupby(points, key=lambda at: "above" if at[1] > at[0] else "below" if at[2] < at[0] else ""):
        risks = [risk for risk, _, _ in run]
        if side:
            yield side, risks[0], risks[-1]


def _table(models: Sequence[ModelResults]) -> FigureTable:
    rows = [
        (model.title, *point)
        for model in models
        if (curve := _curve(model)) is not None
        for point in zip(curve.risk, curve.observed, curve.lower, curve.upper, strict=True)
    ]
    return FigureTable(("model", "predicted risk", "observed proportion", "lower 95 %", "upper 95 %"), [*rows])
