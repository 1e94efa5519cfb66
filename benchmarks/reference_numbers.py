"""The reference numbers of R, as the tables of agreement read them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from clinpred.performance.rows import Array

REFERENCE = Path(__file__).parents[1] / "tests" / "reference"
OUTCOMES = {"pima_tr": "type", "birthwt": "low", "breast_cancer": "malignant", "sex2": "case"}


@dataclass(frozen=True)
class Agreement:
    """A number of R's and clinpred's. ``note`` says why they differ by more than 1e-6."""

    measure: str
    entry: str
    reference: float
    found: float
    note: str = ""

    @property
    def difference(self) -> float:
        """How far apart they are."""
        return abs(self.found - self.reference)


def furthest(measure: str, entry: str, reference: Any, found: Any) -> Agreement:
    """Return the pair with the largest difference."""
    theirs, ours = np.array(list(reference)), np.array(list(found))
    worst = int(np.argmax(np.abs(ours - theirs)))
    return Agreement(measure, entry, float(theirs[worst]), float(ours[worst]))


def both(measure: str, entry: str, reference: list[float], found: tuple[float, float]) -> Iterator[Agreement]:
    """Yield the two ends of an interval."""
    for end, theirs, ours in zip(("lower", "upper"), reference, found, strict=True):
        yield Agreement(f"{measure}, {end}", entry, theirs, ours)


def entries(file: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and the numbers of every entry of a file."""
    for entry in json.loads((REFERENCE / f"{file}.json").read_text())["entries"]:
        yield entry["id"], entry["result"]


def table(name: str) -> np.ndarray:
    """Return the rows that R was given."""
    return np.genfromtxt(REFERENCE / "inputs" / f"{name}.csv", delimiter=",", names=True)


def source(name: str) -> str:
    """Return the table that an entry's rows come from."""
    return next((known for known in OUTCOMES if name.startswith(known)), name)


def learnt_from(name: str, features: list[str]) -> tuple[Array, Array, Array]:
    """Return predictors, outcome and weights of an entry."""
    rows = table(source(name))
    weight = 1.0 + np.arange(1, rows.size + 1) % 3 if "weighted" in name else np.ones(rows.size)
    return design(rows, features)[:, 1:], rows[OUTCOMES[source(name)]], weight


def design(rows: np.ndarray, predictors: list[str]) -> Array:
    """Return the columns of a model, ones first."""
    return np.column_stack([np.ones(rows.size), *(rows[name] for name in predictors)])


def coefficients(numbers: Mapping[str, float], features: list[str]) -> Array:
    """Return the coefficients in the order of the predictors."""
    return np.array([numbers[name] for name in features])


def spread(X: Array, weight: Array) -> Array:
    """Return the weighted population standard deviations."""
    return np.sqrt(np.average((X - np.average(X, axis=0, weights=weight)) ** 2, axis=0, weights=weight))
