"""The patient bootstrap: patients drawn with replacement, their rows weighted, every measure on the same draws."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clinpred.errors import WrongUsage
from clinpred.performance.rows import Array, Rows, Weighted

REPLICATES = 1000
MOST_LOST = 0.05
_CELLS = 1 << 18


@dataclass(frozen=True)
class PercentileInterval:
    """The 2.5th and the 97.5th percentile, or the reason why there are none."""

    bounds: tuple[float, float] | None
    reason: str | None = None


def drawn_weights(rows: Rows, rng: np.random.Generator, replicates: int) -> Iterator[Array]:
    """Yield row weights, in chunks of shape (at most so many replicates, n) that stay within a few megabytes.

    A row weighs as often as its patient was drawn.
    """
    chunk = max(1, _CELLS // max(rows.outcome.size, rows.patients))
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


def percentile_interval(values: Array) -> PercentileInterval:
    """Return the interval over replicates, if at most 5 % of them are without a value."""
    found = values[np.isfinite(values)]
    lost = values.size - found.size
    if lost > MOST_LOST * values.size:
        reason = f"interval not estimable (no value in {lost:,} of {values.size:,} replicates)"
        return PercentileInterval(None, reason)
    lower, upper = np.quantile(found, (0.025, 0.975))
    return PercentileInterval((float(lower), float(upper)))


def _joined(parts: list[dict[str, Array]]) -> dict[str, Array]:
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]} if parts else {}
