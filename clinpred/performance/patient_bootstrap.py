"""The patient bootstrap: patients drawn with replacement, their rows weighted, every measure on the same draws."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clinpred.errors import WrongUsage
from clinpred.performance.rows import Array, Rows, Weighted

REPLICATES = 1000
MOST_LOST = 0.05
CELLS = 1 << 18


@dataclass(frozen=True)
class Drawn:
    """Replicates of one measure: those ``found``, how many have no value, and why there is no interval, if so."""

    found: Array
    lost: int
    reason: str | None = None

    def bounds(self, level: float = 0.95) -> tuple[float, float] | None:
        """Return the percentiles between which this share of the replicates lies, or None where ``reason`` says why."""
        if self.reason is not None:
            return None
        tail = (1.0 - level) / 2.0
        lower, upper = np.quantile(self.found, (self._level(tail), self._level(1.0 - tail)))
        return float(lower), float(upper)

    def p_value(self) -> float | None:
        """Return the two-sided p value of 0: the level at which the interval would end there.

        No p value is below 2 / (replicates + 1).
        """
        if self.reason is not None:
            return None
        sides = (np.sum(self.found <= 0.0), np.sum(self.found >= 0.0))
        shares = [(1.0 + int(side)) / (1.0 + self.found.size) for side in sides]
        below = self._share(min(shares[0], 1.0 - 0.5 / self.found.size))
        above = 1.0 - self._share(max(1.0 - shares[1], 0.5 / self.found.size))
        return min(1.0, 2.0 * min(below, above))

    def _level(self, level: float) -> float:
        return level

    def _share(self, share: float) -> float:
        return share


def drawn_weights(rows: Rows, rng: np.random.Generator, replicates: int) -> Iterator[Array]:
    """Yield row weights, in chunks of shape (at most so many replicates, n) that stay within a few megabytes.

    A row weighs as often as its patient was drawn.
    """
    chunk = max(1, CELLS // max(rows.outcome.size, rows.patients))
    for first in range(0, replicates, chunk):
        count = min(chunk, replicates - first)
        drawn = rng.integers(rows.patients, size=(count, rows.patients))
        drawn += np.arange(count)[:, None] * rows.patients
        counts = np.bincount(drawn.ravel(), minlength=count * rows.patients).reshape(count, rows.patients)
        of_row = counts if rows.patient is None else counts[:, rows.patient]
        yield of_row.astype(np.float64)


def bootstrap(
    rows: Rows, weighted: Mapping[str, Sequence[Weighted]], *, rng: np.random.Generator, replicates: int
) -> dict[str, dict[str, Array]]:
    """Return, for each named group of measures, its values in every replicate.

    Replicates whose patients are all of one class are NaN throughout.

    Raises
    ------
    WrongUsage
        ``E-REPLICATES``: fewer than 1 replicate.
    """
    if replicates < 1:
        raise WrongUsage(
            "E-REPLICATES",
            f"{replicates} bootstrap replicates",
            expected="1 or more; 1,000 for an interval",
            to_fix="ask for more replicates",
        )
    chunks: dict[str, list[dict[str, Array]]] = {name: [] for name in weighted}
    for weights in drawn_weights(rows, rng, replicates):
        events = weights @ rows.outcome
        one_class = (events == 0.0) | (events == weights.sum(axis=1))
        for name, families in weighted.items():
            values = {key: found for family in families for key, found in family(weights).items()}
            chunks[name].append({key: np.where(one_class, np.nan, found) for key, found in values.items()})
    return {name: _joined(parts) for name, parts in chunks.items()}


def drawn_measure(values: Array) -> Drawn:
    """Return the replicates of one measure; without an interval where more than 5 % of them have no value."""
    found = values[np.isfinite(values)]
    lost = values.size - found.size
    if lost > MOST_LOST * values.size:
        return Drawn(found, lost, f"interval not estimable (no value in {lost:,} of {values.size:,} replicates)")
    return Drawn(found, lost)


def _joined(parts: list[dict[str, Array]]) -> dict[str, Array]:
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]} if parts else {}
