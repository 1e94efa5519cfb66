"""Judging a clinical risk: arithmetic on (outcome, risk), with intervals, by NumPy alone.

Every function takes its arrays in the order ``outcome, risk``, one value a row: ``outcome`` is 1 where the event
happened and 0 where it did not, ``risk`` its probability, 0 to 1. ``patients`` names the patient of each row; without
it every row is a patient. ``threshold`` is the risk at which one would act, above 0 and below 1; a row is positive
where its risk is at or above it. ``linear_predictor`` is the float64 log odds of the risks. Faulty arrays are refused
(``InputRefused``), and so is a measure that these patients cannot answer (``StatisticalRefusal``).
"""

from clinpred.performance.auroc_tests import DelongTest, delong_test, unpaired_delong_test
from clinpred.performance.calibration import (
    calibration_in_the_large,
    calibration_intercept,
    calibration_slope,
    observed_expected_ratio,
)
from clinpred.performance.catalogue import (
    ALL_MEASURES,
    ALWAYS_REPORTED,
    CATALOGUE,
    DESCRIBED,
    ON_REQUEST,
    Measure,
    measure_of,
)
from clinpred.performance.classification import Classification, classification, wilson_interval
from clinpred.performance.confusion import (
    negative_predictive_value,
    positive_predictive_value,
    sensitivity,
    share_positive,
    specificity,
)
from clinpred.performance.differences import COMPARED, Difference, paired_differences
from clinpred.performance.discrimination import (
    AurocInterval,
    RocCurve,
    auroc,
    auroc_interval,
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
from clinpred.performance.multiplicity import holm
from clinpred.performance.net_benefit import (
    DecisionCurve,
    decision_curve,
    interventions_avoided,
    net_benefit,
    net_benefit_key,
    standardised_net_benefit,
    threshold_key,
)
from clinpred.performance.on_request import (
    accuracy,
    auprc_interpolated,
    average_precision,
    balanced_accuracy,
    f1_score,
    matthews_correlation,
    youden_index,
)
from clinpred.performance.overall import (
    brier_score,
    cox_snell_r2,
    log_loss,
    nagelkerke_r2,
    scaled_brier_score,
)
from clinpred.performance.rows import Predictions
from clinpred.performance.rubin import Pooled, pool, pool_measure

__all__ = [
    "ALL_MEASURES",
    "ALWAYS_REPORTED",
    "CATALOGUE",
    "COMPARED",
    "DESCRIBED",
    "ON_REQUEST",
    "AurocInterval",
    "CalibrationCurve",
    "Classification",
    "DecisionCurve",
    "DelongTest",
    "Difference",
    "Estimate",
    "Measure",
    "NetBenefit",
    "Pooled",
    "Predictions",
    "RocCurve",
    "accuracy",
    "auprc_interpolated",
    "auroc",
    "auroc_interval",
    "average_precision",
    "balanced_accuracy",
    "brier_score",
    "calibration_curve",
    "calibration_in_the_large",
    "calibration_intercept",
    "calibration_slope",
    "classification",
    "cox_snell_r2",
    "decision_curve",
    "delong_test",
    "e50",
    "e90",
    "emax",
    "estimate",
    "estimate_all",
    "f1_score",
    "holm",
    "integrated_calibration_index",
    "interventions_avoided",
    "log_loss",
    "matthews_correlation",
    "measure_of",
    "nagelkerke_r2",
    "negative_predictive_value",
    "net_benefit",
    "net_benefit_estimates",
    "net_benefit_key",
    "observed_expected_ratio",
    "paired_differences",
    "pool",
    "pool_measure",
    "positive_predictive_value",
    "roc_curve",
    "scaled_brier_score",
    "sensitivity",
    "share_positive",
    "specificity",
    "standardised_net_benefit",
    "threshold_key",
    "unpaired_delong_test",
    "wilson_interval",
    "youden_index",
]
