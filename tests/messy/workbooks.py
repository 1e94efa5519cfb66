"""Workbooks with one fault each, made from a clean table of invented patients, and what must become of them."""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import openpyxl
import xlwt
from odf.number import Number, NumberStyle
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties
from odf.table import Table, TableCell, TableColumn, TableRow
from odf.text import P
from openpyxl.utils.datetime import CALENDAR_MAC_1904

NAMES = ["pat_no", "ward", "sex", "seen_on", "age_years", "potassium", "lactate", "readmitted"]
N_ROWS = 36
FAULTS: dict[str, Callable[["Clean"], "Fault"]] = {}
SEEN_ON = NAMES.index("seen_on")


@dataclass(frozen=True)
class Clean:
    """Rows as a workbook's cells hold them; ``texts`` is what a reader must make of them."""

    rows: list[list[object]]

    @property
    def texts(self):
        return [[as_text(value) for value in row] for row in self.rows]

    def replaced(self, column, make):
        at = NAMES.index(column)
        return [[*row[:at], make(place, row[at]), *row[at + 1 :]] for place, row in enumerate(self.rows)]


@dataclass(frozen=True)
class Fault:
    """Bytes, and either the table and the codes to expect, or the code of the refusal."""

    content: bytes
    rows: list[list[str]] | None = None
    codes: tuple[str, ...] = ()
    refused: str | None = None
    exit_code: int = 3
    said: str = ""
    names: list[str] = field(default_factory=lambda: list(NAMES))
    reading: dict[str, object] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    file_name: str = "export.xlsx"
    first_place: int = 2


def as_text(value):
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value).removesuffix(".0")


def clean_table(seed):
    rng = np.random.default_rng(seed)
    rows = []
    for row in range(N_ROWS):
        day = date(2021, 1, 1) + timedelta(days=int(rng.integers(0, 700)))
        numbers = [int(rng.integers(19, 96)), round(rng.uniform(2.91, 5.9), 2), round(rng.uniform(10.2, 60.9), 3)]
        words = [f"W{rng.integers(1, 5)}", str(rng.choice(["f", "m"]))]
        rows.append([f"{7003 + 11 * row:07d}", *words, day, *numbers, int(rng.integers(0, 2))])
    return Clean(rows)


def fault(make):
    FAULTS[make.__name__] = make
    return make


def loads(content, rows, *codes, **more):
    return Fault(content, rows, codes, **more)


def refuses(content, code, said="", **more):
    return Fault(content, refused=code, said=said, **more)


def sheet_of(rows, *, names=None, before=(), after=(), epoch=None):
    workbook = openpyxl.Workbook()
    if epoch is not None:
        workbook.epoch = epoch
    sheet = workbook.active
    sheet.title = "Export"
    for row in [*before, NAMES if names is None else names, *rows, *after]:
        sheet.append(list(row))
    return workbook, sheet


def saved(workbook):
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def xlsx(rows, **more):
    return saved(sheet_of(rows, **more)[0])


