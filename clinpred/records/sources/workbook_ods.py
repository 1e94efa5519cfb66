"""Workbooks of the kind .ods: cells, number formats, formulas and errors from the document's content."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from clinpred.errors import ResourceRefused
from clinpred.records.sources.workbook_formats import GENERAL, Epoch, NumberFormat
from clinpred.records.sources.workbook_grid import (
    DATE,
    MOST_COLUMNS,
    MOST_ROWS,
    TEXT,
    TRUTH,
    Grid,
    Place,
    Sheet,
    cell_name,
    damaged_cell,
)
from clinpred.records.sources.workbook_kinds import encrypted
from clinpred.records.sources.workbook_parts import Parts, enough

_CONTENT = "content.xml"
_ERROR = re.compile(r"#(DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)|(Err|Fehler|Erreur):[0-9]{3}")
_CLOCK = re.compile(r"-?PT([0-9]+)H([0-9]+)M([0-9]+)(?:[.,]([0-9]+))?S")
# Blanks of the file itself, which count as one; those that are meant have elements of their own.
_BLANKS = re.compile(r"[ \t\r\n]+")
_NUMBERS = {"float", "percentage", "currency"}
_UNSEEN = {"collapse", "filter"}
_MOST_REPEATS = 20_000_000
_FIRST_ROWS = 50


class OdsWorkbook:
    """An open .ods workbook."""

    def __init__(self, parts: Parts) -> None:
        self.file = parts.file
        self._parts = parts
        if "META-INF/manifest.xml" in parts and b"encryption-data" in parts.read("META-INF/manifest.xml"):
            raise encrypted(parts.file)
        self._styles = _read_styles(parts)
        self.epoch: Epoch = "1900"
        self.sheets = self._read_sheets()

    def grid(self, sheet: Sheet, *, opening: bool = False) -> Grid:
        """Return the cells of a sheet, or those of its first rows."""
        grid = Grid(self.file, sheet.name, self.epoch)
        reader = _TableReader(grid, self._styles, n_rows=_FIRST_ROWS if opening else MOST_ROWS)
        self._parts.parse(_CONTENT, reader.start, end=reader.end, text=reader.text)
        return grid

    def _read_sheets(self) -> tuple[Sheet, ...]:
        sheets: list[Sheet] = []
        hidden = self._styles.hidden_tables

        def start(tag: str, said: Mapping[str, str]) -> None:
            if tag == "table:table":
                sheets.append(Sheet(said.get("table:name", ""), _CONTENT, said.get("table:style-name", "") in hidden))
            elif tag == "table:null-date" and said.get("table:date-value", "").startswith("1904"):
                self.epoch = "1904"

        self._parts.parse(_CONTENT, start)
        return tuple(sheets)


@dataclass(eq=False)
class _Styles:
    """The number format of each style of a cell, and the styles of tables that are not shown."""

    data: dict[str, NumberFormat] = field(default_factory=dict)
    of_cells: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    hidden_tables: set[str] = field(default_factory=set)

    def format(self, style: str) -> NumberFormat:
        """Return the number format of a style, or of the one that it is made from."""
        seen: set[str] = set()
        while style and style not in seen:
            seen.add(style)
            if style in self.of_cells:
                return self.data.get(self.of_cells[style], GENERAL)
            style = self.parents.get(style, "")
        return GENERAL


class _TableReader:
    """The handlers that turn the elements of one table into cells."""

    def __init__(self, grid: Grid, styles: _Styles, *, n_rows: int) -> None:
        self._grid = grid
        self._styles = styles
        self._n_rows = n_rows
        self._is_inside = False
        self._row = self._column = self._n_repeats = 0
        self._row_repeats = 1
        self._row_style = ""
        self._column_styles: list[tuple[int, str]] = []
        self._n_columns = 0
        self._said: Mapping[str, str] = {}
        self._cells: list[tuple[int, Mapping[str, str], str]] = []
        self._lines: list[str] = []
        self._n_notes = self._n_paragraphs = 0
        self._opens: dict[str, Callable[[Mapping[str, str]], None]] = {
            "table:table-column": self._column_said,
            "table:table-row": self._open_row,
            "table:table-cell": self._open_cell,
            "table:covered-table-cell": self._open_cell,
            "text:p": self._open_paragraph,
            "text:s": lambda said: self._add(" " * min(_count(said, "text:c"), 1000)),
            "text:tab": lambda _said: self._add("\t"),
            "text:line-break": lambda _said: self._add("\n"),
            "office:annotation": lambda _said: self._count_notes(1),
        }
        self._closes: dict[str, Callable[[], None]] = {
            "table:table-row": self._close_row,
            "table:table-cell": self._close_cell,
            "table:covered-table-cell": self._close_cell,
            "text:p": self._close_paragraph,
            "office:annotation": lambda: self._count_notes(-1),
        }

    def start(self, tag: str, said: Mapping[str, str]) -> None:
        if tag == "table:table":
            self._is_inside = said.get("table:name", "") == self._grid.sheet
        elif self._is_inside and (open_it := self._opens.get(tag)) is not None:
            open_it(said)
        elif self._is_inside and tag.startswith("draw:"):
            self._count_notes(1)
        elif tag == "table:filter":
            self._grid.is_filtered = True

    def end(self, tag: str) -> None:
        if tag == "table:table":
            self._is_inside = False
        elif self._is_inside and (close_it := self._closes.get(tag)) is not None:
            close_it()
        elif self._is_inside and tag.startswith("draw:"):
            self._count_notes(-1)

    def text(self, text: str) -> None:
        self._add(_BLANKS.sub(" ", text))

    def _add(self, text: str) -> None:
        if self._n_paragraphs and not self._n_notes:
            self._lines[-1] += text

    def _column_said(self, said: Mapping[str, str]) -> None:
        n_columns = min(_count(said, "table:number-columns-repeated"), MOST_COLUMNS)
        if said.get("table:visibility", "") in _UNSEEN:
            self._grid.hidden_columns.update(range(self._n_columns, self._n_columns + n_columns))
        self._n_columns += n_columns
        self._column_styles.append((self._n_columns, said.get("table:default-cell-style-name", "")))

    def _open_row(self, said: Mapping[str, str]) -> None:
        if len(self._grid.rows) >= self._n_rows:
            enough()
        self._row_repeats = _count(said, "table:number-rows-repeated")
        self._row_style = said.get("table:default-cell-style-name", "")
        self._said = said
        self._cells = []
        self._column = 0
        seen = said.get("table:visibility", "")
        self._grid.is_filtered |= seen == "filter"
        if seen in _UNSEEN:
            end = min(self._row + self._row_repeats, MOST_ROWS)
            self._grid.hidden_rows.update(range(self._row + 1, end + 1))

    def _open_cell(self, said: Mapping[str, str]) -> None:
        self._said = said
        self._lines = []

    def _open_paragraph(self, _said: Mapping[str, str]) -> None:
        self._n_paragraphs += 1
        if not self._n_notes:
            self._lines.append("")

    def _close_paragraph(self) -> None:
        self._n_paragraphs -= 1

    def _count_notes(self, step: int) -> None:
        self._n_notes += step

    def _close_cell(self) -> None:
        repeats = _count(self._said, "table:number-columns-repeated")
        text = "\n".join(self._lines)
        if text or "office:value-type" in self._said or "table:formula" in self._said:
            self._count_repeats(repeats * self._row_repeats)
            self._cells += [(self._column + at, self._said, text) for at in range(repeats)]
        self._note_merged()
        self._column += repeats
        self._lines = []

    def _note_merged(self) -> None:
        wide, high = (_count(self._said, f"table:number-{way}-spanned") for way in ("columns", "rows"))
        if wide > 1 or high > 1:
            row = self._row + 1
            self._grid.merged.append(Place(row, self._column, row + high - 1, self._column + wide - 1))

    def _count_repeats(self, n_cells: int) -> None:
        self._n_repeats += n_cells
        if self._n_repeats > _MOST_REPEATS or self._column >= MOST_COLUMNS:
            raise ResourceRefused(
                "R-BOMB",
                f"{self._grid.file}: the sheet repeats its cells millions of times",
                expected="a table of patients",
                to_fix="delete what stands outside of the table, and save the workbook again",
            )

    def _close_row(self) -> None:
        if self._cells:
            for row in range(self._row + 1, self._row + 1 + self._row_repeats):
                for column, said, text in self._cells:
                    self._put(row, column, said, text)
        self._row += self._row_repeats

    def _put(self, row: int, column: int, said: Mapping[str, str], text: str) -> None:
        kind = said.get("office:value-type", "")
        if said.get("calcext:value-type", "") == "error" or ("table:formula" in said and _ERROR.fullmatch(text)):
            self._grid.errors.append(cell_name(row, column))
        if "table:formula" in said and not kind and not text:
            self._grid.uncalculated.append(cell_name(row, column))
        elif kind in _NUMBERS:
            shown_as = self._styles.format(self._style(said, column))
            self._grid.put_number(row, column, said.get("office:value", ""), shown_as)
        elif kind == "date":
            self._grid.put(row, column, said.get("office:date-value", ""), DATE)
        elif kind == "time":
            self._grid.put(row, column, self._clock(row, column, said.get("office:time-value", "")), TEXT)
        elif kind == "boolean":
            truth = "TRUE" if said.get("office:boolean-value", "") == "true" else "FALSE"
            self._grid.put(row, column, truth, TRUTH)
        else:
            self._grid.put_text(row, column, said.get("office:string-value", text))

    def _style(self, said: Mapping[str, str], column: int) -> str:
        of_column = next((style for end, style in self._column_styles if column < end), "")
        return said.get("table:style-name", "") or self._row_style or of_column

    def _clock(self, row: int, column: int, written: str) -> str:
        found = _CLOCK.fullmatch(written)
        if found is None:
            raise damaged_cell(self._grid.file, cell_name(row, column))
        hours, minutes, seconds, rest = found.groups(default="")
        rest = rest.rstrip("0")
        return f"{'-' * written.startswith('-')}{hours.zfill(2)}:{minutes}:{seconds}" + (f".{rest}" if rest else "")


def _count(said: Mapping[str, str], name: str) -> int:
    written = said.get(name, "1")
    return max(1, int(written)) if written.isdecimal() and written.isascii() and len(written) < 9 else 1


def _read_styles(parts: Parts) -> _Styles:
    reader = _StylesReader()
    for path in ("styles.xml", _CONTENT):
        if path in parts:
            parts.parse(path, reader.start)
    return reader.styles


class _StylesReader:
    """The handler that collects styles, up to the document's own content."""

    def __init__(self) -> None:
        self.styles = _Styles()
        self._name = ""

    def start(self, tag: str, said: Mapping[str, str]) -> None:
        if tag == "office:body":
            enough()
        elif tag in {"number:number-style", "style:style"}:
            self._open_style(said)
        elif tag == "number:number":
            self._number_said(said)
        elif tag == "style:table-properties" and said.get("table:display", "true") == "false":
            self.styles.hidden_tables.add(self._name)

    def _open_style(self, said: Mapping[str, str]) -> None:
        self._name = said.get("style:name", "")
        self.styles.parents[self._name] = said.get("style:parent-style-name", "")
        if "style:data-style-name" in said:
            self.styles.of_cells[self._name] = said["style:data-style-name"]

    def _number_said(self, said: Mapping[str, str]) -> None:
        zeros = _count(said, "number:min-integer-digits")
        if zeros > 1 and said.get("number:decimal-places", "0") == "0":
            self.styles.data[self._name] = NumberFormat("id", "0" * min(zeros, 30))
