"""Paths of 100 strengths with the penalty chosen out of sample, beside R's cv.glmnet and scikit-learn; one thread.

Run: python benchmarks/penalised.py. Reach: ridge 5 times and lasso twice as quick as cv.glmnet at n = 10,000 x 50, 20
and 5 times at n = 100,000 x 100; stretch 10, 5, 50 and 20 times. With `million`: the working set at a million patients.
"""

import resource
import sys
import time
import warnings

from penalised_data import cohort, publish, r_seconds, row, seconds
from sklearn.linear_model import LogisticRegressionCV
from threadpoolctl import threadpool_limits

from clinpred.models import LassoLogistic, RidgeLogistic

SMALL, LARGE, LARGEST = (10_000, 50), (100_000, 100), (1_000_000, 100)
HEAD = ["| what | clinpred, s | peer | peer, s | times quicker | reach, stretch |", "|---|---|---|---|---|---|"]


def scikit_learn(predictors, outcome):
    """Fit scikit-learn's ridge by 10 folds of 100 strengths."""
    peer = LogisticRegressionCV(
        Cs=100, cv=10, scoring="neg_log_loss", max_iter=2000, l1_ratios=(0,), use_legacy_attributes=False
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer.fit(predictors, outcome)


def compared(size, again, wanted, how):
    """Return the lines of one size: ridge and lasso beside cv.glmnet."""
    predictors, outcome = cohort(*size)
    ridge = seconds(lambda: RidgeLogistic().fit(predictors, outcome), again)
    lasso = seconds(lambda: LassoLogistic().fit(predictors, outcome), again)
    theirs = r_seconds(predictors, outcome, f"ridge:{how}", f"lasso:{how}")
    peer = "cv.glmnet" if how == "cv" else "cv.glmnet (ten paths; one timed)"
    n, p = size
    lines = [
        row(f"ridge, n = {n:,} x {p}", ridge, peer, theirs.get(f"ridge:{how}"), wanted[0]),
        row(f"lasso, n = {n:,} x {p}", lasso, peer, theirs.get(f"lasso:{how}"), wanted[1]),
    ]
    if how == "cv":
        taken = seconds(lambda: scikit_learn(predictors, outcome))
        lines.insert(1, row(f"ridge, n = {n:,} x {p}", ridge, "LogisticRegressionCV", taken, ""))
    return lines


def working_set():
    """Return what a ridge fit of a million patients takes: seconds, and the peak beside the design matrix."""
    predictors, outcome = cohort(*LARGEST)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    start = time.perf_counter()
    RidgeLogistic().fit(predictors, outcome)
    taken = time.perf_counter() - start
    peak, matrix = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, predictors.nbytes / 2**30
    n, p = LARGEST
    return (
        f"n = {n:,} x {p}: ridge with its strength chosen in {taken:.0f} s; peak of the process {peak:.2f} GB "
        f"({before:.2f} GB before the fit), the matrix itself {matrix:.2f} GB: {peak / matrix:.1f} x"
    )


def main():
    """Print the table, append it to results.md."""
    if sys.argv[1:] == ["million"]:
        publish("a million patients", [working_set()])
        return
    lines = [*HEAD, *compared(SMALL, 3, ("5, 10", "2, 5"), "cv"), *compared(LARGE, 1, ("20, 50", "5, 20"), "path")]
    publish("penalised paths, 1 thread", lines)


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
