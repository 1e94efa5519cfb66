"""REDCap exports beside their data dictionary."""

from codes_situations import Situation, generator, heard

from clinpred.records.read import read_export
from clinpred.settings.export import Reading

redcap = generator("redcap")
LABEL, CHOICES, LOWEST, HIGHEST, CONDITION = (redcap.HEADER[at] for at in (4, 5, 8, 9, 11))


def project(change=lambda made: None, *, export="raw", dictionary=None):
    """Return a way to read the export of a project, changed beforehand, beside its dictionary."""

    def by(place):
        made = redcap.project(4)
        change(made)
        described = place.file(made.dictionary() if dictionary is None else dictionary, "dictionary.csv")
        path = place.file(getattr(made, export)())
        return heard(lambda: read_export(path, Reading(dictionary=str(described))).findings)

    return by


def set_cell(name, value, rows=(7,)):
    def change(made):
        for row in rows:
            made.column(name).raw[row] = value

    return change


def set_line(name, key, value):
    return lambda made: made.line(name).__setitem__(key, value)


def renamed(name, other):
    return lambda made: setattr(made.column(name), "name", other)


def added(name, heading, cells):
    return lambda made: made.add(name, heading, cells)


def dropped(*names):
    return lambda made: [made.drop(name) for name in names]


def unfilled(box):
    """Leave a form empty in one row but for its boxes, which hold this."""

    def change(made):
        for column in made.columns:
            if column.name not in {"record_id", "redcap_data_access_group"}:
                is_box = column.name.startswith("race") or "complete" in column.name
                column.raw[3] = (box if column.name.startswith("race") else "0") if is_box else ""

    return change


def without_dictionary(place):
    return heard(lambda: read_export(place.file(redcap.project(4).raw())).findings)


COMPLETE = ("baseline_complete", "follow_up_complete")
TIMES = ["2022-03-01 10:00:00"] * 80
AS_IT_IS = project()


FIRES = {
    "E-DICTIONARY": Situation(project(dictionary="a,b\n1,2\n"), AS_IT_IS),
    "E-REDCAP-CHOICE": Situation(project(set_cell("sex", "3")), project(set_cell("sex", "2"))),
    "E-REDCAP-REPEAT": Situation(
        project(added("redcap_event_name", "Event Name", ["baseline_arm_1", "month_6_arm_1"] * 40)),
        project(added("redcap_event_name", "Event Name", ["baseline_arm_1", "baseline_arm_2"] * 40)),
    ),
    "W-DICTIONARY": Situation(AS_IT_IS, without_dictionary),
    "W-REDCAP-ABSENT": Situation(project(dropped("bmi")), AS_IT_IS),
    "W-REDCAP-BRANCHING": Situation(AS_IT_IS, project(set_line("insured", CONDITION, ""))),
    "W-REDCAP-CHECKBOX": Situation(project(renamed("race___oth_1", "race___nask")), AS_IT_IS),
    "W-REDCAP-CHOICES": Situation(
        project(set_line("sex", CHOICES, "1, Other | 2, Other")), project(set_line("sex", CHOICES, "1, One | 2, Other"))
    ),
    "W-REDCAP-DOUBLE": Situation(
        project(set_cell("record_id", "1--2", (0,))), project(set_cell("record_id", "1-2", (0,)))
    ),
    "W-REDCAP-ENTRY": Situation(AS_IT_IS, project(dropped(*COMPLETE))),
    "W-REDCAP-FIELD": Situation(project(added("score_2", "Score", range(80))), AS_IT_IS),
    "W-REDCAP-MISSING": Situation(
        AS_IT_IS, project(set_line("stage", CHOICES, "0, 0 | 1, I | 5, II | 10, III | -99, IV"))
    ),
    "W-REDCAP-NAMES": Situation(
        project(dropped(*COMPLETE), export="labels_under_labels"), project(dropped(*COMPLETE), export="labels")
    ),
    "W-REDCAP-RANGE": Situation(
        AS_IT_IS, project(lambda made: made.line("visit_date").update({LOWEST: "", HIGHEST: ""}))
    ),
    "W-REDCAP-TIMESTAMP": Situation(
        project(added("baseline_timestamp", "Survey Timestamp", [*TIMES[1:], "[not completed]"])),
        project(added("baseline_timestamp", "Survey Timestamp", TIMES)),
    ),
    "W-REDCAP-TYPE": Situation(project(set_cell("age", "NASK")), project(set_cell("age", "61"))),
    "W-REDCAP-UNFILLED": Situation(project(unfilled("0")), project(unfilled(""))),
}
