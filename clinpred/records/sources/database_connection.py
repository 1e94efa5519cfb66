"""A connection to a database from which nothing but reading is possible; what its driver says is never passed on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from clinpred.errors import InputRefused, ResourceRefused

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy.engine import URL, Connection, Engine

_SQLITE = {"sqlite", "sqlite+pysqlite"}
_POSTGRESQL = {"postgres", "postgresql", "postgresql+psycopg"}
_SQLITE_BEGINS = b"SQLite format 3\x00"
_ASKED_BY_SQLALCHEMY = {"database_list", "read_uncommitted"}
_SECONDS_TO_CONNECT = 20
# A result is then the same wherever it is read, and no statement of the session can write.
_SETTINGS = (
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "SET TIME ZONE 'UTC'",
    "SET DateStyle TO 'ISO, YMD'",
    "SET extra_float_digits TO 1",
    "SET client_encoding TO 'UTF8'",
)


@contextmanager
def connected(url: str) -> Iterator["Connection"]:
    """Open the database for reading alone, and close it.

    A SQLite file is opened in read-only mode, and never made; of a database in its WAL mode, SQLite itself may leave
    the files ``-wal`` and ``-shm`` beside it. A session of PostgreSQL is set read-only, its times to UTC.

    Parameters
    ----------
    url : str
        ``sqlite:///PATH`` (three slashes before a relative path, four before an absolute one) or
        ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``. It is never shown.

    Raises
    ------
    InputRefused
        E-EXTRA: the libraries are not installed. E-SQL-URL: not such a URL. E-NOT-FOUND: there is no such SQLite file.
        E-FORMAT: the file is no SQLite database. E-SQL-CONNECT: the server does not answer or refuses the login.
    """
    try:
        import sqlalchemy
    except ImportError:
        raise _no_extra() from None
    engine = _engine(_parsed(url))
    try:
        connection = engine.connect()
    except (sqlalchemy.exc.SQLAlchemyError, OSError, UnicodeError):
        raise _no_connection() from None
    try:
        yield connection
    finally:
        connection.close()
        engine.dispose()


def _parsed(url: str) -> "URL":
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise _bad_url("is not a URL that can be read") from None
    if parsed.drivername not in _SQLITE | _POSTGRESQL:
        raise _bad_url("names a kind of database that is not read")
    return parsed


def _engine(url: "URL") -> "Engine":
    return _sqlite(url) if url.drivername in _SQLITE else _postgresql(url)


def _sqlite(url: "URL") -> "Engine":
    from sqlalchemy import NullPool, create_engine

    if url.query or not url.database or url.database == ":memory:":
        raise _bad_url("of SQLite needs the path of a file and nothing else")
    path = Path(url.database)
    if not path.is_file():
        raise InputRefused(
            "E-NOT-FOUND",
            f"{path.name}: there is no such SQLite file",
            expected="a database that exists",
            to_fix="check the path: three slashes before a relative one, four before an absolute one",
        )
    if _first_bytes(path) != _SQLITE_BEGINS:
        raise InputRefused(
            "E-FORMAT",
            f"{path.name}: not a SQLite database",
            expected="a file that SQLite wrote",
            to_fix="check the path, or give an export by its own name",
        )
    return create_engine("sqlite://", creator=lambda: _open_to_read(path), poolclass=NullPool)


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE_BEGINS))
    except OSError as fault:
        raise ResourceRefused(
            "R-PATH",
            f"{path.name}: cannot be opened ({fault.strerror})",
            expected="a file that may be read",
            to_fix="check the path and its permissions",
        ) from None


def _open_to_read(path: Path) -> "sqlite3.Connection":
    """Open a file of SQLite such that no statement changes it or makes another, as VACUUM INTO would."""
    import sqlite3

    granted = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}

    def judge(action: int, argument: str | None, *_: object) -> int:
        asks = action == sqlite3.SQLITE_PRAGMA and argument in _ASKED_BY_SQLALCHEMY
        return sqlite3.SQLITE_OK if action in granted or asks else sqlite3.SQLITE_DENY

    connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)
    connection.set_authorizer(judge)
    return connection


def _postgresql(url: "URL") -> "Engine":
    from sqlalchemy import NullPool, create_engine, event

    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={} if "connect_timeout" in url.query else {"connect_timeout": _SECONDS_TO_CONNECT},
        )
    except ImportError:
        raise _no_extra() from None
    event.listen(engine, "connect", _set_session)
    return engine


def _set_session(connection: object, _record: object) -> None:
    with connection.cursor() as cursor:  # type: ignore[attr-defined]
        for setting in _SETTINGS:
            cursor.execute(setting)
    connection.commit()  # type: ignore[attr-defined]


def _bad_url(what: str) -> InputRefused:
    return InputRefused(
        "E-SQL-URL",
        f"the database's URL {what}",
        expected="sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
        to_fix="correct the URL (--sql), or export the table to a file",
    )


def _no_connection() -> InputRefused:
    return InputRefused(
        "E-SQL-CONNECT",
        "the database does not answer, or refuses the login",
        expected="a database that can be reached, and an account that may log in",
        to_fix="check the host, port, database, user and password of the URL (--sql)",
    )


def _no_extra() -> InputRefused:
    return InputRefused(
        "E-EXTRA",
        "databases are read by SQLAlchemy and psycopg, which are not both installed",
        expected="clinpred with its extra `sql`",
        to_fix="pip install 'clinpred[sql]'",
    )
