"""The verdict, walked through: every word at its limit, every combination of words, and what may never be said."""

import itertools
import re

import pytest

from clinpred.report.contents import Comparison, Estimate, FindingItem, ModelResults, NetBenefit, Performance
from clinpred.report.evidence import NEW_PATIENTS
from clinpred.report.limits import LEVEL_OF, VERDICT_LEVELS, WORDS, overall_level
from clinpred.report.resampling_contents import ClassificationInstability, Stability
from clinpred.report.verdict import judge_results

ORDER = ["holds", "holds with caution", "does not hold", "cannot tell"]
JUDGED = ("evidence", "ranking", "risk size", "use")
OTHER_MEASURES = (
    "calibration_in_the_large",
    "calibration_intercept",
    "ici",
    "e50",
    "e90",
    "emax",
    "brier",
    "scaled_brier",
    "log_loss",
    "cox_snell_r2",
    "nagelkerke_r2",
)
AUROC = {
    "better than chance": (0.79, 0.76, 0.82),
    "not shown to be better than chance": (0.53, 0.47, 0.59),
    "worse than chance": (0.4, 0.35, 0.45),
}
SLOPE = {
    "about right": (0.96, 0.8, 1.12),
    "compatible with right, imprecise": (0.96, 0.7, 1.22),
    "too extreme": (0.85, 0.75, 0.95),
    "far too extreme": (0.34, 0.2, 0.48),
    "not extreme enough": (1.2, 1.1, 1.3),
    "far from extreme enough": (1.6, 1.3, 1.9),
}
RATIO = {
    None: (0.98, 0.92, 1.05),
    "too low overall": (1.1, 1.02, 1.18),
    "far too low overall": (1.5, 1.3, 1.7),
    "too high overall": (0.9, 0.82, 0.98),
    "far too high overall": (0.6, 0.5, 0.7),
}
BENEFITS = {
    "useful at every threshold": [(0.2, 0.35, 0.33, 0.32), (0.5, 0.18, 0.14, -0.08)],
    "useful at every threshold, imprecise": [(0.2, 0.35, 0.30, 0.32), (0.5, 0.18, 0.14, -0.08)],
    "useful at some thresholds": [(0.2, 0.31, 0.28, 0.32), (0.5, 0.18, 0.14, -0.08)],
    "not better than treating all or none": [(0.2, 0.31, 0.28, 0.32), (0.5, -0.01, -0.05, -0.08)],
}
CHANGES = {  # the resampled AUROC beside the held-out .79, .76 to .82
    "similar": (0.79, 0.785, 0.795),
    "higher": (0.70, 0.68, 0.72),
    "lower": (0.88, 0.87, 0.89),
    "cannot be told": (0.80, 0.72, 0.88),
}
STEADINESS = {  # mean absolute difference, unstable patients, replicates refused of 200
    "stable": (0.05, 0.1, 10),
    "unstable risks": (0.0501, 0.1, 10),
    "unstable decisions": (0.05, 0.1001, 10),
    "often not developed": (0.05, 0.1, 11),
}
LEAKAGE = FindingItem(code="W-LEAKAGE", level="serious", text="`x` alone has an AUROC of 0.99", advice="set it aside")


def _estimate(limits, *, patients=760, events=347, reason=None):
    value, lower, upper = limits or (None, None, None)
    return Estimate(estimate=value, lower=lower, upper=upper, patients=patients, events=events, reason=reason)


def _performance(auroc=AUROC["better than chance"], slope=SLOPE["about right"], ratio=RATIO[None], **counts):
    benefits = counts.pop("benefits", BENEFITS["useful at every threshold"])
    return Performance(
        auroc=_estimate(auroc, **counts),
        calibration_slope=_estimate(slope, **counts),
        observed_expected=_estimate(ratio, **counts),
        net_benefit=[
            NetBenefit(threshold=t, estimate=value, lower=lower, upper=value + 0.03, treat_all=treat_all)
            for t, value, lower, treat_all in benefits
        ],
        **{key: _estimate((0.5, 0.4, 0.6), **counts) for key in OTHER_MEASURES},
    )


def _model(title="Ridge", **performance):
    return ModelResults(title=title, kind="logistic", regularised=True, settings={}, performance=performance, curves={})


