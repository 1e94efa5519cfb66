"""How much a model depends on who happened to be in the development data, by the replicates of the one bootstrap.

The whole procedure was developed again on draws of the development patients; here its models are set against the model
itself, on the same development patients. Nothing of a single patient is returned: means, quantiles, and bins of eight
patients or more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.performance.net_benefit import DECISION_THRESHOLDS, checked_thresholds
from clinpred.performance.rows import Array
from clinpred.settings.arguments import Seed, refuse_unless, seed_sequence
from clinpred.validation.bootstrap import Bootstrap, Redeveloped
from clinpred.validation.ranks import (
    CoefficientSpread,
    DesignColumns,
    PredictorRank,
    SummedSpread,
    coefficient_spread,
    predictor_ranks,
    summed_spreads,
)

Ints = NDArray[np.int64]

FEWEST_PATIENTS = 8
RISK_EDGES = np.concatenate([[0.0], np.round(np.arange(0.025, 1.0, 0.05), 3), [1.0]])
"""Half a bin beside ``RISK_BINS`` of the histograms: where bins are joined, no withheld count follows from the two."""
MOST_CURVES = 20
UNSTABLE = 0.2
_CENTRAL = (0.025, 0.975)
_QUARTER_DECADES = 4


@dataclass(frozen=True)
class RiskInstability:
    """How far the replicates' risks lie from the model's, by bins of the model's risk; all arrays of shape (bins,).

    ``mean_absolute`` is the mean over the bin's rows and the replicates of |replicate's risk - risk|; ``q025`` to
    ``q975`` are quantiles of the replicates' risks of the bin's rows. Every bin has 8 patients or more.
    """

    lower_edge: Array
    upper_edge: Array
    patients: Ints
    mean_absolute: Array
    q025: Array
    q25: Array
    q50: Array
    q75: Array
    q975: Array


@dataclass(frozen=True)
class CalibrationInstability:
    """Calibration curves on the development patients, on one grid of risks of shape (k,); NaN where risks do not reach.

    ``curves``, of shape (at most 50, k), are of replicates drawn at random among those that have a curve.
    """

    risk: Array
    original: Array
    curves: Array


@dataclass(frozen=True)
class ClassificationInstability:
    """At one threshold: how often a replicate's model classes a patient otherwise than the model does.

    With CII the share of replicates in which (replicate's risk ≥ t) differs from (risk ≥ t), ``mean`` is its mean over
    rows and ``unstable`` the share of rows with CII above .2; ``crossing`` is the share of rows of which the 2.5 and
    97.5 % quantiles of the replicates' risks lie on both sides of the threshold.
    """

    threshold: float
    mean: float
    unstable: float
    crossing: float


@dataclass(frozen=True)
class DecisionInstability:
    """Net benefit on the development patients: the model's own, and the 2.5 and 97.5 % quantiles over replicates."""

    threshold: Array
    original: Array
    lower: Array
    upper: Array
    treat_all: Array


@dataclass(frozen=True)
class StrengthSpread:
    """The penalty strengths λ that the replicates chose, counted between ``edges``: quarters of a decade, increasing.

    ``l1_shares`` counts the l1 shares chosen; None for ridge and lasso, which choose none.
    """

    chosen: float
    median: float
    q025: float
    q975: float
    edges: Array
    counts: Ints
    l1_shares: dict[str, int] | None = None


@dataclass(frozen=True)
class Stability:
    """How much one model depends on who happened to be in the development data.

    ``replicates`` were developed; ``refused`` could not be; ``separated`` of those developed have no maximum of the
    likelihood (their risks are used, their coefficients are not). ``mean_absolute`` is the mean over rows of the mean
    absolute difference between the replicates' risks and the model's (MAPE), ``mean_absolute_90`` its 90th percentile
    over rows. ``patients`` were looked at: all, or 5,000 drawn at random.
    """

    replicates: int
    refused: int
    separated: int
    patients: int
    mean_absolute: float
    mean_absolute_90: float
    risk: RiskInstability
    calibration: CalibrationInstability | None
    classification: list[ClassificationInstability]
    decision: DecisionInstability
    strength: StrengthSpread | None = None
    coefficients: list[CoefficientSpread] | None = None
    ranks: list[PredictorRank] | None = None
    sums: list[SummedSpread] | None = None


def stability(
    bootstrap: Bootstrap,
    model: str,
    thresholds: Sequence[float] = (),
    *,
    design: DesignColumns | None = None,
    seed: Seed = 0,
) -> Stability | None:
    """Return the stability of one model.

    With p the model's risk of a row and p_b that of replicate b's model, b = 1, …, B: MAPE is (1/B) Σ |p_b - p|, one
    number a row. The risks are float32.

    Parameters
    ----------
    bootstrap : Bootstrap
    model : str
        A model that was developed on the patients as they are.
    thresholds : sequence of float
        Risks at which one would act, above 0 and below 1.
    design : DesignColumns, optional
        The development design, for coefficients and ranks; both are None without it, and where no replicate has
        coefficients. Ranks are None too where the model's own outcome is separated.
    seed : int or numpy.random.SeedSequence
        Draws the replicates whose calibration curves are kept.

    Returns
    -------
    Stability or None
        None where the model could not be developed in any replicate, or not on the patients as they are, or where
        fewer than 8 patients are there to be looked at.

    Raises
    ------
    WrongUsage
        ``E-SETTING``: a model that the bootstrap was not of, or a seed that is none.
    InputRefused
        ``E-THRESHOLD``: a threshold not between 0 and 1.

    References
    ----------
    Riley RD, Collins GS. Biom J 2023;65:2200302. Riley RD et al. BMC Med 2023;21:502.
    """
    refuse_unless("model", f"one of {', '.join(bootstrap.models)}", right=model in bootstrap.models)
    at, stream = checked_thresholds(thresholds), seed_sequence("seed", seed)
    developed = [one.models[model] for one in bootstrap.replicates if model in one.models]
    patients = bootstrap.patients[bootstrap.watched]
    watched = int(np.unique(patients).size)
    if not developed or model not in bootstrap.original.models or watched < FEWEST_PATIENTS:
        return None
    own = bootstrap.original.models[model]
    risks = np.array([one.risk for one in developed])
    apart = np.abs(risks - own.risk).mean(axis=0, dtype=np.float64)
    coefficients = [one.coefficients for one in developed if one.coefficients is not None and not one.separated]
    known = design if coefficients else None
    return Stability(
        replicates=len(developed),
        refused=len(bootstrap.replicates) - len(developed),
        separated=sum(one.separated for one in developed),
        patients=watched,
        mean_absolute=float(apart.mean()),
        mean_absolute_90=float(np.quantile(apart, 0.9)),
        risk=_risk_instability(own.risk.astype(np.float64), risks, apart, patients),
        calibration=_calibration_instability(own, developed, bootstrap.calibration_risk.get(model), stream),
        classification=_classification(own.risk, risks, at),
        decision=_decision_instability(own, developed, float(bootstrap.outcome.mean())),
        strength=_strength_spread(own, developed),
        coefficients=coefficient_spread(own.coefficients, coefficients, known) if known else None,
        sums=summed_spreads(own.coefficients, coefficients, known) if known else None,
        ranks=predictor_ranks(own.coefficients, coefficients, known) if known and own.coefficients else None,
    )


def _risk_instability(risk: Array, risks: NDArray[np.float32], apart: Array, patients: Ints) -> RiskInstability:
    edges = _joined_edges(risk, patients)
    place = np.clip(np.searchsorted(edges, risk, side="right") - 1, 0, edges.size - 2)
    bins = [np.flatnonzero(place == at) for at in range(edges.size - 1)]
    quantiles = [np.quantile(risks[:, rows], (0.025, 0.25, 0.5, 0.75, 0.975)) for rows in bins]
    return RiskInstability(
        edges[:-1],
        edges[1:],
        np.array([np.unique(patients[rows]).size for rows in bins]),
        np.array([apart[rows].mean() for rows in bins]),
        *np.array(quantiles, dtype=np.float64).T,
    )


def _joined_edges(risk: Array, patients: Ints) -> Array:
    """Return the edges of bins of 8 patients or more, from below: a bin with fewer is joined to the next one.

    What is left at the top is joined to the bin before. Bins begin and end where the first and last risks are.
    """
    place = np.clip(np.searchsorted(RISK_EDGES, risk, side="right") - 1, 0, RISK_EDGES.size - 2)
    edges, first = [RISK_EDGES[place.min()]], int(place.min())
    for last in range(first, int(place.max()) + 1):
        if np.unique(patients[(place >= first) & (place <= last)]).size >= FEWEST_PATIENTS:
            edges.append(RISK_EDGES[last + 1])
            first = last + 1
    edges[-1] = RISK_EDGES[place.max() + 1]
    return np.array(edges)


def _calibration_instability(
    own: Redeveloped, developed: Sequence[Redeveloped], grid: Array | None, seed: np.random.SeedSequence
) -> CalibrationInstability | None:
    curves = [one.calibration for one in developed if one.calibration is not None]
    if grid is None or own.calibration is None or not curves:
        return None
    shown = np.random.default_rng(seed).permutation(len(curves))[:MOST_CURVES]
    return CalibrationInstability(grid, own.calibration, np.array([curves[at] for at in np.sort(shown)]))


def _classification(
    risk: NDArray[np.float32], risks: NDArray[np.float32], thresholds: Array
) -> list[ClassificationInstability]:
    lower, upper = np.quantile(risks, _CENTRAL, axis=0)
    found = []
    for threshold in thresholds.tolist():
        at = np.float32(threshold)
        changed = ((risks >= at) != (risk >= at)).mean(axis=0)
        crossing = (lower < at) & (upper >= at)
        shares = float(changed.mean()), float(np.mean(changed > UNSTABLE)), float(crossing.mean())
        found.append(ClassificationInstability(threshold, *shares))
    return found


def _decision_instability(own: Redeveloped, developed: Sequence[Redeveloped], prevalence: float) -> DecisionInstability:
    lower, upper = np.quantile([one.net_benefit for one in developed], _CENTRAL, axis=0)
    treat_all = prevalence - (1.0 - prevalence) * DECISION_THRESHOLDS / (1.0 - DECISION_THRESHOLDS)
    return DecisionInstability(DECISION_THRESHOLDS, own.net_benefit, lower, upper, treat_all)


def _strength_spread(own: Redeveloped, developed: Sequence[Redeveloped]) -> StrengthSpread | None:
    strengths = np.array([one.strength for one in developed if one.strength is not None])
    if own.strength is None or not strengths.size or min(own.strength, strengths.min()) <= 0.0:
        return None
    exponents = np.log10([*strengths, own.strength]) * _QUARTER_DECADES
    first, last = int(np.floor(exponents.min())), int(np.floor(exponents.max())) + 1
    counts, edges = np.histogram(exponents[:-1], np.arange(first, last + 1))
    median, lower, upper = np.quantile(strengths, (0.5, *_CENTRAL))
    return StrengthSpread(
        own.strength,
        float(median),
        float(lower),
        float(upper),
        10.0 ** (edges / _QUARTER_DECADES),
        counts,
        _l1_shares([one.l1_share for one in (own, *developed)]),
    )


def _l1_shares(shares: Sequence[float | None]) -> dict[str, int] | None:
    """Count the shares that replicates chose, the model's own first in the list and not counted."""
    known = [share for share in shares if share is not None]
    if not known or set(known) in ({0.0}, {1.0}):
        return None
    values, counts = np.unique(np.array(shares[1:], dtype=np.float64), return_counts=True)
    return {f"{value:g}": int(count) for value, count in zip(values, counts, strict=True)}
