"""Everything learnt about predictors is learnt on development patients, and stays what it was."""

import json

import numpy as np
import pandas as pd
import pytest

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.predictors.aliases import aliased_columns
from clinpred.predictors.coded import Coded
from clinpred.predictors.encoding import POOL, CategoryRule, NumberRule, OrderedRule, learn_rule, unknown_levels
from clinpred.predictors.preparation import Preparation
from clinpred.predictors.preparation_findings import preparation_findings
from clinpred.records.types import PredictorType

NUMBER = PredictorType("number")
CATEGORY = PredictorType("category")


def _text(values):
    return pd.Series(values, dtype=object, name="group")


def _learnt(values, kind, patients):
    coded = Coded.of(values.to_frame(), {values.name: kind}, patients)
    return learn_rule(coded.column(values.name), coded.patients, np.ones(len(values), dtype=int))


def _development(n=100):
    rng = np.random.default_rng(7)
    age = rng.normal(60, 12, n)
    albumin = rng.normal(3, 0.5, n)
    albumin[:10] = np.nan
    group = np.array(["sepsis", "coma", "cancer", "cirrhosis"], dtype=object)[np.arange(n) % 4]
    frame = pd.DataFrame({"age": age, "albumin": albumin, "group": pd.Series(group, dtype=object)})
    kinds = {"age": NUMBER, "albumin": NUMBER, "group": CATEGORY}
    return frame, kinds, np.arange(n)