def _judge(performance=None, *, role="held_out", findings=(), comparisons=(), others=None):
    performance = performance or _performance()
    models = {"logistic_ridge": _model(**{role: performance}), **(others or {})}
    thresholds = [benefit.threshold for benefit in performance.net_benefit]
    return judge_results(models, "logistic_ridge", list(comparisons), thresholds=thresholds, findings=findings)


def _difference(limits, *, baseline="logistic_unpenalised", measure="auroc"):
    value, lower, upper = limits
    return Comparison(
        role="held_out",
        model="logistic_ridge",
        baseline=baseline,
        measure=measure,
        difference=value,
        lower=lower,
        upper=upper,
        method="paired",
        patients=760,
        events=347,
    )


def _word(verdict, clause):
    return next(one for one in verdict.clauses if one.clause == clause)


@pytest.mark.parametrize("word", AUROC)
def test_each_word_for_ranking_stands_for_its_limit(word):
    clause = _word(_judge(_performance(auroc=AUROC[word])), "ranking")
    assert (clause.word, clause.level) == (word, LEVEL_OF["ranking", word])


@pytest.mark.parametrize("word", SLOPE)
def test_each_word_for_the_slope_stands_for_its_limit(word):
    clause = _word(_judge(_performance(slope=SLOPE[word])), "risk size")
    assert (clause.word, clause.level) == (word, LEVEL_OF["risk size", word])


@pytest.mark.parametrize(
    ("slope", "word"),
    [
        ((1.0, 0.8, 1.2), "about right"),
        ((1.0, 0.79, 1.2), "compatible with right, imprecise"),
        ((0.95, 0.92, 0.98), "about right"),
        ((0.9, 0.82, 0.99), "about right"),
        ((0.89, 0.80, 0.99), "too extreme"),
        ((0.75, 0.70, 0.80), "too extreme"),
        ((0.75, 0.70, 0.79), "far too extreme"),
        ((1.1, 1.01, 1.2), "about right"),
        ((1.11, 1.01, 1.2), "not extreme enough"),
        ((1.4, 1.25, 1.55), "not extreme enough"),
        ((1.4, 1.26, 1.55), "far from extreme enough"),
    ],
)
def test_the_words_for_the_slope_change_at_their_limits(slope, word):
    assert _word(_judge(_performance(slope=slope)), "risk size").word == word


@pytest.mark.parametrize("word", [word for word in RATIO if word])
def test_risks_too_low_or_too_high_overall_are_named_beside_the_slope(word):
    clause = _word(_judge(_performance(ratio=RATIO[word])), "risk size")
    assert clause.word == f"about right; {word}"
    assert clause.level == LEVEL_OF["risk size", word]
    assert f"but {word}" in clause.sentence


@pytest.mark.parametrize("word", BENEFITS)
def test_each_word_for_use_stands_for_its_limit(word):
    clause = _word(_judge(_performance(benefits=BENEFITS[word])), "use")
    assert (clause.word, clause.level) == (word, LEVEL_OF["use", word])


@pytest.mark.parametrize(("auroc", "slope", "ratio", "use"), list(itertools.product(AUROC, SLOPE, RATIO, BENEFITS)))
def test_every_combination_of_words_has_the_level_of_its_worst_word(auroc, slope, ratio, use):
    performance = _performance(AUROC[auroc], SLOPE[slope], RATIO[ratio], benefits=BENEFITS[use])
    verdict = _judge(performance)
    words = [("ranking", auroc), ("risk size", slope), ("use", use)] + [("risk size", ratio)] * (ratio is not None)
    levels = [VERDICT_LEVELS[LEVEL_OF[word]] for word in words]
    assert verdict.level == max(levels, key=ORDER.index)


def test_every_printed_word_can_be_reached():
    reached = {("evidence", word) for word in ("enough", "enough, but in doubt", "too little")}
    reached |= {("ranking", word) for word in AUROC} | {("use", word) for word in BENEFITS}
    reached |= {("risk size", word) for word in (*SLOPE, *RATIO) if word}
    reached |= {("change from development", word) for word in CHANGES}
    reached |= {("stability", word) for word in STEADINESS}
    assert reached == {(word.clause, word.word) for word in WORDS}
    assert len({(word.clause, word.word) for word in WORDS}) == len(WORDS)


