"""The published table of agreement with R holds what is computed now, and no difference is hidden in it."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        return _found()


def _found():
    spec = importlib.util.spec_from_file_location("agreement", ROOT / "benchmarks" / "agreement.py")
    module = sys.modules["agreement"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.agreements())


@pytest.fixture(scope="module")
def published():
    lines = (ROOT / "docs" / "agreement.md").read_text(encoding="utf-8").splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return table[2:]


def test_every_number_agrees_to_1e_6_but_those_whose_reference_stopped_early(found):
    differing = {f"{one.measure}, {one.entry}": one.difference for one in found if one.difference >= 1e-6}
    assert list(differing) == [
        "penalised coefficients per sd, 02_glmnet breast_cancer_alpha0",
        "penalised coefficients per sd, 02_glmnet breast_cancer_alpha0.5",
        "penalised coefficients per sd, 02_glmnet breast_cancer_alpha1",
        "calibration_slope, standard error, 04_val_prob val_breast",
    ]
    assert max(differing.values()) < 1e-4


def test_only_what_differs_bears_a_note(found):
    assert [one.difference >= 1e-6 for one in found] == [bool(one.note) for one in found]


def test_the_published_table_has_every_comparison_with_its_numbers(found, published):
    assert [row[:2] for row in published] == [[one.measure, one.entry] for one in found]
    for row, one in zip(published, found, strict=True):
        assert float(row[2]) == pytest.approx(one.reference, rel=1e-8)
        assert float(row[3]) == pytest.approx(one.found, rel=1e-7)
        assert float(row[4].strip("<* ")) > 0.1 * one.difference - 1e-12


def test_every_family_of_reference_numbers_is_in_the_table(found):
    files = {one.entry.split()[0] for one in found}
    assert files == {
        "01_glm",
        "02_glmnet",
        "03_lrm",
        "04_val_prob",
        "05_validate",
        "06_proc",
        "07_dcurves",
        "08_sample_size",
        "09_collinearity",
        "09_varclus",
        "10_firth",
        "11_mice_rubin",
        "12_ici",
        "13_r2_ipa",
        "14_auprc_hl_brier",
        "15_rcs",
    }
