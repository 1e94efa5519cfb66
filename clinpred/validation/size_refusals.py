"""What a question about sample size may not hold: values out of their range, and how they are rounded."""

import math

from clinpred.errors import InputRefused

_MOST_PATIENTS = 10_000_000_000


def check_inside(name: str, value: float, option: str, *, above: float = 0.0, below: float = 1.0) -> None:
    """Refuse a value that does not lie strictly between two others (``below`` may be infinite).

    Raises
    ------
    InputRefused
        ``E-SIZE-RANGE``: the value is out of its range, or not a number.
    """
    if not above < value < below:
        limits = f"above {above:g}" if math.isinf(below) else f"above {above:g} and below {below:g}"
        raise out_of_range(f"the {name} is {value:g}", expected=limits, to_fix=f"correct {option}")


def check_share(name: str, value: float, option: str) -> None:
    """Refuse a share that is not in 0 to 1, both included.

    Raises
    ------
    InputRefused
        ``E-SIZE-RANGE``: the value is out of its range, or not a number.
    """
    if not 0.0 <= value <= 1.0:
        raise out_of_range(f"the {name} is {value:g}", expected="from 0 to 1", to_fix=f"correct {option}")


def out_of_range(found: str, *, expected: str, to_fix: str) -> InputRefused:
    """Return the refusal of a value."""
    return InputRefused("E-SIZE-RANGE", found, expected=expected, to_fix=to_fix)


def whole_patients(needed: float) -> int:
    """Return the fewest patients that are no fewer than a number of them.

    Raises
    ------
    InputRefused
        ``E-SIZE-RANGE``: more than there are people.
    """
    if not needed <= _MOST_PATIENTS:
        raise out_of_range(
            f"a need of more than {_MOST_PATIENTS:,} patients",
            expected="a question that patients who exist can answer",
            to_fix="ask for less precision, or correct the prevalence or the anticipated performance",
        )
    return math.ceil(needed)


def decimals_of(value: float, *, decimals: int, significant: int) -> int:
    """Return how many decimals a positive value keeps: so many, and no fewer than its significant digits need.

    The reference software rounds to a fixed number of decimals; a small value would lose its digits.

    Examples
    --------
    >>> decimals_of(0.0491, decimals=3, significant=2), decimals_of(0.00312, decimals=3, significant=2)
    (3, 4)
    """
    return max(decimals, significant - 1 - math.floor(math.log10(value)))
