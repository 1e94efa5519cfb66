"""From an export to a cohort: each finding fires where it should and stays silent where it should."""

from pathlib import Path

import numpy as np
import pytest

from clinpred.errors import ClinpredError, InputRefused, StatisticalRefusal
from clinpred.records.cohort import ExcludedRows, RowFlow, assemble
from clinpred.records.columns import predictor_table
from clinpred.records.patients import looks_like_id
from clinpred.records.read import read_export
from clinpred.records.types import PredictorType
from clinpred.settings.study import load_study, study_from

SAMPLE = Path(__file__).parents[2] / "sample_data"
TIMED = {"event_column": "died", "event": "1", "time_column": "days", "horizon_days": 30}


@pytest.fixture
def cohort_of(tmp_path):
    """Return the cohort and findings of columns given as lists, with `died` as the outcome unless said otherwise."""

    def build(columns, **settings):
        names = list(columns)
        rows = zip(*columns.values(), strict=True)
        lines = [",".join(names), *(",".join(str(cell) for cell in row) for row in rows)]
        (tmp_path / "visits.csv").write_text("\n".join(lines), encoding="utf-8")
        study = study_from({"outcome": {"column": "died"}, **settings}, source="study.toml")
        return assemble(read_export(tmp_path / "visits.csv"), study)

    return build


def codes(findings):
    """Return the codes but for those that invented patients without an id always have."""
    of_the_setting = {"W-NO-PATIENT-ID", "W-EVENT-FLIPPED", "W-DUP-ROWS"}
    return [finding.code for finding in findings if finding.code not in of_the_setting]


def ages(n):
    return [20 + row % 70 for row in range(n)]


def test_support2_and_its_study_make_the_cohort_of_its_readme():
    cohort, findings = assemble(read_export(SAMPLE / "support2.csv"), load_study(SAMPLE / "support2.toml"))
    assert (cohort.n_rows, cohort.n_patients, cohort.n_events) == (9105, 9105, 4265)
    assert len(cohort.types) == 30
    assert cohort.types["income"].levels == ("under $11k", "$11-$25k", "$25-$50k", ">$50k")
    assert codes(findings) == ["W-STRIP"]
    surv6m, prg6m = cohort.comparators["surv6m"], cohort.comparators["prg6m"]
    assert (np.isnan(surv6m).sum(), (surv6m == 1).sum()) == (1, 202)
    assert (np.isnan(prg6m).sum(), ((prg6m == 0) | (prg6m == 1)).sum()) == (1633, 503)
    assert [part.rows for part in cohort.row_flow.excluded] == [0, 0]


def test_rows_read_are_rows_used_plus_rows_excluded_or_it_is_a_fault():
    assert RowFlow(10, 7, (ExcludedRows("outcome missing", 3),)).rows == 7
    with pytest.raises(ClinpredError) as fault:
        RowFlow(10, 7, (ExcludedRows("outcome missing", 2),))
    assert fault.value.exit_code == 1


# the outcome


@pytest.mark.parametrize(
    ("values", "event", "expected"),
    [
        (["0", "1", "1"], None, [0, 1, 1]),
        (["0.0", "1.0", "1"], None, [0, 1, 1]),
        (["1", "2", "2"], "2", [0, 1, 1]),
        (["1", "2.0", "2"], "2", [0, 1, 1]),
        (["0", "1", "1"], "0", [1, 0, 0]),
        (["relapse", "cured", "cured"], "relapse", [1, 0, 0]),
    ],
)
def test_the_event_is_found_as_number_or_as_text(cohort_of, values, event, expected):
    cohort, findings = cohort_of({"died": values, "age": [1, 2, 3]}, outcome={"column": "died", "event": event})
    assert cohort.outcome.tolist() == expected
    assert codes(findings) == []


@pytest.mark.parametrize(
    ("event", "other"), [("yes", "no"), ("TRUE", "FALSE"), ("Dead", "Alive"), ("Died", "Survived")]
)
def test_known_words_are_mapped_and_said_whatever_their_alphabet(cohort_of, event, other):
    cohort, findings = cohort_of({"died": [other, event, event], "age": [1, 2, 3]})
    assert cohort.outcome.tolist() == [0, 1, 1]
    assert codes(findings) == ["W-OUTCOME-MAP"]


