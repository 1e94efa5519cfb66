"""Large exports that can be read in one way only: in blocks, column by column, without a Python object a cell.

What ``read_delimited`` decides on a whole text is decided here on its names, its last row, and what every block was
seen to hold. Wherever that leaves a doubt the answer is None, and the careful reader takes the file.
"""

import csv
import hashlib
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from clinpred.records.text.blanks import BLANKS
from clinpred.records.text.column_builder import ColumnBuilder
from clinpred.records.text.container import is_wrapped
from clinpred.records.text.delimited import is_other_text, settled_table
from clinpred.records.text.dialect import MOST_COLUMNS
from clinpred.records.text.encoding import is_utf8
from clinpred.records.text.headers import Named, garbled_words
from clinpred.records.text.plain_text import LONGEST_LINE, NotPlainError, Plainness, blocks_of
from clinpred.records.text.scanner import Dialect
from clinpred.records.text.totals import STARTS_OF_SUMS, may_be_sum, says_total
from clinpred.records.text_table import SourceTable, TextTable
from clinpred.settings.export import Reading

if TYPE_CHECKING:
    import pyarrow as pa

_MARK = b"\xef\xbb\xbf"
BLOCK = 2**22
_DELIMITERS = ",;\t|^~"
# Files below this size are read as fast by the careful reader.
SMALLEST = 2**20
_FEWEST_ROWS = 10
_N_THREADS = 2


@dataclass
class _Opened:
    """A file that is being read: its first line, its columns so far, and what its bytes were seen to be."""

    first_line: bytes
    first_row: list[str]
    delimiter: str
    plainness: Plainness
    columns: list[ColumnBuilder]
    has_mark: bool
    n_rows: int = 0
    last_row: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Part:
    """A block of the file: what its bytes are, and its cells, of which the block of the names may have none."""

    plainness: Plainness
    cells: "pa.Table | None"


def read_plain(path: Path, reading: Reading) -> SourceTable | None:
    """Return the table of a large file in UTF-8 whose cells can be parted in one way only, None for any other.

    It equals what ``read_delimited`` returns, but its columns are held lean.

    Parameters
    ----------
    path : Path
        The file.
    reading : Reading
        What the analyst decides.
    """
    with suppress(NotPlainError, OSError):
        if path.is_file() and path.stat().st_size >= SMALLEST:
            with path.open("rb") as file:
                return _read(file, path.name, reading)
    return None


def _read(file: BinaryIO, name: str, reading: Reading) -> SourceTable:
    digest = hashlib.sha256()
    opened = _opened(file.readline(LONGEST_LINE), reading)
    file.seek(0)
    if opened.has_mark:
        digest.update(file.read(len(_MARK)))
    n_names = 0 if reading.no_header else len(opened.first_line)
    parts: deque[Future[_Part]] = deque()
    with ThreadPoolExecutor(_N_THREADS) as threads:
        for block in blocks_of(file, digest, size=BLOCK):
            types = [builder.arrow_type for builder in opened.columns]
            parts.append(threads.submit(_part, block, opened.delimiter, types, n_names=n_names))
            n_names = 0
            if len(parts) > _N_THREADS:
                _add(opened, parts.popleft().result())
        while parts:
            _add(opened, parts.popleft().result())
    return SourceTable(_table(opened, name, reading), name, digest.hexdigest())


def _opened(start: bytes, reading: Reading) -> _Opened:
    """Return the reading of a file that starts with this line."""
    line = start.removeprefix(_MARK)
    head = line[:4096].decode("utf-8", errors="replace")
    if is_wrapped(start) or is_other_text(head) or line.startswith(_MARK) or not is_utf8(reading.encoding):
        raise NotPlainError
    delimiter = reading.delimiter or max(_DELIMITERS, key=head.count)
    if delimiter not in _DELIMITERS:
        raise NotPlainError
    try:
        cells = next(csv.reader([line.decode("utf-8").rstrip("\r\n")], delimiter=delimiter), [])
    except (UnicodeDecodeError, csv.Error):
        raise NotPlainError from None
    if not 1 < len(cells) <= MOST_COLUMNS:
        raise NotPlainError
    return _Opened(
        line, cells, delimiter, Plainness(ord(delimiter)), [ColumnBuilder() for _ in cells], has_mark=line != start
    )


def _part(block: bytes, delimiter: str, types: "Sequence[pa.DataType]", *, n_names: int) -> _Part:
    """Return the cells of a block, and what was seen of it; its first ``n_names`` bytes are the line of the names."""
    plainness = Plainness(ord(delimiter))
    plainness.look_at(block)
    rows = memoryview(block)[n_names:]
    return _Part(plainness, _parted(rows, delimiter, types, has_quotes=plainness.has_quotes) if rows else None)


def _add(opened: _Opened, part: _Part) -> None:
    opened.plainness.add(part.plainness)
    if part.cells is None:
        return
    opened.n_rows += part.cells.num_rows
    opened.last_row = [column[-1].as_py() for column in part.cells.columns]
    for builder, column in zip(opened.columns, part.cells.columns, strict=True):
        for chunk in column.chunks:
            builder.add(chunk)


def _parted(block: memoryview, delimiter: str, types: "Sequence[pa.DataType]", *, has_quotes: bool) -> "pa.Table":
    """Return the cells of whole lines; each line must have as many as there are types."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = [str(at) for at in range(len(types))]
    try:
        return arrow_csv.read_csv(
            pa.py_buffer(block),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=names),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if has_quotes else False,
                double_quote=has_quotes,
                escape_char=False,
                newlines_in_values=False,
                ignore_empty_lines=False,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict(zip(names, types, strict=True)),
                null_values=[],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        raise NotPlainError from None


def _table(opened: _Opened, name: str, reading: Reading) -> TextTable:
    header = list(reading.columns) if reading.no_header else opened.first_row
    plainness = opened.plainness
    _require_plain_rows(opened, header, reading)
    columns: list[Sequence[str]] = []
    n_stripped = 0
    for builder in opened.columns:
        texts, n_changed = builder.texts(stripped=plainness.may_have_blanks)
        if texts.any_of(STARTS_OF_SUMS, may_be_sum):
            raise NotPlainError
        columns.append(texts)
        n_stripped += n_changed
    if not reading.no_header and header[0].strip(BLANKS) in columns[0]:
        raise NotPlainError
    start = 1 if reading.no_header else 2
    table = settled_table(
        Named(header, columns, list(range(1, len(header) + 1))),
        range(start, start + opened.n_rows),
        name,
        n_stripped=n_stripped,
        has_header=not reading.no_header,
    )
    garbled = () if plainness.is_ascii else garbled_words(table.names, table.columns)
    dialect = Dialect(reading.encoding or "utf-8", opened.delimiter, '"' if plainness.has_quotes else None)
    return replace(table, findings=(*table.findings, *garbled), dialect=dialect)


def _require_plain_rows(opened: _Opened, header: Sequence[str], reading: Reading) -> None:
    """Require names on the first line, patients on all others, and one mark that parts them."""
    n_filled = sum(bool(cell.strip(BLANKS)) for cell in opened.first_row)
    is_plain = (
        opened.n_rows >= _FEWEST_ROWS
        and len(header) == len(opened.first_row)
        and 2 * n_filled >= len(header)
        and sum(bool(cell.strip(BLANKS)) for cell in opened.last_row) > 1
        and not says_total(opened.last_row)
        and (reading.delimiter is not None or opened.plainness.has_one_reading(opened.first_line))
    )
    if not is_plain:
        raise NotPlainError
