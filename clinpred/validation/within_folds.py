"""Measures that compare patients of one fold only: risks of different folds come from different models."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import StatisticalRefusal
from clinpred.performance.calibration import converged_start, is_constant, refuse_constant
from clinpred.performance.discrimination import prepare_auroc
from clinpred.performance.newton import fit_logistic
from clinpred.performance.rows import Array, Rows, Weighted
from clinpred.settings.counts import counted

Ints = NDArray[np.int64]
_FLAT = 1e-9


def prepare_auroc_within(rows: Rows, folds: Ints) -> Weighted:
    """Return the AUROC within folds: P(p₁ > p₀) + ½ P(p₁ = p₀) over all pairs of one fold.

    It is the mean of the folds' AUROCs, each weighted by its pairs of a patient with the event and one without. A
    pair of two folds is never compared: their risks come from two models whose levels differ by chance, against the
    class that the fold has more of, and pooling them would put the AUROC of a useless model below .5.

    Parameters
    ----------
    rows : Rows
        The rows with their out-of-fold risks.
    folds : int array, shape (n,)
        The fold of each row.

    Raises
    ------
    StatisticalRefusal
        ``S-ONE-CLASS``: no fold has both a row with the event and one without.

    References
    ----------
    Parker BJ, Günter S, Bedo J. BMC Bioinformatics 2007;8:326. Forman G, Scholz M. SIGKDD Explor 2010;12:49-57.
    LeDell E, Petersen M, van der Laan M. Electron J Stat 2015;9:1583-1607 (who weigh folds alike).
    """
    members = [np.flatnonzero(folds == fold) for fold in _mixed(rows.outcome, folds)]
    if not members:
        raise _without_pairs(folds)
    areas = [prepare_auroc(_part(rows, rows_of)) for rows_of in members]

    def under(weights: Array) -> dict[str, Array]:
        won, pairs = np.zeros(len(weights)), np.zeros(len(weights))
        for rows_of, area in zip(members, areas, strict=True):
            events = weights[:, rows_of] @ rows.outcome[rows_of]
            of_fold = events * (weights[:, rows_of].sum(axis=1) - events)
            won += of_fold * np.where(of_fold > 0.0, area(weights[:, rows_of])["auroc"], 0.0)
            pairs += of_fold
        return {"auroc": np.divide(won, pairs, out=np.full_like(won, np.nan), where=pairs > 0.0)}

    return under


def prepare_slope_within(rows: Rows, folds: Ints) -> Weighted:
    """Return b of logit P(y) = a(fold) + b lp, an intercept for each fold and one slope, by maximum likelihood.

    A fold whose rows, as drawn, all have the event or all have none tells nothing of the slope: its intercept alone
    fits them. It is left out, which leaves the likelihood's maximum over the slope as it is.

    Parameters
    ----------
    rows : Rows
        The rows with their out-of-fold linear predictors.
    folds : int array, shape (n,)
        The fold of each row.

    Raises
    ------
    StatisticalRefusal
        ``S-ONE-CLASS``: no fold has both a row with the event and one without. ``S-CONSTANT-RISK``: within every
        fold all risks are the same. ``S-NOT-CONVERGED``: the risk separates the outcomes within every fold.

    References
    ----------
    Cox DR. Biometrika 1958;45:562-565.
    """
    mixed = _mixed(rows.outcome, folds)
    if not mixed.size:
        raise _without_pairs(folds)
    kept = np.isin(folds, mixed)
    fold, rows_kept = np.searchsorted(mixed, folds[kept]), _part(rows, kept)
    log_odds = rows_kept.log_odds()
    refuse_constant(_apart(log_odds, fold))
    indicators = (fold[:, None] == np.arange(mixed.size)).astype(np.float64)
    design = np.column_stack([indicators, log_odds])
    start = converged_start(design, rows_kept)

    def under(weights: Array) -> dict[str, Array]:
        slopes = np.full(len(weights), np.nan)
        of_kept = weights[:, kept]
        events = of_kept @ (indicators * rows_kept.outcome[:, None])
        informs = (events > 0.0) & (events < of_kept @ indicators)
        for pattern in np.unique(informs, axis=0):
            drawn = (informs == pattern).all(axis=1)
            among = pattern[fold]
            if pattern.any() and _varies(log_odds[among], fold[among]):
                columns = np.append(np.flatnonzero(pattern), mixed.size)
                part = design[np.ix_(among, columns)]
                weight = of_kept[np.ix_(drawn, among)]
                fits = fit_logistic(part, rows_kept.outcome[among], weight, start=start[columns])
                slopes[drawn] = fits.coefficients[:, -1]
        return {"calibration_slope": slopes}

    return under


def _mixed(outcome: Array, folds: Ints) -> Ints:
    """Return the folds with both classes."""
    return np.intersect1d(folds[outcome == 1.0], folds[outcome == 0.0])


def _part(rows: Rows, chosen: NDArray[np.bool_] | Ints) -> Rows:
    """Return some of the rows, each standing for itself: under row weights nothing else is asked of them."""
    lp = None if rows.linear_predictor is None else rows.linear_predictor[chosen]
    outcome = rows.outcome[chosen]
    return Rows(outcome, rows.risk[chosen], lp, None, outcome.size)


def is_constant_within(log_odds: Array, folds: Ints) -> bool:
    """Whether within every fold all rows have the same log odds."""
    return is_constant(_apart(log_odds, folds))


def _apart(log_odds: Array, fold: Ints) -> Array:
    """Return by how much each row's log odds differ from the mean of its fold."""
    means = np.bincount(fold, weights=log_odds) / np.maximum(np.bincount(fold), 1)
    return np.asarray(log_odds - means[fold])


def _varies(log_odds: Array, fold: Ints) -> bool:
    return bool(np.ptp(_apart(log_odds, fold)) > _FLAT * max(1.0, float(np.abs(log_odds).max())))


def _without_pairs(folds: Sequence[int] | Ints) -> StatisticalRefusal:
    return StatisticalRefusal(
        "S-ONE-CLASS",
        f"{counted(np.unique(folds).size, 'fold')}, none with both outcomes",
        expected="a fold with patients who have the event and patients who do not",
        to_fix="ask for fewer folds",
    )
