"""Which predictors go together: a map of their associations, those alike beside each other."""

from typing import TYPE_CHECKING

from clinpred.report.contents import Results
from clinpred.report.correlation_contents import Correlation
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.palette import INK, MODEL_1
from clinpred.report.figures.sheet import WIDTH, Sheet, drawn
from clinpred.report.figures.words import shortened
from clinpred.report.numbers import decimal, listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEFT, _NAMES, _TOP = 6.0, 108.0, 8.0
_ROW = 13.5
_LONGEST_NAME = 17
_FAINTEST = 0.1
_KEY = (0.2, 0.6, 1.0)


def draw_correlation(results: Results) -> Figure | None:
    """Draw the associations of the predictors that go together most, their clusters framed."""
    found = results.correlation
    if found is None or len(found.shown) < 2:
        return None
    height = _TOP + _ROW * max(len(found.shown), 5) + 8
    return drawn(_wording(found, results), height=height, paint=lambda sheet: _paint(sheet, found))


def _paint(sheet: Sheet, found: Correlation) -> None:
    size = len(found.shown)
    axes = sheet.panel(left=_LEFT, top=_TOP, width=WIDTH - _LEFT - _NAMES, height=sheet.height - _TOP - 8)
    for row, associations in enumerate(found.association):
        for column, one in enumerate(associations[:row]):
            if one is not None and one >= _FAINTEST:
                _paint_cell(axes, (column, row), one)
    for first, members in _framed(found):
        axes.plot(*_outline(first, members), color=INK, linewidth=1.2, clip_on=False)
    for row, name in enumerate(found.shown):
        axes.annotate(shortened(name, _LONGEST_NAME), (row - 0.2, row), va="center", annotation_clip=False)
    axes.set(xlim=(-0.5, size - 0.5), ylim=(size - 0.5, -0.5))
    axes.set_axis_off()
    _paint_key(sheet)


def _paint_cell(axes: "Axes", place: tuple[float, float], strength: float) -> None:
    from matplotlib.patches import Rectangle

    column, row = place
    axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=MODEL_1, linewidth=0, alpha=round(strength, 2)))


def _paint_key(sheet: Sheet) -> None:
    """Show strengths in the empty corner."""
    axes = sheet.panel(left=WIDTH - 100, top=_TOP, width=92, height=14)
    for place, strength in enumerate(_KEY):
        _paint_cell(axes, (place, 0), strength)
    axes.set(xlim=(-0.5, len(_KEY) - 0.5), ylim=(-0.5, 0.5), yticks=[])
    axes.set_xticks(range(len(_KEY)), [f"{strength:g}" for strength in _KEY])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _outline(first: int, members: int) -> tuple[list[float], list[float]]:
    """Return the outline of the cells of a cluster, which stand below the diagonal like stairs."""
    last = first + members - 1
    across, down = [first - 0.5, first - 0.5, last - 0.5], [first + 0.5, last + 0.5, last + 0.5]
    for step in range(last - 1, first - 1, -1):
        across += [step + 0.5, step - 0.5]
        down += [step + 0.5, step + 0.5]
    return across, down


def _framed(found: Correlation) -> list[tuple[int, int]]:
    """Return where each cluster begins among the predictors shown, and how many of its members stand there."""
    frames = []
    for cluster in found.clusters:
        places = sorted(found.shown.index(name) for name in cluster.members if name in found.shown)
        if len(places) > 1 and places[-1] - places[0] == len(places) - 1:
            frames.append((places[0], len(places)))
    return frames


def _wording(found: Correlation, results: Results) -> Wording:
    development = results.partition.development
    hidden = found.predictors - len(found.shown)
    rest = f" The {hidden} predictors that go least with any other are left out." if hidden > 0 else ""
    return Wording(
        id="correlation",
        title=_title(found),
        caption=(
            f"{development.patients:,} development patients. The fuller the colour, the stronger the association of "
            "two predictors: absolute Spearman correlation of numbers, correlation ratio of a number and a category, "
            f"Cramér’s V of two categories; below {_FAINTEST:g} blank. Each name stands at the end of its row and the "
            "top of its column. Frames: clusters, any two members of which have "
            f"an association of at least {found.cut:g} (complete linkage). Estimates, without intervals.{rest}"
        ),
        description=_description(found),
        table=_table(found),
    )


def _title(found: Correlation) -> str:
    if not found.clusters:
        return f"No two predictors have an association of {found.cut:g} or more"
    largest = found.clusters[0]
    members = sum(len(one.members) for one in found.clusters)
    clusters = "one cluster" if len(found.clusters) == 1 else f"{len(found.clusters)} clusters"
    return (
        f"{members} of {found.predictors} predictors go together in {clusters}; the largest: {listed(largest.members)}"
    )


def _description(found: Correlation) -> str:
    sentences = [
        f"{listed(one.members)} go together, with associations of {decimal(one.weakest, 2)} and more."
        for one in found.clusters
    ]
    return " ".join(sentences) or f"No two predictors have an association of {found.cut:g} or more."


def _table(found: Correlation) -> FigureTable:
    rows: list[tuple[Cell, ...]] = [
        (found.shown[row], found.shown[column], one)
        for row, associations in enumerate(found.association)
        for column, one in enumerate(associations[:row])
        if one is not None and one >= _FAINTEST
    ]
    return FigureTable(("predictor", "with", "association"), sorted(rows, key=lambda row: -float(row[2] or 0.0)))
