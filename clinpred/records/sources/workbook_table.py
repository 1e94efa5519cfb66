"""The cells of a sheet to a table: through the same rooms as text exports, and what only a sheet has beside them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.sources.workbook_dates import settle_days
from clinpred.records.sources.workbook_decimals import settle_decimals
from clinpred.records.sources.workbook_grid import BLANK, DATE, NUMBER, TEXT, Grid, Place, column_letters
from clinpred.records.sources.workbook_rows import Rows, filled_part, is_full, records_of
from clinpred.records.text.headers import (
    Named,
    clean_name,
    fit_header,
    garbled_words,
    refuse_patient_as_header,
    settle_names,
)
from clinpred.records.text.layout import Body, lay_out, two_tables
from clinpred.records.text.row_shapes import refuse_shifted_rows
from clinpred.records.text.scanner import Dialect
from clinpred.records.text.second_row import Header, read_second_row
from clinpred.records.text_table import TextTable
from clinpred.settings.counts import counted
from clinpred.settings.export import Reading

# With fewer rows, a column that is empty below says nothing.
_FEWEST_ROWS = 10
_LINE = re.compile(r"\bline(s?)\b")


def table_of(grid: Grid, reading: Reading) -> TextTable:
    """Return the table that a sheet holds.

    Parameters
    ----------
    grid : Grid
        The cells of the sheet.
    reading : Reading
        What the analyst decides: names where there is no header, from which year days are counted.

    Raises
    ------
    InputRefused
        E-FORMULA, E-XLSX-ERROR: cells without a value. E-MERGED: merged cells among the patients' rows. And the codes
        of text exports: E-EMPTY, E-RAGGED, E-TWO-TABLES, E-NO-HEADER, E-TWO-HEADERS, E-DUP-HEADER, E-SHIFT.
    """
    _refuse_cells_without_value(grid)
    try:
        return _in_rows(_table(grid, reading))
    except InputRefused as fault:
        raise _refused_in_rows(fault) from None


def _table(grid: Grid, reading: Reading) -> TextTable:
    rows = filled_part(grid)
    _refuse_table_below(rows, grid.file)
    body = lay_out(records_of(rows), grid.file, delimiter=",", columns=reading.columns)
    fitted = fit_header(body.header, body.rows, source=grid.file, line=body.lines[0] if body.lines else 1)
    names = [clean_name(cell) for cell in fitted.names]
    header = Header(names, fitted.columns, body.lines, {})
    if not reading.no_header:
        refuse_patient_as_header(names, fitted.columns, grid.file)
        header = read_second_row(header, grid.file)
        if header.names == names:
            names = _with_merged_names(header, body, rows, grid.merged)
            header = replace(header, names=names)
    _refuse_merged_rows(grid, rows, header.lines)
    named = settle_names(Named(header.names, header.columns, fitted.places, fitted.findings), grid.file)
    _refuse_table_beside(named, rows, grid.file)
    refuse_shifted_rows(named.columns, header.lines, grid.file)
    kinds = _kinds_of(rows, named, header.lines)
    settled = settle_days(named, kinds, reading.excel_dates or grid.epoch)
    columns = settle_decimals(replace(named, columns=settled.columns), kinds, reading.decimal, grid.file)
    findings = (*_of_cells(grid, named, rows.left), *_hidden(grid, named, header.lines, left=rows.left))
    findings += (*body.findings, *header.findings, *named.findings, *settled.findings)
    findings += tuple(garbled_words(named.names, named.columns))
    return TextTable(
        tuple(named.names),
        tuple(columns),
        header.lines,
        "row",
        findings,
        header.units,
        Dialect(delimiter=None),
    )


def _refuse_cells_without_value(grid: Grid) -> None:
    if grid.errors:
        raise InputRefused(
            "E-XLSX-ERROR",
            f"{grid.file}: {counted(len(grid.errors), 'cell')} with an error such as #REF! or #DIV/0!, "
            f"the first is {grid.errors[0]}",
            expected="a value, or an empty cell, where a formula failed",
            to_fix="correct the formulas in the workbook, or clear those cells where the value is missing",
        )
    if grid.uncalculated:
        raise InputRefused(
            "E-FORMULA",
            f"{grid.file}: {counted(len(grid.uncalculated), 'cell')} with a formula that was never calculated, "
            f"the first is {grid.uncalculated[0]}",
            expected="a value beside every formula, as a spreadsheet program saves it",
            to_fix="open the workbook in a spreadsheet program and save it, or paste the formulas as values",
        )


def _refuse_table_below(rows: Rows, file: str) -> None:
    """Refuse a row of words, after a blank row, above and under which numbers or dates stand: another header."""
    header = next((cells for cells, kinds in zip(rows.texts, rows.kinds, strict=True) if is_full(kinds)), [])
    for at in range(2, len(rows.numbers) - 1):
        if rows.numbers[at] - rows.numbers[at - 1] == 1 or rows.texts[at] == header:
            continue
        filled = [column for column, kind in enumerate(rows.kinds[at]) if kind != BLANK]
        above = _measured(rows.kinds[at - 1], filled) or _measured(rows.kinds[at - 2], filled)
        words = len(filled) > 1 and all(rows.kinds[at][column] == TEXT for column in filled)
        if words and above and _measured(rows.kinds[at + 1], filled):
            raise two_tables(file, rows.numbers[at])


def _refuse_table_beside(named: Named, rows: Rows, file: str) -> None:
    """Refuse columns, after a blank one, that are filled in the first rows only: a list beside the table."""
    for before, at in pairwise(range(len(named.places))):
        place = named.places[at] - 1
        if place == named.places[before] or any(cells[place - 1] for cells in rows.texts):
            continue
        column, letters = named.columns[at], column_letters(place + rows.left)
        n_filled = sum(map(bool, column))
        if len(column) >= _FEWEST_ROWS and 0 < 2 * n_filled < len(column) and all(column[:n_filled]):
            raise InputRefused(
                "E-TWO-TABLES",
                f"{file}: a second table stands beside the first, from column {letters} on",
                expected="one table in a sheet",
                to_fix="put each table into a sheet of its own",
            )


def _measured(kinds: bytearray, columns: Sequence[int]) -> bool:
    return any(kinds[column] in (NUMBER, DATE) for column in columns)


def _with_merged_names(header: Header, body: Body, rows: Rows, merged: Sequence[Place]) -> list[str]:
    """Return the names with that of a merged cell above every column under it that holds something."""
    names = list(header.names)
    if len(names) != rows.width:
        return names
    first = body.lines[0] if body.lines else rows.numbers[-1] + 1
    above = [
        number
        for number, cells in zip(rows.numbers, rows.texts, strict=True)
        if number < first and cells == body.header
    ]
    for place in merged:
        if not above or not place.first_row <= above[-1] <= place.last_row:
            continue
        start = place.first_column - rows.left
        for at in range(max(start, 0) + 1, min(place.last_column - rows.left + 1, rows.width)):
            if not names[at] and any(header.columns[at]):
                names[at] = names[start]
    return names


def _refuse_merged_rows(grid: Grid, rows: Rows, numbers: Sequence[int]) -> None:
    if not grid.merged or not numbers:
        return
    place_of = {number: at for at, number in enumerate(rows.numbers)}
    inside = [
        place
        for place in grid.merged
        if bisect_left(numbers, place.first_row) < bisect_right(numbers, place.last_row)
        and _holds_something(place, rows, place_of)
    ]
    if inside:
        first = min(inside, key=lambda place: (place.first_row, place.first_column))
        raise InputRefused(
            "E-MERGED",
            f"{grid.file}: {counted(len(inside), 'merged cell')} among the rows of the table, "
            f"the first at {column_letters(first.first_column)}{first.first_row}",
            expected="a cell of its own for every value",
            to_fix="unmerge the cells, and write the value into each row and column that it belongs to",
        )


def _holds_something(place: Place, rows: Rows, place_of: dict[int, int]) -> bool:
    at, column = place_of.get(place.first_row), place.first_column - rows.left
    return at is not None and 0 <= column < rows.width and bool(rows.texts[at][column])


def _kinds_of(rows: Rows, named: Named, numbers: Sequence[int]) -> list[bytes]:
    """Return the kinds of each named column's cells, row by row of the table."""
    kinds_at = dict(zip(rows.numbers, rows.kinds, strict=True))
    kinds = [kinds_at[number] for number in numbers]
    return [bytes([row[place - 1] for row in kinds]) for place in named.places]


