"""The demo on SUPPORT, whole, and the copy of its report that the repository keeps."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from clinpred.cli import main
from clinpred.report.figures import draw_figures
from clinpred.report.render import render_report
from clinpred.study.redraw import load_results

KEPT = Path(__file__).parents[2] / "reports" / "demo"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo") / "clinpred-demo"
    finished = CliRunner().invoke(main, ["demo", "--out", str(out)])
    assert finished.exit_code == 0, finished.output
    return load_results(out / "results.json"), out


def _held_out(results, model, measure):
    return getattr(results.models[model].performance["held_out"], measure)


@pytest.mark.slow
def test_the_demo_reaches_what_is_known_of_these_patients(demo):
    results, _ = demo
    ridge, network = (_held_out(results, name, "auroc").estimate for name in ("logistic_ridge", "mlp_regularised"))
    assert ridge >= 0.775
    assert abs(network - ridge) <= 0.01
    assert _held_out(results, "mlp_unregularised", "calibration_slope").upper < 0.5
    assert results.models["mlp_unregularised"].performance["apparent"].auroc.estimate > 0.99


@pytest.mark.slow
def test_comparators_are_scored_on_the_patients_who_have_one_and_never_clipped(demo):
    results, _ = demo
    for name in ("comparator_surv6m", "comparator_prg6m"):
        auroc, slope = _held_out(results, name, "auroc"), _held_out(results, name, "calibration_slope")
        assert auroc.patients < results.partition.held_out.patients
        assert slope.estimate is None
        assert "risks of 0 or 1" in slope.reason
        assert "apparent" not in results.models[name].performance


@pytest.mark.slow
def test_the_demo_replaces_only_what_a_run_made(demo):
    _, out = demo
    (out / "notes.txt").write_text("mine")
    refused = CliRunner().invoke(main, ["demo", "--out", str(out)])
    assert refused.exit_code == 7
    (out / "notes.txt").unlink()


@pytest.mark.slow
def test_the_report_that_is_kept_is_of_this_version(demo):
    results, _ = demo
    kept = load_results(KEPT / "results.json")
    assert (kept.study, kept.cohort, kept.partition) == (results.study, results.cohort, results.partition)
    for name in ("logistic_unpenalised", "logistic_ridge"):
        ours, theirs = (_held_out(one, name, "auroc").estimate for one in (results, kept))
        assert ours == pytest.approx(theirs, abs=1e-6)


def test_the_report_that_is_kept_is_drawn_as_this_version_draws():
    results = load_results(KEPT / "results.json")
    assert (KEPT / "report.html").read_text(encoding="utf-8") == render_report(results, draw_figures(results))


def _lists(value):
    if isinstance(value, dict):
        return [one for part in value.values() for one in _lists(part)]
    if isinstance(value, list):
        return [value, *(one for part in value for one in _lists(part))]
    return []


def test_no_patient_is_in_the_report_that_is_kept():
    kept = json.loads((KEPT / "results.json").read_text(encoding="utf-8"))
    assert max(len(value) for value in _lists(kept)) <= 301, "a list as long as the patients would be their rows"
    assert {path.name for path in KEPT.iterdir()} == {"report.html", "results.json", "run.json", "study.toml"}
