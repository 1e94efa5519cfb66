"""A whole run on an invented export: what it leaves behind, and that it is whole or absent."""

import json
import re
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

from clinpred.bundle.load import load_model
from clinpred.bundle.predict import predict
from clinpred.errors import ClinpredError, InputRefused, ResourceRefused
from clinpred.records.read import read_export
from clinpred.records.synthetic import synthetic_export
from clinpred.report.contents import Results
from clinpred.settings.study import load_study, study_from
from clinpred.study.artefacts import WHAT_A_RUN_LEAVES, whole_or_absent
from clinpred.study.redraw import redraw_report
from clinpred.study.run import run_study

MODELS = ["prevalence", "logistic_unpenalised", "logistic_ridge", "logistic_lasso", "gradient_boosting"]


def _study(**changes):
    settings = {
        "name": "invented",
        "seed": 4,
        "outcome": {"column": "event", "event": "1"},
        "roles": {"patient": "patient_id", "site": "site", "date": "admitted"},
        "models": {"fit": MODELS},
        "resampling": {"bootstraps": 6, "repeats": 1, "folds": 3},
        "report": {"thresholds": [0.3]},
    }
    return study_from(settings | changes, source="test")


def _export(folder, **options):
    table = synthetic_export(np.random.default_rng(8), **{"patients": 900, "max_admissions": 2} | options).table
    path = Path(folder) / "export.csv"
    table.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    export = _export(folder)
    run = run_study(export, _study(), out=folder / "out", save_predictions=True)
    return export, run


@pytest.fixture(scope="module")
def again(finished, tmp_path_factory):
    """Return the run once more, from the settings that it left."""
    export, run = finished
    study = load_study(run.folder / "study.toml")
    return run_study(export, study, out=tmp_path_factory.mktemp("again") / "out", save_predictions=True)


def test_a_run_leaves_what_the_readme_says(finished):
    _, run = finished
    left = {path.relative_to(run.folder).as_posix() for path in run.folder.rglob("*") if path.is_file()}
    assert {path.split("/")[0] for path in left} == WHAT_A_RUN_LEAVES
    assert {"models/logistic_unpenalised.clinpred", "models/prevalence.clinpred"} <= left
    assert "models/gradient_boosting.clinpred" not in left


def test_results_keep_to_the_schema_that_ships(finished):
    _, run = finished
    schema = json.loads((Path(__file__).parents[2] / "clinpred" / "report" / "results.schema.json").read_text())
    assert schema == Results.model_json_schema(by_alias=True)
    jsonschema.validate(json.loads((run.folder / "results.json").read_text()), schema)


def test_every_row_of_the_export_is_accounted_for(finished):
    export, run = finished
    cohort, partition = run.results.cohort, run.results.partition
    assert cohort.rows_in_export == len(pd.read_csv(export))
    assert cohort.rows_in_export == cohort.rows + sum(part.rows for part in cohort.excluded)
    assert cohort.patients == partition.development.patients + partition.held_out.patients
    assert cohort.events == partition.development.events + partition.held_out.events


def test_a_saved_model_gives_the_training_time_risks_back(finished):
    export, run = finished
    saved = pd.read_csv(run.folder / "private" / "NOT_FOR_RELEASE_predictions.csv").set_index("patient_id")
    prediction = predict(load_model(run.folder / "model.clinpred"), read_export(export))
    again = pd.DataFrame({"patient": prediction.patients, "risk": prediction.risk})
    for patient, rows in again[again["patient"].isin(saved.index)].groupby("patient"):
        np.testing.assert_allclose(sorted(rows["risk"]), sorted(np.atleast_1d(saved.loc[patient, "risk"])), atol=1e-9)


def test_the_same_seed_gives_the_same_bytes(finished, again):
    _, run = finished
    assert run.results.resampling.replicates > 0
    assert run.results.learning_curve is not None
    for path in sorted(run.folder.rglob("*")):
        if path.is_file() and path.name != "run.json":
            assert path.read_bytes() == (again.folder / path.relative_to(run.folder)).read_bytes(), path.name


def test_the_record_differs_in_durations_only(finished, again):
    _, run = finished
    one, other = (json.loads((folder / "run.json").read_text()) for folder in (run.folder, again.folder))
    assert list(one.pop("seconds")) == list(other.pop("seconds"))
    assert one == other