def test_named_events_need_no_map(cohort_of):
    outcome = {"column": "died", "event": "no"}
    cohort, findings = cohort_of({"died": ["yes", "no", "no"], "age": [1, 2, 3]}, outcome=outcome)
    assert cohort.outcome.tolist() == [0, 1, 1]
    assert codes(findings) == []


def test_missing_outcomes_are_excluded_counted_and_said_above_one_in_twenty(cohort_of):
    for n_missing, expected in ((5, []), (6, ["W-OUTCOME-MISSING"])):
        died = [""] * n_missing + ["0", "1"] * 50
        cohort, findings = cohort_of({"died": died[:100], "age": ages(100)})
        assert cohort.row_flow == RowFlow(100, 100 - n_missing, (ExcludedRows("outcome missing", n_missing),))
        assert codes(findings) == expected


def test_a_timed_outcome_counts_the_day_of_the_horizon_in(cohort_of):
    columns = {"died": [1, 1, 1, 0, 0], "days": [29, 30, 31, 30, 31], "age": [1, 2, 3, 4, 5]}
    cohort, findings = cohort_of(columns, outcome=TIMED)
    assert cohort.outcome.tolist() == [1, 1, 0, 0, 0]
    assert codes(findings) == []
    assert list(cohort.types) == ["age"]


def test_few_censored_early_are_excluded_and_said_and_many_are_refused(cohort_of):
    def columns(n_censored):
        died = [0] * n_censored + [1, 0] * 50
        days = [10] * n_censored + [20, 40] * 50
        return {"died": died[:100], "days": days[:100], "age": ages(100)}

    cohort, findings = cohort_of(columns(5), outcome=TIMED)
    assert cohort.row_flow.excluded == (
        ExcludedRows("outcome missing", 0),
        ExcludedRows("censored before the horizon", 5),
    )
    assert codes(findings) == ["W-CENSORED"]
    with pytest.raises(StatisticalRefusal) as refusal:
        cohort_of(columns(6), outcome=TIMED)
    assert refusal.value.code == "S-CENSORED"
    cohort, findings = cohort_of(columns(6), outcome={**TIMED, "early_censoring": "exclude"})
    assert cohort.n_rows == 94
    assert codes(findings) == ["W-CENSORED"]


def test_a_missing_event_or_time_is_a_missing_outcome(cohort_of):
    died = ["", "1", *([1, 0] * 20)]
    days = ["10", "", *([20, 40] * 20)]
    cohort, _ = cohort_of({"died": died, "days": days, "age": ages(42)}, outcome=TIMED)
    assert cohort.row_flow.excluded[0].rows == 2


def test_everyone_dying_sometime_is_no_single_class_where_some_outlive_the_horizon(cohort_of):
    cohort, _ = cohort_of({"died": [1, 1, 1], "days": [5, 40, 50], "age": [1, 2, 3]}, outcome=TIMED)
    assert cohort.outcome.tolist() == [1, 0, 0]


# patients


def test_declared_ids_keep_their_text_and_number_patients_by_first_appearance(cohort_of):
    columns = {"pid": ["007", "7", "007", "12E03"], "died": [0, 1, 0, 1], "age": [1, 2, 3, 4]}
    cohort, findings = cohort_of(columns, roles={"patient": "pid"})
    assert cohort.patient_ids.tolist() == ["007", "7", "007", "12E03"]
    assert cohort.patients.tolist() == [0, 1, 0, 2]
    assert findings == []


def test_without_an_id_each_row_is_a_patient_and_that_is_said(cohort_of):
    cohort, findings = cohort_of({"died": [0, 1, 1], "age": [1, 2, 3]})
    assert cohort.patient_ids.tolist() == ["1", "2", "3"]
    assert [finding.code for finding in findings] == ["W-NO-PATIENT-ID"]


