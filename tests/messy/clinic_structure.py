"""Exports of the clinic with one fault in their bytes or in their structure: catalogue A and B, in many variants."""

import bz2
import gzip
import io
import lzma
import zipfile

from messy_clinic import N_MANY, STYLES, Style, Table, fault, loads, patients, refuses

PLACES = {"first": 0, "middle": 29, "last": -1}
ANY = ("E-NOT-TABLE", "E-FORMAT", "E-DELIMITER", "E-ENCODING", "E-NUL", "E-RAGGED", "E-EMPTY", "E-NO-ROWS")
TOWNS = ("Orléans", "Zürich", "Ñuñoa")


def towns(table, words=TOWNS):
    return table.with_column("site", [words[row % len(words)] for row in range(len(table.rows))])


# A. Bytes and container


@fault(
    "A1",
    bytes=b"",
    blanks=b"  \t \r\n\r\n",
    mark=b"\xef\xbb\xbf",
    mark_and_lines=b"\xef\xbb\xbf\r\n\r\n",
    wide_mark=b"\xff\xfe",
    ctrl_z=b"\x1a",
    hard_blanks=b"\xc2\xa0\n",
    packed=gzip.compress(b""),
)
def nothing(rng, content):
    return refuses(content, "E-EMPTY")


@fault("A2", **STYLES)
def header_only(rng, style):
    return refuses(style.line(patients(rng).names), "E-NO-ROWS")


@fault("A2", open="", blank="\n\n\n", ctrl_z="\r\n\x1a", delimiters="\n,,,,,,,,,\n,,,,,,,,,\n")
def header_and_nothing(rng, after):
    return refuses(",".join(patients(rng).names) + after, "E-NO-ROWS")


@fault("A2")
def preamble_and_header_only(rng):
    return refuses("Report: ICU export\n\n" + ",".join(patients(rng).names) + "\n", "E-NO-ROWS", "E-DELIMITER")


@fault(
    "A3",
    login="<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><p>a,b,c</p></body></html>\n",
    blank_lines="\n\n  <html>\n<body>a,b\n1,2</body></html>\n",
    mark="\ufeff<!doctype html><html></html>\n",
    capitals="<HTML>\n<TABLE><TR><TD>1</TD></TR></TABLE>\n",
    comment="<!-- saved from url -->\n<html></html>\n",
    xml='<?xml version="1.0"?>\n<rows><row a="1"/></rows>\n',
    json='[{"patient_id": "000012", "age": 54},\n {"patient_id": "000049", "age": 93}]\n',
    json_object='{"error": "session expired", "code": 401}\n',
    json_lines='{"patient_id": "000012", "age": 54}\n{"patient_id": "000049", "age": 93}\n',
    json_arrays='[["patient_id", "age"], ["000012", 54]]\n',
)
def another_text(rng, text):
    return refuses(text, *ANY)


@fault(
    "A3",
    oracle="ORA-00942: table or view does not exist\n",
    denied="Access denied\nPlease contact the help desk, extension 1234\n",
    pdf=b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    rtf="{\\rtf1\\ansi\\deff0 {\\fonttbl {\\f0 Times;}} a, b\\par}\n",
    image=b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01",
    parquet=b"PAR1\x15\x04\x15\x10\x15\x14L\x15\x02\x15\0\0\x08PAR1",
    bz2=bz2.compress(b"a,b\n1,2\n" * 50),
    xz=lzma.compress(b"a,b\n1,2\n" * 50),
)
def no_table_at_all(rng, content):
    return refuses(content, *ANY, "E-MISSING-COLUMN")


@fault("A4", **STYLES)
def byte_order_mark(rng, style):
    table = patients(rng)
    return loads("\ufeff" + table.text(style), table)


@fault("A4")
def two_exports_with_marks(rng):
    table = patients(rng)
    first, second = Table(table.names, table.rows[:31]), Table(table.names, table.rows[31:])
    return loads("\ufeff" + first.text() + "\ufeff" + second.text(), table, "W-REPEATED-HEADER")


@fault("A4")
def mark_in_the_middle(rng):
    table = patients(rng)
    lines = table.lines()
    text = "".join([*lines[:31], "\ufeff", *lines[31:]])
    return loads("\ufeff" + text, table)


@fault("A4")
def mark_and_separator_line(rng):
    table = patients(rng)
    return loads("\ufeffsep=;\r\n" + table.text(Style(";", "\r\n")), table)


@fault(
    "A5",
    little=("utf-16-le", "\ufeff", ()),
    big=("utf-16-be", "\ufeff", ()),
    little_bare=("utf-16-le", "", ("W-ENC-GUESS",)),
    big_bare=("utf-16-be", "", ("W-ENC-GUESS",)),
    four_bytes=("utf-32-le", "\ufeff", ()),
    four_bytes_big=("utf-32-be", "\ufeff", ()),
)
def wide_encoding(rng, encoding, mark, codes):
    table = towns(patients(rng))
    return loads(mark + table.text(Style("\t", "\r\n")), table, *codes, encoding=encoding)


@fault("A5", cyrillic=("Москва", "Пермь"), chinese=("北京", "上海"), greek=("Αθήνα", "Πάτρα"))
def wide_encoding_of_other_letters(rng, *words):
    table = towns(patients(rng), words)
    return loads("\ufeff" + table.text(), table, encoding="utf-16-le")


@fault("A5")
def wide_encoding_cut_in_a_letter(rng):
    content = ("\ufeff" + patients(rng).text()).encode("utf-16-le")
    return refuses(content[:-41], "E-TRUNCATED", "E-ENCODING", "E-RAGGED")


@fault("A6", **STYLES)
def western(rng, style):
    table = towns(patients(rng))
    return loads(table.text(style), table, "W-ENC-GUESS", encoding="cp1252")


@fault("A6", quotes=("l’Est", "Sud"), euro=("€ Ward", "Nord"), one=("Köln", "Nord"), nordic=("Ålesund", "Bodø"))
def western_words(rng, *words):
    table = towns(patients(rng), words)
    return loads(table.text(), table, "W-ENC-GUESS", encoding="cp1252")


@fault("A6")
def western_header(rng):
    table = patients(rng).renamed("smoker", "früher_geraucht")
    return loads(table.text(), table, "W-ENC-GUESS", encoding="cp1252")


