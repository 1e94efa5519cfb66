"""200 bootstrap replicates of the whole procedure, n = 10,000 x 50, beside rms::validate and a loop over cv.glmnet.

Run: python benchmarks/bootstraps.py. All measures, optimism and stability are computed on our side; the loop over
cv.glmnet only predicts. Reach: 5, 50 and 15 times as quick; stretch 10, 150 and 50 times. R runs 10 of its replicates
(20 of validate's) and is scaled. The first bootstrap of a session starts the workers, which import scikit-learn for a
second; R's session has its packages loaded.
"""

from penalised import HEAD
from penalised_data import cohort, publish, r_seconds, row, seconds

from clinpred.models import LassoLogistic, RidgeLogistic, UnpenalisedLogistic
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.validation.bootstrap import bootstrap

SIZE, REPLICATES = (10_000, 50), 200
ASKED = {
    "unpenalised": (UnpenalisedLogistic, "ridge:validate:20", "rms::validate", "5, 10"),
    "ridge, strength chosen again": (RidgeLogistic, "ridge:boot:10", "looped cv.glmnet", "50, 150"),
    "lasso, strength chosen again": (LassoLogistic, "lasso:boot:10", "looped cv.glmnet", "15, 50"),
}


def main():
    """Print the table, append it to results.md."""
    predictors, outcome = cohort(*SIZE)
    theirs = r_seconds(predictors, outcome, *(question for _, question, _, _ in ASKED.values()))
    lines = [*HEAD]
    for what, (estimator, question, peer, wanted) in ASKED.items():
        procedure = MatrixProcedure({"model": estimator()}, predictors, outcome)
        for when in ("", ", again, its workers running") if what == "unpenalised" else ("",):
            ours = seconds(lambda procedure=procedure: bootstrap(procedure, replicates=REPLICATES, seed=1))
            lines.append(row(f"{REPLICATES} bootstraps, {what}{when}", ours, peer, theirs.get(question), wanted))
    publish("bootstraps, n = 10,000 x 50, 2 workers", lines)


if __name__ == "__main__":
    main()
