"""Shapley values, of a predictor with all its design columns, averaged over patients: the only door to shap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.explanation.dependent import dependent_values
from clinpred.explanation.walks import Players, walked_values
from clinpred.models.risk_model import Form, LinearForm

Array = NDArray[np.float64]
MOST_ROWS, FEWEST_ROWS = 300, 20
MOST_ROWS_OF_LINEAR = 5_000
BACKGROUND_ROWS = 50
MOST_EVALUATIONS = 4_000_000
"""Of a model that is not linear: with many predictors fewer rows are explained, so that the time stays in bounds."""


@dataclass(frozen=True)
class ShapleyImportance:
    """Mean over patients of the absolute Shapley value of predictors together, on the log odds scale.

    ``dependent`` is that of the correlation-dependent value, which a linear model has.
    """

    members: tuple[str, ...]
    mean_absolute: float
    dependent: float | None = None


@dataclass(frozen=True)
class ShapleySummary:
    """Each predictor, and each cluster of them, largest first; how it was computed, on how many held-out rows."""

    importances: tuple[ShapleyImportance, ...]
    clusters: tuple[ShapleyImportance, ...]
    method: str
    patients: int


@dataclass(frozen=True)
class _Values:
    """The values of predictors and of clusters, shapes (rows, predictors) and (rows, clusters)."""

    predictors: Array
    clusters: Array


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

    A linear model's values are exact (interventional, against the development patients); beside them stand the
    correlation-dependent ones. Another model's are estimated by walks there and back from random background rows. A
    predictor changes with all its design columns. A cluster's value is the sum of its members', of walks Owen's:
    members change one right after the other. What pulls apart within a cluster cancels.

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
        Predictors whose values are summed up before their size is taken; none is in two of them.

    References
    ----------
    Lundberg SM, Lee S-I. A unified approach to interpreting model predictions. NeurIPS 2017. Owen G. In: Essays in
    Mathematical Economics and Game Theory. Springer 1977.
    """
    players = Players.of(sources)
    if isinstance(form, LinearForm):
        explained, method = _draw(held_out, MOST_ROWS_OF_LINEAR, rng), "exact for a linear model, interventional"
        values = _summed(_linear_values(form, development, explained), players, clusters)
        dependent = dependent_values(form.coefficients, development, explained, players, rng=rng)
        return _summary(values, players, clusters, method, _of_predictors(dependent, players, clusters))
    affordable = MOST_EVALUATIONS // (2 * BACKGROUND_ROWS * len(players.names))
    explained = _draw(held_out, min(MOST_ROWS, max(FEWEST_ROWS, affordable)), rng)
    background = _draw(development, BACKGROUND_ROWS, rng)
    method = f"walks there and back from each of {len(background)} background rows; clusters by Owen's values"
    alone = walked_values(form, explained, background, players, rng=rng)
    unions = Players.of(sources, clusters)
    together = walked_values(form, explained, background, unions, rng=rng) if clusters else alone
    values = _Values(alone, _of_predictors(together, players, clusters).clusters)
    return _summary(values, players, clusters, method)


def _of_predictors(values: Array, players: Players, clusters: Sequence[tuple[str, ...]]) -> _Values:
    """Sum the values of predictors up by cluster."""
    sums = [values[:, [name in members for name in players.names]].sum(axis=1) for members in clusters]
    return _Values(values, np.column_stack(sums) if sums else np.empty((len(values), 0)))


def _summed(values: Array, players: Players, clusters: Sequence[tuple[str, ...]]) -> _Values:
    """Sum the values of design columns up by predictor, and these by cluster."""
    by_predictor = np.column_stack([values[:, columns].sum(axis=1) for columns in players.columns])
    return _of_predictors(by_predictor, players, clusters)


def _summary(
    values: _Values,
    players: Players,
    clusters: Sequence[tuple[str, ...]],
    method: str,
    dependent: _Values | None = None,
) -> ShapleySummary:
    beside = (None, None) if dependent is None else (dependent.predictors, dependent.clusters)
    alone = [(name,) for name in players.names]
    return ShapleySummary(
        _ranked(alone, values.predictors, beside[0]),
        _ranked(clusters, values.clusters, beside[1]),
        method,
        patients=len(values.predictors),
    )


def _ranked(groups: Sequence[tuple[str, ...]], values: Array, dependent: Array | None) -> tuple[ShapleyImportance, ...]:
    sizes = np.abs(values).mean(axis=0).tolist()
    beside = [None] * len(sizes) if dependent is None else np.abs(dependent).mean(axis=0).tolist()
    found = [ShapleyImportance(*one) for one in zip(groups, sizes, beside, strict=True)]
    return tuple(sorted(found, key=lambda one: -one.mean_absolute))


def _draw(design: Array, most: int, rng: np.random.Generator) -> Array:
    rows = rng.choice(len(design), size=min(most, len(design)), replace=False)
    return design[np.sort(rows)]


def _linear_values(form: LinearForm, background: Array, explained: Array) -> Array:
    import shap

    masker = shap.maskers.Independent(background, max_samples=len(background))
    explainer = shap.LinearExplainer((form.coefficients, form.intercept), masker)
    return np.asarray(explainer.shap_values(explained), dtype=np.float64)
