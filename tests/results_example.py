"""An example of a whole `Results`: made-up patients, real measures, one of everything a report can hold."""

from dataclasses import asdict
from functools import cache

import numpy as np

from clinpred.performance.differences import paired_differences
from clinpred.performance.discrimination import roc_curve
from clinpred.performance.flexible_calibration import calibration_curve
from clinpred.performance.intervals import estimate, estimate_all, net_benefit_estimates
from clinpred.performance.net_benefit import decision_curve
from clinpred.performance.rows import Predictions
from clinpred.report import contents

THRESHOLDS = [0.2, 0.5]
BINS = np.round(np.arange(0.0, 1.0001, 0.05), 2)
GRID = np.round(np.arange(0.02, 0.99, 0.02), 2)
PATIENTS = {"apparent": 2280, "held_out": 760}
FEWEST_SHOWN = 8
FIT = ("intercept", "slope")
REPLICATES = 50

# title, kind, regularised, spread, noise and hindsight: how much a model stretches the true log odds, how far it
# errs, and how far it has learnt the outcomes of its own development patients by heart
MODELS = {
    "prevalence": ("Prevalence only", "null", False, 0.0, 0.0, 0.0),
    "logistic_unpenalised": ("Logistic, unpenalised", "logistic", False, 1.02, 0.55, 0.35),
    "logistic_ridge": ("Logistic, ridge (L2)", "logistic", True, 0.84, 0.38, 0.25),
    "logistic_lasso": ("Logistic, lasso (L1)", "logistic", True, 0.90, 0.42, 0.25),
    "logistic_elastic_net": ("Logistic, elastic net", "logistic", True, 0.91, 0.40, 0.25),
    "mlp_unregularised": ("MLP, unregularised", "mlp", False, 2.2, 3.6, 12.0),
    "mlp_regularised": ("MLP, dropout + L2 + early stopping", "mlp", True, 0.95, 0.52, 0.35),
}
PREDICTORS = [  # name, type, unit, share missing in events and in non-events, mean, sd, levels
    ("age", "number", "years", 0.0, 0.0, 62.6, 15.6, []),
    ("sex", "category", None, 0.0, 0.0, None, None, ["female", "male"]),
    ("dzgroup", "category", None, 0.0, 0.0, None, None, ["ARF/MOSF w/Sepsis", "CHF", "COPD", "Cirrhosis"]),
    ("num.co", "number", None, 0.0, 0.0, 1.87, 1.34, []),
    ("income", "ordered", None, 0.35, 0.30, None, None, ["under $11k", "$11-$25k", "$25-$50k", ">$50k"]),
    ("scoma", "number", None, 0.0, 0.0, 12.1, 24.6, []),
    ("meanbp", "number", "mmHg", 0.0, 0.0, 84.5, 27.7, []),
    ("wblc", "number", "thousand/µL", 0.026, 0.021, 12.3, 9.3, []),
    ("hrt", "number", "/min", 0.0, 0.0, 97.2, 31.6, []),
    ("resp", "number", "/min", 0.0, 0.0, 23.3, 9.6, []),
    ("temp", "number", "°C", 0.0, 0.0, 37.1, 1.25, []),
    ("pafi", "number", "PaO2/FiO2, mmHg", 0.23, 0.28, 239.5, 109.7, []),
    ("alb", "number", "g/dL", 0.33, 0.41, 2.96, 0.88, []),
    ("bili", "number", "mg/dL", 0.26, 0.31, 2.55, 5.3, []),
    ("crea", "number", "mg/dL", 0.008, 0.007, 1.77, 1.69, []),
    ("sod", "number", "mmol/L", None, None, 137.6, 6.0, []),
    ("ph", "number", None, 0.21, 0.28, 7.42, 0.08, []),
    ("glucose", "number", "mg/dL", 0.48, 0.51, 159.9, 88.4, []),
    ("bun", "number", "mg/dL", 0.46, 0.50, 32.3, 26.8, []),
    ("urine", "number", "mL/day", 0.51, 0.55, 2191.5, 1455.2, []),
    ("adlp", "number", None, 0.72, 0.53, 1.16, 1.74, []),
    ("diabetes", "category", None, 0.0, 0.0, None, None, ["0", "1"]),
    ("ca", "category", None, 0.0, 0.0, None, None, ["metastatic", "no", "yes"]),
]
LEANS_ON = ["scoma", "dzgroup", "ca", "age", "meanbp", "crea", "bili", "adlp", "alb", "pafi", "bun", "num.co", "hrt"]


