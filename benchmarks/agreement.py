"""Every measure beside the number that R's software gives for the same input.

Run: python benchmarks/agreement.py. Prints a table in Markdown, a row for each number of tests/reference that judges
risks, plans a sample, pools imputations or maps predictors; docs/agreement.md is its output. Of curves and of several
coefficients, the point with the largest difference is shown.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from agreement_fits import fits
from agreement_predictors import bent, together
from reference_numbers import OUTCOMES, Agreement, both, design, entries, furthest, table

from clinpred import performance as p
from clinpred.performance.loess import Loess
from clinpred.performance.newton import fit_logistic, inverse_logit
from clinpred.performance.rows import Array
from clinpred.validation import sample_size

NORMAL_975 = 1.959963984540054
EARLY = "R's glm takes its standard error one step before its last; where risks are extreme the fifth digit shows it"
INPUTS = {"val_pima_p_vs_p2": "val_pima", "val_pima_ties": "val_pima_miscal_ties", "asah_wfns_vs_s100b": "asah"}
SIZES = {"csrsquared": "cox_snell_r2", "nagrsquared": "nagelkerke_r2"}


def agreements() -> Iterator[Agreement]:
    """Yield every comparison."""
    parts = (
        logistic_fits,
        fits,
        recalibration,
        standard_errors,
        discrimination,
        thresholds,
        net_benefits,
        pooling,
        together,
        bent,
        curves,
        fitted_models,
        overall,
        areas,
        development_sizes,
        validation_sizes,
    )
    return chain.from_iterable(part() for part in parts)


def logistic_fits() -> Iterator[Agreement]:
    """Compare coefficients and standard errors of logistic models."""
    for name, expected in entries("01_glm"):
        data = name.rsplit("_", 1)[0]
        if name.endswith(("_all", "_6")):
            predictors = [term for term in expected["coef"] if term != "(Intercept)"]
            rows = table(data)
            coefficients, errors = fitted(rows, OUTCOMES[data], predictors)
            yield furthest("logistic coefficients", f"01_glm {name}", expected["coef"].values(), coefficients)
            yield furthest("their standard errors", f"01_glm {name}", expected["se"].values(), errors)


def recalibration() -> Iterator[Agreement]:
    """Compare mean and weak calibration, and what val.prob gives beside them, with rms and glm."""
    for name, expected in entries("04_val_prob"):
        (y, risk), entry = arrays(name), f"04_val_prob {name}"
        large, joint, rms = (expected[key] for key in ("calibration_in_the_large", "calibration_slope", "val_prob"))
        pairs = {
            "calibration_in_the_large": (large["intercept"], p.calibration_in_the_large(y, risk)),
            "calibration_intercept": (joint["intercept"], p.calibration_intercept(y, risk)),
            "calibration_slope": (joint["slope"], p.calibration_slope(y, risk)),
            "observed_expected": (expected["oe_ratio"], p.observed_expected_ratio(y, risk)),
            "log_loss": (expected["logloss"], p.log_loss(y, risk)),
            "brier": (rms["Brier"], p.brier_score(y, risk)),
            "nagelkerke_r2": (rms["R2"], p.nagelkerke_r2(y, risk)),
        }
        yield from (Agreement(measure, entry, *numbers) for measure, numbers in pairs.items())


def standard_errors() -> Iterator[Agreement]:
    """Compare standard errors of calibration, read off the intervals, with glm's."""
    for name, expected in entries("04_val_prob"):
        (y, risk), entry = arrays(name), f"04_val_prob {name}"
        for key, theirs in (("calibration_in_the_large", "se"), ("calibration_slope", "slope_se")):
            wald, note = p.estimate(key, y, risk, method="wald"), ""
            if (key, name) == ("calibration_slope", "val_breast"):
                note = EARLY
            yield Agreement(f"{key}, standard error", entry, expected[key][theirs], half_width(wald), note)
        closed = p.estimate("observed_expected", y, risk, method="closed_form")
        yield Agreement("observed_expected, error of its logarithm", entry, expected["oe_se_log"], log_error(closed))


