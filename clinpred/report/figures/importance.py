"""What a model leans on: the loss when a predictor is shuffled, beside its mean absolute Shapley value."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clinpred.report.contents import ModelResults, Results
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.pairs import NETWORK
from clinpred.report.figures.palette import Look, model_looks
from clinpred.report.figures.sheet import WIDTH, Sheet, drawn
from clinpred.report.figures.words import patients_of, shortened
from clinpred.report.importance_contents import Importance, PermutationImportance
from clinpred.report.importance_tables import FIXED_WORDS, untold
from clinpred.report.numbers import decimal, interval, listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 15
_ROW, _TOP, _NAMES, _GAP = 17.0, 22.0, 112.0, 18.0
_LONGEST_NAME = 16


def draw_importance(results: Results) -> Figure | None:
    """Draw the importance of the primary model's predictors."""
    return _draw("importance", results.primary, results)


def draw_network_importance(results: Results) -> Figure | None:
    """Draw the importance of the regularised network's predictors, where it is not the primary model."""
    return _draw("importance_mlp", NETWORK, results) if results.primary != NETWORK else None


def _draw(identity: str, name: str, results: Results) -> Figure | None:
    model = results.models.get(name)
    if model is None or model.importance is None or not model.importance.permutation:
        return None
    look, importance = model_looks(results)[name], model.importance
    ranked = sorted(importance.permutation, key=lambda one: -one.increase)[:_MOST]
    height = _TOP + _ROW * len(ranked) + 40
    return drawn(
        _wording(identity, model, importance),
        height=height,
        paint=lambda sheet: _paint(sheet, ranked, importance, look),
    )


def _paint(sheet: Sheet, ranked: Sequence[PermutationImportance], importance: Importance, look: Look) -> None:
    width = (WIDTH - _NAMES - _GAP - 14) / 2
    rows = range(len(ranked))
    axes = sheet.panel(left=_NAMES, top=_TOP, width=width, height=_ROW * len(ranked))
    for row, one in zip(rows, ranked, strict=True):
        axes.plot([one.lower, one.upper], [row, row], color=look.colour, linewidth=2.6, alpha=0.45)
        axes.plot(one.increase, row, "o", color=look.colour, markersize=5)
    _frame(axes, len(ranked), "Permutation", "Increase in log loss")
    axes.set_yticks(rows, [shortened(one.predictor, _LONGEST_NAME) for one in ranked])
    axes = sheet.panel(left=_NAMES + width + _GAP, top=_TOP, width=width, height=_ROW * len(ranked))
    shapley = {one.predictor: one.mean_absolute for one in importance.shapley}
    heights = [shapley.get(one.predictor, 0.0) for one in ranked]
    axes.barh(rows, heights, height=0.62, color=look.colour, alpha=0.8)
    _frame(axes, len(ranked), "Mean |SHAP|", "Log odds")
    axes.set_xlim(left=0)


def _frame(axes: "Axes", count: int, title: str, unit: str) -> None:
    axes.set(ylim=(count - 0.4, -0.6), yticks=[], xlabel=unit)
    axes.set_title(title, fontsize=11.5, pad=5)
    axes.axvline(0, color=axes.spines["left"].get_edgecolor(), linewidth=0.8)
    axes.locator_params(axis="x", nbins=2)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.grid(visible=True, axis="x")
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)


def _wording(identity: str, model: ModelResults, importance: Importance) -> Wording:
    ranked = sorted(importance.permutation, key=lambda one: -one.increase)
    leading = [f"{one.predictor} ({decimal(one.increase, 3)})" for one in ranked[:3]]
    hidden = len(ranked) - _MOST
    rest = f" The {hidden} predictors with the least increase are in the table only." if hidden > 0 else ""
    patients = importance.shapley_patients
    shapley = f", {importance.shapley_method}, {patients:,} held-out patients" if patients is not None else ""
    return Wording(
        id=identity,
        title=f"{model.title} leans most on {listed(leading)}: the increase in held-out log loss when shuffled",
        caption=(
            f"{patients_of(model)}. Left: mean increase in log loss when a predictor is shuffled among patients, with "
            f"the 95 % interval over patients. Right: mean absolute Shapley value{shapley}; no interval.{rest} "
            f"{_untold(model, importance)}{FIXED_WORDS}"
        ),
        description=" ".join(_described(one, importance) for one in ranked[:_MOST]),
        table=_table(ranked, importance),
    )


def _untold(model: ModelResults, importance: Importance) -> str:
    sentence = untold(model.title, importance)
    return f"{sentence} " if sentence else ""


def _described(one: PermutationImportance, importance: Importance) -> str:
    shapley = [decimal(other.mean_absolute, 3) for other in importance.shapley if other.predictor == one.predictor]
    limits = interval(one.lower, one.upper, 4)
    beside = f", mean absolute Shapley value {shapley[0]}" if shapley else ""
    return f"{one.predictor}: {decimal(one.increase, 4)} ({limits}){beside}."


def _table(ranked: Sequence[PermutationImportance], importance: Importance) -> FigureTable:
    shapley = {one.predictor: one.mean_absolute for one in importance.shapley}
    rows: list[tuple[Cell, ...]] = [
        (one.predictor, one.increase, one.lower, one.upper, shapley.get(one.predictor)) for one in ranked
    ]
    return FigureTable(("predictor", "increase in log loss", "lower 95 %", "upper 95 %", "mean |SHAP|"), rows)
