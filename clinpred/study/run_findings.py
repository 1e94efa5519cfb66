"""What a run notices of itself: too few events, a penalty at the edge of its grid, separation, what was not tested."""

from clinpred.records.cohort import Cohort
from clinpred.records.findings import Finding
from clinpred.study.learning import Learnt
from clinpred.study.size import Needs, development_finding, validation_finding

FEW_DEVELOPMENT_EVENTS = 200
FEW_HELD_OUT_EVENTS = 100


def run_findings(learnt: Learnt, needs: Needs) -> list[Finding]:
    """Return the findings of a run."""
    return [*_sample_size(learnt, needs), *_held_out(learnt, needs), *_fits(learnt)]


def _sample_size(learnt: Learnt, needs: Needs) -> list[Finding]:
    findings = [] if needs.development is None else [development_finding(needs.development)]
    fewest, whom = _rarer(learnt.partition.development)
    if fewest < FEW_DEVELOPMENT_EVENTS:
        text = f"{fewest} development {whom}: a random split of so few patients wastes information"
        advice = "read the held-out estimates with their intervals; gather more patients"
        findings.append(Finding("W-SMALL-SPLIT", "caution", text, advice, fewest))
    return [finding for finding in findings if finding is not None]


def _rarer(cohort: Cohort) -> tuple[int, str]:
    """Return how many patients are of the rarer class, which limits what can be learnt, and what it is called."""
    non_events = cohort.n_patients - cohort.n_events
    return (cohort.n_events, "events") if cohort.n_events <= non_events else (non_events, "non-events")


def _held_out(learnt: Learnt, needs: Needs) -> list[Finding]:
    internal = Finding(
        "W-INTERNAL",
        "caution",
        "held-out patients come from the same sites and period as those learnt from: this is internal validation",
        "validate on a later period, another site or another export before use",
    )
    if needs.held_out is not None:
        few = validation_finding(needs.held_out)
        return [internal] if few is None else [internal, few]
    fewest, _ = _rarer(learnt.partition.held_out)
    if fewest >= FEW_HELD_OUT_EVENTS:
        return [internal]
    text = f"{fewest} held-out patients with, or without, the event: estimates are imprecise"
    return [internal, Finding("W-FEW-HELD-OUT", "caution", text, "read the intervals, not the estimates", fewest)]


def _fits(learnt: Learnt) -> list[Finding]:
    findings = []
    for name, developed in learnt.developed.items():
        if developed.settings.get("separated"):
            text = f"{name}: predictors separate events from non-events, so the likelihood has no maximum"
            advice = "its risks are used as the baseline's collapse; its coefficients are withheld"
            findings.append(Finding("S-SEPARATION", "caution", text, advice))
        if developed.settings.get("at_grid_edge"):
            text = f"{name}: the best penalty strength lies at the edge of its path, which was extended once"
            findings.append(Finding("W-GRID-EDGE", "caution", text, "look at the sweet-spot plot"))
    return findings
