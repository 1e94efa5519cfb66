"""Several files read as one export: every row of every file once, or a word about what does not fit."""

import hashlib
from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from clinpred.errors import InputRefused
from clinpred.records.sources.duplicates import equal_rows
from clinpred.records.sources.several import duplicate_rows, one_after_the_other
from clinpred.records.sources.stacked_rows import stacked_column
from clinpred.records.text.delimited import read_delimited
from clinpred.records.text_table import Description, SourceTable, TextTable
from clinpred.records.values.cells import Origin
from clinpred.records.values.texts import CodedTexts, LongTexts
from clinpred.records.values.typed_columns import typed_columns
from clinpred.settings.export import Reading


def file(name, text):
    content = text.encode()
    return SourceTable(read_delimited(content, name), name, hashlib.sha256(content).hexdigest())


def patients(first, last, *, header="subject,age,crp"):
    rows = (f"P{at:04d},{20 + at % 60},{at / 8:.3f}" for at in range(first, last))
    return "\n".join((header, *rows, ""))


def cells(table):
    return [list(column) for column in table.columns]


def codes(source):
    return [finding.code for finding in source.table.findings]


def test_the_rows_of_the_second_file_come_after_those_of_the_first():
    one, two = file("a.csv", patients(0, 30)), file("b.csv", patients(30, 50))
    whole = one_after_the_other([one, two])
    assert cells(whole.table) == cells(file("ab.csv", patients(0, 50)).table)
    assert whole.table.names == ("subject", "age", "crp")
    assert whole.name == "a.csv + b.csv"
    assert whole.table.findings == ()


def test_the_hash_is_that_of_the_files_hashes_in_order():
    one, two = file("a.csv", patients(0, 30)), file("b.csv", patients(30, 50))
    hashes = f"{one.sha256}\n{two.sha256}\n".encode()
    assert one_after_the_other([one, two]).sha256 == hashlib.sha256(hashes).hexdigest()
    assert one_after_the_other([two, one]).sha256 != one_after_the_other([one, two]).sha256


def test_columns_in_another_order_follow_the_first_file():
    two = file("b.csv", "crp,subject,age\n1.5,P0090,31\n2.5,P0091,32\n")
    whole = one_after_the_other([file("a.csv", patients(0, 30)), two])
    assert [column[-1] for column in whole.table.columns] == ["P0091", "32", "2.5"]


def test_columns_that_differ_are_named_by_file():
    two = file("b.csv", patients(30, 50, header="subject,years,crp"))
    with pytest.raises(InputRefused) as refused:
        one_after_the_other([file("a.csv", patients(0, 30)), two])
    assert refused.value.code == "E-COLUMNS-DIFFER"
    assert "b.csv lacks `age`" in refused.value.found
    assert "a.csv lacks `years`, which b.csv has" in refused.value.found


def test_a_column_more_of_the_same_name_is_a_difference():
    table = TextTable(("a", "a"), (("1",), ("2",)), (1,), "row")
    one = SourceTable(TextTable(("a",), (("3",),), (1,), "row"), "a.parquet", "1")
    with pytest.raises(InputRefused, match="E-COLUMNS-DIFFER"):
        one_after_the_other([one, SourceTable(table, "b.parquet", "2")])


def test_the_same_file_twice_is_refused():
    with pytest.raises(InputRefused) as refused:
        one_after_the_other([file("a.csv", patients(0, 30)), file("copy.csv", patients(0, 30))])
    assert refused.value.code == "E-SAME-FILE"
    assert "a.csv and copy.csv" in refused.value.found


def test_exports_that_overlap_are_said_with_the_number_of_rows():
    whole = one_after_the_other([file("a.csv", patients(0, 30)), file("b.csv", patients(20, 50))])
    (finding,) = [finding for finding in whole.table.findings if finding.code == "W-DUP-ROWS"]
    assert (finding.level, finding.count) == ("serious", 10)
    assert len(whole.table.places) == 60


def test_a_message_leads_to_the_line_of_the_right_file():
    one, two = file("a.csv", patients(0, 30)), file("b.csv", patients(30, 50) + "P0099,<40,1.5\n")
    whole = one_after_the_other([one, two])
    with pytest.raises(InputRefused) as refused:
        typed(whole)
    assert refused.value.code == "E-CENSORED"
    assert "on line 22 of b.csv" in refused.value.found


def test_places_are_those_of_the_files_from_either_end():
    whole = one_after_the_other([file("a.csv", patients(0, 3)), file("b.csv", patients(30, 32))])
    assert [str(place) for place in whole.table.places] == [
        *("2 of a.csv", "3 of a.csv", "4 of a.csv", "2 of b.csv", "3 of b.csv"),
    ]
    assert str(whole.table.places[-1]) == "3 of b.csv"
    assert list(whole.table.places[1:4]) == [3, 4, 2]
    with pytest.raises(IndexError):
        whole.table.places[5]


