"""What a model leans on, against models whose answer is known."""

import numpy as np
import pytest

from clinpred.explanation.importance import Explained, Worsening, permutation_importance
from clinpred.explanation.shapley import shapley_importance
from clinpred.models.risk_model import Layer, LinearForm, NetworkForm
from clinpred.performance import auroc


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
    assert noise.members == ("noise",)
    assert noise.log_loss == noise.auroc == Worsening(0.0, 0.0, 0.0)


def test_importances_are_sorted_and_a_predictor_owns_all_its_design_columns():
    explained, form = _patients()
    importance = permutation_importance(form, explained, rng=np.random.default_rng(0))
    assert [one.members for one in importance] == [("strong",), ("weak",), ("noise",)]
    assert importance[1].log_loss.lower > 0
    assert importance[1].auroc.lower > 0


def test_the_importance_of_the_only_predictor_is_the_loss_of_shuffled_risks():
    explained, _ = _patients(400)
    form = LinearForm(0.0, np.array([1.0, 0, 0, 0]))
    one = permutation_importance(form, explained, rng=np.random.default_rng(5), repeats=3)[0]
    order = np.random.default_rng(5)
    signed = np.where(explained.outcome == 1, -1, 1)
    unshuffled = np.mean(np.log1p(np.exp(signed * explained.design[:, 0])))
    shuffled = [np.mean(np.log1p(np.exp(signed * explained.design[order.permutation(400), 0]))) for _ in range(3)]
    assert one.log_loss.estimate == pytest.approx(np.mean(shuffled) - unshuffled, abs=1e-12)


def test_rows_repeated_within_patients_do_not_make_an_importance_look_surer():
    explained, form = _patients(500)
    thrice = Explained(
        *(np.repeat(part, 3, axis=0) for part in (explained.outcome, explained.design)),
        explained.sources,
        np.repeat(explained.patients, 3),
    )
    once = permutation_importance(form, explained, rng=np.random.default_rng(0), repeats=40)[0]
    repeated = permutation_importance(form, thrice, rng=np.random.default_rng(0), repeats=40)[0]
    for of_three, of_one in ((repeated.log_loss, once.log_loss), (repeated.auroc, once.auroc)):
        assert of_three.upper - of_three.lower == pytest.approx(of_one.upper - of_one.lower, rel=0.1)


def test_shapley_values_of_a_linear_model_are_coefficient_times_distance_from_the_development_mean():
    explained, form = _patients(150)
    development = explained.design + 0.25
    summary = shapley_importance(form, development, explained.design, explained.sources, rng=np.random.default_rng(1))
    distance = explained.design - development.mean(axis=0)
    by_hand = np.mean(np.abs(distance[:, 1] * -0.5 + distance[:, 2] * 0.8))
    found = {one.members: one.mean_absolute for one in summary.importances}
    assert found["weak",] == pytest.approx(by_hand, abs=1e-9)
    assert found["noise",] == 0.0
    assert summary.patients == 150


def test_permutation_walks_give_a_network_that_is_linear_the_values_of_the_linear_model():
    explained, form = _patients(60)
    network = NetworkForm(((Layer(form.coefficients[:, None], np.array([0.0])),),))
    rng = np.random.default_rng(1)
    walked = shapley_importance(network, explained.design[:50], explained.design, explained.sources, rng=rng)
    exact = shapley_importance(form, explained.design[:50], explained.design, explained.sources, rng=rng)
    for one, other in zip(walked.importances, exact.importances, strict=True):
        assert one.members == other.members
        assert one.mean_absolute == pytest.approx(other.mean_absolute, abs=1e-6)


