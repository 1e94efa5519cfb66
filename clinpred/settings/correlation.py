"""When predictors are taken to go together, and what becomes of those that do."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from clinpred.settings.frozen import Frozen

Policy = Literal["keep", "representative", "summary"]


class Correlation(Frozen):
    """Predictors are one cluster where any two of them have an association of at least ``cut``.

    ``policy`` says what becomes of a cluster: its members are kept, the one with the fewest missing values represents
    it, or the first principal component of its design columns sums it up. ``clusters`` gives the cluster that a
    predictor is in a policy of its own; of two so named in one cluster the first decides.
    """

    cut: float = Field(default=0.7, gt=0, lt=1)
    policy: Policy = "keep"
    clusters: dict[str, Policy] = Field(default_factory=dict)

    @property
    def keeps_all(self) -> bool:
        """Whether every cluster is kept as it is."""
        return {self.policy, *self.clusters.values()} == {"keep"}

    def policy_of(self, members: Iterable[str]) -> Policy:
        """Return what becomes of the cluster of these predictors."""
        among = set(members)
        return next((policy for name, policy in self.clusters.items() if name in among), self.policy)
