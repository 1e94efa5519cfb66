"""Loading a model file: only its known members are read, into memory, and only where their hashes agree."""

import hashlib
import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from safetensors import SafetensorError
from safetensors.numpy import load as from_safetensors

from clinpred.bundle.fit import fits
from clinpred.bundle.format import (
    DESCRIPTION,
    FORMAT,
    LARGEST_MEMBER_BYTES,
    MANIFEST,
    MEMBERS,
    WEIGHTS,
    ModelCard,
    Plain,
    SavedModel,
    Tensors,
)
from clinpred.errors import InputRefused, ModelFileRefused, ResourceRefused
from clinpred.models.risk_model import ACTIVATIONS, Form, Layer, LinearForm, NetworkForm, RiskModel
from clinpred.predictors.preparation import Preparation

_NOT_A_ZIP = (zipfile.BadZipFile, struct.error, NotImplementedError, EOFError, ValueError, RuntimeError, OSError)
_NOT_A_DESCRIPTION = (LookupError, AttributeError, TypeError, ValueError, RecursionError, SafetensorError)


def load_model(path: Path) -> SavedModel:
    """Load a model file.

    Raises
    ------
    InputRefused
        There is no such file (E-NOT-FOUND).
    ModelFileRefused
        It is no model file, damaged (M-INTEGRITY), or of a newer format (M-VERSION).
    """
    members = _members(_content(path), path.name)
    try:
        tensors = from_safetensors(members[WEIGHTS])
        saved = _model(_strict_json(members[DESCRIPTION]), tensors)
    except _NOT_A_DESCRIPTION as fault:
        raise _damaged(path.name, "its description cannot be understood") from fault
    if not fits(saved, tensors):
        raise _damaged(path.name, "its numbers do not fit its predictors")
    return saved


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise InputRefused(
            "E-NOT-FOUND",
            f"{path.name}: there is no such model file",
            expected="a model.clinpred that `clinpred run` made",
            to_fix="check the path",
        ) from None
    except OSError as fault:
        raise ResourceRefused(
            "R-PATH",
            f"{path.name}: cannot be opened ({fault.strerror})",
            expected="a file that may be read",
            to_fix="check the path and its permissions",
        ) from None


def _members(content: bytes, name: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if tuple(archive.namelist()) != MEMBERS:
                raise _damaged(name, "its members are not those of a model file")
            if not all(_is_plain(member) for member in archive.infolist()):
                raise _damaged(name, "a member is compressed, or larger than any model needs")
            members = {member: archive.read(member) for member in MEMBERS}
        manifest = _strict_json(members[MANIFEST])
    except ModelFileRefused:
        raise
    except _NOT_A_ZIP:
        raise _damaged(name, "it is not a model file, or was cut short") from None
    _check(manifest, members, name)
    return members


def _is_plain(member: zipfile.ZipInfo) -> bool:
    return member.compress_type == zipfile.ZIP_STORED and member.file_size <= LARGEST_MEMBER_BYTES


def _strict_json(text: bytes) -> Any:  # noqa: ANN401  # whatever JSON holds
    """Read JSON that every reader understands alike: no name twice in an object, no number that is none."""
    return json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_number)


def _once_each(pairs: list[tuple[str, Any]]) -> Plain:
    once = dict(pairs)
    if len(once) < len(pairs):
        raise ValueError("a name stands twice in an object")
    return once


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON")


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


def _model(description: Plain, tensors: Tensors) -> SavedModel:
    preparation = Preparation.from_plain(description["preparation"])
    form = _form(description["form"], tensors)
    card = TypeAdapter(ModelCard).validate_python(description["card"])
    return SavedModel(RiskModel(description["name"], preparation, form), card)


def _form(kind: str, tensors: Tensors) -> Form:
    if kind == "linear":
        return LinearForm(float(tensors["intercept"][0]), tensors["coefficients"])
    activation = "relu" if kind == "network" else kind.removeprefix("network of ")
    if activation not in ACTIVATIONS:
        raise ValueError("neither a logistic model nor a network")
    n_members = 1 + max(int(name.split(".")[1]) for name in tensors)
    n_layers = 1 + max(int(name.split(".")[3]) for name in tensors)
    return NetworkForm(
        tuple(
            tuple(
                Layer(*(tensors[f"member.{member}.layer.{place}.{part}"] for part in ("kernel", "bias")))
                for place in range(n_layers)
            )
            for member in range(n_members)
        ),
        activation,
    )


def _damaged(name: str, what: str) -> ModelFileRefused:
    return ModelFileRefused(
        "M-INTEGRITY",
        f"{name}: {what}",
        expected="a model.clinpred, unchanged since `clinpred run` made it",
        to_fix="copy the file again from where it was made",
    )