@fault("A6")
def western_word_in_the_last_of_many_rows(rng):
    table = patients(rng, N_MANY).with_cell("site", -1, "Orléans")
    return loads(table.text(), table, "W-ENC-GUESS", encoding="cp1252")


@fault(
    "A6",
    cyrillic=("cp1251", "Москва", "Пермь"),
    koi8=("koi8-r", "Москва", "Пермь"),
    dos=("cp850", "Orléans", "Zürich"),
    dos_american=("cp437", "Ñuñoa", "Zürich"),
    macintosh=("mac_roman", "Orléans", "Zürich"),
    czech=("cp1250", "Žďár", "Třebíč"),
    greek=("cp1253", "Αθήνα", "Πάτρα"),
    chinese=("gb18030", "北京", "上海"),
    japanese=("shift_jis", "東京", "大阪"),
    korean=("euc_kr", "서울", "부산"),
)
def other_encoding(rng, encoding, *words):
    table = towns(patients(rng), words)
    return refuses(table.text(), "E-ENCODING", "E-ENC-MIXED", encoding=encoding)


@fault(
    "A6",
    cyrillic=("cp1251", "Москва", "Пермь"),
    dos=("cp850", "Orléans", "Zürich"),
    macintosh=("mac_roman", "Orléans", "Zürich"),
    czech=("cp1250", "Žďár", "Třebíč"),
    japanese=("shift_jis", "東京", "大阪"),
)
def other_encoding_named(rng, encoding, *words):
    table = towns(patients(rng), words)
    return loads(table.text(), table, encoding=encoding, options=("--encoding", encoding))


def _two_encodings(table, start, end=None):
    lines = table.lines()
    stop = len(lines) if end is None else end
    return b"".join(line.encode("cp1252" if start <= at < stop else "utf-8") for at, line in enumerate(lines))


@fault("A7", second_half=(31, None), first_half=(0, 31), one_line=(20, 21), last_line=(60, None))
def two_encodings(rng, start, end):
    return refuses(_two_encodings(towns(patients(rng)), start, end), "E-ENC-MIXED")


@fault("A7", second_half=(31, None), first_half=(0, 31), one_line=(20, 21))
def two_encodings_settled(rng, start, end):
    table = towns(patients(rng))
    return loads(_two_encodings(table, start, end), table, "W-ENC-MIXED", options=("--encoding", "mixed"))


@fault("A7")
def two_encodings_in_many_rows(rng):
    return refuses(_two_encodings(towns(patients(rng, N_MANY)), N_MANY - 5), "E-ENC-MIXED")


@fault("A8", french=("OrlÃ©ans", "Lyon"), german=("ZÃ¼rich", "Basel"), spanish=("Ã‘uÃ±oa", "Lota"))
def garbled_before(rng, *words):
    table = towns(patients(rng), words)
    return loads(table.text(), table, "W-MOJIBAKE")


@fault("A9", **PLACES)
def nul(rng, place):
    table = patients(rng)
    return refuses(table.with_cell("icd10", place, "I1\0").text(), "E-NUL")


@fault("A9", padded="\0" * 512, one="\0", line="\0\n")
def nul_after_the_rows(rng, after):
    return refuses(patients(rng).text() + after, "E-NUL")


@fault("A9")
def nul_in_the_header(rng):
    return refuses(patients(rng).renamed("sex", "se\0x").text(), "E-NUL")


@fault("A9")
def nul_in_the_last_of_many_rows(rng):
    return refuses(patients(rng, N_MANY).with_cell("icd10", -1, "\0").text(), "E-NUL")


@fault("A10", bare="\x1a", line="\x1a\r\n", two="\x1a\x1a", after_blank="\r\n\x1a")
def ctrl_z(rng, end):
    table = patients(rng)
    return loads(table.text(Style(end="\r\n")) + end, table, "W-CTRLZ")


@fault("A10")
def ctrl_z_on_the_last_line(rng):
    table = patients(rng)
    return loads(table.text().rstrip("\n") + "\x1a", table, "W-CTRLZ")


@fault("A10")
def ctrl_z_in_the_middle(rng):
    lines = patients(rng).lines()
    return refuses("".join([*lines[:30], "\x1a", *lines[30:]]), "E-TRUNCATED")


@fault("A11", named_csv=("export.csv", ("W-GZIP",)), named_gz=("export.csv.gz", ()))
def packed(rng, name, codes):
    table = patients(rng)
    return loads(gzip.compress(table.text().encode()), table, *codes, file_name=name)


@fault("A11")
def packed_in_two_parts(rng):
    table = patients(rng)
    lines = table.lines()
    parts = ("".join(lines[:30]), "".join(lines[30:]))
    return loads(b"".join(gzip.compress(part.encode()) for part in parts), table, file_name="export.csv.gz")


@fault("A11")
def packed_western(rng):
    table = towns(patients(rng))
    return loads(gzip.compress(table.text().encode("cp1252")), table, "W-ENC-GUESS", file_name="export.csv.gz")


@fault("A11")
def not_packed_but_named_so(rng):
    table = patients(rng)
    return loads(table.text(), table, file_name="export.csv.gz")


@fault("A12", early=0.1, half=0.5, late=0.95, checksum=0.9999)
def packed_and_cut(rng, share):
    content = gzip.compress(patients(rng).text().encode())
    return refuses(content[: int(len(content) * share)], "E-TRUNCATED", file_name="export.csv.gz")


