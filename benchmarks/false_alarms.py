"""How often each detector of the audit speaks up on exports that are taken to be clean.

Run: python benchmarks/false_alarms.py FOLDER. Prints a table: a row for every CSV of the folder, a column for every
detector, in each cell what it says, counted. Leaks and the order of rows need an outcome: those of
the data sets in OUTCOMES are known, other files show "-" there. A file whose rows are shifted is not read: E-SHIFT.
"""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from clinpred.errors import ClinpredError
from clinpred.records.audit.date_order import date_order_findings
from clinpred.records.audit.identity import find_identifiers
from clinpred.records.audit.leaks import find_leaks, name_findings
from clinpred.records.audit.repeats import hidden_repeats
from clinpred.records.audit.row_order import order_findings
from clinpred.records.audit.small_groups import old_ages, small_groups
from clinpred.records.id_names import looks_like_id
from clinpred.records.outcome import derive_outcome
from clinpred.records.read import Export, read_export
from clinpred.settings.cohort import Outcome

# some of what is found is true: the follow-up times and causes of death of these exports do give the outcome away
OUTCOMES = {
    "ad_data.csv": Outcome(column="Class", event="Impaired"),
    "dialysis_br.csv": Outcome(column="event", event="1"),
    "flchain.csv": Outcome(column="death", event="1"),
    "gbsg.csv": Outcome(column="status", event="1"),
    "gse7390_metastasis.csv": Outcome(column="e.tdm", event="1"),
    "nhefs.csv": Outcome(column="death", event="1"),
    "pbcseq.csv": Outcome(column="status", event="2", no_event=("0", "1")),
    "pima_na.csv": Outcome(column="diabetes", event="pos"),
    "pima_zeros.csv": Outcome(column="diabetes", event="pos"),
    "rotterdam.csv": Outcome(column="recur", event="1"),
    "support2.csv": Outcome(column="hospdead", event="1"),
}


def reading(export: Export) -> list[str]:
    """Return the codes of what was noticed while reading."""
    return [finding.code for finding in export.findings]


def identifiers(export: Export) -> list[str]:
    """Return what the search for identifiers suspects, as columns and kinds."""
    return [f"{suspect.kind} ({suspect.column})" for suspect in find_identifiers(export)]


def standing_out(export: Export) -> list[str]:
    """Return the codes about great ages and small groups."""
    return [
        finding.code for finding in [*old_ages(export.table, export.types), *small_groups(export.table, export.types)]
    ]


def dates(export: Export) -> list[str]:
    """Return the codes about the order of dates."""
    return [finding.code for finding in date_order_findings(export)]


def repeats(export: Export) -> list[str]:
    """Return the codes about patients who repeat, where none of the columns is declared as an id."""
    return [finding.code for finding in hidden_repeats(export, [*export.types])]


def leaks(export: Export) -> list[str]:
    """Return the leaks found, as columns and codes."""
    values, columns = outcome_of(export)
    found = find_leaks(export, values, columns=columns)
    named = name_findings(columns, found, {})
    return [f"{leak.code} ({leak.column})" for leak in found] + [f"{each.code} ({each.column})" for each in named]


def order(export: Export) -> list[str]:
    """Return the codes about rows and ids whose order tells the outcome."""
    values, columns = outcome_of(export)
    return [finding.code for finding in order_findings(export, values, ids=[*filter(looks_like_id, columns)])]


DETECTORS: dict[str, Callable[[Export], list[str]]] = {
    "reading": reading,
    "identifiers": identifiers,
    "ages, groups": standing_out,
    "dates": dates,
    "repeats": repeats,
    "leaks": leaks,
    "order": order,
}


def outcome_of(export: Export) -> tuple[np.ndarray, list[str]]:
    """Return the outcome of a known file, and its other columns."""
    outcome = OUTCOMES[export.name]
    columns = [column for column in export.types if column not in outcome.columns]
    return derive_outcome(export, outcome).values, columns


def said_by(detector: Callable[[Export], list[str]], export: Export) -> str:
    """Return what a detector says of an export, counted; its refusal by the code."""
    try:
        said = Counter(detector(export))
    except KeyError:
        return "-"
    except ClinpredError as refusal:
        return refusal.code
    return ", ".join(f"{what} x {count}" if count > 1 else what for what, count in said.items()) or "0"


def row_of(path: Path) -> list[str]:
    """Return a file's row of the table."""
    try:
        export = read_export(path)
    except ClinpredError as refusal:
        return [path.name, f"not read: {refusal.code}", *[""] * len(DETECTORS)]
    shape = f"{len(export.table)} x {len(export.types)}"
    return [path.name, shape, *(said_by(detector, export) for detector in DETECTORS.values())]


def main():
    """Print the table."""
    rows = [["file", "shape", *DETECTORS], *map(row_of, sorted(Path(sys.argv[1]).glob("*.csv")))]
    rows.insert(1, ["---"] * len(rows[0]))
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
