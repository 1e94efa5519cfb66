"""An export to a typed table: it equals the file exactly, or the file is refused."""

import difflib
import errno
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import InputRefused, ResourceRefused, WrongUsage
from clinpred.records.findings import Finding
from clinpred.records.text.delimited import read_delimited
from clinpred.records.text.plain_reader import read_plain
from clinpred.records.text.scanner import Dialect
from clinpred.records.text_table import Description, SourceTable, TextTable
from clinpred.records.types import ColumnType
from clinpred.records.values.cells import Origin
from clinpred.records.values.texts import Texts, texts_of
from clinpred.records.values.typed_columns import typed_columns
from clinpred.settings.export import Database, Reading

if TYPE_CHECKING:
    import pandas as pd

# Columns side by side in one block of memory are handier; of a large table they would be in memory twice.
_MOST_ROWS_COPIED = 100_000
_PANDAS_INDEX = re.compile(r"__index_level_[0-9]+__")

Source = Path | Sequence[Path] | Database
"""Where records lie: a file, several of the same columns, or a database."""


@dataclass(frozen=True, eq=False)
class Export:
    """A read export.

    Parameters
    ----------
    name : str
        The file's name, without its folder.
    sha256 : str
        Of the file's bytes.
    table : pandas.DataFrame
        Numbers as float64 with NaN where missing; all else as text with None where missing, dates as ISO text.
    types : mapping of str to {"number", "category", "date", "empty"}
        One a column, decided on every row.
    findings : tuple of Finding
        What was noticed while reading.
    decisions : mapping of str to mapping of str to str
        For each column where something had to be settled, what was: its decimal mark, unit, order of dates ...
    texts : mapping of str to Texts
        The cells as they were written, outer blanks removed: see ``text``.
    described : mapping of str to Description
        What the source itself, or a data dictionary, says of its columns.
    dialect : Dialect, optional
        How the cells are written, where the source is a text.
    """

    name: str
    sha256: str
    table: "pd.DataFrame"
    types: Mapping[str, ColumnType]
    findings: tuple[Finding, ...]
    texts: Mapping[str, Texts]
    decisions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    described: Mapping[str, Description] = field(default_factory=dict)
    dialect: Dialect | None = None

    def text(self, column: str) -> NDArray[np.object_]:
        """Return the cells of a column as they were written, shape (n,); an empty text where nothing was."""
        return self.texts[column].array()

    def label(self, column: str) -> NDArray[np.object_]:
        """Return the text that names a row's class, site or patient, shape (n,); empty where missing.

        It is the cell of the table, but for numbers the cell as written, so that an id keeps its digits.
        """
        if self.types[column] in {"number", "empty"}:
            return np.where(self.missing(column), "", self.text(column))
        return self.table[column].fillna("").to_numpy(dtype=object)

    def missing(self, column: str) -> NDArray[np.bool_]:
        """Return whether the column's cell is missing, shape (n,)."""
        return self.table[column].isna().to_numpy(dtype=bool)


def read_export(source: Source, reading: Reading = Reading(), *, drop: Sequence[str] = ()) -> Export:  # noqa: B008
    """Read a record export: delimited text, a workbook, Parquet, SAS, SPSS, Stata, or a database.

    A column is a number where every value is one, words for "missing" (NA, null, ...) aside, and a date where every
    value is one; all else is a category. What could be read in two ways is refused, unless ``reading`` settles it.

    Parameters
    ----------
    source : Path, sequence of Path, or Database
        The export; several files of the same columns are read as one export, their rows one after the other.
    reading : Reading
        What the analyst decides where the export leaves it open.
    drop : sequence of str
        Columns to remove before anything is made of their cells.

    Raises
    ------
    InputRefused
        The file is missing, empty, of another format or does not read exactly (codes ``E-``).
    ResourceRefused
        R-PATH: the file cannot be opened. R-BOMB: it expands beyond reason.
    WrongUsage
        E-NOT-FILE: the path is a folder, a device or a pipe.
    """
    read = _read(source, reading)
    return _typed(_without(read.table, drop, read.name), read.name, read.sha256, reading=reading)


