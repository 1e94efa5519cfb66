"""REDCap exports and their dictionary: the right table whichever way it was exported, or the right refusal."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from clinpred.errors import InputRefused
from clinpred.records.read import read_export
from clinpred.records.sources.redcap import described_by, read_dictionary
from clinpred.records.text.delimited import read_delimited
from clinpred.records.values.cells import Origin
from clinpred.records.values.typed_columns import typed_columns
from clinpred.settings.export import Reading

_SPEC = importlib.util.spec_from_file_location("messy_redcap", Path(__file__).parent / "redcap.py")
redcap = sys.modules["messy_redcap"] = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(redcap)

SEEDS = (1, 2, 3)


@pytest.fixture
def made():
    return redcap.project(seed=4)


@pytest.fixture
def read(tmp_path):
    """Return a function that reads an export of a project beside its dictionary."""

    def read_project(project, export=None, *, header=redcap.HEADER, missing=None):
        path = tmp_path / "dictionary.csv"
        path.write_bytes(project.dictionary(header))
        table = read_delimited(project.raw() if export is None else export, "export.csv")
        return described_by(table, read_dictionary(path), "export.csv", missing=missing or {})

    return read_project


def cells(table, name):
    return list(table.columns[table.names.index(name)])


def rows(table):
    return [list(column) for column in table.columns]


def found(table, code):
    return [finding for finding in table.findings if finding.code == code]


def types_of(table, reading=None):
    return typed_columns(
        dict(zip(table.names, table.columns, strict=True)),
        Origin("export.csv", table.places, table.place_word),
        reading or Reading(),
        comma_delimited=True,
        units={},
        categories=frozenset(name for name, said in table.described.items() if said.type == "category"),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_raw_data_and_labels_give_the_same_table(read, seed):
    project = redcap.project(seed)
    raw, labels = read(project), read(project, project.labels())
    assert raw.names == labels.names
    assert rows(raw) == rows(labels)
    assert raw.described == labels.described


@pytest.mark.parametrize("seed", SEEDS)
def test_labels_under_labels_give_that_table_too(read, seed):
    project = redcap.project(seed)
    for form in ("baseline_complete", "follow_up_complete"):
        project.drop(form)
    raw, labels = read(project), read(project, project.labels_under_labels())
    assert labels.names == raw.names
    assert rows(labels) == rows(raw)
    assert found(labels, "W-REDCAP-NAMES")[0].count == len(raw.names)
    assert not found(raw, "W-REDCAP-NAMES")


def test_the_names_of_the_api_are_read_as_those_of_the_website(read, made):
    assert read(made, header=redcap.API_HEADER).described == read(made).described


@pytest.mark.parametrize("seed", SEEDS)
def test_every_answer_becomes_its_label(read, seed):
    project = redcap.project(seed)
    table = read(project)
    for name in ("sex", "stage", "grade", "smoker", "insured", "race____99", "race___oth_1", "baseline_complete"):
        assert cells(table, name) == project.column(name).labels
    assert table.described["stage"].levels == tuple(redcap.STAGE.values())
    assert table.described["smoker"].levels == ("No", "Yes")
    assert table.described["race___2"].levels == ("Unchecked", "Checked")
    assert table.described["race___2"].label == "Race: Black, African American"
    assert found(table, "W-VALUE-LABELS")[0].count == 12


def test_types_are_those_of_the_dictionary(read, made):
    table = read(made)
    said = {name: description.type for name, description in table.described.items()}
    assert {name for name in said if said[name] == "number"} == {"age", "weight", "bmi", "pain"}
    assert {name for name in said if said[name] == "date"} == {"visit_date"}
    assert said["zip"] == said["record_id"] == said["clinic"] == said["remarks"] == "category"
    assert said["chart"] is None
    typed = types_of(table)
    assert all(typed[name].type == kind for name, kind in said.items() if kind)


def test_limits_become_plausible_ranges(read, made):
    said = read(made).described
    assert said["age"].range == (18.0, 110.0)
    assert said["weight"].range == (2.5, None)
    assert said["pain"].range == (0.0, 100.0)
    assert said["visit_date"].range is None
    assert found(read(made), "W-REDCAP-RANGE")[0].count == 1


def test_identifiers_are_those_that_the_project_marks_or_validates_as_such(read, made):
    said = read(made).described
    assert {name for name in said if said[name].identifier} == {"contact", "chart"}


def test_a_decimal_comma_of_the_dictionary_is_never_a_thousand(read, made):
    made.column("weight").raw[:] = [f"{at},125" for at in range(1, 81)]
    for reading in (Reading(), Reading(decimal="comma"), Reading(decimal="point")):
        values = types_of(read(made), reading)["weight"].values
        assert list(values) == [at + 0.125 for at in range(1, 81)]


@pytest.mark.parametrize("kind", ["calc", "number_3dp"])
def test_a_decimal_comma_that_redcap_writes_is_never_a_thousand(read, made, kind):
    made.line("bmi")[redcap.HEADER[3]] = "calc" if kind == "calc" else "text"
    made.line("bmi")[redcap.HEADER[7]] = "" if kind == "calc" else kind
    made.column("bmi").raw[:] = [f"{at},125" for at in range(1, 81)]
    assert list(types_of(read(made))["bmi"].values) == [at + 0.125 for at in range(1, 81)]


def test_thousands_that_someone_parted_are_left_to_the_ordinary_rules(read, made):
    made.line("bmi")[redcap.HEADER[3]], made.line("bmi")[redcap.HEADER[7]] = "text", "number"
    made.column("bmi").raw[:] = ["1,234.5", "2,345", *["80.5"] * 78]
    assert list(types_of(read(made))["bmi"].values[:2]) == [1234.5, 2345.0]


@pytest.mark.parametrize("name", ["sex", "stage", "grade", "smoker", "race___1", "follow_up_complete"])
def test_a_code_that_the_dictionary_lacks_is_refused_without_its_value(read, made, name):
    made.column(name).raw[7] = made.column(name).raw[9] = "7731"
    with pytest.raises(InputRefused) as refused:
        read(made)
    assert refused.value.code == "E-REDCAP-CHOICE"
    assert f"`{name}` has 2 values" in refused.value.found
    assert "line" in refused.value.found
    assert "7731" not in str(refused.value)


def test_a_missing_data_code_is_refused_until_it_is_called_missing(read, made):
    made.column("sex").raw[7] = "UNK"
    with pytest.raises(InputRefused, match="--missing sex=CODE"):
        read(made)
    table = read(made, missing={"sex": ("UNK",)})
    assert types_of(table, Reading(missing={"sex": ("UNK",)}))["sex"].values[7] is None
    assert table.described["sex"].levels == ("Male", "Female")


@pytest.mark.parametrize("word", ["-99", "Unknown"])
@pytest.mark.parametrize("export", ["raw", "labels"])
def test_an_answer_is_missing_by_its_code_or_by_its_label(read, made, word, export):
    missing = {"stage": (word,)}
    table = read(made, getattr(made, export)(), missing=missing)
    values = types_of(table, Reading(missing=missing))["stage"].values
    unknown = [at for at, code in enumerate(made.column("stage").raw) if code in {"-99", ""}]
    assert [at for at, value in enumerate(values) if value is None] == unknown
    assert "Unknown" not in table.described["stage"].levels


def test_answers_that_may_stand_for_missing_are_said_and_kept(read, made):
    finding = found(read(made), "W-REDCAP-MISSING")[0]
    assert finding.count == made.column("stage").raw.count("-99")
    assert "`stage`" in finding.text
    assert "Unknown" in cells(read(made), "stage")
    made.column("stage").raw[:] = ["1"] * 80
    assert not found(read(made), "W-REDCAP-MISSING")


@pytest.mark.parametrize(("label", "n_findings"), [("None", 0), ("Prefer not to answer", 1), ("Don’t know", 1)])
def test_no_symptom_is_an_answer_and_no_answer_is_not(read, made, label, n_findings):
    made.line("stage")[redcap.HEADER[5]] = f"0, {label} | 1, Mild"
    made.column("stage").raw[:] = ["0", "1"] * 40
    assert len(found(read(made), "W-REDCAP-MISSING")) == n_findings


def test_records_of_double_data_entry_are_serious(read, made):
    assert not found(read(made), "W-REDCAP-DOUBLE")
    made.column("record_id").raw[:3] = ["1--1", "1--2", "1"]
    finding = found(read(made), "W-REDCAP-DOUBLE")[0]
    assert (finding.count, finding.level) == (2, "serious")


def test_choices_that_share_a_label_keep_their_codes(read, made):
    made.line("sex")[redcap.HEADER[5]] = "1, Other | 2, Other"
    table = read(made)
    assert cells(table, "sex") == made.column("sex").raw
    assert table.described["sex"].levels == ("1", "2")
    assert table.described["sex"].type == "category"
    assert "`sex`" in found(table, "W-REDCAP-CHOICES")[0].text


def test_a_bar_in_a_label_is_not_taken_for_a_choice(read, made):
    made.line("sex")[redcap.HEADER[5]] = "1, Male |or| similar | 2, Female"
    table = read(made)
    assert cells(table, "sex") == made.column("sex").raw
    assert found(table, "W-REDCAP-CHOICES")[0].count == 1


def test_clear_choices_give_no_caution_about_them(read, made):
    assert not found(read(made), "W-REDCAP-CHOICES")


def test_codes_that_are_other_choices_labels_are_read_as_the_file_shows(read, made):
    made.line("sex")[redcap.HEADER[5]] = "1, 2 | 2, 1"
    raw = cells(read(made), "sex")
    assert raw == [{"1": "2", "2": "1", "": ""}[cell] for cell in made.column("sex").raw]
    made.column("sex").labels[:] = raw
    assert cells(read(made, made.labels()), "sex") == raw


def test_codes_that_are_other_choices_labels_are_refused_where_nothing_shows(read):
    alone = redcap.Project()
    alone.define("record_id", "base", "text", "Record ID")
    alone.add("record_id", "Record ID", ["a", "b"])
    alone.define("parity", "base", "radio", "Parity", "1, 0 | 0, 1")
    alone.add("parity", "Parity", ["1", "0"])
    with pytest.raises(InputRefused, match="the code of one choice and the label of another"):
        read(alone)


def test_codes_with_a_decimal_zero_are_codes(read, made):
    made.column("stage").raw[:] = [f"{code}.0" if code else "" for code in made.column("stage").raw]
    assert cells(read(made), "stage") == made.column("stage").labels


def test_checkboxes_that_hold_the_label_or_nothing_are_ticks(read, made):
    for name, label in (("race___1", "White"), ("race___2", "Black, African American")):
        ticks = made.column(name).labels
        ticks[:] = [label if tick == "Checked" else "" for tick in ticks]
    for name in ("race____99", "race___oth_1"):
        made.column(name).labels[:] = [""] * 80
        made.column(name).raw[:] = ["0"] * 80
    assert rows(read(made, made.labels())) == rows(read(made))


@pytest.mark.parametrize("name", ["race___neg99", "race___-99", "race___99"])
def test_other_writings_of_a_negative_choice_are_known(read, made, name):
    made.column("race____99").name = name
    table = read(made)
    assert set(cells(table, name)) == {"Checked", "Unchecked"}
    assert table.described[name].label == "Race: Unknown"
    assert not found(table, "W-REDCAP-CHECKBOX")


def test_checkbox_columns_and_choices_that_do_not_meet_are_said(read, made):
    made.column("race___oth_1").name = "race___nask"
    several = found(read(made), "W-REDCAP-CHECKBOX")
    assert ["`race___nask`" in several[0].text, "`race___oth_1`" in several[1].text] == [True, True]
    assert cells(read(made), "race___nask") == made.column("race___nask").raw


def test_unchecked_boxes_of_a_form_that_nobody_filled_are_said(read, made):
    assert not found(read(made), "W-REDCAP-UNFILLED")
    for column in made.columns:
        if column.name not in {"record_id", "redcap_data_access_group"}:
            column.raw[3] = "0" if column.name.startswith("race") or "complete" in column.name else ""
    finding = found(read(made), "W-REDCAP-UNFILLED")[0]
    assert (finding.count, finding.level) == (1, "caution")


def test_repeating_instruments_are_refused_with_the_fix(read, made):
    made.add("redcap_repeat_instrument", "Repeat Instrument", [""] * 60 + ["follow_up"] * 20)
    made.add("redcap_repeat_instance", "Repeat Instance", [""] * 60 + [1] * 20)
    with pytest.raises(InputRefused) as refused:
        read(made)
    assert refused.value.code == "E-REDCAP-REPEAT"
    assert "20 of its 80 rows" in refused.value.found
    assert "redcap_repeat_instance" in refused.value.to_fix


@pytest.mark.parametrize(("instrument", "instance"), [("", ""), ("follow_up", "1")])
def test_an_instance_that_all_rows_share_is_one_row_a_record(read, made, instrument, instance):
    made.add("redcap_repeat_instrument", "Repeat Instrument", [instrument] * 80)
    made.add("redcap_repeat_instance", "Repeat Instance", [instance] * 80)
    assert len(read(made).places) == 80


def test_several_instances_of_one_instrument_are_refused(read, made):
    made.add("redcap_repeat_instrument", "Repeat Instrument", ["follow_up"] * 80)
    made.add("redcap_repeat_instance", "Repeat Instance", [1, 2] * 40)
    with pytest.raises(InputRefused, match="80 of its 80 rows are instances"):
        read(made)


def test_several_events_are_refused_and_several_arms_of_one_event_are_not(read, made):
    made.add("redcap_event_name", "Event Name", ["baseline_arm_1", "baseline_arm_2"] * 40)
    assert len(read(made).places) == 80
    made.column("redcap_event_name").raw[0] = "month_6_arm_1"
    with pytest.raises(InputRefused) as refused:
        read(made)
    assert refused.value.code == "E-REDCAP-REPEAT"
    assert "2 events" in refused.value.found


def test_a_survey_that_was_not_completed_has_no_time(read, made):
    times = ["2022-03-01 10:00:00"] * 79 + ["[not completed]"]
    made.add("baseline_timestamp", "Survey Timestamp", times)
    table = read(made)
    assert cells(table, "baseline_timestamp")[-1] == ""
    assert types_of(table)["baseline_timestamp"].type == "date"
    assert found(table, "W-REDCAP-TIMESTAMP")[0].count == 1


def test_a_survey_that_everyone_completed_gives_no_word_of_its_times(read, made):
    made.add("baseline_timestamp", "Survey Timestamp", ["2022-03-01 10:00:00"] * 80)
    assert not found(read(made), "W-REDCAP-TIMESTAMP")


def test_decimal_commas_are_said(read, made):
    assert found(read(made), "W-DECIMAL")[0].count == 80
    made.drop("weight")
    assert not found(read(made), "W-DECIMAL")


def test_columns_about_the_entry_are_named(read, made):
    made.add("redcap_survey_identifier", "Survey Identifier", [""] * 80)
    table = read(made)
    assert found(table, "W-REDCAP-ENTRY")[0].count == 3
    assert table.described["redcap_survey_identifier"].identifier


def test_numbers_and_dates_that_hold_something_else_are_counted(read, made):
    assert not found(read(made), "W-REDCAP-TYPE")
    made.column("age").raw[2] = made.column("visit_date").raw[4] = "NASK"
    finding = found(read(made), "W-REDCAP-TYPE")[0]
    assert (finding.count, finding.level) == (2, "caution")
    assert "NASK" not in finding.text + finding.advice
    missing = {"age": ("NASK",), "visit_date": ("NASK",)}
    assert not found(read(made, missing=missing), "W-REDCAP-TYPE")


def test_columns_and_fields_that_do_not_meet_are_counted(read, made):
    made.add("score_2", "Score", range(80))
    made.drop("bmi")
    table = read(made)
    assert found(table, "W-REDCAP-FIELD")[0].count == 1
    assert found(table, "W-REDCAP-ABSENT")[0].count == 1
    assert "score_2" not in table.described
    assert cells(table, "score_2") == made.column("score_2").raw


def test_an_export_that_meets_its_dictionary_gives_no_finding_about_it(read, made):
    codes = {finding.code for finding in read(made).findings}
    assert not codes & {"W-REDCAP-FIELD", "W-REDCAP-ABSENT", "W-REDCAP-CHECKBOX", "W-REDCAP-NAMES"}


def test_questions_under_a_condition_are_counted(read, made):
    assert found(read(made), "W-REDCAP-BRANCHING")[0].count == 1
    made.drop("insured")
    assert not found(read(made), "W-REDCAP-BRANCHING")


def test_an_export_of_another_project_is_refused(read, made):
    other = redcap.Project(made.fields, [replace(column, name=f"x_{column.name}") for column in made.columns])
    with pytest.raises(InputRefused, match="none of its 25 columns is a field") as refused:
        read(other)
    assert refused.value.code == "E-DICTIONARY"


def test_no_cell_of_the_export_reaches_a_finding(read, made):
    made.column("remarks").raw[:] = [f"canary{at}" for at in range(80)]
    made.column("chart").raw[:] = [f"canary{at}" for at in range(80)]
    assert "canary" not in repr(read(made).findings)


@pytest.mark.parametrize("export", ["raw", "labels"])
def test_an_export_is_read_with_the_dictionary_that_the_analyst_names(made, export, tmp_path):
    (tmp_path / "dictionary.csv").write_bytes(made.dictionary())
    (tmp_path / "export.csv").write_bytes(getattr(made, export)())
    read_whole = read_export(tmp_path / "export.csv", Reading(dictionary=str(tmp_path / "dictionary.csv")))
    assert read_whole.types["stage"] == read_whole.types["record_id"] == "category"
    assert read_whole.types["visit_date"] == "date"
    assert read_whole.described["age"].range == (18.0, 110.0)
    assert read_whole.table["sex"].fillna("").tolist() == made.column("sex").labels
