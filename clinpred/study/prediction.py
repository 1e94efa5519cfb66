"""The story of ``clinpred predict``: a saved model, an export, and a CSV of risks."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clinpred.bundle.load import load_model
from clinpred.bundle.predict import Prediction, predict
from clinpred.records.read import Source, read_export
from clinpred.report.tabular import csv_text, inert
from clinpred.settings.export import Reading
from clinpred.study.artefacts import write_whole

_ROW_NUMBER = "row"
_AS_AT_DEVELOPMENT = Reading()


@dataclass(frozen=True)
class PredictedExport:
    """The CSV, and one sentence that counts."""

    csv: str
    sentence: str


def predict_export(
    model: Path,
    source: Source,
    reading: Reading = _AS_AT_DEVELOPMENT,
    *,
    out: Path | None = None,
    overwrite: bool = False,
) -> PredictedExport:
    """Predict every row of an export with a saved model; write the CSV to ``out`` where it is given.

    The export is read as the development export was (marks, orders of dates, values for missing), unless ``reading``
    says otherwise.
    """
    saved = load_model(model)
    prediction = predict(saved, read_export(source, read_again(saved.card.reading, reading)))
    predicted = PredictedExport(
        prediction_csv(prediction, who=saved.card.patient_column or _ROW_NUMBER), _sentence(prediction)
    )
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
