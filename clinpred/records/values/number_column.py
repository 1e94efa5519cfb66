"""A column of numbers: which columns are one, and what each cell's number is, or why the column is refused."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.values.cells import Cells, counted
from clinpred.records.values.decimal_marks import FileMarks, decide_decimal
from clinpred.records.values.missing_words import is_programs_missing_word, missing_advice, spelled
from clinpred.records.values.numbers import Decimal, NumberText
from clinpred.records.values.sentinels import sentinel_counts, sentinel_findings
from clinpred.records.values.units import display_unit, known_unit

Numbers = Mapping[str, NumberText]
Censored = Literal["limit", "half", "missing"]

_STRAY_WORDS = 0.01
# A laboratory marks with them what is high and low; as units they would be hours and litres.
_FLAGS = {"h", "l"}
_MARKS_OF_IDS = {" ", "'", "."}
_FIX = "correct them in the export, or leave them empty where they are missing"


@dataclass(frozen=True, eq=False)
class NumberColumn:
    """The numbers of a column, NaN where missing, with what was noticed and decided."""

    values: NDArray[np.float64]
    findings: tuple[Finding, ...]
    decisions: Mapping[str, str]


def is_number_column(cells: Cells, numbers: Numbers) -> bool:
    """Whether a column is of numbers: no code and no other text, and stray words in at most 1 % of what is there.

    Where there are no more than two numbers, which may stand for no and yes, a word such as ``unknown`` is an answer.
    """
    tally = tally_kinds(cells, numbers)
    if not tally["number"] and not tally["infinite"]:
        return False
    if tally["code"] or tally["other"]:
        return False
    if tally["word"] > _STRAY_WORDS * (cells.n_present - tally["spelling"]):
        return False
    distinct = {number.digits for number in numbers.values() if number.kind == "number"}
    answers = any(
        number.kind == "word" or (number.kind == "spelling" and not is_programs_missing_word(text))
        for text, number in numbers.items()
    )
    return len(distinct) > 2 or not answers


def tally_kinds(cells: Cells, numbers: Numbers) -> Counter[str]:
    """Return how many cells are of each kind."""
    tally: Counter[str] = Counter()
    for text, number in numbers.items():
        tally[number.kind] += cells.counts[text]
    return tally


def number_column(
    cells: Cells, numbers: Numbers, *, file: FileMarks, censored: Censored | None, unit: str | None
) -> NumberColumn:
    """Return the column's numbers.

    Parameters
    ----------
    cells, numbers : Cells, mapping of str to NumberText
        The column, and what each of its distinct texts says.
    file : FileMarks
        What the file says of its decimal mark.
    censored : {"limit", "half", "missing"}, optional
        What becomes of values such as ``<4.0``.
    unit : str, optional
        The unit that the export gives the column outside its cells.

    Raises
    ------
    InputRefused
        E-NUMBER, E-NOT-FINITE, E-DECIMAL-AMBIGUOUS, E-CENSORED, E-UNITS-MIXED.
    """
    _refuse_what_is_no_number(cells, numbers)
    decimal = decide_decimal(cells, numbers, file)
    measured = {text: number for text, number in numbers.items() if number.kind in {"number", "censored"}}
    findings = [*_missing_words(cells, numbers), *_marks(cells, measured, decimal, is_supposed=file.is_supposed)]
    decisions = {**cells.decisions, **_decimal_decision(measured, decimal)}
    values = {text: number.value(decimal or "point") for text, number in measured.items()}
    limits = {text: number for text, number in measured.items() if number.kind == "censored"}
    if limits:
        values.update(_uncensored(cells, values, limits, chosen=censored))
        findings.append(_censored_finding(cells, limits, str(censored)))
        decisions["censored"] = str(censored)
    shared = _shared_unit(cells, measured, values, unit)
    if shared:
        decisions["unit"] = shared
    findings += _unit_text(cells, measured, shared, outside=unit)
    findings += sentinel_findings(cells, _counted_values(cells, values))
    return NumberColumn(_of_rows(cells, values), tuple(findings), decisions)


def _counted_values(cells: Cells, values: Mapping[str, float]) -> Mapping[float, int]:
    if cells.numbers is not None:
        return sentinel_counts(cells.numbers.values)
    counts: Counter[float] = Counter()
    for text, value in values.items():
        counts[value] += cells.counts[text]
    return counts


def _of_rows(cells: Cells, values: Mapping[str, float]) -> NDArray[np.float64]:
    if cells.numbers is not None:
        return cells.numbers.values
    by_text = {text: values.get(repaired, np.nan) for text, repaired in cells.repaired.items()}
    return cells.texts.coded().spread_numbers(by_text)


def _refuse_what_is_no_number(cells: Cells, numbers: Numbers) -> None:
    infinite = {text for text, number in numbers.items() if number.kind == "infinite"}
    if infinite:
        raise cells.refuse(
            "E-NOT-FINITE", infinite, "not a finite number", expected="numbers within ±1.8e308", to_fix=_FIX
        )
    odd = {text for text, number in numbers.items() if number.kind == "odd"} or _only_groups(numbers)
    if not odd:
        return
    raise cells.refuse(
        "E-NUMBER",
        odd,
        "like a number, written in a way that has no one meaning",
        expected="plain decimal numbers",
        to_fix=f"{_FIX}; --missing {quote(f'{cells.column}=VALUE')} reads a value as missing",
    )


def _only_groups(numbers: Numbers) -> set[str]:
    """Return all numbers where each is of groups of three digits apart by blanks or points, as ids are written too."""
    texts = {text for text, number in numbers.items() if number.kind == "number"}
    of_groups = all(number.grouped and _marks_in(number) in _MARKS_OF_IDS for number in map(numbers.__getitem__, texts))
    return texts if of_groups else set()


def _marks_in(number: NumberText) -> str:
    return "".join(sorted(set(number.digits) - set("0123456789+-")))


def _missing_words(cells: Cells, numbers: Numbers) -> list[Finding]:
    counts = {text: cells.counts[text] for text, number in numbers.items() if number.kind == "spelling"}
    n_stray = sum(cells.counts[text] for text, number in numbers.items() if number.kind == "word")
    parts = [spelled(counts)] if counts else []
    parts += [f"{counted(n_stray, 'other text value')}"] if n_stray else []
    if not parts:
        return []
    what = f"words among its numbers are read as missing ({', '.join(parts)})"
    advice, is_caution = missing_advice(counts)
    count = sum(counts.values()) + n_stray
    return [cells.note("W-NA-SPELLING", what, advice=advice, count=count, caution=is_caution)]


def _marks(cells: Cells, measured: Numbers, decimal: Decimal | None, *, is_supposed: bool) -> list[Finding]:
    shapes: Counter[tuple[str, bool, bool]] = Counter()
    for text, number in measured.items():
        shapes[number.mark, number.grouped, number.unusual] += cells.counts[text]
    commas = _total(shapes, {"comma", "either comma"} if decimal == "comma" else {"comma"})
    points = _total(shapes, {"point", "either point"} if decimal == "point" else {"point"})
    other = {"point": "either comma", "comma": "either point"}.get(str(decimal), "")
    thousands = sum(count for (mark, grouped, _), count in shapes.items() if grouped or mark == other)
    unusual = sum(count for (_, _, unusual), count in shapes.items() if unusual)
    noticed = []
    if commas and points:
        what = f"decimal commas in {counted(commas, 'value')} and decimal points in {points}"
        noticed.append(cells.note("W-DECIMAL-MIXED", what, advice="write one decimal mark", count=commas))
    elif commas:
        what = f"decimal commas in {counted(commas, 'value')}"
        noticed.append(cells.note("W-DECIMAL", what, advice="no action is needed", count=commas))
    if thousands:
        noticed.append(_thousands(cells, thousands, is_supposed=is_supposed))
    if unusual:
        what = f"digits or signs other than 0-9, + and - in {counted(unusual, 'value')}"
        noticed.append(cells.note("W-UNICODE-DIGIT", what, advice="no action is needed", count=unusual))
    return noticed


def _thousands(cells: Cells, count: int, *, is_supposed: bool) -> Finding:
    what = f"thousands kept apart in {counted(count, 'value')}"
    if not is_supposed:
        return cells.note("W-THOUSANDS", what, advice="no action is needed", count=count)
    what = f"commas taken for thousands kept apart in {counted(count, 'value')}, which no other value of the file shows"
    advice = "where they are decimal marks say --decimal comma, else --decimal point"
    return cells.note("W-THOUSANDS", what, advice=advice, count=count, caution=True)


def _total(shapes: Mapping[tuple[str, bool, bool], int], marks: set[str]) -> int:
    return sum(count for (mark, _, _), count in shapes.items() if mark in marks)


def _decimal_decision(measured: Numbers, decimal: Decimal | None) -> dict[str, str]:
    marks = {number.mark for number in measured.values()}
    if {"point", "comma"} <= marks:
        return {"decimal": "mixed"}
    if decimal == "point" and not any(number.grouped for number in measured.values()) and "either comma" not in marks:
        return {}
    mark = decimal or ("comma" if "comma" in marks else None)
    return {"decimal": mark} if mark else {}


def _uncensored(
    cells: Cells, values: Mapping[str, float], limits: Numbers, *, chosen: Censored | None
) -> dict[str, float]:
    """Return what stands for values below or above a limit; half of an upper limit is no value of anyone's."""
    if chosen is None:
        raise cells.refuse(
            "E-CENSORED",
            set(limits),
            "below or above a limit, such as a laboratory's < and >",
            expected="numbers, or the analyst's choice of what stands for them",
            to_fix=f"choose with --censored {quote(f'{cells.column}=limit')}, or =half, or =missing",
        )
    if chosen == "missing":
        return dict.fromkeys(limits, np.nan)
    halved = {text for text, number in limits.items() if number.side == "<" and chosen == "half"}
    return {text: values[text] / 2 if text in halved else values[text] for text in limits}


