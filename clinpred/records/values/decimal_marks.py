"""Which mark is the decimal mark: shown by a column's own numbers, else by the file's other numbers, else asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clinpred.records.values.cells import Cells
from clinpred.records.values.numbers import Decimal, NumberText

_THE_DECIMAL_MARK = "--decimal comma or --decimal point"


@dataclass(frozen=True)
class FileMarks:
    """What the file says of its decimal mark as a whole.

    Parameters
    ----------
    shown : frozenset of {"point", "comma"}
        The marks that some column shows beyond doubt.
    comma_delimited : bool
        Whether commas stand between the cells: the decimal mark is then the point unless a column shows the comma.
    asked : {"point", "comma"}, optional
        What the analyst decided.
    """

    shown: frozenset[str]
    comma_delimited: bool
    asked: Decimal | None = None

    @property
    def contradicts_comma(self) -> bool:
        """Whether a decimal comma is out of place: commas part the cells, and other columns have decimal points."""
        return self.comma_delimited and "point" in self.shown and self.asked != "comma"

    @property
    def is_supposed(self) -> bool:
        """Whether nothing but the commas between the cells tells the decimal mark of ``"1,234"``."""
        return self.comma_delimited and self.asked is None and not self.shown

    def settle(self) -> Decimal | None:
        """Return the mark for numbers that can be read either way, or None where it has to be asked."""
        if self.asked is not None:
            return self.asked
        if len(self.shown) == 1:
            mark: Decimal = "comma" if "comma" in self.shown else "point"
            return None if mark == "comma" and self.comma_delimited else mark
        return "point" if self.comma_delimited and not self.shown else None


def shown_mark(numbers: Iterable[NumberText]) -> str | None:
    """Return the one decimal mark that a column's numbers show beyond doubt, None where they show none or both."""
    marks = {number.mark for number in numbers} & {"point", "comma"}
    return str(next(iter(marks))) if len(marks) == 1 else None


def decide_decimal(cells: Cells, numbers: Mapping[str, NumberText], file: FileMarks) -> Decimal | None:
    """Return the decimal mark for the column's numbers that can be read either way; None where no number needs it.

    Raises
    ------
    InputRefused
        E-DECIMAL-AMBIGUOUS: nothing settles it.
    """
    points = any(number.mark == "point" for number in numbers.values())
    commas = any(number.mark == "comma" for number in numbers.values())
    if points and commas:
        return _of_a_mixture(cells, numbers, file)
    if commas and file.contradicts_comma:
        raise _ambiguous(cells, {text for text, number in numbers.items() if number.mark == "comma"})
    either = {text for text, number in numbers.items() if number.mark.startswith("either")}
    if not either:
        return None
    own: Decimal | None = "point" if points else "comma" if commas else None
    if own is not None and file.asked is not None and file.asked != own:
        raise _ambiguous(cells, either)
    both_marks = len({numbers[text].mark for text in either}) > 1
    mark = own or (file.asked if both_marks else file.settle())
    if mark is None:
        raise _ambiguous(cells, either)
    return mark


def _of_a_mixture(cells: Cells, numbers: Mapping[str, NumberText], file: FileMarks) -> Decimal | None:
    """Both marks are decimal marks here, so that none of them can hold thousands apart."""
    doubtful = {text for text, number in numbers.items() if number.mark.startswith("either") or number.grouped}
    if doubtful and (file.asked is None or any(numbers[text].grouped for text in doubtful)):
        raise _ambiguous(cells, doubtful)
    return file.asked


def _ambiguous(cells: Cells, values: set[str]) -> Exception:
    return cells.refuse(
        "E-DECIMAL-AMBIGUOUS",
        values,
        "a number with either a decimal mark or thousands kept apart",
        expected="numbers that can be read one way only, or the decimal mark named",
        to_fix=f"name the decimal mark with {_THE_DECIMAL_MARK}",
    )
