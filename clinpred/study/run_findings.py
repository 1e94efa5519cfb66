"""What a run notices of itself: too few events, a penalty at the edge of its grid, separation, what was not tested."""

from collections.abc import Mapping, Sequence

from clinpred.predictors.preparation import Preparation
from clinpred.records.cohort import Cohort
from clinpred.records.findings import Finding
from clinpred.records.partition import Partition
from clinpred.report.contents import ModelResults, Separation
from clinpred.report.limits import LARGEST_MAPE, MOST_UNSTABLE
from clinpred.report.numbers import listed
from clinpred.study.learning import Learnt
from clinpred.study.missingness import missingness_findings
from clinpred.study.size import Needs, development_finding, validation_finding

FEW_DEVELOPMENT_EVENTS = 200
FEW_HELD_OUT_EVENTS = 100
LARGEST_OPTIMISM = 0.05
MOST_NAMED = 5
LARGEST_SEED_SD = {"auroc": 0.01, "calibration_slope": 0.1}


def run_findings(learnt: Learnt, needs: Needs, models: Mapping[str, ModelResults]) -> list[Finding]:
    """Return the findings of a run."""
    missingness = missingness_findings(learnt.partition, seed=learnt.streams.development_seed)
    unseen = unseen_levels(learnt.partition, learnt.prepared.preparation)
    found = [*_sample_size(learnt, needs), *_held_out(learnt, needs), *missingness, *unseen, *_fits(learnt, models)]
    return [*found, *resampling_findings(models[learnt.study.models.primary])]


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


def unseen_levels(partition: Partition, preparation: Preparation) -> list[Finding]:
    """Return W-RARE-LEVEL for every category of which only held-out patients have some level."""
    findings = []
    for rule in preparation.rules:
        held_out, development = (
            set(part.predictors[rule.predictor].dropna()) if rule.kind == "category" else set()
            for part in (partition.held_out, partition.development)
        )
        if rule.kind == "category" and held_out - development:
            fate = "pooled with rare ones" if rule.pool else "handled as missing"
            text = f"`{rule.predictor}`: levels of held-out patients that no development patient has are {fate}"
            advice = "nothing to do, unless such a level matters: then merge levels in the export"
            findings.append(Finding("W-RARE-LEVEL", "note", text, advice, column=rule.predictor))
    return findings


def _fits(learnt: Learnt, models: Mapping[str, ModelResults]) -> list[Finding]:
    findings = []
    for name, developed in learnt.developed.items():
        separation = models[name].separation
        if separation is not None:
            advice = (
                "its risks are used as the baseline's collapse; its coefficients are withheld, Firth's stand beside"
            )
            findings.append(Finding("S-SEPARATION", "caution", f"{name}: {_separated(separation)}", advice))
        if developed.settings.get("at_grid_edge"):
            text = f"{name}: the best penalty strength lies at the edge of its path, which was extended once"
            findings.append(Finding("W-GRID-EDGE", "caution", text, "look at the sweet-spot plot"))
        findings += _seeds(name, models[name])
    return findings


def _seeds(name: str, model: ModelResults) -> list[Finding]:
    """Return W-SEEDS where networks that differ in nothing but their seed do differently on held-out patients."""
    found = model.restarts
    if found is None:
        return []
    spread = {"auroc": found.auroc, "calibration_slope": found.calibration_slope}
    if all(sd is None or sd <= LARGEST_SEED_SD[measure] for measure, sd in spread.items()):
        return []
    shown = {measure: "not estimable" if sd is None else f"{sd:.3f}" for measure, sd in spread.items()}
    text = (
        f"{name}: single networks that differ in their seed alone have a standard deviation of {shown['auroc']} in "
        f"AUROC and {shown['calibration_slope']} in calibration slope on held-out patients"
    )
    advice = f"use the mean of the {found.networks} networks, as this model does, and no single one of them"
    return [Finding("W-SEEDS", "caution", text, advice)]


def _separated(found: Separation) -> str:
    who = f"{_named(found.columns)} separate{'s' if len(found.columns) == 1 else ''}"
    if found.complete:
        return f"{who} all events from non-events, so that no coefficient has a finite maximum-likelihood estimate"
    without = "coefficient of {} has" if len(found.infinite) == 1 else "coefficients of {} have"
    unbounded = f"the {without.format(_named(found.infinite))} no finite maximum-likelihood estimate"
    return f"{who} some events from non-events; {unbounded}"


def _named(columns: Sequence[str]) -> str:
    named = [f"`{column}`" for column in columns[:MOST_NAMED]]
    others = [f"{len(columns) - MOST_NAMED} more columns"] if len(columns) > MOST_NAMED else []
    return listed([*named, *others])


def resampling_findings(primary: ModelResults) -> list[Finding]:
    """Return what resampling the development patients says against the primary model."""
    return [finding for finding in (_optimism(primary), _instability(primary)) if finding is not None]


def _optimism(primary: ModelResults) -> Finding | None:
    """Return W-OPTIMISM where the AUROC flatters itself by more than .05 on the patients learnt from."""
    apparent = primary.performance["apparent"].auroc.estimate if "apparent" in primary.performance else None
    resampled = primary.performance["resampled"].auroc.estimate if "resampled" in primary.performance else None
    if apparent is None or resampled is None or apparent - resampled <= LARGEST_OPTIMISM:
        return None
    text = f"{primary.title}: AUROC {apparent:.3f} on the patients learnt from, {resampled:.3f} on folds left out"
    return Finding("W-OPTIMISM", "caution", text, "judge by new patients; use fewer predictors or more patients")


def _instability(primary: ModelResults) -> Finding | None:
    """Return W-INSTABILITY where other development patients would have given other risks."""
    found = primary.stability
    if found is None:
        return None
    unstable = [
        (one.unstable, one.threshold) for one in found.classification if one.unstable and one.unstable > MOST_UNSTABLE
    ]
    if found.mean_absolute <= LARGEST_MAPE and not unstable:
        return None
    text = (
        f"{primary.title}: developed again on other draws of the same patients, its risks differ by "
        f"{found.mean_absolute:.3f} on average"
    )
    if unstable:
        share, threshold = max(unstable)
        text += f"; at {threshold:g}, {share:.0%} of patients change their class in more than a fifth of the draws"
    return Finding("W-INSTABILITY", "caution", text, "gather more patients, or use fewer predictors")
