"""Coefficients and predictors over the replicates: their spread, how often they are selected, how they rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from clinpred.settings.arguments import refuse_unless

Array = NDArray[np.float64]

_CENTRAL = (0.025, 0.975)
_TOP = 5


@dataclass(frozen=True)
class DesignColumns:
    """The columns of the development design, before they were standardised.

    Attributes
    ----------
    columns, predictors : tuples of length p
        Names of the columns, and the predictor that each is made of.
    covariance : array of shape (p, p)
        Of the raw columns over the development rows (divided by n).
    sums : tuple of mappings of column to 1 or -1
        Of each cluster, the columns whose coefficients are summed up, those that go against the first with -1.
    """

    columns: tuple[str, ...]
    predictors: tuple[str, ...]
    covariance: Array
    sums: tuple[Mapping[str, int], ...] = ()

    @cached_property
    def sd(self) -> Array:
        """Standard deviation of each raw column over the development rows, shape (p,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def matrix(self, coefficients: Sequence[Mapping[str, float]]) -> Array:
        """Return coefficients of shape (k, p), 0 for a column that is absent: the resample had no use for it."""
        return np.array([[one.get(column, 0.0) for column in self.columns] for one in coefficients])

    def contributions(self, coefficients: Array) -> Array:
        """Return the SD over development rows of what each predictor adds to the log odds, shape (k, predictors).

        √(βᵀ Σ β) over the columns of the predictor, Σ their covariance.
        """
        places = [np.flatnonzero(np.array(self.predictors) == name) for name in dict.fromkeys(self.predictors)]
        variances = [
            np.einsum("ki,ij,kj->k", coefficients[:, at], self.covariance[np.ix_(at, at)], coefficients[:, at])
            for at in places
        ]
        return np.asarray(np.sqrt(np.maximum(np.column_stack(variances), 0.0)))


@dataclass(frozen=True)
class CoefficientSpread:
    """One design column over the replicates, as log odds ratio per development SD.

    ``lower`` to ``upper`` is the central 95 % of the replicates (a spread, no confidence interval for a penalised
    fit); ``selected`` the share in which it is not 0; ``same_sign`` the share of these with the sign of ``estimate``,
    None where that is 0 or None, or none is selected; ``absent`` the share whose preparation has no such column.
    """

    column: str
    predictor: str
    estimate: float | None
    lower: float
    upper: float
    selected: float
    same_sign: float | None
    absent: float = 0.0


@dataclass(frozen=True)
class SummedSpread:
    """The sum of a cluster's coefficients per development SD, over the replicates.

    Columns that go against the cluster's first count negatively. ``lower`` to ``upper`` is the central 95 %.
    """

    columns: tuple[str, ...]
    estimate: float | None
    lower: float
    upper: float


@dataclass(frozen=True)
class PredictorRank:
    """One predictor's rank among all, by the SD of what it adds to the log odds; 1 is the largest, ties share a mean.

    ``lower`` and ``upper`` are the 2.5 and 97.5 % quantiles of its rank over the replicates; ``top_five`` is the share
    of replicates in which it is selected and among the first five, ``before_next`` the share in which it comes before
    the predictor of the next rank (half of those in which they tie), None for the last.
    """

    predictor: str
    contribution: float
    rank: float
    lower: float
    upper: float
    top_five: float
    before_next: float | None = None


def coefficient_spread(
    original: Mapping[str, float] | None, replicates: Sequence[Mapping[str, float]], design: DesignColumns
) -> list[CoefficientSpread]:
    """Return the spread of every column's coefficient.

    Parameters
    ----------
    original : mapping of column to coefficient, or None
        The model's own, per unit of the raw column; None where its outcome is separated.
    replicates : sequence of mapping of column to coefficient, at least one
        Of the replicates that have coefficients. An absent column counts as not selected, its coefficient as 0.
    design : DesignColumns

    Raises
    ------
    WrongUsage
        ``E-SETTING``: no replicate.

    References
    ----------
    Heinze G, Wallisch C, Dunkler D. Biom J 2018;60:431-449 (selection frequencies).
    """
    _refuse_none(replicates)
    drawn = design.matrix(replicates) * design.sd
    own = None if original is None else (design.matrix([original]) * design.sd)[0]
    lower, upper = np.quantile(drawn, _CENTRAL, axis=0).tolist()
    return [
        CoefficientSpread(
            column,
            predictor,
            None if own is None else float(own[at]),
            lower[at],
            upper[at],
            float(np.mean(drawn[:, at] != 0.0)),
            None if own is None else _same_sign(float(own[at]), drawn[:, at]),
            float(np.mean([column not in one for one in replicates])),
        )
        for at, (column, predictor) in enumerate(zip(design.columns, design.predictors, strict=True))
    ]


def summed_spreads(
    original: Mapping[str, float] | None, replicates: Sequence[Mapping[str, float]], design: DesignColumns
) -> list[SummedSpread]:
    """Return the spread of the sum of every cluster's coefficients: the weight that its members share.

    Parameters
    ----------
    original, replicates, design
        As for ``coefficient_spread``.

    Raises
    ------
    WrongUsage
        ``E-SETTING``: no replicate.
    """
    _refuse_none(replicates)
    drawn = design.matrix(replicates) * design.sd
    own = None if original is None else (design.matrix([original]) * design.sd)[0]
    found = []
    for signs in design.sums:
        sign = np.array([signs.get(column, 0) for column in design.columns])
        lower, upper = np.quantile(drawn @ sign, _CENTRAL).tolist()
        found.append(SummedSpread(tuple(signs), None if own is None else float(own @ sign), lower, upper))
    return found


def predictor_ranks(
    original: Mapping[str, float], replicates: Sequence[Mapping[str, float]], design: DesignColumns
) -> list[PredictorRank]:
    """Return every predictor's rank with its interval, the largest contribution first.

    Parameters
    ----------
    original, replicates, design
        As for ``coefficient_spread``, the original with coefficients.

    Raises
    ------
    WrongUsage
        ``E-SETTING``: no replicate.

    References
    ----------
    Efron B, Tibshirani RJ. An Introduction to the Bootstrap. Chapman and Hall 1993. Hall P, Miller H. Ann Stat
    2009;37:3929-3959 (intervals of ranks by the bootstrap).
    """
    from scipy.stats import rankdata

    _refuse_none(replicates)
    own, drawn = (design.contributions(design.matrix(one)) for one in ([original], replicates))
    rank, ranks = rankdata(-own, axis=1)[0], rankdata(-drawn, axis=1)
    # Ranks of replicates, not numbers between two of them.
    lower, upper = np.quantile(ranks, _CENTRAL, axis=0, method="inverted_cdf")
    top = np.mean((ranks <= _TOP) & (drawn > 0.0), axis=0)
    names, order = list(dict.fromkeys(design.predictors)), np.argsort(rank, kind="stable").tolist()
    before = [*(_share_before(ranks[:, one], ranks[:, after]) for one, after in pairwise(order)), None]
    return [
        PredictorRank(
            names[at], float(own[0, at]), float(rank[at]), float(lower[at]), float(upper[at]), float(top[at]), share
        )
        for at, share in zip(order, before, strict=True)
    ]


def _share_before(ranks: Array, others: Array) -> float:
    return float(np.mean((ranks < others) + 0.5 * (ranks == others)))


def _refuse_none(replicates: Sequence[Mapping[str, float]]) -> None:
    refuse_unless("replicates", "coefficients of at least one replicate", right=len(replicates) > 0)


def _same_sign(estimate: float, drawn: Array) -> float | None:
    selected = drawn[drawn != 0.0]
    if estimate == 0.0 or not selected.size:
        return None
    return float(np.mean(np.sign(selected) == np.sign(estimate)))
