"""The README is true: its study file, its Python, its commands and options."""

import re
import tomllib
from pathlib import Path

import click

from clinpred.cli import main
from clinpred.settings.models import MODEL_NAMES, STANDARD_MODELS
from clinpred.settings.study import study_from

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_study_file_shown_is_a_study():
    (settings,) = _blocks("toml")
    study = study_from(tomllib.loads(settings), source="README.md")
    assert study.models.primary == "logistic_ridge"


def test_the_other_form_of_the_outcome_shown_is_one_too():
    (settings,) = _blocks("toml")
    shown = tomllib.loads(settings)
    shown["outcome"] = {"column": "hospdead", "event": "1"}
    assert study_from(shown, source="README.md").outcome.rule == "hospdead"


def test_the_python_shown_runs_and_reaches_what_is_known_of_these_patients(capsys):
    exec(compile("".join(_blocks("python")), "README.md", "exec"), {})
    measured, corrected, moved = capsys.readouterr().out.splitlines()
    auroc, slope = (float(number) for number in measured.split())
    assert auroc > 0.775
    assert 0.85 < slope < 1.15
    shown = {name: float(re.search(rf"\b{name}=([\d.]+)", corrected)[1]) for name in ("apparent", "corrected")}
    assert 0.65 < shown["corrected"] < shown["apparent"] < 0.9
    oldest, log_odds = (float(number) for number in moved.split())
    assert 85 < oldest < 100
    assert 0.3 < log_odds < 0.9


def test_every_command_and_every_option_of_run_is_named():
    assert all(f"`clinpred {name}" in README for name in main.commands)
    options = {option.opts[0] for option in main.commands["run"].params if isinstance(option, click.Option)}
    assert all(option in README for option in options)


def test_every_model_is_named():
    assert all(name in README for name in MODEL_NAMES)
    assert set(STANDARD_MODELS) == set(MODEL_NAMES) - {"gradient_boosting"}


def test_the_pages_it_links_to_exist():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / link).exists(), link


def test_ci_runs_the_test_line_of_the_readme_and_nothing_weaker():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "<!-- test line -->" in script
    line = re.search(r"<!-- test line -->\n```sh\n(.*?)\n```", README, flags=re.DOTALL)[1]
    assert "pytest" in line
    assert not re.search(r"-m |-k |--ignore|--deselect", line.split("pytest")[1])
