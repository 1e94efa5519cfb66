"""What a run notices of itself. Each run is made once."""

import atexit
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from codes_situations import BASE, KNOWN, Situation, audited, heard, patients

from clinpred.records.findings import Finding
from clinpred.settings.study import study_from
from clinpred.study.run import run_study

FAST = ["prevalence", "logistic_ridge"]
_FOLDER = tempfile.TemporaryDirectory(prefix="clinpred-codes-")
atexit.register(_FOLDER.cleanup)


def _two_sides(*, overlap):
    """Return patients whose outcome two predictors tell together and neither alone, but for this many units."""
    rng = np.random.default_rng(8)
    age, sodium = rng.normal(60, 9, 600).round(1), rng.normal(140, 9, 600).round(1)
    total = age + sodium + overlap * rng.normal(size=600)
    return patients(600) | {"age": age, "sodium": sodium, "died": (total > 200).astype(int)}


def _few():
    """Return few patients, whose age tells their outcome so well that something can be learnt from them."""
    columns, rng = patients(80), np.random.default_rng(6)
    died = rng.random(80) < 1 / (1 + np.exp(-0.2 * (columns["age"] - 60)))
    return columns | {"died": died.astype(int)}


def _noisy():
    """Return few patients, and many measurements that have nothing to do with their outcome but two."""
    rng = np.random.default_rng(3)
    measured = {f"marker_{number}": rng.normal(size=120).round(2) for number in range(30)}
    risk = 1 / (1 + np.exp(-measured["marker_0"] - measured["marker_1"]))
    return patients(120) | measured | {"died": (rng.random(120) < risk).astype(int)}


def _unrelated():
    """Return patients whose predictors have nothing to do with their outcome."""
    columns, rng = patients(400), np.random.default_rng(12)
    return columns | {"died": rng.integers(0, 2, 400)}


def _unmeasured():
    """Return patients of whom those who died mostly lack a lactate."""
    columns, rng = _unrelated(), np.random.default_rng(13)
    missing = rng.random(400) < np.where(columns["died"] == 1, 0.75, 0.2)
    return columns | {"lactate": np.where(missing, np.nan, rng.gamma(2.0, 1.0, 400).round(2))}


COLUMNS = {
    "unmeasured": _unmeasured,
    "unrelated": _unrelated,
    "few": _few,
    "noisy": _noisy,
    "folded": _few,
    "many": lambda: patients(6000),
    "apart": lambda: _two_sides(overlap=0),
    "overlapping": lambda: _two_sides(overlap=20),
    "lucky": _noisy,
}
UNPENALISED_TOO = [*FAST, "logistic_unpenalised"]
MODELS = {"apart": UNPENALISED_TOO, "overlapping": UNPENALISED_TOO, "lucky": ["prevalence", "mlp_regularised"]}
QUICK = {"bootstraps": 10, "repeats": 1, "learning_curve": False}
RESAMPLING = {"noisy": QUICK, "many": QUICK, "folded": {"bootstraps": 0, "folds": 100, "learning_curve": False}}
NONE = {"bootstraps": 0, "repeats": 0, "learning_curve": False}


@cache
def finished(name):
    """Return a run on the patients of this name."""
    folder = Path(_FOLDER.name) / name
    folder.mkdir(exist_ok=True)
    pd.DataFrame(COLUMNS[name]()).to_csv(folder / "export.csv", index=False)
    asked = {"models": {"fit": MODELS.get(name, FAST)}, "resampling": RESAMPLING.get(name, NONE)}
    study = study_from({"outcome": {"column": "died"}, **asked, **KNOWN}, source="study.toml")
    return run_study(folder / "export.csv", study, out=folder / "run")


def ran(name):
    return lambda _place: heard(lambda: noticed(finished(name)))


def noticed(run):
    return [Finding(**one.model_dump()) for one in run.results.findings]


MANY = ran("many")

FIRES = {
    "S-SEPARATION": Situation(ran("apart"), ran("overlapping")),
    "W-FEW-HELD-OUT": Situation(ran("few"), MANY),
    "W-GRID-EDGE": Situation(ran("unrelated"), ran("overlapping")),
    "W-INSTABILITY": Situation(ran("noisy"), MANY),
    "W-INTERNAL": Situation(ran("few"), audited(BASE, **KNOWN)),
    "W-MISSINGNESS": Situation(ran("unmeasured"), ran("unrelated")),
    "W-NOT-RESAMPLED": Situation(ran("folded"), MANY),
    "W-OPTIMISM": Situation(ran("noisy"), MANY),
    "W-SAMPLE-SIZE": Situation(ran("few"), MANY),
    "W-SEEDS": Situation(ran("lucky"), MANY),
    "W-SMALL-SPLIT": Situation(ran("few"), MANY),
}
