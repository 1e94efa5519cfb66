"""What becomes of every kind of faulty export: the table of the catalogue, row by row.

Run: python benchmarks/catalogue.py. Builds each case of the generators in tests/messy from a fixed seed, reads it as
``clinpred check`` does, prints a table and writes it to docs/catalogue.md. A case is wrong where the table differs from
the one before the fault, where a refusal has another code than it should, or where a finding that is due is missing.
"""

import importlib.util
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clinpred.errors import ClinpredError
from clinpred.records.audit.identity import find_identifiers
from clinpred.records.canonical import canonical_table
from clinpred.records.read import read_export
from clinpred.records.sources.workbook import read_workbook
from clinpred.records.text.delimited import read_delimited
from clinpred.settings.export import Reading

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "catalogue.md"
SEED = 20
GENERATORS = (
    *("values", "number_values", "date_values", "faults", "workbooks", "identifiers"),
    *("clinic", "judging", "clinic_structure", "clinic_values", "clinic_study"),
)
# Refusals that an option of the command line settles.
ASKED = frozenset(
    {
        *("E-CENSORED", "E-DATE-AMBIGUOUS", "E-DECIMAL-AMBIGUOUS", "E-DELIMITER", "E-ENC-MIXED", "E-ENCODING"),
        *("E-EXCEL-DATE", "E-NO-HEADER", "E-NUMBER", "E-OUTCOME-CODING", "E-SHEET", "E-ZIP-MEMBERS", "P-IDENTIFIER"),
        "P-GEO",
    }
)
SECTIONS = {
    "A": "Bytes and container",
    "B": "Structure",
    "C": "Values",
    "D": "Dates",
    "E": "Identity and privacy",
    "F": "Outcome",
    "G": "Repeats and leaks",
    "J": "Names of files",
    "X": "Workbooks",
}
ROWS = {
    "A1": "nothing in the file",
    "A2": "a header without rows",
    "A3": "a web page, JSON or another kind of file",
    "A4": "byte order mark",
    "A5": "UTF-16, UTF-32",
    "A6": "cp1252 and other encodings",
    "A7": "two encodings in one file",
    "A8": "accents garbled before",
    "A9": "NUL",
    "A10": "Ctrl-Z",
    "A11": "packed, whatever its name",
    "A12": "packed and cut short",
    "A13": "zip archives",
    "A14": "bombs",
    "A15": "cut short in the last line",
    "B1": "delimiters",
    "B2": "Excel's `sep=` line",
    "B3": "blanks beside the delimiter",
    "B4": "fixed width",
    "B5": "carriage returns alone",
    "B6": "mixed line ends",
    "B7": "line breaks in quotes",
    "B8": "apostrophes as quotes, backslashes",
    "B9": "inch marks",
    "B10": "a quote never closed",
    "B11": "a stray pair of quotes",
    "B12": "no header",
    "B13": "a row of units or types",
    "B14": "lines above the header",
    "B15": "totals and remarks below the rows",
    "B16": "the header again",
    "B17": "one name for two columns",
    "B18": "names alike but for capitals or hidden signs",
    "B19": "empty names, row numbers",
    "B20": "delimiters at the end of rows",
    "B21": "a short row",
    "B22": "a long row",
    "B23": "a shifted row",
    "B24": "two tables",
    "B25": "thousands of columns",
    "B26": "the same file or rows twice",
    "B27": "blank lines",
    "C1": "leading zeros",
    "C2": "long ids",
    "C3": "ids like powers of ten",
    "C4": "Excel's guards",
    "C5": "categories like missing",
    "C6": "columns named like missing",
    "C7": "spellings of missing",
    "C8": "999 and -9",
    "C9": "below and above the limit",
    "C10": "decimal commas",
    "C11": "thousands and decimals",
    "C12": "both decimal marks",
    "C13": "decimals or thousands",
    "C14": "thousands with commas",
    "C15": "units in cells",
    "C16": "digits and signs of other scripts",
    "C17": "numbers with other signs",
    "C18": "not finite",
    "C19": "stray words among numbers",
    "C20": "two forms of one accent",
    "C21": "spellings of a category",
    "C22": "categories like dates, times, numbers",
    "C23": "markup",
    "C24": "constant and empty columns",
    "C25": "free text",
    "D1": "day or month first",
    "D2": "the order shown by one row; other forms",
    "D3": "two forms in one column",
    "D4": "years of two digits",
    "D5": "Excel's day numbers",
    "D6": "stand-ins for no date",
    "D7": "days that do not exist",
    "D8": "time zones",
    "D9": "dates in the wrong order",
    "E1": "columns that identify",
    "E2": "ages over 89",
    "E3": "places",
    "E4": "identifiers in innocent columns; what only looks like one",
    "E5": "small groups",
    "F1": "1 and 2",
    "F2": "yes and no, dead and alive",
    "F3": "died and survived",
    "F4": "spellings of the event",
    "F5": "a third value",
    "F6": "missing outcomes",
    "F7": "a single class",
    "F8": "more events than not",
    "G9": "patients that repeat",
    "G10": "columns that give the outcome away",
    "G11": "dated after the index date",
    "G12": "the order of the rows",
    "J8": "strange names",
    "X1": "ids as text",
    "X2": "ids by number format",
    "X3": "formulas without values",
    "X4": "error cells",
    "X5": "several sheets",
    "X6": "hidden rows, filters",
    "X7": "merged headers, preambles",
    "X8": "dates in three forms",
    "X9": "entities",
    "X10": "bombs of blanks",
    "X11": "old, binary, encrypted and other workbooks",
}
# Rows that workbooks add, and the control, under the row they belong to.
ELSEWHERE = {"A0": "B1", "X0": "X1", "B28": "X7", "B29": "A2"}


