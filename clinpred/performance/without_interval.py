"""Measures that have a value and yet no interval by the bootstrap: they lie at an end that no draw goes beyond."""

from dataclasses import replace

from clinpred.performance.patient_bootstrap import Drawn

_AGAINST_PREVALENCE = ("scaled_brier", "cox_snell_r2", "nagelkerke_r2")


def unless_at_an_end(drawn: Drawn, measure: str, value: float, *, constant: bool) -> Drawn:
    """Return the replicates, without an interval where the draws say nothing of the measure.

    An AUROC of 0 or 1 is that in every draw, whatever the truth. A risk that is the same for everybody is judged
    against the prevalence of each draw, which is the best such risk: no draw finds it better than 0, so that all of
    them lie on one side of what was found.
    """
    if measure == "auroc" and value in {0.0, 1.0}:
        return replace(drawn, reason=f"interval not estimable (an AUROC of {value:g})")
    if constant and is_against_prevalence(measure):
        return replace(drawn, reason="interval not estimable (the same risk in every row)")
    return drawn


def is_against_prevalence(measure: str) -> bool:
    """Whether a measure compares the risks with the prevalence of the same patients as everybody's risk."""
    return measure in _AGAINST_PREVALENCE