def test_the_design_of_the_development_patients_has_mean_0_and_population_sd_1():
    frame, kinds, patients = _development()
    design = Preparation.learn(frame, kinds, patients).apply(frame)
    np.testing.assert_allclose(design.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(design.std(axis=0), 1, atol=1e-12)


def test_missing_numbers_become_the_median_and_are_marked_where_8_patients_lack_them():
    values = pd.Series([1.0, 2.0, 9.0, *[np.nan] * 8], name="x")
    rule = _learnt(values, NUMBER, np.arange(11))
    assert rule == NumberRule("x", 2.0, indicator=True)
    np.testing.assert_array_equal(rule.encode(pd.Series([np.nan, 5.0], name="x")), [[2, 1], [5, 0]])


def test_seven_patients_who_lack_a_value_earn_no_indicator_however_many_rows_they_have():
    values = pd.Series([1.0, 2.0, *[np.nan] * 14], name="x")
    patients = np.array([100, 101, *np.arange(14) % 7])
    assert not _learnt(values, NUMBER, patients).indicator


def test_rare_levels_are_pooled_and_their_names_forgotten():
    values = _text(["a"] * 20 + ["b"] * 10 + ["c"] * 5 + ["d"] * 4)
    rule = _learnt(values, CATEGORY, np.arange(39))
    assert rule == CategoryRule("group", ("a", "b"), pool=True, indicator=False)
    assert rule.column_names == ("group = b", f"group = {POOL}")
    np.testing.assert_array_equal(
        rule.encode(_text(["a", "b", "c", "new", None])), [[0, 0], [1, 0], [0, 1], [0, 1], [0, 0]]
    )


def test_a_pool_of_fewer_than_8_patients_is_not_made_its_levels_count_as_missing():
    values = _text(["a"] * 20 + ["b"] * 10 + ["c"] * 3 + [None] * 5)
    rule = _learnt(values, CATEGORY, np.arange(38))
    assert rule == CategoryRule("group", ("a", "b"), pool=False, indicator=True, unpooled=True)
    np.testing.assert_array_equal(rule.encode(_text(["b", "c", None])), [[1, 0], [0, 1], [0, 1]])


def test_levels_of_equal_frequency_are_ordered_by_name_so_that_rows_order_is_irrelevant():
    one = _learnt(_text(["b"] * 9 + ["a"] * 9), CATEGORY, np.arange(18))
    other = _learnt(_text(["a"] * 9 + ["b"] * 9), CATEGORY, np.arange(18))
    assert one == other


def test_an_ordered_category_is_its_place():
    kind = PredictorType("ordered", ("low", "mid", "high"))
    rule = _learnt(_text(["low", "mid", "high", "high"]), kind, np.arange(4))
    assert rule == OrderedRule("group", ("low", "mid", "high"), 1.5, indicator=False)
    np.testing.assert_array_equal(rule.encode(_text(["high", "low", None]))[:, 0], [2, 0, 1.5])


def test_unknown_levels_are_found():
    rule = CategoryRule("group", ("a", "b"), pool=False, indicator=False)
    np.testing.assert_array_equal(unknown_levels(rule, _text(["a", "z", None])), [False, True, False])


def test_a_disease_class_that_is_a_function_of_its_group_is_dropped_by_name():
    frame, kinds, patients = _development()
    frame["class"] = frame["group"].map(
        {"sepsis": "acute", "coma": "coma", "cancer": "chronic", "cirrhosis": "chronic"}
    )
    frame = frame[["class", "age", "albumin", "group"]]  # wherever it stands
    prepared = Preparation.learn(frame, kinds | {"class": CATEGORY}, patients)
    assert [alias.sentence for alias in prepared.aliases] == ["`class` is an exact function of `group`: dropped"]
    assert "class" not in prepared.predictors


def test_a_column_that_repeats_another_in_other_units_is_dropped_by_name():
    frame, kinds, patients = _development()
    frame["age_months"] = frame["age"] * 12 - 3
    prepared = Preparation.learn(frame, kinds | {"age_months": NUMBER}, patients)
    assert [(alias.name, alias.of) for alias in prepared.aliases] == [("age_months", "age")]


def test_a_linear_combination_of_columns_is_dropped_only_where_rows_outnumber_columns():
    rng = np.random.default_rng(1)
    design = rng.normal(size=(50, 3))
    design = np.column_stack([design, design @ [1, -1, 2]])
    design = (design - design.mean(axis=0)) / design.std(axis=0)
    assert [alias.name for alias in aliased_columns(design, ("a", "b", "c", "d"))] == ["d"]
    assert aliased_columns(design[:4], ("a", "b", "c", "d")) == []


def test_what_held_out_patients_look_like_changes_nothing_that_was_learnt():
    frame, kinds, patients = _development()
    prepared = Preparation.learn(frame, kinds, patients)
    before = prepared.to_plain()
    extreme = frame.assign(age=1e6, group=pd.Series(["never seen"] * len(frame), dtype=object))
    prepared.apply(extreme)
    assert prepared.to_plain() == before


def test_rows_are_prepared_one_by_one_as_all_together():
    frame, kinds, patients = _development()
    prepared = Preparation.learn(frame, kinds, patients)
    together = prepared.apply(frame)
    alone = np.vstack([prepared.apply(frame.iloc[[row]]) for row in range(10)])
    np.testing.assert_array_equal(together[:10], alone)


def test_the_order_of_columns_in_a_new_export_does_not_matter():
    frame, kinds, patients = _development()
    prepared = Preparation.learn(frame, kinds, patients)
    np.testing.assert_array_equal(prepared.apply(frame), prepared.apply(frame[["group", "albumin", "age"]]))


def test_a_preparation_survives_json_exactly():
    frame, kinds, patients = _development()
    prepared = Preparation.learn(frame, kinds, patients)
    back = Preparation.from_plain(json.loads(json.dumps(prepared.to_plain())))
    assert back == prepared


def test_a_missing_predictor_is_refused_by_name():
    frame, kinds, patients = _development()
    prepared = Preparation.learn(frame, kinds, patients)
    with pytest.raises(InputRefused, match=r"1 of the predictors .*`albumin`") as refusal:
        prepared.apply(frame.drop(columns="albumin"))
    assert refusal.value.code == "E-MISSING-COLUMN"


def test_no_predictor_that_varies_is_a_statistical_refusal():
    frame = pd.DataFrame({"x": [1.0] * 30})
    with pytest.raises(StatisticalRefusal, match="S-NO-PREDICTORS"):
        Preparation.learn(frame, {"x": NUMBER}, np.arange(30))


def test_a_predictor_with_one_value_is_dropped_and_said():
    frame, kinds, patients = _development()
    prepared = Preparation.learn(frame.assign(ward=1.0), kinds | {"ward": NUMBER}, patients)
    assert "ward" not in prepared.predictors
    assert [finding.code for finding in preparation_findings(prepared)] == ["W-CONSTANT"]
