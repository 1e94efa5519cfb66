"""An example of a whole `Results`: made-up patients, real measures, one of everything a report can hold."""

from dataclasses import asdict
from functools import cache
from itertools import chain

import numpy as np

from clinpred.performance.differences import paired_differences
from clinpred.performance.discrimination import roc_curve
from clinpred.performance.flexible_calibration import calibration_curve
from clinpred.performance.intervals import estimate, estimate_all, net_benefit_estimates
from clinpred.performance.net_benefit import decision_curve
from clinpred.performance.rows import Predictions
from clinpred.report import (
    contents,
    correlation_contents,
    effect_contents,
    importance_contents,
    imputation_contents,
    missingness_contents,
    resampling_contents,
    training_contents,
)

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
UNSTEADY = {  # the spread of the replicates' log odds, their refusals and separations, and the optimism of the AUROC
    "logistic_unpenalised": (0.72, 3, 41, 0.031),
    "logistic_ridge": (0.13, 1, 0, 0.009),
    "logistic_lasso": (0.21, 1, 0, 0.013),
    "logistic_elastic_net": (0.19, 1, 0, 0.012),
}
ROTATIONS = 3
BOOTSTRAPS, SHOWN_CURVES = 200, 100
RISKS = np.round(np.arange(0.02, 0.99, 0.04), 2)
CLUSTERS = [("bun", "crea"), ("ca", "num.co", "dzgroup")]
EDGES = {
    "scoma": [0.0, 9.0, 26.0, 44.0, 100.0],
    "age": np.quantile([33.1, 53.0, 65.0, 74.0, 85.2], np.linspace(0, 1, 21)).round(1).tolist(),
    "meanbp": [47.0, 58.0, 63.0, 70.0, 77.0, 90.0, 107.0, 119.0, 140.0],
    "crea": [0.5, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 3.1, 6.2],
    "alb": [1.6, 2.2, 2.6, 3.0, 3.4, 3.8, 4.4],
    "income": [0.0, 1.0, 2.0, 3.0],
}
LEANS_ON = ["scoma", "dzgroup", "ca", "age", "meanbp", "crea", "bili", "adlp", "alb", "pafi", "bun", "num.co", "hrt"]


@cache
def example_results():
    """Return the example; the same object each time."""
    rng = np.random.default_rng(20)
    truth = {role: _draw_patients(count, rng) for role, count in PATIENTS.items()}
    risks = {name: _own_risks(name, truth, rng) for name in MODELS}
    comparators = _comparator_risks(truth["held_out"], rng)
    models = {name: _model(name, truth, risks[name], rng) for name in MODELS}
    models |= {name: _resampled(name, models[name], truth["apparent"]) for name in MODELS}
    models |= {name: _comparator(name, truth["held_out"], risk, rng) for name, risk in comparators.items()}
    outcome = {role: truth[role][1] for role in truth}
    scored = {name: risks[name]["held_out"] for name in MODELS} | comparators
    return contents.Results(
        study=_study(),
        cohort=_cohort(outcome),
        partition=_partition(outcome),
        predictors=[_predictor(row, outcome["apparent"]) for row in PREDICTORS],
        missing_by_site=_missing_by_site(),
        correlation=_correlation(),
        imputation=_imputation(models),
        primary="logistic_ridge",
        models=models,
        comparisons=_comparisons(outcome["held_out"], scored, rng),
        resampling=resampling_contents.ResamplingCard(
            replicates=BOOTSTRAPS, bootstrapped=list(UNSTEADY), folds=5, repeats=10, cross_validated=list(MODELS)
        ),
        learning_curve=_learning_curve(),
        verdict=_verdict(models["logistic_ridge"].performance["held_out"]),
        findings=_findings(),
    )


