"""A table of a database, or what a query returns, to cells of text."""

import difflib
import hashlib
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from clinpred.errors import InputRefused
from clinpred.records.findings import Finding
from clinpred.records.sources.database_columns import KIND_OF_OID, Kind, ResultColumn, as_cells, refuse_kinds
from clinpred.records.sources.database_connection import connected
from clinpred.records.sources.row_order import sorted_rows, states_an_order
from clinpred.records.text_table import SourceTable, TextTable
from clinpred.settings.export import Database

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, CursorResult

_ROWS_AT_A_TIME = 10_000
_TYPES_OF_THEIR_OWN = """
SELECT t.oid, t.typtype = 'e', t.typcategory = 'S', e.enumlabel
FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid
WHERE t.oid = ANY(%s) ORDER BY t.oid, e.enumsortorder
"""
_IN_WORDS = {
    "25006": "would write, and the database is opened for reading alone",
    "SQLITE_READONLY": "would write, and the database is opened for reading alone",
    "SQLITE_AUTH": "would do more than read, and the database is opened for reading alone",
    "42501": "reads what the account may not read",
    "42601": "is not one SELECT that the database understands",
    "42703": "names a column that is not there",
    "42P01": "names a table that is not there",
    "57014": "was stopped by the database, as one does that takes too long",
}


def read_database(source: Database) -> SourceTable:
    """Read a table, or what a query returns, from SQLite or PostgreSQL; the session cannot write.

    A database has no order of rows, while the held-out patients depend on it: rows are therefore sorted by their cells,
    column by column, unless the query has an ORDER BY, whose order is kept. The same rows then give the same table,
    whichever way the database finds them, but for rows that tie in the query's own order.

    Whole numbers and decimals keep every digit. Text stays text as far as the rules for text in any export let it.

    Parameters
    ----------
    source : Database
        URL and table or query.

    Returns
    -------
    SourceTable
        Its name is ``table NAME`` or ``the query's result``. Its ``sha256`` is that of the names and cells, column by
        column in UTF-8, each with its length before it.

    Raises
    ------
    InputRefused
        The codes of ``connected``. E-SQL-TABLE: there is no such table. E-SQL-QUERY: the query fails, or returns no
        table. E-FORMAT: a column of another type. E-DATE: a date that the calendar does not have. E-ENCODING: text that
        does not decode.
    """
    name = f"table {source.table}" if source.table is not None else "the query's result"
    with connected(source.url) as connection:
        columns, values = _result(connection, source, name)
    return _as_source(name, columns, values, ordered=states_an_order(source.query or ""))


def _as_source(name: str, columns: Sequence[ResultColumn], values: list[list[object]], *, ordered: bool) -> SourceTable:
    read = [as_cells(column, stored, name) for column, stored in zip(columns, values, strict=True)]
    cells = [column.cells for column in read]
    findings = [finding for column in read for finding in column.findings]
    if not ordered:
        rows = sorted_rows(cells)
        cells = [[column[row] for row in rows] for column in cells]
        text = "a database has no order of rows: they are sorted by their cells, so that a rerun sees the same order"
        findings.append(Finding("W-SQL-ORDER", "note", text, "where another order is meant, state it with ORDER BY"))
    names = tuple(column.name.strip() for column in columns)
    table = TextTable(
        names,
        tuple(cells),
        range(1, 1 + len(cells[0])),
        "row",
        tuple(findings),
        described={each: column.description for each, column in zip(names, columns, strict=True)},
    )
    return SourceTable(table, name, _sha256(names, cells))


def _whole_table(connection: "Connection", table: str) -> str:
    """Return the query for a whole table, its name quoted; ``a.b`` is b of schema a unless a table is called so."""
    import sqlalchemy

    quote = connection.dialect.identifier_preparer.quote_identifier
    inspector = sqlalchemy.inspect(connection)
    names = _tables(inspector, None)
    if table in names:
        return f"SELECT * FROM {quote(table)}"  # noqa: S608
    schema, dot, bare = table.partition(".")
    if dot and schema in inspector.get_schema_names():
        names = [f"{schema}.{each}" for each in _tables(inspector, schema)]
        if table in names:
            return f"SELECT * FROM {quote(schema)}.{quote(bare)}"  # noqa: S608
    raise _no_table(table, names)


def _tables(inspector: Any, schema: str | None) -> list[str]:  # noqa: ANN401
    listed = [*inspector.get_table_names(schema=schema), *inspector.get_view_names(schema=schema)]
    if inspector.dialect.name == "postgresql":
        listed += inspector.get_materialized_view_names(schema=schema)
        listed += inspector.get_foreign_table_names(schema=schema)
    return [str(table) for table in listed]


