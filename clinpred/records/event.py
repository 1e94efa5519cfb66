"""Which value of an outcome's column is the event: as the study names it, or as words that mean one thing say it."""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.records.findings import Finding
from clinpred.records.read import Export
from clinpred.records.types import is_plain_number, to_code
from clinpred.settings.cohort import Outcome

Array = NDArray[np.float64]

# compared without regard to case; each means the same whatever the outcome is called
_HAPPENED = frozenset(
    {"1", "yes", "y", "true", "t", "positive", "pos", "present", "event", "case"}
    | {"ja", "oui", "si", "sí", "dead", "died", "deceased", "death"}
)
_DID_NOT = frozenset(
    {"0", "no", "n", "false", "f", "negative", "neg", "absent", "none", "control"}
    | {"nein", "non", "alive", "living", "survived", "survivor"}
)
_SURVIVAL = re.compile(r"(?:^|[^a-z])(?:alive|surviv\w*|living|lebt|vivant|vivo)(?:[^a-z]|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Event:
    """The event of an outcome's column.

    Parameters
    ----------
    happened : array of shape (n,)
        1.0 where the event happened, 0.0 where it did not, NaN where the cell is missing.
    words : str
        The value, or values, that are the event.
    findings : tuple of Finding
        How words were understood.
    """

    happened: Array
    words: str
    findings: tuple[Finding, ...] = ()


def event_of(export: Export, outcome: Outcome) -> Event:
    """Return where the event happened.

    Spellings that differ in case alone are one value. Without a named event, 1 is the event of a column of 0 and 1,
    and words such as yes, true or died are the event of a column of such words and their opposites.

    Raises
    ------
    InputRefused
        E-OUTCOME-VALUES: more than two values, of which the study does not name all. E-OUTCOME-CODING: which of two
        values is the event is not said. E-OUTCOME-EVENT: the named event is no value of the column.
    StatisticalRefusal
        S-ONE-CLASS: a column of one value.
    """
    column = str(outcome.column or outcome.event_column)
    coded = _coded(export, column)
    missing = export.missing(column)
    counts = Counter(coded[~missing])
    if outcome.event is None:
        events, findings = _understood(export, column, counts)
    else:
        events, findings = _named(export, outcome, column, counts), ()
    happened = np.isin(coded.astype(str), list(events)).astype(np.float64)
    words = outcome.event if outcome.event is not None else _words(export, column, happened)
    return Event(np.where(missing, np.nan, happened), words, findings)


def _coded(export: Export, column: str) -> NDArray[np.object_]:
    """Return the column's numbers in their shortest text (``1.0`` is ``1``), and all else without regard to case."""
    missing = export.missing(column)
    if export.types[column] == "number":
        written = export.table[column].to_numpy()
        texts = ["" if gone else to_code(value) for value, gone in zip(written, missing, strict=True)]
    else:
        texts = [str(value).casefold() for value in export.label(column)]
    return np.array(texts, dtype=object)


def _value(word: str) -> str:
    return to_code(float(word)) if is_plain_number(word) else word.casefold()


def _named(export: Export, outcome: Outcome, column: str, counts: Counter[str]) -> set[str]:
    event = _value(str(outcome.event))
    others = {_value(word) for word in outcome.no_event}
    unnamed = set(counts) - {event} - others
    if not counts:
        raise _one_value(export, column)
    if event not in counts:
        raise InputRefused(
            "E-OUTCOME-EVENT",
            f"{export.name}: no row of outcome column `{column}` holds the event that the study names",
            expected=f"the event among the column's {len(counts)} values",
            to_fix="correct the event (--event; study.toml: outcome.event)",
        )
    if len(unnamed) > (0 if others else 1):
        raise _many_values(export, column, counts)
    return {event}


def _understood(export: Export, column: str, counts: Counter[str]) -> tuple[set[str], tuple[Finding, ...]]:
    if set(counts) <= {"0", "1"} and counts and not _SURVIVAL.search(column):
        return {"1"}, ()
    if len(counts) < 2:
        raise _one_value(export, column)
    happened, did_not = counts.keys() & _HAPPENED, counts.keys() & _DID_NOT
    if counts.keys() - happened - did_not and len(counts) > 2:
        raise _many_values(export, column, counts)
    if not happened or not did_not or len(happened | did_not) < len(counts) or _SURVIVAL.search(column):
        how_many = "two" if len(counts) == 2 else str(len(counts))
        raise InputRefused(
            "E-OUTCOME-CODING",
            f"{export.name}: outcome column `{column}` has {how_many} values, and which is the event is not said",
            expected="0 and 1, or the event named",
            to_fix="name the event with --event (study.toml: outcome.event); `clinpred init` proposes it with its "
            "counts",
        )
    verb = "is" if len(happened) == 1 else "are"
    text = f"outcome `{column}`: {_listed(happened)} {verb} taken for the event, {_listed(did_not)} for its absence"
    advice = "check the direction; name the event with --event (study.toml: outcome.event)"
    return set(happened), (Finding("W-OUTCOME-MAP", "caution", text, advice, column=column),)


def _listed(words: Collection[str]) -> str:
    quoted = [f"`{word}`" for word in sorted(words)]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _words(export: Export, column: str, happened: Array) -> str:
    """Return the event as the export writes it, its most frequent spelling first."""
    if export.types[column] == "number":
        return "1"
    return " / ".join(word for word, _ in Counter(export.label(column)[happened == 1]).most_common())


def _many_values(export: Export, column: str, counts: Counter[str]) -> InputRefused:
    rows = ", ".join(str(count) for _, count in counts.most_common(6)) + (", ..." if len(counts) > 6 else "")
    return InputRefused(
        "E-OUTCOME-VALUES",
        f"{export.name}: outcome column `{column}` has {len(counts)} distinct values, in {rows} rows",
        expected="two values: the event, and its absence",
        to_fix="make the outcome binary in the export, choose another column (--outcome), or name the event and every "
        "value that is its absence (--event, --no-event; study.toml: outcome.event, outcome.no_event)",
    )


def _one_value(export: Export, column: str) -> StatisticalRefusal:
    return StatisticalRefusal(
        "S-ONE-CLASS",
        f"{export.name}: outcome column `{column}` has fewer than two values",
        expected="rows with the event and rows without it",
        to_fix="check the outcome's column and its event (--outcome, --event)",
    )
