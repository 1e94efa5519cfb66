"""The learning curve: each model, and its unregularised twin, against the number of events that it learnt from.

In every repeat a fifth of the development patients is set apart, drawn at random within those who ever have the event
and those who never do. From the others each size takes more, the smaller always within the larger, and the whole
procedure runs on them. All sizes of a repeat are judged on the same patients set apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import StatisticalRefusal
from clinpred.models.procedure import Ints, Procedure, Refit, Refits
from clinpred.models.risk_model import risk_of
from clinpred.performance.calibration import calibration_slope
from clinpred.performance.discrimination import auroc
from clinpred.performance.overall import log_loss
from clinpred.performance.rows import Array
from clinpred.settings.arguments import Seed, check_workers, seed_sequence, whole_number
from clinpred.settings.counts import both_classes
from clinpred.validation.resampling import Job, child_of, run_resamples

REPEATS = 5
SIZES = 7
LEARNT = 0.8
"""Share of the development patients that the largest size learns from; the others are set apart."""
FEWEST_EVENTS = 20
SMALLEST = 0.1
_LEAST_STEP = 1.1
_TAIL = 0.025

_MEASURES = ("auroc", "apparent_auroc", "calibration_slope", "log_loss")

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Spread:
    """Median, and the 2.5 and 97.5 % quantiles, over the repeats that gave a value; None where fewer than half did."""

    median: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class LearningPoint:
    """One model at one size.

    ``patients`` and ``events`` (patients who ever have the event) were learnt from, the same in every repeat;
    ``developed`` counts the repeats in which the model could be, ``separated`` those of them in which the outcome was.
    ``apparent_auroc`` is of the patients learnt from, the others of those set apart.
    """

    patients: int
    events: int
    developed: int
    separated: int
    auroc: Spread
    apparent_auroc: Spread
    calibration_slope: Spread
    log_loss: Spread


@dataclass(frozen=True)
class LearningCurve:
    """Each model's points, from the fewest events to the most."""

    repeats: int
    models: dict[str, list[LearningPoint]]


def learning_curve(
    procedure: Procedure,
    *,
    repeats: int = REPEATS,
    sizes: int = SIZES,
    seed: Seed,
    workers: int | None = None,
) -> LearningCurve:
    """Develop every model on more and more development patients, and judge it on others.

    The sizes grow by a constant factor, from the smallest that has 20 patients with the event, 20 without and a tenth
    of all, to four fifths of all. There are fewer where the factor would be below 1.1.

    Parameters
    ----------
    procedure : Procedure
        The whole procedure, run repeats · sizes times.
    repeats : int, at least 1
        Random orders of the patients.
    sizes : int, at least 1
        At most so many sizes.
    seed : int or numpy.random.SeedSequence
        Of the orders, and of whatever the models draw.
    workers : int, optional
        Processes, as ``run_resamples``.

    Returns
    -------
    LearningCurve
        The AUROC, the apparent AUROC, the calibration slope and the log loss by size, with their spread over repeats.
        A repeat in which a measure is not estimable does not count for it.

    Raises
    ------
    StatisticalRefusal
        ``S-FEW-EVENTS``: fewer than 25 patients have the event, or are without it.
    WrongUsage
        ``E-SETTING``: repeats, sizes or workers below 1, or no whole numbers; a seed that is none.

    References
    ----------
    Figueroa RL et al. BMC Med Inform Decis Mak 2012;12:8. Christodoulou E et al. Diagn Progn Res 2021;5:6 (against
    the number of events, the whole procedure run again at each size).
    """
    check_workers(workers)
    repeats, sizes = whole_number("repeats", repeats, least=1), whole_number("sizes", sizes, least=1)
    subsets = _Subsets.of(procedure, repeats=repeats, sizes=sizes, seed=seed_sequence("seed", seed))
    refits = run_resamples(procedure, subsets, _developed, workers=workers)
    return LearningCurve(
        repeats, {name: _points(name, procedure.outcome, subsets, refits) for name in procedure.models}
    )


