"""Whether a run has the patients that its questions need: needed against available."""

from dataclasses import dataclass
from typing import Literal

from numpy.typing import ArrayLike

from clinpred.errors import InputRefused, StatisticalRefusal
from clinpred.records.findings import Finding
from clinpred.report import size_contents as held
from clinpred.report.contents import Performance
from clinpred.study.judgement import Judged
from clinpred.study.learning import Learnt
from clinpred.validation.sample_size import (
    DevelopmentSize,
    ValidationSize,
    Widths,
    development,
    expected_shrinkage,
    maximum_cox_snell_r2,
    validation,
)

ANTICIPATED_NAGELKERKE_R2 = 0.15
"""What is anticipated where no earlier model says more. The run's own R² would make its size justify itself."""
SHRINKAGE = 0.9
"""What the unpenalised models should need at most: a calibration slope of .9 on new patients."""
SERIOUS_SHRINKAGE = 0.7
"""Below it the finding is serious: risks of unpenalised models are far too extreme."""
HELD_OUT_WIDTHS = Widths(observed_expected=0.2, slope=0.4, c_statistic=0.1)
"""Intervals of held-out patients that tell a good model from a poor one."""

_MEASURES = {
    "observed_expected": "observed:expected ratio",
    "calibration_slope": "calibration slope",
    "auroc": "AUROC",
}
_TARGETS = {
    "observed_expected": HELD_OUT_WIDTHS.observed_expected,
    "calibration_slope": HELD_OUT_WIDTHS.slope,
    "auroc": HELD_OUT_WIDTHS.c_statistic,
}
_REASONS = {
    "optimism": "an optimism in Nagelkerke's R² of at most 0.05",
    "overall_risk": "the overall risk to within 0.05",
    "error_of_risks": "a mean absolute error of the risks of at most 0.05",
}


@dataclass(frozen=True)
class DevelopmentNeed:
    """Development patients beside what an unpenalised model of so many design columns needs.

    ``expected_shrinkage`` is the calibration slope to expect of such a model on new patients; at or below the
    anticipated Nagelkerke R² it tells its own patients apart perfectly.
    """

    patients: int
    events: int
    design_columns: int
    needed: DevelopmentSize
    expected_shrinkage: float


def needed_for_development(patients: int, events: int, design_columns: int) -> DevelopmentNeed:
    """Return the development patients of a run beside what its unpenalised models need.

    The anticipated R² is 15 % of the largest that the event share allows (Riley et al. BMJ 2020;368:m441): an R² of
    these same patients would let the size justify itself.

    Parameters
    ----------
    patients, events : int
        Of the development set, both classes present.
    design_columns : int
        1 or more.
    """
    share = events / patients
    anticipated = ANTICIPATED_NAGELKERKE_R2 * maximum_cox_snell_r2(share)
    needed = development(share, design_columns, cox_snell_r2=anticipated, shrinkage=SHRINKAGE)
    expected = expected_shrinkage(patients, design_columns, anticipated)
    return DevelopmentNeed(patients, events, design_columns, needed, expected)


def development_finding(need: DevelopmentNeed) -> Finding | None:
    """Return W-SAMPLE-SIZE where fewer patients are there than are needed."""
    if need.patients >= need.needed.patients:
        return None
    shrinkage, ruling = need.needed.criteria[0], need.needed.ruling
    text = (
        f"{need.patients} development patients ({need.events} events) for {need.design_columns} design columns; "
        f"needed for a shrinkage of {SHRINKAGE:g} at a Nagelkerke R² of {ANTICIPATED_NAGELKERKE_R2:g}: "
        f"{shrinkage.patients}; expected shrinkage at this size: {_shrinkage_words(need)}"
    )
    if ruling.name != shrinkage.name:
        text += f"; needed for {_REASONS[ruling.name]}: {ruling.patients}"
    overfits = need.patients < shrinkage.patients
    advice = "expect overfitting of the unregularised models; use fewer predictors or more patients"
    advice = advice if overfits else "expect imprecise risks; gather more patients"
    level: Literal["serious", "caution"] = "serious" if need.expected_shrinkage < SERIOUS_SHRINKAGE else "caution"
    return Finding("W-SAMPLE-SIZE", level, text, advice, need.patients)


