"""Exports of the clinic with a fault in the outcome, in who is told, or in what leaks: catalogue E, F, G and J."""

from dataclasses import replace

from messy_clinic import N_MANY, STYLES, fault, loads, patients, refuses, some
from messy_identifiers import MARKED

TEXT_OUTCOME = frozenset({"age", "sodium", "creatinine"})


def with_outcome(rng, event, other, rows=60):
    table = patients(rng, rows)
    return table.with_column("died30", [event if cell == "1" else other for cell in table.column("died30")])


# E. Identity and privacy

NAMED = {
    "name": ("patient_name", ("Ann Example", "Bo Sample", "Cy Placeholder")),
    "health_number": ("nhs_number", ("943 476 5919", "943 476 5870", "401 023 2137")),
    "born": ("dob", ("1940-01-01", "1951-11-23", "1962-07-30")),
    "phone": ("phone", ("+44 7700 900000", "+44 7700 900001", "+44 7700 900002")),
    "mail": ("contact", ("ann@example.org", "bo@example.org", "cy@example.org")),
    "address": ("address", ("12 High Street", "7 Mill Lane", "3 Church Road")),
    "network": ("ip_address", ("192.0.2.17", "192.0.2.18", "198.51.100.4")),
    "page": ("link", ("https://example.org/p/1", "https://example.org/p/2", "https://example.org/p/3")),
}


def told(rng, kind):
    name, values = NAMED[kind]
    table = patients(rng)
    cells = [f"{values[at % 3]}" for at in range(60)]
    return table, table.with_column(name, cells), name


@fault("E1", **{kind: kind for kind in NAMED})
def identifiers(rng, kind):
    return refuses(told(rng, kind)[1].text(), "P-IDENTIFIER")


@fault("E1", **STYLES)
def a_name_in_a_style(rng, style):
    return refuses(told(rng, "name")[1].text(style), "P-IDENTIFIER")


@fault("E1", **{kind: kind for kind in NAMED})
def identifiers_dropped(rng, kind):
    table, whole, name = told(rng, kind)
    return loads(whole.text(), table, "W-DROPPED", options=("--drop", name))


@fault("E1", name="name", mail="mail")
def identifiers_allowed(rng, kind):
    _, whole, name = told(rng, kind)
    options = ("--allow-identifier", name, "--because", "made up")
    return loads(whole.text(), whole, "W-IDENTIFIER-ALLOWED", options=options)


@fault("E2")
def great_ages(rng):
    table = patients(rng).with_cell("age", 7, "93")
    return loads(table.text(), table, "W-AGE-90")


POSTCODES = ("SW1A 1AA", "M1 1AE", "EC1A 1BB", "B33 8TH")


@fault("E3", british=("postcode", POSTCODES), american=("zip", ("02139", "10027", "94110", "60614")))
def places(rng, name, codes):
    table = patients(rng)
    return refuses(table.with_column(name, [codes[at % 4] for at in range(60)]).text(), "P-GEO")


@fault("E3")
def places_made_coarse(rng):
    table = patients(rng)
    cells = [("02139", "10027", "94110", "60614")[at % 4] for at in range(60)]
    coarse = table.with_column("zip", [cell[:3] for cell in cells])
    return loads(table.with_column("zip", cells).text(), coarse, "W-COARSENED", options=("--coarsen", "zip=zip3"))


@fault(
    "E4",
    notes=("notes", "email_in_notes"),
    code=("code", "nhs_number"),
    item=("item", "payment_card"),
    x=("x", "ip_four"),
)
def identifiers_where_none_is_expected(rng, name, kind):
    table = patients(rng)
    return refuses(table.with_column(name, [MARKED[kind].draw(rng) for _ in range(60)]).text(), "P-IDENTIFIER")


@fault("E5")
def small_groups(rng):
    table = patients(rng)
    return loads(table.text(), table, "W-K-ANON")


# F. Outcome


@fault("F1", one_two=("2", "1"), two_one=("1", "2"), three=("3", "1"), decimals=("2.0", "1.0"), minus=("-1", "1"))
def outcome_of_other_numbers(rng, event, other):
    return refuses(with_outcome(rng, event, other).text(), "E-OUTCOME-CODING")


@fault("F1", two="2", one="1")
def outcome_of_other_numbers_settled(rng, event):
    table = with_outcome(rng, "2", "1")
    return loads(table.text(), table, options=("--event", event))


PAIRS = {
    "yes": ("yes", "no"),
    "capital": ("Yes", "No"),
    "letters": ("Y", "N"),
    "true": ("TRUE", "FALSE"),
    "small_true": ("true", "false"),
    "dead": ("Dead", "Alive"),
    "died": ("Died", "Survived"),
    "deceased": ("deceased", "alive"),
    "capitals": ("DEAD", "ALIVE"),
}


@fault("F2", **PAIRS)
def outcome_in_words(rng, event, other):
    table = with_outcome(rng, event, other)
    return loads(table.text(), table, "W-OUTCOME-MAP", numbers=TEXT_OUTCOME)


