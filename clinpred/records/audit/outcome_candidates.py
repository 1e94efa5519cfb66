"""Columns that may be the outcome: two values, and a name, or words in its cells, that tell; ranked, with evidence."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import ClinpredError
from clinpred.records.audit.column_words import column_words
from clinpred.records.audit.follow_up import time_twin
from clinpred.records.event import event_of
from clinpred.records.read import Export
from clinpred.records.types import to_code
from clinpred.settings.cohort import Outcome

Array = NDArray[np.float64]

FEWEST_ROWS_OF_A_NAMED_VALUE = 8
"""Values that fewer rows hold are never written down, unless they are a code of one digit."""
TELLING = 40
"""The weight from which a name alone makes a column an outcome; below, only where no other column is one."""

_DEATH = (
    "death dead died deceased mortality expired exitus tod tot gestorben verstorben todesfall deces decede mort muerte "
    "muerto fallecido fallecimiento defuncion morte morto deceduto decesso obito overleden overlijden dood sterfte "
    "avliden dodsfall zgon alive survived survival lebend uberlebt vivant vivo"
)
_OUTCOME = (
    "outcome event endpoint target label zielvariable ereignis endpunkt evenement evento desenlace desfecho esito"
)
_COURSE = (
    "recur recurrence recidive relapse readmission readmitted readmit rehospitalised rehospitalized metastasis "
    "metastases progression rezidiv wiederaufnahme rechute recidiva ricaduta recaida reingreso heropname transplant"
)
_ALONE = "class diagnosis dx case y diagnose diagnostic diagnostico disease group"
_ILLNESS = (
    "diabetes stroke sepsis infarction mi chd cvd cancer aki infection pneumonia dementia complication complications "
    "fracture thrombosis bleeding delirium icu failure impaired preeclampsia depression"
)
_BEFORE = "prior previous prev history hx hist family fam past baseline ever"
_NO_EVENT = "time times date day days year years age cause reason code type text"
_OF_A_STATUS = "status vital survival os pfs rfs dfs efs mfs fu follow up followup final last patient censor at end"
# weight, words, and what is said of a name that has one of them
_NAMES: tuple[tuple[int, str, str], ...] = (
    (60, _DEATH, "named after death"),
    (58, _OUTCOME, "named as an outcome"),
    (54, _COURSE, "named after a turn of the illness"),
)
_SURVIVAL = "alive survived survival lebend uberlebt vivant vivo"
_SICK = (
    "impaired malignant abnormal relapse relapsed recurrence readmitted sick diseased affected progressed failure tot "
    "verstorben gestorben decede fallecido muerto morto deceduto overleden dood zgon yes true positive dead died"
)
_WELL = (
    "control controls normal benign healthy none well unaffected cured censored lebend vivant vivo alive survived no "
    "false negative absent"
)
_AFFIRMED = frozenset({"1", "yes", "y", "true", "t", "ja", "oui", "si", "sí", "sim"})
_DEAD = frozenset({"dead", "died", "deceased", "verstorben", "gestorben", "fallecido", "deceduto", "overleden"})
_LAST_COLUMN, _KNOWN_CODING, _LOPSIDED = 5, 3, -30
_MOST_VALUES, _TOO_MANY_VALUES = 6, 24


@dataclass(frozen=True)
class OutcomeCandidate:
    """A column that may be the outcome, with the evidence.

    Parameters
    ----------
    column : str
        Its name.
    event : str, optional
        The value that is the event; None where several words are, each of which says so by itself.
    no_event : tuple of str
        Of a column with more than two values, those that are the event's absence; else empty.
    events, known : int
        Rows with the event, and rows in which the column is not missing.
    guess : str
        Why this value is taken for the event, where that is not known; empty where it is.
    why : str
        What makes the column an outcome.
    weight : int
        The higher, the likelier.
    """

    column: str
    event: str | None
    no_event: tuple[str, ...]
    events: int
    known: int
    guess: str
    why: str
    weight: int


def find_outcomes(export: Export, *, other_than: Collection[str] = ()) -> list[OutcomeCandidate]:
    """Return the columns that may be the outcome, the likeliest first.

    Columns of which only an illness or their place at the end of the table speaks are returned only where no name tells
    more.

    Parameters
    ----------
    export : Export
        The read export.
    other_than : collection of str
        Columns that have another role.
    """
    columns = [column for column in export.types if column not in other_than]
    last = next(reversed(list(export.types)))
    found = [
        candidate for column in columns if (candidate := _judged(export, column, is_last=column == last)) is not None
    ]
    telling = [candidate for candidate in found if candidate.weight >= TELLING]
    return sorted(telling or found, key=lambda candidate: (-candidate.weight, columns.index(candidate.column)))


def outcome_candidate(
    export: Export, column: str, *, event: str | None = None, weight: int = 0, why: str = ""
) -> OutcomeCandidate | None:
    """Return the evidence on one column as an outcome, or None where its values cannot be one.

    The event is 1 of 0 and 1, or what words mean (yes, died, ...). Of other values it is guessed, unless ``event`` says
    it, and ``guess`` tells how. Of three to six values the others are ``no_event``.
    """
    counts = _counts(export, column)
    if event is None and len(counts) > 2:
        happened = _understood(export, column)
        if happened is not None:
            known = int(np.sum(~np.isnan(happened)))
            return OutcomeCandidate(column, None, (), int(np.nansum(happened)), known, "", why, weight)
    if not 2 <= len(counts) <= _MOST_VALUES:
        return None
    asked = [value for value in counts if event is not None and value.casefold() == event.casefold()]
    event, guess = (asked[0], "") if asked else _event(export, column, counts)
    others = tuple(sorted(value for value in counts if value != event)) if len(counts) > 2 else ()
    written = [*counts] if guess else others
    if not all(_may_be_written(value, counts[value]) for value in written):
        return None
    return OutcomeCandidate(column, event, others, counts[event], sum(counts.values()), guess, why, weight)


def binary_columns(export: Export) -> list[str]:
    """Return the columns of two values."""
    return [column for column in export.types if len(_counts(export, column)) == 2]


def _judged(export: Export, column: str, *, is_last: bool) -> OutcomeCandidate | None:
    if export.types[column] not in {"number", "category"} or export.table[column].nunique() > 2 * _MOST_VALUES:
        return None
    weight, why = _by_name(column_words(column))
    counts = _counts(export, column)
    if weight == 0 and time_twin(export, column) is not None:
        weight, why = 50, "a time goes by the same name"
    if weight == 0 and _words_tell(counts):
        weight, why = 45, "its words tell of death"
    if weight == 0 and is_last:
        weight, why = 10, "the last column, and of two values"
    if weight == 0 or (len(counts) > 2 and weight < 50):
        return None
    candidate = outcome_candidate(export, column, weight=weight, why=why)
    return None if candidate is None else _weighed(candidate, is_last=is_last)


def _weighed(candidate: OutcomeCandidate, *, is_last: bool) -> OutcomeCandidate:
    rate = candidate.events / candidate.known
    extra = _LAST_COLUMN * is_last + _KNOWN_CODING * (not candidate.guess) + _LOPSIDED * (not 0.001 < rate < 0.95)
    return replace(candidate, weight=candidate.weight + extra)


@cache
def _by_name(words: tuple[str, ...]) -> tuple[int, str]:
    if _any_of(words, _BEFORE) or _any_of(words, _NO_EVENT):
        return 0, ""
    for weight, stems, why in _NAMES:
        if _any_says(words, stems):
            return weight, why
    letters = [word for word in words if not word.isdecimal()]
    if "status" in letters and set(letters) <= set(_OF_A_STATUS.split()):
        return 52, "named as a status"
    if len(letters) == 1 and letters[0] in _ALONE.split():
        return 45, "named as a class or a diagnosis"
    if _any_of(words, _ILLNESS):
        return 20, "named after an illness"
    return 0, ""


def _any_of(words: Sequence[str], known: str) -> bool:
    return not set(words).isdisjoint(known.split())


def _any_says(words: Sequence[str], stems: str) -> bool:
    """Whether a word is one of the stems, or begins or ends with one of four letters or more (``hospdead``)."""
    known = stems.split()
    long = tuple(stem for stem in known if len(stem) >= 4)
    return any(word in known or word.startswith(long) or word.endswith(long) for word in words)


def _words_tell(counts: Counter[str]) -> bool:
    values = {value.casefold() for value in counts}
    return len(values) == 2 and not values.isdisjoint(_DEAD)


def _counts(export: Export, column: str) -> Counter[str]:
    """Return how many rows hold each value, spellings that differ in case alone being one: the most frequent."""
    rows = export.table[column].value_counts()
    if len(rows) > _TOO_MANY_VALUES:
        return Counter({str(place): 1 for place in range(len(rows))})
    number = export.types[column] == "number"
    values, times = rows.index.to_list(), rows.to_list()
    spelled = {to_code(value) if number else str(value): n for value, n in zip(values, times, strict=True)}
    spellings: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for value, count in sorted(spelled.items(), key=lambda item: (-item[1], item[0])):
        counts[spellings.setdefault(value.casefold(), value)] += count
    return counts


def _event(export: Export, column: str, counts: Counter[str]) -> tuple[str, str]:
    """Return the value that is the event, and why it is guessed; no reason where it is known."""
    known = _known_event(export, column, counts)
    if known is not None:
        return known, ""
    affirmed = [value for value in counts if value.casefold() in _AFFIRMED]
    if _any_of(column_words(column), _SURVIVAL) and len(counts) == 2 and len(affirmed) == 1:
        return _other(counts, affirmed), "the name tells who lived, so the opposite is taken for the event"
    sick = [value for value in counts if _any_of(column_words(value), _SICK)]
    well = [value for value in counts if _any_of(column_words(value), _WELL)]
    if len(sick) == 1:
        return sick[0], f"`{sick[0]}` is taken for the event by its meaning"
    if len(well) == len(counts) - 1:
        return _other(counts, well), "it stands against " + ", ".join(f"`{value}`" for value in sorted(well))
    if export.types[column] == "number":
        return max(counts, key=float), f"the highest of {len(counts)} codes is taken for the event"
    return min(counts, key=lambda value: (counts[value], value)), "the rarest value is taken for the event"


def _understood(export: Export, column: str) -> Array | None:
    try:
        return event_of(export, Outcome(column=column)).happened
    except ClinpredError:
        return None


def _known_event(export: Export, column: str, counts: Counter[str]) -> str | None:
    if len(counts) != 2:
        return None
    try:
        words = event_of(export, Outcome(column=column)).words
    except ClinpredError:
        return None
    return next((value for value in counts if value.casefold() == words.split(" / ")[0].casefold()), None)


def _may_be_written(value: str, count: int) -> bool:
    return count >= FEWEST_ROWS_OF_A_NAMED_VALUE or (value.isdecimal() and len(value) == 1)


def _other(counts: Counter[str], values: Collection[str]) -> str:
    return next(value for value in counts if value not in values)
