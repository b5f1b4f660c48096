"""Collecting on PostgreSQL and ClickHouse beside the database's own GROUP BY of the same features and sums."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from cases.bench import Bench
from data import HOUSEHOLD_KEYS, households
from page import table

OUTCOMES = [
    "MntWines",
    "MntFruits",
    "MntMeatProducts",
    "MntFishProducts",
    "MntSweetProducts",
    "MntGoldProds",
    "NumWebPurchases",
    "NumCatalogPurchases",
    "NumStorePurchases",
    "NumDealsPurchases",
    "AcceptedCmp1",
    "AcceptedCmp2",
    "AcceptedCmp3",
    "AcceptedCmp4",
    "AcceptedCmp5",
    "Response",
]
COLUMNS = ("Income", "Year_Birth", "Education", "Marital_Status", "Kidhome", "Teenhome", *OUTCOMES)
KEYS = ("income", "birth", "education", "marital", "children")
SERVER = Path(__file__).parents[1] / ".services" / "postgresql.url"
MEASURED = """
import json, sys, time
import segmentry as sg
url, text, prepare = json.loads(sys.argv[1])
exec(prepare)
found = {"own": [], "collect": []}
for _ in range(2):
    started = time.perf_counter()
    own(text)
    found["own"].append(time.perf_counter() - started)
    started = time.perf_counter()
    n = sg.collect(url, "households").n_customers
    found["collect"].append(time.perf_counter() - started)
print(json.dumps(found | {"n": n}))
"""
IN_POSTGRESQL = """
from adbc_driver_postgresql import dbapi
connection = dbapi.connect(url.partition("?")[0])
def own(text):
    with connection.cursor() as cursor:
        cursor.execute(text)
        cursor.fetch_arrow_table()
"""
IN_CLICKHOUSE = """
import chdb
def own(text):
    connection = chdb.connect(url.partition("://")[2].partition("?")[0])
    connection.query(text, "ArrowTable")
    connection.close()
"""


def servers(bench: Bench) -> str:
    """The pattern table of generated households, and the bare query, each the faster of two."""
    rows = bench.size(10_000_000, 100_000)
    data = households(bench.folder, rows)
    header = [f"{rows:,} generated households", "own `GROUP BY`, s", "`segmentry.collect`, s", "×"]
    cells = []
    for name, found in (
        ("PostgreSQL", _postgresql(data)),
        ("ClickHouse, in process", _clickhouse(data, bench.folder)),
    ):
        own, collect = min(found["own"]), min(found["collect"])
        cells.append([name, f"{own:.1f}", f"{collect:.1f}", f"{collect / own:.2f}"])
    return f"""{table(header, cells)}

The bare query has the same five features, and sums and sums of squares of the same 16 outcomes; collecting counts values, sums up cubes and counts what was dropped
besides, and above a million rows looks at the ids first, for halves of a sample. PostgreSQL with its own settings."""


def bare(quote: str, source: str) -> str:
    keys = re.sub(rf"\b({'|'.join(COLUMNS)})\b", rf"{quote}\1{quote}", HOUSEHOLD_KEYS)
    double = "DOUBLE PRECISION" if quote else "Float64"
    sums = [
        f"sum({quote}{o}{quote}), sum(CAST({quote}{o}{quote} AS {double}) * {quote}{o}{quote})"
        for o in OUTCOMES
    ]
    return f"SELECT {keys}, count(*), {', '.join(sums)} FROM {source} GROUP BY {', '.join(KEYS)}"


def _postgresql(data: Path) -> dict[str, Any]:
    import pyarrow.parquet as pq
    from adbc_driver_postgresql import dbapi

    server = os.environ.get("SEGMENTRY_POSTGRESQL_URL") or SERVER.read_text()
    with dbapi.connect(server, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_households")
        file = pq.ParquetFile(data)
        cursor.adbc_ingest("bench_households", _reader(file), mode="create")
        cursor.execute("ANALYZE bench_households")
        found = _measured(f"{server}?table=bench_households", bare('"', "bench_households"), IN_POSTGRESQL)
        cursor.execute("DROP TABLE bench_households")
    return found


def _clickhouse(data: Path, folder: Path) -> dict[str, Any]:
    import chdb

    place = folder / "chdb"
    connection = chdb.connect(str(place))
    connection.query("DROP TABLE IF EXISTS households")
    connection.query(
        f"CREATE TABLE households ENGINE = MergeTree ORDER BY tuple() AS SELECT * FROM file('{data}', Parquet)"
    )
    connection.close()
    return _measured(f"chdb://{place}?table=households", bare("", "households"), IN_CLICKHOUSE)


def _reader(file: Any) -> Any:
    import pyarrow as pa

    return pa.RecordBatchReader.from_batches(file.schema_arrow.remove_metadata(), file.iter_batches())


def _measured(url: str, text: str, prepare: str) -> dict[str, Any]:
    command = [sys.executable, "-c", MEASURED, json.dumps([url, text, prepare])]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
