"""The table of missing values by site."""

from clinpred.report.contents import Results
from clinpred.report.missingness_contents import MissingBySite
from clinpred.report.numbers import count, listed, percent
from clinpred.report.tabular import Table

_MANY = "Of {} sites, the lowest, the median and the highest share of those that are not withheld."
_FEW = (
    "Sites are numbered by their patients, the largest first, and not named; those of fewer than 8 patients are pooled."
)


def missing_by_site_table(results: Results) -> Table:
    """Return the share missing of each predictor at each site; no rows without sites or without missing values."""
    found = results.missing_by_site
    rows = [] if found is None else [(one.predictor, *map(_share, one.shares)) for one in found.predictors]
    return Table(
        "missing-by-site",
        "Missing values by site",
        "" if found is None else _caption(found),
        ("Predictor", *([] if found is None else _header(found))),
        tuple(rows),
    )


def _header(found: MissingBySite) -> list[str]:
    if not found.patients:
        return [f"{name.capitalize()} of the sites" for name in found.columns]
    return [f"{name} (n = {count(n)})" for name, n in zip(found.columns, found.patients, strict=True)]


def _share(share: float | None) -> str:
    return "withheld" if share is None else percent(share)


def _caption(found: MissingBySite) -> str:
    never = listed([f"`{name}`" for name in found.never_at_a_site])
    travels = f" Never measured at one site or more, and measured at others: {never}." if never else ""
    columns = _FEW if found.patients else _MANY.format(found.sites)
    return (
        f"Share of the development patients’ rows without a value. {columns} "
        f"“Withheld”: 1 to 7 patients stand behind the share, or behind one that would follow from it.{travels} A "
        "value that is missing by habit of a site tells of the site, and will not elsewhere."
    )
