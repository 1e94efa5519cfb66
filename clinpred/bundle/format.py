"""What a model file holds: a zip of a manifest with hashes, a JSON description, and a safetensors file of numbers."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from clinpred.models.risk_model import RiskModel
from clinpred.records.types import PredictorType
from clinpred.settings.export import Reading

FORMAT = 4
MANIFEST = "manifest.json"
DESCRIPTION = "model.json"
WEIGHTS = "weights.safetensors"
MEMBERS = (MANIFEST, DESCRIPTION, WEIGHTS)
LARGEST_MEMBER_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Plausible:
    """The plausible range of a number, and the study's word for what lies outside: refuse, or handle as missing."""

    lowest: float
    highest: float
    below: Literal["refuse", "missing"] = "refuse"
    above: Literal["refuse", "missing"] = "refuse"


@dataclass(frozen=True)
class ModelCard:
    """What must be known to use the model: the outcome, the patients it was developed on, the input it expects.

    ``coded`` names the categories that the development export wrote as numbers, such as 1 and 2; ``reading`` is what
    was decided about reading it that holds for another export of the same system; ``units`` are those of its numbers.
    """

    title: str
    study: str
    outcome: str
    event: str
    patient_column: str | None
    development_patients: int
    development_events: int
    seed: int
    version: str
    kinds: dict[str, PredictorType]
    coded: tuple[str, ...]
    ranges: dict[str, Plausible]
    reading: Reading = Reading()  # noqa: RUF009 (it cannot be changed)
    units: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SavedModel:
    """A model and its card."""

    model: RiskModel
    card: ModelCard


Plain = dict[str, Any]
Tensors = dict[str, NDArray[np.float64]]
