"""The report: one page that needs no network and runs no script, drawn from the results alone."""

import base64
import hashlib
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from clinpred.report.contents import Results
from clinpred.report.figures import Figure
from clinpred.report.first_screen import beside_table, facts, headline_cards, judged_role, kind_of_validation
from clinpred.report.numbers import count, percent, threshold_percent
from clinpred.report.performance_tables import measures_table
from clinpred.report.style import page_style
from clinpred.report.tables import result_tables, words_table
from clinpred.report.tabular import Cell, Table, cell_text, rows_csv

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
    "importance",
    "importance_mlp",
)
"""The order in which figures stand in the page and are numbered; any other comes last."""
WARNINGS_SHOWN = 5
LARGEST_DOWNLOAD = 50_000
LONG_TABLE = 40
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile("`([^`]+)`")
_ESTIMATE = re.compile(r"(.*\S) (\([^()]* to [^()]*\))")
_NUMERIC = re.compile(r"[−–\d][\d,.]*(e[−+]?\d+)?(\s?%)?( \(.*\))?|–|withheld|(the other risk: )?not estimable.*")


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
    style = page_style(results)
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
            words=words_table(),
            measures=measures_table(results),
            long_table=LONG_TABLE,
            withheld=_withheld_bins(results),
            command=f"clinpred run {shlex.quote(results.study.export)} --study study.toml --seed {results.study.seed}",
            style=Markup(style),  # noqa: S704  # our own rules; the one name in them is escaped for CSS
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("clinpred.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_showable,
    )
    environment.filters |= {
        "cell": _cell,
        "words": _words,
        "count": count,
        "percent": percent,
        "threshold": threshold_percent,
        "numeric_columns": _numeric_columns,
        "slug": lambda text: text.replace(" ", "-"),
        "svg": Markup,  # drawn and escaped by clinpred.report.figures
        "figure_table": _figure_table,
    }
    return environment


def _showable(value: object) -> object:
    """Return text without the characters that a page may not hold or that turn its direction."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNSHOWABLE.sub("\ufffd", value)
    return value


def _cell(cell: Cell, decimals: int | None = None) -> Markup:
    """Return a cell; an interval may go to a second line, but is not broken."""
    text = str(_showable(cell_text(cell, decimals)))
    found = _ESTIMATE.fullmatch(text)
    if found is None:
        return _words(text)
    return Markup('<span class="whole">{}</span> <span class="whole ci">{}</span>').format(*found.groups())


def _words(text: str) -> Markup:
    """Return text in which a name between backticks is set as a name."""
    kept_together = text.replace(" %", "\u00a0%")
    return Markup(_NAME.sub(r"<code>\1</code>", str(escape(_showable(kept_together)))))  # noqa: S704  # escaped before


def _numeric_columns(table: Table) -> list[bool]:
    """Return which columns hold nothing but numbers, and are therefore set to the right."""
    columns = zip(*table.rows, strict=True)
    return [all(not isinstance(cell, str) or _NUMERIC.fullmatch(cell) for cell in column) for column in columns]


def _figure_table(shown: ShownFigure) -> Table:
    """Return the numbers behind a figure as a table of the page."""
    figure = shown.figure
    rows = tuple(tuple(_rounded(cell) for cell in row) for row in figure.table.rows)
    return Table(f"numbers-{figure.id}", f"Numbers behind figure {shown.number}", "", tuple(figure.table.header), rows)


def _rounded(cell: Cell) -> Cell:
    return float(f"{cell:.6g}") if isinstance(cell, float) else cell


def _numbered(figures: Mapping[str, Figure]) -> dict[str, ShownFigure]:
    order = [name for name in _ORDER if name in figures] + [name for name in figures if name not in _ORDER]
    return {name: _shown(number, figures[name]) for number, name in enumerate(order, start=1)}


def _shown(number: int, figure: Figure) -> ShownFigure:
    rows = [[_rounded(cell) for cell in row] for row in figure.table.rows]
    data = base64.b64encode(rows_csv([figure.table.header, *rows]).encode()).decode()
    return ShownFigure(number, figure, f"data:text/csv;base64,{data}" if len(data) <= LARGEST_DOWNLOAD else None)


def _withheld_bins(results: Results) -> int:
    """Return how many counts of the histograms are withheld."""
    histograms = [curves.histogram for model in results.models.values() for curves in model.curves.values()]
    return sum(one.events.count(None) + one.non_events.count(None) for one in histograms if one is not None)
