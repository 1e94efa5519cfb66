"""The clauses of the verdict that look back at development: how far it changed since, and how steady it was."""

import math
from collections.abc import Sequence

from clinpred.report.contents import Clause, Estimate, ModelResults
from clinpred.report.disclosure import SMALLEST_SHOWN
from clinpred.report.evidence import limits_of
from clinpred.report.limits import LEVEL_OF, UNSTABLE_CLASS, Limits, change_word, overall_level, stability_words
from clinpred.report.numbers import WITHHELD, decimal, interval, percent, threshold_percent
from clinpred.report.part import Role
from clinpred.report.resampling_contents import ClassificationInstability, Stability

_CHANGES = {
    "similar": "AUROC is similar to that of resampled development patients",
    "higher": "AUROC is higher than that of resampled development patients",
    "lower": "AUROC is lower than that of resampled development patients",
    "cannot be told": "Whether AUROC changed from that of resampled development patients cannot be told",
}


def change_clause(model: ModelResults, role: Role) -> Clause:
    """Return how the AUROC changed from the resampled development patients to those of the role judged on."""
    if role == "resampled":
        return _not_judged("change from development", "the patients judged on are the resampled development patients")
    if "resampled" not in model.performance:
        return _not_judged("change from development", "it has no resampled estimate of the development patients")
    before, after = (model.performance[name].auroc for name in ("resampled", role))
    change = auroc_change(after, before)
    if change is None:
        return _not_judged("change from development", "the resampled AUROC has no interval")
    word = change_word(change)
    numbers = f"{decimal(before.estimate or 0.0, 3)}; difference {_with_limits(change)}"
    return Clause(
        clause="change from development",
        word=word,
        level=LEVEL_OF["change from development", word],
        sentence=f"{_CHANGES[word]} ({numbers}).",
    )


def auroc_change(after: Estimate, before: Estimate) -> Limits | None:
    """Return the difference of two AUROCs of different patients with its 95 % interval.

    The interval recovers each variance from the estimate's own interval, limit by limit (MOVER), for independent
    patients. None where either estimate has no interval.

    References
    ----------
    Zou GY, Donner A (2008) Construction of confidence limits about effect measures: a general approach.
    """
    new, old = limits_of(after), limits_of(before)
    if new is None or old is None:
        return None
    difference = new[0] - old[0]
    lower = difference - math.hypot(new[0] - new[1], old[2] - old[0])
    upper = difference + math.hypot(new[2] - new[0], old[0] - old[1])
    return difference, lower, upper


def stability_clause(model: ModelResults, thresholds: Sequence[float]) -> Clause:
    """Return how much the model's risks depend on who happened to be among the development patients."""
    stability = model.stability
    if stability is None:
        return _not_judged("stability", "the model was not developed again on resampled patients")
    stated = [one for one in stability.classification if one.threshold in thresholds]
    words = stability_words(
        mape=stability.mean_absolute,
        unstable=max((_most_unstable(one, stability.patients) for one in stated), default=0.0),
        refused=stability.refused / (stability.replicates + stability.refused),
    )
    level = overall_level([LEVEL_OF["stability", word] for word in words])
    sentence = _stability_sentence(stability, stated)
    return Clause(clause="stability", word="; ".join(words), level=level, sentence=sentence)


def _stability_sentence(stability: Stability, stated: Sequence[ClassificationInstability]) -> str:
    said = (
        f"Developed again on {stability.replicates:,} bootstrap samples of its patients, its risks differ by "
        f"{decimal(stability.mean_absolute, 3)} on average"
    )
    if stated:
        worst = max(stated, key=lambda one: _most_unstable(one, stability.patients))
        share = WITHHELD if worst.unstable is None else f"{percent(worst.unstable)} of"
        said += (
            f"; {share} patients change sides of {threshold_percent(worst.threshold)} in more "
            f"than {100 * UNSTABLE_CLASS:g} % of them"
        )
    if stability.refused:
        samples = stability.replicates + stability.refused
        said += f"; on {stability.refused:,} of {samples:,} samples no model could be developed"
    return f"{said}."


def _most_unstable(one: ClassificationInstability, patients: int) -> float:
    """Return the share of patients who change sides; the largest that it may be where it is withheld."""
    return (SMALLEST_SHOWN - 1) / patients if one.unstable is None else one.unstable


def _with_limits(found: Limits) -> str:
    return f"{decimal(found[0], 4)}, {interval(found[1], found[2], 4)}"


def _not_judged(clause: str, why: str) -> Clause:
    return Clause.model_validate(
        {"clause": clause, "word": "not judged", "level": "not judged", "sentence": f"Not judged in this run: {why}."}
    )
