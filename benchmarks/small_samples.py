"""SUPPORT, learnt from 200 patients: 20 stored draws, everybody else a new patient; all models, both outcomes.

Run: python benchmarks/small_samples.py. Beside: scikit-learn's ridge tuned by log loss on the same design matrices.
Reach: mean AUROC of ridge at most .005 below it, median slope within .85 to 1.2; the unpenalised baseline collapses.
Mean slope of the unregularised network below .5, of the regularised one above .7, in the first five draws.
"""

import json
import warnings
from pathlib import Path

import numpy as np
from penalised_data import publish
from scipy.special import expit
from sklearn.linear_model import LogisticRegressionCV
from support2 import studies
from threadpoolctl import threadpool_limits

import clinpred
from clinpred.performance import auroc, calibration_slope, log_loss
from clinpred.settings.models import Models
from clinpred.study.learning import develop_all

DRAWS = Path(__file__).parent / "support2_draws.json"
OURS = (
    "logistic_unpenalised",
    "logistic_ridge",
    "logistic_lasso",
    "logistic_elastic_net",
    "mlp_unregularised",
    "mlp_regularised",
)
FIRST = 5
PEER = "scikit-learn LogisticRegressionCV (ridge, log loss)"


def scikit_learn(prepared, design):
    """Return the linear predictors of scikit-learn's ridge."""
    peer = LogisticRegressionCV(
        Cs=60, cv=10, scoring="neg_log_loss", max_iter=2000, l1_ratios=(0,), use_legacy_attributes=False
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return peer.fit(prepared.design, prepared.outcome).decision_function(design)


def measured(outcome, linear_predictor):
    """Return AUROC, slope and log loss."""
    risk = expit(linear_predictor)
    return (
        auroc(outcome, risk),
        calibration_slope(outcome, risk, linear_predictor=linear_predictor),
        log_loss(outcome, risk, linear_predictor=linear_predictor),
    )


def one_draw(cohort, drawn):
    """Return, by model, the measures on new patients and the apparent AUROC, and whether the baseline separated."""
    rest = np.setdiff1d(np.arange(cohort.n_rows), drawn)
    learnt, new = cohort.take(drawn), cohort.take(rest)
    prepared = clinpred.prepare(learnt)
    design = prepared.preparation.apply(new.predictors)
    found, separated = {}, False
    everything, _ = develop_all(Models(fit=OURS), prepared, seed=20, progress=lambda *_: None)
    for name, developed in everything.items():
        form = developed.model.form
        apparent = auroc(learnt.outcome, developed.model.risk(learnt.predictors))
        found[name] = (*measured(new.outcome, form.linear_predictor(design)), apparent)
        separated |= bool(developed.settings.get("separated"))
    found[PEER] = (*measured(new.outcome, scikit_learn(prepared, design)), np.nan)
    return found, separated


def table(path, study):
    """Return the lines of one outcome."""
    cohort, _ = clinpred.assemble(clinpred.read_export(path), study)
    draws = [one_draw(cohort, np.array(drawn)) for drawn in json.loads(DRAWS.read_text())]
    lines = [
        "| model | AUROC, mean | apparent AUROC, mean | slope, mean of the first 5 | median of all (lowest to highest) "
        "| log loss, mean |",
        "|---|---|---|---|---|---|",
    ]
    for name in (*OURS, PEER):
        found = np.array([measures[name] for measures, _ in draws])
        ranks, slope, loss, apparent = found.T
        shown = "" if np.isnan(apparent).any() else f"{apparent.mean():.3f}"
        spread = f"{slope[:FIRST].mean():.2f} | {np.median(slope):.2f} ({slope.min():.2f} to {slope.max():.2f})"
        lines.append(f"| {name} | {ranks.mean():.4f} | {shown} | {spread} | {loss.mean():.3f} |")
    separated = sum(separated for _, separated in draws)
    return [*lines, "", f"The unpenalised fit separated its patients in {separated} of {len(draws)} draws."]


def main():
    """Print a table for each outcome, append them to results.md."""
    path, asked = studies()
    for title, study in asked.items():
        publish(f"SUPPORT, {title}, learnt from 200 patients", table(path, study))


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
