"""Identity and privacy: what is suspected and what is not, what the analyst's decisions do, and small groups."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clinpred.errors import InputRefused, PrivacyRefused, WrongUsage
from clinpred.records.audit.identity import Suspect, find_identifiers, settle_identity
from clinpred.records.audit.small_groups import old_ages, small_groups
from clinpred.records.read import Export, read_export
from clinpred.records.text_table import Description
from clinpred.records.values.texts import CodedTexts
from clinpred.settings.privacy import Privacy

N_ROWS = 40
NAMES = [
    f"{first} {last}son"
    for first in ("Ada", "Bo", "Cy", "Di", "Ed")
    for last in ["Alf", "Ben", "Col", "Dav", "Eri", "Fin", "Gus", "Hal"]
]
PHONES = [f"+44 7700 {900_000 + row}" for row in range(N_ROWS)]
EMAILS = [f"someone{row}@example.org" for row in range(N_ROWS)]
POSTCODES = [
    f"{area}{row % 9 + 1} {row % 8}{tail}"
    for row, (area, tail) in enumerate(zip("ABDEG" * 8, ["AB", "DE", "FG", "HJ", "LN"] * 8, strict=True))
]
LACTATE = [f"{1 + row / 7:.2f}" for row in range(N_ROWS)]


@pytest.fixture
def export(tmp_path):
    def make(**columns):
        path = tmp_path / "visits.csv"
        pd.DataFrame({"lactate": LACTATE[: len(next(iter(columns.values())))], **columns}).to_csv(path, index=False)
        return read_export(path)

    return make


def kinds(found):
    return {(suspect.column, suspect.kind) for suspect in found}


def test_a_suspect_says_what_and_why_in_words_and_counts(export):
    (found,) = find_identifiers(export(contact=EMAILS))
    assert found == Suspect("contact", "P-IDENTIFIER", "e-mail address", "40 of 40 different values hold one")


def test_one_address_in_a_thousand_remarks_is_enough(export):
    remarks = ["was well", "came back on foot"] * (N_ROWS // 2)
    assert find_identifiers(export(remark=remarks)) == []
    remarks[7] = "write to someone@example.org please"
    assert kinds(find_identifiers(export(remark=remarks))) == {("remark", "e-mail address")}


@pytest.mark.parametrize("column", ["mrn", "nhs_number", "ssn"])
def test_a_record_number_may_be_the_patient_id_only_where_it_is_declared(export, column):
    records = export(**{column: [f"7{row:08d}" for row in range(N_ROWS)]})
    assert find_identifiers(records, patient=column) == []
    assert [suspect.column for suspect in find_identifiers(records)] == [column]


@pytest.mark.parametrize("values", [EMAILS, PHONES, NAMES], ids=["e-mail", "phone", "name"])
def test_no_declaration_makes_a_name_or_an_address_an_id(export, values):
    records = export(patient=values)
    with pytest.raises(PrivacyRefused, match="give each patient a code in `patient`"):
        settle_identity(records, Privacy(), patient="patient")


def test_a_patient_id_that_repeats_makes_names_nearly_unique(export):
    records = export(case=[str(row // 2) for row in range(N_ROWS)], who=[NAMES[row // 2] for row in range(N_ROWS)])
    assert find_identifiers(records) == []
    assert kinds(find_identifiers(records, patient="case")) == {("who", "name")}


def test_what_the_source_marks_as_identifying_is_suspected_unless_it_is_the_patient_id(export):
    records = export(code=[f"a{row}" for row in range(N_ROWS)])
    marked = replace(records, described={"code": Description(identifier=True), "lactate": Description(label="mmol")})
    assert kinds(find_identifiers(marked)) == {("code", "identifier")}
    assert find_identifiers(marked, patient="code") == []


@pytest.mark.parametrize("digits", [8, 9, 10, 11, 12, 15, 16])
def test_random_study_numbers_are_not_taken_for_national_ones(export, digits):
    rng = np.random.default_rng(digits)
    numbers = rng.integers(10 ** (digits - 1), 10**digits, (20, N_ROWS), dtype=np.int64).astype(str)
    records = export(**{f"ref_{at}": column for at, column in enumerate(numbers)})
    assert find_identifiers(records) == []


def test_few_random_study_numbers_are_not_taken_for_national_ones(export):
    numbers = np.random.default_rng(8).integers(10**9, 10**10, (300, 8), dtype=np.int64).astype(str)
    assert find_identifiers(export(**{f"ref_{at}": column for at, column in enumerate(numbers)})) == []


@pytest.mark.parametrize("step", [1, 2, 3, 7, 9, 10, 11, 37, 99, 100, 101, 110, 1000])
def test_counted_study_numbers_are_not_taken_for_national_ones(export, step):
    starts = (1_000_000_000, 4_000_000_001, 943_476_591, 9_434_765_919, 61_234_567_890)
    columns = {f"ref_{at}": [str(start + step * row) for row in range(N_ROWS)] for at, start in enumerate(starts)}
    assert find_identifiers(export(**columns)) == []


def test_a_birth_date_is_one_only_as_a_full_date_that_was_not_made_coarse(export):
    days = [f"19{row + 30}-{row % 12 + 1:02d}-{row % 28 + 1:02d}" for row in range(N_ROWS)]
    assert kinds(find_identifiers(export(dob=days))) == {("dob", "date of birth")}
    assert find_identifiers(export(dob=[day[:7] + "-15" for day in days])) == []
    assert find_identifiers(export(born=[day[:4] for day in days])) == []


def test_a_birth_date_is_one_under_any_name_where_its_year_falls_as_the_age_rises(export):
    rng = np.random.default_rng(1)
    births, seen = rng.integers(1930, 2000, N_ROWS), rng.integers(2019, 2023, N_ROWS)
    dates = {"first": [f"{year}-03-{row % 28 + 1:02d}" for row, year in enumerate(births)]}
    dates["second"] = [f"{year}-07-{row % 28 + 1:02d}" for row, year in enumerate(seen)]
    (found,) = find_identifiers(export(age=(seen - births).astype(str), **dates))
    assert (found.column, found.kind) == ("first", "date of birth")
    assert found.evidence.startswith("its years fall as `age` rises (correlation -")
    assert find_identifiers(export(age=rng.integers(20, 90, N_ROWS).astype(str), **dates)) == []
    assert find_identifiers(export(age=["50"] * N_ROWS, **dates)) == []


def test_postcodes_are_cut_to_three_signs(export):
    kept, findings = settle_identity(export(postcode=POSTCODES), Privacy(coarsen={"postcode": "zip3"}))
    assert set(kept.table["postcode"]) == {code[:3].strip() for code in POSTCODES} == set(kept.text("postcode"))
    assert kept.types["postcode"] == "category"
    assert kept.decisions["postcode"] == {"coarsened": "zip3"}
    assert [finding.code for finding in findings] == ["W-COARSENED"]


def test_numbers_are_cut_as_they_are_written_and_missing_ones_stay_missing(export):
    zips = [str(10_001 + 7 * row) for row in range(N_ROWS)]
    zips[3] = ""
    kept, _ = settle_identity(export(zip=zips), Privacy(coarsen={"zip": "zip3"}))
    assert kept.table["zip"].isna().tolist() == [row == 3 for row in range(N_ROWS)]
    assert list(kept.label("zip")) == [code[:3] for code in zips]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([str(3000 + 301 * row) for row in range(N_ROWS)], "holds codes of 2 lengths: zeros at their beginning"),
        ([f"{50 + row / 10:.1f}" for row in range(N_ROWS)], "holds values that are no postcodes"),
    ],
    ids=["zeros lost", "degrees"],
)
def test_what_cannot_be_cut_right_is_refused(export, values, said):
    with pytest.raises(InputRefused, match=said) as refused:
        settle_identity(export(zip=values), Privacy(coarsen={"zip": "zip3"}))
    assert refused.value.code == "E-COARSEN"


def test_a_name_that_is_cut_to_three_signs_is_refused_all_the_same(export):
    towns = ["Vikten", "Saldor", "Fenlin", "Grahul", "Moros"] * 8
    with pytest.raises(InputRefused) as refused:
        settle_identity(export(city=towns), Privacy(coarsen={"city": "zip3"}))
    assert refused.value.code == "E-COARSEN"


def test_a_dropped_column_is_gone_from_everything(export):
    records = replace(export(email=EMAILS, ward=["a", "b"] * 20), described={"email": Description(label="E-mail")})
    kept, findings = settle_identity(records, Privacy(drop=("email",)))
    assert all("email" not in part for part in (kept.table, kept.types, kept.texts, kept.decisions, kept.described))
    assert [(finding.code, finding.column) for finding in findings] == [("W-DROPPED", "email")]
    assert "email" in records.types


def test_what_stays_is_the_export_itself(export):
    records = export(ward=["a", "b"] * 20)
    kept, findings = settle_identity(records, Privacy())
    assert kept is records
    assert findings == []


def test_an_allowed_column_is_recorded_with_its_reason(export):
    _, findings = settle_identity(export(email=EMAILS), Privacy(allow={"email": "invented for teaching"}))
    (finding,) = findings
    assert (finding.code, finding.level, finding.column) == ("W-IDENTIFIER-ALLOWED", "caution", "email")
    assert "invented for teaching" in finding.text


@pytest.mark.parametrize(
    "privacy", [Privacy(drop=("emial",)), Privacy(allow={"emial": "x"}), Privacy(coarsen={"emial": "zip3"})]
)
def test_a_decision_about_a_column_that_is_not_there_is_refused_with_the_nearest(export, privacy):
    with pytest.raises(InputRefused, match="nearest: `email`") as refused:
        settle_identity(export(email=EMAILS), privacy)
    assert refused.value.code == "E-MISSING-COLUMN"


@pytest.mark.parametrize(
    ("privacy", "said"),
    [
        (Privacy(drop=("case",)), "the patient id `case` is to be dropped"),
        (Privacy(drop=("email",), allow={"email": "x"}), "both dropped and kept: `email`"),
        (Privacy(allow={"email": " "}), "allowed without a reason: `email`"),
    ],
)
def test_contradictions_are_refused(export, privacy, said):
    records = export(case=[str(row) for row in range(N_ROWS)], email=EMAILS)
    with pytest.raises(WrongUsage, match=said) as refused:
        settle_identity(records, privacy, patient="case")
    assert refused.value.code == "E-PRIVACY"


def test_the_code_is_that_of_identifiers_where_both_occur(export):
    with pytest.raises(PrivacyRefused, match=r"(?s)`email`.*`postcode`.*P-GEO.*P-IDENTIFIER") as refused:
        settle_identity(export(email=EMAILS, postcode=POSTCODES), Privacy())
    assert refused.value.code == "P-IDENTIFIER"
    with pytest.raises(PrivacyRefused) as refused:
        settle_identity(export(postcode=POSTCODES), Privacy())
    assert refused.value.code == "P-GEO"


def test_ages_above_89_are_counted_where_they_are_in_years():
    ages = [50.0, 89.9, 90.0, 101.0, np.nan]
    table = pd.DataFrame({"age": ages, "age_months": ages, "gestational_age": ages, "stage": ages, "Alter": ages})
    found = old_ages(table, dict.fromkeys(table, "number"))
    assert [(finding.column, finding.count, finding.level) for finding in found] == [
        ("age", 2, "note"),
        ("Alter", 2, "note"),
    ]
    assert old_ages(table.head(2), dict.fromkeys(table, "number")) == []


def test_small_groups_are_counted_to_the_row():
    table = pd.DataFrame(
        {"age": [50.2] * 8 + [50.9] * 2 + [61.0] * 7, "sex": ["f"] * 10 + ["m"] * 7, "sodium": range(17)}
    )
    types = {"age": "number", "sex": "category", "sodium": "number"}
    (finding,) = small_groups(table, types)
    assert (finding.code, finding.level, finding.count) == ("W-K-ANON", "note", 7)
    assert small_groups(table, types, smallest=7) == []
    assert small_groups(table[["sex", "sodium"]], {"sex": "category", "sodium": "number"}) == []


def test_missing_values_make_a_group_of_their_own_and_dates_count_by_the_year():
    table = pd.DataFrame(
        {
            "sex": ["f", None] * 8,
            "admit_date": [f"2021-{month % 12 + 1:02d}-01" for month in range(15)] + ["2022-01-01"],
        }
    )
    (finding,) = small_groups(table, {"sex": "category", "admit_date": "date"})
    assert finding.count == 1 + 7
    assert small_groups(table.head(0), {"sex": "category", "admit_date": "date"}) == []


HOSTILE = {
    "digits": "1" * 200_000,
    "groups": "12 " * 80_000,
    "plus signs": "+1" * 80_000,
    "words": "Ab " * 80_000,
    "no address": "a." * 80_000 + "@",
    "colons": ":" * 160_000,
    "links": "Ab de " * 40_000 + ", Cd",
    "streets": "1 Mill " * 32_000,
    "account": "DE44" + " A1B2" * 36_000,
    "titles": "Mr 1 " * 40_000,
    "capitals": "1 " + "A" * 100_000,
    "one word": "Aa" * 60_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_cell_made_to_hang_a_search_does_not(name):
    cells = [HOSTILE[name], *"abc", *(f"{HOSTILE[name][:190]}#{row}" for row in range(N_ROWS))]
    table = pd.DataFrame({"remark": np.array(cells, dtype=object)})
    texts = {"remark": CodedTexts.of(cells)}
    assert find_identifiers(Export("visits.csv", "", table, {"remark": "category"}, (), texts)) == []
