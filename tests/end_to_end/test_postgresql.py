"""Tables and queries of a real PostgreSQL server, which the tests start, fill and stop."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

from clinpred.errors import InputRefused
from clinpred.records.read import read_export
from clinpred.records.sources.database import read_database
from clinpred.settings.export import Database

USER, CANARY = "analyst", "CANARY-7319"
ODD = 'Odd "name"'
QUOTED = '"Odd ""name"""'
TABLES = f"""
CREATE TYPE stage AS ENUM ('mild', 'grave', 'dire');
CREATE DOMAIN kilos AS numeric(5,1);
CREATE TABLE visits (
    patient bigint, zip text, code char(6), lab numeric, weight kilos, ratio double precision, single real,
    event boolean, seen date, at timestamp, logged timestamptz, clock time, stage stage, small smallint, ref uuid
);
INSERT INTO visits VALUES
    (9007199254740993, '000012', 'A1', 12345678901234567890.10, 70.5, 0.1, 0.1, true, '2023-05-07',
     '2023-05-07 12:30:00.25', '2023-05-07 12:30:00+02', '08:15', 'mild', 1,
     '00000000-0000-0000-0000-000000000001'),
    (NULL, ' b ', '{CANARY[:6]}', 'NaN', NULL, 'NaN', 1e10, false, NULL, '0001-01-01', NULL, NULL, 'dire', -3, NULL);
CREATE SCHEMA trial;
CREATE TABLE trial.visits (x integer);
INSERT INTO trial.visits VALUES (3), (1), (2);
CREATE TABLE {QUOTED} ("a.b" integer, "percent %s" text);
INSERT INTO {QUOTED} VALUES (1, '5%'), (2, ':five');
CREATE VIEW seen AS SELECT patient, event FROM visits;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM visits;
CREATE TABLE words (word text);
INSERT INTO words VALUES ('{CANARY}');
CREATE ROLE nobody LOGIN PASSWORD 'none';
"""


def programs_of_postgresql():
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders else None


