"""ClickHouse: audits, types, what its queries cannot reach, mistakes, and a server's HTTP interface."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlglot import exp, parse_one

import segmentry as sg
from histories import FIRST, NAMES, Scores, table_of
from segmentry.collecting import sampling
from segmentry.collecting.collection import collect_patterns, collect_sums
from segmentry.engine import open_engine
from segmentry.engine.clickhouse_table import ClickHouseTable
from segmentry.engine.history import check_history, keep_history
from segmentry.engine.history_rows import Night
from segmentry.engine.targets import open_target
from segmentry.errors import UnavailableError
from segmentry.recipe import Recipe
from segmentry.sql import Query

pytestmark = pytest.mark.usefixtures("few_null_tables", "no_own_pictures")

chdb = pytest.importorskip("chdb")
ROWS = """
SELECT number AS id, toFloat32(number / 10) AS part, if(number % 7 = 0, NULL, number % 3)::Nullable(UInt8) AS kind,
  toDateTime('2024-12-31 23:30:00', 'America/New_York') AS at, toDate('2024-02-29') AS day, toFixedString('ab', 4) AS code,
  CAST(if(number % 2 = 0, 'yes', 'no') AS Enum8('yes' = 1, 'no' = 2)) AS answer, toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0') AS key,
  -0.0::Float64 AS zero
