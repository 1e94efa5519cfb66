"""How long `clinpred demo` and `clinpred --help` take, and how much memory the demo needs.

Run: python benchmarks/demo.py. Reach: demo 120 s and 2 GB on two cores, --help 0.25 s.
"""

import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CLINPRED = Path(sys.executable).parent / "clinpred"
RESULTS = Path(__file__).parent / "results.md"


def seconds(*command):
    """Return the wall time of a command."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main():
    """Time both, print a table, append it to results.md."""
    help_seconds = min(seconds(CLINPRED, "--help") for _ in range(5))
    with tempfile.TemporaryDirectory() as folder:
        demo_seconds = seconds(CLINPRED, "demo", "--out", f"{folder}/demo")
        model = f"{folder}/demo/model.clinpred"
        export = Path(__file__).parents[1] / "sample_data" / "support2.csv"
        predict_seconds = seconds(CLINPRED, "predict", model, export, "--out", f"{folder}/risks.csv")
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    rows = [
        ("clinpred demo", f"{demo_seconds:.1f} s", "120 s"),
        ("its peak memory", f"{megabytes:.0f} MB", "2,000 MB"),
        ("clinpred --help, best of 5", f"{help_seconds:.3f} s", "0.25 s"),
        ("clinpred predict, 9,105 rows", f"{predict_seconds:.2f} s", "-"),
    ]
    lines = [
        f"\n## demo, {dt.datetime.now(tz=dt.UTC).date()}\n",
        "| what | measured | reach |",
        "|---|---|---|",
    ]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    print("\n".join(lines))
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