def discrimination() -> Iterator[Agreement]:
    """Compare the AUROC, its interval and tests of two with pROC."""
    for name, expected in entries("06_proc"):
        (y, risk, other), entry = pair(name), f"06_proc {name}"
        yield Agreement("auroc", entry, expected["auc"], p.auroc(y, risk))
        interval = p.auroc_interval(y, risk, scale="plain")
        yield from both("auroc, DeLong interval", entry, expected["ci95_delong"], (interval.lower, interval.upper))
        if other is None:
            continue
        second = expected["second"]
        paired, unpaired = p.delong_test(y, risk, other), p.unpaired_delong_test(y, risk, y, other)
        yield Agreement("auroc of the other risk", entry, second["auc"], p.auroc(y, other))
        ends = (paired.lower, paired.upper)
        yield from both("paired DeLong interval", entry, second["paired_delong"]["ci95_diff"], ends)
        yield Agreement("paired DeLong p-value", entry, second["paired_delong"]["p"], paired.p_value)
        yield Agreement("unpaired DeLong p-value", entry, second["unpaired_delong"]["p"], unpaired.p_value)


def thresholds() -> Iterator[Agreement]:
    """Compare sensitivity and its kin with pROC."""
    named = {"sensitivity": "sensitivity", "specificity": "specificity", "accuracy": "accuracy"}
    named |= {"ppv": "positive_predictive_value", "npv": "negative_predictive_value"}
    for name, expected in entries("06_proc"):
        if name.startswith("asah"):
            continue
        y, risk, _ = pair(name)
        for theirs, ours in named.items():
            values = [at[theirs] for at in expected["coords_at"]]
            found = [getattr(p, ours)(y, risk, at["threshold"]) for at in expected["coords_at"]]
            yield furthest(f"{ours} at 4 thresholds", f"06_proc {name}", values, found)


def net_benefits() -> Iterator[Agreement]:
    """Compare decision curves with dcurves."""
    for name, expected in entries("07_dcurves"):
        prevalence = 0.2 if name.endswith("_prevalence0.2") else None
        rows, columns = table(name.removesuffix("_prevalence0.2")), {k: np.array(v) for k, v in expected.items()}
        for risk in [column for column in ("p", "p2") if column in columns["variable"]]:
            mine, everybody = columns["variable"] == risk, columns["variable"] == "all"
            at, entry = columns["threshold"][mine], f"07_dcurves {name}, {risk}"
            curve = p.decision_curve(rows["y"], rows[risk], at, prevalence=prevalence)
            yield furthest("net_benefit", entry, columns["net_benefit"][mine], curve.net_benefit)
            yield furthest("net benefit of treating all", entry, columns["net_benefit"][everybody], curve.treat_all)
            if "net_intervention_avoided" in columns:
                avoided = 100 * columns["net_intervention_avoided"][mine]
                yield furthest("interventions_avoided", entry, avoided, curve.interventions_avoided)


def pooling() -> Iterator[Agreement]:
    """Compare Rubin's rules with mice, on the estimates that mice pooled."""
    for name, expected in entries("11_mice_rubin"):
        for one in expected.get("pooled", ()):
            fits, entry = expected["per_imputation"], f"11_mice_rubin {name} {one['term']}"
            errors = np.array([fit["se"][one["term"]] for fit in fits])
            pooled = p.pool([fit["coef"][one["term"]] for fit in fits], errors**2, complete_df=one["dfcom"])
            yield Agreement("pooled estimate", entry, one["estimate"], pooled.estimate)
            yield Agreement("pooled variance", entry, one["t"], pooled.total)
            yield Agreement("Barnard-Rubin degrees of freedom", entry, one["df"], pooled.df)
            yield Agreement("fraction of missing information", entry, one["fmi"], pooled.fraction_missing)


