"""Levels of a category that have an order: grades, stages, and intervals of a number."""

import re
from collections.abc import Sequence

_SCALES = (
    ("none", "low", "medium", "high"),
    ("low", "moderate", "high"),
    ("low", "intermediate", "high"),
    ("very low", "low", "normal", "high", "very high"),
    ("none", "mild", "moderate", "severe"),
    ("absent", "mild", "moderate", "severe", "very severe"),
    ("never", "former", "current"),
    ("never", "ex", "current"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("poor", "fair", "good", "very good", "excellent"),
    ("well differentiated", "moderately differentiated", "poorly differentiated"),
    ("well differentiated", "intermediate", "poorly differentiated"),
    ("small", "medium", "large"),
    ("i", "ii", "iii", "iv", "v"),
    ("ia", "ib", "iia", "iib", "iiia", "iiib", "iiic", "iv"),
    ("t0", "t1", "t2", "t3", "t4"),
    ("n0", "n1", "n2", "n3"),
    ("g1", "g2", "g3", "g4"),
)
_INTERVAL = re.compile(
    r"(?P<sign><=?|≤|>=?|≥|under|less than|below|up to|over|more than|above)?\s*[$€£]?\s*(?P<lower>[0-9]+(?:\.[0-9]+)?)"
    r"\s*[k%]?(?:\s*(?:-|–|to)\s*[$€£]?\s*(?P<upper>[0-9]+(?:\.[0-9]+)?)\s*[k%]?|\s*(?P<more>\+))?"
)
_BELOW = {"<", "<=", "≤", "under", "less than", "below", "up to"}
_FEWEST_LEVELS = 3


def in_order(levels: Sequence[str]) -> tuple[str, ...] | None:
    """Return the levels lowest first, where their words or numbers say which is; else None.

    Parameters
    ----------
    levels : sequence of str
        The levels of a category, in any order.

    Examples
    --------
    >>> in_order([">50", "20-50", "<=20"]), in_order(["severe", "Mild", "moderate"])
    (('<=20', '20-50', '>50'), ('Mild', 'moderate', 'severe'))
    >>> in_order(["blue", "green", "red"]) is None
    True
    """
    if len(levels) < _FEWEST_LEVELS:
        return None
    plain = {level: level.strip().casefold() for level in levels}
    for scale in _SCALES:
        if set(plain.values()) <= set(scale):
            return tuple(sorted(levels, key=lambda level: scale.index(plain[level])))
    places = {level: _place(text) for level, text in plain.items()}
    known = [place for place in places.values() if place is not None]
    if len(set(known)) < len(levels):
        return None
    return tuple(sorted(levels, key=lambda level: places[level] or (0.0, 0)))


def _place(text: str) -> tuple[float, int] | None:
    """Return the bound that an interval begins at, and whether it lies below or above it."""
    interval = _INTERVAL.fullmatch(text)
    if interval is None or not (interval["sign"] or interval["upper"] or interval["more"]):
        return None
    side = -1 if interval["sign"] in _BELOW else 1 if interval["sign"] or interval["more"] else 0
    return float(interval["lower"]), side
