"""Judging a clinical risk: arithmetic on (outcome, risk), with intervals, by NumPy alone."""

from clinpred.performance.calibration import (
    calibration_in_the_large,
    calibration_intercept,
    calibration_slope,
    observed_expected_ratio,
)
from clinpred.performance.catalogue import ALWAYS_REPORTED, CATALOGUE, Measure
from clinpred.performance.differences import COMPARED, Difference, paired_differences
from clinpred.performance.discrimination import (
    AurocInterval,
    DelongTest,
    RocCurve,
    auroc,
    auroc_interval,
    delong_test,
    roc_curve,
)
from clinpred.performance.flexible_calibration import (
    CalibrationCurve,
    calibration_curve,
    e50,
    e90,
    emax,
    integrated_calibration_index,
)
from clinpred.performance.intervals import (
    Estimate,
    NetBenefit,
    estimate,
    estimate_all,
    net_benefit_estimates,
)
from clinpred.performance.net_benefit import DecisionCurve, decision_curve, net_benefit, net_benefit_key
from clinpred.performance.overall import (
    brier_score,
    cox_snell_r2,
    log_loss,
    nagelkerke_r2,
    scaled_brier_score,
)
from clinpred.performance.rows import Predictions

__all__ = [
    "ALWAYS_REPORTED",
    "CATALOGUE",
    "COMPARED",
    "AurocInterval",
    "CalibrationCurve",
    "DecisionCurve",
    "DelongTest",
    "Difference",
    "Estimate",
    "Measure",
    "NetBenefit",
    "Predictions",
    "RocCurve",
    "auroc",
    "auroc_interval",
    "brier_score",
    "calibration_curve",
    "calibration_in_the_large",
    "calibration_intercept",
    "calibration_slope",
    "cox_snell_r2",
    "decision_curve",
    "delong_test",
    "e50",
    "e90",
    "emax",
    "estimate",
    "estimate_all",
    "integrated_calibration_index",
    "log_loss",
    "nagelkerke_r2",
    "net_benefit",
    "net_benefit_estimates",
    "net_benefit_key",
    "observed_expected_ratio",
    "paired_differences",
    "roc_curve",
    "scaled_brier_score",
]
