"""The reference page of the measures is what the catalogue and the docstrings say."""

import inspect
import runpy
from pathlib import Path

import pytest

from clinpred.performance import ALL_MEASURES

DOCS = Path(__file__).parents[2] / "docs"
MAKER = runpy.run_path(str(DOCS / "make_measures.py"))


def test_the_page_is_up_to_date():
    assert (DOCS / "measures.md").read_text(encoding="utf-8") == MAKER["page"]()


def test_every_measure_is_on_the_page_once():
    page = MAKER["page"]()
    for measure in ALL_MEASURES.values():
        assert page.count(f"### {measure.title}\n") == 1


@pytest.mark.parametrize("key", ALL_MEASURES)
def test_every_measure_names_its_source_and_what_it_was_checked_against(key):
    doc = inspect.getdoc(ALL_MEASURES[key].function)
    assert "References\n----------" in doc
    assert "\nChecked against " in doc
    assert "Returns\n-------" in doc
