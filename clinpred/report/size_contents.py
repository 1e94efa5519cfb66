"""Patients, needed against available, as the results hold it."""

from clinpred.report.part import Part, Role


class NeededSize(Part):
    """One criterion of the development size: the patients and events it asks for, and the shrinkage they give."""

    criterion: str
    patients: int
    events: float
    shrinkage: float


class DevelopmentNeed(Part):
    """Development patients beside what an unpenalised model of so many design columns needs."""

    patients: int
    events: int
    design_columns: int
    nagelkerke_r2: float
    expected_shrinkage: float
    needed: list[NeededSize]


class NeededWidth(Part):
    """One interval: the width aimed at, the patients that it needs, and the width that the role's patients gave."""

    measure: str
    width: float
    patients: int
    reached: float | None


class ValidationNeed(Part):
    """Patients of a role beside what intervals of the aimed widths need, for the primary model."""

    role: Role
    patients: int
    events: int
    needed: list[NeededWidth]


class SampleSize(Part):
    """Patients: needed against available."""

    development: DevelopmentNeed
    validation: list[ValidationNeed]
