"""Networks on SUPPORT, tuned anew in each of 5 folds, twice, beside ridge on the same folds; and what of it is luck.

Run: python benchmarks/nested_networks.py. Reach: log loss within .005 of ridge's, slope within .85 to 1.15; the search
within 1.5 GB. With `curve`: the networks' learning curve instead, minutes more.
"""

import resource
import sys
import time

from penalised_data import publish
from support2 import studies
from threadpoolctl import threadpool_limits

import clinpred
from clinpred.models.cohort_procedure import CohortProcedure
from clinpred.models.development import prepare
from clinpred.models.mlp import DropoutMLP
from clinpred.models.network_search import tune_mlp
from clinpred.validation.learning_curve import learning_curve
from clinpred.validation.out_of_fold import draw_folds, out_of_fold
from clinpred.validation.repeated_folds import resampled_performance
from clinpred.validation.variance_split import variance_split

MODELS = ("logistic_ridge", "mlp_unregularised", "mlp_regularised")
REPEATS, SEED = 2, 20


def searched(cohort):
    """Return a line on the memory and the time of the search on all patients."""
    prepared = prepare(cohort)
    before, start = _peak(), time.perf_counter()
    found = tune_mlp(DropoutMLP(), prepared.design, prepared.outcome, patients=prepared.patients)
    taken = time.perf_counter() - start
    rows, columns = prepared.design.shape
    return (
        f"The search on {rows:,} patients x {columns}: {len(found.members)} networks in {taken:.1f} s, compiling "
        f"counted; peak of the process {_peak():.2f} GB ({before:.2f} GB before)."
    )


def nested(cohort):
    """Return the table of the models on left-out folds, and the split of the network's variance."""
    folds = draw_folds(cohort.outcome, cohort.patients, repeats=REPEATS, seed=SEED)
    start = time.perf_counter()
    predicted = out_of_fold(CohortProcedure(cohort, MODELS), folds, seed=SEED, workers=1)
    taken = time.perf_counter() - start
    judged = resampled_performance(predicted, (), seed=SEED, replicates=200).performance
    lines = ["| model | AUROC within folds | slope | log loss |", "|---|---|---|---|"]
    for name in MODELS:
        told = [judged[name].measures[key] for key in ("auroc", "calibration_slope", "log_loss")]
        shown = [f"{one.estimate:.4f} ({one.lower:.4f} to {one.upper:.4f})" for one in told]
        lines.append(f"| {name} | {' | '.join(shown)} |")
    split = variance_split(predicted, "mlp_regularised")
    parts = {"seed": split.seed, "fold": split.fold, "setting": split.setting}
    words = ", ".join(f"{name} {_sd(variance)}" for name, variance in parts.items())
    basis = f"{split.networks} networks, {split.folds} folds, {split.settings} settings in {split.rotations} rotations"
    return [*lines, "", f"SD of a single network's log loss: {words} ({basis}). {taken:.0f} s in all."]


def curve(cohort):
    """Return the learning curve of both networks."""
    found = learning_curve(CohortProcedure(cohort, MODELS[1:]), repeats=3, seed=SEED, workers=1)
    lines = [
        "| events | patients | model | AUROC | apparent AUROC | slope | log loss |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, points in found.models.items():
        for one in points:
            told = (one.auroc, one.apparent_auroc, one.calibration_slope, one.log_loss)
            shown = " | ".join(f"{spread.median:.3f}" for spread in told)
            lines.append(f"| {one.events} | {one.patients} | {name} | {shown} |")
    return lines


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _sd(variance):
    return f"{variance**0.5:.4f}" if variance > 0 else "none told apart"


def main():
    """Print the tables, append them to results.md."""
    path, asked = studies()
    cohort, _ = clinpred.assemble(clinpred.read_export(path), asked["death within 180 days"])
    if sys.argv[1:] == ["curve"]:
        publish("networks on SUPPORT, learning curve, medians of 3 repeats", curve(cohort))
        return
    title = f"networks on SUPPORT, death within 180 days, {REPEATS} times 5 folds, tuned anew in each"
    publish(title, [searched(cohort), "", *nested(cohort)])


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
