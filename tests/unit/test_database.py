"""SQLite databases: read exactly, never written to and never made; and what is refused before a database is asked."""

import sqlite3
import sys

import pytest

from clinpred.errors import InputRefused
from clinpred.records.read import read_export
from clinpred.records.sources.database import read_database
from clinpred.settings.export import Database

CANARY = "CANARY7319"
TABLES = f"""
CREATE TABLE visits (patient INTEGER, zip TEXT, weight REAL, event BOOLEAN, seen DATE, note);
INSERT INTO visits VALUES
    (9007199254740993, '000012', 0.1, 1, '2023-05-07', NULL), (2, ' b ', 70.0, 0, NULL, '{CANARY}'),
    (NULL, '', 1e300, NULL, '2023-05-08', 5);
CREATE VIEW seen AS SELECT seen FROM visits;
CREATE TABLE "two words" ("x.y" INTEGER);
INSERT INTO "two words" VALUES (3), (1), (2);
CREATE TABLE pictures (patient INTEGER, picture BLOB);
INSERT INTO pictures VALUES (1, x'00ff');
CREATE TABLE none (x INTEGER);
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the folder of ``trial.db``, which is where the test runs."""
    monkeypatch.chdir(tmp_path)
    with sqlite3.connect("trial.db") as connection:
        connection.executescript(TABLES)
    connection.close()
    return tmp_path


def read(**what):
    return read_database(Database(url="sqlite:///trial.db", **what))


def cells(source):
    return dict(zip(source.table.names, map(list, source.table.columns), strict=True))


def refusal(url="sqlite:///trial.db", **what):
    with pytest.raises(InputRefused) as raised:
        read_database(Database(url=url, **what))
    assert CANARY not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    return raised.value


def test_a_table_is_read_exactly_and_sorted_by_its_cells(folder):
    source = read(table="visits")
    assert source.name == "table visits"
    assert cells(source) == {
        "patient": ["", "2", "9007199254740993"],
        "zip": ["", "b", "000012"],
        "weight": ["1e+300", "70", "0.1"],
        "event": ["", "0", "1"],
        "seen": ["2023-05-08", "", "2023-05-07"],
        "note": ["5", CANARY, ""],
    }
    assert [(found.code, found.level) for found in source.table.findings] == [("W-SQL-ORDER", "note")]


def test_an_absolute_path_and_a_view_are_read_too(folder):
    source = read_database(Database(url=f"sqlite:///{folder}/trial.db", table="seen"))
    assert cells(source) == {"seen": ["", "2023-05-07", "2023-05-08"]}


def test_names_are_quoted(folder):
    assert cells(read(table="two words")) == {"x.y": ["1", "2", "3"]}
    assert cells(read(table="main.two words")) == {"x.y": ["1", "2", "3"]}


def test_a_query_with_its_own_order_keeps_it(folder):
    source = read(query='SELECT "x.y" AS x FROM "two words" ORDER BY 1 DESC')
    assert source.name == "the query's result"
    assert cells(source) == {"x": ["3", "2", "1"]}
    assert source.table.findings == ()


def test_an_order_of_a_window_or_an_inner_query_is_none_of_the_rows(folder):
    source = read(query='SELECT zip, rank() OVER (ORDER BY zip DESC) AS "order by" FROM visits -- ORDER BY 2')
    assert cells(source)["zip"] == ["", "000012", "b"]
    assert [found.code for found in source.table.findings] == ["W-SQL-ORDER"]


def test_the_hash_is_of_names_and_cells_in_their_order(folder):
    first, again = (read(query=f'SELECT "x.y" AS x FROM "two words" {order}').sha256 for order in ("", "LIMIT 3"))
    assert first == again
    assert first != read(query='SELECT "x.y" AS y FROM "two words"').sha256
    assert first != read(query='SELECT "x.y" AS x FROM "two words" ORDER BY 1 DESC').sha256


def test_signs_of_placeholders_in_a_query_are_taken_as_they_are(folder):
    assert cells(read(query="SELECT zip, ':x %s ?' AS y FROM visits WHERE zip LIKE '0%2'")) == {
        "zip": ["000012"],
        "y": [":x %s ?"],
    }


