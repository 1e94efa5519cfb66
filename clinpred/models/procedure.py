"""A development procedure that can be run again on resampled patients: what every resampling needs of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import StatisticalRefusal

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Refit:
    """One model, developed again on resampled patients.

    Attributes
    ----------
    linear_predictor : array of shape (n,)
        The log odds that it gives every development row, drawn or not.
    coefficients : mapping of design column to coefficient, or None
        Log odds ratios for a unit of each column before it was standardised; a column that the resample's preparation
        dropped is absent. None for models without coefficients, and where the outcome is separated.
    knots : mapping of predictor to floats
        Of the numbers that bend by a restricted cubic spline, where: their coefficients mean nothing without.
    strength, l1_share : float or None
        The penalty that was chosen.
    separated : bool
        The resampled patients' outcome is separated: the likelihood has no maximum.
    networks : array of shape (k, n), or None
        Of several networks whose mean log odds ``linear_predictor`` is, those of each.
    searched : array of shape (settings, rotations), or None
        Of a search for a network's settings, the log loss of each on the choosing patients of each rotation.
    """

    linear_predictor: Array
    coefficients: Mapping[str, float] | None = None
    strength: float | None = None
    l1_share: float | None = None
    separated: bool = False
    networks: Array | None = None
    searched: Array | None = None
    knots: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Refits:
    """What one resample gave: the models that were developed, and why others were not."""

    models: Mapping[str, Refit]
    refused: Mapping[str, StatisticalRefusal] = field(default_factory=dict)


class Procedure(Protocol):
    """The whole procedure, from patients to models: preparation, choice of strength and fit together.

    ``outcome`` and ``patients`` have shape (n,), the development rows; ``models`` are the names of the models. It can
    be pickled, so that other processes can run it.
    """

    outcome: Array
    patients: Ints
    models: tuple[str, ...]

    def refit(self, counts: Ints, *, seed: int) -> Refits:
        """Develop every model again.

        Parameters
        ----------
        counts : int array of shape (n,)
            How often each row was drawn; all rows of a patient alike. 0 leaves a row out: a bootstrap draws some
            often, a fold or a learning curve takes each at most once.
        seed : int
            Seed of whatever the models draw: folds, early-stopping patients, initial weights.
        """
        ...
