"""What becomes of predictors that go together: represented by one of them, or summed up by a principal component."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.predictors.coded import Coded, NumberColumn
from clinpred.predictors.encoding import Rule, stacked
from clinpred.settings.correlation import Correlation

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

_COUNTS = 0.5


@dataclass(frozen=True)
class Represented:
    """A predictor that is not used, and the one of its cluster that stands for it."""

    name: str
    by: str

    @property
    def sentence(self) -> str:
        """What became of it, in words."""
        return f"`{self.name}` goes with `{self.by}`, which represents it"


@dataclass(frozen=True)
class Component:
    """The first principal component of a cluster's design columns, each standardised.

    Attributes
    ----------
    name : str
        Of the design column that it is.
    members : tuple of str
        The predictors that it sums up.
    columns : tuple of str
        Their design columns, indicators of missing values apart; ``mean``, ``sd`` and ``loadings`` are theirs.
    share : float
        Of the columns' variance, what the component holds.
    """

    name: str
    members: tuple[str, ...]
    columns: tuple[str, ...]
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    loadings: tuple[float, ...]
    share: float

    @classmethod
    def learn(cls, members: Sequence[str], columns: Sequence[str], raw: Array, copies: Ints) -> "Component":
        """Learn the component of design columns (n, k) that vary, each row counted so often.

        Its sign is such that the first column that counts (with half of the largest loading, or more) rises with it, so
        that it stays the same over resamples, of members that go against each other too.
        """
        weight = copies / copies.sum()
        mean = weight @ raw
        centred = raw - mean
        sd = np.sqrt(weight @ centred**2)
        standardised = centred / sd
        size, directions = np.linalg.eigh(standardised.T @ (standardised * weight[:, None]))
        loadings = directions[:, -1]
        leading = int(np.argmax(np.abs(loadings) >= _COUNTS * np.abs(loadings).max()))
        loadings = loadings * np.sign(loadings[leading])
        return cls(
            " + ".join(members),
            tuple(members),
            tuple(columns),
            tuple(mean.tolist()),
            tuple(sd.tolist()),
            tuple(loadings.tolist()),
            float(size[-1] / size.sum()),
        )

    @property
    def sentence(self) -> str:
        """What was summed up, in words."""
        members = ", ".join(f"`{name}`" for name in self.members)
        return (
            f"{members} go together: their first principal component, with {100 * self.share:.0f} % of their "
            "variance, sums them up"
        )

    def score(self, raw: Array) -> Array:
        """Return the component of design columns of shape (n, k), shape (n,)."""
        score: Array = (raw - np.array(self.mean)) / np.array(self.sd) @ np.array(self.loadings)
        return score


@dataclass(frozen=True)
class Reduction:
    """Which predictors others represent, and which are summed up together."""

    represented: tuple[Represented, ...] = ()
    summed_up: tuple[tuple[str, ...], ...] = ()


def reduction_of(drawn: Coded, names: Sequence[str], copies: Ints, correlation: Correlation) -> Reduction:
    """Decide on the clusters that some predictors have in rows that count so often; the outcome has no say.

    Parameters
    ----------
    drawn : Coded
        Development rows, or those of a resample.
    names : sequence of str
        The predictors that vary.
    copies : int array of shape (n,)
        How often each row counts.
    correlation : Correlation
        The cut, and the policies.
    """
    if correlation.keeps_all or len(names) < 2:
        return Reduction()
    from clinpred.predictors.associations import Ranks
    from clinpred.predictors.clusters import cluster_map

    found = cluster_map(Ranks.of(drawn, names), cut=correlation.cut, counts=copies)
    represented: list[Represented] = []
    summed_up: list[tuple[str, ...]] = []
    for cluster in found.clusters:
        policy = correlation.policy_of(cluster.members)
        if policy == "representative":
            chosen = min(cluster.members, key=lambda name: _missing(drawn, name, copies))
            represented += [Represented(name, chosen) for name in cluster.members if name != chosen]
        elif policy == "summary":
            summed_up.append(cluster.members)
    return Reduction(tuple(represented), tuple(summed_up))


def components_of(
    rules: Sequence[Rule],
    made: Mapping[str, Array | NDArray[np.bool_]],
    copies: Ints,
    summed_up: Sequence[tuple[str, ...]],
) -> list[Component]:
    """Return the component of each cluster that is summed up, where two of its design columns vary.

    Parameters
    ----------
    rules : sequence of Rule
        How predictors become design columns.
    made : mapping of design column to array of shape (n,)
    copies : int array of shape (n,)
        How often each row counts.
    summed_up : sequence of tuples of str
        The members of each cluster.
    """
    found = []
    for members in summed_up:
        names = [name for rule in rules if rule.predictor in members for name in rule.value_columns if name in made]
        raw = stacked([made[name] for name in names], copies.size)
        varying = np.flatnonzero(np.ptp(raw, axis=0) > 0)
        if varying.size > 1:
            found.append(Component.learn(members, [names[at] for at in varying], raw[:, varying], copies))
    return found


def _missing(drawn: Coded, name: str, copies: Ints) -> int:
    column = drawn.column(name)
    missing = column.missing if isinstance(column, NumberColumn) else column.cells.codes < 0
    return int(copies[missing].sum())