def _imputation(models):
    """Return pooled measures near those of the models as they travel; the lasso's slope could not be had."""
    found = {}
    for name in UNSTEADY:
        held_out, coefficients = models[name].performance["held_out"], models[name].coefficients or []
        is_plain = name == "logistic_unpenalised"
        measures = {
            measure: imputation_contents.PooledMeasure(
                estimate=one.estimate, lower=one.lower - 0.002, upper=one.upper + 0.002, missing_information=0.04
            )
            for measure in ("auroc", "observed_expected", "calibration_slope")
            for one in [getattr(held_out, measure)]
        }
        if name == "logistic_lasso":
            reason = "1 of 10 imputed data sets without an estimate and its interval"
            measures["calibration_slope"] = imputation_contents.PooledMeasure(estimate=None, reason=reason)
        found[name] = imputation_contents.ImputedModel(
            **measures,
            coefficients=[
                imputation_contents.PooledCoefficient(
                    column=one.column,
                    per_sd=0.98 * one.per_sd,
                    lower=one.per_sd - 0.1 if is_plain else None,
                    upper=one.per_sd + 0.1 if is_plain else None,
                    between=0.02,
                )
                for one in coefficients
            ],
        )
    return imputation_contents.Imputation(imputations=10, sweeps=10, incomplete=0.42, models=found)


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
    training = _training(name) if kind == "mlp" else None
    return contents.ModelResults(
        title=title,
        kind=kind,
        regularised=regularised,
        settings=_settings(name, tuning, training),
        performance={role: _performance(truth[role][1], risks[role], rng) for role in truth},
        curves={role: _curves(truth[role][1], risks[role]) for role in truth},
        tuning=tuning,
        training=training,
        restarts=RESTARTS if name == "mlp_regularised" else None,
        variance_split=SPLIT if name == "mlp_regularised" else None,
        intercept=-1.24 if kind == "logistic" else None,
        coefficients=_coefficients(rng) if kind == "logistic" else None,
        importance=_importance(name, rng) if name in {"logistic_ridge", "mlp_regularised"} else None,
        effects=_effects(name) if name in {"logistic_ridge", "mlp_regularised"} else None,
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


RESTARTS = training_contents.Restarts(networks=5, auroc=0.0021, calibration_slope=0.0312, log_loss=0.0014)
SPLIT = training_contents.VarianceSplit(
    seed=1.9e-6, fold=2.5e-4, setting=-3e-7, networks=5, folds=10, settings=18, rotations=3
)
SETTINGS = {
    "prevalence": {},
    "logistic_unpenalised": {"penalty_strength": 0.0, "separated": False},
    "logistic_ridge": {"penalty_strength": 0.0359, "l1_share": 0.0, "folds": 10, "at_grid_edge": False},
    "logistic_lasso": {"penalty_strength": 0.0105, "l1_share": 1.0, "folds": 10, "at_grid_edge": False},
    "logistic_elastic_net": {"penalty_strength": 0.0181, "l1_share": 0.5, "folds": 10, "at_grid_edge": False},
    "mlp_unregularised": {"networks": 1},
    "mlp_regularised": {"networks": 5},
}


def _settings(name, tuning, training):
    if tuning is not None:
        return SETTINGS[name] | {"penalty_strength": tuning.path.strength[tuning.path.chosen]}
    if training is not None:
        final = training.members[-1]
        chosen = {"hidden": final.hidden, "l2": final.l2, "dropout": final.dropout, "epochs": training.epochs}
        return chosen | SETTINGS[name]
    return SETTINGS[name]


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
        effective_df=(46 / (1 + 10 ** (strong + 0.2)) if share == 0 else nonzero.astype(float)).tolist(),
        one_standard_error=chosen - 12,
        l1_share=share,
        method="loo" if share == 0 else "kfold",
        folds=None if share == 0 else 10,
    )
    shares = contents.ShareSearch(l1_share=[0.1, 0.5, 0.9], resampled=[1.0712, 1.0704, 1.0719])
    return contents.Tuning(path=path, shares=shares if 0 < share < 1 else None)


def _training(name):
    rng = np.random.default_rng(17)
    return _searched(rng) if name == "mlp_regularised" else _learnt_by_heart(rng)


