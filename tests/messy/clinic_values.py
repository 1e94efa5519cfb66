"""Exports of the clinic with one fault in the values of a column: catalogue C and D, in many variants."""

from dataclasses import replace
from datetime import date, timedelta

from messy_clinic import N_MANY, STYLES, Style, Table, fault, loads, patients, refuses, some

ENDS = {"first": 0, "middle": 29, "last": -1}


def column_case(table, column, cells, expected, *codes, style=None, **more):
    """Return the case of a column that is written in one way and to be read in another."""
    return loads(
        table.with_column(column, cells).text(style or Style()), table.with_column(column, expected), *codes, **more
    )


def put(cells, places, value):
    cells = list(cells)
    for place in places:
        cells[place] = value
    return cells


# C. Values


@fault("C1", six="{:06d}", ten="{:010d}", long="{:019d}", letters="A{:05d}", dashes="{:04d}-{:02d}")
def ids_with_zeros(rng, form):
    table = patients(rng)
    ids = [form.format(37 * at, at % 100) for at in range(60)]
    return column_case(table, "patient_id", ids, ids)


@fault("C1", **STYLES)
def codes_with_zeros_in_one_row(rng, style):
    table = patients(rng)
    cells = ["007" if at == 40 else str(10 + at % 5) for at in range(60)]
    return column_case(table, "site", cells, cells, style=style)


@fault("C1")
def a_code_with_zeros_in_the_last_of_many_rows(rng):
    table = patients(rng, N_MANY)
    cells = put((str(10 + at % 5) for at in range(N_MANY)), [-1], "07")
    return column_case(table, "site", cells, cells)


@fault("C2", none=(), one=(-1,), some=(3, 17))
def long_ids(rng, *places):
    table = patients(rng)
    ids = put((str(900719925474099300 + at) for at in range(60)), places, "")
    return column_case(table, "patient_id", ids, ids, *(["W-ID-MISSING"] if places else []))


@fault("C2")
def long_codes_beside_numbers(rng):
    table = patients(rng)
    cells = [str(9007199254740993 + at) for at in range(60)]
    return column_case(table, "site", cells, cells)


@fault("C3", capital="{}E{:02d}", small="{}e{}", one="{}E{}")
def ids_like_powers(rng, form):
    table = patients(rng)
    ids = [form.format(10 + at, at % 9) for at in range(60)]
    return column_case(table, "patient_id", ids, ids)


@fault("C3")
def codes_like_powers(rng):
    table = patients(rng)
    cells = rng.choice(["1E5", "2E3", "12E03"], 60).tolist()
    return column_case(table, "icd10", cells, cells)


@fault("C4", formula='="{}"', apostrophe="'{}")
def excel_guards(rng, form):
    table = patients(rng)
    return column_case(
        table,
        "patient_id",
        [form.format(cell) for cell in table.column("patient_id")],
        table.column("patient_id"),
        "W-EXCEL-GUARD",
    )


@fault("C4", formula='="{}"', apostrophe="'{}")
def excel_guards_of_codes(rng, form):
    table = patients(rng)
    return column_case(
        table, "site", [form.format(cell) for cell in table.column("site")], table.column("site"), "W-EXCEL-GUARD"
    )


@fault("C4")
def excel_guards_not_quoted(rng):
    table = patients(rng)
    written = table.with_column("patient_id", [f'="{cell}"' for cell in table.column("patient_id")])
    return loads("".join(";".join(row) + "\r\n" for row in (written.names, *written.rows)), table, "W-EXCEL-GUARD")


@fault(
    "C5",
    namibia=("NA", "ZA", "BW"),
    none=("None", "chemo", "surgery"),
    all=("NA", "ZA", "None", "null", "nan"),
    na=("N/A", "yes", "no"),
)
def categories_like_missing(rng, *words):
    table = patients(rng)
    cells = [words[at % len(words)] for at in range(60)]
    return column_case(table, "site", cells, cells, "W-NA-CATEGORY")


@fault("C6", na="NA", null="null", nan="NaN", none="None", true="TRUE", inf="Inf")
def columns_named_so(rng, name):
    table = patients(rng).renamed("sodium", name)
    return loads(table.text(), table, numbers=frozenset({"age", name, "creatinine", "died30"}))


