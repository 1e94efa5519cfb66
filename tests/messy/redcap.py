"""An invented REDCap project, made anew from a seed: its data dictionary, its export of raw data and that of labels."""

import csv
import io
from dataclasses import dataclass, field

import numpy as np

HEADER = (
    *("Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label"),
    *("Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number"),
    *("Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)"),
    *("Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name"),
    *("Matrix Ranking?", "Field Annotation"),
)
API_HEADER = (
    *("field_name", "form_name", "section_header", "field_type", "field_label", "select_choices_or_calculations"),
    *("field_note", "text_validation_type_or_show_slider_number", "text_validation_min", "text_validation_max"),
    *("identifier", "branching_logic", "required_field", "custom_alignment", "question_number", "matrix_group_name"),
    *("matrix_ranking", "field_annotation"),
)
SEX = {"1": "Male", "2": "Female"}
STAGE = {"0": "None seen", "1": "I", "5": "II, early", "10": "II, late", "-99": "Unknown"}
GRADE = {"low": "G1 < 2 mitoses", "high": "G3"}
RACE = {"1": "White", "2": "Black, African American", "-99": "Unknown", "Oth.1": "Other"}
YES = {"1": "Yes", "0": "No"}
TRUE = {"1": "True", "0": "False"}
TICK = {"1": "Checked", "0": "Unchecked"}
STATUS = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}


@dataclass
class Column:
    """A column of the export: its name, the label that heads it, raw cells, and the cells of a label export."""

    name: str
    heading: str
    raw: list[str]
    labels: list[str]


@dataclass
class Project:
    """Lines of the dictionary by property, and the export's columns."""

    fields: list[dict[str, str]] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)

    def dictionary(self, header=HEADER):
        rows = [[line.get(name, "") for name in HEADER] for line in self.fields]
        return _written([header, *rows])

    def raw(self):
        return _written([[column.name for column in self.columns], *_rows(column.raw for column in self.columns)])

    def labels(self):
        return _written([[column.name for column in self.columns], *_rows(column.labels for column in self.columns)])

    def labels_under_labels(self):
        return _written([[column.heading for column in self.columns], *_rows(column.labels for column in self.columns)])

    def column(self, name):
        return next(column for column in self.columns if column.name == name)

    def line(self, name):
        return next(line for line in self.fields if line["Variable / Field Name"] == name)

    def drop(self, name):
        self.columns = [column for column in self.columns if column.name != name]

    def define(self, name, form, kind, label, choices="", **more):
        words = {"validation": HEADER[7], "lowest": HEADER[8], "highest": HEADER[9], "identifier": HEADER[10]}
        line = {HEADER[0]: name, HEADER[1]: form, HEADER[3]: kind, HEADER[4]: label, HEADER[5]: choices}
        self.fields.append(line | {words.get(key, HEADER[11]): value for key, value in more.items()})

    def add(self, name, heading, raw, words=None):
        cells = [str(cell) for cell in raw]
        self.columns.append(Column(name, heading, cells, [words[cell] if words and cell else cell for cell in cells]))


def project(seed, n=80):
    """Return a project of one form at baseline and one at follow-up, every kind of field among theirs."""
    rng = np.random.default_rng(seed)
    made = Project()
    _numbers_and_dates(made, rng, n)
    _choices(made, rng, n)
    _rest(made, rng, n)
    _follow_up(made, rng, n)
    return made


def _numbers_and_dates(made, rng, n):
    made.define("record_id", "baseline", "text", "Record ID")
    made.add("record_id", "Record ID", range(1, n + 1))
    made.add("redcap_data_access_group", "Data Access Group", rng.choice(["north", "south"], n))
    made.define("age", "baseline", "text", "Age (years)", validation="integer", lowest="18", highest="110")
    made.add("age", "Age (years)", rng.integers(18, 95, n))
    made.define(
        "weight", "baseline", "text", "<b>Weight</b> in kg", validation="number_3dp_comma_decimal", lowest="2,5"
    )
    made.add("weight", "Weight in kg", [f"{value:.3f}".replace(".", ",") for value in rng.uniform(40, 120, n)])
    made.define("bmi", "baseline", "calc", "BMI", "round([weight] / 3, 1)")
    made.add("bmi", "BMI", np.round(rng.uniform(16, 45, n), 1))
    made.define("pain", "baseline", "slider", "Pain", "none | some | worst")
    made.add("pain", "Pain", rng.integers(0, 101, n))
    limits = {"lowest": "2020-01-01", "highest": "today"}
    made.define("visit_date", "baseline", "text", "Date of visit", validation="date_dmy", **limits)
    days = np.datetime64("2021-01-01") + rng.integers(0, 900, n)
    made.add("visit_date", "Date of visit", days.astype(str))


def _choices(made, rng, n):
    for name, kind, label, words in (
        ("sex", "radio", "Sex", SEX),
        ("stage", "dropdown", "Stage", STAGE),
        ("grade", "radio", "Grade", GRADE),
    ):
        made.define(name, "baseline", kind, label, " | ".join(f"{code}, {word}" for code, word in words.items()))
        cells = rng.choice(list(words), n).tolist()
        cells[5] = ""
        made.add(name, label, cells, words)
    made.define("race", "baseline", "checkbox", "Race", " | ".join(f"{code}, {word}" for code, word in RACE.items()))
    for code, name in zip(RACE, ("race___1", "race___2", "race____99", "race___oth_1"), strict=True):
        made.add(name, f"Race (choice={RACE[code]})", rng.integers(0, 2, n), TICK)
    made.define("smoker", "baseline", "yesno", "Ever smoked?")
    made.add("smoker", "Ever smoked?", rng.integers(0, 2, n), YES)
    made.define("insured", "baseline", "truefalse", "Insured", condition="[age] > 20")
    made.add("insured", "Insured", rng.integers(0, 2, n), TRUE)


def _rest(made, rng, n):
    made.define("zip", "baseline", "text", "ZIP", validation="zipcode")
    made.add("zip", "ZIP", [f"0{value}" for value in rng.integers(1000, 9999, n)])
    made.define("contact", "baseline", "text", "E-mail", validation="email")
    made.add("contact", "E-mail", [f"p{at}@example.org" for at in range(n)])
    made.define("chart", "baseline", "text", "Chart number", identifier="y")
    made.add("chart", "Chart number", rng.integers(100000, 999999, n))
    made.define("remarks", "baseline", "notes", "Remarks")
    made.add("remarks", "Remarks", ["first line\nsecond, line" if at % 7 else "" for at in range(n)])
    made.define("welcome", "baseline", "descriptive", "<p>Welcome, and thank you</p>")
    made.define("consent", "baseline", "file", "Consent form")
    made.add("consent", "Consent form", ["[document]"] * n)
    made.define("clinic", "baseline", "sql", "Clinic", "select id, name from clinics")
    made.add("clinic", "Clinic", rng.integers(1, 4, n))


def _follow_up(made, rng, n):
    made.add("baseline_complete", "Baseline: complete?", rng.choice(["0", "1", "2"], n), STATUS)
    made.define("died", "follow_up", "yesno", "Died")
    made.add("died", "Died", rng.integers(0, 2, n), YES)
    made.add("follow_up_complete", "Follow-up: complete?", ["2"] * n, STATUS)


def _rows(columns):
    return [list(row) for row in zip(*columns, strict=True)]


def _written(rows):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
