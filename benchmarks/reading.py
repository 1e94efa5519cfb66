"""Reading a large export beside pandas.read_csv, in one run: time, and peak memory beside the size of the columns.

Run: python benchmarks/reading.py [--megabytes 100]. Reach: at most 4 times pandas' time, and at most 3 times the memory
that the columns take. pandas takes the types of its columns as they come, and checks nothing.
"""

import argparse
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results.md"
NAMES = (
    "patient_id,site,admit_date,age,sex,sodium,creatinine,glucose,weight,height,lactate,score,diagnosis,"
    "discharge_date,visits,bnp,died"
)
ROWS_A_PIECE = 50_000


def piece(rng, first, n):
    """Return rows of a clinical export: ids, categories, dates, decimals with words for missing, whole numbers."""
    days = np.datetime64("2010-01-01") + rng.integers(0, 4000, (2, n))
    sodium = np.char.mod("%.1f", rng.normal(140, 5, n))
    weight = np.char.mod("%.1f", rng.normal(80, 15, n)).astype("U8")
    creatinine = np.char.mod("%.2f", np.exp(rng.normal(0, 0.5, n)))
    discharged = days[1].astype(str)
    sodium[rng.random(n) < 0.03], creatinine[rng.random(n) < 0.1] = "NA", ""
    weight[rng.random(n) < 0.01], discharged[rng.random(n) < 0.2] = "unknown", ""
    return (
        [f"P{first + row:09d}" for row in range(n)],
        rng.choice(["north", "south", "east", "west end"], n),
        days[0].astype(str),
        rng.integers(18, 95, n).astype(str),
        rng.choice(["f", "m"], n),
        sodium,
        creatinine,
        np.char.mod("%.4f", rng.normal(5.5, 1, n)),
        weight,
        rng.integers(140, 200, n).astype(str),
        np.char.mod("%.6f", np.exp(rng.normal(0, 1, n))),
        rng.integers(0, 40, n).astype(str),
        rng.choice(["I10", "E11.9", "J18.9", "N17", "C34.1"], n),
        discharged,
        rng.poisson(3, n).astype(str),
        rng.integers(10, 30000, n).astype(str),
        rng.integers(0, 2, n).astype(str),
    )


def write_export(path, megabytes):
    """Write an export of that size."""
    rng = np.random.default_rng(20)
    first = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(NAMES + "\n")
        while file.tell() < megabytes * 1e6:
            file.write("\n".join(map(",".join, zip(*piece(rng, first, ROWS_A_PIECE), strict=True))) + "\n")
            first += ROWS_A_PIECE


def bytes_of(table):
    """Return the memory that a table's columns take, texts that rows share counted once."""
    total = 0
    for column in table.columns:
        values = table[column]
        total += values.memory_usage(index=False)
        if values.dtype == object:
            total += sum(map(sys.getsizeof, {id(text): text for text in values.to_numpy()}.values()))
    return total


def read(reader, path):
    """Read the file in this process; print seconds, peak memory and the size of the columns in bytes."""
    if reader == "pandas":
        import pandas as pd

        start = time.perf_counter()
        table = pd.read_csv(path)
    else:
        import pandas  # noqa: F401, ICN001
        import pyarrow.csv  # noqa: F401

        from clinpred.records.read import read_export

        start = time.perf_counter()
        table = read_export(path).table
    seconds, cpu = time.perf_counter() - start, time.process_time()
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak, "columns": bytes_of(table), "rows": len(table)}))


def measured(reader, path):
    """Return what a fresh process measures."""
    command = [sys.executable, __file__, "--reader", reader, "--file", str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def compare(megabytes, repeats):
    """Return the lines of the table: the quickest of the runs, taken in turn."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        write_export(path, megabytes)
        runs = [{reader: measured(reader, path) for reader in ("pandas", "clinpred")} for _ in range(repeats)]
    best = {reader: min((run[reader] for run in runs), key=lambda run: run["seconds"]) for reader in runs[0]}
    lines = ["| reader | seconds | times pandas | peak GB | columns GB | peak / columns |", "|---|---|---|---|---|---|"]
    for reader, run in best.items():
        ratio = run["seconds"] / best["pandas"]["seconds"]
        peak, columns = run["peak"] / 1e9, run["columns"] / 1e9
        lines.append(
            f"| {reader} | {run['seconds']:.2f} | {ratio:.1f} | {peak:.2f} | {columns:.2f} | {peak / columns:.1f} |"
        )
    ratios = ", ".join(f"{run['clinpred']['seconds'] / run['pandas']['seconds']:.1f}" for run in runs)
    lines += ["", f"{best['pandas']['rows']:,} rows of {len(NAMES.split(','))} columns; ratio in each run: {ratios}."]
    return lines


def main():
    """Print the table, append it to results.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--reader")
    parser.add_argument("--file", type=Path)
    asked = parser.parse_args()
    if asked.reader:
        read(asked.reader, asked.file)
        return
    import pandas as pd

    title = f"\n## reading {asked.megabytes} MB, {dt.datetime.now(tz=dt.UTC).date()}, pandas {pd.__version__}\n"
    lines = [title, *compare(asked.megabytes, asked.repeats)]
    print("\n".join(lines))
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
