"""What the user reads when an export is refused, word for word, and that no cell of it is ever in a message."""

import numpy as np
import pytest

from clinpred.errors import ClinpredError
from clinpred.records.cohort import assemble
from clinpred.records.partition import hold_out_patients, patient_folds
from clinpred.records.read import read_export
from clinpred.settings.study import study_from

ROWS = "\n".join(f"{row},{row % 2},{20 + row}" for row in range(40)) + "\n"
TIMED = {"event_column": "died", "event": "1", "time_column": "days", "horizon_days": 30}

REFUSED_BY_THE_READER = [
    (
        b" \n\n",
        """visits.csv: the file has no table [E-EMPTY]
expected: a header and at least one row
to fix: export again""",
    ),
    (
        b"\xef\xbb\xbf",
        """visits.csv: the file has no table [E-EMPTY]
expected: a header and at least one row
to fix: export again""",
    ),
    (
        b"age,sex\n",
        """visits.csv: the header is followed by no row [E-NO-ROWS]
expected: at least one row
to fix: export again, and check the query's conditions""",
    ),
    (
        b"age,sex,age,bmi, sex \n1,2,3,4,5\n",
        """visits.csv: 2 names are given to more than one column: `age` (columns 1, 3), `sex` (columns 2, 5) \
[E-DUP-HEADER]
expected: a name of its own for every column
to fix: rename or remove the columns in the export""",
    ),
    (
        b"a,b\n1,2\n3,4,5\n",
        """visits.csv: line 3 has 3 cells [E-RAGGED]
expected: 2 cells, as in the header
to fix: correct that line, or put double quotes around cells that hold a comma, and export again""",
    ),
    (
        b'a,b,c\n1,"x\ny",2\n\n7\n',
        """visits.csv: line 5 has 1 cell [E-RAGGED]
expected: 3 cells, as in the header
to fix: correct that line, or put double quotes around cells that hold a comma, and export again""",
    ),
    (
        b'a,b\n1,2\n3,"4\n5,6\n',
        """visits.csv: a quote opened on line 3 is never closed, with 1 line break after it [E-QUOTE]
expected: cells in double quotes, a quote inside a cell doubled ("")
to fix: correct the quotes on that line, or export again""",
    ),
    (
        b'a,b,c\n1,2,"x\n3,4,y\n5,6,"\n7,8,z\n',
        """visits.csv: one cell on line 2 holds 2 line breaks, and whole lines of the table [E-QUOTE]
expected: cells in double quotes, a quote inside a cell doubled ("")
to fix: correct the quotes on that line, or export again""",
    ),
    (
        "a,b\n1,x\n2,Калуга\n".encode("cp1251"),
        """visits.csv: not UTF-8, and its 1 words with accents are no words in cp1252 [E-ENCODING]
expected: UTF-8, UTF-16 or cp1252 text
to fix: export again as UTF-8 (in Excel: CSV UTF-8), or name the encoding with --encoding""",
    ),
    (
        b"a,b\n1,x\0y\n",
        """visits.csv: line 2 holds a NUL character, in column 2 [E-NUL]
expected: text without NUL characters
to fix: export again as UTF-8; a NUL comes from a damaged file or from UTF-16 (--encoding utf-16)""",
    ),
    (
        b"a;b,c\n1;2,3\n",
        """visits.csv: commas and semicolons part the cells of every line alike [E-DELIMITER]
expected: one mark between the cells of every line: comma, semicolon, tab, |, ^, ~ or a single blank
to fix: name the mark with --delimiter""",
    ),
    (
        b"17,61.5,male\n18,70,female\n",
        """visits.csv: 2 of the 3 names in the first line are a number [E-NO-HEADER]
expected: a first line with the names of the columns
to fix: export again with the column names, or give them with --no-header --columns; a name must not be a number""",
    ),
    (
        b"a,b,c\n1,2,3\n4,5,6\n\nd,e\n7,8\n",
        """visits.csv: a second table starts on line 5 [E-TWO-TABLES]
expected: one table in a file
to fix: put each table into a file of its own""",
    ),
    (
        b"a,b\n1,2\n2,1e400\n3,-inf\n",
        """visits.csv: column `b` has 2 values that are not a finite number, the first on line 3 [E-NOT-FINITE]
expected: numbers within ±1.8e308
to fix: correct them in the export, or leave them empty where they are missing""",
    ),
    (
        b"a,b\n1,2023-02-28\n2,2023-02-30\n",
        """visits.csv: column `b` has 1 value that is no day of the calendar, the first on line 3 [E-DATE]
expected: dates that exist, such as year-month-day
to fix: correct them in the export, or leave them empty where they are missing""",
    ),
]

