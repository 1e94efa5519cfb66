"""How new patients are set apart, how development patients are resampled, and which thresholds matter."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from clinpred.settings.frozen import Frozen


class Partition(Frozen):
    """The held-out patients: a share of all, drawn by patient, stratified by the event."""

    by: Literal["patient"] = "patient"
    held_out: float = Field(default=0.25, gt=0, lt=1)


class Resampling(Frozen):
    """How development patients are resampled, the whole procedure inside.

    ``bootstraps`` patients' samples give optimism and stability (0: none); ``repeats`` times ``folds`` patient-wise
    folds give the resampled performance (0 repeats: none). ``networks`` also develops the networks again, in every
    fold and for the learning curve. ``plus_632`` adds the .632+ estimates.
    """

    bootstraps: int = Field(default=200, ge=0, le=10_000)
    folds: int = Field(default=5, ge=2, le=100)
    repeats: int = Field(default=2, ge=0, le=1_000)
    networks: bool = False
    learning_curve: bool = True
    plus_632: bool = False


class Report(Frozen):
    """What the report is asked to show. ``thresholds`` are the risks at which a clinician would act."""

    thresholds: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = ()

    @field_validator("thresholds")
    @classmethod
    def _once_each(cls, thresholds: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(thresholds)) < len(thresholds):
            raise ValueError("a threshold is given twice")
        return thresholds
