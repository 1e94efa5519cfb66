"""What a run says is what its models and its patients say: identities on an invented export."""

import json
import platform
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clinpred.bundle.load import load_model
from clinpred.errors import StatisticalRefusal
from clinpred.predictors.preparation import Preparation
from clinpred.records.cohort import Cohort, RowFlow
from clinpred.records.synthetic import synthetic_export
from clinpred.records.types import PredictorType
from clinpred.settings.correlation import Correlation
from clinpred.settings.study import study_from
from clinpred.study.files import run_files, run_record
from clinpred.study.judgement import judge
from clinpred.study.learning import learn
from clinpred.study.partial_effects import partial_effects
from clinpred.study.predictor_contents import predictor_summaries
from clinpred.study.resampling import Resampled, resample
from clinpred.study.results import kind_of, results_of

LOGISTIC = ["logistic_unpenalised", "logistic_ridge", "logistic_lasso"]
MODELS = ["prevalence", *LOGISTIC]
THRESHOLDS = [0.2, 0.45]
SETTINGS = {
    "name": "invented",
    "seed": 4,
    "outcome": {"column": "event", "event": "1"},
    "roles": {"patient": "patient_id", "date": "admitted"},
    "set_aside": {"site": "where"},
    "comparators": {"surv": {"survival": True}},
    "predictors": {"age_years": {"range": [18, 110]}, "code": {"type": "category"}},
    "models": {"fit": MODELS, "primary": "logistic_ridge"},
    "resampling": {"bootstraps": 12, "repeats": 1, "plus_632": True},
    "report": {"thresholds": THRESHOLDS},
}
USER = "zebrafinch"


def _silent(_what, _share):
    """Show no progress."""


