"""What is known of a measure beside its number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Scale = Literal["plain", "logit", "log", "fisher"]
"""Where a measure is nearest to normal: as it is, as log odds, as a logarithm, or as artanh of its square root."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure. ``lowest`` and ``highest`` bound it (None: unbounded); ``ideal`` is what a perfect risk has.

    ``not_estimable`` says when there is no number, by the code of the refusal; ``scale`` is where estimates are
    pooled after multiple imputation; ``at_threshold`` says that the function wants a threshold as well.
    """

    key: str
    title: str
    definition: str
    direction: Literal["higher", "lower", "nearer the ideal", "neither"]
    ideal: float | None
    lowest: float | None
    highest: float | None
    reference: str
    function: Callable[..., float]
    not_estimable: Mapping[str, str]
    needs_logit: bool = False
    scale: Scale = "plain"
    at_threshold: bool = False


ONE_CLASS = {"S-ONE-CLASS": "nobody has the event, or everybody"}
"""When no measure at all is estimable."""

NO_LOGIT = ONE_CLASS | {"S-RISK-BOUND": "risks of exactly 0 or 1 come without their linear predictor"}
"""When a measure that needs logits or logarithms is not."""
