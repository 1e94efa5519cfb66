"""What the user reads when a model file, a place, a preparation or a command line is refused, word for word."""

import ast
import errno
import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from clinpred import errors
from clinpred.bundle.format import DESCRIPTION, MANIFEST, ModelCard, SavedModel
from clinpred.bundle.load import load_model
from clinpred.bundle.predict import predict
from clinpred.bundle.save import model_bytes
from clinpred.cli import main
from clinpred.errors import ClinpredError
from clinpred.explanation import accumulated_local_effects
from clinpred.models.risk_model import LinearForm, OpaqueForm, RiskModel
from clinpred.predictors.preparation import Preparation
from clinpred.records.read import read_export
from clinpred.records.types import PredictorType
from clinpred.settings.study import study_from
from clinpred.study import demo
from clinpred.study.artefacts import check_all_free, check_free, check_place, whole_or_absent, write_whole
from clinpred.study.learning import learn
from clinpred.study.redraw import load_results, redraw_report

NUMBER = PredictorType("number")
ROOT = Path(__file__).parents[2] / "clinpred"


def _said(exit_code, function, *arguments, **options):
    with pytest.raises(ClinpredError) as refusal:
        function(*arguments, **options)
    assert refusal.value.exit_code == exit_code
    return str(refusal.value)


def _preparation():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"age": rng.normal(60, 9, 80), "sodium": rng.normal(140, 4, 80)})
    return Preparation.learn(frame, {"age": NUMBER, "sodium": NUMBER}, np.arange(80))


def _saved(form=None):
    card = ModelCard(
        title="Logistic, ridge (L2)",
        study="invented",
        outcome="died",
        event="1",
        patient_column="mrn",
        development_patients=80,
        development_events=20,
        seed=20,
        version="0.1.0",
        kinds={"age": NUMBER, "sodium": NUMBER},
        coded=(),
        ranges={},
    )
    return SavedModel(RiskModel("logistic_ridge", _preparation(), form or LinearForm(-1.0, np.array([0.5, 0.1]))), card)


def _changed(*, extra=None, compression=zipfile.ZIP_STORED, rehash=True, **changes):
    """Return the bytes of a model file whose members were changed."""
    with zipfile.ZipFile(io.BytesIO(model_bytes(_saved()))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    names = {"manifest": MANIFEST, "description": DESCRIPTION}
    for part, change in changes.items():
        members[names[part]] = change(members[names[part]])
    if rehash and "description" in changes:
        manifest = json.loads(members[MANIFEST])
        manifest["sha256"][DESCRIPTION] = hashlib.sha256(members[DESCRIPTION]).hexdigest()
        members[MANIFEST] = json.dumps(manifest).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in (members | (extra or {})).items():
            archive.writestr(name, content)
    return buffer.getvalue()


UNCHANGED = """ [M-INTEGRITY]
expected: a model.clinpred, unchanged since `clinpred run` made it
to fix: copy the file again from where it was made"""

MODEL_FILES = [
    (lambda: b"PK", "model.clinpred: it is not a model file, or was cut short" + UNCHANGED),
    (lambda: model_bytes(_saved())[:-1], "model.clinpred: it is not a model file, or was cut short" + UNCHANGED),
    (
        lambda: _changed(extra={"notes.txt": b"hello"}),
        "model.clinpred: its members are not those of a model file" + UNCHANGED,
    ),
    (
        lambda: _changed(compression=zipfile.ZIP_DEFLATED),
        "model.clinpred: a member is compressed, or larger than any model needs" + UNCHANGED,
    ),
    (lambda: _changed(manifest=lambda _old: b"[]"), "model.clinpred: its manifest cannot be understood" + UNCHANGED),
    (
        lambda: _changed(description=lambda old: old.replace(b"died", b"dead"), rehash=False),
        "model.clinpred: its content is not what was saved: the hashes differ" + UNCHANGED,
    ),
    (
        lambda: _changed(description=lambda _old: b"{}"),
        "model.clinpred: its description cannot be understood" + UNCHANGED,
    ),
    (
        lambda: _changed(description=lambda old: old.replace(b'"sd": [', b'"sd": [1.0, ')),
        "model.clinpred: its numbers do not fit its predictors" + UNCHANGED,
    ),
    (
        lambda: _changed(manifest=lambda old: old.replace(b'"format": 4', b'"format": 12')),
        """model.clinpred: made by a newer clinpred (format 12) [M-VERSION]
expected: format 4 or older
to fix: update clinpred""",
    ),
]


@pytest.mark.parametrize(("content", "message"), MODEL_FILES)
def test_a_model_file_that_is_refused_says_why(tmp_path, content, message):
    (tmp_path / "model.clinpred").write_bytes(content())
    assert _said(5, load_model, tmp_path / "model.clinpred") == message


def test_a_model_file_that_is_not_there_is_named_without_its_folder(tmp_path):
    assert (
        _said(3, load_model, tmp_path / "model.clinpred")
        == """model.clinpred: there is no such model file [E-NOT-FOUND]
expected: a model.clinpred that `clinpred run` made
to fix: check the path"""
    )


def test_a_model_file_that_may_not_be_read_is_said(tmp_path, monkeypatch):
    def forbidden(_path):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path))

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    assert (
        _said(7, load_model, tmp_path / "model.clinpred")
        == """model.clinpred: cannot be opened (Permission denied) [R-PATH]
expected: a file that may be read
to fix: check the path and its permissions"""
    )