def curves() -> Iterator[Agreement]:
    """Compare calibration curves with R's loess, and their distances with it and with pmcalibration's spline."""
    keys = {"ici": "integrated_calibration_index", "e50": "e50", "e90": "e90", "emax": "emax"}
    for name, expected in entries("12_ici"):
        (y, risk), entry = arrays(name), f"12_ici {name}"
        smooth = Loess(risk).curves(y, np.ones((1, y.size))).at(np.array(expected["curve_grid"]))[:, 0]
        loess, spline = expected["R"]["loess_default"], expected["pmcalibration"]["rcs"]
        yield furthest("loess curve", entry, loess["curve"], smooth)
        for key, function in keys.items():
            found = partial(getattr(p, function), y, risk)
            theirs = {"ici": "ICI", "e50": "E50", "e90": "E90", "emax": "Emax"}[key]
            yield Agreement(f"{key}, loess", entry, loess[theirs], found(smoothing="loess"))
            theirs = theirs if key != "ici" else "Eavg"
            yield Agreement(f"{key}, spline", entry, spline[theirs], found(smoothing="spline"))


def fitted_models() -> Iterator[Agreement]:
    """Compare R² and Brier scores of models on the data that they were fitted to."""
    names = {"cox_snell": "cox_snell_r2", "nagelkerke": "nagelkerke_r2"}
    names |= {"brier": "brier_score", "ipa_scaled_brier": "scaled_brier_score"}
    models = {name.removesuffix("_all"): fit["coef"] for name, fit in entries("01_glm") if name.endswith("_all")}
    for name, expected in entries("13_r2_ipa"):
        rows = table(name)
        predictors = [term for term in models[name] if term != "(Intercept)"]
        coefficients, _ = fitted(rows, OUTCOMES[name], predictors)
        risk = inverse_logit(design(rows, predictors) @ coefficients)
        for theirs, ours in names.items():
            found = getattr(p, ours)(rows[OUTCOMES[name]], risk)
            yield Agreement(ours.removesuffix("_score"), f"13_r2_ipa {name}", expected[theirs], found)


def overall() -> Iterator[Agreement]:
    """Compare Brier and scaled Brier scores with riskRegression."""
    for name, expected in entries("14_auprc_hl_brier"):
        if "ipa" not in expected:
            continue
        (y, risk), entry = arrays(name), f"14_auprc_hl_brier {name}"
        brier = p.estimate("brier", y, risk, method="standard_error")
        yield Agreement("brier", entry, expected["brier"], p.brier_score(y, risk))
        theirs = expected["riskRegression_score"]["brier"][1]["se"]
        yield Agreement("brier, standard error", entry, theirs, log_error(brier) * p.brier_score(y, risk))
        yield Agreement("scaled_brier", entry, expected["ipa"], p.scaled_brier_score(y, risk))
        yield Agreement("log_loss", entry, expected["logloss"], p.log_loss(y, risk))


def areas() -> Iterator[Agreement]:
    """Compare areas under the precision-recall curve."""
    for name, expected in entries("14_auprc_hl_brier"):
        if "auprc_integral" in expected:
            at, entry = arrays(name), f"14_auprc_hl_brier {name}"
            yield Agreement("auprc_interpolated", entry, expected["auprc_integral"], p.auprc_interpolated(*at))
            yield Agreement("average_precision", entry, expected["average_precision_step"], p.average_precision(*at))


def development_sizes() -> Iterator[Agreement]:
    """Compare the three criteria of a development with pmsampsize, where it does not simulate."""
    for name, expected in entries("08_sample_size"):
        args = dict(expected["args"])
        if not name.startswith("pmsampsize") or "cstatistic" in args:
            continue
        prevalence, parameters = args.pop("prevalence"), args.pop("parameters")
        r2 = {SIZES[key]: value for key, value in args.items()}
        criteria = sample_size.development(prevalence, parameters, **r2).criteria
        for one, row in zip(criteria, expected["table"]["values"][:3], strict=False):
            yield Agreement(f"patients to develop: {one.name}", f"08_sample_size {name}", row[0], one.patients)


