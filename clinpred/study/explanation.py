"""Each patient's risk, explained: what every predictor adds to the log odds, beside a patient of average values."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinpred.bundle.format import SavedModel
from clinpred.bundle.predict import Prediction, predict
from clinpred.explanation.walks import Players, walked_values
from clinpred.models.risk_model import Form, LinearForm
from clinpred.records.read import Export
from clinpred.report.tabular import csv_text, inert
from clinpred.settings.export import Reading
from clinpred.study.artefacts import check_free, write_whole

Array = NDArray[np.float64]
FILE = "NOT_FOR_RELEASE_explanations.csv"
_WALKS = 32


@dataclass(frozen=True)
class Explanation:
    """What a saved model's predictors add to the log odds of every row of an export.

    It describes the model, not a cause: predictors that go together share what they add.

    Attributes
    ----------
    prediction : Prediction
        Who, the risk and the reason, one a row.
    predictors : tuple of str
    average : float
        The log odds of a patient whose design columns are all at their mean among the development patients.
    adds : array, shape (n, predictors)
        Log odds that each predictor adds: ``average`` and these sum to the row's log odds. NaN where there is no risk.
    """

    prediction: Prediction
    predictors: tuple[str, ...]
    average: float
    adds: Array


def explain(saved: SavedModel, export: Export, reading: Reading | None = None) -> Explanation:
    """Explain the risk that a saved model gives every row of an export.

    Of a logistic model the values are exact: coefficient times distance from the development mean, summed over the
    design columns of a predictor. Of a network they are Shapley values by walks there and back from the average
    patient, in the same orders every time; they too sum to the row's log odds exactly. The average patient stands in
    for a background of patients, of which a model file holds none.

    Parameters
    ----------
    saved : SavedModel
        What ``load_model`` returns.
    export : Export
        What ``read_export`` returns.
    reading : Reading, optional
        How it is read; by default as at development.

    Raises
    ------
    InputRefused
        As ``predict``.

    References
    ----------
    Lundberg SM, Lee S-I. NeurIPS 2017. Sundararajan M, Najmi A. ICML 2020 (values against one reference).
    """
    prediction, predictors = predict(saved, export, reading), saved.model.preparation.sources
    players = Players.of(predictors)
    adds = np.full((len(prediction.risk), len(players.names)), np.nan)
    with_risk = np.flatnonzero(~np.isnan(prediction.risk))
    if with_risk.size:
        design = saved.model.preparation.apply(prediction.predictors.iloc[with_risk])
        adds[with_risk] = _added(saved.model.form, design, players)
    average = saved.model.form.linear_predictor(np.zeros((1, len(predictors))))[0]
    return Explanation(prediction, players.names, float(average), adds)


def explanation_csv(explanation: Explanation, *, who: str) -> str:
    """Return the CSV: who, risk, log odds, those of the average patient, and what each predictor adds."""
    prediction = explanation.prediction
    header = [inert(who), "risk", "log_odds", "average_patient", *map(inert, explanation.predictors)]
    rows = zip(map(inert, prediction.patients), prediction.risk.tolist(), explanation.adds.tolist(), strict=True)
    return csv_text([header, *([patient, *_cells(risk, explanation.average, adds)] for patient, risk, adds in rows)])


def check_explained(folder: Path, *, overwrite: bool, inputs: Collection[Path]) -> None:
    """Refuse a folder that the explanations cannot go to, before any work is done."""
    check_free(folder / FILE if folder.is_dir() else folder, overwrite=overwrite, inputs=inputs)


def write_explained(folder: Path, content: str, *, overwrite: bool) -> Path:
    """Write explanations to a folder, for the owner's eyes (folder 0700 where it is made, file 0600)."""
    folder.mkdir(mode=0o700, exist_ok=True)
    write_whole(folder / FILE, content, overwrite=overwrite)
    return folder / FILE


def _added(form: Form, design: Array, players: Players) -> Array:
    if isinstance(form, LinearForm):
        values = design * form.coefficients
        return np.column_stack([values[:, columns].sum(axis=1) for columns in players.columns])
    average = np.zeros((1, design.shape[1]))
    return walked_values(form, design, average, players, rng=np.random.default_rng(0), walks=_WALKS)


def _cells(risk: float, average: float, adds: list[float]) -> list[str]:
    if np.isnan(risk):
        return [""] * (3 + len(adds))
    return [repr(number) for number in (risk, average + sum(adds), average, *adds)]
