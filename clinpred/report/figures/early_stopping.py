"""Early stopping: how the networks' losses went, epoch by epoch, and which epoch they went back to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clinpred.report.contents import ModelResults, Results, Training, TrainingMember
from clinpred.report.figures.figure import Cell, Figure, FigureTable, Wording
from clinpred.report.figures.pairs import HELD_OUT
from clinpred.report.figures.palette import DASHED, INK, MODEL_1, MODEL_2, MUTED, PAPER, SOLID, Look
from clinpred.report.figures.sheet import WIDTH, Sheet, drawn, key_above
from clinpred.report.numbers import decimal, with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TOP, _TALL, _GAP, _LOW = 44.0, 168.0, 62.0, 96.0
_LEARNING, _STOPPING, _SEARCH = (
    Look(MODEL_2, DASHED, width=1.2),
    Look(MODEL_1, SOLID, width=1.4),
    Look(MUTED, SOLID, 0.6),
)
Network = tuple[ModelResults, Training]


def draw_early_stopping(results: Results) -> Figure | None:
    """Draw the training of the stopped networks, and of the one that nothing stopped."""
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


def _paint(sheet: Sheet, stopped: Network, unstopped: Network | None) -> None:
    key_above(sheet, [("stopping patients", _STOPPING), ("learning", _LEARNING), ("search", _SEARCH)])
    axes = sheet.panel(left=48, top=_TOP, width=WIDTH - 60, height=_TALL)
    _paint_stopped(axes, stopped[1])
    _label(axes, stopped[0])
    if unstopped is not None:
        axes = sheet.panel(left=48, top=_TOP + _TALL + _GAP, width=WIDTH - 60, height=_LOW)
        for member in unstopped[1].members:
            _line(axes, member.learning, _LEARNING)
        axes.set_ylim(bottom=0)
        _label(axes, unstopped[0])


def _paint_stopped(axes: "Axes", training: Training) -> None:
    for member in _of(training, "search"):
        _line(axes, member.stopping, _SEARCH)
    for member in _of(training, "final"):
        _line(axes, member.learning, _LEARNING)
        _line(axes, member.stopping, _STOPPING)
        restored, stopped = member.restored_epoch, len(member.stopping)
        axes.plot(restored, member.stopping[restored - 1], "o", color=MODEL_1, markeredgecolor=PAPER, markersize=6)
        axes.plot(stopped, member.stopping[-1], "x", color=INK, markersize=5)


def _line(axes: "Axes", losses: Sequence[float], look: Look) -> None:
    epochs = range(1, len(losses) + 1)
    axes.plot(epochs, losses, color=look.colour, linestyle=look.dash, linewidth=look.width)


def _label(axes: "Axes", model: ModelResults) -> None:
    axes.set_title(model.title, loc="left", fontsize=11.5, pad=4)
    axes.set(xlabel="Epoch", ylabel="Log loss")
    axes.set_xlim(left=0)
    axes.locator_params(axis="both", nbins=5)
    axes.grid(visible=True)


def _wording(stopped: Network, unstopped: Network | None) -> Wording:
    model, training = stopped
    networks = [stopped, *([unstopped] if unstopped else [])]
    return Wording(
        id="early_stopping",
        title=_title(training, unstopped),
        caption=(
            f"{model.title}, development patients only: {training.learning_patients:,} learnt from, "
            f"{training.stopping_patients:,} only for stopping, {training.choosing_patients:,} only for choosing among "
            f"{len(training.grid)} settings; the final networks learn from the choosing patients too. Mean log loss "
            "after each epoch, without dropout and penalty. Dot: the epoch whose weights were kept. Cross: where "
            "training stopped. Thin grey: loss on the stopping patients in the search. No intervals."
        ),
        description=" ".join(_described(one) for one in networks),
        table=_table(networks),
    )


def _title(training: Training, unstopped: Network | None) -> str:
    final = _of(training, "final")
    restored = _range([member.restored_epoch for member in final])
    stopped = _range([member.stopped_epoch for member in final])
    title = f"Training stopped after {stopped} epochs and went back to epoch {restored}"
    if unstopped is None:
        return title
    model, unregularised = unstopped
    loss = decimal(unregularised.members[-1].learning[-1], 3)
    held_out = f", to give {_held_out_loss(model)} on held-out patients" if HELD_OUT in model.performance else ""
    return f"{title}; unregularised, the loss fell to {loss} on the patients learnt from{held_out}"


def _held_out_loss(model: ModelResults) -> str:
    return with_interval(model.performance[HELD_OUT].log_loss, "log_loss")


def _range(epochs: Sequence[int]) -> str:
    return str(epochs[0]) if len(set(epochs)) == 1 else f"{min(epochs)} to {max(epochs)}"


def _described(network: Network) -> str:
    model, training = network
    parts = [_member_described(member) for member in _of(training, "final")]
    return f"{model.title}: {'; '.join(parts)}."


def _member_described(member: TrainingMember) -> str:
    kept = member.restored_epoch - 1
    words = f"{member.label} learning loss {decimal(member.learning[kept], 3)} at epoch {member.restored_epoch}"
    if not member.stopping:
        return words
    return f"{words}, stopping loss {decimal(member.stopping[kept], 3)}, stopped at epoch {member.stopped_epoch}"


def _table(networks: Sequence[Network]) -> FigureTable:
    header = (
        "model", "network", "part of", "L2", "dropout", "stopped epoch", "kept epoch", "learning loss at kept epoch",
        "stopping loss at kept epoch",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (model.title, *_member_row(member)) for model, training in networks for member in training.members
    ]
    return FigureTable(header, rows)


def _member_row(member: TrainingMember) -> tuple[Cell, ...]:
    kept = member.restored_epoch - 1
    settings = (member.label, member.chosen_by, member.l2, member.dropout, member.stopped_epoch, member.restored_epoch)
    return (*settings, member.learning[kept], member.stopping[kept] if member.stopping else None)
