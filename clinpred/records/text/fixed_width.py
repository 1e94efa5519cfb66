"""Columns of a fixed width: cells stand under their names, with blanks between the columns on every line."""

import numpy as np
from numpy.typing import NDArray

from clinpred.records.text.scanner import Records

_LONGEST = 20_000
_LARGEST_PIECE = 2**22


def fixed_width_records(lines: list[str]) -> Records | None:
    """Return the records of lines whose columns are parted by blanks that stand at the same places on every line.

    None where that does not part the lines, where a column has no name or no value at all, or where tabs stand.

    Examples
    --------
    >>> fixed_width_records(["id   sex", "001  f", "002  m"]).rows
    [['id', 'sex'], ['001', 'f'], ['002', 'm']]
    """
    filled = [line for line in lines if line.strip()]
    if len(filled) < 2 or "  " not in filled[0].strip() or max(map(len, filled)) > _LONGEST:
        return None
    if any("\t" in line for line in filled):
        return None
    spans = _spans(_occupied(filled))
    rows = [[line[start:end].strip() for start, end in spans] if line.strip() else [""] for line in lines]
    table = [row for row, line in zip(rows, lines, strict=True) if line.strip()]
    if len(spans) < 2 or not all(table[0]) or not all(map(any, zip(*table[1:], strict=True))):
        return None
    return Records(rows, range(1, len(lines) + 1), ended=True)


def _occupied(lines: list[str]) -> NDArray[np.bool_]:
    """Return at which places any line has a sign, shape (longest line,)."""
    width = max(map(len, lines))
    occupied = np.zeros(width, dtype=bool)
    n_lines = max(1, _LARGEST_PIECE // width)
    for start in range(0, len(lines), n_lines):
        piece = "".join(line.ljust(width) for line in lines[start : start + n_lines])
        signs = np.frombuffer(piece.encode("utf-32-le"), dtype=np.uint32).reshape(-1, width)
        occupied |= (signs != ord(" ")).any(axis=0)
    return occupied


def _spans(occupied: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], occupied, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
