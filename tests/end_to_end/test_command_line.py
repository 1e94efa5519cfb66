"""The command line as an analyst meets it: help, exit codes, messages, and nothing half-written."""

import io
import stat
import subprocess
import sys

import click
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from clinpred.cli import main
from clinpred.records.synthetic import synthetic_export

COMMANDS = sorted(main.commands)


def _invoke(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def export(tmp_path):
    table = synthetic_export(np.random.default_rng(2), patients=700).table
    path = tmp_path / "visits.csv"
    table.to_csv(path, index=False)
    return path


@pytest.fixture
def faulty(tmp_path):
    def write(**columns):
        rng = np.random.default_rng(0)
        table = {"age": rng.integers(20, 90, 60), "died": np.arange(60) % 2} | columns
        path = tmp_path / "faulty.csv"
        pd.DataFrame(table).to_csv(path, index=False)
        return path

    return write


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_one_line_of_help_and_an_example(name):
    command = main.commands[name]
    assert len(command.get_short_help_str(limit=200)) > 10
    assert "Example:" in command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_run_then_predict_then_report(export, tmp_path):
    out = tmp_path / "out"
    models = "prevalence,logistic_unpenalised,logistic_ridge"
    run = _invoke(
        "run",
        export,
        "--outcome",
        "event",
        "--patient-id",
        "patient_id",
        "--set-aside",
        "site=where",
        "--threshold",
        0.3,
        "--bootstraps",
        "4",
        "--models",
        models,
        "--out",
        out,
    )
    assert run.exit_code == 0, run.output
    assert run.stdout.strip() == str(out / "report.html")
    assert "W-INTERNAL" in run.stderr
    predicted = _invoke("predict", out / "model.clinpred", export)
    assert predicted.exit_code == 0
    assert predicted.stdout.splitlines()[0] == "patient_id,risk,reason"
    assert len(predicted.stdout.splitlines()) == 701
    assert _invoke("report", out).exit_code == 0


def test_quiet_says_nothing_but_the_path(export, tmp_path):
    run = _invoke(
        "run",
        export,
        "--outcome",
        "event",
        "--patient-id",
        "patient_id",
        "--bootstraps",
        "4",
        "--models",
        "prevalence",
        "--out",
        tmp_path / "out",
        "--quiet",
    )
    assert (run.exit_code, run.stderr) == (0, "")


REFUSALS = {
    "missing file": (["no_such.csv", "--outcome", "died"], {}, 3, "E-NOT-FOUND"),
    "no outcome named": (["FAULTY"], {}, 2, "E-NO-OUTCOME"),
    "unknown outcome": (["FAULTY", "--outcome", "dead"], {}, 3, "E-MISSING-COLUMN"),
    "constant outcome": (["FAULTY", "--outcome", "died"], {"died": [0] * 60}, 4, "S-ONE-CLASS"),
    "three values": (["FAULTY", "--outcome", "died"], {"died": np.arange(60) % 3}, 3, "E-OUTCOME-VALUES"),
    "event never seen": (["FAULTY", "--outcome", "died", "--event", "7"], {}, 3, "E-OUTCOME-EVENT"),
    "no events held out": (["FAULTY", "--outcome", "died"], {"died": [1] + [0] * 59}, 4, "S-FEW-EVENTS"),
    "an id that repeats": (["FAULTY", "--outcome", "died"], {"patient_id": np.arange(60) // 2}, 4, "S-GROUP"),
    "unknown model": (["FAULTY", "--outcome", "died", "--models", "ridge"], {}, 2, "E-STUDY"),
    "two roles for a column": (["FAULTY", "--outcome", "died", "--site", "died"], {}, 2, "E-STUDY"),
}


@pytest.mark.parametrize("situation", REFUSALS)
def test_bad_input_gets_its_exit_code_in_house_form_and_nothing_is_written(situation, faulty, tmp_path):
    arguments, columns, exit_code, code = REFUSALS[situation]
    path = faulty(**columns)
    refused = _invoke(
        "run", *(path if argument == "FAULTY" else argument for argument in arguments), "--out", tmp_path / "out"
    )
    assert refused.exit_code == exit_code, refused.output
    assert f"[{code}]" in refused.stderr
    assert "expected:" in refused.stderr
    assert "to fix:" in refused.stderr
    assert refused.stdout == ""
    assert [entry.name for entry in tmp_path.iterdir()] == ["faulty.csv"]


def test_duplicate_column_names_are_refused(tmp_path):
    path = tmp_path / "twice.csv"
    path.write_text("age,age,died\n1,2,0\n3,4,1\n")
    assert "[E-DUP-HEADER]" in _invoke("run", path, "--outcome", "died").stderr


def test_an_output_folder_that_exists_exits_7(export, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    refused = _invoke("run", export, "--outcome", "event", "--out", tmp_path / "out")
    assert refused.exit_code == 7
    assert "[R-PATH]" in refused.stderr


def test_a_damaged_model_file_exits_5(export, tmp_path):
    (tmp_path / "model.clinpred").write_bytes(b"PK not a model")
    refused = _invoke("predict", tmp_path / "model.clinpred", export)
    assert refused.exit_code == 5
    assert "[M-INTEGRITY]" in refused.stderr


def test_predict_loads_no_heavy_library(export, tmp_path):
    out = tmp_path / "out"
    _invoke(
        "run",
        export,
        "--outcome",
        "event",
        "--patient-id",
        "patient_id",
        "--bootstraps",
        "4",
        "--models",
        "prevalence,logistic_ridge",
        "--out",
        out,
    )
    code = (
        "import sys; from clinpred.cli import main; main(sys.argv[1:], standalone_mode=False); "
        "print({'keras', 'jax', 'shap', 'sklearn', 'matplotlib'} & set(sys.modules), file=sys.stderr)"
    )
    predicting = ["predict", out / "model.clinpred", export, "--quiet"]
    for arguments in (predicting, [*predicting, "--explain", tmp_path / "explained"]):
        loaded = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
        assert loaded.stderr.strip() == "set()"


def test_an_explanation_is_for_the_owners_eyes_and_replaces_nothing_unasked(export, tmp_path):
    out, folder = tmp_path / "out", tmp_path / "explained"
    asked = ["--outcome", "event", "--patient-id", "patient_id", "--bootstraps", "4"]
    _invoke("run", export, *asked, "--models", "logistic_ridge", "--out", out)
    model = out / "model.clinpred"
    first = _invoke("predict", model, export, "--explain", folder, "--quiet")
    assert first.exit_code == 0, first.output
    path = folder / "NOT_FOR_RELEASE_explanations.csv"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    explained, predicted = pd.read_csv(path), pd.read_csv(io.StringIO(first.stdout))
    assert explained["risk"].equals(predicted["risk"])
    added = explained.iloc[:, 3:].sum(axis=1)
    np.testing.assert_allclose(added, explained["log_odds"], atol=1e-12)
    np.testing.assert_allclose(1 / (1 + np.exp(-added)), explained["risk"], atol=1e-12)
    before = path.read_bytes()
    refused = _invoke("predict", model, export, "--explain", folder)
    assert refused.exit_code == 7
    assert "[R-PATH]" in refused.stderr
    assert path.read_bytes() == before
    assert _invoke("predict", model, export, "--explain", folder, "--overwrite").exit_code == 0
    assert _invoke("predict", model, export, "--explain", model).exit_code == 2
    assert model.stat().st_size > 0


def test_check_reads_and_audits_and_writes_the_table_as_it_was_read(tmp_path):
    path = tmp_path / "visits.csv"
    lines = [f"{row:06d};{row % 28 + 1:02d}/07/2023;{120 + row},5;{row % 2}" for row in range(60)]
    path.write_text("\n".join(["id;admitted;sodium;died", *lines]), encoding="utf-8")
    checked = _invoke("check", path, "--outcome", "died", "--patient-id", "id", "--table", tmp_path / "table.csv")
    assert checked.exit_code == 0, checked.output
    assert "60 rows, 4 columns" in checked.stderr
    assert (tmp_path / "table.csv").read_text().splitlines()[:2] == [
        "id,admitted,sodium,died",
        "000000,2023-07-01,120.5,0",
    ]


def test_an_ambiguous_date_order_is_asked_and_the_option_settles_it(tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text("\n".join(["admitted,sodium", *(f"0{row % 9 + 1}/07/2023,{120 + row}" for row in range(60))]))
    refused = _invoke("check", path)
    assert refused.exit_code == 3
    assert "--date-order" in refused.stderr
    assert _invoke("check", path, "--date-order", "dmy").exit_code == 0


def test_options_are_laid_over_the_study_file(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "clinpred.study.run.run_study", lambda _export, study, **_kept: asked.append(study) or sys.exit(9)
    )
    file = tmp_path / "study.toml"
    file.write_text(
        """
        [outcome]
        event_column = "dead"
        event = "1"
        time_column = "days"
        horizon_days = 180
        early_censoring = "exclude"
        [models]
        fit = ["logistic_ridge", "logistic_lasso"]
        primary = "logistic_lasso"
        """
    )
    options = ["--horizon", 90, "--models", "logistic_lasso,prevalence", "--missing", "sodium=999"]
    assert _invoke("run", "x.csv", "--study", file, *options).exit_code == 9
    (study,) = asked
    assert (study.outcome.horizon_days, study.outcome.early_censoring, study.outcome.event) == (90, "exclude", "1")
    assert study.models.primary == "logistic_lasso"
    assert study.export.missing == {"sodium": ("999",)}