@pytest.mark.parametrize(
    "levels", [levels for n in range(1, 5) for levels in itertools.combinations(["holds", "caution", "fails"], n)]
)
def test_clauses_that_are_not_judged_do_not_count(levels):
    assert overall_level([*levels, "not judged"]) == overall_level(levels)


@pytest.mark.parametrize(
    ("performance", "why"),
    [
        (_performance(patients=90, events=9), "fewer than 10"),
        (_performance(patients=90, events=81), "fewer than 10"),
        (_performance(auroc=(0.7, 0.59, 0.8)), "AUROC is 0.21 wide (limit 0.2)"),
        (_performance(slope=(1.0, 0.59, 1.41)), "calibration slope is 0.82 wide (limit 0.8)"),
        (_performance(slope=None, reason="not estimable (the same risk in every row)"), "the same risk in every row"),
        (_performance(slope=(1.0, None, None)), "calibration slope is without an interval"),
        (_performance(ratio=None, reason="not estimable (no expected event)"), "no expected event"),
    ],
)
def test_with_too_little_evidence_nothing_else_is_judged(performance, why):
    verdict = _judge(performance)
    assert verdict.level == "cannot tell"
    assert _word(verdict, "evidence").word == "too little"
    assert why in verdict.sentences[0]
    assert [one.level for one in verdict.clauses[1:]] == ["not judged"] * 6


@pytest.mark.parametrize(
    "performance",
    [
        _performance(patients=20, events=10),
        _performance(auroc=(0.7, 0.601, 0.8)),
        _performance(slope=(1.0, 0.6, 1.4)),
    ],
)
def test_at_the_limits_there_is_evidence_enough(performance):
    assert _word(_judge(performance), "evidence").word == "enough"


def test_how_many_patients_would_do_grows_with_the_square_of_the_width():
    assert "about 3,100 patients" in _judge(_performance(slope=(1.0, 0.2, 1.8))).sentences[0]


def test_a_serious_finding_puts_the_evidence_in_doubt_and_is_said():
    verdict = _judge(findings=[LEAKAGE])
    assert verdict.level == "holds with caution"
    assert verdict.sentences[-1] == "A serious finding stands against it: `x` alone has an AUROC of 0.99."
    assert _judge(findings=[LEAKAGE.model_copy(update={"level": "caution"})]).level == "holds"


def test_apparent_performance_is_never_evidence():
    assert _judge(role="apparent").level == "cannot tell"
    both = {"held_out": _performance(), "apparent": _performance(slope=SLOPE["far too extreme"])}
    models = {"logistic_ridge": _model(**both)}
    verdict = judge_results(models, "logistic_ridge", [], thresholds=[0.2, 0.5])
    assert verdict == _judge()


def test_the_strongest_patients_are_judged_on_and_named():
    roles = {role: _performance(patients=1000 + place) for place, role in enumerate(NEW_PATIENTS)}
    for role in list(NEW_PATIENTS):
        verdict = judge_results({"logistic_ridge": _model(**roles)}, "logistic_ridge", [], thresholds=[])
        assert f"{roles[role].auroc.patients:,} {NEW_PATIENTS[role][0]} patients" in verdict.sentences[0]
        del roles[role]


def test_a_random_split_is_called_internal_validation():
    assert "760 held-out patients (347 events; internal validation)" in _judge().sentences[0]
    assert "internal" not in " ".join(_judge(role="external").sentences)


def test_overfitted_is_said_only_of_patients_drawn_at_random():
    too_extreme = _performance(slope=SLOPE["far too extreme"])
    assert "far too extreme (overfitted)" in _judge(too_extreme).sentences[0]
    assert "overfitted" not in " ".join(_judge(too_extreme, role="external").sentences)


def test_without_a_threshold_use_is_not_judged_and_none_is_chosen():
    verdict = _judge(_performance(benefits=[]))
    assert _word(verdict, "use").level == "not judged"
    assert verdict.level == "holds"
    assert "No decision threshold was given" in verdict.sentences[1]


def test_net_benefit_equal_to_treating_all_is_not_better():
    equal = [(0.2, 0.32 + 1e-16, 0.3, 0.32)]
    assert _word(_judge(_performance(benefits=equal)), "use").word == "not better than treating all or none"


