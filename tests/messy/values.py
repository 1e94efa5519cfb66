"""Exports with one fault in the values of one column: catalogue C and D, made anew from a seed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

N_ROWS = 60


@dataclass(frozen=True)
class Fault:
    """A column's cells as an export writes them, and what must become of them: these texts, or this refusal."""

    cells: list[str]
    code: str
    expected: list[str] | None = None
    type: str = "number"
    column: str = "lab"
    delimiter: str = ","
    decisions: dict[str, str] = field(default_factory=dict)
    settled: tuple[dict, list[str]] | None = None


FAULTS: dict[str, Callable[[np.random.Generator], Fault]] = {}


def fault(row):
    """Register a function under its row of the catalogue."""

    def register(make):
        FAULTS[f"{row} {make.__name__}"] = make
        return make

    return register


def write_export(made: Fault, folder: Path, rng: np.random.Generator) -> Path:
    """Write an export of plain columns and the faulty one."""
    rows = len(made.cells)
    columns = {
        "record": [f"{17 * row + 5:06d}" for row in range(rows)],
        "sex": rng.choice(["female", "male"], rows).tolist(),
        made.column: made.cells,
        "died": [str(row % 3 // 2) for row in range(rows)],
    }
    lines = [made.delimiter.join(columns)]
    lines += [
        made.delimiter.join(_quoted(cell, made.delimiter) for cell in row)
        for row in zip(*columns.values(), strict=True)
    ]
    path = folder / "export.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _quoted(cell: str, delimiter: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & {'"', delimiter} else cell


def one_decimal(rng, rows=N_ROWS, lowest=40, highest=300):
    """Return numbers with one decimal; none of them whole, so that each shows its mark."""
    return [
        f"{whole}.{tenth}"
        for whole, tenth in zip(rng.integers(lowest, highest, rows), rng.integers(1, 10, rows), strict=True)
    ]


def with_some(cells, rng, change, count=8):
    """Return the cells with ``change`` made to some of them, and where."""
    at = sorted(rng.choice(len(cells), count, replace=False).tolist())
    return [change(cell) if row in at else cell for row, cell in enumerate(cells)], at


def without(cells, at):
    """Return the cells, empty at these rows."""
    return ["" if row in at else cell for row, cell in enumerate(cells)]


def days(rng, rows=N_ROWS, first=date(2021, 1, 1), last=700):
    """Return days, the first of them one that shows whether the day or the month is first."""
    return [date(2022, 5, 23), *(first + timedelta(days=int(n)) for n in rng.integers(0, last, rows - 1))]


def iso(dates):
    """Return dates as ISO text."""
    return [day.isoformat() for day in dates]


# C


@fault("C1")
def ids_with_leading_zeros(rng):
    cells = [f"{n:06d}" for n in rng.integers(1, 10**6, N_ROWS)]
    return Fault(cells, "", cells, "category", "patient_id")


@fault("C1")
def site_codes_with_leading_zeros(rng):
    cells = rng.choice(["01", "02", "03"], N_ROWS).tolist()
    return Fault(cells, "", cells, "category", "centre")


@fault("C2")
def long_ids_with_a_blank(rng):
    cells = [str(900719925474099300 + row) for row in range(N_ROWS)]
    cells[int(rng.integers(N_ROWS))] = ""
    return Fault(cells, "W-ID-MISSING", cells, "category", "patient_id")


@fault("C2")
def long_codes_with_a_blank(rng):
    cells = [str(900719925474099300 + 2 * row) for row in range(N_ROWS)]
    cells[int(rng.integers(N_ROWS))] = ""
    return Fault(cells, "W-ID-MISSING", cells, "category", "sample")


@fault("C3")
def ids_like_powers_of_ten(rng):
    cells = [f"{n}E{e:02d}" for n, e in zip(rng.integers(1, 99, N_ROWS), rng.integers(1, 9, N_ROWS), strict=True)]
    return Fault(cells, "", cells, "category", "specimen")


@fault("C4")
def excels_formula_guard(rng):
    bare = [f"{n:06d}" for n in rng.integers(1, 10**6, N_ROWS)]
    return Fault([f'="{cell}"' for cell in bare], "W-EXCEL-GUARD", bare, "category", "chart")


@fault("C4")
def excels_apostrophe_guard(rng):
    bare = [f"{n:06d}" for n in rng.integers(1, 10**6, N_ROWS)]
    return Fault([f"'{cell}" for cell in bare], "W-EXCEL-GUARD", bare, "category", "patient_id")


@fault("C5")
def namibia(rng):
    cells = rng.choice(["NA", "ZA", "None", "null", "nan"], N_ROWS).tolist()
    declared = {"missing": {"country": ("NA", "nan")}}
    settled = (declared, ["" if cell in {"NA", "nan"} else cell for cell in cells])
    return Fault(cells, "W-NA-CATEGORY", cells, "category", "country", settled=settled)


@fault("C6")
def sodium_is_named_na(rng):
    cells = [str(n) for n in rng.integers(120, 155, N_ROWS)]
    return Fault(cells, "", cells, column="NA")


@fault("C7")
def spellings_of_missing(rng):
    words = ["", "NA", "n/a", "NULL", "#N/A", ".", "-", "?", "UNK", "missing"]
    cells = [*words, *one_decimal(rng, N_ROWS - len(words))]
    return Fault(cells, "W-NA-SPELLING", without(cells, range(len(words))))


@fault("C8")
def sentinel_999(rng):
    cells, at = with_some([str(n) for n in rng.integers(120, 153, N_ROWS)], rng, lambda _: "999", 7)
    settled = ({"missing": {"lab": ("999",)}}, without(cells, at))
    return Fault(cells, "W-SENTINEL", cells, settled=settled)


@fault("C8")
def sentinel_minus_nine(rng):
    cells, at = with_some([str(n) for n in rng.integers(0, 30, N_ROWS)], rng, lambda _: "-9", 7)
    return Fault(cells, "W-SENTINEL", cells, settled=({"missing": {"lab": ("-9.0",)}}, without(cells, at)))


@fault("C9")
def below_the_limit(rng):
    cells, at = with_some(one_decimal(rng), rng, lambda _: "<4.4")
    halved = ["2.2" if row in at else cell for row, cell in enumerate(cells)]
    return Fault(cells, "E-CENSORED", settled=({"censored": {"lab": "half"}}, halved))


@fault("C9")
def above_the_limit(rng):
    cells, at = with_some(one_decimal(rng), rng, lambda _: "> 500")
    at_limit = ["500" if row in at else cell for row, cell in enumerate(cells)]
    return Fault(cells, "E-CENSORED", settled=({"censored": {"lab": "half"}}, at_limit))


@fault("C9")
def outside_the_limits_missing(rng):
    cells, at = with_some(one_decimal(rng), rng, lambda _: "≥500")
    return Fault(cells, "E-CENSORED", settled=({"censored": {"lab": "missing"}}, without(cells, at)))


@fault("C10")
def decimal_commas(rng):
    plain = one_decimal(rng)
    cells = [cell.replace(".", ",") for cell in plain]
    return Fault(cells, "W-DECIMAL", plain, delimiter=";", decisions={"decimal": "comma"})


@fault("C11")
def thousands_with_points(rng):
    cells = [f"{a}.{b:03d},{c}" for a, b, c in rng.integers(1, 9, (N_ROWS, 3))]
    plain = [cell.replace(".", "").replace(",", ".") for cell in cells]
    return Fault(cells, "W-THOUSANDS", plain, delimiter=";", decisions={"decimal": "comma"})


@fault("C12")
def both_decimal_marks(rng):
    plain = one_decimal(rng)
    cells, _ = with_some(plain, rng, lambda cell: cell.replace(".", ","), 30)
    return Fault(cells, "W-DECIMAL-MIXED", plain, delimiter=";", decisions={"decimal": "mixed"})


@fault("C12")
def both_decimal_marks_and_one_that_may_be_thousands(rng):
    cells, _at = with_some(one_decimal(rng), rng, lambda cell: cell.replace(".", ","), 30)
    return Fault(["1.234", *cells], "E-DECIMAL-AMBIGUOUS", delimiter=";")


@fault("C13")
def three_decimals_or_thousands(rng):
    cells = [f"{a}.{b}" for a, b in zip(rng.integers(1, 99, N_ROWS), rng.integers(100, 999, N_ROWS), strict=True)]
    settled = ({"decimal": "comma"}, [cell.replace(".", "") for cell in cells])
    return Fault(cells, "E-DECIMAL-AMBIGUOUS", delimiter=";", settled=settled)


@fault("C14")
def thousands_with_commas(rng):
    cells, _at = with_some(one_decimal(rng), rng, lambda cell: f"{cell[0]},{100 + int(cell[0])}")
    plain = [cell.replace(",", "") for cell in cells]
    return Fault(cells, "W-THOUSANDS", plain, decisions={"decimal": "point"})


@fault("C14")
def commas_in_odd_places(rng):
    cells, _ = with_some(one_decimal(rng), rng, lambda _: "9,0,0")
    return Fault(cells, "E-NUMBER")


@fault("C14")
def groups_of_three_digits_and_nothing_else(rng):
    cells = [f"{a} {b} {c}" for a, b, c in rng.integers(100, 999, (N_ROWS, 3))]
    return Fault(cells, "E-NUMBER")


@fault("C15")
def a_unit_in_every_cell(rng):
    plain = one_decimal(rng)
    cells = [f"{cell} µmol/L" for cell in plain]
    return Fault(cells, "W-UNIT-TEXT", plain, decisions={"unit": "umol/L"})


@fault("C15")
def percent(rng):
    plain = [str(n) for n in rng.integers(20, 100, N_ROWS)]
    return Fault([f"{cell}%" for cell in plain], "W-UNIT-TEXT", plain, decisions={"unit": "%"})


@fault("C15")
def two_units(rng):
    cells, _at = with_some([f"{cell} mmol/L" for cell in one_decimal(rng)], rng, lambda cell: cell[:-6] + "mg/dL")
    return Fault(cells, "E-UNITS-MIXED")


@fault("C15")
def percent_and_fractions(rng):
    cells, _ = with_some([f"{n}%" for n in rng.integers(20, 100, N_ROWS)], rng, lambda cell: f"0.{cell[:2]}")
    return Fault(cells, "E-UNITS-MIXED")


@fault("C16")
def full_width_digits(rng):
    plain = [str(n) for n in rng.integers(20, 100, N_ROWS)]
    cells, _ = with_some(plain, rng, lambda cell: cell.translate({48 + d: 0xFF10 + d for d in range(10)}))
    return Fault(cells, "W-UNICODE-DIGIT", plain)


@fault("C16")
def unicode_minus(rng):
    plain = [str(n) for n in rng.integers(-20, 20, N_ROWS)]
    return Fault([cell.replace("-", "−") for cell in plain], "W-UNICODE-DIGIT", plain)


@fault("C17")
def underscores(rng):
    cells, _ = with_some([str(n) for n in rng.integers(20, 100, N_ROWS)], rng, "_".join)
    return Fault(cells, "E-NUMBER")


@fault("C17")
def accounting_negatives(rng):
    cells, _ = with_some(one_decimal(rng), rng, lambda cell: f"({cell})")
    return Fault(cells, "E-NUMBER")


@fault("C18")
def too_large_for_a_float(rng):
    cells, _ = with_some(one_decimal(rng), rng, lambda _: "1e400", 1)
    return Fault(cells, "E-NOT-FINITE")


@fault("C18")
def infinity(rng):
    cells, _ = with_some(one_decimal(rng), rng, lambda _: "-Inf", 1)
    return Fault(cells, "E-NOT-FINITE")


@fault("C19")
def one_stray_word(rng):
    cells, at = with_some(one_decimal(rng, 400), rng, lambda _: "haemolysed", 4)
    return Fault(cells, "W-NA-SPELLING", without(cells, at))


@fault("C19")
def more_stray_words(rng):
    cells, _ = with_some(one_decimal(rng, 400), rng, lambda _: "haemolysed", 5)
    return Fault(cells, "W-TEXT-COLUMN", cells, "category")


@fault("C20")
def two_forms_of_one_name(rng):
    cells = rng.choice(["Orle\u0301ans", "Orl\u00e9ans", "Paris"], N_ROWS).tolist()
    composed = [cell.replace("e\u0301", "\u00e9") for cell in cells]
    return Fault(cells, "W-NFC", composed, "category", "town")


@fault("C21")
def spellings_of_a_category(rng):
    cells = rng.choice(["male", "Male", "m", "female"], N_ROWS).tolist()
    return Fault(cells, "W-CATEGORY-VARIANTS", cells, "category", "gender")


@fault("C22")
def grades(rng):
    cells = rng.choice(["1-2", "2-3", "3-4"], N_ROWS).tolist()
    return Fault(cells, "", cells, "category", "grade")


@fault("C22")
def times_of_day(rng):
    cells = rng.choice(["10:30", "24:00", "00:15"], N_ROWS).tolist()
    return Fault(cells, "", cells, "category", "bedtime")


@fault("C23")
def markup(rng):
    hostile = ["<script>alert(1)</script>", '=HYPERLINK("http://x/","y")', "${7*7}", "@SUM(1)", "+cmd|calc", "plain"]
    cells = [hostile[n] for n in rng.integers(0, len(hostile), N_ROWS)]
    return Fault(cells, "W-MARKUP", cells, "category", "icd10")


@fault("C23")
def markup_in_the_name(rng):
    cells = one_decimal(rng)
    return Fault(cells, "W-MARKUP", cells, column="<img src=x>")


# D


@fault("D1")
def day_and_month_exchangeable(rng):
    parts = [(int(d), int(m)) for d, m in rng.integers(1, 13, (N_ROWS, 2))]
    cells = ["03/04/2023", *(f"{d:02d}/{m:02d}/2023" for d, m in parts)]
    day_first = ["2023-04-03", *(f"2023-{m:02d}-{d:02d}" for d, m in parts)]
    return Fault(cells, "E-DATE-AMBIGUOUS", column="seen", settled=({"date_order": "dmy"}, day_first))


@fault("D1")
def month_first_if_said(rng):
    parts = [(int(d), int(m)) for d, m in rng.integers(1, 13, (N_ROWS, 2))]
    cells = ["3.4.2023", *(f"{m}.{d}.2023" for d, m in parts)]
    month_first = ["2023-03-04", *(f"2023-{m:02d}-{d:02d}" for d, m in parts)]
    return Fault(cells, "E-DATE-AMBIGUOUS", column="seen", settled=({"date_order": "mdy"}, month_first))


@fault("D2")
def order_revealed_by_one_row(rng):
    parts = [(int(d), int(m)) for d, m in rng.integers(1, 13, (N_ROWS, 2))]
    parts[int(rng.integers(N_ROWS))] = (13, 5)
    cells = [f"{d:02d}/{m:02d}/2023" for d, m in parts]
    expected = [f"2023-{m:02d}-{d:02d}" for d, m in parts]
    return Fault(cells, "", expected, "date", "seen", decisions={"date_order": "dmy"})


@fault("D2")
def eight_digits_in_a_column_of_dates(rng):
    dates = days(rng)
    return Fault([f"{day:%Y%m%d}" for day in dates], "", iso(dates), "date", "date_of_visit")


@fault("D2")
def eight_digits_elsewhere(rng):
    cells = [f"{day:%Y%m%d}" for day in days(rng)]
    return Fault(cells, "", cells, "number", "counts")


@fault("D3")
def two_forms_of_dates(rng):
    dates = days(rng)
    cells = [f"{day:%d/%m/%Y}" if row % 2 == 0 else day.isoformat() for row, day in enumerate(dates)]
    return Fault(cells, "W-DATE-MIXED", iso(dates), "date", "seen", decisions={"date_order": "dmy"})


@fault("D3")
def two_forms_of_which_one_is_open(rng):
    cells = ["03/04/2023" if row % 2 == 0 else day.isoformat() for row, day in enumerate(days(rng))]
    return Fault(cells, "E-DATE-AMBIGUOUS", column="seen")


@fault("D3")
def the_day_first_here_and_the_month_there(rng):
    cells = [f"{day:%d/%m/%Y}" for day in days(rng)]
    return Fault([*cells, "05/23/2022"], "E-DATE-AMBIGUOUS", column="seen")


@fault("D4")
def years_of_two_digits(rng):
    dates = days(rng)
    decisions = {"date_order": "dmy", "two_digit_years": "1969 to 2068"}
    cells = [f"{day:%d.%m.%y}" for day in dates]
    return Fault(cells, "W-DATE-2DIGIT", iso(dates), "date", "seen", decisions=decisions)


@fault("D4")
def births_of_two_digits_without_a_century(rng):
    return Fault([f"{day:%d.%m.%y}" for day in days(rng)], "E-DATE-AMBIGUOUS", column="dob")


@fault("D5")
def excels_day_numbers(rng):
    dates = days(rng)
    cells = [str((day - date(1899, 12, 30)).days) for day in dates]
    return Fault(cells, "E-EXCEL-DATE", column="admit_date", settled=({"excel_dates": "1900"}, iso(dates)))


@fault("D5")
def excels_day_numbers_of_1904(rng):
    dates = days(rng)
    cells = [str((day - date(1904, 1, 1)).days) for day in dates]
    return Fault(cells, "E-EXCEL-DATE", column="admit_date", settled=({"excel_dates": "1904"}, iso(dates)))


@fault("D6")
def dates_of_zeros(rng):
    cells, at = with_some(iso(days(rng)), rng, lambda _: "0000-00-00")
    return Fault(cells, "W-DATE-PLACEHOLDER", without(cells, at), "date", "seen")


@fault("D6")
def first_and_last_days_of_time(rng):
    cells, _ = with_some(iso(days(rng)), rng, lambda _: "9999-12-31")
    cells[0] = "1900-01-01"
    return Fault(cells, "W-DATE-PLACEHOLDER", cells, "date", "seen")


@fault("D7")
def a_day_that_does_not_exist(rng):
    cells = iso(days(rng))
    cells[9] = "2023-02-30"
    return Fault(cells, "E-DATE", column="seen")


@fault("D7")
def a_day_that_does_not_exist_day_first(rng):
    cells = [f"{day:%d/%m/%Y}" for day in days(rng)]
    cells[9] = "31/04/2023"
    return Fault(cells, "E-DATE", column="seen")


@fault("D8")
def two_time_zones(rng):
    dates = days(rng)
    cells = [f"{day}T23:30:00{'-05:00' if row % 2 else 'Z'}" for row, day in enumerate(dates)]
    expected = [
        f"{day + timedelta(days=1)}T04:30:00Z" if row % 2 else f"{day}T23:30:00Z" for row, day in enumerate(dates)
    ]
    return Fault(cells, "W-TZ", expected, "date", "seen", decisions={"time_zone": "UTC"})


@fault("D8")
def the_hour_that_comes_twice(rng):
    cells = ["2023-10-29T02:30:00+02:00", "2023-10-29T02:30:00+01:00"] * 30
    expected = ["2023-10-29T00:30:00Z", "2023-10-29T01:30:00Z"] * 30
    return Fault(cells, "W-TZ", expected, "date", "seen")


@fault("D8")
def times_with_and_without_a_zone(rng):
    cells = [f"{day}T08:30:00{'Z' if row % 2 else ''}" for row, day in enumerate(days(rng))]
    return Fault(cells, "E-DATE-AMBIGUOUS", column="seen")