def _searched(rng):
    settings = [
        (hidden, l2, dropout)
        for hidden in ([64, 32], [32, 16])
        for l2 in (0.024, 0.011, 0.0041)
        for dropout in (0.5, 0.3, 0.1)
    ]
    tried = [[_stopped(*setting, rotation, rng) for rotation in range(1, ROTATIONS + 1)] for setting in settings]
    grid = [
        training_contents.GridPoint(
            hidden=hidden,
            l2=l2,
            dropout=dropout,
            log_loss=float(np.mean([one.choosing for one in networks])),
            epochs=int(np.median([one.restored_epoch for one in networks])),
        )
        for (hidden, l2, dropout), networks in zip(settings, tried, strict=True)
    ]
    best = min(grid, key=lambda point: point.log_loss)
    return training_contents.Training(
        hidden=best.hidden,
        patients=PATIENTS["apparent"],
        fold_patients=[PATIENTS["apparent"] // 5] * 5,
        rotations=ROTATIONS,
        epochs=best.epochs,
        at_floor=None,
        grid=grid,
        members=[*chain.from_iterable(tried), *(_final(number, best, rng) for number in range(1, 6))],
    )


def _stopped(hidden, l2, dropout, rotation, rng):
    learning, stopping = _losses(l2, dropout, rng)
    stopping += 0.008 * (rotation - 2)
    stopped, restored = _stop(stopping)
    return training_contents.TrainingMember(
        label=f"hidden {'-'.join(map(str, hidden))}, L2 {l2:g}, dropout {dropout:g}",
        hidden=hidden,
        l2=l2,
        dropout=dropout,
        rotation=rotation,
        learning=learning[:stopped].tolist(),
        stopping=stopping[:stopped].tolist(),
        stopped_epoch=stopped,
        restored_epoch=restored,
        kept_loss=float(learning[restored - 1]),
        choosing=0.541
        + 0.02 * abs(dropout - 0.3)
        + 0.4 * abs(l2 - 0.011)
        + 0.004 * rng.random()
        + 0.008 * (rotation - 2),
        chosen_by="search",
    )


def _losses(l2, dropout, rng):
    epoch = np.arange(1, 201)
    turn = 16 + 24 * dropout + 300 * l2 + 4 * rng.standard_normal()
    noise = 0.0015 * rng.standard_normal((2, epoch.size))
    learning = 0.48 + 0.21 * np.exp(-epoch / 9) - 0.0011 * epoch * (1 - dropout)
    stopping = 0.535 + 0.15 * np.exp(-epoch / 8) + 0.0007 * np.maximum(epoch - turn, 0)
    return learning + noise[0], stopping + noise[1]


def _stop(losses):
    """Return after which epoch a patience of 25 stops, and the epoch it goes back to."""
    restored = 1
    for epoch, loss in enumerate(losses, start=1):
        if loss < losses[restored - 1] - 1e-4:
            restored = epoch
        if epoch == restored + 25:
            break
    return epoch, restored


def _final(number, best, rng):
    learning, _ = _losses(best.l2, best.dropout, rng)
    return training_contents.TrainingMember(
        label=f"final network {number}", hidden=best.hidden, l2=0.0085, dropout=best.dropout, rotation=None,
        learning=learning[: best.epochs].tolist(), stopping=[], stopped_epoch=best.epochs, restored_epoch=best.epochs,
        kept_loss=float(learning[best.epochs - 1]), choosing=None, chosen_by="final",
    )  # fmt: skip


def _learnt_by_heart(rng):
    learnt = (0.66 * np.exp(-np.arange(1, 401) / 50) + 0.0005 + 0.0001 * rng.random(400)).tolist()
    member = training_contents.TrainingMember(
        label="final network 1", hidden=[64, 32], l2=0.0, dropout=0.0, rotation=None, learning=learnt[1::2],
        stopping=[], stopped_epoch=400, restored_epoch=350, every=2, kept_loss=learnt[349], choosing=None,
        chosen_by="final",
    )  # fmt: skip
    return training_contents.Training(
        hidden=[64, 32], patients=PATIENTS["apparent"], fold_patients=[], rotations=0, epochs=350, at_floor=True,
        grid=[], members=[member],
    )  # fmt: skip


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
        importance_contents.PermutationImportance(
            predictor=predictor, told_apart=increase > 0.01, **_worsened(increase)
        )
        for predictor, increase in zip([*order, *rest], increases, strict=True)
    ]
    shapley = [
        importance_contents.ShapleyImportance(
            predictor=predictor, mean_absolute=0.48 * 0.82**place * (1 + 0.3 * rng.random())
        )
        for place, predictor in enumerate([*order, *rest])
    ]
    return importance_contents.Importance(
        clusters=[
            importance_contents.ClusterImportance(
                members=list(members),
                mean_absolute=0.3,
                **_worsened(0.004 + 0.02 * len(members)),
                dependent=0.28 if name == "logistic_ridge" else None,
            )
            for members in CLUSTERS
        ],
        permutation=sorted(permutation, key=lambda one: -one.increase),
        shapley=sorted(shapley, key=lambda one: -one.mean_absolute),
        shapley_method="exact, linear" if name == "logistic_ridge" else "sampled permutations",
        shapley_patients=760 if name == "logistic_ridge" else 200,
    )


def _effects(name):
    bend = 0.0 if name == "logistic_ridge" else 0.5
    curves = [_effect(predictor, place, bend) for place, predictor in enumerate(EDGES)]
    return effect_contents.PartialEffects(
        patients=PATIENTS["apparent"],
        curves=curves,
        not_drawn=["bun"],
    )


