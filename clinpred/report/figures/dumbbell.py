"""Overfitting in one picture: what each model shows on its own patients, and what is left on held-out ones."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clinpred.report.contents import Estimate, ModelResults, Results
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.pairs import APPARENT, HELD_OUT, network_pair, primary_pair
from clinpred.report.figures.palette import MUTED, PAPER, REFERENCE, Look, model_looks
from clinpred.report.figures.sheet import WIDTH, Sheet, drawn
from clinpred.report.figures.words import patients_of, shortened
from clinpred.report.numbers import decimal, decimals_of, listed, with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW, _TOP, _NAMES, _GAP = 26.0, 40.0, 128.0, 18.0
_LONGEST_LINE = 19


@dataclass(frozen=True)
class _Measure:
    key: str
    title: str
    ideal: float | None
    shows_apparent: bool


_MEASURES = (
    _Measure("auroc", "AUROC", None, shows_apparent=True),
    _Measure("log_loss", "Log loss", None, shows_apparent=True),
    _Measure("calibration_slope", "Slope", 1.0, shows_apparent=False),
)
Row = tuple[ModelResults, Look]


def draw_dumbbell(results: Results) -> Figure | None:
    """Draw apparent and held-out performance of every model, joined."""
    looks = model_looks(results)
    names = dict.fromkeys([*primary_pair(results), *network_pair(results), *results.models])
    rows = [(results.models[name], looks[name]) for name in names if HELD_OUT in results.models[name].performance]
    if not rows:
        return None
    height = _TOP + _ROW * len(rows) + 26
    return drawn(_wording([model for model, _ in rows]), height=height, paint=lambda sheet: _paint(sheet, rows))


def _paint(sheet: Sheet, rows: Sequence[Row]) -> None:
    width = (WIDTH - _NAMES - _GAP * (len(_MEASURES) - 1) - 14) / len(_MEASURES)
    for place, measure in enumerate(_MEASURES):
        left = _NAMES + place * (width + _GAP)
        axes = sheet.panel(left=left, top=_TOP, width=width, height=_ROW * len(rows))
        _paint_measure(axes, measure, rows)
        if place == 0:
            _name_rows(axes, rows)
    _paint_key(sheet)


def _paint_measure(axes: "Axes", measure: _Measure, rows: Sequence[Row]) -> None:
    for place, (model, look) in enumerate(rows):
        held_out, apparent = _estimates(model, measure)
        if held_out.estimate is None:
            axes.text(0.5, place, "–", color=MUTED, ha="center", va="center", transform=axes.get_yaxis_transform())
            continue
        if apparent is not None and apparent.estimate is not None:
            axes.plot([apparent.estimate, held_out.estimate], [place] * 2, color=look.colour, linewidth=1)
            axes.plot(apparent.estimate, place, "o", color=look.colour, markerfacecolor=PAPER, markersize=5)
        if held_out.lower is not None and held_out.upper is not None:
            axes.plot([held_out.lower, held_out.upper], [place] * 2, color=look.colour, linewidth=2.6, alpha=0.45)
        axes.plot(held_out.estimate, place, "o", color=look.colour, markersize=5)
    if measure.ideal is not None:
        axes.axvline(measure.ideal, color=REFERENCE.colour, linestyle=REFERENCE.dash, linewidth=REFERENCE.width)
    axes.set(ylim=(len(rows) - 0.5, -0.5), yticks=[])
    axes.set_title(measure.title, fontsize=11.5, pad=5)
    axes.locator_params(axis="x", nbins=3)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.margins(x=0.1)
    axes.grid(visible=True, axis="x")
    axes.spines["left"].set_visible(False)


def _name_rows(axes: "Axes", rows: Sequence[Row]) -> None:
    axes.set_yticks(range(len(rows)), [_two_lines(model.title) for model, _ in rows])
    for label, (_, look) in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_color(look.colour)
        label.set_linespacing(1.0)


def _two_lines(title: str) -> str:
    lines = textwrap.wrap(shortened(title, 2 * _LONGEST_LINE), _LONGEST_LINE, max_lines=2, placeholder="…")
    return "\n".join(lines)


def _paint_key(sheet: Sheet) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=MUTED, marker="o", markerfacecolor=PAPER, markersize=5, linestyle=""),
        Line2D([], [], color=MUTED, marker="o", markersize=5, linewidth=2.6, alpha=0.45),
    ]
    labels = ["development (apparent)", "held-out, 95 % interval"]
    sheet.canvas.legend(handles, labels, loc="upper right", ncols=2, columnspacing=1.2, handletextpad=0.4)


def _estimates(model: ModelResults, measure: _Measure) -> tuple[Estimate, Estimate | None]:
    """Return a measure's held-out estimate, and its apparent one where that may be shown."""
    held_out: Estimate = getattr(model.performance[HELD_OUT], measure.key)
    if not measure.shows_apparent or APPARENT not in model.performance:
        return held_out, None
    apparent: Estimate = getattr(model.performance[APPARENT], measure.key)
    return held_out, apparent


