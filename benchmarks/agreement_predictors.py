"""Which predictors go together, beside Hmisc and car: part of the table of agreement."""

from collections.abc import Iterator

import numpy as np
from reference_numbers import Agreement, entries, furthest, table

from clinpred.predictors.clusters import merges
from clinpred.predictors.collinearity import condition_indices, variance_inflation


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
