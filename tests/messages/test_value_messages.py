"""What the reader says of the values in a column: as a refusal, and as a finding; never a value itself."""

import pytest

from clinpred.errors import InputRefused
from clinpred.records.values.cells import Origin
from clinpred.records.values.typed_columns import typed_columns
from clinpred.settings.export import Reading

FIX = "correct them in the export, or leave them empty where they are missing"
REFUSED = [
    (
        ["5.1", "4_5", "(6)"],
        f"""visits.csv: column `lab` has 2 values that are like a number, written in a way that has no one meaning, \
the first on line 3 [E-NUMBER]
expected: plain decimal numbers
to fix: {FIX}; --missing lab=VALUE reads a value as missing""",
    ),
    (
        ["1.234", "2.345"],
        """visits.csv: column `lab` has 2 values that are a number with either a decimal mark or thousands kept apart, \
the first on line 2 [E-DECIMAL-AMBIGUOUS]
expected: numbers that can be read one way only, or the decimal mark named
to fix: name the decimal mark with --decimal comma or --decimal point""",
    ),
    (
        ["5", "<4"],
        """visits.csv: column `lab` has 1 value that is below or above a limit, such as a laboratory's < and >, \
the first on line 3 [E-CENSORED]
expected: numbers, or the analyst's choice of what stands for them
to fix: choose with --censored lab=limit, or =half, or =missing""",
    ),
    (
        ["5 mg", "4 g"],
        """visits.csv: column `lab` has 2 values that are written with one of several units, \
the first on line 2 [E-UNITS-MIXED]
expected: one unit in a column
to fix: convert them in the export, and write the unit in the column's name""",
    ),
    (
        ["05/06/2023", "07/08/2023"],
        """visits.csv: column `lab` has 2 values that are a date whose day and month could be exchanged, \
the first on line 2 [E-DATE-AMBIGUOUS]
expected: dates that can be read one way only, such as year-month-day
to fix: name the order with --date-order dmy or --date-order mdy, or export the dates as year-month-day""",
    ),
    (
        ["2023-02-28", "2023-02-30"],
        f"""visits.csv: column `lab` has 1 value that is no day of the calendar, the first on line 3 [E-DATE]
expected: dates that exist, such as year-month-day
to fix: {FIX}""",
    ),
    (
        ["2023-02-28", "44970"],
        """visits.csv: column `lab` has 1 value that is a number of days as Excel counts, where dates are expected, \
the first on line 3 [E-EXCEL-DATE]
expected: dates as year-month-day, or the year named from which Excel counts
to fix: say --excel-dates 1900 (Windows) or --excel-dates 1904 (old Mac workbooks)""",
    ),
]
NOTICED = [
    (["5,5", "1.234,5"], ["decimal commas in 2 values", "thousands kept apart in 1 value"]),
    (["5,5", "5.5"], ["decimal commas in 1 value and decimal points in 1"]),
    (["５", "4"], ["digits or signs other than 0-9, + and - in 1 value"]),
    (["5 mg", "4 mg"], ["the unit mg taken off 2 values"]),
    (["1", "2", "3", "?", "na"], ["words among its numbers are read as missing (? 1, NA 1)"]),
    (
        [*(str(n) for n in range(200)), "haemolysed"],
        ["words among its numbers are read as missing (1 other text value)"],
    ),
    (
        [*(str(n) for n in range(120, 153)), "999", "999"],
        ["2 x 999, apart from all other values, which often stands for missing"],
    ),
    (["1", "2", "low", "high"], ["is a category, though at least half of its values look like numbers"]),
    (["2023-02-28", "later"], ["is a category, though at least half of its values look like dates"]),
    (["NA", "north"], ["words that may stand for missing are kept as categories (NA 1)"]),
    (["male", "Male", "m", "f"], ["3 of its 4 categories seem to be spellings of 1"]),
    (["'007", "008"], ["Excel's guard against its own typing removed from 1 cell"]),
    (["Orle\u0301ans", "x"], ["letters with accents made of two characters joined in 1 cell"]),
    (["<b>x</b>", "y"], ["1 cell with HTML, a formula or a template, kept as text"]),
    (["23/02/2023", "2023-02-28"], ["dates are written in 2 forms, each read by its own"]),
    (["23/02/23"], ["1 year of two digits read as 1969 to 2068, in the order day-month-year"]),
    (["2023-02-28T10:00+01:00"], ["1 time of other zones turned into UTC"]),
    (
        ["0000-00-00", "1900-01-01", "2023-01-01"],
        ["1 date of zeros read as missing; 1 date that may well stand for none, kept as written"],
    ),
    (["1234567890123456789", ""], ["looks like an id, and is missing in 1 row"]),
]


def typed(cells, **reading):
    origin = Origin("visits.csv", range(2, len(cells) + 2), "line")
    return typed_columns({"lab": cells}, origin, Reading(**reading), comma_delimited=False, units={})["lab"]


@pytest.mark.parametrize(("cells", "message"), REFUSED)
def test_a_column_is_refused_with_its_count_its_first_line_and_its_option(cells, message):
    with pytest.raises(InputRefused) as refusal:
        typed(cells)
    assert str(refusal.value) == message
    assert refusal.value.exit_code == 3


@pytest.mark.parametrize(("cells", "texts"), NOTICED)
def test_a_finding_names_the_column_and_counts(cells, texts):
    assert [finding.text for finding in typed(cells).findings] == [f"column `lab`: {text}" for text in texts]


def test_the_choice_on_censored_values_is_said():
    found = typed(["5", "<4"], censored={"lab": "half"})
    assert [finding.text for finding in found.findings] == [
        "column `lab`: 1 value below or above a limit read as half of a lower limit, an upper limit as it is, \
as was chosen"
    ]
    assert found.decisions == {"censored": "half"}


@pytest.mark.parametrize("canary", ["ZEBRAFINCH", "31415926", "1987-06-05", "06/05/1987", "3.141", "3,141", "<31415"])
@pytest.mark.parametrize("others", [[], ["5.5"], ["5,5", "6.5"], ["low", "Low"], ["2023-02-30"], ["7 mg"], ["4_5"]])
def test_no_cell_is_ever_said(canary, others):
    try:
        said = " ".join(f"{finding.text} {finding.advice}" for finding in typed([canary, canary, *others]).findings)
    except InputRefused as refusal:
        said = str(refusal)
    assert canary not in said
