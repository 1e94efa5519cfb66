"""Where the commands write: never over what they read, never in the place of a device, never two results in one."""

import os
import shutil
import sqlite3
import stat
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from clinpred.cli import main
from clinpred.records.synthetic import synthetic_export

ASKED = ("--outcome", "event", "--patient-id", "patient_id", "--set-aside", "site")
FAST = ("--models", "prevalence,logistic_ridge", "--bootstraps", "4")


def _invoke(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def _contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def table():
    return synthetic_export(np.random.default_rng(2), patients=700).table


@pytest.fixture
def place(tmp_path, table, monkeypatch):
    """Return a folder, the current one, with an export, links to it, and a database of it."""
    table.to_csv(tmp_path / "export.csv", index=False)
    (tmp_path / "link.csv").symlink_to("export.csv")
    (tmp_path / "sub").mkdir()
    with sqlite3.connect(tmp_path / "records.db") as database:
        table.to_sql("records", database, index=False)
    database.close()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def finished(tmp_path_factory, table):
    """Return the folder of a run on the export."""
    folder = tmp_path_factory.mktemp("finished")
    table.to_csv(folder / "export.csv", index=False)
    ran = _invoke("run", folder / "export.csv", *ASKED, *FAST, "--out", folder / "out")
    assert ran.exit_code == 0, ran.output
    return folder / "out"


@pytest.fixture
def run(place, finished):
    """Return the place after a run into its folder ``out``."""
    shutil.copytree(finished, place / "out")
    return place


def _refused(place, *arguments):
    before = _contents(place)
    refused = _invoke(*arguments)
    assert _contents(place) == before
    assert "to fix:" in refused.stderr
    return refused.exit_code, refused.stderr.partition("[")[2].partition("]")[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "export.csv", "--table", "export.csv"),
        ("check", "export.csv", "--table", "sub/../export.csv"),
        ("check", "export.csv", "--html", "link.csv"),
        ("check", "link.csv", "--table", "export.csv"),
        ("check", "--sql", "sqlite:///records.db", "--query", "select * from records", "--table", "records.db"),
        ("init", "export.csv", "--outcome", "event", "--out", "export.csv"),
        ("init", "--sql", "sqlite:///records.db", "--table", "records", "--outcome", "event", "--out", "records.db"),
    ],
    ids=" ".join,
)
def test_no_result_takes_the_place_of_what_is_read(place, arguments):
    assert _refused(place, *arguments, "--overwrite") == (2, "E-OUTPUT-IS-INPUT")
    assert _refused(place, *arguments) == (2, "E-OUTPUT-IS-INPUT")


def test_risks_take_the_place_of_neither_the_export_nor_the_model(run):
    for out in ("export.csv", "out/model.clinpred"):
        arguments = ("predict", "out/model.clinpred", "export.csv", "--out", out, "--overwrite")
        assert _refused(run, *arguments) == (2, "E-OUTPUT-IS-INPUT")


def test_a_study_file_is_not_replaced_by_what_check_writes(run):
    arguments = ("check", "export.csv", "--study", "out/study.toml", "--html", "out/study.toml", "--overwrite")
    assert _refused(run, *arguments) == (2, "E-OUTPUT-IS-INPUT")


def test_a_run_can_be_repeated_from_the_study_file_that_it_left(run):
    before = _contents(run / "out")
    again = _invoke("run", "export.csv", "--study", "out/study.toml", "--out", "out", "--overwrite")
    assert again.exit_code == 0, again.output
    after = _contents(run / "out")
    assert {name for name in before if before[name] != after[name]} == {"run.json"}
    assert set(after) == set(before)


@pytest.mark.parametrize("name", ["out/export.csv", "out/tables/export.csv"])
def test_a_run_does_not_replace_the_folder_that_holds_its_export(run, name):
    (run / "export.csv").rename(run / name)
    assert _refused(run, "run", name, *ASKED, *FAST, "--out", "out", "--overwrite") == (2, "E-OUTPUT-IS-INPUT")


def test_a_run_does_not_replace_the_folder_that_holds_a_study_file_of_ones_own(run):
    (run / "out" / "study.toml").rename(run / "out" / "tables" / "mine.toml")
    arguments = ("run", "export.csv", "--study", "out/tables/mine.toml", "--out", "out", "--overwrite")
    assert _refused(run, *arguments) == (2, "E-OUTPUT-IS-INPUT")


@pytest.mark.parametrize("second", ["same.out", "sub/../same.out"])
def test_two_results_are_not_written_to_one_place(place, second):
    arguments = ("check", "export.csv", "--table", "same.out", "--html", second)
    assert _refused(place, *arguments) == (2, "E-OUTPUT-TWICE")
    (place / "same.out").write_text("mine")
    assert _refused(place, *arguments, "--overwrite") == (2, "E-OUTPUT-TWICE")


def test_neither_result_is_written_where_one_has_no_place(place):
    (place / "there.html").write_text("mine")
    assert _refused(place, "check", "export.csv", "--table", "new.csv", "--html", "there.html") == (7, "R-PATH")
    assert not (place / "new.csv").exists()


def test_a_device_stays_a_device(place):
    os.mkfifo(place / "pipe")
    for path in ("/dev/full", "pipe"):
        assert _refused(place, "check", "export.csv", "--table", path, "--overwrite") == (2, "E-NOT-FILE")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    assert stat.S_ISFIFO((place / "pipe").stat().st_mode)


@pytest.mark.parametrize("path", ["/dev/zero", "pipe", "pipe.csv", ".", "..", "sub", "folder.csv", "loop.csv", "/"])
def test_what_is_no_file_is_not_read_whatever_its_name(place, path):
    os.mkfifo(place / "pipe")
    os.mkfifo(place / "pipe.csv")
    (place / "folder.csv").mkdir()
    (place / "loop.csv").symlink_to("loop.csv")
    refused = _invoke("check", path)
    assert (refused.exit_code, "[E-NOT-FILE]" in refused.stderr) == (2, True)
    assert not refused.stderr.startswith("error: :")
    assert _invoke("predict", path, "export.csv").exit_code == 2
    assert _invoke("check", "export.csv", "--dictionary", path).exit_code == 2


def test_a_spoilt_cell_costs_one_row_its_risk_and_is_counted(run, table):
    number = next(name for name in table.columns if table[name].dtype == float)
    cells = table[number].astype(object)
    cells.iloc[4], cells.iloc[9] = "oops", "<20"
    table.assign(**{number: cells}).to_csv("new.csv", index=False)
    predicted = _invoke("predict", "out/model.clinpred", "new.csv", "--out", "risks.csv")
    assert predicted.exit_code == 0, predicted.output
    assert f"{len(table)} rows: {len(table) - 2} risks; 2 without a risk" in predicted.stderr
    risks = pd.read_csv("risks.csv")
    assert risks["reason"].dropna().to_dict() == {4: f"{number}: not a number", 9: f"{number}: a censored value"}
    assert risks["risk"].isna().to_numpy().nonzero()[0].tolist() == [4, 9]


def test_what_calls_for_caution_in_an_export_is_said_at_prediction(run, table):
    number = next(name for name in table.columns if table[name].dtype == float)
    cells = table[number].copy()
    cells.iloc[4] = 99999
    table.assign(**{number: cells}).to_csv("new.csv", index=False)
    predicted = _invoke("predict", "out/model.clinpred", "new.csv")
    assert "[W-SENTINEL]" in predicted.stderr
    assert "study.toml" not in predicted.stderr
    assert "[W-SENTINEL]" not in _invoke("predict", "out/model.clinpred", "export.csv").stderr
