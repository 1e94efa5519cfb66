"""AUROC with its interval at 200,000 patients; 2,000 bootstrap replicates of every measure at 10,000; one thread.

Run: python benchmarks/measures.py. Beside them: scikit-learn's roc_auc_score and a plain DeLong in NumPy (every patient
with the event against every one without), and a loop that takes the rows of each replicate and measures them anew.
Reach: 0.1 s and 4 s.
"""

import datetime as dt
import time
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

import clinpred
from clinpred import performance
from clinpred.performance.intervals import estimable
from clinpred.performance.patient_bootstrap import bootstrap
from clinpred.performance.rows import checked_rows

RESULTS = Path(__file__).parent / "results.md"
PATIENTS = 200_000
BOOTSTRAPPED = 10_000
REPLICATES = 2_000
LOOPED = 20
PLAIN = 20_000
AGAIN = 5


def patients(n):
    """Return outcomes, risks and linear predictors of n patients, a quarter of them with the event."""
    rng = np.random.default_rng(0)
    logit = rng.normal(-1.5, 1.3, n)
    risk = 1 / (1 + np.exp(-logit))
    return (rng.random(n) < risk).astype(float), risk, logit


def seconds(work, again=AGAIN):
    """Return the shortest of some runs."""
    taken = []
    for _ in range(again):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def plain_delong(outcome, risk):
    """Return the AUROC and its variance by comparing every pair."""
    events, others = risk[outcome == 1], risk[outcome == 0]
    won = np.array([np.mean((others < one) + 0.5 * (others == one)) for one in events])
    lost = np.array([np.mean((events > one) + 0.5 * (events == one)) for one in others])
    return won.mean(), won.var(ddof=1) / events.size + lost.var(ddof=1) / others.size


def drawn(outcome, risk, logit):
    """Return every measure in every replicate, none left to a formula."""
    rows = checked_rows(outcome, risk, linear_predictor=logit, smoothing="spline")
    weighted = estimable(rows, performance.ALWAYS_REPORTED).weighted
    return bootstrap(rows, {"rows": weighted}, rng=np.random.default_rng(1), replicates=REPLICATES)


def looped(outcome, risk, logit):
    """Measure a few replicates one by one."""
    rng = np.random.default_rng(1)
    for _ in range(LOOPED):
        rows = rng.integers(outcome.size, size=outcome.size)
        estimable(
            checked_rows(outcome[rows], risk[rows], linear_predictor=logit[rows], smoothing="spline"),
            performance.ALWAYS_REPORTED,
        )


def measured():
    """Return the lines of the table."""
    outcome, risk, _ = patients(PATIENTS)
    ours = seconds(lambda: performance.auroc_interval(outcome, risk))
    point = seconds(lambda: roc_auc_score(outcome, risk))
    fewer = patients(PLAIN)[:2]
    plain = seconds(lambda: plain_delong(*fewer), 1) * (PATIENTS / PLAIN) ** 2
    few = patients(BOOTSTRAPPED)
    batched = seconds(lambda: drawn(*few), 3)
    loop = seconds(lambda: looped(*few), 1) * REPLICATES / LOOPED
    scaled = f"{LOOPED} replicates measured, scaled to {REPLICATES:,}"
    return [
        "| what | seconds | times clinpred's |",
        "|---|---|---|",
        f"| AUROC with DeLong interval, n = {PATIENTS:,}, clinpred | {ours:.3f} | 1 |",
        f"| AUROC alone, scikit-learn roc_auc_score | {point:.3f} | {point / ours:.1f} |",
        f"| AUROC with variance pair by pair, NumPy ({PLAIN:,} patients measured, scaled) | {plain:.0f}"
        f" | {plain / ours:,.0f} |",
        f"| {REPLICATES:,} replicates of {len(performance.ALWAYS_REPORTED)} measures, n = {BOOTSTRAPPED:,}, clinpred"
        f" | {batched:.2f} | 1 |",
        f"| the same, a loop over replicates ({scaled}) | {loop:.0f} | {loop / batched:.0f} |",
    ]


def main():
    """Print the table, append it to results.md."""
    versions = f"clinpred {clinpred.__version__}, NumPy {np.__version__}, scikit-learn {sklearn.__version__}, 1 thread"
    lines = [f"\n## measures, {dt.datetime.now(tz=dt.UTC).date()}, {versions}", "", *measured()]
    print("\n".join(lines))
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
