"""Dates that cannot be: discharge before admission, care before birth or after death, days far in the future."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import InputRefused
from clinpred.records.audit.column_words import column_words
from clinpred.records.audit.date_names import date_kind
from clinpred.records.audit.future_values import days
from clinpred.records.findings import Finding
from clinpred.records.read import Export

Days = NDArray[np.datetime64]

_FEW = 0.01
# Registries enter patients, pathologists diagnose and laboratories sample after death as well.
_BEFORE = {
    "birth": {"admission", "discharge", "diagnosis", "surgery", "visit", "sample", "death"},
    "admission": {"discharge", "death"},
    "discharge": {"death"},
    "surgery": {"death"},
    "visit": {"death"},
}
# Who is discharged because of death may be so some days later on paper.
_PAPER_DAYS = {("discharge", "death"): 7}
# Where mothers are the patients, "birth" is that of the child.
_OBSTETRIC = re.compile(
    r"pregnan(cy|t)|gestation(al)?|maternal|mother|delivery|parity|gravidity|obstetric|newborn|neonatal|child"
    r"|schwangerschaft|geburtsgewicht|grossesse|embarazo|gravidanza|mere|mutter|madre"
)
_PLANNED = re.compile(r"planned|scheduled|next|due|expir(y|es|ation)|valid|until|geplant|prevu")
_STAND_INS = np.array(
    ["1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01", "2099-12-31", "9999-12-31"],
    dtype="datetime64[D]",
)
_FAR_DAYS = 3653
_FEWEST_DATES = 20


@dataclass(frozen=True)
class _Pair:
    earlier: str
    later: str
    allowed: int = 0


def date_order_findings(export: Export, columns: Sequence[str] | None = None) -> list[Finding]:
    """Return W-DATE-ORDER for each pair of dates in an order that cannot be, and for dates far after all others.

    Only columns whose names leave no doubt are compared: birth before all else, admission before the discharge of the
    same stay, care before death (a discharge may follow death by a week, on paper). Days that stand for "unknown",
    such as 1900-01-01, are left out. A date is far after all others where at least ten years without any date lie
    before it and at most 1 % of the dates (or one) lie beyond; the clock is not consulted.

    Parameters
    ----------
    export : Export
        The export.
    columns : sequence of str, optional
        The columns to look at; all by default.

    Raises
    ------
    InputRefused
        E-DATE-ORDER: the order is wrong in more than 1 % of the rows with both dates.
    """
    known = [name for name in (export.types if columns is None else columns) if export.types[name] == "date"]
    dates = {name: _without_stand_ins(days(export, name)) for name in known}
    found = [_order(export.name, pair, dates) for pair in _pairs(known, list(export.types))]
    return [*(finding for finding in found if finding), *_far_future(dates)]


def _pairs(names: Sequence[str], all_columns: Sequence[str]) -> Iterator[_Pair]:
    known = [(name, found) for name in names if (found := date_kind(name)) is not None]
    mothers = any(_OBSTETRIC.fullmatch(word) for name in all_columns for word in column_words(name))
    for earlier, (kind, which) in known:
        for later, (later_kind, later_which) in known:
            if later_kind not in _BEFORE.get(kind, ()) or (mothers and kind == "birth"):
                continue
            if _of_one_patient(kind, which, later_kind, later_which):
                yield _Pair(earlier, later, _PAPER_DAYS.get((kind, later_kind), 0))


def _of_one_patient(kind: str, which: tuple[str, ...], later_kind: str, later_which: tuple[str, ...]) -> bool:
    """Birth and death must be the patient's, not a mother's; admission and discharge those of the same stay."""
    if later_kind == "death":
        return not later_which and (kind != "birth" or not which)
    return not which if kind == "birth" else which == later_which


def _order(source: str, pair: _Pair, dates: dict[str, Days]) -> Finding | None:
    earlier, later = dates[pair.earlier], dates[pair.later]
    both = ~np.isnat(earlier) & ~np.isnat(later)
    wrong = int(np.sum(earlier[both] > later[both] + pair.allowed))
    if not wrong:
        return None
    days_after = f" by more than {pair.allowed} days" if pair.allowed else ""
    where = f"{wrong} of {both.sum()} rows"
    what = f"`{pair.later}` lies before `{pair.earlier}`{days_after} in {where}"
    if wrong > _FEW * both.sum():
        raise InputRefused(
            "E-DATE-ORDER",
            f"{source}: {what}",
            expected=f"`{pair.earlier}` first, in at least {1 - _FEW:.0%} of the rows",
            to_fix="correct the dates in the export; check the order of day and month (--date-order); or remove one of "
            "the columns (--drop)",
        )
    return Finding("W-DATE-ORDER", "caution", what, "correct these rows in the export", wrong, pair.later)


def _far_future(dates: dict[str, Days]) -> list[Finding]:
    planned = {name for name in dates if any(_PLANNED.fullmatch(word) for word in column_words(name))}
    dates = {name: one for name, one in dates.items() if name not in planned}
    every = np.sort(np.concatenate([one[~np.isnat(one)] for one in dates.values()] or [_STAND_INS[:0]]))
    if every.size < _FEWEST_DATES:
        return []
    last = every[-1 - max(1, int(_FEW * every.size)) :]
    gaps = np.flatnonzero(np.diff(last).astype(np.int64) >= _FAR_DAYS)
    if not gaps.size:
        return []
    limit = last[gaps[0]]
    counts = {name: int(np.sum(one[~np.isnat(one)] > limit)) for name, one in dates.items()}
    return [
        Finding(
            "W-DATE-ORDER",
            "caution",
            f"`{name}` lies ten years or more after nearly all dates of the export in {count} "
            f"{'row' if count == 1 else 'rows'}",
            "correct the year in the export",
            count,
            name,
        )
        for name, count in counts.items()
        if count
    ]


def _without_stand_ins(values: Days) -> Days:
    return np.where(np.isin(values, _STAND_INS), np.datetime64("NaT", "D"), values)
