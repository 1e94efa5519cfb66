"""The story of ``clinpred predict``: a saved model, an export, and a CSV of risks."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clinpred.bundle.load import load_model
from clinpred.bundle.predict import Prediction, predict
from clinpred.records.findings import Finding
from clinpred.records.read import Source, read_as_written, require_file
from clinpred.report.tabular import csv_text, inert
from clinpred.settings.export import Reading
from clinpred.study.artefacts import check_free, write_whole
from clinpred.study.explanation import check_explained, explain, explanation_csv, write_explained
from clinpred.study.inputs import files_read

_ROW_NUMBER = "row"
_AS_AT_DEVELOPMENT = Reading()


@dataclass(frozen=True)
class PredictedExport:
    """The CSV, one sentence that counts, and what was noticed of the export that calls for caution."""

    csv: str
    sentence: str
    findings: tuple[Finding, ...] = ()


def predict_export(
    model: Path,
    source: Source,
    reading: Reading = _AS_AT_DEVELOPMENT,
    *,
    out: Path | None = None,
    explained: Path | None = None,
    overwrite: bool = False,
) -> PredictedExport:
    """Predict every row of an export with a saved model; write the CSV to ``out`` where it is given.

    What each predictor adds to each risk goes to the folder ``explained``, where that is given.

    The export is read as the development export was (marks, orders of dates, values for missing), unless ``reading``
    says otherwise.
    """
    require_file(model, expected="a model.clinpred that `clinpred run` made")
    saved = load_model(model)
    asked = read_again(saved.card.reading, reading)
    inputs = files_read(source, asked, model)
    if out is not None:
        check_free(out, overwrite=overwrite, inputs=inputs)
    if explained is not None:
        check_explained(explained, overwrite=overwrite, inputs=inputs)
    export = read_as_written(source, asked)
    explanation = None if explained is None else explain(saved, export, asked)
    prediction = predict(saved, export, asked) if explanation is None else explanation.prediction
    who = saved.card.patient_column or _ROW_NUMBER
    cautions = tuple(finding for finding in prediction.findings if finding.level != "note")
    predicted = PredictedExport(prediction_csv(prediction, who=who), _sentence(prediction), cautions)
    if explained is not None and explanation is not None:
        write_explained(explained, explanation_csv(explanation, who=who), overwrite=overwrite)
    if out is not None:
        write_whole(out, predicted.csv, overwrite=overwrite)
    return predicted


def read_again(learnt: Reading, asked: Reading) -> Reading:
    """Return how an export is read at another place: as at development, where nothing else is asked for."""
    said = {name: getattr(asked, name) for name in asked.model_fields_set}
    columns = {name: {**getattr(learnt, name), **said.get(name, {})} for name in ("missing", "censored")}
    return learnt.model_copy(update={**said, **columns})


def prediction_csv(prediction: Prediction, *, who: str) -> str:
    """Return the CSV: who, risk, reason; every row in the export's order."""
    risks = ["" if np.isnan(risk) else repr(float(risk)) for risk in prediction.risk]
    rows = zip(map(inert, prediction.patients), risks, map(inert, prediction.reason), strict=True)
    return csv_text([[inert(who), "risk", "reason"], *rows])


def _sentence(prediction: Prediction) -> str:
    rows, without = len(prediction.risk), prediction.without_risk
    refused = f"; {without} without a risk, each with its reason" if without else ""
    remarked = sum(bool(reason) for reason in prediction.reason) - without
    noted = f"; {remarked} with a remark" if remarked else ""
    return f"{rows} rows: {rows - without} risks{refused}{noted}"
