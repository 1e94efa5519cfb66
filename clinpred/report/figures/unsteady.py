"""What the figures of stability are drawn from: the primary model and its twin, developed again and again."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinpred.report.contents import ModelResults, Results
from clinpred.report.figures.pairs import primary_pair
from clinpred.report.figures.palette import Look, model_looks
from clinpred.report.resampling_contents import Stability


@dataclass(frozen=True)
class Unsteady:
    """A model with what developing it again showed, and how it is drawn."""

    model: ModelResults
    stability: Stability
    look: Look


def unsteady_pair(results: Results) -> list[Unsteady]:
    """Return the primary model and its twin, as far as they were developed again on bootstrap samples."""
    looks = model_looks(results)
    return [
        Unsteady(results.models[name], stability, looks[name])
        for name in primary_pair(results)
        if (stability := results.models[name].stability) is not None
    ]


def developed_again(shown: Sequence[Unsteady]) -> str:
    """Return on how many bootstrap samples each model was developed, refused and separated ones counted."""
    return " ".join(_counted(one) for one in shown)


def _counted(one: Unsteady) -> str:
    stability = one.stability
    return (
        f"{one.model.title}: {stability.replicates:,} bootstrap samples developed on, {stability.refused:,} refused, "
        f"{stability.separated:,} separated."
    )
