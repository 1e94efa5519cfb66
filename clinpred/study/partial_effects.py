"""How the explained models' log odds move with the predictors that matter most, brought into the contents."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from clinpred.errors import StatisticalRefusal
from clinpred.explanation.accumulated import (
    AccumulatedEffect,
    Band,
    Contribution,
    LocalChanges,
    replicated_band,
)
from clinpred.explanation.dense import Dense
from clinpred.models.risk_model import LinearForm
from clinpred.report import effect_contents as contents
from clinpred.study.judgement import Judged
from clinpred.study.learning import Learnt
from clinpred.study.resampling import Resampled
from clinpred.validation.bootstrap import watched_rows

MOST_CURVES = 6
_SHARE_DIGITS = 2


def partial_effects(learnt: Learnt, judged: Judged, resampled: Resampled) -> dict[str, contents.PartialEffects]:
    """Return the accumulated local effects of every explained model, on the same predictors and patients.

    The predictors are the first of the primary model's importance that are numbers or ordered categories. A model whose
    outcome is separated has no size of its own, and no curve.
    """
    development = learnt.partition.development
    seen = development.take(watched_rows(development.patients, learnt.streams.explanation))
    preparation = learnt.prepared.preparation
    moved: list[LocalChanges] = []
    not_drawn: list[str] = []
    for predictor in _ranked(learnt, judged):
        if len(moved) == MOST_CURVES:
            break
        try:
            dense = Dense.of(preparation, seen.predictors, predictor, seen.patients)
        except StatisticalRefusal:
            not_drawn.append(predictor)
        else:
            moved.append(LocalChanges.of(preparation, seen.predictors, dense))
    drawn = [name for name in judged.importance if not learnt.developed[name].settings.get("separated")]
    return {
        name: contents.PartialEffects(
            patients=seen.n_patients,
            curves=[_curve(one, name, learnt, resampled) for one in moved],
            not_drawn=not_drawn,
        )
        for name in drawn
    }


def _ranked(learnt: Learnt, judged: Judged) -> Iterator[str]:
    """Give the numbers and ordered categories by the primary model's importance, members of a component in turn."""
    preparation = learnt.prepared.preparation
    summed = {one.name: one.members for one in preparation.components}
    ordered = {rule.predictor for rule in preparation.rules if rule.kind != "category"}
    for found in judged.importance[learnt.study.models.primary].permutation:
        for name in summed.get(found.members[0], found.members):
            if name in ordered:
                yield name


def _curve(changes: LocalChanges, name: str, learnt: Learnt, resampled: Resampled) -> contents.AccumulatedEffect:
    form = learnt.developed[name].model.form
    effect = changes.effect(form)
    replicates = _replicates(name, learnt, resampled) if isinstance(form, LinearForm) else []
    if replicates:
        effect = replace(effect, band=replicated_band(changes.dense, replicates))
    return _contents(effect)


def _replicates(name: str, learnt: Learnt, resampled: Resampled) -> list[Contribution]:
    """Return the replicates of a model that have coefficients; none where a replicate may hide them in a component."""
    correlation = learnt.study.correlation
    if resampled.bootstrap is None or "summary" in (correlation.policy, *correlation.clusters.values()):
        return []
    models = [one.models[name] for one in resampled.bootstrap.replicates if name in one.models]
    return [(one.coefficients, one.knots) for one in models if one.coefficients is not None and not one.separated]


def _contents(effect: AccumulatedEffect) -> contents.AccumulatedEffect:
    return contents.AccumulatedEffect(
        predictor=effect.predictor,
        values=effect.values.tolist(),
        effect=effect.effect.tolist(),
        shares=np.round(effect.shares, _SHARE_DIGITS).tolist(),
        levels=None if effect.levels is None else list(effect.levels),
        band=None if effect.band is None else _band(effect.band),
    )


def _band(band: Band) -> contents.EffectBand:
    return contents.EffectBand(lower=band.lower.tolist(), upper=band.upper.tolist(), kind=band.kind, of=band.of)