def test_other_models_beside_it_do_not_change_a_models_numbers(finished, tmp_path):
    export, run = finished
    alone = run_study(export, _study(models={"fit": ["logistic_ridge"]}), out=tmp_path / "alone")
    ours, theirs = alone.results.models["logistic_ridge"], run.results.models["logistic_ridge"]
    assert ours.performance == theirs.performance
    assert ours.coefficients == theirs.coefficients


def test_the_settings_that_are_saved_give_the_same_run(finished, again):
    _, run = finished
    assert load_study(run.folder / "study.toml") == _study()
    assert again.results == run.results


def test_the_report_is_drawn_again_from_results_alone(finished):
    _, run = finished
    before = run.report_path.read_bytes()
    redraw_report(run.folder)
    assert run.report_path.read_bytes() == before


def test_no_patient_id_leaves_the_private_folder(finished):
    export, run = finished
    ids = set(pd.read_csv(export)["patient_id"])
    for path in run.folder.rglob("*"):
        if path.is_file() and "private" not in path.parts:
            content = path.read_bytes().decode("utf-8", "replace")
            assert not ids & set(re.findall(r"P\d{6}", content)), path.name


def test_an_output_folder_that_exists_is_refused_before_any_work(tmp_path):
    taken = tmp_path / "out"
    taken.mkdir()
    (taken / "precious.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(ResourceRefused, match="R-PATH"):
            run_study(tmp_path / "no such export.csv", _study(), out=taken, overwrite=overwrite)
    assert [path.name for path in taken.iterdir()] == ["precious.txt"]


def test_overwriting_replaces_an_earlier_run_and_nothing_is_left_beside(finished, tmp_path):
    export, _ = finished
    fast = _study(models={"fit": ["prevalence", "logistic_unpenalised"]})
    run_study(export, fast, out=tmp_path / "out")
    with pytest.raises(ResourceRefused, match="--overwrite"):
        run_study(export, fast, out=tmp_path / "out")
    run_study(export, fast, out=tmp_path / "out", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_run_that_fails_leaves_nothing(tmp_path):
    export = _export(tmp_path, patients=300)
    with pytest.raises(ClinpredError):
        run_study(export, _study(outcome={"column": "no_such_column"}), out=tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["export.csv"]


def _fill_half_of(place):
    with whole_or_absent(place, overwrite=True) as folder:
        (folder / "run.json").write_text("half")
        raise OSError("disk full")


def test_a_failure_while_writing_leaves_the_earlier_run_as_it_was(tmp_path):
    earlier = tmp_path / "out"
    with whole_or_absent(earlier, overwrite=False) as folder:
        (folder / "run.json").write_text("{}")
    with pytest.raises(OSError, match="disk full"):
        _fill_half_of(earlier)
    assert (earlier / "run.json").read_text() == "{}"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_record_counts_how_often_held_out_patients_were_opened(finished, tmp_path):
    export, _ = finished
    fast = _study(models={"fit": ["prevalence"]})
    for openings in (1, 2):
        run_study(export, fast, out=tmp_path / "out", overwrite=True)
        assert json.loads((tmp_path / "out" / "run.json").read_text())["held_out_openings"] == openings


def test_the_event_is_reported_as_it_was_understood(tmp_path):
    table = synthetic_export(np.random.default_rng(8), patients=300).table
    table["event"] = table["event"].map({0: "No", 1: "Yes"})
    table.to_csv(tmp_path / "export.csv", index=False)
    study = _study(outcome={"column": "event"}, models={"fit": ["prevalence"]})
    assert run_study(tmp_path / "export.csv", study, out=tmp_path / "out").results.study.event == "Yes"


def _damaged(results, how):
    if how == "primary":
        return json.dumps(results | {"primary": "no_such_model"})
    if how == "nested":
        return "[" * 200_000
    curve = results["models"]["logistic_ridge"]["curves"]["held_out"]["roc"]
    curve["sensitivity"] = curve["sensitivity"][:-1]
    return json.dumps(results)


@pytest.mark.parametrize("how", ["primary", "nested", "curve"])
def test_results_that_no_run_wrote_are_refused(finished, tmp_path, how):
    _, run = finished
    results = json.loads((run.folder / "results.json").read_text())
    (tmp_path / "results.json").write_text(_damaged(results, how))
    with pytest.raises(InputRefused, match="E-RESULTS"):
        redraw_report(tmp_path)


def test_a_folder_in_the_place_of_results_is_refused(tmp_path):
    (tmp_path / "results.json").mkdir()
    with pytest.raises(InputRefused, match="E-NOT-FOUND"):
        redraw_report(tmp_path)
