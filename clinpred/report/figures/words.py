"""Names and counts in words, as titles, captions and drawings need them."""

from clinpred.report.contents import ModelResults
from clinpred.report.figures.pairs import HELD_OUT
from clinpred.report.figures.svg import printable


def patients_of(model: ModelResults) -> str:
    """Return how many held-out patients, and events, a model is judged on; without a count where it is on none."""
    if HELD_OUT not in model.performance:
        return "held-out patients"
    counts = model.performance[HELD_OUT].auroc
    return f"{counts.patients:,} held-out patients ({counts.events:,} events)"


def shortened(name: str, longest: int) -> str:
    """Return a name that fits a drawing: at most so many characters, the last an ellipsis where some are lost.

    Examples
    --------
    >>> shortened("creatinine clearance", 12), shortened("  ", 12)
    ('creatinine…', '(blank)')
    """
    one_line = " ".join(printable(name).split()) or "(blank)"
    return one_line if len(one_line) <= longest else one_line[: longest - 1].rstrip() + "…"
