"""The networks as scikit-learn estimators: three disjoint sets of patients, a choice, and a record of it."""

from dataclasses import asdict

import numpy as np
import pytest
from sklearn.base import clone

from clinpred.errors import InputRefused, StatisticalRefusal, WrongUsage
from clinpred.models import DropoutMLP, UnregularisedMLP, mlp, tune_mlp
from clinpred.report.contents import Training


def simulated(n=240, p=5, seed=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(loc=40, scale=7, size=(n, p))
    return X, (rng.random(n) < 1 / (1 + np.exp(-(X[:, 0] - 40) / 4))).astype(int)


def rotation(model, turn):
    """Return the places of those who learn, stop and choose in one rotation, as the estimator says it rotates."""
    fold = model.fold_of_row_
    stopping, choosing = fold == turn, fold == (turn + 1) % 5
    return [np.flatnonzero(some) for some in ((fold >= 0) & ~(stopping | choosing), stopping, choosing)]


def searched(model):
    return [member for member in model.training_.members if member.chosen_by == "search"]


@pytest.fixture(scope="module")
def tuned():
    return DropoutMLP(hidden=(8, 4), seeds=2, random_state=7).fit(*simulated())


@pytest.fixture(scope="module")
def given():
    return DropoutMLP(hidden=(8, 4), l2=0.01, dropout=0.25, seeds=2, random_state=7)


def test_the_five_folds_hold_everyone_once_and_are_alike_in_events(tuned):
    _, y = simulated()
    assert np.bincount(tuned.fold_of_row_).tolist() == tuned.training_.fold_patients == [48] * 5
    for fold in range(5):
        assert y[tuned.fold_of_row_ == fold].mean() == pytest.approx(y.mean(), abs=1.5 / 48)


def test_all_rows_of_a_patient_are_in_one_fold(given):
    X, y = simulated()
    patients = np.repeat(np.arange(120), 2)
    model = clone(given).set_params(l2="tuned").fit(X, y, patients=patients)
    np.testing.assert_array_equal(model.fold_of_row_[::2], model.fold_of_row_[1::2])
    assert sum(model.training_.fold_patients) == model.training_.patients == 120


@pytest.mark.parametrize("turn", [0, 3])
def test_in_a_rotation_stopping_patients_only_stop_and_choosing_patients_only_choose(given, turn):
    X, y = simulated()
    model = clone(given).fit(X, y)
    _, stopping, choosing = rotation(model, turn)
    moved = {"stopping": X.copy(), "choosing": X.copy()}
    moved["stopping"][stopping] = 40 + 2 * (X[stopping] - 45)
    moved["choosing"][choosing] = 40 + 2 * (X[choosing] - 45)
    one = searched(model)[turn]
    for role, predictors in moved.items():
        other = searched(clone(given).fit(predictors, y))[turn]
        both = min(one.stopped_epoch, other.stopped_epoch)
        assert other.learning[:both] == pytest.approx(one.learning[:both], abs=1e-5)
        same_stop = other.stopping[:both] == pytest.approx(one.stopping[:both], abs=1e-5)
        assert same_stop == (role == "choosing")
        assert other.choosing != pytest.approx(one.choosing, abs=1e-3) or role == "stopping"


def test_the_setting_with_the_lowest_log_loss_of_the_choosing_patients_is_taken(tuned):
    training = tuned.training_
    best = min(training.grid, key=lambda point: point.log_loss)
    assert len(training.grid) == 9
    assert (tuned.dropout_, tuned.epochs_) == (best.dropout, best.epochs)
    finals = [member for member in training.members if member.chosen_by == "final"]
    assert [(member.l2, member.dropout) for member in finals] == [(tuned.l2_, best.dropout)] * 2
    assert len(tuned.form_.members) == 2


def test_a_tuned_strength_falls_as_1_over_root_n_for_the_final_networks_and_a_given_one_does_not(tuned, given):
    best = min(tuned.training_.grid, key=lambda point: point.log_loss)
    assert tuned.l2_ == pytest.approx(best.l2 * np.sqrt(144 / 240), rel=0.05)
    assert clone(given).fit(*simulated()).l2_ == 0.01


def test_a_settings_log_loss_is_pooled_and_its_epochs_are_the_median_over_the_rotations(tuned):
    training = tuned.training_
    for point in training.grid:
        of_setting = [one for one in searched(tuned) if (one.l2, one.dropout) == (point.l2, point.dropout)]
        assert [one.rotation for one in of_setting] == [1, 2, 3, 4, 5]
        assert point.log_loss == pytest.approx(np.mean([one.choosing for one in of_setting]))
        assert point.epochs == np.median([one.restored_epoch for one in of_setting])


def test_the_final_networks_learn_from_everyone_for_the_median_of_the_best_epochs(tuned):
    X, y = simulated()
    for place, member in enumerate(one for one in tuned.training_.members if one.chosen_by == "final"):
        assert member.stopping == []
        assert len(member.learning) == member.stopped_epoch == member.restored_epoch == tuned.epochs_
        lp = type(tuned.form_)((tuned.form_.members[place],)).linear_predictor(X)
        assert np.mean(np.logaddexp(0, lp) - y * lp) == pytest.approx(member.learning[-1], abs=1e-5)


def test_given_settings_leave_only_the_epochs_to_be_found(given):
    model = clone(given).fit(*simulated())
    assert (model.hidden_, model.l2_, model.dropout_) == ((8, 4), 0.01, 0.25)
    (point,) = model.training_.grid
    assert point.epochs == model.epochs_ == model.training_.epochs
    assert len(searched(model)) == 5


def test_what_is_open_is_tried_over_widths_strengths_and_rates():
    X, y = simulated(n=120)
    found = tune_mlp(DropoutMLP(random_state=3), X, y)
    assert len(found.grid) == 18
    assert {tuple(point.hidden) for point in found.grid} == {(64, 32), (32, 16)}
    assert len({point.l2 for point in found.grid}) == len({point.dropout for point in found.grid}) == 3
    assert found.best.log_loss == min(point.log_loss for point in found.grid)


def test_the_tuner_finds_what_the_estimator_finds_and_leaves_it_unfitted(tuned):
    estimator = clone(tuned)
    found = tune_mlp(estimator, *simulated())
    assert found.grid == tuned.training_.grid
    assert found.members == searched(tuned)
    np.testing.assert_array_equal(found.fold_of_row, tuned.fold_of_row_)
    assert not [name for name in vars(estimator) if name.endswith("_")]


def test_three_rotations_do_where_the_rarer_class_has_500_patients():
    X, y = simulated(n=1100)
    y = (np.arange(1100) < 500).astype(int)
    few = DropoutMLP(hidden=(2,), l2=0.01, dropout=0.1, seeds=1)
    assert tune_mlp(few, X, y).rotations == 3
    assert tune_mlp(few, X[1:], y[1:]).rotations == 5


def test_the_training_record_is_the_one_that_a_report_shows(tuned):
    shown = Training.model_validate(asdict(tuned.training_))
    assert shown.hidden == [8, 4]
    assert [member.chosen_by for member in shown.members] == ["search"] * 45 + ["final"] * 2
    for member in shown.members[:45]:
        assert len(member.learning) == len(member.stopping) == member.stopped_epoch
        assert 1 <= member.restored_epoch <= member.stopped_epoch


def test_the_same_random_state_gives_the_same_weights_and_another_does_not(tuned):
    again = clone(tuned).fit(*simulated())
    other = clone(tuned).set_params(random_state=8).fit(*simulated())
    for one, two in zip(tuned.form_.members, again.form_.members, strict=True):
        for layer, same in zip(one, two, strict=True):
            np.testing.assert_array_equal(layer.kernel, same.kernel)
            np.testing.assert_array_equal(layer.bias, same.bias)
    assert not np.array_equal(other.fold_of_row_, tuned.fold_of_row_)
    assert not np.array_equal(other.form_.members[0][0].kernel, tuned.form_.members[0][0].kernel)


def test_the_linear_predictor_is_the_mean_over_networks_and_risks_follow_from_it(tuned):
    X, _ = simulated()
    lp = tuned.decision_function(X)
    each = [type(tuned.form_)((member,)).linear_predictor(X) for member in tuned.form_.members]
    assert lp == pytest.approx(np.mean(each, axis=0))
    risk = tuned.predict_proba(X)
    assert risk.sum(axis=1) == pytest.approx(np.ones(240))
    assert np.log(risk[:, 1] / risk[:, 0]) == pytest.approx(lp)
    np.testing.assert_array_equal(tuned.predict(X), (lp > 0).astype(int))


def test_the_unit_of_a_predictor_does_not_matter(given):
    X, y = simulated()
    model = clone(given).fit(X, y)
    scaled = X * np.array([8, 0.25, 1, 1, 1024])
    assert clone(given).fit(scaled, y).decision_function(scaled) == pytest.approx(model.decision_function(X), rel=1e-9)


def test_a_predictor_that_is_constant_in_development_has_no_say_afterwards(given):
    X, y = simulated()
    X[:, 4] = 0.1
    model = clone(given).fit(X, y)
    other = X + np.array([0, 0, 0, 0, 5.0])
    np.testing.assert_array_equal(model.decision_function(other), model.decision_function(X))


def test_any_two_labels_will_do(given):
    X, y = simulated()
    model = clone(given).fit(X, np.array(["alive", "dead"])[y])
    assert model.classes_.tolist() == ["alive", "dead"]
    assert model.decision_function(X) == pytest.approx(clone(given).fit(X, y).decision_function(X))
    assert set(model.predict(X)) == {"alive", "dead"}


def test_rows_of_weight_0_count_as_absent_and_keep_their_place(given):
    X, y = simulated()
    weight = np.ones(240)
    weight[[0, 100]] = 0
    model = clone(given).fit(X, y, sample_weight=weight)
    without = clone(given).fit(np.delete(X, [0, 100], axis=0), np.delete(y, [0, 100]))
    np.testing.assert_array_equal(model.decision_function(X), without.decision_function(X))
    assert np.flatnonzero(model.fold_of_row_ < 0).tolist() == [0, 100]
    assert sum(model.training_.fold_patients) == 238


def test_the_unregularised_network_learns_200_patients_of_pure_noise_by_heart():
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(200, 30)), np.arange(200) % 2
    model = UnregularisedMLP(random_state=3).fit(X, y)
    lp = model.decision_function(X)
    assert lp[y == 1].min() > lp[y == 0].max()
    (member,) = Training.model_validate(asdict(model.training_)).members
    assert member.kept_loss < 0.01
    assert (member.stopping, member.l2, member.dropout) == ([], 0, 0)
    assert (model.training_.patients, model.training_.rotations, model.training_.fold_patients) == (200, 0, [])
    assert model.training_.grid == []