def as_an_ordinary_user(*command):
    """Return the command as it is run where the tests run as root, as whom the server does not start."""
    drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return [*drop, *map(str, command)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def server():
    """Yield the server's port and password; both and its folder are gone afterwards."""
    programs = programs_of_postgresql()
    if programs is None and not os.environ.get("CI"):
        pytest.skip("PostgreSQL's server is not installed (Debian: apt-get install postgresql)")
    assert programs is not None, "PostgreSQL's server is not installed"
    folder, port, password = Path(tempfile.mkdtemp(prefix="pg")), free_port(), secrets.token_hex(8)
    data, word = folder / "data", folder / "word"
    word.write_text(password, encoding="utf-8")
    if os.geteuid() == 0:
        for path in (folder, word):
            shutil.chown(path, "postgres", "postgres")
    quiet = {"stdout": subprocess.DEVNULL, "cwd": "/"}
    made = ("-D", data, "-U", USER, "-A", "scram-sha-256", f"--pwfile={word}", "-E", "UTF8", "--locale=C", "--no-sync")
    subprocess.run(as_an_ordinary_user(programs / "initdb", *made), check=True, **quiet)
    control = programs / "pg_ctl"
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    start = ("-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        subprocess.run(as_an_ordinary_user(control, *start), check=True, **quiet)
        with psycopg.connect(f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres") as connection:
            connection.execute(TABLES)
        yield port, password
    finally:
        subprocess.run(as_an_ordinary_user(control, "-D", data, "-m", "immediate", "stop"), check=False, **quiet)
        shutil.rmtree(folder)


@pytest.fixture
def url(server):
    port, password = server
    return f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"


def cells(read):
    return dict(zip(read.table.names, map(list, read.table.columns), strict=True))


def asked(url, query):
    return read_database(Database(url=url, query=query))


def refusal(url, **what):
    with pytest.raises(InputRefused) as raised:
        read_database(Database(url=url, **what))
    assert CANARY not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    return raised.value


def test_every_type_of_a_table_is_read_exactly(url):
    read = read_database(Database(url=url, table="visits"))
    assert read.name == "table visits"
    assert cells(read) == {
        "patient": ["", "9007199254740993"],
        "zip": ["b", "000012"],
        "code": ["CANARY", "A1"],
        "lab": ["", "12345678901234567890.10"],
        "weight": ["", "70.5"],
        "ratio": ["", "0.1"],
        "single": ["1e+10", "0.1"],
        "event": ["false", "true"],
        "seen": ["", "2023-05-07"],
        "at": ["0001-01-01T00:00:00", "2023-05-07T12:30:00.25"],
        "logged": ["", "2023-05-07T10:30:00Z"],
        "clock": ["", "08:15:00"],
        "stage": ["dire", "mild"],
        "small": ["-3", "1"],
        "ref": ["", "00000000-0000-0000-0000-000000000001"],
    }
    described = read.table.described
    assert described["stage"].levels == ("mild", "grave", "dire")
    types = [described[name].type for name in ("stage", "patient", "seen", "zip")]
    assert types == ["category", "number", "date", None]
    assert [(found.code, found.column, found.count) for found in read.table.findings] == [
        ("W-NA-SPELLING", "lab", 1),
        ("W-NA-SPELLING", "ratio", 1),
        ("W-SQL-ORDER", None, None),
    ]


def test_a_table_goes_the_way_of_every_export(url):
    export = read_export(Database(url=url.replace("postgresql://", "postgres://"), table="visits"))
    assert export.types["stage"] == export.types["zip"] == "category"
    assert export.types["seen"] == export.types["logged"] == "date"
    assert export.types["weight"] == "number"
    assert export.text("patient").tolist() == ["", "9007199254740993"]
    assert export.text("zip").tolist() == ["b", "000012"]


@pytest.mark.parametrize("table", ["visits", "seen", "counted", ODD, "trial.visits", "public.seen"])
def test_tables_and_views_are_found_by_their_names(url, table):
    assert read_database(Database(url=url, table=table)).name == f"table {table}"


def test_names_and_queries_with_signs_that_mean_something_elsewhere_are_taken_as_they_are(url):
    whole = read_database(Database(url=url, table=ODD))
    assert cells(whole) == {"a.b": ["1", "2"], "percent %s": ["5%", ":five"]}
    found = asked(url, f"""SELECT "percent %s" AS p, 1 % 2 AS r FROM {QUOTED} WHERE "percent %s" LIKE '%:five';""")
    assert cells(found) == {"p": [":five"], "r": ["1"]}
    assert found.name == "the query's result"


def test_rows_are_sorted_by_their_cells_unless_the_query_orders_them(url):
    first, again = (
        asked(url, f"SELECT * FROM (VALUES {rows}) AS t(id, x)")
        for rows in ("(2, 'b'), (1, 'z'), (2, 'a')", "(2, 'a'), (2, 'b'), (1, 'z')")
    )
    assert cells(first) == cells(again) == {"id": ["1", "2", "2"], "x": ["z", "a", "b"]}
    assert first.sha256 == again.sha256
    assert [found.code for found in first.table.findings] == ["W-SQL-ORDER"]
    ordered = asked(url, "SELECT x FROM trial.visits ORDER BY x DESC")
    assert cells(ordered) == {"x": ["3", "2", "1"]}
    assert ordered.table.findings == ()


def test_more_rows_than_are_fetched_at_once_all_arrive(url):
    read = asked(url, "SELECT n, n / 4.0 AS q FROM generate_series(1, 25001) AS n ORDER BY n")
    assert cells(read)["n"] == [str(n) for n in range(1, 25_002)]
    assert [float(q) for q in cells(read)["q"]] == [n / 4 for n in range(1, 25_002)]


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO words VALUES ('x') RETURNING word",
        "WITH gone AS (DELETE FROM words RETURNING word) SELECT * FROM gone",
        "SELECT 1; DROP TABLE words",
        "SELECT 1; SET default_transaction_read_only = off; COMMIT; DROP TABLE words",
        "SELECT setval(pg_get_serial_sequence('words', 'word'), 1), nextval('none')",
        "UPDATE words SET word = ''",
        "COMMIT",
        "CREATE TABLE more (x integer)",
    ],
)
def test_a_query_that_writes_is_refused_and_nothing_is_written(url, query):
    assert refusal(url, query=query).code == "E-SQL-QUERY"
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT word FROM words").fetchall() == [(CANARY,)]


def test_a_function_that_writes_is_refused_as_one_that_writes(url):
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SEQUENCE IF NOT EXISTS numbers")
    assert "opened for reading alone" in refusal(url, query="SELECT nextval('numbers')").found


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT word::integer FROM words", "(22P02)"),
        ("SELECT nothing FROM words", "names a column that is not there"),
        ("SELECT * FROM nothing", "names a table that is not there"),
        ("SELEC * FROM words", "is not one SELECT"),
        ("SELECT FROM words", "returns no table"),
    ],
)
def test_a_query_that_fails_says_why_and_shows_no_value(url, query, said):
    fault = refusal(url, query=query)
    assert fault.code == "E-SQL-QUERY"
    assert said in fault.found


