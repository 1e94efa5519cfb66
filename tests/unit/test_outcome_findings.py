"""What is said of an outcome, of the rows without one, and of the order of the rows."""

import numpy as np
import pandas as pd
import pytest

from clinpred.records.audit.outcome_findings import event_findings, missing_outcome_findings
from clinpred.records.audit.row_order import order_findings
from clinpred.records.read import Export
from clinpred.records.values.texts import CodedTexts

N = 1000


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def missing(rng):
    return rng.random(N) < 0.2


def export_of(**columns):
    table = pd.DataFrame(columns)
    types = {name: "number" if values.dtype.kind in "fi" else "category" for name, values in table.items()}
    for name, kind in types.items():
        table[name] = table[name].astype(float if kind == "number" else object)
    texts = {name: CodedTexts.of(list(values.astype(str))) for name, values in table.items()}
    return Export("visits.csv", "", table, types, (), texts)


def texts_of(values):
    return np.array([str(value) for value in values], dtype=object)


# rows without an outcome


def differing(missing, **columns):
    export = export_of(**columns)
    return missing_outcome_findings(export, missing, list(columns))


def test_rows_without_an_outcome_that_are_like_the_others_are_not_mentioned(rng, missing):
    columns = {f"lab{at}": rng.normal(size=N) for at in range(30)}
    assert differing(missing, **columns, ward=texts_of(rng.integers(0, 4, N))) == []


def test_columns_that_differ_are_named_the_largest_first(rng, missing):
    (finding,) = differing(
        missing,
        age=rng.normal(size=N) + 0.5 * missing,
        ward=texts_of(np.where(missing, rng.random(N) < 0.9, rng.random(N) < 0.4)),
        crp=rng.normal(size=N),
    )
    assert (finding.code, finding.level, finding.count) == ("W-OUTCOME-MISSING-DIFFERS", "caution", 2)
    assert (
        f"the {missing.sum()} rows without an outcome differ from the others in 2 of 3 columns: `ward` ("
        in finding.text
    )
    assert finding.text.index("`ward`") < finding.text.index("`age`")
    assert "crp" not in finding.text


