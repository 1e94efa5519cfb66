"""The standardised design matrix, dense or sparse, worked through a block of rows at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from clinpred.models.risk_model import Array

Ints = NDArray[np.int64]
# A sparse array or matrix of SciPy, which ships no types.
Sparse = Any
Predictors = Array | Sparse

# Blocks of rows stay in a processor's cache, and nothing as large as the design is ever made beside it.
_BLOCK_BYTES = 2**20
_CONSTANT = 16 * np.finfo(float).eps


@dataclass(frozen=True)
class SparseDesign:
    """The matrix [1, stored - center], of which only ``stored`` is kept, so that zeros take no memory.

    ``stored`` (n, p) is in compressed rows, each column scaled; ``center`` (p,) is the mean of each. Columns are
    stored centred where most of their weight is not 0, so that no center exceeds 1 and differences keep their digits.
    """

    stored: Sparse
    center: Array

    # So that an array on the left leaves the product to `__rmatmul__`.
    __array_ufunc__ = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, and columns with the column of ones."""
        return self.stored.shape[0], 1 + self.stored.shape[1]

    def __matmul__(self, coefficients: Array) -> Array:
        product: Array = self.stored @ coefficients[1:] + (coefficients[0] - self.center @ coefficients[1:])
        return product

    def __rmatmul__(self, rows: Array) -> Array:
        total = rows.sum(axis=-1, keepdims=True)
        return np.concatenate([total, (self.stored.T @ rows.T).T - total * self.center], axis=-1)

    def __getitem__(self, place: slice | tuple[slice, slice]) -> Array:
        """Return a block of rows, and of columns, dense."""
        rows, columns = place if isinstance(place, tuple) else (place, slice(None))
        wanted = np.arange(self.shape[1])[columns]
        predictors = wanted[wanted > 0] - 1
        block: Array = self.stored[rows][:, predictors].toarray() - self.center[predictors]
        return block if wanted.size == predictors.size else np.column_stack([np.ones(len(block)), block])

    def columns(self, chosen: Ints) -> "SparseDesign":
        """Return the design of some predictors, counted from 0."""
        return SparseDesign(self.stored[:, chosen], self.center[chosen])

    def gram(self, weight: Array) -> Array:
        """Return the weighted Gram matrix, shape (1 + p, 1 + p)."""
        rooted = self.stored.multiply(np.sqrt(weight)[:, None]).tocsr()
        sums, total = self.stored.T @ weight, weight.sum()
        crossed = np.outer(sums - total * self.center, self.center)
        inner = (rooted.T @ rooted).toarray() - crossed - np.outer(self.center, sums)
        edge = sums - total * self.center
        gram: Array = np.block([[np.full((1, 1), total), edge[None]], [edge[:, None], inner]])
        return gram


Design = Array | SparseDesign


