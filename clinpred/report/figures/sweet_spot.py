"""The sweet spot of a penalty: deviance against strength, on development, resampled and held-out patients."""

from typing import TYPE_CHECKING

from clinpred.report.contents import ModelResults, PenaltyPath, Results
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.palette import DASHED, DOTTED, INK, MODEL_1, MODEL_2, MUTED, PAPER, SOLID, Look
from clinpred.report.figures.sheet import WIDTH, Sheet, drawn, key_above
from clinpred.report.figures.words import patients_of
from clinpred.report.numbers import decimal, estimable, listed, significant
from clinpred.report.tables import RESAMPLED_DEVIANCE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TOP, _ROW, _GAP = 62.0, 104.0, 60.0
_RESAMPLED, _APPARENT, _HELD_OUT = Look(MODEL_1, SOLID), Look(MODEL_2, DASHED), Look(MUTED, DOTTED, width=1.1)
_DEGREES_AT = (0.08, 0.29, 0.5, 0.71, 0.92)
"""Where along a path its effective degrees of freedom are written."""
Tuned = list[tuple[ModelResults, PenaltyPath]]


def draw_sweet_spot(results: Results) -> Figure | None:
    """Draw the tuning of every penalised logistic model, one panel a model."""
    tuned = [(model, model.tuning.path) for model in results.models.values() if model.tuning is not None]
    if not tuned:
        return None
    height = _TOP + (_ROW + _GAP) * len(tuned)
    return drawn(_wording(tuned), height=height, paint=lambda sheet: _paint(sheet, tuned))


def _paint(sheet: Sheet, tuned: Tuned) -> None:
    entries = [("patients left out ± SE", _RESAMPLED), ("apparent", _APPARENT), ("held-out", _HELD_OUT)]
    key_above(sheet, entries)
    lowest = min(min(_deviances(path)) for _, path in tuned)
    # the strongest penalty leaves the null model; far above its deviance a curve only says that it failed
    highest = max(min(max(_deviances(path)), 1.3 * path.apparent[0]) for _, path in tuned)
    margin = 0.05 * (highest - lowest)
    for row, (model, path) in enumerate(tuned):
        axes = sheet.panel(left=52, top=_TOP + row * (_ROW + _GAP), width=WIDTH - 64, height=_ROW)
        _paint_path(axes, path)
        axes.set_ylim(lowest - margin, highest + margin)
        axes.set_title(model.title, loc="left", fontsize=11.5, pad=20)
        _count_degrees(axes, path)
        axes.set_ylabel("Deviance")
    axes.set_xlabel("Penalty strength λ (stronger to the right)")


def _deviances(path: PenaltyPath) -> list[float]:
    return [*path.apparent, *path.held_out, *(value for value in path.resampled if value is not None)]


def _gapped(values: list[float | None]) -> list[float]:
    """Return values as they are drawn: with a gap where there is none."""
    return [float("nan") if value is None else value for value in values]


def _paint_path(axes: "Axes", path: PenaltyPath) -> None:
    resampled, errors = _gapped(path.resampled), _gapped(path.standard_error)
    upper = [mean + error for mean, error in zip(resampled, errors, strict=True)]
    lower = [mean - error for mean, error in zip(resampled, errors, strict=True)]
    axes.fill_between(path.strength, lower, upper, color=MODEL_1, alpha=0.18, linewidth=0)
    for values, look in ((path.held_out, _HELD_OUT), (path.apparent, _APPARENT), (resampled, _RESAMPLED)):
        axes.plot(path.strength, values, color=look.colour, linestyle=look.dash, linewidth=look.width)
    strength, deviance = path.strength[path.chosen], resampled[path.chosen]
    axes.axvline(strength, color=INK, linewidth=0.8)
    axes.plot(strength, deviance, "o", color=MODEL_1, markersize=6)
    if path.one_standard_error != path.chosen:
        stronger = path.one_standard_error
        axes.plot(path.strength[stronger], resampled[stronger], "D", color=INK, markerfacecolor=PAPER, markersize=5)
    _name_choice(axes, path)
    axes.set_xscale("log")
    axes.margins(x=0)
    axes.minorticks_off()
    axes.xaxis.set_major_formatter("{x:g}")
    axes.locator_params(axis="y", nbins=4)
    axes.grid(visible=True)


