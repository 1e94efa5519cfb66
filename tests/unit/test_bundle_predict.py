"""Every row of an export gets a risk or a reason, whatever stands beside it."""

import csv
import io
import re

import numpy as np
import pandas as pd
import pytest

from clinpred.bundle.format import ModelCard, Plausible, SavedModel
from clinpred.bundle.number_cells import EITHER_WAY
from clinpred.bundle.predict import predict
from clinpred.bundle.save import model_bytes
from clinpred.errors import InputRefused, ResourceRefused
from clinpred.models.risk_model import LinearForm, RiskModel
from clinpred.predictors.preparation import Preparation
from clinpred.records.read import read_as_written, read_export
from clinpred.records.types import PredictorType
from clinpred.settings.export import Reading
from clinpred.study.prediction import inert, predict_export, prediction_csv

KINDS = {
    "age": PredictorType("number"),
    "temp": PredictorType("number"),
    "sex": PredictorType("category"),  # the development export wrote it 1 and 2
    "ward": PredictorType("category"),
    "stage": PredictorType("ordered", ("1", "2", "3")),
}
RANGES = {"age": Plausible(0.0, 120.0), "temp": Plausible(25.0, 45.0, below="missing", above="missing")}
HEADER = "mrn,age,temp,sex,ward,stage"
FULL = "000012,61,37.5,2,north,3"
UNKNOWN = "a level that development hardly knew"


def _development(n=400):
    rng = np.random.default_rng(3)
    age, temp = rng.normal(60, 12, n), rng.normal(37, 1, n)
    temp[:30] = np.nan
    sex = rng.choice(["1", "2"], n).astype(object)
    sex[30:50] = None
    ward = rng.choice(["north", "south", "1.0", "NA"], n).astype(object)
    stage = rng.choice(["1", "2", "3"], n).astype(object)
    return pd.DataFrame(
        {"age": age, "temp": temp, "sex": pd.Series(sex), "ward": pd.Series(ward), "stage": pd.Series(stage)}
    )


def _saved(**card_changes):
    preparation = Preparation.learn(_development(), KINDS, np.arange(400))
    coefficients = np.random.default_rng(4).normal(size=len(preparation.columns))
    card = {
        "title": "Logistic, ridge (L2)",
        "study": "invented",
        "outcome": "died",
        "event": "1",
        "patient_column": "mrn",
        "development_patients": 400,
        "development_events": 100,
        "seed": 20,
        "version": "0.1.0",
        "kinds": KINDS,
        "coded": ("sex", "stage"),
        "ranges": RANGES,
    }
    form = LinearForm(-0.5, coefficients)
    return SavedModel(RiskModel("logistic_ridge", preparation, form), ModelCard(**card | card_changes))


@pytest.fixture
def predicted(tmp_path):
    def predict_lines(*rows, header=HEADER, saved=None):
        path = tmp_path / "new.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return predict(saved or _saved(), read_as_written(path))

    return predict_lines


def _direct(**values):
    """Return the model's risk of one patient without any file."""
    row = {"age": np.nan, "temp": np.nan, "sex": None, "ward": None, "stage": None} | values
    frame = pd.DataFrame({name: pd.Series([value], dtype=_development()[name].dtype) for name, value in row.items()})
    return float(_saved().model.risk(frame)[0])


