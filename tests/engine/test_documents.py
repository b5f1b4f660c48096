"""The parts of docs/engines.md that need a service run as they are written."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa

from segmentry.datasets import sample_households

PAGE = Path(__file__).parents[2] / "docs" / "engines.md"


def block(service: str) -> str:
    found = re.search(rf"```python {service}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_postgresql_in_the_document_runs(postgres_url):
    from adbc_driver_postgresql import dbapi

    customers = pa.Table.from_pandas(sample_households(500, seed=1), preserve_index=False)
    with dbapi.connect(postgres_url) as connection:
        with connection.cursor() as cursor:
            cursor.adbc_ingest("customers", customers, mode="create", temporary=True)
        names = {"connection": connection}
        exec(compile(block("postgresql"), "document", "exec"), names)  # noqa: S102
    assert len(names["result"].segments) == 4


def test_spark_in_the_document_runs(spark):
    customers = pa.Table.from_pandas(sample_households(500, seed=1), preserve_index=False)
    spark.createDataFrame(customers).createOrReplaceTempView("customers")
    names = {"session": spark}
    exec(compile(block("spark"), "document", "exec"), names)  # noqa: S102
    spark.catalog.dropTempView("customers")
    assert names["patterns"].n_customers == names["result"].n_customers