def test_a_table_that_the_account_may_not_read_is_refused(server):
    url = f"postgresql://nobody:none@127.0.0.1:{server[0]}/postgres"
    assert "account may not read" in refusal(url, table="words").found


@pytest.mark.parametrize(("table", "nearest"), [("Visit", "visits"), ("trial.visit", "trial.visits"), ("a.b", None)])
def test_an_unknown_table_is_refused_with_the_nearest_names(url, table, nearest):
    fault = refusal(url, table=table)
    assert fault.code == "E-SQL-TABLE"
    assert f"no table `{table}`" in fault.found
    assert (f"`{nearest}`" in fault.found) if nearest else ("nearest" not in fault.found)


@pytest.mark.parametrize(
    "value",
    ["ARRAY[1]", "'{}'::json", "'5'::jsonb", "'x'::bytea", "'1 day'::interval", "1::money", "ROW(1, 2)", "'1'::xml"],
)
def test_columns_of_several_values_a_cell_are_refused_by_name(url, value):
    fault = refusal(url, query=f"SELECT 1 AS fine, {value} AS odd")
    assert fault.code == "E-FORMAT"
    assert "column `odd`" in fault.found
    assert "fine" not in fault.found


@pytest.mark.parametrize(
    "value", ["'infinity'::date", "'-infinity'::timestamp", "'0044-03-15 BC'::date", "'10001-01-01'::timestamptz"]
)
def test_dates_that_the_calendar_does_not_have_are_refused_by_column(url, value):
    fault = refusal(url, query=f"SELECT {value} AS died")
    assert fault.code == "E-DATE"
    assert "column `died`" in fault.found


def test_an_infinite_number_is_refused_as_in_any_export(url):
    with pytest.raises(InputRefused) as raised:
        read_export(Database(url=url, query="SELECT x FROM (VALUES (1.5), ('Infinity'::float8)) AS t(x)"))
    assert raised.value.code == "E-NOT-FINITE"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT a.x, b.x FROM trial.visits a JOIN trial.visits b USING (x)", "E-DUP-HEADER"),
        ("SELECT x FROM trial.visits WHERE x > 5", "E-NO-ROWS"),
    ],
)
def test_a_result_is_checked_like_any_export(url, query, code):
    with pytest.raises(InputRefused) as raised:
        read_export(Database(url=url, query=query))
    assert raised.value.code == code


def test_a_login_that_is_refused_shows_neither_host_nor_password(server):
    port = server[0]
    for url in (
        f"postgresql://{USER}:{CANARY}@127.0.0.1:{port}/postgres",
        f"postgresql://{USER}:{CANARY}@127.0.0.1:{port}/{CANARY}",
        f"postgresql://{USER}:{CANARY}@127.0.0.1:{free_port()}/postgres?connect_timeout=5",
    ):
        fault = refusal(url, table="visits")
        assert fault.code == "E-SQL-CONNECT"
        assert "127.0.0.1" not in str(fault)
        assert str(port) not in str(fault)