@dataclass(frozen=True)
class _Subsets:
    """The resamples: every size of the first repeat, then of the second, … ``strata`` hold patients' numbers."""

    patient: Ints
    strata: tuple[Ints, Ints]
    shares: tuple[float, ...]
    repeats: int
    seed: np.random.SeedSequence

    @classmethod
    def of(cls, procedure: Procedure, *, repeats: int, sizes: int, seed: np.random.SeedSequence) -> "_Subsets":
        _, patient = np.unique(procedure.patients, return_inverse=True)
        ever = np.bincount(patient, weights=procedure.outcome) > 0
        strata = np.flatnonzero(ever), np.flatnonzero(~ever)
        return cls(patient, strata, _shares(strata, sizes), repeats, seed)

    def __len__(self) -> int:
        return self.repeats * len(self.shares)

    def __getitem__(self, number: int) -> Job:
        repeat, size = divmod(number, len(self.shares))
        learnt = np.zeros(self.patient.max() + 1, dtype=np.int64)
        for order, of_stratum in zip(self._orders(repeat), self._sizes(self.shares[size]), strict=True):
            learnt[order[:of_stratum]] = 1
        return learnt[self.patient], int(child_of(self.seed, repeat, size).generate_state(1)[0] % 2**31)

    def rows(self, repeat: int, size: int) -> tuple[Mask, Mask]:
        """Return the rows learnt from, and those set apart."""
        largest, _ = self[repeat * len(self.shares) + len(self.shares) - 1]
        learnt, _ = self[repeat * len(self.shares) + size]
        return learnt == 1, largest == 0

    def counts(self, size: int) -> tuple[int, int]:
        """Return how many patients a size learns from, and how many of them have the event."""
        events, others = self._sizes(self.shares[size])
        return events + others, events

    def _orders(self, repeat: int) -> list[Ints]:
        rng = np.random.default_rng(child_of(self.seed, repeat))
        return [rng.permutation(stratum) for stratum in self.strata]

    def _sizes(self, share: float) -> list[int]:
        return [int(np.floor(share * stratum.size + 0.5)) for stratum in self.strata]


def _shares(strata: tuple[Ints, Ints], sizes: int) -> tuple[float, ...]:
    """Return the shares of the patients to learn from, growing by a constant factor."""
    fewest = min(stratum.size for stratum in strata)
    if fewest * LEARNT < FEWEST_EVENTS:
        raise StatisticalRefusal(
            "S-FEW-EVENTS",
            f"{both_classes(strata[0].size, strata[1].size)}, for a learning curve",
            expected=f"at least {int(np.ceil(FEWEST_EVENTS / LEARNT))} of each",
            to_fix="gather more patients, or do without the learning curve",
        )
    smallest = max(SMALLEST, FEWEST_EVENTS / fewest)
    room = 1 + int(np.log(LEARNT / smallest) / np.log(_LEAST_STEP))
    return tuple(np.geomspace(LEARNT, smallest, min(sizes, room))[::-1].tolist())


def _developed(_: Ints, refits: Refits) -> dict[str, Refit]:
    """Keep the models, not the refusals: it is enough to count who is absent."""
    return {name: replace(refit, coefficients=None) for name, refit in refits.models.items()}


def _points(model: str, outcome: Array, subsets: _Subsets, refits: Sequence[dict[str, Refit]]) -> list[LearningPoint]:
    sizes = len(subsets.shares)
    found = []
    for size in range(sizes):
        of_size = [
            (one[model], subsets.rows(repeat, size)) for repeat, one in enumerate(refits[size::sizes]) if model in one
        ]
        found.append(_point(subsets, size, [(refit, _measures(outcome, refit, *rows)) for refit, rows in of_size]))
    return found


def _point(subsets: _Subsets, size: int, developed: Sequence[tuple[Refit, dict[str, float]]]) -> LearningPoint:
    spread = {key: _spread([values[key] for _, values in developed], subsets.repeats) for key in _MEASURES}
    return LearningPoint(
        *subsets.counts(size),
        developed=len(developed),
        separated=sum(refit.separated for refit, _ in developed),
        auroc=spread["auroc"],
        apparent_auroc=spread["apparent_auroc"],
        calibration_slope=spread["calibration_slope"],
        log_loss=spread["log_loss"],
    )


def _measures(outcome: Array, refit: Refit, learnt: Mask, apart: Mask) -> dict[str, float]:
    """Return one model's measures, NaN where not estimable."""
    lp = refit.linear_predictor
    risk = risk_of(lp)
    return {
        "auroc": auroc(outcome[apart], risk[apart]),
        "apparent_auroc": auroc(outcome[learnt], risk[learnt]),
        "calibration_slope": _slope(outcome[apart], risk[apart], lp[apart]),
        "log_loss": log_loss(outcome[apart], risk[apart], linear_predictor=lp[apart]),
    }


def _slope(outcome: Array, risk: Array, linear_predictor: Array) -> float:
    try:
        return calibration_slope(outcome, risk, linear_predictor=linear_predictor)
    except StatisticalRefusal:
        return float("nan")


def _spread(values: Sequence[float], repeats: int) -> Spread:
    found = np.array([value for value in values if np.isfinite(value)])
    if 2 * found.size < repeats:
        return Spread(None, None, None)
    lower, upper = np.quantile(found, (_TAIL, 1.0 - _TAIL))
    return Spread(float(np.median(found)), float(lower), float(upper))
