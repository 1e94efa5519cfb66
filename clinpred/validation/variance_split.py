"""How much of a network's performance is luck: its seeds, the patients of the fold, and the setting it was given."""

from dataclasses import dataclass

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.models.risk_model import risk_of
from clinpred.performance.calibration import calibration_slope
from clinpred.performance.discrimination import auroc
from clinpred.performance.overall import log_loss
from clinpred.performance.rows import Array
from clinpred.validation.out_of_fold import OutOfFold


@dataclass(frozen=True)
class Restarts:
    """The SD of a measure over networks that differ in their seed alone; None where it is not estimable."""

    networks: int
    auroc: float | None
    calibration_slope: float | None
    log_loss: float | None


@dataclass(frozen=True)
class VarianceSplit:
    """Where the variance of a single network's log loss on left-out patients comes from.

    Attributes
    ----------
    seed, fold, setting : float
        Variance components. An estimate below 0 is kept as it is: the component cannot be told apart from none.
        ``setting`` is None where one setting was searched.
    networks, folds, settings, rotations : int
        On how many each rests: networks a fold, folds over all repeats, settings and rotations of each search.
    """

    seed: float
    fold: float
    setting: float | None
    networks: int
    folds: int
    settings: int
    rotations: int


def restarts(outcome: Array, networks: Array) -> Restarts:
    """Return how far single networks lie apart on the same patients.

    Parameters
    ----------
    outcome : array of shape (n,)
        0 or 1.
    networks : array of shape (k, n)
        The log odds by each of k networks, k at least 2.
    """
    measures = [_measures(outcome, lp) for lp in networks]
    sd = {key: _spread([one[key] for one in measures]) for key in ("auroc", "calibration_slope", "log_loss")}
    return Restarts(len(networks), **sd)


def _measures(outcome: Array, linear_predictor: Array) -> dict[str, float | None]:
    risk = risk_of(linear_predictor)
    try:
        slope = calibration_slope(outcome, risk, linear_predictor=linear_predictor)
    except StatisticalRefusal:
        slope = None
    return {
        "auroc": auroc(outcome, risk),
        "calibration_slope": slope,
        "log_loss": log_loss(outcome, risk, linear_predictor=linear_predictor),
    }


def _spread(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.std(known, ddof=1)) if len(known) == len(values) else None


def variance_split(predicted: OutOfFold, model: str) -> VarianceSplit | None:
    """Split the variance of the log loss of a model's single networks; None for a model that has none, or one.

    In each repeat a fold's patients are judged by k networks that differ in their seed. The mean over folds of the
    variance between them is the seed's component; the variance between the folds' means, less 1/k of it, is the
    fold's: other patients to learn from, other patients to judge on. The setting's is that of a two-way layout without
    replication, settings by rotations, of the search in each fold: (mean square of settings - residual) / rotations.

    References
    ----------
    Searle SR, Casella G, McCulloch CE. Variance Components. Wiley 1992, chapters 3 and 4. Bouthillier X et al.
    Accounting for variance in machine learning benchmarks. MLSys 2021.
    """
    networks = predicted.networks.get(model)
    if networks is None or networks.shape[1] < 2:
        return None
    losses = np.array([_losses(predicted.outcome, *each) for each in zip(networks, predicted.folds, strict=True)])
    seed = float(losses.var(axis=2, ddof=1).mean())
    between = float(losses.mean(axis=2).var(axis=1, ddof=1).mean())
    repeats, folds, settings, rotations = predicted.searched[model].shape
    return VarianceSplit(
        seed=seed,
        fold=between - seed / networks.shape[1],
        setting=_of_settings(predicted.searched[model].reshape(-1, settings, rotations)),
        networks=networks.shape[1],
        folds=repeats * folds,
        settings=settings,
        rotations=rotations,
    )


def _losses(outcome: Array, networks: Array, fold_of_row: Array) -> Array:
    """Return the log loss of each network (columns) on each fold (rows) of one repeat."""
    return np.array(
        [
            [log_loss(outcome[rows], risk_of(lp[rows]), linear_predictor=lp[rows]) for lp in networks]
            for rows in (fold_of_row == fold for fold in range(int(fold_of_row.max()) + 1))
        ]
    )


def _of_settings(searched: Array) -> float | None:
    """Return the variance component of the rows of two-way layouts, shape (layouts, rows, columns), mean over layouts.

    None with fewer than two rows.
    """
    _, settings, rotations = searched.shape
    if settings < 2:
        return None
    rows, columns = searched.mean(axis=2, keepdims=True), searched.mean(axis=1, keepdims=True)
    residual = searched - rows - columns + searched.mean(axis=(1, 2), keepdims=True)
    mean_square = (residual**2).sum(axis=(1, 2)) / ((settings - 1) * (rotations - 1))
    return float((rows.var(axis=1, ddof=1)[:, 0] - mean_square / rotations).mean())
