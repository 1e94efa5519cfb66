"""Accumulated local effects, against models whose effects are known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clinpred.errors import InputRefused, StatisticalRefusal, WrongUsage
from clinpred.explanation import accumulated_local_effects
from clinpred.explanation.accumulated import replicated_band
from clinpred.explanation.dense import Dense
from clinpred.models.risk_model import Layer, LinearForm, NetworkForm, OpaqueForm, RiskModel
from clinpred.predictors.preparation import Preparation
from clinpred.records.types import PredictorType
from clinpred.settings.correlation import Correlation
from clinpred.settings.recipe import Recipe

N = 1200
NUMBER = PredictorType("number")
GRADES = ("none", "mild", "severe", "dire")
KINDS = {
    "age": NUMBER,
    "sodium": NUMBER,
    "crea": NUMBER,
    "grade": PredictorType("ordered", levels=GRADES),
    "ward": PredictorType("category"),
}


def table(n=N, seed=5):
    rng = np.random.default_rng(seed)
    age = rng.normal(60, 12, n)
    found = pd.DataFrame(
        {
            "age": age,
            "sodium": np.round(140 + 0.2 * (age - 60) + rng.normal(0, 1, n)),
            "crea": rng.lognormal(0, 0.6, n),
            "grade": rng.choice(GRADES, n, p=[0.5, 0.3, 0.195, 0.005]),
            "ward": rng.choice(["a", "b"], n),
        }
    )
    found.loc[rng.random(n) < 0.2, ["crea"]] = np.nan
    found.loc[rng.random(n) < 0.1, ["grade"]] = None
    return found.astype({"grade": object, "ward": object})


def linear(coefficients, frame=None, **recipe):
    """Return a logistic model with these coefficients per unit, 0 for any other column, and its patients."""
    frame = table() if frame is None else frame
    preparation = Preparation.learn(frame, KINDS, np.arange(len(frame)), recipe=Recipe(**recipe))
    per_unit = np.array([coefficients.get(name, 0.0) for name in preparation.columns])
    return RiskModel("by hand", preparation, LinearForm(-0.5, per_unit * preparation.sd)), frame


def opaque(function, frame):
    """Return a model that is any function of the raw columns, which it gets by name."""
    preparation = Preparation.learn(frame, KINDS, np.arange(len(frame)))

    def of_design(design):
        raw = design * preparation.sd + preparation.mean
        return function(dict(zip(preparation.columns, raw.T, strict=True)))

    return RiskModel("opaque", preparation, OpaqueForm(of_design))


def in_range(frame, found, name):
    values = frame[name].dropna().to_numpy()
    return values[(values >= found.values[0]) & (values <= found.values[-1])]


@pytest.mark.parametrize("name", ["age", "sodium", "crea"])
def test_a_linear_models_effect_is_its_coefficient_times_the_distance_from_the_mean_of_those_in_range(name):
    model, frame = linear({"age": 0.04, "sodium": -0.3, "crea": 0.8, "crea missing": 5.0, "ward = b": 1.0})
    found = accumulated_local_effects(model, frame, name)
    coefficient = {"age": 0.04, "sodium": -0.3, "crea": 0.8}[name]
    expected = coefficient * (found.values - in_range(frame, found, name).mean())
    np.testing.assert_allclose(found.effect, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["age", "sodium", "grade"])
def test_the_mean_effect_over_the_patients_in_range_is_0(name):
    model, frame = linear({"age": 0.04, "sodium": -0.3, "grade": 0.5})
    found = accumulated_local_effects(model, frame, name)
    values = frame["grade"].map(dict(zip(GRADES, range(4), strict=True))) if name == "grade" else frame[name]
    seen = in_range(pd.DataFrame({name: values.astype(float)}), found, name)
    assert np.interp(seen, found.values, found.effect).mean() == pytest.approx(0.0, abs=1e-12)


def test_a_predictor_that_the_model_has_no_weight_for_has_an_effect_of_exactly_0():
    model, frame = linear({"age": 0.04})
    assert accumulated_local_effects(model, frame, "crea").effect.tolist() == [0.0] * 21


def test_each_part_of_a_sum_comes_back_however_its_predictors_go_together():
    frame = table()
    model = opaque(lambda raw: np.square(raw["age"] / 10) + 3.0 * raw["sodium"], frame)
    found = accumulated_local_effects(model, frame, "age")
    truth = np.square(found.values / 10)
    apart = (found.effect - truth) - (found.effect - truth)[0]
    np.testing.assert_allclose(apart, 0.0, atol=1e-9)


def test_what_a_model_says_where_no_patient_is_has_no_part_in_it():
    rng = np.random.default_rng(2)
    age = rng.normal(60, 12, N)
    frame = pd.DataFrame({"age": age, "sodium": 80 + age + rng.normal(0, 1, N)})
    model = opaque(lambda raw: 0.05 * raw["age"] + 9.0 * (np.abs(raw["sodium"] - 80 - raw["age"]) > 12), frame)
    found = accumulated_local_effects(model, frame, "age")
    np.testing.assert_allclose(np.diff(found.effect), 0.05 * np.diff(found.values), atol=1e-9)
    young = frame.assign(age=found.values[0])
    partial_dependence = model.linear_predictor(young).mean() - model.linear_predictor(frame).mean()
    assert partial_dependence > 1.0 > found.effect[0]


def test_an_interaction_is_shared_as_the_patients_of_each_interval_have_it():
    frame = table()
    model = opaque(lambda raw: raw["age"] * (0.02 + 0.05 * raw["ward = b"]), frame)
    found = accumulated_local_effects(model, frame, "age")
    share = np.array(
        [
            np.mean(frame["ward"][(frame["age"] >= low) & (frame["age"] <= high)] == "b")
            for low, high in zip(found.values[:-1], found.values[1:], strict=True)
        ]
    )
    np.testing.assert_allclose(np.diff(found.effect) / np.diff(found.values), 0.02 + 0.05 * share, atol=1e-9)


def test_an_ordered_category_is_told_at_the_levels_that_8_patients_have():
    model, frame = linear({"grade": 0.5})
    assert 0 < (frame["grade"] == "dire").sum() < 8
    found = accumulated_local_effects(model, frame, "grade")
    assert found.levels == GRADES[:3]
    assert found.values.tolist() == [0.0, 1.0, 2.0]
    np.testing.assert_allclose(np.diff(found.effect), 0.5, atol=1e-12)
    counts = frame["grade"].value_counts()[list(GRADES[:3])]
    np.testing.assert_allclose(found.shares, counts / counts.sum())


def test_a_bent_number_moves_with_all_its_columns_and_other_values_stay_filled_as_they_were():
    coefficients = {"age": 0.05, "age'": -0.08, "age''": 0.2}
    model, frame = linear(coefficients, knots={"age": 4}, imputation="chained")
    found = accumulated_local_effects(model, frame, "age")
    rule = model.preparation.rules[0]
    truth = np.column_stack(rule.bent(found.values)) @ list(coefficients.values())
    np.testing.assert_allclose(found.effect - truth, (found.effect - truth)[0], atol=1e-9)


def test_members_of_a_component_move_alone():
    model, frame = linear({"age + sodium": 0.7}, correlation=Correlation(cut=0.5, policy="summary"))
    (component,) = model.preparation.components
    found = accumulated_local_effects(model, frame, "age")
    slope = 0.7 * component.loadings[0] / component.sd[0]
    np.testing.assert_allclose(np.diff(found.effect), slope * np.diff(found.values), atol=1e-9)


def test_edges_are_quantiles_within_the_central_95_percent_with_8_patients_in_every_interval():
    model, frame = linear({})
    for name in ("age", "sodium", "crea"):
        found = accumulated_local_effects(model, frame, name)
        known = frame[name].dropna()
        lower, upper = known.quantile([0.025, 0.975])
        spread = 0.01 * known.std()
        assert lower - spread <= found.values[0] < found.values[-1] <= upper + spread
        assert found.shares.sum() == pytest.approx(1.0)
        assert (found.shares * len(in_range(frame, found, name)) >= 7.5).all()
        assert len(found.values) <= 21
        assert not set(found.values) & set(frame["age"]) & set(frame["crea"])


def test_few_patients_get_a_shorter_and_coarser_curve():
    model, frame = linear({"age": 0.04}, table(n=60))
    found = accumulated_local_effects(model, frame, "age")
    age = frame["age"].to_numpy()
    assert np.sum(age <= found.values[0]) >= 8
    assert np.sum(age >= found.values[-1]) >= 8
    within = [
        np.sum((age >= low) & (age <= high)) for low, high in zip(found.values[:-1], found.values[1:], strict=True)
    ]
    assert len(within) > 1
    assert min(within) >= 8


def test_rows_of_one_patient_are_one_patient():
    model, frame = linear({"age": 0.04}, table(n=60))
    once = accumulated_local_effects(model, frame, "age")
    again = accumulated_local_effects(model, pd.concat([frame] * 3), "age", patients=np.tile(np.arange(60), 3))
    assert len(accumulated_local_effects(model, pd.concat([frame] * 3), "age").values) > len(again.values)
    assert again.values.tolist() == once.values.tolist()


def test_two_values_make_one_interval():
    frame = table().assign(sodium=np.repeat([0.0, 1.0], N // 2))
    model, frame = linear({"sodium": 0.7}, frame)
    found = accumulated_local_effects(model, frame, "sodium")
    assert found.values.tolist() == [0.0, 1.0]
    np.testing.assert_allclose(found.effect, [-0.35, 0.35], atol=1e-12)
    assert found.shares.tolist() == [1.0]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("sodium", 140.0),
        ("sodium", np.nan),
        ("sodium", [140.0] * (N - 7) + [150.0] * 7),
        ("sodium", [np.nan] * (N - 12) + list(np.arange(12.0))),
        ("grade", None),
        ("grade", "mild"),
        ("grade", ["mild"] * (N - 7) + ["severe"] * 7),
    ],
)
def test_without_two_dense_values_there_is_a_reason_and_no_curve(name, values):
    model, frame = linear({"sodium": 0.7})
    changed = frame.assign(**{name: pd.Series(values, index=frame.index, dtype=frame[name].dtype)})
    with pytest.raises(StatisticalRefusal, match=f"`{name}` has no two values") as refusal:
        accumulated_local_effects(model, changed, name)
    assert refusal.value.code == "S-NOT-DENSE"


@pytest.mark.parametrize("name", ["ward", "weight"])
def test_what_has_no_order_or_is_not_used_is_refused(name):
    model, frame = linear({"sodium": 0.7})
    with pytest.raises(WrongUsage, match="E-SETTING"):
        accumulated_local_effects(model, frame, name)
    with pytest.raises(WrongUsage, match="`patients` is out of its range"):
        accumulated_local_effects(model, frame, "sodium", patients=np.arange(N - 1))
    with pytest.raises(InputRefused, match="E-MISSING-COLUMN"):
        accumulated_local_effects(model, frame.drop(columns="ward"), "sodium")


def test_the_band_of_a_network_goes_from_the_lowest_to_the_highest_of_those_it_averages():
    model, frame = linear({})
    rng = np.random.default_rng(4)
    width = len(model.preparation.columns)
    members = tuple(
        (Layer(rng.normal(size=(width, 4)), rng.normal(size=4)), Layer(rng.normal(size=(4, 1)), np.zeros(1)))
        for _ in range(3)
    )
    form = NetworkForm(members)
    alone = [
        accumulated_local_effects(replace(model, form=NetworkForm((one,))), frame, "age").effect for one in members
    ]
    found = accumulated_local_effects(replace(model, form=form), frame, "age")
    np.testing.assert_allclose(found.effect, np.mean(alone, axis=0), atol=1e-12)
    np.testing.assert_allclose(found.band.lower, np.min(alone, axis=0), atol=1e-12)
    np.testing.assert_allclose(found.band.upper, np.max(alone, axis=0), atol=1e-12)
    assert (found.band.kind, found.band.of) == ("networks", 3)


def test_the_band_over_replicates_is_that_of_their_own_effects_on_the_same_patients():
    coefficients = [{"age": 0.05 + 0.01 * k, "age'": -0.1 * k} for k in range(40)]
    knots = [(40.0 + 0.1 * k, 60.0, 80.0) for k in range(40)]
    model, frame = linear({}, knots={"age": 3})
    first, *rest = model.preparation.rules
    assert first.predictor == "age"
    curves = []
    for own, bends in zip(coefficients, knots, strict=True):
        preparation = replace(model.preparation, rules=(replace(first, knots=bends), *rest))
        per_sd = np.array([own.get(name, 0.0) for name in preparation.columns]) * preparation.sd
        curves.append(
            accumulated_local_effects(
                replace(model, preparation=preparation, form=LinearForm(0.0, per_sd)), frame, "age"
            )
        )
    dense = Dense.of(model.preparation, frame, "age", np.arange(N))
    band = replicated_band(dense, [(own, {"age": bends}) for own, bends in zip(coefficients, knots, strict=True)])
    lower, upper = np.quantile([one.effect for one in curves], (0.025, 0.975), axis=0)
    np.testing.assert_allclose(band.lower, lower, atol=1e-9)
    np.testing.assert_allclose(band.upper, upper, atol=1e-9)
    assert (band.kind, band.of) == ("replicates", 40)


def test_a_straight_lines_band_follows_from_the_quantiles_of_its_slope():
    model, frame = linear({})
    slopes = np.random.default_rng(1).normal(0.3, 0.2, 60)
    dense = Dense.of(model.preparation, frame, "sodium", np.arange(N))
    band = replicated_band(dense, [({"sodium": slope}, {}) for slope in slopes] + [({}, {})])
    ends = np.quantile([*slopes, 0.0], (0.025, 0.975))[:, None] * (dense.edges - dense.values.mean())
    np.testing.assert_allclose(band.lower, ends.min(axis=0), atol=1e-12)
    np.testing.assert_allclose(band.upper, ends.max(axis=0), atol=1e-12)
