"""What missing values cost: measures and coefficients over imputed data sets, pooled. Part of the contents."""

from clinpred.report.part import Part


class PooledMeasure(Part):
    """A held-out measure pooled by Rubin's rules; ``estimate`` is null exactly where ``reason`` says why.

    ``missing_information`` is the fraction of information that missing values cost.
    """

    estimate: float | None
    lower: float | None = None
    upper: float | None = None
    missing_information: float | None = None
    reason: str | None = None


class PooledCoefficient(Part):
    """A log odds ratio per SD over the imputed data sets: mean, Rubin's interval where there is one, and spread.

    ``between`` is its standard deviation from one data set to the next.
    """

    column: str
    per_sd: float
    lower: float | None
    upper: float | None
    between: float


class ImputedModel(Part):
    """One model, developed and judged on every imputed data set, or judged as it stands (``is_redeveloped`` false)."""

    is_redeveloped: bool = True
    auroc: PooledMeasure
    observed_expected: PooledMeasure
    calibration_slope: PooledMeasure
    coefficients: list[PooledCoefficient]


class Imputation(Part):
    """Missing values filled by chained equations, and what they cost.

    The models of the report have what the equations expect in place of missing values; ``models`` are judged again on
    ``imputations`` data sets in which missing values were drawn, the logistic ones developed on each as well.
    ``incomplete`` is the share of development rows that lack a value.
    """

    imputations: int
    sweeps: int
    incomplete: float
    models: dict[str, ImputedModel]
