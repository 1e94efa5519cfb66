"""The evidence that a verdict rests on: the primary model on the strongest new patients there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import cast

from clinpred.report.contents import Comparison, Estimate, FindingItem, ModelResults, NetBenefit, Performance
from clinpred.report.limits import FEWEST, WIDEST_AUROC, WIDEST_SLOPE, Limits
from clinpred.report.numbers import rounded_up
from clinpred.report.part import Role
from clinpred.settings.models import UNREGULARISED_TWINS

NEW_PATIENTS: dict[Role, tuple[str, str]] = {
    "external": ("external", "external validation"),
    "unseen_site": ("unseen-site", "validation at sites not learnt from"),
    "later_period": ("later-period", "validation in a later period"),
    "held_out": ("held-out", "internal validation"),
    "resampled": ("resampled", "internal validation"),
}
"""The roles that can be evidence, strongest first: how their patients are called, and what validation that is."""

MOST_NEEDED = 1e6
"""Beyond so many patients the width says that the model fails, not that patients are too few."""


@dataclass(frozen=True)
class Evidence:
    """What the verdict rests on: the primary model on the strongest new patients there are, and what it is beside."""

    role: Role
    model: ModelResults
    performance: Performance
    prevalence: Performance | None
    twin: ModelResults | None
    differences: Mapping[tuple[str, str], Comparison]
    """Paired differences of the primary model, by (baseline, measure); the baseline is "twin" or "prevalence"."""
    benefits: Sequence[NetBenefit]
    serious: Sequence[FindingItem]

    @property
    def patients(self) -> str:
        """How the patients are called in a sentence."""
        auroc = self.performance.auroc
        called, kind = NEW_PATIENTS[self.role]
        return f"{auroc.patients:,} {called} patients ({auroc.events:,} events; {kind})"


def strongest_role(model: ModelResults) -> Role | None:
    """Return the strongest role of new patients that a model was scored on."""
    return next((role for role in NEW_PATIENTS if role in model.performance), None)


def gather_evidence(
    models: Mapping[str, ModelResults],
    primary: str,
    comparisons: Sequence[Comparison],
    *,
    role: Role,
    thresholds: Sequence[float],
    findings: Sequence[FindingItem],
) -> Evidence:
    """Gather what the primary model is judged on, and what it is beside."""
    performance = models[primary].performance[role]
    twin = UNREGULARISED_TWINS.get(primary, "")
    beside = {twin: "twin", "prevalence": "prevalence"}
    at = {benefit.threshold: benefit for benefit in performance.net_benefit}
    return Evidence(
        role=role,
        model=models[primary],
        performance=performance,
        prevalence=models["prevalence"].performance.get(role) if "prevalence" in models else None,
        twin=models.get(twin),
        differences={
            (beside[one.baseline], one.measure): one
            for one in comparisons
            if one.model == primary and one.role == role and one.baseline in beside
        },
        benefits=[at[threshold] for threshold in thresholds],
        serious=[finding for finding in findings if finding.level == "serious"],
    )


def gaps_of(performance: Performance) -> str:
    """Return what is missing for a judgement, as the rest of a sentence; nothing where all is there."""
    auroc, slope = performance.auroc, performance.calibration_slope
    named = {"AUROC": auroc, "calibration slope": slope, "O:E": performance.observed_expected}
    gaps = [f"the {name} is {one.reason or 'without an interval'}" for name, one in named.items() if not limits_of(one)]
    if _fewest(auroc) < FEWEST:
        gaps.insert(0, f"fewer than {FEWEST} have, or have not, the event")
    widths = [("AUROC", auroc, WIDEST_AUROC), ("calibration slope", slope, WIDEST_SLOPE)]
    gaps += [text for text in starmap(_too_wide, widths) if text]
    return "; ".join(gaps) and "; ".join(gaps) + "."


def _fewest(estimate: Estimate) -> int:
    """Return the smaller class of patients: those who ever have the event, those who never do."""
    return min(estimate.events, estimate.patients - estimate.events)


def _too_wide(name: str, estimate: Estimate, widest: float) -> str | None:
    found = limits_of(estimate)
    if found is None or found[2] - found[1] <= widest:
        return None
    width = found[2] - found[1]
    said = f"the 95 % interval of the {name} is {width:.2f} wide (limit {widest})"
    needed = estimate.patients * (width / widest) ** 2
    return f"{said}, and would need about {rounded_up(needed):,} patients like these" if needed < MOST_NEEDED else said


def limits_of(estimate: Estimate) -> Limits | None:
    """Return an estimate with both limits of its interval, or None where one of the three is missing."""
    if estimate.estimate is None or estimate.lower is None or estimate.upper is None:
        return None
    return estimate.estimate, estimate.lower, estimate.upper


def known_limits(estimate: Estimate) -> Limits:
    """Return the limits of an estimate in which ``gaps_of`` has found no gap."""
    return cast("Limits", (estimate.estimate, estimate.lower, estimate.upper))