def _shrinkage_words(need: DevelopmentNeed) -> str:
    if need.expected_shrinkage <= ANTICIPATED_NAGELKERKE_R2:
        return f"below {ANTICIPATED_NAGELKERKE_R2:g}"
    return f"{need.expected_shrinkage:.2f}"


@dataclass(frozen=True)
class ValidationNeed:
    """Patients of one role against what intervals of the house widths need."""

    patients: int
    events: int
    needed: ValidationSize


def needed_for_validation(
    patients: int, events: int, *, auroc: float, linear_predictor: ArrayLike
) -> ValidationNeed | None:
    """Return the patients of a role beside what the intervals of one model there need.

    Parameters
    ----------
    patients, events : int
        Of the role.
    auroc : float
        The model's on these patients.
    linear_predictor : array_like, shape (n,)
        Its log odds for them.

    Returns
    -------
    ValidationNeed or None
        None where nothing can be anticipated: one class only, an AUROC that is not between .5 and 1, or the same
        risk for everyone.
    """
    if not 0 < events < patients or not 0.5 < auroc < 1.0:
        return None
    try:
        needed = validation(events / patients, auroc, linear_predictor=linear_predictor, widths=HELD_OUT_WIDTHS)
    except (InputRefused, StatisticalRefusal):
        return None
    return ValidationNeed(patients, events, needed)


def validation_finding(need: ValidationNeed) -> Finding | None:
    """Return W-FEW-HELD-OUT, with every interval that will be wider than it should be, or None."""
    short = [criterion for criterion in need.needed.criteria if criterion.patients > need.patients]
    if not short:
        return None
    wanted = [f"{one.patients} for the {_MEASURES[one.name]} ({_TARGETS[one.name]:g})" for one in short]
    text = (
        f"{need.patients} held-out patients ({need.events} events); needed for 95 % intervals no wider than stated: "
        f"{', '.join(wanted)}"
    )
    return Finding("W-FEW-HELD-OUT", "caution", text, "read the intervals, not the estimates", need.patients)


@dataclass(frozen=True)
class Needs:
    """What a run's development and held-out patients should be; None where nothing can be anticipated."""

    development: DevelopmentNeed | None
    held_out: ValidationNeed | None


def needs_of(learnt: Learnt, judged: Judged) -> Needs:
    """Return the patients that a run has beside those that it needs, for its primary model."""
    cohort, columns = learnt.partition.development, len(learnt.prepared.preparation.columns)
    development = needed_for_development(cohort.n_patients, cohort.n_events, columns) if columns else None
    primary = learnt.study.models.primary
    auroc = judged.performance[primary]["held_out"].measures["auroc"].estimate
    linear_predictor = judged.scored[primary].linear_predictor
    if auroc is None or linear_predictor is None:
        return Needs(development, None)
    held_out = learnt.partition.held_out
    return Needs(
        development,
        needed_for_validation(held_out.n_patients, held_out.n_events, auroc=auroc, linear_predictor=linear_predictor),
    )


def sample_size_contents(needs: Needs, reached: Performance) -> held.SampleSize | None:
    """Return needed against available as the results hold it; ``reached`` are the primary model's held-out measures."""
    if needs.development is None:
        return None
    return held.SampleSize(
        development=_development_contents(needs.development),
        validation=[] if needs.held_out is None else [_validation_contents(needs.held_out, reached)],
    )


def _development_contents(need: DevelopmentNeed) -> held.DevelopmentNeed:
    return held.DevelopmentNeed(
        patients=need.patients,
        events=need.events,
        design_columns=need.design_columns,
        nagelkerke_r2=ANTICIPATED_NAGELKERKE_R2,
        expected_shrinkage=need.expected_shrinkage,
        needed=[
            held.NeededSize(criterion=one.name, patients=one.patients, events=one.events, shrinkage=one.shrinkage)
            for one in need.needed.criteria
        ],
    )


def _validation_contents(need: ValidationNeed, reached: Performance) -> held.ValidationNeed:
    return held.ValidationNeed(
        role="held_out",
        patients=need.patients,
        events=need.events,
        needed=[
            held.NeededWidth(
                measure=one.name, width=_TARGETS[one.name], patients=one.patients, reached=_width(reached, one.name)
            )
            for one in need.needed.criteria
        ],
    )


def _width(reached: Performance, measure: str) -> float | None:
    estimate = getattr(reached, measure)
    return None if estimate.lower is None else float(estimate.upper - estimate.lower)
