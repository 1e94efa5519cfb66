"""What the first screen says: who was studied, four numbers, and the model beside its twin and the prevalence."""

from dataclasses import dataclass

from clinpred.performance.net_benefit import net_benefit_key
from clinpred.report.contents import Estimate, NetBenefit, Performance, Results
from clinpred.report.evidence import NEW_PATIENTS, strongest_role
from clinpred.report.numbers import (
    count,
    decimal,
    decimals_of,
    in_sentence,
    interval,
    threshold_percent,
    with_interval,
)
from clinpred.report.part import Role
from clinpred.report.performance_tables import benefit_at
from clinpred.report.tabular import Table
from clinpred.settings.models import UNREGULARISED_TWINS

HOW_HELD_OUT = {
    "patient": "drawn at random by patient",
    "period": "of a later period",
    "site": "of sites not learnt from",
}
_BESIDE = ("auroc", "calibration_slope", "observed_expected", "log_loss")
_BESIDE_PRIMARY = ("logistic_ridge", "mlp_regularised")


@dataclass(frozen=True)
class Card:
    """One headline number: what it is, the number, its interval, and what it is to be read beside."""

    title: str
    value: str
    interval: str
    notes: tuple[str, ...]


def judged_role(results: Results) -> Role:
    """Return the role whose patients the headline numbers are of."""
    return strongest_role(results.models[results.primary]) or "apparent"


def kind_of_validation(results: Results) -> str:
    """Return what validation the verdict is: internal, external, …."""
    return NEW_PATIENTS.get(judged_role(results), ("development", "no validation"))[1]


def facts(results: Results) -> list[tuple[str, str]]:
    """Return what was studied, in five short answers."""
    study, partition, role = results.study, results.partition, judged_role(results)
    judged = results.models[results.primary].performance[role].auroc
    called = NEW_PATIENTS.get(role, ("development", ""))[0]
    how = f", {HOW_HELD_OUT[partition.by]}" if role == "held_out" else ""
    return [
        ("Outcome", study.outcome if study.horizon_days else f"{study.outcome}; event “{study.event}”"),
        ("Developed on", f"{_patients(partition.development.patients, partition.development.events)}"),
        ("Judged on", f"{_patients(judged.patients, judged.events, called)}{how}: {kind_of_validation(results)}"),
        ("Model", results.models[results.primary].title),
        ("Run", f"{study.export}, sha256 {study.export_sha256[:12]}… · seed {study.seed} · clinpred {study.version}"),
    ]


def headline_cards(results: Results) -> list[Card]:
    """Return the four headline numbers of the primary model."""
    performances = results.models[results.primary].performance
    performance, apparent = performances[judged_role(results)], performances.get("apparent")
    in_development = "" if apparent is None else f"{_plain(apparent.auroc, 'auroc')} in development (apparent)"
    if "resampled" in performances and judged_role(results) != "resampled":
        in_development += f", {_plain(performances['resampled'].auroc, 'auroc')} resampled"
    return [
        _card("Ranking: AUROC", performance.auroc, "auroc", ("0.5 is chance, 1 is perfect", in_development)),
        _card(
            "Calibration slope",
            performance.calibration_slope,
            "calibration_slope",
            ("1 is ideal", "below 1: risks too extreme"),
        ),
        _card(
            "Observed : expected events",
            performance.observed_expected,
            "observed_expected",
            ("1 is ideal", "above 1: risks too low overall"),
        ),
        _benefit_card(results, performance),
    ]


def beside_table(results: Results) -> Table:
    """Return the primary model and its twin, the networks and theirs, and the prevalence, on the same patients."""
    role = judged_role(results)
    pairs = [(name, UNREGULARISED_TWINS.get(name, "")) for name in (results.primary, *_BESIDE_PRIMARY)]
    names = [*(name for pair in pairs for name in pair), "prevalence"]
    models = [results.models[name] for name in dict.fromkeys(names) if name in results.models]
    rows = [
        (model.title, *(with_interval(getattr(model.performance[role], key), key) for key in _BESIDE))
        for model in models
        if role in model.performance
    ]
    header = ("On the same patients", "AUROC", "Calibration slope", "Observed : expected", "Log loss")
    return Table("beside", "Regularised models beside their twins and the prevalence", "", header, tuple(rows))


def _patients(patients: int, events: int, called: str = "") -> str:
    return f"{count(patients)} {called} patients ({count(events)} events)".replace("  ", " ")


def _plain(estimate: Estimate, key: str) -> str:
    return "not estimable" if estimate.estimate is None else decimal(estimate.estimate, decimals_of(key))


def _card(title: str, estimate: Estimate, key: str, notes: tuple[str, ...]) -> Card:
    if estimate.estimate is None:
        return Card(title, "–", estimate.reason or "not estimable", notes)
    between = "no 95 % interval"
    if estimate.lower is not None and estimate.upper is not None:
        between = f"95 % CI {interval(estimate.lower, estimate.upper, decimals_of(key))}"
    return Card(title, _plain(estimate, key), between, tuple(note for note in notes if note))


def _benefit_card(results: Results, performance: Performance) -> Card:
    thresholds = results.study.thresholds
    found = benefit_at(performance, thresholds[0]) if thresholds else None
    if found is None:
        return Card("Net benefit", "–", "no decision threshold given", ("clinical utility is shown as a curve only",))
    between = "no 95 % interval"
    if found.lower is not None and found.upper is not None:
        between = f"95 % CI {interval(found.lower, found.upper, 3)}"
    against = _beside_default(results, found)
    title = f"Net benefit at a risk of {threshold_percent(found.threshold)}"
    return Card(title, decimal(found.estimate, 3), between, (against, _spared(found)))


def _beside_default(results: Results, found: NetBenefit) -> str:
    """Return how the net benefit stands beside the better of treating all and none, with the paired interval."""
    default = "treating all" if found.treat_all > 0 else "treating none"
    level = f"{default}: {decimal(max(found.treat_all, 0.0), 3)}"
    key = net_benefit_key(found.threshold)
    sought = (judged_role(results), results.primary, "prevalence", key)
    paired = [
        one
        for one in results.comparisons
        if (one.role, one.model, one.baseline, one.measure) == sought and one.lower is not None
    ]
    return f"{level}, difference {in_sentence(paired[0], key)}" if paired else level


def _spared(found: NetBenefit) -> str:
    """Return the gain over treating all, as needless interventions per 100 patients at the same true positives."""
    spared = 100 * (found.estimate - found.treat_all) * (1 - found.threshold) / found.threshold
    fewer = "fewer" if spared >= 0 else "more"
    return f"net {decimal(abs(spared), 1)} {fewer} needless treatments per 100 than treating all"