def validation_sizes() -> Iterator[Agreement]:
    """Compare the criteria of a validation with pmvalsampsize; that of the slope with its integral."""
    for name, expected in entries("08_sample_size"):
        if not name.startswith("pmvalsampsize"):
            continue
        found = {one.name: one.patients for one in validated(expected["args"]).criteria}
        theirs = [row[0] for row in expected["table"]["values"][: len(found)]]
        for (criterion, patients), reference in zip(found.items(), theirs, strict=True):
            exact = expected["criterion2_by_integration"] if criterion == "calibration_slope" else reference
            yield Agreement(f"patients to validate: {criterion}", f"08_sample_size {name}", exact, patients)


def validated(args: Mapping[str, Any]) -> sample_size.ValidationSize:
    """Return clinpred's sizes for the arguments that pmvalsampsize was given."""
    normal = "lpnormal" in args
    spread = sample_size.NormalLinearPredictor(*args["lpnormal"]) if normal else sample_size.BetaRisk(*args["lpbeta"])
    acted = [args[key] for key in ("threshold", "sensitivity", "specificity") if key in args]
    return sample_size.validation(
        args["prevalence"],
        args["cstatistic"],
        linear_predictor=spread,
        use=sample_size.UseAtThreshold(*acted) if acted else None,
        widths=sample_size.Widths(observed_expected=args.get("oeciwidth", 0.2)),
    )


def arrays(name: str) -> tuple[Array, Array]:
    """Return outcome and risk."""
    rows = table(name)
    return rows["y"], rows["p"]


def pair(name: str) -> tuple[Array, Array, Array | None]:
    """Return the outcome, the risk, and the other risk where there is one; scores brought into 0 to 1."""
    rows = table(INPUTS.get(name, name))
    if name.startswith("asah"):
        return rows["y"], rows["wfns"] / 10, rows["s100b"] / 10
    return rows["y"], rows["p"], rows["p2"] if name.endswith("p_vs_p2") else None


def fitted(rows: np.ndarray, outcome: str, predictors: list[str]) -> tuple[Array, Array]:
    """Return coefficients and standard errors, fitted on columns of one size."""
    columns = design(rows, predictors)
    size = np.abs(columns).max(axis=0)
    fits = fit_logistic(columns / size, rows[outcome], np.ones((1, rows.size)))
    errors = np.sqrt(np.diag(np.linalg.inv(fits.information[0])))
    return fits.coefficients[0] / size, errors / size


def half_width(found: p.Estimate) -> float:
    """Return the standard error of a Wald interval."""
    return (found.upper - found.lower) / 2 / NORMAL_975


def log_error(found: p.Estimate) -> float:
    """Return the standard error on the log scale."""
    return float(np.log(found.upper / found.lower)) / 2 / NORMAL_975


def page() -> str:
    """Return the table in Markdown."""
    found = list(agreements())
    usual = max(one.difference for one in found if not one.note)
    notes = {one.note for one in found if one.note}
    lines = [
        "# Agreement with R",
        "",
        "Made by `python benchmarks/agreement.py > docs/agreement.md`. The reference numbers, with the calls, packages",
        "and versions that gave them, lie in `tests/reference`; a test holds them to 1e-6. Of curves and of several",
        "coefficients, the point with the largest difference is shown.",
        "",
        f"{len(found)} numbers; the largest difference is below {ceiling(usual)}, but for those marked *.",
        *(f"\n\\* {note}." for note in sorted(notes)),
        "",
        "| measure | reference entry | reference | clinpred | difference |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *(line(one) for one in found)])


def line(one: Agreement) -> str:
    """Return a row of the table."""
    numbers = f"{one.reference:.9g} | {one.found:.9g} | < {ceiling(one.difference)}{'*' if one.note else ''}"
    return f"| {one.measure} | {one.entry} | {numbers} |"


def ceiling(difference: float) -> str:
    """Return the power of ten above a difference, at the least 1e-12: what lies below is rounding."""
    return f"1e{max(-12, int(np.floor(np.log10(difference))) + 1)}" if difference else "1e-12"


if __name__ == "__main__":
    print(page())
