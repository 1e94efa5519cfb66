"""Permutation importance: how much worse held-out risks become when one predictor is shuffled among patients."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from clinpred.models.risk_model import Form

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PermutationImportance:
    """Increase in log loss (per patient, natural log) when the predictor is shuffled, with a 95 % interval."""

    predictor: str
    increase: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Explained:
    """Patients to explain with: outcome (n,), standardised design (n, p), each column's predictor, patients (n,)."""

    outcome: Array
    design: Array
    sources: tuple[str, ...]
    patients: NDArray[np.int64]


def permutation_importance(
    form: Form, explained: Explained, *, rng: np.random.Generator, repeats: int = 10
) -> list[PermutationImportance]:
    """Shuffle each predictor in turn, all its design columns together, and measure the loss that follows.

    The increase of a patient is the mean over ``repeats`` shuffles; the interval is normal over patients, and so
    speaks of other patients like these, not of the shuffles alone. Correlated predictors stand in for one another:
    each of a bundle may look unimportant.

    Parameters
    ----------
    form : Form
        What gives linear predictors for a design matrix.
    explained : Explained
        Held-out patients.
    rng : numpy.random.Generator
    repeats : int
        Shuffles per predictor.

    Returns
    -------
    list of PermutationImportance
        Largest increase first.

    References
    ----------
    Breiman L. Random forests. Machine Learning 2001;45:5-32.
    """
    unshuffled = _losses(form, explained.design, explained.outcome)
    shuffles = [rng.permutation(len(explained.outcome)) for _ in range(repeats)]
    importances = [
        _importance(form, explained, predictor=predictor, shuffles=shuffles, unshuffled=unshuffled)
        for predictor in dict.fromkeys(explained.sources)
    ]
    return sorted(importances, key=lambda importance: -importance.increase)


def _importance(
    form: Form, explained: Explained, *, predictor: str, shuffles: list[NDArray[np.int64]], unshuffled: Array
) -> PermutationImportance:
    columns = [place for place, source in enumerate(explained.sources) if source == predictor]
    total = np.zeros_like(unshuffled)
    for order in shuffles:
        shuffled = explained.design.copy()
        shuffled[:, columns] = explained.design[order][:, columns]
        total += _losses(form, shuffled, explained.outcome) - unshuffled
    return _with_interval(predictor, total / len(shuffles), explained.patients)


def _with_interval(predictor: str, increases: Array, patients: NDArray[np.int64]) -> PermutationImportance:
    """Return the mean over rows, with an interval from sums within patients."""
    mean = float(increases.mean())
    _, codes = np.unique(patients, return_inverse=True)
    deviations = np.bincount(codes, weights=increases - mean)
    half = float(norm.ppf(0.975)) * float(np.sqrt(np.sum(deviations**2))) / len(increases)
    return PermutationImportance(predictor, mean, mean - half, mean + half)


def _losses(form: Form, design: Array, outcome: Array) -> Array:
    linear_predictor = form.linear_predictor(design)
    losses: Array = np.logaddexp(0.0, np.where(outcome == 1, -linear_predictor, linear_predictor))
    return losses
