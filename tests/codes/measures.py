"""Measures asked for in Python."""

import numpy as np
from codes_situations import called

from clinpred import performance
from clinpred.performance import analytic
from clinpred.performance.rows import checked_rows
from clinpred.splines import harrell_knots

OUTCOME, RISK = [0, 1, 0, 1], [0.1, 0.7, 0.4, 0.3]
LOG_ODDS = np.log(np.array(RISK) / (1 - np.array(RISK)))


def rng():
    return np.random.default_rng(1)


def estimate(measure="brier", risk=RISK, **asked):
    return lambda: [performance.estimate(measure, OUTCOME, risk, **asked)]


def brier(outcome=OUTCOME, risk=RISK):
    return lambda: [performance.brier_score(outcome, risk)]


def log_loss(risk=RISK, **asked):
    return lambda: [performance.log_loss(OUTCOME, risk, **asked)]


def of_patients(*patients):
    names = np.array(patients, dtype=object)
    return lambda: [performance.estimate("brier", OUTCOME, RISK, patients=names, rng=rng())]


def auroc_interval(outcome):
    return lambda: [performance.auroc_interval(outcome, [0.1, 0.2, 0.3, 0.4])]


def curve(*risks):
    risk = np.resize(risks, 40)
    return lambda: [performance.calibration_curve([0, 1] * 20, risk, smoothing="loess")]


def interval_of_a_mean(*losses):
    """Return a call of the formula itself: a measure turns its refusal into the reason why there is no interval."""
    rows = checked_rows(OUTCOME, RISK)
    return lambda: [analytic._mean_on_log_scale(rows, parts=lambda _rows: np.array(losses))]


def benefit(threshold, **asked):
    return lambda: [performance.net_benefit(OUTCOME, RISK, threshold, **asked)]


def predictive_value(threshold):
    return lambda: [performance.positive_predictive_value(OUTCOME, RISK, threshold)]


def pooled(variances):
    return lambda: [performance.pool([0.5, 0.6][: len(variances)], variances)]


FEW_ROWS = ([0, 1, 1, 0] * 10, np.linspace(0.1, 0.9, 40))

FIRES = {
    "E-LENGTH": called(brier(risk=RISK[:3]), brier()),
    "E-LINEAR-PREDICTOR": called(log_loss(linear_predictor=LOG_ODDS + 0.1), log_loss(linear_predictor=LOG_ODDS)),
    "E-MEASURE": called(estimate("accuracy"), estimate("brier")),
    "E-METHOD": called(estimate(method="wald"), estimate(method="standard_error")),
    "E-MISSING": called(of_patients("a", None, "b", "c"), of_patients("a", "a", "b", "c")),
    "E-MIXED": called(of_patients("a", 1, "b", 2), of_patients("a", "1", "b", "2")),
    "E-PREVALENCE": called(benefit(0.2, prevalence=5), benefit(0.2, prevalence=0.05)),
    "E-P-VALUES": called(lambda: [performance.holm([0.2, 1.4])], lambda: [performance.holm([0.2, 0.4])]),
    "E-REPLICATES": called(
        lambda: [performance.estimate_all(OUTCOME, RISK, rng=rng(), replicates=0)],
        lambda: [performance.estimate_all(OUTCOME, RISK, rng=rng(), replicates=1)],
    ),
    "E-RISK-RANGE": called(brier(risk=[0.1, 1.2, 0.4, 0.3]), brier(risk=[0.1, 1.0, 0.4, 0.3])),
    "E-RNG": called(estimate("scaled_brier"), estimate("scaled_brier", rng=rng())),
    "E-THRESHOLD": called(benefit(1.0), benefit(0.99)),
    "E-VARIANCE": called(pooled([0.2, -0.1]), pooled([0.2, 0.1])),
    "S-AUROC-BOUND": called(auroc_interval([0, 0, 1, 1]), auroc_interval([0, 1, 0, 1])),
    "S-CONSTANT-RISK": called(
        lambda: [performance.calibration_slope(OUTCOME, [0.3] * 4)],
        lambda: [performance.calibration_slope(OUTCOME, RISK)],
    ),
    "S-FEW-PATIENTS": called(
        lambda: [performance.calibration_curve(*FEW_ROWS, patients=["a"] * 40)],
        lambda: [performance.calibration_curve(*FEW_ROWS, patients=["a", "b"] * 20)],
    ),
    "S-IMPUTATIONS": called(pooled([0.2]), pooled([0.2, 0.1])),
    "S-KNOTS": called(lambda: [harrell_knots(range(5), 3)], lambda: [harrell_knots(range(6), 3)]),
    "S-NO-LOSS": called(interval_of_a_mean(0.0, 0.0), interval_of_a_mean(0.0, 0.01)),
    "S-NO-VARIANCE": called(pooled([0.0, 0.0]), pooled([0.0, 0.1])),
    "S-ONE-SIDE": called(predictive_value(0.71), predictive_value(0.7)),
    "S-RISK-BOUND": called(log_loss([0.1, 1.0, 0.4, 0.3]), log_loss([0.1, 0.999, 0.4, 0.3])),
    "S-SCALE": called(
        lambda: [performance.pool_measure("auroc", [0.8, 1.0], [0.1, 0.1])],
        lambda: [performance.pool_measure("auroc", [0.8, 0.9], [0.1, 0.1])],
    ),
    "S-TIES": called(curve(0.2, 0.4), curve(*np.linspace(0.1, 0.9, 20))),
}
