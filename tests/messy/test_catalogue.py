"""No case of the catalogue is silently wrong, every row of it has one, and the page that shows them is up to date."""

import importlib.util
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location(
    "catalogue_benchmark", Path(__file__).parents[2] / "benchmarks" / "catalogue.py"
)
catalogue = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(catalogue)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built():
    return catalogue.build_all()


def test_every_case_is_loaded_exactly_or_refused_by_its_code(built):
    assert {f"{each.row} {each.name}": each.wrong for each in built if each.wrong} == {}


def test_every_row_has_a_case_and_every_case_a_row(built):
    assert {each.row for each in built} == set(catalogue.ROWS)


def test_the_page_shows_what_is_so_today(built):
    assert catalogue.PAGE.read_text(encoding="utf-8") == catalogue.page(built), "run python benchmarks/catalogue.py"
