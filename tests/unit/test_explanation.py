"""What a model leans on, against models whose answer is known."""

import numpy as np
import pytest

from clinpred.explanation.importance import Explained, permutation_importance
from clinpred.explanation.shapley import shapley_importance
from clinpred.models.risk_model import Layer, LinearForm, NetworkForm


def _patients(n=2000, seed=3):
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(n, 4))
    linear_predictor = 1.5 * design[:, 0] - 0.5 * design[:, 1] + 0.8 * design[:, 2]
    outcome = (rng.random(n) < 1 / (1 + np.exp(-linear_predictor))).astype(float)
    sources = ("strong", "weak", "weak", "noise")
    return Explained(outcome, design, sources, np.arange(n)), LinearForm(0.0, np.array([1.5, -0.5, 0.8, 0.0]))


def test_a_predictor_that_the_model_does_not_use_has_importance_of_exactly_0():
    explained, form = _patients()
    importance = permutation_importance(form, explained, rng=np.random.default_rng(0))
    noise = importance[-1]
    assert (noise.predictor, noise.increase, noise.lower, noise.upper) == ("noise", 0.0, 0.0, 0.0)


def test_importances_are_sorted_and_a_predictor_owns_all_its_design_columns():
    explained, form = _patients()
    importance = permutation_importance(form, explained, rng=np.random.default_rng(0))
    assert [one.predictor for one in importance] == ["strong", "weak", "noise"]
    assert importance[1].lower > 0


def test_the_importance_of_the_only_predictor_is_the_loss_of_shuffled_risks():
    explained, _ = _patients(400)
    form = LinearForm(0.0, np.array([1.0, 0, 0, 0]))
    one = permutation_importance(form, explained, rng=np.random.default_rng(5), repeats=3)[0]
    order = np.random.default_rng(5)
    signed = np.where(explained.outcome == 1, -1, 1)
    unshuffled = np.mean(np.log1p(np.exp(signed * explained.design[:, 0])))
    shuffled = [np.mean(np.log1p(np.exp(signed * explained.design[order.permutation(400), 0]))) for _ in range(3)]
    assert one.increase == pytest.approx(np.mean(shuffled) - unshuffled, abs=1e-12)


def test_rows_repeated_within_patients_do_not_make_an_importance_look_surer():
    explained, form = _patients(500)
    thrice = Explained(
        *(np.repeat(part, 3, axis=0) for part in (explained.outcome, explained.design)),
        explained.sources,
        np.repeat(explained.patients, 3),
    )
    once = permutation_importance(form, explained, rng=np.random.default_rng(0), repeats=40)[0]
    repeated = permutation_importance(form, thrice, rng=np.random.default_rng(0), repeats=40)[0]
    assert repeated.upper - repeated.lower == pytest.approx(once.upper - once.lower, rel=0.1)


def test_shapley_values_of_a_linear_model_are_coefficient_times_distance_from_the_development_mean():
    explained, form = _patients(150)
    development = explained.design + 0.25
    summary = shapley_importance(form, development, explained.design, explained.sources, rng=np.random.default_rng(1))
    distance = explained.design - development.mean(axis=0)
    by_hand = np.mean(np.abs(distance[:, 1] * -0.5 + distance[:, 2] * 0.8))
    found = {one.predictor: one.mean_absolute for one in summary.importances}
    assert found["weak"] == pytest.approx(by_hand, abs=1e-9)
    assert found["noise"] == 0.0
    assert summary.patients == 150


def test_permutation_walks_give_a_network_that_is_linear_the_values_of_the_linear_model():
    explained, form = _patients(60)
    network = NetworkForm(((Layer(form.coefficients[:, None], np.array([0.0])),),))
    rng = np.random.default_rng(1)
    walked = shapley_importance(network, explained.design[:50], explained.design, explained.sources, rng=rng)
    exact = shapley_importance(form, explained.design[:50], explained.design, explained.sources, rng=rng)
    for one, other in zip(walked.importances, exact.importances, strict=True):
        assert one.predictor == other.predictor
        assert one.mean_absolute == pytest.approx(other.mean_absolute, abs=1e-6)
