"""Predictors that go together, represented by one of them or summed up: by hand, in resamples, in a model file."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clinpred.bundle.format import ModelCard, SavedModel
from clinpred.bundle.load import load_model
from clinpred.bundle.save import model_bytes
from clinpred.errors import ModelFileRefused
from clinpred.models.cohort_procedure import CohortProcedure
from clinpred.models.development import develop, prepare
from clinpred.models.risk_model import LinearForm, RiskModel
from clinpred.predictors.coded import Coded
from clinpred.predictors.preparation import Preparation
from clinpred.records.cohort import Cohort, RowFlow
from clinpred.records.types import PredictorType
from clinpred.settings.correlation import Correlation
from clinpred.settings.recipe import Recipe
from clinpred.validation.bootstrap import bootstrap

N = 400
NAMES = ("age", "crea", "bun", "urea", "ward", "unit")
KINDS = {name: PredictorType("category" if name in {"ward", "unit"} else "number") for name in NAMES}
ALONE = ("age", "bun", "ward")


def frame(n=N, seed=3):
    """Return three measurements of the kidney, of which `bun` is the most complete, and two names of a place."""
    rng = np.random.default_rng(seed)
    kidney, place = rng.normal(size=n), rng.integers(3, size=n)
    unit = np.where(rng.random(n) < 0.04, (place + 1) % 3, place)
    crea, bun, urea = (kidney + 0.3 * rng.normal(size=n) for _ in range(3))
    crea[:30], urea[10:60], bun[100:109] = np.nan, np.nan, np.nan
    wards, units = np.array(["a", "b", "c"], dtype=object), np.array(["x", "y", "z"], dtype=object)
    columns = [rng.normal(60, 12, n), np.exp(crea), 20 + 5 * bun, -urea, wards[place], units[unit]]
    return pd.DataFrame(dict(zip(NAMES, columns, strict=True)))


def learnt(policy="keep", table=None, **more):
    table = frame() if table is None else table
    return Preparation.learn(
        table, KINDS, np.arange(len(table)), recipe=Recipe(correlation=Correlation(policy=policy, **more))
    )


def cohort():
    table, rng = frame(), np.random.default_rng(5)
    risk = 1 / (1 + np.exp(-(table["bun"].fillna(20) - 20) / 5))
    patients = np.arange(N)
    outcome = (rng.random(N) < risk).astype(float)
    return Cohort(table, KINDS, outcome, patients, patients.astype(str).astype(object), {}, RowFlow(N, N, ()))


def test_kept_is_what_there_was_without_a_policy():
    assert learnt("keep") == Preparation.learn(frame(), KINDS, np.arange(N))
    assert learnt("summary", cut=0.999) == learnt("keep")


def test_the_member_with_the_fewest_missing_values_represents_its_cluster():
    found = learnt("representative")
    assert found.predictors == ALONE
    assert {(one.name, one.by) for one in found.represented} == {("crea", "bun"), ("urea", "bun"), ("unit", "ward")}
    assert set(found.sources) == set(ALONE)
    kept = frame()[list(ALONE)]
    alone = Preparation.learn(kept, {name: KINDS[name] for name in ALONE}, np.arange(N))
    np.testing.assert_array_equal(found.apply(kept), alone.apply(kept))


def test_a_component_is_the_first_principal_one_by_hand():
    table = frame()
    found = learnt("summary", table)
    places = [found.columns.index(name) for name in ("age", "crea + bun + urea", "ward + unit")]
    whole = learnt("keep", table)
    design = whole.apply(table)[:, [whole.columns.index(name) for name in ("crea", "bun", "urea")]]
    left, size, _ = np.linalg.svd(design, full_matrices=False)
    by_hand = left[:, 0] * np.sqrt(N)
    score = found.apply(table)[:, places[1]]
    assert np.abs(np.corrcoef(score, by_hand)[0, 1]) == pytest.approx(1.0, abs=1e-12)
    assert (score.mean(), score.std()) == pytest.approx((0.0, 1.0), abs=1e-12)
    component = found.components[0]
    assert component.share == pytest.approx(size[0] ** 2 / np.sum(size**2))
    assert component.loadings[0] > 0
    # what was missing is still said, and the members are still needed
    assert {"crea missing", "bun missing", "urea missing"} <= set(found.columns)
    assert found.predictors == NAMES
    assert set(found.sources) == {"age", "crea + bun + urea", "ward + unit"}
    assert not {"crea", "bun", "urea", "ward = b"} & set(found.columns)


def test_the_component_of_two_that_go_against_each_other_keeps_its_sign_over_resamples():
    rng = np.random.default_rng(4)
    table = pd.DataFrame({"ph": rng.normal(size=200)}).assign(base=lambda one: -one["ph"] + 0.3 * rng.normal(size=200))
    kinds, signs = dict.fromkeys(table, PredictorType("number")), set()
    for seed in range(40):
        counts = np.bincount(np.random.default_rng(seed).integers(200, size=200), minlength=200)
        asked = Correlation(policy="summary")
        found = Preparation.learn(table, kinds, np.arange(200), counts=counts, recipe=Recipe(correlation=asked))
        signs.add(tuple(np.sign(found.components[0].loadings)))
    assert signs == {(1.0, -1.0)}


def test_the_coded_design_and_new_patients_get_the_same_component():
    table, found = frame(), learnt("summary")
    coded = Coded.of(table, KINDS, np.arange(N))
    np.testing.assert_allclose(found.apply_coded(coded), found.apply(table), atol=1e-12)
    new = frame(seed=9)
    np.testing.assert_allclose(found.apply(new.iloc[:7]), found.apply(new)[:7], atol=1e-12)


@pytest.mark.parametrize("policy", ["representative", "summary"])
def test_a_resample_by_counts_is_its_rows_repeated(policy):
    counts = np.random.default_rng(1).integers(0, 3, size=N)
    asked = Correlation(policy=policy)
    found = Preparation.learn(frame(), KINDS, np.arange(N), counts=counts, recipe=Recipe(correlation=asked))
    rows = np.repeat(np.arange(N), counts)
    repeated = Preparation.learn(
        frame().iloc[rows].reset_index(drop=True), KINDS, rows, recipe=Recipe(correlation=asked)
    )
    assert found.columns == repeated.columns
    np.testing.assert_allclose(found.apply(frame()), repeated.apply(frame()), atol=1e-9)


def test_one_cluster_may_be_treated_in_its_own_way():
    found = learnt("keep", clusters={"urea": "summary"})
    assert [one.members for one in found.components] == [("crea", "bun", "urea")]
    assert {"ward = b", "unit = y"} <= set(found.columns)
    found = learnt("summary", clusters={"unit": "keep", "ward": "representative"})
    assert found.represented == ()
    assert len(found.components) == 1


def test_the_whole_procedure_reduces_anew_in_every_replicate():
    development, asked = cohort(), Correlation(policy="summary")
    procedure = CohortProcedure(development, ("logistic_ridge",), recipe=Recipe(correlation=asked))
    refits = procedure.refit(np.ones(N, dtype=np.int64), seed=5).models["logistic_ridge"]
    developed = develop("logistic_ridge", prepare(development, recipe=Recipe(correlation=asked)), seed=5)
    expected = developed.model.linear_predictor(development.predictors)
    np.testing.assert_allclose(refits.linear_predictor, expected, atol=1e-7)
    assert "crea + bun + urea" in refits.coefficients
    drawn = bootstrap(procedure, replicates=4, seed=1, workers=1)
    signs = [one.models["logistic_ridge"].coefficients["crea + bun + urea"] > 0 for one in drawn.replicates]
    assert signs == [True] * 4


def saved_model():
    preparation = learnt("summary")
    form = LinearForm(-0.5, np.random.default_rng(2).normal(size=len(preparation.columns)))
    card = ModelCard(
        title="Logistic, ridge (L2)", study="invented", outcome="died", event="1", patient_column=None,
        development_patients=N, development_events=200, seed=1, version="0", kinds=KINDS, coded=(), ranges={},
    )  # fmt: skip
    return SavedModel(RiskModel("logistic_ridge", preparation, form), card)


def test_a_model_file_carries_its_components(tmp_path):
    saved, path = saved_model(), tmp_path / "model.clinpred"
    path.write_bytes(model_bytes(saved))
    again = load_model(path)
    assert again.model.preparation == saved.model.preparation
    new = frame(seed=11)
    np.testing.assert_array_equal(again.model.linear_predictor(new), saved.model.linear_predictor(new))


def test_a_component_that_does_not_fit_is_refused(tmp_path):
    saved, path = saved_model(), tmp_path / "model.clinpred"
    preparation = saved.model.preparation
    for wrong in ({"sd": (1.0,)}, {"columns": ("crea", "bun", "nowhere")}, {"sd": (1.0, 0.0, 1.0)}):
        component = replace(preparation.components[0], **wrong)
        broken = replace(preparation, components=(component, *preparation.components[1:]))
        model = replace(saved.model, preparation=broken)
        path.write_bytes(model_bytes(replace(saved, model=model)))
        with pytest.raises(ModelFileRefused):
            load_model(path)


def test_a_preparation_of_before_there_were_components_is_read_as_it_was():
    plain = learnt("keep").to_plain()
    del plain["represented"], plain["components"]
    assert Preparation.from_plain(plain) == learnt("keep")
