"""Fits and their errors at the ends of what numbers hold."""

import numpy as np
import pytest

from clinpred.models import LassoLogistic, RidgeLogistic, UnpenalisedLogistic
from clinpred.models.folds import FoldDeviances
from clinpred.models.likelihood import not_converged


def test_the_standard_error_of_deviances_that_have_no_square_is_that_of_smaller_ones():
    by_fold = np.array([[1.0, 0.0], [3.0, 0.0], [8.0, 0.0]])
    shares = np.array([0.25, 0.25, 0.5])
    small, large = (FoldDeviances(by_fold * size, shares).standard_error for size in (1.0, 1e307))
    assert small[0] == pytest.approx(np.sqrt(((by_fold[:, 0] - 5) ** 2 @ shares) / 2))
    assert large == pytest.approx(1e307 * small)


@pytest.mark.parametrize("kind", [RidgeLogistic, LassoLogistic, UnpenalisedLogistic])
def test_one_patient_who_counts_a_million_times_does_not_stop_a_fit(kind):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 3)), np.arange(200) % 5 < 2
    weight = np.where(np.arange(200) == 3, 1e6, 1.0)
    model = kind().fit(X, y, sample_weight=weight)
    risk = model.predict_proba(X)[:, 1]
    assert weight @ risk == pytest.approx(weight @ y, rel=1e-6)


def test_a_residual_that_is_no_number_is_said_in_words():
    assert not_converged(np.array([1.0, np.nan])).found.endswith("its residual is no finite number")
    assert "weights that differ very much" in not_converged(2.0).to_fix
