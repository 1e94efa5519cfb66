"""Intervals cover the truth as often as they say. Truths are integrals, not large samples."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import ndtr

from clinpred import performance
from clinpred.performance.newton import inverse_logit

REPEATS = 1000
# A share of 1,000 repeats has a standard error of .7 %: one seed of eight gave .926 for O:E where 40,000 repeats give
# .952. Those repeats give .948 to .952 for O:E and .947 to .951 for the Brier score in the four worlds.
PATIENTS = 500
VISITS = 3
DEFAULTS = ("auroc", "calibration_slope", "observed_expected", "brier")


@dataclass(frozen=True)
class World:
    """Normal log odds of the true risks; the log odds that a model says are ``shift + stretch`` × them."""

    mean: float
    spread: float
    area: float
    shift: float = 0.0
    stretch: float = 1.0

    def says(self, logit):
        return self.shift + self.stretch * logit

    def truths(self):
        """Return the four measures of infinitely many patients."""
        z = np.linspace(-9, 9, 20_001)
        share = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
        truth, risk = inverse_logit(self.mean + self.spread * z), inverse_logit(self.says(self.mean + self.spread * z))
        event, other = share * truth, share * (1 - truth)
        won = event @ (np.cumsum(other) - other / 2)
        return {
            "auroc": won / event.sum() / other.sum(),
            "calibration_slope": 1 / self.stretch,
            "observed_expected": event.sum() / (share @ risk),
            "brier": event @ (1 - risk) ** 2 + other @ risk**2,
            "prevalence": event.sum(),
        }


# mean and spread such that one in five has the event
WORLDS = {
    "auroc .75": World(-1.663673, 1.029416, 0.75),
    "auroc .85": World(-2.074432, 1.760320, 0.85),
    "auroc .93": World(-2.961217, 3.043350, 0.93),
    "auroc .85, overconfident": World(-2.074432, 1.760320, 0.85, 0.3, 1.5),
}


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_the_worlds_are_as_described(world):
    truths = world.truths()
    assert truths["auroc"] == pytest.approx(world.area, abs=1e-6)
    assert truths["prevalence"] * PATIENTS == pytest.approx(100, abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_default_and_profile_intervals_cover_93_to_97_percent(world):
    truths = world.truths()
    asked = {**{key: (key, None) for key in DEFAULTS}, "slope, profile": ("calibration_slope", "profile")}
    covered = dict.fromkeys(asked, 0)
    rng = np.random.default_rng(1)
    for _ in range(REPEATS):
        logit = rng.normal(world.mean, world.spread, PATIENTS)
        outcome = (rng.random(PATIENTS) < inverse_logit(logit)).astype(float)
        risk = inverse_logit(world.says(logit))
        for name, (key, method) in asked.items():
            found = performance.estimate(key, outcome, risk, linear_predictor=world.says(logit), method=method)
            covered[name] += found.lower <= truths[key] <= found.upper
    shares = {name: count / REPEATS for name, count in covered.items()}
    assert [name for name, share in shares.items() if not 0.93 <= share <= 0.97] == [], shares


def repeated(world, rng):
    """Return rows of patients who come three times: each row as in the world, the rows of a patient alike."""
    patients = np.repeat(np.arange(PATIENTS), VISITS)
    lasting, luck = (
        np.sqrt(0.9) * rng.normal(size=PATIENTS)[patients] + np.sqrt(0.1) * rng.normal(size=patients.size)
        for _ in range(2)
    )
    logit = world.mean + world.spread * lasting
    return logit, (ndtr(luck) < inverse_logit(logit)).astype(float), patients


@pytest.mark.slow
def test_where_patients_repeat_the_clustered_intervals_cover_and_the_naive_ones_do_not():
    world = WORLDS["auroc .85, overconfident"]
    truths = world.truths()
    covered = {"by patient": dict.fromkeys(DEFAULTS, 0), "by row": dict.fromkeys(DEFAULTS, 0)}
    rng = np.random.default_rng(7)
    for _ in range(REPEATS):
        logit, outcome, patients = repeated(world, rng)
        linear_predictor = world.says(logit)
        risk = inverse_logit(linear_predictor)
        for name, who in (("by patient", patients), ("by row", None)):
            for key in DEFAULTS:
                found = performance.estimate(key, outcome, risk, linear_predictor=linear_predictor, patients=who)
                covered[name][key] += found.lower <= truths[key] <= found.upper
    shares = {name: {key: count / REPEATS for key, count in counts.items()} for name, counts in covered.items()}
    assert [key for key, share in shares["by patient"].items() if not 0.93 <= share <= 0.97] == [], shares
    assert [key for key, share in shares["by row"].items() if share > 0.88] == [], shares
