"""Numbers that bend: knots where development patients are, as many as were asked for or as the patients carry."""

import numpy as np
import pandas as pd
import pytest

from clinpred.errors import InputRefused, WrongUsage
from clinpred.models.cohort_procedure import CohortProcedure
from clinpred.models.development import develop, prepare
from clinpred.models.risk_model import risk_of
from clinpred.performance import auroc
from clinpred.predictors.coded import Coded
from clinpred.predictors.nonlinear import affordable_knots, knot_findings
from clinpred.predictors.preparation import Preparation
from clinpred.records.cohort import Cohort, RowFlow
from clinpred.records.types import PredictorType
from clinpred.settings.correlation import Correlation
from clinpred.settings.recipe import Recipe
from clinpred.settings.study import study_from
from clinpred.splines import harrell_knots, restricted_cubic_basis
from clinpred.study.recipe import recipe_of

NUMBER = PredictorType("number")
N = 400


def frame(n=N, seed=1):
    rng = np.random.default_rng(seed)
    grade = rng.integers(0, 3, n).astype(float)
    potassium = np.round(rng.normal(4.2, 0.5, n), 1)
    potassium[:20] = np.nan
    return pd.DataFrame({"age": np.round(rng.normal(60, 12, n)), "potassium": potassium, "grade": grade})


KINDS = dict.fromkeys(frame(), NUMBER)


def learnt(knots, table=None, **more):
    table = frame() if table is None else table
    recipe = Recipe(knots=knots, correlation=Correlation(**more))
    return Preparation.learn(table, KINDS, np.arange(len(table)), recipe=recipe)


def cohort(table, outcome):
    n, kinds = len(table), dict.fromkeys(table, NUMBER)
    ids = np.arange(n).astype(str).astype(object)
    return Cohort(table, kinds, outcome.astype(float), np.arange(n), ids, {}, RowFlow(n, n, ()))


def test_the_design_holds_harrells_basis_at_the_development_patients_knots():
    table = frame()
    found = learnt({"age": 5}, table)
    assert found.columns[:4] == ("age", "age'", "age''", "age'''")
    assert set(found.sources[:4]) == {"age"}
    expected = restricted_cubic_basis(table["age"], harrell_knots(table["age"], 5))
    raw = found.apply(table)[:, :4] * found.sd[:4] + found.mean[:4]
    np.testing.assert_allclose(raw, expected, atol=1e-9)


def test_a_missing_number_takes_the_basis_of_the_median():
    found = learnt({"potassium": 4})
    rule = next(one for one in found.rules if one.predictor == "potassium")
    lacking, median = rule.encode(pd.Series([np.nan, rule.median], name="potassium"))
    assert lacking[:-1].tolist() == median[:-1].tolist()
    assert (lacking[-1], median[-1]) == (1.0, 0.0)


def test_a_knot_that_few_patients_have_is_rounded():
    table = frame().assign(age=np.random.default_rng(3).normal(60, 12, N))[:101].reset_index(drop=True)
    rule = learnt({"age": 3}, table).rules[0]
    assert all(round(knot, 1) == knot for knot in rule.knots)
    assert set(rule.knots).isdisjoint(table["age"])
    np.testing.assert_allclose(rule.knots, harrell_knots(table["age"], 3), atol=0.05)


@pytest.mark.parametrize(("values", "asked", "made"), [([0, 1, 2], 5, 3), ([0, 1], 3, 0), ([0, 1, 2, 3], 4, 4)])
def test_knots_that_coincide_become_fewer_and_that_is_said(values, asked, made):
    table = frame().assign(grade=np.arange(N) % len(values))
    found = learnt({"grade": asked}, table)
    rule = next(one for one in found.rules if one.predictor == "grade")
    assert len(rule.knots) == made
    for named, level in ((["grade"], "caution"), ([], "note")):
        said = knot_findings(found, {"grade": asked}, named)
        assert [(one.code, one.level, one.column) for one in said] == [("W-KNOTS", level, "grade")] * (made < asked)


def test_copies_of_rows_are_rows_and_rows_that_were_not_drawn_teach_no_knots():
    table, counts = frame(), np.random.default_rng(4).integers(0, 3, N)
    recipe = Recipe(knots={"age": 4, "potassium": 3})
    found = Preparation.learn(table, KINDS, np.arange(N), counts=counts, recipe=recipe)
    rows = np.repeat(np.arange(N), counts)
    repeated = Preparation.learn(table.iloc[rows].reset_index(drop=True), KINDS, rows, recipe=recipe)
    assert found.rules == repeated.rules
    np.testing.assert_allclose(found.apply(table), repeated.apply(table), atol=1e-9)


def test_members_that_are_summed_up_stay_straight():
    table = frame().assign(grade=lambda one: one["age"] * 2 + np.arange(N) % 3)
    found = learnt({"age": 4}, table, policy="summary")
    assert found.components[0].columns == ("age", "grade")
    assert knot_findings(found, {"age": 4}, ["age"]) == []


