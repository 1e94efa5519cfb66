"""Many networks as one program: each as if alone, stopped by its own patients, like Keras's own training."""

from dataclasses import replace

import numpy as np
import pytest

from clinpred.errors import ResourceRefused, StatisticalRefusal, WrongUsage
from clinpred.models import fleet_program, squadron
from clinpred.models.fleet import train_fleet
from clinpred.models.fleet_settings import FleetSettings, Member, Split
from clinpred.models.keras_network import fleet_network, keras_models, keras_on_jax
from clinpred.models.risk_model import ACTIVATIONS, NetworkForm
from clinpred.models.squadron import glorot

SMALL, NARROW = (16, 8), (7, 8)
MEMBERS = (
    Member(3, hidden=SMALL),
    Member(3, l2=0.01, dropout=0.5, hidden=SMALL, split=1),
    Member(8, dropout=0.25, hidden=NARROW, split=1),
    Member(2**32 - 1, l2=0.1, hidden=SMALL, split=2),
    Member(5, l2=1e-3, dropout=0.1, hidden=NARROW, split=3),
)
ONE = Member(1, hidden=SMALL)
SETTINGS = FleetSettings(epochs=60, batch=32, patience=6, learning_rate=5e-3)


def simulated(n=300, p=6, seed=1):
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(n, p))
    outcome = (rng.random(n) < 1 / (1 + np.exp(-design[:, 0] - design[:, 1] * design[:, 2]))).astype(float)
    return design, outcome


def split(learning, stopping, p=6):
    return Split(learning, stopping, np.zeros(p), np.ones(p), order_seed=4)


def everyone_learns(n, p=6):
    return [split(np.ones(n), np.zeros(n), p)]


def splits_of(n, seed=2):
    """Every split has learning and stopping rows of its own, in numbers of its own, but the last: nothing stops it."""
    part = np.random.default_rng(seed).integers(0, 3, size=(4, n))
    learning, stopping = (part == 0).astype(float), (part == 1).astype(float)
    learning[1, :80] = 0
    stopping[-1] = 0
    return [split(*rows) for rows in zip(learning, stopping, strict=True)]


def linear_predictor(trained, design, activation="relu"):
    return NetworkForm((trained.layers,), activation).linear_predictor(design)


def mean_log_loss(trained, design, outcome, weight):
    lp = linear_predictor(trained, design)
    return np.average(np.logaddexp(0, lp) - outcome * lp, weights=weight)


@pytest.fixture(scope="module")
def together():
    design, outcome = simulated()
    return train_fleet(design, outcome, members=MEMBERS, splits=splits_of(300), settings=SETTINGS)


@pytest.mark.parametrize("place", range(len(MEMBERS)))
def test_a_member_of_a_fleet_equals_the_same_network_trained_alone(together, place):
    design, outcome = simulated()
    alone_split = splits_of(300)[MEMBERS[place].split]
    (alone,) = train_fleet(
        design, outcome, members=[replace(MEMBERS[place], split=0)], splits=[alone_split], settings=SETTINGS
    )
    risk = [1 / (1 + np.exp(-linear_predictor(trained, design))) for trained in (alone, together[place])]
    assert risk[0] == pytest.approx(risk[1], abs=1e-5)
    assert alone.stopped_epoch == together[place].stopped_epoch
    assert alone.layers[0].kernel.shape == (6, MEMBERS[place].hidden[0])


def test_members_that_differ_only_in_seed_differ_in_their_networks():
    design, outcome = simulated()
    pair = [ONE, replace(ONE, seed=2)]
    first, second = train_fleet(design, outcome, members=pair, splits=everyone_learns(300), settings=SETTINGS)
    assert not np.allclose(first.layers[0].kernel, second.layers[0].kernel)


def test_each_member_keeps_the_weights_of_its_best_epoch_and_stops_when_patience_ends(together):
    design, outcome = simulated()
    splits = splits_of(300)
    for member, trained in list(zip(MEMBERS, together, strict=True))[:-1]:
        best = trained.stopping[trained.restored_epoch - 1]
        assert best <= trained.stopping.min() + SETTINGS.minimum_delta
        assert trained.stopped_epoch == min(trained.restored_epoch + SETTINGS.patience, SETTINGS.epochs)
        assert len(trained.learning) == len(trained.stopping) == trained.stopped_epoch
        assert mean_log_loss(trained, design, outcome, splits[member.split].stopping) == pytest.approx(best, abs=1e-6)
        at_best = trained.learning[trained.restored_epoch - 1]
        assert mean_log_loss(trained, design, outcome, splits[member.split].learning) == pytest.approx(
            at_best, abs=1e-6
        )
    assert any(trained.stopped_epoch < SETTINGS.epochs for trained in together)


