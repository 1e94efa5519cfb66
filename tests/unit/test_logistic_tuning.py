"""The strength chosen by folds: whole patients, the smallest deviance, a path that can be drawn."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegressionCV

from clinpred.errors import StatisticalRefusal
from clinpred.models.folds import Rows, path_deviance, resampled_curves, row_folds, tuned_path
from clinpred.models.logistic import L1_SHARES, ElasticNetLogistic, LassoLogistic, RidgeLogistic
from clinpred.models.penalty import strength_from_scikit_learn_c


def simulated(n=250, p=10, seed=4, signal=0.6):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) + 0.4 * rng.normal(size=(n, 1))
    lp = signal * (X[:, 0] - X[:, 1] + 0.5 * X[:, 2]) - 0.5
    return X, (rng.random(n) < 1 / (1 + np.exp(-lp))).astype(float)


def rows_of(X, y, weight=None):
    return Rows(X, y, np.ones(len(y)) if weight is None else weight)


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
    path = RidgeLogistic().fit(X, y).path_
    assert path.resampled.n_folds == 4


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_patient_of_a_class_is_too_few_to_choose_a_strength(label):
    X, y = simulated()
    y[:] = 1 - label
    y[0] = label
    with pytest.raises(StatisticalRefusal, match="S-FEW-EVENTS"):
        RidgeLogistic().fit(X, y)
    assert RidgeLogistic(0.1).fit(X, y).strength_ == 0.1


@pytest.mark.parametrize("estimator", [RidgeLogistic(), LassoLogistic(), ElasticNetLogistic(l1_share=0.5)])
def test_the_chosen_strength_has_the_smallest_out_of_fold_deviance_by_hand(estimator):
    X, y = simulated()
    model = estimator.fit(X, y)
    path = model.path_
    assert path.resampled.deviance[path.chosen] == path.resampled.deviance.min()
    assert model.strength_ == path.strengths[path.chosen]
    folds = row_folds(rows_of(X, y), None, 10, np.random.default_rng(0))
    total = 0.0
    for fold in range(10):
        out = folds == fold
        inner = ElasticNetLogistic(model.strength_, model.l1_share_).fit(X[~out], y[~out])
        risk = inner.predict_proba(X[out])[:, 1]
        total += -2 * np.sum(y[out] * np.log(risk) + (1 - y[out]) * np.log(1 - risk))
    assert path.resampled.deviance[path.chosen] == pytest.approx(total / len(y), abs=1e-6)


def test_the_standard_error_is_the_spread_of_the_folds_means():
    X, y = simulated()
    folds = row_folds(rows_of(X, y), None, 5, np.random.default_rng(1))
    curve = resampled_curves(rows_of(X, y), folds, [(0.0, np.array([0.1]))])[0]
    means, size = curve.fold_deviances[:, 0], np.bincount(folds) / len(y)
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
    path = tuned_path(rows, folds, [0.0])
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
    assert by_patient.path_.resampled.deviance.min() > 0.9 * empty
    assert by_row.path_.resampled.deviance.min() < 0.1 * empty


def test_a_weight_of_two_equals_a_repeated_row_and_a_weight_of_zero_an_absent_one():
    X, y = simulated(n=120)
    weight = np.random.default_rng(2).integers(0, 4, size=len(y))
    for estimator in (RidgeLogistic(), LassoLogistic(), ElasticNetLogistic(l1_share=0.5)):
        weighted = estimator.fit(X, y, sample_weight=weight).coef_
        repeated = estimator.fit(X.repeat(weight, axis=0), y.repeat(weight)).coef_
        np.testing.assert_allclose(weighted, repeated, atol=1e-8)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_folds():
    X, y = simulated()
    first, again, other = (RidgeLogistic(random_state=seed).fit(X, y) for seed in (3, 3, 4))
    assert first.coef_.tobytes() == again.coef_.tobytes()
    assert first.path_.resampled.deviance.tobytes() == again.path_.resampled.deviance.tobytes()
    assert not np.array_equal(first.path_.resampled.deviance, other.path_.resampled.deviance)


def test_on_noise_ridge_goes_past_the_strong_end_once_and_says_so():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100, 15)), (np.arange(100) % 3 == 0).astype(float)
    model = RidgeLogistic().fit(X, y)
    assert model.at_grid_edge_ == (model.path_.chosen == 0)
    assert model.at_grid_edge_
    assert model.path_.strengths.size > 60
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
        assert model.path_.strengths.size > 60


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


def test_the_elastic_net_takes_the_share_with_the_smallest_deviance_in_the_same_folds():
    X, y = simulated()
    net = ElasticNetLogistic().fit(X, y)
    shares = dict(net.path_.resampled.share_deviances)
    assert tuple(shares) == L1_SHARES
    assert shares[net.l1_share_] == min(shares.values()) == net.path_.resampled.deviance[net.path_.chosen]
    alone = ElasticNetLogistic(l1_share=net.l1_share_).fit(X, y)
    np.testing.assert_array_equal(alone.coef_, net.coef_)


def test_a_given_strength_has_a_path_of_one():
    X, y = simulated()
    path = RidgeLogistic(0.2).fit(X, y).path_
    assert path.strengths.tolist() == [0.2]
    assert path.resampled is None
    assert path.chosen == 0
