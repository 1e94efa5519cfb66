"""How often the detectors cry wolf on clean exports, and how often they find what was planted."""

import numpy as np
import pandas as pd
import pytest

from clinpred.errors import StatisticalRefusal
from clinpred.records.audit.date_order import date_order_findings
from clinpred.records.audit.leaks import find_leaks, name_findings
from clinpred.records.audit.outcome_findings import event_findings, missing_outcome_findings
from clinpred.records.audit.repeats import hidden_repeats
from clinpred.records.audit.row_order import order_findings
from clinpred.records.read import Export
from clinpred.records.synthetic import synthetic_export
from clinpred.records.values.texts import CodedTexts

SEEDS = range(120)
OTHERS = ("patient_id", "event")


def export_of(table):
    types = {
        name: "date" if name == "admitted" else "number" if values.dtype.kind in "fi" else "category"
        for name, values in table.items()
    }
    typed = {
        name: values.astype(float if types[name] == "number" else object).to_numpy() for name, values in table.items()
    }
    texts = {name: CodedTexts.of(list(values.astype(str))) for name, values in table.items()}
    return Export("made.csv", "", pd.DataFrame(typed), types, (), texts)


def clean(seed, **made):
    """Return an export of unrelated patients, its outcome, and its columns without a role."""
    table = synthetic_export(np.random.default_rng(seed), **made).table
    export = export_of(table)
    columns = [name for name in table if name not in OTHERS]
    return export, export.table["event"].to_numpy(), columns


def said(export, columns):
    try:
        return [finding.code for finding in hidden_repeats(export, columns)]
    except StatisticalRefusal as refused:
        return [refused.code]


def planted(seed, patients, **columns):
    export, outcome, names = clean(seed, patients=patients)
    table = export.table.assign(**{name: make(outcome, np.random.default_rng(seed)) for name, make in columns.items()})
    return export_of(table), outcome, [*names, *columns]


@pytest.mark.slow
@pytest.mark.parametrize(("patients", "event_share"), [(80, 0.3), (400, 0.1), (1000, 0.3)])
def test_clean_exports_have_no_leak_and_none_of_the_other_faults(patients, event_share):
    leaks, orders, dates, differ = 0, 0, 0, 0
    for seed in SEEDS:
        export, outcome, columns = clean(seed, patients=patients, event_share=event_share)
        missing = np.random.default_rng(seed).random(patients) < 0.15
        found = find_leaks(export, outcome, columns=columns, index_date="admitted")
        leaks += len(found) + len(name_findings(columns, found, {}))
        orders += len(order_findings(export, outcome, patient="patient_id", sources=["site"]))
        dates += len(date_order_findings(export))
        differ += len(missing_outcome_findings(export, missing, columns))
        assert event_findings(outcome, name="event") == []
    assert (leaks, dates) == (0, 0)
    # two tests an export, each at one in 10,000
    assert orders <= 1
    # the family-wise rate is .05, and columns in a bundle are tested as if they were independent
    assert differ <= 12


@pytest.mark.slow
@pytest.mark.parametrize("patients", [40, 80, 400, 1000])
def test_different_patients_are_not_taken_for_one(patients):
    found = [said(export, columns) for export, _, columns in (clean(seed, patients=patients) for seed in SEEDS)]
    assert sum("S-GROUP" in codes for codes in found) == 0
    assert sum("W-NEAR-DUPLICATES" in codes for codes in found) <= 1


@pytest.mark.slow
def test_pure_noise_of_many_columns_and_few_events_is_no_leak():
    leaks = 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        outcome = rng.permutation((np.arange(120) < 10).astype(float))
        table = pd.DataFrame(rng.normal(size=(120, 100))).add_prefix("gene")
        levels = pd.DataFrame(rng.integers(0, 40, size=(120, 20))).add_prefix("code").astype(str)
        export = export_of(pd.concat([table, levels], axis=1))
        leaks += len(find_leaks(export, outcome, columns=list(export.types)))
    assert leaks == 0


@pytest.mark.slow
def test_honest_predictors_of_an_auroc_of_85_percent_are_hardly_ever_leaks_even_of_few_events():
    shift = 1.4657
    leaks = 0
    for seed in range(500):
        rng = np.random.default_rng(seed)
        outcome = (np.arange(60) < 12).astype(float)
        export = export_of(pd.DataFrame({"marker": rng.normal(size=60) + shift * outcome}))
        leaks += len(find_leaks(export, outcome, columns=["marker"]))
    assert leaks <= 10


@pytest.mark.parametrize("patients", [200, 1000])
def test_planted_leaks_are_found(patients):
    def from_event(outcome, rng):
        return outcome + 0.2 * rng.normal(size=outcome.size)

    def only_in_events(outcome, rng):
        return np.where((outcome == 1) & (rng.random(outcome.size) < 0.9), "cause", None)

    def discharge_code(outcome, rng):
        return np.where(outcome == 1, 20.0, rng.choice([1.0, 3.0, 50.0], size=outcome.size))

    for seed in range(20):
        export, outcome, columns = planted(
            seed, patients, from_event=from_event, only_in_events=only_in_events, discharge_code=discharge_code
        )
        leaks = find_leaks(export, outcome, columns=columns)
        assert [leak.column for leak in leaks] == ["from_event", "only_in_events", "discharge_code"]


def test_three_hundred_patients_of_three_near_identical_rows_are_found():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        rows = np.repeat(rng.normal(size=(300, 40)), 3, axis=0) + 0.1 * rng.normal(size=(900, 40))
        export = export_of(pd.DataFrame(rows).sample(frac=1, random_state=seed).add_prefix("f"))
        assert said(export, list(export.types)) == ["S-GROUP"]


def test_repeated_admissions_under_an_id_of_another_name_are_found():
    for seed in range(20):
        table = synthetic_export(np.random.default_rng(seed), patients=200, max_admissions=3).table
        export = export_of(table.rename(columns={"patient_id": "code"}))
        assert said(export, [name for name in export.types if name != "event"]) == ["S-GROUP"]


def test_one_patient_in_twenty_entered_twice_is_a_caution():
    found = []
    for seed in range(20):
        table = synthetic_export(np.random.default_rng(seed), patients=400).table
        again = table.iloc[:20].assign(admitted="2021-01-01")
        export = export_of(pd.concat([table, again], ignore_index=True))
        found.append(said(export, [name for name in table if name not in OTHERS]))
    assert sum(codes == ["W-NEAR-DUPLICATES"] for codes in found) >= 18


def test_a_planted_order_is_found():
    for seed in range(20):
        export, outcome, _ = clean(seed, patients=400)
        late = np.argsort(outcome + 1.5 * np.random.default_rng(seed).normal(size=outcome.size))
        ordered = export_of(export.table.iloc[late])
        findings = order_findings(ordered, outcome[late], patient="patient_id")
        assert [finding.code for finding in findings][:1] == ["W-ORDER-LEAK"]
