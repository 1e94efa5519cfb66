"""A baseline whose outcome is separated: which columns do it, and Firth's fit beside, whose maximum always exists."""

from clinpred.errors import StatisticalRefusal
from clinpred.models.development import Developed
from clinpred.models.firth import FirthLogistic
from clinpred.models.profile import ProfileInterval
from clinpred.models.risk_model import risk_of
from clinpred.models.separation import separation_of
from clinpred.performance import auroc, calibration_slope
from clinpred.report import contents
from clinpred.study.learning import Learnt

# Each profile takes dozens of fits; of a wider design only the separating columns get one.
_MOST_PROFILED = 80


def separation_contents(developed: Developed, learnt: Learnt) -> contents.Separation | None:
    """Return the separating columns and Firth's fit on the same design, or None where nothing is separated."""
    if not developed.settings.get("separated"):
        return None
    prepared = learnt.prepared
    found = separation_of(prepared.design, prepared.outcome)
    columns, infinite = (
        [prepared.preparation.columns[at] for at in places] for places in (found.columns, found.infinite)
    )
    try:
        firth = FirthLogistic().fit(prepared.design, prepared.outcome)
    except StatisticalRefusal:
        return contents.Separation(complete=found.complete, columns=columns, infinite=infinite, firth=[])
    intervals = _intervals(firth, found.columns.tolist())
    ranks, slope = _on_held_out(firth, learnt)
    return contents.Separation(
        complete=found.complete,
        columns=columns,
        infinite=infinite,
        firth=[_coefficient(at, firth, intervals.get(at), learnt) for at in range(firth.coef_.size)],
        firth_auroc=ranks,
        firth_calibration_slope=slope,
    )


def _intervals(firth: FirthLogistic, separating: list[int]) -> dict[int, ProfileInterval | None]:
    columns = list(range(firth.coef_.size)) if firth.coef_.size <= _MOST_PROFILED else separating
    return dict(zip(columns, firth.profile_intervals(columns=columns), strict=True))


def _coefficient(
    at: int, firth: FirthLogistic, interval: ProfileInterval | None, learnt: Learnt
) -> contents.FirthCoefficient:
    preparation = learnt.prepared.preparation
    return contents.FirthCoefficient(
        column=preparation.columns[at],
        predictor=preparation.sources[at],
        per_sd=float(firth.coef_[0, at]),
        lower=interval.lower if interval else None,
        upper=interval.upper if interval else None,
    )


def _on_held_out(firth: FirthLogistic, learnt: Learnt) -> tuple[float, float | None]:
    held_out = learnt.partition.held_out
    linear_predictor = firth.form_.linear_predictor(learnt.prepared.preparation.apply(held_out.predictors))
    risk = risk_of(linear_predictor)
    ranks = auroc(held_out.outcome, risk)
    try:
        return ranks, calibration_slope(held_out.outcome, risk, linear_predictor=linear_predictor)
    except StatisticalRefusal:
        return ranks, None
