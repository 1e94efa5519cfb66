"""An export to a typed table: it equals the file exactly, or the file is refused."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clinpred.errors import InputRefused, ResourceRefused
from clinpred.records.cells import Origin
from clinpred.records.delimited import TextTable, read_delimited
from clinpred.records.findings import Finding
from clinpred.records.parquet import read_parquet
from clinpred.records.typed_columns import typed_columns
from clinpred.records.types import ColumnType
from clinpred.settings.export import Reading

if TYPE_CHECKING:
    import pandas as pd

_TEXT_ENDINGS = (".csv", ".tsv", ".tab", ".txt", ".gz", ".zip")
_PANDAS_INDEX = re.compile(r"__index_level_[0-9]+__")


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
    texts : mapping of str to array
        The cells as they were written, outer blanks removed: see ``text``.
    """

    name: str
    sha256: str
    table: "pd.DataFrame"
    types: Mapping[str, ColumnType]
    findings: tuple[Finding, ...]
    texts: Mapping[str, NDArray[np.object_]]
    decisions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def text(self, column: str) -> NDArray[np.object_]:
        """Return the cells of a column as they were written, shape (n,); an empty text where nothing was."""
        return self.texts[column]

    def label(self, column: str) -> NDArray[np.object_]:
        """Return the text that names a row's class, site or patient, shape (n,); empty where missing.

        It is the cell of the table, but for numbers the cell as written, so that an id keeps its digits.
        """
        if self.types[column] in {"number", "empty"}:
            return np.where(self.missing(column), "", self.texts[column])
        return self.table[column].fillna("").to_numpy(dtype=object)

    def missing(self, column: str) -> NDArray[np.bool_]:
        """Return whether the column's cell is missing, shape (n,)."""
        return self.table[column].isna().to_numpy(dtype=bool)


def read_export(path: Path, reading: Reading = Reading()) -> Export:  # noqa: B008 (it cannot be changed)
    """Read a CSV (UTF-8, comma, double quotes, header) or Parquet export.

    A column is a number where every value is one, words for "missing" (NA, null, ...) aside, and a date where every
    value is one; all else is a category. What could be read in two ways is refused, unless ``reading`` settles it.

    Raises
    ------
    InputRefused
        The file is missing, empty, of another format or does not read exactly (codes ``E-``).
    ResourceRefused
        R-PATH: the file cannot be opened.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in (*_TEXT_ENDINGS, ".parquet"):
        raise _unknown_format(path)
    content = _content(path)
    cells = read_parquet(content, path.name) if ending == ".parquet" else read_delimited(content, path.name, reading)
    return _typed(cells, path.name, hashlib.sha256(content).hexdigest(), reading=reading)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputRefused(
            "E-NOT-FOUND",
            f"{path.name}: there is no such file",
            expected="an export, as CSV or Parquet",
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


def _typed(cells: TextTable, name: str, sha256: str, *, reading: Reading) -> Export:
    import pandas as pd

    _check_shape(cells, name)
    columns = {
        column: texts for column, texts in zip(cells.names, cells.columns, strict=True) if not _is_unnamed(column)
    }
    typed = typed_columns(
        columns,
        Origin(name, cells.places, cells.place_word),
        reading,
        comma_delimited=cells.dialect.delimiter == ",",
        units=cells.units,
    )
    table = {
        column: pd.Series(found.values, dtype=float if found.type in {"number", "empty"} else object)
        for column, found in typed.items()
    }
    findings = [*cells.findings, *_unnamed(len(cells.names) - len(columns))]
    findings += [finding for found in typed.values() for finding in found.findings]
    return Export(
        name,
        sha256,
        pd.DataFrame(table),
        {column: found.type for column, found in typed.items()},
        tuple(findings),
        {column: np.array(texts, dtype=object) for column, texts in columns.items()},
        {column: found.decisions for column, found in typed.items() if found.decisions},
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
        f"{path.name}: not a name that ends in .csv or .parquet",
        expected="an export as CSV (UTF-8, comma) or Parquet",
        to_fix="export as CSV or Parquet",
    )
