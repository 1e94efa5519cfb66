"""Numbers in words: one way to write each kind of number, so that no two places of a report disagree."""

import math

from clinpred.report.contents import Comparison, Estimate

UNWIELDY = 10_000
"""A measure beyond this is written with an exponent: its size is the message, its digits are not."""
WITHHELD = "1 to 7"
"""What stands for a count that is withheld."""
_TWO_DECIMALS = frozenset(
    {"calibration_in_the_large", "calibration_intercept", "calibration_slope", "observed_expected"}
)


def decimals_of(measure: str) -> int:
    """Return how many decimals a measure is given with, everywhere: 2 for intercepts, slope and O:E, else 3."""
    return 2 if measure in _TWO_DECIMALS else 3


def decimal(value: float, digits: int) -> str:
    """Return a number with a fixed count of decimals and a true minus; what rounds to 0 has no sign.

    Examples
    --------
    >>> decimal(-0.126, 2), decimal(-0.0001, 3)
    ('−0.13', '0.000')
    """
    if abs(value) >= UNWIELDY:
        return significant(value)
    text = f"{value:.{digits}f}"
    return text.replace("-", "" if float(text) == 0 else "−")


def estimable(value: float | None, digits: int) -> str:
    """Return a number with a fixed count of decimals, or that there is none.

    Examples
    --------
    >>> estimable(0.25, 2), estimable(None, 2)
    ('0.25', 'not estimable')
    """
    return "not estimable" if value is None else decimal(value, digits)


def significant(value: float) -> str:
    """Return a number with four significant digits.

    Examples
    --------
    >>> significant(0.0359), significant(-1234567.0), significant(0.00001234)
    ('0.0359', '−1.235e+06', '1.234e−05')
    """
    return f"{value:.4g}".replace("-", "−")


def interval(lower: float, upper: float, digits: int) -> str:
    """Return an interval: "0.77 to 0.83"."""
    return f"{decimal(lower, digits)} to {decimal(upper, digits)}"


def with_limits(value: float, lower: float | None, upper: float | None, digits: int) -> str:
    """Return a number with its interval; the interval is left out where there is none.

    Examples
    --------
    >>> with_limits(0.0123, 0.01, 0.0146, 3), with_limits(0.5, None, None, 1)
    ('0.012 (0.010 to 0.015)', '0.5')
    """
    estimate = decimal(value, digits)
    return estimate if lower is None or upper is None else f"{estimate} ({interval(lower, upper, digits)})"


def with_interval(value: Estimate | Comparison, measure: str) -> str:
    """Return an estimate or a paired difference with its 95 % interval in brackets, or why there is none."""
    number, limits = _parts(value, measure)
    return number if limits is None else f"{number} ({limits})"


def in_sentence(value: Estimate | Comparison, measure: str) -> str:
    """Return an estimate or a paired difference with its interval as a sentence has it: "0.81, 0.79 to 0.83"."""
    number, limits = _parts(value, measure)
    return number if limits is None else f"{number}, {limits}"


def _parts(value: Estimate | Comparison, measure: str) -> tuple[str, str | None]:
    number = value.estimate if isinstance(value, Estimate) else value.difference
    if number is None:
        return value.reason or "not estimable", None
    # a difference of two estimates is small beside them: one more decimal shows on which side of 0 its interval lies
    digits = decimals_of(measure) + isinstance(value, Comparison)
    if value.lower is None or value.upper is None:
        return decimal(number, digits), "no interval"
    return decimal(number, digits), interval(value.lower, value.upper, digits)


def count(number: int | None) -> str:
    """Return a count with grouped thousands; a withheld one as the range it lies in."""
    return WITHHELD if number is None else f"{number:,}"


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal.

    Examples
    --------
    >>> percent(0.2571)
    '25.7 %'
    """
    return f"{decimal(100 * share, 1)} %"


def threshold_percent(threshold: float) -> str:
    """Return a threshold as it was given, as a percentage: 0.2 is "20 %", 0.125 is "12.5 %"."""
    return f"{100 * threshold:.10g} %"


def rounded_up(number: float) -> int:
    """Return a number rounded up to two significant digits, as approximate counts are given.

    Examples
    --------
    >>> rounded_up(1834.2), rounded_up(120.0)
    (1900, 120)
    """
    place = 10.0 ** max(math.floor(math.log10(number)) - 1, 0)
    return int(math.ceil(number / place) * place)


def listed(parts: list[str]) -> str:
    """Join parts as a sentence does: "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
