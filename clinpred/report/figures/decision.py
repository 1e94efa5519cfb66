"""Decision curves: net benefit against the risk at which one would act. And the ROC curve, second to them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clinpred.report.contents import DecisionCurve, ModelResults, NetBenefit, Results
from clinpred.report.figures.figure import Figure, FigureTable, Wording
from clinpred.report.figures.pairs import HELD_OUT, primary_pair
from clinpred.report.figures.palette import GRID, INK, MUTED, REFERENCE, SOLID, Look, model_looks
from clinpred.report.figures.sheet import WIDTH, Sheet, drawn, key
from clinpred.report.figures.words import patients_of
from clinpred.report.numbers import decimal, interval, listed, threshold_percent, with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Shown = Sequence[tuple[ModelResults, Look]]
_LOWEST = -0.02
_ODDS = {0.1: "1:9", 0.2: "1:4", 0.333: "1:2", 0.5: "1:1", 0.667: "2:1", 0.8: "4:1", 0.9: "9:1"}
"""Thresholds, and the harm of treating in vain to the benefit of treating in need that they stand for."""
_NONE = Look(INK, SOLID, width=0.8)


def draw_decision(results: Results) -> Figure | None:
    """Draw net benefit of the primary model and its twin on held-out patients, beside treating all and none."""
    shown = _shown(results)
    if not shown:
        return None
    thresholds = results.study.thresholds
    return drawn(
        _decision_wording(shown, thresholds), height=290, paint=lambda sheet: _paint_decision(sheet, shown, thresholds)
    )


def draw_roc(results: Results) -> Figure | None:
    """Draw the ROC curves of the primary model and its twin on held-out patients."""
    shown = _shown(results)
    if not shown:
        return None
    return drawn(_roc_wording(shown), height=262, paint=lambda sheet: _paint_roc(sheet, shown))


def _shown(results: Results) -> Shown:
    looks = model_looks(results)
    models = [(results.models[name], looks[name]) for name in primary_pair(results)]
    return [(model, look) for model, look in models if HELD_OUT in model.curves]


def _curve(model: ModelResults) -> DecisionCurve:
    return model.curves[HELD_OUT].decision


def _paint_decision(sheet: Sheet, shown: Shown, thresholds: Sequence[float]) -> None:
    axes = sheet.panel(left=48, top=10, width=WIDTH - 58, height=214)
    _mark_thresholds(axes, thresholds)
    first = _curve(shown[0][0])
    axes.axhline(0, color=_NONE.colour, linewidth=_NONE.width)
    axes.plot(first.threshold, first.treat_all, color=MUTED, linestyle=REFERENCE.dash, linewidth=REFERENCE.width)
    for model, look in reversed(shown):
        curve = _curve(model)
        axes.plot(curve.threshold, curve.net_benefit, color=look.colour, linestyle=look.dash)
    highest = max(max(_curve(model).net_benefit) for model, _ in shown)
    furthest = max(_highest_risk(model) for model, _ in shown)
    axes.set(ylim=(_LOWEST, 1.08 * max(highest, *first.treat_all)))
    axes.set(xlabel="Threshold risk, and harm : benefit as odds", ylabel="Net benefit")
    axes.set_xticks([0, *_ODDS, 1], ["0", *(f"{risk:.2g}\n{odds}" for risk, odds in _ODDS.items()), "1"])
    axes.set_xlim(0, furthest)
    axes.locator_params(axis="y", nbins=5)
    axes.grid(visible=True)
    lines = [(model.title, look) for model, look in shown]
    key(axes, [*lines, ("treat all", REFERENCE), ("treat none", _NONE)], corner="upper right")


def _highest_risk(model: ModelResults) -> float:
    """Return the upper edge of the last bin that holds a patient: no curve says anything beyond it."""
    histogram = model.curves[HELD_OUT].histogram
    if histogram is None:
        return 1.0
    counts = zip(histogram.edges[1:], histogram.events, histogram.non_events, strict=True)
    return max((edge for edge, events, non_events in counts if events != 0 or non_events != 0), default=1.0)


def _mark_thresholds(axes: "Axes", thresholds: Sequence[float]) -> None:
    if not thresholds:
        return
    axes.axvspan(min(thresholds), max(thresholds), color=GRID, alpha=0.45, linewidth=0)
    for threshold in thresholds:
        axes.axvline(threshold, color=MUTED, linewidth=0.8)


def _decision_wording(shown: Shown, thresholds: Sequence[float]) -> Wording:
    first = shown[0][0]
    benefits = first.performance[HELD_OUT].net_benefit
    stated = listed([threshold_percent(threshold) for threshold in thresholds])
    marked = (
        f"Shaded and marked: the thresholds stated beforehand ({stated}). "
        if thresholds
        else "No threshold was stated beforehand, and none is chosen from the data. "
    )
    return Wording(
        id="decision",
        title=_decision_title(first, benefits),
        caption=(
            f"{patients_of(first)}. Net benefit = true positives/n − false positives/n × threshold/(1 − threshold), "
            f"unsmoothed, at {len(_curve(first).threshold)} thresholds. {marked}Below each threshold its odds: the "
            "harm of treating in vain to the benefit of treating in need that a clinician who acts there accepts. "
            f"Values under {decimal(_LOWEST, 2)}, and thresholds above every risk, are not shown. "
            "The curves are drawn without interval."
        ),
        description=" ".join(_benefit_described(model) for model, _ in shown),
        table=_decision_table(shown),
    )


def _decision_title(model: ModelResults, benefits: Sequence[NetBenefit]) -> str:
    if not benefits:
        return f"No decision threshold was given: net benefit of {model.title} as a curve only"
    above = [benefit for benefit in benefits if benefit.estimate > max(0.0, benefit.treat_all)]
    not_above = [benefit for benefit in benefits if benefit not in above]
    parts = [
        f"{words} {listed([_at(benefit) for benefit in some])}"
        for some, words in ((above, "above treating all and none at"), (not_above, "not above them at"))
        if some
    ]
    return f"Net benefit of {model.title} is {listed(parts)}".replace(
        "is not above them", "is not above treating all or none"
    )


def _at(benefit: NetBenefit) -> str:
    against = decimal(max(0.0, benefit.treat_all), 3)
    return f"{threshold_percent(benefit.threshold)} ({decimal(benefit.estimate, 3)} against {against})"


def _benefit_in_words(benefit: NetBenefit) -> str:
    limits = (
        f" ({interval(benefit.lower, benefit.upper, 3)})"
        if benefit.lower is not None and benefit.upper is not None
        else ""
    )
    at, treat_all = threshold_percent(benefit.threshold), decimal(benefit.treat_all, 3)
    return f"{decimal(benefit.estimate, 3)}{limits} at {at}, where treating all has {treat_all}"


def _benefit_described(model: ModelResults) -> str:
    benefits = model.performance[HELD_OUT].net_benefit
    if benefits:
        at = [_benefit_in_words(benefit) for benefit in benefits]
    else:
        curve = _curve(model)
        at = [
            f"{decimal(curve.net_benefit[place], 3)} at {threshold_percent(curve.threshold[place])}"
            for place in _quarters(len(curve.threshold))
        ]
    return f"{model.title}: net benefit {listed(at)}; treat none 0."


def _quarters(count: int) -> list[int]:
    return [count // 4, count // 2, 3 * count // 4]


def _decision_table(shown: Shown) -> FigureTable:
    curves = [_curve(model) for model, _ in shown]
    header = ("threshold", *(f"net benefit, {model.title}" for model, _ in shown), "net benefit, treat all")
    columns = [curves[0].threshold, *(curve.net_benefit for curve in curves), curves[0].treat_all]
    return FigureTable(header, list(zip(*columns, strict=True)))


def _paint_roc(sheet: Sheet, shown: Shown) -> None:
    axes = sheet.panel(left=76, top=8, width=208, height=208)
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle=REFERENCE.dash, linewidth=REFERENCE.width)
    for model, look in reversed(shown):
        curve = model.curves[HELD_OUT].roc
        axes.plot(curve.false_positive_rate, curve.sensitivity, color=look.colour, linestyle=look.dash)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="1 − specificity", ylabel="Sensitivity")
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.grid(visible=True)
    key(axes, [(model.title, look) for model, look in shown], corner="lower right")


def _roc_wording(shown: Shown) -> Wording:
    aurocs = [f"{model.title} {with_interval(model.performance[HELD_OUT].auroc, 'auroc')}" for model, _ in shown]
    first = shown[0][0]
    return Wording(
        id="roc",
        title=f"AUROC on held-out patients: {'; '.join(aurocs)}",
        caption=(
            f"{patients_of(first)}. Sensitivity on a fixed grid of {len(first.curves[HELD_OUT].roc.sensitivity)} false "
            f"positive rates. AUROC: 95 % interval ({first.performance[HELD_OUT].auroc.method or 'not estimable'}). "
            "It says how patients are ranked, not whether risks are right: see calibration and net benefit first."
        ),
        description=" ".join(_roc_described(model) for model, _ in shown),
        table=_roc_table(shown),
    )


def _roc_described(model: ModelResults) -> str:
    curve = model.curves[HELD_OUT].roc
    at = [
        f"{decimal(curve.sensitivity[place], 2)} at a false positive rate of "
        f"{decimal(curve.false_positive_rate[place], 2)}"
        for place in _quarters(len(curve.sensitivity))
    ]
    return (
        f"{model.title}: AUROC {with_interval(model.performance[HELD_OUT].auroc, 'auroc')}; sensitivity {listed(at)}."
    )


def _roc_table(shown: Shown) -> FigureTable:
    curves = [model.curves[HELD_OUT].roc for model, _ in shown]
    header = ("false positive rate", *(f"sensitivity, {model.title}" for model, _ in shown))
    columns = [curves[0].false_positive_rate, *(curve.sensitivity for curve in curves)]
    return FigureTable(header, list(zip(*columns, strict=True)))
