"""Workbooks: which kind the bytes are, which sheet holds the table, and its cells as text."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.sources.workbook_grid import Grid, Sheet
from clinpred.records.sources.workbook_kinds import macros, workbook_kind
from clinpred.records.sources.workbook_ods import OdsWorkbook
from clinpred.records.sources.workbook_parts import Parts
from clinpred.records.sources.workbook_table import table_of
from clinpred.records.sources.workbook_xls import XlsWorkbook
from clinpred.records.sources.workbook_xlsb import XlsbWorkbook
from clinpred.records.sources.workbook_xlsx import XlsxWorkbook
from clinpred.records.text.layout import empty
from clinpred.records.text_table import TextTable
from clinpred.settings.counts import counted
from clinpred.settings.export import Reading

_AS_IT_SHOWS = Reading()


class Workbook(Protocol):
    """An open workbook of any kind."""

    file: str
    sheets: tuple[Sheet, ...]

    def grid(self, sheet: Sheet, *, opening: bool = False) -> Grid:
        """Return the cells of a sheet, or those of its first rows."""


def read_workbook(content: bytes, name: str, reading: Reading = _AS_IT_SHOWS) -> TextTable:
    """Read the table of a workbook: .xlsx, .xls, .xlsb or .ods.

    Cells of text stay as they are written; numbers are the shortest text that gives them back; days are ISO text by the
    workbook's own count of days; a number whose format shows leading zeros is an id and read as shown.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        Its name, for messages and for the kind of workbook that it says.
    reading : Reading
        What the analyst decides: the sheet, names where there is no header, from which year days are counted.

    Returns
    -------
    TextTable
        Its places are the rows of the sheet.

    Raises
    ------
    InputRefused
        E-FORMAT: another kind of file, macros, a password, a damaged part. E-TRUNCATED: cut short. E-SHEET: several
        sheets hold tables, or none has the name. E-XLSX-ENTITY: a document type. E-EXTRA: a package is missing.
        The codes of ``table_of``.
    ResourceRefused
        R-BOMB: it expands beyond reason, or a few cells lie among millions of blank ones.
    """
    workbook = _opened(content, name)
    grid, findings = _table_grid(workbook, reading.sheet)
    table = table_of(grid, reading)
    return replace(table, findings=(*findings, *table.findings))


def _opened(content: bytes, name: str) -> Workbook:
    kind = workbook_kind(content, name)
    if kind == "xls":
        return XlsWorkbook(content, name)
    parts = Parts(content, name)
    parts.refuse_document_types()
    if any(path.endswith("vbaproject.bin") for path in parts.paths()):
        raise macros(name)
    if kind == "xlsb":
        return XlsbWorkbook(parts)
    return OdsWorkbook(parts) if kind == "ods" else XlsxWorkbook(parts)


def _table_grid(workbook: Workbook, chosen: str | None) -> tuple[Grid, list[Finding]]:
    if chosen is not None:
        sheet = next((sheet for sheet in workbook.sheets if sheet.name == chosen), None)
        if sheet is None:
            raise _which_sheet(workbook, f"no sheet is called `{chosen}`", workbook.sheets)
        return workbook.grid(sheet), _hidden([sheet] if sheet.is_hidden else [], "read as asked")
    if len(workbook.sheets) == 1 and not workbook.sheets[0].is_hidden:
        return workbook.grid(workbook.sheets[0]), []
    openings = [(sheet, workbook.grid(sheet, opening=True)) for sheet in workbook.sheets]
    filled = [sheet for sheet, grid in openings if grid.rows]
    if not filled:
        raise empty(workbook.file)
    tables = [sheet for sheet, grid in openings if grid.is_table()]
    seen = [sheet for sheet in tables or filled if not sheet.is_hidden]
    if len(seen) != 1:
        found = f"{len(seen)} sheets look like tables" if seen else "no sheet that is shown looks like a table"
        raise _which_sheet(workbook, found, tables or filled)
    left_out = [sheet for sheet in filled if sheet is not seen[0]]
    findings = _hidden([sheet for sheet in left_out if sheet.is_hidden], "not read")
    return workbook.grid(seen[0]), findings + _notes([sheet for sheet in left_out if not sheet.is_hidden])


def _which_sheet(workbook: Workbook, found: str, sheets: Sequence[Sheet]) -> InputRefused:
    names = ", ".join(f"`{sheet.name}`{' (hidden)' if sheet.is_hidden else ''}" for sheet in sheets)
    return InputRefused(
        "E-SHEET",
        f"{workbook.file}: {found}: {names}",
        expected="one sheet with a table, or the name of the one that is meant",
        to_fix="name the sheet with --sheet",
    )


def _hidden(sheets: Sequence[Sheet], what: str) -> list[Finding]:
    if not sheets:
        return []
    text = f"{counted(len(sheets), 'hidden sheet')} {what}: {_named(sheets)}"
    return [Finding("W-HIDDEN", "caution", text, "name the sheet that is meant with --sheet", len(sheets))]


def _notes(sheets: Sequence[Sheet]) -> list[Finding]:
    if not sheets:
        return []
    text = f"{counted(len(sheets), 'sheet')} with a few notes not read: {_named(sheets)}"
    return [Finding("W-SHEET", "note", text, "name the sheet that is meant with --sheet", len(sheets))]


def _named(sheets: Sequence[Sheet]) -> str:
    return ", ".join(f"`{sheet.name}`" for sheet in sheets)
