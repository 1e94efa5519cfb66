"""The Cox-Snell R² that is anticipated of a model: given, from Nagelkerke's, or from a C-statistic."""

import math

from clinpred.errors import WrongUsage
from clinpred.validation.binormal import implied_cox_snell_r2, null_log_likelihood
from clinpred.validation.size_refusals import check_inside, decimals_of, out_of_range


def maximum_cox_snell_r2(prevalence: float) -> float:
    """Return the Cox-Snell R² of a perfect model: 1 - exp(2 l₀), l₀ = φ ln φ + (1 - φ) ln(1 - φ).

    Parameters
    ----------
    prevalence : float
        φ, 0 to 1.

    Raises
    ------
    InputRefused
        ``E-SIZE-RANGE``: the prevalence is out of its range.

    Notes
    -----
    Checked against pmsampsize 1.1.3 (08_sample_size.json, 1e-12).

    Examples
    --------
    >>> maximum_cox_snell_r2(0.5)
    0.75
    """
    check_inside("prevalence", prevalence, "--prevalence")
    return -math.expm1(2.0 * null_log_likelihood(prevalence))


def anticipated_cox_snell_r2(
    prevalence: float,
    *,
    cox_snell_r2: float | None = None,
    nagelkerke_r2: float | None = None,
    c_statistic: float | None = None,
) -> float:
    """Return the Cox-Snell R² of a model of which one performance is anticipated.

    Parameters
    ----------
    prevalence : float
        0 to 1.
    cox_snell_r2 : float, optional
        Above 0, below its maximum at this prevalence.
    nagelkerke_r2 : float, optional
        0 to 1; times the maximum, rounded to three decimals but to no fewer than two significant digits.
    c_statistic : float, optional
        .5 to 1.

    Raises
    ------
    WrongUsage
        ``E-SIZE``: no anticipated performance, or more than one.
    InputRefused
        ``E-SIZE-RANGE``: a value out of its range.

    Notes
    -----
    Checked against pmsampsize 1.1.3 (08_sample_size.json): equal from Nagelkerke's R², within the error of its
    simulation from a C-statistic.

    Examples
    --------
    >>> anticipated_cox_snell_r2(0.05, nagelkerke_r2=0.15)
    0.049
    """
    given = {"--cox-snell-r2": cox_snell_r2, "--nagelkerke-r2": nagelkerke_r2, "--c-statistic": c_statistic}
    named = {option: value for option, value in given.items() if value is not None}
    if len(named) != 1:
        raise _not_one(list(named), list(given))
    [(option, value)] = named.items()
    if option == "--c-statistic":
        check_inside("C-statistic", value, option, above=0.5)
        return implied_cox_snell_r2(prevalence, value)
    if option == "--nagelkerke-r2":
        check_inside("Nagelkerke R²", value, option)
        exact = value * maximum_cox_snell_r2(prevalence)
        return round(exact, decimals_of(exact, decimals=3, significant=2))
    _check_below_maximum(prevalence, value)
    return value


def _not_one(named: list[str], possible: list[str]) -> WrongUsage:
    found = f"the anticipated performance was given by {' and '.join(named)}" if named else "no anticipated performance"
    return WrongUsage(
        "E-SIZE",
        found,
        expected=f"exactly one of {', '.join(possible)}",
        to_fix="give what an earlier model of this outcome reached; if nothing is known, --nagelkerke-r2 0.15",
    )


def _check_below_maximum(prevalence: float, r2: float) -> None:
    maximum = maximum_cox_snell_r2(prevalence)
    if not 0.0 < r2 < maximum:
        raise out_of_range(
            f"a Cox-Snell R² of {r2:g} at a prevalence of {prevalence:g}",
            expected=f"above 0 and below {maximum:.4f}, its maximum at that prevalence",
            to_fix="correct --cox-snell-r2, or give Nagelkerke's R², whose maximum is 1 (--nagelkerke-r2)",
        )
