"""The tables of performance: every model, and paired differences between them."""

from collections.abc import Sequence

from clinpred.performance.catalogue import ALWAYS_REPORTED, CATALOGUE
from clinpred.performance.net_benefit import net_benefit_key
from clinpred.report.contents import Comparison, NetBenefit, Performance, Results
from clinpred.report.evidence import NEW_PATIENTS, strongest_role
from clinpred.report.numbers import count, decimal, interval, listed, threshold_percent, with_interval
from clinpred.report.part import Role
from clinpred.report.tabular import Cell, Row, Table

ROLES: dict[Role, str] = {
    "held_out": "Held-out patients",
    "later_period": "Later-period patients",
    "unseen_site": "Patients of unseen sites",
    "external": "External patients",
    "resampled": "Resampled: folds of the development patients, each judged by models that did not learn from it",
    "apparent": "Apparent: the development patients themselves",
}
_ROLE_NOTES: dict[Role, str] = {
    "apparent": "Optimistic, and no evidence; the apparent slope of a penalised model is above 1 by design."
}
_COMPARED = ("auroc", "calibration_slope", "log_loss", "brier", "scaled_brier")
_ARROWS = {"higher": "↑", "lower": "↓", "nearer the ideal": "→"}


def performance_table(results: Results) -> Table:
    """Return every measure of every model: new patients first, then the apparent performance."""
    return Table(
        "performance",
        "Performance of every model",
        f"Estimate (95 % interval). {_resampled_note(results)}Apparent performance is optimistic and no evidence; "
        "the apparent slope of a penalised model is above 1 by design.",
        ("Patients", "Measure", *(model.title for model in results.models.values())),
        tuple(row for role in _scored_roles(results) for row in _performance_rows(results, role)),
        grouped=True,
    )


def performance_by_role(results: Results) -> list[Table]:
    """Return the same, a table for each role with the models that were scored in it: as the page shows it."""
    return [_performance_in(results, role) for role in _scored_roles(results)]


def _scored_roles(results: Results) -> list[Role]:
    return [role for role in ROLES if any(role in model.performance for model in results.models.values())]


def _performance_in(results: Results, role: Role) -> Table:
    scored = {name: model for name, model in results.models.items() if role in model.performance}
    called, _, about = ROLES[role].partition(": ")
    rows = _performance_rows(results.model_copy(update={"models": scored}), role)
    return Table(
        f"performance-{role.replace('_', '-')}",
        f"Performance of every model: {called.lower()}",
        f"Estimate (95 % interval). {about.capitalize()}{'. ' if about else ''}{_ROLE_NOTES.get(role, '')}"
        f"{_resampled_note(results) if role == 'resampled' else ''}".strip(),
        ("Measure", *(model.title for model in scored.values())),
        tuple(row[1:] for row in rows),
    )


def _resampled_note(results: Results) -> str:
    """Return how resampled performance was made, where there is any; what its intervals leave out is said."""
    card = results.resampling
    if card is None or not any("resampled" in model.performance for model in results.models.values()):
        return ""
    return (
        f"Resampled: {card.repeats} times {card.folds} folds, the whole development again without each; its intervals "
        "are conditional on the folds. "
    )


def comparisons_table(results: Results) -> Table:
    """Return each regularised model minus its unregularised twin, and minus the prevalence where compared."""
    return _differences(
        results,
        [one for one in results.comparisons if results.models[one.baseline].kind != "comparator"],
        identity="comparisons",
        title="Regularised minus baseline, on the same patients",
    )


def comparators_table(results: Results) -> Table:
    """Return the primary model minus each risk that the export already holds."""
    return _differences(
        results,
        [one for one in results.comparisons if results.models[one.baseline].kind == "comparator"],
        identity="comparators",
        title="The model minus risks that the export already holds, on the patients that have both",
    )


def measures_table(results: Results) -> Table:
    """Return what is measured, how it is defined, and how its interval is made."""
    role = strongest_role(results.models[results.primary]) or "apparent"
    performance = results.models[results.primary].performance[role]
    rows = [
        (one.title, one.definition, one.direction, one.ideal, getattr(performance, key).method or "", one.reference)
        for key, one in CATALOGUE.items()
        if key in ALWAYS_REPORTED
    ]
    benefit = CATALOGUE["net_benefit"]
    method = "patient bootstrap, percentile" if performance.net_benefit else ""
    rows.append((benefit.title, benefit.definition, benefit.direction, benefit.ideal, method, benefit.reference))
    return Table(
        "measures",
        "Measures",
        "y is the outcome, t the threshold, TP and FP are counts of true and false positives.",
        ("Measure", "Definition", "Better", "Ideal", "95 % interval", "Reference"),
        tuple(rows),
    )