FROM numbers(300)"""
RECIPE = Recipe.from_toml("""
[source]
id = "id"
[features.kind]
column = "kind"
levels = [0, 1, 2]
[features.part]
column = "part"
quantiles = 3
[features.answer]
column = "answer"
yes_no = true
""")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("typed")
    connection = chdb.connect(str(made))
    connection.query(f"CREATE TABLE typed ENGINE = MergeTree ORDER BY id AS {ROWS}")
    connection.close()
    return made


def test_a_table_that_is_called_as_a_query_of_ours_is_not_hidden(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(sampling, "MAX_ROWS", 100)
    outcomes = {"spent": {"role": "amounts", "columns": ["zero"]}}
    recipe = Recipe.from_dict({**RECIPE.model_dump(exclude_unset=True), "outcomes": outcomes})
    names = ["plain", *(f"segmentry_sample_{i}" for i in range(6))]
    with closing(chdb.connect(str(tmp_path))) as connection:
        for name in names:
            connection.query(f"CREATE TABLE {name} ENGINE = MergeTree ORDER BY id AS {ROWS}")
    shares = [sg.collect(f"chdb://{tmp_path}?table={name}", recipe).fold_share for name in names]
    assert set(shares) == {shares[0]}
    assert 0.1 < shares[0] < 1


def test_the_audit_equals_duckdbs(in_clickhouse: str, table: pa.Table) -> None:
    found, expected = sg.audit(in_clickhouse), sg.audit(table)
    of_findings = [sorted((f.kind, str(f.column), f.rows) for f in a.findings) for a in (found, expected)]
    assert of_findings[0] == of_findings[1]
    assert len(of_findings[0]) > 10
    for one, other in zip(found.columns, expected.columns, strict=True):
        figures = ("n_missing", "n_distinct", "minimum", "maximum", "mean", "top_values")
        assert [getattr(one, f) for f in figures] == [getattr(other, f) for f in figures], one.name


def test_types_are_read_as_recipes_know_them(folder: Path) -> None:
    engine = open_engine(f"chdb://{folder}?table=typed")
    written = f"WITH data AS (SELECT * FROM {engine.tables['data'].sql('clickhouse')}) SELECT *, YEAR(at) AS year FROM data"  # noqa: S608
    read: Any = parse_one(written, dialect="clickhouse")
    assert engine.columns(read) == {
        "id": "integer", "part": "float", "kind": "integer", "at": "other", "day": "other", "code": "text", "answer": "text",
        "key": "text", "zero": "float", "year": "integer",
    }  # fmt: skip
    row = engine.query(Query("A row", read)).slice(1, 1).to_pylist()[0]
    engine.close()
    assert (row["code"], row["answer"], row["year"]) == ("ab", "no", 2025)  # the year in UTC
    assert str(row["zero"]) == "0.0"


def test_no_query_reads_a_file_or_an_address(folder: Path) -> None:
    """A recipe that is not trusted is refused before it is sent, any other by ClickHouse."""
    secret = folder.parent / "secret.csv"
    secret.write_text("a\n1\n")
    for reach in (f"file('{secret}', 'CSV')", "url('http://127.0.0.1:9/', 'CSV')", "numbers(3)"):
        recipe = {
            "source": {"sql": f"SELECT * FROM {reach}"},  # noqa: S608
            "features": [{"name": "a", "column": "a", "levels": ["1"]}],
        }
        with pytest.raises(sg.RecipeError):
            sg.collect(f"chdb://{folder}?table=typed", Recipe.from_dict(recipe))
    engine: Any = open_engine(f"chdb://{folder}?table=typed")
    for reach in (f"file('{secret}', 'CSV')", "url('http://127.0.0.1:9/', 'CSV')"):
        with pytest.raises(sg.DataError, match="readonly mode"):
            engine._rows(f"SELECT * FROM {reach}")  # noqa: S608
    engine.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("chdb://{folder}?table=type", "there is no table 'type'; did you mean 'typed'"),
        ("chdb://{folder}", "which table? write chdb://"),
        ("chdb:///no/such/folder?table=t", "no such folder"),
        ("clickhouse://ana:secret@127.0.0.1:9/shop?table=t", "cannot be reached"),
        ("clickhouse://ana:secret@127.0.0.1:port/shop?table=t", "its port is no number"),
        ("clickhouse://ana:secret@127.0.0.1:99999/shop?table=t", "its port is no number"),
        ("clickhouse://ana:secret@a b/shop?table=t", "no name of a host"),
        ("clickhouse://ana:secret%0A@127.0.0.1:9/shop?table=t", "holds a line break"),
    ],
)
def test_mistakes_are_one_line(folder: Path, url: str, message: str) -> None:
    with pytest.raises(sg.DataError) as caught:
        open_engine(url.format(folder=folder))
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, UnavailableError) == ("reached" in message)


@pytest.fixture
def server(folder: Path) -> Iterator[str]:
    """The wiring of a server: HTTP in front of the ClickHouse in this process, with one user and a password."""
    connection, lock = chdb.connect(str(folder)), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            settings = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known = self.headers["X-ClickHouse-User"], self.headers["X-ClickHouse-Key"]
            try:
                assert known == ("ana", "p w"), (
                    "DB::Exception: ana: Authentication failed. (AUTHENTICATION_FAILED)"
                )
                assert settings["session_id"]
                assert settings["session_timeout"] == "3600"
                with lock:
                    answer = self.answer(settings, body)
                self.send_response(200)
            except (RuntimeError, AssertionError) as error:
                answer = str(error).splitlines()[0].encode()
                self.send_response(500)
            self.end_headers()
            self.wfile.write(answer)

        def answer(self, settings: dict[str, str], body: bytes) -> bytes:
            if "query" in settings:
                given = pa.ipc.open_stream(body).read_all()
                connection.query(
                    settings["query"].replace("FORMAT ArrowStream", "SELECT * FROM Python(given)")
                )
                assert len(given)
                return b""
            assert settings["default_format"] == "ArrowStream"
            return bytes(connection.query(body.decode(), "ArrowStream").bytes())

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield f"clickhouse://ana:p%20w@127.0.0.1:{served.server_port}/default?table=typed"
    served.shutdown()
    served.server_close()
    connection.close()


def test_a_server_gives_what_the_process_gives(server: str, tmp_path: Path) -> None:
    found = sg.run(server, RECIPE, segments=2, method="k-modes", out=tmp_path / "served")
    engine = open_engine(server)
    rows = engine.query(Query("All", engine.tables["data"].this.copy()))
    engine.close()
    expected = sg.run(rows, RECIPE, segments=2, method="k-modes", out=tmp_path / "here")
    assert [s.size for s in found.segments] == [s.size for s in expected.segments]
    one, other = (pq.read_table(tmp_path / part / "assignments.parquet") for part in ("served", "here"))
    assert one.sort_by("id").cast(other.schema).equals(other.sort_by("id"))
    assert "p w" not in (tmp_path / "served" / "segmentation.json").read_text()
    assert "p%20w" not in (tmp_path / "served" / "queries.sql").read_text()


def test_a_server_keeps_scores_and_their_history(server: str, tmp_path: Path) -> None:
    scores: Scores = {"a": (1, 0.9, 2, "x", True), "b": (2, 0.8, None, "y", False)}
    parquet, target = tmp_path / "scores.parquet", server.replace("table=typed", "table=default.nights")
    pq.write_table(table_of(scores), parquet)
    for _ in range(2):
        store = open_target(server.replace("table=typed", "table=scored"))
        store.write(parquet, is_there=store.columns() is not None)
    assert rows_of(server, "scored") == table_of(scores).to_pylist()
    for night in range(2):
        when = FIRST + timedelta(days=night)
        store = open_target(target)
        found = store.columns()
        kept = keep_history(check_history(store, found, NAMES), parquet, NAMES, Night(when, when, "m"), found)
        pq.write_table(table_of({"a": (2, 0.9, 1, "x", True)}), parquet)
    assert (kept.n_moved, kept.n_gone) == (1, 1)
    rows = rows_of(server, "nights")
    assert [(row["client id"], row["segment"], row["valid_to"] is None) for row in rows] == [
        ("a", 1, False), ("a", 2, True), ("b", 2, False),
    ]  # fmt: skip
    assert {row["valid_from"].replace(tzinfo=None) for row in rows} == {FIRST, FIRST + timedelta(days=1)}


def rows_of(server: str, table: str) -> list[dict[str, Any]]:
    engine = open_engine(server.replace("table=typed", f"table={table}"))
    rows = engine.query(Query("All", engine.tables["data"].this.copy())).to_pylist()
    engine.close()
    return sorted(rows, key=lambda row: (row["client id"], row["segment"]))


def test_a_server_refuses_in_one_line(server: str) -> None:
    with pytest.raises(sg.DataError, match="no table 'nowhere'"):
        open_engine(server.replace("table=typed", "table=nowhere"))
    with pytest.raises(sg.DataError, match="Authentication failed") as caught:
        open_engine(server.replace("p%20w", "other"))
    assert "other" not in str(caught.value)


@contextmanager
def answering(answer: bytes, heard: list[bytes]) -> Iterator[int]:
    """Answer every request at a port with these bytes, whatever is asked."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            heard.append(self.request.recv(65_536))
            self.request.sendall(answer)

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield int(served.server_address[1])
        served.shutdown()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"N\x00\x00\x00 of another protocol\r\n\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf", "broke off"),
        (b"HTTP/1.1 500 Error\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf", "broke off"),
    ],
)
def test_what_is_no_whole_answer_is_one_line(answer: bytes, said: str) -> None:
    heard: list[bytes] = []
    with answering(answer, heard) as port, pytest.raises(sg.DataError, match=said) as caught:
        open_engine(f"clickhouse://ana:k%E2%82%ACy@127.0.0.1:{port}/shop?table=t")
    assert "\n" not in str(caught.value)
    assert "X-ClickHouse-Key: k€y".encode().lower() in heard[0].replace(b"Clickhouse", b"ClickHouse").lower()


