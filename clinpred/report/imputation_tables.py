"""The tables of imputed data sets: measures and coefficients, pooled, beside the models that travel."""

from clinpred.report.contents import Results
from clinpred.report.imputation_contents import PooledCoefficient, PooledMeasure
from clinpred.report.numbers import decimal, decimals_of, listed, percent, with_interval, with_limits
from clinpred.report.tabular import Cell, Row, Table

_MEASURES = {"auroc": "AUROC", "observed_expected": "O:E", "calibration_slope": "Calibration slope"}


def imputed_performance_table(results: Results) -> Table:
    """Return held-out measures of each model as it travels, and pooled over the imputed data sets."""
    found = results.imputation
    imputations, incomplete = (0, 0.0) if found is None else (found.imputations, found.incomplete)
    return Table(
        "imputed-performance",
        "What missing values cost",
        f"{percent(incomplete)} of the development rows lack a value. The models of this report have in its place what "
        f"chained equations on the other predictors expect. Beside them: the same development on {imputations} data "
        "sets in which missing values were drawn, judged on held-out patients drawn alike, pooled by Rubin’s rules "
        "(95 % intervals; AUROC as log odds, O:E as logarithm). Missing information: what share of it missing values "
        f"cost. The outcome was never used to impute.{_standing(results)}",
        ("Model", "Measure", "As it travels", f"Over {imputations} imputations", "Missing information"),
        tuple(row for name in _held_out_models(results) for row in _measure_rows(results, name)),
        grouped=True,
    )


def imputed_coefficients_table(results: Results) -> Table:
    """Return the coefficients pooled over the imputed data sets, models side by side."""
    models = {} if results.imputation is None else results.imputation.models
    fitted = [
        (results.models[name].title, {found.column: found for found in models[name].coefficients})
        for name in _held_out_models(results)
        if models[name].coefficients
    ]
    columns = dict.fromkeys(column for _, found in fitted for column in found)
    header = [part for title, _ in fitted for part in (f"{title}: per SD", f"{title}: SD between imputations")]
    return Table(
        "imputed-coefficients",
        "Coefficients over the imputations",
        "Mean log odds ratio per SD over the imputed data sets; unpenalised ones with Rubin’s 95 % interval. They "
        "describe: imputing without the outcome, as a new patient must be, draws coefficients towards 0.",
        ("Design column", *header),
        tuple((column, *(cell for _, found in fitted for cell in _cells(found.get(column)))) for column in columns),
        decimals=3,
    )


def _standing(results: Results) -> str:
    """Return which models were not developed again, in a sentence; nothing where all were."""
    imputed = results.imputation.models if results.imputation else {}
    standing = [results.models[name].title for name in _held_out_models(results) if not imputed[name].is_redeveloped]
    return f" Judged as they stand, not developed again: {listed(standing)}." if standing else ""


def _held_out_models(results: Results) -> list[str]:
    imputed = results.imputation.models if results.imputation else {}
    return [name for name in imputed if name in results.models and "held_out" in results.models[name].performance]


def _measure_rows(results: Results, name: str) -> list[Row]:
    model, pooled = results.models[name], (results.imputation.models[name] if results.imputation else None)
    rows: list[Row] = []
    for measure, title in _MEASURES.items():
        travels, found = getattr(model.performance["held_out"], measure), getattr(pooled, measure)
        rows.append((model.title, title, with_interval(travels, measure), *_pooled(found, measure)))
    return rows


def _pooled(found: PooledMeasure, measure: str) -> tuple[Cell, Cell]:
    if found.estimate is None:
        return found.reason, None
    return (
        with_limits(found.estimate, found.lower, found.upper, decimals_of(measure)),
        None if found.missing_information is None else percent(found.missing_information),
    )


def _cells(found: PooledCoefficient | None) -> tuple[Cell, Cell]:
    if found is None:
        return None, None
    return with_limits(found.per_sd, found.lower, found.upper, 3), decimal(found.between, 3)
