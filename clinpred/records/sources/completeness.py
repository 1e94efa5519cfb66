"""Whether a statistical file is whole, where the library that reads it does not look."""

import re
import struct

_RECORD = 80
_XPT_TABLE = re.compile(rb"HEADER RECORD\*{7}(?:MEMBER  |MEMBV8  )HEADER RECORD!{7}")
_XPT_ROWS = re.compile(rb"HEADER RECORD\*{7}(?:OBS     |OBSV8   )HEADER RECORD!{7}(?P<count>.{15})", re.DOTALL)
_STATA_TAG = b"</stata_dta>"
_STATA_WIDTHS = {251: 1, 252: 2, 253: 4, 254: 4, 255: 8}
_SAV_LAYOUT, _SAV_COLUMNS = 64, 176
_SAV_TEXTS = {1, 2}
_STATA_NAME, _STATA_HEADER, _STATA_LABEL = 33, 109, 81


def n_xpt_tables(content: bytes) -> int:
    """Return how many tables a SAS transport file holds."""
    return sum(found.start() % _RECORD == 0 for found in _XPT_TABLE.finditer(content))


def is_whole_xpt(content: bytes, *, n_rows: int, row_width: int) -> bool:
    """Whether a SAS transport file ends where a row ends, filled up with blanks to a whole record.

    Version 5 does not say how many rows there are, so that one that is cut between two rows and two records passes.
    """
    start = next((found for found in _XPT_ROWS.finditer(content) if found.start() % _RECORD == 0), None)
    if start is None or len(content) % _RECORD:
        return False
    rows = content[start.start() + _RECORD :]
    stated = start["count"].strip()
    if stated.isdigit() and int(stated) and int(stated) != n_rows:
        return False
    return len(rows) >= n_rows * row_width and not rows[n_rows * row_width :].strip(b" ")


def is_whole_dta(content: bytes) -> bool:
    """Whether a Stata file ends with its closing tag or, in the form of Stata 8 to 12, with a whole set of labels."""
    if content[:1] == b"<":
        return content.rstrip().endswith(_STATA_TAG)
    try:
        return _walk_labels(content, _start_of_labels(content)) == len(content)
    except (struct.error, IndexError, KeyError):
        return False


def has_sound_sav_columns(content: bytes) -> bool:
    """Whether the lists of columns and of value labels of an SPSS file (.sav, .zsav) hang together.

    A text of n bytes takes one record of eight bytes after the other, each of which is listed; a set of labels names
    the columns it is of. The library that reads such files ends the whole process where it is not so.
    """
    try:
        order = "<" if int(struct.unpack_from("<i", content, _SAV_LAYOUT)[0]) in {2, 3} else ">"
        n_columns, at = _walk_sav_columns(content, order)
        return n_columns > 0 and _are_sound_sav_labels(content, order, at, n_columns=n_columns)
    except struct.error:
        return False


def _walk_sav_columns(content: bytes, order: str) -> tuple[int, int]:
    """Return the number of records of columns and where they end; no record where they do not hang together."""
    count, at, owed = 0, _SAV_COLUMNS, 0
    while True:
        kind, width, has_label, n_missing = (int(each) for each in struct.unpack_from(f"{order}4i", content, at))
        if kind != 2:
            return (0 if owed else count), at
        formats = (int(each) >> 16 & 0xFF for each in struct.unpack_from(f"{order}2i", content, at + 16))
        if (width == -1) != (owed > 0) or not _fits(width, *formats):
            return 0, at
        owed = owed - 1 if width == -1 else max(0, -(-width // 8) - 1)
        count, at = count + 1, at + 32
        if has_label:
            at += 4 + _padded(int(struct.unpack_from(f"{order}I", content, at)[0]), 4)
        at += 8 * abs(n_missing)


def _fits(width: int, printed: int, written: int) -> bool:
    """Whether texts (of up to 255 bytes) have a format of texts, or none, and numbers (of width 0) one of numbers."""
    if width == -1:
        return True
    allowed = _SAV_TEXTS | {0} if width else set(range(256)) - _SAV_TEXTS
    return 0 <= width <= 255 and {printed, written} <= allowed


def _are_sound_sav_labels(content: bytes, order: str, at: int, *, n_columns: int) -> bool:
    while int(struct.unpack_from(f"{order}i", content, at)[0]) == 3:
        n_labels = int(struct.unpack_from(f"{order}I", content, at + 4)[0])
        at += 8
        for _ in range(n_labels):
            at += 8 + _padded(1 + int(struct.unpack_from("B", content, at + 8)[0]), 8)
        kind, n_named = (int(each) for each in struct.unpack_from(f"{order}iI", content, at))
        if kind != 4 or n_named > n_columns:
            return False
        if not all(1 <= named <= n_columns for named in struct.unpack_from(f"{order}{n_named}I", content, at + 8)):
            return False
        at += 8 + 4 * n_named
    return True


def _padded(length: int, to: int) -> int:
    return -(-length // to) * to


def _start_of_labels(content: bytes) -> int:
    """Return where the rows end: behind the header, the lists of names, types and formats, and the notes."""
    order = ">" if content[1] == 1 else "<"
    n_columns, n_rows = (int(count) for count in struct.unpack_from(f"{order}HI", content, 4))
    types = content[_STATA_HEADER : _STATA_HEADER + n_columns]
    width_of_format = 49 if content[0] >= 114 else 12
    at = _STATA_HEADER + n_columns * (1 + 2 * _STATA_NAME + 2 + width_of_format + _STATA_LABEL) + 2
    while True:
        kind, length = struct.unpack_from(f"{order}BI", content, at)
        at += 5 + int(length)
        if not kind and not length:
            return at + n_rows * sum(each if each <= 244 else _STATA_WIDTHS[each] for each in types)


def _walk_labels(content: bytes, at: int) -> int:
    order = ">" if content[1] == 1 else "<"
    while at < len(content):
        length = int(struct.unpack_from(f"{order}I", content, at)[0])
        at += 4 + _STATA_NAME + 3 + length
    return at