REFUSED_BY_THE_COHORT = [
    (
        "pid,died,age_years\n" + ROWS,
        {"outcome": {"column": "dead"}, "roles": {"patient": "pidd"}, "set_aside": {"zzz": "late"}},
        3,
        """visits.csv: there is no column `dead` (nearest: `died`)
visits.csv: there is no column `pidd` (nearest: `pid`, `died`)
visits.csv: there is no column `zzz` [E-MISSING-COLUMN]
expected: the columns that the study names, among the 3 of the export
to fix: correct the name in study.toml or on the command line, or export the column""",
    ),
    (
        "died,age\n0,1\n1,2\n0.5,3\n",
        {},
        3,
        """visits.csv: outcome column `died` has 3 distinct values, in 1, 1, 1 rows [E-OUTCOME-VALUES]
expected: two values: the event, and its absence
to fix: make the outcome binary in the export, choose another column (--outcome), or name the event and every value \
that is its absence (--event, --no-event; study.toml: outcome.event, outcome.no_event)""",
    ),
    (
        "died,age\n1,1\n2,2\n2,3\n",
        {},
        3,
        """visits.csv: outcome column `died` has two values, and which is the event is not said [E-OUTCOME-CODING]
expected: 0 and 1, or the event named
to fix: name the event with --event (study.toml: outcome.event); `clinpred init` proposes it with its counts""",
    ),
    (
        "died,age\n0,1\n0,2\n,3\n",
        {},
        4,
        """visits.csv: of 2 rows with a known outcome (died), none has the event [S-ONE-CLASS]
expected: rows with the event and rows without it
to fix: check the outcome's column and its event (--outcome, --event)""",
    ),
    (
        "died,age\n1,1\n1,2\n",
        {},
        4,
        """visits.csv: of 2 rows with a known outcome (died), every one has the event [S-ONE-CLASS]
expected: rows with the event and rows without it
to fix: check the outcome's column and its event (--outcome, --event)""",
    ),
    (
        "died,age\nno,1\nyes,2\n",
        {"outcome": {"column": "died", "event": "dead"}},
        3,
        """visits.csv: no row of outcome column `died` holds the event that the study names [E-OUTCOME-EVENT]
expected: the event among the column's 2 values
to fix: correct the event (--event; study.toml: outcome.event)""",
    ),
    (
        "died,age\nyes,1\nyes,2\n",
        {},
        4,
        """visits.csv: outcome column `died` has fewer than two values [S-ONE-CLASS]
expected: rows with the event and rows without it
to fix: check the outcome's column and its event (--outcome, --event)""",
    ),
    (
        "died,days,age\n0,10,1\n0,40,2\n1,5,3\n",
        {"outcome": TIMED},
        4,
        """visits.csv: 1 of 3 rows (33.3%) are censored before 30 days [S-CENSORED]
expected: at most 5%: leaving such patients out makes every risk too high
to fix: choose a shorter horizon (--horizon), or accept the bias with early_censoring = "exclude\"""",
    ),
    (
        "died,days,age\n0,long,1\n1,5,3\n",
        {"outcome": TIMED},
        3,
        """visits.csv: time column `days` holds values that are not numbers [E-NUMBER]
expected: days from entry to the event or to the end of follow-up
to fix: correct the export, or choose another column (--time)""",
    ),
    (
        "died,days,age\n0,40,1\n1,-5,3\n",
        {"outcome": TIMED},
        3,
        """visits.csv: time column `days` has 1 value below 0 [E-RANGE]
expected: days from entry to the event or to the end of follow-up, 0 or more
to fix: correct the export""",
    ),
    (
        "pid,died,age\n7,0,1\n,1,2\n,0,3\n",
        {"roles": {"patient": "pid"}},
        3,
        """visits.csv: patient id `pid` is missing in 2 of 3 rows (66.7%) [E-ID-MISSING]
expected: an id in every row; up to 5% without one are excluded and counted
to fix: complete the ids, or remove those rows from the export""",
    ),
    (
        "pid,died,age\n7,0,1\n7,1,2\n8,0,3\n",
        {},
        4,
        """visits.csv: column `pid` looks like a patient id and repeats: 3 rows, 2 ids [S-GROUP]
expected: one row a patient, or the patient id declared
to fix: declare it with --patient-id pid, or put it aside with --set-aside pid""",
    ),
    (
        "died,age_years\n" + "\n".join(f"{row % 2},{row - 14}" for row in range(40)),
        {"predictors": {"age_years": {"range": [0, 120]}}},
        3,
        """visits.csv: column `age_years` has 14 values below 0 [E-RANGE]
expected: 0 to 120 (study.toml: predictors.age_years)
to fix: correct the export, or set below_range = "missing" for this predictor""",
    ),
    (
        "died,temp\n0,37\n1,98.6\n",
        {"predictors": {"temp": {"range": [25, 45]}}},
        3,
        """visits.csv: column `temp` has 1 value above 45 [E-RANGE]
expected: 25 to 45 (study.toml: predictors.temp)
to fix: correct the export, or set above_range = "missing" for this predictor""",
    ),
    (
        "died,grade\n0,low\n1,high\n1,mid\n0,low\n",
        {"predictors": {"grade": {"type": "ordered", "levels": ["low", "high"]}}},
        3,
        """visits.csv: column `grade` has 1 value not among its 2 levels [E-LEVELS]
expected: the levels that the study declares (study.toml: predictors.grade)
to fix: correct the export, or complete `levels`""",
    ),
    (
        "died,lab\n0,low\n1,4\n1,<3\n0,5\n",
        {"predictors": {"lab": {"type": "number"}}},
        3,
        """visits.csv: column `lab` has 2 values that are no numbers [E-NUMBER]
expected: plain decimal numbers (study.toml: predictors.lab)
to fix: correct the export, or set type = "category" for this predictor""",
    ),
    (
        "died,score,age\n0,12,1\n1,0.4,2\n0,-1,3\n",
        {"comparators": {"score": {}}},
        3,
        """visits.csv: comparator `score` has 2 values outside 0 to 1 [E-COMPARATOR]
expected: a risk (or survival probability) of 0 to 1 (study.toml: comparators.score)
to fix: correct the export, divide percentages by 100, or remove the comparator""",
    ),
    (
        "died,score,age\n0,low,1\n1,high,2\n0,low,3\n",
        {"comparators": {"score": {}}},
        3,
        """visits.csv: comparator `score` holds values that are not numbers [E-COMPARATOR]
expected: a risk (or survival probability) of 0 to 1 (study.toml: comparators.score)
to fix: correct the export, divide percentages by 100, or remove the comparator""",
    ),
    (
        "died,day,age\n0,2020-02,1\n1,2020-03,2\n",
        {"roles": {"date": "day"}},
        3,
        """visits.csv: date column `day` holds values that are not dates [E-DATE]
expected: dates, such as year-month-day
to fix: export the dates as year-month-day, or choose another column (--date)""",
    ),
    (
        "died,age\n0,1\n1,1\n",
        {},
        4,
        """visits.csv: no column is left that can be a predictor [S-NO-PREDICTORS]
expected: at least one predictor
to fix: check which columns are set aside, and the findings of the others""",
    ),
]