def test_a_model_that_is_a_function_only_is_not_saved():
    assert (
        _said(5, model_bytes, _saved(OpaqueForm(lambda design: design[:, 0])))
        == """this model is known only by its function [M-FORM]
expected: a logistic model or a network
to fix: save another model of the run"""
    )


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "mrn,sodium",
            """1 of the predictors that the model needs are absent: `age` [E-MISSING-COLUMN]
expected: the 2 predictors that the model was developed with
to fix: add the columns to the export, or rename them as at development""",
        ),
        (
            "mrn,Age",
            """2 of the predictors that the model needs are absent: `age`, `sodium` [E-MISSING-COLUMN]
expected: the 2 predictors that the model was developed with
to fix: add the columns to the export, or rename them as at development""",
        ),
        (
            "sodium,age",
            """new.csv: there is no column `mrn` [E-MISSING-COLUMN]
expected: the patient id, in the column that it had at development
to fix: add the column to the export, or rename it as at development""",
        ),
    ],
)
def test_an_export_without_a_column_of_the_model_is_refused_by_name(tmp_path, header, message):
    (tmp_path / "new.csv").write_text(f"{header}\n1,2\n", encoding="utf-8")
    assert _said(3, predict, _saved(), read_export(tmp_path / "new.csv")) == message


def _frame(**columns):
    return pd.DataFrame({name: pd.Series(values) for name, values in columns.items()})


@pytest.mark.parametrize(
    ("frame", "exit_code", "message"),
    [
        (
            _frame(age=[60.0] * 40),
            4,
            """no predictor varies among the development patients [S-NO-PREDICTORS]
expected: at least one predictor with two different values
to fix: check the columns that were set aside and the findings""",
        ),
        (
            _frame(age=[np.nan] * 9 + [50.0, 60.0] * 20, **{"age missing": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0] * 7}),
            3,
            """more than one design column would be named `age missing` [E-DUP-HEADER]
expected: no predictor that is named as a level, or the missing values, of another
to fix: rename such columns or levels in the export""",
        ),
        (
            _frame(age=[50.0, 60.0] * 20, lactate=[1e200, 2.0] * 20, urea=[1e308, -1e308] * 20),
            3,
            """numbers too large to compute with in `lactate`, `urea` [E-NOT-FINITE]
expected: numbers whose mean and standard deviation exist in double precision
to fix: correct the export, or give a range with above_range = "missing" (study.toml: predictors)""",
        ),
    ],
)
def test_a_preparation_that_cannot_be_learnt_says_why(frame, exit_code, message):
    kinds = dict.fromkeys(frame.columns, NUMBER)
    assert _said(exit_code, Preparation.learn, frame, kinds, np.arange(len(frame))) == message


def test_a_comparator_that_cannot_be_judged_says_what_it_has(tmp_path):
    rows = [f"{row % 2},{20 + row},{0.25 if row % 2 else ''}" for row in range(80)]
    (tmp_path / "visits.csv").write_text("\n".join(["died,age,score", *rows]) + "\n", encoding="utf-8")
    study = study_from({"outcome": {"column": "died"}, "comparators": {"score": {}}}, source="study.toml")
    assert (
        _said(4, learn, tmp_path / "visits.csv", study, progress=lambda _what, _share: None)
        == """comparator `score` has a risk in 10 held-out rows, 10 of them with the event [S-ONE-CLASS]
expected: held-out rows with the event, and rows without it, that have the comparator's risk
to fix: remove the comparator from the study, or complete its risks in the export"""
    )


