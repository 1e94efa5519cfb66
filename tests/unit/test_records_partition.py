"""Partition and folds on cohorts small enough to count by hand."""

import numpy as np
import pandas as pd
import pytest

from clinpred.errors import StatisticalRefusal
from clinpred.records.cohort import Cohort, RowFlow, codes_in_order
from clinpred.records.partition import hold_out_patients, patient_folds
from clinpred.records.types import PredictorType


def cohort_of(outcome, patients):
    outcome = np.asarray(outcome, dtype=float)
    n = outcome.size
    return Cohort(
        predictors=pd.DataFrame({"x": np.arange(n, dtype=float)}),
        types={"x": PredictorType("number")},
        outcome=outcome,
        patients=codes_in_order(np.asarray(patients)),
        patient_ids=np.array([f"id{patient}" for patient in patients], dtype=object),
        comparators={"score": np.linspace(0, 1, n)},
        row_flow=RowFlow(n, n, ()),
        site=np.array([f"s{row % 2}" for row in range(n)], dtype=object),
        date=np.datetime64("2020-01-01") + np.arange(n),
    )


def test_each_stratum_gives_its_share_to_the_nearest_whole_halves_upwards():
    cohort = cohort_of([1] * 10 + [0] * 33, range(43))
    partition = hold_out_patients(cohort, 0.25, np.random.default_rng(20))
    assert (partition.held_out.n_patients, partition.held_out.n_events) == (11, 3)
    assert (partition.development.n_patients, partition.development.n_events) == (32, 7)


def test_a_patient_with_one_event_among_many_rows_counts_as_one_with_the_event():
    cohort = cohort_of([0, 1, 0, 0, 0, 0, 0, 1], [1, 1, 1, 2, 2, 3, 3, 4])
    assert (cohort.n_rows, cohort.n_patients, cohort.n_events) == (8, 4, 2)
    partition = hold_out_patients(cohort, 0.5, np.random.default_rng(20))
    assert (partition.held_out.n_patients, partition.held_out.n_events) == (2, 1)


def test_taking_rows_takes_them_from_every_part_and_numbers_patients_anew():
    cohort = cohort_of([0, 1, 0, 1], ["a", "b", "b", "c"])
    part = cohort.take(np.array([2, 3]))
    assert part.patients.tolist() == [0, 1]
    assert part.patient_ids.tolist() == ["idb", "idc"]
    assert part.predictors["x"].tolist() == [2.0, 3.0]
    assert part.outcome.tolist() == [0.0, 1.0]
    assert part.comparators["score"].tolist() == pytest.approx([2 / 3, 1.0])
    assert part.site.tolist() == ["s0", "s1"]
    assert part.date.tolist() == cohort.date[2:].tolist()
    assert cohort.take(np.array([False, False, True, True])).patient_ids.tolist() == ["idb", "idc"]


@pytest.mark.parametrize("outcome", [[1, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 0], [0] * 6, [1] * 6])
def test_a_side_without_events_or_without_others_is_refused(outcome):
    with pytest.raises(StatisticalRefusal) as refusal:
        hold_out_patients(cohort_of(outcome, range(6)), 0.5, np.random.default_rng(20))
    assert refusal.value.code == "S-FEW-EVENTS"
    assert refusal.value.exit_code == 4


def test_one_patient_of_each_kind_on_each_side_is_enough():
    partition = hold_out_patients(cohort_of([1, 1, 0, 0], range(4)), 0.5, np.random.default_rng(20))
    assert partition.held_out.n_events == partition.development.n_events == 1


def test_folds_are_refused_just_where_a_fold_would_lack_an_event():
    outcome = np.array([1, 1, 1, 0, 0, 0, 0])
    patients = np.arange(7)
    folds = patient_folds(outcome, patients, 3, np.random.default_rng(20))
    assert sorted(folds[outcome == 1].tolist()) == [0, 1, 2]
    for labels in (outcome, 1 - outcome):
        with pytest.raises(StatisticalRefusal) as refusal:
            patient_folds(labels, patients, 4, np.random.default_rng(20))
        assert refusal.value.code == "S-FEW-EVENTS"


def test_one_fold_is_no_fold():
    with pytest.raises(StatisticalRefusal):
        patient_folds(np.array([0, 1]), np.array([0, 1]), 1, np.random.default_rng(20))


def test_another_seed_gives_other_held_out_patients():
    cohort = cohort_of([0, 1] * 50, range(100))
    rows = [hold_out_patients(cohort, 0.25, np.random.default_rng(seed)).held_out_rows for seed in (1, 2)]
    assert (rows[0] != rows[1]).any()
