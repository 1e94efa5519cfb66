"""How new patients are set apart, and which thresholds matter."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from clinpred.settings.frozen import Frozen


class Partition(Frozen):
    """The held-out patients: a share of all, drawn by patient, stratified by the event."""

    by: Literal["patient"] = "patient"
    held_out: float = Field(default=0.25, gt=0, lt=1)


class Report(Frozen):
    """What the report is asked to show. ``thresholds`` are the risks at which a clinician would act."""

    thresholds: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = ()

    @field_validator("thresholds")
    @classmethod
    def _once_each(cls, thresholds: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(thresholds)) < len(thresholds):
            raise ValueError("a threshold is given twice")
        return thresholds
