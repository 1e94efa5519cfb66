"""Cells in which a spreadsheet showed ``########`` because the column was too narrow: the value is lost."""

import re
from collections.abc import Mapping

from clinpred.records.id_names import looks_like_id
from clinpred.records.values.cells import Cells
from clinpred.records.values.dates import DateText
from clinpred.records.values.numbers import NumberText

_OVERFLOW = re.compile("#{3,}")
_MOSTLY = 0.5


def refuse_overflow(cells: Cells, numbers: Mapping[str, NumberText], dates: Mapping[str, DateText]) -> None:
    """Refuse a column of numbers, dates or ids in which cells hold nothing but number signs; in prose they are prose.

    Raises
    ------
    InputRefused
        E-NUMBER.
    """
    lost = {text for text in cells.counts if text[0] == "#" and _OVERFLOW.fullmatch(text)}
    if not lost:
        return
    n_known = sum(
        count
        for text, count in cells.counts.items()
        if text in dates or (text in numbers and numbers[text].kind in {"number", "censored", "spelling"})
    )
    n_others = cells.n_present - cells.total(lost)
    if looks_like_id(cells.column) or n_known >= _MOSTLY * n_others:
        raise cells.refuse(
            "E-NUMBER",
            lost,
            "a row of # signs, which a spreadsheet shows where a column is too narrow",
            expected="the numbers or dates themselves",
            to_fix="widen the column in the spreadsheet and export again",
        )
