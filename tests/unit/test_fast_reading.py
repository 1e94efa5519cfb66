"""Large exports: read in blocks where every byte allows one reading only, and by the careful reader everywhere else."""

import hashlib

import numpy as np
import pyarrow as pa
import pytest

from clinpred.errors import InputRefused
from clinpred.records import read as reader
from clinpred.records.read import read_export
from clinpred.records.text import column_builder, plain_reader
from clinpred.records.text.plain_reader import read_plain
from clinpred.records.text.totals import STARTS_OF_SUMS, may_be_sum
from clinpred.records.values.plain_numbers import plain_numbers
from clinpred.records.values.plain_words import may_have_few_levels, plain_words
from clinpred.records.values.texts import CodedTexts, LongTexts
from clinpred.settings.export import Reading

N_ROWS = 400


@pytest.fixture(autouse=True)
def _small_files_count_as_large(monkeypatch):
    monkeypatch.setattr(plain_reader, "SMALLEST", 0)
    monkeypatch.setattr(plain_reader, "BLOCK", 2000)
    monkeypatch.setattr(column_builder, "FEWEST_LONG", 5)


def lines_of(delimiter=","):
    rng = np.random.default_rng(7)
    rows = zip(
        [f"P{row:05d}" for row in range(N_ROWS)],
        rng.choice(["north", "south"], N_ROWS),
        np.char.mod("%.5f", rng.normal(140, 5, N_ROWS)),
        (np.datetime64("2020-01-01") + rng.integers(0, 900, N_ROWS)).astype(str),
        strict=True,
    )
    return [delimiter.join(row) for row in [("patient_id", "site", "sodium", "seen"), *rows]]


def written(folder, text, *, start=b""):
    path = folder / "export.csv"
    path.write_bytes(start + (text if isinstance(text, bytes) else text.encode()))
    return path


def plain(lines, end="\n"):
    return end.join(lines) + end


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_plain_file_is_read_in_blocks_cell_by_cell(tmp_path, delimiter, end):
    lines = lines_of(delimiter)
    path = written(tmp_path, plain(lines, end))
    read = read_plain(path, Reading())
    assert list(zip(*read.table.columns, strict=True)) == [tuple(line.split(delimiter)) for line in lines[1:]]
    assert read.table.names == tuple(lines[0].split(delimiter))
    assert (read.sha256, read.name) == (hashlib.sha256(path.read_bytes()).hexdigest(), "export.csv")
    assert list(read.table.places) == list(range(2, N_ROWS + 2))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.rstrip("\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("north", '"north, east"'),
        lambda text: text.replace("north", '"the ""north"""'),
        lambda text: text.replace("north", " north "),
        lambda text: text.replace("north", "Orléans"),
        lambda text: text.replace("north", "two; three"),
        lambda text: text.replace("north", "O'Neil"),
        lambda text: text.replace("\n", "\r\n", 5),
    ],
    ids=[
        "no last newline",
        "mark",
        "quotes",
        "doubled quotes",
        "blanks",
        "accents",
        "other mark",
        "apostrophe",
        "mixed",
    ],
)
def test_what_is_usual_in_large_files_is_read_in_blocks_as_the_careful_reader_would(tmp_path, monkeypatch, change):
    path = written(tmp_path, change(plain(lines_of())))
    assert read_plain(path, Reading()) is not None
    in_blocks = read_export(path)
    monkeypatch.setattr(reader, "read_plain", lambda *_: None)
    careful = read_export(path)
    assert in_blocks.findings == careful.findings
    assert in_blocks.sha256 == careful.sha256
    assert in_blocks.table.equals(careful.table)
    assert all(in_blocks.text(name).tolist() == careful.text(name).tolist() for name in careful.types)