ANOTHER = "to fix: give another place"


def test_a_place_that_is_taken_says_by_what(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("mine")
    for name, what in (("file", "file"), ("folder", "folder")):
        assert (
            _said(7, check_place, tmp_path / name, overwrite=False)
            == f"""the {what} `{name}` exists already [R-PATH]
expected: a place that is free
{ANOTHER}, or replace what an earlier run left with --overwrite"""
        )
    assert (
        _said(7, check_place, tmp_path / "folder", overwrite=True)
        == f"""the folder `folder` holds files that no run of clinpred made [R-PATH]
expected: a folder that holds one run and nothing else
{ANOTHER}"""
    )
    assert (
        _said(7, write_whole, tmp_path / "file", "new", overwrite=False)
        == f"""the file `file` exists already [R-PATH]
expected: a place that is free
{ANOTHER}, or replace what an earlier run left with --overwrite"""
    )


def test_a_place_of_what_is_read_or_of_no_file_or_of_two_results_is_told(tmp_path):
    (tmp_path / "export.csv").write_text("mine")
    assert (
        _said(2, check_free, tmp_path / "export.csv", overwrite=True, inputs=[tmp_path / "export.csv"])
        == """`export.csv` is a file that this command reads [E-OUTPUT-IS-INPUT]
expected: a place that holds nothing of what is read
to fix: give another place; what is read is never replaced"""
    )
    assert (
        _said(2, check_free, Path("/dev/full"), overwrite=True)
        == f"""`full` is a device or a pipe, not a file [E-NOT-FILE]
expected: a place for a file
{ANOTHER}"""
    )
    assert (
        _said(2, check_all_free, [tmp_path / "one.out", tmp_path / "one.out"], overwrite=False)
        == """two results are to be written to one place, `one.out` [E-OUTPUT-TWICE]
expected: a place of its own for each
to fix: give them different names"""
    )


def test_a_place_that_cannot_be_written_to_is_named_by_its_last_folder(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("mine")
    assert (
        _said(7, check_place, tmp_path / "file" / "out", overwrite=False)
        == f"""cannot write into `file` [R-PATH]
expected: a folder that may be written to
{ANOTHER}"""
    )
    assert (
        _said(7, write_whole, tmp_path / "none" / "risks.csv", "new", overwrite=False)
        == f"""risks.csv: its folder does not exist [R-PATH]
expected: a folder that exists
{ANOTHER}"""
    )
    monkeypatch.chdir(tmp_path)
    assert (
        _said(7, check_place, Path(), overwrite=False)
        == f"""the folder `{tmp_path.name}` is the one you are in, or above it [R-PATH]
expected: a place that is free
{ANOTHER}"""
    )


def _write_while(place, fault):
    with whole_or_absent(place, overwrite=False):
        raise fault


def test_what_the_system_refuses_is_said_without_the_folders_above(tmp_path):
    full = OSError(errno.ENOSPC, "No space left on device", str(tmp_path))
    assert (
        _said(7, _write_while, tmp_path / "out", full)
        == """cannot write `out` (No space left on device) [R-DISK]
expected: a place that may be written to, with room for the files
to fix: make room on the disk, or give another place"""
    )
    read_only = OSError(errno.EROFS, "Read-only file system", str(tmp_path))
    assert (
        _said(7, _write_while, tmp_path / "out", read_only)
        == """cannot write `out` (Read-only file system) [R-PATH]
expected: a place that may be written to, with room for the files
to fix: give another place"""
    )


def test_a_folder_without_results_is_named(tmp_path, monkeypatch):
    message = f"""`{tmp_path.name}` holds no results.json [E-NOT-FOUND]
expected: the folder of a run
to fix: check the path, or run `clinpred run` first"""
    assert _said(3, redraw_report, tmp_path) == message
    monkeypatch.chdir(tmp_path)
    assert _said(3, redraw_report, Path()) == message


@pytest.mark.parametrize(
    ("content", "faults"),
    [("{", "1 fault"), ("[]", "1 fault"), ('{"schema": 1}', "9 faults"), ("\udcff", "1 fault"), ("", "1 fault")],
)
def test_results_that_no_run_wrote_are_counted_not_quoted(tmp_path, content, faults):
    (tmp_path / "results.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    assert (
        _said(3, load_results, tmp_path / "results.json")
        == f"""results.json is not what a run wrote: {faults} [E-RESULTS]
expected: a results.json of this version of clinpred, unchanged
to fix: run the study again"""
    )


def test_sample_data_that_were_not_installed_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "_PLACES", (tmp_path,))
    assert (
        _said(3, demo.sample_study)
        == """the sample data are not installed [E-NOT-FOUND]
expected: sample_data/support2.csv beside the package
to fix: install clinpred from a clone: pip install -e ."""
    )


def test_a_command_without_an_outcome_is_told_how_to_name_it():
    refused = CliRunner().invoke(main, ["run", "visits.csv"])
    assert refused.exit_code == 2
    assert (
        refused.stderr
        == """error: no outcome was named [E-NO-OUTCOME]
expected: --outcome COLUMN, or a study file with an [outcome] table
to fix: clinpred init visits.csv proposes a study file
"""
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["visits.csv", "--outcome", "died", "--keep", "slos"],
            """error: --allow-identifier or --keep was given without a reason [E-BECAUSE]
expected: --because WHY beside it
to fix: say why the column may stay: the reason is kept in the run's record
""",
        ),
        (
            ["visits.csv", "--outcome", "died", "--missing", "sodium"],
            """error: --missing was given without a column or without a value [E-PAIR]
expected: --missing COLUMN=VALUE
to fix: name the column and, after an equals sign, the value
""",
        ),
        (
            ["--outcome", "died"],
            """error: no export was named [E-NO-SOURCE]
expected: an EXPORT, several of the same columns, or --sql URL with either --query SQL or --table NAME
to fix: name where the records lie
""",
        ),
        (
            ["visits.csv", "--outcome", "died", "--query", "select 1"],
            """error: a query without a database was named [E-NO-SOURCE]
expected: an EXPORT, several of the same columns, or --sql URL with either --query SQL or --table NAME
to fix: name where the records lie
""",
        ),
        (
            ["--outcome", "died", "--sql", "sqlite:///visits.db"],
            """error: a database was named with a file, or without one query or one table [E-NO-SOURCE]
expected: an EXPORT, several of the same columns, or --sql URL with either --query SQL or --table NAME
to fix: name where the records lie
""",
        ),
    ],
)
def test_a_command_that_lacks_a_reason_or_a_source_is_told_so(arguments, message):
    refused = CliRunner().invoke(main, ["run", *arguments])
    assert (refused.exit_code, refused.stderr) == (2, message)


