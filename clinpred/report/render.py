"""The report: one page that needs no network and runs no script, drawn from the results alone."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from clinpred.report.contents import Results
from clinpred.report.figures import Figure
from clinpred.report.first_screen import beside_table, facts, headline_cards, judged_role, kind_of_validation
from clinpred.report.numbers import threshold_percent
from clinpred.report.page import page_environment, style_source
from clinpred.report.performance_tables import measures_table, performance_by_role
from clinpred.report.resampling_tables import leading_optimism_table
from clinpred.report.style import page_style
from clinpred.report.tables import RESAMPLED_DEVIANCE, result_tables, words_table
from clinpred.report.tabular import Cell, Table, rows_csv

_ORDER = (
    "flow",
    "missingness",
    "calibration",
    "calibration_mlp",
    "decision",
    "risk_distribution",
    "roc",
    "dumbbell",
    "sweet_spot",
    "early_stopping",
    "learning_curve",
    "instability",
    "instability_curves",
    "strength_spread",
    "coefficient_spread",
    "ranks",
    "correlation",
    "importance",
    "importance_mlp",
    "partial_effects",
)
"""The order in which figures stand in the page and are numbered; any other comes last."""
_SECTIONS = {
    "study": "Study card",
    "patients": "Patients",
    "performance": "Performance",
    "overfitting": "Overfitting",
    "stability": "Stability",
    "model": "What the model uses",
    "comparators": "Comparators",
    "limits": "Limits and all findings",
    "methods": "Methods",
    "reproduce": "How to reproduce",
}
WARNINGS_SHOWN = 5
LARGEST_DOWNLOAD = 50_000
LONG_TABLE = 40


@dataclass(frozen=True)
class ShownFigure:
    """A figure with its number in the report and, where it is small enough, a link to its data."""

    number: int
    figure: Figure
    data: str | None


def render_report(results: Results, figures: Mapping[str, Figure]) -> str:
    """Draw the report.

    Parameters
    ----------
    results : Results
        The contents; every number of the report is one of theirs.
    figures : mapping of id to Figure
        What ``draw_figures`` drew; some may be absent.

    Returns
    -------
    str
        A page of HTML, the same bytes for the same input.
    """
    style = page_style(f"{results.study.name} · clinpred {results.study.version} · {results.study.export_sha256[:12]}")
    tables = {table.id: table for table in result_tables(results)}
    return (
        _environment()
        .get_template("report.html")
        .render(
            results=results,
            primary=results.models[results.primary],
            role=judged_role(results),
            kind=kind_of_validation(results),
            facts=facts(results),
            cards=headline_cards(results),
            beside=beside_table(results),
            warnings=tables["findings"].rows if "findings" in tables else (),
            warnings_shown=WARNINGS_SHOWN,
            figures=_numbered(figures),
            placed=_ORDER,
            tables=tables,
            performance=performance_by_role(results),
            leading_optimism=leading_optimism_table(results),
            words=words_table(),
            measures=measures_table(results),
            long_table=LONG_TABLE,
            deviances=RESAMPLED_DEVIANCE,
            sections=_sections(results),
            withheld=_withheld_bins(results),
            command=f"clinpred run {shlex.quote(results.study.export)} --study study.toml --seed {results.study.seed}",
            style=Markup(style),  # noqa: S704  # our own rules; the one name in them is escaped for CSS
            style_hash=style_source(style),
        )
    )


def _sections(results: Results) -> dict[str, str]:
    """Return the title of every section by its anchor, in order; one of stability only where it was looked at."""
    has_stability = any(model.stability is not None for model in results.models.values())
    titles = {name: title for name, title in _SECTIONS.items() if name != "stability" or has_stability}
    return {name: f"{place} {title}" for place, (name, title) in enumerate(titles.items(), start=1)}


def _environment() -> Environment:
    environment = page_environment()
    environment.filters |= {
        "threshold": threshold_percent,
        "slug": lambda text: text.replace(" ", "-"),
        "svg": Markup,  # drawn and escaped by clinpred.report.figures
        "figure_table": _figure_table,
    }
    return environment


def _figure_table(shown: ShownFigure) -> Table:
    """Return the numbers behind a figure as a table of the page."""
    figure = shown.figure
    rows = tuple(tuple(_rounded(cell) for cell in row) for row in figure.table.rows)
    header = figure.table.header
    title, is_of_models = f"Numbers behind figure {shown.number}", header[0] == "model"
    return Table(f"numbers-{figure.id}", title, "", header, rows, grouped=is_of_models)


def _rounded(cell: Cell) -> Cell:
    return float(f"{cell:.5g}") if isinstance(cell, float) else cell


def _numbered(figures: Mapping[str, Figure]) -> dict[str, ShownFigure]:
    order = [name for name in _ORDER if name in figures] + [name for name in figures if name not in _ORDER]
    return {name: _shown(number, figures[name]) for number, name in enumerate(order, start=1)}


def _shown(number: int, figure: Figure) -> ShownFigure:
    rows = [[_rounded(cell) for cell in row] for row in figure.table.rows]
    data = quote(rows_csv([figure.table.header, *rows]), safe=",=()|'")
    return ShownFigure(number, figure, f"data:text/csv;charset=utf-8,{data}" if len(data) <= LARGEST_DOWNLOAD else None)


def _withheld_bins(results: Results) -> int:
    """Return how many counts of the histograms are withheld."""
    histograms = [curves.histogram for model in results.models.values() for curves in model.curves.values()]
    return sum(one.events.count(None) + one.non_events.count(None) for one in histograms if one is not None)
