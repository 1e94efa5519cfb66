"""Dates in an order that cannot be: which pairs are compared, how many rows are forgiven, what is left alone."""

import numpy as np
import pandas as pd
import pytest

from clinpred.errors import InputRefused
from clinpred.records.audit.date_order import date_order_findings
from clinpred.records.read import Export, read_export

N = 400


def export_of(**dates):
    """Return an export of dates, given as days after 2020-01-01."""
    start = np.datetime64("2020-01-01")
    table = pd.DataFrame(
        {
            name: pd.Series([None if np.isnan(day) else str(start + int(day)) for day in days], dtype=object)
            for name, days in dates.items()
        }
    )
    return Export("stays.csv", "", table, dict.fromkeys(table, "date"), (), {})


def wrong_in(rows, *, by=1.0):
    """Return days that follow 0, 1, 2 ... but in the first rows, where they lie before."""
    return np.arange(N) + np.where(np.arange(N) < rows, -by, 3.0)


def found(**dates):
    return [(finding.count, finding.column) for finding in date_order_findings(export_of(**dates))]


DAYS = np.arange(float(N))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("admission_date", "discharge_date"),
        ("admittime", "dischtime"),
        ("icu_admit_dt", "icu_discharge_dt"),
        ("Aufnahmedatum", "Entlassungsdatum"),
        ("date of birth", "date of surgery"),
        ("dob", "sample_date"),
        ("birth_date", "death_date"),
        ("visit_date", "dod"),
        ("discharge_date", "death_date"),
    ],
)
def test_one_row_of_four_hundred_in_the_wrong_order_is_a_caution(earlier, later):
    (finding,) = date_order_findings(export_of(**{earlier: DAYS, later: wrong_in(1, by=30.0)}))
    assert (finding.code, finding.level, finding.count, finding.column) == ("W-DATE-ORDER", "caution", 1, later)
    assert f"`{later}` lies before `{earlier}`" in finding.text
    assert "1 of 400 rows" in finding.text
    assert found(**{earlier: DAYS, later: wrong_in(0)}) == []


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("icu_admission_date", "discharge_date"),
        ("admission_date_2", "discharge_date_1"),
        ("diagnosis_date", "death_date"),
        ("sample_date", "death_date"),
        ("mother_birth_date", "visit_date"),
        ("birth_date", "death_date_father"),
        ("surgery_date", "visit_date"),
        ("date", "report_date"),
        ("admission_or_birth_date", "discharge_date"),
    ],
)
def test_pairs_whose_names_leave_a_doubt_are_not_compared(earlier, later):
    assert found(**{earlier: DAYS, later: wrong_in(200)}) == []


def test_where_mothers_are_the_patients_birth_is_not_the_first_date():
    dates = {"birth_date": DAYS, "visit_date": wrong_in(200)}
    with pytest.raises(InputRefused):
        date_order_findings(export_of(**dates))
    assert found(**dates, gestation_start=DAYS) == []


def test_one_row_in_a_hundred_is_forgiven_and_more_is_refused():
    assert found(admission_date=DAYS, discharge_date=wrong_in(4)) == [(4, "discharge_date")]
    with pytest.raises(InputRefused) as refused:
        date_order_findings(export_of(admission_date=DAYS, discharge_date=wrong_in(5)))
    assert (refused.value.code, refused.value.exit_code) == ("E-DATE-ORDER", 3)
    assert "5 of 400 rows" in str(refused.value)
    assert "2020" not in str(refused.value)


def test_the_share_is_that_of_rows_with_both_dates():
    discharge = np.where(np.arange(N) < 100, wrong_in(2), np.nan)
    with pytest.raises(InputRefused, match="2 of 100 rows"):
        date_order_findings(export_of(admission_date=DAYS, discharge_date=discharge))


def test_the_same_day_is_in_order_and_a_discharge_may_follow_death_by_a_week():
    assert found(admission_date=DAYS, discharge_date=DAYS, death_date=DAYS) == []
    assert found(discharge_date=DAYS + 7, death_date=DAYS) == []
    with pytest.raises(InputRefused, match="more than 7 days"):
        date_order_findings(export_of(discharge_date=DAYS + 8, death_date=DAYS))


def test_days_that_stand_for_unknown_are_left_out():
    export = export_of(admission_date=DAYS, discharge_date=wrong_in(0))
    export.table.loc[:49, "discharge_date"] = "1900-01-01"
    export.table.loc[50:99, "admission_date"] = "9999-12-31"
    assert date_order_findings(export) == []


def test_a_year_far_after_all_others_is_a_caution_whatever_the_clock_says():
    seen = DAYS.copy()
    seen[7] += 3653 + N
    (finding,) = date_order_findings(export_of(seen_on=seen))
    assert (finding.code, finding.count, finding.column) == ("W-DATE-ORDER", 1, "seen_on")
    assert found(seen_on=DAYS) == []
    assert found(seen_on=DAYS + 40_000) == []
    assert found(next_due_date=seen) == []


def test_more_than_one_in_a_hundred_far_dates_are_a_second_period():
    seen = np.where(np.arange(N) < 10, 10_000.0, DAYS)
    assert found(seen_on=seen) == []


def test_births_long_before_all_else_are_no_fault():
    assert found(birth_date=DAYS - 20_000, visit_date=DAYS) == []


def test_times_of_day_and_missing_dates_as_read_from_a_file(tmp_path):
    rows = [f"2023-01-{1 + at % 9:02d} 14:30,2023-02-0{1 + at % 9}" for at in range(300)]
    rows[0], rows[1] = "2023-03-01 08:00,2023-02-03", ",2023-02-03"
    path = tmp_path / "stays.csv"
    path.write_text("admitted,discharged\n" + "\n".join(rows) + "\n")
    (finding,) = date_order_findings(read_export(path))
    assert "1 of 299 rows" in finding.text


def test_columns_that_are_not_asked_for_or_hold_no_dates_are_left_alone():
    export = export_of(admission_date=DAYS, discharge_date=wrong_in(100))
    assert date_order_findings(export, ["admission_date"]) == []
    numbers = Export("stays.csv", "", export.table, dict.fromkeys(export.table, "category"), (), {})
    assert date_order_findings(numbers) == []