@pytest.mark.parametrize(
    ("last", "code"),
    [
        ("P99999,north,140.1", "E-RAGGED"),
        ("P99999,north,140.1,2020-01-01,", "E-RAGGED"),
        ('P99999,"north,140.1,2020-01-01', "E-QUOTE"),
        ('P99999,"north" x,140.1,2020-01-01', "E-QUOTE"),
        ("P99999,no\0rth,140.1,2020-01-01", "E-NUL"),
        (b"P99999,n\xf6rth,140.1,2020-01-01", "W-ENC-GUESS"),
        ("patient_id,site,sodium,seen", "W-REPEATED-HEADER"),
        ("(400 rows affected)", "W-FOOTER"),
        ("total,,56000.1,", "W-FOOTER"),
        ("\nP99999,north,140.1,2020-01-01", "W-BLANK"),
        (",,,", "W-BLANK"),
        ("P99999,north,140.1,2020-01-01\n\x1a", "W-CTRLZ"),
        ("P99999,'north',140.1,2020-01-01", None),
        ('P99999,5" north,140.1,2020-01-01', None),
        ('P99999,"two\nlines",140.1,2020-01-01', None),
    ],
)
def test_a_trap_in_the_last_line_leaves_the_whole_file_to_the_careful_reader(tmp_path, last, code):
    last = last if isinstance(last, bytes) else last.encode()
    path = written(tmp_path, plain(lines_of()).encode() + last + b"\n")
    assert read_plain(path, Reading()) is None
    try:
        codes = {finding.code for finding in read_export(path).findings}
    except InputRefused as refusal:
        codes = {refusal.code}
    assert codes == ({code} if code else set())


def test_a_shifted_last_line_is_refused_from_the_blocks_as_well(tmp_path):
    lines = [f"{line},{row % 7},{'yes' if row % 2 else 'no'}" for row, line in enumerate(lines_of())]
    path = written(tmp_path, plain(["id,site,sodium,seen,stage,alive", *lines[1:], "P9,140.12345,2020-01-01,3,no,"]))
    with pytest.raises(InputRefused, match=r"on line 402, .*E-SHIFT"):
        read_plain(path, Reading())


@pytest.mark.parametrize("start", [b"\x1f\x8b", b"PK\x03\x04", b"%PDF", b"sep=;\n", b"<html>,", b'{"a",', b"\xff\xfe"])
def test_packed_files_and_other_kinds_are_left_to_the_careful_reader(tmp_path, start):
    assert read_plain(written(tmp_path, plain(lines_of()), start=start), Reading()) is None


def test_small_files_and_other_encodings_are_left_to_the_careful_reader(tmp_path, monkeypatch):
    path = written(tmp_path, plain(lines_of()))
    assert read_plain(path, Reading(encoding="latin-1")) is None
    assert read_plain(tmp_path / "absent.csv", Reading()) is None
    assert read_plain(tmp_path, Reading()) is None
    monkeypatch.setattr(plain_reader, "SMALLEST", path.stat().st_size + 1)
    assert read_plain(path, Reading()) is None


def test_a_bad_value_in_the_last_line_counts(tmp_path):
    path = written(tmp_path, plain([*lines_of(), "P99999,north,4_5,2020-01-01"]))
    with pytest.raises(InputRefused, match=rf"1 value that is .* on line {N_ROWS + 2} \[E-NUMBER\]"):
        read_export(path)


def test_columns_with_many_different_texts_are_held_as_one_piece_of_text(tmp_path):
    read = read_export(written(tmp_path, plain(lines_of())))
    assert {name: type(texts) for name, texts in read.texts.items()} == {
        "patient_id": LongTexts,
        "site": CodedTexts,
        "sodium": LongTexts,
        "seen": LongTexts,
    }
    assert dict(read.types) == {"patient_id": "category", "site": "category", "sodium": "number", "seen": "date"}
    assert read.table["sodium"].tolist() == [float(line.split(",")[2]) for line in lines_of()[1:]]


