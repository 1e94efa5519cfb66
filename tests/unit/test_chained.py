"""Chained equations: what the others expect of a missing value, the same at development and for one new patient."""

import json

import numpy as np
import pandas as pd
import pytest

from clinpred.errors import StatisticalRefusal
from clinpred.models.cohort_procedure import CohortProcedure
from clinpred.predictors.chain import Chain, bayesian_logistic
from clinpred.predictors.chained import Chained, Variable, learn_chained, shares
from clinpred.predictors.imputation import drawn_designs
from clinpred.predictors.preparation import Preparation
from clinpred.records.cohort import Cohort, RowFlow
from clinpred.records.types import PredictorType
from clinpred.settings.recipe import Recipe

CHAINED = Recipe(imputation="chained")
KINDS = {
    "age": PredictorType("number"),
    "crea": PredictorType("number"),
    "urea": PredictorType("number"),
    "stage": PredictorType("ordered", ("I", "II", "III")),
    "ward": PredictorType("category"),
}
N = 600


def frame(n=N, seed=1, lacking=0.25):
    rng = np.random.default_rng(seed)
    severity = rng.normal(0, 1, n)
    busy = severity + rng.normal(0, 0.7, n)
    ward = np.array(["icu", "medical", "surgical"])[np.clip(np.round(1 + busy), 0, 2).astype(int)]
    stage = np.array(["I", "II", "III"])[np.clip(np.round(1 + severity), 0, 2).astype(int)]
    table = pd.DataFrame(
        {
            "age": rng.normal(60, 12, n),
            "crea": severity + rng.normal(0, 0.4, n),
            "urea": 2 * severity + rng.normal(0, 0.8, n),
            "stage": pd.Series(stage, dtype=object),
            "ward": pd.Series(ward, dtype=object),
        }
    )
    for name in ("crea", "urea", "stage", "ward"):
        gone = rng.random(n) < lacking
        table.loc[gone, name] = np.nan if KINDS[name].kind == "number" else None
    return table


def learnt(table=None, recipe=CHAINED):
    table = frame() if table is None else table
    return Preparation.learn(table, KINDS, np.arange(len(table)), recipe=recipe)


def raw(preparation, table):
    columns = preparation.apply(table) * preparation.sd + preparation.mean
    return pd.DataFrame(columns, columns=preparation.columns)


def test_values_that_are_there_stay_and_no_indicator_is_made():
    table = frame()
    preparation = learnt(table)
    made = raw(preparation, table)
    wards = [f"ward = {level}" for level in preparation.rules[-1].levels[1:]]
    assert list(made) == ["age", "crea", "urea", "stage", *wards]
    known = table["crea"].notna()
    np.testing.assert_allclose(made["crea"][known], table["crea"][known], atol=1e-12)


def test_a_missing_number_becomes_what_least_squares_expects():
    rng = np.random.default_rng(2)
    x = rng.normal(50, 10, 500)
    y = 3 + 0.5 * x + rng.normal(0, 1, 500)
    gone = rng.random(500) < 0.3
    table = pd.DataFrame({"x": x, "y": np.where(gone, np.nan, y)})
    kinds = dict.fromkeys(table, PredictorType("number"))
    made = raw(Preparation.learn(table, kinds, np.arange(500), recipe=CHAINED), table)
    slope, intercept = np.polyfit(x[~gone], y[~gone], 1)
    # The ridge that keeps aliases harmless is 1e-5 of the diagonal.
    np.testing.assert_allclose(made["y"][gone], intercept + slope * x[gone], rtol=1e-4)


def test_a_missing_level_becomes_the_probabilities_of_its_levels():
    table, preparation = frame(), learnt()
    made = raw(preparation, table)
    dummies = made[[name for name in made if name.startswith("ward = ")]]
    gone = table["ward"].isna()
    reference = 1 - dummies.sum(axis=1)
    assert ((dummies[gone] > 0) & (dummies[gone] < 1)).all(axis=None)
    assert (reference[gone] > 0).all()
    np.testing.assert_allclose(dummies[~gone], dummies[~gone].round(), atol=1e-12)


def test_rows_do_not_see_one_another():
    table, preparation = frame(), learnt()
    together = preparation.apply(table)
    alone = np.vstack([preparation.apply(table.iloc[[row]]) for row in range(60)])
    np.testing.assert_allclose(alone, together[:60], atol=1e-9)


def test_a_patient_who_lacks_everything_is_the_mean_and_one_who_lacks_what_no_one_did_is_filled():
    table = frame()
    preparation = learnt(table)
    nobody = table.iloc[:1].assign(age=np.nan)
    assert np.isfinite(preparation.apply(nobody)).all()
    nothing = pd.DataFrame({"age": [np.nan], "crea": [np.nan], "urea": [np.nan], "stage": [None], "ward": [None]})
    filled = raw(preparation, nothing.astype({"stage": object, "ward": object})).iloc[0]
    assert filled["age"] == pytest.approx(table["age"].mean(), abs=1.0)
    assert abs(filled["crea"]) < 0.3


def test_numbers_settle_where_the_conditional_mean_of_a_normal_is():
    rng = np.random.default_rng(3)
    covariance = np.array([[1.0, 0.9, 0.5], [0.9, 1.0, 0.3], [0.5, 0.3, 1.0]])
    rows = rng.multivariate_normal(np.zeros(3), covariance, 50_000)
    opened = rows.copy()
    opened[:10_000, 0] = opened[5_000:15_000, 1] = np.nan
    variables = [Variable(name, (name,), "line") for name in "abc"]
    chained = learn_chained(opened, variables, np.ones(len(rows), dtype=int))
    new = np.array([[np.nan, np.nan, 1.5]])
    np.testing.assert_allclose(chained.completed(new)[0, :2], 1.5 * covariance[2, :2], atol=0.03)


