"""Notebooks are kept as a pair: a script that can be reviewed, and the same cells with small outputs."""

from pathlib import Path

import jupytext
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.py"))
LARGEST_BYTES = 400_000


def _cells(path):
    return [(cell.cell_type, cell.source) for cell in jupytext.read(path).cells]


@pytest.mark.parametrize("script", NOTEBOOKS, ids=lambda path: path.stem)
def test_script_and_notebook_hold_the_same_cells(script):
    assert _cells(script) == _cells(script.with_suffix(".ipynb"))


@pytest.mark.parametrize("script", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_small_and_without_a_machines_traces(script):
    notebook = script.with_suffix(".ipynb")
    assert notebook.stat().st_size < LARGEST_BYTES
    assert "execution" not in {key for cell in jupytext.read(notebook).cells for key in cell.metadata}
