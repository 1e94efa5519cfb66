"""The smooth curves behind the flexible calibration measures: one smoother serves all that is asked of a model."""

import numpy as np
import pytest

from clinpred.performance.flexible_calibration import distances, prepare_distances
from clinpred.performance.loess import Loess
from clinpred.performance.rows import checked_rows
from clinpred.performance.smoothers import SplineSmoother, smoother_of


def rows_of(smoothing, n=400, *, digits=12):
    rng = np.random.default_rng(7)
    risk = np.round(rng.beta(2, 5, n), digits).clip(0.001, 0.999)
    outcome = (rng.random(n) < risk**1.2).astype(float)
    return checked_rows(outcome, risk, smoothing=smoothing)


def drawn(n, replicates):
    rng = np.random.default_rng(8)
    return rng.multinomial(n, np.full(n, 1 / n), size=replicates).astype(float)


@pytest.mark.parametrize("smoothing", ["loess", "spline"])
def test_the_curve_at_other_risks_is_the_centre_of_its_band_and_passes_through_the_rows(smoothing):
    rows = rows_of(smoothing)
    smoother = smoother_of(rows)
    grid = np.linspace(rows.risk.min(), rows.risk.max(), 30)
    np.testing.assert_allclose(smoother.at(grid), smoother.band(grid)[0], rtol=0, atol=1e-12)
    once = smoother.observed(np.ones((1, rows.risk.size)))[0]
    np.testing.assert_allclose(smoother.at(rows.risk), once, rtol=0, atol=1e-12)


@pytest.mark.parametrize("smoothing", ["loess", "spline"])
def test_distances_are_the_same_from_a_smoother_that_was_there(smoothing):
    rows, weights = rows_of(smoothing), drawn(400, 3)
    given, own = distances(smoother_of(rows), rows)(weights), prepare_distances(rows)(weights)
    assert {key: value.tolist() for key, value in given.items()} == {key: own[key].tolist() for key in own}


@pytest.mark.parametrize("smoothing", ["loess", "spline"])
def test_few_weightings_have_the_distances_they_have_among_many(smoothing):
    rows, weights = rows_of(smoothing), drawn(400, 40)
    under = prepare_distances(rows)
    many, few = under(weights), under(weights[5:7])
    for key in few:
        np.testing.assert_allclose(few[key], many[key][5:7], rtol=0, atol=1e-10)


@pytest.mark.parametrize("digits", [2, 12])
def test_loess_fits_a_weighted_quadratic_to_the_nearest_three_quarters_of_the_counted_points(digits):
    rows, counts = rows_of("loess", 150, digits=digits), drawn(150, 4)
    curves = Loess(rows.risk).curves(rows.outcome, counts)
    for at, vertex in enumerate(curves.vertices):
        for replicate, count in enumerate(counts.astype(int)):
            x, y = np.repeat(rows.risk, count), np.repeat(rows.outcome, count)
            distance = np.abs(x - vertex)
            reach = np.sort(distance)[int(x.size * 0.75) - 1]
            root = np.sqrt((1 - np.minimum(distance / reach, 1) ** 3) ** 3)
            design = np.vander(x - vertex, 3, increasing=True)
            height, slope, _ = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0]
            assert curves.heights[at, replicate] == pytest.approx(height, abs=1e-9)
            assert curves.slopes[at, replicate] == pytest.approx(slope, abs=1e-8)


def test_the_operator_of_loess_turns_outcomes_into_the_curve():
    rows = rows_of("loess", 150, digits=2)
    loess, grid = Loess(rows.risk), np.linspace(rows.risk.min(), rows.risk.max(), 20)
    curve = loess.curves(rows.outcome, np.ones((1, 150))).at(grid)[:, 0]
    np.testing.assert_allclose(loess.operator().at(grid) @ rows.outcome, curve, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("values", "knots"), [(400, 5), (5, 5), (4, 4), (3, 3), (2, None)])
def test_a_spline_has_the_knots_that_ties_leave_room_for(values, knots):
    risk = np.tile(np.linspace(0.2, 0.8, values), 400 // values)
    outcome = (np.random.default_rng(1).random(risk.size) < risk).astype(float)
    found = SplineSmoother(checked_rows(outcome, risk)).knots
    assert (None if found is None else found.size) == knots