def test_numbers_read_at_once_are_rounded_as_python_rounds():
    rng = np.random.default_rng(3)
    digits = ["".join(map(str, rng.integers(0, 10, rng.integers(1, 25)))) for _ in range(20_000)]
    texts = [
        f"{sign}{whole}.{part}"
        for sign, whole, part in zip(rng.choice(["", "-"], 20_000), rng.integers(0, 10**9, 20_000), digits, strict=True)
    ]
    texts += ["5", "0.1", "2.5", "-0.0", "123456789012345", "900719925474099.25", ".5", "5."]
    found = plain_numbers(pa.chunked_array([texts]))
    assert found.values.tobytes() == np.array([float(text) for text in texts]).tobytes()


@pytest.mark.parametrize(
    "odd",
    ["007", "-01.5", "1e5", "+3", "1,5", "1234567890123456", "1-2", "1.2.3", "--", "<4", "inf", "１", "4_5", "00"],
)
def test_numbers_that_only_their_text_tells_about_are_not_read_at_once(odd):
    texts = [f"{row}.25" for row in range(20)]
    found = plain_numbers(pa.chunked_array([texts, [*texts, odd]]))
    assert found is None or odd in found.others


def test_words_are_certain_only_where_nothing_in_them_has_to_be_looked_at():
    ids = [f"K-{row}" for row in range(100)]
    assert plain_words(pa.chunked_array([ids, ["", "unknown"]])).n_missing_words == 1
    for odd in ("NA", "<b>", "{{x", "=1+1", "'12", "Orléans"):
        assert plain_words(pa.chunked_array([ids, [odd]])) is None
    assert plain_words(pa.chunked_array([["12", "007", "unknown"]])) is None
    assert not may_have_few_levels(pa.chunked_array([ids]), 50, n_cells=90)
    assert may_have_few_levels(pa.chunked_array([["a", "b"] * 50]), 50, n_cells=90)


def test_texts_answer_alike_however_they_are_held():
    cells = ["f", "", "m", "f"]
    coded, long = CodedTexts.of(cells), LongTexts(pa.chunked_array([cells[:3], cells[3:]]))
    for texts in (coded, long):
        assert list(texts) == cells == texts.array().tolist()
        assert dict(texts.counts()) == {"f": 2, "": 1, "m": 1}
        assert texts.rows({"f", "x"}).tolist() == [0, 3]
        assert (texts[2], list(texts[1:3]), list(texts[::2])) == ("m", ["", "m"], ["f", "m"])
        assert "m" in texts
        assert "x" not in texts
    assert "f" not in coded[1:3]
    assert [list(part) if isinstance(part, CodedTexts) else part for part in coded.changed(str.upper)] == [
        ["F", "", "M", "F"],
        3,
    ]


@pytest.mark.parametrize("kind", [CodedTexts.of, lambda cells: LongTexts(pa.chunked_array([cells]))])
def test_words_for_sums_are_found_however_the_texts_are_held(kind):
    for word, is_there in (("Subtotal", True), ("TOTAL 12", True), ("total hip", False), ("T", False), ("140", False)):
        assert kind(["P1", "", "S0017", word, "Tower"]).any_of(STARTS_OF_SUMS, may_be_sum) is is_there


@pytest.mark.parametrize("at", [1, 200, N_ROWS])
def test_a_full_line_of_sums_is_set_aside_wherever_it_stands(tmp_path, at):
    lines = lines_of()
    path = written(tmp_path, plain([*lines[: at + 1], "Total,both,56000.12345,2020-01-01", *lines[at + 1 :]]))
    read = read_export(path)
    assert read.text("patient_id").tolist() == [line.split(",")[0] for line in lines[1:]]
    assert [(finding.code, finding.count) for finding in read.findings] == [("W-FOOTER", 1)]
    assert f"line {at + 2}" in read.findings[0].text


def test_a_category_called_total_is_no_line_of_sums(tmp_path):
    lines = [f"{'total' if row % 9 == 4 else 'partial'},{row},{row % 5}.5" for row in range(60)]
    read = read_export(written(tmp_path, plain(["resection,weight,size", *lines])))
    assert len(read.table) == 60
    assert "W-FOOTER" not in {finding.code for finding in read.findings}
