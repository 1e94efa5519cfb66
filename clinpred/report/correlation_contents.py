"""Which predictors go together: the map that preparation, importance and report share. Part of the contents."""

from typing import Self

from pydantic import Field, model_validator

from clinpred.report.part import Part


class PredictorCluster(Part):
    """Two predictors or more, any two of which have an association of at least the cut; ``weakest`` is the smallest.

    ``stability`` is the mean over bootstrap draws of the largest Jaccard similarity to a cluster of the draw;
    ``used_as`` what the models use of it: members, or the component that sums them up; ``summed`` the design columns
    whose coefficients are summed up, indicators of missing values apart, -1 where one goes against the first; empty
    where a member has several.
    """

    members: list[str]
    used_as: list[str]
    summed: dict[str, int] = Field(default_factory=dict)
    weakest: float
    stability: float | None


class Inflation(Part):
    """The generalised variance inflation factor of one predictor, brought to that of one column."""

    predictor: str
    factor: float


class Dependency(Part):
    """A near dependency: its condition index, and the columns with more than half of their variance on it."""

    index: float
    columns: list[str]


class Correlation(Part):
    """Which predictors go together, among development patients.

    ``association`` holds, for the predictors ``shown`` (in the order of the tree, those alike beside each other), the
    absolute Spearman correlation, the correlation ratio or Cramér's V; null where it is not known. ``inflation`` is
    null, and no dependency looked for, where design columns are as many as the rows.
    """

    cut: float
    draws: int
    predictors: int
    shown: list[str]
    association: list[list[float | None]]
    clusters: list[PredictorCluster]
    inflation: list[Inflation] | None
    dependencies: list[Dependency]

    @model_validator(mode="after")
    def _square(self) -> Self:
        if {len(row) for row in self.association} - {len(self.shown)} or len(self.association) != len(self.shown):
            raise ValueError("the associations are not those of the predictors shown")
        return self