def test_an_export_without_any_outcome_is_told_how_to_name_one(tmp_path):
    (tmp_path / "visits.csv").write_text("sodium,potassium\n" + "".join(f"{130 + n}.5,4.{n}\n" for n in range(30)))
    refused = CliRunner().invoke(main, ["init", str(tmp_path / "visits.csv"), "--out", str(tmp_path / "study.toml")])
    assert (refused.exit_code, (tmp_path / "study.toml").exists()) == (3, False)
    assert (
        refused.stderr
        == """error: visits.csv: no column is named as an outcome (no column has two values) [E-NO-OUTCOME]
expected: a column whose name or values say that it is the outcome, such as died, readmitted or event
to fix: name it: clinpred init visits.csv --outcome COLUMN
"""
    )


def test_a_setting_of_the_command_line_is_named_with_its_place():
    refused = CliRunner().invoke(main, ["run", "visits.csv", "--outcome", "died", "--horizon", "30"])
    assert refused.exit_code == 2
    assert (
        refused.stderr
        == """error: command line: `outcome`: needs `column`, or `event_column`, `time_column` and `horizon_days` \
together [E-STUDY]
expected: the keys and types of study.toml (README, section `study.toml`)
to fix: correct the 1 setting named above
"""
    )


def test_characters_that_would_move_the_terminal_are_shown_as_escapes():
    refused = CliRunner().invoke(main, ["run", "a\x1b[2Jb\u202ec.csv"])
    assert "\x1b" not in refused.stderr
    assert "\u202e" not in refused.stderr
    assert "clinpred init a\\x1b[2Jb\\x202ec.csv proposes" in refused.stderr