def test_every_row_is_there_in_order_with_a_risk_or_a_reason(predicted):
    rng = np.random.default_rng(0)
    ages = np.round(rng.normal(60, 60, 50))
    rows = [f"p{row},{age:g},37,1,north,2" for row, age in enumerate(ages)]
    prediction = predicted(*rows)
    assert prediction.patients == [f"p{row}" for row in range(50)]
    outside = (ages < 0) | (ages > 120)
    assert 0 < outside.sum() < 50
    np.testing.assert_array_equal(np.isnan(prediction.risk), outside)
    assert [bool(reason) for reason in prediction.reason] == outside.tolist()
    assert prediction.without_risk == outside.sum()
    expected = [_direct(age=age, temp=37.0, sex="1", ward="north", stage="2") for age in ages[~outside]]
    np.testing.assert_allclose(prediction.risk[~outside], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("age", ["-0.1", "120.5", "999"])
def test_a_value_that_the_study_refuses_gives_no_risk_and_says_why(predicted, age):
    prediction = predicted(f"7,{age},37,1,north,2", "8,120,37,1,north,2", "9,0,37,1,north,2")
    assert np.isnan(prediction.risk).tolist() == [True, False, False]
    assert prediction.reason == ["age outside 0 to 120", "", ""]


@pytest.mark.parametrize("temp", ["98.6", "3.7"])
def test_a_value_that_the_study_handles_as_missing_gives_the_risk_of_a_missing_one(predicted, temp):
    prediction = predicted(f"7,61,{temp},1,north,2", "8,61,,1,north,2")
    assert prediction.risk[0] == prediction.risk[1]
    assert prediction.reason == ["", ""]


def test_one_side_of_a_range_may_be_refused_and_the_other_missing(predicted):
    saved = _saved(ranges={"temp": Plausible(25.0, 45.0, below="refuse", above="missing")})
    prediction = predicted("7,61,20,1,north,2", "8,61,98,1,north,2", saved=saved)
    assert np.isnan(prediction.risk).tolist() == [True, False]
    assert prediction.reason == ["temp outside 25 to 45", ""]


@pytest.mark.parametrize("row", [",,,,", ",99,,,", "NA,,NA,,"])
def test_a_row_without_any_predictor_gets_no_risk(predicted, row):
    prediction = predicted(f"7,{row}", FULL)
    assert np.isnan(prediction.risk).tolist() == [True, False]
    assert prediction.reason == ["no predictor is recorded", ""]


def test_missing_values_are_handled_as_the_preparation_learnt(predicted):
    prediction = predicted("7,61,,,north,", "8,,37,2,,1")
    assert prediction.reason == ["", ""]
    expected = [_direct(age=61.0, ward="north"), _direct(temp=37.0, sex="2", stage="1")]
    np.testing.assert_allclose(prediction.risk, expected, rtol=0, atol=1e-12)


def test_an_unknown_level_gets_a_risk_and_a_remark(predicted):
    prediction = predicted("7,61,37,1,east,2", "8,61,37,1,,2")
    assert prediction.reason == [f"ward: {UNKNOWN}", ""]
    assert prediction.risk[0] == prediction.risk[1]


def test_reasons_and_remarks_stand_beside_each_other(predicted):
    prediction = predicted("7,-1,37,3,east,2")
    assert prediction.reason == [f"age outside 0 to 120; sex: {UNKNOWN}; ward: {UNKNOWN}"]
    assert np.isnan(prediction.risk).all()


def test_a_number_too_large_to_compute_with_gives_no_risk(predicted):
    saved = _saved(ranges={})
    steep = LinearForm(0.0, np.full(len(saved.model.preparation.columns), 1e10))
    saved = SavedModel(RiskModel("logistic_ridge", saved.model.preparation, steep), saved.card)
    prediction = predicted("7,1e308,-1e308,1,north,2", FULL, saved=saved)
    assert prediction.reason == ["a number is too large to compute with", ""]
    assert np.isnan(prediction.risk).tolist() == [True, False]


def test_other_columns_and_their_order_change_nothing(predicted):
    first = predicted(FULL, "8,,37,1,,1")
    second = predicted(
        "3,x,north,61,2020-01-01,000012,2,37.5",
        "1,y,,,2020-01-02,8,1,37",
        header="stage,note,ward,age,day,mrn,sex,temp",
    )
    np.testing.assert_array_equal(first.risk, second.risk)
    assert (first.patients, first.reason) == (second.patients, second.reason)


@pytest.mark.parametrize("absent", KINDS)
def test_an_absent_predictor_is_refused_by_name(predicted, absent):
    header = ",".join(name for name in HEADER.split(",") if name != absent)
    with pytest.raises(InputRefused, match=f"`{absent}`") as refused:
        predicted("1,1,1,1,1", header=header)
    assert refused.value.code == "E-MISSING-COLUMN"


def test_an_absent_patient_id_is_refused_by_name(predicted):
    with pytest.raises(InputRefused, match="`mrn`") as refused:
        predicted("61,37,1,north,2", header="age,temp,sex,ward,stage")
    assert refused.value.code == "E-MISSING-COLUMN"


SPOILT = {
    "sixty": "age: not a number",
    "in her sixties": "age: not a number",
    "4_5": "age: not a number",
    "--61": "age: not a number",
    "1e400": "age: not a number",
    "2020-01-01": "age: not a number",
    "<20": "age: a censored value",
    ">= 80": "age: a censored value",
    "61 %": "age: in another unit than at development",
    "61 h": "age: in another unit than at development",
}


@pytest.mark.parametrize("beside", [0, 1, 20, 299])
@pytest.mark.parametrize("cell", SPOILT)
def test_a_spoilt_cell_costs_its_own_row_the_risk_and_no_other(predicted, cell, beside):
    others = [f"p{row},{40 + row % 40},37,1,north,2" for row in range(beside)]
    prediction = predicted(f'7,"{cell}",37,1,north,2', *others)
    assert prediction.reason == [SPOILT[cell], *[""] * beside]
    assert np.isnan(prediction.risk).tolist() == [True, *[False] * beside]
    some = range(min(beside, 40))
    expected = [_direct(age=40.0 + row, temp=37.0, sex="1", ward="north", stage="2") for row in some]
    np.testing.assert_allclose(prediction.risk[1:], np.resize(expected, beside), rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", ["", "NA", "n/a", "#N/A", ".", "unknown"])
def test_a_word_for_missing_is_a_missing_value(predicted, cell):
    prediction = predicted(f"7,{cell},37,1,north,2", FULL)
    assert prediction.reason == ["", ""]
    expected = _direct(temp=37.0, sex="1", ward="north", stage="2")
    np.testing.assert_allclose(prediction.risk[0], expected, rtol=0, atol=1e-12)


def test_what_is_called_missing_is_missing_whether_the_export_is_typed_or_not(tmp_path):
    path = tmp_path / "new.csv"
    rows = [f"p{row},{40 + row},37,1,north,2" for row in range(20)]
    path.write_text("\n".join([HEADER, "7,61,-1,1,north,2", "8,61,n.b.,1,north,2", *rows]) + "\n", encoding="utf-8")
    reading = Reading(missing={"temp": ("-1", "n.b.")})
    saved = _saved(ranges={})
    expected = _direct(age=61.0, sex="1", ward="north", stage="2")
    for export in (read_as_written(path, reading), read_export(path, reading)):
        prediction = predict(saved, export, reading)
        np.testing.assert_allclose(prediction.risk[:2], [expected] * 2, rtol=0, atol=1e-12)
        assert prediction.reason[:2] == ["", ""]


@pytest.mark.parametrize(("chosen", "age"), [("limit", 20.0), ("half", 10.0), ("missing", np.nan)])
def test_a_censored_value_is_read_as_was_decided_at_development(predicted, chosen, age):
    saved = _saved(reading=Reading(censored={"age": chosen}))
    prediction = predicted("7,<20,37,1,north,2", "8,61,37,1,north,2", saved=saved)
    assert prediction.reason == ["", ""]
    expected = _direct(age=age, temp=37.0, sex="1", ward="north", stage="2")
    np.testing.assert_allclose(prediction.risk[0], expected, rtol=0, atol=1e-12)


COMMAS = "mrn;age;temp;sex;ward;stage"


def _of_temp(*values):
    return [_direct(age=61.0, temp=value, sex="1", ward="north", stage="2") for value in values]


def test_decimal_commas_are_read_beside_a_spoilt_cell(predicted):
    rows = [f"{row};61;{temp};1;north;2" for row, temp in enumerate(["37,5", "oops", "38,25", "36"])]
    prediction = predicted(*rows, header=COMMAS)
    assert prediction.reason == ["", "temp: not a number", "", ""]
    np.testing.assert_allclose(prediction.risk[[0, 2, 3]], _of_temp(37.5, 38.25, 36.0), rtol=0, atol=1e-12)


def test_a_number_that_can_be_read_in_two_ways_costs_its_row_the_risk(predicted):
    saved = _saved(ranges={})
    rows = ["0;61;1.234;1;north;2", "1;61;36;1;north;2"]
    prediction = predicted(*rows, header=COMMAS, saved=saved)
    assert prediction.reason == [f"temp: {EITHER_WAY}", ""]
    settled = predicted(*rows, header=COMMAS, saved=_saved(ranges={}, reading=Reading(decimal="comma")))
    np.testing.assert_allclose(settled.risk, _of_temp(1234.0, 36.0), rtol=0, atol=1e-12)
    shown = predicted(*rows, "2;61;36,5;1;north;2", header=COMMAS, saved=saved)
    np.testing.assert_allclose(shown.risk, _of_temp(1234.0, 36.0, 36.5), rtol=0, atol=1e-12)


def test_the_mark_that_another_column_shows_settles_the_numbers_of_a_predictor(predicted):
    header, row = f"{COMMAS};crp", "0;61;1.234;1;north;2"
    saved = _saved(ranges={})
    shown = [predicted(f"{row};{crp}", header=header, saved=saved).risk[0] for crp in ("0,5", "0.5")]
    np.testing.assert_allclose(shown, _of_temp(1234.0, 1.234), rtol=0, atol=1e-12)


def test_thousands_are_taken_together_where_the_point_is_the_mark(predicted):
    prediction = predicted('0,61,"1,234",1,north,2', "1,61,36.5,1,north,2", saved=_saved(ranges={}))
    np.testing.assert_allclose(prediction.risk, _of_temp(1234.0, 36.5), rtol=0, atol=1e-12)


def test_the_unit_of_development_is_taken_off_and_another_costs_the_row_its_risk(predicted):
    saved = _saved(units={"temp": "umol/L"}, ranges={})
    rows = ["80.1 umol/L", "80.1 µmol/l", "80.1", "80.1 mg/dL", "80.1umol/L"]
    prediction = predicted(*(f"{at},61,{cell},1,north,2" for at, cell in enumerate(rows)), saved=saved)
    assert prediction.reason == ["", "", "", "temp: in another unit than at development", ""]
    np.testing.assert_allclose(prediction.risk[[0, 1, 2, 4]], _of_temp(*[80.1] * 4), rtol=0, atol=1e-12)


@pytest.mark.parametrize("unit", ["mg/dL", "mmol/L"])
def test_a_column_that_is_in_another_unit_throughout_is_refused(predicted, unit):
    with pytest.raises(InputRefused) as refused:
        predicted(f"7,61,80 {unit},1,north,2", f"8,61,90 {unit},1,north,2", saved=_saved(units={"temp": "umol/L"}))
    assert (refused.value.code, unit in refused.value.found) == ("E-UNITS", True)
    assert "study.toml" not in str(refused.value)


def test_a_unit_in_a_row_of_its_own_is_compared_too(predicted):
    rows = [f"{at},61,{36 + at / 10:.1f},1,north,2" for at in range(12)]
    header = f"{HEADER}\n,years,umol/L,,,"
    saved = _saved(units={"temp": "µmol/L"})
    assert predicted(*rows, header=header, saved=saved).without_risk == 0
    with pytest.raises(InputRefused) as refused:
        predicted(*rows, header=header.replace("umol", "mmol"), saved=saved)
    assert refused.value.code == "E-UNITS"


def test_a_unit_that_development_did_not_have_is_remarked_upon(predicted):
    prediction = predicted("7,61,37 umol/L,1,north,2", "8,61,37,1,north,2")
    assert prediction.reason == ["temp: with a unit, which it had not at development", ""]
    assert prediction.risk[0] == prediction.risk[1]


def test_a_predictor_that_no_row_has_is_remarked_upon_in_every_row(predicted):
    prediction = predicted("7,61,,1,north,2", "8,62,NA,1,north,2")
    assert prediction.reason == ["temp: missing in every row"] * 2
    assert prediction.without_risk == 0
    assert predicted("7,61,,1,north,2").reason == [""]
    assert predicted("7,61,37,,north,2", "8,62,37,,north,2").reason == ["sex: missing in every row"] * 2


def test_a_number_that_often_stands_for_missing_is_a_finding(predicted):
    rows = [f"{at},{50 + at},37,1,north,2" for at in range(30)]
    prediction = predicted(*rows, "x,999,37,1,north,2", saved=_saved(ranges={}))
    assert [finding.code for finding in prediction.findings if finding.level == "caution"] == ["W-SENTINEL"]
    assert [finding for finding in predicted(*rows).findings if finding.level == "caution"] == []


def test_a_large_export_is_read_as_a_small_one_is(predicted):
    rng = np.random.default_rng(5)
    temps = [f"{temp:.6f}" for temp in rng.normal(37, 0.5, 40_000)]
    temps[17], temps[30_000], temps[39_999] = "oops", "", "<36"
    rows = [f"{at},61,{temp},1,north,2" for at, temp in enumerate(temps)]
    prediction = predicted(*rows)
    assert prediction.reason[17] == "temp: not a number"
    assert prediction.reason[39_999] == "temp: a censored value"
    assert prediction.without_risk == 2
    some = [0, 16, 18, 30_000, 39_998]
    small = predicted(*(rows[at] for at in some))
    np.testing.assert_array_equal(prediction.risk[some], small.risk)


@pytest.mark.parametrize("column", ["sex", "ward", "stage"])
def test_no_cell_of_a_category_costs_another_row_its_risk(predicted, column):
    place = HEADER.split(",").index(column)
    for cell in ("<4", "4_5", "1e400", "31.02.2020", "5 mg/dL"):
        row = FULL.split(",")
        row[place] = cell
        prediction = predicted(",".join(row), FULL)
        assert prediction.reason[1] == ""
        assert prediction.reason[0].startswith(f"{column}: ")


def test_a_level_that_the_study_does_not_declare_costs_its_row_the_risk(predicted):
    prediction = predicted("7,61,37,1,north,4", FULL)
    assert prediction.reason == ["stage: not among its levels", ""]
    assert np.isnan(prediction.risk).tolist() == [True, False]


@pytest.mark.parametrize("written", ["2", "2.0", "2.", "+2"])
def test_a_code_is_the_same_category_however_it_is_written(predicted, written):
    prediction = predicted(f"7,61,37,{written},north,2", "8,61,37,1,north,2")
    assert prediction.reason == ["", ""]
    expected = [_direct(age=61.0, temp=37.0, sex=sex, ward="north", stage="2") for sex in ("2", "1")]
    np.testing.assert_allclose(prediction.risk, expected, rtol=0, atol=1e-12)


def test_a_text_category_is_read_as_it_was_written(predicted):
    prediction = predicted("7,61,37,1,1.0,2", "8,61,37,1,NA,2", "9,61,37,1,1,2")
    assert prediction.reason == ["", "", f"ward: {UNKNOWN}"]
    expected = [_direct(age=61.0, temp=37.0, sex="1", ward=ward, stage="2") for ward in ("1.0", "NA")]
    np.testing.assert_allclose(prediction.risk[:2], expected, rtol=0, atol=1e-12)


ROWS = [
    "1,61,37.5,2,north,3",
    "2,61,37.5,2.0,1.0,3.0",
    "3,61,37.5,unknown,NA,NA",
    "4,NA,37.5,NA,1,",
    "5,,,,,",
    "6,061,98,1,007,1",
    "7,-5,37.5,1,1e5,2",
    "8,200,,x,1e0,2",
]


def test_what_is_said_of_a_row_does_not_depend_on_the_rows_beside_it(predicted):
    together = predicted(*ROWS)
    for place, row in enumerate(ROWS):
        alone = predicted(row)
        assert alone.patients == together.patients[place : place + 1]
        assert alone.reason == together.reason[place : place + 1]
        np.testing.assert_allclose(alone.risk, together.risk[place : place + 1], rtol=0, atol=1e-12)


def test_rows_in_another_order_get_the_same_risks(predicted):
    forward, backward = predicted(*ROWS), predicted(*reversed(ROWS))
    np.testing.assert_array_equal(forward.risk, backward.risk[::-1])
    assert forward.reason == backward.reason[::-1]


def test_an_export_of_one_row_works_where_columns_are_empty(predicted):
    prediction = predicted("000012,61,,,,")
    assert prediction.patients == ["000012"]
    np.testing.assert_allclose(prediction.risk, [_direct(age=61.0)], rtol=0, atol=1e-12)


def test_patient_ids_stay_as_they_are_written(predicted):
    ids = ["000012", "12", "1e3", "00", "NA", "2020-01-01"]
    assert predicted(*(f"{one},61,37,1,north,2" for one in ids)).patients == ids


def test_without_a_patient_column_rows_are_numbered(predicted):
    prediction = predicted(FULL, FULL, saved=_saved(patient_column=None))
    assert prediction.patients == ["1", "2"]


FORMULAS = ["=1+1", "+1", "-2", "@SUM(A1)", '=HYPERLINK("http://x","y")', "=cmd|'/c calc'!A0", "-1+1", "+A1,B2"]


@pytest.fixture
def files(tmp_path):
    (tmp_path / "model.clinpred").write_bytes(model_bytes(_saved()))
    table = [["mrn", "age", "temp", "sex", "ward", "stage"]]
    table += [[one, "61", "37", "1", "north", "2"] for one in [*FORMULAS, "000012"]]
    text = io.StringIO()
    csv.writer(text).writerows(table)
    (tmp_path / "new.csv").write_text(text.getvalue(), encoding="utf-8")
    return tmp_path


def test_the_csv_holds_nothing_that_a_spreadsheet_would_run_and_every_id(files):
    predicted = predict_export(files / "model.clinpred", files / "new.csv", out=files / "risks.csv")
    assert (files / "risks.csv").read_text(encoding="utf-8") == predicted.csv
    cells = list(csv.reader(io.StringIO(predicted.csv)))
    assert cells[0] == ["mrn", "risk", "reason"]
    starts = ("=", "+", "-", "@", "\t", "\r")
    assert all(re.fullmatch(r"[-+]?\d+", cell) for row in cells for cell in row if cell.startswith(starts))
    assert [row[0].removeprefix("'") for row in cells[1:]] == [*FORMULAS, "000012"]
    again = read_export(files / "risks.csv")
    assert [one.removeprefix("'") for one in again.text("mrn")] == [*FORMULAS, "000012"]
    expected = _direct(age=61.0, temp=37.0, sex="1", ward="north", stage="2")
    np.testing.assert_allclose(again.table["risk"], expected, rtol=0, atol=1e-12)
    assert predicted.sentence == "9 rows: 9 risks"


def test_a_patient_column_that_is_named_like_a_formula_is_inert():
    assert inert("=mrn") == "'=mrn"


def test_a_risk_is_written_so_that_it_is_read_back_exactly(predicted):
    prediction = predicted(*(f"{age},{age},37,1,north,2" for age in range(1, 120)))
    cells = list(csv.reader(io.StringIO(prediction_csv(prediction, who="mrn"))))
    assert [float(row[1]) for row in cells[1:]] == prediction.risk.tolist()


def test_a_row_without_a_risk_has_an_empty_cell_and_its_reason(predicted):
    prediction = predicted("7,999,37,1,north,2", FULL)
    assert prediction_csv(prediction, who="mrn").splitlines()[1] == "7,,age outside 0 to 120"


def test_the_sentence_counts_rows_risks_and_remarks(files):
    rows = ["7,999,37,1,north,2", "8,61,37,1,east,2", "9,61,37,1,north,2", "10,,,,,"]
    (files / "new.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    predicted = predict_export(files / "model.clinpred", files / "new.csv")
    assert predicted.sentence == "4 rows: 2 risks; 2 without a risk, each with its reason; 1 with a remark"


def test_a_file_in_the_place_of_the_csv_is_kept(files):
    (files / "risks.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(ResourceRefused):
        predict_export(files / "model.clinpred", files / "new.csv", out=files / "risks.csv")
    assert (files / "risks.csv").read_text(encoding="utf-8") == "mine"
    predict_export(files / "model.clinpred", files / "new.csv", out=files / "risks.csv", overwrite=True)
    assert (files / "risks.csv").read_text(encoding="utf-8").startswith("mrn,risk,reason\n")
