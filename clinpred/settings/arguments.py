"""What a caller in Python may ask for: settings, counts, seeds and processes, each refused in one form of words."""

from numbers import Integral, Real
from typing import SupportsInt

import numpy as np

from clinpred.errors import WrongUsage

Seed = int | np.random.SeedSequence


def refuse_unless(setting: str, expected: str, *, right: bool) -> None:
    """Refuse a setting that is not right.

    Raises
    ------
    WrongUsage
        ``E-SETTING``: with its name and what was expected, never with what it was.
    """
    if not right:
        raise WrongUsage(
            "E-SETTING", f"`{setting}` is out of its range", expected=expected, to_fix=f"change `{setting}`"
        )


def is_number(value: object) -> bool:
    """Whether a value is a real number, and no truth value."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_number_between(value: object, above: float, below: float) -> bool:
    """Whether a value is a number strictly between two others that a float can hold."""
    if not isinstance(value, Real) or not is_number(value):
        return False
    try:
        return above < float(value) < below
    except OverflowError:
        return False


def is_whole(value: object, *, least: int | None = None) -> bool:
    """Whether a value is a whole number, of at least so much."""
    return isinstance(value, Integral) and is_number(value) and (least is None or int(value) >= least)


def whole_number(setting: str, value: SupportsInt, *, least: int | None = None) -> int:
    """Return a whole number, refused where it is none or too small.

    Raises
    ------
    WrongUsage
        ``E-SETTING``.

    Examples
    --------
    >>> whole_number("repeats", np.int64(3), least=1)
    3
    """
    expected = "a whole number" if least is None else f"a whole number of at least {least}"
    refuse_unless(setting, expected, right=is_whole(value, least=least))
    return int(value)


def seed_of(setting: str, value: SupportsInt) -> int:
    """Return a seed: a whole number of at least 0. None is refused, for what it gives cannot be had again.

    Raises
    ------
    WrongUsage
        ``E-SETTING``.
    """
    return whole_number(setting, value, least=0)


def seed_sequence(setting: str, value: Seed) -> np.random.SeedSequence:
    """Return the random stream of a seed, or the stream that was given.

    Raises
    ------
    WrongUsage
        ``E-SETTING``: neither a whole number of at least 0 nor a ``numpy.random.SeedSequence``.
    """
    if isinstance(value, np.random.SeedSequence):
        return value
    refuse_unless(setting, "a whole number of at least 0, or a numpy SeedSequence", right=is_whole(value, least=0))
    return np.random.SeedSequence(int(value))


def check_workers(workers: int | None) -> None:
    """Refuse a number of processes that is neither left open nor at least 1.

    Raises
    ------
    WrongUsage
        ``E-SETTING``.
    """
    expected = "a whole number of at least 1, or None for as many as there are cores"
    refuse_unless("workers", expected, right=workers is None or is_whole(workers, least=1))
