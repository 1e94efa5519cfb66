"""Which predictors go together, and how numbers bend, beside Hmisc, car and rms: part of the table of agreement."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from reference_numbers import Agreement, entries, furthest, table

from clinpred.models import UnpenalisedLogistic
from clinpred.predictors.clusters import merges
from clinpred.predictors.collinearity import condition_indices, variance_inflation
from clinpred.predictors.preparation import Preparation
from clinpred.records.types import PredictorType
from clinpred.settings.recipe import Recipe
from clinpred.splines import harrell_knots, restricted_cubic_basis


def together() -> Iterator[Agreement]:
    """Compare heights of merges, variance inflation and condition indices."""
    for name, expected in entries("09_varclus"):
        if "height" in expected and "hoeffding" not in name:
            heights = merges(np.array(expected["similarity"]["values"]))[:, 2]
            yield furthest("heights of merges", f"09_varclus {name}", expected["height"], heights)
    for name, expected in entries("09_collinearity"):
        if "vif_ols_car" in expected:
            rows = table(name)
            design = np.column_stack([rows[column] for column in expected["vif_ols_car"]])
            theirs = list(expected["vif_ols_car"].values())
            yield furthest("variance inflation", f"09_collinearity {name}", theirs, variance_inflation(design))
            indices = expected["belsley_scaled_condition_indices_with_intercept"]
            found = condition_indices(np.column_stack([np.ones(len(rows)), design])).index
            yield furthest("condition indices", f"09_collinearity {name}", indices, found)


def bent() -> Iterator[Agreement]:
    """Compare knots and bases of splines, and the coefficients of a model in which a preparation bends two numbers."""
    rows = table("pima_tr")
    for name, expected in entries("15_rcs"):
        if name.startswith("glu_k"):
            knots = harrell_knots(rows["glu"], len(expected["knots"]))
            yield furthest("knots", f"15_rcs {name}", expected["knots"], knots)
            basis = restricted_cubic_basis(rows["glu"], knots)[:10]
            theirs = np.array(expected["basis_first10"]).ravel()
            yield furthest("restricted cubic basis", f"15_rcs {name}", theirs, basis.ravel())
        else:
            frame = pd.DataFrame({column: rows[column] for column in ("glu", "age", "bmi")})
            kinds = dict.fromkeys(frame, PredictorType("number"))
            recipe = Recipe(knots={"glu": 4, "age": 4})
            found = Preparation.learn(frame, kinds, np.arange(len(frame)), recipe=recipe)
            model = UnpenalisedLogistic().fit(found.apply(frame), rows["type"])
            theirs = list(expected["coef"].values())[1:]
            yield furthest("coefficients of splines", f"15_rcs {name}", theirs, model.coef_[0] / np.array(found.sd))