SPELLINGS = (
    "",
    "NA",
    "n/a",
    "NULL",
    "#N/A",
    ".",
    "-",
    "?",
    "UNK",
    "missing",
    "None",
    "nan",
    "N.A.",
    "unknown",
    "--",
    "NaN",
    "ND",
    "not done",
    "n.d.",
    "k.A.",
    "#NV",
    "(null)",
    "\\N",
    "<NA>",
    "not available",
    "NK",
    "N/K",
    "unk",
    "#N/D",
    "[NULL]",
    "NaT",
    "unbekannt",
)


@fault("C7", **{f"word_{at}": word for at, word in enumerate(SPELLINGS) if word})
def spellings_of_missing(rng, word):
    table = patients(rng)
    places = some(rng, 60, 7)
    cells = table.column("creatinine")
    return column_case(table, "creatinine", put(cells, places, word), put(cells, places, ""), "W-NA-SPELLING")


@fault("C7", **STYLES)
def all_spellings_of_missing(rng, style):
    table = patients(rng)
    words = SPELLINGS[:12]
    cells = table.column("creatinine")
    written = [words[at // 5] if at % 5 == 0 else cell for at, cell in enumerate(cells)]
    read = ["" if at % 5 == 0 else cell for at, cell in enumerate(cells)]
    return column_case(table, "creatinine", written, read, "W-NA-SPELLING", style=style)


@fault(
    "C8",
    high=("sodium", "999"),
    low=("age", "-9"),
    points=("creatinine", "9999"),
    decimals=("creatinine", "999.9"),
    minus=("creatinine", "-99"),
)
def sentinels(rng, column, value):
    table = patients(rng)
    cells = put(table.column(column), some(rng, 60, 7), value)
    codes = () if value == "999.9" else ("W-SENTINEL",)
    return column_case(table, column, cells, cells, *codes)


@fault("C8", sodium=("sodium", "999"), age=("age", "-9"))
def sentinels_settled(rng, column, value):
    table = patients(rng)
    places = some(rng, 60, 7)
    cells = table.column(column)
    return column_case(
        table, column, put(cells, places, value), put(cells, places, ""), options=("--missing", f"{column}={value}")
    )


CENSORED = {
    "below": "<4.0",
    "above": ">500",
    "blank": "< 4.0",
    "at_most": "<=4.0",
    "sign": "≤4",
    "at_least": "≥500",
    "comma": "<4,0",
    "unit": "<4.0 umol/L",
}


@fault("C9", **CENSORED)
def censored(rng, cell):
    table = patients(rng)
    cells = put(table.column("creatinine"), some(rng, 60, 6), cell)
    codes = ("E-CENSORED", "E-NUMBER", "E-DECIMAL-AMBIGUOUS", "E-UNITS-MIXED")
    return refuses(table.with_column("creatinine", cells).text(Style(";")), *codes)


@fault("C9", words="less than 4", lod="<LOD", plus="500+", not_detected="not detected")
def censored_in_words(rng, cell):
    table = patients(rng)
    cells = put(table.column("creatinine"), some(rng, 60, 6), cell)
    return column_case(table, "creatinine", cells, cells, "W-TEXT-COLUMN")


@fault("C9", **ENDS)
def censored_once(rng, place):
    table = patients(rng)
    return refuses(table.with_cell("creatinine", place, "<4.0").text(), "E-CENSORED")


@fault("C9")
def censored_in_the_last_of_many_rows(rng):
    return refuses(patients(rng, N_MANY).with_cell("creatinine", -1, "<4.0").text(), "E-CENSORED")


@fault("C9", limit=("limit", "4"), half=("half", "2"), missing=("missing", ""))
def censored_settled(rng, how, read):
    table = patients(rng)
    places = some(rng, 60, 6)
    cells = table.column("creatinine")
    return column_case(
        table,
        "creatinine",
        put(cells, places, "<4.0"),
        put(cells, places, read),
        options=("--censored", f"creatinine={how}"),
    )


@fault("C10", semicolon=Style(";"), tab=Style("\t"), quoted=Style(",", quoted=True), pipe=Style("|", "\r\n"))
def decimal_commas(rng, style):
    table = patients(rng)
    cells = table.column("creatinine")
    return column_case(table, "creatinine", [cell.replace(".", ",") for cell in cells], cells, "W-DECIMAL", style=style)


@fault("C10")
def decimal_commas_in_quotes_of_a_comma_file(rng):
    table = patients(rng)
    cells = [f"{a}.{b:02d}" for a, b in rng.integers(10, 99, (60, 2))]
    return column_case(table, "creatinine", [cell.replace(".", ",") for cell in cells], cells, "W-DECIMAL")


@fault("C10")
def decimal_comma_in_one_of_whole_numbers(rng):
    table = patients(rng)
    cells = put(table.column("sodium"), [33], "140.5")
    return column_case(table, "sodium", put(cells, [33], "140,5"), cells, "W-DECIMAL", style=Style(";"))


@fault(
    "C11",
    points=("{}.{:03d},{}", ";"),
    blanks=("{} {:03d},{}", ";"),
    hard="{}\u00a0{:03d},{}",
    thin="{}\u202f{:03d},{}",
    swiss="{}'{:03d}.{}",
)
def thousands_and_decimals(rng, form, delimiter=";"):
    table = patients(rng)
    parts = [
        (int(a), int(b), int(c))
        for a, b, c in zip(rng.integers(1, 9, 60), rng.integers(0, 999, 60), rng.integers(1, 9, 60), strict=True)
    ]
    read = [f"{a}{b:03d}.{c}" for a, b, c in parts]
    return column_case(table, "creatinine", [form.format(*each) for each in parts], read, style=Style(delimiter))


@fault("C12", half=2, few=10)
def both_decimal_marks(rng, every):
    table = patients(rng)
    cells = table.column("creatinine")
    written = [cell.replace(".", ",") if at % every == 0 else cell for at, cell in enumerate(cells)]
    return column_case(table, "creatinine", written, cells, "W-DECIMAL-MIXED", style=Style(";"))


@fault("C12")
def both_decimal_marks_in_the_last_of_many_rows(rng):
    table = patients(rng, N_MANY)
    cells = put(table.column("creatinine"), [-1], "77.5")
    return column_case(table, "creatinine", put(cells, [-1], "77,5"), cells, "W-DECIMAL-MIXED", style=Style(";"))


@fault("C12")
def both_decimal_marks_with_three_digits(rng):
    table = patients(rng)
    cells = put(table.column("creatinine"), [5, 8], "77,5")
    cells[9] = "1,234"
    return refuses(table.with_column("creatinine", cells).text(Style(";")), "E-DECIMAL-AMBIGUOUS")


def whole_and_three(rng, mark):
    return [f"{a}{mark}{b}" for a, b in zip(rng.integers(1, 9, 60), rng.integers(100, 999, 60), strict=True)]


@fault("C13", point=(".", Style(";")), comma=(",", Style(";")), tab=(".", Style("\t")), comma_tab=(",", Style("\t")))
def three_digits_after_the_mark(rng, mark, style):
    table = patients(rng)
    cells = whole_and_three(rng, mark)
    return refuses(Table(table.names, table.rows).with_column("creatinine", cells).text(style), "E-DECIMAL-AMBIGUOUS")


@fault("C13", comma="comma", point="point")
def three_digits_after_the_mark_settled(rng, decimal):
    table = patients(rng)
    cells = whole_and_three(rng, ".")
    read = [cell.replace(".", "") for cell in cells] if decimal == "comma" else cells
    return column_case(table, "creatinine", cells, read, style=Style(";"), options=("--decimal", decimal))


@fault("C13")
def three_decimals_where_others_show_the_point(rng):
    table = patients(rng)
    cells = put(whole_and_three(rng, "."), [9], "12.5")
    return column_case(table, "creatinine", cells, cells, style=Style(";"))


@fault("C14", alone=(), decimals=("sodium",))
def thousands_with_commas(rng, *others):
    table = patients(rng)
    for name in others:
        table = table.with_column(name, [f"{cell}.5" for cell in table.column(name)])
    cells = [f"{a},{b:03d}" for a, b in zip(rng.integers(1, 9, 60), rng.integers(0, 999, 60), strict=True)]
    return column_case(table, "creatinine", cells, [cell.replace(",", "") for cell in cells], "W-THOUSANDS")


@fault("C14", odd="9,0,0", two="1,23,456", end="1,000,", start=",500,")
def marks_in_odd_places(rng, cell):
    table = patients(rng)
    cells = put(table.column("creatinine"), some(rng, 60, 8), cell)
    return refuses(table.with_column("creatinine", cells).text(), "E-NUMBER", "E-DECIMAL-AMBIGUOUS")


@fault("C14")
def thousands_in_some_rows(rng):
    table = patients(rng)
    cells = put(table.column("creatinine"), some(rng, 60, 9), "1,234.5")
    return column_case(table, "creatinine", cells, [cell.replace(",", "") for cell in cells], "W-THOUSANDS")


@fault(
    "C15",
    lab=("creatinine", "{} umol/L", "W-UNIT-TEXT"),
    close=("creatinine", "{}umol/L", "W-UNIT-TEXT"),
    percent=("sodium", "{}%", "W-UNIT-TEXT"),
    blank=("sodium", "{} %", "W-UNIT-TEXT"),
    years=("age", "{} years", "W-UNIT-TEXT"),
    mg=("creatinine", "{} mg/dL", "W-UNIT-TEXT"),
)
def units_in_cells(rng, column, form, code):
    table = patients(rng)
    cells = table.column(column)
    return column_case(table, column, [form.format(cell) for cell in cells], cells, code)


@fault("C15")
def a_unit_in_some_cells(rng):
    table = patients(rng)
    cells = table.column("creatinine")
    written = [f"{cell} umol/L" if at % 3 == 0 else cell for at, cell in enumerate(cells)]
    return column_case(table, "creatinine", written, cells, "W-UNIT-TEXT")


@fault("C15", high="{} H", low="{} L", hours="{} h")
def flags_of_a_laboratory(rng, form):
    table = patients(rng)
    cells = [form.format(cell) if at % 8 == 0 else cell for at, cell in enumerate(table.column("sodium"))]
    return refuses(table.with_column("sodium", cells).text(), "E-UNITS-MIXED")


@fault("C15", labs=("{} umol/L", "{} mg/dL"), scale=("{} mg/L", "{} g/L"))
def two_units(rng, one, other):
    table = patients(rng)
    cells = [(other if at % 4 == 0 else one).format(cell) for at, cell in enumerate(table.column("creatinine"))]
    return refuses(table.with_column("creatinine", cells).text(), "E-UNITS-MIXED")


DIGITS = {"full_width": 0xFF10, "arabic": 0x0660, "persian": 0x06F0, "devanagari": 0x0966}


@fault("C16", **DIGITS)
def other_digits(rng, zero):
    table = patients(rng)
    cells = table.column("sodium")
    written = [
        cell.translate({48 + digit: zero + digit for digit in range(10)}) if at % 4 == 0 else cell
        for at, cell in enumerate(cells)
    ]
    return column_case(table, "sodium", written, cells, "W-UNICODE-DIGIT")


@fault("C16", minus="−", dash="–", small="﹣", wide="－")
def other_minus(rng, sign):
    table = patients(rng)
    cells = [str(number) for number in rng.integers(-40, 40, 60)]
    return column_case(table, "sodium", [cell.replace("-", sign) for cell in cells], cells, "W-UNICODE-DIGIT")


@fault("C16", superscript="14²", circled="①40", roman="Ⅳ", half="1½")
def signs_that_are_no_digits(rng, cell):
    table = patients(rng)
    cells = put(table.column("sodium"), some(rng, 60, 3), cell)
    return column_case(table, "sodium", cells, cells, "W-TEXT-COLUMN")


@fault(
    "C17",
    hexadecimal="0x{0}{1}",
    dollar="${0}{1}",
    star="{0}{1}*",
    ratio="{0}/{1}",
    blank="{0} {1}",
    dots="1.{0}.{1}",
    letter="{0}{1}y",
)
def numbers_with_other_signs(rng, form):
    table = patients(rng)
    cells = table.column("age")
    written = [form.format(*cell) if at % 8 == 0 else cell for at, cell in enumerate(cells)]
    return column_case(table, "age", written, written, "W-TEXT-COLUMN")


@fault("C17", inside="{0}_{1}", accounting="({0}{1})", trailing="{0}{1}-", plus="+{0}{1}", double="--{0}{1}")
def strange_numbers(rng, form):
    table = patients(rng)
    cells = table.column("age")
    written = [form.format(*cell) if at % 8 == 0 else cell for at, cell in enumerate(cells)]
    text = table.with_column("age", written).text()
    return loads(text, table) if form.startswith("+") else refuses(text, "E-NUMBER", "E-UNITS-MIXED")


@fault("C17", **ENDS)
def one_underscore(rng, place):
    return refuses(patients(rng).with_cell("age", place, "5_4").text(), "E-NUMBER")


@fault("C17")
def an_underscore_in_the_last_of_many_rows(rng):
    return refuses(patients(rng, N_MANY).with_cell("age", -1, "5_4").text(), "E-NUMBER")


@fault("C18", huge="1e400", inf="inf", infinity="-Infinity", capital="INF", plus="+inf")
def not_finite(rng, cell):
    return refuses(patients(rng).with_cell("creatinine", 6, cell).text(), "E-NOT-FINITE", "E-NUMBER")


@fault("C18")
def not_finite_in_the_last_of_many_rows(rng):
    return refuses(patients(rng, N_MANY).with_cell("creatinine", -1, "inf").text(), "E-NOT-FINITE")


@fault("C18", exponent="1.5e2", small="1.5E-3", large="2.5e+300")
def far_but_finite(rng, cell):
    table = patients(rng).with_cell("creatinine", 6, cell)
    return loads(table.text(), table)


@fault("C19", word="haemolysed", sentence="sample lost, see note", see="see comment", clotted="CLOTTED")
def a_stray_word_among_many_numbers(rng, word):
    table = patients(rng, N_MANY)
    return loads(table.with_cell("creatinine", -1, word).text(), table.with_cell("creatinine", -1, ""), "W-NA-SPELLING")


@fault("C19", first=0, last=-1)
def a_stray_word_at_an_end(rng, place):
    table = patients(rng, 400)
    return loads(
        table.with_cell("creatinine", place, "haemolysed").text(),
        table.with_cell("creatinine", place, ""),
        "W-NA-SPELLING",
    )


@fault("C19", few=3, many=20)
def stray_words_in_more_than_a_hundredth(rng, count):
    table = patients(rng)
    cells = put(table.column("creatinine"), some(rng, 60, count), "haemolysed")
    return column_case(table, "creatinine", cells, cells, "W-TEXT-COLUMN")


@fault(
    "C20", france=("Orle\u0301ans", "Orléans"), germany=("Zu\u0308rich", "Zürich"), norway=("A\u030alesund", "Ålesund")
)
def two_forms_of_a_letter(rng, apart, composed):
    table = patients(rng)
    cells = [apart if at % 2 else composed for at in range(60)]
    return column_case(table, "site", cells, [composed] * 60, "W-NFC")


@fault("C21", sex=("sex", ("male", "Male", "M", "m", "female")), blank=("smoker", ("yes", "Yes", "YES", "no")))
def spellings_of_a_category(rng, column, words):
    table = patients(rng)
    cells = [words[at % len(words)] for at in range(60)]
    return column_case(table, column, cells, cells, "W-CATEGORY-VARIANTS")


@fault(
    "C22",
    grade=("1-2", "2-3", "3-4"),
    time=("10:30", "24:00", "00:15"),
    range=("10-19", "20-29", "30-39"),
    fraction=("1/2", "3/4", "1/4"),
    version=("1.2.3", "1.2.4", "2.0.1"),
    may=("MAY", "JUN", "1MAR"),
    blood=("120/80", "130/85", "110/70"),
    stage=("T1N0M0", "T2N1M0", "T3N0M1"),
    gene=("SEPT2", "MARCH1", "DEC1"),
    phone=("1-2-3", "2-3-4", "3-4-5"),
    month=("2023-05", "2023-06", "2023-07"),
    seconds=("00:15:30", "23:59:59", "12:00:01"),
    plus=("1+", "2+", "3+"),
    roman=("I", "II", "III"),
    at_most=("<=20", "21-40", ">40"),
    true=("T", "F", "T"),
    hex=("0x1A", "0x2B", "0x3C"),
    power=("1e", "2e", "3e"),
    percent_words=("<10%", "10-50%", ">50%"),
)
def categories_like_something_else(rng, *words):
    table = patients(rng)
    cells = rng.choice(words, 60).tolist()
    return column_case(table, "icd10", cells, cells)


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://x/","y")',
    "+cmd|calc",
    "@SUM(1)",
    "-2+3",
    "</title><svg onload=alert(1)>",
    "${7*7}{{7*7}}",
)


@fault("C23", **STYLES)
def markup(rng, style):
    table = patients(rng)
    cells = [HOSTILE[at % len(HOSTILE)] for at in range(60)]
    return column_case(table, "icd10", cells, cells, "W-MARKUP", style=style)


@fault("C23", html="<b>smoker</b>", formula="=cmd(1)", template="{{ smoker }}")
def markup_in_a_name(rng, name):
    table = patients(rng).renamed("smoker", name)
    return loads(table.text(), table, "W-MARKUP")


@fault(
    "C24",
    constant=("site", "01", "W-CONSTANT"),
    number=("sodium", "140", "W-CONSTANT"),
    empty=("sodium", "", "W-EMPTY"),
)
def idle_columns(rng, column, cell, code):
    table = patients(rng)
    return column_case(table, column, [cell] * 60, [cell] * 60, code)


@fault("C24")
def nearly_empty_column(rng):
    table = patients(rng, 400)
    cells = put([""] * 400, [77], "140")
    return column_case(table, "sodium", cells, cells, "W-EMPTY")


@fault("C25")
def free_text(rng):
    table = patients(rng)
    words = ("walked", "slept", "ate well", "was seen by the team", "asked for tea", "rested in the chair")
    cells = [f"On round {at} the patient {words[at % 6]} and then {words[(at + 2) % 6]} until noon" for at in range(60)]
    return column_case(table, "smoker", cells, cells, "W-FREETEXT")


# D. Dates

FORMS = {"slashes": "%d/%m/%Y", "points": "%d.%m.%Y", "dashes": "%d-%m-%Y"}


def days(rng, rows=60):
    return [date(2023, 1, 1) + timedelta(days=int(day)) for day in rng.integers(0, 364, rows)]


def iso(dates):
    return [day.isoformat() for day in dates]


def all_low(rng, rows=60):
    return [
        date(2023, int(month), int(day))
        for month, day in zip(rng.integers(1, 13, rows), rng.integers(1, 13, rows), strict=True)
    ]


@fault("D1", **FORMS, american="%m/%d/%Y", clock="%d/%m/%Y 08:30", short="%d/%m/%y")
def ambiguous_dates(rng, form):
    table = patients(rng)
    cells = [f"{day:{form}}" for day in all_low(rng)]
    return refuses(table.with_column("admit_date", cells).text(), "E-DATE-AMBIGUOUS")


@fault("D1", dmy=("%d/%m/%Y", "dmy"), mdy=("%m/%d/%Y", "mdy"), points=("%d.%m.%Y", "dmy"))
def ambiguous_dates_settled(rng, form, order):
    table = patients(rng)
    dates = all_low(rng)
    return column_case(
        table, "admit_date", [f"{day:{form}}" for day in dates], iso(dates), options=("--date-order", order)
    )


@fault("D1")
def ambiguous_dates_of_many(rng):
    table = patients(rng, N_MANY)
    cells = [f"{day:%d/%m/%Y}" for day in all_low(rng, N_MANY)]
    return refuses(table.with_column("admit_date", cells).text(), "E-DATE-AMBIGUOUS")


@fault("D1", one="dmy", other="mdy")
def dates_settled_against_what_they_show(rng, order):
    table = patients(rng)
    dates = [date(2023, 5, 23), *days(rng, 59)]
    cells = [f"{day:%d/%m/%Y}" for day in dates]
    text = table.with_column("admit_date", cells).text()
    option = ("--date-order", order)
    if order == "dmy":
        return loads(text, table.with_column("admit_date", iso(dates)), options=option)
    return replace(refuses(text, "E-DATE", "E-DATE-AMBIGUOUS"), options=option)


@fault("D2", **{f"{form}_{place}": (FORMS[form], at) for form in FORMS for place, at in ENDS.items()})
def dates_that_one_row_reveals(rng, form, place):
    table = patients(rng)
    dates = all_low(rng)
    dates[place] = date(2023, 4, 13)
    return column_case(table, "admit_date", [f"{day:{form}}" for day in dates], iso(dates))


@fault("D2", last=-1)
def dates_that_one_of_many_rows_reveals(rng, place):
    table = patients(rng, N_MANY)
    dates = all_low(rng, N_MANY)
    dates[place] = date(2023, 4, 13)
    return column_case(table, "admit_date", [f"{day:%m/%d/%Y}" for day in dates], iso(dates))


@fault(
    "D2",
    named="%d %b %Y",
    sas="%d%b%Y",
    long="%d %B %Y",
    american="%B %d, %Y",
    compact="%Y%m%d",
    slashes="%Y/%m/%d",
    points="%Y.%m.%d",
    midnight="%Y-%m-%d 00:00:00",
    iso_time="%Y-%m-%dT00:00:00",
    dash_named="%d-%b-%Y",
    capitals="%d-%b-%y",
)
def dates_in_other_forms(rng, form):
    table = patients(rng)
    dates = days(rng)
    cells = [f"{day:{form}}" for day in dates]
    cells = [cell.upper() for cell in cells] if form == "%d-%b-%y" else cells
    return column_case(table, "admit_date", cells, iso(dates))


@fault("D2")
def dates_with_times(rng):
    table = patients(rng)
    dates = days(rng)
    cells = [f"{day:%d/%m/%Y} {at % 24:02d}:{at:02d}" for at, day in enumerate([date(2023, 5, 23), *dates[1:]])]
    read = [f"{day:%Y-%m-%d}T{at % 24:02d}:{at:02d}" for at, day in enumerate([date(2023, 5, 23), *dates[1:]])]
    return column_case(table, "admit_date", cells, read)


@fault("D2", german=("15. Mai 2023", "3. Dezember 2023"), french=("15 mai 2023", "3 février 2023"))
def dates_with_months_of_another_language(rng, *words):
    table = patients(rng)
    months = {"Mai": "05", "mai": "05", "Dezember": "12", "février": "02"}
    days_ = [f"2023-{months[word.split()[1]]}-{int(word.split()[0].strip('.')):02d}" for word in words]
    return column_case(table, "admit_date", [words[at % 2] for at in range(60)], [days_[at % 2] for at in range(60)])


@fault("D3", slashes="%d/%m/%Y", points="%d.%m.%Y", named="%d %b %Y")
def two_forms_of_dates(rng, form):
    table = patients(rng)
    dates = [date(2023, 5, 23), *days(rng, 59)]
    cells = [f"{day:{form}}" if at % 2 == 0 else day.isoformat() for at, day in enumerate(dates)]
    return column_case(table, "admit_date", cells, iso(dates), "W-DATE-MIXED")


@fault("D3")
def two_forms_of_which_one_is_ambiguous(rng):
    table = patients(rng)
    cells = [f"{day:%d/%m/%Y}" if at % 2 == 0 else day.isoformat() for at, day in enumerate(all_low(rng))]
    return refuses(table.with_column("admit_date", cells).text(), "E-DATE-AMBIGUOUS")


@fault("D3")
def day_first_here_and_month_first_there(rng):
    table = patients(rng)
    cells = [
        f"{day:%d/%m/%Y}" if at % 2 else f"{day:%m/%d/%Y}"
        for at, day in enumerate([date(2023, 5, 23 + at % 6) for at in range(60)])
    ]
    return refuses(table.with_column("admit_date", cells).text(), "E-DATE-AMBIGUOUS", "E-DATE")


@fault("D3")
def another_form_in_the_last_of_many_rows(rng):
    table = patients(rng, N_MANY)
    cells = put(table.column("admit_date"), [-1], "2023-05-23")
    return column_case(table, "admit_date", put(cells, [-1], "23/05/2023"), cells, "W-DATE-MIXED")


@fault("D4", points="%d.%m.%y", slashes="%d/%m/%y", dashes="%d-%m-%y")
def short_years(rng, form):
    table = patients(rng)
    dates = [date(2023, 5, 27), date(2023, 6, 28), *days(rng, 58)]
    return column_case(table, "admit_date", [f"{day:{form}}" for day in dates], iso(dates), "W-DATE-2DIGIT")


@fault("D5", y1900=("1900", date(1899, 12, 30)), y1904=("1904", date(1904, 1, 1)))
def day_numbers(rng, system, zero):
    table = patients(rng)
    dates = days(rng)
    cells = [str((day - zero).days) for day in dates]
    return column_case(table, "admit_date", cells, iso(dates), options=("--excel-dates", system))


@fault("D5", all=1, half=2)
def day_numbers_asked(rng, every):
    table = patients(rng)
    cells = [
        str((day - date(1899, 12, 30)).days) if at % every == 0 else day.isoformat() for at, day in enumerate(days(rng))
    ]
    return refuses(table.with_column("admit_date", cells).text(), "E-EXCEL-DATE")


@fault(
    "D6",
    zeros=("0000-00-00", ""),
    first=("1900-01-01", "1900-01-01"),
    last=("9999-12-31", "9999-12-31"),
    slashes=("00/00/0000", ""),
    clock=("0000-00-00 00:00:00", ""),
    year_one=("0001-01-01", "0001-01-01"),
    late=("2999-12-31", "2999-12-31"),
)
def stand_ins_for_no_date(rng, written, read):
    table = patients(rng)
    places = some(rng, 60, 6)
    cells = table.column("admit_date")
    return column_case(table, "admit_date", put(cells, places, written), put(cells, places, read), "W-DATE-PLACEHOLDER")


@fault(
    "D7",
    february="2023-02-30",
    leap="2023-02-29",
    april="2023-04-31",
    month="2023-13-01",
    zero="2023-00-10",
    day="2023-05-00",
)
def days_that_do_not_exist(rng, cell):
    return refuses(patients(rng).with_cell("admit_date", 9, cell).text(), "E-DATE")


@fault("D7")
def a_day_that_does_not_exist_in_the_last_of_many_rows(rng):
    return refuses(patients(rng, N_MANY).with_cell("admit_date", -1, "2023-02-30").text(), "E-DATE")


@fault("D7", word="soon", part="2023-05", question="2023-05-??")
def what_is_no_date_among_dates(rng, cell):
    table = patients(rng)
    text = table.with_cell("admit_date", 9, cell).text()
    return loads(text, table.with_cell("admit_date", 9, cell), "W-TEXT-COLUMN")


@fault("D7")
def a_leap_day(rng):
    table = patients(rng).with_cell("admit_date", 9, "2024-02-29")
    return loads(table.text(), table)


@fault("D8", hours=("+02:00", "T21:30:00Z"), minus=("-05:30", "T05:00:00Z"))
def zones(rng, zone, clock):
    table = patients(rng)
    cells = [f"{day}T23:30:00{'Z' if at % 2 else zone}" for at, day in enumerate(days(rng))]
    dates = [date.fromisoformat(cell[:10]) for cell in cells]
    late = timedelta(days=1) if zone.startswith("-") else timedelta()
    read = [f"{day}T23:30:00Z" if at % 2 else f"{day + late}{clock}" for at, day in enumerate(dates)]
    return column_case(table, "admit_date", cells, read, "W-TZ")


@fault("D8")
def zones_in_some_rows(rng):
    table = patients(rng)
    cells = [f"{day}T23:30:00{'Z' if at % 2 else ''}" for at, day in enumerate(days(rng))]
    return refuses(table.with_column("admit_date", cells).text(), "E-DATE-AMBIGUOUS")


def with_discharge(rng, wrong, rows=400):
    table = patients(rng, rows)
    out = [(date.fromisoformat(cell) + timedelta(days=5)).isoformat() for cell in table.column("admit_date")]
    for at in range(wrong):
        out[at * 7] = "2020-01-01"
    return table.with_column("discharge_date", out)


@fault("D9", two=2)
def discharge_before_admission(rng, wrong):
    table = with_discharge(rng, wrong)
    return loads(table.text(), table, "W-DATE-ORDER")


@fault("D9", many=30)
def discharge_before_admission_in_many_rows(rng, wrong):
    return refuses(with_discharge(rng, wrong).text(), "E-DATE-ORDER")


@fault("D9")
def dates_of_the_future(rng):
    table = patients(rng, 400).with_cell("admit_date", 11, "2093-05-07")
    return loads(table.text(), table, "W-DATE-ORDER")
