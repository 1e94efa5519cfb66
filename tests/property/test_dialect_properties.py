"""A table of patients written in any dialect is read back equal, and no order of its rows changes a type."""

import csv
import gzip
import io
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from clinpred.cli import main
from clinpred.errors import ClinpredError
from clinpred.records.canonical import canonical_table
from clinpred.records.read import read_export

NAMES = ("patient_id", "ward", "lactate", "seen_on", "remark", "glucose", "grade")
PREAMBLES = ((), ("Export of the ward system",), ("Report: ICU", "Printed 3 January 2024", ""))
FOOTERS = ((), ("", "({n} rows affected)"), ("{n} rows",), ("", "Source: ward system"))

letters = st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" ")
pieces = st.text(letters, max_size=6) | st.sampled_from(
    ["a, b", 'said "no"', "x;y", "two\nlines", "it's", "p|q", "5 cm", "é"]
)
# A letter at both ends: no blank to strip, no guard to take off, no number, date or word for missing.
words = st.tuples(pieces, pieces).map(lambda two: f"w{two[0]} {two[1]}w")
numbers = st.integers(-99_999, 99_999).map(lambda number: f"{number / 100:.2f}")
days = st.dates().filter(lambda day: day.year >= 1000).map(str)


@dataclass(frozen=True)
class Dialect:
    """How a table is written: its marks, its lines, its bytes, and what stands around it."""

    delimiter: str
    end: str
    quoting: int
    encoding: str
    decimal: str
    preamble: tuple[str, ...]
    footer: tuple[str, ...]
    packed: bool

    def write(self, rows):
        written = io.StringIO(newline="")
        written.writelines(line + self.end for line in self.preamble)
        csv.writer(written, delimiter=self.delimiter, lineterminator=self.end, quoting=self.quoting).writerows(rows)
        written.writelines(line.format(n=len(rows) - 1) + self.end for line in self.footer)
        content = written.getvalue().encode(self.encoding)
        return gzip.compress(content, mtime=0) if self.packed else content


@st.composite
def dialects(draw):
    delimiter = draw(st.sampled_from(",;\t|^~"))
    return Dialect(
        delimiter=delimiter,
        end=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"])),
        decimal=draw(st.sampled_from([".", ","])),
        preamble=draw(st.sampled_from(PREAMBLES)),
        footer=draw(st.sampled_from(FOOTERS)),
        packed=draw(st.booleans()),
    )


@st.composite
def tables(draw):
    """Return rows of an id with zeros in front, a code with zeros, numbers, dates, words; gaps in all but the ids."""
    n_rows = draw(st.integers(8, 16))
    first, step = draw(st.integers(1, 900)), draw(st.integers(1, 60))
    kinds = (
        st.sampled_from(["01", "02", "11"]),
        numbers,
        days,
        words,
        numbers,
        st.sampled_from(["1-2", "2-3", "NA-x"]),
    )
    ids = [f"{first + step * row:06d}" for row in range(n_rows)]
    columns = [draw(st.lists(kind | st.just(""), min_size=n_rows, max_size=n_rows)) for kind in kinds]
    return [list(row) for row in zip(ids, *columns, strict=True)]


def written_cells(rows, dialect):
    """Return the rows with the dialect's decimal mark and its line ends inside cells."""
    marked = [[*row[:2], row[2].replace(".", dialect.decimal), *row[3:]] for row in rows]
    return [[*row[:4], row[4].replace("\n", dialect.end), *row[5:]] for row in marked]


def expected_of(rows, dialect):
    """Return the rows as they must be read: numbers as numbers, words in Unicode's composed form."""
    kept = written_cells(rows, dialect)
    return [
        [*row[:2], as_number(row[2]), row[3], unicodedata.normalize("NFC", cell[4]), as_number(row[5]), row[6]]
        for row, cell in zip(rows, kept, strict=True)
    ]


def as_number(text):
    return float(text) if text else None


def read_rows(table):
    return [[*row[:2], as_number(row[2]), *row[3:5], as_number(row[5]), row[6]] for row in table]


def with_marks_apart(rows, dialect):
    """Return the rows, all numbers with the same decimal mark: a comma in one column and points beside it is asked."""
    return [[*row[:5], row[5].replace(".", dialect.decimal), row[6]] for row in written_cells(rows, dialect)]


def written(folder, rows, dialect):
    path = Path(folder) / ("export.csv.gz" if dialect.packed else "export.csv")
    path.write_bytes(dialect.write([list(NAMES), *with_marks_apart(rows, dialect)]))
    return path


@settings(max_examples=500, deadline=None)
@given(tables(), dialects())
def test_a_table_in_any_dialect_is_read_back_equal(rows, dialect):
    with tempfile.TemporaryDirectory() as folder:
        table = canonical_table(read_export(written(folder, rows, dialect)))
    assert table[0] == list(NAMES)
    assert read_rows(table[1:]) == expected_of(rows, dialect)


@settings(max_examples=10, deadline=None)
@given(tables(), dialects().filter(lambda dialect: dialect.end != "\r"))
def test_the_command_writes_the_same_table(rows, dialect):
    with tempfile.TemporaryDirectory() as folder:
        path, out = written(folder, rows, dialect), Path(folder) / "as_read.csv"
        told = CliRunner().invoke(main, ["check", str(path), "--table", str(out), "--patient-id", "patient_id"])
        assert told.exit_code == 0, told.stderr
        with out.open(newline="", encoding="utf-8") as file:
            table = list(csv.reader(file))
    assert table[0] == list(NAMES)
    assert read_rows(table[1:]) == expected_of(rows, dialect)


cells_of_any_kind = st.sampled_from(
    [
        *("", "NA", "n/a", "?", "7", "12", "3.5", "3,5", "1.234", "1,234", "007", "1e5", "<4.0", "45%", "4_5", "inf"),
        *("2023-05-07", "07/05/2023", "23/05/2023", "05/23/2023", "07.05.23", "0000-00-00", "2023-02-30", "44970"),
        *("x", "haemolysed", "yes", "Total", "'12", '="012"', "5 mmol/L", "5 mg/dL", "900719925474099301", "3−4", "−3"),
    ]
)


def types_or_refusal(folder, columns, order, name):
    rows = [[f"{10 + row:04d}", *(column[row] for column in columns)] for row in order]
    path = Path(folder) / name
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["patient_id", *(f"item_{at}" for at in range(len(columns)))], *rows])
    try:
        return read_export(path).types
    except ClinpredError as refusal:
        return refusal.code


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_order_of_the_rows_changes_a_type(data):
    n_rows = data.draw(st.integers(4, 14))
    # Few values to a column, or nearly every one would be text.
    few = st.lists(cells_of_any_kind, min_size=1, max_size=3).flatmap(
        lambda cells: st.lists(st.sampled_from(cells), min_size=n_rows, max_size=n_rows)
    )
    columns = data.draw(st.lists(few, min_size=2, max_size=4))
    order = data.draw(st.permutations(range(n_rows)))
    with tempfile.TemporaryDirectory() as folder:
        before = types_or_refusal(folder, columns, range(n_rows), "before.csv")
        assert types_or_refusal(folder, columns, order, "after.csv") == before