def _wording(models: Sequence[ModelResults]) -> Wording:
    estimates = [_estimates(model, measure)[0] for model in models for measure in _MEASURES]
    methods = sorted({one.method for one in estimates if one.method is not None and one.lower is not None})
    return Wording(
        id="dumbbell",
        title=_title(models),
        caption=(
            f"Open: apparent, on the development patients a model was fitted to. Filled: {patients_of(models[0])}, "
            f"with 95 % interval ({'; '.join(methods)}). The slope is drawn for held-out patients only, against the "
            "ideal 1: a penalised model's apparent slope is above 1 by design and says nothing about fit. "
            "–: not estimable."
        ),
        description=" ".join(_described(model) for model in models),
        table=_table(models),
    )


def _title(models: Sequence[ModelResults]) -> str:
    """Tell the first model's fall, and the deepest one."""
    falls = [(*fall, model.title) for model in models if (fall := _auroc_fall(model)) is not None]
    if not falls:
        return "Performance on held-out patients, model by model"
    digits = decimals_of("auroc")
    told = dict.fromkeys((falls[0], max(falls)))
    parts = [
        f"from {decimal(before, digits)} to {decimal(after, digits)} for {title}" for _, before, after, title in told
    ]
    return f"AUROC, development to held-out patients: {listed(parts)}"


def _auroc_fall(model: ModelResults) -> tuple[float, float, float] | None:
    """Return how far the AUROC falls, from where, and to where; None where there is nothing to fall."""
    held_out, apparent = _estimates(model, _MEASURES[0])
    if apparent is None or apparent.estimate is None or held_out.estimate is None or model.kind == "null":
        return None
    return apparent.estimate - held_out.estimate, apparent.estimate, held_out.estimate


def _described(model: ModelResults) -> str:
    parts = []
    for measure in _MEASURES:
        held_out, apparent = _estimates(model, measure)
        before = f"{with_interval(apparent, measure.key)} apparent, " if apparent is not None else ""
        parts.append(f"{measure.title} {before}{with_interval(held_out, measure.key)} held-out")
    return f"{model.title}: {'; '.join(parts)}."


def _table(models: Sequence[ModelResults]) -> FigureTable:
    header = ("model", "measure", "apparent", "held-out", "lower 95 %", "upper 95 %", "patients", "events", "method")
    rows: list[tuple[Cell, ...]] = []
    for model in models:
        for measure in _MEASURES:
            held_out, apparent = _estimates(model, measure)
            before = apparent.estimate if apparent is not None else None
            found = (held_out.estimate, held_out.lower, held_out.upper, held_out.patients, held_out.events)
            rows.append((model.title, measure.title, before, *found, held_out.reason or held_out.method))
    return FigureTable(header, rows)