def test_a_bug_is_shown_by_place_never_by_value(monkeypatch, tmp_path):
    def stumble(_path):
        raise ValueError("ZEBRAFINCH 1987-06-05")

    monkeypatch.setattr("clinpred.study.redraw.load_results", stumble)
    refused = CliRunner().invoke(main, ["report", str(tmp_path)])
    lines = refused.stderr.splitlines()
    assert refused.exit_code == 1
    assert lines[0] == "error: a bug in clinpred; nothing was written"
    assert lines[-1] == "  ValueError"
    assert "ZEBRAFINCH" not in refused.stderr
    assert str(tmp_path) not in refused.stderr


def test_being_stopped_says_that_nothing_was_written(monkeypatch, tmp_path):
    def stop(_path):
        raise KeyboardInterrupt

    monkeypatch.setattr("clinpred.study.redraw.load_results", stop)
    refused = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert (refused.exit_code, refused.stderr) == (130, "stopped: nothing was written\n")


def test_a_policy_for_the_cluster_of_no_predictor_is_refused(tmp_path):
    rows = [f"{age},{3 * age % 7},{age % 2}" for age in range(40, 100)]
    (tmp_path / "export.csv").write_text("\n".join(["age,crea,died", *rows]))
    asked = {"outcome": {"column": "died"}, "correlation": {"clusters": {"creatinine": "summary", "age": "keep"}}}
    with pytest.raises(ClinpredError) as refused:
        learn(tmp_path / "export.csv", study_from(asked, source="study.toml"), progress=lambda _what, _share: None)
    assert str(refused.value) == (
        "no predictor of the study: `creatinine` [E-MISSING-COLUMN]\n"
        "expected: clusters that are named by a predictor in them (study.toml: correlation.clusters)\n"
        "to fix: name a predictor as the export has it, or leave the policy out"
    )


def test_knots_of_a_category_are_refused(tmp_path):
    rows = [f"{age},{'abc'[age % 3]},{age % 2}" for age in range(40, 100)]
    (tmp_path / "export.csv").write_text("\n".join(["age,ward,died", *rows]))
    asked = {"outcome": {"column": "died"}, "predictors": {"ward": {"knots": 4}}}
    with pytest.raises(ClinpredError) as refused:
        learn(tmp_path / "export.csv", study_from(asked, source="study.toml"), progress=lambda _what, _share: None)
    assert str(refused.value) == (
        "knots are asked for of what is no number: `ward` [E-NUMBER]\n"
        "expected: predictors that are numbers (study.toml: predictors)\n"
        "to fix: leave their `knots` out, or correct their type"
    )


def test_a_predictor_without_enough_patients_for_a_curve():
    table = pd.DataFrame({"age": np.arange(40) % 20.0, "shift": [0.0] * 33 + [1.0] * 7})
    preparation = Preparation.learn(table, dict.fromkeys(table, NUMBER), np.arange(40))
    model = RiskModel("by hand", preparation, LinearForm(0.0, np.ones(2)))
    constant = table.assign(age=1.0)
    assert (
        _said(4, accumulated_local_effects, model, constant, "age")
        == """`age` has no two values with 8 patients each side and between them [S-NOT-DENSE]
expected: a predictor that differs among enough of the patients
to fix: gather more patients, or ask for another predictor"""
    )


TOLD_HERE = {
    "bundle": {"E-MISSING-COLUMN", "E-NOT-FOUND", "E-UNITS", "M-FORM", "M-INTEGRITY", "M-VERSION", "R-PATH"},
    "cli": {"E-BECAUSE", "E-NO-OUTCOME", "E-NO-SOURCE", "E-PAIR", "E-SIZE"},
    "explanation": {"S-NOT-DENSE"},
    "predictors": {"E-DUP-HEADER", "E-MISSING-COLUMN", "E-NOT-FINITE", "S-NO-PREDICTORS"},
    "study": {
        *("E-MISSING-COLUMN", "E-NO-OUTCOME", "E-NOT-FILE", "E-NOT-FOUND", "E-NUMBER"),
        *("E-OUTPUT-IS-INPUT", "E-OUTPUT-TWICE", "E-RESULTS", "R-DISK", "R-PATH", "S-ONE-CLASS"),
    },
}
KINDS_OF_ERROR = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}


@pytest.mark.parametrize("room", TOLD_HERE)
def test_every_code_that_these_rooms_can_say_is_told_here(room):
    codes = set()
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS_OF_ERROR:
                codes |= {part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)}
    assert codes == TOLD_HERE[room]
