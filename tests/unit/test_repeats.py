"""Repeated patients without an id: found where they are, not where rows are merely alike."""

import numpy as np
import pandas as pd
import pytest

from clinpred.errors import StatisticalRefusal
from clinpred.records.audit.repeats import hidden_repeats
from clinpred.records.read import Export


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def export_of(columns):
    table = pd.DataFrame(columns)
    types = {name: "number" if values.dtype.kind in "fi" else "category" for name, values in table.items()}
    for name, kind in types.items():
        table[name] = table[name].astype(float if kind == "number" else object)
    return Export("visits.csv", "", table, types, (), {})


def refusal(columns):
    export = export_of(columns)
    with pytest.raises(StatisticalRefusal) as refused:
        hidden_repeats(export, list(export.types))
    assert refused.value.code == "S-GROUP"
    assert refused.value.exit_code == 4
    return str(refused.value)


def codes(columns):
    export = export_of(columns)
    return [finding.code for finding in hidden_repeats(export, list(export.types))]


def numbers(rng, n, how_many=8):
    return {f"lab{at}": np.round(rng.normal(size=n), 2) for at in range(how_many)}


def visits(rng, patients, each, noise, how_many=8):
    """Return laboratory values of patients with ``each`` rows, in no order, and the patient of each row."""
    patient = rng.permutation(np.repeat(np.arange(patients), each))
    lasting = rng.normal(size=(patients, how_many))[patient]
    values = lasting + noise * rng.normal(size=lasting.shape)
    return {f"lab{at}": column for at, column in enumerate(values.T)}, patient


def test_near_identical_rows_are_one_patients(rng):
    columns, _ = visits(rng, 300, 3, 0.1, how_many=40)
    message = refusal(columns)
    assert "of 900 rows looked at, 900 have a near-identical twin" in message
    assert "--patient-id" in message


def test_rows_given_twice_are_one_patients(rng):
    once = numbers(rng, 200)
    assert "near-identical" in refusal({name: np.tile(values, 2) for name, values in once.items()})


def test_rows_of_different_patients_are_not(rng):
    sexes = np.array(["f", "m"], dtype=object)
    columns = {**numbers(rng, 600), "sex": rng.choice(sexes, 600), "age": rng.integers(20, 90, 600).astype(float)}
    assert codes(columns) == []


def test_an_id_under_another_name_is_named(rng):
    columns, patient = visits(rng, 100, 3, 3.0)
    columns |= {
        "sex": np.array(["f", "m"], dtype=object)[rng.integers(0, 2, 100)[patient]],
        "birth_year": rng.integers(1930, 2000, 100)[patient].astype(float),
        "code": np.array([f"K{number:03d}" for number in patient], dtype=object),
    }
    message = refusal(columns)
    assert "300 rows in 100 groups of equal `code` agree in `sex`, `birth_year`" in message
    assert "declare `code` with --patient-id code" in message
    assert not any(f"K{number:03d}" in message for number in patient)


def test_an_exact_age_betrays_a_patient_and_is_not_taken_for_the_id(rng):
    columns, patient = visits(rng, 100, 4, 0.6)
    columns |= {"age": rng.normal(60, 10, 100)[patient], "arm": rng.integers(0, 2, 100)[patient].astype(float)}
    columns |= {"centre": rng.integers(0, 9, 100)[patient].astype(float)}
    message = refusal(columns)
    assert "of equal `age` agree in `arm`, `centre`" in message
    assert "--patient-id age" not in message


def test_sex_birth_year_and_height_together_betray_a_patient(rng):
    columns, patient = visits(rng, 300, 3, 0.75)
    columns |= {
        "sex": np.array(["f", "m"], dtype=object)[rng.integers(0, 2, 300)[patient]],
        "birth_year": rng.integers(1930, 2000, 300)[patient].astype(float),
        "height": np.round(rng.normal(170, 10, 300))[patient],
    }
    assert "of equal `sex`, `birth_year`, `height`" in refusal(columns)


def test_a_table_of_places_is_no_patient(rng):
    place = rng.integers(0, 60, 900)
    columns = {f"tax_{year}": np.round(rng.normal(size=60), 3)[place] for year in (71, 75, 82)}
    assert codes({**columns, **numbers(rng, 900)}) == []


def test_where_sex_differs_within_groups_they_are_no_patients(rng):
    columns, patient = visits(rng, 100, 3, 0.6)
    columns |= {"family": patient.astype(float), "arm": rng.integers(0, 2, 100)[patient].astype(float)}
    columns |= {"centre": rng.integers(0, 9, 100)[patient].astype(float)}
    assert "of equal `family`" in refusal(columns)
    assert "S-GROUP" not in codes({**columns, "sex": rng.integers(0, 2, 300).astype(float)})


def test_honest_ties_of_coarse_columns_are_no_twins(rng):
    assert codes({f"item{at}": rng.integers(0, 4, 1000).astype(float) for at in range(6)}) == []


def test_columns_that_say_the_same_do_not_testify_for_each_other(rng):
    weight, height = rng.normal(70, 10, 500), rng.normal(170, 10, 500)
    columns = {"kg": weight, "lb": 2.205 * weight, "cm": height, "inch": height / 2.54, "crp": rng.normal(size=500)}
    assert codes(columns) == []


def test_a_few_rows_entered_twice_are_a_caution(rng):
    once = numbers(rng, 1000)
    twice = {name: np.concatenate([values, values[:15]]) for name, values in once.items()}
    export = export_of(twice)
    (finding,) = hidden_repeats(export, list(export.types))
    assert (finding.code, finding.level) == ("W-NEAR-DUPLICATES", "caution")
    assert 5 <= finding.count <= 30
    assert "--patient-id" in finding.advice


def test_rows_entered_again_on_another_day_are_a_caution(rng):
    once = {**numbers(rng, 500), "ward": rng.integers(0, 4, 500).astype(float), "day": np.arange(500.0)}
    again = {name: np.concatenate([values, values[:10]]) for name, values in once.items()}
    again["day"][500:] = rng.integers(0, 500, 10)
    assert codes(again) == ["W-NEAR-DUPLICATES"]
    assert codes(once) == []


def test_assays_that_are_mixtures_of_four_causes_are_no_twins(rng):
    mixed = rng.normal(size=(1000, 4)) @ rng.normal(size=(4, 20)) + 0.05 * rng.normal(size=(1000, 20))
    assert codes({f"assay{at}": values for at, values in enumerate(mixed.T)}) == []


@pytest.mark.parametrize("rows", [1, 2, 30])
def test_of_very_few_rows_nothing_is_said(rng, rows):
    assert codes({name: np.tile(values, 2) for name, values in numbers(rng, rows // 2 + 1).items()}) == []


def test_constant_and_empty_columns_are_no_evidence(rng):
    columns = {**numbers(rng, 300), "empty": np.full(300, np.nan), "one": np.ones(300)}
    assert codes(columns) == []
    assert codes({"one": np.ones(300)}) == []


def test_missing_values_do_not_make_twins(rng):
    columns = numbers(rng, 500)
    for values in columns.values():
        values[rng.random(500) < 0.6] = np.nan
    assert codes(columns) == []


def test_large_exports_are_searched_in_runs_of_neighbours(rng):
    lasting = rng.normal(size=(30_000, 10))
    columns = {f"lab{at}": np.repeat(values, 2) + 0.05 * rng.normal(size=60_000) for at, values in enumerate(lasting.T)}
    assert "of 1000 rows looked at" in refusal(columns)