def test_findings_of_every_file_are_kept_under_its_name():
    one, two = file("a.csv", patients(0, 30)), file("b.csv", patients(30, 50).replace("\n", "\n\n", 3))
    whole = one_after_the_other([one, two])
    assert [finding.code for finding in two.table.findings] == codes(whole) == ["W-BLANK"]
    assert whole.table.findings[0].text.startswith("b.csv: ")


def with_units(name, units, *, first):
    made = file(name, patients(first, first + 20))
    table = TextTable(made.table.names, made.table.columns, made.table.places, "line", units=units)
    return SourceTable(table, name, made.sha256)


def test_units_that_differ_between_files_are_refused():
    files = [with_units("a.csv", {"crp": "mg/L"}, first=0), with_units("b.csv", {"crp": "mg/dL"}, first=30)]
    with pytest.raises(InputRefused) as refused:
        one_after_the_other(files)
    assert refused.value.code == "E-UNITS-MIXED"
    assert "`crp`" in refused.value.found


def test_two_writings_of_a_unit_are_one_unit():
    files = [with_units("a.csv", {"crp": "mg/L"}, first=0), with_units("b.csv", {"crp": "mg/l"}, first=30)]
    assert codes(one_after_the_other(files)) == []


def test_a_unit_that_one_file_does_not_give_is_said():
    files = [with_units("a.csv", {"crp": "mg/L"}, first=0), with_units("b.csv", {}, first=30)]
    whole = one_after_the_other(files)
    assert codes(whole) == ["W-UNITS-PART"]
    assert whole.table.units == {"crp": "mg/L"}


def test_decimal_commas_in_one_file_and_points_in_another_are_refused():
    comma = "subject;age;crp;lactate\n" + "".join(f"P{at:04d};30;{at},5;1,{at}23\n" for at in range(1, 10))
    point = "subject,age,crp,lactate\n" + "".join(f"Q{at:04d},30,{at}.5,1.{at}2\n" for at in range(1, 10))
    with pytest.raises(InputRefused) as refused:
        one_after_the_other([file("a.csv", comma), file("b.csv", point)])
    assert refused.value.code == "E-DECIMAL-MIXED"
    again = comma.replace("P", "R")
    assert one_after_the_other([file("a.csv", comma), file("c.csv", again)]).name == "a.csv + c.csv"


def typed(source, reading=None):
    table = source.table
    return typed_columns(
        dict(zip(table.names, table.columns, strict=True)),
        Origin(source.name, table.places, table.place_word),
        reading or Reading(),
        comma_delimited=table.dialect.delimiter == ",",
        units=table.units,
    )


@pytest.mark.parametrize("first", [0, 1])
def test_a_number_that_is_open_in_one_file_is_open_in_all(first):
    comma = file("a.csv", "subject,lab\nP0001,812\nP0002,913\nP0003,714\n")
    semicolon = file("b.csv", "subject;lab\nQ0001;1.234\nQ0002;2.345\nQ0003;3.456\n")
    files = [comma, semicolon] if first == 0 else [semicolon, comma]
    with pytest.raises(InputRefused) as refused:
        typed(one_after_the_other(files))
    assert refused.value.code == "E-DECIMAL-AMBIGUOUS"
    assert typed(one_after_the_other(files), Reading(decimal="point"))["lab"].type == "number"


def visits(name, prefix, *days):
    return file(name, "subject,seen\n" + "".join(f"{prefix}{at},{day}\n" for at, day in enumerate(days)))


def test_an_order_of_dates_that_only_another_file_shows_is_said():
    shown, left_open = (
        visits("a.csv", "P", "23/05/2022", "01/02/2022"),
        visits("b.csv", "Q", "03/04/2022", "05/06/2022"),
    )
    (finding,) = one_after_the_other([shown, left_open]).table.findings
    assert (finding.code, finding.level, finding.column) == ("W-DATE-FILES", "caution", "seen")
    assert "in b.csv is that of the other files" in finding.text


@pytest.mark.parametrize("days", [("24/05/2022", "03/04/2022"), ("2022-04-03", "2022-06-05"), ("03/03/2022", "")])
def test_an_order_of_dates_that_every_file_shows_or_none_needs_is_not(days):
    shown = visits("a.csv", "P", "23/05/2022", "01/02/2022")
    assert codes(one_after_the_other([shown, visits("b.csv", "Q", *days)])) == []


