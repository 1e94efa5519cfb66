"""The learning curve: nested subsets of whole patients, judged on patients that no size learnt from."""

import numpy as np
import pytest

from clinpred.errors import StatisticalRefusal
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.models.null import Prevalence
from clinpred.models.procedure import Refit, Refits
from clinpred.models.unpenalised import UnpenalisedLogistic
from clinpred.performance import auroc
from clinpred.validation.learning_curve import learning_curve


def _expit(x):
    return 1 / (1 + np.exp(-x))


def _data(n=300, p=6, seed=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    return X, (rng.random(n) < _expit(X[:, 0] + X[:, 1] - 0.8)).astype(float)


class _Watched:
    """A procedure that notes what it is asked to learn from, and refuses, or is separated, below a size."""

    models = ("a",)

    def __init__(self, outcome, patients, lp, *, refuse_below=0, separated_below=0):
        self.outcome, self.patients, self.lp = outcome, patients, lp
        self.refuse_below, self.separated_below = refuse_below, separated_below
        self.counts = []

    def refit(self, counts, *, seed):
        self.counts.append(counts)
        if counts.sum() < self.refuse_below:
            refusal = StatisticalRefusal("S-NOT-CONVERGED", "no maximum", expected="one", to_fix="look")
            return Refits({}, {"a": refusal})
        return Refits({"a": Refit(self.lp, separated=bool(counts.sum() < self.separated_below))})


def test_subsets_are_nested_whole_patients_and_leave_a_fifth_apart():
    X, y = _data(n=400)
    procedure = _Watched(y, np.arange(400) // 2, X[:, 0])
    curve = learning_curve(procedure, repeats=3, seed=1, workers=1)
    points = curve.models["a"]
    counts = np.array(procedure.counts).reshape(3, len(points), 400)
    assert set(np.unique(counts)) == {0, 1}
    assert np.all(counts[:, :-1] <= counts[:, 1:])
    assert np.array_equal(counts[:, :, 0::2], counts[:, :, 1::2])
    ever = np.zeros(200)
    np.maximum.at(ever, np.arange(400) // 2, y)
    for size, point in enumerate(points):
        for repeat in range(3):
            learnt = counts[repeat, size, ::2]
            assert (point.patients, point.events) == (learnt.sum(), learnt @ ever)
    assert points[-1].patients == 160
    assert points[0].events >= 20
    assert points[0].patients - points[0].events >= 20
    assert not np.array_equal(counts[0, -1], counts[1, -1])


def test_sizes_grow_by_a_constant_factor_from_a_tenth():
    X, y = _data(n=4000)
    points = learning_curve(_Watched(y, np.arange(4000), X[:, 0]), repeats=1, seed=1, workers=1).models["a"]
    patients = np.array([point.patients for point in points])
    assert (len(points), patients[0], patients[-1]) == (7, 400, 3200)
    np.testing.assert_allclose(patients[1:] / patients[:-1], 8 ** (1 / 6), atol=0.01)


def test_few_events_leave_room_for_fewer_sizes():
    y = np.zeros(300)
    y[:30] = 1
    points = learning_curve(_Watched(y, np.arange(300), np.arange(300.0)), repeats=1, seed=1, workers=1).models["a"]
    assert [point.events for point in points] == [20, 24]


def test_fewer_than_twenty_five_events_are_refused():
    y = np.zeros(300)
    y[:24] = 1
    with pytest.raises(StatisticalRefusal) as refused:
        learning_curve(_Watched(y, np.arange(300), np.arange(300.0)), seed=1, workers=1)
    assert refused.value.code == "S-FEW-EVENTS"
    assert "24 patients with the event" in refused.value.found


def test_all_sizes_of_a_repeat_are_judged_on_the_same_patients_who_were_never_learnt_from():
    X, y = _data()
    procedure = _Watched(y, np.arange(300), X[:, 0])
    points = learning_curve(procedure, repeats=1, seed=1, workers=1).models["a"]
    apart, risk = procedure.counts[-1] == 0, _expit(X[:, 0])
    for counts, point in zip(procedure.counts, points, strict=True):
        assert point.auroc.median == pytest.approx(auroc(y[apart], risk[apart]), abs=1e-14)
        learnt = counts == 1
        assert point.apparent_auroc.median == pytest.approx(auroc(y[learnt], risk[learnt]), abs=1e-14)
        assert not np.any(learnt & apart)
        assert point.auroc.lower == point.auroc.upper == point.auroc.median


def test_an_overfitted_model_gains_from_events_and_flatters_itself_less():
    X, y = _data(n=600, p=12)
    curve = learning_curve(MatrixProcedure({"u": UnpenalisedLogistic()}, X, y), repeats=8, seed=3, workers=1)
    first, last = curve.models["u"][0], curve.models["u"][-1]
    assert first.log_loss.median > last.log_loss.median + 0.1
    assert first.calibration_slope.median < 0.6 < last.calibration_slope.median
    assert first.apparent_auroc.median - first.auroc.median > 3 * (last.apparent_auroc.median - last.auroc.median)
    assert first.auroc.lower < first.auroc.median < first.auroc.upper


def test_refused_and_separated_repeats_are_counted_and_few_values_are_no_median():
    X, y = _data()
    procedure = _Watched(y, np.arange(300), X[:, 0], refuse_below=100, separated_below=150)
    points = learning_curve(procedure, repeats=4, seed=1, workers=1).models["a"]
    for point in points:
        refused, separated = point.patients < 100, 100 <= point.patients < 150
        assert point.developed == (0 if refused else 4)
        assert point.separated == (4 if separated else 0)
        assert (point.auroc.median is None) == refused


def test_a_constant_model_has_no_slope():
    X, y = _data()
    curve = learning_curve(MatrixProcedure({"p": Prevalence()}, X, y), repeats=2, seed=3, workers=1)
    assert all(point.calibration_slope.median is None and point.auroc.median == 0.5 for point in curve.models["p"])


def test_the_number_of_workers_changes_nothing():
    X, y = _data()
    procedure = MatrixProcedure({"u": UnpenalisedLogistic()}, X, y)
    assert learning_curve(procedure, repeats=2, seed=3, workers=1) == learning_curve(
        procedure, repeats=2, seed=3, workers=2
    )
