"""Findings: what the audit or a run noticed, each with its code, level, count and advice."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One thing noticed. Its text holds names and counts, never a value of a patient."""

    code: str
    level: Literal["note", "caution", "serious"]
    text: str
    advice: str
    count: int | None = None
    column: str | None = None