@fault("A12")
def packed_and_damaged(rng):
    content = bytearray(gzip.compress(patients(rng).text().encode()))
    content[len(content) // 2] ^= 0xFF
    return refuses(bytes(content), "E-TRUNCATED", "E-DAMAGED", "E-FORMAT", "E-GZIP", file_name="export.csv.gz")


def zipped(members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return made.getvalue()


@fault("A13", csv="export.csv", zip="export.zip")
def zip_of_two(rng, name):
    table = patients(rng)
    return refuses(zipped({"a.csv": table.text(), "b.csv": table.text()}), "E-ZIP-MEMBERS", file_name=name)


@fault("A13")
def zip_of_two_settled(rng):
    table = patients(rng)
    content = zipped({"a.csv": table.text(), "notes.txt": "read me\n"})
    return loads(content, table, file_name="export.zip", options=("--member", "a.csv"))


@fault("A13")
def zip_made_on_a_macintosh(rng):
    table = patients(rng)
    content = zipped({"export.csv": table.text(), "__MACOSX/._export.csv": b"\0\5\x16\7"})
    return loads(content, table, file_name="export.zip")


@fault("A13")
def zip_of_one_in_a_folder(rng):
    table = patients(rng)
    return loads(zipped({"out/": "", "out/export.csv": table.text()}), table, file_name="export.zip")


@fault("A15", two_cells=2, first_cell=9, half=5, one=1)
def cut_short(rng, lost):
    return refuses(patients(rng).text().rsplit(",", lost)[0], "E-TRUNCATED")


@fault("A15", **STYLES)
def cut_short_in_a_style(rng, style):
    return refuses(patients(rng).text(style).rsplit(style.delimiter, 3)[0], "E-TRUNCATED", "E-QUOTE")


@fault("A15")
def cut_after_the_last_delimiter(rng):
    return refuses(patients(rng).text().rstrip("\n")[:-1], "E-TRUNCATED")


@fault("A15")
def cut_in_a_quoted_cell(rng):
    return refuses(patients(rng).text(Style(quoted=True))[:-14], "E-TRUNCATED", "E-QUOTE")


@fault("A15")
def cut_after_many_rows(rng):
    return refuses(patients(rng, N_MANY).text()[:-12], "E-TRUNCATED")


@fault("A15", **STYLES)
def no_line_end_at_the_end(rng, style):
    table = patients(rng)
    return loads(table.text(style).rstrip("\r\n"), table)


# B. Structure


@fault(
    "B1",
    **{f"sign_{ord(mark)}_{'quoted' if quoted else 'bare'}": (mark, quoted) for mark in ",;\t|^~" for quoted in (0, 1)},
)
def delimiter(rng, mark, quoted):
    table = patients(rng)
    return loads(table.text(Style(mark, quoted=bool(quoted))), table)


@fault("B1", semicolon=";", tab="\t", pipe="|", caret="^", tilde="~")
def delimiter_beside_commas_in_cells(rng, mark):
    table = patients(rng)
    table = table.with_column("smoker", [f"{cell}, {cell}, {cell}" for cell in table.column("smoker")])
    return loads(table.text(Style(mark)), table)


@fault("B1", semicolon=";", tab="\t", pipe="|", caret="^", tilde="~")
def delimiter_and_decimal_comma(rng, mark):
    table = patients(rng)
    written = table.with_column("creatinine", [cell.replace(".", ",") for cell in table.column("creatinine")])
    return loads("".join(mark.join(row) + "\n" for row in (written.names, *written.rows)), table, "W-DECIMAL")


@fault("B1")
def single_blanks(rng):
    table = patients(rng)
    return loads("".join(" ".join(row) + "\n" for row in (table.names, *table.rows)), table)


@fault("B1", colon=":", hive="\x01", unit="\x1f", exclamation="!", hash="#", at="@")
def unusual_delimiter(rng, mark):
    table = patients(rng)
    text = "".join(mark.join(row) + "\n" for row in (table.names, *table.rows))
    return refuses(text, "E-DELIMITER", "E-RAGGED")


@fault("B1", colon=":", blank=" ", hash="#")
def unusual_delimiter_named(rng, mark):
    table = patients(rng)
    return loads(table.text(Style(mark)), table, options=("--delimiter", mark))


@fault("B2", semicolon=";", comma=",", tab="\t", pipe="|")
def separator_line(rng, mark):
    table = patients(rng)
    return loads(f"sep={mark}\r\n" + table.text(Style(mark, "\r\n")), table)


@fault("B2", quoted='"sep=;"', capitals="SEP=;")
def separator_line_written_otherwise(rng, line):
    table = patients(rng)
    return loads(f"{line}\r\n" + table.text(Style(";", "\r\n")), table)


@fault("B2")
def separator_line_of_another_file(rng):
    return refuses("sep=;\r\n" + patients(rng).text(Style(",", "\r\n")), "E-DELIMITER", "E-RAGGED", "E-MISSING-COLUMN")


@fault("B3", comma=", ", semicolon="; ", before=" ,", both=" , ", tab="\t ", two=",  ")
def blanks_beside_the_delimiter(rng, mark):
    table = patients(rng)
    return loads("".join(mark.join(row) + "\n" for row in (table.names, *table.rows)), table, "W-STRIP")


@fault("B3")
def blanks_before_quotes(rng):
    table = patients(rng)
    table = table.with_column("smoker", [f"{cell}, said" for cell in table.column("smoker")])
    lines = [", ".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in (table.names, *table.rows)]
    return loads("\n".join(lines) + "\n", table, "W-STRIP")


def fixed_width(table, *, gap=2, right=(), rule="", ends=True):
    widths = [max(map(len, column)) for column in zip(table.names, *table.rows, strict=True)]
    lines = []
    for row in (table.names, *table.rows):
        cells = [
            cell.rjust(width) if name in right else cell.ljust(width)
            for name, cell, width in zip(table.names, row, widths, strict=True)
        ]
        lines.append((" " * gap).join(cells))
    if rule:
        lines.insert(1, (" " * gap).join(rule * width for width in widths))
    return "".join((line if ends else line.rstrip()) + "\n" for line in lines)


@fault("B4", two=2, three=3, eight=8)
def fixed_columns(rng, gap):
    table = patients(rng)
    return loads(fixed_width(table, gap=gap), table)


@fault("B4")
def fixed_columns_without_blanks_at_the_ends(rng):
    table = patients(rng)
    return loads(fixed_width(table, ends=False), table)


@fault("B4")
def fixed_columns_of_numbers_to_the_right(rng):
    table = patients(rng)
    return loads(fixed_width(table, right={"age", "sodium", "creatinine", "died30"}), table)


@fault("B4")
def fixed_columns_with_gaps(rng):
    table = patients(rng)
    table = table.with_column(
        "creatinine", ["" if row % 7 == 3 else c for row, c in enumerate(table.column("creatinine"))]
    )
    return loads(fixed_width(table), table)


@fault("B4")
def fixed_columns_under_a_rule(rng):
    table = patients(rng)
    return loads(fixed_width(table, rule="-"), table)


@fault("B4")
def fixed_columns_of_words(rng):
    table = patients(rng)
    table = table.with_column("smoker", [f"{cell} smoker" for cell in table.column("smoker")])
    return loads(fixed_width(table), table)


@fault("B4")
def fixed_columns_one_blank_apart(rng):
    return refuses(fixed_width(patients(rng), gap=1), "E-DELIMITER")


@fault("B4")
def database_listing(rng):
    table = patients(rng)
    widths = [max(map(len, column)) for column in zip(table.names, *table.rows, strict=True)]
    lines = [
        " " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in (table.names, *table.rows)
    ]
    lines.insert(1, "-+-".join("-" * width for width in widths))
    return refuses("\n".join(lines) + "\n(60 rows)\n", "E-RAGGED")


@fault("B5", **{name: style for name, style in STYLES.items() if name != "crlf"})
def carriage_returns(rng, style):
    table = patients(rng)
    return loads(table.text(Style(style.delimiter, "\r", style.quoted)), table)


@fault("B6", halves=("\n", "\r\n", 30), header=("\n", "\r\n", 1), last=("\r\n", "\n", 60), old=("\r", "\n", 30))
def mixed_line_ends(rng, first, then, at):
    table = patients(rng)
    lines = [line.rstrip("\n") for line in table.lines()]
    return loads("".join(line + (first if place < at else then) for place, line in enumerate(lines)), table)


@fault("B6")
def line_ends_turned_twice(rng):
    table = patients(rng)
    return loads("".join(line.rstrip("\n") + "\r\r\n" for line in table.lines()), table)


@fault("B7", **{f"{style}_{place}": (STYLES[style], at) for style in STYLES for place, at in PLACES.items()})
def line_break_in_quotes(rng, style, place):
    table = patients(rng).with_cell("smoker", place, 'stable,\nreview; "soon"')
    return loads(table.text(style), table)


@fault("B7", two="one\n\nthree", crlf="one\r\ntwo", many="a\nb\nc\nd\ne\nf", commas="a,b\nc", end="a\nb,c,d")
def line_breaks_of_kinds(rng, cell):
    table = patients(rng)
    table = table.with_column("smoker", [cell if row % 9 == 4 else c for row, c in enumerate(table.column("smoker"))])
    return loads(table.text(), table)


@fault("B7")
def line_break_in_a_name(rng):
    table = patients(rng).renamed("smoker", "ever\nsmoked")
    return loads(table.text(), table)


@fault("B7")
def line_break_in_the_last_of_many_rows(rng):
    table = patients(rng, N_MANY).with_cell("smoker", -1, "yes,\nsince long")
    return loads(table.text(), table)


def with_remarks(table, written, read, every=6):
    cells = [written if row % every == 0 else "ok" for row in range(len(table.rows))]
    values = [read if row % every == 0 else "ok" for row in range(len(table.rows))]
    return cells, table.with_column("smoker", values, called="notes")


def raw(table, cells, mark=",", *, quote=""):
    at = table.names.index("notes")
    rows = [
        mark.join(
            [f"{quote}{cell}{quote}" for cell in row[:at]] + [own] + [f"{quote}{cell}{quote}" for cell in row[at + 1 :]]
        )
        for row, own in zip(table.rows, cells, strict=True)
    ]
    return "\n".join([mark.join(f"{quote}{name}{quote}" for name in table.names), *rows]) + "\n"


@fault(
    "B8",
    comma=(",", "it''s fine, ok", "it's fine, ok"),
    semicolon=(";", "it''s; fine", "it's; fine"),
    tab=("\t", "it''s\tfine", "it's\tfine"),
)
def apostrophes_as_quotes(rng, mark, written, read):
    cells, table = with_remarks(patients(rng), f"'{written}'", read)
    return loads(raw(table, cells, mark), table)


@fault("B8")
def apostrophes_round_everything(rng):
    cells, table = with_remarks(patients(rng), "it''s fine, ok", "it's fine, ok")
    return loads(raw(table, [f"'{cell}'" for cell in cells], quote="'"), table)


@fault(
    "B8",
    said=('said \\"no\\", left', 'said "no", left'),
    end=('told \\"go\\"', 'told "go"'),
    start=('\\"no\\" she said', '"no" she said'),
)
def backslash_escapes(rng, written, read):
    cells, table = with_remarks(patients(rng), written, read)
    return loads(raw(table, [f'"{cell}"' for cell in cells], quote='"'), table)


@fault("B8")
def backslash_escapes_only_where_needed(rng):
    cells, table = with_remarks(patients(rng), '"said \\"no\\", left"', 'said "no", left')
    return loads(raw(table, cells), table)


@fault("B9", scar='5" scar', end='wound 5"', two='5" by 3"', semicolon='a "b" c')
def inch_marks(rng, cell):
    cells, table = with_remarks(patients(rng), cell, cell)
    return loads(raw(table, cells), table)


@fault("B9", **PLACES)
def one_inch_mark(rng, place):
    table = patients(rng)
    cells = ["ok"] * 60
    cells[place] = '5" scar'
    table = table.with_column("smoker", cells, called="notes")
    return loads(raw(table, cells), table)


@fault(
    "B10",
    **{
        f"{style}_{place}": (STYLES[style], at)
        for style in ("plain", "crlf", "semicolon", "tab")
        for place, at in PLACES.items()
    },
)
def open_quote(rng, style, place):
    table = patients(rng)
    cells = ["ok"] * 60
    cells[place] = '"started aspirin'
    return refuses(raw(table.with_column("smoker", cells, called="notes"), cells, style.delimiter), "E-QUOTE")


@fault("B10")
def open_quote_among_quoted_cells(rng):
    lines = patients(rng).lines(Style(quoted=True))
    lines[20] = lines[20].replace('","ex"', '","ex').replace('","no"', '","no').replace('","yes"', '","yes')
    return refuses("".join(lines), "E-QUOTE", "E-RAGGED")


@fault(
    "B11",
    **{
        f"{first}_{last}_{apart}": (first, last, apart)
        for first in ("patient_id", "sex", "smoker", "died30")
        for last in ("patient_id", "sex", "smoker", "died30")
        for apart in (1, 2, 30)
    },
)
def stray_pair_of_quotes(rng, first, last, apart):
    table = patients(rng)
    rows = [list(row) for row in table.rows]
    rows[10][table.names.index(first)] = '"' + rows[10][table.names.index(first)]
    rows[10 + apart][table.names.index(last)] += '"'
    return refuses("".join(",".join(row) + "\n" for row in (table.names, *rows)), "E-QUOTE", "E-RAGGED")


@fault("B11")
def stray_pair_in_the_last_of_many_rows(rng):
    table = patients(rng, N_MANY)
    rows = [list(row) for row in table.rows]
    rows[-40][8], rows[-10][8] = '"ex', 'ex"'
    return refuses("".join(",".join(row) + "\n" for row in (table.names, *rows)), "E-QUOTE", "E-RAGGED")


@fault("B12", **STYLES)
def no_header(rng, style):
    return refuses("".join(patients(rng).lines(style)[1:]), "E-NO-HEADER")


@fault("B12", **STYLES)
def no_header_settled(rng, style):
    table = patients(rng)
    return loads("".join(table.lines(style)[1:]), table, options=("--no-header", "--columns", ",".join(table.names)))


@fault("B12")
def no_header_western(rng):
    return refuses("".join(towns(patients(rng)).lines()[1:]), "E-NO-HEADER", encoding="cp1252")


@fault("B12")
def no_header_in_many_rows(rng):
    return refuses("".join(patients(rng, N_MANY).lines()[1:]), "E-NO-HEADER")


UNITS = {
    "english": ("", "", "", "", "years", "mmol/L", "umol/L", "", "", ""),
    "brackets": ("", "", "", "", "[years]", "[mmol/L]", "[µmol/L]", "", "", ""),
    "round": ("", "", "", "", "(yr)", "(mmol/l)", "(umol/l)", "", "", ""),
    "dashes": ("-", "-", "-", "-", "years", "mmol/L", "umol/L", "-", "-", "-"),
    "german": ("", "", "", "", "Jahre", "mmol/l", "µmol/l", "", "", ""),
    "french": ("", "", "", "", "ans", "mmol/L", "µmol/L", "", "", ""),
    "some": ("", "", "", "", "", "mmol/L", "", "", "", ""),
    "american": ("", "", "", "", "y", "mEq/L", "mg/dL", "", "", ""),
    "words": ("id", "code", "text", "date", "years", "mmol/L", "umol/L", "code", "text", "0/1"),
    "not_there": ("n/a", "n/a", "n/a", "n/a", "years", "mmol/L", "umol/L", "n/a", "n/a", "n/a"),
    "date": ("", "", "", "YYYY-MM-DD", "years", "mmol/L", "umol/L", "", "", ""),
}


@fault(
    "B13",
    **{f"{name}_{style}": (UNITS[name], STYLES[style]) for name in UNITS for style in ("plain", "semicolon", "quoted")},
)
def unit_row(rng, units, style):
    table = patients(rng)
    return loads(Table(table.names, (units, *table.rows)).text(style), table, "W-UNIT-ROW")


@fault("B13")
def unit_row_above_many(rng):
    table = patients(rng, N_MANY)
    return loads(Table(table.names, (UNITS["english"], *table.rows)).text(), table, "W-UNIT-ROW")


@fault(
    "B13",
    program=("string", "string", "string", "date", "integer", "integer", "double", "string", "string", "integer"),
    sql=("VARCHAR(6)", "CHAR(2)", "CHAR(1)", "DATE", "INT", "INT", "FLOAT", "VARCHAR", "VARCHAR", "INT"),
)
def type_row(rng, *types):
    table = patients(rng)
    return loads(Table(table.names, (types, *table.rows)).text(), table, "W-PREAMBLE")


PREAMBLES = {
    "report": "Report: ICU export\nGenerated 2024-01-03 by system X\n\n",
    "one": "ICU export\n",
    "comments": "# exported 2024-01-03\n# rows: 60\n",
    "commas": "Report: ICU, wards 1, 2 and 3\n\n",
    "keys": "Hospital,General\nExported,2024-01-03\n\n",
    "keys_closely": "Hospital,General\nExported,2024-01-03\n",
    "padded": "ICU export,,,,,,,,,\n,,,,,,,,,\n",
    "quoted": '"ICU export, 2023"\n""\n',
    "many": "".join(f"Line {at} of the remarks\n" for at in range(12)) + "\n",
    "semicolons": "Report; ICU; 2023\n\n",
    "german": "Bericht: Intensivstation\nErstellt am 03.01.2024\n\n",
    "blank_first": "\n\nICU export\n\n",
    "three_keys": "Report,ICU,2023\n\n",
}


@fault("B14", **PREAMBLES)
def preamble(rng, text):
    table = patients(rng)
    return loads(text + table.text(), table, "W-PREAMBLE")


@fault(
    "B14",
    **{name: text for name, text in PREAMBLES.items() if name in {"report", "comments", "keys", "german", "commas"}},
)
def preamble_above_semicolons(rng, text):
    table = patients(rng)
    return loads(text.replace("\n", "\r\n") + table.text(Style(";", "\r\n")), table, "W-PREAMBLE")


@fault("B14")
def preamble_above_many(rng):
    table = patients(rng, N_MANY)
    return loads(PREAMBLES["report"] + table.text(), table, "W-PREAMBLE")


@fault("B14")
def labels_above_names(rng):
    table = patients(rng)
    labels = (
        *("Patient number", "Hospital site", "Sex at birth", "Admitted on", "Age (years)", "Serum sodium"),
        *("Serum creatinine", "Main diagnosis", "Smokes", "Died within 30 days"),
    )
    return loads(Style().line(labels) + table.text(), table, "W-PREAMBLE")


@fault("B14")
def groups_above_names(rng):
    table = patients(rng)
    return loads("Patient,,,,,Laboratory,,Clinic,,Outcome\n" + table.text(), table, "W-PREAMBLE")


FOOTERS = {
    "affected": "\n(60 rows affected)\n",
    "selected": "\n60 rows selected.\n",
    "closely": "(60 rows affected)\n",
    "rows": "(60 rows)\n",
    "german": "\n60 Zeilen ausgewählt.\n",
    "german_closely": "(60 Zeilen)\n",
    "french": "\n(60 lignes affectées)\n",
    "spanish": "\n(60 filas afectadas)\n",
    "finished": "\n(60 rows affected)\n\nCompletion time: 2024-01-03T10:00:00.0000000+01:00\n",
    "end": "--- end of report ---\n",
    "end_of_file": "EOF\n",
    "stars": "*** END ***\n",
    "total": "Total,60,,,,,,,,\n",
    "total_words": "Total: 60 patients\n",
    "total_padded": "Total,,,,,,,,,10\n",
    "total_all": "TOTAL,,,,3510,8130,10211.4,,,10\n",
    "total_below_blank": "\nTotal,,,,3510,8130,10211.4,,,10\n",
    "mean": "Mean,,,,58.5,135.5,170.2,,,0.17\n",
    "sum": "Sum,,,,3510,8130,10211.4,,,10\n",
    "german_sum": "Summe,,,,3510,8130,10211.4,,,10\n",
    "remark_padded": "Source: hospital system,,,,,,,,,\n",
    "two_padded": "(60 rows affected),,,,,,,,,\nExported 2024-01-03,,,,,,,,,\n",
    "source": "\nSource: hospital information system\n",
    "two": "\nTotal rows: 60\nExported 2024-01-03\n",
    "padded": "(60 rows affected),,,,,,,,,\n",
    "page": "Page 1 of 1\n",
    "confidential": "\nConfidential - do not copy\n",
    "note": "\nNote: ages are in years, sodium in mmol/L.\n",
}


@fault("B15", **FOOTERS)
def footer(rng, text):
    table = patients(rng)
    return loads(table.text() + text, table, "W-FOOTER")


@fault("B15")
def an_unlabelled_line_is_a_row(rng):
    table = patients(rng)
    last = ("", "", "", "", "58", "135", "170.2", "", "", "")
    return loads(table.text() + ",".join(last) + "\n", Table(table.names, (*table.rows, last)), "W-ID-MISSING")


@fault("B15")
def a_last_patient_of_whom_only_the_id_is_known(rng):
    table = patients(rng)
    ids = [f"patient {cell}" for cell in table.column("patient_id")]
    table = table.with_column("patient_id", ids)
    table = Table(table.names, (*table.rows, ("patient 009999", *[""] * 9)))
    return loads(table.text(), table)


@fault("B15", **{name: FOOTERS[name] for name in ("affected", "closely", "selected", "total", "end", "two", "mean")})
def footer_under_semicolons(rng, text):
    table = patients(rng)
    return loads(table.text(Style(";", "\r\n")) + text.replace("\n", "\r\n").replace(",", ";"), table, "W-FOOTER")


@fault("B15")
def footer_under_many(rng):
    table = patients(rng, N_MANY)
    return loads(table.text() + f"\n({N_MANY} rows affected)\n", table, "W-FOOTER")


@fault("B16", **{f"{style}_{at}": (STYLES[style], at) for style in STYLES for at in (2, 31, 61)})
def repeated_header(rng, style, at):
    table = patients(rng)
    lines = table.lines(style)
    return loads("".join([*lines[:at], lines[0], *lines[at:]]), table, "W-REPEATED-HEADER")


@fault("B16", every_ten=10, every_row=1)
def header_again_and_again(rng, every):
    table = patients(rng)
    head, *lines = table.lines()
    text = "".join(head * (place % every == 0) + line for place, line in enumerate(lines))
    return loads(text, table, "W-REPEATED-HEADER")


@fault("B16")
def repeated_header_with_its_preamble(rng):
    table = patients(rng)
    lines = table.lines()
    part = "ICU export\n\n"
    text = part + "".join(lines[:31]) + part + "".join([lines[0], *lines[31:]])
    return loads(text, table, "W-REPEATED-HEADER")


@fault("B16")
def repeated_header_with_blank_line(rng):
    table = patients(rng)
    lines = table.lines()
    return loads("".join([*lines[:31], "\n", lines[0], *lines[31:]]), table, "W-REPEATED-HEADER")


@fault(
    "B16",
    blanks=lambda line: line.replace(",", ", "),
    quoted=lambda line: '"' + line.rstrip("\n").replace(",", '","') + '"\n',
)
def repeated_header_written_otherwise(rng, change):
    table = patients(rng)
    lines = table.lines()
    return loads("".join([*lines[:31], change(lines[0]), *lines[31:]]), table, "W-REPEATED-HEADER")


@fault("B16")
def repeated_header_in_capitals(rng):
    lines = patients(rng).lines()
    return refuses("".join([*lines[:31], lines[0].upper(), *lines[31:]]), "E-TWO-TABLES")


@fault("B16")
def repeated_header_of_another_order(rng):
    table = patients(rng)
    order = (1, 0, 2, 3, 5, 4, 6, 7, 8, 9)
    second = Table(table.names, table.rows[30:]).in_order(order)
    return refuses(Table(table.names, table.rows[:30]).text() + second.text(), "E-TWO-TABLES", "E-SHIFT")


@fault("B16")
def repeated_header_among_many(rng):
    table = patients(rng, N_MANY)
    lines = table.lines()
    return loads("".join([*lines[:-3], lines[0], *lines[-3:]]), table, "W-REPEATED-HEADER")


@fault("B17", **STYLES)
def name_given_twice(rng, style):
    return refuses(patients(rng).renamed("creatinine", "sodium").text(style), "E-DUP-HEADER")


@fault("B17", blank="sodium ", hidden="sodium\u200b", hard="\u00a0sodium")
def name_given_twice_but_for_blanks(rng, name):
    return refuses(patients(rng).renamed("creatinine", name).text(), "E-DUP-HEADER")


@fault("B17")
def copy_of_a_column(rng):
    table = patients(rng)
    text = "".join(",".join([*row, row[5]]) + "\n" for row in (table.names, *table.rows))
    return loads(text, table, "W-DUP-COLUMN")


@fault("B17")
def copy_but_for_the_last_of_many_rows(rng):
    table = patients(rng, N_MANY)
    rows = [[*row, row[5]] for row in (table.names, *table.rows)]
    rows[-1][-1] = "12"
    return refuses("".join(",".join(row) + "\n" for row in rows), "E-DUP-HEADER")


@fault("B18", capital="Sodium", capitals="SODIUM")
def names_but_for_capitals(rng, name):
    table = patients(rng)
    table = table.with_column(name, [f"{at}" for at in range(120, 180)])
    return loads(
        table.text(), table, "W-CASE-HEADER", numbers=frozenset({"age", "sodium", "creatinine", "died30", name})
    )


@fault(
    "B18",
    first=("patient_id", "\u200bpatient_id"),
    blank=("sodium", " sodium "),
    hard=("sodium", "sodium\u00a0"),
    last=("died30", "died30\u200b"),
    joiner=("age", "a\u200dge"),
    mark=("age", "\ufeffage"),
    tab=("age", "\tage"),
    soft=("age", "a\u00adge"),
    left_to_right=("age", "\u200eage"),
)
def hidden_signs_in_a_name(rng, name, written):
    table = patients(rng)
    return loads(table.renamed(name, written).text(), table, "W-STRIP")


@fault("B19", first=0, middle=7, last=8)
def empty_name(rng, place):
    table = patients(rng)
    names = list(table.names)
    names[place] = ""
    kept = [*names]
    kept[place] = f"column_{place + 1}"
    id_now = ("--patient-id", kept[0])
    return loads(Table(tuple(names), table.rows).text(), Table(tuple(kept), table.rows), "W-UNNAMED", options=id_now)


@fault("B19", zero=(0, ""), one=(1, ""), pandas=(0, "Unnamed: 0"), plain=(1, " "))
def row_numbers(rng, start, name):
    table = patients(rng)
    rows = [[name, *table.names], *([str(at), *row] for at, row in enumerate(table.rows, start))]
    return loads("".join(",".join(row) + "\n" for row in rows), table, "W-INDEX-COL")


@fault("B19")
def row_numbers_as_another_program_writes_them(rng):
    table = patients(rng)
    rows = [[*table.names], *([str(at), *row] for at, row in enumerate(table.rows, 1))]
    return loads("".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows), table, "W-INDEX-COL")


@fault("B19")
def row_numbers_of_many(rng):
    table = patients(rng, N_MANY)
    rows = [["", *table.names], *([str(at), *row] for at, row in enumerate(table.rows))]
    return loads("".join(",".join(row) + "\n" for row in rows), table, "W-INDEX-COL")


@fault("B19")
def row_numbers_with_gaps(rng):
    table = patients(rng)
    numbers = [str(at + at // 7) for at in range(60)]
    rows = [["", *table.names], *([at, *row] for at, row in zip(numbers, table.rows, strict=True))]
    expected = Table(("column_1", *table.names), tuple((at, *row) for at, row in zip(numbers, table.rows, strict=True)))
    return loads("".join(",".join(row) + "\n" for row in rows), expected, "W-UNNAMED")


@fault(
    "B20",
    **{
        f"{style}_{kind}": (STYLES[style], kind)
        for style in ("plain", "crlf", "semicolon", "tab")
        for kind in ("rows", "all")
    },
)
def trailing_delimiter(rng, style, kind):
    table = patients(rng)
    lines = [line.rstrip("\r\n") for line in table.lines(style)]
    ended = [line + style.delimiter * (kind == "all" or at > 0) + style.end for at, line in enumerate(lines)]
    return loads("".join(ended), table, "W-EMPTY-COL")


@fault("B20", two=2, five=5)
def trailing_delimiters(rng, count):
    table = patients(rng)
    return loads("".join(line.rstrip("\n") + "," * count + "\n" for line in table.lines()), table, "W-EMPTY-COL")


@fault("B20")
def trailing_delimiter_of_the_header(rng):
    head, *lines = patients(rng).lines()
    table = patients(rng)
    head, *lines = table.lines()
    return loads(head.rstrip("\n") + ",\n" + "".join(lines), table, "W-EMPTY-COL")


@fault("B20")
def trailing_delimiter_of_many(rng):
    table = patients(rng, N_MANY)
    head, *lines = table.lines()
    return loads(head + "".join(line.rstrip("\n") + ",\n" for line in lines), table, "W-EMPTY-COL")


@fault("B20", first=1, middle=30, last=60)
def trailing_delimiter_of_one_row(rng, at):
    lines = patients(rng).lines()
    lines[at] = lines[at].rstrip("\n") + ",\n"
    return refuses("".join(lines), "E-RAGGED")


@fault("B20")
def trailing_delimiter_of_most_rows(rng):
    head, *lines = patients(rng).lines()
    ended = [line if at == 40 else line.rstrip("\n") + ",\n" for at, line in enumerate(lines)]
    return refuses(head + "".join(ended), "E-RAGGED")


@fault(
    "B21",
    **{
        f"{place}_{lost}": (at, lost)
        for place, at in {"first": 1, "middle": 25, "last": 60}.items()
        for lost in (1, 4, 8)
    },
)
def short_row(rng, at, lost):
    lines = patients(rng).lines()
    lines[at] = lines[at].rsplit(",", lost)[0] + "\n"
    return refuses("".join(lines), "E-RAGGED", "E-TRUNCATED")


@fault("B21", **STYLES)
def short_row_in_a_style(rng, style):
    lines = patients(rng).lines(style)
    lines[25] = lines[25].rsplit(style.delimiter, 4)[0] + style.end
    return refuses("".join(lines), "E-RAGGED")


@fault("B21")
def short_row_among_many(rng):
    lines = patients(rng, N_MANY).lines()
    lines[-2] = lines[-2].rsplit(",", 4)[0] + "\n"
    return refuses("".join(lines), "E-RAGGED")


@fault("B22", first=1, middle=25, last=60)
def long_row(rng, at):
    lines = patients(rng).lines()
    lines[at] = (
        lines[at]
        .replace(",I", ",chronic, I", 1)
        .replace(",E1", ",type 2, E1")
        .replace(",J", ",x, J")
        .replace(",N", ",y, N")
    )
    return refuses("".join(lines), "E-RAGGED")


@fault("B22")
def decimal_commas_in_a_comma_file(rng):
    table = patients(rng)
    rows = [[cell.replace(".", ",") if at == 6 else cell for at, cell in enumerate(row)] for row in table.rows]
    return refuses("".join(",".join(row) + "\n" for row in (table.names, *rows)), "E-RAGGED")


@fault("B23", **{f"{row}_{column}": (at, column) for row, at in PLACES.items() for column in (1, 2, 3, 4, 5, 6)})
def lost_cell(rng, row, column):
    table = patients(rng)
    rows = [list(cells) for cells in table.rows]
    del rows[row][column]
    rows[row].append("")
    return refuses("".join(",".join(cells) + "\n" for cells in (table.names, *rows)), "E-SHIFT")


@fault("B23", **{f"{row}_{column}": (at, column) for row, at in PLACES.items() for column in (1, 2, 3, 4, 5, 6)})
def cell_too_many(rng, row, column):
    table = patients(rng)
    rows = [list(cells) for cells in table.rows]
    rows[row].insert(column, "")
    del rows[row][-1]
    return refuses("".join(",".join(cells) + "\n" for cells in (table.names, *rows)), "E-SHIFT")


OTHER_ORDERS = {"reversed": (9, 8, 7, 6, 5, 4, 3, 2, 1, 0), "mixed": (4, 8, 3, 0, 9, 1, 2, 5, 6, 7)}


@fault(
    "B23",
    **{
        f"{row}_{order}_{kind}": (at, order, kind)
        for row, at in PLACES.items()
        for order in OTHER_ORDERS
        for kind in ("lost", "many")
    },
)
def shift_in_another_order_of_columns(rng, row, order, kind):
    table = patients(rng).in_order(OTHER_ORDERS[order])
    rows = [list(cells) for cells in table.rows]
    rows[row] = [*rows[row][:6], *rows[row][7:], ""] if kind == "lost" else [*rows[row][:5], "", *rows[row][5:-1]]
    return refuses("".join(",".join(cells) + "\n" for cells in (table.names, *rows)), "E-SHIFT")


@fault("B23", left=1, right=-1)
def shift_in_the_last_of_many_rows(rng, step):
    table = patients(rng, N_MANY)
    rows = [list(cells) for cells in table.rows]
    rows[-1] = [*rows[-1][:2], *rows[-1][3:], ""] if step == 1 else [*rows[-1][:2], "", *rows[-1][2:-1]]
    return refuses("".join(",".join(cells) + "\n" for cells in (table.names, *rows)), "E-SHIFT")


SECOND_TABLES = {
    "narrow": "\nsite,beds\n01,20\n02,22\n03,18\n",
    "titled": "\nBeds\nsite,beds\n01,20\n02,22\n",
    "closely": "site,beds\n01,20\n02,22\n03,18\n",
    "three": "\nsite,beds,head\n01,20,Lee\n02,22,Roe\n",
    "wide": "\n" + ",".join(f"g{at}" for at in range(12)) + "\n" + ",".join(["1"] * 12) + "\n",
    "one_row": "\nsite,beds\n01,20\n",
}


@fault("B24", **SECOND_TABLES)
def second_table(rng, text):
    return refuses(patients(rng).text() + text, "E-TWO-TABLES", "E-RAGGED")


@fault("B24", blank="\n", closely="")
def second_table_of_the_same_width(rng, between):
    table = patients(rng)
    names = ("visit", "ward", "kind", "on_day", "weight", "height", "glucose", "drug", "given", "ok")
    return refuses(table.text() + between + Table(names, table.rows[:9]).text(), "E-TWO-TABLES", "E-SHIFT")


@fault("B24")
def first_table_is_the_smaller(rng):
    return refuses("site,beds,head\n01,20,Lee\n02,22,Roe\n\n" + patients(rng).text(), "E-TWO-TABLES")


@fault("B24")
def second_table_beside(rng):
    table = patients(rng)
    beside = [("", "site", "beds"), *(("", f"0{at}", f"{at}0") for at in range(1, 4)), *[("", "", "")] * 57]
    rows = [[*row, *more] for row, more in zip((table.names, *table.rows), beside, strict=True)]
    return refuses("".join(",".join(row) + "\n" for row in rows), "E-TWO-TABLES", "E-DUP-HEADER")


@fault("B25", wide=3010)
def wide(rng, count):
    table = patients(rng)
    genes = rng.integers(0, 7, (len(table.rows), count)).astype(str).tolist()
    names = (*table.names, *(f"g{at}" for at in range(count)))
    table = Table(names, tuple((*row, *more) for row, more in zip(table.rows, genes, strict=True)))
    return loads(table.text(), table)


@fault("B26")
def same_file_twice(rng):
    text = patients(rng).text()
    return refuses(text, "E-SAME-FILE", beside=(("again.csv", text.encode()),))


@fault("B26")
def overlapping_files(rng):
    table = patients(rng)
    first, second = Table(table.names, table.rows[:40]), Table(table.names, table.rows[20:])
    both = Table(table.names, (*first.rows, *second.rows))
    return loads(first.text(), both, "W-DUP-ROWS", beside=(("later.csv", second.text().encode()),))


@fault("B26")
def export_appended_to_itself(rng):
    table = patients(rng)
    both = Table(table.names, (*table.rows, *table.rows))
    return loads(table.text() * 2, both, "W-REPEATED-HEADER", "W-DUP-ROWS")


@fault("B27", between="\n", blanks="   \n", tabs="\t\t\n", many="\n\n\n\n")
def blank_lines(rng, text):
    table = patients(rng)
    lines = table.lines()
    return loads("".join([lines[0], text, *lines[1:20], text, *lines[20:], text]), table, "W-BLANK")


@fault("B27", every="\n", crlf="\r\n")
def every_other_line_blank(rng, end):
    table = patients(rng)
    return loads("".join(line.rstrip("\n") + end * 2 for line in table.lines()), table, "W-BLANK")


@fault("B27", lf=",,,,,,,,,\n", crlf=",,,,,,,,,\r\n")
def delimiters_only_after_the_rows(rng, line):
    table = patients(rng)
    return loads(table.text(Style(end=line.lstrip(","))) + line * 5, table, "W-BLANK")


@fault("B27")
def blank_line_among_many(rng):
    table = patients(rng, N_MANY)
    lines = table.lines()
    return loads("".join([*lines[:-2], "\n", *lines[-2:]]), table, "W-BLANK")


@fault("B1", **STYLES)
def clean(rng, style):
    table = patients(rng)
    return loads(table.text(style), table)
