"""The tables of predictors that go together: clusters, inflation, dependencies."""

from clinpred.report.contents import Results
from clinpred.report.correlation_contents import PredictorCluster
from clinpred.report.numbers import decimal, estimable
from clinpred.report.tabular import Row, Table

_INFLATED = 2.5
"""Variance inflation from which on a predictor is in the table: its standard error is 1.6 times what it could be."""


def clusters_table(results: Results) -> Table:
    """Return every cluster, what becomes of it, and how sure it is."""
    found = results.correlation
    clusters, cut, draws = ([], 0.0, 0) if found is None else (found.clusters, found.cut, found.draws)
    return Table(
        "clusters",
        "Predictors that go together",
        f"Any two of a cluster have an association of at least {cut:g} among development patients: Spearman, "
        "correlation ratio or Cramér’s V by type. Stability: mean of the largest Jaccard similarity to a cluster of "
        f"each of {draws} bootstrap draws; 0.75 and more is stable, less than 0.6 is no cluster to rely on. The sums "
        "of their coefficients stand with the coefficients.",
        ("Cluster", "In the models as", "Weakest association", "Stability"),
        tuple(_cluster_row(one) for one in clusters),
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


def _cluster_row(cluster: PredictorCluster) -> Row:
    used_as = "its members" if set(cluster.used_as) == set(cluster.members) else ", ".join(cluster.used_as)
    return (", ".join(cluster.members), used_as, decimal(cluster.weakest, 2), estimable(cluster.stability, 2))
