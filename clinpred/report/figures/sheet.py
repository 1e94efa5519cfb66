"""What a figure is drawn on: a sheet 360 units wide, its panels, and the drawing of a figure on it."""

import io
import textwrap
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from clinpred.report.figures.figure import Figure, Wording
from clinpred.report.figures.palette import GRID, INK, MUTED, Look
from clinpred.report.figures.svg import inline_svg
from clinpred.report.figures.words import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

Corner = Literal["upper left", "upper right", "lower left", "lower right"]
WIDTH = 360.0
TEXT = 11.5
"""Units of the view box: shown 350 px wide or wider, no text is smaller than 11 px."""
_KEY_LINE, _KEY_ROW = 24, 48
_STYLE = {
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "font.size": TEXT,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.8,
    "lines.dash_capstyle": "butt",
    "lines.solid_capstyle": "butt",
    "legend.borderaxespad": 0.2,
    "legend.borderpad": 0.2,
    "legend.frameon": False,
    "legend.handlelength": 2.3,
    "legend.labelspacing": 0.25,
    "path.simplify_threshold": 0.3,
    "svg.fonttype": "none",
    "svg.hashsalt": "clinpred",
    "text.color": INK,
    "text.parse_math": False,  # a `$` in a column's name is a `$`
    "text.usetex": False,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.major.size": 0,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.major.size": 0,
}


@dataclass(frozen=True)
class Sheet:
    """What a figure is painted on. Lengths are units of the view box, from the top left corner."""

    canvas: "Canvas"
    height: float

    def panel(self, *, left: float, top: float, width: float, height: float) -> "Axes":
        """Return axes whose frame takes this place."""
        bottom = self.height - top - height
        place = (left / WIDTH, bottom / self.height, width / WIDTH, height / self.height)
        return self.canvas.add_axes(place)


def drawn(wording: Wording, *, height: float, paint: Callable[[Sheet], None]) -> Figure:
    """Paint a figure and return it with its words; the same words and paint give the same bytes."""
    from matplotlib import style
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    file = io.StringIO()
    with style.context(["default", _STYLE]), warnings.catch_warnings():
        # The page's own font shows the text; matplotlib's measures it, and lacks some scripts.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        canvas = Canvas(figsize=(WIDTH / 72, height / 72))
        FigureCanvasSVG(canvas)
        paint(Sheet(canvas, height))
        canvas.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    svg = inline_svg(file.getvalue(), figure=wording.id, title=wording.title, description=wording.description)
    return Figure(svg=svg, **vars(wording))


def key(axes: "Axes", entries: Sequence[tuple[str, Look]], *, corner: "Corner") -> None:
    """Name the lines in a corner of the panel, each name in its line's colour behind a piece of its dash."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=look.colour, linestyle=look.dash, linewidth=look.width) for _, look in entries]
    places = [str(place) for place in range(len(entries))]
    legend = axes.legend(handles, places, loc=corner)
    for text, (label, look) in zip(legend.get_texts(), entries, strict=True):
        text.set_text("\n".join(textwrap.wrap(shortened(label, 2 * _KEY_LINE), _KEY_LINE)))
        text.set_color(look.colour)


def key_above(sheet: Sheet, entries: Sequence[tuple[str, Look]]) -> None:
    """Name the lines that every panel shares at the top of the sheet: in one row, or one below the other if long."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=look.colour, linestyle=look.dash, linewidth=look.width) for _, look in entries]
    labels = [label for label, _ in entries]
    ncols = len(entries) if sum(map(len, labels)) <= _KEY_ROW else 1
    legend = sheet.canvas.legend(handles, labels, loc="upper right", ncols=ncols, columnspacing=1.2)
    for text, (_, look) in zip(legend.get_texts(), entries, strict=True):
        text.set_color(look.colour)
