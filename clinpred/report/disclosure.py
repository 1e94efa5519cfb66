"""Disclosure control, standard profile: what a few patients stand behind is withheld before anything is drawn.

A count of 1 to 7 becomes None in the contents of a report; nothing is hidden later, for it is not there. Zero stays:
it says nothing of anybody.
"""

from collections.abc import Sequence

SMALLEST_SHOWN = 8
"""The smallest count above zero that may be shown."""
ROUNDING = 1e-6


def is_small_cell(number: int) -> bool:
    """Return whether 1 to 7 patients stand behind a count: too few to be shown, and not none.

    Examples
    --------
    >>> [is_small_cell(number) for number in (0, 1, 7, 8)]
    [False, True, True, False]
    """
    return 0 < number < SMALLEST_SHOWN


def redact_count(number: int) -> int | None:
    """Return a count, or None where 1 to 7 patients stand behind it.

    Examples
    --------
    >>> [redact_count(number) for number in (0, 1, 7, 8)]
    [0, None, None, 8]
    """
    return None if is_small_cell(number) else number


def redact_share(share: float, patients: int) -> float | None:
    """Return a share of so many patients, or None where 1 to 7 of them stand behind it.

    A share of rows is redacted as one of patients: what stands behind it is ``share * patients``.

    Examples
    --------
    >>> redact_share(0.0, 5000), redact_share(0.0008, 5000), redact_share(0.0016, 5000)
    (0.0, None, 0.0016)
    """
    return None if is_small_share(share, patients) else share


def is_small_share(share: float, patients: int) -> bool:
    """Return whether a share of so many patients stands for more than none and fewer than 8 of them."""
    # a share is a quotient of counts: 8 of 5,000, rounded down, is still 8
    return 0 < share * patients < SMALLEST_SHOWN - ROUNDING


def redact_parts(counts: Sequence[int]) -> list[int | None]:
    """Redact the parts of a total that is shown elsewhere.

    A single withheld part would follow from the total: the next smallest part is then withheld too. Where there is
    no other part above zero the total is the part, and must be withheld itself.

    Examples
    --------
    >>> redact_parts([120, 3, 15, 0])
    [120, None, None, 0]
    """
    shown = [redact_count(number) for number in counts]
    others = [place for place, number in enumerate(shown) if number]
    if shown.count(None) == 1 and others:
        shown[min(others, key=lambda place: counts[place])] = None
    return shown


def redact_histogram(events: Sequence[int], non_events: Sequence[int]) -> tuple[list[int | None], list[int | None]]:
    """Redact a histogram of two classes whose totals are shown: each class on its own.

    Examples
    --------
    >>> redact_histogram([2, 30, 9], [40, 20, 10])
    ([None, 30, None], [40, 20, 10])
    """
    return redact_parts(events), redact_parts(non_events)
