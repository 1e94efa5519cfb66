"""Restricted cubic splines against Hmisc's rcspline.eval."""

import json
from pathlib import Path

import numpy as np
import pytest

from clinpred.errors import StatisticalRefusal
from clinpred.splines import harrell_knots, restricted_cubic_basis

HERE = Path(__file__).parent
ENTRIES = {found["id"]: found["result"] for found in json.loads((HERE / "15_rcs.json").read_text())["entries"]}
GLUCOSE = np.genfromtxt(HERE / "inputs" / "pima_tr.csv", delimiter=",", names=True)["glu"]


@pytest.mark.parametrize("count", [3, 4, 5])
def test_knots_and_basis_equal_hmisc(count):
    expected = ENTRIES[f"glu_k{count}"]
    knots = harrell_knots(GLUCOSE, count)
    basis = restricted_cubic_basis(GLUCOSE, knots)
    assert knots == pytest.approx(expected["knots"], abs=1e-10)
    assert basis[:10] == pytest.approx(np.array(expected["basis_first10"]), abs=1e-6)
    assert basis.sum(axis=0) == pytest.approx(expected["basis_colsum"], abs=1e-6)


@pytest.mark.parametrize(
    ("count", "quantiles"),
    [(6, [0.05, 0.23, 0.41, 0.59, 0.77, 0.95]), (7, [0.025, 0.1833, 0.3417, 0.5, 0.6583, 0.8167, 0.975])],
)
def test_six_and_seven_knots_lie_at_harrells_quantiles(count, quantiles):
    assert harrell_knots(np.linspace(0.0, 1.0, 1001), count) == pytest.approx(quantiles, abs=5e-5)


def test_outer_knots_of_fewer_than_100_values_are_the_fifth_from_either_end():
    assert harrell_knots(np.arange(99.0), 5)[[0, -1]].tolist() == [4.0, 94.0]


@pytest.mark.parametrize("count", [3, 5, 7])
def test_spline_is_a_straight_line_beyond_the_outer_knots_and_smooth_between(count):
    knots = np.linspace(0.0, 1.0, count)
    outside = restricted_cubic_basis([-3.0, -2.0, -1.0, 2.0, 3.0, 4.0], knots)
    assert outside[:3, 1:].tolist() == np.zeros((3, count - 2)).tolist()
    assert np.diff(outside[3:], n=2, axis=0) == pytest.approx(np.zeros((1, count - 1)), abs=1e-10)
    fine = restricted_cubic_basis(np.linspace(-0.5, 1.5, 20001), knots)
    # second derivatives are bounded and continuous: neighbouring second differences stay close
    bends = np.diff(fine, n=2, axis=0) / 1e-8
    assert np.abs(np.diff(bends, axis=0)).max() < 0.01


def test_far_beyond_the_outer_knots_it_is_that_line_still():
    knots = [0.0, 0.3, 1.0]
    slope = np.diff(restricted_cubic_basis([2.0, 3.0], knots), axis=0)
    far = restricted_cubic_basis([-1e200, 1e200], knots)
    assert far[0].tolist() == [-1e200, 0.0]
    assert far[1] == pytest.approx(1e200 * slope[0], rel=1e-12)


@pytest.mark.parametrize(("count", "values"), [(2, range(50)), (8, range(50)), (3, range(5))])
def test_knots_that_harrell_does_not_define_are_refused(count, values):
    with pytest.raises(StatisticalRefusal, match="S-KNOTS"):
        harrell_knots(values, count)


@pytest.mark.parametrize("knots", [[1.0, 2.0], [1.0, 1.0, 2.0], [1.0, 3.0, 2.0]])
def test_knots_that_coincide_or_fall_are_refused(knots):
    with pytest.raises(StatisticalRefusal, match="S-KNOTS"):
        restricted_cubic_basis([0.0, 1.0], knots)
