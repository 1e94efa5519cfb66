"""Bars of patients per bin of predicted risk, with the withheld counts shown as what they are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clinpred.report.contents import RiskHistogram
from clinpred.report.disclosure import SMALLEST_SHOWN
from clinpred.report.numbers import WITHHELD

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WITHHELD_AT_MOST = SMALLEST_SHOWN - 1
WITHHELD_NOTE = f"Open boxes: bins of {WITHHELD} patients, whose count is withheld."


def bars(
    axes: "Axes", edges: Sequence[float], counts: Sequence[int | None], colour: str, *, upwards: bool = True
) -> None:
    """Draw one bar a bin; a withheld count is an open box as high as it may be at most."""
    sign = 1 if upwards else -1
    axes.stairs([sign * (count or 0) for count in counts], edges, fill=True, color=colour, alpha=0.8, linewidth=0)
    for start, end, count in zip(edges, edges[1:], counts, strict=False):
        if count is None:
            box = ([start, start, end, end], [0, sign * _WITHHELD_AT_MOST, sign * _WITHHELD_AT_MOST, 0])
            axes.plot(*box, color=colour, linewidth=0.8)


def tallest(histogram: RiskHistogram) -> int:
    """Return the height that the highest bar of either class needs."""
    return max(_WITHHELD_AT_MOST, *(count or 0 for count in (*histogram.events, *histogram.non_events)))