def _count_degrees(axes: "Axes", path: PenaltyPath) -> None:
    """Write the effective degrees of freedom above the strengths."""
    places = sorted({round(share * (len(path.strength) - 1)) for share in _DEGREES_AT})
    above = axes.secondary_xaxis("top")
    above.set_xticks(
        [path.strength[place] for place in places], [f"{path.effective_df[place]:.0f}" for place in places]
    )
    above.minorticks_off()
    above.tick_params(colors=MUTED, pad=1)
    above.spines["top"].set_visible(False)
    axes.annotate("df", (0, 1), (-4, 3), color=MUTED, ha="right", xycoords="axes fraction", textcoords="offset points")


def _name_choice(axes: "Axes", path: PenaltyPath) -> None:
    """Write the chosen strength beside its line, on the side that has room."""
    is_strong = 3 * path.chosen < len(path.strength)
    axes.annotate(
        f"chosen: {significant(path.strength[path.chosen])}",
        (path.strength[path.chosen], 1),
        (-4 if is_strong else 4, -11),
        color=INK,
        ha="right" if is_strong else "left",
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
    )


def _wording(tuned: Tuned) -> Wording:
    chosen = [f"{significant(path.strength[path.chosen])} for {model.title}" for model, path in tuned]
    methods = "; ".join(dict.fromkeys(_method_in_words(path) for _, path in tuned))
    deviances = dict.fromkeys(RESAMPLED_DEVIANCE[path.method] for _, path in tuned)
    return Wording(
        id="sweet_spot",
        title=f"Penalty strength by {listed(list(deviances))}: {listed(chosen)}",
        caption=(
            "Deviance per patient. Apparent: all development patients, by the model fitted to them. Patients left out: "
            f"{methods}. Line and dot: the strength chosen; open diamond: the strongest within one standard error of "
            "the best. Above: effective degrees of freedom (df). "
            f"Held-out ({patients_of(tuned[0][0])}): computed after the choice, and chosen by nothing."
        ),
        description=" ".join(_described(model, path) for model, path in tuned),
        table=_table(tuned),
    )


def _method_in_words(path: PenaltyPath) -> str:
    if path.method == "aicc":
        return "AICc per patient, from effective degrees of freedom, without a standard error"
    if path.method == "loo":
        return "each development patient by the model without that patient (closed form), ± one standard error (band)"
    return f"{path.folds}-fold cross-validation of development patients, mean over folds ± one standard error (band)"


def _described(model: ModelResults, path: PenaltyPath) -> str:
    resampled = RESAMPLED_DEVIANCE[path.method]
    at = {
        f"weakest strength {significant(path.strength[-1])}": -1,
        f"chosen strength {significant(path.strength[path.chosen])}": path.chosen,
        f"strongest within one standard error, {significant(path.strength[path.one_standard_error])},": (
            path.one_standard_error
        ),
        f"strongest {significant(path.strength[0])}": 0,
    }
    parts = [
        f"at the {words} the {resampled} is {estimable(path.resampled[place], 3)} "
        f"(standard error {estimable(path.standard_error[place], 3)}), apparent {decimal(path.apparent[place], 3)}, "
        f"held-out {decimal(path.held_out[place], 3)}"
        for words, place in at.items()
    ]
    return f"{model.title}: {'; '.join(parts)}."


def _table(tuned: Tuned) -> FigureTable:
    header = (
        "model", "strength", "apparent", "patients left out", "standard error", "held-out", "non-zero coefficients",
        "effective degrees of freedom", "chosen",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for model, path in tuned:
        columns = zip(
            path.strength, path.apparent, path.resampled, path.standard_error, path.held_out, path.nonzero,
            path.effective_df, strict=True,
        )  # fmt: skip
        rows += [(model.title, *point, _marked(path, place)) for place, point in enumerate(columns)]
    return FigureTable(header, rows)


def _marked(path: PenaltyPath, place: int) -> str:
    if place == path.chosen:
        return "chosen"
    return "one standard error" if place == path.one_standard_error else ""
