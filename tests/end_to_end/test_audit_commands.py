"""What an analyst does before a run: check, decide, keep, drop, explain; and how the decisions travel."""

import json
import sqlite3

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from clinpred.cli import main

N_ROWS = 400
SYLLABLES = ("ba", "ko", "li", "mu", "ne", "ra", "so", "ta", "vi", "zu")
NAMES = [
    f"{SYLLABLES[row % 10]}{SYLLABLES[row // 10 % 10]}rin, {SYLLABLES[row // 100]}{SYLLABLES[row % 7]}".title()
    for row in range(N_ROWS)
]
FAST = ("--models", "prevalence,logistic_ridge", "--bootstraps", "4")


def _invoke(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def columns():
    rng = np.random.default_rng(12)
    age, sodium = rng.normal(64, 11, N_ROWS).round(1), rng.normal(139, 4, N_ROWS).round(1)
    died = (rng.random(N_ROWS) < 1 / (1 + np.exp(1.5 - 0.07 * (age - 64) + 0.1 * (sodium - 139)))).astype(int)
    return {"pid": [f"K{row:04d}" for row in range(N_ROWS)], "age": age, "sodium": sodium, "died": died}


@pytest.fixture
def export(tmp_path, columns):
    def write(name="visits.csv", *, sep=",", rows=slice(None), **others):
        pd.DataFrame({**columns, **others}).iloc[rows].to_csv(tmp_path / name, index=False, sep=sep)
        return tmp_path / name

    return write


ASKED = ("--outcome", "died", "--patient-id", "pid")


def test_a_leak_is_a_finding_of_check_and_stops_a_run_unless_it_is_kept_for_a_reason(export, columns, tmp_path):
    path = export(discharge_code=columns["died"] * 3.0 + 1)
    checked = _invoke("check", path, *ASKED)
    assert checked.exit_code == 0
    assert "serious: column `discharge_code`" in checked.stderr
    assert "[S-LEAK]" in checked.stderr
    refused = _invoke("run", path, *ASKED, *FAST, "--out", tmp_path / "out")
    assert (refused.exit_code, (tmp_path / "out").exists()) == (4, False)
    assert "--set-aside discharge_code" in refused.stderr
    kept = _invoke(
        "run", path, *ASKED, *FAST, "--out", tmp_path / "out", "--keep", "discharge_code", "--because", "known"
    )
    assert kept.exit_code == 0, kept.stderr
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["kept"] == {"discharge_code": "known"}
    assert "W-LEAK-KEPT" in {finding["code"] for finding in record["findings"]}


def test_patients_that_repeat_unnamed_are_a_finding_of_check_and_stop_a_run(export, columns, tmp_path):
    path = export(patient_id=np.arange(N_ROWS) // 2)
    asked = ("--outcome", "died", "--set-aside", "pid")
    checked = _invoke("check", path, *asked)
    assert (checked.exit_code, "[S-GROUP]" in checked.stderr) == (0, True)
    assert _invoke("run", path, *asked, *FAST, "--out", tmp_path / "out").exit_code == 4


@pytest.mark.parametrize("command", ["check", "run", "init"])
def test_identifiers_are_refused_before_anything_is_written_and_can_be_dropped(export, tmp_path, command):
    path = export(patient_name=NAMES)
    written = {
        "check": ("--table", tmp_path / "t.csv"),
        "run": ("--out", tmp_path / "out"),
        "init": ("--out", tmp_path / "s"),
    }
    asked = (*ASKED, *(FAST if command == "run" else ()), *written[command])
    if command != "init":  # which proposes to drop it
        refused = _invoke(command, path, *asked)
        assert (refused.exit_code, written[command][1].exists()) == (6, False)
        assert "P-IDENTIFIER" in refused.stderr
        assert "--drop patient_name" in refused.stderr
    done = _invoke(command, path, *asked, "--drop", "patient_name")
    assert done.exit_code == 0, done.stderr


def test_an_identifier_that_may_stay_needs_a_reason_which_is_recorded(export, tmp_path):
    path = export(patient_name=NAMES)
    allow = ("--allow-identifier", "patient_name")
    assert _invoke("check", path, *ASKED, *allow).exit_code == 2
    done = _invoke("run", path, *ASKED, *FAST, *allow, "--because", "invented names", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["privacy"]["allow"] == {"patient_name": "invented names"}


def test_strict_refuses_what_is_only_noticed_with_the_exit_code_of_its_stage(export):
    path = export(note=[" x", *["y"] * (N_ROWS - 1)])
    assert _invoke("check", path, *ASKED).exit_code == 0
    refused = _invoke("check", path, *ASKED, "--strict")
    assert (refused.exit_code, "[W-STRIP]" in refused.stderr) == (3, True)
    unnamed = _invoke("check", export(), "--outcome", "died", "--set-aside", "pid", "--strict")
    assert (unnamed.exit_code, "[W-NO-PATIENT-ID]" in unnamed.stderr) == (4, True)
    assert _invoke("check", export(), *ASKED, "--strict").exit_code == 0


def test_check_writes_its_page_and_its_table_or_nothing(export, tmp_path):
    page, table = tmp_path / "audit.html", tmp_path / "table.csv"
    done = _invoke("check", export(), *ASKED, "--html", page, "--table", table)
    assert done.exit_code == 0, done.stderr
    assert page.read_text().startswith("<!DOCTYPE html>")
    again = _invoke("check", export(), *ASKED, "--html", page, "--table", tmp_path / "other.csv")
    assert (again.exit_code, (tmp_path / "other.csv").exists()) == (7, False)


def test_two_files_of_the_same_columns_are_one_export(export, tmp_path):
    first, second = export("a.csv", rows=slice(0, 250)), export("b.csv", rows=slice(250, None))
    done = _invoke("check", first, second, *ASKED)
    assert (done.exit_code, f"{N_ROWS} rows" in done.stderr) == (0, True)
    refused = _invoke("check", first, first, *ASKED)
    assert (refused.exit_code, "E-SAME-FILE" in refused.stderr) == (3, True)


def test_a_table_and_a_query_of_a_database_are_read_as_the_file_is(export, columns, tmp_path):
    url = f"sqlite:///{tmp_path / 'visits.db'}"
    with sqlite3.connect(tmp_path / "visits.db") as connection:
        pd.DataFrame(columns).to_sql("visits", connection, index=False)
    tables = {}
    for name, source in {
        "file": (export(),),
        "table": ("--sql", url, "--query", "select * from visits"),
    }.items():
        tables[name] = tmp_path / f"{name}_as_read.csv"
        done = _invoke("check", *source, *ASKED, "--table", tables[name])
        assert done.exit_code == 0, done.stderr
    assert tables["file"].read_text() == tables["table"].read_text()
    assert _invoke("check", "--sql", url, "--table", "visits", *ASKED).exit_code == 0


def test_what_was_decided_about_reading_travels_with_the_model(export, columns, tmp_path):
    sodium = [f"{value:.3f}".replace(".", ",") for value in columns["sodium"] / 100]
    missing = ["999" if row % 9 == 0 else f"{age:.0f}" for row, age in enumerate(columns["age"])]
    path = export(sep=";", sodium=sodium, age=missing)
    refused = _invoke("check", path, *ASKED)
    assert (refused.exit_code, "--decimal" in refused.stderr) == (3, True)
    decided = ("--decimal", "comma", "--missing", "age=999")
    run = _invoke("run", path, *ASKED, *FAST, *decided, "--out", tmp_path / "out", "--save-predictions")
    assert run.exit_code == 0, run.stderr
    predicted = _invoke("predict", tmp_path / "out" / "model.clinpred", path)
    assert predicted.exit_code == 0, predicted.stderr
    again = dict(line.split(",")[:2] for line in predicted.stdout.splitlines()[1:])
    private = tmp_path / "out" / "private" / "NOT_FOR_RELEASE_predictions.csv"
    for line in private.read_text().splitlines()[1:]:
        who, risk, _ = line.split(",", 2)
        assert float(again[who]) == pytest.approx(float(risk), abs=1e-12)


def test_every_code_said_can_be_explained():
    listed = _invoke("explain")
    assert listed.exit_code == 0
    assert "W-SENTINEL" in listed.stdout
    assert _invoke("explain", "w-sentinel").exit_code == 0
    unknown = _invoke("explain", "W-SENTINAL")
    assert (unknown.exit_code, "W-SENTINEL" in unknown.stderr) == (2, True)
