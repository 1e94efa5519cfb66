"""The tables of what models lean on: predictors and clusters, and which ranks can be told apart."""

from clinpred.report.contents import Results
from clinpred.report.importance_contents import ClusterImportance, Importance, PermutationImportance, ShapleyImportance
from clinpred.report.numbers import decimal, with_limits
from clinpred.report.tabular import Cell, Row, Table
from clinpred.report.told_apart import untold_neighbours

_FIRST = 10
FIXED_WORDS = "Importance describes the model, not a cause; correlated predictors share it."


def importance_table(results: Results) -> Table:
    """Return permutation and Shapley importance of each predictor, models side by side."""
    explained = [(model.title, model.importance) for model in results.models.values() if model.importance]
    header = [f"{title}: {part}" for title, found in explained for part in _parts(found)]
    names = dict.fromkeys(one.predictor for _, found in explained for one in ranked(found))
    rows = [(name, *(cell for _, found in explained for cell in _importance(found, name))) for name in names]
    return Table(
        "importance",
        "What the models lean on",
        "Increase in held-out log loss and fall of the AUROC when a predictor is shuffled (95 % intervals over "
        "patients), whether its increase can be told from that of the next in the model’s rank (the 95 % interval of "
        "their difference does not hold 0), and the mean absolute Shapley value on the scale of the log odds; of a "
        "logistic model also the correlation-dependent one, which credits a predictor with what it tells of others. "
        f"{' '.join(untold(title, found) for title, found in explained)} {FIXED_WORDS}",
        ("Predictor", *header),
        tuple(rows),
    )


def cluster_importance_table(results: Results) -> Table:
    """Return what shuffling all members of a cluster at once does to each explained model."""
    explained = [(model.title, model.importance) for model in results.models.values() if model.importance]
    rows = [(title, *_leant_on(one, found)) for title, found in explained for one in found.clusters]
    return Table(
        "cluster-importance",
        "What the models lean on, cluster by cluster",
        "All members of a cluster shuffled at once, on held-out patients (95 % intervals over patients), beside the "
        "sum of what each costs alone. More together than alone: they stand in for one another, and the rank of one of "
        "them cannot be told apart from its cluster’s. Mean absolute sum of the members’ Shapley values (of networks "
        f"Owen’s, in which members change together). {FIXED_WORDS}",
        (
            "Model",
            "Cluster",
            "Increase in log loss",
            "Members alone, summed",
            "Fall of AUROC",
            "Mean |SHAP|",
            "Correlation-dependent",
        ),
        tuple(rows),
        grouped=True,
    )


def ranked(importance: Importance) -> list[PermutationImportance]:
    """Return the predictors by what shuffling them costs, the most first."""
    return sorted(importance.permutation, key=lambda one: -one.increase)


def untold(title: str, importance: Importance) -> str:
    """Return which neighbours among the first ranks cannot be told apart, in a sentence; nothing where all can."""
    first = ranked(importance)[:_FIRST]
    runs = untold_neighbours([one.predictor for one in first], [one.told_apart for one in first])
    return (
        f"{title}: neighbours whose ranks cannot be told apart, among the first {len(first)}: {runs}." if runs else ""
    )


def _parts(importance: Importance) -> tuple[str, ...]:
    parts = ("increase in log loss", "told from the next", "fall of AUROC", "mean |SHAP|")
    return (*parts, "correlation-dependent") if _is_linear(importance) else parts


def _is_linear(importance: Importance) -> bool:
    return any(one.dependent is not None for one in importance.shapley)


def _importance(importance: Importance, predictor: str) -> tuple[Cell, ...]:
    shuffled = next((one for one in importance.permutation if one.predictor == predictor), None)
    shapley = next((one for one in importance.shapley if one.predictor == predictor), None)
    return (*_shuffled(shuffled), *_shapley(shapley, is_linear=_is_linear(importance)))


def _shuffled(one: PermutationImportance | None) -> tuple[Cell, Cell, Cell]:
    if one is None:
        return None, None, None
    told = {True: "yes", False: "no", None: "–"}[one.told_apart]
    fall = with_limits(one.auroc_drop, one.auroc_drop_lower, one.auroc_drop_upper, 4)
    return with_limits(one.increase, one.lower, one.upper, 4), told, fall


def _shapley(one: ShapleyImportance | None, *, is_linear: bool) -> tuple[Cell, ...]:
    size = None if one is None else decimal(one.mean_absolute, 3)
    if not is_linear:
        return (size,)
    return size, None if one is None or one.dependent is None else decimal(one.dependent, 3)


def _leant_on(cluster: ClusterImportance, importance: Importance) -> Row:
    alone = sum(one.increase for one in importance.permutation if one.predictor in cluster.members)
    return (
        ", ".join(cluster.members),
        with_limits(cluster.increase, cluster.lower, cluster.upper, 4),
        decimal(alone, 4),
        with_limits(cluster.auroc_drop, cluster.auroc_drop_lower, cluster.auroc_drop_upper, 4),
        decimal(cluster.mean_absolute, 3),
        None if cluster.dependent is None else decimal(cluster.dependent, 3),
    )
