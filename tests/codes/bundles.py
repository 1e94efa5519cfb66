"""Model files and results: saved, altered, and used on another export."""

import io
import json
import zipfile

import numpy as np
import pandas as pd
from codes_runs import finished
from codes_situations import Situation, heard

from clinpred import load_model, load_results, predict, read_export
from clinpred.bundle.format import DESCRIPTION, MANIFEST, ModelCard, SavedModel
from clinpred.bundle.save import model_bytes
from clinpred.models.risk_model import LinearForm, OpaqueForm, RiskModel
from clinpred.predictors.preparation import Preparation
from clinpred.records.types import PredictorType

KINDS = {"age": PredictorType("number"), "lactate": PredictorType("number", unit="mmol/L")}
LINEAR = LinearForm(-1.0, np.array([0.5, 0.1]))


def saved(form=LINEAR):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"age": rng.normal(60, 9, 80), "lactate": rng.normal(2, 0.5, 80)})
    card = ModelCard(
        title="Logistic, ridge (L2)",
        study="invented",
        outcome="died",
        event="1",
        patient_column="mrn",
        development_patients=80,
        development_events=20,
        seed=20,
        version="0.1.0",
        kinds=KINDS,
        coded=(),
        ranges={},
        units={"lactate": "mmol/L"},
    )
    return SavedModel(RiskModel("logistic_ridge", Preparation.learn(frame, KINDS, np.arange(80)), form), card)


def changed(part, change):
    """Return the bytes of a model file with one part changed."""
    with zipfile.ZipFile(io.BytesIO(model_bytes(saved()))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[part] = change(members[part])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def loaded(content):
    return lambda place: heard(lambda: [load_model(place.file(content, "model.clinpred"))])


def predicted(unit):
    text = "mrn,age,lactate\n" + "".join(f"{at},{60 + at},{1 + at / 10:.1f} {unit}\n" for at in range(12))
    return lambda place: heard(lambda: [predict(saved(), read_export(place.file(text)))])


def results(change):
    """Return a way to read the results of a run after a change to them."""

    def by(place):
        told = json.loads((finished("few").folder / "results.json").read_text(encoding="utf-8"))
        return heard(lambda: [load_results(place.file(json.dumps(change(told)), "results.json"))])

    return by


def as_format(number):
    return changed(MANIFEST, lambda old: json.dumps(json.loads(old) | {"format": number}).encode())


NOW = json.loads(zipfile.ZipFile(io.BytesIO(model_bytes(saved()))).read(MANIFEST))["format"]

FIRES = {
    "E-RESULTS": Situation(
        results(lambda told: {key: told[key] for key in told if key != "cohort"}), results(lambda told: told)
    ),
    "E-UNITS": Situation(predicted("mg/dL"), predicted("mmol/L")),
    "M-FORM": Situation(
        lambda _place: heard(lambda: [model_bytes(saved(OpaqueForm(lambda design: design[:, 0])))]),
        lambda _place: heard(lambda: [model_bytes(saved())]),
    ),
    "M-INTEGRITY": Situation(
        loaded(changed(DESCRIPTION, lambda old: old.replace(b"died", b"dead"))), loaded(changed(DESCRIPTION, bytes))
    ),
    "M-VERSION": Situation(loaded(as_format(NOW + 1)), loaded(as_format(NOW))),
}