def test_a_member_without_stopping_rows_keeps_the_weights_of_its_last_epoch():
    design, outcome = simulated(n=90)
    (trained,) = train_fleet(design, outcome, members=[ONE], splits=everyone_learns(90), settings=SETTINGS)
    assert trained.restored_epoch == trained.stopped_epoch == SETTINGS.epochs
    assert trained.stopping.size == 0
    assert mean_log_loss(trained, design, outcome, np.ones(90)) == pytest.approx(trained.learning[-1], abs=1e-6)


def test_a_network_may_be_trained_until_its_learning_loss_is_at_its_floor():
    design, outcome = simulated(n=60)
    settings = replace(SETTINGS, watched="learning", epochs=2000, patience=20)
    (trained,) = train_fleet(design, outcome, members=[ONE], splits=everyone_learns(60), settings=settings)
    assert trained.stopped_epoch < 2000
    assert trained.learning[trained.restored_epoch - 1] < 0.01
    assert trained.stopping.size == 0


def test_rows_of_weight_0_do_not_touch_a_member(together):
    design, outcome = simulated()
    first = splits_of(300)[0]
    unused = (first.learning + first.stopping) == 0
    design[unused], outcome[unused] = 1e3, 1 - outcome[unused]
    (trained,) = train_fleet(design, outcome, members=MEMBERS[:1], splits=[first], settings=SETTINGS)
    (before,) = train_fleet(*simulated(), members=MEMBERS[:1], splits=[first], settings=SETTINGS)
    np.testing.assert_array_equal(trained.layers[0].kernel, before.layers[0].kernel)


def test_stopping_rows_do_not_change_what_is_learnt():
    design, outcome = simulated()
    first = splits_of(300)[0]
    (before,) = train_fleet(design, outcome, members=MEMBERS[:1], splits=[first], settings=SETTINGS)
    design[first.stopping > 0] *= -3
    (after,) = train_fleet(design, outcome, members=MEMBERS[:1], splits=[first], settings=SETTINGS)
    both = min(before.stopped_epoch, after.stopped_epoch)
    np.testing.assert_array_equal(before.learning[:both], after.learning[:both])
    assert not np.array_equal(before.stopping[:both], after.stopping[:both])


def test_a_split_standardises_by_itself():
    design, outcome = simulated()
    (plain,) = train_fleet(design, outcome, members=[ONE], splits=everyone_learns(300), settings=SETTINGS)
    shifted = [Split(np.ones(300), np.zeros(300), np.full(6, 2.0), np.full(6, 0.25), order_seed=4)]
    (same,) = train_fleet(4 * design + 2, outcome, members=[ONE], splits=shifted, settings=SETTINGS)
    assert same.learning == pytest.approx(plain.learning, abs=1e-4)


def test_only_the_proportions_of_the_weights_count():
    design, outcome = simulated()
    weight = np.random.default_rng(5).integers(1, 4, size=300).astype(float)
    trained = [
        train_fleet(design, outcome, members=[ONE], splits=[split(w, w)], settings=SETTINGS)[0]
        for w in (weight, 8 * weight)
    ]
    np.testing.assert_array_equal(trained[0].layers[0].kernel, trained[1].layers[0].kernel)


def test_training_follows_keras_fit_with_the_same_weights_at_the_start_and_l2_over_2():
    design, outcome = simulated(n=128)
    l2, epochs = 0.04, 25
    keras = keras_on_jax()
    dense = [
        keras.layers.Dense(units, activation=activation, kernel_regularizer=keras.regularizers.L2(l2 / 2))
        for units, activation in ((16, "relu"), (8, "relu"), (1, None))
    ]
    model = keras.Sequential([keras.Input((6,)), *dense])
    model.set_weights([part for kernel in glorot(11, (6, 16, 8, 1)) for part in (kernel, np.zeros(kernel.shape[1]))])
    model.compile(keras.optimizers.Adam(5e-3), keras.losses.BinaryCrossentropy(from_logits=True))
    model.fit(design.astype("float32"), outcome.astype("float32"), batch_size=128, epochs=epochs, verbose=0)
    settings = FleetSettings(epochs=epochs, batch=128, learning_rate=5e-3)
    (trained,) = train_fleet(
        design,
        outcome,
        members=[Member(11, l2=l2, hidden=SMALL)],
        splits=everyone_learns(128),
        settings=settings,
    )
    for ours, theirs in zip(trained.layers, dense, strict=True):
        assert ours.kernel == pytest.approx(np.asarray(theirs.kernel), abs=1e-5)
        assert ours.bias == pytest.approx(np.asarray(theirs.bias), abs=1e-5)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_trained_network_is_an_ordinary_keras_model_with_the_same_log_odds(activation):
    design, outcome = simulated()
    settings = replace(SETTINGS, activation=activation, epochs=5)
    members = [replace(ONE, dropout=0.2), replace(ONE, seed=2, dropout=0.2)]
    trained = train_fleet(design, outcome, members=members, splits=everyone_learns(300), settings=settings)
    form = NetworkForm(tuple(one.layers for one in trained), activation)
    models = keras_models(form, dropout=0.2)
    theirs = np.mean([model.predict(design, verbose=0)[:, 0] for model in models], axis=0)
    assert form.linear_predictor(design) == pytest.approx(theirs, abs=1e-5)
    kinds = [type(layer).__name__ for layer in models[0].layers]
    assert kinds == ["InputLayer", "Dense", "Activation", "Dropout", "Dense", "Activation", "Dropout", "Dense"]
    loss = np.mean(np.logaddexp(0, (lp := linear_predictor(trained[0], design, activation))) - outcome * lp)
    assert loss == pytest.approx(trained[0].learning[-1], abs=1e-6)


