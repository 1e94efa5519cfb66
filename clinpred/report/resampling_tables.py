"""The tables of what resampling showed: optimism, stability, coefficients and ranks over replicates, separation."""

from collections.abc import Iterator, Sequence

from clinpred.report.contents import FirthCoefficient, ModelResults, Results
from clinpred.report.importance_tables import FIXED_WORDS
from clinpred.report.limits import UNSTABLE_CLASS
from clinpred.report.numbers import count, decimal, decimals_of, interval, listed, percent, threshold_percent
from clinpred.report.performance_tables import measure_title
from clinpred.report.resampling_contents import Optimism, PredictorRank, Stability
from clinpred.report.tabular import Cell, Row, Table
from clinpred.report.told_apart import SURE, untold_neighbours
from clinpred.settings.models import UNREGULARISED_TWINS

_FIRST = 10
FEWEST_EVENTS_A_COLUMN = 10
"""With fewer development events a design column the bootstrap does not take all of the optimism away."""


_LEADING = frozenset({"auroc", "calibration_slope", "observed_expected", "log_loss", "brier", "net_benefit"})


def optimism_table(results: Results) -> Table:
    """Return apparent performance, its optimism and what is left, for every model that was bootstrapped."""
    models = [(model.title, model.optimism) for model in results.models.values() if model.optimism]
    return _optimism_table(
        results, models, identity="optimism", title="Optimism of every measure of every model, by the bootstrap"
    )


def leading_optimism_table(results: Results) -> Table:
    """Return the rows of the primary model and its twin for the measures that lead a report: the page shows them."""
    names = [name for name in (results.primary, UNREGULARISED_TWINS.get(results.primary)) if name in results.models]
    models = [
        (model.title, [one for one in model.optimism if one.measure.partition(":")[0] in _LEADING])
        for model in (results.models[name] for name in names if name is not None)
        if model.optimism
    ]
    return _optimism_table(
        results,
        models,
        identity="leading-optimism",
        title="Optimism of the primary model and its twin, by the bootstrap of the whole development",
    )


def _optimism_table(
    results: Results, models: Sequence[tuple[str, Sequence[Optimism]]], *, identity: str, title: str
) -> Table:
    rows = [(model, *_optimism_row(one)) for model, found in models for one in found]
    is_asked_for = any(one.plus_632 is not None for model in results.models.values() for one in model.optimism or [])
    header = ("Model", "Measure", "Apparent", "Optimism", "Corrected", "Replicates", "Lost", ".632+")
    kept = len(header) if is_asked_for else -1
    return Table(
        identity,
        title,
        "Optimism: how much better a model developed on a bootstrap sample does there than on development patients, "
        "mean over replicates. Corrected: apparent minus optimism (95 % interval, shifted by the optimism). "
        f"Lost: replicates without a value. {PENALISED_APPARENT}{bootstrap_doubt(results)}",
        header[:kept] if not is_asked_for else header,
        tuple(row[:kept] if not is_asked_for else row for row in rows),
        grouped=True,
    )


PENALISED_APPARENT = (
    "The apparent slope of a penalised model is above 1 by design: only its corrected slope says something."
)


def bootstrap_doubt(results: Results) -> str:
    """Return the sentence that the bootstrap is too optimistic here; nothing where events are many enough."""
    events, columns = results.partition.development.events, results.cohort.design_columns
    if events >= FEWEST_EVENTS_A_COLUMN * columns:
        return ""
    return (
        f" With {decimal(events / columns, 1)} events a design column, fewer than {FEWEST_EVENTS_A_COLUMN}, the "
        "bootstrap does not take all of the optimism away: corrected values are too favourable, and repeated folds are "
        "to be believed instead."
    )


def stability_table(results: Results) -> Table:
    """Return how far the risks of models developed again lie from each model's, and how often that failed."""
    rows = [
        (model.title, *_stability_row(model.stability))
        for model in results.models.values()
        if model.stability is not None
    ]
    return Table(
        "stability",
        "Models developed again on bootstrap samples",
        "Refused: samples on which no model could be developed. Separated: of those developed, without a maximum of "
        "the likelihood; their risks are used, their coefficients are not. MAPE: mean over patients of the mean "
        "absolute difference between the replicates’ risks and the model’s, and its 90th percentile over patients.",
        ("Model", "Developed", "Refused", "Separated", "Patients", "MAPE", "90th percentile"),
        tuple(rows),
    )


def classification_table(results: Results) -> Table:
    """Return how often patients change sides of a threshold when the model is developed again."""
    rows = [
        (
            model.title,
            threshold_percent(one.threshold),
            percent(one.mean),
            _share(one.unstable),
            _share(one.crossing),
        )
        for model in results.models.values()
        if model.stability is not None
        for one in model.stability.classification
    ]
    return Table(
        "classification-stability",
        "Decisions that change when the model is developed again",
        "Side changed: the share of replicates that put a patient on the other side of the threshold, mean over "
        f"development patients. In more than {100 * UNSTABLE_CLASS:g} % of replicates: the share of patients for whom "
        "that is so. Threshold within: the share of patients whose central 95 % of risks lie on both sides of it. "
        "“Withheld”: 1 to 7 patients stand behind the share.",
        ("Model", "Threshold", "Side changed", f"In more than {100 * UNSTABLE_CLASS:g} %", "Threshold within"),
        tuple(rows),
        grouped=True,
    )


