"""Local quadratic regression in one dimension, on the surface that R's ``loess`` interpolates."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import StatisticalRefusal
from clinpred.performance.rows import Array

_SPAN = 0.75
_CELL = 0.2
_MARGIN = 0.005
_SINGULAR = 1e-12
_LEAST_CUBE = np.finfo(np.float64).tiny


@dataclass(frozen=True)
class Curves:
    """Curves by their heights and slopes at common vertices, and between these the cubic that has both.

    Parameters
    ----------
    vertices : array of shape (v,)
        In ascending order.
    heights, slopes : arrays of shape (v, k)
        Of k curves. NaN where a curve is not estimable.
    """

    vertices: Array
    heights: Array
    slopes: Array

    def at(self, x: Array) -> Array:
        """Return the curves at points between the first and the last vertex, shape (points, k)."""
        left = np.clip(np.searchsorted(self.vertices, x, side="right") - 1, 0, self.vertices.size - 2)
        width = (self.vertices[left + 1] - self.vertices[left])[:, None]
        t = (x - self.vertices[left])[:, None] / width
        rise = t**2 * (3 - 2 * t)
        bend, other_bend = width * t * (1 - t) ** 2, width * t**2 * (1 - t)
        heights = (1 - rise) * self.heights[left] + rise * self.heights[left + 1]
        return np.asarray(heights + bend * self.slopes[left] - other_bend * self.slopes[left + 1])


class Loess:
    """Smooths over x with span .75 and degree 2, as R's ``loess(y ~ x)`` does by default.

    At each vertex a quadratic is fitted to the nearest three quarters of the points, weighted by the tricube of their
    distance. Vertices are the ends of the range, widened by .5 %, and the medians of its halves, quarters, ... down to
    cells of 15 % of the points.

    Parameters
    ----------
    x : array of shape (n,)

    Raises
    ------
    StatisticalRefusal
        S-TIES: too few different values of x for a quadratic in every neighbourhood.

    References
    ----------
    Cleveland WS, Grosse E. Stat Comput 1991;1:47-62.

    Notes
    -----
    Checked against R 4.2.2 ``loess`` (12_ici.json, 1e-8): the fitted curve at 25 points, with and without ties.

    Examples
    --------
    >>> x = np.linspace(0, 1, 21)
    >>> curve = Loess(x).curves(x**2, np.ones((1, 21)))
    >>> float(np.max(np.abs(curve.at(x)[:, 0] - x**2))) < 0.002
    True
    """

    def __init__(self, x: Array) -> None:
        self._order = np.argsort(x, kind="stable")
        self._x = x[self._order]
        self.vertices = _vertices(self._x)
        self._first = np.array([_first_of_nearest(self._x, vertex) for vertex in self.vertices])
        moments, *_ = self._moments(np.zeros_like(x), np.ones((1, x.size)))
        if np.any(_is_singular(moments)):
            raise StatisticalRefusal(
                "S-TIES",
                f"{np.unique(x).size} different values among {x.size} are too few for a smooth curve",
                expected="values that differ enough for a quadratic through every three quarters of them",
                to_fix="use the restricted cubic spline, or look at the values",
            )

    def curves(self, y: Array, counts: Array) -> Curves:
        """Return the curves of y, shape (n,), in k replicates in which each point counts so often, shape (k, n)."""
        moments, products, scale = self._moments(y[self._order], counts[:, self._order])
        singular = _is_singular(moments)
        moments[singular] = np.eye(3)
        fitted = np.linalg.solve(moments, products[..., None])[..., 0]
        fitted[singular] = np.nan
        return Curves(self.vertices, np.asarray(fitted[..., 0]), np.asarray(fitted[..., 1] / scale[:, None]))

    def operator(self) -> Curves:
        """Return what turns y into the curve: n curves, of which curve i is that of y = 1 at point i and else 0."""
        ones = np.ones((1, self._x.size))
        moments, _, scale = self._moments(np.zeros(self._x.size), ones)
        reach = self._reach(ones)
        fitted = np.zeros((self.vertices.size, 3, self._x.size))
        for at in range(self.vertices.size):
            near, z, weights = self._neighbours(at, ones, reach[at], scale[at])
            fitted[at][:, self._order[near]] = np.linalg.solve(moments[at, 0], _powers(z, 3) * weights)
        return Curves(self.vertices, fitted[:, 0], fitted[:, 1] / scale[:, None])

    def _moments(self, y: Array, counts: Array) -> tuple[Array, Array, Array]:
        """Return Σwzzᵀ and Σwyz of z = (1, z, z²) at each vertex in each replicate, and the scale of z.

        Both y and counts stand in the order of x.
        """
        reach, scale = self._reach(counts), np.maximum(self.vertices - self._x[0], self._x[-1] - self.vertices)
        moments = np.empty((self.vertices.size, len(counts), 3, 3))
        products = np.empty((self.vertices.size, len(counts), 3))
        for at in range(self.vertices.size):
            near, z, weights = self._neighbours(at, counts, reach[at], scale[at])
            powers = _powers(z, 5)
            moments[at] = (weights @ powers.T)[:, [[0, 1, 2], [1, 2, 3], [2, 3, 4]]]
            products[at] = weights @ (powers[:3] * y[near]).T
        return moments, products, scale

    def _reach(self, counts: Array) -> Array:
        """Return how far three quarters of the counted points reach from each vertex, shape (v, k)."""
        points, replicate, vertex = self._x.size, np.arange(len(counts)), np.arange(self.vertices.size)[:, None]
        passed = np.zeros((len(counts), points + 1))
        np.cumsum(counts, axis=1, out=passed[:, 1:])
        total = passed[:, -1]
        wanted = np.minimum(np.floor(total * _SPAN + 1e-5), total)
        # the fewest nearest points that count enough, by bisection: low are too few, high suffice
        low, high = np.zeros((2, vertex.size, len(counts)), dtype=np.intp)
        high += points
        while np.any(high - low > 1):
            middle = (low + high) // 2
            first = self._first[vertex, middle - 1]
            enough = passed[replicate, first + middle] - passed[replicate, first] >= wanted
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        first = self._first[vertex, high - 1]
        ends = self._x[first], self._x[first + high - 1]
        return np.asarray(np.max([np.abs(end - self.vertices[:, None]) for end in ends], axis=0))

    def _neighbours(self, at: int, counts: Array, reach: Array, scale: float) -> tuple[slice, Array, Array]:
        """Return the points any replicate reaches from one vertex, their z, and their tricube weights times counts."""
        vertex, farthest = self.vertices[at], reach.max()
        near = slice(*np.searchsorted(self._x, (vertex - farthest, vertex + farthest)))
        z = (self._x[near] - vertex) / scale
        cube = (reach / scale) ** 3
        # All risks in reach are the same, or as good as the same: their distances have no cube.
        tied = cube < _LEAST_CUBE
        weights = np.multiply.outer(-1.0 / np.where(tied, np.inf, cube), np.abs(z * z * z))
        weights += 1.0
        np.maximum(weights, 0.0, out=weights)
        weights *= weights * weights
        weights *= counts[:, near]
        weights[tied] = 0.0
        return near, z, weights


def _first_of_nearest(x: Array, vertex: float) -> NDArray[np.intp]:
    """Return where the 1, 2, ..., n points nearest to a vertex begin; x is sorted, so that they stand side by side."""
    below = int(np.searchsorted(x, vertex))
    nearest = np.argsort(np.abs(x - vertex), kind="stable")
    return below - np.cumsum(nearest < below)


def _powers(z: Array, count: int) -> Array:
    """Return 1, z, z², ... as rows."""
    powers = np.ones((count, z.size))
    for degree in range(1, count):
        np.multiply(powers[degree - 1], z, out=powers[degree])
    return powers


def _is_singular(moments: Array) -> Array:
    size = np.sqrt(np.einsum("...ii->...i", moments))
    size[size == 0] = np.inf
    return np.asarray(np.linalg.det(moments / size[..., :, None] / size[..., None, :]) < _SINGULAR)


def _vertices(x: Array) -> Array:
    """Return the vertices for sorted x."""
    margin = _MARGIN * max(x[-1] - x[0], 1e-3 * np.max(np.abs(x)) + 1e-30)
    ends = (x[0] - margin, x[-1] + margin)
    fewest = int(x.size * _SPAN * _CELL)
    cuts: list[float] = []
    cells = [(0, x.size, *ends)]
    while cells:
        first, last, low, high = cells.pop()
        middle = _untied(x, first, last)
        if last - first <= fewest or middle is None or x[middle] in {low, high}:
            continue
        cuts.append(x[middle])
        cells += [(first, middle + 1, low, x[middle]), (middle + 1, last, x[middle], high)]
    return np.array(sorted([*ends, *cuts]))


def _untied(x: Array, first: int, last: int) -> int | None:
    """Return the place nearest to the middle of x[first:last] (of two, the later) whose successor is larger."""
    middle = (first + last - 1) // 2
    steps = np.flatnonzero(np.diff(x[first:last]) > 0) + first
    if steps.size == 0:
        return None
    return int(steps[np.argmin(np.abs(steps - middle - 0.25))])