def benefit_at(performance: Performance, threshold: float) -> NetBenefit | None:
    """Return the net benefit at a threshold, or None where it was not computed."""
    return next((one for one in performance.net_benefit if one.threshold == threshold), None)


def _performance_rows(results: Results, role: Role) -> list[Row]:
    models = [model.performance.get(role) for model in results.models.values()]
    counts = [None if one is None else f"{count(one.auroc.patients)} ({count(one.auroc.events)})" for one in models]
    rows: list[Row] = [(ROLES[role], "Patients (events)", *counts)]
    for key in ALWAYS_REPORTED:
        cells = [None if one is None else with_interval(getattr(one, key), key) for one in models]
        rows.append((ROLES[role], measure_title(key), *cells))
    for threshold in results.study.thresholds:
        cells = [_benefit(one, threshold) for one in models]
        rows.append((ROLES[role], f"Net benefit at {threshold_percent(threshold)} ↑", *cells))
    return rows


def measure_title(key: str) -> str:
    """Return a measure's title with its better direction; its threshold where the key holds one."""
    name, _, threshold = key.partition(":")
    measure = CATALOGUE[name]
    if threshold:
        return f"{measure.title} at {threshold_percent(float(threshold))} {_ARROWS[measure.direction]}"
    ideal = f" {measure.ideal:g}" if measure.ideal is not None and measure.direction == "nearer the ideal" else ""
    return f"{measure.title} {_ARROWS[measure.direction]}{ideal}"


def _benefit(performance: Performance | None, threshold: float) -> str | None:
    found = None if performance is None else benefit_at(performance, threshold)
    if found is None:
        return None
    if found.lower is None or found.upper is None:
        return f"{decimal(found.estimate, 3)} (no interval)"
    return f"{decimal(found.estimate, 3)} ({interval(found.lower, found.upper, 3)})"


def _differences(results: Results, comparisons: list[Comparison], *, identity: str, title: str) -> Table:
    benefits = {net_benefit_key(t): f"Net benefit at {threshold_percent(t)} ↑" for t in results.study.thresholds}
    named = {key: measure_title(key) for key in _COMPARED} | benefits
    measures = [key for key in named if any(one.measure == key for one in comparisons)]
    by_pair: dict[tuple[Role, str, str], dict[str, Comparison]] = {}
    for one in sorted(comparisons, key=lambda one: list(ROLES).index(one.role)):
        by_pair.setdefault((one.role, one.model, one.baseline), {})[one.measure] = one
    rows = [_difference_row(results, found, measures) for found in by_pair.values()]
    return Table(
        identity,
        title,
        f"Difference (95 % interval{_methods(comparisons)}){_family(comparisons)}. ↑ higher is better, ↓ lower is "
        "better; a difference of slopes has no better direction: see each slope’s distance from 1.",
        ("Patients", "Model", "Minus", "Patients (events)", *(named[key] for key in measures)),
        tuple(rows),
        grouped=True,
    )


def _methods(comparisons: list[Comparison]) -> str:
    """Return how the intervals were made; what a role adds to a method is said at the role."""
    methods = dict.fromkeys(one.method.removesuffix(", conditional on the folds") for one in comparisons)
    return f": {listed(list(methods))}" if methods else ""


def _family(comparisons: list[Comparison]) -> str:
    sizes = {one.role: one.family for one in comparisons if one.family > 1}
    if not sizes:
        return ", not adjusted for the number of comparisons"
    planned = listed([f"{size} on {NEW_PATIENTS[role][0]} patients" for role, size in sizes.items()])
    return f"; p is Holm’s over the comparisons of a measure that were planned ({planned}), intervals are single ones"


def _with_p(one: Comparison, measure: str) -> Cell:
    difference, p = with_interval(one, measure), one.adjusted_p_value
    if p is None:
        return difference
    return f"{difference}; p {'< 0.001' if p < 0.001 else decimal(p, 3)}"


def _difference_row(results: Results, found: dict[str, Comparison], measures: Sequence[str]) -> Row:
    one = next(iter(found.values()))
    pair = (results.models[one.model].title, results.models[one.baseline].title)
    cells = [_with_p(found[key], key) if key in found else None for key in measures]
    return (ROLES[one.role], *pair, f"{count(one.patients)} ({count(one.events)})", *cells)
