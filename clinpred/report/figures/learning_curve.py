"""Learning curves: each regularised model and its twin against the number of events that they learnt from."""

from typing import TYPE_CHECKING

from clinpred.report.contents import Results
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.palette import DASHED, MODEL_1, MODEL_2, REFERENCE, SOLID, Look
from clinpred.report.figures.sheet import WIDTH, Sheet, drawn, key_above
from clinpred.report.numbers import estimable, listed
from clinpred.report.resampling_contents import LearningCurve, LearningPoint, Spread
from clinpred.settings.models import UNREGULARISED_TWINS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEFT, _TOP, _ROW, _GAP, _BETWEEN = 34.0, 56.0, 88.0, 56.0, 34.0
_REGULARISED, _TWIN = Look(MODEL_1, SOLID), Look(MODEL_2, DASHED)
_MEASURES = (("auroc", "AUROC"), ("calibration_slope", "Slope"), ("log_loss", "Log loss"))
_FEWEST_TICKS = 3


def draw_learning_curve(results: Results) -> Figure | None:
    """Draw one row of panels for each regularised model: ranking, slope and log loss against events."""
    curve = results.learning_curve
    names = [
        name for name in results.models if curve is not None and name in UNREGULARISED_TWINS and name in curve.models
    ]
    if curve is None or not names:
        return None
    height = _TOP + (_ROW + _GAP) * len(names)
    return drawn(
        _wording(results, curve, names), height=height, paint=lambda sheet: _paint(sheet, results, curve, names)
    )


def _paint(sheet: Sheet, results: Results, curve: LearningCurve, names: list[str]) -> None:
    key_above(sheet, [("regularised", _REGULARISED), ("unregularised twin", _TWIN)])
    width = (WIDTH - _LEFT - 8 - 2 * _BETWEEN) / 3
    for row, name in enumerate(names):
        lines = [(curve.models.get(UNREGULARISED_TWINS[name], []), _TWIN), (curve.models[name], _REGULARISED)]
        for place, (measure, title) in enumerate(_MEASURES):
            axes = sheet.panel(
                left=_LEFT + place * (width + _BETWEEN), top=_TOP + row * (_ROW + _GAP), width=width, height=_ROW
            )
            for points, look in lines:
                _paint_line(axes, points, look, measure)
            _frame(axes, curve.models[name])
            above = f"{results.models[name].title}\n{title}" if place == 0 else title
            axes.set_title(above, loc="left", fontsize=11.5, pad=4)
            if measure == "calibration_slope":
                axes.axhline(1, color=REFERENCE.colour, linestyle=REFERENCE.dash, linewidth=REFERENCE.width)
            if place == 1 and name == names[-1]:
                axes.set_xlabel("Events learnt from")


def _paint_line(axes: "Axes", points: list[LearningPoint], look: Look, measure: str) -> None:
    found = [(point.events, one) for point in points if (one := _spread(point, measure)).median is not None]
    banded = [
        (events, one.lower, one.upper) for events, one in found if one.lower is not None and one.upper is not None
    ]
    if banded:
        events, lower, upper = zip(*banded, strict=True)
        axes.fill_between(events, lower, upper, color=look.colour, alpha=0.18, linewidth=0)
    medians = [(events, one.median) for events, one in found if one.median is not None]
    axes.plot([at for at, _ in medians], [median for _, median in medians], color=look.colour, linestyle=look.dash)
    if measure == "auroc":
        apparent = [(point.events, one.median) for point in points if (one := point.apparent_auroc).median is not None]
        axes.plot([at for at, _ in apparent], [median for _, median in apparent], color=look.colour, linewidth=0.7)


def _frame(axes: "Axes", points: list[LearningPoint]) -> None:
    events = [point.events for point in points]
    axes.set_xscale("log")
    axes.minorticks_off()
    ticks = events if len(events) <= _FEWEST_TICKS else [events[0], events[len(events) // 2], events[-1]]
    axes.set_xticks(ticks, [f"{tick}" for tick in ticks])
    axes.locator_params(axis="y", nbins=3)
    axes.yaxis.set_major_formatter("{x:g}")


def _spread(point: LearningPoint, measure: str) -> Spread:
    found: Spread = getattr(point, measure)
    return found


def _wording(results: Results, curve: LearningCurve, names: list[str]) -> Wording:
    fewest, most = curve.models[names[0]][0], curve.models[names[0]][-1]
    twin = UNREGULARISED_TWINS[names[0]]
    said = [f"{_median(fewest)} for {results.models[names[0]].title}"]
    if twin in curve.models and twin in results.models:
        said.append(f"{_median(curve.models[twin][0])} for {results.models[twin].title}")
    return Wording(
        id="learning_curve",
        title=f"Learnt from {fewest.events:,} events, the AUROC is {listed(said)}",
        caption=(
            f"{curve.repeats:,} repeats of {fewest.patients:,} to {most.patients:,} development patients "
            f"({fewest.events:,} to {most.events:,} events, logarithmic), drawn anew; measured on development patients "
            "not learnt from. Median over repeats, with their central 95 % (band: a spread, no confidence interval). "
            f"Thin: apparent AUROC, on those learnt from. Sparse dashes: the ideal slope. {_counted(results, curve)}"
        ),
        description=" ".join(
            f"{results.models[name].title}: AUROC {_median(points[0])} from {points[0].events:,} events, "
            f"{_median(points[-1])} from {points[-1].events:,}."
            for name, points in curve.models.items()
            if name in results.models
        ),
        table=_table(results, curve),
    )


def _median(point: LearningPoint) -> str:
    return estimable(point.auroc.median, 3)


def _counted(results: Results, curve: LearningCurve) -> str:
    """Return how often a model could not be developed, or was separated, where either happened."""
    said = []
    for name, points in curve.models.items():
        refused = sum(curve.repeats - point.developed for point in points)
        separated = sum(point.separated for point in points)
        if name in results.models and (refused or separated):
            said.append(f"{results.models[name].title}: {refused:,} refused, {separated:,} separated.")
    return " ".join(said) or "None was refused or separated."


def _table(results: Results, curve: LearningCurve) -> FigureTable:
    header = ["model", "patients", "events", "developed", "separated"]
    measures = ("auroc", "apparent_auroc", "calibration_slope", "log_loss")
    header += [f"{measure.replace('_', ' ')}{end}" for measure in measures for end in ("", ", 2.5 %", ", 97.5 %")]
    rows: list[tuple[Cell, ...]] = []
    for name, points in curve.models.items():
        title = results.models[name].title if name in results.models else name
        for point in points:
            spreads = [_spread(point, measure) for measure in measures]
            limits = [end for one in spreads for end in (one.median, one.lower, one.upper)]
            rows.append((title, point.patients, point.events, point.developed, point.separated, *limits))
    return FigureTable(tuple(header), rows)
