"""What missing values cost: models developed and judged on several imputed data sets, pooled by Rubin's rules."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import StatisticalRefusal
from clinpred.models.development import Rule, Tuning, new_estimator
from clinpred.models.risk_model import Form, risk_of
from clinpred.performance import estimate
from clinpred.performance.intervals import Estimate
from clinpred.performance.newton import inverse_logit
from clinpred.performance.rubin import Pooled, pool, pool_intervals
from clinpred.predictors.imputation import drawn_designs
from clinpred.predictors.preparation import Preparation
from clinpred.records.cohort import Cohort
from clinpred.records.partition import Partition

Array = NDArray[np.float64]
POOLED = ("auroc", "observed_expected", "calibration_slope")


class Settings(NamedTuple):
    """How models are developed on each imputed data set: as on the one that travels."""

    tuning: Tuning
    rule: Rule
    seed: int


@dataclass(frozen=True)
class PooledCoefficient:
    """A coefficient per SD of its design column, over the imputed data sets.

    ``lower`` and ``upper`` are Rubin's, of an unpenalised model; a penalised one has no standard error of its own.
    ``between`` is the standard deviation of the coefficient from one data set to the next.
    """

    column: str
    per_sd: float
    lower: float | None
    upper: float | None
    between: float


@dataclass(frozen=True)
class OverImputations:
    """One model over the imputed data sets: held-out measures, or why there is none, and its coefficients.

    ``is_redeveloped`` says whether it was developed on every data set, or judged as it stands.
    """

    measures: dict[str, Pooled | str]
    coefficients: tuple[PooledCoefficient, ...] = ()
    is_redeveloped: bool = True


@dataclass(frozen=True)
class _Fit:
    coefficients: Array
    variances: Array | None
    measures: dict[str, Estimate]


def over_imputations(
    models: Sequence[str],
    preparation: Preparation,
    partition: Partition,
    *,
    imputations: int,
    settings: Settings,
    as_they_stand: Mapping[str, Form] = MappingProxyType({}),
) -> dict[str, OverImputations]:
    """Develop logistic models on imputed data sets, judge each on held-out patients imputed alike, and pool.

    Every missing value is drawn from what chained equations on the other predictors believe; the outcome has no say,
    so that the coefficients are somewhat closer to 0 than those of complete data, and pooled ones describe rather than
    infer. Held-out patients are completed by models learnt from development patients alone.

    Parameters
    ----------
    models : sequence of str
        Names of logistic models.
    preparation : Preparation
        Of the development patients, with chained equations.
    partition : Partition
        Development and held-out patients.
    imputations : int
        Data sets, 2 or more.
    settings : Settings
    as_they_stand : mapping of model to Form, optional
        Models that are judged on every data set and not developed again, such as networks.

    References
    ----------
    Rubin DB. Multiple Imputation for Nonresponse in Surveys. Wiley 1987. Moons KGM et al. J Clin Epidemiol
    2006;59:1092-1101 (imputing with the outcome). Wood AM et al. Biom J 2015;57:614-632 (for new patients).
    """
    fits: dict[str, list[_Fit]] = {name: [] for name in models}
    refused: dict[str, str] = {}
    standing: dict[str, list[dict[str, Estimate]]] = {name: [] for name in as_they_stand}
    development, held_out = partition.development, partition.held_out
    for designs in _drawn(preparation, development, held_out, imputations, settings.seed):
        for name in models:
            try:
                fits[name].append(_fitted(name, designs, development, held_out, settings))
            except StatisticalRefusal as refusal:
                refused[name] = refusal.found
        for name, form in as_they_stand.items():
            standing[name].append(_judged(form.linear_predictor(designs[1]), held_out))
    redeveloped = {
        name: OverImputations(
            {measure: _pooled(measure, [fit.measures[measure] for fit in fits[name]]) for measure in POOLED},
            _coefficients(preparation.columns, fits[name]),
        )
        for name in models
        if name not in refused
    }
    return redeveloped | {
        name: OverImputations(
            {measure: _pooled(measure, [one[measure] for one in found]) for measure in POOLED}, is_redeveloped=False
        )
        for name, found in standing.items()
    }


def _drawn(
    preparation: Preparation, development: Cohort, held_out: Cohort, imputations: int, seed: int
) -> Iterator[tuple[Array, Array]]:
    for stream in np.random.SeedSequence(seed).spawn(imputations):
        rng = np.random.default_rng(stream)
        yield drawn_designs(preparation, development.predictors, held_out.predictors, rng)


def _fitted(name: str, designs: tuple[Array, Array], development: Cohort, held_out: Cohort, settings: Settings) -> _Fit:
    design, beside = designs
    model = new_estimator(name, seed=settings.seed, tuning=settings.tuning, rule=settings.rule)
    model.fit(design, development.outcome, patients=development.patients)
    separated = bool(getattr(model, "separated_", False))
    variances = None
    if hasattr(model, "separated_") and not separated:
        variances = _variances(design, model.decision_function(design), development)
    judged = _judged(model.decision_function(beside), held_out)
    return _Fit(np.full(design.shape[1], np.nan) if separated else model.coef_[0], variances, judged)


def _judged(linear_predictor: Array, held_out: Cohort) -> dict[str, Estimate]:
    risk = risk_of(linear_predictor)
    return {
        measure: estimate(
            measure, held_out.outcome, risk, patients=held_out.patients, linear_predictor=linear_predictor
        )
        for measure in POOLED
    }


def _variances(design: Array, linear_predictor: Array, cohort: Cohort) -> Array:
    """Return squared standard errors of the coefficients; a patient's rows count together where patients repeat."""
    rows = np.column_stack([np.ones(len(design)), design])
    risk = inverse_logit(linear_predictor)
    bread = np.linalg.inv(rows.T @ (rows * (risk * (1.0 - risk))[:, None]))
    if cohort.n_patients < cohort.n_rows:
        scores = np.zeros((cohort.n_patients, rows.shape[1]))
        np.add.at(scores, cohort.patients, rows * (cohort.outcome - risk)[:, None])
        bread = bread @ (scores.T @ scores) @ bread * cohort.n_patients / (cohort.n_patients - 1)
    variances: Array = np.diag(bread)[1:]
    return variances


def _pooled(measure: str, found: Sequence[Estimate]) -> Pooled | str:
    try:
        return pool_intervals(measure, found)
    except StatisticalRefusal as refusal:
        return refusal.found


def _coefficients(columns: Sequence[str], fits: Sequence[_Fit]) -> tuple[PooledCoefficient, ...]:
    found = np.array([fit.coefficients for fit in fits])
    variances = [fit.variances for fit in fits if fit.variances is not None]
    if np.isnan(found).any():
        return ()
    between = found.std(axis=0, ddof=1)
    if len(variances) < len(fits):
        return tuple(
            PooledCoefficient(column, float(mean), None, None, float(apart))
            for column, mean, apart in zip(columns, found.mean(axis=0), between, strict=True)
        )
    pooled = [pool(values, squared) for values, squared in zip(found.T, np.array(variances).T, strict=True)]
    return tuple(
        PooledCoefficient(column, one.estimate, one.lower, one.upper, float(apart))
        for column, one, apart in zip(columns, pooled, between, strict=True)
    )