def _censored_finding(cells: Cells, limits: Numbers, chosen: str) -> Finding:
    count = cells.total(limits)
    read_as = {"limit": "the limit", "half": "half of a lower limit, an upper limit as it is", "missing": "missing"}
    what = f"{counted(count, 'value')} below or above a limit read as {read_as[chosen]}, as was chosen"
    return cells.note("W-CENSORED-VALUES", what, advice="say so where you report", count=count)


def _shared_unit(cells: Cells, measured: Numbers, values: Mapping[str, float], unit: str | None) -> str | None:
    written = {number.unit for number in measured.values() if number.unit}
    outside = (known_unit(f" {unit}") or unit) if unit else None
    bare = {text for text, number in measured.items() if not number.unit}
    letters = {text for text, number in measured.items() if len(number.unit) == 1 and number.unit.isalpha()}
    if letters and (bare or written == _FLAGS):
        raise _flagged(cells, letters)
    if len(written | ({outside} if outside else set())) > 1:
        odd_one = {text for text, number in measured.items() if number.unit}
        raise _mixed_units(cells, odd_one, "written with one of several units")
    fractions = {text for text in bare if 0 < abs(values[text]) <= 1}
    if "%" in written and fractions:
        raise _mixed_units(cells, fractions, "between 0 and 1 without %, among values with %")
    return unit or next((display_unit(each) for each in written), None)


