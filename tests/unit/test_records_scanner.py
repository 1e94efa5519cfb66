"""The scanner: every cell as written, every record on its line, whichever of the two ways reads it."""

import pytest

from clinpred.records.text import scanner
from clinpred.records.text.scanner import Dialect, QuoteFault, lines_of, scan_records

DOUBLE = Dialect(quote='"')
BACKSLASH = Dialect(quote='"', escape="backslash")


def test_quoted_cells_keep_delimiters_quotes_and_line_breaks():
    records = scan_records('a,b\n"x, ""y""","one\r\ntwo"\n3,4\n', DOUBLE)
    assert records.rows == [["a", "b"], ['x, "y"', "one\r\ntwo"], ["3", "4"]]
    assert list(records.lines) == [1, 2, 4]
    assert dict(records.breaks) == {1: 1}


def test_a_quote_inside_an_unquoted_cell_is_a_character():
    assert scan_records('a,b\n5",6" tall\n', DOUBLE).rows[1] == ['5"', '6" tall']


def test_blanks_around_quotes_are_removed_and_counted():
    records = scan_records('a, b\n1, "x, y"\n2 ,"z" \n', DOUBLE)
    assert records.rows == [["a", " b"], ["1", "x, y"], ["2 ", "z"]]
    assert records.n_blanks == 2


def test_a_backslash_before_a_quote_escapes_it_and_another_stays():
    assert scan_records('a,b\n"say \\"no\\", go","C:\\temp"\n', BACKSLASH).rows[1] == ['say "no", go', "C:\\temp"]
    assert scan_records('a,b\n"one \\\\",2\n', BACKSLASH).rows[1] == ["one \\", "2"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_counts_as_one_line(end):
    assert lines_of(end.join(["a", "", "b", ""])) == ["a", "", "b"]
    assert list(scan_records(end.join(['a,"b"', "1,2", "3,4"]), DOUBLE).lines) == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "line", "n_breaks", "closed"),
    [
        ('a,b\n1,2\n3,"4\n5,6\n', 3, 1, False),
        ('a,b\n1,"x\n2"y,3\n', 2, 1, True),
        ('a,b\n"x\ny",2\n1,"x"y\n', 4, 0, True),
        ('a,b\n1,"', 2, 0, False),
    ],
)
def test_a_quote_that_does_not_end_its_cell_is_placed(text, line, n_breaks, closed):
    with pytest.raises(QuoteFault) as fault:
        scan_records(text, DOUBLE)
    assert (fault.value.line, fault.value.n_breaks, fault.value.closed) == (line, n_breaks, closed)


@pytest.mark.parametrize(
    "text",
    [
        'a,b\n"x, ""y""",5" tall\n',
        'a,b\n1,""\n\n,"x\ny"',
        'a,b\r\n"1",2\r3,4\n',
        "a,b\n",
        'a\n\n"c"\n',
        'a,\n1,""',
        '"a\r\nb"\r\n"c\rd\n\n"\n1',
    ],
)
def test_both_ways_of_reading_agree(text):
    by_library, by_hand = scanner._by_the_standard_library(text, DOUBLE), scanner._by_hand(text, DOUBLE)
    assert by_library.rows == by_hand.rows
    assert list(by_library.lines) == list(by_hand.lines)
    assert by_library.ended == by_hand.ended
    assert by_library.breaks == by_hand.breaks


def test_a_cell_longer_than_the_librarys_limit_is_read():
    long = "x" * 200_000
    assert scan_records(f'a,b\n1,"{long}"\n', DOUBLE).rows[1] == ["1", long]
