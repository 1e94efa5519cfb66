"""The contents of a report: every number of a run, typed. ``results.json`` is this and nothing else.

Whatever stands here may be shown to a reviewer: counts, estimates and curves, never a row of a patient.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from clinpred.report.correlation_contents import Correlation
from clinpred.report.effect_contents import PartialEffects
from clinpred.report.importance_contents import Importance
from clinpred.report.imputation_contents import Imputation
from clinpred.report.missingness_contents import MissingBySite
from clinpred.report.part import Curve, Level, Part, Role
from clinpred.report.resampling_contents import LearningCurve, Optimism, ResamplingCard, Stability
from clinpred.report.size_contents import SampleSize
from clinpred.report.training_contents import Restarts, Training, VarianceSplit


class StudyCard(Part):
    """What was asked. ``set_aside`` holds the columns that may not be learnt from, each with its reason."""

    name: str
    outcome: str
    event: str
    horizon_days: float | None
    seed: int
    export: str
    export_sha256: str
    version: str
    thresholds: list[float]
    set_aside: dict[str, str]


class Excluded(Part):
    """Rows left out for one reason."""

    reason: str
    rows: int


class CohortCounts(Part):
    """The row flow: ``rows_in_export`` = ``rows`` + the sum over ``excluded``."""

    rows_in_export: int
    patients: int
    rows: int
    events: int
    excluded: list[Excluded]
    predictors: int
    design_columns: int


class RoleCounts(Part):
    """Patients and events of one side of the partition."""

    patients: int
    events: int


class PartitionCounts(Part):
    """Who was learnt from, and who was held out."""

    development: RoleCounts
    held_out: RoleCounts
    by: Literal["patient", "period", "site"]
    share: float


class PredictorSummary(Part):
    """One predictor among development patients. Numbers: mean and sd of the observed; categories: frequent levels.

    A missing share is null where 1 to 7 patients stand behind it. ``knots`` are those of a restricted cubic spline,
    empty where the predictor is a straight line.
    """

    name: str
    type: Literal["number", "category", "ordered"]
    unit: str | None
    missing_share: float | None
    missing_share_events: float | None
    missing_share_non_events: float | None
    mean: float | None
    sd: float | None
    levels: list[str]
    missing_indicator: bool
    knots: list[float] = Field(default_factory=list)


class Estimate(Part):
    """A number with its interval and its counts; ``estimate`` is null exactly where ``reason`` says why."""

    estimate: float | None
    lower: float | None = None
    upper: float | None = None
    method: str | None = None
    patients: int
    events: int
    reason: str | None = None


class NetBenefit(Part):
    """Net benefit at one threshold, beside treating all (treating none has 0)."""

    threshold: float
    estimate: float
    lower: float | None
    upper: float | None
    treat_all: float


class Performance(Part):
    """How one model does on the patients of one role."""

    auroc: Estimate
    calibration_in_the_large: Estimate
    calibration_intercept: Estimate
    calibration_slope: Estimate
    observed_expected: Estimate
    ici: Estimate
    e50: Estimate
    e90: Estimate
    emax: Estimate
    brier: Estimate
    scaled_brier: Estimate
    log_loss: Estimate
    cox_snell_r2: Estimate
    nagelkerke_r2: Estimate
    net_benefit: list[NetBenefit]


class CalibrationCurve(Curve):
    """The flexible curve on a grid from the 1st to the 99th percentile of the risks, with its 95 % band."""

    risk: list[float]
    observed: list[float]
    lower: list[float]
    upper: list[float]
    method: str


class RiskHistogram(Part):
    """Patients per bin of predicted risk; ``edges`` is one longer than the counts. A null count is redacted."""

    edges: list[float]
    events: list[int | None]
    non_events: list[int | None]


class DecisionCurve(Curve):
    """Net benefit over a grid of thresholds."""

    threshold: list[float]
    net_benefit: list[float]
    treat_all: list[float]


class RocCurve(Curve):
    """Sensitivity on a fixed grid of false positive rates."""

    false_positive_rate: list[float]
    sensitivity: list[float]


class Curves(Part):
    """The curves of one model in one role."""

    calibration: CalibrationCurve | None
    histogram: RiskHistogram | None
    decision: DecisionCurve
    roc: RocCurve


class PenaltyPath(Curve):
    """The sweet spot: deviance per patient against penalty strength (λ, decreasing).

    ``resampled`` is the deviance of patients who were left out, or the AICc per patient, as ``method`` says;
    ``standard_error`` its standard error over patients or folds (0 for AICc); both are null where there is none, as for
    AICc where the effective degrees of freedom reach the patients less one. ``chosen`` is an index into ``strength``,
    and so is ``one_standard_error``, the strongest penalty within one standard error of the best.
    ``effective_df`` are the effective degrees of freedom. ``held_out`` was computed after the choice.
    """

    strength: list[float]
    apparent: list[float]
    resampled: list[float | None]
    standard_error: list[float | None]
    held_out: list[float]
    nonzero: list[int]
    chosen: int
    effective_df: list[float]
    one_standard_error: int
    l1_share: float
    method: Literal["loo", "kfold", "aicc"]
    folds: int | None

    @model_validator(mode="after")
    def _chosen_by_a_number(self) -> Self:
        if None in {self.resampled[self.chosen], self.standard_error[self.chosen]}:
            raise ValueError("the chosen strength has no resampled deviance")
        return self


class ShareSearch(Part):
    """For the elastic net: the best out-of-fold deviance at each share of L1."""

    l1_share: list[float]
    resampled: list[float]


class Tuning(Part):
    """How the penalty was chosen."""

    path: PenaltyPath
    shares: ShareSearch | None = None


class Coefficient(Part):
    """One design column's log odds ratio, per SD and per unit of the original scale."""

    column: str
    predictor: str
    per_sd: float
    original: float


