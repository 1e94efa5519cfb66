"""What is said of columns that identify patients: the whole message, with both ways out and never a value."""

import pandas as pd
import pytest

from clinpred.errors import InputRefused, PrivacyRefused, WrongUsage
from clinpred.records.audit.identity import settle_identity
from clinpred.records.audit.small_groups import old_ages, small_groups
from clinpred.records.read import read_export
from clinpred.settings.privacy import Privacy

COLUMNS = {
    "case": [f"{row:04d}" for row in range(12)],
    "Patient Name": ["Ada Alfson", "Bo Benson", "Cy Colson"] * 4,
    "notes": ["was well on the day", "write to someone@example.org", "moved on that day"] * 4,
    "postcode": [f"AB{row + 1} {row % 8}{tail}" for row, tail in enumerate(["AB", "DE", "FG", "HJ"] * 3)],
    "ref": [f"943476{row}919" for row in ("5", "50", "51")] * 4,
}


@pytest.fixture
def export(tmp_path):
    def make(*columns):
        path = tmp_path / "visits.csv"
        pd.DataFrame({column: COLUMNS[column] for column in columns}).to_csv(path, index=False)
        return read_export(path)

    return make


def refusal_of(export, privacy=None, patient=None):
    with pytest.raises((PrivacyRefused, InputRefused, WrongUsage)) as refused:
        settle_identity(export, privacy or Privacy(), patient=patient)
    return str(refused.value)


def test_identifiers_and_places_are_refused_together(export):
    assert (
        refusal_of(export("case", "Patient Name", "notes", "postcode"), patient="case")
        == """column `Patient Name`: name (by its name, and 3 different values that bear it out)
column `notes`: e-mail address (1 of 3 different values hold one)
column `postcode`: postcode (by its name, and 12 different values that bear it out)
visits.csv: 2 columns identify patients, 1 column says closely where patients live (P-GEO) [P-IDENTIFIER]
expected: no name, number, address, day of birth, or place smaller than a state, of a patient
to fix: --drop 'Patient Name' --drop notes --drop postcode (study.toml: [privacy] drop = ["Patient Name", "notes", \
"postcode"]); or --coarsen postcode=zip3 (study.toml: [privacy] coarsen = { "postcode" = "zip3" }); \
or where one may stay, --allow-identifier 'Patient Name' --because "..." \
(study.toml: [privacy] allow = { "Patient Name" = "..." })"""
    )


def test_a_place_alone_is_refused_as_one(export):
    assert (
        refusal_of(export("case", "postcode"))
        == """column `postcode`: postcode (by its name, and 12 different values that bear it out)
visits.csv: 1 column says closely where patients live [P-GEO]
expected: no name, number, address, day of birth, or place smaller than a state, of a patient
to fix: --drop postcode (study.toml: [privacy] drop = ["postcode"]); or --coarsen postcode=zip3 \
(study.toml: [privacy] coarsen = { "postcode" = "zip3" }); or where one may stay, --allow-identifier postcode \
--because "..." (study.toml: [privacy] allow = { "postcode" = "..." })"""
    )


def test_a_patient_id_that_is_a_name_is_to_be_replaced_by_a_code(export):
    assert (
        refusal_of(export("case", "Patient Name"), patient="Patient Name")
        == """column `Patient Name`: name (by its name, and 3 different values that bear it out)
visits.csv: 1 column identifies patients [P-IDENTIFIER]
expected: no name, number, address, day of birth, or place smaller than a state, of a patient
to fix: give each patient a code in `Patient Name` that means nothing outside the study; or where one may stay, \
--allow-identifier 'Patient Name' --because "..." (study.toml: [privacy] allow = { "Patient Name" = "..." })"""
    )


def test_a_column_that_is_not_there(export):
    assert (
        refusal_of(export("case", "notes"), Privacy(drop=("note",)))
        == """visits.csv: there is no column `note` (nearest: `notes`) [E-MISSING-COLUMN]
expected: the columns that the study names, among the 2 of the export
to fix: correct the name under [privacy] in study.toml, or at --drop, --allow-identifier or --coarsen"""
    )


def test_the_patient_id_is_not_dropped(export):
    assert (
        refusal_of(export("case", "notes"), Privacy(drop=("case",)), patient="case")
        == """the patient id `case` is to be dropped [E-PRIVACY]
expected: one decision a column, with its reason
to fix: keep it: it tells patients apart and is never a predictor; or name another column with --patient-id"""
    )


def test_what_holds_no_postcodes_is_not_cut(export):
    assert (
        refusal_of(export("case", "notes"), Privacy(coarsen={"notes": "zip3"}))
        == """visits.csv: column `notes` holds values that are no postcodes [E-COARSEN]
expected: postcodes, whose first 3 signs name a wider area
to fix: drop it with --drop"""
    )


def test_every_decision_is_recorded(export):
    privacy = Privacy(
        drop=("Patient Name",), allow={"notes": "read by two, nothing found"}, coarsen={"postcode": "zip3"}
    )
    _, findings = settle_identity(export("case", "Patient Name", "notes", "postcode"), privacy)
    assert [f"{finding.code}: {finding.text}; {finding.advice}" for finding in findings] == [
        "W-DROPPED: column `Patient Name` was dropped as asked; no action is needed",
        "W-COARSENED: column `postcode` was cut to its first 3 signs; areas of fewer than 20,000 people can still "
        "identify: join those",
        "W-IDENTIFIER-ALLOWED: column `notes` may identify patients and stays: read by two, nothing found; drop it "
        "before anything is shared",
    ]


def test_great_ages_and_small_groups():
    table = pd.DataFrame({"age": [91.0, 40.0, 40.0], "sex": ["f", "m", "m"]})
    types = {"age": "number", "sex": "category"}
    assert [finding.text for finding in [*old_ages(table, types), *small_groups(table, types, smallest=2)]] == [
        "column `age`: 1 age is above 89",
        "1 of 3 rows stand in groups of fewer than 2 that are alike in `age`, `sex`",
    ]
    assert old_ages(table, types)[0].advice == ("the report never shows an age above 89 as such; the model may use it")