def rank_table(results: Results) -> Table:
    """Return each predictor's rank with its spread over replicates, models side by side."""
    ranked = {
        model.title: {one.predictor: one for one in model.stability.ranks}
        for model in results.models.values()
        if model.stability is not None and model.stability.ranks
    }
    names = dict.fromkeys(name for found in ranked.values() for name in found)
    doubts = [untold_ranks(title, list(found.values())) for title, found in ranked.items()]
    return Table(
        "ranks",
        "Ranks of the predictors over the replicates",
        "Rank by the SD of what a predictor adds to the log odds (central 95 % of the replicates), and the shares of "
        "replicates in which it is among the first five, and before the predictor of the next rank. "
        f"{' '.join(doubt for doubt in doubts if doubt)} {FIXED_WORDS}",
        (
            "Predictor",
            *(f"{title}: {part}" for title in ranked for part in ("rank", "among the first five", "before the next")),
        ),
        tuple((name, *(cell for found in ranked.values() for cell in _rank_cells(found.get(name)))) for name in names),
    )


def untold_ranks(title: str, ranks: Sequence[PredictorRank]) -> str:
    """Return which neighbours among the first ranks cannot be told apart over the replicates, in a sentence."""
    first = ranks[:_FIRST]
    told = [None if one.before_next is None else one.before_next >= SURE for one in first]
    runs = untold_neighbours([one.predictor for one in first], told)
    return (
        f"{title}: neighbours of which neither comes first in {percent(SURE)} of the replicates: {runs}."
        if runs
        else ""
    )


def separation_table(results: Results) -> Table:
    """Return Firth's coefficients for every model whose outcome is separated."""
    rows = [
        (model.title, *_firth_row(one, separates=one.column in model.separation.columns))
        for model in results.models.values()
        if model.separation is not None
        for one in model.separation.firth
    ]
    return Table(
        "separation",
        "Firth’s coefficients where the outcome is separated",
        " ".join(_separation_sentences(results)),
        ("Model", "Design column", "Separates", "Firth: per SD (95 % profile interval)"),
        tuple(rows),
        grouped=True,
    )


def _optimism_row(one: Optimism) -> Row:
    digits = decimals_of(one.measure)
    corrected = one.reason or "not estimable" if one.corrected is None else decimal(one.corrected, digits)
    if one.corrected is not None and one.lower is not None and one.upper is not None:
        corrected += f" ({interval(one.lower, one.upper, digits)})"
    plain = [None if value is None else decimal(value, digits) for value in (one.apparent, one.optimism, one.plus_632)]
    return (measure_title(one.measure), plain[0], plain[1], corrected, one.replicates, one.lost, plain[2])


def _share(share: float | None) -> str:
    return "withheld" if share is None else percent(share)


def _stability_row(one: Stability) -> Row:
    differences = (decimal(one.mean_absolute, 3), decimal(one.mean_absolute_90, 3))
    return (*(count(number) for number in (one.replicates, one.refused, one.separated, one.patients)), *differences)


def _rank_cells(one: PredictorRank | None) -> tuple[Cell, Cell, Cell]:
    if one is None:
        return None, None, None
    before = None if one.before_next is None else percent(one.before_next)
    return rank_in_words(one), percent(one.top_five), before


def rank_in_words(one: PredictorRank) -> str:
    """Return a rank with the central 95 % of its replicates; ranks may be tied."""
    return f"{one.rank:g} ({one.lower:g} to {one.upper:g})"


def _firth_row(one: FirthCoefficient, *, separates: bool) -> Row:
    lower, upper = ("no end" if limit is None else decimal(limit, 2) for limit in (one.lower, one.upper))
    return (one.column, "yes" if separates else "", f"{decimal(one.per_sd, 2)} ({lower} to {upper})")


def _separation_sentences(results: Results) -> Iterator[str]:
    for model in results.models.values():
        if model.separation is not None:
            yield _separated(model)
    yield (
        "No maximum of the likelihood exists: the model’s own coefficients mean nothing and are withheld; its risks "
        "are used. Firth’s fit, whose maximum always exists, stands beside. “No end”: the profile does not end there."
    )


def _separated(model: ModelResults) -> str:
    found = model.separation
    if found is None:
        return ""
    names = listed([f"`{column}`" for column in found.columns])
    told_apart = "every patient" if found.complete else "some patients"
    said = f"{model.title}: {names or 'the design columns together'} tell events and non-events of {told_apart} apart."
    without = "every coefficient" if found.complete else listed([f"`{column}`" for column in found.infinite])
    said += f" Without a finite maximum-likelihood estimate: {without}."
    if found.firth_auroc is not None:
        said += f" Firth’s AUROC {decimal(found.firth_auroc, 3)}"
        said += "." if found.firth_calibration_slope is None else ""
    if found.firth_calibration_slope is not None:
        joint = "," if found.firth_auroc is not None else " Firth’s"
        said += f"{joint} calibration slope {decimal(found.firth_calibration_slope, 2)}."
    return said
