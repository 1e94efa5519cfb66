"""Findings: what the audit or a run noticed, each with its code, level, count and advice."""

from collections.abc import Iterable
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


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by level, the serious ones first; how the outcome was understood comes before all else."""
    levels = ("serious", "caution", "note")
    return sorted(findings, key=lambda one: (one.code != "W-OUTCOME-MAP", levels.index(one.level)))