@pytest.mark.parametrize(
    ("said", "message", "is_for_now"),
    [
        (
            "Code: 497. DB::Exception: ana: Not enough privileges. To execute this query, it's necessary to have the grant "
            "SHOW COLUMNS ON shop.t. (ACCESS_DENIED) (version 25.3.2.39 (official build))",
            "necessary to have the grant SHOW COLUMNS ON shop.t",
            False,
        ),
        (
            "Code: 164. DB::Exception: Cannot modify 'join_use_nulls' setting in readonly mode. (READONLY) (version 25.3.2.39)",
            "in readonly mode",
            False,
        ),
        (
            "Code: 115. DB::Exception: Unknown setting 'session_timezone'. (UNKNOWN_SETTING) (version 22.8.5.29)",
            "the server is too old: it does not know the setting 'session_timezone'",
            False,
        ),
        (
            "Code: 202. DB::Exception: Too many simultaneous queries. Maximum: 100. (TOO_MANY_SIMULTANEOUS_QUERIES) (version 25.3.2.39)",
            "Too many simultaneous queries",
            True,
        ),
        (
            "Code: 241. DB::Exception: (total) memory limit exceeded: would use 9.00 GiB. (MEMORY_LIMIT_EXCEEDED) (version 25.3.2.39)",
            "memory limit exceeded",
            True,
        ),
    ],
)
def test_what_a_server_does_not_allow_is_one_line(said: str, message: str, is_for_now: bool) -> None:
    head = f"HTTP/1.1 500 Internal Server Error\r\nContent-Length: {len(said)}\r\n\r\n"
    with answering(head.encode() + said.encode(), []) as port, pytest.raises(sg.DataError) as caught:
        open_engine(f"clickhouse://ana@127.0.0.1:{port}/shop?table=t")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, UnavailableError) == is_for_now