def _effect(predictor, place, bend):
    values = EDGES[predictor]
    levels = next(row[7] for row in PREDICTORS if row[0] == predictor) or None
    at = np.linspace(-1.0, 1.0, len(values)) * 0.9 * 0.8**place
    effect = at + bend * (at**2 - np.mean(at**2))
    half = 0.05 + (0.1 if bend else 0.25) * np.abs(at)
    shares = np.full(len(values) - (levels is None), 1.0 / (len(values) - (levels is None)))
    return effect_contents.AccumulatedEffect(
        predictor=predictor,
        values=values,
        effect=effect.tolist(),
        shares=np.round(shares, 2).tolist(),
        levels=levels,
        band=effect_contents.EffectBand(
            lower=(effect - half).tolist(),
            upper=(effect + half).tolist(),
            kind="networks" if bend else "replicates",
            of=5 if bend else 199,
        ),
    )


def _worsened(increase):
    half = 0.0012 + 0.12 * abs(increase)
    return {
        "increase": increase, "lower": increase - half, "upper": increase + half,
        "auroc_drop": 0.8 * increase, "auroc_drop_lower": 0.8 * (increase - half),
        "auroc_drop_upper": 0.8 * (increase + half),
    }  # fmt: skip


def _columns_of(members):
    """Return the columns of a cluster that are summed up: the numbers."""
    return [one for one in members if one != "dzgroup"]


def _missing_by_site():
    columns, tilt = ["Site 1", "Site 2", "4 smallest pooled"], (0.8, 1.0, 1.3)
    shares = {row[0]: row[3] for row in PREDICTORS if row[3]}
    rows = {name: [round(share * by, 4) for by in tilt] for name, share in shares.items()}
    rows["ph"], rows["wblc"] = [0.05, 1.0, 0.3], [None, 0.03, None]
    return missingness_contents.MissingBySite(
        sites=6, columns=columns, patients=[1402, 781, 97], never_at_a_site=["ph"],
        predictors=[missingness_contents.MissingAtSites(predictor=name, shares=one) for name, one in rows.items()],
    )  # fmt: skip


def _correlation():
    shown = ["bun", "crea", "urine", "meanbp", "hrt", "alb", "bili", "ca", "num.co", "dzgroup"]
    association = 0.25 * 0.7 ** np.abs(np.subtract.outer(np.arange(10.0), np.arange(10.0)))
    for members in CLUSTERS:
        places = [shown.index(name) for name in members]
        association[np.ix_(places, places)] = 0.79
    np.fill_diagonal(association, 1.0)
    cells = [[round(one, 3) for one in row] for row in association.tolist()]
    cells[2][9] = cells[9][2] = None
    return correlation_contents.Correlation(
        cut=0.7, draws=100, predictors=len(PREDICTORS), shown=shown, association=cells,
        clusters=[
            correlation_contents.PredictorCluster(
                members=list(members), used_as=list(members) if place else [" + ".join(members)], weakest=0.79,
                stability=0.97 - 0.2 * place, summed={one: 1 - 2 * at for at, one in enumerate(_columns_of(members))},
            )
            for place, members in enumerate(CLUSTERS)
        ],
        inflation=[
            correlation_contents.Inflation(predictor=row[0], factor=1.1 + 0.4 * place)
            for place, row in enumerate(PREDICTORS)
        ],
        dependencies=[correlation_contents.Dependency(index=41.2, columns=["bun missing", "glucose missing"])],
    )  # fmt: skip


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
        ("change from development", "similar", "holds", "AUROC is similar to that of resampled patients."),
        ("stability", "stable", "holds", "Its risks hardly differ between bootstrap samples."),
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


def _resampled(name, model, development):
    """Add what resampling the development patients shows; its random numbers are its own."""
    rng = np.random.default_rng([21, list(MODELS).index(name)])
    log_odds, outcome = development
    *_, spread, noise, _ = MODELS[name]
    scores = spread * log_odds + noise * rng.standard_normal(log_odds.size)
    if name == "prevalence":
        scores = np.full(log_odds.size, np.log(outcome.mean() / (1 - outcome.mean())))
    update = {"performance": model.performance | {"resampled": _performance(outcome, scores, rng)}}
    if name in UNSTEADY:
        separated = UNSTEADY[name][2] > 0
        update |= {
            "optimism": _optimism(name, model.performance["apparent"]),
            "stability": _stability(name, model, rng),
            "separation": _separation(model, rng) if separated else None,
            "coefficients": None if separated else model.coefficients,
            "intercept": None if separated else model.intercept,
        }
    return model.model_copy(update=update)