def edited(content, part, edit):
    """Return the workbook with one part rewritten, as no library writes it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            raw = old.read(entry)
            new.writestr(entry.filename, edit(raw) if entry.filename == part else raw)
    return buffer.getvalue()


def with_part(content, part, raw):
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, raw)
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def cell_as(content, cell, inside, *, kind="", part=SHEET):
    """Return the workbook with the XML of one cell rewritten."""
    of_kind = f' t="{kind}"' if kind else ""
    pattern = re.compile(rf'<c r="{cell}"([^>]*?)(?: t="[a-zA-Z]+")?([^>]*?)(?:/>|>.*?</c>)'.encode())
    made = f'<c r="{cell}"{of_kind}>{inside}</c>'.encode()
    return edited(content, part, lambda raw: pattern.sub(made, raw, count=1))


# X. Workbooks


@fault
def x00_clean(table):
    return loads(xlsx(table.rows), table.texts)


@fault
def x01_ids_as_text(table):
    rows = table.replaced("pat_no", lambda row, _: f"{row:06d}")
    return loads(xlsx(rows), [[as_text(value) for value in row] for row in rows])


@fault
def x02_ids_by_number_format(table):
    workbook, sheet = sheet_of(table.replaced("pat_no", lambda row, _: 12 + row))
    for row in range(2, N_ROWS + 2):
        sheet.cell(row, 1).number_format = "000000"
    rows = table.replaced("pat_no", lambda row, _: f"{12 + row:06d}")
    return loads(saved(workbook), [[as_text(value) for value in row] for row in rows], "W-ID-FORMAT")


@fault
def x02_ids_with_dashes_by_number_format(table):
    workbook, sheet = sheet_of(table.replaced("pat_no", lambda row, _: 10203 + row))
    for row in range(2, N_ROWS + 2):
        sheet.cell(row, 1).number_format = '"P"000\\-0000'
    rows = table.replaced("pat_no", lambda row, _: f"P001-{203 + row:04d}")
    return loads(saved(workbook), [[as_text(value) for value in row] for row in rows], "W-ID-FORMAT")


@fault
def x02_long_numbers_as_ids(table):
    rows = table.replaced("pat_no", lambda row, _: 123456789012345000 + 1000 * row)
    return loads(xlsx(rows), [[as_text(value) for value in row] for row in rows], "W-ID-DIGITS")


@fault
def x03_formula_without_value(table):
    rows = table.replaced("age_years", lambda row, value: "=2021-1950" if row == 3 else value)
    return refuses(xlsx(rows), "E-FORMULA", "E5")


@fault
def x03_formulas_whose_value_is_a_stand_in(table):
    content = xlsx(table.rows)
    for row in (4, 9):
        content = cell_as(content, f"E{row}", "<f>2021-1950</f><v>0</v>")
    return refuses(content, "E-FORMULA", "2 cells with a formula that was never calculated, the first is E4")


@fault
def x03_formulas_with_values(table):
    content = cell_as(xlsx(table.rows), "E4", "<f>2021-1950</f><v>71</v>")
    content = cell_as(content, "B5", '<f>"W"&amp;2</f><v>W2</v>', kind="str")
    content = cell_as(content, "B6", '<f>""</f><v></v>', kind="str")
    rows = table.texts
    rows[2][4], rows[3][1], rows[4][1] = "71", "W2", ""
    return loads(content, rows)


@fault
def x04_error_cells(table):
    rows = table.replaced("lactate", {5: "#REF!", 7: "#DIV/0!", 8: "#N/A"}.get)
    return refuses(xlsx(rows), "E-XLSX-ERROR", "3 cells with an error such as #REF! or #DIV/0!, the first is G7")


@fault
def x05_two_tables(table):
    workbook, _ = sheet_of(table.rows)
    other = workbook.create_sheet("2020")
    for row in [NAMES, *table.rows]:
        other.append(row)
    return refuses(saved(workbook), "E-SHEET", "2 sheets look like tables: `Export`, `2020`")


@fault
def x05_sheet_named(table):
    workbook, _ = sheet_of(table.rows[:9])
    other = workbook.create_sheet("2020")
    for row in [NAMES, *table.rows]:
        other.append(row)
    return loads(saved(workbook), table.texts, reading={"sheet": "2020"})


@fault
def x05_no_such_sheet(table):
    return refuses(xlsx(table.rows), "E-SHEET", "no sheet is called `2020`: `Export`", reading={"sheet": "2020"})


@fault
def x05_notes_and_an_empty_sheet(table):
    workbook, _ = sheet_of(table.rows)
    notes = workbook.create_sheet("Notes", 0)
    for line in (["Exported by the registry"], ["Contact", "the data office"], ["Version", 3]):
        notes.append(line)
    workbook.create_sheet("Sheet3")
    return loads(saved(workbook), table.texts, "W-SHEET")


@fault
def x05_hidden_sheet_beside(table):
    workbook, _ = sheet_of(table.rows)
    lists = workbook.create_sheet("Lists")
    lists.sheet_state = "veryHidden"
    for row in [NAMES, *table.rows]:
        lists.append(row)
    return loads(saved(workbook), table.texts, "W-HIDDEN")


@fault
def x05_only_table_is_hidden(table):
    workbook, sheet = sheet_of(table.rows)
    workbook.create_sheet("Cover").append(["See the other sheet"])
    sheet.sheet_state = "hidden"
    return refuses(saved(workbook), "E-SHEET", "`Export` (hidden)")


@fault
def x06_hidden_rows_and_columns(table):
    workbook, sheet = sheet_of(table.rows)
    for row in (4, 5, 11):
        sheet.row_dimensions[row].hidden = True
    sheet.column_dimensions["C"].hidden = True
    return loads(saved(workbook), table.texts, "W-HIDDEN")


@fault
def x06_filter(table):
    workbook, sheet = sheet_of(table.rows)
    sheet.auto_filter.ref = f"A1:H{N_ROWS + 1}"
    sheet.auto_filter.add_filter_column(2, ["f"])
    for at, row in enumerate(table.rows):
        sheet.row_dimensions[at + 2].hidden = row[2] != "f"
    return loads(saved(workbook), table.texts, "W-HIDDEN")


@fault
def x07_merged_header(table):
    workbook, sheet = sheet_of(table.rows)
    sheet.merge_cells("F1:G1")
    return refuses(saved(workbook), "E-DUP-HEADER", "`potassium` (columns 6, 7)")


@fault
def x07_preamble_with_a_merged_title(table):
    before = [["Registry of readmissions"], ["Period", "2021"], []]
    workbook, sheet = sheet_of(table.rows, before=before)
    sheet.merge_cells("A1:H1")
    return loads(saved(workbook), table.texts, "W-PREAMBLE", "W-BLANK", first_place=5)


@fault
def x07_merged_rows(table):
    workbook, sheet = sheet_of(table.rows)
    sheet.merge_cells("B4:B6")
    return refuses(saved(workbook), "E-MERGED", "the first at B4")


@fault
def x08_dates_in_three_forms(table):
    day = table.rows[4][SEEN_ON]
    serial = (table.rows[6][SEEN_ON] - date(1899, 12, 30)).days
    rows = table.replaced("seen_on", {4: day.isoformat(), 6: serial}.get)
    return loads(xlsx(rows), table.texts, "W-DATE-MIXED")


@fault
def x08_bare_day_numbers_of_1904(table):
    serial = (table.rows[6][SEEN_ON] - date(1904, 1, 1)).days
    rows = table.replaced("seen_on", lambda row, value: serial if row == 6 else value)
    return loads(xlsx(rows, epoch=CALENDAR_MAC_1904), table.texts, "W-DATE-MIXED")


@fault
def x08_only_bare_day_numbers(table):
    rows = table.replaced("seen_on", lambda _, value: (value - date(1899, 12, 30)).days)
    texts = [[as_text(value) for value in row] for row in table.rows]
    names = ["date" if name == "seen_on" else name for name in NAMES]
    return loads(xlsx(rows, names=names), texts, "W-EXCEL-DATE", names=names)


@fault
def x08_category_made_a_date(table):
    rows = table.replaced("ward", lambda row, value: date(2021, 2, 1) if row == 5 else "2-3")
    return loads(xlsx(rows), [[as_text(value) for value in row] for row in rows], "W-DATE-MIXED")


@fault
def x09_entity_in_a_sheet(table):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return refuses(edited(xlsx(table.rows), SHEET, lambda raw: bomb + raw), "E-XLSX-ENTITY", "sheet1.xml")


@fault
def x09_document_type_in_a_part_nobody_reads(table):
    raw = b'<?xml version="1.0"?><!DOCTYPE note SYSTEM "file:///etc/hostname"><note/>'
    return refuses(with_part(xlsx(table.rows), "customXml/item1.xml", raw), "E-XLSX-ENTITY", "item1.xml")


@fault
def x09_entity_in_utf16(table):
    raw = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE note [<!ENTITY a "b">]><note/>'.encode("utf-16")
    return refuses(with_part(xlsx(table.rows), "customXml/item1.xml", raw), "E-XLSX-ENTITY", "item1.xml")


@fault
def x10_blanks_that_expand(table):
    blanks = b" " * 80_000_000
    content = edited(xlsx(table.rows), SHEET, lambda raw: raw.replace(b"<sheetData>", b"<sheetData>" + blanks))
    return refuses(content, "R-BOMB", "64 MiB", exit_code=7)


@fault
def x10_cells_far_apart(table):
    workbook, sheet = sheet_of(table.rows)
    for row in range(100, 1800):
        sheet.cell(row, 16384).value = 1
    return refuses(saved(workbook), "R-BOMB", "millions of blank cells", exit_code=7)


@fault
def x10_declared_dimension(table):
    content = edited(xlsx(table.rows), SHEET, lambda raw: re.sub(rb'ref="A1:H[0-9]+"', b'ref="A1:XFD1048576"', raw))
    return loads(content, table.texts)


@fault
def x10_repeated_rows_of_ods(table):
    content = ods(
        table.rows, last_row=[TableCell(valuetype="float", value="1", numbercolumnsrepeated=1000)], times=10**6
    )
    return refuses(content, "R-BOMB", "repeats its cells", exit_code=7, file_name="export.ods")


@fault
def x11_macros(table):
    return refuses(xlsx(table.rows), "E-FORMAT", "macros, which are never read", file_name="export.xlsm")


@fault
def x11_macros_under_another_name(table):
    return refuses(with_part(xlsx(table.rows), "xl/vbaProject.bin", b"\0"), "E-FORMAT", "macros, which are never read")


@fault
def x11_encrypted(table):
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    return refuses(content, "E-FORMAT", "encrypted")


@fault
def x11_comma_separated(table):
    text = "\n".join(",".join(row) for row in [NAMES, *table.texts])
    return refuses(text.encode(), "E-FORMAT", "ending .csv", file_name="export.xls")


@fault
def x11_tabs_in_utf16(table):
    text = "\n".join("\t".join(row) for row in [NAMES, *table.texts])
    return refuses(text.encode("utf-16"), "E-FORMAT", "ending .tsv", file_name="export.xls")


@fault
def x11_web_page(table):
    rows = "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in table.texts)
    return refuses(f"<html><table>{rows}".encode(), "E-FORMAT", "web page (HTML)", file_name="export.xls")


@fault
def x11_xml_of_2003(table):
    text = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
    return refuses(text.encode(), "E-FORMAT", "XML table of Excel 2003", file_name="export.xls")


@fault
def x11_another_kind_of_workbook(table):
    return refuses(xlsx(table.rows), "E-FORMAT", "of the kind .xlsx, not .xls", file_name="export.xls")


@fault
def x11_cut_short(table):
    content = xlsx(table.rows)
    return refuses(content[: len(content) // 2], "E-TRUNCATED", "cut short")


@fault
def x11_old_workbook(table):
    return loads(xls(table.rows), table.texts, file_name="export.xls")


@fault
def x11_old_workbook_with_errors(table):
    return refuses(xls(table.rows, error=(6, 4)), "E-XLSX-ERROR", "E7", file_name="export.xls")


@fault
def x11_old_workbook_without_values(table):
    rows = table.replaced("age_years", lambda row, value: xlwt.Formula("2021-1950") if row == 3 else value)
    return refuses(xls(rows), "E-FORMULA", "E5", file_name="export.xls")


@fault
def x11_old_workbook_with_hidden_parts(table):
    return loads(xls(table.rows, hidden=(3, 1)), table.texts, "W-HIDDEN", file_name="export.xls")


@fault
def x11_old_workbook_with_id_format(table):
    rows = table.replaced("pat_no", lambda row, _: 12 + row)
    texts = table.replaced("pat_no", lambda row, _: f"{12 + row:05d}")
    content = xls(rows, id_format="00000")
    return loads(content, [[as_text(value) for value in row] for row in texts], "W-ID-FORMAT", file_name="export.xls")


@fault
def x11_binary_workbook(table):
    return loads(xlsb(table.rows), table.texts, file_name="export.xlsb")


@fault
def x11_binary_workbook_with_errors(table):
    rows = table.replaced("lactate", lambda row, value: ERROR if row == 2 else value)
    return refuses(xlsb(rows), "E-XLSX-ERROR", "G4", file_name="export.xlsb")


@fault
def x11_open_document(table):
    return loads(ods(table.rows), table.texts, file_name="export.ods")


@fault
def x11_open_document_with_errors(table):
    broken = TableCell(valuetype="string", formula="of:=1/0")
    broken.addElement(P(text="#DIV/0!"))
    rows = table.replaced("lactate", lambda row, value: broken if row == 2 else value)
    return refuses(ods(rows), "E-XLSX-ERROR", "G4", file_name="export.ods")


@fault
def x11_open_document_without_values(table):
    rows = table.replaced("lactate", lambda row, value: TableCell(formula="of:=1+1") if row == 2 else value)
    return refuses(ods(rows), "E-FORMULA", "G4", file_name="export.ods")


@fault
def x11_open_document_with_hidden_rows(table):
    return loads(ods(table.rows, hidden=(3, 4)), table.texts, "W-HIDDEN", file_name="export.ods")


@fault
def x11_open_document_with_id_format(table):
    rows = table.replaced("pat_no", lambda row, _: 12 + row)
    texts = table.replaced("pat_no", lambda row, _: f"{12 + row:06d}")
    content = ods(rows, id_digits=6)
    return loads(content, [[as_text(value) for value in row] for row in texts], "W-ID-FORMAT", file_name="export.ods")


# B. Structure, as far as a sheet can have it


@fault
def b12_no_header(table):
    return refuses(xlsx(table.rows[1:], names=table.rows[0]), "E-NO-HEADER", "the first row")


@fault
def b12_no_header_settled(table):
    reading = {"no_header": True, "columns": tuple(NAMES)}
    return loads(xlsx(table.rows[1:], names=table.rows[0]), table.texts, reading=reading, first_place=1)


@fault
def b13_unit_row(table):
    units = [None, None, None, None, "years", "mmol/L", "mg/dL", None]
    expected = {"age_years": "years", "potassium": "mmol/L", "lactate": "mg/dL"}
    return loads(xlsx([units, *table.rows]), table.texts, "W-UNIT-ROW", units=expected, first_place=3)


@fault
def b15_notes_below(table):
    after = [[], ["Source: registry of readmissions, all wards"], ["Exported", date(2023, 1, 5)]]
    return loads(xlsx(table.rows, after=after), table.texts, "W-FOOTER", "W-BLANK")


@fault
def b15_totals(table):
    after = [["Total", None, None, None, sum(row[4] for row in table.rows)]]
    return loads(xlsx(table.rows, after=after), table.texts, "W-FOOTER")


@fault
def b16_repeated_header(table):
    return loads(xlsx([*table.rows[:20], NAMES, *table.rows[20:]]), table.texts, "W-REPEATED-HEADER")


@fault
def b17_duplicate_names(table):
    names = ["lactate" if name == "potassium" else name for name in NAMES]
    return refuses(xlsx(table.rows, names=names), "E-DUP-HEADER", "`lactate` (columns 6, 7)")


@fault
def b18_blanks_in_names(table):
    names = [" pat_no", "ward\u200b", *NAMES[2:]]
    return loads(xlsx(table.rows, names=names), table.texts, "W-STRIP")


@fault
def b19_unnamed_column(table):
    names = [name if name != "ward" else None for name in NAMES]
    expected = [name or "column_2" for name in names]
    return loads(xlsx(table.rows, names=names), table.texts, "W-UNNAMED", names=expected)


@fault
def b19_row_numbers(table):
    rows = [[at, *row] for at, row in enumerate(table.rows)]
    return loads(xlsx(rows, names=[None, *NAMES]), table.texts, "W-INDEX-COL")


@fault
def b20_blank_column(table):
    rows = [[*row[:3], None, *row[3:]] for row in table.rows]
    return loads(xlsx(rows, names=[*NAMES[:3], None, *NAMES[3:]]), table.texts, "W-EMPTY-COL")


@fault
def b21_title_of_a_section(table):
    rows = [*table.rows[:12], ["Second ward: from 2022"], *table.rows[12:]]
    return refuses(xlsx(rows), "E-RAGGED", "row 14 has 1 cell")


@fault
def b23_shifted_row(table):
    rows = [list(row) for row in table.rows]
    rows[9] = [*rows[9][:1], *rows[9][2:], rows[9][1]]
    return refuses(xlsx(rows), "E-SHIFT", "row 11")


@fault
def b24_two_tables(table):
    after = [[], ["ward", "beds"], *[[f"W{ward}", 10 + ward] for ward in range(1, 5)]]
    return refuses(xlsx(table.rows, after=after), "E-TWO-TABLES", f"row {N_ROWS + 3}")


@fault
def b24_list_beside(table):
    workbook, sheet = sheet_of(table.rows)
    for row, cells in enumerate([["code", "meaning"], ["f", "female"], ["m", "male"]], start=1):
        sheet.cell(row, 11).value, sheet.cell(row, 12).value = cells
    return refuses(saved(workbook), "E-TWO-TABLES", "from column K on")


@fault
def b24_column_apart(table):
    rows = [[*row, None, at if at % 3 else None] for at, row in enumerate(table.rows)]
    texts = [[as_text(value) for value in (*row[:8], row[9])] for row in rows]
    names = [*NAMES, "visits"]
    return loads(xlsx(rows, names=[*NAMES, None, "visits"]), texts, "W-EMPTY-COL", names=names)


@fault
def b24_wider_table_below(table):
    after = [[], [*[f"{name}_2" for name in NAMES], "beds"], *[[*row, 7] for row in table.rows]]
    return refuses(xlsx(table.rows, after=after), "E-TWO-TABLES", f"row {N_ROWS + 3}")


@fault
def b14_groups_above_names(table):
    groups = ["Patient", None, None, "Visit", None, "Laboratory", None, None]
    workbook, sheet = sheet_of(table.rows, before=[groups])
    for merged in ("A1:C1", "D1:E1", "F1:H1"):
        sheet.merge_cells(merged)
    return loads(saved(workbook), table.texts, "W-PREAMBLE", first_place=3)


@fault
def b15_total_of_a_section(table):
    rows = [*table.rows[:10], ["Subtotal", None, None, None, 550], *table.rows[10:]]
    return refuses(xlsx(rows), "E-RAGGED", "row 12 has 5 cells")


@fault
def b21_patient_with_nothing_but_an_id(table):
    rows = [*table.rows[:5], ["0009999"], *table.rows[5:]]
    texts = [*table.texts[:5], ["0009999", *[""] * 7], *table.texts[5:]]
    return loads(xlsx(rows), texts)


@fault
def b27_coloured_blank_rows(table):
    workbook, sheet = sheet_of(table.rows)
    for row in range(N_ROWS + 2, N_ROWS + 90):
        sheet.cell(row, 1).fill = openpyxl.styles.PatternFill("solid", fgColor="FFEE00")
    return loads(saved(workbook), table.texts)


@fault
def b27_blank_rows(table):
    return loads(xlsx([*table.rows[:7], [], [], *table.rows[7:]]), table.texts, "W-BLANK")


@fault
def b28_table_in_the_middle_of_a_sheet(table):
    workbook = openpyxl.Workbook()
    for row, cells in enumerate([NAMES, *table.rows]):
        for column, value in enumerate(cells):
            workbook.active.cell(row + 4, column + 3).value = value
    return loads(saved(workbook), table.texts, first_place=5)


@fault
def b29_only_header(table):
    return refuses(xlsx([]), "E-NO-ROWS", "no row")


@fault
def b29_no_cell(table):
    return refuses(saved(openpyxl.Workbook()), "E-EMPTY", "no table")


# Other kinds of workbooks, written cell by cell

ERROR = object()


def xls(rows, *, error=None, hidden=None, id_format=None):
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Export", cell_overwrite_ok=True)
    day, ids = xlwt.easyxf(num_format_str="YYYY-MM-DD"), xlwt.easyxf(num_format_str=id_format or "General")
    for at, row in enumerate([NAMES, *rows]):
        for column, value in enumerate(row):
            plain = xlwt.Style.default_style if column else ids
            sheet.write(at, column, value, day if isinstance(value, date) else plain)
    if error is not None:
        sheet.row(error[0]).set_cell_error(error[1], "#DIV/0!")
    if hidden is not None:
        sheet.row(hidden[0]).hidden = True
        sheet.col(hidden[1]).hidden = True
    return saved(workbook)


def ods(rows, *, last_row=(), times=1, hidden=(), id_digits=0):
    document = OpenDocumentSpreadsheet()
    number = NumberStyle(name="N1")
    number.addElement(Number(minintegerdigits=max(1, id_digits), decimalplaces=0))
    document.automaticstyles.addElement(number)
    document.automaticstyles.addElement(Style(name="ids", family="table-cell", datastylename="N1"))
    table = Table(name="Export")
    document.spreadsheet.addElement(table)
    table.addElement(TableColumn(defaultcellstylename="ids" if id_digits else "Default"))
    table.addElement(TableColumn(numbercolumnsrepeated=1023))
    for at, row in enumerate([NAMES, *rows]):
        seen = {"visibility": "collapse"} if at in hidden else {}
        table.addElement(_ods_row(map(ods_cell, row), **seen))
    table.addElement(_ods_row([TableCell(numbercolumnsrepeated=1024)], numberrowsrepeated=10_000))
    if last_row:
        table.addElement(_ods_row(last_row, numberrowsrepeated=times))
    buffer = io.BytesIO()
    document.write(buffer)
    return buffer.getvalue()


def _ods_row(cells, **said):
    row = TableRow(**said)
    for cell in cells:
        row.addElement(cell)
    return row


def ods_cell(value):
    if value is None or not isinstance(value, str | int | float | date):
        return TableCell() if value is None else value
    if isinstance(value, date):
        return TableCell(valuetype="date", datevalue=value.isoformat())
    if isinstance(value, str):
        cell = TableCell(valuetype="string")
        cell.addElement(P(text=value))
        return cell
    return TableCell(valuetype="float", value=repr(value))


def ods_sheets(**tables):
    """Return a workbook of several tables; one whose name starts with ``hidden`` is not shown."""
    document = OpenDocumentSpreadsheet()
    unseen = Style(name="unseen", family="table")
    unseen.addElement(TableProperties(display="false"))
    document.automaticstyles.addElement(unseen)
    for name, rows in tables.items():
        table = Table(name=name, **({"stylename": "unseen"} if name.startswith("hidden") else {}))
        document.spreadsheet.addElement(table)
        for row in rows:
            table.addElement(_ods_row(map(ods_cell, row)))
    buffer = io.BytesIO()
    document.write(buffer)
    return buffer.getvalue()


def record(kind, data=b""):
    """Return a record of the binary format (MS-XLSB 2.1.4): kind and size seven bits a byte."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(data)
    while size > 127:
        head += bytes([size & 0x7F | 0x80])
        size >>= 7
    return head + bytes([size]) + data


