"""Workbooks of the kind .xlsx: cells, number formats, formulas and errors from the parts of the file itself."""

from collections.abc import Mapping

from clinpred.records.sources.workbook_formats import GENERAL, Epoch, NumberFormat, number_format, numbered_format
from clinpred.records.sources.workbook_grid import MOST_ROWS, Grid, Sheet
from clinpred.records.sources.workbook_parts import Parts
from clinpred.records.sources.workbook_relations import related, relations
from clinpred.records.sources.workbook_xlsx_cells import TRUE, SheetReader, unescaped

# A sheet is told from a few notes by its first rows.
_FIRST_ROWS = 50


class XlsxWorkbook:
    """An open .xlsx workbook."""

    def __init__(self, parts: Parts) -> None:
        self.file = parts.file
        self.epoch: Epoch = "1900"
        self._parts = parts
        self._is_uncalculated = False
        self._strings: list[str] | None = None
        root = related(parts, "", "/officeDocument") or "xl/workbook.xml"
        self._strings_path = related(parts, root, "/sharedStrings")
        self.sheets = self._read_sheets(root)
        self._formats = _read_formats(parts, related(parts, root, "/styles"))

    def grid(self, sheet: Sheet, *, opening: bool = False) -> Grid:
        """Return the cells of a sheet, or those of its first rows."""
        if self._strings is None:
            self._strings = _read_strings(self._parts, self._strings_path)
        grid = Grid(self.file, sheet.name, self.epoch)
        reader = SheetReader(grid, self._strings, self._formats, n_rows=_FIRST_ROWS if opening else MOST_ROWS)
        self._parts.parse(sheet.path, reader.start, end=reader.end, text=reader.text)
        if self._is_uncalculated and len(grid.zero_formulas) == grid.n_formulas:
            # some programs write 0 for every formula and leave the calculation to Excel
            grid.uncalculated += grid.zero_formulas
        return grid

    def _read_sheets(self, root: str) -> tuple[Sheet, ...]:
        targets = relations(self._parts, root)
        sheets: list[Sheet] = []

        def start(tag: str, said: Mapping[str, str]) -> None:
            local = _local(tag)
            if local == "workbookPr" and said.get("date1904", "") in TRUE:
                self.epoch = "1904"
            elif local == "calcPr":
                self._is_uncalculated = said.get("fullCalcOnLoad", "") in TRUE
            elif local == "sheet":
                relation = next((value for key, value in said.items() if key.endswith(":id")), "")
                kind, path = targets.get(relation, ("", ""))
                if kind.endswith("/worksheet"):
                    sheets.append(Sheet(said.get("name", ""), path, said.get("state", "visible") != "visible"))

        self._parts.parse(root, start)
        return tuple(sheets)


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _read_strings(parts: Parts, path: str | None) -> list[str]:
    """Return the texts that cells refer to by number."""
    reader = _StringsReader()
    if path is not None and path in parts:
        parts.parse(path, reader.start, end=reader.end, text=reader.text)
    return reader.strings


class _StringsReader:
    """The handlers that collect shared texts; the readings of East Asian texts (``rPh``) are no part of them."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._pieces: list[str] = []
        self._is_text = self._is_phonetic = False

    def start(self, tag: str, _said: Mapping[str, str]) -> None:
        local = _local(tag)
        self._is_text = local == "t" and not self._is_phonetic
        self._is_phonetic |= local == "rPh"

    def end(self, tag: str) -> None:
        local = _local(tag)
        self._is_text = False
        if local == "rPh":
            self._is_phonetic = False
        elif local == "si":
            self.strings.append(unescaped("".join(self._pieces)))
            self._pieces = []

    def text(self, text: str) -> None:
        if self._is_text:
            self._pieces.append(text)


def _read_formats(parts: Parts, path: str | None) -> list[NumberFormat]:
    """Return what each style of a cell shows of a number."""
    if path is None or path not in parts:
        return [GENERAL]
    codes: dict[str, NumberFormat] = {}
    styles: list[NumberFormat] = []
    inside: list[str] = []

    def start(tag: str, said: Mapping[str, str]) -> None:
        local = _local(tag)
        if local == "numFmt" and "numFmts" in inside:
            codes[said.get("numFmtId", "")] = number_format(said.get("formatCode", ""))
        elif local == "xf" and inside[-1] == "cellXfs":
            number = said.get("numFmtId", "0")
            styles.append(codes.get(number) or numbered_format(int(number) if number.isdecimal() else 0))
        inside.append(local)

    def end(_tag: str) -> None:
        inside.pop()

    parts.parse(path, start, end=end)
    return styles or [GENERAL]