def test_the_standardised_difference_is_the_textbook_one(missing):
    values = np.where(missing, 12.0, 10.0) + np.tile([-1.0, 1.0], N // 2)
    inside, outside = values[missing], values[~missing]
    by_hand = abs(inside.mean() - outside.mean()) / np.sqrt((inside.var() + outside.var()) / 2)
    (finding,) = differing(missing, age=values)
    assert f"`age` ({by_hand:.2f})" in finding.text


def test_a_predictor_that_is_missing_with_the_outcome_differs(rng, missing):
    (finding,) = differing(missing, crp=np.where(missing, np.nan, rng.normal(size=N)))
    assert "`crp` (inf)" in finding.text


def test_a_difference_that_chance_gives_among_many_columns_is_not_said():
    rng = np.random.default_rng(0)
    missing = np.arange(60) < 12
    said = [differing(missing, **{f"lab{at}": rng.normal(size=60) for at in range(50)}) for _ in range(40)]
    assert sum(bool(findings) for findings in said) <= 5


@pytest.mark.parametrize(("rows", "said"), [(50, 0), (51, 1)])
def test_of_five_percent_or_less_nothing_is_said(rng, rows, said):
    missing = np.arange(N) < rows
    assert len(differing(missing, age=rng.normal(size=N) + 3 * missing)) == said


# the event


@pytest.mark.parametrize(
    ("name", "event", "events", "codes"),
    [
        ("death", None, 60, ["W-EVENT-FLIPPED"]),
        ("hospital_infection", "1", 60, ["W-EVENT-FLIPPED"]),
        ("death", None, 50, []),
        ("home_at_day_30", None, 90, []),
        ("vital", "Alive", 20, ["W-EVENT-FLIPPED"]),
        ("died30", "no", 20, ["W-EVENT-FLIPPED"]),
        ("died", "0", 20, ["W-EVENT-FLIPPED"]),
        ("group", "0", 20, []),
        ("died", "1", 20, []),
    ],
)
def test_an_event_that_may_be_the_wrong_value_is_asked_about(name, event, events, codes):
    outcome = np.append((np.arange(100) < events).astype(float), np.nan)
    findings = event_findings(outcome, name=name, event=event)
    assert [finding.code for finding in findings] == codes
    assert all(f"{events} of 100 rows" in finding.text and "--event" in finding.advice for finding in findings)


def test_a_common_bad_event_is_a_note_and_a_good_word_a_caution():
    outcome = np.tile([1.0, 1.0, 0.0], 7)
    assert [finding.level for finding in event_findings(outcome, name="relapse")] == ["note"]
    assert event_findings(outcome[:19], name="relapse") == []
    assert [finding.level for finding in event_findings(outcome, name="state", event="survived")] == ["caution"]


# the order of the rows


def order_codes(outcome, export, **asked):
    findings = order_findings(export, outcome, **asked)
    assert {finding.code for finding in findings} <= {"W-ORDER-LEAK"}
    return [finding.text for finding in findings]


def test_a_file_sorted_by_outcome_is_said_to_be_and_that_it_is_harmless_at_random():
    outcome = (np.arange(N) >= 700).astype(float)
    (finding,) = order_findings(export_of(age=np.ones(N)), outcome)
    assert (finding.code, finding.text) == ("W-ORDER-LEAK", "the rows are sorted by the outcome")
    assert "harmless where patients are drawn at random" in finding.advice


def test_an_order_that_predicts_is_said_and_one_that_does_not_is_not(rng):
    export = export_of(age=np.ones(N))
    assert order_codes((rng.random(N) < np.linspace(0.1, 0.6, N)).astype(float), export) != []
    assert order_codes((rng.random(N) < 0.3).astype(float), export) == []


def test_sixty_rows_in_no_order_do_not_cry_wolf():
    export = export_of(age=np.ones(60))
    rng = np.random.default_rng(5)
    strong = 0
    for _ in range(300):
        outcome = rng.permutation(np.repeat([1.0, 0.0], [20, 40]))
        strong += abs(outcome @ np.arange(60) / 20 - 29.5) > 6
        assert order_findings(export, outcome) == []
    assert strong > 10


def test_the_number_in_an_id_and_what_stands_before_it_are_looked_at(rng):
    outcome = (rng.random(N) < 0.3).astype(float)
    numbers = np.argsort(np.argsort(outcome + 2 * rng.random(N)))
    by_number = export_of(id=texts_of([f"P-{number:04d}" for number in numbers]))
    (text,) = order_codes(outcome, by_number, ids=["id"])
    assert text.startswith("the number in `id` predicts the outcome")
    by_start = export_of(id=texts_of([f"{'CASE' if case else 'CTRL'}-{at:04d}" for at, case in enumerate(outcome)]))
    (text,) = order_codes(outcome, by_start, ids=["id"])
    assert text.startswith("what stands before the number in `id`")


def test_ids_in_the_order_of_the_rows_are_not_said_twice():
    outcome = (np.arange(N) >= 700).astype(float)
    export = export_of(id=texts_of(range(N)))
    assert order_codes(outcome, export, patient="id") == ["the rows are sorted by the outcome"]


def test_a_site_that_tells_is_said_and_two_hundred_that_do_not_are_not(rng):
    site = rng.integers(0, 5, N)
    told = (rng.random(N) < np.array([0.02, 0.1, 0.3, 0.6, 0.9])[site]).astype(float)
    (text,) = order_codes(told, export_of(site=texts_of(site)), sources=["site"])
    assert text.startswith("`site` predicts the outcome")
    many = export_of(site=texts_of(rng.integers(0, 200, N)))
    assert order_codes((rng.random(N) < 0.3).astype(float), many, sources=["site"]) == []


def test_a_patient_of_many_rows_counts_once(rng):
    patient = np.repeat(np.arange(25), 40)
    outcome = (np.arange(25) >= 15).astype(float)[patient]
    outcome = np.where(patient == 3, 1.0, np.where(patient == 20, 0.0, outcome))
    export = export_of(pid=texts_of(patient))
    assert len(order_codes(outcome, export)) == 1
    assert order_codes(outcome, export, patient="pid") == []


def test_of_few_events_nothing_is_said():
    assert order_codes((np.arange(N) < 9).astype(float), export_of(age=np.ones(N))) == []