def wide(text):
    raw = text.encode("utf-16-le")
    return struct.pack("<I", len(raw) // 2) + raw


def xlsb(rows, *, names=NAMES, epoch_1904=False):
    """Return a binary workbook: texts shared, dates by the built-in format 14, errors as such."""
    texts: list[str] = []
    cells = b"".join(
        record(0, struct.pack("<IIHBBB", at, 0, 300, 0, 0, 0)) + b"".join(_xlsb_cells(row, texts, epoch_1904))
        for at, row in enumerate([names, *rows])
    )
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kinds = {"rId1": ("worksheet", "worksheets/sheet1.bin"), "rId2": ("styles", "styles.bin")}
    kinds["rId3"] = ("sharedStrings", "sharedStrings.bin")
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.bin")}, relation),
        "xl/_rels/workbook.bin.rels": _relations(kinds, relation),
        "xl/workbook.bin": record(131)
        + record(153, struct.pack("<II", int(epoch_1904), 0) + wide(""))
        + record(143)
        + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Export"))
        + record(144)
        + record(132),
        "xl/styles.bin": record(617, struct.pack("<I", 2))
        + b"".join(record(47, struct.pack("<HHHHHHI", 0, number, 0, 0, 0, 0, 0)) for number in (0, 14))
        + record(618),
        "xl/sharedStrings.bin": record(159, struct.pack("<II", len(texts), len(texts)))
        + b"".join(record(19, b"\0" + wide(text)) for text in texts)
        + record(160),
        "xl/worksheets/sheet1.bin": record(129)
        + record(148, struct.pack("<IIII", 0, len(rows), 0, len(names) - 1))
        + record(145)
        + cells
        + record(146)
        + record(130),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, raw in parts.items():
            archive.writestr(path, raw)
    return buffer.getvalue()


def _relations(kinds, base):
    said = "".join(
        f'<Relationship Id="{key}" Type="{base}/{kind}" Target="{to}"/>' for key, (kind, to) in kinds.items()
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{said}</Relationships>'


def _xlsb_cells(row, texts, epoch_1904):
    first = date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30)
    for column, value in enumerate(row):
        at, style = struct.pack("<I", column), struct.pack("<I", int(isinstance(value, date)))
        if value is ERROR:
            yield record(3, at + style + b"\x07")
        elif isinstance(value, str):
            texts.append(value)
            yield record(7, at + style + struct.pack("<I", len(texts) - 1))
        elif isinstance(value, bool):
            yield record(4, at + style + bytes([value]))
        elif isinstance(value, int):
            yield record(2, at + style + struct.pack("<I", value << 2 | 2))
        elif value is not None:
            number = (value - first).days if isinstance(value, date) else value
            yield record(5, at + style + struct.pack("<d", number))
