"""Large files are read in blocks where their bytes allow one reading only: with the outcome of the careful reader."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinpred.errors import ClinpredError
from clinpred.records import read as reader
from clinpred.records.text import column_builder, plain_reader
from clinpred.records.values import plain_numbers
from clinpred.settings.export import Reading

WORDS = [
    "north",
    "South ",
    "west end",
    "Orléans",
    "Orle\u0301ans",
    "NA",
    "none",
    "unknown",
    "a-b",
    "<b>x",
    "=1+1",
    "x;",
]
KINDS = {
    "whole": lambda draw: str(draw.randrange(-5, 200)),
    "decimal": lambda draw: f"{draw.uniform(-9, 90):.{draw.randrange(1, 7)}f}",
    "three decimals": lambda draw: f"{draw.uniform(1, 900):.3f}",
    "decimal comma": lambda draw: f"{draw.uniform(0, 90):.1f}".replace(".", ","),
    "odd decimal": lambda draw: draw.choice([".5", "5.", "-.25", "+3", "1e5", "-0", "0.0", "1e400", "9" * 17, "4_5"]),
    "sentinel": lambda draw: draw.choice(["999", "-9", "1.5", "2.25", "3"]),
    "missing": lambda draw: draw.choice(["NA", "", "unknown", ".", "-", "N/A", "nan", "not done"]),
    "limit": lambda draw: draw.choice(["<4.0", "> 500", "12 mg/dL", "45%", "haemolysed"]),
    "code": lambda draw: f"{draw.randrange(500):06d}",
    "long code": lambda draw: str(draw.randrange(10**17, 10**18)),
    "id": lambda draw: f"P{draw.randrange(10**6)}",
    "day": lambda draw: f"20{draw.randrange(10, 24)}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 32):02d}",
    "day first": lambda draw: f"{draw.randrange(1, 31)}/{draw.randrange(1, 13)}/20{draw.randrange(10, 24)}",
    "moment": lambda draw: f"2020-01-{draw.randrange(1, 29):02d} {draw.randrange(24):02d}:{draw.randrange(60):02d}",
    "month": lambda draw: draw.choice(["7 May 2023", "May 7, 2023", "mar-21", "December"]),
    "word": lambda draw: draw.choice(WORDS),
    "level": lambda draw: draw.choice(["f", "m", "F"]),
    "guard": lambda draw: draw.choice(["'0012", '="007"', "it's", "O'Neil"]),
    "quote": lambda draw: draw.choice(["a, b", 'said "no"', "x|y", "two; three", " edge "]),
    "empty": lambda _: "",
}
NAMES = ["patient_id", "age", "sodium", "visit date", "site", " sex", "Wert", "dob", "score", "id", "remark", "Höhe"]
READINGS = [
    *[Reading()] * 4,
    Reading(delimiter=";"),
    Reading(decimal="comma"),
    Reading(date_order="dmy"),
    Reading(missing={"age": ("17", "unknown")}),
    Reading(censored={"sodium": "half"}),
    Reading(encoding="utf-8"),
    Reading(excel_dates="1900"),
]
TRAPS = [
    *[lambda content, _: content] * 12,
    lambda content, _: content.rstrip(b"\r\n"),
    lambda content, _: b"\xef\xbb\xbf" + content,
    lambda content, _: content + b"(12 rows affected)\n",
    lambda content, _: content + content.split(b"\n", 1)[0] + b"\n",
    lambda content, _: content + b"total,,12\n",
    lambda content, _: content + b"\n",
    lambda content, _: content + b"\x1a",
    lambda content, _: content[:-9],
    lambda content, draw: content.replace(b"1", b"\0", 1) if draw.random() < 0.5 else content.replace(b"1", b"\xff", 1),
    lambda content, draw: _with(content, draw, b'"'),
    lambda content, draw: _with(content, draw, b","),
    lambda content, draw: _with(content, draw, b" "),
    lambda content, draw: _with(content, draw, b"\r"),
]


def _with(content, draw, sign):
    at = draw.randrange(len(content))
    return content[:at] + sign + content[at:]


def _column(draw, n_rows):
    """Return cells mostly of one kind."""
    own, other = KINDS[draw.choice(list(KINDS))], KINDS[draw.choice(list(KINDS))]
    share = draw.choice([0.0, 0.0, 0.03, 0.3])
    return [(other if draw.random() < share else own)(draw) for _ in range(n_rows)]


def written(seed):
    """Return the bytes of a table, and how it is to be read."""
    draw = random.Random(seed)
    n_rows, names = draw.randrange(9, 60), draw.sample(NAMES, draw.randrange(2, 8))
    columns = [_column(draw, n_rows) for _ in names]
    delimiter, end = draw.choice([",", ",", ";", "\t", "|"]), draw.choice(["\n", "\n", "\r\n"])
    is_quoted = draw.random() < 0.3
    lines = []
    for row in [names, *zip(*columns, strict=True)]:
        cells = [_cell(cell, delimiter, always=is_quoted and draw.random() < 0.8) for cell in row]
        lines.append(delimiter.join(cells) + end)
    content = draw.choice(TRAPS)("".join(lines).encode(), draw)
    reading = draw.choice(READINGS)
    if draw.random() < 0.05:
        reading = Reading(no_header=True, columns=tuple(f"c{at}" for at, _ in enumerate(names)))
    return content, reading


def _cell(cell, delimiter, *, always):
    if always or delimiter in cell or '"' in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(plain_reader, "SMALLEST", 0)
    monkeypatch.setattr(plain_reader, "BLOCK", 300)
    monkeypatch.setattr(plain_numbers, "MOST_OTHER_TEXTS", 8)


def outcome(content, reading, *, fewest_long=None):
    """Return what reading a file gives, in blocks or (``fewest_long`` is None) with the careful reader alone."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        path = Path(folder) / "export.csv"
        path.write_bytes(content)
        if fewest_long is None:
            patched.setattr(reader, "read_plain", lambda *_: None)
        else:
            patched.setattr(column_builder, "FEWEST_LONG", fewest_long)
        try:
            return reader.read_export(path, reading)
        except ClinpredError as refusal:
            return str(refusal)


