"""The predictor table: development patients, one line a predictor, nothing that a few patients would stand behind."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clinpred.predictors.encoding import POOL, CategoryRule, NumberRule, OrderedRule, Rule
from clinpred.predictors.preparation import Preparation
from clinpred.records.cohort import Cohort
from clinpred.report.contents import PredictorSummary
from clinpred.report.disclosure import redact_count

Flags = NDArray[np.bool_]


def predictor_summaries(development: Cohort, preparation: Preparation) -> list[PredictorSummary]:
    """Summarise each predictor that entered the models, among development patients."""
    return [_summary(development, rule) for rule in preparation.rules]


def _summary(development: Cohort, rule: Rule) -> PredictorSummary:
    values = development.predictors[rule.predictor]
    whole, with_event, without = _missing_shares(values.isna().to_numpy(), development)
    mean, sd = _mean_and_sd(values, development.patients) if isinstance(rule, NumberRule) else (None, None)
    return PredictorSummary(
        name=rule.predictor,
        type=rule.kind,
        unit=development.types[rule.predictor].unit,
        missing_share=whole,
        missing_share_events=with_event,
        missing_share_non_events=without,
        mean=mean,
        sd=sd,
        levels=_levels(rule),
        missing_indicator=rule.indicator,
        knots=list(rule.knots) if rule.kind == "number" else [],
    )


def _missing_shares(missing: Flags, development: Cohort) -> tuple[float | None, float | None, float | None]:
    """Return the share of rows without a value: of all, of those with the event, of those without.

    Where one class is withheld and the whole is not, the other class is withheld too: the first would follow.
    """
    event, patients = development.outcome == 1, development.patients
    whole = share_of_rows(missing, patients)
    with_event, without = (share_of_rows(missing[rows], patients[rows]) for rows in (event, ~event))
    if whole is not None and (with_event is None or without is None):
        return whole, None, None
    return whole, with_event, without


def share_of_rows(missing: Flags, patients: NDArray[np.int64]) -> float | None:
    """Return a share, or None where 1 to 7 patients lack the value, or 1 to 7 have it: it tells both."""
    counts = (_patients(missing, patients), _patients(~missing, patients))
    return None if None in map(redact_count, counts) else float(missing.mean())


def _patients(rows: Flags, patients: NDArray[np.int64]) -> int:
    return np.unique(patients[rows]).size


def _mean_and_sd(values: pd.Series, patients: NDArray[np.int64]) -> tuple[float | None, float | None]:
    if redact_count(_patients(values.notna().to_numpy(), patients)) is None or _tells_a_few(values, patients):
        return None, None
    return float(values.mean()), float(values.std(ddof=1))


def _tells_a_few(values: pd.Series, patients: NDArray[np.int64]) -> bool:
    """Whether mean and sd would tell how few have one of two values."""
    different = values.dropna().unique()
    few = [redact_count(_patients((values == one).to_numpy(), patients)) is None for one in different[:2]]
    return len(different) == 2 and any(few)  # two values


def _levels(rule: Rule) -> list[str]:
    if isinstance(rule, CategoryRule):
        return [*rule.levels, *([POOL] if rule.pool else [])]
    return list(rule.levels) if isinstance(rule, OrderedRule) else []
