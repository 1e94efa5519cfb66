"""Missing values, predictor by predictor, among patients with and without the event."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clinpred.report.contents import PredictorSummary, Results
from clinpred.report.figures.figure import Figure, FigureTable, Wording
from clinpred.report.figures.palette import MODEL_1, MUTED
from clinpred.report.figures.sheet import WIDTH, Sheet, drawn
from clinpred.report.figures.words import shortened
from clinpred.report.numbers import WITHHELD, listed, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 25
_ROW, _TOP, _NAMES = 22.0, 30.0, 122.0
_LONGEST_NAME = 17
_APART = 0.05


def draw_missingness(results: Results) -> Figure | None:
    """Draw the share missing of each predictor that has missing values; those most often missing first."""
    missing = sorted(
        (one for one in results.predictors if one.missing_share != 0), key=lambda one: -(one.missing_share or 0.0)
    )
    if not missing:
        return None
    shown = missing[:_MOST]
    height = _TOP + _ROW * len(shown) + 38
    return drawn(_wording(missing, results), height=height, paint=lambda sheet: _paint(sheet, shown))


def _paint(sheet: Sheet, shown: Sequence[PredictorSummary]) -> None:
    from matplotlib.patches import Patch
    from matplotlib.ticker import PercentFormatter

    axes = sheet.panel(left=_NAMES, top=_TOP, width=WIDTH - _NAMES - 40, height=_ROW * len(shown))
    _paint_bars(axes, shown)
    shares = [share or 0.0 for one in shown for share in (one.missing_share_events, one.missing_share_non_events)]
    axes.set(xlim=(0, min(1.0, max(0.05, 1.3 * max(shares)))), ylim=(len(shown) - 0.45, -0.55), xlabel="Missing")
    axes.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    axes.locator_params(axis="x", nbins=5)
    axes.set_yticks(range(len(shown)), [shortened(one.name, _LONGEST_NAME) for one in shown])
    axes.grid(visible=True, axis="x")
    axes.set_axisbelow(True)
    handles = [Patch(color=MODEL_1), Patch(color=MUTED)]
    legend = sheet.canvas.legend(handles, ["with the event", "without"], loc="upper right", ncols=2, handlelength=1)
    for text, patch in zip(legend.get_texts(), handles, strict=True):
        text.set_color(patch.get_facecolor())


def _paint_bars(axes: "Axes", shown: Sequence[PredictorSummary]) -> None:
    for row, one in enumerate(shown):
        for offset, share, colour in (
            (-0.19, one.missing_share_events, MODEL_1),
            (0.19, one.missing_share_non_events, MUTED),
        ):
            if share is not None:
                axes.barh(row + offset, share, height=0.34, color=colour)
        if one.missing_share_events is None and one.missing_share_non_events is None:
            axes.annotate(
                f"{WITHHELD} patients", (0, row), (4, 0), textcoords="offset points", color=MUTED, va="center"
            )
        elif _is_uneven(one):
            furthest = max(one.missing_share_events or 0.0, one.missing_share_non_events or 0.0)
            axes.annotate("◂ uneven", (furthest, row), (4, 0), textcoords="offset points", color=MUTED, va="center")


def _is_uneven(one: PredictorSummary) -> bool:
    events, non_events = one.missing_share_events, one.missing_share_non_events
    return events is not None and non_events is not None and abs(events - non_events) > _APART


def _wording(missing: Sequence[PredictorSummary], results: Results) -> Wording:
    development = results.partition.development
    hidden = len(missing) - _MOST
    rest = f" The {hidden} predictors least often missing are in the table only." if hidden > 0 else ""
    return Wording(
        id="missingness",
        title=_title(missing, len(results.predictors)),
        caption=(
            f"{development.patients:,} development patients ({development.events:,} events). Share of patients without "
            f"a value, by outcome class; uneven: more than 5 percentage points apart. Shares that rest on {WITHHELD} "
            f"patients are withheld. Shares as counted, without intervals.{rest}"
        ),
        description=" ".join(_described(one) for one in missing[:_MOST]),
        table=FigureTable(
            ("predictor", "missing", "missing, with the event", "missing, without the event"),
            [(one.name, one.missing_share, one.missing_share_events, one.missing_share_non_events) for one in missing],
        ),
    )


def _title(missing: Sequence[PredictorSummary], predictors: int) -> str:
    most, uneven = missing[0], [one.name for one in missing if _is_uneven(one)]
    share = f", most often {most.name} ({percent(most.missing_share)})" if most.missing_share is not None else ""
    apart = f"; unevenly by outcome: {listed(uneven)}" if uneven else ""
    return f"{len(missing)} of {predictors} predictors have missing values{share}{apart}"


def _described(one: PredictorSummary) -> str:
    shares = [
        f"{percent(share)} {words}" if share is not None else f"withheld {words}"
        for share, words in (
            (one.missing_share_events, "with the event"),
            (one.missing_share_non_events, "without"),
        )
    ]
    return f"{one.name}: missing in {' and '.join(shares)}."