def test_a_table_goes_the_way_of_every_export(folder):
    export = read_export(Database(url="sqlite:///trial.db", table="visits"))
    assert dict(export.types) == {
        "patient": "category",
        "zip": "category",
        "weight": "number",
        "event": "number",
        "seen": "date",
        "note": "category",
    }
    assert export.name == "table visits"


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO visits (zip) VALUES ('x')",
        "INSERT INTO visits (zip) VALUES ('x') RETURNING zip",
        "DELETE FROM visits",
        "DROP TABLE visits",
        "SELECT 1; DROP TABLE visits",
        "ATTACH DATABASE 'other.db' AS other",
        "VACUUM INTO 'copy.db'",
        "PRAGMA user_version = 5",
        "CREATE TABLE more (x)",
    ],
)
def test_a_query_that_writes_is_refused_and_nothing_is_written(folder, query):
    before = (folder / "trial.db").read_bytes()
    assert refusal(query=query).code == "E-SQL-QUERY"
    assert (folder / "trial.db").read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["trial.db"]


def test_a_query_that_writes_is_told_so(folder):
    assert "opened for reading alone" in refusal(query="DELETE FROM visits RETURNING zip").found


@pytest.mark.parametrize(
    "query", [f"SELECT '{CANARY}' FROM nowhere", "SELEC 1", "SELECT nothing FROM visits", ";", "-- x", ""]
)
def test_a_query_that_fails_or_returns_nothing_is_refused_without_its_text(folder, query):
    assert refusal(query=query).code == "E-SQL-QUERY"


@pytest.mark.parametrize(("table", "nearest"), [("Visit", "`visits`"), ("main.visit", "`main.visits`"), ("zzz", None)])
def test_an_unknown_table_is_refused_with_the_nearest_names(folder, table, nearest):
    fault = refusal(table=table)
    assert fault.code == "E-SQL-TABLE"
    assert f"no table `{table}`" in fault.found
    assert (nearest in fault.found) if nearest else ("nearest" not in fault.found)


def test_bytes_are_refused_by_column(folder):
    fault = refusal(table="pictures")
    assert fault.code == "E-FORMAT"
    assert "column `picture`" in fault.found


def test_text_that_is_not_utf_8_is_refused_without_showing_it(folder):
    fault = refusal(query=f"SELECT CAST(x'ff' || '{CANARY}' AS TEXT) AS x")
    assert fault.code == "E-SQL-QUERY"


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"query": "SELECT a.zip, b.zip FROM visits a, visits b"}, "E-DUP-HEADER"),
        ({"table": "none"}, "E-NO-ROWS"),
        ({"query": "SELECT 9e999 AS x"}, "E-NOT-FINITE"),
    ],
)
def test_a_result_is_checked_like_any_export(folder, what, code):
    with pytest.raises(InputRefused) as raised:
        read_export(Database(url="sqlite:///trial.db", **what))
    assert raised.value.code == code


def test_a_file_that_is_not_there_is_refused_and_not_made(folder):
    fault = refusal("sqlite:///other.db", table="visits")
    assert (fault.code, fault.found) == ("E-NOT-FOUND", "other.db: there is no such SQLite file")
    assert [path.name for path in folder.iterdir()] == ["trial.db"]


def test_a_file_that_is_no_database_is_refused(folder):
    (folder / "table.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert refusal("sqlite:///table.csv", table="visits").code == "E-FORMAT"


def test_a_damaged_database_is_refused(folder):
    content = (folder / "trial.db").read_bytes()
    (folder / "trial.db").write_bytes(content[:100] + bytes(len(content) - 100))
    assert refusal(table="visits").code == "E-FORMAT"


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://u:{CANARY}@host/d",
        f"postgresql+psycopg2://u:{CANARY}@host/d",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///trial.db?mode=rwc",
        f"nonsense {CANARY}",
        f"postgresql://u:{CANARY}@host:port/d",
        "",
    ],
)
def test_other_urls_are_refused_without_showing_them(folder, url):
    fault = refusal(url, table="visits")
    assert fault.code == "E-SQL-URL"
    assert "host" not in fault.found
    assert fault.expected == "sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE"


def test_the_extra_that_is_missing_is_named(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    fault = refusal(table="visits")
    assert (fault.code, fault.to_fix) == ("E-EXTRA", "pip install 'clinpred[sql]'")


def test_the_driver_that_is_missing_is_named(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    fault = refusal("postgresql://u@host/d", table="visits")
    assert (fault.code, fault.to_fix) == ("E-EXTRA", "pip install 'clinpred[sql]'")
