"""Whether the parts of a loaded model fit each other: what would otherwise fail, or mislead, when it is applied."""

import math
from collections.abc import Sequence

import numpy as np

from clinpred.bundle.format import ModelCard, Plausible, SavedModel, Tensors
from clinpred.bundle.save import form_numbers
from clinpred.models.risk_model import Form, Layer, LinearForm, NetworkForm
from clinpred.predictors.chained import Chained
from clinpred.predictors.preparation import Preparation
from clinpred.predictors.reduction import Component


def fits(saved: SavedModel, tensors: Tensors) -> bool:
    """Whether the form takes what the preparation makes, the card knows its predictors, and every number is finite."""
    preparation, form = saved.model.preparation, saved.model.form
    return (
        _is_whole(preparation)
        and _is_known(saved.card, preparation)
        and all(tensor.dtype == np.float64 and bool(np.isfinite(tensor).all()) for tensor in tensors.values())
        and _names_and_shapes(form_numbers(form)[1]) == _names_and_shapes(tensors)
        and _takes(form, len(preparation.columns))
    )


def _is_whole(preparation: Preparation) -> bool:
    made = [name for rule in preparation.rules for name in rule.column_names]
    medians = [rule.median for rule in preparation.rules if rule.kind != "category"]
    components = preparation.components
    of_components = [number for one in components for number in (*one.mean, *one.sd, *one.loadings)]
    knots = [rule.knots for rule in preparation.rules if rule.kind == "number" and rule.knots]
    numbers = [*medians, *(knot for one in knots for knot in one), *preparation.mean, *preparation.sd, *of_components]
    return (
        set(preparation.columns) <= {*made, *(one.name for one in components)}
        and len({*made, *(one.name for one in components)}) == len(made) + len(components)
        and all(_is_component(one, made) for one in components)
        and (preparation.chained is None or _is_chain(preparation.chained, preparation))
        and {len(preparation.sources), len(preparation.mean), len(preparation.sd)} == {len(preparation.columns)}
        and all(isinstance(number, float) and math.isfinite(number) for number in numbers)
        and all(sd > 0 for sd in preparation.sd)
        and all(len(one) > 2 and list(one) == sorted(set(one)) for one in knots)
    )


def _is_component(component: Component, made: Sequence[str]) -> bool:
    lengths = {len(component.mean), len(component.sd), len(component.loadings)}
    return (
        set(component.columns) <= set(made)
        and lengths == {len(component.columns)}
        and all(sd > 0 for sd in component.sd)
    )


def _is_chain(chained: Chained, preparation: Preparation) -> bool:
    own = {rule.predictor: rule.recorded_columns for rule in preparation.rules}
    columns = [name for names in own.values() for name in names]
    rows = [row for one in chained.equations for row in one.coefficients]
    numbers = [*chained.mean, *chained.sd, *(number for row in rows for number in row)]
    return (
        list(chained.columns) == columns
        and {len(chained.mean), len(chained.sd)} == {len(columns)}
        and {one.predictor: one.columns for one in chained.equations} == own
        and len(chained.equations) == len(own)
        and all(one.kind in {"line", "levels"} for one in chained.equations)
        and all(len(one.coefficients) == len(one.columns) for one in chained.equations)
        and {len(row) for row in rows} == {1 + len(columns)}
        and all(isinstance(number, float) and math.isfinite(number) for number in numbers)
        and all(sd > 0 for sd in chained.sd)
    )


def _is_known(card: ModelCard, preparation: Preparation) -> bool:
    numbers = {rule.predictor for rule in preparation.rules if rule.kind == "number"}
    return (
        all(card.kinds[rule.predictor].kind == rule.kind for rule in preparation.rules if rule.predictor in card.kinds)
        and set(preparation.predictors) == set(card.kinds)
        and set(card.ranges) <= numbers
        and all(_is_range(plausible) for plausible in card.ranges.values())
    )


def _is_range(plausible: Plausible) -> bool:
    return math.isfinite(plausible.lowest) and math.isfinite(plausible.highest) and plausible.lowest < plausible.highest


def _names_and_shapes(tensors: Tensors) -> dict[str, tuple[int, ...]]:
    return {name: tensor.shape for name, tensor in tensors.items()}


def _takes(form: Form, columns: int) -> bool:
    if isinstance(form, LinearForm):
        return form.coefficients.shape == (columns,)
    return isinstance(form, NetworkForm) and all(_chain(layers, columns) for layers in form.members)


def _chain(layers: Sequence[Layer], inputs: int) -> bool:
    """Whether each layer takes what the one before gives, and the last gives one number."""
    for layer in layers:
        if layer.kernel.ndim != 2 or layer.kernel.shape[0] != inputs or layer.bias.shape != layer.kernel.shape[1:]:
            return False
        inputs = layer.kernel.shape[1]
    return inputs == 1