def read_as_written(source: Source, reading: Reading = Reading()) -> Export:  # noqa: B008
    """Read a record export as ``read_export`` does, but leave every cell as the text that it is.

    No cell can make the export fail that way: its columns are of type category, or empty. Their ``decisions`` hold the
    units that the export gives outside its cells.
    """
    read = _read(source, reading)
    as_text = {
        name: replace(read.table.described.get(name, Description()), type="category") for name in read.table.names
    }
    export = _typed(replace(read.table, described=as_text), read.name, read.sha256, reading=reading)
    return replace(export, decisions={name: {"unit": unit} for name, unit in read.table.units.items()})


def require_file(path: Path, *, expected: str = "a record export") -> None:
    """Refuse what stands at a path and is no file; what is not there at all is left to who reads it.

    Raises
    ------
    WrongUsage
        E-NOT-FILE: it is a folder, a device, a pipe, or a link that leads to itself.
    """
    name = path.name or path.resolve().name or "/"
    try:
        if path.is_file() or not path.exists():
            path.stat()
            return
    except OSError as fault:
        if fault.errno != errno.ELOOP:
            return
    raise WrongUsage("E-NOT-FILE", f"{name}: not a file", expected=expected, to_fix="name the file itself")


def _read(source: Source, reading: Reading) -> SourceTable:
    _refuse_idle(source, reading)
    if isinstance(source, Database):
        from clinpred.records.sources.database import read_database

        return _with_duplicates_said(read_database(source))
    paths = [Path(source)] if isinstance(source, str | Path) else [Path(path) for path in source]
    files = [_with_duplicates_said(_described(_read_file(path, reading), reading)) for path in paths]
    if len(files) == 1:
        return files[0]
    from clinpred.records.sources.several import one_after_the_other

    return one_after_the_other(files)


def _read_file(path: Path, reading: Reading) -> SourceTable:
    require_file(path)
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise _unknown_format(path)
    plain = read_plain(path, reading) if read is read_delimited else None
    if plain is not None:
        return plain
    content = _content(path)
    return SourceTable(read(content, path.name, reading), path.name, hashlib.sha256(content).hexdigest())


def _refuse_idle(source: Source, reading: Reading) -> None:
    """Refuse a decision that nobody would hear, as of a sheet of a text: it may have been meant for another export."""
    paths = [] if isinstance(source, Database) else [source] if isinstance(source, str | Path) else list(source)
    readers = {_READERS.get(Path(path).suffix.lower()) for path in paths}
    heard_by = {"sheet": _workbook, "encoding": read_delimited, "delimiter": read_delimited, "member": read_delimited}
    asked = [name for name in heard_by if getattr(reading, name) is not None]
    idle = [name for name in asked if not readers & {heard_by[name], None}]
    if idle:
        raise WrongUsage(
            "E-IDLE",
            f"{', '.join(f'--{name}' for name in idle)} cannot be used on this kind of export",
            expected="--sheet for a workbook; --encoding, --delimiter and --member for text",
            to_fix="leave it out, or check which export is named",
        )


def _described(read: SourceTable, reading: Reading) -> SourceTable:
    if reading.dictionary is None:
        return read
    from clinpred.records.sources.redcap import described_by, read_dictionary

    require_file(Path(reading.dictionary), expected="the data dictionary of a REDCap project")
    dictionary = read_dictionary(Path(reading.dictionary))
    return replace(read, table=described_by(read.table, dictionary, read.name, missing=reading.missing))


def _with_duplicates_said(read: SourceTable) -> SourceTable:
    from clinpred.records.sources.duplicates import duplicate_rows

    findings = (*read.table.findings, *duplicate_rows(read.table))
    return replace(read, table=replace(read.table, findings=findings))


def _without(table: TextTable, dropped: Sequence[str], source: str) -> TextTable:
    absent = [name for name in dropped if name not in table.names]
    if absent:
        nearest = [near for name in absent for near in difflib.get_close_matches(name, table.names, n=3, cutoff=0.5)]
        near = f" (nearest: {', '.join(f'`{name}`' for name in nearest)})" if nearest else ""
        raise InputRefused(
            "E-MISSING-COLUMN",
            f"{source}: there is no column {', '.join(f'`{name}`' for name in absent)}{near}",
            expected=f"columns of the export to drop, which has {len(table.names)}",
            to_fix="correct the name at --drop, or under [privacy] in study.toml",
        )
    kept = [(name, texts) for name, texts in zip(table.names, table.columns, strict=True) if name not in dropped]
    findings = [
        Finding("W-DROPPED", "note", f"column `{name}` was dropped as asked", "no action is needed", column=name)
        for name in dict.fromkeys(dropped)
    ]
    names, columns = tuple(name for name, _ in kept), tuple(texts for _, texts in kept)
    return replace(table, names=names, columns=columns, findings=(*table.findings, *findings))


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputRefused(
            "E-NOT-FOUND",
            f"{path.name}: there is no such file",
            expected="a record export",
            to_fix="check the path",
        ) from None
    except OSError as fault:
        raise ResourceRefused(
            "R-PATH",
            f"{path.name}: cannot be opened ({fault.strerror})",
            expected="a file that may be read",
            to_fix="check the path and its permissions",
        ) from None
    if not content.strip():
        raise InputRefused(
            "E-EMPTY",
            f"{path.name}: the file has no table",
            expected="a header and at least one row",
            to_fix="export again",
        )
    return content


