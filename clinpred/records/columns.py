"""Named columns of an export as they enter a cohort or a prediction: present, of their type, within their range."""

import difflib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.read import Export
from clinpred.records.types import PredictorType, is_digits, to_code, to_numbers
from clinpred.settings.cohort import Comparator, Predictor

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
Texts = NDArray[np.object_]
Rows = NDArray[np.bool_]
Range = tuple[float | None, float | None]


def require_columns(export: Export, named: Iterable[str]) -> None:
    """Make sure that the export has every column named.

    Raises
    ------
    InputRefused
        E-MISSING-COLUMN, with the nearest names.
    """
    known = list(export.types)
    absent = [column for column in dict.fromkeys(named) if column not in export.types]
    if not absent:
        return
    lines = [f"{export.name}: there is no column `{column}`{_nearest(column, known)}" for column in absent]
    raise InputRefused(
        "E-MISSING-COLUMN",
        "\n".join(lines),
        expected=f"the columns that the study names, among the {len(known)} of the export",
        to_fix="correct the name in study.toml or on the command line, or export the column",
    )


def predictor_table(export: Export, types: Mapping[str, PredictorType], rows: Rows | None = None) -> "pd.DataFrame":
    """Return the predictors of these rows (by default all), each as its type says.

    Numbers are float64 with NaN. Categories are text with None; a number that stands for a category is written in its
    shortest form, so that ``1`` and ``1.0`` are one category in every export.

    Raises
    ------
    InputRefused
        E-MISSING-COLUMN; E-NUMBER: text where a number is expected; E-LEVELS: values outside the declared levels.
    """
    import pandas as pd

    require_columns(export, types)
    rows = np.ones(len(export.table), dtype=bool) if rows is None else rows
    columns = {
        column: pd.Series(_numbers(export, column, rows))
        if kind.kind == "number"
        else pd.Series(_categories(export, column, kind, rows=rows), dtype=object)
        for column, kind in types.items()
    }
    return pd.DataFrame(columns, index=range(int(rows.sum())))


def within_ranges(
    table: "pd.DataFrame", predictors: Mapping[str, Predictor], *, source: str
) -> tuple["pd.DataFrame", list[Finding]]:
    """Return the table with every number in its plausible range: outside it is refused, or set missing and counted.

    Raises
    ------
    InputRefused
        E-RANGE, where the study does not say that such values are missing.
    """
    table = table.copy()
    findings = []
    for column, settings in predictors.items():
        if settings.range is None or column not in table:
            continue
        if table[column].dtype != np.float64:
            raise _not_numbers(source, column, int(table[column].notna().sum()))
        for side, bound in zip(("below", "above"), settings.range, strict=True):
            outside = outside_of(table[column].to_numpy(), side, bound)
            if not outside.any():
                continue
            count, what = int(outside.sum()), f"{side} {bound:g}"
            if getattr(settings, f"{side}_range") == "refuse":
                raise _out_of_range(source, column, settings.range, count=count, what=what)
            findings.append(_set_missing(column, count, what))
            table.loc[outside, column] = np.nan
    return table, findings


def outside_of(values: Array, side: str, bound: float | None) -> Rows:
    """Return which values lie below, or above, an end of their plausible range; none beyond an open end."""
    if bound is None:
        return np.zeros(values.shape, dtype=bool)
    return values < bound if side == "below" else values > bound


def dictionary_range_findings(export: Export, columns: Iterable[str], rows: Rows) -> list[Finding]:
    """Return, for each number with values outside the range of a data dictionary, how many of these rows have one.

    Such ranges are a form's advice to those who fill it in: values outside them are kept.
    """
    findings = []
    for column in columns:
        said = export.described.get(column)
        if said is None or said.range is None or export.types[column] != "number":
            continue
        values = export.table[column].to_numpy(dtype=np.float64)[rows]
        ends = zip(("below", "above"), said.range, strict=True)
        count = int(np.any([outside_of(values, side, bound) for side, bound in ends], axis=0).sum())
        if count:
            findings.append(_outside_dictionary(column, count, said.range))
    return findings


def _outside_dictionary(column: str, count: int, said: Range) -> Finding:
    text = f"column `{column}`: {_values(count)} outside the data dictionary's range, {range_in_words(*said)}: kept"
    advice = f"check them; a range under [predictors.{column}] in study.toml refuses them, or sets them missing"
    return Finding("W-RANGE", "caution", text, advice, count, column)


