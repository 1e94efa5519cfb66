"""Columns whose names say that they were measured later than others of the table: ``wt82`` beside ``wt71``."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from clinpred.records.audit.column_words import column_words

_YEAR = re.compile(r"(?:19|20)[0-9]{2}|[4-9][0-9]")
_FEWEST_TWINS_OF_YEARS = 2
# What a point of time is called, in front of its number.
_POINTS = "t v visit visite day d week wk w month mo m year yr y wave time timepoint tag monat jour"
_BEFORE = "baseline bl pre preop before initial screening entry admission start"
_AFTER = "followup fu post postop after final end discharge last exit"


def find_later_columns(columns: Sequence[str]) -> dict[str, str]:
    """Return the columns that look measured after the others, and why.

    Names tell it in three ways: years at their end (``wt71``, ``wt82``; two pairs at least), numbered points of time
    (``sbp_v1``, ``sbp_v2``), and words (``hb_pre``, ``hb_post``). A column that only exists for a later point is
    recognised by the pairs of others.

    Parameters
    ----------
    columns : sequence of str
        The names of an export's columns.

    Examples
    --------
    >>> find_later_columns(["wt71", "wt82", "tax71", "tax82", "hightax82"])["hightax82"]
    'looks measured later: its name says 82, and 2 such columns have a twin of 71'
    >>> find_later_columns(["hb_pre", "hb_post", "il_6", "il_17"])
    {'hb_post': 'looks measured later: its name says `post`, its twin `hb_pre` says `pre`'}
    """
    words = {column: column_words(column) for column in columns}
    return _of_words(words) | _of_points(words) | _of_years(words)


def _of_years(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    years: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for name in words.values():
        if len(name) > 1 and _YEAR.fullmatch(name[-1]):
            years[name[:-1]].add(name[-1])
    twins = [(min(pair), max(pair)) for pair in years.values() if len(pair) == 2]
    found = {}
    for earlier, later in sorted(set(twins)):
        count = twins.count((earlier, later))
        if count < _FEWEST_TWINS_OF_YEARS:
            continue
        for column, name in words.items():
            if name[-1:] == (later,) or name[-2:] == (later, earlier):
                why = f"its name says {later}, and {count} such columns have a twin of {earlier}"
                found[column] = f"looks measured later: {why}"
    return found


def _of_points(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    points: dict[tuple[str, ...], list[tuple[int, str]]] = defaultdict(list)
    for column, name in words.items():
        if len(name) > 2 and name[-1].isdecimal() and name[-2] in _POINTS.split():
            points[name[:-1]].append((int(name[-1]), column))
    found = {}
    for series in points.values():
        (_, first), *others = sorted(series)
        found.update({column: f"looks measured later: a later point of time than `{first}`" for _, column in others})
    return found


def _of_words(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    said_before, said_after = set(_BEFORE.split()), set(_AFTER.split())
    before = {_without(name, said_before): column for column, name in words.items() if said_before & set(name)}
    found = {}
    for column, name in words.items():
        after = sorted(said_after & set(name))
        twin = before.get(_without(name, said_after)) if after and len(name) > 1 else None
        if twin is not None:
            earlier = sorted(said_before & set(words[twin]))
            why = f"its name says `{after[0]}`, its twin `{twin}` says `{earlier[0]}`"
            found[column] = f"looks measured later: {why}"
    return found


def _without(name: Iterable[str], known: set[str]) -> tuple[str, ...]:
    return tuple(word for word in name if word not in known)
