"""How much of a network's performance is luck: known components are found, and nothing is made of nothing."""

from dataclasses import replace

import numpy as np
import pytest

from clinpred.models import DropoutMLP
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.performance import auroc, log_loss
from clinpred.validation.out_of_fold import OutOfFold, draw_folds, out_of_fold
from clinpred.validation.variance_split import restarts, variance_split

OUTCOME = np.tile([0.0, 1.0], 50)
FOLDS = np.tile(np.arange(5).repeat(2), 10)[None]


def predicted(losses, searched):
    """Return out-of-fold predictions with this log loss, shape (folds, networks), and a search."""
    # Log odds at which a patient loses so much: they know the outcome, to a degree.
    each = (2 * OUTCOME - 1) * -np.log(np.expm1(losses[FOLDS[0]].T))
    mean = each.mean(axis=0)[None]
    return OutOfFold(
        OUTCOME,
        np.arange(100),
        FOLDS,
        {"mlp": mean},
        {},
        networks={"mlp": each[None]},
        searched={"mlp": searched[None]},
    )


def test_the_components_of_a_small_layout_are_those_worked_out_by_hand():
    losses = np.array([[0.5, 0.6], [0.5, 0.6], [0.7, 0.8], [0.7, 0.8], [0.9, 1.0]])
    # Rows differ by .2 at every column, and columns by .1: no residual, so the rows' variance is the component.
    search = np.array([[0.1, 0.2, 0.3], [0.3, 0.4, 0.5]])
    found = variance_split(predicted(losses, np.array([search] * 5)), "mlp")
    assert found.seed == pytest.approx(0.1**2 / 2)
    means = losses.mean(axis=1)
    assert found.fold == pytest.approx(means.var(ddof=1) - 0.1**2 / 4)
    assert found.setting == pytest.approx(np.var([0.2, 0.4], ddof=1))
    assert (found.networks, found.folds, found.settings, found.rotations) == (2, 5, 2, 3)


def test_components_that_were_put_in_are_found_again():
    rng = np.random.default_rng(4)
    found = []
    for _ in range(400):
        losses = 0.6 + 0.05 * rng.normal(size=(5, 1)) + 0.02 * rng.normal(size=(5, 4))
        setting, rotation = 0.03 * rng.normal(size=(5, 6, 1)), 0.08 * rng.normal(size=(5, 1, 3))
        search = 0.6 + setting + rotation + 0.02 * rng.normal(size=(5, 6, 3))
        one = variance_split(predicted(losses, search), "mlp")
        found.append((one.seed, one.fold, one.setting))
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / 20
    assert (np.abs(mean - np.array([0.02**2, 0.05**2, 0.03**2])) < 3.5 * error).all()


def test_a_component_that_is_not_there_may_come_out_below_0_and_says_so():
    losses = np.array([[0.5, 0.7], [0.7, 0.5], [0.6, 0.6], [0.5, 0.7], [0.7, 0.5]])
    search = np.array([[[0.1, 0.3], [0.3, 0.1]]] * 5)
    found = variance_split(predicted(losses, search), "mlp")
    assert found.fold < 0
    assert found.setting == pytest.approx(-(0.2**2) / 2)


def test_one_setting_has_no_component_and_one_network_no_split():
    losses, search = np.full((5, 2), 0.6), np.full((5, 1, 3), 0.6)
    assert variance_split(predicted(losses, search), "mlp").setting is None
    assert variance_split(predicted(losses[:, :1], search), "mlp") is None
    assert variance_split(predicted(losses, search), "ridge") is None


def test_restarts_are_the_standard_deviation_of_each_networks_measures():
    rng = np.random.default_rng(2)
    networks = (OUTCOME - 0.5) + rng.normal(size=(3, 100))
    found = restarts(OUTCOME, networks)
    risks = 1 / (1 + np.exp(-networks))
    assert found.networks == 3
    assert found.auroc == pytest.approx(np.std([auroc(OUTCOME, one) for one in risks], ddof=1))
    assert found.log_loss == pytest.approx(np.std([log_loss(OUTCOME, one) for one in risks], ddof=1))
    assert restarts(OUTCOME, networks[[0, 0]]) == replace(found, networks=2, auroc=0, calibration_slope=0, log_loss=0)


def test_a_slope_that_a_network_does_not_have_leaves_the_other_measures():
    networks = np.array([OUTCOME - 0.5 + np.linspace(-1, 1, 100), np.zeros(100)])
    found = restarts(OUTCOME, networks)
    assert found.calibration_slope is None
    assert found.log_loss > 0


@pytest.fixture(scope="module")
def nested():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(150, 4))
    y = (rng.random(150) < 1 / (1 + np.exp(-X[:, 0]))).astype(int)
    network = DropoutMLP(hidden=(4,), dropout=0.1, seeds=2)
    folds = draw_folds(y, np.arange(150), n_folds=3, repeats=2, seed=5)
    return out_of_fold(MatrixProcedure({"mlp": network}, X, y), folds, seed=6, workers=1)


def test_each_network_of_every_fold_is_kept_and_their_mean_is_the_model(nested):
    assert nested.networks["mlp"].shape == (2, 2, 150)
    np.testing.assert_allclose(nested.networks["mlp"].mean(axis=1), nested.linear_predictors["mlp"])
    assert nested.searched["mlp"].shape == (2, 3, 3, 5)
    found = variance_split(nested, "mlp")
    assert (found.networks, found.folds, found.settings, found.rotations) == (2, 6, 3, 5)
    assert found.seed > 0


def test_models_of_one_part_stand_beside_those_of_another(nested):
    other = replace(nested, linear_predictors={"ridge": nested.linear_predictors["mlp"]}, networks={}, searched={})
    both = other.beside(nested)
    assert list(both.linear_predictors) == ["ridge", "mlp"]
    assert both.networks is not nested.networks
    np.testing.assert_array_equal(both.networks["mlp"], nested.networks["mlp"])
