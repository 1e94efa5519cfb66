"""What every kind of test may ask for."""

import importlib.util
import sys
from pathlib import Path

import pytest

_EXAMPLE = Path(__file__).parent / "results_example.py"


@pytest.fixture(scope="session")
def example_results():
    """Return a whole made-up `Results`: every kind of model, curve, finding and missing estimate."""
    spec = importlib.util.spec_from_file_location("results_example", _EXAMPLE)
    module = sys.modules["results_example"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.example_results()