def _parquet(content: bytes, name: str, _reading: Reading) -> TextTable:
    from clinpred.records.sources.parquet import read_parquet

    return read_parquet(content, name)


def _workbook(content: bytes, name: str, reading: Reading) -> TextTable:
    from clinpred.records.sources.workbook import read_workbook

    return read_workbook(content, name, reading)


def _statistical_file(content: bytes, name: str, _reading: Reading) -> TextTable:
    from clinpred.records.sources.statistical_file import read_statistical_file

    return read_statistical_file(content, name)


_READERS: dict[str, Callable[[bytes, str, Reading], TextTable]] = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt", ".asc", ".dat", ".prn", ".rpt", ".gz", ".zip"), read_delimited),
    ".parquet": _parquet,
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), _workbook),
    **dict.fromkeys((".xpt", ".sas7bdat", ".sav", ".zsav", ".por", ".dta"), _statistical_file),
}


def _typed(cells: TextTable, name: str, sha256: str, *, reading: Reading) -> Export:
    import pandas as pd

    _check_shape(cells, name)
    columns = {
        column: texts_of(texts)
        for column, texts in zip(cells.names, cells.columns, strict=True)
        if not _is_unnamed(column)
    }
    typed = typed_columns(
        columns,
        Origin(name, cells.places, cells.place_word),
        reading,
        comma_delimited=cells.dialect.delimiter == ",",
        units=cells.units,
        categories=frozenset(name for name, said in cells.described.items() if said.type == "category"),
    )
    table = {
        column: pd.Series(found.values, dtype=float if found.type in {"number", "empty"} else object, copy=False)
        for column, found in typed.items()
    }
    findings = [*cells.findings, *_unnamed(len(cells.names) - len(columns))]
    findings += [finding for found in typed.values() for finding in found.findings]
    return Export(
        name,
        sha256,
        pd.DataFrame(table, copy=len(cells.places) <= _MOST_ROWS_COPIED),
        {column: found.type for column, found in typed.items()},
        tuple(findings),
        columns,
        {column: found.decisions for column, found in typed.items() if found.decisions},
        cells.described,
        cells.dialect if cells.place_word == "line" else None,
    )


def _check_shape(cells: TextTable, source: str) -> None:
    places: dict[str, list[str]] = {}
    for position, column in enumerate(cells.names, start=1):
        if not _is_unnamed(column):
            places.setdefault(column, []).append(str(position))
    twice = [f"`{column}` (columns {', '.join(at)})" for column, at in places.items() if len(at) > 1]
    if twice:
        raise InputRefused(
            "E-DUP-HEADER",
            f"{source}: {len(twice)} {'name is' if len(twice) == 1 else 'names are'} given to more than one column: "
            + ", ".join(twice),
            expected="a name of its own for every column",
            to_fix="rename or remove the columns in the export",
        )
    if not cells.places:
        raise InputRefused(
            "E-NO-ROWS",
            f"{source}: the header is followed by no row",
            expected="at least one row",
            to_fix="export again, and check the query's conditions",
        )


def _is_unnamed(column: str) -> bool:
    return not column or bool(_PANDAS_INDEX.fullmatch(column))


def _unnamed(count: int) -> list[Finding]:
    if not count:
        return []
    text = f"{count} {'column' if count == 1 else 'columns'} without a name set aside"
    return [Finding("W-UNNAMED", "note", text, "name it in the export where it is needed", count)]


def _unknown_format(path: Path) -> InputRefused:
    return InputRefused(
        "E-FORMAT",
        f"{path.name}: not the name of an export that can be read",
        expected=f"a name that ends in {', '.join(_READERS)}",
        to_fix="give the file the ending of its kind, or export as CSV",
    )