@cache
def example_results():
    """Return the example; the same object each time."""
    rng = np.random.default_rng(20)
    truth = {role: _draw_patients(count, rng) for role, count in PATIENTS.items()}
    risks = {name: _own_risks(name, truth, rng) for name in MODELS}
    comparators = _comparator_risks(truth["held_out"], rng)
    models = {name: _model(name, truth, risks[name], rng) for name in MODELS}
    models |= {name: _comparator(name, truth["held_out"], risk, rng) for name, risk in comparators.items()}
    outcome = {role: truth[role][1] for role in truth}
    scored = {name: risks[name]["held_out"] for name in MODELS} | comparators
    return contents.Results(
        study=_study(),
        cohort=_cohort(outcome),
        partition=_partition(outcome),
        predictors=[_predictor(row, outcome["apparent"]) for row in PREDICTORS],
        primary="logistic_ridge",
        models=models,
        comparisons=_comparisons(outcome["held_out"], scored, rng),
        verdict=_verdict(models["logistic_ridge"].performance["held_out"]),
        findings=_findings(),
    )


def _draw_patients(count, rng):
    log_odds = -0.2 + 1.6 * rng.standard_normal(count)
    return log_odds, (rng.random(count) < _risk(log_odds)).astype(float)


def _risk(log_odds):
    return np.exp(-np.logaddexp(0.0, -log_odds))


def _own_risks(name, truth, rng):
    *_, spread, noise, hindsight = MODELS[name]
    prevalence = truth["apparent"][1].mean()
    if name == "prevalence":
        return {role: np.full(PATIENTS[role], np.log(prevalence / (1 - prevalence))) for role in truth}
    own = {}
    for role, (log_odds, outcome) in truth.items():
        learnt = hindsight * (outcome - _risk(log_odds)) if role == "apparent" else 0.0
        own[role] = spread * log_odds + noise * rng.standard_normal(log_odds.size) + learnt
    if name == "logistic_unpenalised":  # its likelihood equations make the apparent slope 1 and the O:E ratio 1
        fit = [estimate(f"calibration_{part}", truth["apparent"][1], _risk(own["apparent"])) for part in FIT]
        own = {role: fit[0].estimate + fit[1].estimate * score for role, score in own.items()}
    return own


def _comparator_risks(held_out, rng):
    log_odds, _ = held_out
    model = np.round(_risk(0.9 * log_odds - 0.25 + 0.7 * rng.standard_normal(log_odds.size)), 3)
    physician = np.round(_risk(1.3 * log_odds + 1.3 * rng.standard_normal(log_odds.size)) * 20) / 20
    return {"comparator_surv6m": ("risk", model), "comparator_prg6m": ("risk", physician)}


def _predictions(scores):
    if isinstance(scores, tuple):
        return Predictions(scores[1], None)
    return Predictions(_risk(scores), scores)


def _performance(outcome, scores, rng):
    risk, log_odds = _predictions(scores).risk, _predictions(scores).linear_predictor
    who = np.arange(outcome.size)
    measures = estimate_all(outcome, risk, patients=who, linear_predictor=log_odds, rng=rng, replicates=REPLICATES)
    benefits = net_benefit_estimates(outcome, risk, THRESHOLDS, patients=who, rng=rng, replicates=REPLICATES)
    return contents.Performance(
        net_benefit=[contents.NetBenefit(**asdict(benefit)) for benefit in benefits],
        **{key: contents.Estimate(**asdict(measure)) for key, measure in measures.items()},
    )


def _curves(outcome, scores):
    risk, log_odds = _predictions(scores).risk, _predictions(scores).linear_predictor
    calibration = None
    if np.ptp(risk) > 0 and log_odds is not None:
        calibration = contents.CalibrationCurve(**_plain(calibration_curve(outcome, risk, linear_predictor=log_odds)))
    return contents.Curves(
        calibration=calibration,
        histogram=contents.RiskHistogram(
            edges=BINS.tolist(),
            events=_redacted(np.histogram(risk[outcome == 1], BINS)[0]),
            non_events=_redacted(np.histogram(risk[outcome == 0], BINS)[0]),
        ),
        decision=contents.DecisionCurve(**_plain(decision_curve(outcome, risk, GRID))),
        roc=contents.RocCurve(**_plain(roc_curve(outcome, risk))),
    )