def test_the_fall_of_the_auroc_is_that_of_shuffled_risks_by_hand():
    explained, form = _patients(400)
    found = permutation_importance(form, explained, rng=np.random.default_rng(5), repeats=3)
    weak = next(one for one in found if one.members == ("weak",))
    orders = np.random.default_rng(5)
    shuffled = []
    for _ in range(3):
        design = explained.design.copy()
        design[:, 1:3] = explained.design[orders.permutation(400), 1:3]
        shuffled.append(auroc(explained.outcome, 1 / (1 + np.exp(-form.linear_predictor(design)))))
    before = auroc(explained.outcome, 1 / (1 + np.exp(-form.linear_predictor(explained.design))))
    assert weak.auroc.estimate == pytest.approx(before - np.mean(shuffled), abs=1e-12)


def test_a_group_of_all_predictors_leaves_risks_that_rank_nobody():
    explained, form = _patients()
    together = [("strong", "weak", "noise")]
    (found,) = permutation_importance(form, explained, rng=np.random.default_rng(1), groups=together, repeats=20)
    before = auroc(explained.outcome, 1 / (1 + np.exp(-form.linear_predictor(explained.design))))
    assert found.auroc.estimate == pytest.approx(before - 0.5, abs=0.01)


def test_an_interval_of_the_auroc_needs_two_patients_of_either_class():
    explained, form = _patients(30)
    outcome = np.zeros(30)
    outcome[4] = 1.0
    lone = Explained(outcome, explained.design, explained.sources, explained.patients)
    for one in permutation_importance(form, lone, rng=np.random.default_rng(0)):
        assert (one.auroc.lower, one.auroc.upper) == (None, None)
        assert np.isfinite([one.log_loss.lower, one.log_loss.upper]).all()


def test_two_copies_of_a_strong_predictor_look_half_as_important_alone_but_not_together():
    rng = np.random.default_rng(8)
    common, n = rng.normal(size=4000), 4000
    copies = np.sqrt(0.95) * common[:, None] + np.sqrt(0.05) * rng.normal(size=(n, 2))
    design = np.column_stack([copies, rng.normal(size=n)])
    outcome = (rng.random(n) < 1 / (1 + np.exp(-1.5 * common))).astype(float)
    names, patients = ("copy", "other copy", "noise"), np.arange(n)
    alone, shared = LinearForm(0.0, np.array([1.5, 0.0, 0.0])), LinearForm(0.0, np.array([0.75, 0.75, 0.0]))
    explained = Explained(outcome, design, names, patients)
    cluster = ("copy", "other copy")
    one = permutation_importance(alone, explained, rng=np.random.default_rng(0), groups=[("copy",)])[0]
    groups = [("copy",), ("other copy",), cluster]
    found = {
        each.members: each.log_loss.estimate
        for each in permutation_importance(shared, explained, rng=np.random.default_rng(0), groups=groups)
    }
    assert found["copy",] < 0.5 * one.log_loss.estimate
    assert found["other copy",] < 0.5 * one.log_loss.estimate
    assert found[cluster] > 0.9 * one.log_loss.estimate
    shapley = shapley_importance(shared, design, design, names, rng=np.random.default_rng(0), clusters=[cluster])
    singles = {each.members: each.mean_absolute for each in shapley.importances}
    assert shapley.clusters[0].mean_absolute == pytest.approx(singles["copy",] + singles["other copy",], rel=0.05)


def test_a_rank_is_told_from_the_next_where_the_interval_of_the_difference_does_not_hold_0():
    explained, form = _patients()
    found = permutation_importance(form, explained, rng=np.random.default_rng(0))
    assert [one.told_apart for one in found] == [True, True, None]
    twins = Explained(
        explained.outcome, explained.design[:, [0, 0, 1, 3]], ("one", "other", "c", "d"), explained.patients
    )
    halved = LinearForm(0.0, np.array([0.75, 0.75, -0.5, 0.0]))
    found = permutation_importance(halved, twins, rng=np.random.default_rng(0))
    assert [one.members[0] for one in found[2:]] == ["c", "d"]
    assert [one.told_apart for one in found] == [False, True, True, None]
    assert permutation_importance(halved, twins, rng=np.random.default_rng(0), groups=[]) == []
