"""What holds for every export: nothing changes on the way in, and patients never straddle."""

import csv
import io
import tempfile
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from clinpred.errors import InputRefused
from clinpred.records.cohort import Cohort, RowFlow, codes_in_order
from clinpred.records.partition import hold_out_patients, patient_folds
from clinpred.records.read import read_export
from clinpred.records.types import PredictorType, is_plain_number
from clinpred.records.values.typed_columns import decide_type

words = st.text(st.characters(exclude_categories=("C", "Z"), include_characters="\",;\t'é "), max_size=8).map(
    lambda word: word.strip().lstrip("'").strip()
)
names = words.filter(
    lambda name: name and not name[0].isdigit() and not is_plain_number(name) and not set(name) & set(";\t|")
)
numbers = st.floats(allow_nan=False, allow_infinity=False).map(repr) | st.integers(-(10**15), 10**15).map(str)
spellings = st.sampled_from(["", "NA", "n/a", "null", ".", "None", "nan"])
kinds_of_cells = (
    words,
    numbers,
    numbers | st.just(""),
    numbers | spellings,
    st.dates().map(str),
    st.sampled_from(["007", "1e400x", "-inf-", "12E03", "4_5"]),
)


@st.composite
def tables(draw):
    """Return a header and rows of cells; the first cell is never empty, so that no line is blank."""
    header = draw(st.lists(names, min_size=2, max_size=6, unique=True))
    n_rows = draw(st.integers(1, 12))
    columns = [["k"] * n_rows]
    for _ in header[1:]:
        cells = draw(st.sampled_from(kinds_of_cells))
        columns.append(draw(st.lists(cells, min_size=n_rows, max_size=n_rows)))
    return header, [list(row) for row in zip(*columns, strict=True)]


def read_back(header, rows, *, newline="\n", quoting=csv.QUOTE_MINIMAL, mark=b""):
    written = io.StringIO()
    writer = csv.writer(written, lineterminator=newline, quoting=quoting)
    writer.writerows([header, *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "written.csv"
        path.write_bytes(mark + written.getvalue().encode("utf-8"))
        return read_export(path)


@settings(max_examples=200, deadline=None)
@given(
    tables().filter(lambda table: table[0] not in table[1]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_a_written_table_reads_back_equal(table, newline, quoting, mark):
    header, rows = table
    export = read_back(header, rows, newline=newline, quoting=quoting, mark=mark)
    assert list(export.types) == header
    for name, cells in zip(header, zip(*rows, strict=True), strict=True):
        assert export.text(name).tolist() == list(cells)
        if export.types[name] == "number":
            expected = [float(cell) if is_plain_number(cell) else np.nan for cell in cells]
            np.testing.assert_array_equal(export.table[name], expected)
        elif export.types[name] != "empty":
            assert export.table[name].tolist() == [unicodedata.normalize("NFC", cell) or None for cell in cells]


def type_or_refusal(cells):
    try:
        return decide_type(cells)
    except InputRefused as refusal:
        return refusal.code


@settings(max_examples=200, deadline=None)
@given(
    st.lists(numbers | spellings | st.sampled_from(["007", "x", "2020-01-01"]), min_size=1, max_size=12), st.randoms()
)
def test_the_order_of_rows_never_changes_a_type(cells, random):
    shuffled = random.sample(cells, len(cells))
    assert type_or_refusal(shuffled) == type_or_refusal(cells)


@st.composite
def repeated_patients(draw):
    """Return an outcome and a patient of each row, with at least four patients of either kind."""
    n_patients = draw(st.integers(8, 40))
    ever = np.array([True, False] * 4 + draw(st.lists(st.booleans(), min_size=n_patients - 8, max_size=n_patients - 8)))
    rows = draw(st.lists(st.integers(0, n_patients - 1), max_size=60))
    patients = np.array(draw(st.permutations([*range(n_patients), *rows])))
    happens = np.array(draw(st.lists(st.booleans(), min_size=patients.size, max_size=patients.size)))
    first = np.unique(patients, return_index=True)[1]
    happens[first] = True
    return (ever[patients] & happens).astype(float), patients


def strata_of(outcome, patients):
    ever = set(patients[outcome == 1])
    return len(ever), len(set(patients)) - len(ever)


def cohort_of(outcome, patients):
    n = outcome.size
    return Cohort(
        predictors=pd.DataFrame({"row": np.arange(n, dtype=float)}),
        types={"row": PredictorType("number")},
        outcome=outcome,
        patients=codes_in_order(patients),
        patient_ids=np.array([str(patient) for patient in patients], dtype=object),
        comparators={},
        row_flow=RowFlow(n, n, ()),
    )


@settings(max_examples=150, deadline=None)
@given(repeated_patients(), st.floats(0.15, 0.85), st.integers(0, 2**32))
def test_held_out_patients_are_whole_and_their_strata_keep_the_share(rows, share, seed):
    outcome, patients = rows
    cohort = cohort_of(outcome, patients)
    partition = hold_out_patients(cohort, share, np.random.default_rng(seed))
    development, held_out = partition.development, partition.held_out
    assert not set(development.patient_ids) & set(held_out.patient_ids)
    assert sorted([*development.predictors["row"], *held_out.predictors["row"]]) == list(range(outcome.size))
    for of_cohort, of_held_out in zip(
        strata_of(cohort.outcome, cohort.patient_ids),
        strata_of(held_out.outcome, held_out.patient_ids),
        strict=True,
    ):
        assert abs(of_held_out - share * of_cohort) <= 0.5
    again = hold_out_patients(cohort, share, np.random.default_rng(seed))
    np.testing.assert_array_equal(again.held_out_rows, partition.held_out_rows)


@settings(max_examples=150, deadline=None)
@given(repeated_patients(), st.integers(2, 4), st.integers(0, 2**32))
def test_folds_keep_patients_whole_and_alike_in_events(rows, n_folds, seed):
    outcome, patients = rows
    folds = patient_folds(outcome, patients, n_folds, np.random.default_rng(seed))
    assert all(len(set(folds[patients == patient])) == 1 for patient in set(patients))
    counts = np.array([strata_of(outcome[folds == fold], patients[folds == fold]) for fold in range(n_folds)])
    assert (np.ptp(counts, axis=0) <= 1).all()
    assert np.ptp(counts.sum(axis=1)) <= 1
    assert counts.min() >= 1
    np.testing.assert_array_equal(folds, patient_folds(outcome, patients, n_folds, np.random.default_rng(seed)))
