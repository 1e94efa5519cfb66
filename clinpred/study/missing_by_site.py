"""Missing values site by site: development patients, and nothing that a few patients would stand behind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.predictors.preparation import Preparation
from clinpred.records.cohort import Cohort
from clinpred.report.disclosure import SMALLEST_SHOWN
from clinpred.report.missingness_contents import MissingAtSites, MissingBySite
from clinpred.study.predictor_contents import Flags, share_of_rows

Objects = NDArray[np.object_]
MOST_SITES = 12
"""Of more sites than these a table shows the range of the shares alone."""
_RANGE = ("lowest", "median", "highest")


@dataclass(frozen=True)
class _Site:
    """A column of the table: one site, or several pooled."""

    title: str
    rows: Flags
    patients: int


def missing_by_site(development: Cohort, preparation: Preparation) -> MissingBySite | None:
    """Return how often each predictor is missing at each site; None without sites, or with no two to tell apart."""
    sites = [] if development.site is None else _sites(development.site, development)
    if len(sites) < 2:
        return None
    names = [name for name in preparation.predictors if development.predictors[name].isna().any()]
    shares = {name: _shares(development.predictors[name].isna().to_numpy(), development, sites) for name in names}
    is_ranged = len(sites) > MOST_SITES
    return MissingBySite(
        sites=np.unique(np.asarray(development.site, dtype=str)).size,
        columns=list(_RANGE) if is_ranged else [one.title for one in sites],
        patients=[] if is_ranged else [one.patients for one in sites],
        predictors=[
            MissingAtSites(predictor=name, shares=_range(found) if is_ranged else found)
            for name, found in shares.items()
        ],
        never_at_a_site=[
            name for name, found in shares.items() if 1.0 in found and any(one is not None and one < 1 for one in found)
        ],
    )


def _sites(site: Objects, development: Cohort) -> list[_Site]:
    """Return the sites, the largest first; those of fewer than 8 patients are one, with as many more as it needs."""
    rows = {name: site == name for name in dict.fromkeys(site)}
    patients = {name: _patients(at, development) for name, at in rows.items()}
    order = sorted(rows, key=lambda name: (-patients[name], name))
    kept = [name for name in order if patients[name] >= SMALLEST_SHOWN]
    pooled = [name for name in order if patients[name] < SMALLEST_SHOWN]
    while pooled and kept and _patients(np.isin(site, pooled), development) < SMALLEST_SHOWN:
        pooled.append(kept.pop())
    found = [
        _Site(f"Site {place}" if name else "Site not stated", rows[name], patients[name])
        for place, name in enumerate(kept, start=1)
    ]
    if pooled:
        at = np.isin(site, pooled)
        found.append(_Site(f"{len(pooled)} smallest pooled", at, _patients(at, development)))
    return found


def _patients(rows: Flags, development: Cohort) -> int:
    return np.unique(development.patients[rows]).size


def _shares(missing: Flags, development: Cohort, sites: Sequence[_Site]) -> list[float | None]:
    """Return the share missing at each site; what would follow from the share of all patients is withheld too."""
    if share_of_rows(missing, development.patients) is None:
        return [None] * len(sites)
    shares = [share_of_rows(missing[one.rows], development.patients[one.rows]) for one in sites]
    if shares.count(None) == 1:
        shown = [place for place, share in enumerate(shares) if share is not None]
        # a share strictly between hides more than one of 0 or 1 would, and a small site less than a large one
        shares[min(shown, key=lambda place: (shares[place] in {0.0, 1.0}, sites[place].patients))] = None
    return shares


def _range(shares: Sequence[float | None]) -> list[float | None]:
    known = [share for share in shares if share is not None]
    return [float(one) for one in np.quantile(known, (0.0, 0.5, 1.0))] if known else [None] * len(_RANGE)
