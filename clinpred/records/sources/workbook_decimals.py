"""Decimal marks in a workbook: a cell of a number has none to argue about, a number kept as text may have."""

import re
from collections.abc import Sequence

from clinpred.errors import InputRefused
from clinpred.records.sources.workbook_grid import NUMBER, TEXT
from clinpred.records.text.headers import Named
from clinpred.records.values.numbers import Decimal, read_number
from clinpred.settings.counts import counted

_EITHER = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_NUMERIC = {"number", "censored", "spelling"}


def settle_decimals(named: Named, kinds: Sequence[bytes], asked: Decimal | None, file: str) -> list[Sequence[str]]:
    """Return the columns with cells of numbers written so that they read one way, as 1.2340 where 1.234 could be 1234.

    Only columns that show their decimal mark nowhere else are written so.

    Raises
    ------
    InputRefused
        E-DECIMAL-AMBIGUOUS: numbers kept as text that could be read either way. What the workbook's own numbers look
        like says nothing about them.
    """
    columns = list(named.columns)
    doubtful: dict[str, int] = {}
    for at, (name, texts, of_cells) in enumerate(zip(named.names, columns, kinds, strict=True)):
        in_text = _texts(texts, of_cells) if TEXT in of_cells else set()
        if in_text and any(read_number(text).kind not in _NUMERIC for text in in_text):
            continue
        either = {text for text in in_text if _EITHER.fullmatch(text)}
        if either and not _shows_mark(in_text):
            doubtful[name] = sum(kind == TEXT and text in either for text, kind in zip(texts, of_cells, strict=True))
        if NUMBER in of_cells and (asked == "comma" or not _shows_point(texts, of_cells)):
            columns[at] = _beyond_doubt(texts, of_cells)
    if doubtful and asked is None:
        raise _ambiguous(doubtful, file)
    return columns


def _texts(texts: Sequence[str], kinds: bytes) -> set[str]:
    return {text for text, kind in zip(texts, kinds, strict=True) if kind == TEXT}


def _shows_mark(texts: set[str]) -> bool:
    return any(read_number(text).mark in {"point", "comma"} for text in texts)


def _shows_point(texts: Sequence[str], kinds: bytes) -> bool:
    cells = zip(texts, kinds, strict=True)
    return any(kind == NUMBER and "." in text and not _EITHER.fullmatch(text) for text, kind in cells)


def _beyond_doubt(texts: Sequence[str], kinds: bytes) -> tuple[str, ...]:
    cells = zip(texts, kinds, strict=True)
    return tuple(
        f"{text}0" if kind == NUMBER and "." in text and _EITHER.fullmatch(text) else text for text, kind in cells
    )


def _ambiguous(doubtful: dict[str, int], file: str) -> InputRefused:
    name, count = next(iter(doubtful.items()))
    more = f", and {counted(len(doubtful) - 1, 'column')} more like it" if len(doubtful) > 1 else ""
    return InputRefused(
        "E-DECIMAL-AMBIGUOUS",
        f"{file}: column `{name}` keeps {counted(count, 'number')} as text, with either a decimal mark or thousands "
        f"kept apart{more}",
        expected="cells of numbers, or the decimal mark named",
        to_fix="name the decimal mark with --decimal comma or --decimal point, or turn the cells into numbers",
    )
