"""The data dictionary of a REDCap project: read whole, or refused with what is wrong."""

import hashlib

import pytest

from clinpred.errors import InputRefused, ResourceRefused
from clinpred.records.sources.redcap_columns import checkbox_name, known_columns
from clinpred.records.sources.redcap_dictionary import Choice, Field, plain_text, read_choices, read_dictionary
from clinpred.records.sources.redcap_limits import plausible_range, unused_limits

HEADER = (
    '"Variable / Field Name","Form Name","Section Header","Field Type","Field Label",'
    '"Choices, Calculations, OR Slider Labels","Field Note","Text Validation Type OR Show Slider Number",'
    '"Text Validation Min","Text Validation Max",Identifier?,"Branching Logic (Show field only if...)"'
)
RECORD = "record_id,base,,text,Record ID,,,,,,,"


def written(tmp_path, *lines, header=HEADER, encoding="utf-8"):
    path = tmp_path / "dictionary.csv"
    path.write_bytes("\r\n".join((header, *lines, "")).encode(encoding))
    return path


def test_a_field_has_what_its_line_says(tmp_path):
    line = 'sex,base,,radio,"<b>Sex</b> at birth","1, Male | 2, Female",,,,,y,"[age] > 3"'
    dictionary = read_dictionary(written(tmp_path, RECORD, line))
    assert dictionary.record_id == "record_id"
    assert dictionary.forms == ("base",)
    sex = dictionary.fields[1]
    assert (sex.name, sex.form, sex.type, sex.label) == ("sex", "base", "radio", "Sex at birth")
    assert sex.choices == (Choice("1", "Male"), Choice("2", "Female"))
    assert (sex.is_identifier, sex.is_conditional, sex.is_unclear) == (True, True, False)


def test_the_hash_is_that_of_the_files_bytes(tmp_path):
    path = written(tmp_path, RECORD)
    assert read_dictionary(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_dictionary_saved_in_another_encoding_is_read(tmp_path, encoding):
    path = written(tmp_path, RECORD, "site,base,,text,Hôpital de naissance,,,,,,,", encoding=encoding)
    assert read_dictionary(path).fields[1].label == "Hôpital de naissance"


def test_a_dictionary_saved_with_semicolons_is_read(tmp_path):
    header = HEADER.replace('","', '";"').replace(",Identifier?,", ";Identifier?;")
    path = written(tmp_path, 'sex;base;;radio;Sex;"1, Male | 2, Female";;;;;;', header=header)
    assert read_dictionary(path).fields[0].choices == (Choice("1", "Male"), Choice("2", "Female"))


def test_columns_may_stand_in_any_order_and_lines_may_break_inside_quotes(tmp_path):
    header = "field_type,field_name,form_name,select_choices_or_calculations,field_label"
    path = written(tmp_path, 'yesno,died,end,,"Died\nwithin a year"', header=header)
    field = read_dictionary(path).fields[0]
    assert (field.name, field.type, field.label) == ("died", "yesno", "Died within a year")
    assert field.choices == (Choice("0", "No"), Choice("1", "Yes"))


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("1, Yes | 2, No", [("1", "Yes"), ("2", "No")]),
        ("1, Yes, always| 2, No |", [("1", "Yes, always"), ("2", "No")]),
        ("a1,One|-99,Not known", [("a1", "One"), ("-99", "Not known")]),
        ("Mr. | Mrs. | Dr.", [("Mr.", "Mr."), ("Mrs.", "Mrs."), ("Dr.", "Dr.")]),
        (r"1, Yes \n 0, No", [("1", "Yes"), ("0", "No")]),
        ("1, <b>A</b> &amp; B | 2, < 5", [("1", "A & B"), ("2", "< 5")]),
    ],
)
def test_choices_are_codes_and_labels(text, choices):
    assert [(choice.code, choice.label) for choice in read_choices(text)] == choices


@pytest.mark.parametrize(
    "text", ["1, Native |or| other | 2, Asian", "1, A | or, rather, B b | two words, C", "1, A | 1, B", "", " | "]
)
def test_choices_that_read_in_several_ways_are_not_read(text):
    assert read_choices(text) is None


def test_what_is_no_tag_stays_in_a_label():
    assert plain_text("a < b and c > d <br/>next &lt;5") == "a < b and c > d next <5"


@pytest.mark.parametrize(
    ("lines", "header", "what"),
    [
        ((RECORD,), "record_id,age,sex", "lacks `Variable / Field Name`"),
        ((), HEADER, "followed by no field"),
        ((RECORD, RECORD), HEADER, "1 field name stands there more than once"),
        ((RECORD, ",base,,text,Lost,,,,,,,"), HEADER, "row 3 has no field name"),
        ((RECORD, "age,base"), HEADER, "row 3 is cut short"),
        ((RECORD, "age,base,,text,Age, in years,,,,,,,y"), HEADER, "row 3 has more cells"),
        ((RECORD, 'age,base,,text,"Age'), HEADER, "quotes or cells are damaged"),
    ],
)
def test_what_is_no_dictionary_is_refused(tmp_path, lines, header, what):
    with pytest.raises(InputRefused) as refused:
        read_dictionary(written(tmp_path, *lines, header=header))
    assert refused.value.code == "E-DICTIONARY"
    assert what in refused.value.found


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "dictionary.csv"
    path.write_bytes(b"")
    with pytest.raises(InputRefused, match="E-DICTIONARY"):
        read_dictionary(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputRefused, match="E-NOT-FOUND"):
        read_dictionary(tmp_path / "none.csv")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ResourceRefused, match="R-PATH"):
        read_dictionary(tmp_path)


@pytest.mark.parametrize(
    ("code", "name"), [("1", "x___1"), ("-99", "x____99"), ("A b", "x___ab"), ("1.5", "x___1_5"), ("a_b", "x___a_b")]
)
def test_a_checkbox_column_is_named_as_redcap_names_it(code, name):
    assert checkbox_name("x", code) == name


def test_two_choices_that_would_share_a_column_are_none_of_its_meaning(tmp_path):
    path = written(tmp_path, RECORD, 'x,base,,checkbox,X,"a, One | A, Two | b, Three",,,,,,')
    columns = known_columns(["record_id", "x___a", "x___b"], read_dictionary(path))
    assert [column.kind for column in columns] == ["field", "other checkbox", "checkbox"]


@pytest.mark.parametrize(
    ("field", "limits", "n_unused"),
    [
        (Field("a", "f", "text", validation="number", lowest="1.5", highest="9"), (1.5, 9.0), 0),
        (Field("a", "f", "text", validation="number_comma_decimal", lowest="1,5"), (1.5, None), 0),
        (Field("a", "f", "text", validation="integer", lowest="[low]", highest="9"), (None, 9.0), 1),
        (Field("a", "f", "text", validation="integer", lowest="9", highest="9"), None, 2),
        (Field("a", "f", "text", validation="date_ymd", lowest="2020-01-01", highest="today"), None, 2),
        (Field("a", "f", "slider"), (0.0, 100.0), 0),
        (Field("a", "f", "slider", lowest="10", highest="20"), (10.0, 20.0), 0),
        (Field("a", "f", "text", validation="integer"), None, 0),
    ],
)
def test_limits_of_numbers_are_a_range_and_others_are_counted(field, limits, n_unused):
    assert plausible_range(field) == limits
    assert unused_limits(field) == n_unused
