"""Lines that no usual mark parts: whether single blanks part them into cells, or whether they are one column."""

import re
from collections import Counter

from clinpred.records.text.row_shapes import looks_like_number
from clinpred.records.values.dates import read_date
from clinpred.records.values.numbers import read_number

# With fewer, lines of as many words are no sign that blanks part them.
_FEWEST_LINES = 5
_NEARLY_ALL = 0.9
_MARKS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')
_QUOTED_SIDE_BY_SIDE = re.compile(r'"[^"]*"(?: "[^"]*")+')


def has_quoted_names(lines: list[str]) -> bool:
    """Whether the first line is of quoted names with single blanks between, as R's ``write.table`` writes them.

    Examples
    --------
    >>> has_quoted_names(['"id" "age at entry"', '1 61']), has_quoted_names(['"id, age"', '"1, 61"'])
    (True, False)
    """
    return bool(_QUOTED_SIDE_BY_SIDE.fullmatch(next(filter(None, lines), "").rstrip()))


def are_parted_by_blanks(lines: list[str]) -> bool:
    """Whether single blanks part all lines into as many cells, and some column is of numbers, so that it is no prose.

    The first line may lack one name: that of the rows' numbers. A number and its unit, or a day and its time, are one
    cell.

    Examples
    --------
    >>> rows = [f"{row} {60 + row} ward" for row in range(5)]
    >>> are_parted_by_blanks(["id age place", *rows]), are_parted_by_blanks(["age place", *rows])
    (True, True)
    >>> are_parted_by_blanks(["weight", *(f"{row} kg" for row in range(5))])
    False
    """
    filled = [line.rstrip() for line in lines if line.strip()]
    if len(filled) <= _FEWEST_LINES:
        return False
    header, *rows = (line.split(" ") for line in filled)
    width = len(rows[0])
    if width < 2 or len(header) not in {width, width - 1} or not all(len(row) == width for row in rows):
        return False
    if not all(map(all, rows)) or not all(header) or all(map(_is_one_value, filled[1:])):
        return False
    return any(all(map(looks_like_number, column)) for column in zip(*rows, strict=True))


def seem_parted(lines: list[str]) -> bool:
    """Whether lines that were read as one column seem to hold several.

    Nearly all lines, the first among them, hold equally many commas, semicolons, tabs or bars, or blanks, two or more;
    or all hold equally many of another sign.

    Examples
    --------
    >>> seem_parted(["id,age", "1,61"]), seem_parted(["remark", "a, b", "c, d"]), seem_parted(["ward", "B2"])
    (True, False, False)
    """
    filled = [line for line in lines if line.strip()]
    if len(filled) > 1 and any(_stands_alike(filled, mark, fewest=1) for mark in _MARKS):
        return True
    if len(filled) < _FEWEST_LINES:
        return False
    if _stands_alike(filled, " ", fewest=2):
        return True
    signs = Counter(sign for sign in filled[0] if not (sign.isalnum() or sign in " _-.\"'"))
    marks = [sign for sign, count in signs.items() if count > 1]
    return any(all(line.count(mark) == filled[0].count(mark) for line in filled) for mark in marks)


def _is_one_value(line: str) -> bool:
    return read_number(line).kind in {"number", "censored"} or read_date(line) is not None


def _stands_alike(lines: list[str], mark: str, *, fewest: int) -> bool:
    in_first = _n_marks(lines[0], mark)
    counts = Counter(_n_marks(line, mark) for line in lines[1:])
    commonest, n_lines = counts.most_common(1)[0]
    in_all = n_lines >= _NEARLY_ALL * counts.total()
    return in_all and commonest >= fewest and in_first > 0 and abs(in_first - commonest) <= 1


def _n_marks(line: str, mark: str) -> int:
    return len(line.split()) - 1 if mark == " " else _QUOTED.sub("", line).count(mark)
