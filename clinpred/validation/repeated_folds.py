"""Repeated K-fold by patient: every model judged on patients it did not learn from, all models on the same folds.

The whole procedure runs again in every fold. An AUROC compares patients of one fold, a slope has an intercept for each
fold, every other measure is of the out-of-fold risks together; each is the mean over the repeats. Intervals draw the
patients again from their out-of-fold predictions, with all repeats of a patient together. The folds, and the models
developed in them, are held as they are: the interval is conditional on them, and says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.performance.catalogue import ALWAYS_REPORTED
from clinpred.performance.differences import COMPARED, Difference
from clinpred.performance.discrimination import roc_curve
from clinpred.performance.intervals import Draws, Estimate, NetBenefit, Points, estimable, not_estimable
from clinpred.performance.net_benefit import (
    DECISION_THRESHOLDS,
    checked_thresholds,
    decision_curve,
    net_benefit_key,
    treat_all,
)
from clinpred.performance.patient_bootstrap import Drawn, bootstrap, drawn_measure
from clinpred.performance.rows import Array, Rows, Smoothing, checked_rows, patients_and_events
from clinpred.performance.without_interval import unless_at_an_end
from clinpred.records.partition import Ints
from clinpred.settings.arguments import Seed, seed_sequence, whole_number
from clinpred.settings.models import UNREGULARISED_TWINS
from clinpred.validation.comparison import PairedComparison, adjusted
from clinpred.validation.held_out import REPLICATES, RolePerformance, Scored, calibration_of, risk_counts
from clinpred.validation.out_of_fold import OutOfFold
from clinpred.validation.within_folds import is_constant_within, prepare_auroc_within, prepare_slope_within

_WITHIN = {"auroc": prepare_auroc_within, "calibration_slope": prepare_slope_within}
_CONDITIONAL = "conditional on the folds"
_OF_A_SPREAD = ("calibration_slope", "calibration_intercept", "ici", "e50", "e90", "emax")
"""What a constant risk cannot answer, though its level differs between folds."""


@dataclass(frozen=True)
class ResampledPerformance:
    """The role ``resampled``: every model's performance, the planned differences, and why models have neither."""

    performance: dict[str, RolePerformance]
    comparisons: list[PairedComparison]
    refused: Mapping[str, StatisticalRefusal]


def resampled_performance(
    predicted: OutOfFold,
    thresholds: Sequence[float],
    *,
    pairs: Sequence[tuple[str, str]] = (),
    smoothing: Smoothing | None = None,
    seed: Seed,
    replicates: int = REPLICATES,
) -> ResampledPerformance:
    """Measure every model by its out-of-fold predictions, and compare those planned on the same folds.

    Parameters
    ----------
    predicted : OutOfFold
    thresholds : sequence of float
        Risks at which one would act, above 0 and below 1, stated beforehand.
    pairs : sequence of (model, baseline)
        As ``planned_pairs`` gives them; pairs with a name that is no model of the procedure (a comparator) are left
        out. Those of a model and its unregularised twin are one family.
    smoothing : {"loess", "spline"}, optional
        Of calibration curves; by default as the number of rows says.
    seed : int or numpy.random.SeedSequence
        Draws the patients, the same for all models: a model's numbers do not depend on which others were run.
    replicates : int
        Draws of patients.

    Returns
    -------
    ResampledPerformance
        Of each model the measures and the net benefits, means over the repeats. Its curves and its histogram are
        those of the out-of-fold risks of the first repeat. A difference is one of these means.

    Raises
    ------
    InputRefused
        ``E-THRESHOLD``: a threshold not between 0 and 1.
    WrongUsage
        ``E-REPLICATES``: fewer than 1 replicate. ``E-SETTING``: no whole number of them, or a seed that is none.

    References
    ----------
    Parker BJ, Günter S, Bedo J. BMC Bioinformatics 2007;8:326. LeDell E et al. Electron J Stat 2015;9:1583-1607.
    Holm S. Scand J Stat 1979;6:65-70. Dunn OJ. J Am Stat Assoc 1961;56:52-64.
    """
    thresholds = tuple(checked_thresholds(thresholds).tolist())
    draws = Draws(np.random.default_rng(seed_sequence("seed", seed)), whole_number("replicates", replicates))
    judged = _judge(predicted, thresholds, smoothing, draws)
    performance = {
        name: _role_performance(predicted.scored(name, 0), one, thresholds, smoothing) for name, one in judged.items()
    }
    known = [pair for pair in pairs if all(name in judged or name in predicted.refused for name in pair)]
    return ResampledPerformance(performance, _compared(known, judged, predicted, thresholds), predicted.refused)


@dataclass(frozen=True)
class _Judged:
    """One model: means over the repeats, their replicates, why others have none, and how intervals were made."""

    rows: Rows
    values: dict[str, float]
    reasons: dict[str, str]
    drawn: dict[str, Drawn]
    draws: Draws
    replicated: dict[str, Array]

    def bounds(self, key: str) -> tuple[float | None, float | None]:
        return self.drawn[key].bounds() or (None, None)


def _judge(
    predicted: OutOfFold, thresholds: tuple[float, ...], smoothing: Smoothing | None, draws: Draws
) -> dict[str, _Judged]:
    """Measure every model in every repeat, as it is and under the same draws of patients."""
    keys = (*ALWAYS_REPORTED, *(net_benefit_key(threshold) for threshold in thresholds))
    rows = {name: _rows(predicted, name, smoothing) for name in predicted.linear_predictors}
    points = {name: list(map(_points, of, predicted.folds, [keys] * len(of))) for name, of in rows.items()}
    if not rows:
        return {}
    families = {f"{repeat} {name}": one.weighted for name, of in points.items() for repeat, one in enumerate(of)}
    first = next(iter(rows.values()))[0]
    drawn = bootstrap(first, families, rng=draws.rng, replicates=draws.replicates)
    return {
        name: _judged(
            rows[name][0],
            of,
            [drawn[f"{repeat} {name}"] for repeat in range(len(of))],
            draws=draws,
            constant=all(map(is_constant_within, predicted.linear_predictors[name], predicted.folds)),
        )
        for name, of in points.items()
    }


