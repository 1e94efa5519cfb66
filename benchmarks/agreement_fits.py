"""Fits and optimism beside R's: glm, glmnet, rms, logistf, and a loop over given resamples."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from reference_numbers import (
    REFERENCE,
    Agreement,
    coefficients,
    design,
    entries,
    furthest,
    learnt_from,
    source,
    spread,
    table,
)

from clinpred import performance as p
from clinpred.models.firth import FirthLogistic
from clinpred.models.likelihood import standardised_problem
from clinpred.models.logistic import RidgeLogistic
from clinpred.models.matrix_procedure import MatrixProcedure
from clinpred.models.maximum_likelihood import maximum_likelihood
from clinpred.models.path import minimise
from clinpred.models.penalty import strength_from_rms_penalty, uniform_penalty
from clinpred.models.unpenalised import UnpenalisedLogistic
from clinpred.performance.newton import inverse_logit
from clinpred.performance.rows import Array

UNFINISHED = "glmnet stopped before the minimum: the objective of clinpred's coefficients is lower"
OF_LOG_ODDS = (p.calibration_intercept, p.calibration_slope, p.log_loss)
OPTIMISM = {
    "C": "auroc",
    "Brier": "brier",
    "Intercept": "calibration_intercept",
    "Slope": "calibration_slope",
    "logloss": "log_loss",
}


def fits() -> Iterator[Agreement]:
    """Yield every comparison of a fit."""
    for part in (unpenalised_fits, penalised_fits, penalised_by_rms, firth_fits, given_resamples):
        yield from part()


def unpenalised_fits() -> Iterator[Agreement]:
    """Compare maximum likelihood, with weights and an offset too, per standard deviation."""
    for name, expected in entries("01_glm"):
        if not (REFERENCE / "inputs" / f"{source(name)}.csv").exists():
            continue
        features = [key for key in expected["coef"] if key != "(Intercept)"]
        X, y, weight = learnt_from(name, features)
        offset = 0.3 * table("birthwt")["ht"] if name.endswith("_offset") else None
        ours = maximum_likelihood(standardised_problem(X, y, weight, offset=offset)).coefficients[1:]
        theirs = coefficients(expected["coef"], features) * spread(X, weight)
        yield furthest("unpenalised coefficients per sd", f"01_glm {name}", theirs, ours)


def penalised_fits() -> Iterator[Agreement]:
    """Compare ridge, lasso and elastic net at five strengths, per standard deviation."""
    for name, expected in entries("02_glmnet"):
        X, y, weight = learnt_from(name, expected["features"])
        sd = spread(X, weight)
        raw = name.endswith("_nostd")
        factors = np.array([0.0, 1, 1, 2, 1, 1, 1]) * 7 / 7 if name.endswith("_pf") else np.ones(sd.size)
        share = float(name.split("alpha")[1].split("_")[0])
        problem = standardised_problem(X, y, weight)
        theirs = np.array([coefficients(one, expected["features"]) for one in expected["coef_raw_scale"]]) * sd
        ours = []
        for strength in expected["lambda"]:
            penalty = uniform_penalty(strength, share, sd.size, factors=factors / sd**2 if raw else factors)
            ours.append(minimise(problem, penalty).coefficients[1:])
        found = furthest("penalised coefficients per sd", f"02_glmnet {name}", theirs.ravel(), np.ravel(ours))
        yield replace(found, note=UNFINISHED if found.difference >= 1e-6 else "")


def penalised_by_rms() -> Iterator[Agreement]:
    """Compare penalised maximum likelihood through the conversion of its penalty, per standard deviation."""
    for name, expected in entries("03_lrm"):
        penalty = name.rpartition("_penalty")[2]
        if not penalty.isdigit() or penalty == "0":
            continue
        features = [key for key in expected["coef"] if key != "Intercept"]
        X, y, weight = learnt_from(name, features)
        model = RidgeLogistic(strength_from_rms_penalty(float(penalty), y.size)).fit(X, y)
        theirs = coefficients(expected["coef"], features) * spread(X, weight)
        yield furthest("penalised coefficients per sd", f"03_lrm {name}", theirs, model.coef_[0] * spread(X, weight))


def firth_fits() -> Iterator[Agreement]:
    """Compare Firth's coefficients and profile intervals, per standard deviation."""
    for name, expected in entries("10_firth"):
        features = [key for key in expected["coef"] if key != "(Intercept)"]
        X, y, weight = learnt_from(name, features)
        model, sd = FirthLogistic().fit(X, y), spread(X, weight)
        intervals = model.profile_intervals()
        theirs = coefficients(expected["flic_coef"], features) * sd
        yield furthest("Firth's coefficients per sd", f"10_firth {name}", theirs, model.coef_[0] * sd)
        for side in ("lower", "upper"):
            ends = coefficients(expected["profile_ci95"][side], features) * sd
            ours = np.array([getattr(one, side) for one in intervals]) * sd
            yield furthest(f"Firth's profile interval per sd, {side}", f"10_firth {name}", ends, ours)


def given_resamples() -> Iterator[Agreement]:
    """Compare the optimism over resamples of which R said who was drawn."""
    expected = dict(entries("05_validate"))["pima_tr_given_indices"]
    rows = table("pima_tr")
    predictors = [name for name in rows.dtype.names if name != "type"]
    X, y = design(rows, predictors)[:, 1:], rows["type"]
    procedure = MatrixProcedure({"logistic": UnpenalisedLogistic()}, X, y)
    drawn = np.genfromtxt(REFERENCE / "inputs" / "boot_idx_pima_tr.csv", delimiter=",", dtype=int) - 1
    optimism = np.mean([flattery(procedure, np.bincount(one, minlength=y.size)) for one in drawn], axis=0)
    for place, key in enumerate(OPTIMISM):
        name = f"optimism of {OPTIMISM[key]}"
        yield Agreement(name, "05_validate pima_tr_given_indices", expected["optimism"][key], float(optimism[place]))


def flattery(procedure: MatrixProcedure, counts: np.ndarray) -> Array:
    """Return by how much the model of one resample does better on it than on everybody."""
    linear_predictor = procedure.refit(counts, seed=0).models["logistic"].linear_predictor
    drawn, everybody = np.repeat(np.arange(counts.size), counts), np.arange(counts.size)
    training, test = (reached(procedure.outcome[rows], linear_predictor[rows]) for rows in (drawn, everybody))
    return training - test


def reached(outcome: Array, linear_predictor: Array) -> Array:
    """Return the measures of some rows."""
    risk = inverse_logit(linear_predictor)
    return np.array(
        [
            p.auroc(outcome, risk),
            p.brier_score(outcome, risk),
            *(measure(outcome, risk, linear_predictor=linear_predictor) for measure in OF_LOG_ODDS),
        ]
    )