def _mixed_units(cells: Cells, values: set[str], that: str) -> InputRefused:
    to_fix = "convert them in the export, and write the unit in the column's name"
    return cells.refuse("E-UNITS-MIXED", values, that, expected="one unit in a column", to_fix=to_fix)


def _flagged(cells: Cells, values: set[str]) -> InputRefused:
    that = "followed by one letter, a laboratory's flag for high and low (H, L) or a unit"
    to_fix = "put flags into a column of their own in the export, and a unit into the column's name"
    return cells.refuse("E-UNITS-MIXED", values, that, expected="numbers alone, or all with one unit", to_fix=to_fix)


def _unit_text(cells: Cells, measured: Numbers, unit: str | None, *, outside: str | None) -> list[Finding]:
    count = sum(cells.counts[text] for text, number in measured.items() if number.unit)
    if not count:
        return []
    what = f"the unit {unit} taken off {counted(count, 'value')}"
    n_bare = 0 if outside else sum(cells.counts[text] for text, number in measured.items() if not number.unit)
    if not n_bare:
        return [cells.note("W-UNIT-TEXT", what, advice="no action is needed", count=count)]
    what += f"; {counted(n_bare, 'value')} without a unit read as in the same one"
    advice = f"check that all values are in {unit}, and export them with the unit in the column's name"
    return [cells.note("W-UNIT-TEXT", what, advice=advice, count=count, caution=True)]
