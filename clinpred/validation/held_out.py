"""Performance of one model on the patients of one role: every measure with its interval, and the curves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import StatisticalRefusal
from clinpred.models.risk_model import RiskModel, risk_of
from clinpred.performance.discrimination import RocCurve, roc_curve
from clinpred.performance.flexible_calibration import CalibrationCurve, calibration_curve
from clinpred.performance.intervals import Estimate, NetBenefit, estimate_all, net_benefit_estimates
from clinpred.performance.net_benefit import DECISION_THRESHOLDS, DecisionCurve, decision_curve
from clinpred.performance.rows import Smoothing
from clinpred.records.cohort import Cohort

Array = NDArray[np.float64]

REPLICATES = 1000
APPARENT_REPLICATES = 200
"""Draws of patients for an interval; apparent performance is shown beside, and judged by nobody."""
RISK_BINS = np.round(np.arange(0.0, 1.0001, 0.05), 2)
"""A fixed grid that shares no point with `DECISION_THRESHOLDS`: a withheld count would follow from both."""


@dataclass(frozen=True)
class Scored:
    """Patients of one role and what one model says of them.

    ``outcome`` and ``risk`` have shape (n,); so has ``linear_predictor``, None for a comparator, whose risks are all
    there is; ``patients`` says who each row is about.
    """

    outcome: Array
    risk: Array
    linear_predictor: Array | None
    patients: NDArray[np.int64]

    def take(self, rows: NDArray[np.bool_]) -> "Scored":
        """Return the rows of a mask."""
        lp = None if self.linear_predictor is None else self.linear_predictor[rows]
        return Scored(self.outcome[rows], self.risk[rows], lp, self.patients[rows])


@dataclass(frozen=True)
class RiskCounts:
    """Rows per bin of risk, with and without the event; ``edges`` is one longer."""

    edges: Array
    events: NDArray[np.int64]
    non_events: NDArray[np.int64]


@dataclass(frozen=True)
class RolePerformance:
    """Everything measured of one model on one role's patients. ``calibration`` is None where it is not estimable."""

    measures: dict[str, Estimate]
    net_benefit: list[NetBenefit]
    calibration: CalibrationCurve | None
    counts: RiskCounts
    decision: DecisionCurve
    roc: RocCurve


def score(model: RiskModel, cohort: Cohort) -> Scored:
    """Return what a model says of a cohort's patients.

    Parameters
    ----------
    model : RiskModel
        A developed model; its preparation is applied as it was learnt.
    cohort : Cohort
        Any patients with the model's predictors.
    """
    linear_predictor = model.linear_predictor(cohort.predictors)
    return Scored(cohort.outcome, risk_of(linear_predictor), linear_predictor, cohort.patients)


def evaluate(
    scored: Scored,
    thresholds: tuple[float, ...],
    *,
    smoothing: Smoothing | None = None,
    rng: np.random.Generator,
    replicates: int = REPLICATES,
) -> RolePerformance:
    """Measure a model on one role's patients.

    Parameters
    ----------
    scored : Scored
    thresholds : tuple of float
        Risks at which one would act, stated beforehand; each gets a net benefit with its interval.
    smoothing : {"loess", "spline"}, optional
        Of calibration curves; by default as the number of rows says.
    rng : numpy.random.Generator
        For the patient bootstrap.
    replicates : int
        Draws of patients.
    """
    return RolePerformance(
        measures=estimate_all(
            scored.outcome,
            scored.risk,
            patients=scored.patients,
            linear_predictor=scored.linear_predictor,
            smoothing=smoothing,
            rng=rng,
            replicates=replicates,
        ),
        net_benefit=net_benefit_estimates(
            scored.outcome, scored.risk, thresholds, patients=scored.patients, rng=rng, replicates=replicates
        ),
        calibration=calibration_of(scored, smoothing),
        counts=risk_counts(scored),
        decision=decision_curve(scored.outcome, scored.risk, DECISION_THRESHOLDS),
        roc=roc_curve(scored.outcome, scored.risk),
    )


def calibration_of(scored: Scored, smoothing: Smoothing | None) -> CalibrationCurve | None:
    """Return the flexible calibration curve of scored patients, None where it is not estimable."""
    try:
        return calibration_curve(
            scored.outcome,
            scored.risk,
            linear_predictor=scored.linear_predictor,
            patients=scored.patients,
            smoothing=smoothing,
        )
    except StatisticalRefusal:
        return None


def risk_counts(scored: Scored) -> RiskCounts:
    """Count the rows with and without the event per bin of ``RISK_BINS``."""
    events, _ = np.histogram(scored.risk[scored.outcome == 1], RISK_BINS)
    non_events, _ = np.histogram(scored.risk[scored.outcome == 0], RISK_BINS)
    return RiskCounts(RISK_BINS, events, non_events)
