"""The tables of predictors that go together: clusters and what each model leans on them, inflation, dependencies."""

from clinpred.report.contents import ModelResults, Results
from clinpred.report.correlation_contents import PredictorCluster
from clinpred.report.importance_contents import ClusterImportance, Importance
from clinpred.report.numbers import decimal, estimable, with_limits
from clinpred.report.tabular import Row, Table

_INFLATED = 2.5
"""Variance inflation from which on a predictor is in the table: its standard error is 1.6 times what it could be."""


def clusters_table(results: Results) -> Table:
    """Return every cluster, how sure it is, and the sum of its coefficients in each logistic model."""
    found = results.correlation
    clusters, cut, draws = ([], 0.0, 0) if found is None else (found.clusters, found.cut, found.draws)
    fitted = [model for model in results.models.values() if model.coefficients]
    return Table(
        "clusters",
        "Predictors that go together",
        f"Any two of a cluster have an association of at least {cut:g} among development patients: Spearman, "
        "correlation ratio or Cramér’s V by type. Stability: mean of the largest Jaccard similarity to a cluster of "
        f"each of {draws} bootstrap draws; 0.75 and more is stable, less than 0.6 is no cluster to rely on. "
        "Coefficients: the sum of the log odds ratios per SD of what is used, which is told better than its parts.",
        (
            "Cluster",
            "In the models as",
            "Weakest association",
            "Stability",
            *(f"{model.title}: coefficients summed" for model in fitted),
        ),
        tuple(_cluster_row(one, fitted) for one in clusters),
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
        "them cannot be told apart from its cluster’s. Mean absolute sum of the members’ Shapley values.",
        (
            "Model",
            "Cluster",
            "Increase in log loss",
            "Members alone, summed",
            "Fall of AUROC",
            "Mean |SHAP|",
        ),
        tuple(rows),
        grouped=True,
    )


def collinearity_table(results: Results) -> Table:
    """Return the predictors whose variance is inflated, the most inflated first."""
    found = results.correlation
    inflated = [] if found is None or found.inflation is None else found.inflation
    ranked = sorted((one for one in inflated if one.factor >= _INFLATED), key=lambda one: -one.factor)
    return Table(
        "collinearity",
        "Predictors that others foretell",
        f"Generalised variance inflation, brought to that of one column, of {_INFLATED:g} or more: by so much the "
        "variance of an unpenalised coefficient exceeds what it would be if no other predictor told of it. A penalty "
        "shares the weight among such predictors; their single coefficients say little.",
        ("Predictor", "Variance inflation"),
        tuple((one.predictor, one.factor) for one in ranked),
        decimals=1,
    )


def dependencies_table(results: Results) -> Table:
    """Return the near dependencies among design columns."""
    found = results.correlation
    rows = [] if found is None else [(decimal(one.index, 0), ", ".join(one.columns)) for one in found.dependencies]
    return Table(
        "dependencies",
        "Near dependencies among design columns",
        "Belsley’s condition indices of 30 and more, the columns unscaled by their means, with those columns that have "
        "more than half of their variance on the dependency.",
        ("Condition index", "Columns"),
        tuple(rows),
    )


def _cluster_row(cluster: PredictorCluster, fitted: list[ModelResults]) -> Row:
    sums = [
        decimal(sum(one.per_sd for one in model.coefficients or [] if one.predictor in cluster.used_as), 3)
        for model in fitted
    ]
    used_as = "its members" if set(cluster.used_as) == set(cluster.members) else ", ".join(cluster.used_as)
    return (", ".join(cluster.members), used_as, decimal(cluster.weakest, 2), estimable(cluster.stability, 2), *sums)


def _leant_on(cluster: ClusterImportance, importance: Importance) -> Row:
    alone = sum(one.increase for one in importance.permutation if one.predictor in cluster.members)
    return (
        ", ".join(cluster.members),
        with_limits(cluster.increase, cluster.lower, cluster.upper, 4),
        decimal(alone, 4),
        with_limits(cluster.auroc_drop, cluster.auroc_drop_lower, cluster.auroc_drop_upper, 4),
        decimal(cluster.mean_absolute, 3),
    )