def row_blocks(n_rows: int, n_columns: int) -> Iterator[slice]:
    """Cut the rows of a float64 matrix into blocks that fit the cache."""
    height = max(_BLOCK_BYTES // (8 * max(n_columns, 1)), 64)
    return (slice(start, start + height) for start in range(0, n_rows, height))


def weighted_gram(design: Design, weight: Array, working: Ints | None = None) -> Array:
    """Return X'WX for weights W (n,) of at least 0, of all columns or of the working ones."""
    if isinstance(design, SparseDesign):
        return design.gram(weight) if working is None else _sparse_gram(design, weight, working)
    n_columns = design.shape[1] if working is None else len(working)
    gram, root = np.zeros((n_columns, n_columns)), np.sqrt(weight)
    for rows in row_blocks(*design.shape):
        block = design[rows] if working is None else design[rows][:, working]
        block = block * root[rows, None]
        gram += block.T @ block
    return gram


def _sparse_gram(design: SparseDesign, weight: Array, working: Ints) -> Array:
    predictors = working[working > 0] - 1
    place = np.where(working > 0, np.cumsum(working > 0), 0)
    gram: Array = design.columns(predictors).gram(weight)[np.ix_(place, place)]
    return gram


def some_rows(design: Design, rows: slice | Ints | NDArray[np.bool_]) -> Design:
    """Return a block of rows, or chosen ones, dense or sparse as the design is."""
    if isinstance(design, SparseDesign):
        return SparseDesign(design.stored[rows], design.center)
    return design[rows]


def some_columns(design: Design, kept: Ints) -> Design:
    """Return the column of ones and the predictors ``kept``, counted from 0."""
    if isinstance(design, SparseDesign):
        return design.columns(kept)
    return design[:, np.append(0, 1 + kept)]


def standardised(predictors: Predictors, share: Array) -> tuple[Design, Array, Array]:
    """Return the design, and the center and scale (p,) of its predictors.

    Predictors are centred by their mean and scaled by their population standard deviation, both under the weights
    ``share``, which sum to 1. A constant predictor becomes a column of zeros, its scale 1.
    """
    if sparse.issparse(predictors):
        return _standardised_sparse(sparse.csc_array(predictors, dtype=np.float64), share)
    return _standardised_dense(predictors, share)


def _standardised_dense(predictors: Array, share: Array) -> tuple[Array, Array, Array]:
    design = np.empty((share.size, 1 + predictors.shape[1]))
    design[:, 0] = 1.0
    blocks = [(rows, design[rows, 1:]) for rows in row_blocks(*design.shape)]
    first, mean, largest = predictors[0].copy(), np.zeros(predictors.shape[1]), np.zeros(predictors.shape[1])
    for rows, block in blocks:
        # Relative to the first row a constant is exactly 0, and the mean of a large number keeps its digits.
        np.subtract(predictors[rows], first, out=block)
        mean += share[rows] @ block
        np.maximum(largest, np.maximum(block.max(axis=0), -block.min(axis=0)), out=largest)
    # Squares of values near 1e300 overflow, so each column is first brought within about -1 to 1.
    unit, square = np.maximum(largest, 1e-300), np.zeros(mean.size)
    for rows, block in blocks:
        np.subtract(block, mean, out=block)
        np.divide(block, unit, out=block)
        square += share[rows] @ block**2
    scale, varies = _scale(unit * np.sqrt(square), first + mean)
    factor = np.where(varies, unit / scale, 0.0)
    for _, block in blocks:
        np.multiply(block, factor, out=block)
    return design, first + mean, scale


def _scale(spread: Array, center: Array) -> tuple[Array, NDArray[np.bool_]]:
    # Below this a column differs from a constant by rounding alone.
    varies = spread > _CONSTANT * np.abs(center) + 1e-290
    return np.where(varies, spread, 1.0), varies


def _standardised_sparse(columns: Sparse, share: Array) -> tuple[SparseDesign, Array, Array]:
    unit = np.maximum(abs(columns).max(axis=0).toarray().ravel(), 1e-300)
    columns = columns @ sparse.diags_array(1.0 / unit)
    mean = columns.T @ share
    filled = np.flatnonzero((columns != 0).T @ share > 0.5)
    columns, shift = _centred(columns, filled, mean), np.zeros(mean.size)
    shift[filled] = mean[filled]
    rest = columns.T @ share
    square = columns.multiply(columns).T @ share - rest**2
    scale, varies = _scale(np.sqrt(np.maximum(square, 0.0)), shift + rest)
    factor = np.where(varies, 1.0 / scale, 0.0)
    stored = (columns @ sparse.diags_array(factor)).tocsr()
    return SparseDesign(stored, rest * factor), unit * (shift + rest), np.where(varies, unit * scale, 1.0)


def _centred(columns: Sparse, filled: Ints, mean: Array) -> Sparse:
    """Subtract their mean from the filled columns, which are then stored in full."""
    if filled.size == 0:
        return columns
    n_rows, n_columns = columns.shape
    row, column = np.tile(np.arange(n_rows), filled.size), np.repeat(filled, n_rows)
    return (columns - sparse.csc_array((mean[column], (row, column)), shape=(n_rows, n_columns))).tocsc()
