"""Leaks: what is one, what is not, and what is said of it."""

import numpy as np
import pandas as pd
import pytest

from clinpred.records.audit.leaks import Leak, find_leaks, leak_findings, name_findings
from clinpred.records.audit.ranks import (
    area,
    chance_of_area,
    chance_of_one_class,
    crossed_rates,
    lower_limit,
    midranks,
)
from clinpred.records.audit.telling_names import tells_the_outcome
from clinpred.records.read import Export

N, EVENTS = 600, 120


def export_of(columns, **dates):
    table = pd.DataFrame({**columns, **dates})
    types = {
        name: "date" if name in dates else "number" if values.dtype.kind in "fi" else "category"
        for name, values in table.items()
    }
    for name, kind in types.items():
        table[name] = table[name].astype(float if kind == "number" else object)
    return Export("visits.csv", "", table, types, (), {})


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def outcome():
    return (np.arange(N) % (N // EVENTS) == 0).astype(float)


def leaks_of(values, outcome, *, name="column", **asked):
    return find_leaks(export_of({name: values}), outcome, columns=[name], **asked)


def words(*options):
    return np.array(options, dtype=object)


# ranks


def test_ranks_areas_and_their_chance_are_scipys(rng):
    from scipy.stats import mannwhitneyu, rankdata

    for decimals in (0, 1, 8):
        values = np.round(rng.normal(size=80), decimals)
        classes = (rng.random(80) < 0.3).astype(float)
        test = mannwhitneyu(values[classes == 1], values[classes == 0], method="asymptotic", use_continuity=False)
        assert np.array_equal(midranks(values), rankdata(values))
        pairs = classes.sum() * (classes == 0).sum()
        assert area(classes, values) == pytest.approx(test.statistic / pairs, abs=1e-12)
        assert chance_of_area(classes, values) == pytest.approx(test.pvalue, rel=1e-9)


def test_a_constant_has_an_area_of_one_half_and_a_chance_of_one(outcome):
    assert area(outcome, np.ones(N)) == 0.5
    assert chance_of_area(outcome, np.ones(N)) == 1.0


def test_three_events_that_separate_perfectly_still_leave_a_low_limit():
    assert lower_limit(1.0, 3, 97) < 0.7
    assert lower_limit(1.0, 10, 90) == pytest.approx(0.845, abs=0.001)
    assert lower_limit(1.0, 1000, 1000) > 0.99


def test_the_limit_covers_a_true_area_of_85_percent_at_least_as_often_as_it_says(rng):
    from scipy.special import ndtri

    shift = np.sqrt(2) * ndtri(0.85)
    classes = np.repeat([1.0, 0.0], [12, 60])
    limits = []
    for _ in range(2000):
        found = area(classes, rng.normal(size=72) + shift * classes)
        limits.append(lower_limit(found, 12, 60))
    assert np.mean(np.array(limits) <= 0.85) >= 0.97


def test_rates_of_other_rows_do_not_let_five_hundred_levels_tell_the_outcome(rng):
    classes = (rng.random(1000) < 0.3).astype(float)
    codes = rng.integers(0, 500, size=1000)
    naive = np.bincount(codes, classes)[codes] / np.bincount(codes)[codes]
    assert area(classes, naive) > 0.85
    assert abs(area(classes, crossed_rates(classes, codes)) - 0.5) < 0.06


def test_the_chance_of_one_class_is_the_hypergeometric_one():
    from scipy.stats import hypergeom

    assert chance_of_one_class(12, of_class=40, total=200) == pytest.approx(hypergeom.pmf(12, 200, 40, 12), rel=1e-9)
    assert chance_of_one_class(1, of_class=40, total=200) == pytest.approx(0.2)


# S-LEAK


@pytest.mark.parametrize("direction", [1, -1])
def test_a_number_that_tells_the_outcome_is_a_leak_in_either_direction(rng, outcome, direction):
    (leak,) = leaks_of(direction * (rng.normal(size=N) + 4 * outcome), outcome)
    assert (leak.column, leak.code) == ("column", "S-LEAK")
    assert leak.auroc > 0.99
    assert f"{EVENTS} events in {N} rows" in leak.why


def test_a_strong_honest_predictor_is_no_leak(rng, outcome):
    values = rng.normal(size=N) + 1.9 * outcome
    assert area(outcome, values) == pytest.approx(0.91, abs=0.03)
    assert leaks_of(values, outcome) == []


def test_codes_in_no_order_are_a_leak_where_one_stands_for_the_event(rng, outcome):
    codes = np.where(outcome == 1, 20.0, rng.choice([1.0, 3.0, 30.0, 62.0], size=N))
    (leak,) = leaks_of(codes, outcome)
    assert leak.auroc > 0.99


def test_a_word_that_stands_for_part_of_the_events_is_a_leak(rng, outcome):
    went = np.where((outcome == 1) & (rng.random(N) < 0.5), "expired", rng.choice(words("home", "rehab"), size=N))
    (leak,) = leaks_of(went, outcome, name="went")
    assert leak.auroc < 0.9
    assert "one of its values" in leak.why
    assert "expired" not in leak.why


def test_a_level_without_events_is_no_leak_where_events_are_rare(rng):
    outcome = (np.arange(2000) % 20 == 0).astype(float)
    ward = np.where((outcome == 0) & (rng.random(2000) < 0.2), "eye", "other")
    assert leaks_of(ward, outcome) == []


def test_five_hundred_levels_in_a_thousand_rows_are_no_leak(rng):
    outcome = (rng.random(1000) < 0.3).astype(float)
    codes = np.array([f"K{code}" for code in rng.integers(0, 500, size=1000)], dtype=object)
    assert leaks_of(codes, outcome) == []
    assert leaks_of(rng.integers(0, 500, size=1000).astype(float), outcome) == []


def test_what_is_missing_but_in_events_is_a_leak(outcome):
    cause = np.where(outcome == 1, "heart", None)
    (leak,) = leaks_of(cause, outcome)
    assert leak.auroc == 1.0
    assert leak.why == f"it is missing in 0 of {EVENTS} rows with the event and in {N - EVENTS} of {N - EVENTS} without"


def test_what_is_filled_in_for_some_events_only_is_a_leak(outcome):
    result = np.full(N, np.nan)
    result[np.flatnonzero(outcome == 1)[:20]] = 1.0
    (leak,) = leaks_of(result, outcome)
    assert leak.auroc < 0.6
    result[np.flatnonzero(outcome == 0)[:10]] = 1.0
    assert leaks_of(result, outcome) == []


def test_a_measurement_more_often_made_in_the_sick_is_no_leak(rng, outcome):
    lactate = np.where(rng.random(N) < np.where(outcome == 1, 0.9, 0.3), rng.normal(size=N), np.nan)
    assert leaks_of(lactate, outcome) == []


@pytest.mark.parametrize("events", [3, 9])
def test_of_fewer_than_ten_events_nothing_is_said(events):
    outcome = (np.arange(N) < events).astype(float)
    assert leaks_of(outcome, outcome) == []


def test_rows_of_one_patient_prove_one_thing_once():
    outcome = np.repeat([1.0, 0.0] * 8, 50)
    patients = np.repeat([f"P{at}" for at in range(16)], 50).astype(object)
    export = export_of({"patient_id": patients, "told": outcome})
    assert len(find_leaks(export, outcome, columns=["told"])) == 1
    assert find_leaks(export, outcome, columns=["told"], patient="patient_id") == []


def test_what_a_patients_last_row_tells_is_a_leak():
    patients = np.repeat(np.arange(60), [3, *[2] * 59])
    outcome = (patients % 3 == 0).astype(float)
    is_last = np.append(np.diff(patients) > 0, [True])
    cause = np.where((outcome == 1) & is_last, "heart", None)
    export = export_of({"patient_id": np.array([f"P{at}" for at in patients], dtype=object), "cause": cause})
    (leak,) = find_leaks(export, outcome, columns=["cause"], patient="patient_id")
    assert leak.auroc == 1.0


def test_constant_empty_and_unknown_rows_are_no_leak(outcome):
    outcome = np.where(np.arange(N) % 7 == 0, np.nan, outcome)
    values = np.where(np.isnan(outcome), 9.0, 1.0)
    assert leaks_of(values, outcome) == []
    assert leaks_of(np.full(N, np.nan), outcome) == []


def test_a_date_of_death_is_a_leak(outcome):
    died = np.where(outcome == 1, "2020-05-01", None)
    export = export_of({}, died=died)
    assert [leak.code for leak in find_leaks(export, outcome, columns=["died"])] == ["S-LEAK"]


# names


def test_weaker_evidence_is_enough_where_the_name_tells_too(rng, outcome):
    days = rng.normal(size=N) + 1.5 * outcome
    assert leaks_of(days, outcome) == []
    (leak,) = leaks_of(days, outcome, name="follow_up_days")
    assert leak.why.startswith("its name says")


@pytest.mark.parametrize(
    "name",
    [
        "death_date", "dod", "died", "survival_time", "time_to_event", "discharge_status", "cause_of_death",
        "icd_death", "futime", "d.time", "rtime", "t.tdm", "yrdth", "hospdead", "Todesursache", "date_deces",
        "fecha_muerte", "causa_morte", "overlijdensdatum", "DTHDTC", "vital_status", "icu_los_total", "OS_months",
        "LengthOfStay", "days_to_death", "last_contact_date", "Entlassungsart", "follow-up time", "in_hospital_death",
    ],
)  # fmt: skip
def test_names_that_tell(name):
    assert tells_the_outcome(name)


@pytest.mark.parametrize(
    "name",
    [
        "age", "time", "status", "daytime", "family_history_of_death", "mortgage", "deadlift", "crp", "stage", "date",
        "diabetes", "os", "dose", "admission_date", "birth_date", "discharge", "lost_weight", "previous_stroke",
        "survivin", "data", "dodecanoate", "site", "tod", "cost_centre", "days_in_hospital_before",
    ],
)  # fmt: skip
def test_names_that_do_not_tell(name):
    assert not tells_the_outcome(name)


def test_a_name_alone_is_a_caution_unless_the_column_is_kept_or_a_leak_already():
    (finding,) = name_findings(["age", "slos"], [], {})
    assert (finding.code, finding.level, finding.column) == ("W-LEAK-NAME", "caution", "slos")
    assert name_findings(["slos"], [], {"slos": "days before admission"}) == []
    assert name_findings(["slos"], [Leak("slos", "S-LEAK", "it tells", 0.99)], {}) == []


# S-FUTURE


def dated(**shifts):
    index = np.datetime64("2020-01-01") + np.arange(50)
    return {name: (index + days).astype(str).astype(object) for name, days in shifts.items()}


def future(export, columns):
    leaks = find_leaks(export, np.full(50, np.nan), columns=columns, index_date="index")
    assert {leak.code for leak in leaks} <= {"S-FUTURE"}
    return {leak.column: leak.why for leak in leaks}


def test_a_date_after_the_index_date_is_from_the_future_and_the_same_day_is_not():
    after = np.where(np.arange(50) < 3, 1, 0)
    export = export_of({}, **dated(index=0, sampled=after, measured=0))
    assert future(export, ["sampled", "measured"]) == {
        "sampled": "it is dated after the index date `index` in 3 of 50 rows"
    }


def test_a_value_is_as_late_as_the_date_that_bears_its_name():
    values = {"crp_mg_l": np.arange(50.0), "crps": np.arange(50.0), "albumin": np.arange(50.0)}
    values["crp_mg_l"][10:] = np.nan
    export = export_of(values, **dated(index=0, crp_date=2, date=5))
    assert future(export, list(values)) == {
        "crp_mg_l": "it is dated by `crp_date` after the index date `index` in 10 of 10 rows"
    }


def test_without_an_index_date_nothing_is_from_the_future(outcome):
    export = export_of({}, **dated(index=0, sampled=5))
    assert find_leaks(export, np.full(50, np.nan), columns=["sampled"]) == []


# findings


def test_a_leak_is_serious_and_its_advice_names_both_ways_out():
    (finding,) = leak_findings([Leak("slos", "S-LEAK", "alone it tells", 0.97)], {})
    assert (finding.code, finding.level, finding.column) == ("S-LEAK", "serious", "slos")
    assert "--set-aside 'slos=known only later'" in finding.advice
    assert "--keep slos --because WHY" in finding.advice


def test_a_kept_leak_is_a_note_with_the_reason():
    leaks = [Leak("ct", "S-LEAK", "alone it tells", 0.97), Leak("slos", "S-LEAK", "alone it tells", 0.97)]
    kept, other = leak_findings(leaks, {"ct": "read before admission"})
    assert (kept.code, kept.level, kept.column) == ("W-LEAK-KEPT", "note", "ct")
    assert "read before admission" in kept.text
    assert other.code == "S-LEAK"