@dataclass(frozen=True)
class Built:
    """A case, and what became of it: its codes, the code of its refusal, and what is wrong with that."""

    row: str
    name: str
    codes: tuple[str, ...] = ()
    refused: str = ""
    wrong: str = ""

    @property
    def kind(self) -> str:
        if self.wrong:
            return "wrong"
        if self.refused:
            return "asked" if self.refused in ASKED else "refused"
        return "warned" if self.codes else "loaded"


def generators():
    """Return the modules of tests/messy that build cases, loaded in the order in which they need each other."""
    modules = {}
    for name in GENERATORS:
        spec = importlib.util.spec_from_file_location(f"messy_{name}", ROOT / "tests" / "messy" / f"{name}.py")
        modules[name] = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(modules[name])
    return modules


def build_all() -> list[Built]:
    """Return every case with what became of it."""
    made = generators()
    with tempfile.TemporaryDirectory() as folder:
        return [
            *_of_clinic(made, Path(folder)),
            *_of_tables(made["faults"], read_delimited, Path(folder)),
            *_of_tables(made["workbooks"], read_workbook, Path(folder)),
            *_of_values(made, Path(folder)),
            *_of_identifiers(made["identifiers"], Path(folder)),
        ]


def _of_clinic(made, folder: Path) -> Iterator[Built]:
    judging = made["judging"]
    for title, make in made["clinic"].CASES.items():
        row, _, name = title.partition(" ")
        case = make(np.random.default_rng(SEED))
        found = judging.answer(judging.arguments_of(case, folder))
        said = judging.verdict(case, found)
        wrong = "" if said in {"loaded", "refused"} else said
        yield Built(row, name, case.codes, found.refused, wrong)


def _of_tables(faults, read, folder: Path) -> Iterator[Built]:
    for title, make in faults.FAULTS.items():
        fault = make(faults.clean_table(SEED))
        path = folder / fault.file_name
        path.write_bytes(fault.content)
        reading = Reading(**fault.reading)
        try:
            if fault.refused:
                read_export(path, reading)
            table = read(fault.content, fault.file_name, reading)
        except ClinpredError as refusal:
            yield _refused(title, refusal.code, (fault.refused,))
            continue
        rows = [list(row) for row in zip(*table.columns, strict=True)]
        is_right = not fault.refused and (list(table.names), rows) == (fault.names, fault.rows)
        yield Built(_row_of(title), title, fault.codes, wrong="" if is_right else "another table")


