"""Which neighbours of a ranking cannot be told apart, in words."""

from collections.abc import Sequence

from clinpred.report.numbers import listed

SURE = 0.975
"""A predictor comes before another where it does in this share of the replicates."""
_LONG = 3


def untold_neighbours(names: Sequence[str], told: Sequence[bool | None]) -> str:
    """Return the runs of a ranking in which no name is told apart from the next; nothing where all are.

    Examples
    --------
    >>> untold_neighbours(["a", "b", "c", "d"], [True, False, True, None])
    '`b` and `c`'
    >>> untold_neighbours(["a", "b", "c", "d", "e"], [False, False, False, True, None])
    '`a` to `d` (ranks 1 to 4)'
    """
    runs: list[list[int]] = []
    for place in range(len(names)):
        goes_on = place > 0 and told[place - 1] is False
        runs = [*runs[:-1], [*runs[-1], place]] if goes_on else [*runs, [place]]
    return "; ".join(_run_in_words(names, run) for run in runs if len(run) > 1)


def _run_in_words(names: Sequence[str], run: Sequence[int]) -> str:
    if len(run) > _LONG:
        return f"`{names[run[0]]}` to `{names[run[-1]]}` (ranks {run[0] + 1} to {run[-1] + 1})"
    return listed([f"`{names[place]}`" for place in run])
