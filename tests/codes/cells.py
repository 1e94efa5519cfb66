"""Cells and columns of an export: numbers, dates, words for missing, units, guards."""

import tempfile
from pathlib import Path

import numpy as np
from codes_situations import Situation, generator, read

values = generator("values")
generator("number_values")
generator("date_values")


def content(made, cells=None):
    """Return the export of a faulty column, or of other cells in its place."""
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        fault = values.Fault(made.cells if cells is None else cells, "", column=made.column, delimiter=made.delimiter)
        return values.write_export(fault, Path(folder), rng).read_bytes()


def cured(name):
    """Return a fault whose cells a reader can repair, beside the cells that it is to make of them."""
    made = values.FAULTS[name](np.random.default_rng(1))
    return Situation(read(content(made)), read(content(made, made.expected)))


def settled(name):
    """Return a refusal beside the same export with the option that settles it."""
    made = values.FAULTS[name](np.random.default_rng(1))
    return Situation(read(content(made)), read(content(made), **made.settled[0]))


def replaced(name, change):
    """Return a fault beside the same column, each of its cells changed."""
    made = values.FAULTS[name](np.random.default_rng(1))
    return Situation(read(content(made)), read(content(made, [change(cell) for cell in made.cells])))


FIRES = {
    "E-CENSORED": settled("C9 below_the_limit"),
    "E-DATE": replaced("D7 a_day_that_does_not_exist", lambda day: day.replace("02-30", "02-28")),
    "E-DATE-AMBIGUOUS": replaced("D1 day_and_month_exchangeable", lambda day: f"23{day[2:]}"),
    "E-DECIMAL-AMBIGUOUS": replaced("C13 three_decimals_or_thousands", lambda number: number[:-1]),
    "E-EXCEL-DATE": settled("D5 excels_day_numbers"),
    "E-NOT-FINITE": replaced("C18 too_large_for_a_float", lambda number: number.replace("1e400", "1e300")),
    "E-NUMBER": replaced("C17 underscores", lambda number: number.replace("_", "")),
    "E-UNITS-MIXED": replaced("C15 two_units", lambda number: number.replace("mg/dL", "mmol/L")),
    "W-CATEGORY-VARIANTS": replaced(
        "C21 spellings_of_a_category", lambda word: {"Male": "male", "m": "male"}.get(word, word)
    ),
    "W-CENSORED-VALUES": Situation(
        read(content(values.FAULTS["C9 below_the_limit"](np.random.default_rng(1))), censored={"lab": "half"}),
        read(
            content(values.FAULTS["C9 below_the_limit"](np.random.default_rng(1)), ["4.4"] * 60),
            censored={"lab": "half"},
        ),
    ),
    "W-DATE-2DIGIT": cured("D4 years_of_two_digits"),
    "W-DATE-MIXED": cured("D3 two_forms_of_dates"),
    "W-DATE-PLACEHOLDER": cured("D6 dates_of_zeros"),
    "W-DECIMAL": cured("C10 decimal_commas"),
    "W-DECIMAL-MIXED": cured("C12 both_decimal_marks"),
    "W-EXCEL-GUARD": cured("C4 excels_formula_guard"),
    "W-ID-MISSING": replaced("C2 long_ids_with_a_blank", lambda cell: cell or "900719925474099999"),
    "W-MARKUP": replaced("C23 markup", lambda word: word.strip("<>=@+${}").replace("<", "of ")),
    "W-NA-CATEGORY": replaced("C5 namibia", lambda word: {"NA": "NAM"}.get(word, "ZA")),
    "W-NA-SPELLING": cured("C7 spellings_of_missing"),
    "W-NFC": cured("C20 two_forms_of_one_name"),
    "W-SENTINEL": settled("C8 sentinel_999"),
    "W-TEXT-COLUMN": replaced("C19 more_stray_words", lambda cell: cell.replace("haemolysed", "")),
    "W-THOUSANDS": cured("C14 thousands_with_commas"),
    "W-TZ": cured("D8 two_time_zones"),
    "W-UNICODE-DIGIT": cured("C16 unicode_minus"),
    "W-UNIT-TEXT": cured("C15 a_unit_in_every_cell"),
}