def _plain(curve):
    return {
        key: value if isinstance(value, str) else np.asarray(value).tolist() for key, value in asdict(curve).items()
    }


def _redacted(counts):
    return [None if 0 < count < FEWEST_SHOWN else int(count) for count in counts]


def _model(name, truth, risks, rng):
    title, kind, regularised, *_ = MODELS[name]
    tuning = _tuning(name) if kind == "logistic" and regularised else None
    return contents.ModelResults(
        title=title,
        kind=kind,
        regularised=regularised,
        settings=SETTINGS[name] | ({"penalty_strength": tuning.path.strength[tuning.path.chosen]} if tuning else {}),
        performance={role: _performance(truth[role][1], risks[role], rng) for role in truth},
        curves={role: _curves(truth[role][1], risks[role]) for role in truth},
        tuning=tuning,
        training=_training(name, rng) if kind == "mlp" else None,
        intercept=-1.24 if kind == "logistic" else None,
        coefficients=_coefficients(rng) if kind == "logistic" else None,
        importance=_importance(name, rng) if name in {"logistic_ridge", "mlp_regularised"} else None,
    )


def _comparator(name, held_out, scores, rng):
    return contents.ModelResults(
        title=name.removeprefix("comparator_"),
        kind="comparator",
        regularised=False,
        settings={},
        performance={"held_out": _performance(held_out[1], scores, rng)},
        curves={"held_out": _curves(held_out[1], scores)},
    )


SETTINGS = {
    "prevalence": {},
    "logistic_unpenalised": {"penalty_strength": 0.0, "separated": False},
    "logistic_ridge": {"penalty_strength": 0.0359, "l1_share": 0.0, "folds": 10, "at_grid_edge": False},
    "logistic_lasso": {"penalty_strength": 0.0105, "l1_share": 1.0, "folds": 10, "at_grid_edge": False},
    "logistic_elastic_net": {"penalty_strength": 0.0181, "l1_share": 0.5, "folds": 10, "at_grid_edge": False},
    "mlp_unregularised": {"hidden": [64, 32], "epochs": 300},
    "mlp_regularised": {"hidden": [64, 32], "l2": 0.0107, "dropout": 0.25, "seeds": 5},
}


