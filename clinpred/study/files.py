"""The files of a run, by name: report, results, tables, figures, models, settings and the run's record."""

import json
import platform
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import numpy as np

import clinpred
from clinpred.bundle.format import ModelCard, Plausible, SavedModel
from clinpred.bundle.predict import Prediction
from clinpred.bundle.save import model_bytes
from clinpred.models.risk_model import OpaqueForm
from clinpred.report.contents import Results
from clinpred.report.figures import draw_figures, standalone_svg
from clinpred.report.render import render_report
from clinpred.report.tables import result_tables, table_csv
from clinpred.settings.export import Reading
from clinpred.settings.study import dump_study
from clinpred.study.artefacts import PRIVATE, RUN_RECORD
from clinpred.study.judgement import Judged
from clinpred.study.learning import Learnt
from clinpred.study.prediction import prediction_csv
from clinpred.study.results import TITLES

PREDICTIONS = f"{PRIVATE}/NOT_FOR_RELEASE_predictions.csv"
Files = dict[str, str | bytes]
_LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn", "keras", "jax", "shap", "matplotlib")


def run_files(learnt: Learnt, judged: Judged, results: Results, *, save_predictions: bool = False) -> Files:
    """Return what a run leaves behind, by file name, its record apart."""
    files: Files = {
        **report_files(results),
        **_model_files(learnt),
        "study.toml": dump_study(learnt.study),
    }
    if save_predictions:
        files[PREDICTIONS] = _predictions(learnt, judged)
    return files


def report_files(results: Results) -> Files:
    """Return the report, its results, tables and figures."""
    figures = draw_figures(results)
    return {
        "report.html": render_report(results, figures),
        "results.json": _json(results.model_dump(mode="json", by_alias=True)),
        **{f"tables/{table.id}.csv": table_csv(table) for table in result_tables(results)},
        **{f"figures/{figure.id}.svg": standalone_svg(figure) for figure in figures.values()},
    }


def _model_files(learnt: Learnt) -> Files:
    primary = learnt.study.models.primary
    files: Files = {}
    for name, developed in learnt.developed.items():
        if isinstance(developed.model.form, OpaqueForm):
            continue
        content = model_bytes(SavedModel(developed.model, _card(name, learnt)))
        files["model.clinpred" if name == primary else f"models/{name}.clinpred"] = content
    return files


def _card(name: str, learnt: Learnt) -> ModelCard:
    study, development = learnt.study, learnt.partition.development
    needed = learnt.prepared.preparation.predictors
    ranges = {
        name: Plausible(*settings.range, below=settings.below_range, above=settings.above_range)
        for name, settings in study.predictors.items()
        if settings.range is not None and name in needed
    }
    return ModelCard(
        title=TITLES[name],
        study=study.name,
        outcome=study.outcome.rule,
        event=learnt.cohort.event,
        patient_column=study.roles.patient,
        development_patients=development.n_patients,
        development_events=development.n_events,
        seed=study.seed,
        version=clinpred.__version__,
        kinds={name: development.types[name] for name in needed},
        coded=tuple(name for name in needed if _is_coded(name, learnt)),
        ranges=ranges,
        reading=_read_alike(study.export, {*needed, *([study.roles.patient] if study.roles.patient else [])}),
        units=_units(learnt, needed),
    )


def _read_alike(reading: Reading, columns: set[str]) -> Reading:
    """Return what was decided about reading that holds for another export of these columns."""
    decided = {
        name: getattr(reading, name)
        for name in ("decimal", "date_order", "excel_dates")
        if getattr(reading, name) is not None
    }
    for name in ("missing", "censored"):
        of_columns = {column: said for column, said in getattr(reading, name).items() if column in columns}
        decided |= {name: of_columns} if of_columns else {}
    return Reading(**decided)


def _units(learnt: Learnt, needed: Iterable[str]) -> dict[str, str]:
    found = {name: learnt.export.decisions.get(name, {}).get("unit") for name in needed}
    stated = {name: learnt.partition.development.types[name].unit for name in needed}
    return {name: unit for name in needed if (unit := stated[name] or found[name])}


def _is_coded(name: str, learnt: Learnt) -> bool:
    return learnt.partition.development.types[name].kind != "number" and learnt.export.types[name] == "number"


def run_record(learnt: Learnt, results: Results, *, seconds: dict[str, float], openings: int) -> Files:
    """Return the record of the run, the one file that two runs of the same seed do not share: it holds durations."""
    record = {
        "made_by": f"clinpred {clinpred.__version__}",
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "seed": learnt.study.seed,
        "export": {"name": learnt.export.name, "sha256": learnt.export.sha256},
        "reading": learnt.study.export.model_dump(mode="json", exclude_defaults=True),
        "privacy": learnt.study.privacy.model_dump(mode="json", exclude_defaults=True),
        "kept": learnt.study.keep,
        "decisions": {column: dict(settled) for column, settled in learnt.export.decisions.items() if settled},
        "cohort": results.cohort.model_dump(mode="json"),
        "partition": results.partition.model_dump(mode="json"),
        "held_out_openings": openings,
        "findings": [finding.model_dump(mode="json") for finding in results.findings],
        "seconds": seconds,
    }
    return {RUN_RECORD: _json(record)}


def _predictions(learnt: Learnt, judged: Judged) -> str:
    held_out = learnt.partition.held_out
    risk = judged.scored[learnt.study.models.primary].risk
    patients = [str(patient) for patient in held_out.patient_ids]
    prediction = Prediction(patients, np.asarray(risk), [""] * len(patients))
    return prediction_csv(prediction, who=learnt.study.roles.patient or "row")


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