def test_commas_in_words_are_no_decimal_commas():
    words = 'subject,site,crp\nP0001,"north, main",1.5\nP0002,"3,5 years, south",2.5\n'
    two = "subject,site,crp\nQ0001,east,1.5\nQ0002,west,2.5\n"
    assert one_after_the_other([file("a.csv", words), file("b.csv", two)]).table.findings == ()


def described(name, said, *, first):
    made = file(name, patients(first, first + 20))
    table = TextTable(made.table.names, made.table.columns, made.table.places, "line", described={"age": said})
    return SourceTable(table, name, made.sha256)


def test_what_files_say_of_a_column_is_joined():
    one = described("a.sav", Description("Age", "category", ("young", "old"), identifier=True), first=0)
    two = described("b.sav", Description("", "category", ("old", "oldest")), first=30)
    said = one_after_the_other([one, two]).table.described["age"]
    assert said == Description("Age", "category", ("young", "old", "oldest"), None, identifier=True)


def test_a_column_of_two_types_is_refused():
    one = described("a.sav", Description(type="category"), first=0)
    two = described("b.sav", Description(type="number"), first=30)
    with pytest.raises(InputRefused, match=r"`age` is a category in a\.sav and a number in b\.sav"):
        one_after_the_other([one, two])


def table_of(*columns):
    names = tuple(f"c{at}" for at in range(len(columns)))
    return TextTable(names, tuple(columns), range(1, len(columns[0]) + 1), "row")


def measured(n, seed=1):
    rng = np.random.default_rng(seed)
    return [[f"{value:.2f}" for value in rng.normal(size=n)] for _ in range(4)]


def test_rows_that_stand_twice_are_counted_and_serious():
    columns = [[*column, column[3], column[3], column[8]] for column in measured(200)]
    (finding,) = duplicate_rows(table_of(*columns))
    assert (finding.code, finding.level, finding.count) == ("W-DUP-ROWS", "serious", 3)


def test_rows_that_differ_in_one_cell_are_no_duplicates():
    columns = [[*column, column[3]] for column in measured(200)]
    columns[2][-1] = "9.99"
    assert duplicate_rows(table_of(*columns)) == []


def test_an_id_that_comes_again_with_its_row_is_serious_in_a_small_table_too():
    columns = [[f"P{at}" for at in range(20)], ["yes", "no"] * 10]
    assert duplicate_rows(table_of(*columns)) == []
    twice = table_of(*([*column, column[4]] for column in columns))
    assert [finding.level for finding in duplicate_rows(twice)] == ["note"]
    (finding,) = duplicate_rows(replace(twice, names=("patient_id", "died")))
    assert (finding.level, finding.count) == ("serious", 1)


def test_a_cell_that_moved_makes_no_duplicate():
    assert duplicate_rows(table_of(["a", "", "ab"], ["b", "ab", ""])) == []


def held(kind, column):
    """Return a column in one of the forms in which sources hold their cells."""
    if kind == "long":
        half = len(column) // 2
        return LongTexts(pa.chunked_array([pa.array(column[:half], pa.string()), pa.array(column[half:], pa.string())]))
    return CodedTexts.of(column) if kind == "coded" else tuple(column)


@pytest.mark.parametrize("seed", range(5))
def test_equal_rows_are_those_that_a_comparison_of_all_rows_finds(seed):
    rng = np.random.default_rng(seed)
    columns = [rng.choice(["", "a", "b,", "ab"], 200).tolist() for _ in range(4)]
    kinds = rng.choice(["long", "coded", "plain"], 4)
    table = table_of(*(held(kind, column) for kind, column in zip(kinds, columns, strict=True)))
    rows = Counter(zip(*columns, strict=True))
    found = equal_rows(table)
    assert found.rows.tolist() == [at for at, row in enumerate(zip(*columns, strict=True)) if rows[row] > 1]
    assert found.n_repeats == sum(count - 1 for count in rows.values())


@pytest.mark.parametrize("kinds", [("long", "long"), ("coded", "coded"), ("long", "plain"), ("plain", "coded")])
def test_columns_are_stacked_however_they_are_held(kinds):
    one, two = ["a", "", "c"], ["c", "d", "a"]
    stacked = stacked_column([held(kinds[0], one), held(kinds[1], two)])
    assert list(stacked) == one + two
    assert stacked.counts() == Counter(one + two)


def test_patients_alike_in_coarse_columns_are_a_note():
    rng = np.random.default_rng(2)
    columns = [rng.choice(["a", "b", "c"], 300) for _ in range(3)]
    (finding,) = duplicate_rows(table_of(*columns))
    assert finding.level == "note"
    assert finding.count == 300 - 27