def _of_values(made, folder: Path) -> Iterator[Built]:
    values, judging = made["values"], made["judging"]
    for title, make in values.FAULTS.items():
        row, _, name = title.partition(" ")
        rng = np.random.default_rng(SEED)
        fault = make(rng)
        path = values.write_export(fault, folder, rng)
        try:
            table = canonical_table(read_export(path))
        except ClinpredError as refusal:
            yield _refused(title, refusal.code, (fault.code,) if fault.expected is None else ())
            continue
        at = table[0].index(fault.column)
        found = [["value"], *([cells[at]] for cells in table[1:])]
        wanted = [["value"], *([cell] for cell in fault.expected or ())]
        numbers = {"value"} if fault.type == "number" else set()
        codes = (fault.code,) if fault.code else ()
        yield Built(row, name, codes, wrong=judging.difference(found, wanted, numbers))


def _of_identifiers(identifiers, folder: Path) -> Iterator[Built]:
    rng = np.random.default_rng(SEED)
    for kind, marked in identifiers.MARKED.items():
        row = "E3" if marked.code == "P-GEO" else "E4" if kind.endswith("_in_notes") else "E1"
        suspects = _suspects([marked.draw(rng) for _ in range(48)], marked.names[0], folder)
        yield _refused(f"{row} {kind}", marked.code if marked.code in suspects else "", (marked.code,))
    for name, draw in identifiers.LOOK_ALIKES.items():
        suspects = _suspects([draw(rng, row) for row in range(48)], name, folder)
        yield Built("E4", f"{name} is none", wrong=", ".join(suspects))


def _suspects(values: list[str], column: str, folder: Path) -> set[str]:
    path = folder / "visits.csv"
    lines = [f"lactate;{column}", *(f"{1 + row / 7:.1f};{_quoted(value)}" for row, value in enumerate(values))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {suspect.code for suspect in find_identifiers(read_export(path, Reading(date_order="dmy")))}


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _refused(title: str, code: str, expected: tuple[str, ...]) -> Built:
    return Built(_row_of(title), title, refused=code, wrong="" if code in expected else f"{code or 'no refusal'}")


def _row_of(title: str) -> str:
    """Return the row of the catalogue, from a title such as ``b09_inch_mark`` or ``C7 spellings``."""
    word = title.replace("_", " ").split()[0]
    row = f"{word[0].upper()}{int(word[1:])}"
    return ELSEWHERE.get(row, row)


def page(built: list[Built]) -> str:
    """Return the table of the catalogue as Markdown."""
    heads = ("row", "what is in the file", "cases", "loaded", "warned", "asked", "refused", "wrong", "codes")
    lines = [_INTRODUCTION, _line(heads), _line(["---"] * len(heads))]
    for section, title in SECTIONS.items():
        of_section = [each for each in built if each.row[0] == section]
        for row, what in ROWS.items():
            of_row = [each for each in built if each.row == row]
            if row[0] == section:
                lines.append(_line([row, what, *_counts(of_row), _codes(of_row)]))
        lines.append(_line([f"**{section}**", f"**{title}**", *(f"**{count}**" for count in _counts(of_section)), ""]))
    lines.append(_line(["**all**", "", *(f"**{count}**" for count in _counts(built)), ""]))
    return "\n".join(lines) + "\n"


_INTRODUCTION = """# The catalogue of faulty exports

Written by `python benchmarks/catalogue.py`; a test keeps it true. Each case is an export of invented patients with one
fault, built from a fixed seed by the generators in `tests/messy`. *Loaded*: the table is exactly the one before the
fault. *Warned*: so it is, and the finding says what was noticed. *Asked*: refused by design, and an option settles it.
*Refused*: by design, with the listed code. *Wrong*: anything else; a test fails if there is one.
"""


def _counts(built: list[Built]) -> list[int]:
    kinds = Counter(each.kind for each in built)
    return [len(built), *(kinds[kind] for kind in ("loaded", "warned", "asked", "refused", "wrong"))]


def _codes(built: list[Built]) -> str:
    codes = {code for each in built for code in (*each.codes, each.refused) if code}
    return " ".join(f"`{code}`" for code in sorted(codes))


def _line(cells) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def main():
    """Print the table, write its page, and name what is wrong."""
    built = build_all()
    text = page(built)
    print(text)
    PAGE.write_text(text, encoding="utf-8")
    for each in built:
        if each.wrong:
            print(f"{each.row} {each.name}: {each.wrong}")


if __name__ == "__main__":
    main()
