"""The few colours of the figures: drawn by name, shown by CSS class, so that light, dark and print recolour one SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from clinpred.report.contents import Results
from clinpred.report.figures.pairs import network_pair, primary_pair

LIGHT = {
    "--ink": "#1b1f24",
    "--muted": "#57606a",
    "--grid": "#d8dee4",
    "--paper": "#ffffff",
    "--model-1": "#0072b2",
    "--model-2": "#b04a00",
    "--model-3": "#00735c",
    "--model-4": "#7a3e9d",
}
DARK = {
    "--ink": "#e6e9ec",
    "--muted": "#9da7b1",
    "--grid": "#2d343c",
    "--paper": "#0f1318",
    "--model-1": "#56b4e9",
    "--model-2": "#e69f00",
    "--model-3": "#3fc9a3",
    "--model-4": "#c9a0f0",
}
"""The CSS variables that a page sets, each of at least 4.5:1 on its paper, the grid apart."""

INK, MUTED, GRID, PAPER = (LIGHT[name] for name in ("--ink", "--muted", "--grid", "--paper"))
MODEL_1, MODEL_2, MODEL_3, MODEL_4 = (LIGHT[f"--model-{place}"] for place in (1, 2, 3, 4))
COLOUR_CLASS = {colour: name.removeprefix("--") for name, colour in LIGHT.items()}

Dash = tuple[float, Sequence[float]] | Literal["solid"]
SOLID: Dash = "solid"
DASHED, DASH_DOT, DOTTED, SPARSE = (0, (5, 2)), (0, (6, 2, 1.5, 2)), (0, (1.5, 1.7)), (0, (4, 5))
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"


@dataclass(frozen=True)
class Look:
    """How one model is drawn in every figure: a colour and a dash pattern, so that neither stands alone."""

    colour: str
    dash: Dash
    width: float = 1.8


OTHER = Look(MUTED, SOLID)
REFERENCE = Look(MUTED, SPARSE, width=1.0)
"""What needs no model: the ideal, chance, treating all."""
_PRIMARY_LOOKS = (Look(MODEL_1, SOLID), Look(MODEL_2, DASHED))
_NETWORK_LOOKS = (Look(MODEL_3, DASH_DOT), Look(MODEL_4, DOTTED))


def model_looks(results: Results) -> dict[str, Look]:
    """Return the look of every model: the primary pair and the networks have their own, the rest look alike."""
    looks = dict.fromkeys(results.models, OTHER)
    looks |= zip(primary_pair(results), _PRIMARY_LOOKS, strict=False)
    return looks | dict(zip(network_pair(results), _NETWORK_LOOKS, strict=False))


def _rules(colour: str) -> str:
    """Return the class rules of one colour variable."""
    name = colour.removeprefix("--")
    return "".join(f".clinpred-figure .{part}-{name}{{{part}:var({colour})}}" for part in ("fill", "stroke"))


_FORCED = (
    "@media (forced-colors:active){"
    + "".join(
        f".clinpred-figure .{part}-{name.removeprefix('--')}"
        f"{{{part}:{'Canvas' if name == '--paper' else 'GrayText' if name == '--grid' else 'CanvasText'}}}"
        for name in LIGHT
        for part in ("fill", "stroke")
    )
    + "}"
)
FIGURE_CSS = (
    f".clinpred-figure{{display:block;width:100%;height:auto;font-family:{FONTS};overflow:visible}}"
    + "".join(_rules(name) for name in LIGHT)
    + _FORCED
)
"""The style rules that inlined figures need; the page sets the variables of `LIGHT` or `DARK`."""
STANDALONE_CSS = "svg{" + "".join(f"{name}:{colour};" for name, colour in LIGHT.items()) + "background:#ffffff}"
