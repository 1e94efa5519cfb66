"""How many patients the validation of a model needs, for intervals as narrow as asked for."""

import math
from dataclasses import dataclass

from clinpred.validation.binormal import implied_spread
from clinpred.validation.linear_predictors import LinearPredictors, slope_information, spread_information
from clinpred.validation.size_refusals import check_inside, check_share, decimals_of, out_of_range, whole_patients

_NORMAL_975 = 1.96
_NARROWEST, _WIDEST = 0.001, 100.0


@dataclass(frozen=True)
class Widths:
    """Full widths of the 95 % intervals that are asked for; the defaults are those of the reference software.

    All above .001; the C-statistic's below 1, the others below 100. Net benefit is standardised.
    """

    observed_expected: float = 0.2
    slope: float = 0.2
    c_statistic: float = 0.1
    net_benefit: float = 0.2


@dataclass(frozen=True)
class UseAtThreshold:
    """The risk at which one would act, and the sensitivity and specificity that are anticipated there."""

    threshold: float
    sensitivity: float
    specificity: float


@dataclass(frozen=True)
class ValidationCriterion:
    """What one interval asks for.

    Parameters
    ----------
    name : str
        ``"observed_expected"``, ``"calibration_slope"``, ``"auroc"`` or ``"net_benefit"`` (standardised).
    patients : int
        How many give an interval as narrow as asked for.
    events : float
        Patients × prevalence.
    estimate : float
        The anticipated value: 1 for the ratio and the slope.
    standard_error : float
        At so many patients; of the ratio that of its logarithm.
    width : float
        Of the 95 % interval at so many patients.
    """

    name: str
    patients: int
    events: float
    estimate: float
    standard_error: float
    width: float


@dataclass(frozen=True)
class ValidationSize:
    """How many patients a validation needs: the most that any criterion asks for.

    Parameters
    ----------
    criteria : tuple of ValidationCriterion
        In the order of the source; net benefit only where a threshold is given.
    patients : int
    events : float
        Patients × prevalence.
    """

    criteria: tuple[ValidationCriterion, ...]
    patients: int
    events: float

    @property
    def ruling(self) -> ValidationCriterion:
        """The criterion that asks for the most patients."""
        return max(self.criteria, key=lambda criterion: criterion.patients)


def validation(
    prevalence: float,
    c_statistic: float,
    *,
    linear_predictor: LinearPredictors | None = None,
    use: UseAtThreshold | None = None,
    widths: Widths | None = None,
) -> ValidationSize:
    """Return how many patients the external validation of a risk needs for 95 % intervals of the asked-for widths.

    The most that these criteria ask for, with prevalence φ, n patients and an anticipated well-calibrated risk p:

    1. observed:expected: SE(ln O:E) = √((1 - φ) / (n φ)), interval on the log scale;
    2. calibration slope: SE = 1 / √(n w v), w the mean of p (1 - p) over patients and v the variance of the linear
       predictor weighted by it; the integrals are exact or numerical, none is simulated;
    3. C-statistic: SE² = C (1 - C) (1 + (n/2 - 1) ((1 - C)/(2 - C) + C/(1 + C))) / (n² φ (1 - φ));
    4. with a threshold t, the standardised net benefit, sensitivity s and specificity c, k = t (1 - φ) / ((1 - t) φ):
       SE² = (s (1 - s)/φ + k² c (1 - c)/(1 - φ) + k² (1 - c)²/(φ (1 - φ))) / n.

    Parameters
    ----------
    prevalence : float
        The anticipated share of patients with the event, 0 to 1.
    c_statistic : float
        The anticipated C-statistic (AUROC), .5 to 1.
    linear_predictor : NormalLinearPredictor, BetaRisk or array_like of log odds, optional
        The model's among the patients of the validation, for the slope. By default what the prevalence and the
        C-statistic imply: normal with the same variance with and without the event, well calibrated.
    use : UseAtThreshold, optional
        Asks for the fourth criterion.
    widths : Widths, optional

    Returns
    -------
    ValidationSize

    Raises
    ------
    InputRefused
        ``E-SIZE-RANGE``: a value out of its range.
    StatisticalRefusal
        ``S-CONSTANT-RISK``: all linear predictors are the same.

    References
    ----------
    Riley RD et al. Stat Med 2021;40:4230-4251. Newcombe RG. Stat Med 2006;25:559-573 (C-statistic).

    Notes
    -----
    Checked against pmvalsampsize 0.1.0 (08_sample_size.json): equal, and for the slope equal to its integral, which
    that package simulates. As there, the standard error that O:E may have is rounded up to four decimals and that of
    net benefit to the nearest of three; unlike there, to no fewer than three and two significant digits.

    Examples
    --------
    >>> from clinpred.validation.linear_predictors import NormalLinearPredictor
    >>> expected = NormalLinearPredictor(-5, 2.5)
    >>> size = validation(0.018, 0.8, linear_predictor=expected, widths=Widths(observed_expected=1))
    >>> [(criterion.name, criterion.patients) for criterion in size.criteria]
    [('observed_expected', 905), ('calibration_slope', 4554), ('auroc', 4252)]
    """
    check_inside("prevalence", prevalence, "--prevalence")
    check_inside("C-statistic", c_statistic, "--c-statistic", above=0.5)
    widths = widths or Widths()
    _check_widths(widths)
    if linear_predictor is None:
        information = spread_information(implied_spread(prevalence, c_statistic))
    else:
        information = slope_information(linear_predictor)
    criteria = [
        _observed_expected(prevalence, widths.observed_expected),
        _slope(prevalence, information, widths.slope),
        _auroc(prevalence, c_statistic, widths.c_statistic),
    ]
    if use is not None:
        criteria.append(_net_benefit(prevalence, use, widths.net_benefit))
    patients = max(criterion.patients for criterion in criteria)
    return ValidationSize(tuple(criteria), patients, patients * prevalence)


