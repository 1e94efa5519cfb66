"""Shapley values, summed over a predictor's design columns and averaged over patients: the only door to shap."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.models.risk_model import Form, LinearForm

Array = NDArray[np.float64]
MOST_ROWS, FEWEST_ROWS = 200, 20
BACKGROUND_ROWS = 50
MOST_EVALUATIONS = 4_000_000
"""Of a network: with many columns fewer rows are explained, so that the time stays in bounds."""


@dataclass(frozen=True)
class ShapleyImportance:
    """Mean over patients of the absolute Shapley value of one predictor, on the log odds scale."""

    predictor: str
    mean_absolute: float


@dataclass(frozen=True)
class ShapleySummary:
    """The predictors, largest first; how the values were computed, and on how many held-out rows."""

    importances: tuple[ShapleyImportance, ...]
    method: str
    patients: int


def shapley_importance(
    form: Form, development: Array, held_out: Array, sources: tuple[str, ...], *, rng: np.random.Generator
) -> ShapleySummary:
    """Return mean absolute Shapley values of each predictor.

    A linear model's values are exact (interventional, against the development patients); another model's are estimated
    by antithetic permutation walks against a random background. Values of design columns add up, so a
    predictor's value is the sum over its columns.

    Parameters
    ----------
    form : Form
        What gives linear predictors for a design matrix.
    development, held_out : arrays of shape (n, p) and (m, p)
        Standardised designs: the background comes from the first, the explained rows from the second.
    sources : tuple of str
        The predictor of each design column.
    rng : numpy.random.Generator

    References
    ----------
    Lundberg SM, Lee S-I. A unified approach to interpreting model predictions. NeurIPS 2017.
    """
    if isinstance(form, LinearForm):
        explained = _draw(held_out, MOST_ROWS, rng)
        values, method = _linear_values(form, development, explained), "exact for a linear model, interventional"
    else:
        affordable = MOST_EVALUATIONS // (BACKGROUND_ROWS * (2 * held_out.shape[1] + 1))
        explained = _draw(held_out, min(MOST_ROWS, max(FEWEST_ROWS, affordable)), rng)
        background = _draw(development, BACKGROUND_ROWS, rng)
        values = _permutation_values(form, background, explained, seed=int(rng.integers(2**31)))
        method = f"permutation walks, {len(background)} background rows"
    means = {
        predictor: float(np.mean(np.abs(values[:, [source == predictor for source in sources]].sum(axis=1))))
        for predictor in dict.fromkeys(sources)
    }
    ranked = sorted(means.items(), key=lambda item: -item[1])
    return ShapleySummary(tuple(ShapleyImportance(*item) for item in ranked), method, len(explained))


def _draw(design: Array, most: int, rng: np.random.Generator) -> Array:
    rows = rng.choice(len(design), size=min(most, len(design)), replace=False)
    return design[np.sort(rows)]


def _linear_values(form: LinearForm, background: Array, explained: Array) -> Array:
    import shap

    masker = shap.maskers.Independent(background, max_samples=len(background))
    explainer = shap.LinearExplainer((form.coefficients, form.intercept), masker)
    return np.asarray(explainer.shap_values(explained), dtype=np.float64)


def _permutation_values(form: Form, background: Array, explained: Array, *, seed: int) -> Array:
    import shap

    masker = shap.maskers.Independent(background, max_samples=len(background))
    explainer = shap.PermutationExplainer(form.linear_predictor, masker, seed=seed)
    one_walk_there_and_back = 2 * explained.shape[1] + 1
    explanation = explainer(explained, max_evals=one_walk_there_and_back, silent=True)
    return np.asarray(explanation.values, dtype=np.float64)
