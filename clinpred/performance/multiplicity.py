"""Several comparisons planned together: Holm's p values, that go with intervals at level 1 - .05 / comparisons."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clinpred.errors import InputRefused


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Return p values adjusted by Holm's step-down method: the family-wise error stays below the level.

    The smallest of m p values is multiplied by m, the next by m - 1, …; none falls below the one before, none
    exceeds 1. Any dependence between the comparisons is allowed.

    Parameters
    ----------
    p_values : array_like, shape (m,)
        0 to 1, one a planned comparison.

    Returns
    -------
    ndarray, shape (m,)
        In the order given. Empty for an empty family.

    Raises
    ------
    InputRefused
        ``E-P-VALUES``: values missing or outside 0 to 1, or not one-dimensional.

    References
    ----------
    Holm S. Scand J Stat 1979;6:65-70.

    Notes
    -----
    Simultaneous intervals beside them are Bonferroni's, at level 1 - .05 / m (Dunn 1961): they contain all true
    differences at once with probability .95 or more. Intervals made to agree with Holm's decisions exist
    (Strassburger and Bretz 2008), but those of the rejected comparisons end at 0 and say nothing of size. So Holm's
    test can reject where Bonferroni's interval still holds 0; never the reverse.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    given = np.asarray(p_values, dtype=np.float64)
    faulty = int(np.sum(~((given >= 0.0) & (given <= 1.0))))
    if given.ndim != 1 or faulty:
        raise InputRefused(
            "E-P-VALUES",
            f"p values of shape {given.shape}, {faulty} of {given.size} missing or outside 0 to 1",
            expected="one p value a comparison, from 0 to 1",
            to_fix="leave comparisons without a p value out, and say so",
        )
    order = np.argsort(given, kind="stable")
    steps = np.minimum(1.0, np.maximum.accumulate(given[order] * np.arange(given.size, 0, -1)))
    adjusted = np.empty(given.size)
    adjusted[order] = steps
    return adjusted
