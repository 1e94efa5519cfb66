"""Many networks as one program: each as if alone, stopped by its own patients, like Keras's own training."""

import numpy as np
import pytest

from clinpred.errors import ResourceRefused, StatisticalRefusal, WrongUsage
from clinpred.models import fleet
from clinpred.models.fleet import FleetSettings, Member, train_fleet
from clinpred.models.risk_model import NetworkForm

MEMBERS = (
    Member(3),
    Member(3, l2=0.01, dropout=0.5),
    Member(8, dropout=0.25),
    Member(2**32 - 1, l2=0.1),
    Member(5, l2=1e-3, dropout=0.1),
)
SETTINGS = FleetSettings(hidden=(16, 8), epochs=60, batch=32, patience=6, learning_rate=5e-3)


def simulated(n=300, p=6, seed=1):
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(n, p))
    outcome = (rng.random(n) < 1 / (1 + np.exp(-design[:, 0] - design[:, 1] * design[:, 2]))).astype(float)
    return design, outcome


def sets_of(n, count, seed=2):
    """Every member has learning and stopping rows of its own, but the last: nothing stops it."""
    part = np.random.default_rng(seed).integers(0, 3, size=(count, n))
    learning, stopping = (part == 0).astype(float), (part == 1).astype(float)
    stopping[-1] = 0
    return learning, stopping


def linear_predictor(trained, design):
    return NetworkForm((trained.layers,)).linear_predictor(design)


def mean_log_loss(trained, design, outcome, weight):
    lp = linear_predictor(trained, design)
    return np.average(np.logaddexp(0, lp) - outcome * lp, weights=weight)


@pytest.fixture(scope="module")
def together():
    design, outcome = simulated()
    learning, stopping = sets_of(len(outcome), len(MEMBERS))
    return train_fleet(design, outcome, members=MEMBERS, settings=SETTINGS, learning=learning, stopping=stopping)


@pytest.mark.parametrize("place", range(len(MEMBERS)))
def test_a_member_of_a_fleet_equals_the_same_network_trained_alone(together, place):
    design, outcome = simulated()
    learning, stopping = sets_of(len(outcome), len(MEMBERS))
    only = slice(place, place + 1)
    (alone,) = train_fleet(
        design, outcome, members=MEMBERS[only], settings=SETTINGS, learning=learning[only], stopping=stopping[only]
    )
    gap = linear_predictor(alone, design) - linear_predictor(together[place], design)
    assert np.abs(gap).max() < 1e-5
    assert alone.stopped_epoch == together[place].stopped_epoch


def test_members_that_differ_only_in_seed_differ_in_their_networks():
    design, outcome = simulated()
    everyone = np.ones((2, len(outcome)))
    first, second = train_fleet(
        design, outcome, members=[Member(1), Member(2)], settings=SETTINGS, learning=everyone, stopping=0 * everyone
    )
    assert not np.allclose(first.layers[0].kernel, second.layers[0].kernel)


def test_each_member_keeps_the_weights_of_its_best_epoch_and_stops_when_patience_ends(together):
    design, outcome = simulated()
    learning, stopping = sets_of(len(outcome), len(MEMBERS))
    for place, trained in enumerate(together[:-1]):
        best = trained.stopping[trained.restored_epoch - 1]
        assert best <= trained.stopping.min() + SETTINGS.minimum_delta
        assert trained.stopped_epoch == min(trained.restored_epoch + SETTINGS.patience, SETTINGS.epochs)
        assert len(trained.learning) == len(trained.stopping) == trained.stopped_epoch
        assert mean_log_loss(trained, design, outcome, stopping[place]) == pytest.approx(best, abs=1e-6)
        at_best = trained.learning[trained.restored_epoch - 1]
        assert mean_log_loss(trained, design, outcome, learning[place]) == pytest.approx(at_best, abs=1e-6)
    assert any(trained.stopped_epoch < SETTINGS.epochs for trained in together)


def test_a_member_without_stopping_rows_keeps_the_weights_of_its_last_epoch():
    design, outcome = simulated(n=90)
    weight = np.ones((1, 90))
    (trained,) = train_fleet(
        design, outcome, members=[Member(1)], settings=SETTINGS, learning=weight, stopping=0 * weight
    )
    assert trained.restored_epoch == trained.stopped_epoch == SETTINGS.epochs
    assert trained.stopping.size == 0
    assert mean_log_loss(trained, design, outcome, weight[0]) == pytest.approx(trained.learning[-1], abs=1e-6)


def test_rows_of_weight_0_do_not_touch_a_member(together):
    design, outcome = simulated()
    learning, stopping = sets_of(len(outcome), len(MEMBERS))
    unused = (learning[0] + stopping[0]) == 0
    design[unused], outcome[unused] = 1e3, 1 - outcome[unused]
    (trained,) = train_fleet(
        design, outcome, members=MEMBERS[:1], settings=SETTINGS, learning=learning[:1], stopping=stopping[:1]
    )
    np.testing.assert_array_equal(trained.layers[0].kernel, together[0].layers[0].kernel)


