"""The tables of a report: the page shows them and ``tables/*.csv`` holds them."""

from clinpred.report.coefficient_tables import coefficients_table, side_by_side_table
from clinpred.report.contents import ModelResults, PenaltyPath, PredictorSummary, Results
from clinpred.report.correlation_tables import (
    clusters_table,
    collinearity_table,
    dependencies_table,
)
from clinpred.report.importance_tables import cluster_importance_table, importance_table
from clinpred.report.imputation_tables import imputed_coefficients_table, imputed_performance_table
from clinpred.report.limits import WORDS
from clinpred.report.luck_table import luck_table
from clinpred.report.missingness_table import missing_by_site_table
from clinpred.report.numbers import count, decimal, estimable, percent, significant
from clinpred.report.performance_tables import comparators_table, comparisons_table, performance_table
from clinpred.report.resampling_tables import (
    classification_table,
    optimism_table,
    rank_table,
    separation_table,
    stability_table,
)
from clinpred.report.sample_size_table import sample_size_table
from clinpred.report.tabular import Cell, Row, Table, table_csv
from clinpred.report.training_contents import Training

__all__ = ["Table", "result_tables", "table_csv", "words_table"]

RESAMPLED_DEVIANCE = {
    "loo": "leave-one-patient-out deviance",
    "kfold": "out-of-fold deviance",
    "aicc": "AICc per patient",
}
"""What a penalty strength was chosen by, as the report calls it."""
_SETTINGS = {
    "penalty_strength": "penalty strength λ",
    "l1_share": "L1 share",
    "at_grid_edge": "best at the edge of the path",
    "separated": "separated",
    "hidden": "hidden units",
    "l2": "L2 strength",
    "networks": "networks averaged",
    "iterations": "trees",
}


def result_tables(results: Results) -> list[Table]:
    """Return every table that the results fill, in the order of the report."""
    makers = (
        clauses_table,
        sample_size_table,
        predictors_table,
        missing_by_site_table,
        performance_table,
        imputed_performance_table,
        optimism_table,
        comparisons_table,
        tuning_table,
        luck_table,
        stability_table,
        classification_table,
        rank_table,
        clusters_table,
        collinearity_table,
        dependencies_table,
        cluster_importance_table,
        importance_table,
        side_by_side_table,
        coefficients_table,
        imputed_coefficients_table,
        separation_table,
        comparators_table,
        findings_table,
    )
    return [table for table in (make(results) for make in makers) if table.rows]


def clauses_table(results: Results) -> Table:
    """Return the verdict, clause by clause."""
    rows = [(one.clause.capitalize(), one.word, one.level, one.sentence) for one in results.verdict.clauses]
    return Table(
        "clauses",
        "The verdict, clause by clause",
        "The level of the verdict is the worst level of the judged clauses.",
        ("Clause", "Word", "Level", "Sentence"),
        tuple(rows),
    )


def words_table() -> Table:
    """Return every word that a verdict may use, with its limit and the level it leads to."""
    rows = [(word.clause.capitalize(), word.word, word.limit, word.level) for word in WORDS]
    return Table(
        "words",
        "What the verdict’s words mean",
        "Limits are conventions, the same for every study and fixed before any result is seen.",
        ("Clause", "Word", "Used where", "Level"),
        tuple(rows),
    )


def predictors_table(results: Results) -> Table:
    """Return the predictors as they entered the models."""
    return Table(
        "predictors",
        "Predictors among development patients",
        "Mean (SD) of the observed values; missing as a share of all patients, of those with and of those without "
        "the event. “Withheld”: 1 to 7 patients stand behind the share.",
        ("Predictor", "Type", "Unit", "Mean (SD) or levels", "Missing", "With event", "Without", "Indicator"),
        tuple(_predictor_row(one) for one in results.predictors),
    )


def tuning_table(results: Results) -> Table:
    """Return how each model was set, and what setting the penalty was chosen by."""
    rows = [row for model in results.models.values() for row in _tuning_rows(model)]
    return Table(
        "tuning",
        "Settings of the models",
        "Chosen on development patients only.",
        ("Model", "Setting", "Value"),
        tuple(rows),
        grouped=True,
    )


def findings_table(results: Results) -> Table:
    """Return every finding of the audit and of the run, in the order of the results: the gravest first."""
    return Table(
        "findings",
        "All findings",
        "What was noticed while reading, developing and judging, the gravest first.",
        ("Level", "Code", "Finding", "What to do"),
        tuple((one.level, one.code, _capitalised(one.text), _capitalised(one.advice)) for one in results.findings),
    )


def _capitalised(text: str) -> str:
    """Return a text with a capital; a name in backticks stays as it is."""
    return text[:1].upper() + text[1:]


def _predictor_row(one: PredictorSummary) -> Row:
    about = ", ".join(one.levels)
    if one.type == "category" and one.levels:
        about = ", ".join((f"{one.levels[0]} (reference)", *one.levels[1:]))
    if one.mean is not None and one.sd is not None:
        about = f"{significant(one.mean)} ({significant(one.sd)})"
    if one.knots:
        about += f"; spline, knots at {', '.join(f'{knot:.6g}' for knot in one.knots)}"
    shares = (one.missing_share, one.missing_share_events, one.missing_share_non_events)
    missing = ["withheld" if share is None else percent(share) for share in shares]
    return (one.name, one.type, one.unit or "", about, *missing, "yes" if one.missing_indicator else "no")


def _tuning_rows(model: ModelResults) -> list[Row]:
    rows: list[Row] = [(model.title, _SETTINGS.get(key, key), _setting(value)) for key, value in model.settings.items()]
    if model.tuning is not None:
        rows += [(model.title, what, value) for what, value in _chosen(model.tuning.path)]
    if model.training is not None:
        rows += [(model.title, what, value) for what, value in _trained(model.training)]
    return rows


def _chosen(path: PenaltyPath) -> list[tuple[str, Cell]]:
    name, deviance = RESAMPLED_DEVIANCE[path.method], estimable(path.resampled[path.chosen], 4)
    if path.method != "aicc":
        name, deviance = f"{name} (SE)", f"{deviance} ({estimable(path.standard_error[path.chosen], 4)})"
    return [
        ("strengths tried", len(path.strength)),
        (f"{name} at the choice", deviance),
        ("effective degrees of freedom", decimal(path.effective_df[path.chosen], 1)),
        ("design columns kept", path.nonzero[path.chosen]),
    ]


def _trained(training: Training) -> list[tuple[str, Cell]]:
    rows: list[tuple[str, Cell]] = [("patients learnt from", count(training.patients))]
    if training.at_floor is not None:
        last = training.members[-1].stopped_epoch
        rows.append(("training loss at its floor", "yes" if training.at_floor else f"no, after {last:,} epochs"))
    if not training.grid:
        return rows
    tried = [point.log_loss for point in training.grid]
    return [
        *rows,
        ("patients in each fold of the search", " / ".join(count(one) for one in training.fold_patients)),
        ("rotations of the search", training.rotations),
        ("settings tried", len(tried)),
        ("lowest log loss on choosing patients", decimal(min(tried), 4)),
        ("highest log loss on choosing patients", decimal(max(tried), 4)),
    ]


def _setting(value: float | str | list[int]) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(count(one) for one in value) if isinstance(value, list) else value
