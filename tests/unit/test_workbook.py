"""Workbooks cell by cell: what a cell says is what is read, and what the file hides is told or refused."""

import io
import re
import struct
import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
import xlwt
from odf.number import Number, NumberStyle
from odf.office import Annotation
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties
from odf.table import CalculationSettings, NullDate, Table, TableCell, TableRow
from odf.text import P, S
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from clinpred.errors import ClinpredError
from clinpred.records.read import read_export
from clinpred.records.sources.workbook import read_workbook
from clinpred.records.sources.workbook_formats import id_text, moment_text, number_format, numbered_format
from clinpred.settings.export import Reading

SHEET = "xl/worksheets/sheet1.xml"


def xlsx(rows, *, formats=None, epoch=None, title="Export"):
    workbook = openpyxl.Workbook()
    if epoch is not None:
        workbook.epoch = epoch
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    for cell, code in (formats or {}).items():
        workbook.active[cell].number_format = code
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def with_cells(**cells):
    """Return a workbook whose sheet has a header of two names and, in the second row, the XML of cells as given."""
    content = xlsx([["ward", "value"], ["a", "b"]])
    made = "".join(cells.values()).encode()
    return edited(
        content, lambda raw: re.sub(rb'<row r="2">.*?</row>', lambda _: b'<row r="2">' + made + b"</row>", raw)
    )


def edited(content, edit, part=SHEET):
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.infolist():
            raw = old.read(entry)
            new.writestr(entry.filename, edit(raw) if entry.filename == part else raw)
    return buffer.getvalue()


def row_of(content, name="export.xlsx", row=0, **reading):
    table = read_workbook(content, name, Reading(**reading))
    return [column[row] for column in table.columns]


def codes_of(content, name="export.xlsx", **reading):
    return [finding.code for finding in read_workbook(content, name, Reading(**reading)).findings]


def refused(content, name="export.xlsx", **reading):
    with pytest.raises(ClinpredError) as refusal:
        read_workbook(content, name, Reading(**reading))
    return refusal.value.code, str(refusal.value)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("yyyy\\-mm\\-dd;@", "date"),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "date"),
        ("mmm", "date"),
        ("[$-409]m/d/yy\\ h:mm\\ AM/PM;@", "date-time"),
        ("h:mm AM/PM", "time"),
        ("[mm]:ss", "duration"),
        ("[Red]0.00", "number"),
        ('0.0" days"', "number"),
        ("#,##0_);[Red](#,##0)", "number"),
        ("0.00E+00", "number"),
        ("General", "number"),
        ("@", "number"),
        ("0%", "number"),
        ("0", "number"),
        ("00000", "id"),
        ("000\\-00\\-0000", "id"),
        ('"d0"000', "number"),
    ],
)
def test_a_format_code_says_what_its_numbers_are(code, kind):
    assert number_format(code).kind == kind


def test_formats_by_number_are_those_of_the_standard():
    assert [numbered_format(number).kind for number in (0, 2, 9, 14, 20, 22, 46, 47, 49)] == [
        "number",
        "number",
        "number",
        "date",
        "time",
        "date-time",
        "duration",
        "time",
        "number",
    ]


def test_days_are_those_that_excel_shows_also_before_march_1900():
    serials = [0, 1, 59, 60, 61, 2958465, 2958466, -1]
    assert [moment_text(float(serial), "date", "1900") for serial in serials] == [
        "0000-00-00",
        "1900-01-01",
        "1900-02-28",
        None,
        "1900-03-01",
        "9999-12-31",
        None,
        None,
    ]
    assert [moment_text(float(serial), "date", "1904") for serial in (0, 1, 60)] == [
        "1904-01-01",
        "1904-01-02",
        "1904-03-01",
    ]


def test_the_two_counts_of_days_differ_by_1462():
    for serial in (100.0, 20_000.0, 44_970.0):
        assert moment_text(serial, "date", "1904") == moment_text(serial + 1462, "date", "1900")


def test_a_second_survives_the_fraction_of_a_day():
    for second in (1, 59, 3599, 43_199, 86_399):
        expected = (datetime(2023, 2, 13) + timedelta(seconds=second)).isoformat()
        assert moment_text(44_970 + second / 86_400, "date-time", "1900") == expected


def test_an_id_keeps_digits_that_its_format_has_no_room_for():
    assert (id_text(1234567.0, "0000"), id_text(-5.0, "0000"), id_text(5.5, "0000")) == ("1234567", None, None)


