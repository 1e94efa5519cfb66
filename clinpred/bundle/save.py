"""Saving a model: the same model gives the same bytes."""

import hashlib
import io
import json
import zipfile

import numpy as np
from pydantic import TypeAdapter
from safetensors.numpy import save as to_safetensors

from clinpred.bundle.format import DESCRIPTION, FORMAT, MANIFEST, WEIGHTS, ModelCard, Plain, SavedModel, Tensors
from clinpred.errors import ModelFileRefused
from clinpred.models.risk_model import Form, LinearForm, NetworkForm

BEFORE_ALL_TIMES = (1980, 1, 1, 0, 0, 0)


def model_bytes(saved: SavedModel) -> bytes:
    """Return the model file's bytes.

    Raises
    ------
    ModelFileRefused
        The model's form is a function only and cannot be written down (M-FORM).
    """
    kind, tensors = form_numbers(saved.model.form)
    description: Plain = {
        "name": saved.model.name,
        "form": kind,
        "preparation": saved.model.preparation.to_plain(),
        "card": TypeAdapter(ModelCard).dump_python(saved.card, mode="json"),
    }
    members = {
        DESCRIPTION: json.dumps(description, indent=1, ensure_ascii=False, allow_nan=False).encode(),
        WEIGHTS: to_safetensors(tensors),
    }
    manifest = {
        "format": FORMAT,
        "made_by": f"clinpred {saved.card.version}",
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in members.items()},
    }
    return _zipped({MANIFEST: json.dumps(manifest, indent=1).encode(), **members})


def form_numbers(form: Form) -> tuple[str, Tensors]:
    """Return a form's kind, and its numbers by the name they have in the model file.

    Raises
    ------
    ModelFileRefused
        The form is a function only and cannot be written down (M-FORM).
    """
    if isinstance(form, LinearForm):
        return "linear", {
            "intercept": np.array([form.intercept]),
            "coefficients": np.ascontiguousarray(form.coefficients),
        }
    if isinstance(form, NetworkForm):
        kind = "network" if form.activation == "relu" else f"network of {form.activation}"
        return kind, {
            f"member.{member}.layer.{place}.{part}": np.ascontiguousarray(getattr(layer, part), dtype=np.float64)
            for member, layers in enumerate(form.members)
            for place, layer in enumerate(layers)
            for part in ("kernel", "bias")
        }
    raise ModelFileRefused(
        "M-FORM",
        "this model is known only by its function",
        expected="a logistic model or a network",
        to_fix="save another model of the run",
    )


def _zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, BEFORE_ALL_TIMES), content)
    return buffer.getvalue()
