"""Performance and comparisons, brought into the contents of the report."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from clinpred.performance.flexible_calibration import CalibrationCurve
from clinpred.report import contents
from clinpred.report.disclosure import redact_histogram
from clinpred.report.part import Role
from clinpred.validation.comparison import PairedComparison
from clinpred.validation.held_out import RiskCounts, RolePerformance


def performance_of(role: RolePerformance) -> contents.Performance:
    """Return the measures of one model in one role."""
    measures = {key: contents.Estimate(**asdict(estimate)) for key, estimate in role.measures.items()}
    benefits = [contents.NetBenefit(**asdict(benefit)) for benefit in role.net_benefit]
    return contents.Performance(net_benefit=benefits, **measures)


def curves_of(role: RolePerformance) -> contents.Curves:
    """Return the curves of one model in one role."""
    return contents.Curves(
        calibration=_calibration(role.calibration) if role.calibration is not None else None,
        histogram=_histogram(role.counts),
        decision=contents.DecisionCurve(**_lists(role.decision)),
        roc=contents.RocCurve(**_lists(role.roc)),
    )


def comparisons_in(role: Role, compared: Iterable[PairedComparison]) -> list[contents.Comparison]:
    """Return the planned comparisons of one role, one entry a measure."""
    return [
        contents.Comparison(
            role=role,
            model=pair.model,
            baseline=pair.baseline,
            measure=measure,
            family=pair.family,
            adjusted_p_value=pair.adjusted_p_values.get(measure),
            **asdict(difference),
        )
        for pair in compared
        for measure, difference in pair.differences.items()
    ]


def _calibration(curve: CalibrationCurve) -> contents.CalibrationCurve:
    return contents.CalibrationCurve(**_lists(curve))


def _histogram(counts: RiskCounts) -> contents.RiskHistogram:
    events, non_events = redact_histogram(counts.events.tolist(), counts.non_events.tolist())
    return contents.RiskHistogram(edges=[float(edge) for edge in counts.edges], events=events, non_events=non_events)


def _lists(curve: Any) -> dict[str, Any]:  # noqa: ANN401  # any frozen curve of arrays
    return {key: value if isinstance(value, str) else [float(x) for x in value] for key, value in asdict(curve).items()}