def test_numbers_are_the_shortest_text_that_gives_them_back():
    written = ["0.1", "0.30000000000000004", "5.0", "1E-7", "1E+20", "2.5e22", "-3", "0.45000000000000001", "-0"]
    cells = "".join(f"<c><v>{text}</v></c>" for text in written)
    header = [[f"x{at}" for at in range(len(written))], ["a"]]
    content = edited(xlsx(header), lambda raw: re.sub(rb'<c r="A2".*?</c>', cells.encode(), raw))
    texts = row_of(content)
    assert texts == ["0.1", "0.30000000000000004", "5", "1e-07", f"1{20 * '0'}", "2.5e+22", "-3", "0.45", "0"]
    assert [float(text) for text in texts] == [float(text) for text in written]


def test_a_percentage_is_the_number_that_the_cell_holds():
    assert row_of(xlsx([["a", "b"], ["x", 0.45]], formats={"B2": "0%"})) == ["x", "0.45"]


def test_days_times_and_truths_are_text():
    row = [date(2023, 2, 13), datetime(2023, 2, 13, 8, 30), time(8, 30), timedelta(hours=36), True, False]
    content = xlsx([["a", "b", "c", "d", "e", "f"], row])
    assert row_of(content) == ["2023-02-13", "2023-02-13T08:30:00", "08:30:00", "36:00:00", "TRUE", "FALSE"]


def test_days_of_1904_are_counted_from_1904():
    content = xlsx([["a", "b"], [date(2023, 2, 13), datetime(2023, 2, 13, 8, 30)]], epoch=CALENDAR_MAC_1904)
    assert row_of(content) == ["2023-02-13", "2023-02-13T08:30:00"]


@pytest.mark.parametrize("serial", [60, -5, 3_000_000])
def test_a_number_shown_as_a_date_that_is_none_is_refused_by_its_cell(serial):
    code, said = refused(xlsx([["a", "b"], ["x", serial]], formats={"B2": "yyyy-mm-dd"}))
    assert code == "E-DATE"
    assert "cell B2" in said
    assert str(abs(serial)) not in said.replace("B2", "")


def test_day_zero_stands_for_no_date(tmp_path):
    rows = [["ward", "seen_on"], *[["a", date(2023, 1, day)] for day in range(1, 9)], ["b", 0]]
    path = tmp_path / "export.xlsx"
    path.write_bytes(xlsx(rows, formats={"B10": "yyyy-mm-dd"}))
    export = read_export(path)
    assert export.types["seen_on"] == "date"
    assert export.missing("seen_on").tolist() == [False] * 8 + [True]


def test_texts_are_whole_runs_without_readings_and_with_their_own_signs():
    content = with_cells(
        a='<c r="A2" t="inlineStr"><is><r><t>A</t></r><r><t xml:space="preserve"> ward</t></r>'
        '<rPh sb="0" eb="1"><t>reading</t></rPh></is></c>',
        b='<c r="B2" t="inlineStr"><is><t>x_x000D__x000A_y_x005F_x0041_</t></is></c>',
    )
    assert row_of(content) == ["A ward", "x\r\ny_x0041_"]


def test_a_text_of_digits_is_never_a_number():
    assert row_of(xlsx([["a", "b"], ["000012", "12E03"]])) == ["000012", "12E03"]


def test_blanks_around_a_text_are_removed_and_counted():
    table = read_workbook(xlsx([["a", "b"], [" x ", "y\u00a0"], ["z", " "]]), "export.xlsx")
    assert [list(column) for column in table.columns] == [["x", "z"], ["y", ""]]
    assert [(found.code, found.count) for found in table.findings] == [("W-STRIP", 3)]


def test_cells_without_a_name_of_their_own_follow_each_other():
    content = with_cells(a='<c t="inlineStr"><is><t>one</t></is></c>', b="<c><v>2</v></c>")
    assert row_of(content) == ["one", "2"]


def test_another_prefix_of_the_names_of_elements_makes_no_difference():
    def prefixed(raw):
        text = raw.decode().replace('xmlns="', 'xmlns:x="')
        return re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", text).encode()

    content = xlsx([["ward", "value"], ["a", 1], ["b", 2]])
    assert row_of(edited(content, prefixed), row=1) == ["b", "2"]


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B2" t="s"><v>99</v></c>',
        '<c r="B2"><v>twelve</v></c>',
        '<c r="B2" s="77"><v>1</v></c>',
        '<c r="B2"><v>1</v></c><c r="A2"><v>1</v></c>',
        '<c r="ZZZZZ2"><v>1</v></c>',
        '<c r="B2"><v>1</v>',
    ],
    ids=["no such text", "no number", "no such style", "backwards", "outside of a sheet", "not closed"],
)
def test_a_damaged_cell_is_refused(cell):
    code, said = refused(with_cells(b=cell))
    assert code == "E-FORMAT"
    assert "twelve" not in said