def _tuning(name):
    share = SETTINGS[name]["l1_share"]
    strength = np.geomspace(5.0 if share == 0 else 0.25, 5e-4 if share == 0 else 2.5e-5, 100)
    strong = np.log10(strength) - np.log10(SETTINGS[name]["penalty_strength"])
    underfit, overfit = 1 / (1 + np.exp(-2.6 * (strong - 1.2))), 1 / (1 + np.exp(2.2 * (strong + 1.1)))
    chosen = int(np.argmin(1.062 + 0.28 * underfit + 0.05 * overfit))
    nonzero = np.full(100, 46) if share == 0 else np.clip(np.arange(100) * 46 // 70, 0, 46)
    path = contents.PenaltyPath(
        strength=strength.tolist(),
        apparent=(1.045 + 0.29 * underfit - 0.03 * overfit).tolist(),
        resampled=(1.062 + 0.28 * underfit + 0.05 * overfit).tolist(),
        standard_error=(0.014 + 0.004 * overfit).tolist(),
        held_out=(1.055 + 0.285 * underfit + 0.045 * overfit + 0.004 * np.sin(3 * strong)).tolist(),
        nonzero=nonzero.tolist(),
        chosen=chosen,
        l1_share=share,
        folds=10,
    )
    shares = contents.ShareSearch(l1_share=[0.1, 0.5, 0.9], resampled=[1.0712, 1.0704, 1.0719])
    return contents.Tuning(path=path, shares=shares if 0 < share < 1 else None)


def _training(name, rng):
    regularised = name == "mlp_regularised"
    settings = [(l2, dropout) for l2 in (0.032, 0.0107, 0.0036) for dropout in (0.5, 0.25, 0.0)]
    grid = [
        contents.GridPoint(l2=l2, dropout=dropout, log_loss=0.541 + 0.01 * abs(dropout - 0.25) + 0.3 * abs(l2 - 0.0107))
        for l2, dropout in settings
    ]
    searched = [
        _stopped(f"search {place + 1}", l2, dropout, "search", rng) for place, (l2, dropout) in enumerate(settings)
    ]
    final = [_stopped(f"seed {place + 1}", 0.0107, 0.25, "final", rng) for place in range(5)]
    learnt = (0.66 * np.exp(-np.arange(1, 301) / 60) + 0.003 + 0.004 * rng.random(300)).tolist()
    unregularised = contents.TrainingMember(
        label="seed 1", l2=0.0, dropout=0.0, learning=learnt, stopping=[], stopped_epoch=300, restored_epoch=300,
        chosen_by="final",
    )  # fmt: skip
    return contents.Training(
        hidden=[64, 32],
        learning_patients=1596 if regularised else 2280,
        stopping_patients=342 if regularised else 0,
        choosing_patients=342 if regularised else 0,
        grid=grid if regularised else [],
        members=[*searched, *final] if regularised else [unregularised],
    )


def _stopped(label, l2, dropout, chosen_by, rng):
    stopped = int(rng.integers(48, 74) + 40 * dropout)
    epoch = np.arange(1, stopped + 1)
    learning = 0.46 - 3 * min(0, 0.011 - l2) * 0.5 + 0.22 * np.exp(-epoch / 9) - 0.0011 * epoch * (1 - dropout)
    stopping = 0.535 + 0.15 * np.exp(-epoch / 8) + 0.0007 * np.maximum(epoch - 28, 0)
    stopping += 0.003 * rng.standard_normal(stopped)
    return contents.TrainingMember(
        label=label,
        l2=l2,
        dropout=dropout,
        learning=(learning + 0.002 * rng.standard_normal(stopped)).tolist(),
        stopping=stopping.tolist(),
        stopped_epoch=stopped,
        restored_epoch=int(np.argmin(stopping)) + 1,
        chosen_by=chosen_by,
    )


def _coefficients(rng):
    coefficients = []
    for name, kind, _, _, _, _, sd, levels in PREDICTORS:
        columns = [f"{name}={level}" for level in levels[1:]] if kind == "category" else [name]
        for column in columns:
            per_sd = 0.35 * rng.standard_normal()
            coefficients.append(
                contents.Coefficient(column=column, predictor=name, per_sd=per_sd, original=per_sd / (sd or 0.45))
            )
    return coefficients


def _importance(name, rng):
    order = (
        LEANS_ON
        if name == "logistic_ridge"
        else [LEANS_ON[place] for place in (0, 2, 1, 3, 5, 4, 7, 6, 8, 10, 9, 11, 12)]
    )
    rest = [row[0] for row in PREDICTORS if row[0] not in order]
    increases = [0.062 * 0.72**place for place in range(len(order))] + [0.0004 * rng.standard_normal() for _ in rest]
    permutation = [
        contents.PermutationImportance(
            predictor=predictor,
            increase=increase,
            lower=increase - 0.0012 - 0.12 * abs(increase),
            upper=increase + 0.0012 + 0.12 * abs(increase),
        )
        for predictor, increase in zip([*order, *rest], increases, strict=True)
    ]
    shapley = [
        contents.ShapleyImportance(predictor=predictor, mean_absolute=0.48 * 0.82**place * (1 + 0.3 * rng.random()))
        for place, predictor in enumerate([*order, *rest])
    ]
    return contents.Importance(
        permutation=sorted(permutation, key=lambda one: -one.increase),
        shapley=sorted(shapley, key=lambda one: -one.mean_absolute),
        shapley_method="exact, linear" if name == "logistic_ridge" else "sampled permutations",
        shapley_patients=760 if name == "logistic_ridge" else 200,
    )


def _study():
    return contents.StudyCard(
        name="example",
        outcome="death within 180 days (d.time)",
        event="1",
        horizon_days=180.0,
        seed=20,
        export="example.csv",
        export_sha256="4f7dfcfb0d702401adfd0fa47702ed18fdd4dfe37acd0bcf1055acb7df007a1b",
        version="0.1.0",
        thresholds=THRESHOLDS,
        set_aside={"slos": "length of stay, known only at discharge"},
    )


def _cohort(outcome):
    patients = sum(PATIENTS.values())
    excluded = [("outcome missing", 31), ("censored before the horizon", 24), ("exact duplicate of another row", 9)]
    return contents.CohortCounts(
        rows_in_export=patients + sum(rows for _, rows in excluded),
        patients=patients,
        rows=patients,
        events=int(sum(events.sum() for events in outcome.values())),
        excluded=[contents.Excluded(reason=reason, rows=rows) for reason, rows in excluded],
        predictors=len(PREDICTORS),
        design_columns=46,
    )


def _partition(outcome):
    development, held_out = (
        contents.RoleCounts(patients=PATIENTS[role], events=int(outcome[role].sum()))
        for role in ("apparent", "held_out")
    )
    return contents.PartitionCounts(development=development, held_out=held_out, by="patient", share=0.25)


def _predictor(row, outcome):
    name, kind, unit, events, non_events, mean, sd, levels = row
    share = None if events is None else outcome.mean() * events + (1 - outcome.mean()) * non_events
    return contents.PredictorSummary(
        name=name,
        type=kind,
        unit=unit,
        missing_share=share,
        missing_share_events=events,
        missing_share_non_events=non_events,
        mean=mean,
        sd=sd,
        levels=levels,
        missing_indicator=events is not None and events > 0.02,
    )


def _comparisons(outcome, scored, rng):
    pairs = [
        ("logistic_ridge", "logistic_unpenalised"),
        ("logistic_lasso", "logistic_unpenalised"),
        ("logistic_elastic_net", "logistic_unpenalised"),
        ("mlp_regularised", "mlp_unregularised"),
        ("logistic_ridge", "comparator_surv6m"),
        ("logistic_ridge", "comparator_prg6m"),
    ]
    return [
        contents.Comparison(role="held_out", model=model, baseline=baseline, measure=measure, **asdict(difference))
        for model, baseline in pairs
        for measure, difference in paired_differences(
            outcome,
            _predictions(scored[model]),
            _predictions(scored[baseline]),
            patients=np.arange(outcome.size),
            measures=("auroc", "log_loss", "calibration_slope", "net_benefit:0.2", "net_benefit:0.5"),
            rng=rng,
            replicates=REPLICATES,
        ).items()
    ]


def _verdict(performance):
    auroc, slope, ratio = performance.auroc, performance.calibration_slope, performance.observed_expected
    said = [
        (
            "evidence",
            "internal",
            "caution",
            f"{auroc.patients} held-out patients ({auroc.events} events), drawn at random.",
        ),
        (
            "ranking",
            "better than chance",
            "holds",
            f"AUROC {auroc.estimate:.2f} ({auroc.lower:.2f} to {auroc.upper:.2f}).",
        ),
        ("risk size", "about right", "holds", f"Slope {slope.estimate:.2f}, O:E {ratio.estimate:.2f}."),
        ("use", "useful in range", "holds", "Net benefit is above treating all and none at 0.2 and 0.5."),
        ("change from development", "not judged", "not judged", "No resampled estimate was made."),
        ("stability", "not judged", "not judged", "No bootstrap models were developed."),
        ("sites and periods", "not judged", "not judged", "The study names no site and no date."),
    ]
    clauses = [contents.Clause(clause=c, word=w, level=level, sentence=s) for c, w, level, s in said]
    return contents.Verdict(
        level="holds with caution", sentences=[clause.sentence for clause in clauses[:4]], clauses=clauses
    )


def _findings():
    found = [
        (
            "W-LEAKAGE",
            "serious",
            "`adlp` alone has an AUROC of 0.96",
            "check when it is recorded; set it aside",
            1,
            "adlp",
        ),
        (
            "W-INTERNAL",
            "caution",
            "held-out patients come from the same sites and period",
            "validate elsewhere",
            None,
            None,
        ),
        ("W-MISSING", "caution", "`urine` is missing in 53 % of patients", "ask why it is not measured", 1208, "urine"),
        ("W-MISSING-DIFFERS", "caution", "`adlp` is missing more often in events", "do not rely on it", None, "adlp"),
        ("N-CONSTANT", "note", "`phase` has one value and was left out", "nothing needs doing", 1, "phase"),
        ("N-POOLED", "note", "3 rare levels of `dzgroup` were pooled", "nothing needs doing", 3, "dzgroup"),
    ]
    return [
        contents.FindingItem(code=code, level=level, text=text, advice=advice, count=count, column=column)
        for code, level, text, advice, count, column in found
    ]
