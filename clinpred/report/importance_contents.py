"""What a model leans on: predictor by predictor, and cluster by cluster. Part of the contents."""

from clinpred.report.part import Part


class Shuffled(Part):
    """What shuffling does to held-out risks: means, with 95 % intervals over patients.

    ``increase`` is that of the log loss, from ``lower`` to ``upper``; ``auroc_drop`` the fall of the AUROC, whose
    interval is null where too few patients have the event.
    """

    increase: float
    lower: float
    upper: float
    auroc_drop: float
    auroc_drop_lower: float | None
    auroc_drop_upper: float | None


class PermutationImportance(Shuffled):
    """One predictor, shuffled alone.

    ``told_apart`` says whether its increase can be told from that of the next in rank: the 95 % interval over patients
    of their difference does not hold 0. Null for the last.
    """

    predictor: str
    told_apart: bool | None = None


class ShapleyImportance(Part):
    """Mean absolute Shapley value of one predictor, on the log odds scale.

    ``dependent`` is that of the correlation-dependent value, null for models that are not linear.
    """

    predictor: str
    mean_absolute: float
    dependent: float | None = None


class ClusterImportance(Shuffled):
    """A cluster of predictors that go together, all members shuffled at once.

    ``mean_absolute`` is the mean absolute sum of the members' Shapley values (of Owen's, for models that are not
    linear), ``dependent`` that of the correlation-dependent ones.
    """

    members: list[str]
    mean_absolute: float
    dependent: float | None = None


class Importance(Part):
    """What the model leans on. Describes the model, not a cause."""

    permutation: list[PermutationImportance]
    clusters: list[ClusterImportance]
    shapley: list[ShapleyImportance]
    shapley_method: str | None
    shapley_patients: int | None