def test_the_unregularised_network_stops_where_its_training_loss_has_reached_its_floor(monkeypatch):
    X, y = simulated(n=60)
    model = UnregularisedMLP().fit(X, y)
    (member,) = model.training_.members
    assert model.training_.at_floor
    assert member.stopped_epoch == member.restored_epoch + mlp.PATIENCE_AT_FLOOR
    assert member.kept_loss - min(member.learning) < 1e-4
    monkeypatch.setattr(mlp, "MOST_EPOCHS", 40)
    short = UnregularisedMLP().fit(X, y).training_
    assert not short.at_floor
    assert short.members[0].stopped_epoch == 40


def test_of_more_than_300_epochs_every_so_many_are_on_record(monkeypatch):
    X, y = simulated(n=60)
    monkeypatch.setattr(mlp, "PATIENCE_AT_FLOOR", 800)
    long = UnregularisedMLP().fit(X, y).training_.members[0]
    monkeypatch.setattr(mlp, "MOST_EPOCHS", 300)
    first = UnregularisedMLP().fit(X, y).training_.members[0]
    assert (first.every, len(first.learning)) == (1, 300)
    assert long.every == -(-long.stopped_epoch // 300) >= 3
    assert len(long.learning) == long.stopped_epoch // long.every <= 300
    assert long.learning[: 300 // long.every] == first.learning[long.every - 1 :: long.every]
    assert long.kept_loss - min(long.learning) < 1e-4


@pytest.mark.parametrize("rare", [0, 1])
def test_fewer_than_20_patients_with_or_without_the_event_are_refused(rare):
    X, _ = simulated()
    y = np.full(240, 1 - rare)
    y[:19] = rare
    with pytest.raises(StatisticalRefusal, match="S-FEW-EVENTS") as refused:
        DropoutMLP().fit(X, y)
    assert f"{y.sum()} patients with the event and {240 - y.sum()} without it" in refused.value.found


def test_twenty_events_of_few_patients_are_few_events():
    X, y = simulated()
    with pytest.raises(StatisticalRefusal, match="S-FEW-EVENTS"):
        DropoutMLP().fit(X, y, patients=np.repeat(np.arange(24), 10))


@pytest.mark.parametrize(
    "wrong",
    [
        {"dropout": 1.0},
        {"dropout": "auto"},
        {"l2": -1},
        {"l2": np.nan},
        {"l2": True},
        {"seeds": 0},
        {"hidden": (8, 0)},
        {"hidden": "auto"},
    ],
)
def test_a_setting_out_of_its_range_is_refused(wrong):
    with pytest.raises(WrongUsage, match="E-SETTING"):
        DropoutMLP(**{"hidden": (8,), "l2": 0.1, "dropout": 0.1, **wrong}).fit(*simulated())


def test_missing_values_are_refused_by_count(tuned):
    X, y = simulated()
    X[3, 1] = np.nan
    for attempt in (lambda: UnregularisedMLP().fit(X, y), lambda: tuned.predict_proba(X)):
        with pytest.raises(InputRefused, match="E-NOT-FINITE"):
            attempt()


def test_more_than_a_thousand_columns_are_learnt_from_fewer_patients():
    rng = np.random.default_rng(6)
    X, y = rng.normal(size=(120, 1100)), np.arange(120) % 2
    X[:, :40] += 2.0 * y[:, None]
    model = DropoutMLP(hidden=(4,), l2=0.01, dropout=0.1, seeds=1).fit(X, y)
    new = rng.normal(size=(120, 1100))
    new[:, :40] += 2.0 * y[:, None]
    assert np.mean(model.predict(new) == y) > 0.95