@fault("F2", **STYLES)
def outcome_in_words_in_a_style(rng, style):
    table = with_outcome(rng, "Yes", "No")
    return loads(table.text(style), table, "W-OUTCOME-MAP", numbers=TEXT_OUTCOME)


@fault("F2", strange=("alpha", "beta"), groups=("Group A", "Group B"))
def outcome_in_words_that_nobody_knows(rng, event, other):
    return refuses(with_outcome(rng, event, other).text(), "E-OUTCOME-CODING", "E-OUTCOME-VALUES")


@fault("F3")
def survivors_are_no_event(rng):
    table = with_outcome(rng, "Died", "Survived")
    return loads(table.text(), table, "W-OUTCOME-MAP", numbers=TEXT_OUTCOME)


@fault("F4", dead=("dead", "Dead", "DEAD", "alive"), blank=("Dead ", "Dead", "dead", "Alive"))
def spellings_of_the_outcome(rng, one, two, three, other):
    table = patients(rng)
    words = [(one, two, three)[at % 3] if cell == "1" else other for at, cell in enumerate(table.column("died30"))]
    read = table.with_column("died30", [word.strip() for word in words])
    return loads(table.with_column("died30", words).text(), read, "W-OUTCOME-MAP", numbers=TEXT_OUTCOME)


@fault("F5", word="unknown", half="0.5", two="2", nine="9", question="maybe", lost="lost to follow-up")
def a_third_outcome(rng, cell):
    table = patients(rng)
    for place in some(rng, 60, 3):
        table = table.with_cell("died30", place, cell)
    return refuses(table.text(), "E-OUTCOME-VALUES", "E-OUTCOME-CODING")


@fault("F5")
def a_third_outcome_in_the_last_of_many_rows(rng):
    return refuses(patients(rng, N_MANY).with_cell("died30", -1, "2").text(), "E-OUTCOME-VALUES", "E-OUTCOME-CODING")


@fault("F6", few=(2, ()), many=(9, ("W-OUTCOME-MISSING",)))
def missing_outcomes(rng, count, codes):
    table = patients(rng)
    for place in some(rng, 60, count):
        table = table.with_cell("died30", place, "")
    return loads(table.text(), table, *codes)


@fault("F7", none="0", all="1")
def a_single_outcome(rng, cell):
    table = patients(rng)
    table = table.with_column("died30", [cell] * 60)
    return loads(table.text(), table, "S-ONE-CLASS")


@fault("F8")
def more_events_than_not(rng):
    table = patients(rng)
    table = table.with_column("died30", ["0" if cell == "1" else "1" for cell in table.column("died30")])
    return loads(table.text(), table, "W-EVENT-FLIPPED")


# G. What leaks


@fault("G9")
def patients_that_repeat(rng):
    table = patients(rng, 400)
    ids = [f"{12 + 37 * (row // 4):06d}" for row in range(400)]
    table = table.with_column("patient_id", ids)
    return loads(table.text(), table)


@fault("G9")
def patients_that_repeat_undeclared(rng):
    table = patients(rng, 400)
    table = table.with_column("patient_id", [f"{12 + 37 * (row // 4):06d}" for row in range(400)])
    return replace(loads(table.text(), table, "S-GROUP"), declared=False)


@fault("G10", status="discharge_status", innocent="item_7")
def a_column_that_gives_the_outcome_away(rng, name):
    table = patients(rng, 400)
    told_by = ["mortuary" if cell == "1" else "home" for cell in table.column("died30")]
    table = table.with_column(name, told_by)
    return loads(table.text(), table, "S-LEAK")


@fault("G10")
def missingness_that_gives_the_outcome_away(rng):
    table = patients(rng, 400)
    cells = [
        "" if died == "1" else cell for died, cell in zip(table.column("died30"), table.column("sodium"), strict=True)
    ]
    table = table.with_column("sodium", cells)
    return loads(table.text(), table, "S-LEAK")


@fault("G11")
def a_column_dated_after_the_index(rng):
    table = patients(rng, 400)
    later = [f"2024{cell[4:]}" for cell in table.column("admit_date")]
    table = table.with_column("sodium_date", later)
    return loads(table.text(), table, "S-FUTURE", options=("--index-date", "admit_date"))


@fault("G12")
def rows_in_the_order_of_the_outcome(rng):
    table = patients(rng, 400)
    died = ["1"] * 80 + ["0"] * 320
    table = table.with_column("died30", died)
    return loads(table.text(), table, "W-ORDER-LEAK")


# J. Names of files


@fault(
    "J8",
    blank="my export.csv",
    quotes='it\'s "mine".csv',
    accents="ürsprung é.csv",
    sign="export 🏥.csv",
    long="x" * 251 + ".csv",
    capitals="EXPORT.CSV",
    text="export.txt",
    tabs="export.tsv",
    line="ex\nport.csv",
    dots="a.b.c.csv",
    percent="100%.csv",
    dollar="$HOME.csv",
    brackets="[a-z]*.csv",
)
def names_of_files(rng, name):
    table = patients(rng)
    return loads(table.text(), table, file_name=name)