def _optimism(name, apparent):
    flattered = UNSTEADY[name][3]
    by = {"auroc": flattered, "calibration_slope": 6 * flattered, "log_loss": -1.5 * flattered, "brier": -flattered / 2}
    found = []
    for measure, optimism in by.items():
        value = getattr(apparent, measure).estimate
        corrected = value - optimism
        found.append(
            resampling_contents.Optimism(
                measure=measure,
                apparent=value,
                optimism=optimism,
                corrected=corrected,
                lower=corrected - 0.02 - abs(optimism),
                upper=corrected + 0.02 + abs(optimism),
                replicates=BOOTSTRAPS - UNSTEADY[name][1] - 2 * (measure == "calibration_slope"),
                lost=2 * (measure == "calibration_slope"),
                plus_632=corrected - 0.001 if measure == "auroc" else None,
            )
        )
    lost = {"apparent": None, "optimism": None, "corrected": None, "lower": None, "upper": None}
    reason = "not estimable (more than 5 % of the replicates have no value)"
    found.append(resampling_contents.Optimism(measure="emax", **lost, replicates=150, lost=49, reason=reason))
    return found


def _stability(name, model, rng):
    spread, refused, separated, _ = UNSTEADY[name]
    risk = _risk_instability(spread)
    mape = float(np.average(risk.mean_absolute, weights=risk.patients))
    return resampling_contents.Stability(
        replicates=BOOTSTRAPS - refused,
        refused=refused,
        separated=separated,
        patients=PATIENTS["apparent"],
        mean_absolute=mape,
        mean_absolute_90=1.7 * mape,
        risk=risk,
        calibration=_calibration_instability(spread, rng),
        classification=[
            resampling_contents.ClassificationInstability(
                threshold=threshold, mean=spread * share, unstable=spread * share * 1.9, crossing=spread * share * 3.1
            )
            for threshold, share in zip(THRESHOLDS, (0.13, 0.17), strict=True)
        ],
        decision=_decision_instability(spread, model.curves["apparent"].decision),
        strength=None if model.tuning is None else _strength_spread(model.tuning.path, rng),
        coefficients=_coefficient_spread(name, model, spread, rng),
        sums=[
            resampling_contents.SummedSpread(
                columns=_columns_of(members), estimate=0.4, lower=0.4 - spread, upper=0.4 + spread
            )
            for members in CLUSTERS[:1]
        ],
        ranks=_ranks(spread),
    )


def _risk_instability(spread):
    edges = np.round(np.linspace(0, 1, 21), 2)
    middle = edges[:-1] + 0.025
    patients = np.full(20, 114)
    draws = np.linspace(-2.2, 2.2, 89)
    weight = np.exp(-(draws**2) / 2)
    log_odds = np.log(middle / (1 - middle))
    around = _risk(log_odds[:, None] * 0.98 + spread * draws * (1 + 0.15 * np.abs(log_odds[:, None])))
    quantiles = {
        key: _risk(0.98 * log_odds + spread * at * (1 + 0.15 * np.abs(log_odds))).tolist()
        for key, at in {"q025": -1.96, "q25": -0.674, "q50": 0.0, "q75": 0.674, "q975": 1.96}.items()
    }
    return resampling_contents.RiskInstability(
        lower_edge=edges[:-1].tolist(),
        upper_edge=edges[1:].tolist(),
        patients=patients.tolist(),
        mean_absolute=(np.abs(around - middle[:, None]) @ weight / weight.sum()).tolist(),
        **quantiles,
    )


def _calibration_instability(spread, rng):
    log_odds = np.log(RISKS / (1 - RISKS))
    slopes, levels = 1 - 0.5 * spread * rng.random(SHOWN_CURVES), 0.4 * spread * rng.standard_normal(SHOWN_CURVES)
    curves = _risk(levels[:, None] + slopes[:, None] * log_odds).tolist()
    curves[0][:3] = [None] * 3
    return resampling_contents.CalibrationInstability(
        risk=RISKS.tolist(), original=[None, *_risk(1.03 * log_odds)[1:].tolist()], curves=curves
    )


