"""The strength chosen by left-out patients, folds or AICc: whole patients, the smallest criterion, a path to draw."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegressionCV

from clinpred.errors import InputRefused, StatisticalRefusal, WrongUsage
from clinpred.models.folds import fold_deviances, patient_codes, row_folds
from clinpred.models.left_out import PatientRows, aicc, leave_patients_out
from clinpred.models.logistic import L1_SHARES, ElasticNetLogistic, LassoLogistic, RidgeLogistic
from clinpred.models.path import solve_path
from clinpred.models.penalty import (
    emptying_strength,
    strength_from_scikit_learn_c,
    strength_grid,
    uniform_penalty,
)
from clinpred.models.penalty_path import path_deviance, penalised_path
from clinpred.models.rows import Rows
from clinpred.models.tuning import chosen_fit, tuned_path


def simulated(n=250, p=10, seed=4, signal=0.6):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) + 0.4 * rng.normal(size=(n, 1))
    lp = signal * (X[:, 0] - X[:, 1] + 0.5 * X[:, 2]) - 0.5
    return X, (rng.random(n) < 1 / (1 + np.exp(-lp))).astype(float)


def rows_of(X, y, weight=None):
    return Rows(X, y, np.ones(len(y)) if weight is None else weight)


def tuned(rows, *l1_shares, patients=None, how="loo", rule="minimum", choose=tuned_path):
    rng = np.random.default_rng(0)
    return choose(rows, patients, l1_shares=l1_shares, how=how, rule=rule, n_folds=10, rng=rng)


def test_folds_never_part_the_rows_of_a_patient_and_spread_the_events():
    X, y = simulated()
    patients = np.random.default_rng(0).integers(0, 90, size=len(y))
    folds = row_folds(rows_of(X, y), patients, 10, np.random.default_rng(20))
    assert all(np.unique(folds[patients == patient]).size == 1 for patient in np.unique(patients))
    ever = np.array([y[patients == patient].max() for patient in np.unique(patients)])
    fold_of = np.array([folds[patients == patient][0] for patient in np.unique(patients)])
    events = np.bincount(fold_of[ever == 1], minlength=10)
    assert events.max() - events.min() <= 1


def test_without_patients_exact_copies_share_a_fold_and_the_order_of_rows_does_not_matter():
    X, y = simulated()
    twice, twice_y = np.vstack([X, X[::-1]]), np.append(y, y[::-1])
    folds = row_folds(rows_of(twice, twice_y), None, 10, np.random.default_rng(20))
    np.testing.assert_array_equal(folds[: len(y)], folds[len(y) :][::-1])
    np.testing.assert_array_equal(folds[: len(y)], row_folds(rows_of(X, y), None, 10, np.random.default_rng(20)))


def test_there_are_no_more_folds_than_events():
    X, y = simulated()
    y[:] = 0
    y[:4] = 1
    assert RidgeLogistic("kfold").fit(X, y).path_.n_folds == 4
    assert LassoLogistic().fit(X, y).path_.confirmed.n_folds == 4


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_patient_of_a_class_is_too_few_to_choose_a_strength(label):
    X, y = simulated()
    y[:] = 1 - label
    y[0] = label
    with pytest.raises(StatisticalRefusal, match="S-FEW-EVENTS"):
        RidgeLogistic("kfold").fit(X, y)
    assert RidgeLogistic(0.1).fit(X, y).strength_ == 0.1
    lasso = LassoLogistic().fit(X, y).path_
    assert lasso.too_few_for_folds
    assert lasso.confirmed is None
    assert lasso.criterion[lasso.chosen] == pytest.approx(lasso.criterion.min(), rel=1e-9)


@pytest.mark.parametrize(
    "estimator",
    [RidgeLogistic("kfold"), LassoLogistic("kfold"), ElasticNetLogistic("kfold", 0.5)],
)
def test_the_chosen_strength_has_the_smallest_out_of_fold_deviance_by_hand(estimator):
    X, y = simulated()
    model = estimator.fit(X, y)
    path = model.path_
    assert path.criterion[path.chosen] == path.criterion.min()
    assert model.strength_ == path.strengths[path.chosen]
    folds = row_folds(rows_of(X, y), None, 10, np.random.default_rng(0))
    total = 0.0
    for fold in range(10):
        out = folds == fold
        inner = ElasticNetLogistic(model.strength_, model.l1_share_).fit(X[~out], y[~out])
        risk = inner.predict_proba(X[out])[:, 1]
        total += -2 * np.sum(y[out] * np.log(risk) + (1 - y[out]) * np.log(1 - risk))
    assert path.criterion[path.chosen] == pytest.approx(total / len(y), abs=1e-6)


def test_the_standard_error_is_the_spread_of_the_folds_means():
    X, y = simulated()
    folds = row_folds(rows_of(X, y), None, 5, np.random.default_rng(1))
    curve = fold_deviances(rows_of(X, y), folds, np.array([0.1]), 0.0)
    means, size = curve.by_fold[:, 0], np.bincount(folds) / len(y)
    expected = np.sqrt(size @ (means - size @ means) ** 2 / 4)
    assert curve.standard_error[0] == pytest.approx(expected)


def test_the_fit_at_the_chosen_strength_is_the_fit_with_that_strength_given():
    X, y = simulated()
    for tuned, given in (
        (RidgeLogistic().fit(X, y), RidgeLogistic),
        (LassoLogistic().fit(X, y), LassoLogistic),
    ):
        np.testing.assert_allclose(tuned.coef_, given(tuned.strength_).fit(X, y).coef_, atol=1e-7)


def test_tuned_ridge_predicts_as_well_as_scikit_learns_tuned_by_log_loss_on_the_same_folds():
    X, y = simulated(n=400)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    rows = rows_of(Z, y)
    folds = row_folds(rows, None, 10, np.random.default_rng(0))
    path = tuned(rows, 0.0, how="kfold")
    splits = [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(10)]
    strengths = path.strengths[path.chosen - 12 : path.chosen + 13]
    peer = LogisticRegressionCV(
        Cs=[strength_from_scikit_learn_c(strength, len(y)) for strength in strengths],
        cv=splits,
        scoring="neg_log_loss",
        l1_ratios=(0.0,),
        use_legacy_attributes=False,
        tol=1e-8,
        max_iter=1000,
    ).fit(Z, y)
    # scikit-learn keeps C, so its strength in a fold is that of 9/10 of the rows, and standardises before the split:
    # the choice may differ by one or two of the 60 strengths.
    chosen = strength_from_scikit_learn_c(peer.C_, len(y))
    assert abs(np.log(chosen / path.strength)) <= 2.5 * np.log(path.strengths[0] / path.strengths[1])


def test_patients_change_the_folds_and_are_what_keeps_noise_from_being_learnt():
    rng = np.random.default_rng(8)
    patients = np.repeat(np.arange(60), 5)
    X = rng.normal(size=(60, 30))[patients] + 0.01 * rng.normal(size=(300, 30))
    y = (rng.random(60) < 0.5).astype(float)[patients]
    by_patient, by_row = RidgeLogistic().fit(X, y, patients=patients), RidgeLogistic().fit(X, y)
    assert by_patient.strength_ > 100 * by_row.strength_
    names = np.array([f"patient {code}" for code in range(60)])[patients]
    named = RidgeLogistic().fit(X, y, patients=names)
    np.testing.assert_array_equal(named.coef_, by_patient.coef_)
    empty = -2 * (y.mean() * np.log(y.mean()) + (1 - y.mean()) * np.log(1 - y.mean()))
    assert by_patient.path_.criterion.min() > 0.9 * empty
    assert by_row.path_.criterion.min() < 0.1 * empty


def test_a_weight_of_two_equals_a_repeated_row_and_a_weight_of_zero_an_absent_one():
    X, y = simulated(n=120)
    weight = np.random.default_rng(2).integers(0, 4, size=len(y))
    for estimator in (RidgeLogistic(), LassoLogistic(), ElasticNetLogistic(l1_share=0.5)):
        weighted = estimator.fit(X, y, sample_weight=weight).coef_
        repeated = estimator.fit(X.repeat(weight, axis=0), y.repeat(weight)).coef_
        np.testing.assert_allclose(weighted, repeated, atol=1e-8)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_folds():
    X, y = simulated()
    first, again, other = (LassoLogistic(random_state=seed).fit(X, y) for seed in (3, 3, 4))
    assert first.coef_.tobytes() == again.coef_.tobytes()
    assert first.path_.confirmed.deviance.tobytes() == again.path_.confirmed.deviance.tobytes()
    assert not np.array_equal(first.path_.confirmed.deviance, other.path_.confirmed.deviance)


def test_on_noise_ridge_goes_past_the_strong_end_once_and_says_so():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100, 15)), (np.arange(100) % 3 == 0).astype(float)
    model = RidgeLogistic().fit(X, y)
    assert model.at_grid_edge_ == (model.path_.chosen == 0)
    assert model.at_grid_edge_
    assert model.path_.strengths.size > 100
    assert model.path_.strengths[0] > 9e3 * 0.01


def test_an_empty_lasso_is_not_at_the_edge_for_nothing_lies_beyond():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100, 15)), (np.arange(100) % 3 == 0).astype(float)
    model = LassoLogistic().fit(X, y)
    assert not model.coef_.any()
    assert not model.at_grid_edge_


def test_separated_patients_drive_the_strength_to_the_weak_end_which_is_extended_once():
    x = np.linspace(-1, 1, 60)
    x += 0.5 * np.sign(x)
    X, y = np.column_stack([x, np.cos(9 * x)]), (x > 0).astype(float)
    for estimator in (RidgeLogistic(), LassoLogistic()):
        model = estimator.fit(X, y)
        assert model.at_grid_edge_
        assert model.path_.chosen == model.path_.strengths.size - 1
    assert RidgeLogistic().fit(X, y).path_.strengths.size > 100


def test_the_path_holds_what_a_curve_needs():
    X, y = simulated()
    path = LassoLogistic().fit(X, y).path_
    k = path.strengths.size
    assert path.coefficients.shape == path.standardised_coefficients.shape == (k, 10)
    np.testing.assert_allclose(path.standardised_coefficients, path.coefficients * X.std(axis=0), atol=1e-12)
    np.testing.assert_array_equal(path.n_nonzero, np.count_nonzero(path.coefficients, axis=1))
    assert (np.diff(path.strengths) < 0).all()
    assert (np.diff(path.apparent_deviance) < 1e-9).all()
    assert path.apparent_deviance[0] == pytest.approx(
        -2 * (y.mean() * np.log(y.mean()) + (1 - y.mean()) * np.log(1 - y.mean()))
    )


def test_path_deviance_on_the_learnt_rows_is_the_apparent_one_and_on_others_that_of_each_fit():
    X, y = simulated()
    new_X, new_y = simulated(seed=9)
    path = RidgeLogistic().fit(X, y).path_
    np.testing.assert_allclose(path_deviance(path, X, y), path.apparent_deviance)
    risk = RidgeLogistic(path.strengths[30]).fit(X, y).predict_proba(new_X)[:, 1]
    by_hand = -2 * np.mean(new_y * np.log(risk) + (1 - new_y) * np.log(1 - risk))
    assert path_deviance(path, new_X, new_y)[30] == pytest.approx(by_hand, abs=1e-7)


def test_the_elastic_net_takes_the_share_with_the_smallest_criterion():
    X, y = simulated()
    for how in ("loo", "kfold", "aicc"):
        net = ElasticNetLogistic(how).fit(X, y)
        shares = dict(net.path_.share_criteria)
        assert tuple(shares) == L1_SHARES
        assert shares[net.l1_share_] == min(shares.values())
        alone = ElasticNetLogistic(how, net.l1_share_).fit(X, y)
        np.testing.assert_array_equal(alone.coef_, net.coef_)


def test_a_given_strength_has_a_path_of_one():
    X, y = simulated()
    path = RidgeLogistic(0.2).fit(X, y).path_
    assert path.strengths.tolist() == [0.2]
    assert path.method is None
    assert path.criterion is None
    assert path.chosen == 0


def full_curve(rows, l1_share, codes):
    """Return the leave-one-out deviance computed at every strength of the path."""
    problem = rows.problem()
    strengths = strength_grid(emptying_strength(problem), l1_share)
    fits = solve_path(problem, strengths, l1_share)
    penalty = uniform_penalty(strengths, l1_share, problem.n_predictors)
    patients = PatientRows.of(codes)
    return np.array([leave_patients_out(problem, fit, penalty.of(k), patients).deviance for k, fit in enumerate(fits)])


@pytest.mark.parametrize("seed", range(12))
def test_the_search_finds_the_minimum_of_the_whole_curve_and_fills_in_the_rest_of_ridge(seed):
    X, y = simulated(n=60 + 20 * seed, p=3 + seed, seed=seed, signal=0.1 * seed)
    rows = rows_of(X, y)
    path, whole = tuned(rows, 0.0), full_curve(rows, 0.0, np.arange(len(y)))
    if path.strengths.size == whole.size:
        assert path.chosen == whole.argmin()
        assert np.abs(path.criterion - whole).max() < 0.01 * path.standard_error[path.chosen]


@pytest.mark.parametrize("seed", range(6))
def test_the_search_with_an_l1_penalty_comes_within_a_twentieth_of_a_standard_error(seed):
    X, y = simulated(n=300 + 300 * seed, p=5 + seed, seed=seed)
    path, whole = tuned(rows_of(X, y), 1.0), full_curve(rows_of(X, y), 1.0, np.arange(len(y)))
    assert path.criterion.min() - whole.min() < 0.05 * path.standard_error[path.chosen]
    if len(y) <= 1000:
        np.testing.assert_allclose(path.criterion, whole, atol=1e-6)


@pytest.mark.parametrize("how", ["loo", "kfold", "aicc"])
@pytest.mark.parametrize("shares", [(0.0,), (1.0,), (0.1, 0.5)])
def test_a_replicate_makes_the_choice_that_the_path_makes(how, shares):
    for seed in range(4):
        X, y = simulated(n=150, seed=seed)
        weight = np.random.default_rng(seed).integers(1, 4, size=len(y)).astype(float)
        patients = np.arange(len(y)) // 2
        for rule in ("minimum", "one_standard_error") if how != "aicc" else ("minimum",):
            more = {"patients": patients, "how": how, "rule": rule}
            path = tuned(rows_of(X, y, weight), *shares, **more)
            alone = tuned(rows_of(X, y, weight), *shares, **more, choose=chosen_fit)
            assert (alone.strength, alone.l1_share) == (path.strength, path.l1_share)
            assert alone.at_grid_edge == path.at_grid_edge
            np.testing.assert_allclose(alone.coefficients, path.coefficients[path.chosen], atol=1e-8)
            assert alone.intercept == pytest.approx(path.intercepts[path.chosen], abs=1e-8)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_place_of_one_standard_error_is_that_of_the_whole_curve(share):
    X, y = simulated(n=1500, p=20, seed=8)
    rows = rows_of(X, y)
    path = tuned(rows, share)
    patients = PatientRows.of(np.arange(len(y)))
    problem, penalty = rows.problem(), uniform_penalty(path.strengths, share, 20)
    fits = solve_path(problem, path.strengths, share)
    whole = [leave_patients_out(problem, fit, penalty.of(k), patients) for k, fit in enumerate(fits)]
    deviance, error = np.array([(one.deviance, one.standard_error) for one in whole]).T
    allowed = deviance[path.chosen] + error[path.chosen]
    assert path.one_standard_error == np.flatnonzero(deviance <= allowed)[0]
    at = [path.chosen, path.one_standard_error]
    np.testing.assert_allclose(path.criterion[at], deviance[at], rtol=1e-9)
    np.testing.assert_allclose(path.standard_error[at], error[at], rtol=1e-6)


@pytest.mark.parametrize("estimator", [RidgeLogistic, LassoLogistic])
def test_one_standard_error_takes_the_strongest_penalty_that_is_not_worse(estimator):
    X, y = simulated()
    for how in ("loo", "kfold"):
        best, simple = estimator(how).fit(X, y), estimator(how, rule="one_standard_error").fit(X, y)
        path, place = simple.path_, best.path_.chosen
        assert path.chosen == path.one_standard_error == best.path_.one_standard_error
        allowed = path.criterion[place] + path.standard_error[place]
        assert path.criterion[path.chosen] <= allowed < path.criterion[: path.chosen].min()


def test_aicc_is_the_penalised_likelihood_by_hand():
    X, y = simulated(n=80)
    path = LassoLogistic("aicc").fit(X, y).path_
    k, n = path.chosen, len(y)
    d = 1 + path.n_nonzero[k]
    by_hand = path.apparent_deviance[k] + (2 * d + 2 * d * (d + 1) / (n - d - 1)) / n
    assert path.criterion[k] == pytest.approx(by_hand, abs=1e-7)
    assert path.criterion[k] == path.criterion.min()
    assert not path.standard_error.any()


@pytest.mark.parametrize("estimator", [LassoLogistic(), ElasticNetLogistic(l1_share=0.5)])
def test_an_l1_choice_is_the_best_of_ten_folds_among_the_neighbours_of_the_left_out_minimum(estimator):
    X, y = simulated()
    path = estimator.fit(X, y).path_
    around = path.confirmed
    assert abs(int(path.criterion.argmin()) - around.places[2]) <= 2
    assert around.places.size == 5
    assert path.chosen == around.places[around.deviance.argmin()]
    folds = row_folds(rows_of(X, y), None, 10, np.random.default_rng(0))
    by_hand = fold_deviances(rows_of(X, y), folds, path.strengths[around.places], path.l1_share).mean
    np.testing.assert_allclose(around.deviance, by_hand, atol=1e-6)


def test_patients_of_one_row_each_are_as_none_at_all_and_permuted_rows_as_they_were():
    X, y = simulated(n=120)
    order = np.random.default_rng(3).permutation(120)
    for estimator in (RidgeLogistic(), RidgeLogistic("aicc"), LassoLogistic("aicc")):
        plain = estimator.fit(X, y).coef_
        np.testing.assert_allclose(estimator.fit(X, y, patients=np.arange(120)).coef_, plain, atol=1e-9)
        np.testing.assert_allclose(estimator.fit(X[order], y[order]).coef_, plain, atol=1e-9)
    lasso = LassoLogistic().fit(X, y).coef_
    np.testing.assert_allclose(LassoLogistic().fit(X[order], y[order]).coef_, lasso, atol=1e-8)


def test_copies_are_told_from_rows_that_only_add_up_to_the_same():
    X = np.array([[1.0, 2.0], [1.0, 2.0], [1e300, 1e300], [1e300, -1e300], [0.0, 0.0], [-0.0, 0.0], [1.0, 2.0]])
    y = np.array([0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0])
    codes = patient_codes(rows_of(1e8 * X / 1e8, y), None)
    assert codes[0] == codes[1] != codes[6]
    assert codes[4] == codes[5]
    assert np.unique(codes).size == 5


def test_a_path_without_choice_takes_offset_and_penalty_factors():
    X, y = simulated(n=150, p=4)
    known = 0.7 * X[:, 3] - 0.2
    path = penalised_path(X, y, strengths=[0.01, 0.1], l1_share=0.5, offset=known, penalty_factors=[0, 1, 2, 1])
    assert path.strengths.tolist() == [0.1, 0.01]
    assert path.method is None
    assert (path.residuals < 1e-9).all()
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    for k, strength in enumerate(path.strengths):
        lp = known + path.intercepts[k] + X @ path.coefficients[k]
        slope = Z.T @ (1 / (1 + np.exp(-lp)) - y) / len(y)
        b, factor = path.standardised_coefficients[k], np.array([0, 1, 2, 1.0])
        cost = slope + strength * factor * 0.5 * b
        assert abs(cost[0]) < 1e-9
        inside = b != 0
        np.testing.assert_allclose(cost[inside], -strength * 0.5 * factor[inside] * np.sign(b[inside]), atol=1e-9)
        assert (np.abs(cost[~inside]) <= strength * 0.5 * factor[~inside] + 1e-9).all()
    default = penalised_path(X, y)
    np.testing.assert_allclose(default.strengths, RidgeLogistic("aicc").fit(X, y).path_.strengths)


def test_a_weight_of_zero_takes_its_offset_along():
    X, y = simulated(n=100, p=3)
    known, weight = 0.5 * X[:, 0], (np.arange(100) % 4 > 0).astype(float)
    weighted = penalised_path(X, y, strengths=[0.1], sample_weight=weight, offset=known)
    left = penalised_path(X[weight > 0], y[weight > 0], strengths=[0.1], offset=known[weight > 0])
    np.testing.assert_allclose(weighted.coefficients, left.coefficients, atol=1e-12)


@pytest.mark.parametrize(
    ("refused", "wrong"),
    [
        (InputRefused, {"offset": np.zeros(9)}),
        (InputRefused, {"offset": np.full(100, np.nan)}),
        (WrongUsage, {"penalty_factors": [1, 1]}),
        (WrongUsage, {"penalty_factors": [1, 1, -1]}),
        (WrongUsage, {"strengths": [0.1, 0.0]}),
        (WrongUsage, {"strengths": []}),
        (WrongUsage, {"l1_share": 1.5}),
    ],
    ids=str,
)
def test_what_a_path_cannot_use_is_refused(refused, wrong):
    X, y = simulated(n=100, p=3)
    with pytest.raises(refused):
        penalised_path(X, y, **wrong)


@pytest.mark.parametrize("estimator", [RidgeLogistic(), LassoLogistic(), RidgeLogistic("aicc"), LassoLogistic("kfold")])
def test_sparse_predictors_give_the_fit_of_dense_ones(estimator):
    X, y = simulated(n=150, p=6)
    X = np.where(np.random.default_rng(0).random(X.shape) < 0.6, 0.0, X)
    dense, thin = estimator.fit(X, y).coef_, estimator.fit(sparse.csr_array(X), y).coef_
    np.testing.assert_allclose(thin, dense, atol=1e-7)


def test_where_predictors_outnumber_patients_a_strength_is_chosen_too():
    X, y = simulated(n=60, p=150)
    for estimator in (RidgeLogistic(), LassoLogistic(), RidgeLogistic("aicc")):
        path = estimator.fit(X, y).path_
        assert np.isfinite(path.criterion[path.chosen])
        assert (path.residuals < 1e-9).all()
        assert (path.effective_df < 60).all()


@pytest.mark.parametrize("seed", range(3))
def test_with_many_rows_the_share_and_strength_come_within_a_twentieth_of_a_standard_error_of_all(seed):
    X, y = simulated(n=1200 + 400 * seed, p=8, seed=seed, signal=0.3)
    rows = rows_of(X, y)
    path, codes = tuned(rows, *L1_SHARES), np.arange(len(y))
    whole = min(full_curve(rows, share, codes).min() for share in L1_SHARES)
    assert -1e-6 <= path.criterion.min() - whole < 0.05 * path.standard_error[path.chosen]
    alone = tuned(rows, *L1_SHARES, choose=chosen_fit)
    assert (alone.strength, alone.l1_share) == (path.strength, path.l1_share)


def test_aicc_is_infinite_where_the_degrees_of_freedom_use_up_the_rows():
    problem = rows_of(*simulated(n=30, p=3)).problem()
    assert np.isfinite(aicc(problem, np.zeros(4), 28.5))
    assert aicc(problem, np.zeros(4), 29.0) == np.inf
