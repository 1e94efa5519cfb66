"""How networks were trained, and how much of their performance is luck. Part of the contents."""

from typing import Literal

from clinpred.report.part import Part


class TrainingMember(Part):
    """One network's training: mean log loss on the learning and the stopping patients of its rotation.

    After each epoch, or each of ``every`` epochs; ``kept_loss`` is that of the learning patients at ``restored_epoch``.
    """

    label: str
    hidden: list[int]
    l2: float
    dropout: float
    rotation: int | None
    learning: list[float]
    stopping: list[float]
    stopped_epoch: int
    restored_epoch: int
    every: int = 1
    kept_loss: float
    choosing: float | None
    chosen_by: Literal["search", "final"]


class GridPoint(Part):
    """One setting of the small grid: log loss on the choosing patients of all rotations, and the median best epoch."""

    hidden: list[int]
    l2: float
    dropout: float
    log_loss: float
    epochs: int


class Training(Part):
    """How the networks were trained: the folds of patients that the search rotated through, the grid, every network."""

    hidden: list[int]
    patients: int
    fold_patients: list[int]
    rotations: int
    epochs: int
    at_floor: bool | None
    grid: list[GridPoint]
    members: list[TrainingMember]

    @property
    def chosen(self) -> GridPoint:
        """The setting that the search took."""
        return min(self.grid, key=lambda tried: tried.log_loss)


class Restarts(Part):
    """The SD of a measure on held-out patients over networks that differ in their seed alone."""

    networks: int
    auroc: float | None
    calibration_slope: float | None
    log_loss: float | None


class VarianceSplit(Part):
    """Variance components of a single network's log loss on patients left out: its seed, the fold, the setting.

    An estimate below 0 means that the component cannot be told apart from none. ``setting`` is null where one setting
    was searched.
    """

    seed: float
    fold: float
    setting: float | None
    networks: int
    folds: int
    settings: int
    rotations: int