@pytest.mark.parametrize(
    ("lower", "word"), [(0.01, "useful at every threshold"), (-0.01, "useful at every threshold, imprecise")]
)
def test_the_paired_difference_from_the_prevalence_decides_where_it_treats_all(lower, word):
    performance = _performance(benefits=[(0.2, 0.35, 0.30, 0.32)])
    prevalence = {"prevalence": _model(held_out=_performance(benefits=[(0.2, 0.32, 0.28, 0.32)]))}
    paired = _difference((0.03, lower, 0.05), baseline="prevalence", measure="net_benefit:0.2")
    assert _word(_judge(performance, comparisons=[paired], others=prevalence), "use").word == word


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        ((0.004, -0.01, 0.02), "It ranks similarly to its unregularised twin"),
        ((0.02, 0.01, 0.03), "It ranks slightly higher than its unregularised twin"),
        ((-0.02, -0.03, -0.01), "It ranks slightly lower than its unregularised twin"),
        ((0.10, 0.06, 0.13), "It ranks higher than its unregularised twin"),
        ((-0.10, -0.13, -0.06), "It ranks lower than its unregularised twin"),
        ((0.03, -0.02, 0.08), "It cannot be told whether it ranks higher or lower than its unregularised twin"),
    ],
)
def test_ranking_beside_the_twin_is_kept_apart_from_calibration(difference, said):
    twin = {"logistic_unpenalised": _model("Plain", held_out=_performance(slope=SLOPE["far too extreme"]))}
    sentences = _judge(comparisons=[_difference(difference)], others=twin).sentences
    assert sentences[2].startswith(f"{said} “Plain” (AUROC difference")
    assert "slope" not in sentences[2]
    assert sentences[3] == "The twin’s calibration slope is 0.34, 0.20 to 0.48, which makes its risks far too extreme."
    assert "AUROC" not in sentences[3]


def test_a_twin_whose_slope_is_too_uncertain_is_not_judged_either():
    twin = {"logistic_unpenalised": _model("Plain", held_out=_performance(slope=(0.3, -0.2, 0.8)))}
    assert _judge(others=twin).sentences[2].endswith("which makes its risks too uncertain to judge.")


def test_the_sentence_is_the_template():
    assert _judge().sentences[0] == (
        "On 760 held-out patients (347 events; internal validation), “Ridge” ranks better than chance "
        "(AUROC 0.790, 0.760 to 0.820) and its risks are about right "
        "(calibration slope 0.96, 0.80 to 1.12; O:E 0.98, 0.92 to 1.05)."
    )


def test_what_this_version_does_not_judge_is_said():
    unjudged = [one for one in _judge().clauses if one.level == "not judged"]
    assert [one.clause for one in unjudged] == ["change from development", "stability", "sites and periods"]
    assert all(one.sentence.startswith("Not judged in this run: ") for one in unjudged)


def test_no_adjective_for_the_auroc_no_significance_and_no_cause():
    banned = re.compile(r"\b(significan\w*|excellent|good|poor|outstanding|acceptable|cause[sd]?|effect|risk factor)\b")
    limits = " ".join(word.word + word.limit for word in WORDS)
    twin = {"logistic_unpenalised": _model("Plain", held_out=_performance())}
    for auroc, slope, use in itertools.product(AUROC, SLOPE, BENEFITS):
        performance = _performance(AUROC[auroc], SLOPE[slope], benefits=BENEFITS[use])
        verdict = _judge(performance, others=twin, comparisons=[_difference((0.1, 0.06, 0.13))])
        said = " ".join([*verdict.sentences, *(one.sentence for one in verdict.clauses), limits])
        assert not banned.search(said.lower())


def test_the_example_is_judged(example_results):
    verdict = judge_results(
        example_results.models,
        example_results.primary,
        example_results.comparisons,
        thresholds=example_results.study.thresholds,
        findings=example_results.findings,
    )
    assert [one.clause for one in verdict.clauses][:4] == list(JUDGED)
    assert verdict.level in ORDER


def _stability(mape, unstable, refused, *, threshold=0.5):
    return Stability.model_construct(
        replicates=200 - refused,
        refused=refused,
        separated=0,
        patients=2000,
        mean_absolute=mape,
        classification=[ClassificationInstability(threshold=threshold, mean=0.1, unstable=unstable, crossing=0.2)],
    )


