"""What a model file holds: a zip of a manifest with hashes, a JSON description, and a safetensors file of numbers."""

from dataclasses import dataclass
from typing import Any

from clinpred.models.risk_model import RiskModel
from clinpred.records.types import PredictorType

FORMAT = 1
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
    below: str = "refuse"
    above: str = "refuse"


@dataclass(frozen=True)
class ModelCard:
    """What must be known to use the model: the outcome, the patients it was developed on, the input it expects."""

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
    ranges: dict[str, Plausible]


@dataclass(frozen=True)
class SavedModel:
    """A model and its card."""

    model: RiskModel
    card: ModelCard


Plain = dict[str, Any]