def drawn_masks(seeds, rate, width=400, rows=1000, step=3):
    network = fleet_network(8, (width,), "relu", drops=True)
    words = fleet_program._random_words(network, rows, np.uint32(9), np.int32(step))
    own = squadron._own([Member(seed, dropout=rate) for seed in seeds])
    return [
        np.asarray(fleet_program._kept(words, type(own)(*(values[place] for values in own)))[0])
        for place in range(len(seeds))
    ]


def test_dropout_keeps_the_expected_signal():
    (kept,) = drawn_masks([4], 0.3)
    values, counts = np.unique(kept, return_counts=True)
    assert values == pytest.approx([0, 1 / 0.7])
    assert counts[0] / counts.sum() == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / 400_000))


def test_dropout_is_unrelated_between_networks_steps_rows_and_units():
    first, second = drawn_masks([4, 5], 0.5)
    (later,) = drawn_masks([4], 0.5, step=4)
    pairs = [(first, second), (first, later), (first[1:], first[:-1]), (first[:, 1:], first[:, :-1])]
    for one, other in pairs:
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4 / np.sqrt(one.size)


def test_a_narrower_network_drops_the_same_of_its_units():
    (wide,), (narrow,) = drawn_masks([4], 0.5, width=40), drawn_masks([4], 0.5, width=10)
    np.testing.assert_array_equal(wide[:, :10], narrow)


def test_a_very_strong_penalty_leaves_the_prevalence_alone():
    design, outcome = simulated()
    settings = FleetSettings(epochs=200, batch=300, learning_rate=5e-3)
    (trained,) = train_fleet(
        design, outcome, members=[replace(ONE, l2=5.0)], splits=everyone_learns(300), settings=settings
    )
    risk = 1 / (1 + np.exp(-linear_predictor(trained, design)))
    assert np.ptp(risk) < 1e-3
    assert risk.mean() == pytest.approx(outcome.mean(), abs=1e-3)


@pytest.mark.parametrize(
    ("member", "settings"),
    [
        (Member(1, hidden=(16, 0)), FleetSettings()),
        (Member(1, hidden=()), FleetSettings()),
        (Member(1, hidden=(16.5,)), FleetSettings()),
        (Member(1), FleetSettings(epochs=0)),
        (Member(1), FleetSettings(activation="sinus")),
        (Member(1, dropout=1.0), FleetSettings()),
        (Member(1, l2=-0.1), FleetSettings()),
        (Member(1, l2=np.nan), FleetSettings()),
    ],
)
def test_a_network_outside_its_range_is_refused(member, settings):
    design, outcome = simulated(n=40)
    with pytest.raises(WrongUsage, match="E-SETTING") as refused:
        train_fleet(design, outcome, members=[member], splits=everyone_learns(40), settings=settings)
    assert refused.value.to_fix.startswith("choose, for example, hidden = (64, 32)")


def test_a_loss_that_is_no_number_any_more_is_refused_and_never_passed_off_as_a_model():
    design, outcome = simulated(n=40)
    with pytest.raises(StatisticalRefusal, match="S-DIVERGED"):
        train_fleet(
            design, outcome, members=[ONE], splits=everyone_learns(40), settings=FleetSettings(learning_rate=1e25)
        )


def test_another_keras_backend_in_the_process_is_refused_with_the_fix(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    design, outcome = simulated(n=40)
    with pytest.raises(ResourceRefused, match="R-BACKEND") as refused:
        train_fleet(design, outcome, members=[ONE], splits=everyone_learns(40), settings=FleetSettings())
    assert "`tensorflow`" in refused.value.found
    assert "KERAS_BACKEND=jax" in refused.value.to_fix


@pytest.mark.parametrize("event", [0.0, 1.0])
def test_stopping_rows_of_one_class_are_refused(event):
    design, outcome = simulated(100)
    splits = [split((outcome != event).astype(float), (outcome == event).astype(float))]
    with pytest.raises(StatisticalRefusal, match="S-ONE-CLASS") as refused:
        train_fleet(design, outcome, members=[ONE], splits=splits, settings=SETTINGS)
    assert f"of {int((outcome == event).sum())} rows that are to stop" in refused.value.found
