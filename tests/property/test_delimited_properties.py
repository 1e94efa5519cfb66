"""A table written in any dialect reads back equal, cell by cell."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from clinpred.records.text.delimited import read_delimited

DELIMITERS = ",;\t|^~"
plain_names = st.from_regex(r"[a-z][a-z_]{2,8}", fullmatch=True)
visible = st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" ")
words = st.text(visible | st.sampled_from("\"',;.| é"), min_size=1, max_size=10).map(str.strip)
quoted_words = words | st.sampled_from(["two\nlines", 'said "no"', "a, b", "x;y|z", "it's", "5 cm", "''"])
numbers = st.floats(-1e6, 1e6).map(lambda number: f"{number:.3f}")


@st.composite
def tables(draw):
    """Return names and rows of a table: an id that is never empty, numbers, dates, words; gaps in all but the id."""
    names = draw(st.lists(plain_names, min_size=4, max_size=7, unique=True))
    n_rows = draw(st.integers(4, 25))
    columns = [[f"{1000 + row}-k" for row in range(n_rows)]]
    kinds = [numbers, st.dates().map(str), *(draw(st.sampled_from([quoted_words, numbers])) for _ in names[3:])]
    columns += [draw(st.lists(cells | st.just(""), min_size=n_rows, max_size=n_rows)) for cells in kinds]
    return names, [list(row) for row in zip(*columns, strict=True)]


@settings(max_examples=200, deadline=None)
@given(
    tables(),
    st.sampled_from(DELIMITERS),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_a_table_in_a_random_dialect_reads_back_equal(table, delimiter, end, quoting, encoding):
    names, rows = table
    rows = [[cell.replace("\n", end) for cell in row] for row in rows]
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows([names, *rows])
    read = read_delimited(written.getvalue().encode(encoding), "written.csv")
    assert list(read.names) == names
    assert [list(row) for row in zip(*read.columns, strict=True)] == rows
    assert read.dialect.delimiter == delimiter
    # Any two strange signs can look like one accented letter read wrongly: that is said, and the cells stay.
    assert {finding.code for finding in read.findings} <= {"W-MOJIBAKE"}


@settings(max_examples=60, deadline=None)
@given(tables(), st.sampled_from(DELIMITERS), st.sampled_from(["\n", "\r\n"]))
def test_a_table_with_backslash_escapes_reads_back_equal(table, delimiter, end):
    names, rows = table
    # A backslash at the end of a cell reads in two ways where nothing else is escaped: such a file is refused.
    rows = [[cell.replace("\\", "/") for cell in row] for row in rows]
    written = io.StringIO(newline="")
    csv.writer(
        written, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\"
    ).writerows([names, *rows])
    read = read_delimited(written.getvalue().encode(), "written.csv")
    assert [list(row) for row in zip(*read.columns, strict=True)] == rows
