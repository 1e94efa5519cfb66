"""The score of a logistic fit expanded about a start that all weightings share: many fits almost done in one product.

About the start the score is a polynomial of the step whose coefficients are weighted sums over rows, so that all of
them come from one matrix product, without an exponential a replicate. Its root is where Newton's method then begins.
"""

from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_STEPS = 3
_MOST_BENT = 0.5
_SINGULAR = 1e-10


class Expansion:
    """Score, information and third derivatives of the log likelihood at one start, a column of rows each."""

    def __init__(self, design: Array, outcome: Array, linear_predictor: Array, risk: Array) -> None:
        p = design.shape[1]
        self._p = p
        spread = risk * (1.0 - risk)
        pairs, self._pair = _products(design, 2)
        triples, self._triple = _products(design, 3)
        softplus = np.logaddexp(0.0, linear_predictor) - outcome * linear_predictor
        self._columns = np.column_stack(
            [
                softplus,
                design * (outcome - risk)[:, None],
                pairs * spread[:, None],
                triples * (spread * (1.0 - 2.0 * risk))[:, None],
            ]
        )

    def steps(self, weights: Array) -> tuple[Array, Array]:
        """Return the loss at the start, shape (replicates,), and the step from it, shape (replicates, p).

        It is Newton's own step where the root of the expansion is not near that, and 0 where there is none.
        """
        p, sums = self._p, weights @ self._columns
        score = sums[:, 1 : p + 1]
        last = p + 1 + int(self._pair.max()) + 1
        information, third = sums[:, p + 1 : last][:, self._pair], sums[:, last:][:, self._triple]
        sound = np.linalg.det(information / _sizes(information)) > _SINGULAR
        information[~sound], score[~sound], third[~sound] = np.eye(p), 0.0, 0.0
        newton = np.asarray(np.linalg.solve(information, score[:, :, None])[:, :, 0], dtype=np.float64)
        step = newton
        for _ in range(_STEPS):
            bent = np.einsum("bpqr,br->bpq", third, step)
            short = score - np.einsum("bpq,bq->bp", information + bent / 2.0, step)
            step = step + np.linalg.solve(information + bent, short[:, :, None])[:, :, 0]
            # a bend this small against Newton's step still goes uphill in likelihood, whatever root was found
            near = _length(information, step - newton) < _MOST_BENT * _length(information, newton)
            step = np.where(near[:, None], step, newton)
        return sums[:, 0], np.asarray(step, dtype=np.float64)


def _length(information: Array, step: Array) -> Array:
    return np.asarray(np.sqrt(np.einsum("bp,bpq,bq->b", step, information, step)), dtype=np.float64)


def _products(design: Array, degree: int) -> tuple[Array, NDArray[np.intp]]:
    """Return the distinct products of so many columns, and where each ordered product stands among them."""
    p = design.shape[1]
    distinct = list(combinations_with_replacement(range(p), degree))
    place = {key: number for number, key in enumerate(distinct)}
    where = np.array([place[tuple(sorted(key))] for key in np.ndindex(*(p,) * degree)])
    columns = np.column_stack([np.prod(design[:, key], axis=1) for key in distinct])
    return columns, where.reshape((p,) * degree)


def _sizes(information: Array) -> Array:
    size = np.sqrt(np.einsum("bpp->bp", information))
    size[size == 0.0] = np.inf
    return np.asarray(size[:, :, None] * size[:, None, :])
