"""Overfitting in one picture: what each model shows on its own patients, resampled, and on held-out ones."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clinpred.report.contents import Estimate, ModelResults, Results
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.pairs import APPARENT, HELD_OUT, RESAMPLED, network_pair, primary_pair
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
    """Draw apparent, resampled and held-out performance of every model, joined."""
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
    _paint_key(sheet, has_resampled=any(resampled_estimate(model, "auroc") is not None for model, _ in rows))


def _paint_measure(axes: "Axes", measure: _Measure, rows: Sequence[Row]) -> None:
    for place, (model, look) in enumerate(rows):
        held_out, apparent = _estimates(model, measure)
        if held_out.estimate is None:
            axes.text(0.5, place, "–", color=MUTED, ha="center", va="center", transform=axes.get_yaxis_transform())
            continue
        if apparent is not None and apparent.estimate is not None:
            axes.plot([apparent.estimate, held_out.estimate], [place] * 2, color=look.colour, linewidth=1)
            axes.plot(apparent.estimate, place, "o", color=look.colour, markerfacecolor=PAPER, markersize=5)
        between = resampled_estimate(model, measure.key)
        if held_out.lower is not None and held_out.upper is not None:
            axes.plot([held_out.lower, held_out.upper], [place] * 2, color=look.colour, linewidth=2.6, alpha=0.45)
        axes.plot(held_out.estimate, place, "o", color=look.colour, markersize=5)
        if between is not None:
            axes.plot(between, place, "D", color=look.colour, markerfacecolor=PAPER, markersize=4.5)
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


def _paint_key(sheet: Sheet, *, has_resampled: bool) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=MUTED, marker="o", markerfacecolor=PAPER, markersize=5, linestyle=""),
        Line2D([], [], color=MUTED, marker="D", markerfacecolor=PAPER, markersize=4.5, linestyle=""),
        Line2D([], [], color=MUTED, marker="o", markersize=5, linewidth=2.6, alpha=0.45),
    ]
    labels = ["apparent", "resampled", "held-out, 95 % interval"]
    shown = [pair for pair in zip(handles, labels, strict=True) if has_resampled or pair[1] != "resampled"]
    sheet.canvas.legend(*zip(*shown, strict=True), loc="upper right", ncols=3, columnspacing=1.2, handletextpad=0.4)


def _estimates(model: ModelResults, measure: _Measure) -> tuple[Estimate, Estimate | None]:
    """Return a measure's held-out estimate, and its apparent one where that may be shown."""
    held_out: Estimate = getattr(model.performance[HELD_OUT], measure.key)
    if not measure.shows_apparent or APPARENT not in model.performance:
        return held_out, None
    apparent: Estimate = getattr(model.performance[APPARENT], measure.key)
    return held_out, apparent


def resampled_estimate(model: ModelResults, measure: str) -> float | None:
    """Return a measure by repeated folds where the model has it, else as corrected by the bootstrap, else None."""
    if RESAMPLED in model.performance:
        found: Estimate = getattr(model.performance[RESAMPLED], measure)
        return found.estimate
    return corrected_estimate(model, measure)


def corrected_estimate(model: ModelResults, measure: str) -> float | None:
    """Return a measure as corrected for optimism by the bootstrap, or None where it was not."""
    return next((one.corrected for one in model.optimism or [] if one.measure == measure), None)


def _wording(models: Sequence[ModelResults]) -> Wording:
    estimates = [_estimates(model, measure)[0] for model in models for measure in _MEASURES]
    methods = sorted({one.method for one in estimates if one.method is not None and one.lower is not None})
    return Wording(
        id="dumbbell",
        title=_title(models),
        caption=(
            f"Open: apparent, on the development patients a model was fitted to. Filled: {patients_of(models[0])}, "
            f"with 95 % interval ({'; '.join(methods)}). {_resampled_in_words(models)}No apparent slope is drawn: a "
            "penalised model's is above 1 by design and says nothing about fit; the ideal is 1. "
            "–: not estimable."
        ),
        description=" ".join(_described(model) for model in models),
        table=_table(models),
    )


def _resampled_in_words(models: Sequence[ModelResults]) -> str:
    """Return how the diamonds of the models were made."""
    folds = any(RESAMPLED in model.performance for model in models)
    corrected = any(RESAMPLED not in model.performance and model.optimism for model in models)
    ways = [
        words
        for words, is_so in (
            ("repeated folds of the development patients", folds),
            ("corrected for optimism by the bootstrap", corrected),
        )
        if is_so
    ]
    return f"Diamond: {' or, where there are none, '.join(ways)}. " if ways else ""


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
        between = resampled_estimate(model, measure.key)
        if between is not None:
            before += f"{decimal(between, decimals_of(measure.key))} resampled, "
        parts.append(f"{measure.title} {before}{with_interval(held_out, measure.key)} held-out")
    return f"{model.title}: {'; '.join(parts)}."


def _table(models: Sequence[ModelResults]) -> FigureTable:
    header = (
        "model", "measure", "apparent", "corrected by the bootstrap", "repeated folds", "held-out", "lower 95 %",
        "upper 95 %", "patients", "events", "method",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for model in models:
        for measure in _MEASURES:
            held_out, apparent = _estimates(model, measure)
            before = apparent.estimate if apparent is not None else None
            folds = resampled_estimate(model, measure.key) if RESAMPLED in model.performance else None
            found = (held_out.estimate, held_out.lower, held_out.upper, held_out.patients, held_out.events)
            between = (corrected_estimate(model, measure.key), folds)
            rows.append((model.title, measure.title, before, *between, *found, held_out.reason or held_out.method))
    return FigureTable(header, rows)
