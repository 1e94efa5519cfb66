"""Loading a model file: only its known members are read, into memory, and only where their hashes agree."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as from_safetensors

from clinpred.bundle.format import (
    DESCRIPTION,
    FORMAT,
    LARGEST_MEMBER_BYTES,
    MANIFEST,
    MEMBERS,
    WEIGHTS,
    ModelCard,
    Plain,
    Plausible,
    SavedModel,
)
from clinpred.errors import InputRefused, ModelFileRefused
from clinpred.models.risk_model import Form, Layer, LinearForm, NetworkForm, RiskModel
from clinpred.predictors.preparation import Preparation
from clinpred.records.types import PredictorType


def load_model(path: Path) -> SavedModel:
    """Load a model file.

    Raises
    ------
    InputRefused
        There is no such file (E-NOT-FOUND).
    ModelFileRefused
        It is no model file, damaged (M-INTEGRITY), or of a newer format (M-VERSION).
    """
    try:
        content = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        raise InputRefused(
            "E-NOT-FOUND",
            f"{path.name}: there is no such model file",
            expected="a model.clinpred that `clinpred run` made",
            to_fix="check the path",
        ) from None
    members = _members(content, path.name)
    try:
        return _model(json.loads(members[DESCRIPTION]), from_safetensors(members[WEIGHTS]))
    except (KeyError, TypeError, ValueError, SafetensorError) as fault:
        raise _damaged(path.name, "its description cannot be understood") from fault


def _members(content: bytes, name: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if tuple(archive.namelist()) != MEMBERS:
                raise _damaged(name, "its members are not those of a model file")
            if any(member.file_size > LARGEST_MEMBER_BYTES for member in archive.infolist()):
                raise _damaged(name, "a member is larger than any model needs")
            members = {member: archive.read(member) for member in MEMBERS}
        manifest = json.loads(members[MANIFEST])
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError) as fault:
        if isinstance(fault, ModelFileRefused):
            raise
        raise _damaged(name, "it is not a model file, or was cut short") from None
    _check(manifest, members, name)
    return members


def _check(manifest: Plain, members: dict[str, bytes], name: str) -> None:
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise _damaged(name, "its manifest cannot be understood")
    if manifest["format"] > FORMAT:
        raise ModelFileRefused(
            "M-VERSION",
            f"{name}: made by a newer clinpred (format {manifest['format']})",
            expected=f"format {FORMAT} or older",
            to_fix="update clinpred",
        )
    hashes = {member: hashlib.sha256(members[member]).hexdigest() for member in (DESCRIPTION, WEIGHTS)}
    if manifest.get("sha256") != hashes:
        raise _damaged(name, "its content is not what was saved: the hashes differ")


def _model(description: Plain, tensors: dict[str, NDArray[np.float64]]) -> SavedModel:
    card: dict[str, Any] = description["card"]
    card["kinds"] = {
        name: PredictorType(kind["kind"], tuple(kind["levels"]), kind["unit"]) for name, kind in card["kinds"].items()
    }
    card["ranges"] = {name: Plausible(**limits) for name, limits in card["ranges"].items()}
    preparation = Preparation.from_plain(description["preparation"])
    form = _form(description["form"], tensors)
    return SavedModel(RiskModel(description["name"], preparation, form), ModelCard(**card))


def _form(kind: str, tensors: dict[str, NDArray[np.float64]]) -> Form:
    if kind == "linear":
        return LinearForm(float(tensors["intercept"][0]), tensors["coefficients"])
    n_members = 1 + max(int(name.split(".")[1]) for name in tensors)
    n_layers = 1 + max(int(name.split(".")[3]) for name in tensors)
    return NetworkForm(
        tuple(
            tuple(
                Layer(*(tensors[f"member.{member}.layer.{place}.{part}"] for part in ("kernel", "bias")))
                for place in range(n_layers)
            )
            for member in range(n_members)
        )
    )


def _damaged(name: str, what: str) -> ModelFileRefused:
    return ModelFileRefused(
        "M-INTEGRITY",
        f"{name}: {what}",
        expected="a model.clinpred, unchanged since `clinpred run` made it",
        to_fix="copy the file again from where it was made",
    )
