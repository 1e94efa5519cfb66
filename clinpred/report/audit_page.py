"""The audit page: whether an export can be used, what must be decided, what was noticed, and every column."""

import re
from collections.abc import Sequence

from markupsafe import Markup

from clinpred.report.audit_columns import AuditColumn
from clinpred.report.audit_contents import AuditContents
from clinpred.report.audit_first_screen import answer, audit_cards, audit_facts, reading, sentences
from clinpred.report.audit_groups import MANY_COLUMNS, grouped_columns, grouped_findings
from clinpred.report.numbers import WITHHELD, count, percent, significant
from clinpred.report.page import page_environment, style_source, words
from clinpred.report.style import page_style

SHOWN_FIRST = 6
"""So many cautions stand on the first screen; the others are behind them."""
LONG_LIST = 8
MOST_PRINTED = 300
"""Of an export of more columns than this, the tables of columns that were not opened are not printed."""
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*(?: [A-Z]+(?:=[A-Za-z]+)?)?")


def render_audit(contents: AuditContents) -> str:
    """Draw the audit page.

    Parameters
    ----------
    contents : AuditContents
        What ``audit_contents`` found; every number of the page is one of theirs.

    Returns
    -------
    str
        A page of HTML that needs no network and runs no script, the same bytes for the same contents.
    """
    source = contents.source
    style = page_style(
        f"{source.name} · clinpred {contents.version} · {source.sha256[:12]}", rules=("report.css", "audit.css")
    )
    environment = page_environment()
    environment.filters |= {"missing": _missing_words, "bar": _bar, "advice": _advice}
    groups = grouped_findings(contents.findings)
    return environment.get_template("audit.html").render(
        audit=contents,
        source=source,
        facts=audit_facts(contents),
        answer=answer(contents),
        sentences=sentences(contents, groups),
        cards=audit_cards(contents),
        groups=groups,
        shown_first=SHOWN_FIRST,
        long_list=LONG_LIST,
        long_table=MANY_COLUMNS,
        prints_all=source.columns <= MOST_PRINTED,
        column_groups=grouped_columns(contents.columns),
        decided=_decided(contents.columns),
        reading=reading(contents),
        style=Markup(style),  # noqa: S704  # our own rules; the one name in them is escaped for CSS
        style_hash=style_source(style),
    )


def _decided(columns: Sequence[AuditColumn]) -> dict[str, list[str]]:
    """Return what was settled column by column, with the columns of each decision."""
    decided: dict[str, list[str]] = {}
    for column in columns:
        for what, how in column.decisions.items():
            decided.setdefault(f"{what}: {how}", []).append(column.name)
    return decided


def _missing_words(column: AuditColumn) -> str:
    if column.few is not None:
        return WITHHELD if column.few == "missing" else f"all but {WITHHELD}"
    share = "" if not column.missing_share else f" ({percent(column.missing_share)})"
    return f"{count(column.missing)}{share}"


def _advice(text: str) -> Markup:
    """Return text in which options of the command line, and names between backticks, are set as names."""
    return Markup(_OPTION.sub(r'<code class="option">\g<0></code>', str(words(text))))  # noqa: S704  # escaped by words


def _bar(column: AuditColumn) -> Markup:
    """Return the share that is missing as a bar; nothing where it is 0 or withheld."""
    if not column.missing_share:
        return Markup()
    width = significant(max(0.5, 40 * column.missing_share))
    return Markup(
        '<svg class="bar" viewBox="0 0 40 8" width="40" height="8" aria-hidden="true" focusable="false">'
        '<path d="M0 7.5h40" stroke="currentColor"/><rect width="{}" height="7" fill="currentColor"/></svg>'
    ).format(width)
