"""A cohort's procedure run again: everything is learnt anew on those drawn, and everybody is predicted."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clinpred.models.cohort_procedure import CohortProcedure
from clinpred.models.development import develop, prepare
from clinpred.records.cohort import Cohort, RowFlow
from clinpred.records.types import PredictorType
from clinpred.settings.models import Models
from clinpred.study.learning import develop_all

# Of a search that chooses the narrower widths.
WIDE_SEED = 1
LOGISTIC = ("prevalence", "logistic_unpenalised", "logistic_ridge", "logistic_lasso")


def _cohort(n_patients=200, rows_each=1, seed=3):
    """Return patients with missing values and a rare level, each with so many rows."""
    rng = np.random.default_rng(seed)
    n = n_patients * rows_each
    age, lactate = rng.normal(60, 12, n), rng.gamma(2.0, 1.0, n)
    group = rng.choice(["sepsis", "coma", "cancer", "burns"], n, p=[0.5, 0.3, 0.17, 0.03])
    risk = 1 / (1 + np.exp(-(-1.5 + 0.03 * (age - 60) + 0.6 * (lactate - 2) + (group == "coma"))))
    frame = pd.DataFrame(
        {
            "age": age,
            "lactate": np.where(rng.random(n) < 0.2, np.nan, lactate),
            "group": pd.Series(np.where(rng.random(n) < 0.1, None, group), dtype=object),
        }
    )
    kinds = {"age": PredictorType("number"), "lactate": PredictorType("number"), "group": PredictorType("category")}
    patients = np.arange(n) // rows_each
    outcome = (rng.random(n) < risk).astype(float)
    return Cohort(frame, kinds, outcome, patients, patients.astype(str).astype(object), {}, RowFlow(n, n, ()))


def _bootstrap(cohort, seed=0):
    drawn = np.random.default_rng(seed).integers(0, cohort.n_patients, cohort.n_patients)
    return np.bincount(drawn, minlength=cohort.n_patients)[cohort.patients]


@pytest.mark.parametrize("name", LOGISTIC)
def test_everyone_drawn_once_is_the_development_itself(name):
    cohort = _cohort()
    prepared = prepare(cohort)
    developed = develop(name, prepared, seed=5)
    refit = CohortProcedure(cohort, (name,)).refit(np.ones(200, dtype=np.int64), seed=5).models[name]
    expected = developed.model.linear_predictor(cohort.predictors)
    # two fits at one strength, from different starts
    np.testing.assert_allclose(refit.linear_predictor, expected, rtol=0, atol=1e-7)
    assert refit.strength == developed.settings.get("penalty_strength")
    assert refit.l1_share == developed.settings.get("l1_share")


def test_a_resample_by_counts_is_a_study_of_its_rows_repeated():
    cohort, names = _cohort(rows_each=2), ("logistic_unpenalised", "logistic_ridge")
    counts = _bootstrap(cohort)
    repeated = cohort.take(np.repeat(np.arange(cohort.n_rows), counts))
    # the repeated study must know that copies are one patient
    repeated = replace(repeated, patients=np.repeat(cohort.patients, counts))
    by_counts = CohortProcedure(cohort, names).refit(counts, seed=2)
    by_rows = CohortProcedure(repeated, names).refit(np.ones(counts.sum(), dtype=np.int64), seed=2)
    for name in names:
        at = np.repeat(np.arange(cohort.n_rows), counts)
        ours, theirs = by_counts.models[name], by_rows.models[name]
        np.testing.assert_allclose(ours.linear_predictor[at], theirs.linear_predictor, rtol=0, atol=1e-8)
        assert ours.coefficients.keys() == theirs.coefficients.keys()


def test_coefficients_are_for_a_unit_of_each_column_as_it_was_recorded():
    cohort = _cohort()
    counts = _bootstrap(cohort)
    refit = CohortProcedure(cohort, ("logistic_ridge",)).refit(counts, seed=1).models["logistic_ridge"]
    older = cohort.predictors.assign(age=cohort.predictors["age"] + 7.0)
    everybody = replace(
        cohort,
        predictors=pd.concat([cohort.predictors, older], ignore_index=True),
        outcome=np.tile(cohort.outcome, 2),
        patients=np.arange(400),
    )
    both = CohortProcedure(everybody, ("logistic_ridge",)).refit(np.append(counts, 0 * counts), seed=1)
    now, later = np.split(both.models["logistic_ridge"].linear_predictor, 2)
    np.testing.assert_allclose(later - now, 7 * refit.coefficients["age"], rtol=0, atol=1e-10)
    assert set(refit.coefficients) >= {"age", "lactate", "lactate missing", "group = coma"}


@pytest.mark.parametrize("models", [LOGISTIC, ("mlp_unregularised", "mlp_regularised")], ids=["logistic", "networks"])
def test_who_was_not_drawn_teaches_nothing(models):
    cohort = _cohort()
    counts = _bootstrap(cohort)
    left_out = np.flatnonzero(counts == 0)
    strange = cohort.predictors.copy()
    strange.loc[left_out, "age"] = 1e9
    strange.loc[left_out, "lactate"] = np.nan
    strange.loc[left_out, "group"] = "never seen"
    outcome = cohort.outcome.copy()
    outcome[left_out] = 1 - outcome[left_out]
    changed = replace(cohort, predictors=strange, outcome=outcome)
    before, after = (CohortProcedure(one, models).refit(counts, seed=4) for one in (cohort, changed))
    for name in models:
        ours, theirs = before.models[name], after.models[name]
        np.testing.assert_array_equal(ours.linear_predictor[counts > 0], theirs.linear_predictor[counts > 0])
        assert (ours.coefficients, ours.strength) == (theirs.coefficients, theirs.strength)


def test_a_resample_where_nothing_varies_refuses_every_model():
    cohort, names = _cohort(), ("prevalence", "logistic_ridge")
    refits = CohortProcedure(cohort, names).refit(np.eye(1, 200, dtype=np.int64)[0] * 30, seed=0)
    assert not refits.models
    assert {name: refusal.code for name, refusal in refits.refused.items()} == dict.fromkeys(names, "S-NO-PREDICTORS")


def test_one_model_that_is_refused_leaves_the_others():
    cohort = _cohort()
    with_event = np.flatnonzero(cohort.outcome == 1)[:10]
    without = np.flatnonzero(cohort.outcome == 0)[:60]
    counts = np.zeros(200, dtype=np.int64)
    counts[with_event] = counts[without] = 1
    refits = CohortProcedure(cohort, ("logistic_ridge", "mlp_regularised")).refit(counts, seed=0)
    assert set(refits.models) == {"logistic_ridge"}
    assert {name: refusal.code for name, refusal in refits.refused.items()} == {"mlp_regularised": "S-FEW-EVENTS"}


def test_a_separated_resample_says_so_and_withholds_coefficients():
    cohort = _cohort()
    cohort = replace(cohort, outcome=(cohort.predictors["age"] > 65).to_numpy(dtype=float))
    refit = CohortProcedure(cohort, ("logistic_unpenalised",)).refit(_bootstrap(cohort), seed=0)
    assert refit.models["logistic_unpenalised"].separated
    assert refit.models["logistic_unpenalised"].coefficients is None
    assert np.isfinite(refit.models["logistic_unpenalised"].linear_predictor).all()


@pytest.mark.parametrize("name", ["gradient_boosting", "mlp_unregularised"])
def test_models_of_other_kinds_are_run_again_too_and_have_no_coefficients(name):
    cohort = _cohort(n_patients=120)
    refit = CohortProcedure(cohort, (name,)).refit(_bootstrap(cohort), seed=0).models[name]
    assert refit.linear_predictor.shape == (120,)
    assert np.isfinite(refit.linear_predictor).all()
    assert (refit.coefficients, refit.strength, refit.l1_share) == (None, None, None)


def test_the_unregularised_network_is_as_wide_as_the_one_that_its_twin_chose():
    cohort = _cohort(n_patients=120)
    widths = {}
    for models in (("mlp_unregularised", "mlp_regularised"), ("mlp_unregularised",)):
        refits = CohortProcedure(cohort, models).refit(np.ones(120, dtype=np.int64), seed=WIDE_SEED).models
        assert set(refits) == set(models)
        widths[len(models)] = refits["mlp_unregularised"].linear_predictor
    developed, _ = develop_all(
        Models(fit=("mlp_unregularised", "mlp_regularised")), prepare(cohort), seed=WIDE_SEED, progress=lambda *_: None
    )
    assert list(developed) == ["mlp_unregularised", "mlp_regularised"]
    chosen = developed["mlp_regularised"].estimator.hidden_
    assert chosen == developed["mlp_unregularised"].estimator.hidden_ == (32, 16)
    np.testing.assert_allclose(
        widths[2], developed["mlp_unregularised"].model.linear_predictor(cohort.predictors), atol=1e-9
    )
    assert not np.allclose(widths[1], widths[2])


def test_another_process_gets_the_same_numbers():
    cohort = _cohort()
    procedure, counts = CohortProcedure(cohort, LOGISTIC), _bootstrap(cohort)
    there = pickle.loads(pickle.dumps(procedure)).refit(counts, seed=9)
    here = procedure.refit(counts, seed=9)
    for name in LOGISTIC:
        np.testing.assert_array_equal(there.models[name].linear_predictor, here.models[name].linear_predictor)


def test_coefficients_are_against_the_reference_of_the_development_whoever_was_drawn():
    cohort = _cohort()
    counts = np.where(cohort.predictors["group"] == "coma", 3, 1)
    refit = CohortProcedure(cohort, ("logistic_ridge",)).refit(counts, seed=5).models["logistic_ridge"]
    assert "group = sepsis" not in refit.coefficients
    rows = {level: np.flatnonzero(cohort.predictors["group"] == level) for level in ("sepsis", "coma", "cancer")}
    numbers = ["age", "lactate"]
    imputed = cohort.predictors[numbers].notna().all(axis=1).to_numpy()
    slopes = np.array([refit.coefficients[name] for name in numbers])
    apart = refit.linear_predictor - cohort.predictors[numbers].to_numpy() @ slopes
    of_level = {level: apart[at[imputed[at]]] for level, at in rows.items()}
    for level in ("coma", "cancer"):
        contrast = of_level[level].mean() - of_level["sepsis"].mean()
        assert refit.coefficients[f"group = {level}"] == pytest.approx(contrast, abs=1e-9)