def test_a_missing_part_is_refused():
    content = xlsx([["ward", "value"], ["a", 1]])
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.infolist():
            if entry.filename != SHEET:
                new.writestr(entry.filename, old.read(entry))
    assert refused(buffer.getvalue())[0] == "E-FORMAT"


def test_a_damaged_part_is_refused():
    content = bytearray(xlsx([["ward", "value"], *[["a", at] for at in range(500)]]))
    at = content.index(SHEET.encode()) + len(SHEET) + 40
    content[at : at + 8] = b"\xff" * 8
    assert refused(bytes(content))[0] == "E-TRUNCATED"


def test_links_to_other_files_are_not_followed():
    def elsewhere(raw):
        return raw.replace(b'Target="/xl/worksheets/sheet1.xml"', b'TargetMode="External" Target="file:///tmp/x.xml"')

    code, _ = refused(edited(xlsx([["a", "b"], [1, 2]]), elsewhere, "xl/_rels/workbook.xml.rels"))
    assert code == "E-EMPTY"


def test_whole_numbers_of_more_than_15_digits_are_told_and_shorter_ones_are_not():
    assert codes_of(xlsx([["a", "b"], ["x", 1234567890123456]])) == ["W-ID-DIGITS"]
    assert codes_of(xlsx([["a", "b"], ["x", 123456789012345]])) == []


def test_texts_of_other_forms_among_date_cells_are_left_to_the_reader_of_dates(tmp_path):
    rows = [["ward", "seen_on"], *[["a", date(2023, 1, day)] for day in range(1, 9)], ["b", "25/01/2023"]]
    path = tmp_path / "export.xlsx"
    path.write_bytes(xlsx(rows))
    export = read_export(path)
    assert export.table["seen_on"].tolist()[-1] == "2023-01-25"
    assert [found.code for found in export.findings] == ["W-DATE-MIXED"]


def test_an_analyst_says_from_which_year_bare_day_numbers_count():
    content = xlsx([["ward", "seen_date"], ["a", 40_000], ["b", 40_001]])
    assert row_of(content) == ["a", "2009-07-06"]
    assert row_of(content, excel_dates="1904") == ["a", "2013-07-07"]


def test_numbers_that_are_no_days_keep_a_column_from_being_read_as_one():
    content = xlsx([["ward", "value"], ["a", 40_000], ["b", 12]])
    assert row_of(content) == ["a", "40000"]
    assert codes_of(content) == []


def test_a_number_cell_has_no_decimal_mark_to_argue_about(tmp_path):
    path = tmp_path / "export.xlsx"
    path.write_bytes(xlsx([["ward", "value"], ["a", 1.234], ["b", 2.345]]))
    assert read_export(path).table["value"].tolist() == [1.234, 2.345]
    assert read_export(path, Reading(decimal="comma")).table["value"].tolist() == [1.234, 2.345]


def test_numbers_kept_as_text_are_asked_for_where_they_read_two_ways(tmp_path):
    content = xlsx([["ward", "value", "other"], ["a", "1.234", 5.5], ["b", "2.345", 6.25]])
    code, said = refused(content)
    assert code == "E-DECIMAL-AMBIGUOUS"
    assert "`value` keeps 2 numbers as text" in said
    path = tmp_path / "export.xlsx"
    path.write_bytes(content)
    assert read_export(path, Reading(decimal="comma")).table["value"].tolist() == [1234.0, 2345.0]
    assert read_export(path, Reading(decimal="point")).table["value"].tolist() == [1.234, 2.345]
    assert codes_of(xlsx([["ward", "value"], ["a", "1.234"], ["b", "2.3"]])) == []


def test_a_merged_cell_that_holds_nothing_is_no_obstacle():
    workbook = openpyxl.load_workbook(io.BytesIO(xlsx([["ward", "value"], ["a", 1], ["b", 2], [], ["", ""]])))
    workbook.active.merge_cells("A6:B9")
    buffer = io.BytesIO()
    workbook.save(buffer)
    assert codes_of(buffer.getvalue()) == []


