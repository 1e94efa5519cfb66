"""Predictors that are constant, empty, rare, copies of others, or more than patients: named, and never a NaN."""

import re

import numpy as np
import pandas as pd
import pytest

from clinpred.settings.study import study_from
from clinpred.study.files import report_files
from clinpred.study.judgement import judge
from clinpred.study.learning import learn
from clinpred.study.resampling import resample
from clinpred.study.results import results_of

pytestmark = pytest.mark.slow
LOGISTIC = ["logistic_unpenalised", "logistic_ridge", "logistic_lasso", "logistic_elastic_net"]
STUDY = {
    "name": "unusable",
    "seed": 4,
    "outcome": {"column": "died", "event": "1"},
    "roles": {"patient": "id", "site": "hospital"},
    "models": {"fit": LOGISTIC, "primary": "logistic_ridge"},
}


def export(path, patients, noise):
    """Write patients whose predictors hold one of everything that a model cannot use."""
    rng = np.random.default_rng(3)
    age, bun, sodium = rng.normal(size=(3, patients))
    died = (rng.random(patients) < 1 / (1 + np.exp(-age))).astype(int)
    group = rng.choice(["a", "b", "c"], patients)
    ward = rng.choice(["x", "y"], patients).astype(object)
    ward[:12] = [f"once {row}" for row in range(12)]
    columns = {
        "id": [f"P{row:04d}" for row in range(patients)],
        "hospital": rng.choice(["north", "south"], patients),
        "died": died,
        "age": np.round(60 + 8 * age, 1),
        "bun": np.round(20 + 5 * bun, 2),
        "urea": 2 * np.round(20 + 5 * bun, 2),
        "sodium": [None if row % 19 == 7 else round(value, 2) for row, value in enumerate(sodium)],
        "same": 5,
        "empty": None,
        "few": (np.arange(patients) < 2).astype(int),
        "group": group,
        "class": np.where(group == "a", "surgical", "medical"),
        "ward": ward,
    } | {f"noise {place}": np.round(rng.normal(size=patients), 3) for place in range(noise)}
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def run(folder, patients, noise, **resampling):
    """Return what was learnt, and the results."""
    study = study_from(STUDY | {"resampling": resampling}, source="test")
    learnt = learn(export(folder / "export.csv", patients, noise), study, progress=lambda *_: None)
    judged, resampled = (work(learnt, progress=lambda *_: None) for work in (judge, resample))
    return learnt, results_of(learnt, judged, resampled)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    return run(tmp_path_factory.mktemp("narrow"), 300, 1, bootstraps=10, repeats=1, learning_curve=False)


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    return run(tmp_path_factory.mktemp("wide"), 48, 36, bootstraps=4, repeats=0, learning_curve=False)


def not_numbers(results):
    """Return what is not a number in the results, as they are before anything writes them, and in the page."""
    page = re.sub("<style.*?</style>", "", report_files(results)["report.html"])
    return [*_not_finite(results.model_dump()), *re.findall(r"\b(?:NaN|nan|inf|Infinity)\b", page)]


def _not_finite(part):
    if isinstance(part, dict):
        return [found for one in part.values() for found in _not_finite(one)]
    if isinstance(part, list):
        return [found for one in part for found in _not_finite(one)]
    return [part] if isinstance(part, float) and not np.isfinite(part) else []


@pytest.mark.parametrize(
    ("code", "column", "said"),
    [
        ("W-CONSTANT", "same", "column `same` has one value only: no predictor"),
        ("W-EMPTY", "empty", "column `empty` is missing in 300 of 300 rows: no predictor"),
        ("W-ALIAS", "urea", "`urea` is an exact function of `bun`: dropped"),
        ("W-ALIAS", "class", "`class` is an exact function of `group`: dropped"),
        ("W-RARE-LEVEL", "ward", "`ward`: levels that fewer than 8 development patients have are"),
        ("W-RARE-LEVEL", "ward", "`ward`: levels of held-out patients that no development patient has are"),
    ],
)
def test_what_cannot_be_used_is_named(narrow, code, column, said):
    _, results = narrow
    told = [one.text for one in results.findings if (one.code, one.column) == (code, column)]
    assert [text for text in told if text.startswith(said)]


def test_every_column_of_the_export_is_a_predictor_or_named(narrow):
    learnt, results = narrow
    named = {one.column for one in results.findings}
    used = {*learnt.prepared.preparation.predictors, *learnt.study.roles.columns, *learnt.study.outcome.columns}
    assert set(learnt.export.types) - used - named == set()


def test_a_column_that_some_replicates_lack_is_kept_and_how_often_it_was_lacking_is_said(narrow):
    _, results = narrow
    for name in LOGISTIC[1:]:
        spread = {one.column: one for one in results.models[name].stability.coefficients}
        assert 0 < spread["few"].absent < 1
        assert spread["few"].selected <= 1 - spread["few"].absent
        assert spread["age"].absent == 0
    page = report_files(results)["report.html"]
    assert "Not in the design" in page


def test_a_narrow_run_holds_numbers_only(narrow):
    assert not_numbers(narrow[1]) == []


def test_with_more_predictors_than_patients_every_part_of_a_report_is_there_and_says_so(wide):
    learnt, results = wide
    assert results.cohort.design_columns > results.partition.development.patients
    told = {one.code: one.text for one in results.findings}
    assert f"for {results.cohort.design_columns} design columns" in told["W-SAMPLE-SIZE"]
    assert "separate all events from non-events" in told["S-SEPARATION"]
    assert [name for name in LOGISTIC if name not in learnt.developed] == []
    assert results.models["logistic_ridge"].importance.permutation
    assert results.correlation.inflation is None
    assert not_numbers(results) == []