@pytest.mark.parametrize(
    ("rarer", "knots"),
    # Three columns and an indicator; two continuous numbers: 10 columns of five knots, 8 of four, 6 of three.
    [(150, 5), (149, 4), (120, 4), (119, 3), (90, 3), (89, 0)],
)
def test_auto_spends_what_fifteen_rarer_patients_a_column_carry(rarer, knots):
    table = frame()
    coded = Coded.of(table, KINDS, np.arange(N))
    found = affordable_knots(learnt({}), coded, rarer=rarer, asked={})
    assert found == (dict.fromkeys(("age", "potassium"), knots) if knots else {})
    if knots:
        assert len(learnt(found).columns) * 15 <= rarer


def test_auto_leaves_alone_what_was_asked_for():
    table = frame()
    coded = Coded.of(table, KINDS, np.arange(N))
    asked = {"age": 0, "grade": 3}
    found = affordable_knots(learnt(asked), coded, rarer=1_000, asked=asked)
    assert found == {"age": 0, "grade": 3, "potassium": 5}


def test_auto_says_what_it_came_to():
    table, outcome = frame(), np.arange(N) % 3 == 0
    study = study_from({"outcome": {"column": "died"}, "preparation": {"nonlinear": "auto"}}, source="study.toml")
    recipe, (said,) = recipe_of(study, cohort(table, outcome))
    assert recipe.knots == {"age": 4, "potassium": 4}
    assert (said.code, said.level) == ("W-KNOTS", "note")
    assert said.text == (
        'restricted cubic splines of 4 knots by `nonlinear = "auto"`: `age`, `potassium`; '
        "134 patients of the rarer outcome class carry 8 design columns at 15 each"
    )
    few, (said,) = recipe_of(study, cohort(table[:60], outcome[:60]))
    assert few.knots == {}
    assert said.text.startswith("no number bends by")


def test_knots_of_what_is_no_number_are_refused():
    asked = {"outcome": {"column": "died"}}
    study = study_from(asked | {"predictors": {"ward": {"knots": 4}}}, source="study.toml")
    with pytest.raises(InputRefused, match=r"(?s)`ward`.*E-NUMBER"):
        recipe_of(study, cohort(frame(), np.arange(N) % 2 == 0))
    with pytest.raises(WrongUsage, match="only a number has `knots`"):
        study_from(asked | {"predictors": {"ward": {"type": "category", "knots": 4}}}, source="study.toml")


def test_a_bent_truth_is_found_by_splines_and_missed_by_a_line():
    rng = np.random.default_rng(8)
    tables, outcomes = [], []
    for n in (1_500, 3_000):
        age = rng.normal(60, 12, n)
        tables.append(pd.DataFrame({"age": age}))
        outcomes.append(rng.random(n) < risk_of(-1.5 + ((age - 60) / 12) ** 2))
    development, new = (cohort(*one) for one in zip(tables, outcomes, strict=True))
    areas = {}
    for knots in (0, 4):
        model = develop("logistic_ridge", prepare(development, recipe=Recipe(knots={"age": knots})), seed=1).model
        areas[knots] = auroc(new.outcome, model.risk(new.predictors))
    assert areas[0] < 0.55
    assert areas[4] > 0.70


def test_every_resample_places_its_knots_anew():
    table = frame()
    procedure = CohortProcedure(
        cohort(table, np.arange(N) % 3 == 0), ("logistic_ridge",), recipe=Recipe(knots={"age": 4})
    )
    refit = procedure.refit(np.random.default_rng(5).integers(0, 3, N), seed=1).models["logistic_ridge"]
    assert {"age", "age'", "age''"} <= set(refit.coefficients)


def test_a_replicate_keeps_where_its_numbers_bend_and_so_what_they_add():
    table, rng = frame(), np.random.default_rng(4)
    outcome = rng.random(N) < risk_of(np.square(table["age"].to_numpy() - 60) / 150 - 1)
    procedure = CohortProcedure(cohort(table, outcome), ("logistic_ridge",), recipe=Recipe(knots={"age": 4}))
    counts = np.bincount(rng.integers(0, N, N), minlength=N)
    refit = procedure.refit(counts, seed=1).models["logistic_ridge"]
    preparation = Preparation.learn(table, KINDS, np.arange(N), counts=counts, recipe=Recipe(knots={"age": 4}))
    assert refit.knots == {"age": preparation.rules[0].knots}
    complete = table.dropna()
    raw = np.column_stack(
        [restricted_cubic_basis(complete["age"], refit.knots["age"]), complete[["potassium", "grade"]]]
    )
    names = [*preparation.rules[0].value_columns, "potassium", "grade"]
    added = raw @ [refit.coefficients[name] for name in names]
    np.testing.assert_allclose(np.ptp(refit.linear_predictor[complete.index] - added), 0.0, atol=1e-9)
