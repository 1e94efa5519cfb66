"""What holds for any risks: invariances of ranks, symmetries, and weights that equal repeated rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinpred import performance
from clinpred.performance.catalogue import families
from clinpred.performance.rows import checked_rows

# risks on a grid: ties are common, and monotone transformations keep them exactly
GRID = st.integers(1, 99)


@st.composite
def judged(draw, smallest=4):
    size = draw(st.integers(smallest, 60))
    outcome = draw(st.lists(st.booleans(), min_size=size, max_size=size).filter(lambda y: 0 < sum(y) < len(y)))
    risk = draw(st.lists(GRID, min_size=size, max_size=size))
    return np.array(outcome, dtype=float), np.array(risk) / 100


@settings(deadline=None)
@given(judged())
def test_auroc_survives_every_increasing_transformation(arrays):
    outcome, risk = arrays
    area = performance.auroc(outcome, risk)
    assert performance.auroc(outcome, risk**3) == area
    assert performance.auroc(outcome, np.log1p(risk)) == area


@settings(deadline=None)
@given(judged())
def test_auroc_of_the_complement_and_of_the_other_class_is_the_complement(arrays):
    outcome, risk = arrays
    area = performance.auroc(outcome, risk)
    assert performance.auroc(outcome, 1 - risk) == pytest.approx(1 - area, abs=1e-12)
    assert performance.auroc(1 - outcome, risk) == pytest.approx(1 - area, abs=1e-12)


@settings(deadline=None)
@given(judged())
def test_brier_and_log_loss_do_not_care_which_class_is_the_event(arrays):
    outcome, risk = arrays
    assert performance.brier_score(1 - outcome, 1 - risk) == pytest.approx(performance.brier_score(outcome, risk))
    assert performance.log_loss(1 - outcome, 1 - risk) == pytest.approx(performance.log_loss(outcome, risk))


@settings(deadline=None)
@given(judged(), st.integers(1, 99))
def test_net_benefit_never_exceeds_the_prevalence(arrays, percent):
    outcome, risk = arrays
    assert performance.net_benefit(outcome, risk, percent / 100) <= outcome.mean() + 1e-15


@settings(deadline=None)
@given(judged())
def test_the_roc_curve_never_falls(arrays):
    curve = performance.roc_curve(*arrays)
    assert np.all(np.diff(curve.sensitivity) >= -1e-15)
    assert curve.sensitivity[-1] == 1.0


@settings(deadline=None)
@given(judged())
def test_order_of_rows_is_of_no_account(arrays):
    outcome, risk = arrays
    for function in (performance.auroc, performance.brier_score, performance.log_loss):
        assert function(outcome[::-1], risk[::-1]) == pytest.approx(function(outcome, risk), abs=1e-13)


@settings(max_examples=60, deadline=None)
@given(judged(smallest=20), st.randoms(use_true_random=False))
def test_counts_as_weights_equal_repeated_rows(arrays, random):
    outcome, risk = arrays
    counts = np.array([random.choice((1, 1, 2, 3)) for _ in outcome])
    rows = checked_rows(outcome, risk)
    repeated = checked_rows(np.repeat(outcome, counts), np.repeat(risk, counts))
    keys = ["auroc", "calibration_in_the_large", "observed_expected", "scaled_brier", "nagelkerke_r2"]
    for prepare, members in families([*keys, "net_benefit:0.25"]).items():
        weighted = prepare(rows)(counts[None, :].astype(float))
        expanded = prepare(repeated)(np.ones((1, counts.sum())))
        for key in members:
            assert weighted[key][0] == pytest.approx(expanded[key][0], abs=1e-10), key


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(-1.0, 1.0), st.floats(0.4, 2.5))
def test_recalibrating_the_linear_predictor_moves_the_slope_as_it_should(seed, shift, stretch):
    rng = np.random.default_rng(seed)
    logit = rng.normal(0, 1, 300)
    outcome = (rng.random(300) < 1 / (1 + np.exp(-logit))).astype(float)
    risk, moved = (1 / (1 + np.exp(-value)) for value in (logit, shift + stretch * logit))
    slope = performance.calibration_slope(outcome, risk)
    assert performance.calibration_slope(outcome, moved) == pytest.approx(slope / stretch, rel=1e-9)