def _of_cells(grid: Grid, named: Named, left: int) -> list[Finding]:
    findings = []
    if grid.n_stripped:
        text = f"blanks around {counted(grid.n_stripped, 'cell')} removed"
        findings.append(Finding("W-STRIP", "note", text, "no action is needed", grid.n_stripped))
    for name, place in zip(named.names, named.places, strict=True):
        shown, long = grid.id_formats[place - 1 + left], grid.long_numbers[place - 1 + left]
        if shown:
            text = f"column `{name}`: {counted(shown, 'number')} shown with leading zeros by the format, read as shown"
            advice = "keep ids as text in the workbook"
            findings.append(Finding("W-ID-FORMAT", "note", text, advice, shown, name))
        if long:
            text = f"column `{name}`: {counted(long, 'whole number')} of more than 15 digits: Excel keeps 15 of them"
            advice = "export the column as text from the source; different patients may have become one"
            findings.append(Finding("W-ID-DIGITS", "serious", text, advice, long, name))
    return findings


def _hidden(grid: Grid, named: Named, numbers: Sequence[int], *, left: int) -> list[Finding]:
    n_rows = len(grid.hidden_rows.intersection(numbers))
    n_columns = len(grid.hidden_columns.intersection(place - 1 + left for place in named.places))
    if not (n_rows or n_columns or grid.is_filtered):
        return []
    parts = [counted(n_rows, "hidden row")] if n_rows or not n_columns else []
    parts += [counted(n_columns, "hidden column")] if n_columns else []
    filtered = "; a filter is active" if grid.is_filtered else ""
    text = f"{' and '.join(parts)} read like the others{filtered}"
    advice = "check that they belong to the study; delete them from the sheet if they do not"
    return [Finding("W-HIDDEN", "caution", text, advice, n_rows + n_columns)]


def _in_rows(table: TextTable) -> TextTable:
    return replace(table, findings=tuple(replace(found, text=_said_of_rows(found.text)) for found in table.findings))


def _refused_in_rows(fault: InputRefused) -> InputRefused:
    to_fix = fault.to_fix
    if fault.code == "E-RAGGED":
        to_fix = "delete what is no patient's row (a section's title, a note) from the sheet, and save it again"
    return InputRefused(
        fault.code, _said_of_rows(fault.found), expected=_said_of_rows(fault.expected), to_fix=_said_of_rows(to_fix)
    )


def _said_of_rows(text: str) -> str:
    """Return a message of the rooms of text with the sheet's word for a line; names of columns stay as they are."""
    parts = text.split("`")
    return "`".join(_LINE.sub(r"row\1", part) if at % 2 == 0 else part for at, part in enumerate(parts))
