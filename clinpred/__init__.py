"""Whether a clinical prediction model holds on new patients.

The steps of a study, in order: ``read_export``, ``load_study``, ``assemble``, ``hold_out_patients``, ``prepare``,
``develop``, ``score``, ``evaluate``; or all of it with ``run_study``. Models are in ``clinpred.models``, measures in
``clinpred.performance``.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clinpred.bundle.load import load_model
    from clinpred.bundle.predict import predict
    from clinpred.models.development import develop, prepare
    from clinpred.records.cohort import assemble
    from clinpred.records.partition import hold_out_patients, patient_folds
    from clinpred.records.read import read_export
    from clinpred.records.synthetic import synthetic_export
    from clinpred.report.render import render_report
    from clinpred.settings.study import load_study
    from clinpred.study.demo import sample_study
    from clinpred.study.explanation import explain
    from clinpred.study.redraw import load_results
    from clinpred.study.run import run_study
    from clinpred.validation.held_out import evaluate, score

__version__ = "0.1.0"

_HOMES = {
    "assemble": "records.cohort",
    "develop": "models.development",
    "evaluate": "validation.held_out",
    "explain": "study.explanation",
    "hold_out_patients": "records.partition",
    "load_model": "bundle.load",
    "load_results": "study.redraw",
    "load_study": "settings.study",
    "patient_folds": "records.partition",
    "predict": "bundle.predict",
    "prepare": "models.development",
    "read_export": "records.read",
    "render_report": "report.render",
    "run_study": "study.run",
    "sample_study": "study.demo",
    "score": "validation.held_out",
    "synthetic_export": "records.synthetic",
}

__all__ = [
    "assemble",
    "develop",
    "evaluate",
    "explain",
    "hold_out_patients",
    "load_model",
    "load_results",
    "load_study",
    "patient_folds",
    "predict",
    "prepare",
    "read_export",
    "render_report",
    "run_study",
    "sample_study",
    "score",
    "synthetic_export",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  # imported late, so that `clinpred --help` is quick
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(f"clinpred.{_HOMES[name]}"), name)
    if name in {"models", "performance"}:
        return import_module(f"clinpred.{name}")
    raise AttributeError(f"module `clinpred` has no attribute `{name}`")
