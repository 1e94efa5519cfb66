"""Who, where and when: columns are recognised by name and by how their values repeat, in several languages."""

import pytest

from clinpred.records.audit.roles import find_dates, find_patient_ids, find_row_numbers, find_sites
from clinpred.records.read import read_export

N = 60


@pytest.fixture
def export_of(tmp_path):
    """Return the export of columns given as lists."""

    def build(columns):
        rows = zip(*columns.values(), strict=True)
        lines = [",".join(columns), *(",".join(str(cell) for cell in row) for row in rows)]
        (tmp_path / "visits.csv").write_text("\n".join(lines), encoding="utf-8")
        return read_export(tmp_path / "visits.csv")

    return build


def scattered(n=N):
    return [(17 * row) % 997 + 1000 for row in range(n)]


@pytest.mark.parametrize("name", ["pid", "Patient ID", "patientennummer", "paciente_id", "seqn", "MRN", "subject_no"])
def test_a_patient_id_is_known_by_its_name(export_of, name):
    (found,) = find_patient_ids(export_of({name: scattered(), "age": [40 + row % 30 for row in range(N)]}))
    assert (found.column, found.ids, found.rows, found.repeats) == (name, N, N, False)


def test_visits_of_one_patient_repeat_the_id(export_of):
    (found,) = find_patient_ids(export_of({"id": [1000 + row // 3 for row in range(N)], "age": list(range(N))}))
    assert (found.ids, found.rows, found.repeats) == (20, 60, True)


def test_the_patient_comes_before_the_stay(export_of):
    stays = {"hadm_id": scattered(), "subject_id": [5000 + row // 2 for row in range(N)]}
    assert [found.column for found in find_patient_ids(export_of(stays))] == ["subject_id", "hadm_id"]


def test_a_complete_id_comes_before_one_with_gaps(export_of):
    gaps = ["" if row == 7 else cell for row, cell in enumerate(scattered())]
    found = find_patient_ids(export_of({"pid": gaps, "mrn": scattered()}))
    assert [(each.column, each.missing) for each in found] == [("mrn", 0), ("pid", 1)]


@pytest.mark.parametrize("name", ["valid", "grid", "identity_score", "bid"])
def test_a_name_that_only_holds_the_letters_is_no_id(export_of, name):
    assert find_patient_ids(export_of({name: scattered(), "age": list(range(N))})) == []


@pytest.mark.parametrize("name", ["site", "fac_center", "hospital_id", "Zentrum", "centre", "hôpital", "ospedale"])
def test_a_site_is_known_by_its_name(export_of, name):
    (found,) = find_sites(export_of({name: [row % 5 for row in range(N)], "age": list(range(N))}))
    assert (found.column, found.sites, found.missing) == (name, 5, 0)


@pytest.mark.parametrize("name", ["hospital_days", "hospdead", "opposite", "percent", "centred_age"])
def test_a_name_that_only_begins_so_is_no_site(export_of, name):
    assert find_sites(export_of({name: [row % 5 for row in range(N)], "age": list(range(N))})) == []


def test_what_differs_in_nearly_every_row_is_no_site(export_of):
    assert find_sites(export_of({"site": scattered(), "age": list(range(N))})) == []


def test_the_date_of_admission_is_the_index_date_and_that_of_birth_is_not(export_of):
    days = [f"2021-03-{1 + row % 28:02d}" for row in range(N)]
    births = [f"1950-11-{1 + row % 28:02d}" for row in range(N)]
    found = find_dates(export_of({"date_of_birth": births, "discharge_date": days, "admission_date": days}))
    assert [(each.column, each.is_index) for each in found] == [
        ("admission_date", True),
        ("date_of_birth", False),
        ("discharge_date", False),
    ]


@pytest.mark.parametrize(("name", "first"), [("rownames", 1), ("X", 1), ("index", 0)])
def test_a_column_that_counts_the_rows_is_found(export_of, name, first):
    assert find_row_numbers(export_of({name: list(range(first, first + N)), "age": scattered()})) == [name]


def test_an_id_that_counts_the_rows_is_an_id(export_of):
    export = export_of({"pid": list(range(1, N + 1)), "age": scattered()})
    assert find_row_numbers(export) == []
    assert [found.column for found in find_patient_ids(export)] == ["pid"]
