"""A run resamples its development patients by its own procedure, and never looks at a held-out one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clinpred.models.cohort_procedure import CohortProcedure
from clinpred.performance import auroc
from clinpred.records.synthetic import synthetic_export
from clinpred.settings.study import study_from
from clinpred.study.judgement import judge
from clinpred.study.learning import Stopwatch, learn
from clinpred.study.resampling import resample
from clinpred.study.results import results_of
from clinpred.validation.bootstrap import bootstrap
from clinpred.validation.out_of_fold import draw_folds
from clinpred.validation.resampling import child_of, patient_draws

LOGISTIC = ("logistic_unpenalised", "logistic_ridge", "logistic_lasso")
SETTINGS = {
    "outcome": {"column": "event", "event": "1"},
    "roles": {"patient": "patient_id", "date": "admitted", "site": "site"},
    "models": {"fit": ["prevalence", *LOGISTIC]},
    "resampling": {"bootstraps": 6, "repeats": 1, "learning_curve": False},
    "report": {"thresholds": [0.3]},
}


def _silent(_what, _share):
    """Show no progress."""


def _learnt(folder, *, patients=500, **changes):
    path = folder / "export.csv"
    synthetic_export(np.random.default_rng(8), patients=patients, max_admissions=2).table.to_csv(path, index=False)
    return learn(path, study_from(SETTINGS | changes, source="test"), progress=_silent)


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    return _learnt(tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def resampled(learnt):
    return resample(learnt, progress=_silent)


def test_the_original_of_the_bootstrap_is_the_runs_own_model(learnt):
    drawn = bootstrap(
        CohortProcedure(learnt.partition.development, LOGISTIC),
        replicates=1,
        seed=learnt.streams.development_seed,
        workers=1,
    )
    for name in LOGISTIC:
        own = learnt.developed[name].model.linear_predictor(learnt.partition.development.predictors)
        np.testing.assert_allclose(drawn.linear_predictor[name], own, rtol=0, atol=1e-9)
        assert drawn.original.models[name].strength == learnt.developed[name].settings.get("penalty_strength")


def test_the_optimism_is_that_of_a_loop_over_the_procedure(learnt, resampled):
    development = learnt.partition.development
    procedure = CohortProcedure(development, ("logistic_ridge",))
    differences = []
    draws = child_of(np.random.SeedSequence(learnt.streams.development_seed), 0)
    for counts, seed in patient_draws(development.patients, replicates=6, seed=draws):
        log_odds = procedure.refit(counts, seed=seed).models["logistic_ridge"].linear_predictor
        risk, drawn = 1 / (1 + np.exp(-log_odds)), np.repeat(np.arange(counts.size), counts)
        training = auroc(development.outcome[drawn], risk[drawn])
        differences.append(training - auroc(development.outcome, risk))
    found = resampled.optimism["logistic_ridge"].measures["auroc"]
    assert found.optimism == pytest.approx(np.mean(differences), abs=1e-12)
    assert found.corrected == pytest.approx(found.apparent - np.mean(differences), abs=1e-12)


def test_held_out_patients_change_nothing(learnt, resampled):
    held_out = learnt.partition.held_out
    others = replace(held_out, outcome=1 - held_out.outcome, predictors=held_out.predictors.iloc[::-1])
    spoilt = replace(learnt, partition=replace(learnt.partition, held_out=others))
    again = resample(spoilt, progress=_silent)
    assert again.optimism == resampled.optimism
    for name in LOGISTIC:
        first, second = (one.folds.performance[name].measures for one in (resampled, again))
        assert first == second
        assert again.stability[name].mean_absolute == resampled.stability[name].mean_absolute


def test_the_numbers_do_not_depend_on_how_many_workers_there_are_nor_on_what_ran_before(learnt, resampled, monkeypatch):
    monkeypatch.setattr("joblib.effective_n_jobs", lambda _asked: 1)
    alone = resample(learnt, progress=_silent)
    assert alone.optimism == resampled.optimism
    for name in LOGISTIC:
        one, other = (of.folds.performance[name] for of in (alone, resampled))
        assert (one.measures, one.net_benefit) == (other.measures, other.net_benefit)
        assert alone.stability[name].mean_absolute == resampled.stability[name].mean_absolute


def test_the_resampled_auroc_is_that_of_a_loop_over_the_folds_and_has_all_rows_of_a_patient_in_one(learnt, resampled):
    development = learnt.partition.development
    drawn = draw_folds(
        development.outcome, development.patients, n_folds=5, repeats=1, seed=child_of(learnt.streams.folds, 0)
    )[0]
    assert development.n_rows > development.n_patients
    assert pd.Series(drawn).groupby(development.patients).nunique().max() == 1
    procedure, won, pairs = CohortProcedure(development, ("logistic_unpenalised",)), 0.0, 0
    for fold in range(5):
        left_out = drawn == fold
        refit = procedure.refit((~left_out).astype(np.int64), seed=0).models["logistic_unpenalised"]
        outcome, log_odds = development.outcome[left_out], refit.linear_predictor[left_out]
        of_fold = int(outcome.sum() * (1 - outcome).sum())
        won, pairs = won + of_fold * auroc(outcome, 1 / (1 + np.exp(-log_odds))), pairs + of_fold
    found = resampled.folds.performance["logistic_unpenalised"].measures["auroc"]
    assert found.estimate == pytest.approx(won / pairs, abs=1e-9)
    assert found.lower < found.estimate < found.upper


def _separable(folder, *, patients=200, columns=90):
    """Return what is learnt where an unpenalised model has nearly as many columns as patients."""
    rng = np.random.default_rng(5)
    measured = rng.normal(size=(patients, columns)).round(3)
    died = rng.random(patients) < 1 / (1 + np.exp(-1.5 * measured[:, 0] - measured[:, 1]))
    table = pd.DataFrame(measured, columns=[f"marker_{at}" for at in range(columns)])
    table.assign(died=died.astype(int)).to_csv(folder / "export.csv", index=False)
    asked = {"outcome": {"column": "died"}, "models": {"fit": ["logistic_unpenalised", "logistic_ridge"]}}
    asked |= {"resampling": {"bootstraps": 6, "repeats": 1, "learning_curve": False}}
    return learn(folder / "export.csv", study_from(asked, source="test"), progress=_silent)


def test_the_collapse_of_a_separated_baseline_is_seen_in_every_resampled_part(tmp_path):
    learnt = _separable(tmp_path)
    results = results_of(learnt, judge(learnt, progress=_silent), resample(learnt, progress=_silent))
    baseline, ridge = results.models["logistic_unpenalised"], results.models["logistic_ridge"]
    assert baseline.separation.complete
    assert baseline.performance["apparent"].auroc.estimate == 1.0
    assert baseline.performance["resampled"].auroc.estimate < 0.7
    assert baseline.performance["resampled"].log_loss.estimate > 3 * ridge.performance["resampled"].log_loss.estimate
    assert baseline.stability.separated == baseline.stability.replicates == 6
    assert baseline.stability.coefficients is None
    assert ridge.stability.mean_absolute < baseline.stability.mean_absolute
    (loss,) = (one for one in results.comparisons if (one.role, one.measure) == ("resampled", "log_loss"))
    assert loss.upper < 0


def test_results_hold_what_was_found(learnt, resampled):
    results = results_of(learnt, judge(learnt, progress=_silent), resampled)
    card = results.resampling
    assert (card.replicates, card.folds, card.repeats) == (6, 5, 1)
    assert card.bootstrapped == list(LOGISTIC)
    assert card.cross_validated == ["prevalence", *LOGISTIC]
    ridge = results.models["logistic_ridge"]
    told = {one.measure: one for one in ridge.optimism}
    assert told["auroc"].corrected == resampled.optimism["logistic_ridge"].measures["auroc"].corrected
    assert told["net_benefit:0.3"].replicates == 6
    assert ridge.stability.replicates == 6
    assert ridge.stability.strength.chosen == ridge.settings["penalty_strength"]
    assert results.models["prevalence"].optimism is None


def test_nothing_is_resampled_where_nothing_is_asked_for(tmp_path):
    learnt = _learnt(tmp_path, resampling={"bootstraps": 0, "repeats": 0, "learning_curve": False})
    resampled = resample(learnt, progress=_silent)
    results = results_of(learnt, judge(learnt, progress=_silent), resampled)
    assert results.resampling is None
    assert results.learning_curve is None
    assert all("resampled" not in one.performance and one.stability is None for one in results.models.values())
    level = {one.clause: one.level for one in results.verdict.clauses}
    assert level["stability"] == level["change from development"] == "not judged"


@pytest.mark.parametrize(
    "models",
    [
        {"tuning": "kfold"},
        {"tuning": "aicc"},
        {"rule": "one_standard_error"},
        {"fit": ["prevalence"]},
    ],
    ids=str,
)
def test_every_way_of_choosing_runs_through(tmp_path, models):
    asked = {"resampling": {"bootstraps": 3, "repeats": 1, "plus_632": True}}
    learnt = _learnt(tmp_path, patients=300, models=SETTINGS["models"] | models, **asked)
    resampled = resample(learnt, progress=_silent)
    results = results_of(learnt, judge(learnt, progress=_silent), resampled)
    if "fit" in models:
        assert resampled.optimism == {}
        assert results.resampling.cross_validated == ["prevalence"]
        return
    path = results.models["logistic_ridge"].tuning.path
    assert path.method == models.get("tuning", "loo")
    if "rule" in models:
        assert path.chosen == path.one_standard_error
    auroc_632 = {one.measure: one.plus_632 for one in results.models["logistic_lasso"].optimism}["auroc"]
    assert 0.5 < auroc_632 < results.models["logistic_lasso"].performance["apparent"].auroc.estimate
    assert results.learning_curve is not None


@pytest.mark.slow
def test_networks_are_developed_again_without_each_fold_where_the_study_asks_for_it(tmp_path):
    asked = {"resampling": {"bootstraps": 0, "repeats": 1, "folds": 2, "networks": True}}
    models = ["logistic_ridge", "mlp_unregularised", "mlp_regularised"]
    learnt = _learnt(tmp_path, patients=300, models={"fit": models}, **asked)
    resampled = resample(learnt, progress=_silent)
    assert set(resampled.folds.performance) == set(resampled.learning_curve.models) == set(models)
    assert resampled.folds.performance["mlp_regularised"].measures["auroc"].estimate > 0.5
    assert {(one.model, one.baseline) for one in resampled.folds.comparisons} >= {
        ("mlp_regularised", "mlp_unregularised")
    }
    results = results_of(learnt, judge(learnt, progress=_silent), resampled)
    split = results.models["mlp_regularised"].variance_split
    assert (split.folds, split.settings, split.rotations, split.networks) == (2, 18, 5, 5)
    assert results.models["mlp_regularised"].restarts.networks == 5
    assert results.models["mlp_unregularised"].variance_split is None
    assert results.models["mlp_unregularised"].restarts is None


def test_too_few_patients_for_the_folds_are_said(tmp_path):
    learnt = _learnt(tmp_path, patients=300, resampling={"bootstraps": 0, "folds": 99, "learning_curve": False})
    resampled = resample(learnt, progress=_silent)
    assert resampled.folds is None
    assert [one.code for one in resampled.findings] == ["W-NOT-RESAMPLED"]


def test_each_stage_shows_how_many_of_its_resamples_are_done_and_is_timed_as_one(learnt):
    shown = []
    timed = Stopwatch(lambda what, share: shown.append((what, share)))
    resample(learnt, progress=timed)
    timed("writing the report", 0.95)
    words, shares = zip(*shown, strict=True)
    assert "developing again on drawn patients, 6 of 6" in words
    assert "developing again without each fold, 5 of 5" in words
    assert list(shares) == sorted(shares)
    assert list(timed.seconds) == ["developing again on drawn patients", "developing again without each fold"]
