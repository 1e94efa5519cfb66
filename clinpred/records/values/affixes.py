"""Numbers and dates that are text because each has the same sign or word beside it, such as ``$61.5`` and ``61y``."""

import re
from collections import Counter
from collections.abc import Mapping

from clinpred.records.values.numbers import read_number

# With fewer different values, numbers with a letter are grades and stages as often as measurements.
_FEWEST_DIFFERENT = 6
# What is longer is a remark that starts with a number.
_LONGEST = 20
_DAY = (
    r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[ T][0-9:.]+)?|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}(?:[ T][0-9:.]+)?"
)
_AFFIXED = re.compile(
    rf"(?P<before>[^\w\s.,:+\-('\"<>=~≤≥#/]{{1,3}}\s?)?(?:(?P<day>{_DAY})|(?P<number>[+-]?[0-9]+(?:[.,][0-9]+)*))"
    r"(?P<after>[-+]|\s?[^\W\d_].*|\s?[^\w\s.,:/'+\-].*)?"
)


def n_affixed(counts: Mapping[str, int]) -> int:
    """Return how many cells hold a number, or a day in digits, with the sign or word beside it that most have.

    Parameters
    ----------
    counts : mapping of str to int
        How many cells hold each text.

    Examples
    --------
    >>> n_affixed({f"${price}": 2 for price in range(10, 20)}), n_affixed({f"{stage}b": 9 for stage in range(4)})
    (20, 0)
    """
    n_cells: Counter[tuple[str, str]] = Counter()
    n_different: Counter[tuple[str, str]] = Counter()
    for text, count in counts.items():
        affix = _affix(text)
        if affix is not None:
            n_cells[affix] += count
            n_different[affix] += 1
    return max((n_cells[affix] for affix, count in n_different.items() if count >= _FEWEST_DIFFERENT), default=0)


def _affix(text: str) -> tuple[str, str] | None:
    found = _AFFIXED.fullmatch(text)
    if found is None or not 0 < len((found["before"] or "") + (found["after"] or "")) <= _LONGEST:
        return None
    if found["number"] and read_number(found["number"]).kind != "number":
        return None
    return found["before"] or "", found["after"] or ""
