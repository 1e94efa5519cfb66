"""A development procedure over a design matrix that is ready: every resample fits the estimators again, no more."""

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.models.procedure import Ints, Refit, Refits
from clinpred.models.risk_model import Array
from clinpred.performance.names import numbered_patients
from clinpred.performance.rows import as_numbers, checked_outcome
from clinpred.settings.arguments import refuse_unless
from clinpred.settings.counts import counted


@runtime_checkable
class Refittable(Protocol):
    """An estimator that can choose and fit as ``fit`` does and describe less: the same form, sooner."""

    def refit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        patients: ArrayLike | None = None,
    ) -> Self:
        """Choose and fit as ``fit`` does; what only a reader of the fit would want may be missing."""
        ...


class MatrixProcedure:
    """Estimators over a ready design matrix, as a ``Procedure``.

    What made the matrix is not resampled with it. It fits designs that learn nothing from the patients; where columns
    were imputed, selected or scaled by them, the procedure that does so belongs inside.

    Parameters
    ----------
    estimators : mapping of model to estimator
        Unfitted estimators of ``clinpred.models``; where one has a ``random_state``, each resample sets it.
    X : array_like, shape (n, p)
        Finite predictors.
    y : array_like, shape (n,)
        0 (no event) or 1 (event).
    patients : array_like, shape (n,), optional
        The patient of each row; without it every row is a patient.
    columns : sequence of str, optional
        Names of the columns; by default ``x1``, ``x2``, …
    as_wide_as : mapping of model to model, optional
        Networks that take the widths that another network of the procedure chose.

    Raises
    ------
    InputRefused
        ``E-NUMBER``, ``E-NOT-FINITE``, ``E-OUTCOME-VALUES``: predictors that are no numbers, or an outcome other than 0
        and 1. ``E-LENGTH``: not one outcome and one patient a row, or not one name a column. ``E-MISSING``,
        ``E-MIXED``: rows that name no patient, or patients of different kinds. ``E-DUP-HEADER``: two columns of one
        name.
    WrongUsage
        ``E-SETTING``: not a mapping of model to unfitted estimator.

    Examples
    --------
    >>> from clinpred.models import UnpenalisedLogistic
    >>> X, y = [[0.0], [1.0], [0.0], [1.0], [1.0], [0.0]], [0, 1, 1, 1, 0, 0]
    >>> procedure = MatrixProcedure({"logistic": UnpenalisedLogistic()}, X, y)
    >>> refit = procedure.refit(np.ones(6, dtype=np.int64), seed=0).models["logistic"]
    >>> round(refit.coefficients["x1"], 4)
    1.3863
    """

    def __init__(
        self,
        estimators: Mapping[str, Any],
        X: ArrayLike,
        y: ArrayLike,
        patients: ArrayLike | None = None,
        *,
        columns: Sequence[str] | None = None,
        as_wide_as: Mapping[str, str] | None = None,
    ) -> None:
        self.design: Array = np.ascontiguousarray(as_numbers("X", X))
        self.outcome = checked_outcome(y)
        self._refuse_unequal()
        self.columns = _checked_columns(columns, self.design.shape[1])
        rows = self.outcome.size
        numbers = np.arange(rows) if patients is None else numbered_patients(patients, rows)[0]
        self.patients: Ints = numbers.astype(np.int64)
        self.estimators = _checked_estimators(estimators)
        self.models = tuple(self.estimators)
        self.as_wide_as = dict(as_wide_as or {})

    def refit(self, counts: Ints, *, seed: int) -> Refits:
        """Fit every estimator on the rows drawn, each weighted by how often it was."""
        drawn = counts > 0
        rows = (self.design[drawn], self.outcome[drawn], counts[drawn].astype(np.float64), self.patients[drawn])
        models: dict[str, Refit] = {}
        refused: dict[str, StatisticalRefusal] = {}
        fresh = {name: _seeded(estimator, seed) for name, estimator in self.estimators.items()}
        for name in sorted(fresh, key=self.as_wide_as.__contains__):
            other = self.as_wide_as.get(name)
            if other in models:
                fresh[name].set_params(hidden=fresh[other].hidden_)
            try:
                models[name] = self._refit(fresh[name], rows)
            except StatisticalRefusal as refusal:
                refused[name] = refusal
        return Refits(models, refused)

    def _refit(self, estimator: Any, rows: tuple[Array, Array, Array, Ints]) -> Refit:  # noqa: ANN401
        predictors, outcome, weight, patients = rows
        fit = estimator.refit if isinstance(estimator, Refittable) else estimator.fit
        fit(predictors, outcome, sample_weight=weight, patients=patients)
        networks, searched = self._networks(estimator)
        separated = bool(getattr(estimator, "separated_", False))
        return Refit(
            estimator.decision_function(self.design),
            None if separated else _named(self.columns, getattr(estimator, "coef_", None)),
            getattr(estimator, "strength_", None),
            getattr(estimator, "l1_share_", None),
            separated,
            networks,
            searched,
        )

    def _networks(self, estimator: Any) -> tuple[Array | None, Array | None]:  # noqa: ANN401
        """Return the log odds by each of several networks, and how the settings of their search did."""
        training = getattr(estimator, "training_", None)
        if training is None or not training.grid:
            return None, None
        losses = [member.choosing for member in training.members if member.chosen_by == "search"]
        searched = np.array(losses).reshape(len(training.grid), training.rotations)
        return estimator.form_.linear_predictors(self.design), searched

    def _refuse_unequal(self) -> None:
        rows = self.outcome.size
        if self.design.ndim != 2 or len(self.design) != rows:
            raise InputRefused(
                "E-LENGTH",
                f"a design of shape {self.design.shape} and {counted(rows, 'outcome')}",
                expected="a table with one row for each outcome",
                to_fix="hand in arrays of the same rows, in the order (X, y)",
            )


def _checked_columns(columns: Sequence[str] | None, width: int) -> tuple[str, ...]:
    if columns is None:
        return tuple(f"x{number + 1}" for number in range(width))
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    if len(names) != width:
        raise InputRefused(
            "E-LENGTH",
            f"{counted(len(names), 'column name')} for {counted(width, 'column')}",
            expected="one name a column",
            to_fix="name every column of X once",
        )
    if len(set(names)) != width:
        raise InputRefused(
            "E-DUP-HEADER",
            f"{width - len(set(names))} of {counted(width, 'column name')} given to another column as well",
            expected="columns of different names",
            to_fix="name every column of X once",
        )
    return names


def _checked_estimators(estimators: Mapping[str, Any]) -> dict[str, Any]:
    fits = isinstance(estimators, Mapping) and all(
        not isinstance(one, type) and hasattr(one, "fit") and hasattr(one, "get_params") for one in estimators.values()
    )
    refuse_unless("estimators", "unfitted estimators by the name of their model", right=fits)
    return dict(estimators)


def _seeded(estimator: Any, seed: int) -> Any:  # noqa: ANN401  # a scikit-learn estimator
    fresh = clone(estimator)
    return fresh.set_params(random_state=seed) if "random_state" in signature(type(fresh)).parameters else fresh


def _named(columns: tuple[str, ...], coefficients: Array | None) -> dict[str, float] | None:
    return None if coefficients is None else dict(zip(columns, coefficients[0].tolist(), strict=True))
