"""Chained imputation against a known truth: no bias where complete cases have one, and intervals that cover."""

import numpy as np
import pandas as pd
import pytest

from clinpred.performance.rubin import pool
from clinpred.predictors.imputation import drawn_designs
from clinpred.predictors.preparation import Preparation
from clinpred.records.types import PredictorType
from clinpred.settings.recipe import Recipe

NUMBER = PredictorType("number")
SAMPLES, N, IMPUTATIONS = 150, 200, 8


def sample(rng):
    """Return x and y with E(y) = 2, and y missing the more often the larger x is: at random, given x."""
    x = rng.normal(0, 1, N)
    y = 2 + x + rng.normal(0, 1, N)
    return pd.DataFrame({"x": x, "y": np.where(rng.random(N) < 1 / (1 + np.exp(-1.5 * x)), np.nan, y)})


@pytest.mark.slow
def test_the_mean_of_a_number_that_is_missing_at_random_is_recovered_with_its_interval():
    rng = np.random.default_rng(20)
    covered, complete, pooled = 0, [], []
    for _ in range(SAMPLES):
        table = sample(rng)
        preparation = Preparation.learn(
            table, dict.fromkeys(table, NUMBER), np.arange(N), recipe=Recipe(imputation="chained")
        )
        place = preparation.columns.index("y")
        drawn = [drawn_designs(preparation, table, table, rng)[0][:, place] for _ in range(IMPUTATIONS)]
        values = np.array(drawn) * preparation.sd[place] + preparation.mean[place]
        found = pool(values.mean(axis=1), values.var(axis=1, ddof=1) / N, complete_df=N - 1)
        covered += found.lower <= 2 <= found.upper
        complete.append(table["y"].mean())
        pooled.append(found.estimate)
    # Complete cases are those of small x: their mean is off by more than a quarter of a standard deviation.
    assert np.mean(complete) < 2 - 0.4
    assert np.mean(pooled) == pytest.approx(2, abs=3 * np.std(pooled) / np.sqrt(SAMPLES))
    # 95 % of 150, within three binomial standard errors.
    assert abs(covered / SAMPLES - 0.95) < 3 * np.sqrt(0.95 * 0.05 / SAMPLES)
