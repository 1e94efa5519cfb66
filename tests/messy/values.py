"""Exports with one fault in the values of one column, made anew from a seed: ids, codes and words of catalogue C."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

N_ROWS = 60


@dataclass(frozen=True)
class Fault:
    """A column's cells as an export writes them, and what must become of them: these texts, or this refusal."""

    cells: list[str]
    code: str
    expected: list[str] | None = None
    type: str = "number"
    column: str = "lab"
    delimiter: str = ","
    decisions: dict[str, str] = field(default_factory=dict)
    settled: tuple[dict, list[str]] | None = None


FAULTS: dict[str, Callable[[np.random.Generator], Fault]] = {}


def fault(row):
    """Register a function under its row of the catalogue."""

    def register(make):
        FAULTS[f"{row} {make.__name__}"] = make
        return make

    return register


def write_export(made: Fault, folder: Path, rng: np.random.Generator) -> Path:
    """Write an export of plain columns and the faulty one."""
    rows = len(made.cells)
    columns = {
        "record": [f"{17 * row + 5:06d}" for row in range(rows)],
        "sex": rng.choice(["female", "male"], rows).tolist(),
        made.column: made.cells,
        "died": [str(row % 3 // 2) for row in range(rows)],
    }
    lines = [made.delimiter.join(columns)]
    lines += [
        made.delimiter.join(_quoted(cell, made.delimiter) for cell in row)
        for row in zip(*columns.values(), strict=True)
    ]
    path = folder / "export.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _quoted(cell: str, delimiter: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & {'"', delimiter} else cell


def one_decimal(rng, rows=N_ROWS, lowest=40, highest=300):
    """Return numbers with one decimal; none of them whole, so that each shows its mark."""
    return [
        f"{whole}.{tenth}"
        for whole, tenth in zip(rng.integers(lowest, highest, rows), rng.integers(1, 10, rows), strict=True)
    ]


def with_some(cells, rng, change, count=8):
    """Return the cells with ``change`` made to some of them, and where."""
    at = sorted(rng.choice(len(cells), count, replace=False).tolist())
    return [change(cell) if row in at else cell for row, cell in enumerate(cells)], at


def without(cells, at):
    """Return the cells, empty at these rows."""
    return ["" if row in at else cell for row, cell in enumerate(cells)]


@fault("C1")
def ids_with_leading_zeros(rng):
    cells = [f"{n:06d}" for n in rng.integers(1, 10**6, N_ROWS)]
    return Fault(cells, "", cells, "category", "patient_id")


@fault("C1")
def site_codes_with_leading_zeros(rng):
    cells = rng.choice(["01", "02", "03"], N_ROWS).tolist()
    return Fault(cells, "", cells, "category", "centre")


@fault("C2")
def long_ids_with_a_blank(rng):
    cells = [str(900719925474099300 + row) for row in range(N_ROWS)]
    cells[int(rng.integers(N_ROWS))] = ""
    return Fault(cells, "W-ID-MISSING", cells, "category", "patient_id")


@fault("C2")
def long_codes_with_a_blank(rng):
    cells = [str(900719925474099300 + 2 * row) for row in range(N_ROWS)]
    cells[int(rng.integers(N_ROWS))] = ""
    return Fault(cells, "W-ID-MISSING", cells, "category", "sample")


@fault("C3")
def ids_like_powers_of_ten(rng):
    cells = [f"{n}E{e:02d}" for n, e in zip(rng.integers(1, 99, N_ROWS), rng.integers(1, 9, N_ROWS), strict=True)]
    return Fault(cells, "", cells, "category", "specimen")


@fault("C4")
def excels_formula_guard(rng):
    bare = [f"{n:06d}" for n in rng.integers(1, 10**6, N_ROWS)]
    return Fault([f'="{cell}"' for cell in bare], "W-EXCEL-GUARD", bare, "category", "chart")


@fault("C4")
def excels_apostrophe_guard(rng):
    bare = [f"{n:06d}" for n in rng.integers(1, 10**6, N_ROWS)]
    return Fault([f"'{cell}" for cell in bare], "W-EXCEL-GUARD", bare, "category", "patient_id")


@fault("C5")
def namibia(rng):
    cells = rng.choice(["NA", "ZA", "None", "null", "nan"], N_ROWS).tolist()
    declared = {"missing": {"country": ("NA", "nan")}}
    settled = (declared, ["" if cell in {"NA", "nan"} else cell for cell in cells])
    return Fault(cells, "W-NA-CATEGORY", cells, "category", "country", settled=settled)


@fault("C6")
def sodium_is_named_na(rng):
    cells = [str(n) for n in rng.integers(120, 155, N_ROWS)]
    return Fault(cells, "", cells, column="NA")


@fault("C20")
def two_forms_of_one_name(rng):
    cells = rng.choice(["Orle\u0301ans", "Orl\u00e9ans", "Paris"], N_ROWS).tolist()
    composed = [cell.replace("e\u0301", "\u00e9") for cell in cells]
    return Fault(cells, "W-NFC", composed, "category", "town")


@fault("C21")
def spellings_of_a_category(rng):
    cells = rng.choice(["male", "Male", "m", "female"], N_ROWS).tolist()
    return Fault(cells, "W-CATEGORY-VARIANTS", cells, "category", "gender")


@fault("C22")
def grades(rng):
    cells = rng.choice(["1-2", "2-3", "3-4"], N_ROWS).tolist()
    return Fault(cells, "", cells, "category", "grade")


@fault("C22")
def times_of_day(rng):
    cells = rng.choice(["10:30", "24:00", "00:15"], N_ROWS).tolist()
    return Fault(cells, "", cells, "category", "bedtime")


@fault("C23")
def markup(rng):
    hostile = ["<script>alert(1)</script>", '=HYPERLINK("http://x/","y")', "${7*7}", "@SUM(1)", "+cmd|calc", "plain"]
    cells = [hostile[n] for n in rng.integers(0, len(hostile), N_ROWS)]
    return Fault(cells, "W-MARKUP", cells, "category", "icd10")


@fault("C23")
def markup_in_the_name(rng):
    cells = one_decimal(rng)
    return Fault(cells, "W-MARKUP", cells, column="<img src=x>")
