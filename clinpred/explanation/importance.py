"""Permutation importance: how much worse held-out risks become when predictors are shuffled among patients."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from clinpred.errors import StatisticalRefusal
from clinpred.models.risk_model import Form, risk_of
from clinpred.performance.placements import placements, variance_of_mean
from clinpred.performance.rows import Rows, checked_rows

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

_REACH = float(norm.ppf(0.975))


@dataclass(frozen=True)
class Worsening:
    """By how much a measure gets worse when predictors are shuffled, with a 95 % interval over patients.

    The interval is None where fewer than two patients have, or have not, the event.
    """

    estimate: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class PermutationImportance:
    """What shuffling a predictor, or all members of a cluster together, does to held-out risks.

    Attributes
    ----------
    members : tuple of str
        The predictors that were shuffled together.
    log_loss : Worsening
        Increase in log loss (per patient, natural log).
    auroc : Worsening
        Decrease in AUROC.
    told_apart : bool or None
        Whether its increase in log loss can be told from that of the next in rank: the 95 % interval over patients of
        their difference does not hold 0. None for the last.
    """

    members: tuple[str, ...]
    log_loss: Worsening
    auroc: Worsening
    told_apart: bool | None = None


@dataclass(frozen=True)
class Explained:
    """Patients to explain with: outcome (n,), standardised design (n, p), each column's predictor, patients (n,)."""

    outcome: Array
    design: Array
    sources: tuple[str, ...]
    patients: Ints

    @property
    def predictors(self) -> tuple[str, ...]:
        """The predictors that have a column."""
        return tuple(dict.fromkeys(self.sources))

    def shuffled(self, members: Iterable[str], order: Ints) -> Array:
        """Return the design with the columns of some predictors taken from the rows ``order``, all together."""
        together = set(members)
        columns = [place for place, source in enumerate(self.sources) if source in together]
        design = self.design.copy()
        design[:, columns] = self.design[order][:, columns]
        return design


def permutation_importance(
    form: Form,
    explained: Explained,
    *,
    rng: np.random.Generator,
    groups: Iterable[tuple[str, ...]] | None = None,
    repeats: int = 10,
) -> list[PermutationImportance]:
    """Shuffle predictors among patients, all design columns of a group together, and measure what follows.

    What happens to a patient is the mean over ``repeats`` shuffles; intervals are normal over patients (for the AUROC
    by DeLong's placements), and so speak of other patients like these, not of the shuffles alone. Predictors that go
    together stand in for one another: each of a cluster may look unimportant, which the whole cluster is not.

    Parameters
    ----------
    form : Form
        What gives linear predictors for a design matrix.
    explained : Explained
        Held-out patients, with and without the event.
    rng : numpy.random.Generator
    groups : iterable of tuples of str, optional
        Predictors to shuffle together; by default each alone.
    repeats : int
        Shuffles of each group, the same for all.

    Returns
    -------
    list of PermutationImportance
        Largest increase in log loss first.

    References
    ----------
    Breiman L. Random forests. Machine Learning 2001;45:5-32. Gregorutti B, Michel B, Saint-Pierre P. Grouped variable
    importance with random forests. Comput Stat Data Anal 2015;90:15-35.
    """
    shuffles = [rng.permutation(len(explained.outcome)) for _ in range(repeats)]
    linear_predictor = form.linear_predictor(explained.design)
    rows = checked_rows(explained.outcome, risk_of(linear_predictor), patients=explained.patients)
    before = _Cost.of(linear_predictor, rows)
    found = []
    for members in [(one,) for one in explained.predictors] if groups is None else groups:
        after = [_Cost.of(form.linear_predictor(explained.shuffled(members, order)), rows) for order in shuffles]
        found.append(_Shuffled.of(members, before, after))
    ranked = sorted(found, key=lambda one: -float(one.losses.mean()))
    return [_importance(one, ranked[place + 1 : place + 2], rows) for place, one in enumerate(ranked)]


@dataclass(frozen=True)
class _Cost:
    """What a risk costs each row: its loss, and its placement among the rows of the other class."""

    losses: Array
    placements: Array

    @classmethod
    def of(cls, linear_predictor: Array, rows: Rows) -> "_Cost":
        losses = np.logaddexp(0.0, np.where(rows.outcome == 1, -linear_predictor, linear_predictor))
        return cls(losses, placements(replace(rows, risk=risk_of(linear_predictor))))


@dataclass(frozen=True)
class _Shuffled:
    """What shuffling costs each row in loss, and in placement, on average."""

    members: tuple[str, ...]
    losses: Array
    placements: Array

    @classmethod
    def of(cls, members: tuple[str, ...], before: _Cost, after: list[_Cost]) -> "_Shuffled":
        # Differences first: shuffling what the model does not use costs exactly nothing.
        losses = np.mean([one.losses - before.losses for one in after], axis=0)
        lost = np.mean([before.placements - one.placements for one in after], axis=0)
        return cls(members, losses, lost)


def _importance(one: _Shuffled, following: list[_Shuffled], rows: Rows) -> PermutationImportance:
    losses, lost = one.losses, one.placements
    return PermutationImportance(
        one.members,
        _with_interval(float(losses.mean()), _variance(losses, rows)),
        _with_interval(float(lost[rows.outcome == 1].mean()), _variance_of_auroc(lost, rows)),
        _is_above(losses - following[0].losses, rows) if following else None,
    )


def _is_above(difference: Array, rows: Rows) -> bool:
    lower = _with_interval(float(difference.mean()), _variance(difference, rows)).lower
    return lower is not None and lower > 0


def _variance_of_auroc(lost: Array, rows: Rows) -> float | None:
    try:
        return variance_of_mean(lost, rows)
    except StatisticalRefusal:
        return None


def _variance(values: Array, rows: Rows) -> float:
    """Return the variance of the mean over rows, from sums within patients."""
    apart = values - values.mean()
    sums = apart if rows.patient is None else np.bincount(rows.patient, weights=apart)
    return float(np.sum(sums**2)) / values.size**2


def _with_interval(estimate: float, variance: float | None) -> Worsening:
    if variance is None:
        return Worsening(estimate, None, None)
    half = _REACH * float(np.sqrt(max(variance, 0.0)))
    return Worsening(estimate, estimate - half, estimate + half)
