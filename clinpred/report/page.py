"""What every page is made with: text that is escaped and whole, cells, and the policy that admits its one style."""

import base64
import hashlib
import re
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from clinpred.report.numbers import count, percent
from clinpred.report.tabular import Cell, Table, cell_text

_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile("`([^`]+)`")
_MOST_COLUMNS = 40
_WIDE = 8
_ESTIMATE = re.compile(r"(.*\S) (\([^()]* to [^()]*\))")
_NUMERIC = re.compile(r"[−–\d][\d,.]*(e[−+]?\d+)?(\s?%)?( \(.*\))?|–|withheld|(the other risk: )?not estimable.*")


def page_environment() -> Environment:
    """Return the environment in which a page's template is filled: everything is escaped, nothing may be undefined."""
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
        "words": words,
        "count": count,
        "percent": percent,
        "table_classes": _table_classes,
    }
    return environment


def style_source(style: str) -> str:
    """Return the hash by which a page's policy admits its style and no other."""
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


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
        return words(text)
    estimate, limits = found.groups()
    shown = Markup('<span class="whole">{}</span>').format(estimate) if " " in estimate else estimate
    return Markup('{} <span class="ci">{}</span>').format(shown, limits)


def words(text: str) -> Markup:
    """Return text in which a name between backticks is set as a name."""
    kept_together = text.replace(" %", "\u00a0%")
    return Markup(_NAME.sub(r"<code>\1</code>", str(escape(_showable(kept_together)))))  # noqa: S704  # escaped before


def number_rules() -> str:
    """Return the rules that set columns of numbers to the right: one class of a table names one of its columns."""
    places = range(2, _MOST_COLUMNS + 1)
    return ",".join(f".n{place} tr>:nth-child({place})" for place in places) + "{text-align:right}"


def _table_classes(table: Table) -> str:
    """Return the classes of a table: wide, and every shown column after the first that holds nothing but numbers."""
    columns = list(zip(*table.rows, strict=True))[1 if table.grouped else 0 :]
    numeric = [f"n{place}" for place, column in enumerate(columns, start=1) if place > 1 and _is_numeric(column)]
    return " ".join(["wide"] * (len(columns) > _WIDE) + numeric)


def _is_numeric(column: Sequence[Cell]) -> bool:
    return all(not isinstance(cell, str) or _NUMERIC.fullmatch(cell) for cell in column)