def refusal_of(path, settings):
    with pytest.raises(ClinpredError) as refusal:
        assemble(read_export(path), study_from({"outcome": {"column": "died"}, **settings}, source="study.toml"))
    return refusal.value


@pytest.mark.parametrize(("content", "message"), REFUSED_BY_THE_READER)
def test_the_reader_says_what_it_refuses(tmp_path, content, message):
    (tmp_path / "visits.csv").write_bytes(content)
    refusal = refusal_of(tmp_path / "visits.csv", {})
    assert str(refusal) == message
    assert refusal.exit_code == 3


@pytest.mark.parametrize(("content", "settings", "exit_code", "message"), REFUSED_BY_THE_COHORT)
def test_the_cohort_says_what_it_refuses(tmp_path, content, settings, exit_code, message):
    (tmp_path / "visits.csv").write_text(content, encoding="utf-8")
    refusal = refusal_of(tmp_path / "visits.csv", settings)
    assert str(refusal) == message
    assert refusal.exit_code == exit_code


def test_a_missing_file_and_another_format_are_named_without_their_folder(tmp_path):
    assert (
        str(refusal_of(tmp_path / "visits.csv", {}))
        == """visits.csv: there is no such file [E-NOT-FOUND]
expected: a record export
to fix: check the path"""
    )
    assert (
        str(refusal_of(tmp_path / "visits.docx", {}))
        == """visits.docx: not the name of an export that can be read [E-FORMAT]
expected: a name that ends in .csv, .tsv, .tab, .txt, .asc, .dat, .prn, .rpt, .gz, .zip, .parquet, .xlsx, .xlsm, .xls, \
.xlsb, .ods, .xpt, .sas7bdat, .sav, .zsav, .por, .dta
to fix: give the file the ending of its kind, or export as CSV"""
    )


def test_too_few_events_are_said_with_their_counts(tmp_path):
    (tmp_path / "visits.csv").write_text("died,age\n1,1\n" + "0,2\n" * 9, encoding="utf-8")
    study = study_from({"outcome": {"column": "died"}}, source="study.toml")
    cohort, _ = assemble(read_export(tmp_path / "visits.csv"), study)
    with pytest.raises(ClinpredError) as held_out:
        hold_out_patients(cohort, 0.25, np.random.default_rng(20))
    assert (
        str(held_out.value)
        == """holding out 0.25 of 10 patients, 1 of them with the event, leaves development or held-out patients \
without an event, or with nothing but events [S-FEW-EVENTS]
expected: patients with and without the event on both sides
to fix: change `held_out` (--held-out), or gather more patients"""
    )
    with pytest.raises(ClinpredError) as folds:
        patient_folds(np.repeat([1, 0], [3, 9]), np.arange(12), 10, np.random.default_rng(20))
    assert (
        str(folds.value)
        == """10 folds of 3 patients with the event and 9 without [S-FEW-EVENTS]
expected: at least 2 folds, and in each fold a patient with the event and one without
to fix: ask for at most 3 folds, or gather more patients"""
    )


