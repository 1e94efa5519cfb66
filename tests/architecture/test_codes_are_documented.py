"""The catalogue and the source agree: every code is documented, and what is documented exists."""

import ast
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from clinpred import errors
from clinpred.codes import codes
from clinpred.settings.cohort import Comparator, Predictor
from clinpred.settings.study import Study

PACKAGE = Path(errors.__file__).parent
CODE = re.compile(r"[BEMPRSW]-[A-Z][A-Z0-9-]*")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
KEY = re.compile(r"`([a-z_]+(?:\.[A-Za-z_]+)*)`")
EXIT_CODES = {
    name: kind.exit_code
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.ClinpredError)
}
DOCUMENTED = {one.code: one for one in codes()}


def _trees():
    return [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))]


def _codes_in_the_source():
    constants = (node.value for tree in _trees() for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str) and CODE.fullmatch(value)}


def _raised_directly():
    """Return (class, code) for every error that is built with its code in place."""
    calls = (node for tree in _trees() for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args)
    return {
        (call.func.id, call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Name) and isinstance(call.args[0], ast.Constant) and call.func.id in EXIT_CODES
    }


def _options_of_the_command_line():
    texts = [path.read_text(encoding="utf-8") for path in (PACKAGE / "cli").glob("*.py")]
    return {option for text in texts for option in re.findall(r'"(--[a-z][a-z0-9-]*)"', text)} | {"--help"}


def _resolves(key):
    """Whether a dotted key leads through the study's settings; COLUMN stands for any name of a column."""
    settings = Study
    for part in key.split("."):
        if part == "COLUMN":
            continue
        if settings is None or part not in settings.model_fields:
            return False
        settings = _settings_below(settings, part)
    return True


def _settings_below(settings, part):
    tables = {"comparators": Comparator, "predictors": Predictor}
    kind = settings.model_fields[part].annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else tables.get(part)


def _said(one):
    return " ".join((one.means, one.why, one.to_do, one.example or ""))


def test_every_code_of_the_source_is_documented():
    assert _codes_in_the_source() - set(DOCUMENTED) == set()


def test_every_documented_code_is_in_the_source():
    assert set(DOCUMENTED) - _codes_in_the_source() == set()


def test_the_exit_codes_are_those_of_the_errors_that_are_raised():
    raised = [(kind, code) for kind, code in _raised_directly() if code in DOCUMENTED]
    wrong = {f"{code}: {kind}" for kind, code in raised if EXIT_CODES[kind] not in DOCUMENTED[code].exits}
    assert wrong == set()
    wrong_usage = {code for kind, code in raised if kind == "WrongUsage"}
    assert {one.code for one in codes() if 2 in one.exits} == wrong_usage


@pytest.mark.parametrize("one", codes(), ids=lambda one: one.code)
def test_every_option_and_key_that_a_text_names_exists(one):
    assert set(OPTION.findall(_said(one))) - _options_of_the_command_line() == set()
    named = {key for key in KEY.findall(_said(one)) if key.split(".")[0] in Study.model_fields}
    assert [key for key in named if not _resolves(key)] == []


def test_the_files_are_in_order():
    for path in (PACKAGE / "codes").glob("*.toml"):
        named = re.findall(r"^\[(.+)\]$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert named == sorted(named), path.name
