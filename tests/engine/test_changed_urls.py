"""URLs that were changed: opened, or refused in a sentence, and never with the password."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from mutations import changed_text, refusals
from segmentry.engine import clickhouse_runners, postgresql
from segmentry.engine.opening import on_engine, open_engine
from segmentry.engine.targets import is_table, open_target
from segmentry.engine.urls import split_url
from segmentry.engine.warehouses import Warehouse
from segmentry.errors import DataError, UnavailableError
from segmentry.system.passwords import with_password_in_environment

PASSWORD = "s3cretPa55"  # noqa: S105
IN_ITS_PLACE = re.compile(rf"^[a-z]+://([^:/@?]*:{PASSWORD}@|.*[?&]password={PASSWORD}(&|$))")
URLS = [
    f"postgresql://ada:{PASSWORD}@db.example:5432/shop?table=crm.customers&sslmode=require",
    f"postgres:///shop?host=db.example&user=ada&password={PASSWORD}&table=t",
    f"clickhouse://ada:{PASSWORD}@db.example:8123/shop?table=customers&secure=1",
    "chdb:///folder?table=default.t",
    "duckdb:///shop.duckdb?table=customers",
    "sqlite:///shop.sqlite?table=customers",
    "excel:///shop.xlsx?table=Sheet1",
    f"snowflake://ada:{PASSWORD}@account/shop/public?warehouse=w&table=customers",
    "bigquery://project/dataset?table=customers",
    f"databricks://token:{PASSWORD}@db.example/sql/1.0/warehouses/1?table=shop.customers",
    "s3://bucket/folder/*.parquet",
    "./shop.duckdb",
]
WORDS = [
    "://", "//", "/", "?", "&", "=", "@", ":", "[", "]", "::1", "%00", "%", "%zz", "\0", " ", "é", "\udc80", "#", ";", "..", "~",
    "table=", "&table=x", "host=/tmp", "port=99999999", ":-1", ":0x1", "spark:", "duckdb", "file", "a" * 300, "'", '"',
]  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with databases; no server is asked."""
    monkeypatch.chdir(tmp_path)
    with sqlite3.connect("shop.sqlite") as connection:
        connection.execute("CREATE TABLE customers (a)")
    connection.close()
    with duckdb.connect("shop.duckdb") as database:
        database.execute("CREATE TABLE customers AS SELECT 1 AS a")
    (tmp_path / "folder").mkdir()

    def away(server: str, hide: Callable[[str], str]) -> None:
        raise UnavailableError(hide(f"nobody answers at {server}")[:300], source=hide(server)[:300])

    def unanswered(self: object, body: bytes, **_: str) -> None:
        raise clickhouse_runners.Refused("nobody answers")

    def unconnected(self: Warehouse, url: str, settings: object) -> None:
        self.arguments(split_url(url), dict(settings))  # type: ignore[call-overload]
        raise UnavailableError("nobody answers", source=f"{self.extra}://")

    def unopened(folder: object) -> None:
        raise clickhouse_runners.Refused(f"{folder} is not opened")

    monkeypatch.setattr(Warehouse, "connect", unconnected)
    monkeypatch.setattr(postgresql, "connect", away)
    monkeypatch.setattr(clickhouse_runners.Server, "_asked", unanswered)
    monkeypatch.setattr(clickhouse_runners, "InProcess", unopened)
    return tmp_path


def check_hidden(url: str, said: str) -> None:
    is_there = IN_ITS_PLACE.search(url) and url.count(PASSWORD) == 1
    assert not (is_there and PASSWORD in said), said


def opened(url: str) -> None:
    given = with_password_in_environment([url])[0]
    if given.startswith("spark:") or on_engine(given, None).startswith("chdb:"):
        return
    open_engine(given).close()


def aimed(url: str) -> None:
    if is_table(url) and not url.startswith(("spark:", "chdb:")):
        store = open_target(url)
        store.columns()


def test_a_changed_url_is_opened_or_refused_and_its_password_is_not_shown(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "")
    monkeypatch.setenv("CLICKHOUSE_PASSWORD", "")

    def change(draw: random.Random) -> tuple[Callable[[], object], str]:
        url = changed_text(draw.choice(URLS), draw, WORDS)
        use = draw.choice([opened, opened, aimed])

        def used() -> None:
            try:
                use(url)
            except DataError as error:
                check_hidden(url, str(error))
                raise

        return used, f"{use.__name__} {url!r}"

    refused = refusals(200, change)
    assert any(refused)
    assert not all(refused)
    assert {p.name for p in shop.iterdir()} >= {"shop.sqlite", "shop.duckdb", "folder"}


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///shop.sqlite?table=cus\udc80mers",
        "duckdb:///shop.duckdb?table=cus\udc80mers",
        "postgresql://ada@db.example/sh\udc80p?table=customers",
        "clickhouse://ada@db.example/sh\udc80p?table=customers",
        "clickhouse://ada@db.example/shop?table=cus\udc80mers",
        "chdb:///folder?table=cus\udc80mers",
        "spark:cus\udc80mers",
    ],
)
def test_bytes_that_are_no_letters_reach_no_driver(url: str, shop: Path) -> None:
    for use in (open_engine, lambda url: open_target(url).columns()):
        with pytest.raises(DataError, match="holds bytes that are no letters"):
            use(url)
    with pytest.raises(DataError, match="holds bytes that are no letters"):
        open_engine("snowflake://ada@account/sh\udc80p?table=customers")
