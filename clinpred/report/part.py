"""What every part of a report's contents is: frozen, strict, finite."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

Role = Literal["apparent", "resampled", "held_out", "later_period", "unseen_site", "external"]
Level = Literal["note", "caution", "serious"]


class Part(BaseModel):
    """A part of the contents: frozen, strict about its keys, finite in its numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Curve(Part):
    """Lists of the same length, one number a point."""

    @model_validator(mode="after")
    def _same_length(self) -> Self:
        if len({len(values) for _, values in self if isinstance(values, list)}) > 1:
            raise ValueError("lists of one curve differ in length")
        return self
