"""What a model leans on: descriptions of the model, never of causes."""

from clinpred.explanation.accumulated import AccumulatedEffect, accumulated_local_effects

__all__ = ["AccumulatedEffect", "accumulated_local_effects"]
