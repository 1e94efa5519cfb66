"""The predictor table: development patients, one line a predictor, nothing that a few patients would stand behind."""

import pandas as pd

from clinpred.predictors.encoding import POOL, CategoryRule, NumberRule, OrderedRule, Rule
from clinpred.predictors.preparation import Preparation
from clinpred.records.cohort import Cohort
from clinpred.report.contents import PredictorSummary
from clinpred.report.disclosure import redact_count, redact_parts


def predictor_summaries(development: Cohort, preparation: Preparation) -> list[PredictorSummary]:
    """Summarise each predictor that entered the models, among development patients."""
    return [_summary(development, rule) for rule in preparation.rules]


def _summary(development: Cohort, rule: Rule) -> PredictorSummary:
    values = development.predictors[rule.predictor]
    missing = values.isna().to_numpy()
    event = development.outcome == 1
    with_event, without = redact_parts([int(missing[event].sum()), int(missing[~event].sum())])
    return PredictorSummary(
        name=rule.predictor,
        type=rule.kind,
        unit=development.types[rule.predictor].unit,
        missing_share=_share(redact_count(int(missing.sum())), len(missing)),
        missing_share_events=_share(with_event, int(event.sum())),
        missing_share_non_events=_share(without, int((~event).sum())),
        mean=_mean(values, rule),
        sd=_sd(values, rule),
        levels=_levels(rule),
        missing_indicator=rule.indicator,
    )


def _share(count: int | None, rows: int) -> float | None:
    return None if count is None else count / rows


def _mean(values: pd.Series, rule: Rule) -> float | None:
    return float(values.mean()) if isinstance(rule, NumberRule) else None


def _sd(values: pd.Series, rule: Rule) -> float | None:
    return float(values.std(ddof=1)) if isinstance(rule, NumberRule) else None


def _levels(rule: Rule) -> list[str]:
    if isinstance(rule, CategoryRule):
        return [*rule.levels, *([POOL] if rule.pool else [])]
    return list(rule.levels) if isinstance(rule, OrderedRule) else []
