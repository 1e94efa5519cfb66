"""Which columns of a cluster are summed up."""

import numpy as np
import pandas as pd

from clinpred.models.development import Prepared
from clinpred.predictors.preparation import Preparation
from clinpred.records.types import PredictorType
from clinpred.settings.recipe import Recipe
from clinpred.study.correlation import summed_columns


def prepared(**knots):
    rng = np.random.default_rng(1)
    crea = rng.normal(0, 1, 300)
    urea = -crea + rng.normal(0, 0.3, 300)
    urea[:20] = np.nan
    table = pd.DataFrame({"crea": crea, "urea": urea})
    kinds = dict.fromkeys(table, PredictorType("number"))
    preparation = Preparation.learn(table, kinds, np.arange(300), recipe=Recipe(knots=knots))
    return Prepared(preparation, preparation.apply(table), rng.integers(0, 2, 300).astype(float), np.arange(300))


def test_what_goes_against_the_first_counts_negatively_and_indicators_do_not_count():
    assert summed_columns(("crea", "urea"), prepared()) == {"crea": 1, "urea": -1}


def test_terms_of_a_spline_are_not_summed_up():
    assert summed_columns(("crea", "urea"), prepared(urea=4)) == {}
