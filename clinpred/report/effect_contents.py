"""How a model's log odds move with one predictor, where patients are. Part of the contents."""

from typing import Literal, Self

from pydantic import model_validator

from clinpred.report.part import Part


class EffectBand(Part):
    """How far curves lie apart: of replicates the 2.5 and 97.5 % quantiles, of networks the lowest and the highest."""

    lower: list[float]
    upper: list[float]
    kind: Literal["replicates", "networks"]
    of: int


class AccumulatedEffect(Part):
    """The accumulated local effect of a predictor: log odds at the edges of intervals that patients fill.

    Of an ordered category ``levels`` names the edges, and ``shares`` are those of the patients at each level; of a
    number they are those within each interval, one fewer than ``values``. Shares are rounded to a hundredth.
    """

    predictor: str
    values: list[float]
    effect: list[float]
    shares: list[float]
    levels: list[str] | None = None
    band: EffectBand | None = None

    @model_validator(mode="after")
    def _same_length(self) -> Self:
        lengths = {len(self.effect), len(self.shares) + (self.levels is None)}
        lengths |= set() if self.levels is None else {len(self.levels)}
        lengths |= set() if self.band is None else {len(self.band.lower), len(self.band.upper)}
        if lengths != {len(self.values)}:
            raise ValueError("lists of one curve differ in length")
        return self


class PartialEffects(Part):
    """The predictors that matter most and have an order, looked at on so many development patients.

    ``not_drawn`` holds those that would have been among them, but have no two values with 8 patients at or beyond each,
    and between them.
    """

    patients: int
    curves: list[AccumulatedEffect]
    not_drawn: list[str]
