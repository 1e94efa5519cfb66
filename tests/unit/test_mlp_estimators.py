"""The networks as scikit-learn estimators: three disjoint sets of patients, a choice, and a record of it."""

from dataclasses import asdict
from itertools import combinations

import numpy as np
import pytest
from sklearn.base import clone

from clinpred.errors import InputRefused, StatisticalRefusal, WrongUsage
from clinpred.models import DropoutMLP, UnregularisedMLP
from clinpred.report.contents import Training


def simulated(n=240, p=5, seed=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(loc=40, scale=7, size=(n, p))
    return X, (rng.random(n) < 1 / (1 + np.exp(-(X[:, 0] - 40) / 4))).astype(int)


def rows_of(model):
    return [set(rows.tolist()) for rows in (model.learning_rows_, model.stopping_rows_, model.choosing_rows_)]


@pytest.fixture(scope="module")
def tuned():
    return DropoutMLP(hidden=(8, 4), seeds=2, random_state=7).fit(*simulated())


@pytest.fixture(scope="module")
def given():
    return DropoutMLP(hidden=(8, 4), l2=0.01, dropout=0.25, seeds=2, random_state=7)


def test_the_three_sets_are_disjoint_cover_everyone_and_are_alike_in_events(tuned):
    _, y = simulated()
    learning, stopping, choosing = rows_of(tuned)
    assert all(one.isdisjoint(other) for one, other in combinations((learning, stopping, choosing), 2))
    assert learning | stopping | choosing == set(range(240))
    assert (len(learning), len(stopping), len(choosing)) == (168, 36, 36)
    for rows in (tuned.stopping_rows_, tuned.choosing_rows_):
        assert y[rows].mean() == pytest.approx(y.mean(), abs=3 / 36)


def test_all_rows_of_a_patient_are_in_one_set(given):
    X, y = simulated()
    patients = np.repeat(np.arange(120), 2)
    model = clone(given).set_params(l2="tuned").fit(X, y, patients=patients)
    whose = [set(patients[list(rows)].tolist()) for rows in rows_of(model)]
    assert all(one.isdisjoint(other) for one, other in combinations(whose, 2))
    training = model.training_
    counts = (training.learning_patients, training.stopping_patients, training.choosing_patients)
    assert counts == tuple(len(some) for some in whose)
    assert sum(counts) == 120


def test_stopping_patients_do_nothing_but_stop(given):
    X, y = simulated()
    model = clone(given).fit(X, y)
    X[model.stopping_rows_] = 40 + 9 * (X[model.stopping_rows_] - 50)
    other = clone(given).fit(X, y)
    np.testing.assert_array_equal(other.stopping_rows_, model.stopping_rows_)
    for one, two in zip(model.training_.members, other.training_.members, strict=True):
        both = min(one.stopped_epoch, two.stopped_epoch)
        assert one.learning[:both] == two.learning[:both]
        assert one.stopping[:both] != two.stopping[:both]


def test_the_setting_with_the_lowest_log_loss_of_the_choosing_patients_is_taken(tuned):
    best = min(tuned.training_.grid, key=lambda point: point.log_loss)
    assert len(tuned.training_.grid) == 9
    assert (tuned.l2_, tuned.dropout_) == (best.l2, best.dropout)
    finals = [member for member in tuned.training_.members if member.chosen_by == "final"]
    assert [(member.l2, member.dropout) for member in finals] == [(best.l2, best.dropout)] * 2
    assert len(tuned.form_.members) == 2


def test_given_settings_leave_nothing_to_choose(given):
    model = clone(given).fit(*simulated())
    assert (model.l2_, model.dropout_) == (0.01, 0.25)
    assert model.training_.grid == []
    assert model.choosing_rows_.size == 0
    assert model.learning_rows_.size == 204


def test_the_training_record_is_the_one_that_a_report_shows(tuned):
    shown = Training.model_validate(asdict(tuned.training_))
    assert shown.hidden == [8, 4]
    assert [member.chosen_by for member in shown.members] == ["search"] * 9 + ["final"] * 2
    for member in shown.members:
        assert len(member.learning) == len(member.stopping) == member.stopped_epoch
        assert 1 <= member.restored_epoch <= member.stopped_epoch


def test_the_same_random_state_gives_the_same_weights_and_another_does_not(tuned):
    again = clone(tuned).fit(*simulated())
    other = clone(tuned).set_params(random_state=8).fit(*simulated())
    for one, two in zip(tuned.form_.members, again.form_.members, strict=True):
        for layer, same in zip(one, two, strict=True):
            np.testing.assert_array_equal(layer.kernel, same.kernel)
            np.testing.assert_array_equal(layer.bias, same.bias)
    assert not np.array_equal(other.stopping_rows_, tuned.stopping_rows_)
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
    assert set().union(*rows_of(model)) == set(range(240)) - {0, 100}


def test_the_unregularised_network_learns_200_patients_of_pure_noise_by_heart():
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(200, 30)), np.arange(200) % 2
    model = UnregularisedMLP(random_state=3).fit(X, y)
    lp = model.decision_function(X)
    assert lp[y == 1].min() > lp[y == 0].max()
    (member,) = Training.model_validate(asdict(model.training_)).members
    assert member.learning[-1] < 0.01
    assert (member.stopping, member.l2, member.dropout) == ([], 0, 0)
    assert model.learning_rows_.size == model.training_.learning_patients == 200
    assert model.stopping_rows_.size == model.choosing_rows_.size == 0
    assert model.training_.grid == []


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
    [{"dropout": 1.0}, {"dropout": "auto"}, {"l2": -1}, {"l2": np.nan}, {"l2": True}, {"seeds": 0}, {"hidden": (8, 0)}],
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