def _observed_expected(prevalence: float, width: float) -> ValidationCriterion:
    exact = math.asinh(width / 2.0) / _NORMAL_975
    scale = 10.0 ** decimals_of(exact, decimals=4, significant=3)
    variance = (1.0 - prevalence) / prevalence
    patients = whole_patients(variance / (math.ceil(exact * scale) / scale) ** 2)
    error = math.sqrt(variance / patients)
    reached = 2.0 * math.sinh(_NORMAL_975 * error)
    return ValidationCriterion("observed_expected", patients, patients * prevalence, 1.0, error, reached)


def _slope(prevalence: float, information: float, width: float) -> ValidationCriterion:
    patients = whole_patients((2.0 * _NORMAL_975 / width) ** 2 / information)
    return _on_plain_scale("calibration_slope", prevalence, patients, 1.0, 1.0 / (information * patients))


def _auroc(prevalence: float, c: float, width: float) -> ValidationCriterion:
    # the smallest n that solves s² n² - (a k / 2) n - a (1 - k) = 0, s the standard error that the width allows
    allowed = (width / (2.0 * _NORMAL_975)) ** 2
    a = c * (1.0 - c) / (prevalence * (1.0 - prevalence))
    k = (1.0 - c) / (2.0 - c) + c / (1.0 + c)
    half = a * k / 2.0
    patients = whole_patients((half + math.sqrt(half**2 + 4.0 * allowed * a * (1.0 - k))) / (2.0 * allowed))
    variance = a * (1.0 + (patients / 2.0 - 1.0) * k) / patients**2
    return _on_plain_scale("auroc", prevalence, patients, c, variance)


def _net_benefit(prevalence: float, use: UseAtThreshold, width: float) -> ValidationCriterion:
    check_inside("threshold", use.threshold, "--threshold")
    check_share("sensitivity", use.sensitivity, "--sensitivity")
    check_share("specificity", use.specificity, "--specificity")
    odds = (1.0 - prevalence) / prevalence * use.threshold / (1.0 - use.threshold)
    variance = _net_benefit_variance(prevalence, use, odds)
    exact = width / (2.0 * _NORMAL_975)
    allowed = round(exact, decimals_of(exact, decimals=3, significant=2))
    patients = whole_patients(variance / allowed**2)
    value = use.sensitivity - (1.0 - use.specificity) * odds
    return _on_plain_scale("net_benefit", prevalence, patients, value, variance / patients)


def _net_benefit_variance(prevalence: float, use: UseAtThreshold, odds: float) -> float:
    sensitivity, specificity, others = use.sensitivity, use.specificity, 1.0 - prevalence
    variance = sensitivity * (1.0 - sensitivity) / prevalence
    variance += odds**2 * specificity * (1.0 - specificity) / others
    variance += odds**2 * (1.0 - specificity) ** 2 / (prevalence * others)
    if variance == 0.0:
        raise out_of_range(
            f"a sensitivity of {sensitivity:g} with a specificity of {specificity:g}",
            expected="a sensitivity and a specificity that leave the net benefit a variance",
            to_fix="give those that are anticipated on new patients (--sensitivity, --specificity)",
        )
    return variance


def _on_plain_scale(
    name: str, prevalence: float, patients: int, estimate: float, variance: float
) -> ValidationCriterion:
    error = math.sqrt(variance)
    return ValidationCriterion(name, patients, patients * prevalence, estimate, error, 2.0 * _NORMAL_975 * error)


def _check_widths(widths: Widths) -> None:
    named = (
        ("observed:expected", widths.observed_expected, "--oe-width", _WIDEST),
        ("calibration slope", widths.slope, "--slope-width", _WIDEST),
        ("C-statistic", widths.c_statistic, "--c-width", 1.0),
        ("net benefit", widths.net_benefit, "--net-benefit-width", _WIDEST),
    )
    for name, width, option, widest in named:
        check_inside(f"width of the {name} interval", width, option, above=_NARROWEST, below=widest)