def _judge_developed(*, resampled=None, stability=None, held_out=None, thresholds=(0.2, 0.5)):
    roles = {"held_out": held_out or _performance()}
    if resampled is not None:
        roles["resampled"] = _performance(auroc=resampled)
    model = _model(**roles).model_copy(update={"stability": stability})
    return judge_results({"logistic_ridge": model}, "logistic_ridge", [], thresholds=list(thresholds))


@pytest.mark.parametrize("word", CHANGES)
def test_each_word_for_the_change_from_development_stands_for_its_limit(word):
    clause = _word(_judge_developed(resampled=CHANGES[word]), "change from development")
    assert (clause.word, clause.level) == (word, LEVEL_OF["change from development", word])


def test_the_interval_of_the_change_adds_the_variances_of_the_two():
    clause = _word(_judge_developed(resampled=(0.80, 0.76, 0.84)), "change from development")
    assert "(0.800; difference −0.0100, −0.0600 to 0.0400)" in clause.sentence


@pytest.mark.parametrize("word", STEADINESS)
def test_each_word_for_stability_stands_for_its_limit(word):
    clause = _word(_judge_developed(stability=_stability(*STEADINESS[word])), "stability")
    assert (clause.word, clause.level) == (word, LEVEL_OF["stability", word])


def test_all_that_is_unstable_is_named():
    clause = _word(_judge_developed(stability=_stability(0.12, 0.3, 40)), "stability")
    assert clause.word == "unstable risks; unstable decisions; often not developed"
    assert "on 40 of 200 samples no model could be developed" in clause.sentence


def test_decisions_are_judged_at_stated_thresholds_only():
    stability = _stability(0.01, 0.9, 0, threshold=0.35)
    assert _word(_judge_developed(stability=stability), "stability").word == "stable"


@pytest.mark.parametrize(
    ("slope", "resampled", "steadiness"), list(itertools.product(SLOPE, [None, *CHANGES], [None, *STEADINESS]))
)
def test_looking_back_at_development_never_makes_the_level_better(slope, resampled, steadiness):
    held_out = _performance(slope=SLOPE[slope])
    stability = None if steadiness is None else _stability(*STEADINESS[steadiness])
    looked = _judge_developed(resampled=CHANGES.get(resampled), stability=stability, held_out=held_out)
    without = _judge_developed(held_out=held_out)
    assert ORDER.index(looked.level) >= ORDER.index(without.level)


def test_what_stands_against_the_model_is_said_on_the_first_screen():
    verdict = _judge_developed(resampled=CHANGES["lower"], stability=_stability(0.12, 0.0, 0))
    for clause in ("change from development", "stability"):
        assert _word(verdict, clause).sentence in verdict.sentences
    quiet = _judge_developed(resampled=CHANGES["similar"], stability=_stability(0.01, 0.0, 0))
    assert quiet.sentences == _judge_developed().sentences


def test_resampled_patients_are_not_compared_with_themselves():
    clause = _word(_judge(role="resampled"), "change from development")
    assert clause.level == "not judged"
    assert "are the resampled development patients" in clause.sentence


def test_clauses_keep_their_order_and_with_too_little_evidence_none_looks_back():
    verdict = _judge_developed(
        resampled=CHANGES["similar"], stability=_stability(0.01, 0, 0), held_out=_performance(patients=90, events=9)
    )
    assert [one.level for one in verdict.clauses[1:]] == ["not judged"] * 6
    names = [*JUDGED, "change from development", "stability", "sites and periods"]
    assert [one.clause for one in verdict.clauses] == names


def test_a_withheld_share_of_unstable_patients_is_said_as_such_and_judged_by_the_most_it_may_be():
    withheld = _stability(0.01, None, 0)
    clause = next(one for one in _judge_developed(stability=withheld).clauses if one.clause == "stability")
    assert clause.word == "stable"
    assert "1 to 7 patients change sides of 50 %" in clause.sentence
    few = withheld.model_copy(update={"patients": 69})
    clause = next(one for one in _judge_developed(stability=few).clauses if one.clause == "stability")
    assert clause.word == "unstable decisions"