def test_names_in_mixed_case_are_read_as_they_are_written(tmp_path: Path) -> None:
    with closing(chdb.connect(str(tmp_path))) as connection:
        connection.query('CREATE DATABASE "Sales Data"')
        connection.query(f'CREATE TABLE "Sales Data"."Orders" ENGINE = MergeTree ORDER BY id AS {ROWS}')
        connection.query("CREATE TABLE orders (id Int64) ENGINE = MergeTree ORDER BY id")
    engine = open_engine(f"chdb://{tmp_path}?table=Sales%20Data.Orders")
    assert collect_patterns(engine, RECIPE).patterns.n_customers == 300
    engine.close()
    for name in ("Sales%20Data.orders", "Orders"):
        with pytest.raises(sg.DataError, match="there is no table") as caught:
            open_engine(f"chdb://{tmp_path}?table={name}")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change", ["ALTER TABLE changing DROP COLUMN kind", "DROP TABLE changing SYNC", "TRUNCATE TABLE changing"]
)
def test_a_table_that_changes_while_it_is_read_is_said_in_one_line(change: str, tmp_path: Path) -> None:
    with closing(chdb.connect(str(tmp_path))) as connection:
        connection.query(f"CREATE TABLE changing ENGINE = MergeTree ORDER BY id AS {ROWS}")
    engine = open_engine(f"chdb://{tmp_path}?table=changing")
    sums = collect_sums(engine, RECIPE)
    engine._connection.execute(change)  # type: ignore[attr-defined]
    with pytest.raises(sg.DataError) as caught:
        collect_sums(engine, RECIPE)
    engine.close()
    assert sums.patterns.n_customers == 300
    assert "\n" not in str(caught.value)
    assert "DB::Exception" not in str(caught.value)


def test_a_history_that_another_run_writes_meanwhile_is_left_as_that_run_wrote_it(
    server: str, tmp_path: Path
) -> None:
    parquet, url = tmp_path / "scores.parquet", server.replace("table=typed", "table=default.shared")
    scores: Scores = {"a": (1, 0.9, 2, "x", True), "b": (2, 0.8, None, "y", False)}
    pq.write_table(table_of(scores), parquet)

    def keep(day: int) -> None:
        store = open_target(url)
        found = store.columns()
        when = FIRST + timedelta(days=day)
        keep_history(check_history(store, found, NAMES), parquet, NAMES, Night(when, when, "m"), found)

    keep(0)
    store = open_target(url)
    assert isinstance(store, ClickHouseTable)

    def overtaken(run: Any, loaded: Any) -> Any:
        keep(1)  # drops what the first run has loaded
        return 0, exp.select(exp.column("client id", quoted=True)).from_(loaded.copy())

    with pytest.raises(UnavailableError, match="another run wrote it at the same time"):
        store.rebuild(parquet, overtaken, is_there=True)

    def exchanged(run: Any, loaded: Any) -> Any:
        with store._connected() as runner:
            runner.execute("CREATE TABLE default.other AS default.shared")
            runner.execute("INSERT INTO default.other SELECT * FROM default.shared")
            runner.execute("EXCHANGE TABLES default.other AND default.shared")
        return 0, exp.select(exp.column("client id", quoted=True)).from_("default.other")

    written = rows_of(server, "shared")
    with pytest.raises(UnavailableError, match="another run wrote it at the same time"):
        store.rebuild(parquet, exchanged, is_there=True)
    assert rows_of(server, "shared") == written
    names = open_engine(server)._rows("SHOW TABLES FROM default LIKE 'shared%'")  # type: ignore[attr-defined]
    assert names == [{"name": "shared"}]