def comparator_risks(export: Export, comparators: Mapping[str, Comparator], rows: Rows) -> dict[str, Array]:
    """Return the risks that the export already holds, NaN where missing; of a survival probability, 1 - value.

    Raises
    ------
    InputRefused
        E-COMPARATOR: not a number, or outside 0 to 1.
    """
    risks = {}
    for column, settings in comparators.items():
        if export.types[column] not in {"number", "empty"}:
            raise _bad_comparator(export, column, "holds values that are not numbers")
        value = export.table[column].to_numpy(dtype=np.float64)[rows]
        outside = int(np.sum((value < 0) | (value > 1)))
        if outside:
            raise _bad_comparator(export, column, f"has {_values(outside)} outside 0 to 1")
        risks[column] = 1.0 - value if settings.survival else value
    return risks


def _numbers(export: Export, column: str, rows: Rows) -> Array:
    if export.types[column] in {"number", "empty"}:
        return export.table[column].to_numpy(dtype=np.float64)[rows]
    texts = [str(value) for value in export.label(column)[rows]]
    wrong = sum(bool(value) and not is_digits(value) for value in texts)
    if wrong:
        raise _not_numbers(export.name, column, wrong)
    return to_numbers(texts)


def _categories(export: Export, column: str, kind: PredictorType, *, rows: Rows) -> Texts:
    numeric = export.types[column] == "number"
    missing = export.missing(column)[rows]
    written = export.table[column].to_numpy(dtype=object)[rows]
    texts = [
        None if gone else to_code(value) if numeric else value for value, gone in zip(written, missing, strict=True)
    ]
    values = np.array(texts, dtype=object)
    unknown = sum(value not in kind.levels for value in values[~missing]) if kind.levels else 0
    if unknown:
        raise InputRefused(
            "E-LEVELS",
            f"{export.name}: column `{column}` has {_values(unknown)} not among its {len(kind.levels)} levels",
            expected=f"the levels that the study declares (study.toml: predictors.{column})",
            to_fix="correct the export, or complete `levels`",
        )
    return values


def _nearest(column: str, known: list[str]) -> str:
    nearest = difflib.get_close_matches(column, known, n=3, cutoff=0.5)
    return f" (nearest: {', '.join(f'`{name}`' for name in nearest)})" if nearest else ""


def _values(count: int) -> str:
    return f"{count} {'value' if count == 1 else 'values'}"


def _not_numbers(source: str, column: str, count: int) -> InputRefused:
    return InputRefused(
        "E-NUMBER",
        f"{source}: column `{column}` has {_values(count)} that {'is no number' if count == 1 else 'are no numbers'}",
        expected=f"plain decimal numbers (study.toml: predictors.{column})",
        to_fix='correct the export, or set type = "category" for this predictor',
    )


def _out_of_range(source: str, column: str, plausible: Range, *, count: int, what: str) -> InputRefused:
    side = what.split(maxsplit=1)[0]
    return InputRefused(
        "E-RANGE",
        f"{source}: column `{column}` has {_values(count)} {what}",
        expected=f"{range_in_words(*plausible)} (study.toml: predictors.{column})",
        to_fix=f'correct the export, or set {side}_range = "missing" for this predictor',
    )


def range_in_words(lowest: float | None, highest: float | None) -> str:
    """Return a plausible range in words.

    Examples
    --------
    >>> range_in_words(0.0, 120.0), range_in_words(0.0, None), range_in_words(None, 9.5)
    ('0 to 120', '0 or more', '9.5 or less')
    """
    if lowest is None:
        return f"{highest:g} or less"
    return f"{lowest:g} or more" if highest is None else f"{lowest:g} to {highest:g}"


def _set_missing(column: str, count: int, what: str) -> Finding:
    text = f"column `{column}`: {_values(count)} {what} set missing, as the study says"
    return Finding("W-RANGE", "caution", text, "check the export", count, column)


def _bad_comparator(export: Export, column: str, found: str) -> InputRefused:
    return InputRefused(
        "E-COMPARATOR",
        f"{export.name}: comparator `{column}` {found}",
        expected=f"a risk (or survival probability) of 0 to 1 (study.toml: comparators.{column})",
        to_fix="correct the export, divide percentages by 100, or remove the comparator",
    )
