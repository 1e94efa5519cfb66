"""The .632 and .632+ estimates: apparent performance weighed against that on the patients who were not drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import WrongUsage
from clinpred.models.risk_model import risk_of
from clinpred.performance.catalogue import measure_of
from clinpred.performance.patient_bootstrap import MOST_LOST
from clinpred.validation.bootstrap import Bootstrap

Array = NDArray[np.float64]

# The share of patients whom a draw holds, 1 - exp(-1), to three digits: so it was published, so everybody has it.
_WEIGHT = 0.632


@dataclass(frozen=True)
class Point632:
    """One measure: apparent, on patients not drawn, .632 and .632+, each None where it is not defined.

    ``replicates`` gave a value on the patients who were not drawn, ``lost`` gave none; above 5 % of them there is no
    estimate.
    """

    apparent: float | None
    out_of_bag: float | None
    plain: float | None
    plus: float | None
    replicates: int
    lost: int


def point_632(bootstrap: Bootstrap) -> dict[str, dict[str, Point632]]:
    """Return .632 and .632+ of every measure of every model.

    With the apparent value a, the mean b over replicates of the value on the patients who were not drawn, and the
    value g without information (outcome and risk paired at random): .632 = .368 a + .632 b. Let b' be b, or g where b
    is worse than g, and the relative overfitting R = (a - b') / (a - g) where both b and g are worse than a, else 0.
    Then .632+ = (1 - w) a + w b', w = .632 / (1 - .368 R).

    g is .5 of the AUROC; of Brier score, log loss and net benefit it is the mean over all pairs of one patient's
    outcome and another's risk, in closed form; of scaled Brier and R² what follows from these. Measures of calibration
    have none, and no .632+.

    Parameters
    ----------
    bootstrap : Bootstrap
        Made with ``out_of_bag=True``.

    Returns
    -------
    dict of model to dict of measure to Point632

    Raises
    ------
    WrongUsage
        ``E-OUT-OF-BAG``: the replicates were not measured on the patients who were not drawn.

    References
    ----------
    Efron B, Tibshirani R. J Am Stat Assoc 1997;92:548-560.

    Notes
    -----
    Checked against R 4.2.2 (05_validate.json, ``oob_mean`` and ``boot632`` of given resamples, 1e-6).
    """
    if any(one.out_of_bag is None for replicate in bootstrap.replicates for one in replicate.models.values()):
        raise WrongUsage(
            "E-OUT-OF-BAG",
            "a bootstrap without measures of the patients who were not drawn",
            expected="replicates measured on them as well, for .632 and .632+",
            to_fix="ask the bootstrap for them: out_of_bag=True",
        )
    return {name: _of_model(name, bootstrap) for name in bootstrap.original.models}


def plus_632(apparent: float, out_of_bag: float, without_information: float) -> float:
    """Return .632+ of an error, lower being better; hand in the negative of a measure of which higher is better.

    Examples
    --------
    >>> round(plus_632(0.0, 0.5, 0.5), 6), round(plus_632(0.2, 0.2, 0.5), 6)
    (0.5, 0.2)
    """
    bounded = min(out_of_bag, without_information)
    overfits = out_of_bag > apparent and without_information > apparent
    overfitting = (bounded - apparent) / (without_information - apparent) if overfits else 0.0
    weight = _WEIGHT / (1.0 - (1.0 - _WEIGHT) * overfitting)
    return (1.0 - weight) * apparent + weight * bounded


def without_information(outcome: Array, linear_predictor: Array, measures: Sequence[str]) -> dict[str, float]:
    """Return the measures that have a value without information: outcome and risk paired at random.

    Parameters
    ----------
    outcome, linear_predictor : arrays of shape (n,)
    measures : sequence of str

    Returns
    -------
    dict of measure to float

    Examples
    --------
    >>> without_information(np.array([0.0, 1.0]), np.zeros(2), ["auroc", "brier", "calibration_slope"])
    {'auroc': 0.5, 'brier': 0.25}
    """
    prevalence, risk = float(outcome.mean()), risk_of(linear_predictor)
    # the mean over pairs is linear in the outcome: events and non-events weigh as the prevalence says
    brier = prevalence * np.mean((1.0 - risk) ** 2) + (1.0 - prevalence) * np.mean(risk**2)
    loss = float(np.mean(np.logaddexp(0.0, linear_predictor)) - prevalence * np.mean(linear_predictor))
    null = -(prevalence * np.log(prevalence) + (1.0 - prevalence) * np.log1p(-prevalence))
    cox_snell = -np.expm1(2.0 * (loss - null))
    known = {
        "auroc": 0.5,
        "brier": brier,
        "scaled_brier": 1.0 - brier / (prevalence * (1.0 - prevalence)),
        "log_loss": loss,
        "cox_snell_r2": cox_snell,
        "nagelkerke_r2": cox_snell / -np.expm1(-2.0 * null),
    }
    for key in measures:
        if key.startswith("net_benefit:"):
            known[key] = _random_benefit(prevalence, risk, float(key.partition(":")[2]))
    return {key: float(known[key]) for key in measures if key in known}


def _random_benefit(prevalence: float, risk: Array, threshold: float) -> float:
    positive = float(np.mean(risk >= threshold))
    return positive * (prevalence - (1.0 - prevalence) * threshold / (1.0 - threshold))


def _of_model(name: str, bootstrap: Bootstrap) -> dict[str, Point632]:
    random = without_information(bootstrap.outcome, bootstrap.linear_predictor[name], bootstrap.measures)
    apparent = bootstrap.original.models[name].test
    values = {key: _out_of_bag(name, key, bootstrap) for key in bootstrap.measures}
    return {key: _of_measure(key, apparent[key], values[key], random.get(key)) for key in bootstrap.measures}


def _out_of_bag(name: str, key: str, bootstrap: Bootstrap) -> Array:
    """Return the measure in each replicate, NaN where the model was not developed or the measure has no value."""
    developed = [replicate.models.get(name) for replicate in bootstrap.replicates]
    return np.array([one.out_of_bag[key] if one and one.out_of_bag else np.nan for one in developed])


def _of_measure(key: str, apparent: float, values: Array, random: float | None) -> Point632:
    found = values[np.isfinite(values)]
    lost = values.size - found.size
    if lost > MOST_LOST * values.size or not np.isfinite(apparent):
        return Point632(apparent if np.isfinite(apparent) else None, None, None, None, found.size, lost)
    out_of_bag = float(found.mean())
    plain = (1.0 - _WEIGHT) * apparent + _WEIGHT * out_of_bag
    if random is None:
        return Point632(apparent, out_of_bag, plain, None, found.size, lost)
    sign = -1.0 if measure_of(key).direction == "higher" else 1.0
    plus = sign * plus_632(sign * apparent, sign * out_of_bag, sign * random)
    return Point632(apparent, out_of_bag, plain, plus, found.size, lost)
