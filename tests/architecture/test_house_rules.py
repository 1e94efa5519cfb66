"""The house rules that a machine can check: floors and doors, style, types, and the size of rooms."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "clinpred").rglob("*.py"))
LONGEST_FUNCTION = 40
LONGEST_MODULE = 400


def _run(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _lines_of_code(function):
    docstring = ast.get_docstring(function, clean=False)
    return function.end_lineno - function.lineno + 1 - (docstring.count("\n") + 1 if docstring else 0)


def _functions(path):
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_a_module_imports_only_from_floors_below_and_heavy_libraries_have_one_door():
    linted = _run(Path(sys.executable).parent / "lint-imports", "--no-cache")
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("command", [("check",), ("format", "--check")], ids=["lint", "format"])
def test_the_style_is_the_house_style(command):
    ruff = _run(sys.executable, "-m", "ruff", *command, "--no-cache", "clinpred", "tests", "notebooks", "benchmarks")
    assert ruff.returncode == 0, ruff.stdout


def test_the_types_are_strict():
    mypy = _run(sys.executable, "-m", "mypy")
    assert mypy.returncode == 0, mypy.stdout


def test_no_function_is_longer_than_a_page():
    too_long = [
        f"{path.relative_to(ROOT)}: {function.name}"
        for path in MODULES
        for function in _functions(path)
        if _lines_of_code(function) > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_no_module_is_a_warehouse():
    too_long = [str(path.relative_to(ROOT)) for path in MODULES if len(path.read_text().splitlines()) > LONGEST_MODULE]
    assert too_long == []


def test_nothing_is_called_utils():
    assert [path for path in MODULES if path.stem in {"utils", "helpers", "common", "misc", "manager"}] == []


def test_nothing_in_the_package_unpickles_or_evaluates():
    forbidden = {"pickle", "dill", "marshal", "shelve", "cloudpickle"}
    for path in MODULES:
        tree = ast.parse(path.read_text())
        imported = {
            alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        imported |= {
            node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
        }
        called = {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not (imported & forbidden) | (called & {"eval", "exec"}), path
        assert not re.search(r"joblib\.(load|dump)|allow_pickle=True", path.read_text()), path


def test_every_error_code_is_well_formed():
    codes = {code for path in MODULES for code in re.findall(r'"([A-Z]-[A-Z0-9-]+)"', path.read_text())}
    assert codes
    assert all(re.fullmatch(r"[BEMPRSW]-[A-Z][A-Z0-9-]*", code) for code in codes)


@pytest.mark.parametrize("import_it", ["clinpred", "clinpred.cli", "clinpred.bundle.load", "clinpred.bundle.predict"])
def test_light_code_loads_no_heavy_library(import_it):
    heavy = "{'keras', 'jax', 'shap', 'sklearn', 'matplotlib', 'numba'} & set(sys.modules)"
    loaded = _run(sys.executable, "-c", f"import sys, {import_it}; print({heavy})")
    assert loaded.stdout.strip() == "set()", loaded.stdout + loaded.stderr
