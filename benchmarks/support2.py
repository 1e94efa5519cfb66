"""Held-out performance on SUPPORT beside scikit-learn's own models, on the same design matrices, in one run.

Run: python benchmarks/support2.py. Reach (default split): ridge AUROC .86 for death in hospital, .775 for death within
180 days; the regularised MLP within .01 of it.
"""

import datetime as dt
import time
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegressionCV
from threadpoolctl import threadpool_limits

import clinpred
from clinpred.performance import auroc, calibration_slope, log_loss
from clinpred.settings.cohort import Outcome
from clinpred.study.learning import Streams

RESULTS = Path(__file__).parent / "results.md"
OURS = ("logistic_unpenalised", "logistic_ridge", "logistic_lasso", "mlp_unregularised", "mlp_regularised")


def studies():
    """Return the sample study, and its twin with death in hospital as the outcome."""
    path, study = clinpred.sample_study()
    late = {name: why for name, why in study.set_aside.items() if name != "hospdead"}
    in_hospital = study.model_copy(
        update={
            "outcome": Outcome(column="hospdead", event="1"),
            "set_aside": late | {"death": "known later", "d.time": "known later"},
        }
    )
    return path, {"death within 180 days": study, "death in hospital": in_hospital}


def peers():
    """Return scikit-learn's models, tuned as its users would."""
    ridge = LogisticRegressionCV(
        Cs=60, cv=10, scoring="neg_log_loss", max_iter=2000, l1_ratios=(0,), use_legacy_attributes=False
    )
    return {
        "scikit-learn LogisticRegressionCV (ridge, log loss)": ridge,
        "scikit-learn HistGradientBoosting (early stopping)": HistGradientBoostingClassifier(
            early_stopping=True, random_state=0
        ),
    }


def row(name, outcome, linear_predictor, seconds):
    """Return one line of the table."""
    risk = 1 / (1 + np.exp(-linear_predictor))
    slope = calibration_slope(outcome, risk, linear_predictor=linear_predictor)
    loss = log_loss(outcome, risk, linear_predictor=linear_predictor)
    return f"| {name} | {auroc(outcome, risk):.4f} | {slope:.2f} | {loss:.4f} | {seconds:.1f} |"


def table(path, study):
    """Develop ours and theirs on the same patients; judge on the same new ones."""
    cohort, _ = clinpred.assemble(clinpred.read_export(path), study)
    streams = Streams.of(study.seed)
    partition = clinpred.hold_out_patients(cohort, study.partition.held_out, np.random.default_rng(streams.partition))
    prepared = clinpred.prepare(partition.development)
    design, outcome = prepared.preparation.apply(partition.held_out.predictors), partition.held_out.outcome
    lines = ["| model | AUROC | slope | log loss | seconds |", "|---|---|---|---|---|"]
    for name in OURS:
        start = time.perf_counter()
        model = clinpred.develop(name, prepared, seed=streams.development_seed).model
        seconds = time.perf_counter() - start
        lines.append(row(name, outcome, clinpred.score(model, partition.held_out).linear_predictor, seconds))
    for name, peer in peers().items():
        start = time.perf_counter()
        peer.fit(prepared.design, prepared.outcome)
        lines.append(row(name, outcome, peer.decision_function(design), time.perf_counter() - start))
    return lines


def main():
    """Print a table for each outcome, append them to results.md."""
    path, asked = studies()
    lines = [f"\n## support2, {dt.datetime.now(tz=dt.UTC).date()}, scikit-learn {sklearn.__version__}"]
    for title, study in asked.items():
        lines += ["", f"SUPPORT, {title}:", "", *table(path, study)]
    print("\n".join(lines))
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        main()
