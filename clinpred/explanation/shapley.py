"""Shapley values, summed over a predictor's design columns and averaged over patients: the only door to shap."""

from collections.abc import Sequence
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
    """Mean over patients of the absolute Shapley value of predictors together, on the log odds scale."""

    members: tuple[str, ...]
    mean_absolute: float


@dataclass(frozen=True)
class ShapleySummary:
    """Each predictor, and each cluster of them, largest first; how it was computed, on how many held-out rows."""

    importances: tuple[ShapleyImportance, ...]
    clusters: tuple[ShapleyImportance, ...]
    method: str
    patients: int


def shapley_importance(
    form: Form,
    development: Array,
    held_out: Array,
    sources: tuple[str, ...],
    *,
    rng: np.random.Generator,
    clusters: Sequence[tuple[str, ...]] = (),
) -> ShapleySummary:
    """Return mean absolute Shapley values of each predictor, and of each cluster of predictors that go together.

    A linear model's values are exact (interventional, against the development patients); another model's are estimated
    by antithetic permutation walks against a random background. Values of design columns add up, so a
    predictor's value is the sum over its columns, and a cluster's that over its members: what pulls apart within a
    cluster cancels.

    Parameters
    ----------
    form : Form
        What gives linear predictors for a design matrix.
    development, held_out : arrays of shape (n, p) and (m, p)
        Standardised designs: the background comes from the first, the explained rows from the second.
    sources : tuple of str
        The predictor of each design column.
    rng : numpy.random.Generator
    clusters : sequence of tuples of str
        Predictors whose values are summed up before their size is taken.

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
    alone = [(predictor,) for predictor in dict.fromkeys(sources)]
    return ShapleySummary(
        _ranked(alone, values, sources), _ranked(clusters, values, sources), method, patients=len(explained)
    )


def _ranked(
    groups: Sequence[tuple[str, ...]], values: Array, sources: tuple[str, ...]
) -> tuple[ShapleyImportance, ...]:
    found = []
    for members in groups:
        together = values[:, [source in members for source in sources]].sum(axis=1)
        found.append(ShapleyImportance(members, float(np.mean(np.abs(together)))))
    return tuple(sorted(found, key=lambda one: -one.mean_absolute))


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
