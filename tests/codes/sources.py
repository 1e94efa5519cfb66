"""Other sources: workbooks, statistical files, Parquet, databases, and several files read as one."""

import io
import sqlite3
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
from codes_situations import Situation, after, generator, heard, read, read_database
from pyarrow import parquet

from clinpred.records.read import read_export
from clinpred.settings.export import Reading

workbooks = generator("workbooks")
TABLE = workbooks.clean_table(3)


def made(name):
    """Return a way to read the faulty workbook of this name."""
    fault = workbooks.FAULTS[name](TABLE)
    return read(fault.content, fault.file_name, **fault.reading)


def xlsx(rows=TABLE.rows, **more):
    return read(workbooks.xlsx(rows, **more), "export.xlsx")


def without_its_number_format():
    """Return a workbook of ids that are numbers, shown as such."""
    return xlsx(TABLE.replaced("pat_no", lambda row, _: 12 + row))


def with_dates_only():
    names = ["date" if name == "seen_on" else name for name in workbooks.NAMES]
    return xlsx(names=names)


def of_frame(write, name, frame, **options):
    """Return a way to write a table by a library and to read it."""

    def by(place):
        path = place.folder / name
        write(frame, path, **options)
        return heard(lambda: read_export(path).findings)

    return by


def spss(**options):
    frame = pd.DataFrame({"x": [1.0, 2.0, 97.0, 1.0], "y": [1.5, 2.5, 3.5, 4.5]})
    return of_frame(pyreadstat.write_sav, "export.sav", frame, **options)


def months(shown):
    frame = pd.DataFrame({"m": [760.0, 761.0], "y": [1.5, 2.5]})
    return of_frame(pyreadstat.write_dta, "export.dta", frame, variable_format={"m": shown})


def single(kind):
    content = io.BytesIO()
    parquet.write_table(pa.table({"x": pa.array([0.1, 5.35, 2.0], kind)}), content)
    return read(content.getvalue(), "export.parquet")


def with_pyreadstat(library):
    """Return a way to read a file of SPSS where its library is there, or is not."""

    def by(place):
        path = place.folder / "export.sav"
        pyreadstat.write_sav(pd.DataFrame({"x": [1.5, 2.5]}), path)
        if library == "absent":
            place.patch.setitem(sys.modules, "pyreadstat", None)
            place.patch.setitem(sys.modules, "pyreadstat._readstat_parser", None)
        return heard(lambda: read_export(path).findings)

    return by


# databases

WARD = "CREATE TABLE stays (patient INTEGER, weight REAL); INSERT INTO stays VALUES (1, 70.5), (2, 81.5);"


def ward(place):
    connection = sqlite3.connect(place.folder / "ward.db")
    connection.executescript(WARD)
    connection.close()
    place.patch.chdir(place.folder)


def asked(url="sqlite:///ward.db", **what):
    return after(ward, lambda _place: read_database(url, **what))


# several files


def files(*contents, **reading):
    """Return a way to read several files as one export."""

    def by(place):
        paths = [place.file(content, f"{name}.csv") for name, content in zip("abc", contents, strict=False)]
        return heard(lambda: read_export(paths, Reading(**reading)).findings)

    return by


def stays(first, last, *, header="subject,age,crp", units=None):
    rows = [f"P{at:04d},{20 + at % 60},{at / 8:.3f}" for at in range(first, last)]
    return "\n".join([header, *([units] if units else []), *rows, ""])


def visits(prefix, *days):
    return "subject,seen\n" + "".join(f"{prefix}{at},{day}\n" for at, day in enumerate(days))


def decimals(prefix, mark):
    delimiter = ";" if mark == "," else ","
    rows = [f"{prefix}{at:04d};30;{at},5;1,{at}23" for at in range(1, 10)]
    return "\n".join(["subject;age;crp;lactate", *rows, ""]).replace(",", mark).replace(";", delimiter)


