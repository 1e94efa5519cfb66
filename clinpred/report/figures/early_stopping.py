"""Early stopping: how the losses of the search's networks went, epoch by epoch, and how long the final ones trained."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from clinpred.report.contents import ModelResults, Results
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.pairs import HELD_OUT
from clinpred.report.figures.palette import DASHED, INK, MODEL_1, MODEL_2, MUTED, PAPER, SOLID, Look
from clinpred.report.figures.sheet import WIDTH, Sheet, drawn, key_above
from clinpred.report.numbers import decimal, listed, with_interval
from clinpred.report.training_contents import GridPoint, Training, TrainingMember

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TOP, _TALL, _GAP, _LOW = 44.0, 190.0, 62.0, 96.0
_LEARNING, _STOPPING, _OTHERS = (
    Look(MODEL_2, DASHED, width=1.2),
    Look(MODEL_1, SOLID, width=1.4),
    Look(MUTED, SOLID, 0.6),
)
Network = tuple[ModelResults, Training]
Setting = tuple[list[int], float, float]


def draw_early_stopping(results: Results) -> Figure | None:
    """Draw the search of the stopped networks, and the training of the one that nothing stopped."""
    networks = [(model, model.training) for model in results.models.values() if model.training is not None]
    stopped = next((network for network in networks if _was_stopped(network[1])), None)
    if stopped is None:
        return None
    unstopped = next((network for network in networks if not _was_stopped(network[1])), None)
    height = _TOP + _TALL + 40 + (_GAP - 40 + _LOW + 40 if unstopped else 0)
    return drawn(_wording(stopped, unstopped), height=height, paint=lambda sheet: _paint(sheet, stopped, unstopped))


def _was_stopped(training: Training) -> bool:
    return any(member.stopping for member in training.members)


def _of(training: Training, chosen_by: str) -> list[TrainingMember]:
    return [member for member in training.members if member.chosen_by == chosen_by]


def _setting(of: TrainingMember | GridPoint) -> Setting:
    return of.hidden, of.l2, of.dropout


def _of_chosen_setting(training: Training) -> list[TrainingMember]:
    """Return the networks of the search, one a rotation, of the setting that was taken."""
    chosen = _setting(training.chosen)
    return [member for member in _of(training, "search") if _setting(member) == chosen]


def _other_settings(training: Training) -> list[list[float]]:
    """Return of each other setting the mean stopping loss over its rotations, while all of its networks trained."""
    chosen = _setting(training.chosen)
    searched = sorted((one for one in _of(training, "search") if _setting(one) != chosen), key=_setting)
    return [
        [sum(losses) / len(losses) for losses in zip(*(member.stopping for member in members), strict=False)]
        for _, members in groupby(searched, key=_setting)
    ]


def _paint(sheet: Sheet, stopped: Network, unstopped: Network | None) -> None:
    entries = [("stopping patients", _STOPPING), ("learning", _LEARNING)]
    key_above(sheet, [*entries, ("other settings", _OTHERS)] if _other_settings(stopped[1]) else entries)
    axes = sheet.panel(left=48, top=_TOP, width=WIDTH - 60, height=_TALL)
    _paint_stopped(axes, stopped[1])
    _label(axes, stopped[0])
    _paint_final_epochs(axes, stopped[1].epochs)
    if unstopped is not None:
        axes = sheet.panel(left=48, top=_TOP + _TALL + _GAP, width=WIDTH - 60, height=_LOW)
        for member in unstopped[1].members:
            _line(axes, member.learning, _LEARNING, every=member.every)
        axes.set_ylim(bottom=0)
        _label(axes, unstopped[0])


def _paint_stopped(axes: "Axes", training: Training) -> None:
    for losses in _other_settings(training):
        _line(axes, losses, _OTHERS)
    members = _of_chosen_setting(training)
    for member in members:
        _line(axes, member.learning, _LEARNING)
        _line(axes, member.stopping, _STOPPING)
    for member in members:
        restored, stopped = member.restored_epoch, member.stopped_epoch
        axes.plot(restored, member.stopping[restored - 1], "o", color=MODEL_1, markeredgecolor=PAPER, markersize=6)
        axes.plot(stopped, member.stopping[-1], "x", color=INK, markersize=5)


def _paint_final_epochs(axes: "Axes", epochs: int) -> None:
    """Rule off the epochs of the final networks, named to the right, where the curves are low, if there is room."""
    axes.axvline(epochs, color=INK, linewidth=0.8)
    to_the_left = epochs > 2 / 3 * axes.get_xlim()[1]
    axes.annotate(
        f"final: {epochs} epochs",
        (epochs, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-4 if to_the_left else 4, -6),
        textcoords="offset points",
        horizontalalignment="right" if to_the_left else "left",
        verticalalignment="top",
    )


def _line(axes: "Axes", losses: Sequence[float], look: Look, *, every: int = 1) -> None:
    epochs = [every * place for place in range(1, len(losses) + 1)]
    axes.plot(epochs, losses, color=look.colour, linestyle=look.dash, linewidth=look.width)


def _label(axes: "Axes", model: ModelResults) -> None:
    axes.set_title(model.title, loc="left", fontsize=11.5, pad=4)
    axes.set(xlabel="Epoch", ylabel="Log loss")
    axes.set_xlim(left=0)
    axes.locator_params(axis="both", nbins=5)
    axes.grid(visible=True)


def _wording(stopped: Network, unstopped: Network | None) -> Wording:
    networks = [stopped, *([unstopped] if unstopped else [])]
    return Wording(
        id="early_stopping",
        title=_title(stopped[1], unstopped),
        caption=" ".join([_search_caption(*stopped), *([_unstopped_caption(*unstopped)] if unstopped else [])]),
        description=" ".join([_search_described(*stopped), *([_unstopped_described(*unstopped)] if unstopped else [])]),
        table=_table(networks),
    )


def _title(training: Training, unstopped: Network | None) -> str:
    best = _epochs([member.restored_epoch for member in _of_chosen_setting(training)])
    chosen = "chosen" if len(training.grid) > 1 else "given"
    title = (
        f"Networks of the {chosen} setting were best at {best}, and the final ones were trained for {training.epochs}"
    )
    if unstopped is None:
        return title
    model, unregularised = unstopped
    loss = _loss(unregularised.members[-1].kept_loss)
    held_out = f", to give {_held_out_loss(model)} on held-out patients" if HELD_OUT in model.performance else ""
    return f"{title}; unregularised, the loss fell to {loss} on the patients learnt from{held_out}"


def _search_caption(model: ModelResults, training: Training) -> str:
    folds, others = len(training.fold_patients), len(training.grid) - 1
    taken = training.chosen
    units = listed([str(units) for units in taken.hidden])
    chosen = f"{units} hidden units, L2 {taken.l2:g}, dropout {taken.dropout:g}"
    choosing = f"chose among {others + 1} settings; chosen: {chosen}" if others else f"judged them; given: {chosen}"
    grey = f" Thin grey: the {others} other settings, mean over rotations while all networks trained." if others else ""
    return (
        f"{model.title}: {training.patients:,} development patients in {folds} folds. In each of {training.rotations} "
        f"rotations networks learnt from {folds - 2} folds, one stopped them, and the last {choosing}. Mean log loss "
        "after each epoch, without dropout and penalty. Dot: the epoch whose weights were kept. Cross: where training "
        f"stopped.{grey} Rule: epochs of the final networks, which learnt from all folds. No intervals."
    )


def _unstopped_caption(model: ModelResults, training: Training) -> str:
    ended = f"{model.title}: learnt from all {training.patients:,} patients"
    if training.at_floor is False:
        last = training.members[-1].stopped_epoch
        return f"{ended}; after {last:,} epochs, the most allowed, its loss was not yet at its floor."
    return f"{ended}{' until the loss fell no further' if training.at_floor else ''}."


def _held_out_loss(model: ModelResults) -> str:
    return with_interval(model.performance[HELD_OUT].log_loss, "log_loss")


def _epochs(epochs: Sequence[int]) -> str:
    return f"epoch {epochs[0]}" if len(set(epochs)) == 1 else f"epochs {min(epochs)} to {max(epochs)}"


def _search_described(model: ModelResults, training: Training) -> str:
    rotations = "; ".join(_rotation_described(member) for member in _of_chosen_setting(training))
    final = ", ".join(decimal(member.kept_loss, 3) for member in _of(training, "final"))
    others = len(training.grid) - 1
    behind = f" Behind them the mean stopping loss of {others} other settings." if others else ""
    return (
        f"{model.title}, the setting of the final networks: {rotations}.{behind} A vertical rule at epoch "
        f"{training.epochs}, for which the final networks were trained, to a learning loss of {final}."
    )


def _rotation_described(member: TrainingMember) -> str:
    kept = member.restored_epoch - 1
    return (
        f"rotation {member.rotation} learning loss {decimal(member.kept_loss, 3)} and stopping loss "
        f"{decimal(member.stopping[kept], 3)} at epoch {member.restored_epoch}, stopped at epoch {member.stopped_epoch}"
    )


def _unstopped_described(model: ModelResults, training: Training) -> str:
    losses = "; ".join(
        f"learning loss from {decimal(member.learning[0], 3)} at epoch {member.every} to {_loss(member.kept_loss)} at "
        f"epoch {member.restored_epoch:,}"
        for member in training.members
    )
    return f"{model.title}: {losses}."


def _loss(loss: float) -> str:
    """Return a loss as it is written; one learnt to the end is not called nothing."""
    return decimal(loss, 3) if loss >= 0.0005 else "below 0.001"


def _table(networks: Sequence[Network]) -> FigureTable:
    header = (
        "model", "network", "hidden units", "L2", "dropout", "stopped epoch", "kept epoch",
        "learning loss at kept epoch", "stopping loss at kept epoch", "choosing loss at kept epoch",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (model.title, *_member_row(member)) for model, training in networks for member in training.members
    ]
    return FigureTable(header, rows)


def _member_row(member: TrainingMember) -> tuple[Cell, ...]:
    name = member.label if member.rotation is None else f"rotation {member.rotation}"
    setting = ("-".join(map(str, member.hidden)), member.l2, member.dropout)
    stopping = member.stopping[member.restored_epoch - 1] if member.stopping else None
    losses = (member.kept_loss, stopping, member.choosing)
    return (name, *setting, member.stopped_epoch, member.restored_epoch, *losses)
