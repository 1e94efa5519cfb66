"""What resampling the development patients showed: optimism, stability, the learning curve. Part of the contents."""

from typing import Self

from pydantic import model_validator

from clinpred.report.disclosure import is_small_cell, is_small_share
from clinpred.report.part import Curve, Part


class ResamplingCard(Part):
    """How development patients were resampled: the bootstrap, and the repeated folds with the models they were run on.

    ``replicates`` is 0 where the bootstrap was not asked for; so are ``folds`` and ``repeats``.
    """

    replicates: int
    bootstrapped: list[str]
    folds: int
    repeats: int
    cross_validated: list[str]


class Optimism(Part):
    """One measure: apparent, what the bootstrap says it flatters by, and what is left of it, with its interval.

    ``replicates`` were used; ``lost`` had no value. ``corrected`` is null exactly where ``reason`` says why.
    ``plus_632`` is the .632+ estimate, where it was asked for and is defined.
    """

    measure: str
    apparent: float | None
    optimism: float | None
    corrected: float | None
    lower: float | None
    upper: float | None
    replicates: int
    lost: int
    plus_632: float | None = None
    reason: str | None = None


class RiskInstability(Curve):
    """How far the risks of the models of the replicates lie from the model's, by bins of the model's risk.

    ``mean_absolute`` is the mean over the bin's patients and the replicates of |replicate's risk - risk|; the
    quantiles are those of the replicates' risks of the bin's patients. A bin of 1 to 7 patients is refused: it is to be
    joined to its neighbour first.
    """

    lower_edge: list[float]
    upper_edge: list[float]
    patients: list[int]
    mean_absolute: list[float]
    q025: list[float]
    q25: list[float]
    q50: list[float]
    q75: list[float]
    q975: list[float]

    @model_validator(mode="after")
    def _no_small_bin(self) -> Self:
        if any(map(is_small_cell, self.patients)):
            raise ValueError("a bin holds 1 to 7 patients: join it to its neighbour")
        return self


class CalibrationInstability(Part):
    """Calibration curves of the replicates' models on the development patients, on one grid of risks.

    ``curves`` holds some of them, drawn at random; null where a curve has no patients. ``original`` is the model's own.
    """

    risk: list[float]
    original: list[float | None]
    curves: list[list[float | None]]

    @model_validator(mode="after")
    def _on_one_grid(self) -> Self:
        if any(len(curve) != len(self.risk) for curve in (self.original, *self.curves)):
            raise ValueError("a curve does not stand on the grid of risks")
        return self


class DecisionInstability(Curve):
    """Net benefit on the development patients: the model's own, and the 2.5 and 97.5 % quantiles over replicates."""

    threshold: list[float]
    original: list[float]
    lower: list[float]
    upper: list[float]
    treat_all: list[float]


class ClassificationInstability(Part):
    """At one threshold: how often a replicate's model classes a patient otherwise than the model does.

    ``mean`` is over patients; ``unstable`` is the share of patients whose class changes in more than a fifth of the
    replicates; ``crossing`` that of patients whose central 95 % of risks lie on both sides of the threshold. These two
    are null where 1 to 7 patients stand behind them.
    """

    threshold: float
    mean: float
    unstable: float | None
    crossing: float | None


class StrengthSpread(Part):
    """The penalty strengths that the replicates chose, as counts between ``edges`` (one longer) of λ, increasing."""

    chosen: float
    median: float
    q025: float
    q975: float
    edges: list[float]
    counts: list[int]
    l1_shares: dict[str, int] | None = None

    @model_validator(mode="after")
    def _one_edge_more(self) -> Self:
        if len(self.edges) != len(self.counts) + 1:
            raise ValueError("a histogram has one edge more than counts")
        return self


class CoefficientSpread(Part):
    """One design column over the replicates, as log odds ratio per development SD.

    ``lower`` to ``upper`` is the central 95 % of the replicates (a spread, no confidence interval for a penalised
    fit); ``selected`` the share in which it is in the design and not 0, for an absent column's coefficient is 0;
    ``same_sign`` the share of these with the sign of ``estimate``; ``absent`` the share whose preparation has no such
    column.
    """

    column: str
    predictor: str
    estimate: float | None
    lower: float | None
    upper: float | None
    selected: float
    same_sign: float | None
    absent: float = 0.0


class SummedSpread(Part):
    """The sum of a cluster's coefficients per development SD, those of columns that go against the first negative."""

    columns: list[str]
    estimate: float | None
    lower: float | None
    upper: float | None


class PredictorRank(Part):
    """One predictor's rank among all, by the SD of what it adds to the log odds: the model's, and the replicates'.

    ``top_five`` is the share of replicates in which it is among the first five, ``before_next`` the share in which it
    comes before the predictor of the next rank, null for the last.
    """

    predictor: str
    contribution: float
    rank: float
    lower: float
    upper: float
    top_five: float
    before_next: float | None = None


class Stability(Part):
    """How much one model depends on who happened to be in the development data.

    ``replicates`` were developed; ``refused`` could not be; ``separated`` of those developed have no maximum of the
    likelihood (their risks are used, their coefficients are not). ``mean_absolute`` is the mean over patients of the
    mean absolute difference between the replicates' risks and the model's (MAPE), ``mean_absolute_90`` its 90th
    percentile over patients.
    """

    replicates: int
    refused: int
    separated: int
    patients: int
    mean_absolute: float
    mean_absolute_90: float
    risk: RiskInstability
    calibration: CalibrationInstability | None
    classification: list[ClassificationInstability]
    decision: DecisionInstability
    strength: StrengthSpread | None = None
    coefficients: list[CoefficientSpread] | None = None
    sums: list[SummedSpread] | None = None
    ranks: list[PredictorRank] | None = None

    @model_validator(mode="after")
    def _no_small_share(self) -> Self:
        shares = [share for one in self.classification for share in (one.unstable, one.crossing) if share is not None]
        if any(is_small_share(share, self.patients) for share in shares):
            raise ValueError("a share of patients has 1 to 7 behind it: withhold it")
        return self


class Spread(Part):
    """Median and the central 95 % over the repeats that gave a value (null where fewer than half did)."""

    median: float | None
    lower: float | None
    upper: float | None


class LearningPoint(Part):
    """One model learnt from so many patients: measured on development patients it did not learn from.

    ``apparent_auroc`` is measured on those it learnt from. ``developed`` counts the repeats in which it could be.
    """

    patients: int
    events: int
    developed: int
    separated: int
    auroc: Spread
    apparent_auroc: Spread
    calibration_slope: Spread
    log_loss: Spread


class LearningCurve(Part):
    """Each model against the number of events that it learnt from."""

    repeats: int
    models: dict[str, list[LearningPoint]]
