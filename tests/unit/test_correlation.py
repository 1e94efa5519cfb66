"""Which predictors go together: each association by hand, its limits, and clusters that stay or fall apart."""

import numpy as np
import pandas as pd
import pytest
from pandas.api.types import is_numeric_dtype
from scipy.stats import chi2_contingency, rankdata, spearmanr

from clinpred.predictors.associations import Ranks
from clinpred.predictors.clusters import cluster_map
from clinpred.predictors.coded import Coded
from clinpred.predictors.collinearity import condition_indices, generalised_inflation, variance_inflation
from clinpred.records.types import PredictorType

N = 300


def ranks_of(columns, kinds=None, patients=None):
    frame = pd.DataFrame(columns)
    found = {name: PredictorType("number" if is_numeric_dtype(one) else "category") for name, one in frame.items()}
    return Ranks.of(Coded.of(frame, found | (kinds or {}), np.arange(len(frame)) if patients is None else patients))


def mixed(seed=1, n=N):
    rng = np.random.default_rng(seed)
    severity = rng.normal(size=n)
    ward = np.where(severity + rng.normal(size=n) > 0.5, "icu", np.where(rng.random(n) < 0.5, "a", "b")).astype(object)
    return {
        "score": np.round(severity + 0.5 * rng.normal(size=n), 1),
        "pulse": np.where(rng.random(n) < 0.2, np.nan, severity + rng.normal(size=n)),
        "ward": ward,
        "sex": np.where(rng.random(n) < 0.5, "f", "m").astype(object),
    }


def test_two_numbers_have_their_absolute_spearman_correlation_over_those_who_have_both():
    columns = mixed()
    found = ranks_of(columns).associations()
    has = ~np.isnan(columns["pulse"])
    by_hand = abs(np.corrcoef(rankdata(columns["score"])[has], rankdata(columns["pulse"][has]))[0, 1])
    assert found[0, 1] == pytest.approx(by_hand, abs=1e-12)
    whole = {"one": columns["score"], "other": -(columns["score"] ** 3) + 0.1 * np.arange(N)}
    assert ranks_of(whole).associations()[0, 1] == pytest.approx(abs(spearmanr(*whole.values())[0]), abs=1e-12)


def test_a_number_and_a_category_have_the_correlation_ratio_of_the_ranks():
    columns = mixed()
    has = ~np.isnan(columns["pulse"])
    rank, ward = rankdata(columns["pulse"][has]), columns["ward"][has]
    between = sum((ward == one).sum() * (rank[ward == one].mean() - rank.mean()) ** 2 for one in ("icu", "a", "b"))
    by_hand = np.sqrt(between / np.sum((rank - rank.mean()) ** 2))
    assert ranks_of(columns).associations()[1, 2] == pytest.approx(by_hand, abs=1e-12)


def test_two_categories_have_cramers_v():
    columns = mixed()
    table = pd.crosstab(columns["ward"], columns["sex"]).to_numpy()
    by_hand = np.sqrt(chi2_contingency(table, correction=False).statistic / N)
    assert ranks_of(columns).associations()[2, 3] == pytest.approx(by_hand, abs=1e-12)


def test_an_ordered_predictor_is_ranked_by_its_declared_levels():
    rng = np.random.default_rng(3)
    place = rng.integers(3, size=N)
    columns = {"stage": np.array(["low", "middle", "high"], dtype=object)[place], "x": place + rng.normal(size=N)}
    ordered = {"stage": PredictorType("ordered", ("low", "middle", "high"))}
    found = ranks_of(columns, ordered).associations()[0, 1]
    assert found == pytest.approx(spearmanr(place, columns["x"])[0], abs=1e-12)


def test_what_determines_another_has_an_association_of_1_and_what_knows_nothing_of_it_nearly_0():
    rng = np.random.default_rng(4)
    x, level = rng.normal(size=2000), rng.integers(4, size=2000)
    columns = {
        "x": x, "-exp x": -np.exp(x), "noise": rng.normal(size=2000),
        "level": np.array(list("abcd"), dtype=object)[level], "same": np.array(list("wxyz"), dtype=object)[level],
    }  # fmt: skip
    found = ranks_of(columns).associations()
    assert found[0, 1] == pytest.approx(1.0)
    assert found[3, 4] == pytest.approx(1.0)
    assert max(found[2, [0, 1, 3, 4]]) < 0.08
    np.testing.assert_array_equal(found, found.T)


def test_counts_are_repeated_rows_and_rows_of_count_0_are_absent():
    columns, rng = mixed(), np.random.default_rng(5)
    counts = rng.integers(0, 4, size=N)
    repeated = {name: np.repeat(values, counts) for name, values in columns.items()}
    patients = np.repeat(np.arange(N), counts)
    found = ranks_of(columns).associations(counts)
    np.testing.assert_allclose(found, ranks_of(repeated, patients=patients).associations(), atol=1e-12)