def parts_of(read):
    """Return all that an export says, in a form in which equal exports are equal."""
    if isinstance(read, str):
        return read
    columns = {
        name: column.to_numpy().tobytes() if column.dtype == np.float64 else column.tolist()
        for name, column in read.table.items()
    }
    texts = {name: (read.text(name).tolist(), read.label(name).tolist()) for name in read.types}
    return columns, texts, read.types, read.findings, read.decisions, read.sha256, read.name


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**40))
def test_blocks_and_the_careful_reader_give_the_same_export_or_the_same_refusal(seed):
    content, reading = written(seed)
    careful = parts_of(outcome(content, reading))
    assert parts_of(outcome(content, reading, fewest_long=2)) == careful
    assert parts_of(outcome(content, reading, fewest_long=10**9)) == careful


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**40))
def test_the_order_of_the_rows_never_changes_a_type(seed):
    draw = random.Random(seed)
    columns = [_column(draw, 40) for _ in range(4)]
    rows = [[f"{at}-k", *row] for at, row in enumerate(zip(*columns, strict=True))]
    types = []
    for _ in range(3):
        lines = ["\t".join(_cell(cell, "\t", always=False) for cell in row) for row in [["key", *"abcd"], *rows]]
        content = ("\n".join(lines) + "\n").encode()
        for fewest_long in (None, 2, 10**9):
            read = outcome(content, Reading(), fewest_long=fewest_long)
            types.append(read.rsplit("[", 1)[1][:8] if isinstance(read, str) else dict(read.types))
        draw.shuffle(rows)
    assert all(each == types[0] for each in types)