def _decision_instability(spread, curve):
    net_benefit, half = np.array(curve.net_benefit), 0.03 * spread * (1 + np.array(curve.threshold))
    return resampling_contents.DecisionInstability(
        threshold=curve.threshold,
        original=curve.net_benefit,
        lower=(net_benefit - half).tolist(),
        upper=(net_benefit + half / 2).tolist(),
        treat_all=curve.treat_all,
    )


def _strength_spread(path, rng):
    chosen = path.strength[path.chosen]
    drawn = np.log10(chosen) - 0.15 + 0.35 * rng.standard_normal(199)
    edges = np.linspace(drawn.min(), drawn.max(), 21)
    low, median, high = (float(10**value) for value in np.quantile(drawn, [0.025, 0.5, 0.975]))
    return resampling_contents.StrengthSpread(
        chosen=chosen,
        median=median,
        q025=low,
        q975=high,
        edges=(10**edges).tolist(),
        counts=np.histogram(drawn, edges)[0].tolist(),
        l1_shares={"0.1": 23, "0.5": 141, "0.9": 35} if 0 < path.l1_share < 1 else None,
    )


def _coefficient_spread(name, model, spread, rng):
    sparse, separated = name in {"logistic_lasso", "logistic_elastic_net"}, UNSTEADY[name][2] > 0
    spreads = []
    for one in model.coefficients:
        middle, half = one.per_sd * (1 + 0.1 * rng.standard_normal()), 0.1 + 1.1 * spread
        dropped = sparse and abs(one.per_sd) < 0.12
        spreads.append(
            resampling_contents.CoefficientSpread(
                column=one.column,
                predictor=one.predictor,
                estimate=None if separated else 0.0 if dropped else one.per_sd,
                lower=middle - half,
                upper=middle + half,
                selected=float(min(1.0, 0.4 + abs(one.per_sd))) if sparse else 1.0,
                same_sign=None if separated or dropped else float(min(1.0, 0.55 + abs(one.per_sd))),
            )
        )
    return spreads


def _ranks(spread):
    names = [*LEANS_ON, *(row[0] for row in PREDICTORS if row[0] not in LEANS_ON)]
    return [
        resampling_contents.PredictorRank(
            predictor=name,
            contribution=0.6 * 0.85**place,
            rank=place + 1.0,
            lower=max(1.0, round(place + 1 - 1.5 - 9 * spread)),
            upper=min(float(len(names)), round(place + 1 + 1.5 + 9 * spread)),
            top_five=float(_risk((4.5 - place) / (0.4 + 2 * spread))),
            before_next=None if place == len(names) - 1 else 0.995 if place % 4 == 0 else 0.7,
        )
        for place, name in enumerate(names)
    ]


def _separation(model, rng):
    columns = [one.column for one in model.coefficients if one.predictor in {"ca", "dzgroup"}][:2]
    firth = [
        contents.FirthCoefficient(
            column=one.column,
            predictor=one.predictor,
            per_sd=one.per_sd,
            lower=one.per_sd - 0.2 - 0.1 * rng.random(),
            upper=None if one.column in columns else one.per_sd + 0.2 + 0.1 * rng.random(),
        )
        for one in model.coefficients
    ]
    return contents.Separation(
        complete=False,
        columns=columns,
        infinite=columns,
        firth=firth,
        firth_auroc=0.812,
        firth_calibration_slope=0.71,
    )


def _learning_curve():
    patients = np.round(np.geomspace(80, PATIENTS["apparent"] * 0.8, 7)).astype(int)
    return resampling_contents.LearningCurve(
        repeats=20, models={name: [_learning_point(name, int(size)) for size in patients] for name in UNSTEADY}
    )


def _learning_point(name, patients):
    spread, *_ = UNSTEADY[name]
    lost = (0.05 + 0.9 * spread) * (80 / patients) ** 0.7
    return resampling_contents.LearningPoint(
        patients=patients,
        events=round(0.46 * patients),
        developed=20,
        separated=int(20 * (80 / patients) ** 2) if spread > 0.5 else 0,
        auroc=_spread(0.842 - 0.25 * lost, 0.01 + 0.07 * lost),
        apparent_auroc=_spread(0.845 + 0.2 * lost, 0.008 + 0.05 * lost),
        calibration_slope=_spread(1.0 - 1.2 * lost, 0.05 + 0.3 * lost),
        log_loss=_spread(0.49 + 0.9 * lost, 0.01 + 0.3 * lost),
    )


def _spread(median, half):
    return resampling_contents.Spread(median=float(median), lower=float(median - half), upper=float(median + half))