def test_a_merged_name_above_a_column_without_a_value_is_one_name():
    workbook = openpyxl.load_workbook(io.BytesIO(xlsx([["ward", "value", None], ["a", 1], ["b", 2]])))
    workbook.active.merge_cells("B1:C1")
    buffer = io.BytesIO()
    workbook.save(buffer)
    assert list(read_workbook(buffer.getvalue(), "export.xlsx").names) == ["ward", "value"]


def test_messages_speak_of_rows_and_leave_names_of_columns_alone():
    rows = [["line", "line"], *[[at, -at] for at in range(12)]]
    code, said = refused(xlsx(rows))
    assert code == "E-DUP-HEADER"
    assert "`line` (columns 1, 2)" in said


# .xls


def xls(write):
    workbook = xlwt.Workbook()
    write(workbook.add_sheet("Export"))
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def test_old_workbooks_keep_every_kind_of_cell():
    values = [
        12,
        5.25,
        1e-7,
        -3,
        0.51,
        "000012",
        "ﬁn",
        True,
        date(2023, 2, 13),
        datetime(2023, 2, 13, 8, 30),
        time(8, 30),
    ]
    codes = {8: "YYYY-MM-DD", 9: "YYYY-MM-DD hh:mm", 10: "h:mm"}

    def write(sheet):
        for column, value in enumerate(values):
            sheet.write(0, column, f"x{column}")
            sheet.write(1, column, value, xlwt.easyxf(num_format_str=codes.get(column, "General")))

    expected = ["12", "5.25", "1e-07", "-3", "0.51", "000012", "ﬁn", "TRUE"]
    assert row_of(xls(write), "export.xls") == [*expected, "2023-02-13", "2023-02-13T08:30:00", "08:30:00"]


def test_texts_of_old_workbooks_run_over_many_records():
    rows = [[f"{at:05d}-{'é' if at % 3 else 'Ω'}-{'x' * (at % 400)}", at] for at in range(600)]

    def write(sheet):
        for at, row in enumerate([["text", "number"], *rows]):
            for column, value in enumerate(row):
                sheet.write(at, column, value)

    table = read_workbook(xls(write), "export.xls")
    assert list(table.columns[0]) == [text for text, _ in rows]