def _result(connection: "Connection", source: Database, name: str) -> tuple[list[ResultColumn], list[list[object]]]:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        query = _whole_table(connection, source.table) if source.table is not None else source.query or ""
        return _fetched(connection, query, name)
    except UnicodeDecodeError:
        raise _not_decodable(name) from None
    except SQLAlchemyError as fault:
        raise _failed(getattr(fault, "orig", None), name) from None


def _fetched(connection: "Connection", query: str, name: str) -> tuple[list[ResultColumn], list[list[object]]]:
    if connection.dialect.name == "postgresql":
        _load_as_text(connection)
    options = {"yield_per": _ROWS_AT_A_TIME, "no_parameters": True}
    with connection.exec_driver_sql(query, execution_options=options) as result:
        if not result.returns_rows or not result.cursor or not result.cursor.description:
            raise _no_result(name)
        columns = _columns(connection, result)
        refuse_kinds(columns, name)
        values: list[list[object]] = [[] for _ in columns]
        for rows in result.partitions():
            for stored, new in zip(values, zip(*rows, strict=True), strict=True):
                stored.extend(new)
    return columns, values


def _load_as_text(connection: "Connection") -> None:
    """Take values as the server writes them, so that no digit of a number and no date is lost on the way."""
    from psycopg.types.string import TextLoader

    driver: Any = connection.connection.driver_connection
    for oid in KIND_OF_OID:
        driver.adapters.register_loader(oid, TextLoader)


def _columns(connection: "Connection", result: "CursorResult[Any]") -> list[ResultColumn]:
    described: list[tuple[str, Any]] = [(str(column[0]), column[1]) for column in result.cursor.description or ()]
    if connection.dialect.name != "postgresql":
        return [ResultColumn(name, "as stored") for name, _ in described]
    own = _own_types(connection, [oid for _, oid in described if oid not in KIND_OF_OID])
    return [ResultColumn(name, *own.get(oid, (KIND_OF_OID.get(oid, "other"), ()))) for name, oid in described]


def _own_types(connection: "Connection", oids: list[int]) -> dict[int, tuple[Kind, tuple[str, ...]]]:
    """Return what the database's own types are: enumerations are categories, and kinds of text are text."""
    if not oids:
        return {}
    found = connection.exec_driver_sql(_TYPES_OF_THEIR_OWN, (oids,)).all()
    own: dict[int, tuple[Kind, tuple[str, ...]]] = {}
    for oid, rows in groupby(found, key=lambda row: int(row[0])):
        levels = list(rows)
        if levels[0][1] == "t":
            own[oid] = ("category", tuple(str(row[3]).strip() for row in levels))
        elif levels[0][2] == "t":
            own[oid] = ("text", ())
    return own


def _sha256(names: Sequence[str], columns: Sequence[Sequence[str]]) -> str:
    digest = hashlib.sha256()
    for name, cells in zip(names, columns, strict=True):
        digest.update("".join(f"{len(text)}:{text}" for text in (name, *cells)).encode())
    return digest.hexdigest()


def _failed(fault: Any, name: str) -> InputRefused:  # noqa: ANN401
    """Return the refusal for the database's own code of the fault; its message may hold values."""
    code = getattr(fault, "sqlstate", None) or getattr(fault, "sqlite_errorname", None) or ""
    if code in {"SQLITE_NOTADB", "SQLITE_CORRUPT"}:
        return InputRefused(
            "E-FORMAT",
            f"{name}: the SQLite file is damaged",
            expected="a whole database",
            to_fix="restore it, or copy it again",
        )
    what = _IN_WORDS.get(code) or f"fails in the database{f' ({code})' if code else ''}"
    return InputRefused(
        "E-SQL-QUERY",
        f"{name}: the query {what}",
        expected="one SELECT that returns a table",
        to_fix="try the query in the database's own client; it says where the fault is",
    )


def _no_result(name: str) -> InputRefused:
    return InputRefused(
        "E-SQL-QUERY",
        f"{name}: the query returns no table",
        expected="one SELECT that returns a table",
        to_fix="give a SELECT",
    )


def _not_decodable(name: str) -> InputRefused:
    return InputRefused(
        "E-ENCODING",
        f"{name}: text that is not UTF-8",
        expected="text in the encoding that the database states",
        to_fix="let the query convert it, or correct it in the database",
    )


def _no_table(table: str, names: Sequence[str]) -> InputRefused:
    folded = {each.casefold(): each for each in names}
    nearest = [folded[each] for each in difflib.get_close_matches(table.casefold(), list(folded), n=3, cutoff=0.5)]
    near = f" (nearest: {', '.join(f'`{each}`' for each in nearest)})" if nearest else ""
    return InputRefused(
        "E-SQL-TABLE",
        f"the database has no table `{table}`{near}",
        expected="a table or view that the account can see",
        to_fix="correct the name (--table), with its schema before it where it has one: schema.table",
    )
