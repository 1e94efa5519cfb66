"""How many patients a prediction model needs: to be developed, and to be validated."""

import math
from dataclasses import dataclass

from clinpred.validation.anticipated_r2 import anticipated_cox_snell_r2, maximum_cox_snell_r2
from clinpred.validation.binormal import implied_cox_snell_r2
from clinpred.validation.linear_predictors import BetaRisk, NormalLinearPredictor
from clinpred.validation.size_refusals import check_inside, out_of_range, whole_patients
from clinpred.validation.validation_sample_size import (
    UseAtThreshold,
    ValidationCriterion,
    ValidationSize,
    Widths,
    validation,
)

__all__ = [
    "BetaRisk",
    "DevelopmentCriterion",
    "DevelopmentSize",
    "NormalLinearPredictor",
    "UseAtThreshold",
    "ValidationCriterion",
    "ValidationSize",
    "Widths",
    "development",
    "expected_shrinkage",
    "maximum_cox_snell_r2",
    "validation",
]

OPTIMISM = 0.05
"""How much the apparent Nagelkerke R² may exceed the true one."""
MARGIN = 0.05
"""Half the width of the 95 % interval of the overall risk."""
ERROR_OF_RISKS = 0.05
"""The mean absolute error that the risks may have."""
MOST_PARAMETERS_FOR_ERROR = 30
"""The formula of the mean absolute error was found by simulations with at most so many parameters."""
STRONG_C_STATISTIC = 0.8
"""Above it the shrinkage that criterion 1 asks for is not reached on new patients."""

_NORMAL_975 = 1.96


@dataclass(frozen=True)
class DevelopmentCriterion:
    """What one criterion asks for.

    Parameters
    ----------
    name : str
        ``"shrinkage"``, ``"optimism"``, ``"overall_risk"`` or ``"error_of_risks"``.
    patients : int
        The fewest that meet it.
    events : float
        Patients × prevalence.
    shrinkage : float
        0 to 1. Of the first criterion the one asked for, of the second the one that its limit implies, of the others
        the larger of the two.
    """

    name: str
    patients: int
    events: float
    shrinkage: float


@dataclass(frozen=True)
class DevelopmentSize:
    """How many patients the development of a model needs: the most that any criterion asks for.

    Parameters
    ----------
    criteria : tuple of DevelopmentCriterion
        In the order of the source; the fourth only up to 30 parameters.
    patients : int
    events : float
        Patients × prevalence.
    events_per_parameter : float
        A description, no criterion.
    cox_snell_r2, nagelkerke_r2 : float
        The anticipated R² that was reckoned with.
    """

    criteria: tuple[DevelopmentCriterion, ...]
    patients: int
    events: float
    events_per_parameter: float
    cox_snell_r2: float
    nagelkerke_r2: float

    @property
    def ruling(self) -> DevelopmentCriterion:
        """The criterion that asks for the most patients."""
        return max(self.criteria, key=lambda criterion: criterion.patients)

    @property
    def strong(self) -> bool:
        """Whether the R² stands for a C-statistic above .8, where criterion 1 asks for too few patients."""
        return self.cox_snell_r2 > implied_cox_snell_r2(self.events / self.patients, STRONG_C_STATISTIC)


def development(
    prevalence: float,
    parameters: int,
    *,
    cox_snell_r2: float | None = None,
    nagelkerke_r2: float | None = None,
    c_statistic: float | None = None,
    shrinkage: float = 0.9,
) -> DevelopmentSize:
    """Return how many patients the development of an unpenalised logistic model needs.

    The most that four criteria ask for, with P parameters, prevalence φ and an anticipated Cox-Snell R²:

    1. a uniform shrinkage of at least S: n = P / ((S - 1) ln(1 - R²/S));
    2. an optimism in Nagelkerke's R² of at most .05: the same n with S = R² / (R² + .05 max R²);
    3. the overall risk within ± .05: n = (1.96/.05)² φ (1 - φ);
    4. up to 30 parameters, a mean absolute error of the risks of at most .05:
       n = exp((-.508 + .259 ln φ + .504 ln P - ln .05) / .544), φ the share of the rarer class.

    Exactly one anticipated performance is given. It is best taken from an earlier model of the same outcome,
    as it was on new patients; an apparent R² is too high, and asks for too few patients.

    Parameters
    ----------
    prevalence : float
        The anticipated share of patients with the event, 0 to 1.
    parameters : int
        Candidate parameters: a category of k levels counts k - 1, a spline its terms.
    cox_snell_r2 : float, optional
        Above 0, below its maximum at this prevalence.
    nagelkerke_r2 : float, optional
        0 to 1; times the maximum it is the Cox-Snell R², rounded as the reference software does to three decimals
        (but to no fewer than two significant digits).
    c_statistic : float, optional
        .5 to 1. The Cox-Snell R² is that of a calibrated model whose linear predictor is normal with the same
        variance in both classes, by numerical integration.
    shrinkage : float
        S of the first criterion.

    Returns
    -------
    DevelopmentSize

    Raises
    ------
    WrongUsage
        ``E-SIZE``: no anticipated performance, or more than one.
    InputRefused
        ``E-SIZE-RANGE``: a value out of its range.

    References
    ----------
    Riley RD et al. Stat Med 2019;38:1276-1296. Riley RD et al. BMJ 2020;368:m441. Van Smeden M et al. Stat Methods
    Med Res 2019;28:2455-2474 (criterion 4). Pavlou M et al. BMC Med Res Methodol 2024;24:146.

    Notes
    -----
    Above a C-statistic of .8 criterion 1 asks for too few patients, by a half of them at .85 and by as many again at
    .9, while criterion 4 asks for more than it must (Pavlou et al. 2024); ``strong`` of the result says so.

    Checked against pmsampsize 1.1.3 (08_sample_size.json): criteria 1 to 3 equal for a given R²; with a C-statistic,
    for which pmsampsize simulates 1,000,000 patients, within the error of that simulation. pmsampsize has no
    criterion 4.

    Examples
    --------
    >>> size = development(0.174, 24, cox_snell_r2=0.288)
    >>> [(criterion.name, criterion.patients) for criterion in size.criteria]
    [('shrinkage', 623), ('optimism', 662), ('overall_risk', 221), ('error_of_risks', 801)]
    >>> size.patients, size.ruling.name
    (801, 'error_of_risks')
    """
    check_inside("prevalence", prevalence, "--prevalence")
    check_inside("shrinkage", shrinkage, "--shrinkage")
    _check_parameters(parameters)
    anticipated = anticipated_cox_snell_r2(
        prevalence, cox_snell_r2=cox_snell_r2, nagelkerke_r2=nagelkerke_r2, c_statistic=c_statistic
    )
    if anticipated >= shrinkage:
        raise out_of_range(
            f"a shrinkage of {shrinkage:g} with a Cox-Snell R² of {anticipated:g}",
            expected="a shrinkage above the R²: their ratio is the apparent R², which is below 1",
            to_fix="ask for less overfitting: a --shrinkage nearer 1",
        )
    criteria = _criteria(prevalence, parameters, anticipated, shrinkage)
    patients = max(criterion.patients for criterion in criteria)
    return DevelopmentSize(
        criteria=criteria,
        patients=patients,
        events=patients * prevalence,
        events_per_parameter=patients * prevalence / parameters,
        cox_snell_r2=anticipated,
        nagelkerke_r2=anticipated / maximum_cox_snell_r2(prevalence),
    )


