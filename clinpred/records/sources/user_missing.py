"""Values that a file itself calls missing: Stata's .a to .z, SAS's .A to .Z and ._, the ranges that SPSS declares."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypedDict

from clinpred.records.findings import Finding
from clinpred.records.sources.number_texts import number_text

Code = float | str
_BEYOND = 1e300


class MissingRange(TypedDict):
    """The lowest and highest value of a range that SPSS declares missing; equal for a single value."""

    lo: Code
    hi: Code


def without_user_missing(
    values: Sequence[Code | None], ranges: Sequence[MissingRange], *, is_text: bool
) -> tuple[list[Code | None], Counter[str]]:
    """Return the values with None for those that the file calls missing, and how many there are of each kind.

    In a column of numbers, a text is the letter of one of Stata's or SAS's kinds of missing values.

    Examples
    --------
    >>> without_user_missing([1.0, "a", 9.0, None], [{"lo": 9.0, "hi": 9.0}], is_text=False)
    ([1.0, None, None, None], Counter({'.a': 1, '9': 1}))
    """
    kind_of = {value: _kind(value, ranges, is_text=is_text) for value in set(values) if value is not None}
    kinds = Counter(kind for value in values if value is not None and (kind := kind_of[value]))
    return [None if value is None or kind_of[value] else value for value in values], kinds


def is_declared_missing(value: Code, ranges: Sequence[MissingRange]) -> bool:
    """Whether a value lies in one of the ranges that the file declares missing."""
    return bool(_kind(value, ranges, is_text=isinstance(value, str)))


def user_missing_finding(column: str, kinds: Mapping[str, int]) -> list[Finding]:
    """Return the finding W-USER-MISSING, where there are such values."""
    count = sum(kinds.values())
    if not count:
        return []
    spelled = ", ".join(f"{kind}: {n}" for kind, n in sorted(kinds.items()))
    text = f"column `{column}`: values that the file itself calls missing are read as missing ({spelled})"
    advice = "check that the reasons why they are missing need no distinction"
    return [Finding("W-USER-MISSING", "note", text, advice, count, column)]


def _kind(value: Code, ranges: Sequence[MissingRange], *, is_text: bool) -> str:
    if isinstance(value, str):
        if not is_text:
            return f".{value}"
        return "declared texts" if any(value.strip() == str(each["lo"]).strip() for each in ranges) else ""
    for each in ranges:
        if float(each["lo"]) <= value <= float(each["hi"]):
            return _range_in_words(float(each["lo"]), float(each["hi"]))
    return ""


def _range_in_words(low: float, high: float) -> str:
    if low == high:
        return number_text(low)
    return f"{'lowest' if low < -_BEYOND else number_text(low)} to {'highest' if high > _BEYOND else number_text(high)}"
