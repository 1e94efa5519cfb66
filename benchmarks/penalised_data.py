"""What the benchmarks of penalised fits share: a made-up cohort, R's peers on it, and the table."""

import datetime as dt
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results.md"
PEERS = Path(__file__).parent / "r_peers.R"


def cohort(n, p, seed=0):
    """Return predictors in correlated bundles of five, a third of them related to the outcome, and outcomes."""
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal((n, -(-p // 5)))
    predictors = 0.7 * np.repeat(shared, 5, axis=1)[:, :p] + 0.7 * rng.standard_normal((n, p))
    coefficients = np.where(np.arange(p) % 3 == 0, rng.normal(0, 0.35, p), 0.0)
    logit = predictors @ coefficients - 1.2
    return predictors, (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(float)


def seconds(work, again=1):
    """Return the shortest of some runs."""
    taken = []
    for _ in range(again):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def r_seconds(predictors, outcome, *questions):
    """Return what R takes for each question, in seconds; nothing where R or its packages are not installed."""
    if shutil.which("Rscript") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.bin"
        np.concatenate([outcome, predictors.ravel(order="F")]).tofile(table)
        n, p = predictors.shape
        asked = ["Rscript", str(PEERS), str(table), str(n), str(p), *questions]
        ran = subprocess.run(asked, capture_output=True, text=True, check=False)
    return {line.partition("=")[0]: float(line.partition("=")[2]) for line in ran.stdout.splitlines() if "=" in line}


def r_versions():
    """Return R's version and those of its packages, in words."""
    if shutil.which("Rscript") is None:
        return "R not installed"
    said = (
        'cat(R.version$major, ".", R.version$minor, ", glmnet ", format(packageVersion("glmnet")), ", rms ", '
        'format(packageVersion("rms")), sep="")'
    )
    ran = subprocess.run(["Rscript", "-e", said], capture_output=True, text=True, check=False)
    return f"R {ran.stdout.strip().splitlines()[-1]}" if ran.returncode == 0 else "R without glmnet or rms"


def row(what, ours, peer, theirs, wanted):
    """Return one line of the table: how many times quicker than the peer, and how many were wanted."""
    if theirs is None:
        return f"| {what} | {ours:.2f} | {peer} | not installed | | {wanted} |"
    return f"| {what} | {ours:.2f} | {peer} | {theirs:.2f} | {theirs / ours:.1f} | {wanted} |"


def publish(title, lines):
    """Print a table and append it to results.md."""
    text = "\n".join([f"\n## {title}, {dt.datetime.now(tz=dt.UTC).date()}, {r_versions()}", "", *lines])
    print(text)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(text + "\n")
