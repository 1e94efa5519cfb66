"""Whatever a caller in Python hands in is understood or refused in the form of the house, never by a bare error."""

from functools import cache, partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinpred.errors import ClinpredError, InputRefused, StatisticalRefusal, WrongUsage
from clinpred.models import ElasticNetLogistic, LassoLogistic, RidgeLogistic, UnpenalisedLogistic
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.models.null import Prevalence
from clinpred.performance.intervals import estimate_all
from clinpred.performance.loess import Loess
from clinpred.performance.names import numbered_patients
from clinpred.performance.net_benefit import checked_thresholds
from clinpred.performance.without_interval import is_against_prevalence
from clinpred.settings.arguments import check_workers, is_number_between, seed_sequence, whole_number
from clinpred.settings.counts import both_classes, counted
from clinpred.validation.bootstrap import bootstrap
from clinpred.validation.fold_numbers import checked_folds
from clinpred.validation.learning_curve import learning_curve
from clinpred.validation.optimism import bootstrap_optimism
from clinpred.validation.out_of_fold import draw_folds, out_of_fold
from clinpred.validation.ranks import DesignColumns, coefficient_spread, predictor_ranks
from clinpred.validation.repeated_folds import resampled_performance
from clinpred.validation.stability import stability

N = 80
PENALISED = [RidgeLogistic, LassoLogistic, ElasticNetLogistic]
NO_SEED = [-1, 2.5, "a", None, True, [1], np.nan]
NO_COUNT = [0, -1, 1.5, "2", None, True, np.inf]
AGAINST_PREVALENCE = ["scaled_brier", "cox_snell_r2", "nagelkerke_r2"]


@cache
def cohort():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((N, 3))
    return X, (rng.random(N) < 1 / (1 + np.exp(-X[:, 0]))).astype(int)


def procedure(**changed):
    X, y = cohort()
    given = {"estimators": {"ridge": RidgeLogistic(0.1)}, "X": X, "y": y} | changed
    return MatrixProcedure(**given)


@cache
def replicates_of_two():
    X, y = cohort()
    return bootstrap(
        MatrixProcedure({"null": Prevalence(), "ridge": RidgeLogistic(0.1)}, X, y), replicates=9, workers=1
    )


def code_of(call):
    with pytest.raises(ClinpredError) as refused:
        call()
    return refused.value.code


@pytest.mark.parametrize("estimator", PENALISED)
@pytest.mark.parametrize("strength", ["loo", 0.1])
@pytest.mark.parametrize(
    "odd",
    [{"random_state": seed} for seed in NO_SEED]
    + [{"n_folds": folds} for folds in [1, 2.5, "a", None, np.nan, True]]
    + [{"rule": rule} for rule in [None, 1, ["minimum"], np.array([1, 2])]],
    ids=str,
)
def test_a_setting_that_an_estimator_cannot_have_is_refused(estimator, strength, odd):
    assert code_of(lambda: estimator(strength, **odd).fit(*cohort())) == "E-SETTING"


@pytest.mark.parametrize("strength", [0, -1.0, np.nan, np.inf, 10**400, None, [0.1], True, "best"])
def test_a_strength_that_is_none_is_refused(strength):
    assert code_of(lambda: RidgeLogistic(strength).fit(*cohort())) == "E-SETTING"


@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan, None, "a", 10**400])
def test_an_l1_share_that_is_none_is_refused(share):
    assert code_of(lambda: ElasticNetLogistic(0.1, share).fit(*cohort())) == "E-SETTING"


@pytest.mark.parametrize("strength", [np.float32(0.125), np.float64(0.125), np.array(0.125)[()], 0.125])
def test_numbers_of_other_libraries_are_numbers(strength):
    model = RidgeLogistic(strength, n_folds=np.int64(3), random_state=np.uint32(7)).fit(*cohort())
    np.testing.assert_array_equal(model.coef_, RidgeLogistic(0.125).fit(*cohort()).coef_)


