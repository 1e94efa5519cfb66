"""The tables of coefficients: side by side per SD with what replicates say of them, and per unit, for a risk."""

from clinpred.report.contents import Coefficient, ModelResults, Results
from clinpred.report.correlation_contents import PredictorCluster
from clinpred.report.numbers import decimal, interval, percent
from clinpred.report.tabular import Cell, Row, Table

_SELECTING = ("lasso", "elastic_net")
_WITHHELD = "withheld"


def side_by_side_table(results: Results) -> Table:
    """Return coefficients per SD: spread over replicates, sign flips and selection, and the sums of clusters."""
    fitted = {name: one for name, one in results.models.items() if _has_coefficients(one)}
    columns = dict.fromkeys(column for one in fitted.values() for column in _columns(one))
    absent = _absent(fitted)
    rows = [
        (
            column,
            *([percent(absent.get(column, 0.0))] if absent else []),
            *(cell for name, one in fitted.items() for cell in _cells(name, one, column)),
        )
        for column in columns
    ]
    clusters = results.correlation.clusters if results.correlation else []
    sums = [_sum_row(cluster, fitted) for cluster in clusters if len(cluster.summed) > 1]
    header = [f"{one.title}: {part}" for name, one in fitted.items() for part in _parts(name, one)]
    return Table(
        "coefficients-side-by-side",
        "Coefficients side by side",
        _caption(results, fitted),
        ("Design column", *(["Not in the design"] if absent else []), *header),
        (*((name, *([None] if absent else []), *cells) for name, *cells in sums), *rows),
    )


def coefficients_table(results: Results) -> Table:
    """Return intercept and coefficients of the logistic models per unit of the original scale."""
    fitted = [(model, _by_column(model)) for model in results.models.values() if model.coefficients]
    columns = dict.fromkeys(column for _, coefficients in fitted for column in coefficients)
    intercepts = ("(intercept)", *(model.intercept for model, _ in fitted))
    rows = [
        (column, *(found[column].original if column in found else None for _, found in fitted)) for column in columns
    ]
    return Table(
        "coefficients",
        "Coefficients as a risk needs them",
        "Intercept and log odds ratios per unit of the design column. Categories are beside their reference (Table of "
        "predictors), ordered ones count from 0, x′ and x″ are terms of a spline; model.clinpred holds what missing "
        "values become.",
        ("Design column", *(model.title for model, _ in fitted)),
        (intercepts, *rows) if rows else (),
        decimals=4,
    )


def _caption(results: Results, fitted: dict[str, ModelResults]) -> str:
    sentences = ["Log odds ratio per SD of the development patients"]
    if any(_is_resampled(one) for one in fitted.values()):
        sentences[0] += (
            " (central 95 % of the bootstrap replicates: how steady it is, and no confidence interval for a penalised "
            "fit)"
        )
        sentences += [
            "Sign flips: of the replicates that have it, the share with the other sign",
            "Selected: the share of replicates that have the column in their design and its coefficient not 0",
        ]
        if _absent(fitted):
            sentences.append(
                "Not in the design: the share of replicates whose own preparation drops or recodes the column, where "
                "its coefficient counts as 0"
            )
        if any(one.knots for one in results.predictors):
            sentences.append("A spline (x, x′, x″) has knots of its own in every replicate")
    if any(not one.coefficients for one in fitted.values()):
        sentences.append(f"{_WITHHELD.capitalize()}: the outcome is separated, and the coefficients mean nothing")
    if results.correlation and results.correlation.clusters:
        sentences.append(
            "A cluster’s sum counts what goes against its first member negatively; it is told better than its parts"
        )
    return ". ".join(sentences) + "."


def _absent(fitted: dict[str, ModelResults]) -> dict[str, float]:
    """Return the share of replicates whose preparation has no such column, of those that some lack."""
    spreads = [one.stability.coefficients or [] for one in fitted.values() if one.stability is not None]
    return {one.column: one.absent for found in spreads for one in found if one.absent > 0}


def _has_coefficients(model: ModelResults) -> bool:
    return bool(model.coefficients) or _is_resampled(model)


def _is_resampled(model: ModelResults) -> bool:
    return model.stability is not None and bool(model.stability.coefficients)


def _columns(model: ModelResults) -> list[str]:
    drawn = model.stability.coefficients if model.stability and model.stability.coefficients else []
    return list(dict.fromkeys([*_by_column(model), *(one.column for one in drawn)]))


def _parts(name: str, model: ModelResults) -> tuple[str, ...]:
    if not _is_resampled(model):
        return ("per SD",)
    return ("per SD", "sign flips", "selected") if _selects(name) else ("per SD", "sign flips")


def _selects(name: str) -> bool:
    return name.endswith(_SELECTING)


def _cells(name: str, model: ModelResults, column: str) -> tuple[Cell, ...]:
    own = _by_column(model).get(column)
    if not _is_resampled(model):
        return (None if own is None else decimal(own.per_sd, 2),)
    drawn = model.stability.coefficients if model.stability and model.stability.coefficients else []
    spread = next((one for one in drawn if one.column == column), None)
    if spread is None:
        return (None,) * len(_parts(name, model))
    flips = "–" if spread.same_sign is None else percent(1 - spread.same_sign)
    cells = (_with_spread(spread.estimate, spread.lower, spread.upper), flips, percent(spread.selected))
    return cells[: len(_parts(name, model))]


def _sum_row(cluster: PredictorCluster, fitted: dict[str, ModelResults]) -> Row:
    cells = [cell for name, one in fitted.items() for cell in _sum_cells(name, one, cluster)]
    return (f"Sum of {', '.join(cluster.members)}", *cells)


def _sum_cells(name: str, model: ModelResults, cluster: PredictorCluster) -> tuple[Cell, ...]:
    parts = _parts(name, model)
    drawn = model.stability.sums if model.stability and model.stability.sums else []
    spread = next((one for one in drawn if set(one.columns) == set(cluster.summed)), None)
    if spread is not None:
        return (_with_spread(spread.estimate, spread.lower, spread.upper), *(None,) * (len(parts) - 1))
    own = _by_column(model)
    summed = sum(sign * own[column].per_sd for column, sign in cluster.summed.items() if column in own)
    return (decimal(summed, 2) if own else None, *(None,) * (len(parts) - 1))


def _with_spread(estimate: float | None, lower: float | None, upper: float | None) -> str:
    own = _WITHHELD if estimate is None else decimal(estimate, 2)
    return own if lower is None or upper is None else f"{own} ({interval(lower, upper, 2)})"


def _by_column(model: ModelResults) -> dict[str, Coefficient]:
    return {one.column: one for one in model.coefficients or []}