def test_copies_of_a_row_teach_as_often_as_they_were_drawn_and_others_do_not():
    table, counts = frame(), np.random.default_rng(4).integers(0, 3, N)
    found = Preparation.learn(table, KINDS, np.arange(N), counts=counts, recipe=CHAINED)
    unseen = table.copy()
    unseen.loc[counts == 0, ["age", "crea"]] = 1e6
    again = Preparation.learn(unseen, KINDS, np.arange(N), counts=counts, recipe=CHAINED)
    assert found == again


def test_learning_is_a_function_of_the_rows_and_travels_as_plain_data():
    preparation = learnt()
    assert learnt() == preparation
    travelled = Preparation.from_plain(json.loads(json.dumps(preparation.to_plain())))
    assert travelled == preparation
    np.testing.assert_array_equal(travelled.apply(frame()), preparation.apply(frame()))


def test_steps_of_levels_make_probabilities():
    found = shares(np.array([[-800.0, 0.0], [800.0, 3.0], [0.0, 800.0]]))
    np.testing.assert_allclose(found, [[0.5, 0.5], [0.0, 0.0], [0.5, 0.0]], atol=1e-12)


def test_a_bayesian_logistic_model_is_maximum_likelihood_with_many_rows_and_finite_when_separated():
    rng = np.random.default_rng(5)
    rows = np.column_stack([np.ones(20_000), rng.normal(size=20_000)])
    event = rng.random(20_000) < 1 / (1 + np.exp(-(0.5 + rows[:, 1])))
    found, factor = bayesian_logistic(rows, event, np.ones(20_000))
    np.testing.assert_allclose(found, [0.5, 1.0], atol=0.06)
    assert factor.shape == (2, 2)
    separated, _ = bayesian_logistic(rows, rows[:, 1] > 0, np.ones(20_000))
    assert np.isfinite(separated).all()
    assert separated[1] > 5


def test_draws_keep_the_spread_that_expected_values_lose():
    table = frame(3_000)
    complete = frame(3_000, lacking=0.0)
    preparation = learnt(table)
    gone = table["urea"].isna().to_numpy()
    place = preparation.columns.index("urea")
    drawn, beside = drawn_designs(preparation, table, table[:500], np.random.default_rng(6))
    truth = complete["urea"][gone].std()
    assert preparation.apply(table)[gone, place].std() * preparation.sd[place] < 0.97 * truth
    assert drawn[gone, place].std() * preparation.sd[place] == pytest.approx(truth, rel=0.06)
    np.testing.assert_allclose(drawn[~gone, place], preparation.apply(table)[~gone, place], atol=1e-12)
    assert beside.shape == (500, len(preparation.columns))
    assert np.isfinite(beside).all()


def test_aliases_and_numbers_that_never_vary_do_no_harm():
    table = frame().assign(months=lambda one: one["age"] * 12, one=1.0)
    table.loc[:40, "months"] = np.nan
    kinds = {**KINDS, "months": PredictorType("number"), "one": PredictorType("number")}
    preparation = Preparation.learn(table, kinds, np.arange(N), recipe=CHAINED)
    assert preparation.constants == ("one",)
    filled = preparation.chained.completed(np.array([[np.nan] * len(preparation.chained.columns)]))
    assert np.isfinite(filled).all()
    assert np.isfinite(preparation.apply(table)).all()


def test_a_bent_number_bends_what_is_expected_of_it():
    table = frame()
    preparation = learnt(table, Recipe(imputation="chained", knots={"crea": 4}))
    made = raw(preparation, table)
    rule = next(rule for rule in preparation.rules if rule.predictor == "crea")
    np.testing.assert_allclose(made[["crea", "crea'", "crea''"]], np.column_stack(rule.bent(made["crea"])), atol=1e-9)


def test_predictors_none_of_which_varies_are_refused():
    table = pd.DataFrame({"age": np.full(40, 60.0), "crea": np.nan})
    with pytest.raises(StatisticalRefusal, match="S-NO-PREDICTORS"):
        Preparation.learn(table, KINDS, np.arange(40), recipe=CHAINED)


def test_every_resample_learns_its_equations_anew():
    table = frame()
    ids = np.arange(N).astype(str).astype(object)
    outcome = (np.random.default_rng(7).random(N) < 0.4).astype(float)
    development = Cohort(table, KINDS, outcome, np.arange(N), ids, {}, RowFlow(N, N, ()))
    procedure = CohortProcedure(development, ("logistic_ridge",), recipe=CHAINED)
    counts = np.random.default_rng(8).integers(0, 3, N)
    refit = procedure.refit(counts, seed=1).models["logistic_ridge"]
    own = Preparation.learn(table, KINDS, np.arange(N), counts=counts, recipe=CHAINED)
    assert set(refit.coefficients) == set(own.columns)
    assert np.isfinite(refit.linear_predictor).all()


def test_a_chain_asks_those_with_the_fewest_missing_values_first():
    opened = np.random.default_rng(9).normal(size=(200, 3))
    opened[:50, 0] = opened[:20, 1] = np.nan
    variables = [Variable(name, (name,), "line") for name in "abc"]
    chain = Chain(opened, variables, np.ones(200, dtype=int), np.random.default_rng(1))
    assert [one.predictor for one in chain.order] == ["b", "a", "c"]
    assert isinstance(learn_chained(opened, variables, np.ones(200, dtype=int)), Chained)