ODD_LABELS = {
    "numbers and text": (np.array([0, "a"] * (N // 2), dtype=object), "E-MIXED"),
    "a list of numbers and text": ([0, "a"] * (N // 2), "E-MIXED"),
    "text and none": (np.array(["a", None] * (N // 2), dtype=object), "E-DESIGN"),
    "a list of text and NaN": (["a", np.nan] * (N // 2), "E-DESIGN"),
    "text and pandas's NA": (pd.Series(["a", pd.NA] * (N // 2), dtype="string"), "E-DESIGN"),
    "bytes": ([b"a", b"b"] * (N // 2), "E-DESIGN"),
    "a table": (np.zeros((N, 2)), "E-DESIGN"),
    "nothing": (None, "E-DESIGN"),
}


@pytest.mark.parametrize("case", ODD_LABELS)
@pytest.mark.parametrize("estimator", [UnpenalisedLogistic(), RidgeLogistic(0.1)], ids=["unpenalised", "ridge"])
def test_labels_without_an_order_are_refused(estimator, case):
    labels, code = ODD_LABELS[case]
    assert code_of(lambda: estimator.fit(cohort()[0], labels)) == code


ODD_PATIENTS = {
    "numbers and text": (np.array([1, "a"] * (N // 2), dtype=object), "E-MIXED"),
    "a list of numbers and text": ([1, "a"] * (N // 2), "E-MIXED"),
    "none": (np.array(["a", None] * (N // 2), dtype=object), "E-MISSING"),
    "a list of text and NaN": (["a", np.nan] * (N // 2), "E-MISSING"),
    "NaN": (np.where(np.arange(N) < 9, np.nan, np.arange(N)), "E-MISSING"),
    "no time": (np.full(N, np.datetime64("NaT")), "E-MISSING"),
    "pandas's NA": (pd.array([1, pd.NA] * (N // 2), dtype="Int64"), "E-MISSING"),
    "too few": (np.arange(N - 1), "E-LENGTH"),
    "a table": (np.zeros((N, 1)), "E-LENGTH"),
    "one number": (3, "E-LENGTH"),
    "lists of unequal length": ([[1], [1, 2]] * (N // 2), "E-LENGTH"),
}


@pytest.mark.parametrize("case", ODD_PATIENTS)
@pytest.mark.parametrize(
    "take",
    [
        lambda patients: RidgeLogistic().fit(*cohort(), patients=patients),
        lambda patients: procedure(patients=patients),
        lambda patients: draw_folds(cohort()[1], patients, repeats=1, seed=0),
    ],
    ids=["estimator", "procedure", "folds"],
)
def test_patients_that_cannot_be_told_apart_are_refused_by_their_name(take, case):
    patients, code = ODD_PATIENTS[case]
    with pytest.raises(InputRefused) as refused:
        take(patients)
    assert refused.value.code == code
    assert refused.value.found.startswith("patients: ")


@pytest.mark.parametrize("kind", [list, np.array, partial(np.array, dtype=object), pd.Series, pd.Categorical])
def test_patients_are_the_same_however_they_are_handed_in(kind):
    numbers, count = numbered_patients(kind(["b", "a", "c", "a"]), 4)
    assert (numbers.tolist(), count) == ([1, 0, 2, 0], 3)


@given(st.lists(st.sampled_from([1, 2.5, "a", "1", None, float("nan")]), min_size=1, max_size=8))
@settings(deadline=None)
def test_a_list_of_patients_is_numbered_only_where_all_are_named_in_one_way(names):
    kinds = {isinstance(name, str) for name in names}
    faulty = any(pd.isna(name) for name in names) or len(kinds) > 1
    if faulty:
        assert code_of(lambda: numbered_patients(names, len(names))) in {"E-MISSING", "E-MIXED"}
    else:
        assert numbered_patients(names, len(names))[1] == len(set(names))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"X": [["a"] * 3] * N}, "E-NUMBER"),
        ({"X": [[1.0], [1.0, 2.0]]}, "E-NUMBER"),
        ({"X": np.ones(N)}, "E-LENGTH"),
        ({"X": 1.0}, "E-LENGTH"),
        ({"y": ["a"] * N}, "E-NUMBER"),
        ({"y": [None] * N}, "E-NOT-FINITE"),
        ({"y": np.ones((N, 1))}, "E-LENGTH"),
        ({"y": [0, 1]}, "E-LENGTH"),
        ({"columns": ["a", "b"]}, "E-LENGTH"),
        ({"columns": "abc"}, "E-LENGTH"),
        ({"columns": ["a", "b", "a"]}, "E-DUP-HEADER"),
        ({"estimators": RidgeLogistic()}, "E-SETTING"),
        ({"estimators": {"ridge": RidgeLogistic}}, "E-SETTING"),
        ({"estimators": {"ridge": None}}, "E-SETTING"),
    ],
)
def test_a_procedure_is_made_of_what_belongs_together(changed, code):
    assert code_of(lambda: procedure(**changed)) == code


ODD_BOOTSTRAPS = [
    *[({"replicates": count}, "E-SETTING") for count in ["3", 1.5, None, True]],
    *[({"replicates": count}, "E-REPLICATES") for count in [0, -1]],
    *[({"workers": count}, "E-SETTING") for count in [0, "2", -1, 1.5]],
    *[({"seed": seed}, "E-SETTING") for seed in NO_SEED],
    *[({"thresholds": at}, "E-THRESHOLD") for at in [("a",), (None,), 1.5, "a", (0,), ((0.1,), (0.1, 0.2))]],
]


@pytest.mark.parametrize(("odd", "code"), ODD_BOOTSTRAPS, ids=str)
def test_a_bootstrap_that_cannot_be_drawn_is_refused(odd, code):
    assert code_of(lambda: bootstrap(procedure(), **({"replicates": 2, "workers": 1} | odd))) == code


def test_one_threshold_may_stand_alone():
    assert checked_thresholds(0.3).tolist() == [0.3]
    assert bootstrap(procedure(), replicates=1, thresholds=0.3, workers=1).measures[-1] == "net_benefit:0.3"


@pytest.mark.parametrize(
    "odd",
    [{"repeats": count} for count in NO_COUNT]
    + [{"n_folds": count} for count in [1, *NO_COUNT]]
    + [{"seed": seed} for seed in NO_SEED],
    ids=str,
)
def test_folds_that_cannot_be_drawn_are_refused(odd):
    asked = {"n_folds": 3, "repeats": 1, "seed": 0} | odd
    assert code_of(lambda: draw_folds(cohort()[1], np.arange(N), **asked)) == "E-SETTING"


@pytest.mark.parametrize(
    ("folds", "code"),
    [
        (np.zeros((0, 4), dtype=int), "E-LENGTH"),
        ([0, 0, 1, 1], "E-LENGTH"),
        ([[0, 0, 1]], "E-LENGTH"),
        ([[0.0, 0.0, 1.0, 1.0]], "E-SETTING"),
        ([[0, 0, 0, 0]], "E-SETTING"),
        ([[0, 0, 2, 2]], "E-SETTING"),
        ([[-1, -1, 0, 1]], "E-SETTING"),
        ([[0, 0, 1, 2], [0, 0, 1, 1]], "E-SETTING"),
        ([[0, 1, 1, 0]], "E-SETTING"),
    ],
)
def test_folds_leave_whole_patients_out_and_all_of_them(folds, code):
    assert code_of(lambda: checked_folds(folds, np.array([7, 7, 3, 5]))) == code
    assert checked_folds([[0, 0, 1, 1]], np.array([7, 7, 3, 5])).tolist() == [[0, 0, 1, 1]]


@pytest.mark.parametrize(
    "odd",
    [{"repeats": count} for count in NO_COUNT]
    + [{"sizes": count} for count in NO_COUNT]
    + [{"workers": 0}]
    + [{"seed": seed} for seed in NO_SEED],
    ids=str,
)
def test_a_learning_curve_that_cannot_be_drawn_is_refused(odd):
    asked = {"repeats": 1, "sizes": 1, "seed": 0, "workers": 1} | odd
    assert code_of(lambda: learning_curve(procedure(), **asked)) == "E-SETTING"


@pytest.mark.parametrize(
    ("odd", "code"),
    [
        ({"model": "lasso"}, "E-SETTING"),
        ({"seed": -1}, "E-SETTING"),
        ({"seed": None}, "E-SETTING"),
        ({"thresholds": ("a",)}, "E-THRESHOLD"),
    ],
)
def test_a_stability_of_nothing_is_refused(odd, code):
    assert code_of(lambda: stability(replicates_of_two(), **({"model": "ridge"} | odd))) == code


def test_spreads_and_ranks_over_no_replicate_are_refused():
    design = DesignColumns(("a",), ("a",), np.eye(1))
    assert code_of(lambda: coefficient_spread({"a": 1.0}, [], design)) == "E-SETTING"
    assert code_of(lambda: predictor_ranks({"a": 1.0}, [], design)) == "E-SETTING"


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.int64(0)])
def test_a_number_is_within_its_limits_or_not(value):
    assert is_number_between(value, -1.0, 1.0)
    assert not is_number_between(value, 0.5, 1.0)


def test_seeds_and_counts_that_are_right_are_kept():
    assert whole_number("repeats", np.int64(3), least=3) == 3
    given = np.random.SeedSequence(4)
    assert seed_sequence("seed", given) is given
    assert seed_sequence("seed", 4).entropy == 4
    for workers in (None, 1, np.int64(2)):
        check_workers(workers)
    with pytest.raises(WrongUsage, match="E-SETTING"):
        check_workers(0)


def test_one_patient_is_one_and_two_are_two():
    assert [counted(count, "patient") for count in (0, 1, 2)] == ["0 patients", "1 patient", "2 patients"]
    assert both_classes(1, 1) == "1 patient with the event and 1 without it"
    with pytest.raises(ClinpredError, match=r"^1 patient with the event and 79 without it, for a learning curve"):
        learning_curve(procedure(y=np.arange(N) == 0), seed=0)


def weighted(**weights):
    weight = np.ones(N)
    for place, value in weights.items():
        weight[int(place[1:])] = value
    return weight


@pytest.mark.parametrize(
    "weight",
    [np.full(N, 1e307), np.full(N, 1e-320), weighted(w3=1e11), weighted(w3=1e-11), 1e12 ** np.resize([1.0, -1.0], N)],
    ids=["sum overflows", "subnormal", "one too heavy", "one too light", "far apart"],
)
@pytest.mark.parametrize("strength", ["loo", "kfold", 0.1])
def test_weights_that_cannot_be_added_up_are_refused(weight, strength):
    with pytest.raises(InputRefused, match=r"^sample_weight: .*\[E-DESIGN\]"):
        RidgeLogistic(strength).fit(*cohort(), sample_weight=weight)


@pytest.mark.parametrize("unit", [1e-300, 1e-12, 1e12, 1e300])
def test_the_unit_of_the_weights_does_not_matter(unit):
    weight = np.random.default_rng(0).uniform(0.5, 2.0, N)
    models = [RidgeLogistic("kfold").fit(*cohort(), sample_weight=weight * factor) for factor in (1.0, unit)]
    np.testing.assert_allclose(models[0].coef_, models[1].coef_, rtol=1e-7)


def test_a_weight_of_0_leaves_a_row_out_however_heavy_the_others():
    X, y = cohort()
    weight = np.where(np.arange(N) < 9, 0.0, 1e250)
    heavy = RidgeLogistic(0.1).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(heavy.coef_, RidgeLogistic(0.1).fit(X[9:], y[9:]).coef_, rtol=1e-7)


def test_one_risk_for_everybody_has_no_interval_against_the_prevalence():
    _, y = cohort()
    found = estimate_all(y, np.full(N, y.mean()), rng=np.random.default_rng(0), replicates=200)
    for measure in AGAINST_PREVALENCE:
        assert is_against_prevalence(measure)
        assert found[measure].estimate == pytest.approx(0.0, abs=1e-12)
        assert (found[measure].lower, found[measure].upper) == (None, None)
        assert found[measure].method.endswith("interval not estimable (the same risk in every row)")
    assert found["brier"].lower < found["brier"].estimate < found["brier"].upper


def test_the_prevalence_has_no_shifted_interval_against_itself():
    found = bootstrap_optimism(replicates_of_two())
    for measure in AGAINST_PREVALENCE:
        of_null, of_ridge = found["null"].measures[measure], found["ridge"].measures[measure]
        assert of_null.corrected is not None
        assert (of_null.lower, of_null.upper) == (None, None)
        assert of_ridge.lower < of_ridge.upper
    assert found["null"].measures["brier"].lower is not None


def test_the_prevalence_has_no_interval_against_itself_in_repeated_folds():
    X, y = cohort()
    both = MatrixProcedure({"null": Prevalence(), "ridge": RidgeLogistic(0.1)}, X, y)
    folds = draw_folds(both.outcome, both.patients, n_folds=4, repeats=2, seed=1)
    judged = resampled_performance(out_of_fold(both, folds, seed=1, workers=1), (0.3,), seed=1, replicates=100)
    for measure in AGAINST_PREVALENCE:
        of_null, of_ridge = (judged.performance[name].measures[measure] for name in ("null", "ridge"))
        assert (of_null.lower, of_null.upper) == (None, None)
        assert "not estimable (the same risk in every row)" in of_null.method
        assert of_ridge.lower < of_ridge.estimate < of_ridge.upper


@pytest.mark.parametrize("patients", [np.zeros(N), np.arange(N) // 40], ids=["one", "two"])
def test_replicates_that_leave_nobody_out_have_no_value_there(patients):
    found = bootstrap(procedure(patients=patients), replicates=4, thresholds=(0.3,), out_of_bag=True, workers=1)
    whole = [one for one in found.replicates if one.models]
    empty = [one.models["ridge"].out_of_bag for one in whole if np.isnan(one.models["ridge"].out_of_bag["brier"])]
    assert empty
    assert all(np.isnan(list(of_nobody.values())).all() for of_nobody in empty)


def test_risks_that_differ_by_less_than_their_cubes_can_say_are_refused_as_ties():
    risk = np.concatenate([1e-150 * np.arange(1, 78), [0.3, 0.5, 0.7]])
    with pytest.raises(StatisticalRefusal, match="S-TIES"):
        Loess(risk)
