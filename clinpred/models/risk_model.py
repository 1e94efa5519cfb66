"""A developed model as plain frozen data: a preparation and a form. NumPy and pandas only, so that it travels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from clinpred.predictors.preparation import Preparation

Array = NDArray[np.float64]


class Form(Protocol):
    """What turns a standardised design matrix into linear predictors."""

    def linear_predictor(self, design: Array) -> Array:
        """Return the log odds, shape (n,), of a design matrix of shape (n, p)."""
        ...


@dataclass(frozen=True)
class LinearForm:
    """Intercept and one coefficient a design column, both on the standardised scale."""

    intercept: float
    coefficients: Array

    def linear_predictor(self, design: Array) -> Array:
        """Return intercept + design @ coefficients."""
        linear_predictor: Array = self.intercept + design @ self.coefficients
        return linear_predictor


@dataclass(frozen=True)
class Layer:
    """One dense layer: kernel of shape (inputs, units) and bias of shape (units,)."""

    kernel: Array
    bias: Array


def _relu(signal: Array) -> Array:
    return np.maximum(signal, 0.0)


def _elu(signal: Array) -> Array:
    return np.where(signal > 0.0, signal, np.expm1(np.minimum(signal, 0.0)))


def _silu(signal: Array) -> Array:
    return signal * risk_of(signal)


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {"relu": _relu, "tanh": np.tanh, "elu": _elu, "silu": _silu}
"""What may stand between the layers of a network, by Keras's names. All of them are 0 at 0."""


@dataclass(frozen=True)
class NetworkForm:
    """Networks of the same shape whose log odds are averaged; an activation between layers, one unit at the end."""

    members: tuple[tuple[Layer, ...], ...]
    activation: str = "relu"

    def linear_predictor(self, design: Array) -> Array:
        """Return the mean over members of each network's log odds."""
        mean: Array = self.linear_predictors(design).mean(axis=0)
        return mean

    def linear_predictors(self, design: Array) -> Array:
        """Return each member's log odds, shape (members, n)."""
        between = ACTIVATIONS[self.activation]
        return np.array([_forward(layers, design, between) for layers in self.members])


@dataclass(frozen=True)
class OpaqueForm:
    """A form known only by its function: it predicts within a run and cannot be saved."""

    function: Callable[[Array], Array]

    def linear_predictor(self, design: Array) -> Array:
        """Return the function's log odds."""
        return self.function(design)


@dataclass(frozen=True)
class RiskModel:
    """The preparation learnt on development patients, and the form fitted on its design matrix."""

    name: str
    preparation: "Preparation"
    form: Form

    def linear_predictor(self, predictors: "pd.DataFrame") -> Array:
        """Return the log odds of each row, shape (n,)."""
        return self.form.linear_predictor(self.preparation.apply(predictors))

    def risk(self, predictors: "pd.DataFrame") -> Array:
        """Return the predicted risk of each row, shape (n,), in 0 to 1."""
        return risk_of(self.linear_predictor(predictors))


def risk_of(linear_predictor: Array) -> Array:
    """Return the risk 1 / (1 + exp(-linear predictor)), without overflow at either end."""
    small = np.exp(-np.abs(linear_predictor))
    risk: Array = np.where(linear_predictor >= 0, 1.0, small) / (1.0 + small)
    return risk


def _forward(layers: tuple[Layer, ...], design: Array, between: Callable[[Array], Array]) -> Array:
    signal = design
    for layer in layers[:-1]:
        signal = between(signal @ layer.kernel + layer.bias)
    return (signal @ layers[-1].kernel + layers[-1].bias)[:, 0]
