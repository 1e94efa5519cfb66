"""The door to Keras, on its JAX backend: networks to train in a fleet, and ordinary ones made of trained layers."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from clinpred.errors import ResourceRefused
from clinpred.models.risk_model import NetworkForm

Network = Any  # keras.Model: Keras ships no types


def keras_on_jax() -> Any:  # noqa: ANN401
    """Import Keras on JAX; on another backend its networks could not be compiled into one program."""
    chosen = os.environ.get("KERAS_BACKEND") or "jax"
    if chosen == "jax":
        os.environ["KERAS_BACKEND"] = "jax"
        import keras

        chosen = keras.backend.backend()
        if chosen == "jax":
            return keras
    raise ResourceRefused(
        "R-BACKEND",
        f"Keras uses its `{chosen}` backend in this process",
        expected="its `jax` backend",
        to_fix="start a new process with the environment variable KERAS_BACKEND=jax",
    )


def fleet_network(inputs: int, widths: Sequence[int], activation: str, *, drops: bool) -> Network:
    """Return the network that a fleet trains; with dropout, its further inputs are what is kept of each hidden signal.

    Its last input is always 1, and a bias is the weight of it. Its slope is then a product like the others: a sum over
    the rows would be rounded differently for a different number of members. Dropout comes from outside because its
    rate differs between members.
    """
    layers = keras_on_jax().layers
    design, kept = layers.Input((inputs,)), []
    one, signal = design[:, -1:], design
    for width in widths:
        signal = layers.Activation(activation)(layers.Dense(width, use_bias=False)(signal))
        if drops:
            kept.append(layers.Input((width,)))
            signal = layers.Multiply()([signal, kept[-1]])
        signal = layers.Concatenate()([signal, one])
    return keras_on_jax().Model([design, *kept], layers.Dense(1, use_bias=False)(signal))


def keras_models(form: NetworkForm, dropout: float = 0.0) -> list[Network]:
    """Return each network of a form as an ordinary Keras model: Dense, Activation and Dropout, then the log odds.

    Parameters
    ----------
    form : NetworkForm
        A fitted estimator's ``form_``.
    dropout : float from 0 to below 1
        Its ``dropout_``: Keras leaves units out while it trains, never while it predicts.

    Returns
    -------
    list of keras.Model
        Inputs of shape (n, p) as the form takes them, outputs of shape (n, 1); the form's log odds are their mean, to
        the accuracy of float32.

    Raises
    ------
    ResourceRefused
        R-BACKEND: Keras uses another backend than JAX in this process.
    """
    keras = keras_on_jax()
    return [_ordinary(keras, member, form.activation, dropout) for member in form.members]


def _ordinary(keras: Any, member: Sequence[Any], activation: str, dropout: float) -> Network:  # noqa: ANN401
    design = signal = keras.Input((len(member[0].kernel),))
    for layer in member[:-1]:
        signal = keras.layers.Dense(layer.bias.size)(signal)
        signal = keras.layers.Dropout(dropout)(keras.layers.Activation(activation)(signal))
    model = keras.Model(design, keras.layers.Dense(1)(signal))
    model.set_weights([part.astype(np.float32) for layer in member for part in (layer.kernel, layer.bias)])
    return model
