"""What the first screen of an audit says: whether the export can be used, what must be decided, what was noticed."""

from collections.abc import Sequence

from clinpred.report.audit_contents import FEWEST_PER_COEFFICIENT, AuditContents, AuditSize, is_small
from clinpred.report.audit_groups import FindingGroup
from clinpred.report.disclosure import SMALLEST_SHOWN
from clinpred.report.first_screen import Card
from clinpred.report.numbers import count, decimal, listed, percent

_DELIMITERS = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "vertical bar",
    "^": "caret",
    "~": "tilde",
    " ": "blank",
}
_QUOTES = {'"': "double quotes", "'": "single quotes", None: "none"}
_ANSWERS = {
    "yes": ("Yes", "holds", "as far as an audit can see"),
    "with care": ("With care", "holds with caution", "look at what was noticed first"),
    "not yet": ("Not yet", "does not hold", "something must be decided first"),
}


def answer(contents: AuditContents) -> tuple[str, str, str]:
    """Return the answer, the level whose colour and sign it has, and what it rests on."""
    word, level, because = _ANSWERS[contents.usable]
    if contents.outcome is None and contents.usable != "not yet":
        return f"So far, {word.lower()}", level, "no outcome was named"
    return word, level, because


def audit_facts(contents: AuditContents) -> list[tuple[str, str]]:
    """Return what was read, and what is asked of it, in five short answers."""
    source, outcome = contents.source, contents.outcome
    asked = "not named" if outcome is None else outcome.rule
    event = "" if outcome is None or outcome.event is None else f"; event “{outcome.event}”"
    return [
        ("Export", source.name),
        ("Table", f"{count(source.rows)} rows, {count(source.columns)} columns"),
        ("Read as", _read_as(contents)),
        ("Outcome", f"{asked}{event}"),
        ("Audit", f"sha256 {source.sha256[:8]}… · clinpred {contents.version}"),
    ]


def _read_as(contents: AuditContents) -> str:
    source = contents.source
    if not source.is_text:
        return "cells of a typed source"
    return f"{source.encoding} text, {_delimiter_words(source.delimiter)}"


def _delimiter_words(delimiter: str | None) -> str:
    if delimiter is None:
        return "no mark between cells"
    return f"{_DELIMITERS.get(delimiter, f'`{delimiter}`')} between cells"


def reading(contents: AuditContents) -> list[tuple[str, str]]:
    """Return how the bytes became cells, as pairs of a name and words."""
    source = contents.source
    pairs = [("Export", source.name), ("sha256", f"`{source.sha256}`")]
    if source.is_text:
        pairs += [
            ("Encoding", f"{source.encoding}"),
            ("Between cells", _delimiter_words(source.delimiter).removesuffix(" between cells")),
            ("Around cells", _QUOTES.get(source.quote, f"`{source.quote}`")),
        ]
    settled = ", ".join(f"`{key}` = {value}" for key, value in source.settled.items())
    pairs.append(("Settled by the analyst", settled or "nothing for the export as a whole"))
    if contents.dropped:
        pairs.append(("Removed as it was read", ", ".join(f"`{column}`" for column in contents.dropped)))
    return pairs


def sentences(contents: AuditContents, groups: Sequence[FindingGroup]) -> list[str]:
    """Return the answer in sentences: what was read, what must be decided, what was noticed."""
    return [_whole(contents), _to_decide(groups), _noticed(contents, groups), *_of_size(contents)]


def _whole(contents: AuditContents) -> str:
    source, rows = contents.source, contents.rows
    read = f"All {count(source.rows)} rows and {count(source.columns)} columns of `{source.name}` were read"
    if rows is None:
        return f"{read}."
    reasons = [part for part in rows.excluded if part.rows]
    if not reasons:
        return f"{read}; every row is used."
    why = reasons[0].reason if len(reasons) == 1 else listed([f"{count(one.rows)} {one.reason}" for one in reasons])
    return f"{read}; {count(rows.rows)} rows are used and {count(rows.rows_in_export - rows.rows)} excluded ({why})."