def test_a_unique_id_is_no_predictor_and_a_repeated_one_must_be_declared(cohort_of):
    cohort, findings = cohort_of({"Patient ID": [1, 2, 3], "died": [0, 1, 1], "age": [1, 2, 3]})
    assert list(cohort.types) == ["age"]
    assert codes(findings) == ["W-ID-COLUMN"]
    with pytest.raises(StatisticalRefusal) as refusal:
        cohort_of({"id": [1, 2, 2], "died": [0, 1, 1], "age": [1, 2, 3]})
    assert refusal.value.code == "S-GROUP"


def test_a_repeated_id_may_be_declared_put_aside_or_called_a_predictor(cohort_of):
    columns = {"id": [1, 2, 2, 3], "died": [0, 1, 1, 0], "age": [1, 2, 3, 4]}
    assert cohort_of(columns, roles={"patient": "id"})[0].n_patients == 3
    assert cohort_of(columns, set_aside={"id": "of the form, not the patient"})[0].n_patients == 4
    assert list(cohort_of(columns, predictors={"id": {}})[0].types) == ["id", "age"]


@pytest.mark.parametrize("name", ["id", "PID", "sno", "MRN", "Patient", "patient.id", "SUBJECT_ID", "RecordID", "ptid"])
def test_names_of_ids_are_known(name):
    assert looks_like_id(name)


@pytest.mark.parametrize(
    "name", ["sodium", "hospital", "person", "grid", "idh", "patients_seen", "valid", "case", "pt"]
)
def test_names_that_only_resemble_ids_are_not(name):
    assert not looks_like_id(name)


# predictors


@pytest.mark.parametrize(
    ("code", "values", "near_miss"),
    [
        ("W-CONSTANT", ["1"] * 200, ["1"] * 199 + ["2"]),
        ("W-EMPTY", [""] * 200, [""] * 198 + ["1", "2"]),
        ("W-EMPTY", [""] * 199 + ["1"], ["", *("ab" * 100)][:200]),
        ("W-DATE-COLUMN", [f"2023-01-{1 + row % 28:02d}" for row in range(200)], [f"{row}" for row in range(200)]),
        (
            "W-FREETEXT",
            [f"{row}" + " word" * 10 for row in range(200)],
            [f"{row % 9} " + "w" * 50 for row in range(200)],
        ),
        ("W-TEXT-COLUMN", [f"w{row % 51}" for row in range(200)], [f"w{row % 50}" for row in range(200)]),
    ],
)
def test_a_column_that_cannot_be_a_predictor_is_left_out_with_a_finding(cohort_of, code, values, near_miss):
    columns = {"died": [0, 0, 1, 1] * 50, "age": ages(200)}
    cohort, findings = cohort_of({**columns, "x": values})
    assert (list(cohort.types), codes(findings)) == (["age"], [code])
    assert findings[-1].column == "x"
    cohort, findings = cohort_of({**columns, "x": near_miss})
    assert (list(cohort.types), codes(findings)) == (["age", "x"], [])


def test_text_almost_unique_in_a_small_export_is_left_out(cohort_of):
    columns = {"died": [0, 1] * 10, "age": ages(20), "x": [f"w{row % 11}" for row in range(20)]}
    cohort, findings = cohort_of(columns)
    assert (list(cohort.types), codes(findings)) == (["age"], ["W-TEXT-COLUMN"])


def test_a_category_that_is_mostly_numbers_is_kept_and_said(cohort_of):
    columns = {"died": [0, 0, 1, 1, 0] * 4, "lab": ["<4.0", "5.1", "6.2", "haemolysed"] * 5}
    cohort, findings = cohort_of(columns)
    assert cohort.types["lab"].kind == "category"
    assert codes(findings) == ["W-TEXT-COLUMN"]


