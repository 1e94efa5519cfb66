"""The distribution of predicted risk, for patients with and without the event."""

from typing import TYPE_CHECKING

from clinpred.report.contents import ModelResults, Results, RiskHistogram
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.histogram import WITHHELD_NOTE, bars, tallest
from clinpred.report.figures.pairs import HELD_OUT
from clinpred.report.figures.palette import MODEL_1, MUTED
from clinpred.report.figures.sheet import WIDTH, Sheet, drawn
from clinpred.report.figures.words import patients_of
from clinpred.report.numbers import WITHHELD, interval, with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TICKS = (0, 0.2, 0.4, 0.6, 0.8, 1)


def draw_risk_distribution(results: Results) -> Figure | None:
    """Draw the primary model's risks on held-out patients, one panel an outcome class."""
    model = results.models[results.primary]
    histogram = model.curves[HELD_OUT].histogram if HELD_OUT in model.curves else None
    if histogram is None:
        return None
    thresholds = results.study.thresholds
    return drawn(
        _wording(model, histogram, thresholds), height=262, paint=lambda sheet: _paint(sheet, histogram, thresholds)
    )


def _paint(sheet: Sheet, histogram: RiskHistogram, thresholds: list[float]) -> None:
    highest = tallest(histogram)
    classes = (("With the event", histogram.events, MODEL_1), ("Without the event", histogram.non_events, MUTED))
    for row, (title, counts, colour) in enumerate(classes):
        axes = sheet.panel(left=48, top=20 + 108 * row, width=WIDTH - 60, height=82)
        bars(axes, histogram.edges, counts, colour)
        axes.set(xlim=(0, 1), ylim=(0, 1.05 * highest), ylabel="Patients")
        axes.set_title(title, loc="left", fontsize=11.5, color=colour, pad=4)
        axes.set_xticks(_TICKS, [f"{tick:g}" for tick in _TICKS] if row else [])
        axes.locator_params(axis="y", nbins=4, integer=True)
        axes.grid(visible=True, axis="y")
        axes.set_axisbelow(True)
        _mark(axes, thresholds)
    axes.set_xlabel("Predicted risk")


def _mark(axes: "Axes", thresholds: list[float]) -> None:
    for threshold in thresholds:
        axes.axvline(threshold, color=MUTED, linewidth=0.8, linestyle="dashed")


def _wording(model: ModelResults, histogram: RiskHistogram, thresholds: list[float]) -> Wording:
    auroc = model.performance[HELD_OUT].auroc
    marked = " Dashed: the thresholds stated beforehand." if thresholds else ""
    return Wording(
        id="risk_distribution",
        title=(
            f"Risks of {auroc.events:,} held-out patients with the event are higher than those of patients without it "
            f"in {with_interval(auroc, 'auroc')} of all pairs ({model.title})"
        )
        if auroc.estimate is not None
        else f"Risks of held-out patients with and without the event ({model.title})",
        caption=(
            f"{patients_of(model)}. {model.title}: patients per bin of predicted risk, both classes on the same scale. "
            f"{WITHHELD_NOTE}{marked} The share of pairs is the AUROC, with its 95 % interval "
            f"({auroc.method or 'not estimable'})."
        ),
        description=f"With the event, {_peak(histogram, 'events')}; without, {_peak(histogram, 'non_events')}.",
        table=FigureTable(
            ("risk from", "risk to", "with the event", "without the event"),
            [(*edges, *counts) for edges, counts in zip(_bins(histogram), _counts(histogram), strict=True)],
        ),
    )


def _bins(histogram: RiskHistogram) -> list[tuple[float, float]]:
    return list(zip(histogram.edges[:-1], histogram.edges[1:], strict=True))


def _counts(histogram: RiskHistogram) -> list[tuple[Cell, Cell]]:
    return list(zip(histogram.events, histogram.non_events, strict=True))


def _peak(histogram: RiskHistogram, group: str) -> str:
    counts: list[int | None] = getattr(histogram, group)
    most = max(count or 0 for count in counts)
    if most == 0:
        return f"no bin has more than {WITHHELD} patients"
    start, end = _bins(histogram)[counts.index(most)]
    return f"most patients ({most:,}) have a risk from {interval(start, end, 2)}"
