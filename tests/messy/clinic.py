"""A table of one hospital's invented patients, written in any style, and the faults that its exports can have."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

NAMES = ("patient_id", "site", "sex", "admit_date", "age", "sodium", "creatinine", "icd10", "smoker", "died30")
NUMBERS = frozenset({"age", "sodium", "creatinine", "died30"})
N_ROWS = 60
N_MANY = 25_000
CODES = ("E11.9", "I10", "I50.0", "J44.1", "N18.3")


@dataclass(frozen=True)
class Style:
    """How the cells of a table are written."""

    delimiter: str = ","
    end: str = "\n"
    quoted: bool = False

    def line(self, cells):
        written = io.StringIO()
        quoting = csv.QUOTE_ALL if self.quoted else csv.QUOTE_MINIMAL
        csv.writer(written, delimiter=self.delimiter, lineterminator=self.end, quoting=quoting).writerow(cells)
        return written.getvalue()


PLAIN = Style()
STYLES = {
    "plain": PLAIN,
    "crlf": Style(end="\r\n"),
    "quoted": Style(quoted=True),
    "semicolon": Style(";", "\r\n"),
    "tab": Style("\t"),
    "pipe": Style("|", quoted=True),
}


@dataclass(frozen=True)
class Table:
    """Names and rows of text; an empty text is a missing value."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name):
        at = self.names.index(name)
        return [row[at] for row in self.rows]

    def with_column(self, name, cells, *, called=None):
        """Return the table with other cells, or another name, in a column; a column that is new comes last."""
        if name not in self.names:
            rows = tuple((*row, cell) for row, cell in zip(self.rows, cells, strict=True))
            return Table((*self.names, name), rows)
        at = self.names.index(name)
        rows = tuple((*row[:at], cell, *row[at + 1 :]) for row, cell in zip(self.rows, cells, strict=True))
        return Table((*self.names[:at], called or name, *self.names[at + 1 :]), rows)

    def with_cell(self, name, row, cell):
        cells = self.column(name)
        cells[row] = cell
        return self.with_column(name, cells)

    def renamed(self, name, new):
        return self.with_column(name, self.column(name), called=new)

    def in_order(self, places):
        rows = tuple(tuple(row[place] for place in places) for row in self.rows)
        return Table(tuple(self.names[place] for place in places), rows)

    def lines(self, style=PLAIN):
        return [style.line(row) for row in (self.names, *self.rows)]

    def text(self, style=PLAIN):
        return "".join(self.lines(style))


@dataclass(frozen=True)
class Case:
    """An export, and the table and the codes that ``clinpred check`` must give, or the code of its refusal."""

    content: bytes
    expected: Table | None = None
    codes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    file_name: str = "export.csv"
    numbers: frozenset[str] = NUMBERS
    beside: tuple[tuple[str, bytes], ...] = ()
    declared: bool = True


CASES: dict[str, Callable[[np.random.Generator], Case]] = {}


def fault(row, **variants):
    """Register a function under its row of the catalogue, once for every variant: a name and what it is called with."""

    def register(make):
        for name, given in (variants or {"": ()}).items():
            arguments = given if isinstance(given, tuple) else (given,)
            title = f"{row} {make.__name__}" + (f" {name}" if name else "")
            assert title not in CASES, title
            CASES[title] = partial(_made, make, arguments)
        return make

    return register


def _made(make, arguments, rng):
    return make(rng, *arguments)


def loads(content, expected, *codes, encoding="utf-8", **more):
    return Case(content if isinstance(content, bytes) else content.encode(encoding), expected, codes, **more)


def refuses(content, *codes, encoding="utf-8", **more):
    return Case(content if isinstance(content, bytes) else content.encode(encoding), refused=codes, **more)


def patients(rng, rows=N_ROWS):
    """Return the clean table."""
    day = [f"2023-{month:02d}-{day:02d}" for month, day in zip(*rng.integers(1, (13, 29), (rows, 2)).T, strict=True)]
    columns = (
        [f"{12 + 37 * row:06d}" for row in range(rows)],
        rng.choice(["01", "02", "03"], rows),
        rng.choice(["F", "M"], rows),
        day,
        rng.integers(20, 98, rows),
        rng.integers(118, 154, rows),
        np.round(rng.uniform(40.1, 299.9, rows), 1),
        rng.choice(CODES, rows),
        rng.choice(["ex", "no", "yes"], rows),
        (rng.permutation(rows) < max(2, rows // 6)).astype(int),
    )
    texts = [list(map(str, column)) for column in columns]
    return Table(NAMES, tuple(zip(*texts, strict=True)))


def some(rng, rows, count=8):
    """Return places among the rows, in order."""
    return sorted(rng.choice(rows, count, replace=False).tolist())
