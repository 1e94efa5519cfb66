"""What an estimator learns from: checked predictors, two classes, positive weights, whose row each is."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pandas import isna
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.utils import get_tags
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    column_or_1d,
    validate_data,
)

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.models.design import Predictors, Sparse, row_blocks
from clinpred.models.likelihood import Problem, standardised_problem
from clinpred.models.risk_model import Array

Ints = NDArray[np.int64]

_FEWEST_ROWS = 3


@dataclass(frozen=True)
class Rows:
    """What is learnt from: raw predictors (n, p), dense or sparse, outcome (n,) in 0 or 1, positive weights (n,)."""

    predictors: Predictors
    outcome: Array
    weight: Array

    def take(self, chosen: NDArray[np.bool_]) -> "Rows":
        """Return the chosen rows."""
        return Rows(self.predictors[chosen], self.outcome[chosen], self.weight[chosen])

    def problem(self) -> Problem:
        """Return the standardised problem."""
        return standardised_problem(self.predictors, self.outcome, self.weight)


def checked_predictors(estimator: BaseEstimator, X: ArrayLike) -> Predictors:
    """Return predictors (n, p) for a fitted estimator, refused unless finite and of the columns learnt from.

    A sparse matrix stays sparse, in compressed rows, where the estimator's tags say that it takes one.
    """
    with _in_house_form():
        predictors = validate_data(estimator, X, reset=False, **_as_floats(estimator, X))
    _refuse_not_finite(predictors)
    return predictors


def _as_floats(estimator: BaseEstimator, X: ArrayLike) -> dict[str, Any]:
    takes_sparse = get_tags(estimator).input_tags.sparse
    if issparse(X) and not takes_sparse:
        raise InputRefused(
            "E-DESIGN",
            "X is sparse, and this model takes dense predictors only",
            expected="a dense table of finite numbers",
            to_fix="make it dense by X.toarray()",
        )
    return {"dtype": np.float64, "ensure_all_finite": False, "accept_sparse": "csr" if takes_sparse else False}


def checked_rows(
    estimator: BaseEstimator,
    X: ArrayLike,
    y: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    patients: ArrayLike | None = None,
) -> tuple[NDArray[Any], Rows, Ints | None]:
    """Return the two classes, the rows of positive weight with outcome 0 or 1, and whose row each is.

    Raises
    ------
    InputRefused
        E-NOT-FINITE, E-DESIGN: not two-dimensional finite numbers, or not one label, weight and patient a row.
    StatisticalRefusal
        S-FEW-ROWS, S-ONE-CLASS, S-NOT-BINARY, S-NO-PREDICTOR.
    """
    with _in_house_form():
        predictors, labels = validate_data(estimator, X, y, **_as_floats(estimator, X))
        kind = type_of_target(labels, input_name="y", raise_unknown=True)
        weight = _check_sample_weight(sample_weight, predictors, dtype=np.float64, ensure_non_negative=True)
        codes = _patient_codes(patients, labels)
    _refuse_not_finite(predictors)
    counted = weight > 0
    classes, outcome = np.unique(labels[counted], return_inverse=True)
    _refuse_not_two_classes(kind, outcome.size, classes.size)
    if not counted.all():
        predictors, weight = predictors[counted], weight[counted]
        codes = None if codes is None else codes[counted]
    _refuse_all_constant(predictors)
    return classes, Rows(predictors, outcome.astype(np.float64), weight), codes


def _patient_codes(patients: ArrayLike | None, labels: NDArray[Any]) -> Ints | None:
    if patients is None:
        return None
    names = column_or_1d(patients)
    check_consistent_length(labels, names)
    unnamed = int(np.count_nonzero(isna(names)))
    if unnamed:
        raise InputRefused(
            "E-MISSING",
            f"patients: {unnamed} of {names.size} rows name no patient",
            expected="the patient of every row",
            to_fix="complete the patient column, or leave those rows out and say so",
        )
    try:
        return np.unique(names, return_inverse=True)[1]
    except TypeError:
        raise InputRefused(
            "E-MIXED",
            "patients: some are named by numbers and others by text, or by nothing",
            expected="one kind of name for every patient",
            to_fix="name each row's patient by text, or each by a number",
        ) from None


_CELLS = re.compile(r":\s*array=.*?\]\.(?=\s)", re.DOTALL)
_MORE_CELLS = re.compile(r":?\s*(array\(|\[).*", re.DOTALL)


@contextmanager
def _in_house_form() -> Iterator[None]:
    """Turn scikit-learn's ValueErrors into ours; its words stay, unless they quote a cell."""
    try:
        yield
    except InputRefused:
        raise
    except ValueError as fault:
        quotes_a_cell = "could not convert" in str(fault)
        without_cells = _MORE_CELLS.sub("", _CELLS.sub("", str(fault)))
        raise InputRefused(
            "E-DESIGN",
            "a predictor, label or weight is not a number" if quotes_a_cell else without_cells,
            expected="a table of finite numbers, one label and one weight of at least 0 a row",
            to_fix="prepare the predictors (encode categories, impute what is missing) before the fit",
        ) from None


def _refuse_not_finite(predictors: Predictors) -> None:
    spoilt = _count_spoilt(predictors)
    if spoilt:
        raise InputRefused(
            "E-NOT-FINITE",
            f"X has NaN or inf in {spoilt} of {predictors.shape[1]} predictors",
            expected="finite numbers",
            to_fix="impute what is missing and correct infinite values before the fit",
        )


def _count_spoilt(predictors: Predictors) -> int:
    if issparse(predictors):
        stored: Sparse = predictors
        return np.unique(stored.indices[~np.isfinite(stored.data)]).size
    finite = np.ones(predictors.shape[1], dtype=bool)
    for block in row_blocks(*predictors.shape):
        finite &= np.isfinite(predictors[block]).all(axis=0)
    return int(np.count_nonzero(~finite))


def _refuse_not_two_classes(kind: str, n_rows: int, n_classes: int) -> None:
    if n_rows < _FEWEST_ROWS:
        raise StatisticalRefusal(
            "S-FEW-ROWS",
            f"{n_rows} sample{'' if n_rows == 1 else 's'} of positive weight",
            expected=f"at least {_FEWEST_ROWS} rows",
            to_fix="gather more patients",
        )
    if n_classes == 1:
        raise StatisticalRefusal(
            "S-ONE-CLASS",
            f"{n_rows} rows, all of one class",
            expected="rows of two classes, with and without the event",
            to_fix="check how the outcome is defined, and whether the weights leave out a class",
        )
    if kind != "binary" and n_classes != 2:
        raise StatisticalRefusal(
            "S-NOT-BINARY",
            f"Only binary classification is supported. The type of the target is {kind}.",
            expected="two classes, with and without the event",
            to_fix="define an outcome that happened or did not",
        )


def _refuse_all_constant(predictors: Predictors) -> None:
    if _is_constant(predictors):
        raise StatisticalRefusal(
            "S-NO-PREDICTOR",
            f"no predictor varies ({predictors.shape[1]} given)",
            expected="at least one predictor that differs between patients",
            to_fix="add predictors, or report the prevalence alone",
        )


def _is_constant(predictors: Predictors) -> bool:
    if issparse(predictors):
        return bool((predictors.max(axis=0) != predictors.min(axis=0)).nnz == 0)
    return all((predictors[block] == predictors[0]).all() for block in row_blocks(*predictors.shape))
