"""The table of patients: needed against available."""

from clinpred.performance.catalogue import CATALOGUE
from clinpred.report.contents import Results
from clinpred.report.numbers import count, decimal
from clinpred.report.size_contents import DevelopmentNeed, ValidationNeed
from clinpred.report.tabular import Row, Table

_CRITERIA = {
    "shrinkage": "coefficients need little shrinkage",
    "optimism": "Nagelkerke’s R² is at most 0.05 too high",
    "overall_risk": "the overall risk is known to within 0.05",
    "error_of_risks": "risks are off by at most 0.05 on average",
}


def sample_size_table(results: Results) -> Table:
    """Return the patients that a run's questions need beside those that it has."""
    size = results.sample_size
    rows = [] if size is None else [*_development_rows(size.development), *_validation_rows(size.validation)]
    anticipated = "" if size is None else f", with an anticipated Nagelkerke R² of {size.development.nagelkerke_r2:g}"
    return Table(
        "sample-size",
        "Patients: needed against available",
        f"Development: for unpenalised models{anticipated}, which is not taken from these patients (Riley et al. 2020, "
        "van Smeden et al. 2019). Held out: for intervals of the primary model (Riley et al. 2021).",
        ("Patients", "So that", "Needed", "Available", "Enough"),
        tuple(rows),
    )


def _development_rows(need: DevelopmentNeed) -> list[Row]:
    per_column = decimal(need.events / need.design_columns, 1)
    available = f"{count(need.patients)} ({count(need.events)} events, {per_column} a design column)"
    return [
        (
            "Development",
            _so_that(one.criterion, one.shrinkage),
            count(one.patients),
            available,
            _enough(one.patients, need.patients),
        )
        for one in need.needed
    ]


def _so_that(criterion: str, shrinkage: float) -> str:
    factor = f" (a factor of {decimal(shrinkage, 2)})" if criterion == "shrinkage" else ""
    return f"{_CRITERIA[criterion]}{factor}"


def _validation_rows(needs: list[ValidationNeed]) -> list[Row]:
    return [
        (
            "Held out",
            f"the interval of the {_called(one.measure)} is at most {one.width:g} wide{_reached(one.reached)}",
            count(one.patients),
            f"{count(need.patients)} ({count(need.events)} events)",
            _enough(one.patients, need.patients),
        )
        for need in needs
        for one in need.needed
    ]


def _called(measure: str) -> str:
    title = CATALOGUE[measure].title
    return title if title.isupper() else f"{title[:1].lower()}{title[1:]}"


def _reached(width: float | None) -> str:
    return "" if width is None else f" (it is {decimal(width, 2)})"


def _enough(needed: int, available: int) -> str:
    return "yes" if needed <= available else "no"
