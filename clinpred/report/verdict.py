"""The verdict: does the model hold on new patients? Separate clauses, each word tied to a limit, never one score.

The same numbers always give the same words. Apparent performance is never evidence.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from clinpred.performance.net_benefit import net_benefit_key
from clinpred.report.contents import Clause, Comparison, FindingItem, ModelResults, NetBenefit, Performance, Verdict
from clinpred.report.development_clauses import change_clause, stability_clause
from clinpred.report.evidence import Evidence, gaps_of, gather_evidence, known_limits, limits_of, strongest_role
from clinpred.report.limits import (
    LEVEL_OF,
    SIMILAR_AUROC,
    VERDICT_LEVELS,
    WIDEST_SLOPE,
    Limits,
    overall_level,
    overall_word,
    ranking_word,
    spread_word,
)
from clinpred.report.numbers import in_sentence, listed, threshold_percent
from clinpred.report.part import Role

ROUNDING = 1e-12
"""Two ways to the same net benefit may differ by this much."""
_TOO_LITTLE = "Not judged: the evidence is too little."


def judge_results(
    models: Mapping[str, ModelResults],
    primary: str,
    comparisons: Sequence[Comparison],
    *,
    thresholds: Sequence[float],
    findings: Sequence[FindingItem] = (),
) -> Verdict:
    """Judge the primary model on the strongest new patients that the results hold.

    Parameters
    ----------
    models : mapping of name to ModelResults
        All models of the run.
    primary : str
        The name of the model that is judged.
    comparisons : sequence of Comparison
        Paired differences; those of the primary model with its unregularised twin and with ``prevalence`` are used.
    thresholds : sequence of float
        The risks at which one would act, stated beforehand.
    findings : sequence of FindingItem
        What the run noticed; a serious finding puts the evidence in doubt.

    Returns
    -------
    Verdict
        Level, the worst of the judged clauses; sentences; clauses.
    """
    role = strongest_role(models[primary])
    if role is None:
        return _verdict([_clause("evidence", "too little", "There are no new patients to judge the model on.")], [])
    evidence = gather_evidence(models, primary, comparisons, role=role, thresholds=thresholds, findings=findings)
    clauses = judged_clauses(evidence)
    if clauses[0].word != "too little":
        clauses += [change_clause(models[primary], role), stability_clause(models[primary], thresholds)]
    return _verdict(clauses, _sentences(evidence, clauses))


def judged_clauses(evidence: Evidence) -> list[Clause]:
    """Return the clauses that can be judged; where the evidence is too little, only the one that says so."""
    gaps = gaps_of(evidence.performance)
    if gaps:
        return [_clause("evidence", "too little", f"Too little evidence to judge on {evidence.patients}: {gaps}")]
    clauses = [_sufficiency(evidence), _ranking(evidence), _risk_size(evidence)]
    return [*clauses, _use(evidence)] if evidence.benefits else clauses


def _sufficiency(evidence: Evidence) -> Clause:
    said = f"Judged on {evidence.patients}."
    if evidence.role in {"held_out", "resampled"}:
        said += " They were drawn at random from the patients at hand: other sites and later periods are not shown."
    if evidence.serious:
        said += f" A serious finding stands against it: {_sentence(evidence.serious[0].text)}"
    return _clause("evidence", "enough, but in doubt" if evidence.serious else "enough", said)


def _ranking(evidence: Evidence) -> Clause:
    auroc = evidence.performance.auroc
    word = ranking_word(known_limits(auroc))
    return _clause("ranking", word, f"Ranking is {word}: AUROC {in_sentence(auroc, 'auroc')}.")


def _risk_size(evidence: Evidence) -> Clause:
    words = _size_words(evidence.performance)
    level = overall_level([LEVEL_OF["risk size", word] for word in words])
    said = f"Risks are {_size_phrase(words, evidence.role)}: {_size_numbers(evidence.performance)}."
    return Clause(clause="risk size", word="; ".join(words), level=level, sentence=said)


def _size_words(performance: Performance) -> list[str]:
    spread = spread_word(known_limits(performance.calibration_slope))
    overall = overall_word(known_limits(performance.observed_expected))
    return [spread] if overall is None else [spread, overall]


def _size_phrase(words: Sequence[str], role: Role) -> str:
    spread, *overall = words
    if spread.endswith("too extreme") and role in {"held_out", "resampled"}:
        spread += " (overfitted)"
    joint = "but" if spread in {"about right", "compatible with right, imprecise"} else "and"
    return f"{spread}, {joint} {overall[0]}" if overall else spread


def _size_numbers(performance: Performance) -> str:
    slope = in_sentence(performance.calibration_slope, "calibration_slope")
    return f"calibration slope {slope}; O:E {in_sentence(performance.observed_expected, 'observed_expected')}"


def _use(evidence: Evidence) -> Clause:
    useful = [benefit for benefit in evidence.benefits if benefit.estimate - _best_default(benefit) > ROUNDING]
    unclear = [benefit for benefit in useful if not _clear(benefit, evidence)]
    if not useful:
        word = "not better than treating all or none"
        return _clause("use", word, f"Net benefit is not above treating all or none at {_at(evidence.benefits)}.")
    if len(useful) < len(evidence.benefits):
        others = [benefit for benefit in evidence.benefits if benefit not in useful]
        said = f"Net benefit is above treating all and none at {_at(useful)}, not at {_at(others)}."
        return _clause("use", "useful at some thresholds", said)
    said = f"Net benefit is above treating all and none at {_at(useful)}"
    if unclear:
        said += f"; at {_at(unclear)} its interval reaches the better of the two."
        return _clause("use", "useful at every threshold, imprecise", said)
    return _clause("use", "useful at every threshold", f"{said}, with the interval.")


def _best_default(benefit: NetBenefit) -> float:
    """Return the net benefit of the better of treating all and treating none."""
    return max(benefit.treat_all, 0.0)


def _clear(benefit: NetBenefit, evidence: Evidence) -> bool:
    """Whether the interval, too, is above treating all and none.

    Prevalence alone treats all or none: where it is the better of the two, the paired difference from it is the
    interval that is meant. Without it the model's own interval is taken, which is wider.
    """
    paired = evidence.differences.get(("prevalence", net_benefit_key(benefit.threshold)))
    treats = _benefit_of(evidence.prevalence, benefit.threshold)
    best = _best_default(benefit)
    if paired is not None and paired.lower is not None and math.isclose(treats, best, abs_tol=ROUNDING):
        return paired.lower > 0
    return benefit.lower is not None and benefit.lower > best


def _benefit_of(performance: Performance | None, threshold: float) -> float:
    benefits = [] if performance is None else performance.net_benefit
    return next((benefit.estimate for benefit in benefits if benefit.threshold == threshold), math.nan)


def _at(benefits: Sequence[NetBenefit]) -> str:
    return listed([threshold_percent(benefit.threshold) for benefit in benefits])


def _clause(clause: Literal["evidence", "ranking", "risk size", "use"], word: str, sentence: str) -> Clause:
    return Clause(clause=clause, word=word, level=LEVEL_OF[clause, word], sentence=sentence)


def _verdict(judged: Sequence[Clause], sentences: Sequence[str]) -> Verdict:
    reasons = {
        "ranking": _TOO_LITTLE,
        "risk size": _TOO_LITTLE,
        "use": _TOO_LITTLE
        if judged[0].word == "too little"
        else "Not judged: no decision threshold was given before the results were seen.",
        "change from development": _TOO_LITTLE,
        "stability": _TOO_LITTLE,
        "sites and periods": "Not judged in this run: no site and no period was held out.",
    }
    said = {clause.clause: clause for clause in judged}
    unjudged = {
        name: Clause.model_validate({"clause": name, "word": "not judged", "level": "not judged", "sentence": sentence})
        for name, sentence in reasons.items()
    }
    clauses = [said["evidence"], *(said.get(clause.clause, clause) for clause in unjudged.values())]
    level = VERDICT_LEVELS[overall_level([clause.level for clause in judged])]
    return Verdict(level=level, sentences=list(sentences) or [judged[0].sentence], clauses=clauses)


def _sentences(evidence: Evidence, clauses: Sequence[Clause]) -> list[str]:
    if clauses[0].word == "too little":
        return [clauses[0].sentence]
    use = next((clause.sentence for clause in clauses if clause.clause == "use"), None)
    said = [
        _main_sentence(evidence),
        use or "No decision threshold was given: its use is not judged.",
        *_beside_twin(evidence),
        *_beside_prevalence(evidence),
        *_against_development(clauses),
    ]
    if evidence.serious:
        said.append(f"A serious finding stands against it: {_sentence(evidence.serious[0].text)}")
    return said


def _main_sentence(evidence: Evidence) -> str:
    performance = evidence.performance
    ranks = {
        "better than chance": "ranks better than chance",
        "worse than chance": "ranks worse than chance",
        "not shown to be better than chance": "is not shown to rank better than chance",
    }[ranking_word(known_limits(performance.auroc))]
    size = _size_phrase(_size_words(performance), evidence.role)
    return (
        f"On {evidence.patients}, “{evidence.model.title}” {ranks} (AUROC {in_sentence(performance.auroc, 'auroc')}) "
        f"and its risks are {size} ({_size_numbers(performance)})."
    )


def _beside_twin(evidence: Evidence) -> list[str]:
    """Return how the model ranks beside its unregularised twin, and, kept apart, how the risks compare."""
    if evidence.twin is None or evidence.role not in evidence.twin.performance:
        return []
    slope = evidence.twin.performance[evidence.role].calibration_slope
    found = limits_of(slope)
    size = f", which makes its risks {_twin_size(found)}" if found else ""
    slopes = f"The twin’s calibration slope is {in_sentence(slope, 'calibration_slope')}{size}."
    difference = evidence.differences.get(("twin", "auroc"))
    if difference is None or difference.difference is None:
        return [slopes]
    ranks = _ranks_beside(difference)
    shown = in_sentence(difference, "auroc")
    return [f"{ranks} its unregularised twin “{evidence.twin.title}” (AUROC difference {shown}).", slopes]


def _twin_size(slope: Limits) -> str:
    return spread_word(slope) if slope[2] - slope[1] <= WIDEST_SLOPE else "too uncertain to judge"


def _ranks_beside(difference: Comparison) -> str:
    lower, upper = difference.lower, difference.upper
    if lower is None or upper is None or (lower <= 0 <= upper and max(-lower, upper) > SIMILAR_AUROC):
        return "It cannot be told whether it ranks higher or lower than"
    slightly = "slightly " if max(abs(lower), abs(upper)) <= SIMILAR_AUROC else ""
    if slightly and lower <= 0 <= upper:
        return "It ranks similarly to"
    return f"It ranks {slightly}higher than" if lower > 0 else f"It ranks {slightly}lower than"


def _beside_prevalence(evidence: Evidence) -> list[str]:
    if evidence.prevalence is None:
        return []
    ours, theirs = (in_sentence(one.log_loss, "log_loss") for one in (evidence.performance, evidence.prevalence))
    return [f"The model’s log loss is {ours}; that of the prevalence alone is {theirs}."]


def _against_development(clauses: Sequence[Clause]) -> list[str]:
    """Return what stands against the model in a look back at its development; nothing where nothing does."""
    looked_at = ("change from development", "stability")
    return [one.sentence for one in clauses if one.clause in looked_at and one.level == "caution"]


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
