"""One patient's explanation: it sums to the log odds, and says nothing where there is no risk."""

import numpy as np
import pandas as pd
import pytest

from clinpred import explain, read_export
from clinpred.bundle.format import ModelCard, SavedModel
from clinpred.models.risk_model import Layer, LinearForm, NetworkForm, RiskModel
from clinpred.predictors.preparation import Preparation
from clinpred.records.types import PredictorType
from clinpred.settings.recipe import Recipe
from clinpred.study.explanation import explanation_csv

KINDS = {"age": PredictorType("number"), "crea": PredictorType("number"), "ward": PredictorType("category")}
N = 200


def patients(n=N):
    rng = np.random.default_rng(1)
    crea = rng.gamma(2.0, 1.0, n)
    crea[:30] = np.nan
    ward = pd.Series(rng.choice(["a", "b", "c"], n), dtype=object)
    return pd.DataFrame({"age": np.round(rng.normal(60, 12, n), 1), "crea": np.round(crea, 3), "ward": ward})


def saved(kind, recipe=None):
    preparation = Preparation.learn(patients(), KINDS, np.arange(N), recipe=recipe or Recipe())
    columns, rng = len(preparation.columns), np.random.default_rng(2)
    form = LinearForm(-1.25, rng.normal(size=columns))
    if kind == "network":
        layers = (Layer(rng.normal(size=(columns, 4)), rng.normal(size=4)), Layer(rng.normal(size=(4, 1)), np.zeros(1)))
        form = NetworkForm((layers, layers))
    card = ModelCard(
        title="Logistic", study="invented", outcome="died", event="1", patient_column="mrn",
        development_patients=N, development_events=90, seed=1, version="0.1.0", kinds=KINDS, coded=(), ranges={},
    )  # fmt: skip
    return SavedModel(RiskModel("logistic_ridge", preparation, form), card)


@pytest.fixture
def export(tmp_path):
    rows = patients(40).assign(mrn=[f"p{row}" for row in range(40)]).astype({"age": object})
    rows.loc[3, "age"] = "sixty"
    rows.loc[5, ["age", "crea", "ward"]] = None
    rows.to_csv(tmp_path / "new.csv", index=False)
    return read_export(tmp_path / "new.csv")


@pytest.mark.parametrize("kind", ["linear", "network"])
@pytest.mark.parametrize("recipe", [Recipe(), Recipe(imputation="chained", knots={"crea": 4})])
def test_the_average_patient_and_what_predictors_add_sum_to_the_log_odds(kind, recipe, export):
    found = explain(saved(kind, recipe), export)
    risk = found.prediction.risk
    assert found.predictors == ("age", "crea", "ward")
    log_odds = found.average + found.adds.sum(axis=1)
    with_risk = ~np.isnan(risk)
    np.testing.assert_allclose(1 / (1 + np.exp(-log_odds[with_risk])), risk[with_risk], atol=1e-12)
    assert np.flatnonzero(~with_risk).tolist() == [3, 5]
    assert np.isnan(found.adds[[3, 5]]).all()


def test_of_a_logistic_model_it_is_coefficient_times_distance_from_the_mean(export):
    model = saved("linear")
    found = explain(model, export)
    preparation, form = model.model.preparation, model.model.form
    age = found.prediction.predictors["age"].to_numpy(dtype=float)
    by_hand = form.coefficients[0] * (age - preparation.mean[0]) / preparation.sd[0]
    np.testing.assert_allclose(np.delete(found.adds[:, 0], [3, 5]), np.delete(by_hand, [3, 5]), atol=1e-12)
    assert found.average == form.intercept


def test_the_same_patient_has_the_same_explanation_in_every_company(export, tmp_path):
    model = saved("network")
    together = explain(model, export)
    assert np.array_equal(explain(model, export).adds, together.adds, equal_nan=True)


def test_the_file_has_a_line_a_patient_and_is_empty_where_there_is_no_risk(export):
    lines = explanation_csv(explain(saved("linear"), export), who="mrn").splitlines()
    assert lines[0] == "mrn,risk,log_odds,average_patient,age,crea,ward"
    assert len(lines) == 41
    assert lines[4] == "p3,,,,,,"
