"""The run's one map of predictors that go together: learnt on development patients, used by importance and report."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from clinpred.models.development import Prepared
from clinpred.predictors.associations import Ranks
from clinpred.predictors.clusters import ClusterMap, cluster_map
from clinpred.predictors.coded import Coded
from clinpred.predictors.collinearity import condition_indices, generalised_inflation
from clinpred.records.cohort import Cohort
from clinpred.report import correlation_contents as contents
from clinpred.validation.resampling import patient_draws

_MOST_DRAWS, _FEWEST_DRAWS = 100, 10
# Rows times squared predictors, added up over the draws: so much takes some seconds.
_AFFORDABLE = 5e9
_MOST_SHOWN = 40
# Belsley: an index of 30 or more is a strong dependency, of the columns with more than half of their variance on it.
_STRONG, _MOST_OF_IT = 30.0, 0.5
# A column that depends on the intercept alone is only far from 0 for its spread.
_INTERCEPT = "(intercept)"


@dataclass(frozen=True, eq=False)
class Correlated:
    """The map, the number of bootstrap draws that its stability rests on, and the collinearity of the design."""

    map: ClusterMap
    draws: int
    inflation: dict[str, float] | None
    dependencies: tuple[tuple[float, tuple[str, ...]], ...]

    def clusters_among(self, predictors: Collection[str]) -> list[tuple[str, ...]]:
        """Return the members of each cluster that has two or more among these predictors."""
        found = [tuple(name for name in cluster.members if name in predictors) for cluster in self.map.clusters]
        return [members for members in found if len(members) > 1]


def correlated(development: Cohort, prepared: Prepared, *, cut: float, seed: np.random.SeedSequence) -> Correlated:
    """Map the predictors that entered the models, and judge by bootstrap draws of patients how stable clusters are."""
    preparation = prepared.preparation
    used = {*preparation.predictors, *(one.name for one in preparation.represented)}
    predictors = development.predictors[[name for name in development.predictors if name in used]]
    coded = Coded.of(predictors, development.types, development.patients)
    affordable = int(_AFFORDABLE / (coded.n_rows * len(used) ** 2))
    replicates = min(_MOST_DRAWS, max(_FEWEST_DRAWS, affordable))
    draws = patient_draws(development.patients, replicates=replicates, seed=seed)
    found = cluster_map(Ranks.of(coded), cut=cut, draws=(draws[at][0] for at in range(len(draws))))
    rows, columns = prepared.design.shape
    if rows <= columns + 1:
        return Correlated(found, replicates, None, ())
    raw = prepared.design * np.array(preparation.sd) + np.array(preparation.mean)
    indices = condition_indices(np.column_stack([np.ones(rows), raw]))
    names = (_INTERCEPT, *preparation.columns)
    dependencies = [
        (float(index), tuple(name for name, share in zip(names, shares, strict=True) if share > _MOST_OF_IT))
        for index, shares in zip(indices.index[::-1], indices.shares[::-1], strict=True)
        if index >= _STRONG
    ]
    source = dict(zip(preparation.columns, preparation.sources, strict=True))
    return Correlated(
        found,
        replicates,
        generalised_inflation(prepared.design, preparation.sources),
        tuple(one for one in dependencies if len({source[name] for name in one[1] if name != _INTERCEPT}) > 1),
    )


def correlation_contents(found: Correlated, prepared: Prepared) -> contents.Correlation:
    """Return the map as the report holds it: the association of those that go together most."""
    shown = _shown(found.map)
    places = [found.map.names.index(name) for name in shown]
    association = found.map.association[np.ix_(places, places)]
    return contents.Correlation(
        cut=found.map.cut,
        draws=found.draws,
        predictors=len(found.map.names),
        shown=list(shown),
        association=[[None if np.isnan(one) else float(one) for one in row] for row in association],
        clusters=[
            contents.PredictorCluster(
                members=list(one.members),
                used_as=_used_as(one.members, prepared),
                summed=summed_columns(one.members, prepared),
                weakest=one.weakest,
                stability=one.stability,
            )
            for one in found.map.clusters
        ],
        inflation=None
        if found.inflation is None
        else [contents.Inflation(predictor=name, factor=factor) for name, factor in found.inflation.items()],
        dependencies=[contents.Dependency(index=index, columns=list(columns)) for index, columns in found.dependencies],
    )


def summed_columns(members: tuple[str, ...], prepared: Prepared) -> dict[str, int]:
    """Return the columns of a cluster whose coefficients are summed up, -1 where one goes against the first.

    Empty where a member has several columns but its indicator of missing values: a sum over the levels of a category,
    or over the terms of a spline, says nothing.
    """
    preparation, used = prepared.preparation, _used_as(members, prepared)
    indicators = {f"{rule.predictor} missing" for rule in preparation.rules if rule.indicator}
    columns = zip(preparation.columns, preparation.sources, strict=True)
    places = [at for at, (column, source) in enumerate(columns) if source in used and column not in indicators]
    if len(places) != len({preparation.sources[at] for at in places}):
        return {}
    along = prepared.design[:, places].T @ prepared.design[:, places[0]] if places else np.empty(0)
    return {preparation.columns[at]: -1 if product < 0 else 1 for at, product in zip(places, along, strict=True)}


def _used_as(members: tuple[str, ...], prepared: Prepared) -> list[str]:
    components = {one.name: set(one.members) for one in prepared.preparation.components}
    sources = dict.fromkeys(prepared.preparation.sources)
    return [name for name in sources if components.get(name, {name}) <= set(members)]


def _shown(found: ClusterMap) -> tuple[str, ...]:
    """Return the predictors with the strongest association to another, as many as a figure can show, as they stand."""
    apart = np.nan_to_num(found.association) - np.eye(len(found.names))
    strongest = np.argsort(-apart.max(axis=1), kind="stable")[:_MOST_SHOWN]
    chosen = {found.names[at] for at in strongest}
    return tuple(name for name in found.order if name in chosen)