def test_only_the_proportions_of_the_weights_count():
    design, outcome = simulated()
    weight = np.random.default_rng(5).integers(1, 4, size=(1, len(outcome))).astype(float)
    trained = [
        train_fleet(design, outcome, members=[Member(1)], settings=SETTINGS, learning=w, stopping=w)[0]
        for w in (weight, 8 * weight)
    ]
    np.testing.assert_array_equal(trained[0].layers[0].kernel, trained[1].layers[0].kernel)


def test_training_follows_keras_fit_with_the_same_weights_at_the_start_and_l2_over_2():
    design, outcome = simulated(n=128)
    l2, epochs = 0.04, 25
    keras = fleet._keras()
    dense = [
        keras.layers.Dense(units, activation=activation, kernel_regularizer=keras.regularizers.L2(l2 / 2))
        for units, activation in ((16, "relu"), (8, "relu"), (1, None))
    ]
    model = keras.Sequential([keras.Input((6,)), *dense])
    model.set_weights([part for layer in fleet._glorot(11, (6, 16, 8, 1)) for part in (layer[:-1], layer[-1])])
    model.compile(keras.optimizers.Adam(5e-3), keras.losses.BinaryCrossentropy(from_logits=True))
    model.fit(design.astype("float32"), outcome.astype("float32"), batch_size=128, epochs=epochs, verbose=0)
    settings = FleetSettings(hidden=(16, 8), epochs=epochs, batch=128, learning_rate=5e-3)
    weight = np.ones((1, 128))
    (trained,) = train_fleet(
        design, outcome, members=[Member(11, l2=l2)], settings=settings, learning=weight, stopping=0 * weight
    )
    for ours, theirs in zip(trained.layers, dense, strict=True):
        assert ours.kernel == pytest.approx(np.asarray(theirs.kernel), abs=1e-5)
        assert ours.bias == pytest.approx(np.asarray(theirs.bias), abs=1e-5)


def test_dropout_keeps_the_expected_signal():
    import jax

    network = fleet._network(3, (400,), drops=True)
    (kept,) = fleet._kept(network, np.float32(0.3), jax.random.key(4), 1000)
    values, counts = np.unique(np.asarray(kept), return_counts=True)
    assert values == pytest.approx([0, 1 / 0.7])
    assert counts[0] / counts.sum() == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / 400_000))


def test_a_very_strong_penalty_leaves_the_prevalence_alone():
    design, outcome = simulated()
    weight = np.ones((1, len(outcome)))
    settings = FleetSettings(hidden=(16, 8), epochs=200, batch=300, learning_rate=5e-3)
    (trained,) = train_fleet(
        design, outcome, members=[Member(1, l2=5.0)], settings=settings, learning=weight, stopping=0 * weight
    )
    risk = 1 / (1 + np.exp(-linear_predictor(trained, design)))
    assert np.ptp(risk) < 1e-3
    assert risk.mean() == pytest.approx(outcome.mean(), abs=1e-3)


@pytest.mark.parametrize(
    ("member", "settings"),
    [
        (Member(1), FleetSettings(hidden=(16, 0))),
        (Member(1), FleetSettings(hidden=())),
        (Member(1), FleetSettings(hidden=(16.5,))),
        (Member(1), FleetSettings(epochs=0)),
        (Member(1, dropout=1.0), FleetSettings()),
        (Member(1, l2=-0.1), FleetSettings()),
        (Member(1, l2=np.nan), FleetSettings()),
    ],
)
def test_a_network_outside_its_range_is_refused(member, settings):
    design, outcome = simulated(n=40)
    weight = np.ones((1, 40))
    with pytest.raises(WrongUsage, match="E-SETTING") as refused:
        train_fleet(design, outcome, members=[member], settings=settings, learning=weight, stopping=weight)
    assert refused.value.to_fix.startswith("choose, for example, hidden = (64, 32)")


def test_a_loss_that_is_no_number_any_more_is_refused_and_never_passed_off_as_a_model():
    design, outcome = simulated(n=40)
    weight = np.ones((1, 40))
    settings = FleetSettings(hidden=(16, 8), learning_rate=1e25)
    with pytest.raises(StatisticalRefusal, match="S-DIVERGED"):
        train_fleet(design, outcome, members=[Member(1)], settings=settings, learning=weight, stopping=weight)


def test_another_keras_backend_in_the_process_is_refused_with_the_fix(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    design, outcome = simulated(n=40)
    weight = np.ones((1, 40))
    with pytest.raises(ResourceRefused, match="R-BACKEND") as refused:
        train_fleet(
            design,
            outcome,
            members=[Member(1)],
            settings=FleetSettings(hidden=(3,)),
            learning=weight,
            stopping=weight,
        )
    assert "`tensorflow`" in refused.value.found
    assert "KERAS_BACKEND=jax" in refused.value.to_fix
