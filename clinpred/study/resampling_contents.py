"""What the resamples showed, brought into the contents of the report."""

from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np

from clinpred.report import contents
from clinpred.report import resampling_contents as held
from clinpred.report.disclosure import redact_share
from clinpred.study.learning import Learnt
from clinpred.study.performance_contents import comparisons_in, curves_of, performance_of
from clinpred.study.resampling import Resampled
from clinpred.validation.stability import Stability


def resampling_card(learnt: Learnt, resampled: Resampled) -> held.ResamplingCard | None:
    """Return how development patients were resampled, or None where they were not."""
    asked, folds = learnt.study.resampling, resampled.folds
    if not resampled.optimism and folds is None:
        return None
    return held.ResamplingCard(
        replicates=asked.bootstraps if resampled.optimism else 0,
        bootstrapped=list(resampled.optimism),
        folds=asked.folds if folds else 0,
        repeats=asked.repeats if folds else 0,
        cross_validated=list(folds.performance) if folds else [],
    )


def resampled_parts(name: str, resampled: Resampled) -> dict[str, Any]:
    """Return what the bootstrap showed of one model."""
    stability = resampled.stability.get(name)
    return {
        "optimism": _optimism(name, resampled) if name in resampled.optimism else None,
        "stability": None if stability is None else _stability(stability),
        "variance_split": _plain(resampled.variance_split[name]) if name in resampled.variance_split else None,
    }


def resampled_role(name: str, resampled: Resampled) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return one model's performance and curves in the role ``resampled``, by role; nothing where it has none."""
    if resampled.folds is None or name not in resampled.folds.performance:
        return {}, {}
    role = resampled.folds.performance[name]
    return {"resampled": performance_of(role)}, {"resampled": curves_of(role)}


def resampled_comparisons(resampled: Resampled) -> list[contents.Comparison]:
    """Return the planned comparisons on the same folds."""
    return comparisons_in("resampled", resampled.folds.comparisons) if resampled.folds else []


def learning_contents(resampled: Resampled) -> held.LearningCurve | None:
    """Return the learning curve as the results hold it."""
    found = resampled.learning_curve
    return None if found is None else held.LearningCurve.model_validate(_plain(found))


def _stability(found: Stability) -> held.Stability:
    """Return the stability of a model; shares that 1 to 7 patients stand behind are withheld."""
    plain = _plain(found)
    for at_threshold in plain["classification"]:
        for share in ("unstable", "crossing"):
            at_threshold[share] = redact_share(at_threshold[share], found.patients)
    return held.Stability.model_validate(plain)


def _optimism(name: str, resampled: Resampled) -> list[held.Optimism]:
    plus = resampled.point_632.get(name, {})
    return [
        held.Optimism(measure=key, plus_632=plus[key].plus if key in plus else None, **asdict(corrected))
        for key, corrected in resampled.optimism[name].measures.items()
    ]


def _plain(found: Any) -> Any:  # noqa: ANN401
    """Return frozen data as plain data: arrays as lists, what is not a number as None."""
    if is_dataclass(found) and not isinstance(found, type):
        return {name: _plain(getattr(found, name)) for name in found.__dataclass_fields__}
    if isinstance(found, dict):
        return {key: _plain(value) for key, value in found.items()}
    if isinstance(found, np.ndarray | list | tuple):
        return [_plain(value) for value in found]
    if isinstance(found, float | np.floating):
        return float(found) if np.isfinite(found) else None
    return found.item() if isinstance(found, np.generic) else found