def test_the_study_overrules_the_inferred_type(cohort_of):
    columns = {"died": [0, 1] * 3, "code": ["01", "02", "03"] * 2, "grade": [1, 2, 3.0] * 2}
    kinds = {"code": {"type": "number"}, "grade": {"type": "ordered", "levels": ["1", "2", "3"], "unit": "grade"}}
    cohort, findings = cohort_of(columns, predictors=kinds)
    assert cohort.predictors["code"].tolist() == [1.0, 2.0, 3.0] * 2
    assert cohort.predictors["grade"].tolist() == ["1", "2", "3"] * 2
    assert cohort.types["grade"] == PredictorType("ordered", ("1", "2", "3"), "grade")
    assert codes(findings) == []


def test_a_declared_type_keeps_a_column_of_many_words(cohort_of):
    columns = {"died": [0, 1] * 100, "x": [f"w{row}" for row in range(200)]}
    cohort, findings = cohort_of(columns, predictors={"x": {"type": "category"}})
    assert (list(cohort.types), codes(findings)) == (["x"], [])


def test_values_outside_a_range_are_set_missing_and_counted_where_the_study_says_so(cohort_of):
    settings = {"age": {"range": [0, 120], "below_range": "missing", "above_range": "missing"}}
    columns = {"died": [0, 1] * 3, "age": [-1, 0, 120, 121, 999, ""]}
    cohort, findings = cohort_of(columns, predictors=settings)
    np.testing.assert_array_equal(cohort.predictors["age"], [np.nan, 0, 120, np.nan, np.nan, np.nan])
    assert [(finding.code, finding.count) for finding in findings[1:]] == [("W-RANGE", 1), ("W-RANGE", 2)]


def test_only_the_rows_used_are_held_to_a_range(cohort_of):
    columns = {"died": ["", *([0, 1] * 20)], "age": [-1, *ages(40)]}
    assert cohort_of(columns, predictors={"age": {"range": [0, 120]}})[0].n_rows == 40


def test_columns_with_a_role_are_no_predictors(cohort_of):
    columns = {
        "pid": list("abcd"),
        "site": ["n", "", "s", "s"],
        "day": ["2020-01-01", "2020-01-02", "", "2020-01-03"],
        "died": [0, 1, 0, 1],
        "late": [1, 2, 3, 4],
        "score": [0.1, 0.2, 0.3, 1],
        "age": [1, 2, 3, 4],
    }
    cohort, _ = cohort_of(
        columns,
        roles={"patient": "pid", "site": "site", "date": "day"},
        set_aside={"late": "known at discharge"},
        comparators={"score": {}},
    )
    assert list(cohort.types) == list(cohort.predictors) == ["age"]
    assert cohort.site.tolist() == ["n", "", "s", "s"]
    assert cohort.date.astype(str).tolist() == ["2020-01-01", "2020-01-02", "NaT", "2020-01-03"]
    assert cohort.comparators["score"].tolist() == [0.1, 0.2, 0.3, 1.0]


def test_a_survival_of_zero_is_a_risk_of_exactly_one(cohort_of):
    columns = {"died": [0, 1, 0, 1], "survival": [0, 1, 0.25, ""], "age": [1, 2, 3, 4]}
    cohort, _ = cohort_of(columns, comparators={"survival": {"survival": True}})
    np.testing.assert_array_equal(cohort.comparators["survival"], [1.0, 0.0, 0.75, np.nan])


def test_a_new_export_gives_the_same_predictors_whatever_it_looks_like_there(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("grade,age,sodium\n1.0,007,\n2,61,\n", encoding="utf-8")
    types = {
        name: PredictorType(kind) for name, kind in (("sodium", "number"), ("grade", "category"), ("age", "number"))
    }
    table = predictor_table(read_export(path), types)
    assert list(table) == ["sodium", "grade", "age"]
    assert table["grade"].tolist() == ["1", "2"]
    assert table["age"].tolist() == [7.0, 61.0]
    assert table["sodium"].isna().all()
    assert table["sodium"].dtype == np.float64


def test_text_where_a_number_was_learnt_is_refused(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("age\nold\n61\n", encoding="utf-8")
    with pytest.raises(InputRefused) as refusal:
        predictor_table(read_export(path), {"age": PredictorType("number")})
    assert refusal.value.code == "E-NUMBER"