class FirthCoefficient(Part):
    """One design column in Firth's fit: log odds ratio per SD with its 95 % profile interval.

    ``lower`` or ``upper`` is null where the profile does not end on that side.
    """

    column: str
    predictor: str
    per_sd: float
    lower: float | None
    upper: float | None


class Separation(Part):
    """The outcome is separated: the columns that do it, and Firth's fit, whose maximum always exists, beside.

    ``complete`` says that every row is told apart; else only some are. ``infinite`` are all columns whose coefficients
    have no finite maximum-likelihood estimate.
    """

    complete: bool
    columns: list[str]
    infinite: list[str]
    firth: list[FirthCoefficient]
    firth_auroc: float | None = None
    firth_calibration_slope: float | None = None


class ModelResults(Part):
    """Everything about one model."""

    title: str
    kind: Literal["null", "logistic", "mlp", "boosting", "comparator"]
    regularised: bool
    settings: dict[str, float | int | str | bool | list[int]]
    performance: dict[Role, Performance]
    curves: dict[Role, Curves]
    tuning: Tuning | None = None
    training: Training | None = None
    restarts: Restarts | None = None
    variance_split: VarianceSplit | None = None
    intercept: float | None = None
    coefficients: list[Coefficient] | None = None
    importance: Importance | None = None
    effects: PartialEffects | None = None
    separation: Separation | None = None
    optimism: list[Optimism] | None = None
    stability: Stability | None = None


class Comparison(Part):
    """A paired difference, model minus baseline, on the same patients.

    Of a ``family`` of comparisons planned together, ``simultaneous_lower`` and ``simultaneous_upper`` hold for all of
    them at once (level 1 - .05 / family), and ``adjusted_p_value`` is Holm's.
    """

    role: Role
    model: str
    baseline: str
    measure: str
    difference: float | None
    lower: float | None
    upper: float | None
    method: str
    patients: int
    events: int
    reason: str | None = None
    p_value: float | None = None
    simultaneous_lower: float | None = None
    simultaneous_upper: float | None = None
    family: int = 1
    adjusted_p_value: float | None = None


class Clause(Part):
    """One clause of the verdict: what was judged, how it came out, and the sentence."""

    clause: Literal[
        "evidence", "ranking", "risk size", "use", "change from development", "stability", "sites and periods"
    ]
    word: str
    level: Literal["holds", "caution", "fails", "cannot tell", "not judged"]
    sentence: str


class Verdict(Part):
    """Whether it holds on new patients."""

    level: Literal["holds", "holds with caution", "does not hold", "cannot tell"]
    sentences: list[str]
    clauses: list[Clause]


class FindingItem(Part):
    """A finding of the audit or of the run."""

    code: str
    level: Level
    text: str
    advice: str
    count: int | None = None
    column: str | None = None


class Results(Part):
    """The whole of ``results.json``."""

    schema_version: Annotated[Literal[1], Field(alias="schema")] = 1
    study: StudyCard
    cohort: CohortCounts
    partition: PartitionCounts
    predictors: list[PredictorSummary]
    missing_by_site: MissingBySite | None = None
    correlation: Correlation | None = None
    imputation: Imputation | None = None
    primary: str
    models: dict[str, ModelResults]
    comparisons: list[Comparison]
    sample_size: SampleSize | None = None
    resampling: ResamplingCard | None = None
    learning_curve: LearningCurve | None = None
    verdict: Verdict
    findings: list[FindingItem]

    @model_validator(mode="after")
    def _primary_is_a_model(self) -> Self:
        if self.primary not in self.models:
            raise ValueError("the primary model is not among the models")
        return self