def _export(folder):
    rng = np.random.default_rng(8)
    invented = synthetic_export(rng, patients=700, max_admissions=2)
    survival = np.round(1 - invented.true_risk, 3)
    survival[rng.random(survival.size) < 0.2] = np.nan
    code = rng.choice(["1", "2", "3.0"], size=survival.size)
    path = folder / "export.csv"
    invented.table.assign(surv=survival, code=code, country="one").to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return what was learnt, judged and brought into results, and the files."""
    folder = tmp_path_factory.mktemp(USER)
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("USER", "LOGNAME", "LNAME", "USERNAME"):
            patch.setenv(variable, USER)
        learnt = learn(_export(folder), study_from(SETTINGS, source="test"), progress=_silent)
        resampled, judged = resample(learnt, progress=_silent), judge(learnt, progress=_silent)
        results = results_of(learnt, judged, resampled)
        files = run_files(learnt, judged, results, save_predictions=True)
        files |= run_record(learnt, results, seconds={"reading": 0.1}, openings=1)
    return learnt, judged, results, files, folder


def _raw_columns(learnt, cohort):
    """Return the design columns on the scale of the export, imputed with what development patients showed."""
    development, columns = learnt.partition.development.predictors, {}
    for name in learnt.prepared.preparation.columns:
        predictor, _, level = name.partition(" = ")
        source = predictor.removesuffix(" missing")
        values = cohort.predictors[source]
        if name.endswith(" missing"):
            columns[name] = values.isna().astype(float)
        elif level:
            columns[name] = (values == level).astype(float)
        else:
            columns[name] = values.fillna(development[source].median())
    return pd.DataFrame(columns)


@pytest.mark.parametrize("role", ["development", "held_out"])
@pytest.mark.parametrize("name", LOGISTIC)
def test_coefficients_and_intercept_give_the_linear_predictor_of_the_raw_columns(run, name, role):
    learnt, _, results, _, _ = run
    cohort = getattr(learnt.partition, role)
    model = results.models[name]
    raw = _raw_columns(learnt, cohort)
    assert [one.column for one in model.coefficients] == list(raw.columns)
    by_hand = model.intercept + raw.to_numpy() @ np.array([one.original for one in model.coefficients])
    ours = learnt.developed[name].model.linear_predictor(cohort.predictors)
    np.testing.assert_allclose(by_hand, ours, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", LOGISTIC)
def test_a_coefficient_per_sd_is_the_original_one_times_the_sd_of_development_patients(run, name):
    learnt, _, results, _, _ = run
    sd = _raw_columns(learnt, learnt.partition.development).std(ddof=0)
    for one in results.models[name].coefficients:
        assert one.per_sd == pytest.approx(one.original * sd[one.column], rel=1e-10, abs=1e-14)
        assert one.column.startswith(one.predictor)


def test_the_export_has_missing_values_and_categories_so_that_the_identities_mean_something(run):
    learnt, *_ = run
    columns = learnt.prepared.preparation.columns
    assert "lactate_mmol_l missing" in columns
    assert {"ward = medical", "ward = surgical", "ward = emergency"} & set(columns)
    assert {"code = 1", "code = 2", "code = 3"} & set(columns)


def test_prevalence_has_no_coefficients(run):
    _, _, results, _, _ = run
    assert results.models["prevalence"].coefficients is None
    assert results.models["prevalence"].intercept is None


def test_every_model_and_comparator_is_of_its_kind_and_role(run):
    _, _, results, _, _ = run
    kinds = {name: model.kind for name, model in results.models.items()}
    assert kinds == {"prevalence": "null", **dict.fromkeys(LOGISTIC, "logistic"), "comparator_surv": "comparator"}
    assert {name for name, model in results.models.items() if model.regularised} == {"logistic_ridge", "logistic_lasso"}
    assert set(results.models["comparator_surv"].performance) == {"held_out"}
    assert all(set(results.models[name].performance) == {"apparent", "resampled", "held_out"} for name in MODELS)
    assert (kind_of("mlp_regularised"), kind_of("gradient_boosting")) == ("mlp", "boosting")


def test_differences_are_differences_of_the_estimates(run):
    _, _, results, _, _ = run
    of_models = [one for one in results.comparisons if one.baseline in MODELS]
    assert {(one.model, one.baseline) for one in of_models} == {
        ("logistic_ridge", "logistic_unpenalised"),
        ("logistic_lasso", "logistic_unpenalised"),
        ("logistic_ridge", "prevalence"),
    }
    compared = 0
    for one in of_models:
        estimates = [
            _estimate(results.models[name].performance[one.role], one.measure) for name in (one.model, one.baseline)
        ]
        if None in estimates:
            assert one.difference is None
            assert one.reason
        else:
            assert one.difference == pytest.approx(estimates[0] - estimates[1], abs=1e-12)
            compared += 1
    assert compared > 30
    assert {one.role for one in of_models} == {"held_out", "resampled"}


def _estimate(performance, measure):
    name, _, threshold = measure.partition(":")
    if name == "net_benefit":
        return {one.threshold: one.estimate for one in performance.net_benefit}[float(threshold)]
    return getattr(performance, name).estimate


def test_a_comparator_is_judged_and_compared_on_the_patients_that_have_its_risk(run):
    learnt, _, results, _, _ = run
    held_out = learnt.partition.held_out
    known = ~np.isnan(held_out.comparators["surv"])
    patients = np.unique(held_out.patients[known]).size
    assert 0 < known.sum() < held_out.n_rows
    assert results.models["comparator_surv"].performance["held_out"].auroc.patients == patients
    compared = [one for one in results.comparisons if one.baseline == "comparator_surv"]
    assert {one.patients for one in compared} == {patients}
    assert {one.events for one in compared} == {np.unique(held_out.patients[known & (held_out.outcome == 1)]).size}


@pytest.mark.parametrize("role", ["apparent", "held_out"])
def test_treating_all_has_the_net_benefit_that_prevalence_gives_it(run, role):
    learnt, _, results, _, _ = run
    outcome = (learnt.partition.development if role == "apparent" else learnt.partition.held_out).outcome
    prevalence = outcome.mean()
    for name in MODELS:
        model = results.models[name]
        benefits = model.performance[role].net_benefit
        assert [one.threshold for one in benefits] == THRESHOLDS
        pairs = [(one.threshold, one.treat_all) for one in benefits]
        curve = model.curves[role].decision
        pairs += list(zip(curve.threshold, curve.treat_all, strict=True))
        for threshold, treat_all in pairs:
            expected = prevalence - (1 - prevalence) * threshold / (1 - threshold)
            assert treat_all == pytest.approx(expected, abs=1e-12)


def test_the_prevalence_model_is_the_treat_all_line_below_its_risk_and_0_above(run):
    learnt, _, results, _, _ = run
    rate = learnt.partition.development.outcome.mean()
    curve = results.models["prevalence"].curves["held_out"].decision
    for threshold, ours, everybody in zip(curve.threshold, curve.net_benefit, curve.treat_all, strict=True):
        assert ours == pytest.approx(everybody if threshold <= rate else 0.0, abs=1e-12)


def test_roles_count_the_patients_of_the_partition(run):
    learnt, _, results, _, _ = run
    for role, cohort in (("apparent", learnt.partition.development), ("held_out", learnt.partition.held_out)):
        for name in MODELS:
            brier = results.models[name].performance[role].brier
            assert (brier.patients, brier.events) == (cohort.n_patients, cohort.n_events)


def test_findings_stand_with_the_serious_first(run):
    _, _, results, _, _ = run
    order = ["serious", "caution", "note"]
    places = [order.index(finding.level) for finding in results.findings]
    assert places == sorted(places)
    assert len(set(places)) > 1


def test_the_card_of_a_saved_model_says_what_was_learnt_from(run, tmp_path):
    learnt, _, _, files, _ = run
    (tmp_path / "model.clinpred").write_bytes(files["model.clinpred"])
    card = load_model(tmp_path / "model.clinpred").card
    assert (card.patient_column, card.outcome, card.event) == ("patient_id", "event", "1")
    assert (card.development_patients, card.development_events) == (
        learnt.partition.development.n_patients,
        learnt.partition.development.n_events,
    )
    assert card.coded == ("code",)
    assert (card.ranges["age_years"].lowest, card.ranges["age_years"].highest) == (18.0, 110.0)
    assert set(card.kinds) == set(learnt.prepared.preparation.predictors)


def test_the_record_of_a_run_holds_no_patient_no_path_and_no_user(run):
    learnt, _, _, files, folder = run
    record = files["run.json"]
    assert not set(learnt.cohort.patient_ids) & set(re.findall(r"P\d{6}", record))
    for private in (str(folder), str(folder.parent), USER, platform.node(), "/home", "\\\\"):
        assert private not in record
    parsed = json.loads(record)
    assert parsed["export"]["name"] == "export.csv"
    assert parsed["seed"] == 4
    assert parsed["held_out_openings"] == 1


def test_only_the_private_folder_knows_patients_and_nothing_knows_paths_or_users(run):
    learnt, _, _, files, folder = run
    ids = set(learnt.cohort.patient_ids)
    for name, content in files.items():
        text = content if isinstance(content, str) else content.decode("utf-8", "replace")
        known = ids & set(re.findall(r"P\d{6}", text))
        assert bool(known) == name.startswith("private/"), name
        assert USER not in text, name
        assert str(folder) not in text, name


def test_the_saved_predictions_are_the_held_out_rows_in_order(run):
    learnt, judged, _, files, _ = run
    lines = files["private/NOT_FOR_RELEASE_predictions.csv"].splitlines()
    assert lines[0] == "patient_id,risk,reason"
    cells = [line.split(",") for line in lines[1:]]
    assert [cell[0] for cell in cells] == list(learnt.partition.held_out.patient_ids)
    assert [float(cell[1]) for cell in cells] == judged.scored["logistic_ridge"].risk.tolist()


def test_a_separated_model_keeps_its_risks_and_withholds_its_coefficients(tmp_path):
    rng = np.random.default_rng(1)
    event = (rng.random(400) < 0.4).astype(int)
    table = pd.DataFrame({"event": event, "marker": event * 10 + rng.random(400), "age": rng.normal(60, 9, 400)})
    table.to_csv(tmp_path / "export.csv", index=False)
    settings = {
        "outcome": {"column": "event"},
        "keep": {"marker": "it separates, which is what is tested"},
        "models": {"fit": ["logistic_unpenalised", "logistic_ridge"]},
        "resampling": {"bootstraps": 8, "repeats": 1, "learning_curve": False},
    }
    study = study_from(settings, source="test")
    learnt = learn(tmp_path / "export.csv", study, progress=_silent)
    results = results_of(learnt, judge(learnt, progress=_silent), resample(learnt, progress=_silent))
    separated, ridge = results.models["logistic_unpenalised"], results.models["logistic_ridge"]
    assert separated.settings["separated"] is True
    assert (separated.intercept, separated.coefficients) == (None, None)
    assert separated.performance["held_out"].auroc.estimate == 1.0
    assert len(ridge.coefficients) == 2
    assert separated.separation.complete
    assert separated.separation.columns == ["marker"]
    firth = {one.column: one for one in separated.separation.firth}
    assert 0 < firth["marker"].lower < firth["marker"].per_sd
    assert separated.stability.separated == separated.stability.replicates == 8
    assert separated.stability.coefficients is None
    assert "S-SEPARATION" in [finding.code for finding in results.findings]


@pytest.mark.parametrize("known", ["nobody", "one class"])
def test_a_comparator_that_cannot_be_judged_is_refused_before_any_model_is_developed(tmp_path, known):
    table = synthetic_export(np.random.default_rng(3), patients=300).table
    table["score"] = np.where((known == "one class") & (table["event"] == 0), 0.25, np.nan)
    table.to_csv(tmp_path / "export.csv", index=False)
    study = study_from(SETTINGS | {"comparators": {"score": {}}, "predictors": {}}, source="test")
    told = []
    with pytest.raises(StatisticalRefusal, match="comparator `score` has a risk in") as refused:
        learn(tmp_path / "export.csv", study, progress=lambda what, _share: told.append(what))
    assert refused.value.code == "S-ONE-CLASS"
    assert told == ["reading the export"]


def _cohort(missing_events, missing_non_events, *, n=100, repeats=1):
    """Return ``n`` patients with the event and ``n`` without, so many of whom lack the only predictor."""
    value = np.random.default_rng(0).normal(size=2 * n)
    value[:missing_events] = np.nan
    value[n : n + missing_non_events] = np.nan
    outcome = np.repeat([1.0, 0.0], n)
    ids = np.array([f"P{row}" for row in range(2 * n)], dtype=object)
    kinds = {"lactate": PredictorType("number", unit="mmol/L")}
    frame = pd.DataFrame({"lactate": value})
    cohort = Cohort(frame, kinds, outcome, np.arange(2 * n), ids, {}, RowFlow(2 * n, 2 * n, ()))
    whole = cohort.take(np.arange(2 * n))
    again = np.repeat(np.arange(2 * n), repeats)
    return replace(
        whole,
        predictors=frame.iloc[again].reset_index(drop=True),
        outcome=outcome[again],
        patients=np.arange(2 * n)[again],
        patient_ids=ids[again],
    )


def _shares(cohort):
    preparation = Preparation.learn(cohort.predictors, cohort.types, cohort.patients)
    (one,) = predictor_summaries(cohort, preparation)
    return one.missing_share, one.missing_share_events, one.missing_share_non_events


@pytest.mark.parametrize(
    ("events", "non_events", "shares"),
    [
        (0, 0, (0.0, 0.0, 0.0)),
        (1, 0, (None, None, 0.0)),
        (0, 7, (None, 0.0, None)),
        (3, 4, (None, None, None)),
        (4, 4, (0.04, None, None)),  # 8 in all may be shown, neither part
        (1, 20, (0.105, None, None)),  # the part of 1 would follow from the other
        (20, 7, (0.135, None, None)),
        (0, 8, (0.04, 0.0, 0.08)),
        (8, 8, (0.08, 0.08, 0.08)),
        (92, 92, (0.92, 0.92, 0.92)),
        (93, 50, (0.715, None, None)),  # 7 with the event have a value
        (100, 95, (None, 1.0, None)),  # 5 have a value, all without the event
        (93, 0, (0.465, None, None)),  # the 7 would follow from the whole and the 0
        (96, 97, (None, None, None)),
        (97, 92, (0.945, None, None)),
    ],
)
def test_shares_that_1_to_7_patients_stand_behind_are_withheld_and_so_is_what_they_follow_from(
    events, non_events, shares
):
    assert _shares(_cohort(events, non_events)) == pytest.approx(shares)


def test_patients_are_counted_not_rows():
    assert _shares(_cohort(5, 0, repeats=10)) == (None, None, 0.0)
    assert _shares(_cohort(8, 0, repeats=10)) == pytest.approx((0.04, 0.08, 0.0))


def test_mean_and_sd_of_fewer_than_8_patients_are_withheld():
    for observed, shown in ((7, False), (8, True)):
        cohort = _cohort(100, 100 - observed)
        preparation = Preparation.learn(cohort.predictors, cohort.types, cohort.patients)
        (one,) = predictor_summaries(cohort, preparation)
        assert (one.mean is not None, one.sd is not None) == (shown, shown)
    values = cohort.predictors["lactate"]
    assert (one.mean, one.sd) == pytest.approx((values.mean(), values.std()))


def test_a_predictor_with_a_single_observed_value_a_side_does_not_break_the_summary():
    cohort = _cohort(99, 99)
    preparation = Preparation.learn(cohort.predictors, cohort.types, cohort.patients)
    (one,) = predictor_summaries(cohort, preparation)
    assert (one.mean, one.sd, one.missing_share) == (None, None, None)


def test_no_share_of_the_run_can_be_traced_to_1_to_7_patients(run):
    learnt, _, results, _, _ = run
    development = learnt.partition.development
    event = development.outcome == 1
    sides = {"missing_share": event | ~event, "missing_share_events": event, "missing_share_non_events": ~event}
    for one in results.predictors:
        missing = development.predictors[one.name].isna().to_numpy()
        for share, rows in sides.items():
            shown = getattr(one, share)
            lacking, having = (np.unique(development.patients[rows & flags]).size for flags in (missing, ~missing))
            if shown is None:
                continue
            assert not 0 < lacking < 8
            assert not 0 < having < 8
            assert shown == pytest.approx(missing[rows].mean())


def test_levels_shown_are_those_that_8_development_patients_have(run):
    learnt, _, results, _, _ = run
    development = learnt.partition.development
    for one in results.predictors:
        for level in one.levels:
            rows = (development.predictors[one.name] == level).to_numpy()
            assert np.unique(development.patients[rows]).size >= 8


def test_the_effects_of_a_logistic_model_are_straight_lines_of_its_coefficients_with_the_band_of_their_replicates(run):
    learnt, judged, results, _, _ = run
    model = results.models["logistic_ridge"]
    development = learnt.partition.development
    assert len(model.effects.curves) == 6
    ranked = [one.members[0] for one in judged.importance["logistic_ridge"].permutation]
    places = [ranked.index(curve.predictor) for curve in model.effects.curves]
    assert places == sorted(places)
    for curve in model.effects.curves:
        values = development.predictors[curve.predictor].to_numpy(dtype=float)
        inside = values[(values >= curve.values[0]) & (values <= curve.values[-1])]
        apart = np.array(curve.values) - inside.mean()
        own = next(one for one in model.coefficients if one.column == curve.predictor)
        np.testing.assert_allclose(curve.effect, own.original * apart, rtol=0, atol=1e-10)
        spread = next(one for one in model.stability.coefficients if one.column == curve.predictor)
        ends = np.outer([spread.lower, spread.upper], apart) * own.original / own.per_sd
        np.testing.assert_allclose(curve.band.lower, ends.min(axis=0), rtol=0, atol=1e-10)
        np.testing.assert_allclose(curve.band.upper, ends.max(axis=0), rtol=0, atol=1e-10)
        assert (curve.band.kind, curve.band.of) == ("replicates", model.stability.replicates)
        np.testing.assert_array_equal(curve.shares, np.round(curve.shares, 2))


def test_only_explained_models_have_effects_and_none_a_band_without_a_bootstrap(run):
    learnt, judged, results, _, _ = run
    assert {name for name, model in results.models.items() if model.effects} == {"logistic_ridge"}
    bare = partial_effects(learnt, judged, Resampled())["logistic_ridge"]
    with_bands = results.models["logistic_ridge"].effects
    assert [curve.effect for curve in bare.curves] == [curve.effect for curve in with_bands.curves]
    assert {curve.band for curve in bare.curves} == {None}


def test_no_band_is_drawn_where_replicates_may_sum_predictors_up(run):
    learnt, judged, *_ = run
    summing = learnt.study.model_copy(update={"correlation": Correlation(clusters={"age_years": "summary"})})
    found = partial_effects(replace(learnt, study=summing), judged, resample(learnt, progress=_silent))
    assert {curve.band for curve in found["logistic_ridge"].curves} == {None}


def test_a_separated_model_has_no_effects_and_a_predictor_without_dense_values_is_named(run):
    learnt, judged, *_ = run
    ridge = learnt.developed["logistic_ridge"]
    separated = replace(ridge, settings={**ridge.settings, "separated": True})
    assert (
        partial_effects(
            replace(learnt, developed=learnt.developed | {"logistic_ridge": separated}), judged, Resampled()
        )
        == {}
    )
    first = partial_effects(learnt, judged, Resampled())["logistic_ridge"].curves[0].predictor
    development = learnt.partition.development
    emptied = replace(development, predictors=development.predictors.assign(**{first: np.nan}))
    without = replace(learnt, partition=replace(learnt.partition, development=emptied))
    found = partial_effects(without, judged, Resampled())["logistic_ridge"]
    assert found.not_drawn == [first]
    assert first not in [curve.predictor for curve in found.curves]
