"""The sum of a cluster's coefficients over replicates: steady where its members trade weight."""

import numpy as np
import pytest

from clinpred.validation.ranks import DesignColumns, summed_spreads


def test_members_that_trade_weight_have_a_steady_sum():
    rng = np.random.default_rng(1)
    moved = rng.normal(0, 0.3, 400)
    replicates = [{"a": 0.5 + one, "b": 0.5 - one} for one in moved]
    design = DesignColumns(("a", "b"), ("a", "b"), np.eye(2), ({"a": 1, "b": 1},))
    (found,) = summed_spreads({"a": 0.6, "b": 0.4}, replicates, design)
    assert found.estimate == pytest.approx(1.0)
    assert (found.lower, found.upper) == (pytest.approx(1.0), pytest.approx(1.0))


def test_what_goes_against_the_first_counts_negatively_and_per_development_sd():
    design = DesignColumns(("a", "b", "c"), ("a", "b", "c"), np.diag([1.0, 4.0, 1.0]), ({"a": 1, "b": -1},))
    replicates = [{"a": 0.1 * k, "b": -0.2, "c": 9.0} for k in range(5)] + [{"b": -0.2}]
    (found,) = summed_spreads({"a": 1.0, "b": -0.5, "c": 3.0}, replicates, design)
    assert found.columns == ("a", "b")
    assert found.estimate == pytest.approx(1.0 + 1.0)
    drawn = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.0]) + 0.4
    assert [found.lower, found.upper] == pytest.approx(np.quantile(drawn, [0.025, 0.975]).tolist())


def test_a_separated_model_has_a_spread_and_no_sum_of_its_own():
    design = DesignColumns(("a",), ("a",), np.eye(1), ({"a": 1},))
    (found,) = summed_spreads(None, [{"a": 1.0}], design)
    assert (found.estimate, found.lower, found.upper) == (None, 1.0, 1.0)
