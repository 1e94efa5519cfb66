"""How often each predictor is missing, site by site. Part of the contents."""

from typing import Self

from pydantic import model_validator

from clinpred.report.disclosure import is_small_cell
from clinpred.report.part import Part


class MissingAtSites(Part):
    """One predictor: the share missing in each column of the table, null where 1 to 7 patients stand behind it."""

    predictor: str
    shares: list[float | None]


class MissingBySite(Part):
    """The predictors with missing values, by site, among development patients; sites are numbered, not named.

    ``columns`` are the sites, the largest first, and those of fewer than 8 patients pooled; ``patients`` counts theirs.
    Of many ``sites`` the columns are the lowest, the median and the highest share, and ``patients`` is empty.
    ``never_at_a_site`` are the predictors measured at some sites and never at another.
    """

    sites: int
    columns: list[str]
    patients: list[int]
    predictors: list[MissingAtSites]
    never_at_a_site: list[str]

    @model_validator(mode="after")
    def _no_small_site(self) -> Self:
        if any(map(is_small_cell, self.patients)):
            raise ValueError("a site has 1 to 7 patients: pool it")
        if any(len(one.shares) != len(self.columns) for one in self.predictors):
            raise ValueError("the shares are not those of the columns")
        return self
