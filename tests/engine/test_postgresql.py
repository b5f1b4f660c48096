"""PostgreSQL: what goes wrong is said, in one line, without the password; and nothing is left half-written."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.collecting.collection import collect_patterns
from segmentry.datasets import sample_households
from segmentry.engine import from_adbc, open_engine
from segmentry.engine.postgresql import PostgreSQLEngine
from segmentry.errors import DataError, RecipeError
from segmentry.recipe import Recipe
from segmentry.runs.profile import profile
from segmentry.runs.segment import run
from segmentry.sql import Query

PASSWORD = "s3cret!pass"  # noqa: S105
RECIPE = Recipe.from_toml('[source]\nid = "ID"\n[features.kids]\ncolumn = "Kidhome"\nedges = [1]\n')


# roles are those of the whole server, which other test processes use, too
USERS = {user: f"{user}{os.getpid()}" for user in ("reader", "nobody")}
READER = USERS["reader"]


@pytest.fixture(scope="module")
def shop(postgres_url):
    """A database with households, a schema, and a user who may read and a user who may not; URL by user."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        table = pa.Table.from_pandas(sample_households(2_000, seed=3), preserve_index=False)
        cursor.adbc_ingest("customers", table, mode="create")
        cursor.execute('CREATE VIEW "Old customers" AS SELECT * FROM customers WHERE "Year_Birth" < 1960')
        cursor.execute("CREATE SCHEMA sales")
        cursor.execute("CREATE TABLE sales.orders AS SELECT * FROM customers")
        for user in USERS.values():
            cursor.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
        cursor.execute(f'GRANT SELECT ON customers, "Old customers" TO {READER}')
        connection.commit()
    address = postgres_url.rpartition("@")[2]
    yield {key: f"postgresql://{user}:s3cret%21pass@{address}" for key, user in USERS.items()} | {
        "admin": postgres_url
    }
    with dbapi.connect(postgres_url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {', '.join(USERS.values())}")
        cursor.execute(f"DROP ROLE {', '.join(USERS.values())}")


def message_of(url: str, recipe: Recipe = RECIPE) -> str:
    with pytest.raises(DataError) as caught:
        run(url, recipe)
    text = str(caught.value)
    assert PASSWORD not in text
    assert "s3cret" not in text
    assert "\n" not in text
    return text


def test_errors_of_connecting(shop):
    url = shop["reader"]
    wrong = url.replace("s3cret", "s3cretwrong")
    assert f'password authentication failed for user "{READER}"' in message_of(f"{wrong}?table=customers")
    assert "set PGUSER and PGPASSWORD" in message_of(f"{wrong}?table=customers")
    nothing = message_of(f"{url.replace(':s3cret%21pass', '')}?table=customers")
    assert "no password supplied; set PGUSER and PGPASSWORD" in nothing
    assert "Connection refused" in message_of("postgresql://reader:s3cret%21pass@127.0.0.1:1/x?table=t")
    assert 'database "none" does not exist' in message_of(f"{url.rpartition('/')[0]}/none?table=customers")
    assert "write / ? # @" in message_of("postgresql://reader:s3cret@pass@127.0.0.1:1/x?table=t")
    assert "invalid URI query parameter" in message_of(f"{url}?tabel=customers&table=customers")
    assert f"which table? write postgresql://{READER}:***@" in message_of(url)
    assert "no such file" in message_of("postgres//reader:s3cret!pass@127.0.0.1/x")


def test_errors_of_reading(shop):
    url = shop["reader"]
    assert "there is no table 'custmers'; did you mean 'customers'?" in message_of(f"{url}?table=custmers")
    closed = "PostgreSQL {}, table sales.orders: permission denied for schema sales; ask for GRANT USAGE on the schema 'sales'"
    assert message_of(f"{url}?table=sales.orders").startswith(closed.format(url.rpartition("/")[2]))
    assert "permission denied for table customers; ask for GRANT SELECT" in message_of(
        f"{shop['nobody']}?table=customers"
    )


def test_views_and_schemas(shop):
    for table, n in (("Old%20customers", None), ("sales.orders", 2_000)):
        engine = open_engine(f"{shop['admin']}?table={table}")
        patterns = collect_patterns(engine, RECIPE).patterns
        engine.close()
        assert patterns.n_customers == n if n else 0 < patterns.n_customers < 2_000


def test_a_run_leaves_no_password(shop, tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = [
        sys.executable,
        "-m",
        "segmentry",
        "run",
        f"{shop['reader']}?table=customers",
        "-r",
        "households",
    ]
    done = subprocess.run(
        [*command, "--segments", "2", "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    files = [p for p in (tmp_path / "out").rglob("*") if p.is_file()]
    assert {"report.html", "segmentation.json", "queries.sql", "assignments.parquet"} <= {
        p.name for p in files
    }
    for text in [done.stdout, done.stderr, *(p.read_bytes().decode("latin-1") for p in files)]:
        assert "s3cret" not in text
    done = subprocess.run(
        [*command[:-2], "one", "more", f"{shop['reader']}"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 2
    assert "s3cret" not in done.stdout + done.stderr


def test_the_password_may_come_from_the_environment(shop, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    engine = open_engine(f"{shop['reader'].replace(':s3cret%21pass', '')}?table=customers")
    assert collect_patterns(engine, RECIPE).patterns.n_customers == 2_000
    engine.close()


def test_a_connection_that_breaks_off_leaves_nothing(shop, tmp_path, monkeypatch):
    from adbc_driver_postgresql import dbapi

    def slow(self, query: Query, path: Path) -> int:
        """Begin to write, and lose the server in the middle."""
        with dbapi.connect(shop["admin"], autocommit=True) as other, other.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = $1",
                (READER,),
            )
            cursor.fetchall()
        path.write_text("half")
        return write(self, query, path)

    write = PostgreSQLEngine.write
    monkeypatch.setattr(PostgreSQLEngine, "write", slow)
    with pytest.raises(DataError, match="the connection broke off") as caught:
        run(f"{shop['reader']}?table=customers", RECIPE, segments=2, out=tmp_path / "new" / "out")
    assert "s3cret" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_backend_killed_while_rows_stream(shop, tmp_path):
    from sqlglot import exp, parse_one

    engine = open_engine(f"{shop['reader']}?table=customers")
    query = parse_one('SELECT a."ID" FROM customers AS a, customers AS b, customers AS c', dialect="postgres")
    assert isinstance(query, exp.Query)

    def kill() -> None:
        from adbc_driver_postgresql import dbapi

        time.sleep(0.5)
        with dbapi.connect(shop["admin"], autocommit=True) as other, other.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1",
                (READER,),
            )
            cursor.fetchall()

    thread = threading.Thread(target=kill)
    thread.start()
    with pytest.raises(DataError, match="the connection broke off"):
        engine.write(Query("All pairs", query), tmp_path / "rows.parquet")
    thread.join()
    engine.close()


def test_a_connection_of_ones_own(shop):
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(shop["reader"]) as connection:
        result = run(from_adbc(connection, "customers"), HOUSEHOLDS, segments=2)
        assert result.n_customers > 1_900
        assert result.assign(from_adbc(connection, "customers"))["segment"].isin([1, 2]).all()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM customers")
            assert cursor.fetchone() == (2_000,)


def test_the_first_error_is_the_one_that_is_told(shop):
    """A query that fails ends the transaction; what is asked after it fails for another reason."""
    from adbc_driver_postgresql import dbapi

    wrong = Recipe.from_dict(
        {"source": {"sql": "SELECT nothing FROM data"}, "features": [{"name": "a", "column": "nothing"}]}
    )
    assert 'column "nothing" does not exist' in message_of(f"{shop['reader']}?table=customers", wrong)
    with dbapi.connect(shop["reader"]) as connection:
        with pytest.raises(DataError, match='column "nothing" does not exist'):
            run(from_adbc(connection, "customers"), wrong)
        with pytest.raises(DataError, match=r"an earlier query .* failed; call rollback\(\)"):
            run(from_adbc(connection, "customers"), RECIPE)
        connection.rollback()
        assert run(from_adbc(connection, "customers"), RECIPE, segments=2).n_customers == 2_000
    with pytest.raises(DataError, match="the connection is closed; open another"):
        from_adbc(connection, "customers")


def test_a_connection_that_breaks_off_before_the_columns_are_known(shop, monkeypatch):
    from adbc_driver_postgresql import dbapi

    def lost(self, query):
        with dbapi.connect(shop["admin"], autocommit=True) as other, other.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", (READER,)
            )
            cursor.fetchall()
        return columns(self, query)

    columns = PostgreSQLEngine.columns
    monkeypatch.setattr(PostgreSQLEngine, "columns", lost)
    text = message_of(f"{shop['reader']}?table=customers")
    assert text.endswith(
        "the connection broke off (terminating connection due to administrator command); nothing was written, run again"
    )


def test_an_engine_that_is_given_has_all_its_tables(shop):
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(shop["admin"]) as connection:
        for tables in (None, {"joined": "labels"}):
            with connection.cursor() as cursor:
                cursor.execute(
                    'CREATE TEMPORARY TABLE labels AS SELECT "ID", "Kidhome" AS label FROM customers'
                )
            connection.commit()
            given = from_adbc(connection, "customers", tables=tables)
            if tables is None:
                with pytest.raises(
                    DataError,
                    match=r"no table 'joined', .* engine that is given; make it with tables=\{'joined': 'labels'\}",
                ):
                    profile(given, RECIPE, "label", join="labels")
            else:
                assert profile(given, RECIPE, "label", join="labels").n_customers == 2_000
            with connection.cursor() as cursor:
                cursor.execute("DROP TABLE labels")
            connection.commit()


VALUES = {
    "whole": "i::oid", "bits": "(i % 4)::bit(3)", "net": "('10.0.' || i % 4 || '.0/24')::cidr", "lasts": "make_interval(days => i % 4)",
    "until": "CASE WHEN i % 4 = 0 THEN 'infinity'::date ELSE date '2020-01-01' + i % 4 END",
    "at": "CASE WHEN i % 4 = 0 THEN '-infinity'::timestamptz ELSE '2020-01-01Z'::timestamptz END",
}  # fmt: skip


def test_columns_of_unusual_types(shop):
    """All are audited and drafted from, and their values read; infinite dates are no number of days away."""
    from adbc_driver_postgresql import dbapi

    items = ", ".join(f'{value} AS "{name}"' for name, value in VALUES.items())
    with dbapi.connect(shop["admin"]) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE unusual AS SELECT i % 2 AS kind, {items} FROM generate_series(1, 400) i"  # noqa: S608
        )
        connection.commit()
    url = f"{shop['admin']}?table=unusual"
    found = {column.name: column for column in sg.audit(url).columns}
    assert {name: found[name].kind for name in VALUES} == {
        "whole": "number", "bits": "text", "net": "text", "lasts": "text", "until": "date", "at": "date"
    }  # fmt: skip
    sg.draft(url)
    year = {"name": "year", "sql": "YEAR(until)", "missing": "keep"}
    codes = sg.collect(url, Recipe.from_dict({"features": [year, {"name": "bits", "column": "bits"}]}))
    assert codes.features[0].levels == ("2020",)
    assert codes.counts[codes.codes[:, 0] < 0].sum() == 100
    assert codes.features[1].levels == ("000", "001", "010", "011")


@pytest.mark.parametrize(
    ("id_", "least"), [("9007199254740992 + i", 9007199254740993), ("i + 0.5", 1.5), ("i * 1e40", 1e40)]
)
def test_numeric_ids_keep_their_digits(shop, tmp_path, id_, least):
    """Whole ones, to 38 digits; others are floating-point numbers."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(shop["admin"]) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS numbered")
        cursor.execute(
            f'CREATE TABLE numbered AS SELECT ({id_})::numeric AS "ID", i % 2 AS "Kidhome" FROM generate_series(1, 300) i'  # noqa: S608
        )
        connection.commit()
    run(f"{shop['admin']}?table=numbered", RECIPE, segments=2, out=tmp_path / "out")
    ids = pq.read_table(tmp_path / "out" / "assignments.parquet")["ID"].to_pylist()
    assert len(set(ids)) == 300
    assert min(ids) == least


def test_a_large_lookup_goes_into_a_temporary_table(shop):
    from adbc_driver_postgresql import dbapi
    from sqlglot import parse_one

    lookup = pa.table(
        {"code": pa.array(range(5_000), pa.int32()), "word": [f"it's {i}" for i in range(5_000)]}
    )
    query = parse_one(
        "SELECT COUNT(*) AS n, MAX(word) AS last FROM held WHERE code < 4000", dialect="postgres"
    )
    with dbapi.connect(shop["reader"]) as connection:
        engine = from_adbc(connection, "customers")
        for table, last in ((lookup, "it's 999"), (lookup[:500], "it's 99")):
            engine.register("held", table)
            found = engine.query(Query("Held", query)).to_pylist()  # type: ignore[arg-type]
            assert found == [{"n": min(len(table), 4_000), "last": last}]
        engine.close()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'segmentry%'")
            assert cursor.fetchone() == (0,)


def test_an_expression_without_a_tested_form_is_refused(shop):
    for sql in (
        'hash("ID") % 2 = 0',
        "strftime(\"Dt_Customer\", '%Y') = '2013'",
        'TRY_CAST("ID" AS INT) > 1',
    ):
        recipe = Recipe.from_dict({"features": [{"name": "odd", "sql": sql, "yes_no": True}]})
        with pytest.raises(
            RecipeError, match=r"features.odd.sql: .* has no tested form in the dialect 'postgres'"
        ):
            run(f"{shop['reader']}?table=customers", recipe)


def test_without_the_driver_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    with pytest.raises(DataError, match=r"pip install 'segmentry\[postgresql\]'"):
        open_engine("postgresql://h/db?table=t")
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(DataError, match=r"pip install 'segmentry\[spark\]'"):
        open_engine("spark:t")


def test_a_server_that_is_too_old_is_said(shop, monkeypatch):
    rows = PostgreSQLEngine._rows
    monkeypatch.setattr(
        PostgreSQLEngine,
        "_rows",
        lambda self, text, *values: (
            [("130022",)] if "server_version_num" in text else rows(self, text, *values)
        ),
    )
    text = message_of(f"{shop['reader']}?table=customers")
    assert "PostgreSQL 13 is too old: segmentry needs 14 or later; export" in text


def test_names_in_mixed_case_are_read_as_they_are_written(shop):
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(shop["admin"]) as connection, connection.cursor() as cursor:
        cursor.execute('CREATE SCHEMA "Sales Data"')
        cursor.execute('CREATE TABLE "Sales Data"."Orders" AS SELECT * FROM customers')
        connection.commit()
    engine = open_engine(f"{shop['admin']}?table=Sales%20Data.Orders")
    assert collect_patterns(engine, RECIPE).patterns.n_customers == 2_000
    engine.close()
    assert "no table 'Sales Data.orders'; did you mean 'Sales Data.Orders'" in message_of(
        f"{shop['admin']}?table=Sales%20Data.orders"
    )


def test_a_read_only_database_is_read_and_not_written(shop, monkeypatch, tmp_path):
    """As a replica: no temporary table, so that more than a thousand patterns are refused, and a table in one line."""
    from segmentry.engine.targets import open_target
    from segmentry.runs.score import score

    monkeypatch.setenv("PGOPTIONS", "-c default_transaction_read_only=on")
    result = run(f"{shop['admin']}?table=customers", RECIPE, segments=2, out=tmp_path / "out")
    assert pq.read_table(tmp_path / "out" / "assignments.parquet").num_rows == 2_000
    url = f"{shop['admin']}?table=scores_of_a_replica"
    with pytest.raises(DataError, match="cannot execute .* in a read-only transaction") as caught:
        score(result, f"{shop['admin']}?table=customers", url)
    assert "\n" not in str(caught.value)
    assert open_target(url).columns() is None


def test_rows_that_arrive_during_a_run_do_not_count(shop, monkeypatch, tmp_path):
    """All queries of a run see one snapshot."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(shop["admin"], autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE growing AS SELECT * FROM customers")

        def grown(self, query: Query, path: Path) -> int:
            cursor.execute('INSERT INTO growing SELECT * FROM customers WHERE "Kidhome" = 1')
            return write(self, query, path)

        write = PostgreSQLEngine.write
        monkeypatch.setattr(PostgreSQLEngine, "write", grown)
        run(f"{shop['admin']}?table=growing", RECIPE, segments=2, out=tmp_path / "out")
        cursor.execute("SELECT count(*) > 2000 FROM growing")
        assert cursor.fetchone() == (True,)
    assert pq.read_table(tmp_path / "out" / "assignments.parquet").num_rows == 2_000
