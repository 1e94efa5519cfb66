"""The figures of a report, each drawn from the results alone: a small SVG, its words, and its numbers."""

from clinpred.report.contents import Results
from clinpred.report.figures.calibration import draw_calibration, draw_network_calibration
from clinpred.report.figures.correlation import draw_correlation
from clinpred.report.figures.decision import draw_decision, draw_roc
from clinpred.report.figures.dumbbell import draw_dumbbell
from clinpred.report.figures.early_stopping import draw_early_stopping
from clinpred.report.figures.figure import Figure, FigureTable
from clinpred.report.figures.flow import draw_flow
from clinpred.report.figures.importance import draw_importance, draw_network_importance
from clinpred.report.figures.instability import draw_instability
from clinpred.report.figures.instability_curves import draw_instability_curves
from clinpred.report.figures.learning_curve import draw_learning_curve
from clinpred.report.figures.missingness import draw_missingness
from clinpred.report.figures.palette import DARK, FIGURE_CSS, LIGHT
from clinpred.report.figures.partial_effects import draw_partial_effects
from clinpred.report.figures.risk_distribution import draw_risk_distribution
from clinpred.report.figures.spreads import draw_coefficient_spread, draw_ranks
from clinpred.report.figures.strength_spread import draw_strength_spread
from clinpred.report.figures.svg import standalone
from clinpred.report.figures.sweet_spot import draw_sweet_spot

__all__ = ["DARK", "FIGURE_CSS", "LIGHT", "Figure", "FigureTable", "draw_figures", "standalone_svg"]

_DRAWINGS = (
    draw_calibration,
    draw_network_calibration,
    draw_decision,
    draw_risk_distribution,
    draw_roc,
    draw_dumbbell,
    draw_sweet_spot,
    draw_early_stopping,
    draw_learning_curve,
    draw_instability,
    draw_instability_curves,
    draw_strength_spread,
    draw_coefficient_spread,
    draw_ranks,
    draw_correlation,
    draw_importance,
    draw_network_importance,
    draw_partial_effects,
    draw_missingness,
    draw_flow,
)


def draw_figures(results: Results) -> dict[str, Figure]:
    """Draw every figure that the results hold the numbers for, by id, in the order of the report."""
    drawn = [draw(results) for draw in _DRAWINGS]
    return {figure.id: figure for figure in drawn if figure is not None}


def standalone_svg(figure: Figure) -> str:
    """Return a figure as an SVG file of its own, in light colours."""
    return standalone(figure.svg)
