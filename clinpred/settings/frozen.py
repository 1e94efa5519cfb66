"""The base of every settings object: frozen, and strict about its keys."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A checked value that never changes after it was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")
