"""The table of what is luck in a network's performance: its seed, the patients of the fold, the setting."""

from math import sqrt

from clinpred.report.contents import ModelResults, Results
from clinpred.report.numbers import decimal, estimable
from clinpred.report.tabular import Row, Table
from clinpred.report.training_contents import Restarts, VarianceSplit


def luck_table(results: Results) -> Table:
    """Return the standard deviations of single networks: over restarts, and by source where folds were left out."""
    rows = [row for model in results.models.values() for row in _of_model(model)]
    return Table(
        "network-luck",
        "How much of a single network’s performance is luck",
        "Standard deviations of single networks; the model is the mean of several, and varies less. Seed: networks of "
        "one setting on the same patients. Fold: other patients to learn from and be judged on. Setting: among those "
        "of the search, on its choosing patients. None: the estimate of the variance is not above 0.",
        ("Model", "Source", "Judged on", "AUROC", "Calibration slope", "Log loss", "Rests on"),
        tuple(rows),
        grouped=True,
    )


def _of_model(model: ModelResults) -> list[Row]:
    rows: list[Row] = []
    if model.restarts is not None:
        rows.append((model.title, *_of_restarts(model.restarts)))
    if model.variance_split is not None:
        rows += [(model.title, *row) for row in _of_split(model.variance_split)]
    return rows


def _of_restarts(found: Restarts) -> Row:
    measures = (found.auroc, found.calibration_slope, found.log_loss)
    return ("seed", "held-out patients", *(estimable(sd, 4) for sd in measures), f"{found.networks} networks")


def _of_split(found: VarianceSplit) -> list[Row]:
    folds = f"{found.folds} folds"
    sources = [
        ("seed", "folds left out", found.seed, f"{found.networks} networks in {folds}"),
        ("fold", "folds left out", found.fold, folds),
    ]
    if found.setting is not None:
        tried = f"{found.settings} settings in {found.rotations} rotations, {folds}"
        sources.append(("setting", "choosing patients", found.setting, tried))
    return [(source, judged, "", "", _sd(variance), basis) for source, judged, variance, basis in sources]


def _sd(variance: float) -> str:
    return decimal(sqrt(variance), 4) if variance > 0 else "none"