def test_never_measured_together_or_constant_where_both_are_known_is_unknown_and_no_cluster():
    x = np.arange(40.0)
    columns = {
        "early": np.where(x < 20, x, np.nan), "late": np.where(x >= 20, x, np.nan), "all": x,
        "one": np.where(x < 20, 1.0, x),
    }  # fmt: skip
    ranks = ranks_of(columns)
    found = ranks.associations()
    assert np.isnan(found[0, 1])
    assert np.isnan(found[0, 3])
    assert found[0, 2] == pytest.approx(1.0)
    together = cluster_map(ranks, cut=0.7)
    assert not any({"early", "late"} <= set(one.members) for one in together.clusters)
    assert np.isfinite([one.weakest for one in together.clusters]).all()
    assert set(together.order) == set(columns)


def test_levels_of_few_patients_count_as_one():
    rng = np.random.default_rng(6)
    ward = np.array(["a", "b"], dtype=object)[rng.integers(2, size=N)]
    ward[:14] = [f"lone {at // 2}" for at in range(14)]
    pooled = ward.copy()
    pooled[:14] = "lone"
    x = rng.normal(size=N)
    found = [ranks_of({"ward": one, "x": x}).associations()[0, 1] for one in (ward, pooled)]
    assert found[0] == pytest.approx(found[1])


def bundle(n=400, seed=7):
    rng = np.random.default_rng(seed)
    kidney, heart = rng.normal(size=(2, n))
    return {
        "crea": kidney + 0.3 * rng.normal(size=n), "bun": kidney + 0.3 * rng.normal(size=n),
        "urea": kidney + 0.3 * rng.normal(size=n), "pulse": heart, "age": rng.normal(size=n),
    }  # fmt: skip


def draws_of(n, count=50):
    rng = np.random.default_rng(9)
    return [np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(count)]


def test_a_clear_bundle_is_one_stable_cluster_and_the_rest_stand_alone():
    found = cluster_map(ranks_of(bundle()), cut=0.7, draws=draws_of(400))
    (cluster,) = found.clusters
    assert cluster.members == ("crea", "bun", "urea")
    assert cluster.stability == 1.0
    assert cluster.weakest >= 0.7
    assert found.groups == (("crea", "bun", "urea"), ("pulse",), ("age",))
    places = [found.order.index(name) for name in cluster.members]
    assert max(places) - min(places) == 2


def test_a_cluster_at_the_brink_of_the_cut_is_unstable():
    ranks = ranks_of(bundle())
    brink = cluster_map(ranks, cut=0.7).clusters[0].weakest
    found = cluster_map(ranks, cut=brink, draws=draws_of(400))
    assert found.clusters[0].members == ("crea", "bun", "urea")
    assert found.clusters[0].stability < 0.95


def test_without_draws_stability_is_not_said_and_one_predictor_has_no_cluster():
    assert cluster_map(ranks_of(bundle()), cut=0.7).clusters[0].stability is None
    alone = cluster_map(ranks_of({"x": np.arange(20.0)}), cut=0.7)
    assert (alone.clusters, alone.order, alone.groups) == ((), ("x",), (("x",),))


def test_inflation_is_one_over_what_the_others_leave_unexplained():
    rng = np.random.default_rng(10)
    design = rng.normal(size=(200, 3))
    design[:, 2] += design[:, 0] - 2 * design[:, 1]
    others = np.column_stack([np.ones(200), design[:, :2]])
    rest = design[:, 2] - others @ np.linalg.lstsq(others, design[:, 2])[0]
    explained = 1.0 - rest.var() / design[:, 2].var()
    assert variance_inflation(design)[2] == pytest.approx(1.0 / (1.0 - explained))


def test_generalised_inflation_does_not_depend_on_which_level_is_the_reference():
    rng = np.random.default_rng(11)
    level = rng.integers(3, size=300)
    x = level + rng.normal(size=300)
    for coding in ([0, 1], [1, 2], [0, 2]):
        design = np.column_stack([x, *(level == one for one in coding)]).astype(float)
        found = generalised_inflation(design, ["x", "level", "level"])
        if coding == [0, 1]:
            first = found
        assert found == pytest.approx(first)
    assert first["x"] == pytest.approx(variance_inflation(design)[0])


def test_orthogonal_columns_have_condition_indices_of_1_and_a_near_copy_a_large_one():
    columns = np.kron([[1.0, 1.0], [1.0, -1.0]], np.ones((50, 1)))
    assert condition_indices(columns).index == pytest.approx([1.0, 1.0])
    rng = np.random.default_rng(12)
    x = rng.normal(size=500)
    found = condition_indices(np.column_stack([np.ones(500), x, x + 0.01 * rng.normal(size=500)]))
    assert found.index[-1] > 100
    assert (found.shares[-1] > 0.5).tolist() == [False, True, True]