def test_old_workbooks_count_from_1904_where_they_say_so():
    workbook = xlwt.Workbook()
    workbook.dates_1904 = True
    sheet = workbook.add_sheet("Export")
    for column, value in enumerate(["ward", "seen_on"]):
        sheet.write(0, column, value)
    sheet.write(1, 0, "a")
    sheet.write(1, 1, 43_508, xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    buffer = io.BytesIO()
    workbook.save(buffer)
    assert row_of(buffer.getvalue(), "export.xls") == ["a", "2023-02-13"]


def test_formulas_of_old_workbooks_may_have_an_empty_text_beside_others_with_values():
    def write(sheet):
        for column, value in enumerate(["ward", "value"]):
            sheet.write(0, column, value)
        for row in (1, 2):
            sheet.write(row, 0, "a")
            sheet.write(row, 1, xlwt.Formula("1+1"))

    content = xls(write)
    assert refused(content, "export.xls")[0] == "E-FORMULA"
    empty = struct.pack("<Q", 0xFFFF000000000003)
    calculated = content.replace(empty, struct.pack("<d", 2.0), 1)
    assert [list(column) for column in read_workbook(calculated, "export.xls").columns] == [["a", "a"], ["2", ""]]


@pytest.mark.parametrize("length", [400, 1500, 4000])
def test_an_old_workbook_cut_short_is_refused(length):
    content = xls(lambda sheet: [sheet.write(row, 0, f"row {row}") for row in range(400)])
    assert refused(content[:512] + content[-length:], "export.xls")[0] in {"E-TRUNCATED", "E-FORMAT"}


def test_a_password_of_an_old_workbook_is_told():
    content = xls(lambda sheet: sheet.write(0, 0, "a"))
    # the record of the write access name, turned into the one that announces encryption
    locked = content.replace(b"\x5c\x00\x70\x00", b"\x2f\x00\x70\x00", 1)
    code, said = refused(locked, "export.xls")
    assert (code, "encrypted" in said) == ("E-FORMAT", True)


# .ods


def ods(rows, *, null_date=None):
    document = OpenDocumentSpreadsheet()
    number = NumberStyle(name="N6")
    number.addElement(Number(minintegerdigits=6, decimalplaces=0))
    document.automaticstyles.addElement(number)
    document.automaticstyles.addElement(Style(name="ids", family="table-cell", datastylename="N6"))
    unseen = Style(name="unseen", family="table")
    unseen.addElement(TableProperties(display="false"))
    document.automaticstyles.addElement(unseen)
    if null_date:
        settings = CalculationSettings()
        settings.addElement(NullDate(datevalue=null_date))
        document.spreadsheet.addElement(settings)
    table = Table(name="Export")
    document.spreadsheet.addElement(table)
    for row in rows:
        line = TableRow()
        table.addElement(line)
        for cell in row:
            line.addElement(cell)
    hidden = Table(name="Lists", stylename="unseen")
    document.spreadsheet.addElement(hidden)
    line = TableRow()
    hidden.addElement(line)
    line.addElement(text("list"))
    buffer = io.BytesIO()
    document.write(buffer)
    return buffer.getvalue()


def text(*paragraphs, **said):
    cell = TableCell(valuetype="string", **said)
    for paragraph in paragraphs:
        cell.addElement(P(text=paragraph))
    return cell


def test_open_documents_keep_every_kind_of_cell():
    noted = text("seen")
    note = Annotation()
    note.addElement(P(text="a remark"))
    noted.addElement(note)
    spaced = TableCell(valuetype="string")
    paragraph = P(text="a")
    paragraph.addElement(S(c=3))
    paragraph.addText("b")
    spaced.addElement(paragraph)
    values = {
        "000012": text("000012"),
        "5": TableCell(valuetype="float", value="5.0"),
        "000007": TableCell(valuetype="float", value="7", stylename="ids"),
        "0.45": TableCell(valuetype="percentage", value="0.45"),
        "2023-02-13": TableCell(valuetype="date", datevalue="2023-02-13"),
        "08:30:00": TableCell(valuetype="time", timevalue="PT08H30M00S"),
        "TRUE": TableCell(valuetype="boolean", booleanvalue="true"),
        "one\ntwo": text("one", "two"),
        "seen": noted,
        "a   b": spaced,
        "3": TableCell(valuetype="float", value="3", formula="of:=1+2"),
    }
    content = ods([[text(f"x{at}") for at in range(len(values))], values.values()])
    assert row_of(content, "export.ods") == list(values)
    assert codes_of(content, "export.ods") == ["W-HIDDEN", "W-ID-FORMAT"]


def test_cells_and_rows_of_open_documents_are_repeated():
    rows = [
        [text("a"), text("b"), text("c")],
        [text("x"), TableCell(valuetype="float", value="7", numbercolumnsrepeated=2)],
    ]
    content = ods(rows)
    assert row_of(content, "export.ods") == ["x", "7", "7"]


def test_open_documents_count_from_1904_where_they_say_so():
    rows = [[text("ward"), text("seen_date")], [text("a"), TableCell(valuetype="float", value="43508")]]
    assert row_of(ods(rows, null_date="1904-01-01"), "export.ods") == ["a", "2023-02-13"]
    assert row_of(ods(rows), "export.ods") == ["a", "2019-02-12"]


def test_a_password_of_an_open_document_is_told():
    content = ods([[text("ward"), text("value")], [text("a"), text("b")]])
    locked = edited(content, lambda raw: raw + b"<!-- manifest:encryption-data -->", "META-INF/manifest.xml")
    code, said = refused(locked, "export.ods")
    assert (code, "encrypted" in said) == ("E-FORMAT", True)


def test_a_document_type_in_an_open_document_is_refused():
    content = ods([[text("ward"), text("value")], [text("a"), text("b")]])
    declared = edited(content, lambda raw: b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "content.xml")
    assert refused(declared, "export.ods")[0] == "E-XLSX-ENTITY"


@pytest.mark.parametrize("raw", [b'<?xml version="1.0" encoding="no-such"?><x/>', b"no xml at all", b""])
def test_a_part_that_is_no_xml_is_refused(raw):
    assert refused(edited(xlsx([["a", "b"], ["x", 1]]), lambda _: raw))[0] == "E-FORMAT"


def test_rows_beyond_those_of_a_sheet_are_refused():
    content = edited(xlsx([["a", "b"], ["x", 1]]), lambda raw: raw.replace(b'<row r="2"', b'<row r="4000000000"'))
    assert refused(content)[0] == "E-FORMAT"
