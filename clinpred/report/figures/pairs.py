"""Which models stand beside each other: a regularised model and its unregularised twin."""

from clinpred.report.contents import Results
from clinpred.report.part import Role
from clinpred.settings.models import UNREGULARISED_TWINS

HELD_OUT: Role = "held_out"
APPARENT: Role = "apparent"
RESAMPLED: Role = "resampled"
NETWORK = "mlp_regularised"


def primary_pair(results: Results) -> list[str]:
    """Return the primary model and its twin, as far as the run has them."""
    return _present(results, results.primary)


def network_pair(results: Results) -> list[str]:
    """Return the regularised network and its twin; nothing where they are the primary pair already."""
    return [] if NETWORK in primary_pair(results) else _present(results, NETWORK)


def _present(results: Results, model: str) -> list[str]:
    pair = (model, UNREGULARISED_TWINS.get(model))
    return [name for name in pair if name is not None and name in results.models]