def _to_decide(groups: Sequence[FindingGroup]) -> str:
    serious = [group.code.title for group in groups if group.level == "serious"]
    if not serious:
        return "Nothing must be decided before a run."
    return f"To be decided before a run: {'; '.join(_small(title) for title in serious)}."


def _small(title: str) -> str:
    return title if title[1:2].isupper() else title[0].lower() + title[1:]


def _noticed(contents: AuditContents, groups: Sequence[FindingGroup]) -> str:
    cautions = sum(group.level == "caution" for group in groups)
    notes = sum(group.level == "note" for group in groups)
    if not cautions + notes:
        return "Nothing else was noticed."
    said = [f"{n} kind{'s' if n > 1 else ''} of {what}" for n, what in ((cautions, "caution"), (notes, "note")) if n]
    columns = len({item.column for group in groups for item in group.items if item.column is not None})
    where = f", in {count(columns)} of {count(contents.source.columns)} columns" if columns else ""
    return f"Noticed: {listed(said)}{where}."


def _of_size(contents: AuditContents) -> list[str]:
    if contents.outcome is None:
        return ["No outcome was named: roles, predictors, events and leaks were not looked at."]
    size = contents.size
    if size is None:
        return ["The cohort was refused: predictors and events were not counted."]
    if size.per_coefficient is None:
        return [f"Fewer than {SMALLEST_SHOWN} {size.rarer}: next to nothing can be learnt from so few."]
    if not is_small(size):
        return []
    number = f"{size.rarer.capitalize()}: {decimal(size.per_coefficient, 1)} per coefficient"
    said = f"{number}, and fewer than {FEWEST_PER_COEFFICIENT} is few; an unpenalised model of all"
    return [f"{said} {count(size.predictors)} predictors is likely to overfit."]


def audit_cards(contents: AuditContents) -> list[Card]:
    """Return four headline numbers: of the cohort, or of the table where there is none."""
    if contents.size is not None and contents.rows is not None:
        return _cards_of_cohort(contents, contents.size)
    source = contents.source
    some = sum(column.missing != 0 for column in contents.columns)
    kinds = {kind: sum(column.type == kind for column in contents.columns) for kind in ("number", "category", "date")}
    return [
        Card("Rows", count(source.rows), "in the export", ()),
        Card("Columns", count(source.columns), ", ".join(f"{count(n)} {kind}" for kind, n in kinds.items() if n), ()),
        Card(
            "Missing",
            percent(contents.missing_share),
            "of all cells",
            (f"in {count(some)} column{'s' if some != 1 else ''}",),
        ),
        _findings_card(contents),
    ]


def _findings_card(contents: AuditContents) -> Card:
    levels = {level: sum(one.level == level for one in contents.findings) for level in ("serious", "caution", "note")}
    told = (f"{count(levels['caution'])} cautions", f"{count(levels['note'])} notes")
    return Card("Findings", count(len(contents.findings)), f"{count(levels['serious'])} serious", told)


def _cards_of_cohort(contents: AuditContents, size: AuditSize) -> list[Card]:
    prevalence = "" if size.events is None else f"{percent(size.events / size.patients)} of patients"
    rows = contents.rows.rows if contents.rows is not None else 0
    carried = "–" if size.per_coefficient is None else decimal(size.per_coefficient, 1)
    return [
        Card("Patients", count(size.patients), f"in {count(rows)} rows", ()),
        Card("Events", count(size.events), prevalence, (f"{count(size.non_events)} without the event",)),
        Card("Candidate predictors", count(size.predictors), f"{count(size.coefficients)} coefficients", ()),
        Card(
            f"{size.rarer.capitalize()} per coefficient", carried, "before any split", ("describes, does not decide",)
        ),
    ]