def measured(*, again):
    rng = np.random.default_rng(1)
    rows = [",".join(f"{value:.2f}" for value in row) for row in rng.normal(size=(200, 4))]
    return read("\n".join(["a,b,c,d", *rows, *rows[:again], ""]))


OPEN_DAYS, SHOWN_DAYS = ("03/04/2022", "05/06/2022"), ("24/05/2022", "03/04/2022")

FIRES = {
    "E-COLUMNS-DIFFER": Situation(
        files(stays(0, 30), stays(30, 50, header="subject,years,crp")), files(stays(0, 30), stays(30, 50))
    ),
    "E-DECIMAL-MIXED": Situation(
        files(decimals("P", ","), decimals("Q", ".")), files(decimals("P", ","), decimals("Q", ","))
    ),
    "E-EXTRA": Situation(with_pyreadstat("absent"), with_pyreadstat("there")),
    "E-FORMAT": Situation(made("x11_macros"), xlsx()),
    "E-FORMULA": Situation(made("x03_formula_without_value"), made("x03_formulas_with_values")),
    "E-MERGED": Situation(made("x07_merged_rows"), made("x07_preamble_with_a_merged_title")),
    "E-SAME-FILE": Situation(files(stays(0, 30), stays(0, 30)), files(stays(0, 30), stays(1, 31))),
    "E-SHEET": Situation(made("x05_two_tables"), made("x05_notes_and_an_empty_sheet")),
    "E-SQL-QUERY": Situation(
        asked(query="SELECT nothing FROM stays ORDER BY 1"), asked(query="SELECT weight FROM stays ORDER BY 1")
    ),
    "E-SQL-TABLE": Situation(asked(table="stay"), asked(table="stays")),
    "E-SQL-URL": Situation(asked("mysql://u@host/ward", table="stays"), asked(table="stays")),
    "E-XLSX-ENTITY": Situation(made("x09_entity_in_a_sheet"), xlsx()),
    "E-XLSX-ERROR": Situation(made("x04_error_cells"), xlsx(TABLE.replaced("lactate", {5: "REF", 7: None}.get))),
    "W-DATE-FILES": Situation(
        files(visits("P", *SHOWN_DAYS), visits("Q", *OPEN_DAYS)),
        files(visits("P", *SHOWN_DAYS), visits("Q", *SHOWN_DAYS)),
    ),
    "W-DUP-ROWS": Situation(measured(again=3), measured(again=0)),
    "W-EXCEL-DATE": Situation(made("x08_only_bare_day_numbers"), with_dates_only()),
    "W-HIDDEN": Situation(made("x06_hidden_rows_and_columns"), xlsx()),
    "W-ID-DIGITS": Situation(
        made("x02_long_numbers_as_ids"), xlsx(TABLE.replaced("pat_no", lambda row, _: 123456789012000 + row))
    ),
    "W-ID-FORMAT": Situation(made("x02_ids_by_number_format"), without_its_number_format()),
    "W-PERIODS": Situation(months("%tm"), months("%9.0g")),
    "W-SHEET": Situation(made("x05_notes_and_an_empty_sheet"), xlsx()),
    "W-SINGLE-PRECISION": Situation(single(pa.float32()), single(pa.float64())),
    "W-SQL-ORDER": Situation(
        asked(query="SELECT weight FROM stays"), asked(query="SELECT weight FROM stays ORDER BY weight")
    ),
    "W-UNITS-PART": Situation(
        files(stays(0, 30, units=",years,mg/L"), stays(30, 50)),
        files(stays(0, 30, units=",years,mg/L"), stays(30, 50, units=",years,mg/L")),
    ),
    "W-USER-MISSING": Situation(spss(missing_ranges={"x": [97.0]}), spss(missing_ranges={"x": [98.0]})),
    "W-VALUE-LABELS": Situation(spss(variable_value_labels={"x": {1.0: "no", 2.0: "yes", 97.0: "refused"}}), spss()),
}
