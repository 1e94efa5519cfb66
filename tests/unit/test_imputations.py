"""Models over imputed data sets: complete data cost nothing, missing values cost what Rubin's rules say."""

import numpy as np
import pandas as pd
import pytest

from clinpred.errors import StatisticalRefusal
from clinpred.models.development import prepare
from clinpred.models.risk_model import LinearForm, risk_of
from clinpred.performance import auroc, estimate
from clinpred.performance.intervals import Estimate
from clinpred.performance.rubin import pool, pool_intervals, pool_measure
from clinpred.records.cohort import Cohort, RowFlow
from clinpred.records.partition import Partition
from clinpred.records.types import PredictorType
from clinpred.settings.recipe import Recipe
from clinpred.validation.imputations import POOLED, Settings, over_imputations

N = 500
MODELS = ("logistic_unpenalised", "logistic_ridge")
SETTINGS = Settings("loo", "minimum", 3)


def cohort(seed, lacking, *, n=N, repeats=1):
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, n)
    table = pd.DataFrame({"x": x, "y": x + rng.normal(0, 0.5, n)})
    outcome = (rng.random(n) < risk_of(x)).astype(float)
    table.loc[rng.random(n) < lacking, "y"] = np.nan
    patients = np.arange(n) // repeats
    outcome = outcome[(np.arange(n) // repeats) * repeats]
    ids = patients.astype(str).astype(object)
    return Cohort(table, dict.fromkeys(table, PredictorType("number")), outcome, patients, ids, {}, RowFlow(n, n, ()))


def over(lacking, imputations=5, **more):
    development, held_out = cohort(1, lacking, **more), cohort(2, lacking, **more)
    preparation = prepare(development, recipe=Recipe(imputation="chained")).preparation
    partition = Partition(development, held_out, np.arange(2 * N) >= N, 0.5)
    standing = {"as it stands": LinearForm(0.0, np.array([1.0, 0.0]))}
    return over_imputations(
        MODELS, preparation, partition, imputations=imputations, settings=SETTINGS, as_they_stand=standing
    )


def test_where_nothing_is_missing_nothing_is_lost():
    found = over(0.0)["logistic_unpenalised"]
    assert set(found.measures) == set(POOLED)
    for pooled in found.measures.values():
        assert pooled.between == pytest.approx(0, abs=1e-20)
        assert pooled.fraction_missing == pytest.approx(0, abs=1e-12)
    assert all(one.between == pytest.approx(0, abs=1e-12) for one in found.coefficients)


def test_missing_values_widen_the_intervals_and_move_the_coefficients():
    few, many = over(0.0)["logistic_unpenalised"], over(0.6)["logistic_unpenalised"]
    assert many.measures["auroc"].fraction_missing > 0.01
    widths = [one.coefficients[1].upper - one.coefficients[1].lower for one in (few, many)]
    assert widths[1] > widths[0]
    assert all(one.between > 0 for one in many.coefficients)


def test_penalised_coefficients_have_a_spread_and_no_interval():
    found = over(0.3)["logistic_ridge"]
    assert [(one.lower, one.upper) for one in found.coefficients] == [(None, None)] * 2
    assert all(one.between > 0 for one in found.coefficients)


def test_repeated_patients_count_together():
    alone, together = (over(0.1, repeats=repeats)["logistic_unpenalised"].coefficients[0] for repeats in (1, 2))
    assert together.lower is not None
    assert together.upper - together.lower != pytest.approx(alone.upper - alone.lower, rel=0.01)


def test_intervals_are_pooled_as_their_standard_errors_would_be():
    rng = np.random.default_rng(4)
    outcome = (np.arange(300) % 3 == 0).astype(float)
    risks = [risk_of(-0.5 + outcome + rng.normal(0, 1, 300)) for _ in range(6)]
    for measure, scale in (("auroc", "logit"), ("observed_expected", "log"), ("calibration_slope", "plain")):
        found = [estimate(measure, outcome, risk) for risk in risks]
        pooled = pool_intervals(measure, found)
        assert pooled.scale == scale
        low, high, middle = (np.array([getattr(one, end) for one in found]) for end in ("lower", "upper", "estimate"))
        there = {"logit": lambda x: np.log(x / (1 - x)), "log": np.log, "plain": lambda x: x}[scale]
        slope = {"logit": middle * (1 - middle), "log": middle, "plain": 1.0}[scale]
        errors = (there(high) - there(low)) / 2 / 1.959963984540054
        by_hand = pool_measure(measure, middle, errors * slope)
        assert pooled.estimate == pytest.approx(by_hand.estimate, abs=1e-12)
        assert pooled.lower == pytest.approx(by_hand.lower, abs=1e-10)
        assert pooled.fraction_missing == pytest.approx(by_hand.fraction_missing, abs=1e-10)
        assert pool(there(middle), errors**2).total == pytest.approx(pooled.total, abs=1e-14)


def test_a_measure_that_one_data_set_lacks_is_not_pooled():
    there = Estimate(0.8, 0.7, 0.9, "DeLong", 100, 50)
    with pytest.raises(StatisticalRefusal, match="1 of 2 imputed data sets"):
        pool_intervals("auroc", [there, Estimate(None, None, None, None, 100, 50, "not estimable")])


def test_a_model_as_it_stands_is_judged_on_every_data_set_and_pooled():
    found = over(0.4)["as it stands"]
    assert (found.is_redeveloped, found.coefficients) == (False, ())
    # It leans on x alone, which nobody lacks: nothing is lost.
    assert found.measures["auroc"].between == pytest.approx(0, abs=1e-20)
    held_out = cohort(2, 0.4)
    assert found.measures["auroc"].estimate == pytest.approx(auroc(held_out.outcome, risk_of(held_out.predictors["x"])))
