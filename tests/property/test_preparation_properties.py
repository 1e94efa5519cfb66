"""A resample given as counts teaches what its rows repeated teach; whoever was not drawn teaches nothing."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from clinpred.predictors.coded import Coded
from clinpred.predictors.preparation import Preparation
from clinpred.records.types import PredictorType

LEVELS = ("none", "mild", "severe")
KINDS = {
    "stay": PredictorType("number"),
    "score": PredictorType("number"),
    "score_doubled": PredictorType("number"),
    "sum": PredictorType("number"),
    "ward": PredictorType("number"),
    "group": PredictorType("category"),
    "class": PredictorType("category"),
    "sex": PredictorType("category"),
    "pain": PredictorType("ordered", LEVELS),
}


def _without(rng, values, share):
    return np.where(rng.random(len(values)) < share, None, values)


@st.composite
def resampled(draw):
    """Return predictors with missing values, rare levels, constants and aliases; whose rows; and how often drawn."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_patients = draw(st.integers(60, 120))
    patients = rng.permutation(np.repeat(np.arange(n_patients), rng.integers(1, draw(st.integers(2, 4)), n_patients)))
    n = patients.size
    missing = draw(st.sampled_from([0.0, 0.05, 0.4]))
    stay, score = rng.gamma(1.0, 9.0, n), rng.integers(0, draw(st.integers(2, 40)), n).astype(float)
    group = rng.choice(list("abcdefgh"), n, p=np.array([40, 20, 12, 10, 8, 5, 3, 2]) / 100)
    common = rng.choice(["p", "q", "r", "s"], n)
    names = draw(st.sampled_from([group, common]))
    columns = {
        "stay": np.where(rng.random(n) < missing, np.nan, stay),
        "score": score,
        "score_doubled": 2 * score - 1,
        "sum": stay + score,
        "ward": np.where(rng.random(n) < draw(st.sampled_from([0.0, 0.02])), 2.0, 1.0),
        "group": _without(rng, names, draw(st.sampled_from([0.0, missing]))),
        "class": np.where(np.isin(names, ["a", "b", "p"]), "acute", "chronic"),
        "sex": _without(rng, rng.choice(["f", "m"], n), missing),
        "pain": _without(rng, rng.choice(LEVELS, n), missing),
    }
    chosen = draw(st.permutations(list(columns)))[: draw(st.integers(3, len(columns)))]
    frame = pd.DataFrame(
        {
            name: pd.Series(columns[name], dtype=float if KINDS[name].kind == "number" else object)
            for name in ["stay", *(name for name in chosen if name != "stay")]
        }
    )
    drawn = np.bincount(rng.integers(0, n_patients, n_patients), minlength=n_patients)
    return frame, patients, drawn[patients]


def _learn(frame, patients, counts=None):
    return Preparation.learn(frame, {name: KINDS[name] for name in frame}, patients, counts=counts)


@settings(deadline=None, max_examples=150)
@given(resampled())
def test_counts_teach_what_repeated_rows_teach(cohort):
    frame, patients, counts = cohort
    rows = np.repeat(np.arange(len(frame)), counts)
    by_counts = _learn(frame, patients, counts).to_plain()
    by_rows = _learn(frame.iloc[rows].reset_index(drop=True), patients[rows]).to_plain()
    for moment in ("mean", "sd"):
        np.testing.assert_allclose(by_counts.pop(moment), by_rows.pop(moment), rtol=1e-12, atol=1e-13)
    assert by_counts == by_rows


@settings(deadline=None, max_examples=50)
@given(resampled())
def test_what_undrawn_patients_look_like_changes_nothing_that_is_learnt(cohort):
    frame, patients, counts = cohort
    strange = frame.copy()
    for name in frame:
        strange.loc[counts == 0, name] = 1e300 if KINDS[name].kind == "number" else "never seen"
    assert _learn(strange, patients, counts) == _learn(frame, patients, counts)


@settings(deadline=None, max_examples=50)
@given(resampled())
def test_coded_predictors_become_the_design_that_a_table_becomes(cohort):
    frame, patients, counts = cohort
    coded = Coded.of(frame, KINDS, patients)
    prepared = Preparation.learn_coded(coded, counts=counts)
    np.testing.assert_array_equal(prepared.apply_coded(coded), prepared.apply(frame))


@settings(deadline=None, max_examples=50)
@given(resampled())
def test_the_design_of_a_resample_has_mean_0_and_sd_1_under_its_counts(cohort):
    frame, patients, counts = cohort
    design = _learn(frame, patients, counts).apply(frame)
    np.testing.assert_allclose(np.average(design, axis=0, weights=counts), 0, atol=1e-11)
    np.testing.assert_allclose(np.average(design**2, axis=0, weights=counts), 1, atol=1e-11)