def expected_shrinkage(patients: int, parameters: int, cox_snell_r2: float) -> float:
    """Return the shrinkage S to expect of an unpenalised model of so many patients: n (S - 1) ln(1 - R²/S) = P.

    It is the mean of the heuristic shrinkage (χ² - P) / χ² over such models, and about their mean calibration slope
    on new patients; the higher the C-statistic, the more that slope falls short (with S = .9: .90 at a C-statistic of
    .65, .86 at .8). At few patients the apparent R²/S would exceed its maximum: there such a model tells its own
    patients apart perfectly, and S says no more than that.

    Parameters
    ----------
    patients, parameters : int
        n and P, 1 or more.
    cox_snell_r2 : float
        The true R², above 0 and below 1.

    Returns
    -------
    float
        Between the R² and 1.

    Raises
    ------
    InputRefused
        ``E-SIZE-RANGE``: a value out of its range.

    References
    ----------
    Riley RD et al. Stat Med 2019;38:1276-1296. Pavlou M et al. BMC Med Res Methodol 2024;24:146.

    Examples
    --------
    >>> round(expected_shrinkage(623, 24, 0.288), 3)
    0.9
    """
    check_inside("number of patients", patients, "the number of patients", below=math.inf)
    check_inside("Cox-Snell R²", cox_snell_r2, "--cox-snell-r2")
    _check_parameters(parameters)

    # in u = -ln(1 - R²/S) the left side grows from 0 without bound, so a solution always exists
    def short_of(u: float) -> float:
        return patients * (1.0 + cox_snell_r2 / math.expm1(-u)) * u - parameters

    from scipy.optimize import brentq

    lowest = -math.log1p(-cox_snell_r2)
    highest = 2.0 * lowest
    while short_of(highest) < 0.0:
        highest *= 2.0
    return -cox_snell_r2 / math.expm1(-float(brentq(short_of, lowest, highest, xtol=1e-14)))


def _criteria(prevalence: float, parameters: int, r2: float, shrinkage: float) -> tuple[DevelopmentCriterion, ...]:
    implied = r2 / (r2 + OPTIMISM * maximum_cox_snell_r2(prevalence))
    larger = max(shrinkage, implied)
    asked = [
        ("shrinkage", _patients_for_shrinkage(parameters, r2, shrinkage), shrinkage),
        ("optimism", _patients_for_shrinkage(parameters, r2, implied), implied),
        ("overall_risk", (_NORMAL_975 / MARGIN) ** 2 * prevalence * (1.0 - prevalence), larger),
    ]
    if parameters <= MOST_PARAMETERS_FOR_ERROR:
        asked.append(("error_of_risks", _patients_for_error(prevalence, parameters), larger))
    needs = [(name, whole_patients(patients), kept) for name, patients, kept in asked]
    return tuple(DevelopmentCriterion(name, patients, patients * prevalence, kept) for name, patients, kept in needs)


def _patients_for_shrinkage(parameters: int, r2: float, shrinkage: float) -> float:
    return parameters / ((shrinkage - 1.0) * math.log1p(-r2 / shrinkage))


def _patients_for_error(prevalence: float, parameters: int) -> float:
    rarer = min(prevalence, 1.0 - prevalence)
    exponent = -0.508 + 0.259 * math.log(rarer) + 0.504 * math.log(parameters) - math.log(ERROR_OF_RISKS)
    return math.exp(exponent / 0.544)


def _check_parameters(parameters: int) -> None:
    if parameters < 1 or parameters != int(parameters):
        raise out_of_range(
            f"{parameters:g} parameters",
            expected="a whole number of parameters, 1 or more",
            to_fix="count the candidate parameters, with each level but one of a category (--parameters)",
        )
