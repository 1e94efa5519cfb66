"""What an estimator learns from: checked predictors, two classes, positive weights, whose row each is."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.utils import get_tags
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _check_sample_weight, validate_data

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.models.design import Predictors, Sparse, row_blocks
from clinpred.models.likelihood import Problem, standardised_problem
from clinpred.models.risk_model import Array
from clinpred.performance.names import as_names, missing_names, numbered, numbered_patients
from clinpred.settings.counts import counted

Ints = NDArray[np.int64]

_FEWEST_ROWS = 3
# Weights farther apart than the optimality conditions are exact: the lighter rows would count for nothing.
_FARTHEST = 1e10


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
        E-NOT-FINITE, E-DESIGN: not two-dimensional finite numbers, or not one label and weight a row, or weights too
        far apart. E-LENGTH, E-MISSING, E-MIXED: not one patient a row, or labels or patients of different kinds.
    StatisticalRefusal
        S-FEW-ROWS, S-ONE-CLASS, S-NOT-BINARY, S-NO-PREDICTOR.
    """
    with _in_house_form():
        _refuse_mixed_labels(y)
        predictors, labels = validate_data(estimator, X, y, **_as_floats(estimator, X))
        kind = type_of_target(labels, input_name="y", raise_unknown=True)
        weight = _checked_weight(sample_weight, predictors)
    codes = None if patients is None else numbered_patients(patients, labels.size)[0]
    _refuse_not_finite(predictors)
    counted = weight > 0
    classes, outcome = np.unique(labels[counted], return_inverse=True)
    _refuse_not_two_classes(kind, outcome.size, classes.size)
    if not counted.all():
        predictors, weight = predictors[counted], weight[counted]
        codes = None if codes is None else codes[counted]
    _refuse_all_constant(predictors)
    return classes, Rows(predictors, outcome.astype(np.float64), weight), codes


def _refuse_mixed_labels(y: ArrayLike) -> None:
    """Refuse labels that have no order, and rows that have none; what is no row of labels is refused elsewhere."""
    labels = as_names(y)
    if labels.ndim != 1 or labels.dtype != object:
        return
    unlabelled = missing_names(labels)
    if unlabelled:
        raise InputRefused(
            "E-DESIGN",
            f"y: {unlabelled} of {labels.size} rows have no label",
            expected="a label for every row",
            to_fix="complete the outcome, or leave those rows out and say so",
        )
    numbered(labels, "labels")


def _checked_weight(sample_weight: ArrayLike | None, predictors: Predictors) -> Array:
    """Return the weight of each row; one that is far below the others would count for nothing in a fit."""
    weight: Array = _check_sample_weight(sample_weight, predictors, dtype=np.float64, ensure_non_negative=True)
    positive = weight[weight > 0]
    lightest, heaviest = (float(positive.min()), float(positive.max())) if positive.size else (1.0, 1.0)
    if heaviest / _FARTHEST > lightest:
        raise _bad_weights("some are too far above others", f"the largest at most {_FARTHEST:g} times the smallest")
    if lightest < sys.float_info.min or heaviest > sys.float_info.max / weight.size:
        raise _bad_weights("too small, or too large, to be added up", "weights whose sum exists in double precision")
    return weight


def _bad_weights(found: str, expected: str) -> InputRefused:
    return InputRefused(
        "E-DESIGN",
        f"sample_weight: {found}",
        expected=f"{expected}, those of 0 left aside",
        to_fix="give rows that should not count a weight of 0, and divide the others by their mean",
    )


_CELLS = re.compile(r":\s*array=.*?\]\.(?=\s)", re.DOTALL)
_MORE_CELLS = re.compile(r":?\s*(array\(|\[).*", re.DOTALL)


class _NotOfThisType(InputRefused, TypeError):
    """What scikit-learn's conventions want to be a TypeError too."""


@contextmanager
def _in_house_form() -> Iterator[None]:
    """Turn scikit-learn's errors into ours; its words stay, unless they quote a cell or speak of NumPy's insides."""
    try:
        yield
    except InputRefused:
        raise
    except (TypeError, ValueError) as fault:
        unclear = "could not convert" in str(fault) or "DType" in str(fault)
        without_cells = _MORE_CELLS.sub("", _CELLS.sub("", str(fault)))
        refused = _NotOfThisType if isinstance(fault, TypeError) else InputRefused
        raise refused(
            "E-DESIGN",
            "a predictor, label or weight is not a number" if unclear else without_cells,
            expected="a table of finite numbers, one label and one weight of at least 0 a row",
            to_fix="prepare the predictors (encode categories, impute what is missing) before the fit",
        ) from None


def _refuse_not_finite(predictors: Predictors) -> None:
    spoilt = _count_spoilt(predictors)
    if spoilt:
        raise InputRefused(
            "E-NOT-FINITE",
            f"X has NaN or inf in {spoilt} of {counted(predictors.shape[1], 'predictor')}",
            expected="finite numbers",
            to_fix="impute what is missing and correct infinite values before the fit",
        )


def _count_spoilt(predictors: Predictors) -> int:
    if issparse(predictors):
        stored: Sparse = predictors
        return np.unique(stored.indices[~np.isfinite(stored.data)]).size
    finite = np.ones(predictors.shape[1], dtype=bool)
    for block in row_blocks(*predictors.shape):
        sound = np.isfinite(predictors[block])
        if not sound.all():
            finite &= sound.all(axis=0)
    return int(np.count_nonzero(~finite))


def _refuse_not_two_classes(kind: str, n_rows: int, n_classes: int) -> None:
    if n_rows < _FEWEST_ROWS:
        raise StatisticalRefusal(
            "S-FEW-ROWS",
            f"{counted(n_rows, 'sample')} of positive weight",
            expected=f"at least {_FEWEST_ROWS} rows",
            to_fix="gather more patients",
        )
    if n_classes == 1:
        raise StatisticalRefusal(
            "S-ONE-CLASS",
            f"{counted(n_rows, 'row')}, all of one class",
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
