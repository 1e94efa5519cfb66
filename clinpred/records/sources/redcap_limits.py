"""The limits that a REDCap project sets to its numbers, as plausible ranges."""

import re

from clinpred.records.sources.redcap_dictionary import Field

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)")
_SLIDER = ("0", "100")


def plausible_range(field: Field) -> tuple[float | None, float | None] | None:
    """Return the lowest and highest plausible value of a number, None where the project sets no limit.

    A slider without limits goes from 0 to 100. Limits of dates are none of these, and neither are ``today`` or
    another field.

    Examples
    --------
    >>> plausible_range(Field("age", "base", "text", validation="integer", lowest="18", highest="[oldest]"))
    (18.0, None)
    """
    limits = (field.lowest, field.highest)
    if field.type == "slider":
        limits = (field.lowest or _SLIDER[0], field.highest or _SLIDER[1])
    elif not _is_number(field):
        return None
    lowest, highest = (_limit(each) for each in limits)
    if (lowest is None and highest is None) or (lowest is not None and highest is not None and lowest >= highest):
        return None
    return lowest, highest


def unused_limits(field: Field) -> int:
    """Return how many limits the project sets that ``plausible_range`` leaves out."""
    written = sum(bool(limit) for limit in (field.lowest, field.highest))
    used = plausible_range(field) if field.type == "slider" or _is_number(field) else None
    if used is None:
        return written
    return written - sum(
        bool(limit) and value is not None for limit, value in zip((field.lowest, field.highest), used, strict=True)
    )


def _is_number(field: Field) -> bool:
    return field.type == "text" and field.validation.startswith(("integer", "number"))


def _limit(text: str) -> float | None:
    return float(text.replace(",", ".")) if _PLAIN.fullmatch(text) else None
