"""The command ``size``: how many patients the development or the validation of a model needs."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from clinpred.cli.sections import SectionCommand, section
from clinpred.errors import WrongUsage

if TYPE_CHECKING:
    from clinpred.validation.sample_size import (
        DevelopmentSize,
        NormalLinearPredictor,
        UseAtThreshold,
        ValidationSize,
        Widths,
    )

both, of_development = section("Both questions"), section("Development")
of_validation = section("Validation (--validate)")

_DEVELOPMENT = ("parameters", "cox_snell_r2", "nagelkerke_r2", "shrinkage")
_USE = ("threshold", "sensitivity", "specificity")
_LINEAR_PREDICTOR = ("lp_mean", "lp_sd")
_WIDTHS = {
    "oe_width": "observed_expected",
    "slope_width": "slope",
    "c_width": "c_statistic",
    "net_benefit_width": "net_benefit",
}
_VALIDATION = (*_WIDTHS, *_LINEAR_PREDICTOR, *_USE)
_TITLES = {
    "shrinkage": "overfitting (shrinkage)",
    "optimism": "optimism in Nagelkerke R2",
    "overall_risk": "overall risk",
    "error_of_risks": "mean absolute error of risks",
    "observed_expected": "observed:expected",
    "calibration_slope": "calibration slope",
    "auroc": "C-statistic (AUROC)",
    "net_benefit": "standardised net benefit",
}
_REASONS = {
    "shrinkage": "with fewer, an unpenalised model's risks are expected to need a shrinkage below {shrinkage:.3g}",
    "optimism": "with fewer, the apparent Nagelkerke R2 is expected to be more than 0.05 too high",
    "overall_risk": "with fewer, the overall risk is known less exactly than to 0.05 either way",
    "error_of_risks": "with fewer, risks are expected to be wrong by more than 0.05 on average (pmsampsize, which does "
    "not ask it, would say {without})",
}

_STRONG = (
    "So strong a model has a C-statistic above 0.8: there the overfitting criterion is known to ask for too few, "
    "by half at 0.85 and by as many again at 0.9 (Pavlou et al. 2024)."
)


@click.command(cls=SectionCommand)
@both("--prevalence", type=float, required=True, metavar="SHARE", help="Anticipated share of patients with the event.")
@both("--c-statistic", type=float, metavar="C", help="Anticipated C-statistic (AUROC), .5 to 1.")
@both("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@of_development("--parameters", type=int, metavar="P", help="Candidate parameters, levels and spline terms counted.")
@of_development("--cox-snell-r2", type=float, metavar="R2", help="Anticipated Cox-Snell R2.")
@of_development(
    "--nagelkerke-r2", type=float, metavar="R2", help="Anticipated Nagelkerke R2; 0.15 if nothing is known."
)
@of_development("--shrinkage", type=float, metavar="S", help="Shrinkage to allow [default: 0.9].")
@of_validation("--validate", is_flag=True, help="Ask for the size of a validation instead.")
@of_validation("--oe-width", type=float, metavar="W", help="Of the observed:expected interval [default: 0.2].")
@of_validation("--slope-width", type=float, metavar="W", help="Of the calibration slope's interval [default: 0.2].")
@of_validation("--c-width", type=float, metavar="W", help="Of the C-statistic's interval [default: 0.1].")
@of_validation("--lp-mean", type=float, metavar="M", help="Mean linear predictor; by default C implies it.")
@of_validation("--lp-sd", type=float, metavar="SD", help="Its standard deviation; goes with --lp-mean.")
@of_validation("--threshold", type=float, metavar="T", help="Risk at which one would act; asks for net benefit.")
@of_validation("--sensitivity", type=float, metavar="SHARE", help="Anticipated at the threshold.")
@of_validation("--specificity", type=float, metavar="SHARE", help="Anticipated at the threshold.")
@of_validation("--net-benefit-width", type=float, metavar="W", help="Of its standardised interval [default: 0.2].")
def size(validate: bool, as_json: bool, **options: Any) -> None:  # noqa: ANN401  # click hands over the options
    """Say how many patients the development of a model needs, or its validation.

    Development: overfitting, optimism, overall risk and error of the risks, for one anticipated performance
    (--cox-snell-r2, --nagelkerke-r2 or --c-statistic). Validation: 95 % intervals as narrow as asked for.

    \b
    Example:
      clinpred size --prevalence 0.174 --parameters 24 --cox-snell-r2 0.288
      clinpred size --validate --prevalence 0.018 --c-statistic 0.8 --lp-mean -5 --lp-sd 2.5
    """
    given = {name: value for name, value in options.items() if value is not None}
    if validate:
        validated = _validation(given)
        click.echo(_json(asdict(validated)) if as_json else _validation_text(validated, given))
        return
    developed = _development(given)
    kept = ("criteria", "patients", "events", "events_per_parameter")
    as_said = {name: value for name, value in asdict(developed).items() if name in kept}
    click.echo(_json(as_said) if as_json else _development_text(developed))


def _development(given: dict[str, Any]) -> "DevelopmentSize":
    from clinpred.validation.sample_size import development

    _refuse_foreign(given, _VALIDATION, "the size of a development", "leave them out, or add --validate")
    _need_together(given, ("parameters",), "the size of a development")
    return development(**given)


def _validation(given: dict[str, Any]) -> "ValidationSize":
    from clinpred.validation.sample_size import validation

    _refuse_foreign(given, _DEVELOPMENT, "the size of a validation", "leave them out, or leave out --validate")
    _need_together(given, ("c_statistic",), "the size of a validation")
    return validation(
        given["prevalence"],
        given["c_statistic"],
        linear_predictor=_linear_predictor(given),
        use=_use(given),
        widths=_widths(given),
    )


def _linear_predictor(given: dict[str, Any]) -> "NormalLinearPredictor | None":
    from clinpred.validation.sample_size import NormalLinearPredictor

    if not any(name in given for name in _LINEAR_PREDICTOR):
        return None
    _need_together(given, _LINEAR_PREDICTOR, "the linear predictor's distribution")
    return NormalLinearPredictor(*(given[name] for name in _LINEAR_PREDICTOR))


def _use(given: dict[str, Any]) -> "UseAtThreshold | None":
    from clinpred.validation.sample_size import UseAtThreshold

    if not any(name in given for name in (*_USE, "net_benefit_width")):
        return None
    _need_together(given, _USE, "the net benefit at a threshold")
    return UseAtThreshold(*(given[name] for name in _USE))


def _widths(given: dict[str, Any]) -> "Widths":
    from clinpred.validation.sample_size import Widths

    return Widths(**{width: given[name] for name, width in _WIDTHS.items() if name in given})


def _need_together(given: dict[str, Any], names: Iterable[str], what: str) -> None:
    absent = _options(name for name in names if name not in given)
    if absent:
        raise WrongUsage(
            "E-SIZE",
            f"{what} was asked for without {absent}",
            expected=f"{_options(names)} for {what}",
            to_fix=f"add {absent}",
        )


def _refuse_foreign(given: dict[str, Any], names: Iterable[str], what: str, to_fix: str) -> None:
    foreign = _options(name for name in names if name in given)
    if foreign:
        raise WrongUsage(
            "E-SIZE",
            f"{foreign} was given for {what}",
            expected="the options of one question: development, or with --validate validation",
            to_fix=to_fix,
        )


def _options(names: Iterable[str]) -> str:
    return ", ".join("--" + name.replace("_", "-") for name in names)


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2)


def _development_text(found: "DevelopmentSize") -> str:
    rows = [
        (_TITLES[criterion.name], *_counts(criterion.patients, criterion.events), f"{criterion.shrinkage:.3f}")
        for criterion in found.criteria
    ]
    patients, events = _counts(found.patients, found.events)
    ruling = found.ruling
    without = max(criterion.patients for criterion in found.criteria if criterion.name != "error_of_risks")
    reason = _REASONS[ruling.name].format(shrinkage=ruling.shrinkage, without=f"{without:,}")
    return "\n".join(
        [
            *_aligned([("criterion", "patients", "events", "shrinkage"), *rows]),
            "",
            f"{patients} patients ({events} events, {found.events_per_parameter:.1f} per parameter) are needed. "
            f"{_most(ruling.name)}: {reason}.",
            f"Reckoned with a Cox-Snell R2 of {found.cox_snell_r2:.3g} (Nagelkerke R2 {found.nagelkerke_r2:.3g}).",
            *([_STRONG] if found.strong else []),
        ]
    )


def _validation_text(found: "ValidationSize", given: dict[str, Any]) -> str:
    rows = [
        (_TITLES[criterion.name], *_counts(criterion.patients, criterion.events), f"{criterion.width:.3f}")
        for criterion in found.criteria
    ]
    patients, events = _counts(found.patients, found.events)
    implied = [] if "lp_mean" in given else ["The linear predictor is taken to be what the C-statistic implies."]
    return "\n".join(
        [
            *_aligned([("criterion", "patients", "events", "interval width"), *rows]),
            "",
            f"{patients} patients ({events} events) are needed. {_most(found.ruling.name)}: "
            "with fewer, its 95 % interval is expected to be wider than asked for.",
            *implied,
        ]
    )


def _most(criterion: str) -> str:
    title = _TITLES[criterion]
    return f"{title[0].upper()}{title[1:]} asks for the most"


def _counts(patients: int, events: float) -> tuple[str, str]:
    return f"{patients:,}", f"{math.ceil(events):,}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
