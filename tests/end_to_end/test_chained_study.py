"""A study with chained equations and bent numbers, from the export to the report and to a new patient's risk."""

import json

import numpy as np
import pandas as pd
import pytest

from clinpred import explain, load_model, predict, read_export
from clinpred.settings.study import study_from
from clinpred.study.run import run_study

pytestmark = pytest.mark.slow
STUDY = {
    "name": "chained",
    "seed": 4,
    "outcome": {"column": "died", "event": "1"},
    "roles": {"patient": "id"},
    "predictors": {"age": {"knots": 3}},
    "preparation": {"imputation": "chained", "nonlinear": "auto", "imputations": 5},
    "models": {"fit": ["logistic_unpenalised", "logistic_ridge", "logistic_lasso"]},
    "resampling": {"bootstraps": 6, "repeats": 1, "folds": 3, "learning_curve": False},
}


def export(path, n=700):
    """Write patients of whom a third lack a value, the more often the older they are."""
    rng = np.random.default_rng(5)
    age, severity = rng.normal(60, 12, n), rng.normal(size=n)
    table = pd.DataFrame(
        {
            "id": [f"P{row:04d}" for row in range(n)],
            "died": (rng.random(n) < 1 / (1 + np.exp(0.4 - severity - 0.03 * (age - 60)))).astype(int),
            "age": np.round(age, 1),
            "crea": np.round(np.exp(0.5 * severity + rng.normal(0, 0.3, n)), 3),
            "urea": np.round(20 + 6 * severity + rng.normal(0, 3, n), 2),
            "ward": rng.choice(["icu", "medical", "surgical"], n).astype(object),
        }
    )
    for name in ("crea", "urea", "ward"):
        table.loc[rng.random(n) < 0.25 / (1 + np.exp(-(age - 60) / 12)) * 2, name] = None
    table.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chained")
    path = export(folder / "export.csv")
    study = study_from(STUDY, source="study.toml")
    return path, study, run_study(path, study, out=folder / "out", save_predictions=True)


def test_the_report_says_what_missing_values_cost_and_which_numbers_bend(finished):
    _, _, run = finished
    found = run.results.imputation
    assert (found.imputations, set(found.models)) == (5, set(STUDY["models"]["fit"]))
    assert 0.2 < found.incomplete < 0.8
    for name, one in found.models.items():
        travels = run.results.models[name].performance["held_out"].auroc.estimate
        assert one.auroc.estimate == pytest.approx(travels, abs=0.05)
        assert 0 <= one.auroc.missing_information < 1
        assert len(one.coefficients) == run.results.cohort.design_columns
    page = run.report_path.read_text()
    assert "What missing values cost" in page
    assert "chained equations expect of them" in page
    knots = {one.name: len(one.knots) for one in run.results.predictors}
    assert knots["age"] == 3
    assert knots["crea"] == knots["urea"] >= 3
    assert "W-KNOTS" in {one.code for one in run.results.findings}


def test_a_saved_model_gives_the_held_out_patients_the_risks_of_the_run_and_explains_them(finished):
    path, _, run = finished
    saved = load_model(run.folder / "model.clinpred")
    found = explain(saved, read_export(path))
    risk = pd.Series(found.prediction.risk, index=found.prediction.patients)
    kept = pd.read_csv(run.folder / "private" / "NOT_FOR_RELEASE_predictions.csv").set_index("id")["risk"]
    np.testing.assert_allclose(risk[kept.index], kept, atol=1e-9)
    np.testing.assert_allclose(
        1 / (1 + np.exp(-(found.average + found.adds.sum(axis=1)))), found.prediction.risk, atol=1e-12
    )
    assert found.prediction.without_risk == 0


def test_a_new_patient_may_lack_what_nobody_lacked(finished, tmp_path):
    _, _, run = finished
    (tmp_path / "new.csv").write_text("id,age,crea,urea,ward\nN1,,1.2,21,icu\nN2,71,,,\n")
    risk = predict(load_model(run.folder / "model.clinpred"), read_export(tmp_path / "new.csv")).risk
    assert ((risk > 0) & (risk < 1)).all()


def test_the_same_seed_gives_the_same_results(finished, tmp_path):
    path, study, run = finished
    again = run_study(path, study, out=tmp_path / "again")
    first, second = (json.loads((one.folder / "results.json").read_text()) for one in (run, again))
    assert first == second
