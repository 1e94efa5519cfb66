"""Nothing of a patient leaves the export: a canary in every cell, and none in any file, message or traceback."""

import csv
import re

import numpy as np
import pytest
from click.testing import CliRunner

from clinpred.cli import main
from clinpred.records import cohort as cohort_room
from clinpred.records import read as read_room

N_ROWS = 500
NUMBERS = ("age", "sodium", "lactate", "crp", "urea", "platelets")


@pytest.fixture(scope="module")
def rows():
    """Cells that no computation could make by chance: long decimals, words of no language, days of other centuries."""
    rng = np.random.default_rng(41)
    signal = rng.normal(size=(N_ROWS, len(NUMBERS)))
    died = rng.uniform(size=N_ROWS) < 1 / (1 + np.exp(1.2 - signal[:, 0] - 0.5 * signal[:, 1]))
    table = []
    for row in range(N_ROWS):
        numbers = [f"{50 + 9 * value:.7f}" for value in signal[row]]
        day = np.datetime64("2000-01-01") + row
        rare = f"Qzlevel{row // 3:03d}" if row < 30 else ("north", "south")[row % 2]
        words = f"Vexkorn{row:04d} went home with his brother and a letter for the surgeon in town"
        table.append([f"ZQ{row:05d}X", *numbers, str(day), rare, words, str(int(died[row]))])
    return table


HEADER = ["pid", *NUMBERS, "seen_on", "ward", "remark", "died"]


def _write(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def _canaries(rows):
    cells = {cell for row in rows for cell in row[:-1]}
    return {cell for cell in cells if cell not in {"north", "south"}} | {row[-2].split()[0] for row in rows}


def _found(text, rows):
    """Return the canaries in a text; a number counts in every spelling of its digits."""
    present = set(re.findall(r"ZQ\d{5}X|\d+\.\d{6,}|\d{4}-\d{2}-\d{2}|Qzlevel\d{3}|Vexkorn\d{4}", text))
    numbers = {f"{float(cell):.7f}" for cell in present if re.fullmatch(r"\d+\.\d{6,}", cell)}
    return (present | numbers) & _canaries(rows)


def _invoke(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def _said(result):
    return result.output + "".join(map(str, result.exc_info or ()))


ASKED = ("--outcome", "died", "--patient-id", "pid")


@pytest.mark.slow
def test_no_cell_turns_up_in_what_a_run_leaves_behind_or_says(rows, tmp_path):
    export = _write(tmp_path / "visits.csv", rows)
    models = "standard,gradient_boosting"
    asked = (*ASKED, "--models", models, "--bootstraps", "4", "--threshold", "0.2")
    result = _invoke("run", export, *asked, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert _found(_said(result), rows) == set()
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            assert _found(path.read_bytes().decode("utf-8", errors="replace"), rows) == set(), path.name


def test_no_cell_turns_up_in_an_audit_a_proposal_or_the_words_of_either(rows, tmp_path):
    export = _write(tmp_path / "visits.csv", rows)
    page, proposal = tmp_path / "audit.html", tmp_path / "study.toml"
    for arguments in (
        ("check", export, *ASKED, "--html", page),
        ("init", export, "--out", proposal),
    ):
        result = _invoke(*arguments)
        assert result.exit_code == 0, result.output
        assert _found(_said(result), rows) == set()
    assert _found(page.read_text(), rows) == set()
    assert _found(proposal.read_text(), rows) == set()


def _changed(rows, at, column, cell):
    place = HEADER.index(column)
    return [[*row[:place], cell(row[place]), *row[place + 1 :]] if n == at else row for n, row in enumerate(rows)]


FAULTS = {
    "a word among numbers": lambda rows: [
        [*row[:2], f"{row[2]} high" if n % 9 == 0 else row[2], *row[3:]] for n, row in enumerate(rows)
    ],
    "a number that is infinite": lambda rows: _changed(rows, 7, "age", lambda cell: f"{cell}e999"),
    "censored values": lambda rows: _changed(rows, 7, "crp", lambda cell: f"<{cell}"),
    "two units": lambda rows: [
        [*row[:3], f"{row[3]} {('mmol/L', 'mg/dL')[n % 2]}", *row[4:]] for n, row in enumerate(rows)
    ],
    "a day that is none": lambda rows: _changed(rows, 7, "seen_on", lambda _cell: "2001-02-30"),
    "a short row": lambda rows: [row[:5] if n == 99 else row for n, row in enumerate(rows)],
    "a long row": lambda rows: [[*row, "Vexkorn0000"] if n == 99 else row for n, row in enumerate(rows)],
    "a quote never closed": lambda rows: _changed(rows, 99, "remark", lambda cell: f'"{cell}'),
    "a third outcome": lambda rows: _changed(rows, 99, "died", lambda _cell: "Vexkorn0001"),
    "a patient twice": lambda rows: [*rows, rows[3]],
    "an e-mail address": lambda rows: [[*row[:-2], f"{row[0]}@example.org", row[-1]] for row in rows],
    "values below their range": lambda rows: _changed(rows, 7, "age", lambda cell: f"-{cell}"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("command", ["check", "run", "init"])
def test_no_cell_turns_up_in_what_is_said_of_a_fault(rows, tmp_path, fault, command):
    (tmp_path / "study.toml").write_text(
        '[outcome]\ncolumn = "died"\n[predictors]\nage = { type = "number", range = [0, 120] }\n'
        '[models]\nfit = ["prevalence", "logistic_ridge"]\n'
        "[resampling]\nbootstraps = 4\nrepeats = 1\nlearning_curve = false\n"
    )
    export = tmp_path / "visits.csv"
    text = "\n".join(",".join(row) for row in [HEADER, *FAULTS[fault](rows)]) + "\n"
    export.write_text(text, encoding="utf-8")
    asked = () if command == "init" else ("--study", tmp_path / "study.toml", "--patient-id", "pid")
    out = ("--out", tmp_path / "out") if command != "check" else ()
    result = _invoke(command, export, *asked, *out)
    assert "a bug in clinpred" not in result.output
    assert _found(_said(result), rows) == set()


@pytest.mark.parametrize("room", [(read_room, "_typed"), (cohort_room, "derive_outcome")], ids=["reading", "cohort"])
def test_a_bug_shows_its_place_and_no_cell(rows, tmp_path, monkeypatch, room):
    def broken(*_arguments, **_settings):
        raise ValueError(f"could not convert {rows[7]}")

    monkeypatch.setattr(*room, broken)
    result = _invoke("check", _write(tmp_path / "visits.csv", rows), *ASKED)
    assert result.exit_code == 1
    assert "a bug in clinpred" in result.output
    assert _found(_said(result), rows) == set()