def _rows(predicted: OutOfFold, model: str, smoothing: Smoothing | None) -> list[Rows]:
    scored = [predicted.scored(model, repeat) for repeat in range(len(predicted.folds))]
    return [
        checked_rows(
            one.outcome, one.risk, linear_predictor=one.linear_predictor, patients=one.patients, smoothing=smoothing
        )
        for one in scored
    ]


def _points(rows: Rows, folds: Ints, keys: Sequence[str]) -> Points:
    """Return the measures of one repeat; those within folds last, since the pooled joint fit gives a slope as well."""
    points = estimable(rows, [key for key in keys if key not in _WITHIN])
    once = np.ones((1, rows.outcome.size))
    for key, prepare in _WITHIN.items():
        try:
            weighted = prepare(rows, folds)
        except StatisticalRefusal as refusal:
            affected = _OF_A_SPREAD if refusal.code == "S-CONSTANT-RISK" else (key,)
            points.reasons.update(dict.fromkeys(affected, not_estimable(refusal)))
            continue
        points.values[key] = float(weighted(once)[key][0])
        points.weighted.append(weighted)
    return points


def _judged(
    rows: Rows, points: list[Points], replicates: list[dict[str, Array]], *, draws: Draws, constant: bool
) -> _Judged:
    reasons = {key: reason for one in reversed(points) for key, reason in one.reasons.items()}
    keys = [key for key in points[0].values if key not in reasons]
    values = {key: float(np.mean([one.values[key] for one in points])) for key in keys}
    replicated = {key: np.mean([one[key] for one in replicates], axis=0) for key in keys}
    drawn = {key: unless_at_an_end(drawn_measure(replicated[key]), key, values[key], constant=constant) for key in keys}
    return _Judged(rows, values, reasons, drawn, draws, replicated)


def _words(draws: Draws, drawn: Drawn | None) -> str:
    return f"{draws.words(drawn)}, {_CONDITIONAL}"


def _role_performance(
    first: Scored, judged: _Judged, thresholds: tuple[float, ...], smoothing: Smoothing | None
) -> RolePerformance:
    return RolePerformance(
        measures={key: _estimate(judged, key) for key in ALWAYS_REPORTED},
        net_benefit=_net_benefits(judged, thresholds),
        calibration=None if "ici" in judged.reasons else calibration_of(first, smoothing),
        counts=risk_counts(first),
        decision=decision_curve(first.outcome, first.risk, DECISION_THRESHOLDS),
        roc=roc_curve(first.outcome, first.risk),
    )


def _estimate(judged: _Judged, key: str) -> Estimate:
    counts = judged.rows.patients, judged.rows.patients_with_event
    if key in judged.reasons:
        return Estimate(None, None, None, None, *counts, judged.reasons[key])
    drawn = judged.drawn[key]
    method = "; ".join([_words(judged.draws, drawn), *([drawn.reason] if drawn.reason else [])])
    return Estimate(judged.values[key], *judged.bounds(key), method, *counts)


def _net_benefits(judged: _Judged, thresholds: tuple[float, ...]) -> list[NetBenefit]:
    everybody = treat_all(judged.rows, np.array(thresholds))
    return [
        NetBenefit(threshold, judged.values[key], *judged.bounds(key), float(benefit))
        for threshold, benefit in zip(thresholds, everybody, strict=True)
        if (key := net_benefit_key(threshold))
    ]


def _compared(
    pairs: list[tuple[str, str]], judged: Mapping[str, _Judged], predicted: OutOfFold, thresholds: tuple[float, ...]
) -> list[PairedComparison]:
    planned = sum(pair in UNREGULARISED_TWINS.items() for pair in pairs)
    keys = (*COMPARED, *(net_benefit_key(threshold) for threshold in thresholds))
    found = []
    for pair in pairs:
        family = planned if pair in UNREGULARISED_TWINS.items() else 1
        absent = [name for name in pair if name not in judged]
        differences = (
            dict.fromkeys(keys, _no_difference(absent[0], predicted))
            if absent
            else {key: _difference(judged[pair[0]], judged[pair[1]], key, family) for key in keys}
        )
        found.append(PairedComparison(*pair, differences, family))
    return adjusted(found)


def _no_difference(model: str, predicted: OutOfFold) -> Difference:
    counts = patients_and_events(predicted.outcome, predicted.patients)
    reason = f"{model} could not be developed in every fold ({predicted.refused[model].found})"
    return Difference(None, None, None, "none", *counts, reason)


def _difference(model: _Judged, baseline: _Judged, key: str, family: int) -> Difference:
    counts = model.rows.patients, model.rows.patients_with_event
    of_other = baseline.reasons.get(key)
    reason = model.reasons.get(key) or (None if of_other is None else f"the other risk: {of_other}")
    if reason is not None:
        return Difference(None, None, None, f"paired {_words(model.draws, None)}", *counts, reason)
    drawn = drawn_measure(model.replicated[key] - baseline.replicated[key])
    lower, upper = drawn.bounds() or (None, None)
    together = drawn.bounds(1.0 - 0.05 / family) if family > 1 else None
    return Difference(
        model.values[key] - baseline.values[key],
        lower,
        upper,
        f"paired {_words(model.draws, drawn)}",
        *counts,
        drawn.reason,
        drawn.p_value(),
        *(together or (None, None)),
    )