FINDINGS = {
    "W-STRIP": "blanks around 1 cell removed",
    "W-BLANK": "1 blank line passed over",
    "W-INDEX-COL": "the first column has no name and numbers the rows: set aside",
    "W-NA-SPELLING": "column `sodium`: words among its numbers are read as missing (NA 2, null 1)",
    "W-OUTCOME-MAP": "outcome `died`: `dead` is taken for the event, `alive` for its absence",
    "W-OUTCOME-MISSING": "the outcome is missing in 20 of 240 rows (8.3%), which are excluded",
    "W-NO-PATIENT-ID": "no patient id is declared: each row is taken for a patient of its own",
    "W-ID-COLUMN": "column `mrn` looks like an id and is no predictor",
    "W-CONSTANT": "column `ward` has one value only: no predictor",
    "W-EMPTY": "column `bmi` is missing in 220 of 220 rows: no predictor",
    "W-DATE-COLUMN": "column `born` holds dates: no predictor",
    "W-FREETEXT": "column `note` is free text: no predictor",
    "W-TEXT-COLUMN": "column `code` is text with 220 different values in 220 rows: no predictor",
    "W-RANGE": "column `temp`: 2 values above 45 set missing, as the study says",
}


def test_each_finding_is_said_with_names_and_counts(tmp_path):
    names = ["", "mrn", "died", "sodium", "ward", "bmi", "born", "note", "code", "temp"]
    lines = [",".join(names), ""]
    for row in range(240):
        died = ("Dead", "Alive", "")[2 if row < 20 else row % 2]
        sodium = {20: "NA", 21: "null", 22: "NA", 23: " 140"}.get(row, 130 + row % 9)
        temp = 98.6 if row in {30, 31} else 37 + row % 3
        note = f"the patient number {row} was seen and sent home again"
        lines.append(f"{row},{5000 + row},{died},{sodium},north,,1950-01-{1 + row % 28:02d},{note},c{row},{temp}")
    (tmp_path / "visits.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    temp_settings = {"range": [25, 45], "above_range": "missing"}
    study = study_from({"outcome": {"column": "died"}, "predictors": {"temp": temp_settings}}, source="study.toml")
    _, findings = assemble(read_export(tmp_path / "visits.csv"), study)
    assert {finding.code: finding.text for finding in findings} == FINDINGS
    assert len(findings) == len(FINDINGS)


def test_few_censored_rows_are_said(tmp_path):
    rows = "0,10,1\n" + "1,5,2\n0,40,3\n" * 20
    (tmp_path / "visits.csv").write_text("died,days,age\n" + rows, encoding="utf-8")
    _, findings = assemble(read_export(tmp_path / "visits.csv"), study_from({"outcome": TIMED}, source="study.toml"))
    assert [finding.text for finding in findings if finding.code == "W-CENSORED"] == [
        "1 of 41 rows (2.4%) are censored before 30 days and excluded"
    ]


CANARIES = ["ZEBRAFINCH", "31415926", "1987-06-05"]
STUDIES = [
    {},
    {"outcome": {"column": "died", "event": "1"}},
    {"outcome": {**TIMED, "time_column": "x"}},
    {"roles": {"patient": "x"}},
    {"roles": {"date": "x"}},
    {"comparators": {"x": {}}},
    {"predictors": {"x": {"type": "number"}}},
    {"predictors": {"x": {"range": [0, 1]}}},
    {"predictors": {"x": {"type": "ordered", "levels": ["a", "b"]}}},
]


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("settings", STUDIES)
@pytest.mark.parametrize("cells", ["{0},0\n0,1\n1,2\n", "0,{0}\n1,{0}\n0,7\n1,{0}1\n", "0,1\n1,{0},{0}\n", '0,"{0}\n'])
def test_no_cell_is_ever_in_a_message(tmp_path, canary, settings, cells):
    (tmp_path / "visits.csv").write_text("died,x\n" + cells.format(canary), encoding="utf-8")
    study = study_from({"outcome": {"column": "died"}, **settings}, source="study.toml")
    try:
        _, findings = assemble(read_export(tmp_path / "visits.csv"), study)
        said = " ".join(f"{finding.text} {finding.advice}" for finding in findings)
    except ClinpredError as refusal:
        said = str(refusal)
    assert said
    assert canary not in said
