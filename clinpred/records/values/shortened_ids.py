"""Ids that Excel took for large numbers and shortened, such as ``4.50E+11``: their last digits are lost."""

import re

from clinpred.records.findings import Finding
from clinpred.records.id_names import looks_like_id
from clinpred.records.values.cells import Cells, counted

# Excel writes the sign and two digits; the lower case, or no sign, is of other programs, and of codes such as 12E03.
_SHORTENED = re.compile(r"[1-9](?:[.,](?P<decimals>[0-9]+))?E\+(?P<exponent>[0-9]{2})")
# Excel shortens numbers of twelve digits on; of measurements, cells in a litre come up to it.
_FEWEST_DIGITS = 13
_FEWEST_VALUES = 10


def shortened_ids(cells: Cells) -> list[Finding]:
    """Return the finding that ids of a column were shortened (W-ID-DIGITS): told by its name, or by their length.

    Parameters
    ----------
    cells : Cells
        A column; of one without the name of an id, all values must be shortened numbers of 13 digits or more.
    """
    n_digits = {text: _n_digits(text) for text in cells.counts}
    shortened = {text for text, count in n_digits.items() if count}
    if not shortened or not (looks_like_id(cells.column) or _are_all_long(list(n_digits.values()))):
        return []
    count = cells.total(shortened)
    what = f"column `{cells.column}`: {counted(count, 'long number')} shortened by Excel, whose last digits are lost"
    advice = "export the column as text from the source: as they are, different patients can have one id"
    return [Finding("W-ID-DIGITS", "serious", what, advice, count, cells.column)]


def _are_all_long(n_digits: list[int]) -> bool:
    return len(n_digits) >= _FEWEST_VALUES and min(n_digits) >= _FEWEST_DIGITS


def _n_digits(text: str) -> int:
    """Return how many digits a shortened number had, 0 for another text and for a number that lost none."""
    found = _SHORTENED.fullmatch(text) if "E+" in text else None
    if found is None or len(found["decimals"] or "") >= int(found["exponent"]):
        return 0
    return int(found["exponent"]) + 1
