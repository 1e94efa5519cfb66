"""What every part of a report's contents is: frozen, strict, finite."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Role = Literal["apparent", "resampled", "held_out", "later_period", "unseen_site", "external"]
Level = Literal["note", "caution", "serious"]


class Part(BaseModel):
    """A part of the contents: frozen, strict about its keys, finite in its numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
