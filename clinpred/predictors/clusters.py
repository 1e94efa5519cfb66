"""Clusters of predictors that go together: complete linkage, cut at a stated association, and how stable they are."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
from scipy.spatial.distance import squareform

from clinpred.predictors.associations import Ranks

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Cluster:
    """Two predictors or more that go together.

    Attributes
    ----------
    members : tuple of str
    weakest : float
        The smallest association between two of them.
    stability : float or None
        Mean over bootstrap draws of the patients of the largest Jaccard similarity (members shared / members of
        either) to a cluster of the draw, 0 to 1; None where nothing was drawn. Hennig takes .75 and more for stable,
        less than .6 for no cluster.
    """

    members: tuple[str, ...]
    weakest: float
    stability: float | None


@dataclass(frozen=True, eq=False)
class ClusterMap:
    """Which predictors go together.

    Attributes
    ----------
    names : tuple of str
        The predictors.
    association : array of shape (p, p)
        As ``Ranks.associations``; NaN where two were never measured together.
    order : tuple of str
        The predictors as the tree's leaves stand: those that go together stand together.
    clusters : tuple of Cluster
        Those of two members and more, the largest first.
    cut : float
    """

    names: tuple[str, ...]
    association: Array
    order: tuple[str, ...]
    clusters: tuple[Cluster, ...]
    cut: float

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Every predictor once: the clusters, then those that stand alone."""
        together = {name for cluster in self.clusters for name in cluster.members}
        alone = tuple((name,) for name in self.names if name not in together)
        return (*(cluster.members for cluster in self.clusters), *alone)


def cluster_map(ranks: Ranks, *, cut: float, counts: Ints | None = None, draws: Iterable[Ints] = ()) -> ClusterMap:
    """Group predictors by complete linkage of 1 - association², so that any two of a cluster reach the cut.

    Two predictors of unknown association (never measured together) do not count as going together.

    Parameters
    ----------
    ranks : Ranks
        Development patients.
    cut : float, above 0 and below 1
    counts : int array of shape (n,), optional
        How often each row counts.
    draws : iterable of int arrays of shape (n,)
        Bootstrap draws: how often each row counts. The clusters' stability is judged by them.

    References
    ----------
    Harrell FE. Regression modeling strategies. 2nd ed. Springer; 2015: 4.7. Hennig C. Cluster-wise assessment of
    cluster stability. Comput Stat Data Anal 2007;52:258-271.

    Notes
    -----
    Checked against Hmisc 4.8 ``varclus`` (09_varclus.json): the same merges, heights to 1e-12.
    """
    association = ranks.associations(counts)
    tree = merges(association**2)
    found = _members(tree, len(ranks.names), cut)
    similar = [_most_similar(found, _clusters_under(ranks, drawn, cut)) for drawn in draws]
    stability: list[float | None] = [float(one) for one in np.mean(similar, axis=0)] if similar else [None] * len(found)
    clusters = [
        Cluster(
            members=tuple(ranks.names[at] for at in members),
            weakest=float(np.min(association[np.ix_(members, members)])),
            stability=stable,
        )
        for members, stable in zip(found, stability, strict=True)
    ]
    leaves = leaves_list(tree) if len(ranks.names) > 1 else [0]
    return ClusterMap(ranks.names, association, tuple(ranks.names[at] for at in leaves), tuple(clusters), cut)


def merges(similarity: Array) -> Array:
    """Return the complete-linkage tree of 1 - similarity (p, p), as SciPy's ``linkage`` gives it: shape (p - 1, 4).

    An unknown similarity, NaN, counts as none.
    """
    distance = 1.0 - np.nan_to_num(similarity, nan=0.0)
    np.fill_diagonal(distance, 0.0)
    if len(distance) < 2:
        return np.empty((0, 4))
    return np.asarray(linkage(squareform(distance, checks=False), method="complete"))


def _members(tree: Array, n_predictors: int, cut: float) -> list[Ints]:
    """Return the predictors of each cluster of two or more, the largest first."""
    if n_predictors < 2:
        return []
    # A pair whose association is the cut, but for rounding, goes together.
    label = fcluster(tree, 1.0 - cut**2 + 1e-12, criterion="distance")
    found = [np.flatnonzero(label == one) for one in np.unique(label)]
    return sorted((one for one in found if one.size > 1), key=lambda one: (-one.size, one[0]))


def _clusters_under(ranks: Ranks, counts: Ints, cut: float) -> list[Ints]:
    return _members(merges(ranks.associations(counts) ** 2), len(ranks.names), cut)


def _most_similar(clusters: list[Ints], drawn: list[Ints]) -> list[float]:
    """Return each cluster's largest Jaccard similarity to one of a draw; a predictor that stands alone is one too."""
    return [max([_jaccard(one, other) for other in drawn] + [1.0 / one.size]) for one in clusters]


def _jaccard(one: Ints, other: Ints) -> float:
    return np.intersect1d(one, other).size / np.union1d(one, other).size
