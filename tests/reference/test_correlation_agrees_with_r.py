"""Associations, clusters and collinearity against R: Hmisc's rcorr and varclus, car's vif, Belsley's indices."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clinpred.predictors.associations import Ranks
from clinpred.predictors.clusters import cluster_map, merges
from clinpred.predictors.coded import Coded
from clinpred.predictors.collinearity import condition_indices, generalised_inflation, variance_inflation
from clinpred.records.types import PredictorType

HERE = Path(__file__).parent
VARCLUS = json.loads((HERE / "09_varclus.json").read_text())["entries"]
COLLINEARITY = {one["id"]: one["result"] for one in json.loads((HERE / "09_collinearity.json").read_text())["entries"]}
BREAST = pd.read_csv(HERE / "inputs" / "breast_cancer.csv")


def entry(similarity):
    return next(one["result"] for one in VARCLUS if f"similarity='{similarity}'" in one["call"])


def ranks(names):
    kinds = dict.fromkeys(names, PredictorType("number"))
    return Ranks.of(Coded.of(BREAST[names], kinds, np.arange(len(BREAST))))


def as_r_merges(tree):
    """Return R's ``merge``: a predictor is a negative number from 1, an earlier merge a positive one."""
    p = len(tree) + 1
    pairs = [[-(int(one) + 1) if one < p else int(one) - p + 1 for one in row[:2]] for row in tree]
    return [sorted(pair) for pair in pairs]


def test_spearman_correlations_equal_rcorr():
    found = ranks(entry("spearman")["similarity"]["rows"]).associations()
    assert found**2 == pytest.approx(np.array(entry("spearman")["similarity"]["values"]), abs=1e-12)
    rcorr = next(one["result"]["r"] for one in VARCLUS if "rcorr" in one["call"] and "breast" in one["id"])
    assert found == pytest.approx(np.abs(np.array(rcorr["values"])), abs=1e-12)


@pytest.mark.parametrize("data", ["breast_cancer", "pima_tr", "birthwt"])
@pytest.mark.parametrize("similarity", ["spearman", "pearson", "hoeffding"])
def test_merges_and_heights_equal_varclus(data, similarity):
    expected = next(
        one["result"] for one in VARCLUS if one["id"] == f"{data}_{similarity}" and "varclus" in one["call"]
    )
    tree = merges(np.array(expected["similarity"]["values"]))
    assert tree[:, 2] == pytest.approx(expected["height"], abs=1e-12)
    assert as_r_merges(tree) == [sorted(pair) for pair in expected["merge"]]


def test_clusters_at_an_association_of_point_seven_and_the_order_of_leaves_equal_varclus():
    expected = entry("spearman")
    found = cluster_map(ranks(expected["labels"]), cut=0.7)
    label = expected["cutree_similarity_0.7_squared"]
    theirs = {frozenset(name for name in label if label[name] == one) for one in set(label.values())}
    assert {frozenset(group) for group in found.groups} == theirs
    assert [found.names.index(name) + 1 for name in found.order] == expected["order"]


@pytest.mark.parametrize("data", ["breast_cancer", "pima_tr"])
def test_variance_inflation_equals_car(data):
    expected = COLLINEARITY[data]["vif_ols_car"]
    design = pd.read_csv(HERE / "inputs" / f"{data}.csv")[list(expected)].to_numpy()
    assert variance_inflation(design) == pytest.approx(np.array(list(expected.values())), rel=1e-6)
    assert generalised_inflation(design, list(expected)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("data", ["breast_cancer", "pima_tr"])
def test_condition_indices_and_variance_proportions_equal_belsleys(data):
    expected = COLLINEARITY[data]
    names = expected["belsley_variance_proportions"]["cols"][1:]
    predictors = pd.read_csv(HERE / "inputs" / f"{data}.csv")[names].to_numpy()
    found = condition_indices(np.column_stack([np.ones(len(predictors)), predictors]))
    assert found.index == pytest.approx(expected["belsley_scaled_condition_indices_with_intercept"], rel=1e-6)
    assert found.shares == pytest.approx(np.array(expected["belsley_variance_proportions"]["values"]), abs=1e-6)
    assert found.shares.sum(axis=0) == pytest.approx(1.0)
