"""The one style of the page: its colours, its rules, and the foot of each printed page."""

from collections.abc import Mapping
from importlib.resources import files

from clinpred.report.figures import DARK, FIGURE_CSS, LIGHT
from clinpred.report.page import number_rules

STATUS_LIGHT = {
    "--holds": "#116329",
    "--caution": "#7d4e00",
    "--fails": "#a40e26",
    "--unknown": "#4f565e",
    "--link": "#0550ae",
    "--wash": "#f3f5f7",
}
STATUS_DARK = {
    "--holds": "#56d364",
    "--caution": "#e3b341",
    "--fails": "#ff8f88",
    "--unknown": "#a9b3bd",
    "--link": "#79c0ff",
    "--wash": "#1a2027",
}
"""Colours of the page beside those of the figures, each of at least 4.5:1 on paper and on wash."""


def page_style(foot: str, *, rules: tuple[str, ...] = ("report.css",)) -> str:
    """Return the style of a page: colours for light, dark and print, the rules, and what each printed page says below.

    Parameters
    ----------
    foot : str
        The words at the foot of each printed page.
    rules : tuple of str
        The templates that hold the rules, in order.
    """
    light, dark = (_variables(colours) for colours in (LIGHT | STATUS_LIGHT, DARK | STATUS_DARK))
    folder = files("clinpred.report") / "templates"
    written = "".join((folder / name).read_text(encoding="utf-8") for name in rules)
    footer = _css_string(foot)
    return (
        f":root{{color-scheme:light dark;{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
        f"{FIGURE_CSS}\n{written}{number_rules()}\n"
        f"@media print{{:root{{color-scheme:light;{light}}}}}\n"
        f"@page{{@bottom-left{{content:{footer};font:8pt sans-serif}}}}\n"
    )


def _variables(colours: Mapping[str, str]) -> str:
    return "".join(f"{name}:{colour};" for name, colour in colours.items())


def _css_string(text: str) -> str:
    """Return text as a CSS string in which nothing but letters and digits stands for itself."""
    return '"' + "".join(char if char.isascii() and char.isalnum() else f"\\{ord(char):x} " for char in text) + '"'
