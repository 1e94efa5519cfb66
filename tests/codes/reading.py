"""Text exports: bytes, container, delimiter, quotes, header and rows."""

import gzip
import io
import zipfile

from codes_situations import Situation, generator, read

faults = generator("faults")
TABLE = faults.clean_table(3)
LINES = TABLE.text().splitlines()
WORDS = ("Bébé", "Süd", "Nord")


def made(name):
    """Return a way to read the faulty export of this name."""
    fault = faults.FAULTS[name](TABLE)
    return read(fault.content, fault.file_name, **fault.reading)


def text(**parts):
    return read(TABLE.text(**parts))


def wards(*words):
    return TABLE.replaced("ward", [words[row % len(words)] for row in range(faults.N_ROWS)])


def remarks(word):
    return TABLE.replaced("remark", [word if row % 7 == 3 else "well" for row in range(faults.N_ROWS)])


def remark(word):
    """Return the rows, one of which has this remark."""
    return TABLE.replaced("remark", [word if row == 8 else "well" for row in range(faults.N_ROWS)])


def with_line(number, line):
    return "\n".join([*LINES[: number - 1], line, *LINES[number:]]) + "\n"


def zipped(**members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.csv", content)
    return packed.getvalue()


def columns(count):
    return ",".join(f"g{at}" for at in range(count)) + "\n" + 2 * (",".join(["1"] * count) + "\n")


PLAIN = text()
ACCENTED = TABLE.text(rows=wards(*WORDS))
LONG = "x" * (1 << 20)

FIRES = {
    "E-COLUMNS": Situation(read(columns(20_001)), read(columns(20_000))),
    "E-DELIMITER": Situation(made("b01_two_marks_fit"), read(TABLE.text(), delimiter=",")),
    "E-DUP-HEADER": Situation(made("b17_duplicate_names"), made("b17_identical_copies")),
    "E-EMPTY": Situation(made("a01_blanks_only"), read(" \n" + TABLE.text())),
    "E-ENC-MIXED": Situation(made("a07_two_encodings"), read(ACCENTED.encode("cp1252"))),
    "E-ENCODING": Situation(made("a06_neither_utf8_nor_western"), made("a06_named_encoding")),
    "E-LINE-LENGTH": Situation(text(rows=remark(LONG)), text(rows=remark(f'"{LONG}"'))),
    "E-NO-HEADER": Situation(made("b12_no_header"), made("b12_no_header_settled")),
    "E-NO-ROWS": Situation(made("a02_header_only"), text(rows=TABLE.rows[:1])),
    "E-NOT-TABLE": Situation(made("a03_web_page"), text(rows=remarks("<html><p>seen</p>"))),
    "E-NUL": Situation(made("a09_nul"), read(with_line(17, LINES[16].replace(",W", ",W ", 1)))),
    "E-QUOTE": Situation(made("b10_open_quote"), text(rows=wards('"W1"', '"W2"'))),
    "E-RAGGED": Situation(
        made("b21_short_row"), read(with_line(22, LINES[21].rsplit(",", 4)[0] + ",,,," + LINES[21][-1]))
    ),
    "E-SHIFT": Situation(made("b23_cell_3_lost"), made("b23_haemolysed_sample_is_no_shift")),
    "E-TRUNCATED": Situation(made("a15_cut_short"), read(TABLE.text().rstrip("\n"))),
    "E-TWO-HEADERS": Situation(made("b13_words_that_are_no_units"), made("b13_unit_row")),
    "E-TWO-TABLES": Situation(made("b24_narrower_second_table"), made("b15_rows_affected")),
    "E-ZIP-MEMBERS": Situation(made("a13_zip_of_two"), read(zipped(one=TABLE.text()), "export.zip")),
    "R-BOMB": Situation(
        made("a14_bomb_in_gzip"), read(gzip.compress(TABLE.text(rows=TABLE.rows * 400).encode()), "export.csv.gz")
    ),
    "W-BLANK": Situation(made("b27_blank_lines"), PLAIN),
    "W-CASE-HEADER": Situation(
        made("b18_names_equal_but_for_capitals"),
        text(names=["Lactate_2" if name == "potassium" else name for name in TABLE.names]),
    ),
    "W-CTRLZ": Situation(made("a10_ctrl_z"), text(end="\r\n")),
    "W-DUP-COLUMN": Situation(
        made("b17_identical_copies"),
        text(names=[*TABLE.names, "age_again"], rows=[[*row, row[4]] for row in TABLE.rows]),
    ),
    "W-EMPTY-COL": Situation(
        made("b20_trailing_delimiter_everywhere"),
        text(names=[*TABLE.names, "note"], rows=[[*row, ""] for row in TABLE.rows]),
    ),
    "W-ENC-GUESS": Situation(made("a06_cp1252"), read(ACCENTED)),
    "W-ENC-MIXED": Situation(made("a07_two_encodings_settled"), read(ACCENTED, encoding="mixed")),
    "W-FOOTER": Situation(made("b15_rows_affected"), PLAIN),
    "W-GZIP": Situation(made("a11_gzip_named_csv"), made("a11_gzip")),
    "W-INDEX-COL": Situation(
        made("b19_row_numbers"),
        text(names=["nr", *TABLE.names], rows=[[str(at), *row] for at, row in enumerate(TABLE.rows)]),
    ),
    "W-MOJIBAKE": Situation(made("a08_garbled_before"), read(ACCENTED)),
    "W-PREAMBLE": Situation(made("b14_padded_preamble"), PLAIN),
    "W-REPEATED-HEADER": Situation(made("b16_repeated_header"), PLAIN),
    "W-STRIP": Situation(made("b03_comma_and_blank"), text(delimiter=",")),
    "W-UNIT-ROW": Situation(made("b13_unit_row"), PLAIN),
    "W-UNNAMED": Situation(made("b19_empty_name"), PLAIN),
}
