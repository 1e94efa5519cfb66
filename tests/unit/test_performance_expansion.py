"""Fits that begin from a shared start end where fits from nothing do."""

import numpy as np
import pytest

from clinpred.performance.newton import fit_logistic, inverse_logit
from clinpred.splines import harrell_knots, restricted_cubic_basis


def designs(n, rng):
    logit = rng.normal(-1, 1.5, n)
    outcome = (rng.random(n) < inverse_logit(logit)).astype(float)
    ones = np.ones(n)
    spline = restricted_cubic_basis(logit, harrell_knots(logit, 5))
    return outcome, [
        (np.column_stack([ones, logit]), None),
        (np.column_stack([ones, spline]), None),
        (ones[:, None], logit),
    ]


@pytest.mark.parametrize("n", [200, 1000])
def test_a_shared_start_changes_no_fit(n):
    rng = np.random.default_rng(n)
    outcome, found = designs(n, rng)
    weights = np.array([np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(200)]).astype(float)
    for design, offset in found:
        start = fit_logistic(design, outcome, np.ones((1, n)), offset=offset).coefficients[0]
        warm = fit_logistic(design, outcome, weights, offset=offset, start=start)
        cold = fit_logistic(design, outcome, weights, offset=offset)
        assert np.array_equal(warm.converged, cold.converged)
        both = warm.converged
        assert both.mean() > 0.9
        risks = [inverse_logit(fits.coefficients[both] @ design.T) for fits in (warm, cold)]
        np.testing.assert_allclose(*risks, rtol=0, atol=1e-10)


def test_separated_replicates_have_no_fit_from_a_shared_start_either():
    rng = np.random.default_rng(5)
    design = np.column_stack([np.ones(12), np.arange(12.0)])
    outcome = np.array([0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1], dtype=float)
    weights = np.array([np.bincount(rng.integers(12, size=12), minlength=12) for _ in range(500)]).astype(float)
    start = fit_logistic(design, outcome, np.ones((1, 12))).coefficients[0]
    warm = fit_logistic(design, outcome, weights, start=start).converged
    separated = (weights[:, 5] == 0) | (weights[:, 6] == 0)
    assert not np.any(warm & separated)
    assert np.mean(warm[~separated]) > 0.9
    far = fit_logistic(design, outcome, weights, start=np.array([30.0, -9.0])).converged
    assert not np.any(far & separated)
